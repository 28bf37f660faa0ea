"""Which of ImageNet's classes are which species: by name, by the table of the paper's 30, or as the user says."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path

from avistar.errors import UsageError
from avistar.message import Message, reason_of
from avistar.species import Species, match_species, normalised

ANIMALS = 398
"""The first classes of ImageNet's 1,000; 'mouse' and 'crane' behind them are things."""


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    text = resources.files("avistar_train").joinpath("imagenet.json").read_text("utf-8")
    table: dict[str, dict[str, list[str]]] = json.loads(text)
    return table


def classes_of(
    species: Sequence[Species], names: Sequence[str], said: Mapping[str, Sequence[str]] | None = None
) -> list[list[str]]:
    """For each of `species` the classes among `names` that show it, none where ImageNet lacks it.

    `said` has a user's own choice by species id. Otherwise the paper's 30 have a table; others are found by their
    English or scientific name, then by its last words: a 'plains zebra' is a zebra, a 'fox' is any of the foxes.
    """
    animals = list(names[:ANIMALS] if len(names) == 1000 and names[0] == "tench" else names)
    return [_of_one(one, names, animals, said or {}) for one in species]


def _of_one(one: Species, names: Sequence[str], animals: Sequence[str], said: Mapping[str, Sequence[str]]) -> list[str]:
    if one.id in said:
        return list(said[one.id])
    if one.id in _table()["species"]:
        return [name for name in _table()["species"][one.id] if name in names]
    own = {normalised(name) for name in (one.id, one.english, one.scientific) if name}
    exact = [name for name in animals if own & _spellings(name)]
    if exact:
        return exact
    words = one.english.lower().replace("-", " ").split()
    for start in range(1, len(words)):  # the longest ending first: 'white-tailed prairie dog'
        ending = normalised("".join(words[start:]))
        found = [name for name in animals if ending in _spellings(name)]
        if found:
            return found
    return [name for name in animals if len(words) == 1 and name.lower().replace("-", "_").split("_")[-1] == words[0]]


def _spellings(name: str) -> set[str]:
    return {normalised(one) for one in (name, *_table()["other_names"].get(name, ()))}


def read_map(file: Path, species: Sequence[Species], names: Sequence[str]) -> dict[str, list[str]]:
    """A user's table with the columns `species` and `imagenet`: a row for each class, an empty one for no class.

    Raises `UsageError` for a file that is none, a species that isn't trained, or a class that ImageNet lacks.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise UsageError("{file} can't be read: {reason}", file=file, reason=reason_of(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError("{file} is no table in UTF-8: {error}", file=file, error=error) from error
    if not rows or not {"species", "imagenet"} <= rows[0].keys():
        raise UsageError("{file} needs the columns species and imagenet, and a row for each class", file=file)
    by_key = {normalised(name): name for name in names}
    found: dict[str, list[str]] = {}
    for row in rows:
        name, label = ((row[key] or "").strip() for key in ("species", "imagenet"))
        chosen = found.setdefault(match_species(name, species).id, [])
        if label and normalised(label) not in by_key:
            near = get_close_matches(normalised(label), by_key, n=3)
            hint = Message("; near are {names}", names=", ".join(by_key[one] for one in near)) if near else ""
            raise UsageError("{file}: ImageNet has no class '{label}'{hint}", file=file, label=label, hint=hint)
        if label:
            chosen.append(by_key[normalised(label)])
    return found
