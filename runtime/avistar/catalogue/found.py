"""The table of what counts for each medium, made of what machine and people said of it."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from avistar.catalogue import codec
from avistar.catalogue.sql import AMONG, by_medium
from avistar.records import Box, Region, Review
from avistar.standing import Answer, Standing, machine_says, what_counts

_PAGE = 1000
_INSERT = f"INSERT INTO found VALUES ({', '.join('?' * 13)})"


def settle_all(connection: sqlite3.Connection) -> None:
    """Bring the table in line with everything else in the catalogue."""
    settle(connection, [row[0] for row in connection.execute("SELECT id FROM medium ORDER BY id")])


def settle(connection: sqlite3.Connection, media: Sequence[int]) -> None:
    """Bring the table in line with what was said of `media`, within the caller's transaction."""
    into = merges(connection)
    for start in range(0, len(media), _PAGE):
        _settle_page(connection, media[start : start + _PAGE], into)


def merges(connection: sqlite3.Connection) -> Mapping[str, str]:
    """The ids of species that were merged into another, and that one's."""
    sql = "SELECT id, merged_into FROM taxon WHERE merged_into <> ''"
    rows: dict[str, str] = {row[0]: row[1] for row in connection.execute(sql)}
    return {id: rows.get(target, target) for id, target in rows.items()}


def _settle_page(connection: sqlite3.Connection, media: Sequence[int], into: Mapping[str, str]) -> None:
    chosen = (json.dumps(list(media)),)

    def grouped(sql: str) -> Mapping[int, list[sqlite3.Row]]:
        return by_medium(connection.execute(sql, chosen))

    regions = ", ".join(f"box_{name}" for name in ("left", "top", "width", "height", "category", "confidence"))
    answers = grouped(
        f"SELECT medium, {regions}, time_s, decision, decided, confidence FROM observation WHERE medium {AMONG} "
        "ORDER BY medium, position"
    )
    together = grouped(f"SELECT medium, decision, decided, confidence FROM together WHERE medium {AMONG}")
    boxes = grouped(f"SELECT * FROM detection WHERE medium {AMONG} ORDER BY medium, position")
    said = reviews_that_count(connection, media, into)
    found, facts = [], []
    for row in connection.execute(f"SELECT id, state, kind FROM medium WHERE id {AMONG}", chosen):
        id = row["id"]
        detections = [codec.detection_of(one) for one in boxes.get(id, ())]
        machine = machine_says(
            [_answer(one) for one in answers.get(id, ())],
            next((_answer(one) for one in together.get(id, ())), None),
            detections,
            blank=row["state"] == "blank",
            video=row["kind"] == "video",
        )
        review, review_id = said.get(id, (None, None))
        counting = what_counts(machine, detections, review)
        found += [_values(id, i, one, review_id) for i, one in enumerate(counting)]
        facts.append((_seen(machine), _animals(counting), id))
    connection.execute(f"DELETE FROM found WHERE medium {AMONG}", chosen)
    connection.executemany(_INSERT, found)
    connection.executemany("UPDATE medium SET seen = ?, animals = ? WHERE id = ?", facts)


def reviews_that_count(
    connection: sqlite3.Connection, media: Sequence[int], into: Mapping[str, str]
) -> Mapping[int, tuple[Review, int]]:
    """The review that counts for each of `media` and its id, with merged species under their present ids."""
    chosen = (json.dumps(list(media)),)
    rows = connection.execute(
        "SELECT medium.id AS of_medium, review.* FROM medium JOIN review ON review.id = medium.review "
        f"WHERE medium.id {AMONG}",
        chosen,
    ).fetchall()
    sightings = sightings_of(connection, [row["id"] for row in rows])
    return {row["of_medium"]: (codec.review_of(row, sightings.get(row["id"], ()), into), row["id"]) for row in rows}


def sightings_of(connection: sqlite3.Connection, reviews: Sequence[int]) -> Mapping[int, list[sqlite3.Row]]:
    """The rows of the sightings of some reviews, in order."""
    rows: dict[int, list[sqlite3.Row]] = defaultdict(list)
    sql = f"SELECT * FROM sighting WHERE review {AMONG} ORDER BY review, position"
    for row in connection.execute(sql, (json.dumps(list(reviews)),)):
        rows[row["review"]].append(row)
    return rows


def _answer(row: sqlite3.Row) -> Answer | None:
    if not row["decision"]:
        return None
    region = codec.region_of(row) if "time_s" in row.keys() else Region()  # noqa: SIM118 a row is no mapping
    return Answer(row["decision"], row["decided"], row["confidence"], region)


def _values(medium: int, position: int, one: Standing, review: int | None) -> tuple[Any, ...]:
    box: tuple[float | None, ...] = _rectangle(one.box) if one.box else (None,) * 4
    by = (review, one.place) if one.sighting is not None else (None, None)
    return (medium, position, one.kind, one.what, one.count, one.confidence, *box, one.time_s, *by)


def _rectangle(box: Box) -> tuple[float, ...]:
    return box.left, box.top, box.width, box.height


def _seen(machine: Iterable[Standing]) -> str | None:
    kinds = {one.kind for one in machine}
    return next((kind for kind in ("person", "vehicle") if kind in kinds), None)


def _animals(counting: Iterable[Standing]) -> int:
    return sum(one.count or 1 for one in counting if one.kind in ("species", "group"))
