"""A survey's own list of species: the model's, and whatever people add, rename or merge."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from avistar.catalogue import review_history
from avistar.catalogue.connection import Store
from avistar.errors import UsageError
from avistar.records import SurveyFacts
from avistar.species import Species, normalised, species_known_as


@dataclass(frozen=True, slots=True)
class SurveySpecies:
    """The list; every change is one step of the survey's history, undone with `Catalogue.undo`."""

    store: Store
    facts: Callable[[], SurveyFacts]

    def all(self) -> tuple[Species, ...]:
        """The model's species and the survey's own, by their present names; merged ones are left out."""
        own = self.own()
        merged = self.merged()
        model = [own.get(one.id, one) for one in species_known_as(self.facts().species)]
        known = {one.id for one in model}
        return tuple(
            one for one in (*model, *(one for id, one in own.items() if id not in known)) if one.id not in merged
        )

    def own(self) -> Mapping[str, Species]:
        """What people added or renamed, by id."""
        rows = self.store.rows('SELECT id, english, spanish, scientific, "group" FROM taxon ORDER BY rowid')
        return {row["id"]: Species(*row) for row in rows}

    def merged(self) -> Mapping[str, str]:
        """The ids of species that were merged into another, and that one's."""
        rows = self.store.rows("SELECT id, merged_into FROM taxon WHERE merged_into <> ''")
        return {row[0]: row[1] for row in rows}

    def add(self, species: Iterable[Species], reviewer: str) -> tuple[Species, ...]:
        """Add species as one step; those with an empty `id` get one. Returns them with their ids.

        Raises `UsageError` for a name that another species of the list has already: names are never merged silently.
        """
        there = list(self.all())
        taken = {one.id for one in there} | set(self.merged())
        added = []
        for one in species:
            if not (one.english or one.spanish or one.scientific):
                raise UsageError("a species needs a name, in any language")
            _check_new(one, there)
            name = one.english or one.scientific or one.spanish
            made = Species(
                one.id or _new_id(name, taken), one.english or name, one.spanish or name, one.scientific, one.group
            )
            taken.add(made.id)
            there.append(made)
            added.append(made)
        if added:
            self._name([(one, "") for one in added], reviewer)
        return tuple(added)

    def unlisted(self, species: Iterable[Species]) -> tuple[list[Species], list[tuple[Species, Species]]]:
        """Those of `species` that `add` would take together, and the others, each with the one that has its name."""
        there, new, listed = list(self.all()), [], []
        for one in species:
            if (found := _namesake(one, there)) is None:
                there.append(one)
                new.append(one)
            else:
                listed.append((one, found[1]))
        return new, listed

    def rename(self, species: Species, reviewer: str) -> list[int]:
        """Give the species of `species.id` other names, as one step; the media that it is in.

        Raises `UsageError` for an id that isn't in the list, or a name that another species has.
        """
        others = [one for one in self.all() if one.id != species.id]
        self._required(species.id)
        _check_new(species, others)
        return self._name([(species, "")], reviewer)

    def merge(self, id: str, into: str, reviewer: str) -> list[int]:
        """Let everything that was said to be `id` be `into` from now on, as one step; the media that this changes.

        Raises `UsageError` for an id that isn't in the list.
        """
        if id == into:
            raise UsageError("'{id}' can't be merged into itself", id=id)
        self._required(into)
        return self._name([(self._required(id), into)], reviewer)

    def _required(self, id: str) -> Species:
        found = next((one for one in self.all() if one.id == id), None)
        if found is None:
            raise UsageError("'{id}' is none of the survey's species: add it first", id=id)
        return found

    def _name(self, names: Sequence[tuple[Species, str]], reviewer: str) -> list[int]:
        at = datetime.now(UTC).isoformat()
        rows = [
            (one.id, one.english, one.spanish, one.scientific, one.group, into, reviewer, at) for one, into in names
        ]
        with self.store.transaction(durable=True) as connection:
            return review_history.add_naming(connection, rows)

    def last_used(self, number: int = 10) -> tuple[str, ...]:
        """The ids of the species that people named last, latest first: what has keys."""
        sql = """SELECT species FROM (SELECT species, review AS id FROM sighting WHERE species <> ''
            UNION ALL SELECT species, id FROM review WHERE species <> '' ORDER BY id DESC LIMIT 2000)
            GROUP BY species ORDER BY max(id) DESC LIMIT ?"""
        merged = self.merged()
        return tuple(dict.fromkeys(merged.get(row[0], row[0]) for row in self.store.rows(sql, (number,))))


def _check_new(one: Species, there: Sequence[Species]) -> None:
    if found := _namesake(one, there):
        raise UsageError(
            "'{name}' is in the survey's list already, as {species}: choose that one, or another name",
            name=found[0],
            species=found[1].id,
        )


def _namesake(one: Species, there: Sequence[Species]) -> tuple[str, Species] | None:
    """A name that `one` shares with a species that is `there`, and that species."""
    names = {normalised(name) for name in (one.id, one.english, one.spanish, one.scientific) if name}
    for other in there:
        for name in (other.id, other.english, other.spanish, other.scientific):
            if name and normalised(name) in names:
                return name, other
    return None


def _new_id(name: str, taken: set[str]) -> str:
    base = re.sub(r"\W+", "_", name.casefold()).strip("_") or "species"
    number, id = 2, base
    while id in taken:
        id, number = f"{base}_{number}", number + 1
    return id
