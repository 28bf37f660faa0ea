"""Independent events: photos of one species at one camera that follow each other closely are one visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """E independent events, in the order of species, camera and time.

    Attributes:
        species: int64 [E], an index of a species.
        camera: int64 [E], an index of a camera's deployment.
        start: int64 [E], seconds of the camera's clock since 1970-01-01T00:00.
        end: int64 [E], the last photo of the event, likewise.
        photos: int64 [E], how many photos it has.
        animals: int64 [E], the most that one of its photos shows.
    """

    species: Integers
    camera: Integers
    start: Integers
    end: Integers
    photos: Integers
    animals: Integers

    def __len__(self) -> int:
        return len(self.start)

    def of(self, species: int) -> Events:
        """The events of one species."""
        return self.chosen(self.species == species)

    def chosen(self, which: NDArray[np.bool_] | Integers) -> Events:
        """Those for which `which` (bool [E]) is true, or those at the places that it has (int64), in that order."""
        parts = (self.species, self.camera, self.start, self.end, self.photos, self.animals)
        return Events(*(part[which] for part in parts))

    @property
    def seconds(self) -> Integers:
        """The time of the day at which each begins: int64 [E], 0 to 86399."""
        return self.start % 86_400

    @property
    def days(self) -> Integers:
        """The day on which each begins: int64 [E], days since 1970-01-01."""
        return self.start // 86_400


def independent_events(species: Integers, camera: Integers, time: Integers, animals: Integers, *, gap_s: int) -> Events:
    """The events of N photos, as camtrapR's `recordTable` counts them.

    A photo begins an event when it is the first of its species at its camera, or was taken at least `gap_s` after
    the event before it began: `minDeltaTime`, with `deltaTimeComparedTo = "lastIndependentRecord"`. Photos of the
    same second are one record, as with `removeDuplicateRecords`: `gap_s` 0 makes every other photo an event.

    Args:
        species: int64 [N].
        camera: int64 [N].
        time: int64 [N], seconds.
        animals: int64 [N], how many of the species each photo shows.
        gap_s: Seconds, 0 or more.
    """
    order = np.lexsort((time, camera, species))
    one, where, when = species[order], camera[order], time[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (one[1:] != one[:-1]) | (where[1:] != where[:-1])
    begins, began = [], 0
    for place, (is_first, at) in enumerate(zip(first.tolist(), when.tolist(), strict=True)):
        if is_first or (at != began and at - began >= gap_s):
            begins.append(place)
            began = at
    starts = np.array(begins, np.int64)
    if not len(starts):
        empty = np.empty(0, np.int64)
        return Events(empty, empty, empty, empty, empty, empty)
    ends = np.append(starts[1:], len(order))
    return Events(
        one[starts], where[starts], when[starts], when[ends - 1], ends - starts,
        np.maximum.reduceat(animals[order], starts),
    )  # fmt: skip


def moment_of(seconds: int) -> datetime:
    """The time of the camera's clock, of seconds since 1970."""
    return _EPOCH + timedelta(seconds=seconds)


def day_of(days: int) -> date:
    """The day, of days since 1970."""
    return (_EPOCH + timedelta(days=days)).date()


def days_until(day: date) -> int:
    """The days from 1970 to a day: what `day_of` makes it of."""
    return (day - _EPOCH.date()).days
