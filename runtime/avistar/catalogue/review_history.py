"""What people said: steps that are only ever added, and what counts after undoing and redoing some."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from avistar.records import Review

# The reviewing steps that are undone: the last step about them is an "undo".
_UNDONE = "(SELECT action = 'undo' FROM step AS later WHERE later.target = step.id ORDER BY later.id DESC LIMIT 1)"


def add(connection: sqlite3.Connection, media: Sequence[int], review: Review) -> None:
    """One step: the same review of one medium or many."""
    add_each(connection, [(id, review) for id in media])


def add_each(connection: sqlite3.Connection, said: Sequence[tuple[int, Review]]) -> None:
    """One step: of each medium its own review."""
    step = _add_step(connection, "review", None)
    connection.executemany(
        "INSERT INTO review (step, medium, verdict, species, reviewer, at) VALUES (?, ?, ?, ?, ?, ?)",
        [(step, id, one.verdict, one.species, one.reviewer, one.at.isoformat()) for id, one in said],
    )
    _settle(connection, step)


def accept(connection: sqlite3.Connection, media: Sequence[int], reviewer: str, at: datetime) -> list[int]:
    """One step: of each medium that was answered with a species and not reviewed, that answer; those media."""
    sure = connection.execute(
        "SELECT id, decided FROM medium WHERE decision = 'species' AND review IS NULL "
        "AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(media)),),
    )
    said = {id: Review("species", species, reviewer, at) for id, species in sure}
    accepted = [id for id in media if id in said]
    if accepted:
        add_each(connection, [(id, said[id]) for id in accepted])
    return accepted


def undo(connection: sqlite3.Connection) -> list[int]:
    """Undo the last reviewing step that still counts; the media it was about, none if there is no such step."""
    row = connection.execute(
        f"SELECT id FROM step WHERE action = 'review' AND NOT coalesce({_UNDONE}, 0) ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return [] if row is None else _turn(connection, "undo", row[0])


def redo(connection: sqlite3.Connection) -> list[int]:
    """Redo what was undone last, unless something was reviewed since; the media it was about."""
    row = connection.execute(
        f"""SELECT target FROM step AS undoing WHERE action = 'undo'
            AND id > (SELECT max(id) FROM step WHERE action = 'review')
            AND (SELECT {_UNDONE} FROM step WHERE step.id = undoing.target)
            ORDER BY id DESC LIMIT 1"""
    ).fetchone()
    return [] if row is None else _turn(connection, "redo", row[0])


def _turn(connection: sqlite3.Connection, action: str, step: int) -> list[int]:
    _add_step(connection, action, step)
    return _settle(connection, step)


def _add_step(connection: sqlite3.Connection, action: str, target: int | None) -> int:
    at = datetime.now(UTC).isoformat()
    cursor = connection.execute("INSERT INTO step (action, target, at) VALUES (?, ?, ?)", (action, target, at))
    return int(cursor.lastrowid or 0)


def _settle(connection: sqlite3.Connection, step: int) -> list[int]:
    """Let each medium of `step` show the last review of it that is not undone."""
    media = [row[0] for row in connection.execute("SELECT medium FROM review WHERE step = ? ORDER BY id", (step,))]
    connection.execute(
        f"""UPDATE medium SET (review, verdict, verdict_species) = (
                SELECT review.id, verdict, species FROM review JOIN step ON step.id = review.step
                WHERE review.medium = medium.id AND NOT coalesce({_UNDONE}, 0)
                ORDER BY review.id DESC LIMIT 1)
            WHERE id IN (SELECT value FROM json_each(?))""",
        (json.dumps(media),),
    )
    return media
