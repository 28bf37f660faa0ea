"""The species that a network is to tell apart, read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from avistar.errors import UsageError
from avistar.message import reason_of
from avistar.species import Group, Species, known_groups, known_species, plain_id, tell_apart


@dataclass(frozen=True, slots=True)
class SpeciesList:
    """The species that labels may name, in the order of the network's outputs, and their groups."""

    species: tuple[Species, ...]
    groups: tuple[Group, ...]


def paper_species() -> SpeciesList:
    """The paper's 30 species."""
    return SpeciesList(known_species(), known_groups())


def read_species(file: Path | None) -> SpeciesList:
    """The species to tell apart: the paper's 30 without a `file`, else those that it lists.

    A `.json` file holds `species` and `groups` as `avistar/species.json` does. Any other holds one name a line;
    each is then a group of its own. Raises `UsageError`.
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
    ids = [plain_id(name) for name in names]
    species = tuple(Species(id, name, name, name, id) for id, name in zip(ids, names, strict=True))
    return SpeciesList(species, tuple(Group(id, name, name) for id, name in zip(ids, names, strict=True)))
