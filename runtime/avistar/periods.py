"""When a camera stood somewhere, from the times of its photos, dates that a reset clock wrote among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

GAP = timedelta(days=183)
"""Photos this far apart are not of one deployment: half a year without a trigger, not even of the people who come to
change batteries and card, is a clock that was reset (cameras fall back to the first of January of some year), or
another deployment."""


@dataclass(slots=True)
class CapturePeriod:
    """The times of a camera's photos, taken in one by one; memory grows with the days, not the photos.

    Times are put in groups wherever `GAP` lies between two neighbours. The group with most photos is the period, of
    equals the later one, since clocks fall back and not forward; the others are outliers. Like a median, this holds
    as long as the right dates outnumber any group of wrong ones, however far away those are; unlike limits made of a
    spread (Tukey's fences, the median's absolute deviation), it needs none, which photos of one minute don't have.
    """

    _days: dict[date, tuple[datetime, datetime, int]] = field(default_factory=dict)

    def add(self, at: datetime) -> None:
        """Take in a time, without an offset."""
        first, last, number = self._days.get(at.date(), (at, at, 0))
        self._days[at.date()] = (min(first, at), max(last, at), number + 1)

    @property
    def usual(self) -> TimeSpan | None:
        """The period, without outliers; None where there is no time at all."""
        return _largest(self.spans)

    @property
    def outliers(self) -> tuple[TimeSpan, ...]:
        """The groups of times that lie apart from the period, in order."""
        groups = self.spans
        usual = _largest(groups)
        return tuple(one for one in groups if one != usual)

    @property
    def spans(self) -> tuple[TimeSpan, ...]:
        """All groups of times, in order."""
        groups: list[TimeSpan] = []
        for first, last, number in (self._days[day] for day in sorted(self._days)):
            if groups and first - groups[-1].last < GAP:
                groups[-1] = TimeSpan(groups[-1].first, last, groups[-1].photos + number)
            else:
                groups.append(TimeSpan(first, last, number))
        return tuple(groups)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """Photos that follow each other.

    Attributes:
        first: The time of the first.
        last: The time of the last.
        photos: How many there are.
    """

    first: datetime
    last: datetime
    photos: int


def _largest(groups: Sequence[TimeSpan]) -> TimeSpan | None:
    return max(groups, key=lambda one: (one.photos, one.first), default=None)
