"""A catalogue rebuilt from what can still be read of a damaged one; the damaged file is left as it is."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from avistar.catalogue import codec, schema
from avistar.catalogue.sql import insertion, named
from avistar.errors import CatalogueDamaged, CatalogueError, UsageError
from avistar.files import printable, replaced
from avistar.message import Message

_FIRST = ("survey", "model", "medium", "step", "review")
"""Tables that others refer to, in the order in which they can be filled."""

_KEYED_BY_TEXT = ("deployment", "taxon")


@dataclass(slots=True)
class Repaired:
    """Rows that were saved, by table; `lost` counts rows, or stretches of rows, that could not be read or kept."""

    saved: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)


def check_whole(connection: sqlite3.Connection, where: str) -> None:
    """Raise `CatalogueDamaged` where SQLite finds the file damaged: wrong figures would be worse than none."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise CatalogueDamaged(
            "{where} is damaged ({found}): `avistar survey repair` rebuilds what can be read, or restore a backup",
            where=where,
            found=found.strip().splitlines()[0],
        )


def repair(path: Path, target: Path) -> Repaired:
    """Write what can be read of the catalogue at `path` to a new one at `target`, whole or not at all.

    Media whose answers are lost become pending. Raises `UsageError` where `target` exists, `CatalogueError` where
    not even the survey's facts can be read.
    """
    if target.exists():
        raise UsageError("{target} exists: name a file that doesn't", target=target)
    done = Repaired()
    with (
        replaced(target) as partial,
        contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as old,
        contextlib.closing(sqlite3.connect(partial)) as new,
    ):
        where = printable(path)
        try:
            version = schema.checked_version(old, where)
            for statements in schema.MIGRATIONS[:version]:
                for statement in statements:
                    new.execute(statement)
            _fill(old, new, done)
        except (sqlite3.Error, UnicodeDecodeError) as error:  # SQLite names a damaged table as it is
            lost = "{where} can't be rebuilt ({error}): restore a backup"
            raise CatalogueError(lost, where=where, error=error) from error
        if not done.saved.get("survey"):
            raise CatalogueError(
                "{where} can't be rebuilt ({error}): restore a backup", where=where, error=Message("its facts are lost")
            )
        new.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        new.execute(f"PRAGMA user_version = {version}")
        new.commit()
    return done


def _fill(old: sqlite3.Connection, new: sqlite3.Connection, done: Repaired) -> None:
    new.commit()  # within a transaction the next line would do nothing
    new.execute("PRAGMA foreign_keys = ON")  # a row whose medium is lost can't be kept
    tables = [row[0] for row in new.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    names = [name for name in tables if not name.startswith("sqlite_")]
    said: list[tuple[object, ...]] = []
    for table in sorted(names, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)):
        columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
        sql = insertion(table, columns)
        late = columns.index("review") if table == "medium" else None
        for row in _rows(old, table, columns, done):
            values = list(row)
            if not _is_understood(table, dict(zip(columns, values, strict=True))):
                done.lost[table] = done.lost.get(table, 0) + 1
                continue
            if late is not None and values[late] is not None:
                said.append((values[late], values[columns.index("id")]))
                values[late] = None
            try:
                new.execute(sql, values)
                done.saved[table] = done.saved.get(table, 0) + 1
            except sqlite3.IntegrityError:  # it contradicts what was saved, or itself
                done.lost[table] = done.lost.get(table, 0) + 1
    for review, medium in said:
        with contextlib.suppress(sqlite3.IntegrityError):
            new.execute("UPDATE medium SET review = ? WHERE id = ?", (review, medium))
    new.execute("UPDATE medium SET verdict = NULL, verdict_species = NULL WHERE review IS NULL")
    new.execute(
        """UPDATE medium SET state = 'pending', decision = NULL, decided = NULL, confidence = NULL, sequence = ''
           WHERE state = 'answered' AND id NOT IN (SELECT medium FROM observation)"""
    )


_MEANINGS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "survey": codec.facts_of,
    "model": codec.model_of,
    "medium": lambda row: (
        codec.medium_of(row, ""),
        codec.opinion_of(row),
        codec.failure_of(row),
        datetime.fromisoformat(row["answered_at"] or "2000-01-01"),
    ),
    "detection": codec.detection_of,
    "remark": codec.remark_of,
}
"""What rows of a table are made into when they are read."""


def _is_understood(table: str, row: Mapping[str, Any]) -> bool:
    """Whether a row that SQLite can read means anything: a survey with one that doesn't can't be opened."""
    try:
        _MEANINGS.get(table, dict)(row)
    except codec.MEANINGLESS:
        return False
    return True


def _rows(old: sqlite3.Connection, table: str, columns: Sequence[str], done: Repaired) -> Iterator[tuple[object, ...]]:
    """The readable rows of a table, by its first column or SQLite's own number: stretches that fail are halved."""
    key = "rowid" if table in _KEYED_BY_TEXT else columns[0]
    sql = f'SELECT {named(columns)} FROM "{table}" NOT INDEXED WHERE "{key}" BETWEEN ? AND ?'
    waiting = [(0, _end(old, table, key))]
    while waiting:
        first, last = waiting.pop()
        try:
            found = old.execute(sql, (first, last)).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            if first == last:
                done.lost[table] = done.lost.get(table, 0) + 1
            else:
                middle = (first + last) // 2
                waiting += [(middle + 1, last), (first, middle)]
            continue
        yield from found


def _end(old: sqlite3.Connection, table: str, key: str) -> int:
    """A number that no key of `table` is above, as far as can be read."""
    own = f'SELECT max("{key}") FROM "{table}"'
    for sql in (own, "SELECT max(id) FROM medium", "SELECT max(medium) FROM observation"):
        with contextlib.suppress(sqlite3.DatabaseError):
            return int(old.execute(sql).fetchone()[0] or 0)
    return 0
