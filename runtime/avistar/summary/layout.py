"""Where things lie in the pictures, for whoever draws them: days, a map without tiles, a scale bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from avistar.summary.effort import CameraFigures
from avistar.summary.figures import SurveySummary

EARTH_M = 6_371_008.8
"""The Earth's mean radius (IUGG) in metres."""

_LEAST_M = 200.0
"""Half of what a map shows at least: cameras at one place have a map too."""


@dataclass(frozen=True, slots=True)
class Place:
    """A camera on the map: metres east and north of the middle."""

    camera: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class CameraMap:
    """Where the cameras stood, projected: equirectangular, true to scale along the middle's parallel.

    Attributes:
        places: One for each camera that has coordinates.
        half_width: Half of the width of a rectangle around the middle that holds all places, in metres.
        half_height: Half of its height.
        latitude: Of the middle, degrees.
        longitude: Likewise.
    """

    places: tuple[Place, ...]
    half_width: float
    half_height: float
    latitude: float
    longitude: float


def camera_map(cameras: Sequence[CameraFigures]) -> CameraMap | None:
    """The map of the cameras that have coordinates; None without any."""
    known = [
        (i, one.latitude, one.longitude)
        for i, one in enumerate(cameras)
        if one.latitude is not None and one.longitude is not None
    ]
    if not known:
        return None
    longitudes = _unwrapped([longitude for _, _, longitude in known])
    latitudes = [latitude for _, latitude, _ in known]
    middle = (_middle(latitudes), _middle(longitudes))
    metres = math.radians(1) * EARTH_M
    along = metres * math.cos(math.radians(middle[0]))
    places = tuple(
        Place(i, (longitude - middle[1]) * along, (latitude - middle[0]) * metres)
        for (i, latitude, _), longitude in zip(known, longitudes, strict=True)
    )
    width, height = max(abs(one.x) for one in places), max(abs(one.y) for one in places)
    return CameraMap(places, max(width, _LEAST_M), max(height, _LEAST_M), middle[0], (middle[1] + 180) % 360 - 180)


def scale_bar(most_m: float) -> float:
    """The longest round length (1, 2 or 5 times a power of ten, metres) of at most `most_m`."""
    power = 10.0 ** math.floor(math.log10(most_m))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= most_m)


def strip_days(summary: SurveySummary, most: int = 400) -> tuple[date, int, int]:
    """The days that all cameras span, in columns: the first day, days in a column, and how many columns."""
    days = [day for one in summary.cameras for day in one.by_day]
    ends = [at.date() for one in summary.cameras for at in (one.start, one.end) if at is not None]
    every = [*days, *ends]
    if not every:
        return date(1970, 1, 1), 1, 0
    first, last = min(every), max(every)
    span = (last - first).days + 1
    width = next((days for days in (1, 7, 28) if span <= most * days), -(-span // most))
    return first, width, -(-span // width)


def column_counts(one: CameraFigures, first: date, width: int, columns: int) -> list[int]:
    """How many photos of a camera each column of `strip_days` holds."""
    counts = [0] * columns
    for day, number in one.by_day.items():
        counts[(day - first).days // width] += number
    return counts


def date_ticks(first: date, days: int, most: int) -> list[tuple[int, date]]:
    """At most some `most` + 1 round dates: days since `first`, and the date: days, Mondays, months or years."""
    every = [first + timedelta(days=i) for i in range(days)]
    steps = (
        every,
        [day for day in every if day.weekday() == 0],
        [day for day in every if day.day == 1],
        [day for day in every if day.day == 1 and day.month in (1, 4, 7, 10)],
        [day for day in every if day.day == 1 and day.month == 1],
    )
    chosen = next((one for one in steps if 0 < len(one) <= most), [first])
    return [((day - first).days, day) for day in chosen]


def _middle(values: Sequence[float]) -> float:
    return (min(values) + max(values)) / 2


def _unwrapped(longitudes: Sequence[float]) -> list[float]:
    """Cameras on both sides of the 180th meridian are neighbours."""
    if max(longitudes) - min(longitudes) <= 180:
        return list(longitudes)
    return [one + 360 if one < 0 else one for one in longitudes]
