"""Species and groups as taxonomists name them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from avistar.species import Group, Species

_BREED = re.compile(r"(?P<name>[^(]+?)\s*\((?P<breed>[^)]+)\)")
_RANKS = {2: "species", 3: "subspecies"}
_ORDERS = frozenset({"Rodentia", "Primates", "Artiodactyla", "Perissodactyla", "Cetacea", "Chiroptera"})
_GENERA = frozenset({"Ateles", "Mustela"})


@dataclass(frozen=True, slots=True)
class Taxon:
    """`rank` is one of Camtrap DP's, "" where it has none; `breed` what a scientific name has no place for."""

    name: str
    rank: str
    breed: str
    english: str
    spanish: str

    def described(self) -> dict[str, object]:
        """The entry of Camtrap DP's `taxonomic`; the common name of a breed is not its species'."""
        common = {} if self.breed else {"vernacularNames": {"eng": self.english, "spa": self.spanish}}
        return {"scientificName": self.name, **({"taxonRank": self.rank} if self.rank else {}), **common}


def taxon_of(one: Species | Group) -> Taxon:
    """`one` with its scientific name; the id where the bundle has none."""
    match = _BREED.fullmatch(one.scientific)
    name, breed = (match["name"], match["breed"]) if match else (one.scientific or one.id, "")
    return Taxon(name, _rank(name), breed, one.english, one.spanish)


def _rank(name: str) -> str:
    if name.endswith("idae"):
        return "family"
    if name in _ORDERS:
        return "order"
    return "genus" if name in _GENERA else _RANKS.get(len(name.split()), "")
