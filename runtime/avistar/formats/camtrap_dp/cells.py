"""What the cells of a table of deployments mean: numbers, times and zones in any of the ways that people write them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from avistar.message import Message

REQUIRED = ("folder", "deploymentID", "latitude", "longitude", "timezone", "deploymentStart", "deploymentEnd")
OPTIONAL = (
    "locationID", "locationName", "coordinateUncertainty", "setupBy", "cameraID", "cameraModel", "cameraDelay",
    "cameraHeight", "cameraDepth", "cameraTilt", "cameraHeading", "detectionDistance", "timestampIssues", "baitUse",
    "featureType", "habitat", "deploymentGroups", "deploymentTags", "deploymentComments",
)  # fmt: skip
"""Camtrap DP's optional columns of a deployment: passed on as they are."""

_FEATURES = (
    "roadPaved", "roadDirt", "trailHiking", "trailGame", "roadUnderpass", "roadOverpass", "roadBridge", "culvert",
    "burrow", "nestSite", "carcass", "waterSource", "fruitingTree",
)  # fmt: skip
_INTEGERS = {
    "coordinateUncertainty": (1, math.inf), "cameraDelay": (0, math.inf), "cameraTilt": (-90, 90),
    "cameraHeading": (0, 360),
}  # fmt: skip
_LENGTHS_M = ("cameraHeight", "cameraDepth", "detectionDistance")
_TRUTHS = {"true": "true", "yes": "true", "sí": "true", "si": "true", "1": "true", "verdadero": "true"} | {
    "false": "false", "no": "false", "0": "false", "falso": "false",
}  # fmt: skip
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}\b")
_TIMED = re.compile(r"\d[T ]+\d")
_MOMENTS = tuple(
    f"{day}{time}" for day in ("%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d") for time in (" %H:%M:%S", " %H:%M", "")
)
"""What a spreadsheet makes of ISO times, the day first in the countries that write so."""


def optional_cell(name: str, text: str) -> tuple[str, Message | None]:
    """The cell as the standard wants it, "" for an empty one, and what is wrong with it."""
    if not text:
        return "", None
    if name in _INTEGERS or name in _LENGTHS_M:
        least, most = _INTEGERS.get(name, (0, math.inf))
        value = number_of(text, math.inf)
        whole = name in _LENGTHS_M or (value is not None and value.is_integer())
        if value is not None and whole and least <= value <= most:
            return (f"{value:g}" if name in _LENGTHS_M else str(int(value))), None
        kind = Message("whole number") if name in _INTEGERS else Message("number")
        return text, Message("{name} '{text}' is no {kind} in range", name=name, text=text, kind=kind)
    if name in ("timestampIssues", "baitUse"):
        if text.casefold() in _TRUTHS:
            return _TRUTHS[text.casefold()], None
        return text, Message("{name} '{text}' is neither true nor false", name=name, text=text)
    if name == "featureType" and text not in _FEATURES:
        return text, Message("featureType '{text}' is none of {features}", text=text, features=", ".join(_FEATURES))
    return text, None


def number_of(text: str, limit: float) -> float | None:
    """A number with a decimal point or comma, from -`limit` to `limit`; None for anything else."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= limit else None


def read_zone(text: str) -> tzinfo | None:
    """A time zone from '+02:00', 'UTC-5', 'Z' or a name such as 'Europe/Madrid'; None where it is none."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if match := _OFFSET.fullmatch(text.upper()):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if sign == "-" else offset) if offset < timedelta(hours=15) else None
    try:
        return ZoneInfo(text) if "/" in text else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def moment_of(text: str, zone: tzinfo | None) -> datetime | None:
    """A time as people and spreadsheets write it, in `zone` where it names none; None for anything else."""
    for read in (datetime.fromisoformat, *(_by(pattern) for pattern in _MOMENTS)):
        try:
            at = read(text)
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=zone)
    return None


def end_of(text: str, zone: tzinfo | None) -> datetime | None:
    """A day without a time ends when the day does."""
    at = moment_of(text, zone)
    return at.replace(hour=23, minute=59, second=59) if at and not _TIMED.search(text) else at


def _by(pattern: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, pattern)
