"""How a photo was taken: exposure, flash, and what trail cameras add, temperature and the place in a burst.

From EXIF 2.32 and, for temperature and burst, Reconyx' maker notes, whose layout ExifTool documents. Shown to people;
nothing is decided by it, so that a value that makes no sense is simply not there.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from PIL import Image
from PIL.ExifTags import IFD, Base

from avistar.images import has_exif

_Value = TypeVar("_Value")
Tags = Mapping[int, Any]

_TEMPERATURE = 0x9400
_COLDEST, _HOTTEST = -90.0, 80.0
"""Degrees Celsius: no camera works beyond, and a sensor that is missing writes less or more."""

_RECONYX = {0xF101: (0x0E, 0x28)}
"""Byte offsets of burst (two 16-bit numbers) and temperature (°C, signed 16-bit) by the note's first number."""

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
