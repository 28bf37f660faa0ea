"""The species that a network is to tell apart, read from a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from avistar.checklist import checklist
from avistar.errors import UsageError
from avistar.message import reason_of
from avistar.species import (
    Group,
    Species,
    known_groups,
    known_species,
    match_species,
    name_keys,
    normalised,
    plain_id,
    tell_apart,
)


@dataclass(frozen=True, slots=True)
class SpeciesList:
    """The species that labels may name, in the order of the network's outputs, and their groups."""

    species: tuple[Species, ...]
    groups: tuple[Group, ...]


def paper_species() -> SpeciesList:
    """The paper's 30 species."""
    return SpeciesList(known_species(), known_groups())


def species_called(name: str, listed: SpeciesList) -> str:
    """The id of the species that a label means. Raises `UsageError` that says how other species are listed."""
    try:
        return match_species(name, listed.species).id
    except UsageError as error:
        if listed != paper_species():
            raise
        raise UsageError(
            "{error}. Other species than these are listed in a file, a name a line: --species FILE", error=error
        ) from error


def read_species(file: Path | None) -> SpeciesList:
    """The species to tell apart: the paper's 30 without a `file`, else those that it lists.

    A `.json` file holds `species` and `groups` as `avistar/species.json` does. Any other holds one name a line,
    in whatever language; each is then a group of its own. Raises `UsageError`.
    """
    if file is None:
        return paper_species()
    try:
        raw = file.read_bytes()
        if file.suffix.lower() == ".json":
            listed = msgspec.json.decode(raw, type=SpeciesList)
        else:
            names = [line.strip() for line in raw.decode("utf-8-sig").splitlines() if line.strip()]
            listed = _named_only(names)
    except OSError as error:
        raise UsageError(
            "the species file {file} can't be read ({reason})", file=file, reason=reason_of(error)
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError("{file} is no list of species: {error}", file=file, error=error) from error
    ids = [one.id for one in listed.species]
    strange = {one.group for one in listed.species} - {group.id for group in listed.groups}
    if len(ids) < 2 or len(set(ids)) < len(ids) or strange:
        raise UsageError(
            "{file} lists {number} species, {different} of them different, and {groups} groups that it "
            "doesn't describe: it needs two species at least, each once, with their groups",
            file=file,
            number=len(ids),
            different=len(set(ids)),
            groups=len(strange),
        )
    tell_apart(listed.species, str(file))
    return listed


def _named_only(names: list[str]) -> SpeciesList:
    """Species that nothing is told of but a name: the other names are those of Avistar's lists, where they have it."""
    found = [_known(name) for name in names]
    taken = Counter(one.scientific for one in found if one is not None)
    species = []
    for name, known in zip(names, found, strict=True):
        id = plain_id(name)
        if known is None or taken[known.scientific] > 1:  # two names of one animal: both stay what they are
            species.append(Species(id, name, name, "", id))
        else:
            species.append(Species(id, known.english, known.spanish, known.scientific, id))
    return SpeciesList(tuple(species), tuple(Group(one.id, one.english, one.spanish) for one in species))


def _known(name: str) -> Species | None:
    """The one species of Avistar's own, or of its checklist, that has just this name in any spelling."""
    for by_name in (_own_names(), _checklist_names()):
        meant = by_name.get(normalised(name), [])
        if meant:
            return meant[0] if len(meant) == 1 else None
    return None


@cache
def _own_names() -> dict[str, list[Species]]:
    return _by_name(known_species())


@cache
def _checklist_names() -> dict[str, list[Species]]:
    return _by_name(one.species for one in checklist())


def _by_name(species: Iterable[Species]) -> dict[str, list[Species]]:
    found: dict[str, list[Species]] = {}
    for one in species:
        for key in name_keys(one):
            found.setdefault(key, []).append(one)
    return found
