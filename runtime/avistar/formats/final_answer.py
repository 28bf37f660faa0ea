"""What counts for a medium in the end: a person's review, else the answer, else what a detector saw.

Species and groups as taxonomists name them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from avistar.identification import Identification
from avistar.records import Record
from avistar.species import Group, Species, known_groups, known_species
from avistar.standing import Standing, standing_of

OutcomeKind = Literal["species", "group", "unknown", "empty", "person", "vehicle", "failed", "unidentified"]


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """`taxon` for a species or group; `confidence` 0 to 1, None where there is none; `reviewer` "" for a machine.

    "empty": nothing is there; "failed": it could not be read; "unidentified": not looked at yet.
    """

    kind: OutcomeKind
    taxon: Species | Group | None = None
    confidence: float | None = None
    reviewer: str = ""

    @property
    def id(self) -> str:
        """The taxon's id, else the kind: a name for folders, columns and keywords."""
        return self.taxon.id if self.taxon else self.kind


def outcome_of(record: Record) -> FinalAnswer:
    """What is known of `record`'s medium."""
    review = record.review
    if review is not None:
        taxon = _named(review.species, record) if review.verdict == "species" else None
        return FinalAnswer(review.verdict, taxon, reviewer=review.reviewer)
    answer = record.identification
    if answer is not None and answer.decision is not None:
        return outcome_of_answer(answer)
    if record.failure is not None or (answer is not None and answer.failure is not None):
        return FinalAnswer("failed")
    if record.blank:
        return FinalAnswer("empty")
    seen = {box.category: box.confidence for box in sorted(record.detections, key=lambda box: box.confidence)}
    for category in ("person", "vehicle"):
        if category in seen:
            return FinalAnswer(category, confidence=seen[category])
    return FinalAnswer("unidentified")


def answers_of(record: Record) -> list[tuple[FinalAnswer, Standing]]:
    """Each thing that counts for `record`'s medium, people's word before the machine's; empty where nothing is known.

    A person's word on the whole of a photo is given to each of its animals' boxes where it names one animal, uncounted.
    """
    return [(_answer_of(one, record), one) for thing in standing_of(record) for one in _boxed(thing, record)]


def _answer_of(one: Standing, record: Record) -> FinalAnswer:
    review = record.review
    if one.sighting is not None and review is not None:
        taxon = _named(one.what, record) if one.kind == "species" else None
        return FinalAnswer(one.kind, taxon, reviewer=review.reviewer)
    answer = record.identification if one.place is None else record.observations[one.place].identification
    if one.kind == "species":
        species = species_called(one.what, answer)
        if species.kind in _NO_ANIMAL:
            return FinalAnswer(_NO_ANIMAL[species.kind], confidence=one.confidence)
        return FinalAnswer("species", species, one.confidence)
    return FinalAnswer(one.kind, group_called(one.what, answer) if one.kind == "group" else None, one.confidence)


def _boxed(one: Standing, record: Record) -> list[Standing]:
    review, boxes = record.review, [box for box in record.detections if box.category == "animal"]
    alone = review is not None and [said.kind for said in review.statement] == ["species"]
    if one.sighting is None or one.kind != "species" or one.box is not None or not alone:
        return [one]
    if one.count not in (None, len(boxes)) or not boxes:
        return [one]
    return [replace(one, box=box, count=1) for box in boxes]


def _named(id: str, record: Record) -> Species:
    own = next((one for one in record.species if one.id == id), None)
    return own or species_called(id, record.identification)


def outcome_of_answer(answer: Identification) -> FinalAnswer:
    """The machine's own outcome for one region, without any review."""
    decision = answer.decision
    if decision is None:
        return FinalAnswer("failed")
    if decision.kind == "unknown":
        return FinalAnswer("unknown", confidence=decision.confidence)
    taxon = species_called(decision.id, answer) if decision.kind == "species" else group_called(decision.id, answer)
    if isinstance(taxon, Species) and taxon.kind in _NO_ANIMAL:
        return FinalAnswer(_NO_ANIMAL[taxon.kind], confidence=decision.confidence)
    return FinalAnswer(decision.kind, taxon, decision.confidence)


def species_called(id: str, answer: Identification | None = None) -> Species:
    """The species `id`, as the bundle that gave `answer` names it, else as Avistar's own table does."""
    candidates = () if answer is None else (one.species for one in answer.candidates)
    found = next((one for one in (*candidates, *known_species()) if one.id == id), None)
    return found or Species(id, id, id, "", "")


def group_called(id: str, answer: Identification | None = None) -> Group:
    """The group `id` as the bundle that gave `answer` names it, else as Avistar's own table does.

    Older bundles lack scientific names, which the table has.
    """
    named = [one for one in (*(answer.groups if answer else ()), *known_groups()) if one.id == id]
    return next((one for one in named if one.scientific), named[0] if named else Group(id, id, id))


_NO_ANIMAL: dict[str, OutcomeKind] = {"blank": "empty", "human": "person", "vehicle": "vehicle"}
"""What labels of networks mean that also tell pictures without animals."""


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
