"""Which media, in which order: questions about a catalogue, answered without loading it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from avistar.records import MediumKind

State = Literal["pending", "answered", "blank", "failed"]
Order = Literal["listed", "least_sure", "surest", "oldest", "newest", "reviewed"]

_ORDERS: dict[Order, str] = {
    "listed": "position, id",
    "least_sure": "confidence IS NULL, confidence, id",
    "surest": "confidence IS NULL, confidence DESC, id",
    "oldest": "taken_at IS NULL, taken_at, id",
    "newest": "taken_at IS NULL, taken_at DESC, id",
    "reviewed": "review IS NULL, review DESC, id",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A choice of media; every condition that is given must hold.

    `finding`: what counts for a medium (a review, else the answer): species' and group ids, "unknown",
    "empty". `decision`, `state` and `kind`: of the answer and of the medium. `confidence`: of the decision,
    least and most, 0 to 1. `taken`: from and before, by the camera's clock. `sequence`: a burst's name.
    `text`: a part of the path below the survey's folder, case ignored for ASCII. `present` None: vanished
    files too.
    """

    finding: tuple[str, ...] = ()
    decision: tuple[str, ...] = ()
    state: tuple[State, ...] = ()
    kind: tuple[MediumKind, ...] = ()
    confidence: tuple[float, float] | None = None
    taken: tuple[datetime, datetime] | None = None
    reviewed: bool | None = None
    sequence: str = ""
    text: str = ""
    present: bool | None = True
    order: Order = "listed"

    def sql(self, columns: str) -> tuple[str, list[Any]]:
        """A statement that gives `columns` of the chosen media in order, and its values."""
        conditions: list[str] = []
        values: list[Any] = []

        def require(condition: str, *given: Any) -> None:
            conditions.append(condition)
            values.extend(given)

        for name in ("finding", "decision", "state", "kind"):
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
        if self.text:
            require("instr(lower(CAST(path AS TEXT)), lower(?)) > 0", self.text)
        if self.present is not None:
            require("present = ?", int(self.present))
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {columns} FROM medium{where} ORDER BY {_ORDERS[self.order]}", values


@dataclass(frozen=True, slots=True)
class Row:
    """What a grid shows of one medium; `id` names it within its catalogue.

    `burst`: how many photos its burst has, 0 outside one. `duration_s` of a video.
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


@dataclass(frozen=True, slots=True)
class Counts:
    """How many media a survey has, of those that are present: by state, and by what counts for them.

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
