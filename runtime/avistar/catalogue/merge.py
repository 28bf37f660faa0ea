"""Two catalogues of the same photos made one: a new file, with what people said in both; these stay as they are."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from avistar.catalogue import merged_history, other_answers
from avistar.catalogue.backup import copy_whole, take_place
from avistar.catalogue.connection import Store
from avistar.catalogue.reconcile import settle_paths
from avistar.catalogue.review_history import settle_history
from avistar.catalogue.sql import AMONG, insert, insertion, named
from avistar.errors import CatalogueError, UsageError
from avistar.files import check_writable, failure, partial_beside, printable, settle, size_of

_OWN = frozenset(
    ("id", "path", "file", "position", "bytes", "modified_ns", "present", "review", "verdict", "verdict_species",
     "reviewer", "disagreed", "animals", "remark", "comment", "tags")
)  # fmt: skip
"""Columns of `medium` that say where a file lies or what people said: an answer that is taken over brings none."""

_ANSWERS = ("detection", "observation", "together", "other_answer")


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merging gave.

    Attributes:
        media: In the new catalogue.
        shared: Media that both had.
        added: Media that only the second had; they count once their files are found in the folder.
        steps: Steps of reviewing that came from the second.
        disagreed: Media of which people say different things by now.
    """

    media: int
    shared: int
    added: int
    steps: int
    disagreed: int


def merge(first: Path, second: Path, target: Path) -> Merged:
    """Write a new catalogue at `target`, whole or not at all: the one at `first` with what the `second` knows besides.

    A file of the second is one of the first if its path and size agree, else its content, else its name, size and time.
    Facts, options and answers of the first stay; media that it has not answered get the second's answers. Everything
    that people said in either is there, in the order in which it was said.

    Raises `UsageError` where `target` exists or the two share no photo, `CatalogueError` for one that can't be read.
    """
    if target.exists():
        raise UsageError("{target} exists: name a file that doesn't", target=target)
    check_writable(target)
    try:
        with tempfile.TemporaryDirectory(prefix=".avistar-merge-", dir=target.parent) as folder:
            copies = [Path(folder, f"{number}.avistar") for number in (1, 2)]
            for path, copy in zip((first, second), copies, strict=True):
                _copy(path, copy)
            with closing(Store(copies[0], write=True)) as one, closing(Store(copies[1], write=True)) as other:
                done = _take_over(one, other, f"{printable(first)}, {printable(second)}")
            settle(copies[0], target)
    except OSError as error:
        raise failure(target, error, 2 * size_of(first) + size_of(second)) from error
    return done


def merge_into(path: Path, other: Path) -> Merged:
    """`merge` into the place of the catalogue at `path`, which steps aside under a name that says when.

    Nothing may have it open. Raises what `merge` raises; all is then as it was.
    """
    partial = partial_beside(path)
    done = merge(path, other, partial)
    try:
        take_place(partial, path)
    except OSError as error:
        raise failure(path, error, size_of(path)) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return done


def _copy(path: Path, copy: Path) -> None:
    try:
        copy_whole(path, copy)
    except FileNotFoundError as error:
        raise CatalogueError("{where}: there is no such catalogue", where=printable(path)) from error
    except sqlite3.Error as error:
        raise CatalogueError("{path} can't be read ({error})", path=printable(path), error=error) from error


def _take_over(one: Store, other: Store, where: str) -> Merged:
    with one.transaction() as into, other.reading() as source:
        into.execute("PRAGMA defer_foreign_keys = ON")
        media = _same_files(_files(into), _files(source))
        if not media:
            raise UsageError("{catalogues} have no photo in common: nothing to merge", catalogues=where)
        shared = len(media)
        models = _take_models(into, source)
        _take_answers(into, source, models, media)
        added = _add_media(into, source, models, media)
        _take_species(into, source)
        steps = merged_history.interleave(into, source, media)
        settle_paths(into)
        settle_history(into)
        other_answers.settle(into, [row[0] for row in into.execute("SELECT DISTINCT medium FROM other_answer")])
        total = into.execute("SELECT count(*) FROM medium").fetchone()[0]
        disagreed = into.execute("SELECT count(*) FROM medium WHERE disagreed").fetchone()[0]
    return Merged(total, shared, added, steps, disagreed)


@dataclass(frozen=True, slots=True)
class _File:
    id: int
    path: bytes
    bytes: int
    modified_ns: int
    content: str

    def may_be(self, other: _File) -> bool:
        """Whether nothing that is known of both speaks against it."""
        return self.bytes == other.bytes and (not (self.content and other.content) or self.content == other.content)


def _files(connection: sqlite3.Connection) -> list[_File]:
    sql = "SELECT id, path, bytes, modified_ns, content FROM medium ORDER BY present DESC, id"
    return [_File(*row) for row in connection.execute(sql)]


def _same_files(ours: Sequence[_File], theirs: Sequence[_File]) -> dict[int, int]:
    """The ids of `theirs` that are among `ours`, and the ids there: by path, by content, then by name and time."""
    same: dict[int, int] = {}
    left = {one.id: one for one in ours}
    keys = (
        lambda one: one.path,
        lambda one: (one.bytes, one.content) if one.content else None,
        lambda one: (os.path.basename(one.path), one.bytes, one.modified_ns) if one.modified_ns else None,  # noqa: PTH119
    )
    for key in keys:
        known: dict[object, list[_File]] = defaultdict(list)
        for one in left.values():
            known[key(one)].append(one)
        for file in theirs:
            candidates = known.get(key(file), []) if file.id not in same and key(file) is not None else []
            match = next((one for one in candidates if one.id in left and one.may_be(file)), None)
            if match is not None:
                same[file.id] = match.id
                del left[match.id]
    return same


def _take_models(into: sqlite3.Connection, source: sqlite3.Connection) -> dict[int, int]:
    """Every model of `source` in `into`, and its id there."""
    columns = _columns(into, "model", leave=("id",))
    listed, sql = named(columns), insertion("model", columns)
    known = {tuple(row)[1:]: row[0] for row in into.execute(f"SELECT id, {listed} FROM model")}
    ids = {}
    for row in source.execute(f"SELECT id, {listed} FROM model").fetchall():
        values = tuple(row)[1:]
        if values not in known:
            known[values] = into.execute(sql, values).lastrowid
        ids[row["id"]] = known[values]
    return ids


def _take_answers(
    into: sqlite3.Connection, source: sqlite3.Connection, models: Mapping[int, int], media: Mapping[int, int]
) -> None:
    """Answer what `into` has not answered and `source` has."""
    open_ids = {row[0] for row in into.execute("SELECT id FROM medium WHERE state IN ('pending', 'failed')")}
    rows = source.execute("SELECT id FROM medium WHERE state IN ('answered', 'blank')").fetchall()
    wanted = {row[0]: media[row[0]] for row in rows if media.get(row[0]) in open_ids}
    columns = [name for name in _columns(into, "medium") if name not in _OWN]
    chosen = (json.dumps(list(wanted)),)
    assigned = ", ".join(f'"{name}" = ?' for name in columns)
    for row in source.execute(f"SELECT id, {named(columns)} FROM medium WHERE id {AMONG}", chosen).fetchall():
        into.execute(f"UPDATE medium SET {assigned} WHERE id = ?", (*tuple(row)[1:], wanted[row["id"]]))
    _copy_answers(into, source, models, wanted)


def _add_media(
    into: sqlite3.Connection, source: sqlite3.Connection, models: Mapping[int, int], media: dict[int, int]
) -> int:
    """Media that only `source` has join `media`, as files that have vanished: a scan of the folder finds them."""
    columns = [name for name in _columns(into, "medium", leave=("id",)) if name not in ("review", "remark")]
    paths = {row[0] for row in into.execute("SELECT path FROM medium")}
    position = into.execute("SELECT coalesce(max(position), -1) FROM medium").fetchone()[0]
    added = {}
    for row in source.execute(f"SELECT id, {named(columns)} FROM medium ORDER BY position").fetchall():
        if row["id"] in media:
            continue
        position += 1
        values = {name: row[name] for name in columns}
        values |= {"path": _free_path(row["path"], paths), "file": "", "position": position, "present": 0}
        paths.add(values["path"])
        added[row["id"]] = insert(into, "medium", values)
    _copy_answers(into, source, models, added)
    media.update(added)
    return len(added)


def _free_path(path: bytes, taken: set[bytes]) -> bytes:
    """`path`, or with a number where another photo has that name."""
    stem, dot, suffix = path.rpartition(b".")
    number, free = 2, path
    while free in taken:
        free = (stem if dot else path) + f" ({number})".encode() + dot + (suffix if dot else b"")
        number += 1
    return free


def _copy_answers(
    into: sqlite3.Connection, source: sqlite3.Connection, models: Mapping[int, int], media: Mapping[int, int]
) -> None:
    chosen = (json.dumps(list(media)),)
    for table in _ANSWERS:
        into.execute(f"DELETE FROM {table} WHERE medium {AMONG}", (json.dumps(list(media.values())),))
        columns = _columns(into, table)
        for row in source.execute(f"SELECT {named(columns)} FROM {table} WHERE medium {AMONG}", chosen).fetchall():
            values = {name: row[name] for name in columns} | {"medium": media[row["medium"]]}
            if "model" in values:
                values["model"] = models[values["model"]]
            insert(into, table, values)


def _take_species(into: sqlite3.Connection, source: sqlite3.Connection) -> None:
    """The survey's list has the species of both models: people may have named any of them."""
    ours, theirs = (json.loads(one.execute("SELECT species FROM survey").fetchone()[0]) for one in (into, source))
    into.execute("UPDATE survey SET species = ?", (json.dumps(list(dict.fromkeys((*ours, *theirs)))),))


def _columns(connection: sqlite3.Connection, table: str, leave: Sequence[str] = ()) -> list[str]:
    """Without generated ones."""
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    return [name for name in names if name not in leave]
