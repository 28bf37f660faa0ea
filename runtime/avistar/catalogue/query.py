"""Which media, in which order: questions about a catalogue, answered without loading it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from avistar.catalogue import codec
from avistar.records import Medium, MediumKind

State = Literal["pending", "answered", "blank", "failed"]
Order = Literal["listed", "least_sure", "surest", "oldest", "newest", "reviewed", "telling"]

_ORDERS: dict[Order, str] = {
    "listed": "position, id",
    # Nobody is less sure than where nothing is named, however far from everything known the picture is.
    "least_sure": "decision IS NULL, decision <> 'unknown', confidence, id",
    "surest": "decision IS NULL, decision = 'unknown', confidence DESC, id",
    "oldest": "taken_at IS NULL, taken_at, id",
    "newest": "taken_at IS NULL, taken_at DESC, id",
    "telling": "decision IS NULL, decision <> 'unknown', confidence, id",  # behind what teaches most: `suggestion`
    "reviewed": "review IS NULL, review DESC, id",
}

CORRECTED = """(verdict IS NOT NULL AND coalesce(CASE WHEN verdict = 'species' THEN verdict_species ELSE verdict END
    <> CASE WHEN decision = 'unknown' THEN 'unknown' WHEN decision IS NOT NULL THEN decided
    WHEN state = 'blank' THEN 'empty' ELSE seen END, 1))"""
"""Whether people say something else of a medium than the machine."""

_TAGGED = "EXISTS (SELECT 1 FROM json_each(tags) WHERE value IN (SELECT value FROM json_each(?)))"
_FLAGS = {
    "commented": "comment <> ''",
    "disagreed": "disagreed",
    "corrected": CORRECTED,
    "several": "id IN (SELECT medium FROM found WHERE position = 1)",
    "models_differ": "id IN (SELECT medium FROM other_answer WHERE differs)",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A choice of media; every condition that is given must hold.

    `finding`: what is among the things that count for a medium (people's word, else the machine's): species' and
    group ids, "unknown", "empty", "person", "vehicle". `decision`, `state` and `kind`: of the answer and of the
    medium. `confidence`: of the decision, least and most, 0 to 1. `taken`: from and before, by the camera's clock.
    `sequence`: a burst's name.
    `number`: of animals, least and most. `commented`, `disagreed` (two people's last words differ), `corrected`
    (people say something else than the machine), `several` (more than one thing counts), `models_differ` (another
    network names something else): as they are true or false. `tag`: of the medium, any of these. `reviewer`: whose
    review counts.
    `flag`: what was remarked on the file, as in `Identification.flags`. `text`: a part of the path below the survey's
    folder, case ignored for ASCII. `present` None: vanished files too.
    """

    finding: tuple[str, ...] = ()
    decision: tuple[str, ...] = ()
    state: tuple[State, ...] = ()
    kind: tuple[MediumKind, ...] = ()
    confidence: tuple[float, float] | None = None
    taken: tuple[datetime, datetime] | None = None
    reviewed: bool | None = None
    sequence: str = ""
    flag: str = ""
    text: str = ""
    present: bool | None = True
    number: tuple[int, int] | None = None
    commented: bool | None = None
    tag: tuple[str, ...] = ()
    reviewer: tuple[str, ...] = ()
    disagreed: bool | None = None
    corrected: bool | None = None
    several: bool | None = None
    models_differ: bool | None = None
    order: Order = "listed"

    def sql(self, columns: str) -> tuple[str, list[Any]]:
        """A statement that gives `columns` of the chosen media in order, and its values."""
        conditions: list[str] = []
        values: list[Any] = []

        def require(condition: str, *given: Any) -> None:
            conditions.append(condition)
            values.extend(given)

        for name in ("reviewer", "decision", "state", "kind"):
            if wanted := getattr(self, name):
                require(f"{name} IN ({', '.join('?' * len(wanted))})", *wanted)
        if self.confidence is not None:
            require("confidence BETWEEN ? AND ?", *self.confidence)
        if self.taken is not None:
            # Compared as text up to the second: with or without an offset, it starts with the camera's own clock.
            require("taken_at >= ? AND taken_at < ?", *(f"{at:%Y-%m-%dT%H:%M:%S}" for at in self.taken))
        if self.reviewed is not None:
            require(f"review IS {'NOT ' if self.reviewed else ''}NULL")
        if self.sequence:
            require("sequence = ?", self.sequence)
        if self.flag:
            flagged = "SELECT 1 FROM json_each(flags) WHERE value = ?"
            require(f"id IN (SELECT medium FROM observation WHERE flags <> '[]' AND EXISTS ({flagged}))", self.flag)
        if self.text:
            require("instr(lower(CAST(path AS TEXT)), lower(?)) > 0", self.text)
        if self.present is not None:
            require("present = ?", int(self.present))
        self._require_people(require)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {columns} FROM medium{where} ORDER BY {_ORDERS[self.order]}", values

    def _require_people(self, require: Callable[..., None]) -> None:
        """What people's words are asked for."""
        if self.finding:
            some = json.dumps(self.finding)
            require("id IN (SELECT medium FROM found WHERE what IN (SELECT value FROM json_each(?)))", some)
        if self.tag:
            require(f"tags <> '[]' AND {_TAGGED}", json.dumps(self.tag))
        if self.number is not None:
            require("animals BETWEEN ? AND ?", *self.number)
        for name, condition in _FLAGS.items():
            if (wanted := getattr(self, name)) is not None:
                require(condition if wanted else f"NOT ({condition})")


@dataclass(frozen=True, slots=True)
class Row:
    """What a grid shows of one medium; `id` names it within its catalogue.

    `burst`: how many photos its burst has, 0 outside one. `duration_s` of a video. `reviewer` whose review counts, ""
    for none; `things` how many things count, `animals` how many animals they are; `corrected`: people say something
    else than the machine; `disagreed`: two people's last words differ; `comment` and `tags` of the medium.
    """

    id: int
    path: str
    relative: str
    kind: str
    state: State
    present: bool
    taken_at: datetime | None
    decision: str
    decided: str
    confidence: float | None
    verdict: str
    finding: str
    sequence: str
    burst: int = 0
    duration_s: float = 0.0
    reviewer: str = ""
    things: int = 0
    animals: int = 0
    corrected: bool = False
    disagreed: bool = False
    comment: str = ""
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: codec.Columns, medium: Medium, burst: int) -> Row:
        """The row of `medium` from its row of the catalogue; `burst` photos are in its burst."""
        return cls(
            id=row["id"],
            path=medium.path,
            relative=medium.relative,
            kind=medium.kind,
            state=row["state"],
            present=bool(row["present"]),
            taken_at=medium.capture.taken_at,
            decision=row["decision"] or "",
            decided=row["decided"] or "",
            confidence=row["confidence"],
            verdict=row["verdict"] or "",
            finding=row["finding"] or "",
            sequence=row["sequence"],
            burst=burst,
            duration_s=medium.duration_s,
            reviewer=row["reviewer"],
            things=row["things"],
            animals=row["animals"],
            corrected=bool(row["corrected"]),
            disagreed=bool(row["disagreed"]),
            comment=row["comment"],
            tags=tuple(json.loads(row["tags"])),
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many media a survey has, of those that are present: by state, and by what counts for them.

    `findings`: in how many media each thing is; one with two species is in both. `reviewers`: how many reviews that
    count are whose; `tags`: how many media have each. `compared`: to which another network answered too, and
    `models_differ` otherwise.
    `vanished` files are in no other figure. `videos` and `pending_videos` are those among the others. `first`
    and `last`: when the media were taken, by their cameras' clocks.
    """

    total: int = 0
    pending: int = 0
    answered: int = 0
    blank: int = 0
    failed: int = 0
    reviewed: int = 0
    vanished: int = 0
    videos: int = 0
    pending_videos: int = 0
    first: datetime | None = None
    last: datetime | None = None
    findings: dict[str, int] = field(default_factory=dict)
    corrected: int = 0
    commented: int = 0
    disagreed: int = 0
    reviewers: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    compared: int = 0
    models_differ: int = 0
