"""What single cells of a table of reviews mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TypeVar, get_args

from avistar.errors import UsageError
from avistar.records import Box, BoxCategory, LifeStage, Sex, Sighting, Verdict
from avistar.species import normalised

Choice = TypeVar("Choice", bound=str)

SIDES = ("box_left", "box_top", "box_width", "box_height")

_SEXES: dict[Sex, tuple[str, ...]] = {
    "female": ("female", "f", "hembra"),
    "male": ("male", "m", "macho"),
    "": ("", "unknown", "desconocido", "u"),
}
_LIFE_STAGES: dict[LifeStage, tuple[str, ...]] = {
    "adult": ("adult", "adulto", "adulta"),
    "subadult": ("subadult", "subadulto", "subadulta"),
    "juvenile": ("juvenile", "young", "juvenil", "joven", "cría"),
    "": ("", "unknown", "desconocido", "desconocida"),
}
_FALSE = ("0", "no", "false", "falso")
_TRUE = ("", "1", "yes", "true", "sí", "si", "verdadero")


def sighting_of(verdict: tuple[Verdict, str], cells: Mapping[str, str]) -> Sighting:
    """What a row says is there. Raises `UsageError` for a cell that makes no sense."""
    kind, species = verdict
    return Sighting(
        kind,
        species,
        _count(cells["count"]),
        _one_of(cells["sex"], _SEXES, "sex"),
        _one_of(cells["life_stage"], _LIFE_STAGES, "life_stage"),
        cells["behavior"],
        cells["individual"],
        words(cells["observation_tags"]),
        cells["observation_comment"],
        _box(kind, [cells[name] for name in SIDES]),
        _number(cells["time_s"], "time_s") if cells["time_s"] else None,
    )


def words(text: str) -> tuple[str, ...]:
    """Tags, which semicolons separate."""
    return tuple(one.strip() for one in text.split(";") if one.strip())


def moment_of(text: str) -> datetime | None:
    """An aware time; one without an offset is this machine's. Raises `UsageError` for what is none."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.astimezone()
    except (ValueError, OverflowError, OSError):
        raise UsageError("'{text}' is no time: write 2026-05-01 12:00", text=text) from None


def truth_of(text: str) -> bool:
    """Yes or no, yes where nothing is said. Raises `UsageError` for anything else."""
    key = normalised(text)
    if key in _keys(_FALSE):
        return False
    if key in _keys(_TRUE):
        return True
    raise UsageError("'{text}' is neither yes nor no", text=text)


def _count(text: str) -> int | None:
    if not text:
        return None
    number = _number(text, "count")
    if number < 1 or not number.is_integer():
        raise UsageError("a count of {count} makes no sense: say a whole number, 1 or more", count=text)
    return int(number)


def _one_of(text: str, choices: Mapping[Choice, tuple[str, ...]], column: str) -> Choice:
    key = normalised(text)
    for choice, names in choices.items():
        if key in _keys(names):
            return choice
    known = ", ".join(one for one in choices if one)
    raise UsageError("{column} '{text}' is none of {known}", column=column, text=text, known=known)


@cache
def _keys(names: tuple[str, ...]) -> frozenset[str]:
    """The spelling-proof keys of some words, made once for all rows of a table."""
    return frozenset(map(normalised, names))


def _box(kind: Verdict, cells: list[str]) -> Box | None:
    if not any(cells):
        return None
    if not all(cells):
        raise UsageError("a box needs all of {columns}", columns=", ".join(SIDES))
    left, top, width, height = (_number(text, name) for text, name in zip(cells, SIDES, strict=True))
    slack = 1 + 1e-6
    if min(left, top, width, height) < 0 or left + width > slack or top + height > slack:
        raise UsageError("the box {box} leaves the picture: its sides are fractions, 0 to 1", box=" ".join(cells))
    return Box(left, top, width, height, kind if kind in get_args(BoxCategory) else "animal")  # type: ignore[arg-type]


def _number(text: str, column: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError("{column} '{text}' is no number", column=column, text=text)
    return number
