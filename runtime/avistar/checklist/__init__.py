"""The world's mammals and birds by name: what a species that no model knows may be called.

    for match in search("zorro", catalogue.species.all()):
        print(match.name("es"), match.species.scientific, match.family)

The list ships with Avistar: the NCBI Taxonomy's species, families and English names (public domain), with Spanish names
for those that people meet most. docs/catalogue.md says more; `scripts/checklist.py` makes it.
"""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice

from avistar.species import Language, Species, known_groups, normalised

MOST = 40
"""Matches that are worth showing."""

_GROUPS_OF_FAMILIES = {
    "Phocidae": "pinniped", "Otariidae": "pinniped", "Odobenidae": "pinniped",
    **dict.fromkeys(
        (
            "Balaenidae", "Balaenopteridae", "Cetotheriidae", "Delphinidae", "Eschrichtiidae", "Iniidae", "Kogiidae",
            "Lipotidae", "Monodontidae", "Neobalaenidae", "Phocoenidae", "Physeteridae", "Platanistidae",
            "Pontoporiidae", "Ziphiidae",
        ),
        "cetacean",
    ),
}  # fmt: skip


@cache
def _groups() -> dict[str, str]:
    """Avistar's groups by their Latin names."""
    return {one.scientific: one.id for one in known_groups()} | _GROUPS_OF_FAMILIES


@dataclass(frozen=True, slots=True)
class Taxon:
    """A species of the checklist.

    Attributes:
        scientific: Latin name, two words.
        english: Common name, "" where the list has none.
        spanish: Likewise.
        others: Other names that people use, in any language, and other Latin ones.
        family: Latin.
        order: Latin.
    """

    scientific: str
    english: str
    spanish: str
    others: tuple[str, ...]
    family: str
    order: str

    @property
    def group(self) -> str:
        """The id of Avistar's group that it belongs to, else its family."""
        known = _groups()
        return known.get(self.family) or known.get(self.order) or self.family

    @property
    def species(self) -> Species:
        """As a survey's list takes it, without an `id` yet; a language without a name gets another's, or the Latin."""
        english = self.english or self.spanish or self.scientific
        return Species("", english, self.spanish or english, self.scientific, self.group)


@dataclass(frozen=True, slots=True)
class Match:
    """What may be meant by some letters.

    Attributes:
        species: By the names that a survey knows it by; its `id` is "" for one that is in no list yet.
        family: Latin, "" where the checklist lacks the species.
        other: The name that matched where that is none of the species' own, else "".
    """

    species: Species
    family: str = ""
    other: str = ""

    @property
    def listed(self) -> bool:
        """Whether the survey's list has it."""
        return bool(self.species.id)

    def name(self, language: Language = "en") -> str:
        """The common name in a language, else the Latin one."""
        return self.species.name(language) or self.species.scientific


@cache
def checklist() -> tuple[Taxon, ...]:
    """Every species of the list: first those that people meet most, then in alphabetical order of the Latin names."""
    packed = resources.files("avistar.checklist").joinpath("checklist.csv.gz").read_bytes()
    rows = csv.reader(gzip.decompress(packed).decode("utf-8").splitlines())
    next(rows)
    return tuple(
        Taxon(scientific, english, spanish, tuple(filter(None, others.split("|"))), family, order)
        for scientific, english, spanish, others, family, order in rows
    )


def search(text: str, listed: Sequence[Species] = (), language: Language = "en", most: int = MOST) -> list[Match]:
    """What `text`, the beginning of a name or a part of it, may mean: case, accents and hyphens don't matter.

    A survey's own species come first, then the checklist's; among these, whole names before whole words, beginnings of
    words, the family or order, and parts of words; alike ones in the order of the checklist. A species of the checklist
    is left out where the list has its Latin name; one that shares only a common name with another stays, for the two
    may differ.

    Args:
        text: In any language; several words in any order.
        listed: A survey's list.
        language: What names are shown in: one that matches in it goes before one that matches by another name.
        most: How many matches of the checklist at most.
    """
    query = _folded(text)
    own = [(_rank(query, _key_of(one)), _folded(one.name(language)), one) for one in listed]
    found = sorted(((rank, name, one) for rank, name, one in own if rank is not None), key=lambda one: one[:2])
    matches = [Match(one, _family(one)) for _, _, one in found]
    if not query:
        return matches
    known = {normalised(one.scientific) for one in listed if one.scientific}
    ranked = []
    for place, (key, shown, families) in enumerate(_index(language)):
        rank = _rank(query, key, families)
        if rank is not None:
            best = _rank(query, shown, families)
            ranked.append((rank, best != rank, place))
    taxa = (checklist()[place] for _, _, place in sorted(ranked))
    new = [one for one in islice(taxa, most + len(known)) if normalised(one.scientific) not in known]
    return matches + [Match(one.species, one.family, _other(query, one)) for one in new[:most]]


def taxon_of(scientific: str) -> Taxon | None:
    """The checklist's species with this Latin name, also one that it has as another name; None without any."""
    return _by_latin().get(normalised(scientific))


@cache
def _by_latin() -> dict[str, Taxon]:
    found = {normalised(other): one for one in checklist() for other in one.others}
    return found | {normalised(one.scientific): one for one in checklist()}


def _family(species: Species) -> str:
    taxon = taxon_of(species.scientific) if species.scientific else None
    return taxon.family if taxon else ""


@cache
def _index(language: Language) -> tuple[tuple[str, str, str], ...]:
    """All names of each taxon, those that are shown in a language, and its family and order, as they are searched."""
    return tuple(
        (
            _key((one.english, one.spanish, one.scientific, *one.others)),
            _key((one.spanish if language == "es" else one.english, one.scientific)),
            _key((one.family, one.order)),
        )
        for one in checklist()
    )


def _other(query: str, taxon: Taxon) -> str:
    """The other name that was meant, where none of the shown ones is."""
    if (
        _rank(query, _key((taxon.english, taxon.spanish, taxon.scientific)), _key((taxon.family, taxon.order)))
        is not None
    ):
        return ""
    return next((one for one in taxon.others if _rank(query, _key((one,))) is not None), "")


def _key_of(species: Species) -> str:
    return _key((species.english, species.spanish, species.scientific, species.id.replace("_", " ")))


def _key(names: Iterable[str]) -> str:
    """Names as one text in which a blank stands before each word and "|" around each name."""
    return "".join(f"| {_folded(name)}" for name in names if name) + "|"


def _rank(query: str, key: str, families: str = "") -> int | None:
    """How well the query fits: 0 a whole name, 1 words, 2 their beginnings, 3 family or order, 4 a part; None not."""
    if query in key:
        if f"| {query}|" in key:
            return 0
        if f" {query} " in key or f" {query}|" in key:
            return 1
        if f" {query}" in key:
            return 2
    words = query.split()
    if len(words) > 1 and all(key.count(f" {word}") >= words.count(word) for word in words):
        return 2
    if families and f"| {query}" in families:
        return 3
    return 4 if len(query) >= _PART and query in key else None


_PART = 3
"""Letters from which on a part of a word is worth finding."""

_SEPARATORS = re.compile(r"[\s_\-–/.,()]+")
_SILENT = re.compile(r"['’‘`\"“”]")


def _folded(text: str) -> str:
    """Without case, accents of Latin letters and apostrophes; one blank between words."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.category(c).startswith("M"))
    return _SEPARATORS.sub(" ", _SILENT.sub("", text)).strip().casefold()
