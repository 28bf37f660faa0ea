"""What the network saw of a survey's photos, kept beside its catalogue: to answer again with another last layer.

Decision record 0145 says what that costs and why it stands in a file of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.onnx_head import body_sha256
from avistar.backends import Floats
from avistar.boxes import Box
from avistar.catalogue import Catalogue
from avistar.classifier import Classifier
from avistar.errors import BundleError
from avistar.pipeline import PictureEmbedding
from avistar.records import Record, Region

SUFFIX = ".embeddings"
_HALF = np.dtype("<f2")
_TABLE = """CREATE TABLE IF NOT EXISTS seen (
    medium TEXT NOT NULL,       -- content key and boxes of the medium
    position INTEGER NOT NULL,  -- of its picture
    body TEXT NOT NULL,         -- SHA-256 of the network below its last layer
    region TEXT NOT NULL,       -- JSON: box, moment, tentative, flags
    row BLOB NOT NULL,          -- float16, its low bytes, then its high ones, deflated
    around BLOB,                -- the same of what lies around it; NULL for none
    PRIMARY KEY (medium, position)
) STRICT"""
_PAGE_BYTES = 32_768  # of the file: a row is 2.7 kB, and a page of the usual 4 kB would hold one


def place_of(catalogue: Path) -> Path:
    """Where the embeddings of a catalogue's media are kept."""
    return catalogue.with_name(catalogue.name + SUFFIX)


def body_of(classifier: Classifier) -> str:
    """SHA-256 of the network below the last layer, "" where it can't be told: an engine, a network without such."""
    artifact = classifier.info.executed
    if artifact is None or artifact.format not in ("onnx", "openvino"):
        return ""
    sha256 = classifier.provenance.artifact_sha256
    if sha256 not in _bodies:
        try:
            _bodies[sha256] = body_sha256(classifier.bundle.checked(artifact.file))
        except BundleError:
            return ""
    return _bodies[sha256]


_bodies: dict[str, str] = {}


class SurveyEmbeddings:
    """A SQLite file beside a catalogue; safe to share between threads, and bound to networks by their `body`.

    It only saves time: where it can't be used (a full disk, a folder that can't be written, damage), nothing is kept
    and nothing found. Deleting it costs nothing but time either.
    """

    def __init__(self, file: Path, body: str, *, write: bool = False) -> None:
        self.body = body
        self._mutex = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        if not body or not (write or file.is_file()):
            return
        with contextlib.suppress(sqlite3.Error):
            connection = sqlite3.connect(file, timeout=5, check_same_thread=False, isolation_level=None)
            self._connection = connection
            if write:
                connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute(_TABLE)

    @classmethod
    def of(cls, catalogue: Path, classifier: Classifier, *, write: bool = False) -> Self:
        """Those beside `catalogue` that `classifier` can answer from, or adds to."""
        return cls(place_of(catalogue), body_of(classifier), write=write)

    @classmethod
    def for_run(cls, catalogue: Catalogue, classifier: Classifier) -> Self:
        """Those that a run adds to, without what was seen of media that changed or went."""
        kept = cls.of(catalogue.path, classifier, write=True)
        kept.prune(catalogue.contents())
        return kept

    @classmethod
    def of_catalogue(cls, catalogue: Path) -> Self:
        """Those beside `catalogue` of whichever network saw most of its media: enough to tell photos apart."""
        found = cls(place_of(catalogue), "any")
        if found._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                sql = "SELECT body FROM seen GROUP BY body ORDER BY count(*) DESC LIMIT 1"
                row = found._connection.execute(sql).fetchone()
                found.body = row[0] if row else ""
        return found

    def keep(self, record: Record, seen: Sequence[PictureEmbedding]) -> None:
        """Keep what the network saw of a medium, in place of what it saw before; a `pipeline.Keeper`."""
        if self._connection is None or not record.medium.content:
            return
        key = medium_key(record)
        rows = [(key, i, self.body, _written(one), *_packed_pair(one, seen[i - 1] if i else None))
                for i, one in enumerate(seen)]  # fmt: skip
        if any(row[4] is None for row in rows):
            return
        with contextlib.suppress(sqlite3.Error), self._mutex:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                # With whatever boxes it was looked at before: "content" itself, and "content:…".
                content = record.medium.content
                self._connection.execute(
                    "DELETE FROM seen WHERE medium = ?1 OR (medium >= ?1 || ':' AND medium < ?1 || ';')", (content,)
                )
                self._connection.executemany("INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)", rows)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def prune(self, contents: Iterable[str]) -> int:
        """Drop what was seen of media that no longer have any of these content keys; how many rows went."""
        if self._connection is None:
            return 0
        sql = """DELETE FROM seen WHERE substr(medium, 1, instr(medium || ':', ':') - 1)
            NOT IN (SELECT value FROM json_each(?))"""
        with contextlib.suppress(sqlite3.Error), self._mutex:
            return self._connection.execute(sql, (json.dumps(list(contents)),)).rowcount
        return 0

    def find(self, records: Mapping[int, Record]) -> dict[int, list[PictureEmbedding]]:
        """What was kept of `records` with this network, under the same keys; all of a medium or nothing of it."""
        keys = {id: medium_key(record) for id, record in records.items() if record.medium.content}
        found = self.of_media(list(dict.fromkeys(keys.values())))
        return {id: found[key] for id, key in keys.items() if key in found}

    def of_media(self, keys: Sequence[str]) -> dict[str, list[PictureEmbedding]]:
        """What was kept of media by their `medium_key`."""
        found: dict[str, list[PictureEmbedding]] = {}
        if self._connection is None:
            return found
        sql = """SELECT medium, region, row, around FROM seen WHERE body = ?
            AND medium IN (SELECT value FROM json_each(?)) ORDER BY medium, position"""
        try:
            with self._mutex:
                rows = self._connection.execute(sql, (self.body, json.dumps(list(keys)))).fetchall()
            last: Floats | None = None
            for key, region, row, around in rows:
                if around != b"":
                    last = None if around is None else _unpacked(around)
                found.setdefault(key, []).append(_read(region, _unpacked(row), last))
        except (sqlite3.Error, ValueError, TypeError, zlib.error):  # a damaged file
            return {}
        return found

    def close(self) -> None:
        """Free the file; safe to call twice."""
        with self._mutex:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


def medium_key(record: Record) -> str:
    """A medium by its content and the boxes that it was looked at by: both must be the same."""
    if not record.detections:
        return record.medium.content
    boxes = [[*map(float, (one.left, one.top, one.width, one.height)), one.category] for one in record.detections]
    return f"{record.medium.content}:{hashlib.blake2b(json.dumps(boxes).encode(), digest_size=8).hexdigest()}"


def _written(one: PictureEmbedding) -> str:
    box = one.region.box
    sides = None if box is None else [box.left, box.top, box.width, box.height, box.category, box.confidence]
    return json.dumps([sides, one.region.time_s, one.tentative, list(one.flags)])


def _read(region: str, embedding: Floats, around: Floats | None) -> PictureEmbedding:
    sides, time_s, tentative, flags = json.loads(region)
    return PictureEmbedding(Region(Box(*sides) if sides else None, time_s), embedding, around, tentative, tuple(flags))


def _packed_pair(one: PictureEmbedding, before: PictureEmbedding | None) -> tuple[bytes | None, bytes | None]:
    """Both of its rows; what lies around several animals of a picture is kept once, b"" afterwards."""
    if one.around is None:
        return _packed(one.embedding), None
    if before is not None and before.around is one.around:
        return _packed(one.embedding), b""
    around = _packed(one.around)
    return (None, None) if around is None else (_packed(one.embedding), around)


def _packed(row: Floats) -> bytes | None:
    """Half precision, low bytes before high ones, deflated; None for what half precision can't hold."""
    with np.errstate(over="ignore"):
        half = np.ascontiguousarray(row, np.float32).astype(_HALF)
    if not len(half) or not np.isfinite(half).all():
        return None
    return zlib.compress(half.view(np.uint8).reshape(-1, 2).T.tobytes(), 1)


def _unpacked(data: bytes) -> NDArray[np.float32]:
    planes = np.frombuffer(zlib.decompress(data), np.uint8).reshape(2, -1)
    return np.ascontiguousarray(planes.T).view(_HALF).ravel().astype(np.float32)
