"""What people said in two catalogues as one history, step after step in the order of time."""

from __future__ import annotations

import heapq
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from avistar.catalogue.sql import insert
from avistar.species import normalised

_KEPT = ("step", "review", "sighting", "remark", "naming", "placement")
_PARTS = ("review", "remark", "naming", "placement")

Values = dict[str, Any]


@dataclass(slots=True)
class _Step:
    """One step: its columns, the rows of `_PARTS` in it, and the rows of `sighting` by the review they belong to."""

    values: Values
    time: datetime
    parts: dict[str, list[Values]] = field(default_factory=lambda: defaultdict(list))
    sightings: dict[int, list[Values]] = field(default_factory=lambda: defaultdict(list))

    def key(self, target: object) -> object:
        """By which the same step is known in a copy of its catalogue; `target`: the key of the step it is about."""
        said = [
            (table, *sorted((name, str(value)) for name, value in row.items() if name not in ("id", "step", "review")))
            for table in _PARTS
            for row in self.parts[table]
        ]
        return self.values["action"], self.values["at"], target, tuple(sorted(said))


def interleave(into: sqlite3.Connection, source: sqlite3.Connection, media: Mapping[int, int]) -> int:
    """Write the histories of both to `into`, within the caller's transaction; how many steps are `source`'s alone.

    `media`: the ids of `source`'s media in `into`. Steps that both have, since one was copied from the other, are
    written once. Species that people added under one id in both, with no name in common, become two.
    """
    ours, theirs = _read(into, {}, {}), _read(source, media, _new_species_ids(into, source))
    triggers = into.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        into.execute(f"DROP TRIGGER {name}")
    into.execute("UPDATE medium SET review = NULL, remark = NULL")
    for table in reversed(_KEPT):
        into.execute(f"DELETE FROM {table}")
        into.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    number = _write(into, ours, theirs)
    for _, sql in triggers:
        into.execute(sql)
    return number


def _write(into: sqlite3.Connection, ours: Sequence[_Step], theirs: Sequence[_Step]) -> int:
    known: dict[object, int] = {}
    ids: tuple[dict[int, int], dict[int, int]] = {}, {}
    keys: tuple[dict[int, object], dict[int, object]] = {}, {}
    new = 0
    for _, side, step in heapq.merge(_timed(ours, 0), _timed(theirs, 1), key=lambda one: one[:2]):
        old, target = step.values["id"], step.values["target"]
        keys[side][old] = key = step.key(keys[side].get(target))
        if key not in known:
            step.values["target"] = ids[side].get(target)
            known[key] = _write_step(into, step)
            new += side
        ids[side][old] = known[key]
    return new


def _timed(steps: Sequence[_Step], side: int) -> Iterator[tuple[datetime, int, _Step]]:
    """Each catalogue keeps its own order, whatever its computer's clock did."""
    latest = None
    for step in steps:
        latest = step.time if latest is None else max(latest, step.time)
        yield latest, side, step


def _write_step(into: sqlite3.Connection, step: _Step) -> int:
    number = insert(into, "step", _without_id(step.values))
    for table in _PARTS:
        for row in step.parts[table]:
            id = insert(into, table, _without_id(row) | {"step": number})
            for sighting in step.sightings[row["id"]] if table == "review" else ():
                insert(into, "sighting", sighting | {"review": id})
    return number


def _without_id(values: Values) -> Values:
    return {name: value for name, value in values.items() if name != "id"}


def _read(connection: sqlite3.Connection, media: Mapping[int, int], species: Mapping[str, str]) -> list[_Step]:
    """Every step, oldest first, with media and species under the ids that they have in the new catalogue."""

    def rows(table: str, order: str) -> Iterator[Values]:
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY {order}"):
            values = dict(zip(row.keys(), row, strict=True))
            for name in ("species", "merged_into"):
                if name in values:
                    values[name] = species.get(values[name], values[name])
            if media and "medium" in values:
                values["medium"] = media[values["medium"]]
            yield values

    steps = {one["id"]: _Step(one, datetime.fromisoformat(one["at"])) for one in rows("step", "id")}
    step_of: dict[int, _Step] = {}
    for table in _PARTS:
        for row in rows(table, "id"):
            steps[row["step"]].parts[table].append(row)
            if table == "review":
                step_of[row["id"]] = steps[row["step"]]
    for row in rows("sighting", "review, position"):
        step_of[row["review"]].sightings[row["review"]].append(row)
    return list(steps.values())


def _new_species_ids(into: sqlite3.Connection, source: sqlite3.Connection) -> dict[str, str]:
    """Ids that mean another species in `source` than in `into`, and the ids that they get."""
    ours, theirs = _own_names(into), _own_names(source)
    taken, new = {*ours, *theirs}, {}
    for id in ours.keys() & theirs.keys():
        if not ours[id] & theirs[id]:
            number = 2
            while f"{id}_{number}" in taken:
                number += 1
            new[id] = f"{id}_{number}"
            taken.add(new[id])
    return new


def _own_names(connection: sqlite3.Connection) -> dict[str, set[str]]:
    """Every name that each species of the survey's own ever had."""
    names: dict[str, set[str]] = defaultdict(set)
    for id, *some in connection.execute("SELECT species, english, spanish, scientific FROM naming"):
        names[id] |= {normalised(name) for name in some if name}
    return names
