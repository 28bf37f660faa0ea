"""What a run on a cluster leaves, and where the next one takes it up.

    OUT/job.json         what was asked for: another question is refused
    OUT/listing.jsonl    the photos, as they were listed: one shard a line
    OUT/parts/*.parquet  the answers: part-SHARD-FIRST-LAST-FAILED, photos FIRST to LAST - 1 of the shard

A part appears whole or not at all, so what is missing is what no part's name covers.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from avistar.cluster.photo_source import ListedPhoto
from avistar.errors import UsageError
from avistar.files import replaced, write_whole
from avistar.message import reason_of

_PART = re.compile(r"part-(\d{8})-(\d{5})-(\d{5})-(\d{5})\.parquet")


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive photos of a shard: what a worker is given at once. `start` counts within the shard."""

    shard: int
    start: int
    photos: tuple[ListedPhoto, ...]

    @property
    def name(self) -> str:
        """What its answers' file is called, but for the number of failures."""
        return f"part-{self.shard:08d}-{self.start:05d}-{self.start + len(self.photos):05d}"

    def split(self, parts: int) -> list[Piece]:
        """The same photos in at most `parts` pieces."""
        size = -(-len(self.photos) // parts)
        return [Piece(self.shard, self.start + i, self.photos[i : i + size]) for i in range(0, len(self.photos), size)]


class ClusterJob:
    """The folder of a run; one process writes to it.

    `listed` photos were found so far and `complete` says whether that is all; `done` have an answer, which
    for `failed` is why there is none. Raises `UsageError` where `folder` holds the results of another
    question, `AvistarError` when the disk fails.
    """

    def __init__(self, folder: str | os.PathLike[str], question: dict[str, str], *, shard: int = 256) -> None:
        self.folder = Path(folder)
        self.listed = 0
        self.done = 0
        self.failed = 0
        self.complete = False
        self._shard = shard
        self._listing = self.folder / "listing.jsonl"
        self._parts = self.folder / "parts"
        self._grown = threading.Condition()
        self._shards = 0
        try:
            self._parts.mkdir(parents=True, exist_ok=True)
            self._check(question)
            self._done = self._covered()
            self._known = self._take_up()
        except OSError as error:
            raise UsageError(
                "{folder} can't be used for results ({reason})", folder=self.folder, reason=reason_of(error)
            ) from error

    @property
    def parts(self) -> list[Path]:
        """The files with answers, in the order of the listing."""
        return _parts_in(self._parts)

    @staticmethod
    def results(folder: Path) -> tuple[dict[str, str], list[Path]]:
        """What the run in `folder` was asked (its photos' "root" among it), and its parts.

        Raises `UsageError` where there is none.
        """
        try:
            question = json.loads((folder / "job.json").read_text("utf-8"))
            return {**question, "root": str(question["root"])}, _parts_in(folder / "parts")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError("{folder} holds no results of a run on a cluster", folder=folder) from error

    def list_photos(self, photos: Iterable[ListedPhoto]) -> None:
        """Write down what a source holds; photos that an earlier run listed are not listed again.

        Runs beside `pending`, in a thread of its own.
        """
        known, shard = self._known, list[ListedPhoto]()
        with self._listing.open("ab") as listing:
            for photo in photos:
                if len(known) and _is_in(known, _hash(photo.relative)):
                    continue
                shard.append(photo)
                if len(shard) == self._shard:
                    self._append(listing, shard)
                    shard = []
            if shard:
                self._append(listing, shard)
        self.end_listing()

    def end_listing(self) -> None:
        """Say that no more photos will come: `pending` ends after those that are listed."""
        with self._grown:
            self.complete = True
            self._grown.notify_all()

    def _append(self, listing: IO[bytes], shard: list[ListedPhoto]) -> None:
        listing.write(json.dumps([[one.relative, one.bytes, one.modified_ns] for one in shard]).encode() + b"\n")
        listing.flush()
        with self._grown:
            self.listed += len(shard)
            self._shards += 1
            self._grown.notify_all()

    def pending(self) -> Iterator[Piece | None]:
        """The pieces without an answer, read back from the listing; None while the listing is behind."""
        number = 0
        with self._listing.open("rb") as listing:
            while True:
                with self._grown:
                    if number == self._shards:
                        if self.complete:
                            return
                        self._grown.wait(0.05)
                    behind = number == self._shards
                if behind:
                    yield None
                    continue
                photos = tuple(ListedPhoto(*entry) for entry in json.loads(listing.readline()))
                yield from _missing(number, photos, self._done.pop(number, []))
                number += 1

    def deliver(self, piece: Piece, parquet: bytes, failed: int) -> None:
        """Keep the answers to a piece. Raises `AvistarError` when the disk fails or is full."""
        write_whole(self._parts / f"{piece.name}-{failed:05d}.parquet", parquet)
        self.done += len(piece.photos)
        self.failed += failed

    def _check(self, question: dict[str, str]) -> None:
        """Compare what is asked with what `job.json` says was asked; write it where there is none."""
        path = self.folder / "job.json"
        asked = question | {"shard": str(self._shard)}
        if not path.exists():
            with replaced(path) as partial:
                partial.write_text(json.dumps(asked, indent=2) + "\n", "utf-8")
            return
        try:
            before = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise UsageError("{path} is damaged: name another folder, or remove this one", path=path) from error
        if before != asked:
            keys = [key for key in sorted(asked | before) if before.get(key) != asked.get(key)]
            other = "; ".join(f"{key}: {before.get(key, 'none')} then, {asked.get(key, 'none')} now" for key in keys)
            raise UsageError(
                "{folder} holds the results of another run ({other}): name another folder",
                folder=self.folder,
                other=other,
            )

    def _covered(self) -> dict[int, list[tuple[int, int]]]:
        """The ranges of each shard that have an answer."""
        done = defaultdict(list)
        for path in self.parts:
            shard, start, stop, failed = map(int, path.stem.split("-")[1:])
            done[shard].append((start, stop))
            self.done += stop - start
            self.failed += failed
        return done

    def _take_up(self) -> NDArray[np.uint64]:
        """Count what an earlier run listed and cut off a line that it didn't finish; 8 bytes a photo of hashes."""
        hashes, whole = list[NDArray[np.uint64]](), 0
        self._listing.touch()
        with self._listing.open("r+b") as listing:
            for line in listing:
                if not line.endswith(b"\n"):
                    break
                entries = json.loads(line)
                hashes.append(np.array([_hash(entry[0]) for entry in entries], np.uint64))
                self.listed += len(entries)
                self._shards += 1
                whole += len(line)
            with contextlib.suppress(OSError):  # a folder that can't be written is found soon enough
                listing.truncate(whole)
        return np.sort(np.concatenate(hashes)) if hashes else np.zeros(0, np.uint64)


def _parts_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if _PART.fullmatch(path.name))


def _missing(shard: int, photos: tuple[ListedPhoto, ...], done: list[tuple[int, int]]) -> Iterator[Piece]:
    start = 0
    for begin, stop in [*sorted(done), (len(photos), len(photos))]:
        if begin > start:
            yield Piece(shard, start, photos[start:begin])
        start = max(start, stop)


def _hash(relative: str) -> int:
    """64 bits: among 20 million photos two are taken for one with a chance of 1 in 90,000."""
    return int.from_bytes(hashlib.blake2b(os.fsencode(relative), digest_size=8).digest(), "little")


def _is_in(ordered: NDArray[np.uint64], value: int) -> bool:
    place = int(np.searchsorted(ordered, np.uint64(value)))
    return place < len(ordered) and int(ordered[place]) == value
