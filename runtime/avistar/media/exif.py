"""What a camera wrote into a photo: when, with which camera, where (EXIF 2.32). Nonsense is named, never raised.

How a photo was taken: exposure, flash, and what trail cameras add, temperature and the place in a burst.

From EXIF 2.32 and, for temperature and burst, Reconyx' maker notes, whose layout ExifTool documents. Shown to people;
nothing is decided by it, so that a value that makes no sense is simply not there.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from avistar.errors import UsageError
from avistar.images.decode import has_exif
from avistar.records import Capture

_Value = TypeVar("_Value")

Tags = Mapping[int, Any]

# Time, its fraction of a second and its zone, in the order of trust: exposure, digitising, last change.
_CLOCKS = (
    (Base.DateTimeOriginal, Base.SubsecTimeOriginal, Base.OffsetTimeOriginal),
    (Base.DateTimeDigitized, Base.SubsecTimeDigitized, Base.OffsetTimeDigitized),
    (Base.DateTime, Base.SubsecTime, Base.OffsetTime),
)

_TIME = re.compile(
    r"(\d{4})[:\-/.] ?(\d{1,2})[:\-/.] ?(\d{1,2})[ T]+(\d{1,2}): ?(\d{1,2}): ?(\d{1,2})(?!\d)(?:\s*([AaPp])\.?[Mm])?"
)
"""EXIF's form, and what cameras write instead: spaces for leading zeros, a clock of twelve hours."""

_BLANK = re.compile(r"[\s0:\-/.TZ]*")
"""A date that isn't known (EXIF 2.32: spaces between colons); many cameras write zeros."""

_OFFSET = re.compile(r"([+-])(\d\d?):?(\d\d)")

_EARLIEST = 1826  # the year of the oldest photograph that is left

_LONGEST_TEXT = 100


def time_zone(name: str) -> tzinfo:
    """A time zone by its IANA name ("Europe/Madrid") or as an offset from UTC ("+02:00").

    Raises `UsageError` for anything else.
    """
    offset = _offset(name)
    if offset is not None:
        return offset
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            "'{name}' is no time zone: give a name such as Europe/Madrid or an offset such as +02:00", name=name
        ) from error


def read_capture(image: Image.Image, *, zone: tzinfo | None = None, now: datetime | None = None) -> Capture:
    """What the camera wrote into an opened, not yet decoded `image`.

    `zone` is where the camera's clock was set, for files that don't say: cameras mostly write local time
    alone. A time after `now` (aware; default: the present) by more than a day can't be true.
    """
    if not has_exif(image):
        return Capture()
    reader = _Reader()
    main = reader.block("exif", lambda: image.getexif())
    details = reader.block("exif", lambda: image.getexif().get_ifd(IFD.Exif))
    position = reader.block("latitude", lambda: image.getexif().get_ifd(IFD.GPSInfo))
    tags = {**main, **details}
    latest = (now or datetime.now(UTC)) + timedelta(days=1)
    capture = Capture(
        taken_at=reader.field("taken_at", lambda: _taken_at(tags, zone, latest) or _by_note(tags, zone, latest)),
        camera=reader.field("camera", lambda: _camera(tags)) or "",
        serial=reader.field("serial", lambda: _text(tags.get(Base.BodySerialNumber))) or "",
        latitude=reader.field("latitude", lambda: _degrees(position, GPS.GPSLatitude, "NS", 90)),
        longitude=reader.field("longitude", lambda: _degrees(position, GPS.GPSLongitude, "EW", 180)),
        unreadable=(),
    )
    return _checked(capture, reader.unreadable)


class _Nonsense(ValueError):
    """A field holds what can't be true."""


class _Reader:
    """Reads field by field; remembers which held nonsense."""

    def __init__(self) -> None:
        self.unreadable: list[str] = []

    def block(self, name: str, read: Callable[[], Tags]) -> Tags:
        return self.field(name, lambda: dict(read())) or {}

    def field(self, name: str, read: Callable[[], _Value]) -> _Value | None:
        try:
            return read()
        except Exception:  # damaged blocks raise whatever the parser stumbles over
            if name not in self.unreadable:
                self.unreadable.append(name)
            return None


def _checked(capture: Capture, unreadable: list[str]) -> Capture:
    """Half a position is none, and (0, 0) is what receivers without a fix write."""
    latitude, longitude = capture.latitude, capture.longitude
    if latitude == longitude == 0 or (latitude is None) != (longitude is None):
        latitude = longitude = None
        unreadable.extend(name for name in ("latitude", "longitude") if name not in unreadable)
    return Capture(capture.taken_at, capture.camera, capture.serial, latitude, longitude, tuple(unreadable))


def _taken_at(tags: Tags, zone: tzinfo | None, latest: datetime) -> datetime | None:
    """The first of the three clocks that is set; a set one that makes no sense is not replaced by another."""
    for clock, fraction, offset in _CLOCKS:
        value = tags.get(clock)
        if value is None or _is_blank(value):
            continue
        return _believed(_time(value, tags.get(fraction)), _offset(str(tags.get(offset) or "")) or zone, latest)
    if any(tags.get(clock) for clock, _, _ in _CLOCKS) and _noted_time(tags) is None:
        raise _Nonsense("every clock is blank")
    return None


def _is_blank(value: object) -> bool:
    return isinstance(value, str | bytes) and _BLANK.fullmatch(_text(value)) is not None


def _believed(taken_at: datetime, zone: tzinfo | None, latest: datetime) -> datetime:
    """`taken_at` with the offset that `zone` had then. Raises `_Nonsense` for the future."""
    if zone is not None:
        local = taken_at.replace(tzinfo=zone)
        taken_at = local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))
    # Without a zone the clock may be 14 hours ahead of UTC.
    if (taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=UTC)) > latest:
        raise _Nonsense(f"{taken_at} is in the future")
    return taken_at


def _by_note(tags: Tags, zone: tzinfo | None, latest: datetime) -> datetime | None:
    """The time in the maker note, where the file has no other."""
    noted = _noted_time(tags)
    return None if noted is None else _believed(noted, zone, latest)


def _noted_time(tags: Tags) -> datetime | None:
    """The time of a HyperFire 1's maker note: second, minute, hour, month, day, year (16 bits each; ExifTool)."""
    note = tags.get(Base.MakerNote)
    if (
        not isinstance(note, bytes)
        or len(note) < _RECONYX_TIME + 12
        or struct.unpack_from("<H", note)[0] not in _RECONYX
    ):
        return None
    fields = struct.unpack_from("<6H", note, _RECONYX_TIME)
    if fields[0] & 0xFF00 and not fields[0] & 0xFF:  # some are written with the high byte first
        fields = struct.unpack_from(">6H", note, _RECONYX_TIME)
    second, minute, hour, month, day, year = fields
    return _or_none(lambda: datetime(year, month, day, hour, minute, second)) if year >= _EARLIEST else None


def _time(value: object, fraction: object) -> datetime:
    text = _text(value)
    found = _TIME.match(text)
    if not found or int(found[1]) < _EARLIEST:
        raise _Nonsense(f"{text!r} is no time")
    digits = re.match(r"\d+", _text(fraction)) if fraction is not None else None
    microseconds = int(digits[0][:6].ljust(6, "0")) if digits else 0
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    half = (found[7] or "").upper()
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half == "P")
    return datetime(year, month, day, hour, minute, second, microseconds)


def _offset(text: str) -> timezone | None:
    found = _OFFSET.fullmatch(text.strip().strip("\x00"))
    if not found:
        return UTC if text.strip() == "Z" else None
    away = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if away > timedelta(hours=14) or int(found[3]) > 59:
        return None
    return timezone(away if found[1] == "+" else -away)


def _camera(tags: Tags) -> str:
    """Maker and model; models that already begin with their maker's name are left as they are."""
    maker, model = _text(tags.get(Base.Make)), _text(tags.get(Base.Model))
    if model.casefold().startswith(maker.casefold()):
        return model
    return f"{maker} {model}".strip()


def _text(value: object) -> str:
    """A text tag, clean of the zeros and control characters that cameras pad it with."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        raise _Nonsense(f"{value!r} is no text")
    text = value.partition("\x00")[0]
    return "".join(c for c in text if c.isprintable()).strip()[:_LONGEST_TEXT]


def _degrees(position: Tags, tag: int, hemispheres: str, most: int) -> float | None:
    """Degrees, minutes and seconds with their hemisphere's letter (the tag before) as signed degrees."""
    value = position.get(tag)
    if value is None:
        return None
    hemisphere = _text(position.get(tag - 1)).upper()
    parts = [float(part) for part in value]
    if len(hemisphere) != 1 or hemisphere not in hemispheres or not 1 <= len(parts) <= 3:
        raise _Nonsense(f"{value} {hemisphere} is no position")
    if not all(math.isfinite(part) and part >= 0 for part in parts) or any(part > 60 for part in parts[1:]):
        raise _Nonsense(f"{value} are no degrees")
    degrees = math.fsum(part / float(60**i) for i, part in enumerate(parts))
    if degrees > most:
        raise _Nonsense(f"{degrees} is beyond {most} degrees")
    return -degrees if hemisphere == hemispheres[1] else degrees


_TEMPERATURE = 0x9400

_COLDEST, _HOTTEST = -90.0, 80.0
"""Degrees Celsius: no camera works beyond, and a sensor that is missing writes less or more."""

_RECONYX = {0xF101: (0x0E, 0x28)}
"""Byte offsets of burst (two 16-bit numbers) and temperature (°C, signed 16-bit) by the note's first number."""

_RECONYX_TIME = 0x16
"""Byte offset of the time in the same notes."""

_RECONYX_2 = b"RECONYXH2"

_RECONYX_2_OFFSETS = (0x36, 0x50)


@dataclass(frozen=True, slots=True)
class Shot:
    """How a photo was taken; None where the file says nothing usable.

    `exposure_s` in seconds, `f_number` and `iso` as on a camera, `flash` whether it fired (infrared too, where the
    camera says so), `temperature_c` in degrees Celsius, `burst` the photo's number in its burst and how many there are.
    """

    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    flash: bool | None = None
    temperature_c: float | None = None
    burst: tuple[int, int] | None = None


def read_shot(image: Image.Image) -> Shot:
    """How an opened, not yet decoded `image` was taken."""
    if not has_exif(image):
        return Shot()
    tags: Tags = _or_none(lambda: dict(image.getexif().get_ifd(IFD.Exif))) or {}
    note = tags.get(Base.MakerNote)
    burst, temperature_c = _reconyx(note) if isinstance(note, bytes) else (None, None)
    written_c = _number(tags.get(_TEMPERATURE))
    iso = _number(tags.get(Base.ISOSpeedRatings))
    return Shot(
        exposure_s=_positive(tags.get(Base.ExposureTime)),
        f_number=_positive(tags.get(Base.FNumber)),
        iso=round(iso) if iso is not None and iso >= 1 else None,
        flash=_or_none(lambda: bool(int(tags[Base.Flash]) & 1)),
        temperature_c=_plausible(written_c if written_c is not None else temperature_c),
        burst=burst,
    )


def _reconyx(note: bytes) -> tuple[tuple[int, int] | None, float | None]:
    """Burst and temperature of a HyperFire's (both generations) maker note."""
    start = struct.unpack_from("<H", note)[0] if len(note) >= 2 else 0
    offsets = _RECONYX_2_OFFSETS if note.startswith(_RECONYX_2) else _RECONYX.get(start)
    if offsets is None or len(note) < offsets[1] + 2:
        return None, None
    number, of = struct.unpack_from("<HH", note, offsets[0])
    (temperature_c,) = struct.unpack_from("<h", note, offsets[1])
    return ((number, of) if 1 <= number <= of <= 1000 else None), float(temperature_c)


def _plausible(temperature_c: float | None) -> float | None:
    return temperature_c if temperature_c is not None and _COLDEST <= temperature_c <= _HOTTEST else None


def _positive(value: object) -> float | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


def _number(value: Any) -> float | None:
    number = _or_none(lambda: float(value[0] if isinstance(value, (tuple, list)) else value))
    return number if number is not None and math.isfinite(number) else None


def _or_none(read: Callable[[], _Value]) -> _Value | None:
    """What cameras write can't be trusted: damaged blocks raise whatever the parser stumbles over."""
    try:
        return read()
    except Exception:
        return None
