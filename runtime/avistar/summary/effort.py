"""How long each camera worked, as far as the deployments' table and the photos tell, and where it stood still."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from avistar.formats.camtrap_dp.cells import end_of, moment_of, read_zone

SILENT_DAYS = 7
"""Days in a row without any photo, from which on a camera counts as silent."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without any photo, in a row: from `first` to `last`, both included.

    `end`: they reach the deployment's end, so that the camera seems to have stopped.
    """

    first: date
    last: date
    end: bool = False

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """One deployment: a camera at one place for one time.

    Attributes:
        folder: Below the survey's, "" for what lies in the survey's folder itself.
        name: Its locationName, else its deploymentID, else the folder; one of the latter where two have the same.
        place: Its locationName, "" where none is known.
        latitude: Degrees, WGS 84; None where neither the table nor a photo tells.
        longitude: Likewise.
        start: From the table, else the first photo; None without either.
        end: From the table, else the last photo.
        stated: Whether both come from the table.
        media: Photos and videos.
        undated: Those without a time.
        outside: Those taken before `start` or after `end`.
        reviewed: Those of which a person said what is there.
        by_day: Photos and videos of each day that has any.
        events: Independent events of species and groups.
        species: How many species there were.
    """

    folder: str
    name: str
    place: str
    latitude: float | None
    longitude: float | None
    start: datetime | None
    end: datetime | None
    stated: bool
    media: int
    undated: int
    outside: int
    reviewed: int
    by_day: Mapping[date, int]
    events: int = 0
    species: int = 0

    @property
    def nights(self) -> float | None:
        """Trap nights: days of 24 hours from start to end; None where they are not known."""
        return None if self.start is None or self.end is None else max((self.end - self.start) / _DAY, 0.0)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Every `SILENT_DAYS` days or more without a photo between start and end."""
        if self.start is None or self.end is None:
            return ()
        first, last = self.start.date(), self.end.date()
        days = [first - _DAY, *sorted(day for day in self.by_day if first <= day <= last), last + _DAY]
        pairs = pairwise(days)
        found = (Gap(one + _DAY, other - _DAY, other > last) for one, other in pairs)
        return tuple(gap for gap in found if gap.days >= SILENT_DAYS)

    @property
    def placed(self) -> bool:
        """Whether it is known where it stood."""
        return self.latitude is not None and self.longitude is not None


def stated_moment(facts: Mapping[str, str], name: str) -> datetime | None:
    """A time of the deployments' table by the camera's clock; of a day alone, its beginning or, for an end, its end."""
    zone = read_zone(facts.get("timezone", ""))
    at = (end_of if name == "deploymentEnd" else moment_of)(facts.get(name, ""), zone)
    if at is not None and at.tzinfo is not None and zone is not None:
        at = at.astimezone(zone)
    return at.replace(tzinfo=None) if at is not None else None


def total_nights(cameras: Iterable[CameraFigures]) -> float | None:
    """The trap nights of all cameras together; None where no camera's are known."""
    known = [one.nights for one in cameras if one.nights is not None]
    return sum(known) if known else None


def silent_cameras(cameras: Sequence[CameraFigures]) -> list[CameraFigures]:
    """Those that stopped, as far as the table's end and their last photo tell."""
    return [one for one in cameras if one.stated and any(gap.end for gap in one.gaps)]
