"""What people said: steps that are only ever added, and what counts after undoing and redoing some."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from avistar.catalogue import codec
from avistar.catalogue.clock import settle_cameras, shift
from avistar.catalogue.found import merges, settle, sightings_of
from avistar.catalogue.sql import AMONG
from avistar.records import Box, BoxCategory, Remark, Review, Sighting

# The reviewing steps that are undone: the last step about them is an "undo".
_UNDONE = "(SELECT action = 'undo' FROM step AS later WHERE later.target = step.id ORDER BY later.id DESC LIMIT 1)"


def add_each(
    connection: sqlite3.Connection, said: Sequence[tuple[int, Review]], remarks: Sequence[tuple[int, Remark]] = ()
) -> None:
    """One step: of each medium its own review and remark."""
    step = _add_step(connection, "review", None)
    for id, one in said:
        row = connection.execute(_INSERT_REVIEW, (step, id, *_review_values(one))).lastrowid
        for i, sighting in enumerate(one.sightings):
            values = codec.sighting_values(sighting)
            connection.execute(_INSERT_SIGHTING, (row, i, *values.values()))
    connection.executemany(
        "INSERT INTO remark (step, medium, comment, tags, reviewer, at) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (step, id, one.comment, json.dumps(one.tags, ensure_ascii=False), one.reviewer, one.at.isoformat())
            for id, one in remarks
        ],
    )
    _settle(connection, step)


def add_naming(connection: sqlite3.Connection, namings: Sequence[tuple[str, ...]]) -> list[int]:
    """One step: what species are called by now, as columns of `naming` from `species` on; the media they are in."""
    step = _add_step(connection, "review", None)
    connection.executemany(f"INSERT INTO naming VALUES (NULL, {', '.join('?' * 9)})", [(step, *one) for one in namings])
    return _settle(connection, step)


def add_placements(connection: sqlite3.Connection, placements: Sequence[tuple[Any, ...]]) -> list[int]:
    """One step: what is said of cameras, as columns of `placement` from `folder` on; the media whose time changed."""
    step = _add_step(connection, "review", None)
    sql = f"INSERT INTO placement VALUES (NULL, {', '.join('?' * 7)})"
    connection.executemany(sql, [(step, *one) for one in placements])
    return _settle(connection, step)


_INSERT_REVIEW = """INSERT INTO review (step, medium, verdict, species, reviewer, at, whole)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_INSERT_SIGHTING = f"INSERT INTO sighting VALUES ({', '.join('?' * 16)})"


def _review_values(one: Review) -> tuple[str | int, ...]:
    return one.verdict, one.species, one.reviewer, one.at.isoformat(), int(one.whole)


def accept(connection: sqlite3.Connection, media: Sequence[int], reviewer: str, at: datetime) -> list[int]:
    """One step: of each medium not reviewed that was answered with a species or as blank, that answer; those media.

    One that holds something unnamed beside it is left out: nobody said what that is.
    """
    chosen = (json.dumps(list(media)),)
    sure = connection.execute(f"{_ACCEPTABLE} AND id {AMONG}", chosen).fetchall()
    found = machine_sightings(connection, [row["id"] for row in sure])
    said = {}
    for row in sure:
        things = found.get(row["id"], [])
        if row["blank"]:
            said[row["id"]] = Review("empty", "", reviewer, at)
        elif len(things) > 1:
            things.sort(key=lambda one: one.species != row["decided"])  # what leads the answer leads the review
            said[row["id"]] = Review.of(things, reviewer, at)
        else:
            said[row["id"]] = Review("species", row["decided"], reviewer, at)
    accepted = [id for id in media if id in said]
    if accepted:
        add_each(connection, [(id, said[id]) for id in accepted])
    return accepted


_BLANK = """(state = 'blank'
    AND NOT EXISTS (SELECT 1 FROM found WHERE found.medium = medium.id AND found.kind <> 'empty'))"""

_ACCEPTABLE = f"""SELECT id, decided, {_BLANK} AS blank FROM medium
    WHERE (decision = 'species' OR {_BLANK}) AND review IS NULL
    AND NOT EXISTS (SELECT 1 FROM found WHERE found.medium = medium.id AND found.kind IN ('group', 'unknown'))"""


def machine_sightings(connection: sqlite3.Connection, media: Sequence[int]) -> dict[int, list[Sighting]]:
    """What counts for media that nobody reviewed, as a person would say it, surest first."""
    rows = connection.execute(
        f"SELECT * FROM found WHERE medium {AMONG} ORDER BY medium, confidence DESC", (json.dumps(list(media)),)
    )
    things: dict[int, list[Sighting]] = {}
    for row in rows:
        species = row["what"] if row["kind"] == "species" else ""
        category: BoxCategory = row["kind"] if row["kind"] in ("person", "vehicle") else "animal"
        box = Box(row["left"], row["top"], row["width"], row["height"], category) if row["left"] is not None else None
        one = Sighting(row["kind"], species, row["count"], box=box, time_s=row["time_s"])
        things.setdefault(row["medium"], []).append(one)
    return things


def undo(connection: sqlite3.Connection) -> list[int]:
    """Undo the last reviewing step that still counts; the media it was about, none if there is no such step."""
    row = connection.execute(
        f"SELECT id FROM step WHERE action = 'review' AND NOT coalesce({_UNDONE}, 0) ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return [] if row is None else _turn(connection, "undo", row[0])


def undoes_cameras(connection: sqlite3.Connection) -> bool:
    """Whether `undo` would take back what was said of cameras; not where it is of photos, or there is nothing."""
    row = connection.execute(
        f"""SELECT (SELECT count(*) FROM placement WHERE placement.step = step.id) FROM step
        WHERE action = 'review' AND NOT coalesce({_UNDONE}, 0) ORDER BY id DESC LIMIT 1"""
    ).fetchone()
    return row is not None and row[0] > 0


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
    """Let each medium and species of `step` show what was said of it last and is not undone; those media."""
    species = [row[0] for row in connection.execute("SELECT species FROM naming WHERE step = ?", (step,))]
    media = [row[0] for row in connection.execute(_MEDIA_OF_STEP, (step, step))]
    if species:
        before = merges(connection)
        _settle_species(connection, species)
        merged = [*before.items(), *merges(connection).items()]
        touched = [*species, *(id for id, target in merged if target in species)]
        media += [row[0] for row in connection.execute(_MEDIA_OF_SPECIES, (json.dumps(touched),) * 2)]
    _settle_media(connection, media)
    if connection.execute("SELECT 1 FROM placement WHERE step = ?", (step,)).fetchone():
        media += settle_cameras(connection, _UNDONE)
    return media


def settle_history(connection: sqlite3.Connection) -> None:
    """Let every medium, species and camera show what was said of it last and is not undone."""
    settle_cameras(connection, _UNDONE)
    shift(connection, [row[0] for row in connection.execute("SELECT id FROM medium")])
    connection.execute("DELETE FROM taxon")
    _settle_species(connection, [row[0] for row in connection.execute("SELECT species FROM naming ORDER BY id")])
    _settle_media(connection, [row[0] for row in connection.execute("SELECT id FROM medium ORDER BY id")])


def _settle_media(connection: sqlite3.Connection, media: Sequence[int]) -> None:
    chosen = (json.dumps(media),)
    connection.execute(_COUNTING_REVIEW, chosen)
    connection.execute(_COUNTING_REMARK, chosen)
    into = merges(connection)
    for id, target in into.items():
        connection.execute(f"{_MERGED} WHERE verdict_species = ? AND id {AMONG}", (target, id, *chosen))
    settle_disagreement(connection, media)
    settle(connection, media)


_MERGED = "UPDATE medium SET verdict_species = ?"
_MEDIA_OF_STEP = """SELECT medium FROM (SELECT id, medium FROM review WHERE step = ?
    UNION ALL SELECT id, medium FROM remark WHERE step = ? ORDER BY id)"""
_MEDIA_OF_SPECIES = """SELECT DISTINCT medium FROM review WHERE species IN (SELECT value FROM json_each(?))
    UNION SELECT medium FROM review JOIN sighting ON sighting.review = review.id
    WHERE sighting.species IN (SELECT value FROM json_each(?))"""
_COUNTING_REVIEW = f"""UPDATE medium SET (review, verdict, verdict_species, reviewer) = (
        SELECT max(review.id), verdict, species, coalesce(reviewer, '') FROM review JOIN step ON step.id = review.step
        WHERE review.medium = medium.id AND NOT coalesce({_UNDONE}, 0))
    WHERE id IN (SELECT value FROM json_each(?))"""
_COUNTING_REMARK = f"""UPDATE medium SET (remark, comment, tags) = (
        SELECT max(remark.id), coalesce(comment, ''), coalesce(tags, '[]') FROM remark
        JOIN step ON step.id = remark.step WHERE remark.medium = medium.id AND NOT coalesce({_UNDONE}, 0))
    WHERE id IN (SELECT value FROM json_each(?))"""


def _settle_species(connection: sqlite3.Connection, species: Sequence[str]) -> None:
    for id in dict.fromkeys(species):
        connection.execute("DELETE FROM taxon WHERE id = ?", (id,))
        connection.execute(
            f"""INSERT INTO taxon SELECT species, english, spanish, scientific, "group", merged_into FROM naming
                JOIN step ON step.id = naming.step WHERE species = ? AND NOT coalesce({_UNDONE}, 0)
                ORDER BY naming.id DESC LIMIT 1""",
            (id,),
        )


def settle_disagreement(connection: sqlite3.Connection, media: Sequence[int] | None = None) -> None:
    """Mark those of `media` (by default, of all) of which the last words of two people differ."""
    if media is None:
        sql = "SELECT medium FROM review GROUP BY medium HAVING count(DISTINCT reviewer) > 1"
        media = [row[0] for row in connection.execute(sql)]
    disagreed = [(int(len(set(opinions(connection, id).values())) > 1), id) for id in dict.fromkeys(media)]
    connection.executemany("UPDATE medium SET disagreed = ? WHERE id = ?", disagreed)


def opinions(connection: sqlite3.Connection, medium: int) -> dict[str, frozenset[str]]:
    """What each person said last of a medium, as species' ids and kinds."""
    into, said = merges(connection), {}
    rows = connection.execute(
        f"SELECT review.* FROM review JOIN step ON step.id = review.step WHERE medium = ? "
        f"AND NOT coalesce({_UNDONE}, 0) ORDER BY review.id",
        (medium,),
    ).fetchall()
    if len({row["reviewer"] for row in rows}) < 2:  # the usual case
        rows = rows[-1:]
    sightings = sightings_of(connection, [row["id"] for row in rows])
    for row in rows:
        review = codec.review_of(row, sightings.get(row["id"], ()), into)
        said[review.reviewer] = frozenset(one.species or one.kind for one in review.statement)
    return said
