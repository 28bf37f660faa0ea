"""Rows of a table of reviews, put together: what each person says of each medium, and which rows contradict others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from avistar.formats.reviews import BadRow, ReviewRow
from avistar.message import Message
from avistar.records import Remark, Review, Sighting


@dataclass(frozen=True, slots=True)
class ReviewImport:
    """What a table says, and what of it makes no sense.

    Attributes:
        reviews: A medium's id and what is said of it, in the table's order.
        remarks: A medium's id, and comment and tags on it.
        bad: The rows that make no sense, or contradict an earlier one.
        unlisted: The files that are not in the catalogue.
    """

    reviews: tuple[tuple[int, Review], ...]
    remarks: tuple[tuple[int, Remark], ...]
    bad: tuple[BadRow, ...]
    unlisted: tuple[str, ...]

    @property
    def unnamed(self) -> tuple[str, ...]:
        """The names that no species of the survey has."""
        return tuple(dict.fromkeys(row.unlisted for row in self.bad if row.unlisted))


@dataclass(slots=True)
class _Statement:
    """The rows of one person's review of one medium."""

    first: ReviewRow
    things: list[tuple[str, Sighting]] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    """What was read so far."""

    statements: dict[tuple[int, str, datetime | None], _Statement] = field(default_factory=dict)
    firsts: dict[int, ReviewRow] = field(default_factory=dict)
    remarks: dict[int, ReviewRow] = field(default_factory=dict)

    def conflict(self, id: int, row: ReviewRow, reviewer: str) -> Message | None:
        """Take `row` in, or say why it can't be."""
        noted = self.remarks.setdefault(id, row) if row.remark else row
        if noted.remark != row.remark:
            return Message("it contradicts row {number:,}", number=noted.number)
        if row.sighting is None:
            return None
        first = self.firsts.setdefault(id, row)
        if reviewer and first.reviewer != row.reviewer and first.sighting != row.sighting:
            return Message("it contradicts row {number:,}", number=first.number)  # one person can't say both
        statement = self.statements.setdefault((id, row.reviewer, row.at), _Statement(row))
        for thing, sighting in statement.things:
            if (thing, sighting) == (row.thing, row.sighting):
                return Message(
                    "it repeats row {number:,}: of two alike, give the count 2", number=statement.first.number
                )
            nothing = [one.kind == "empty" and one.box is None for one in (sighting, row.sighting)]
            if any(nothing) or statement.first.whole != row.whole:
                return Message("it contradicts row {number:,}", number=statement.first.number)
        statement.things.append((row.thing, row.sighting))
        return None


def put_together(
    rows: Iterable[ReviewRow | BadRow], place: Callable[[str], int | None], now: datetime, *, reviewer: str, user: str
) -> ReviewImport:
    """The reviews and remarks that `rows` are.

    Args:
        rows: What `read_reviews` understood.
        place: The id of the medium that a table names, None where there is none.
        now: When it is said where the table doesn't tell; aware.
        reviewer: Who says all of it, "" for whom each row names.
        user: Who says what no row names anybody for.

    Returns:
        What can be stored, and what can't.
    """
    table, bad, unlisted = _Table(), [], []
    for row in rows:
        if isinstance(row, BadRow):
            bad.append(row)
        elif not (id := place(row.file)):
            unlisted.append(row.file)
        elif reason := table.conflict(id, row, reviewer):
            bad.append(BadRow(row.number, reason))
    return ReviewImport(
        tuple(
            (id, _review(one, reviewer or who or user, at or now)) for (id, who, at), one in table.statements.items()
        ),
        tuple(
            (
                id,
                Remark(
                    row.remark.comment, row.remark.tags, reviewer or row.remark.reviewer or user, row.remark.at or now
                ),
            )
            for id, row in table.remarks.items()
            if row.remark
        ),
        tuple(bad),
        tuple(unlisted),
    )


def _review(statement: _Statement, reviewer: str, at: datetime) -> Review:
    said = [sighting for _, sighting in statement.things]
    return Review.of(said, reviewer, at, whole=statement.first.whole)
