"""Everything that a survey can be written as. One module a format; none is loaded before it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from avistar.errors import UsageError

FormatName = Literal["csv", "xlsx", "jsonl", "megadetector", "camtrap-dp", "xmp", "timelapse"]

_SUFFIXES: dict[str, FormatName] = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".json": "megadetector"}


def format_named(target: Path, name: str | None = None) -> FormatName:
    """The format called `name`, or the one that the suffix of `target` stands for.

    Raises `UsageError` where there is none.
    """
    names: dict[str, FormatName] = {one: one for one in get_args(FormatName)}
    found = _SUFFIXES.get(target.suffix.lower()) if name is None else names.get(name)
    if found is None:
        what = f"'{name}' is no format" if name else f"{target}: no format is known by '{target.suffix}'"
        raise UsageError("{what}: name one of {names}", what=what, names=", ".join(names))
    return found
