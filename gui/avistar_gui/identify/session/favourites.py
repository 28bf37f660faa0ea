"""The species used last, each at a place of its own that it keeps as long as it is among them."""

from __future__ import annotations

from collections.abc import Iterable

PLACES = 10


class Favourites:
    """At most `PLACES` species by place; a new one takes the place of the one that was not used for longest."""

    def __init__(self) -> None:
        self._places: list[str] = []
        self._recent: list[str] = []  # latest first

    def __getitem__(self, place: int) -> str:
        """The species' id at a place, "" where there is none."""
        return self._places[place] if 0 <= place < len(self._places) else ""

    @property
    def all(self) -> tuple[str, ...]:
        """The species' ids, by place."""
        return tuple(self._places)

    def use(self, species: str) -> None:
        """This one was used just now."""
        if species not in self._places:
            if len(self._places) < PLACES:
                self._places.append(species)
            else:
                self._places[self._places.index(self._recent[-1])] = species
        kept = [one for one in self._recent if one != species and one in self._places]
        self._recent = [species, *kept]

    def keep(self, known: Iterable[str]) -> None:
        """Only these are still in the survey's list."""
        names = set(known)
        self._places = [one for one in self._places if one in names]
        self._recent = [one for one in self._recent if one in names]
