"""A card of photos with answers, sorted into species folders."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from avistar import Identification
from avistar.records import Medium, Observation, Record, Region
from avistar.sorting import JOURNAL, How, SortingOptions, carry_out, plan_sorting
from records_support import FACTS, answer, group, unknown

HOWS: tuple[How, ...] = ("copy", "hardlink", "symlink", "move")


def photo(card: Path, relative: str, found: Identification | None = None, content: bytes | None = None) -> Record:
    path = card / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content or f"photo {relative}".encode("utf-8", "surrogateescape"))
    taken_ns = (1_700_000_000 + zlib.crc32(os.fsencode(relative)) % 10**6) * 10**9  # no two shots at one moment
    os.utime(path, ns=(taken_ns, taken_ns))
    return Record(Medium(str(path), relative), (Observation(Region(), found or answer()),))


def card_of(folder: Path) -> list[Record]:
    card = folder / "card"
    return [
        photo(card, "cam1/a.jpg"),
        photo(card, "cam1/b.jpg", answer("seal", 0.9)),
        photo(card, "cam2/a.jpg"),
        photo(card, "cam2/c.jpg", unknown()),
        photo(card, "d.jpg", group()),
    ]


def sort(folder: Path, survey: Sequence[Record], how: How = "copy", **options: Any) -> Path:
    root, facts = folder / "sorted", replace(FACTS, folder=str(folder / "card"))
    carry_out(plan_sorting(survey, facts, root, SortingOptions(how, **options)), facts)
    return root


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != JOURNAL)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


EXPECTED = {"wolf/cam1/a.jpg", "seal/cam1/b.jpg", "wolf/cam2/a.jpg", "unknown/cam2/c.jpg", "canid/d.jpg"}
