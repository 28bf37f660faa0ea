"""Taxa as MegaDetector's tools and SpeciesNet describe them: `id;class;order;family;genus;species;common name`.

The form is that of Wildlife Insights' taxonomy, as `megadetector.utils.wi_taxonomy_utils` checks it: seven parts in
small letters, empty where they are not known; a subspecies follows its species after a space. Families and orders of
mammals and birds are those of the checklist; orders have Wildlife Insights' names (Cetartiodactyla for even-toed
ungulates), and whales an order of their own, so that no tool takes an orca for an unnamed deer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from uuid import NAMESPACE_URL, uuid5

from avistar.checklist import checklist
from avistar.formats.final_answer import taxon_of
from avistar.species import Group, Species, known_groups

_RANKS = ("class", "order", "family", "genus", "species")

_OTHER_NAMES = {
    "artiodactyla": "cetartiodactyla",
    "insectivora": "eulipotyphla",
    "soricomorpha": "eulipotyphla",
}
"""What taxonomists also call an order."""

_BETWEEN = {"pinnipedia": {"class": "mammalia", "order": "carnivora", "family": "pinnipedia"}}
"""Taxa of no rank that the form has a place for stand in that of the next rank below. Without a place of its own, a
pinniped would be any carnivore, and smoothing would make a wolf of it."""

_ORDERS_OF_FAMILIES = {"tenrecidae": "afrosoricida", "chrysochloridae": "afrosoricida"}
"""Orders that the checklist lacks."""

_CLASSES = ("mammalia", "aves", "reptilia", "amphibia")
_OF_BIRDS = "iformes"
"""What ends the names of all orders of birds, and of no mammals'."""

_UNNAMED = frozenset({"sp", "sp.", "spp", "spp."})
_WITHOUT_TAXON = {
    "blank": "f1856211-cfb7-4a5b-9158-c0f72fd09ee6;;;;;;blank",
    "human": "990ae9dd-7a59-4344-afcb-1b7b21368000;mammalia;primates;hominidae;homo;sapiens;human",
    "vehicle": "e2895ed5-780b-48f6-8a11-9e27cb594511;;;;;;vehicle",
}
"""Wildlife Insights' own labels for what is no animal."""


def taxonomy_string(taxon: Species | Group, groups: Iterable[Group] = ()) -> str:
    """`taxon` in seven parts; `groups` are those of the bundle that named it, Avistar's own are known."""
    if isinstance(taxon, Species) and taxon.kind in _WITHOUT_TAXON:
        return _WITHOUT_TAXON[taxon.kind]
    ranks = _lineage(taxon, (*groups, *known_groups()))
    parts = [*(ranks.get(rank, "") for rank in _RANKS), _part(taxon.english or taxon.id)]
    return ";".join([str(uuid5(NAMESPACE_URL, f"urn:x-avistar:taxon:{taxon.id}")), *parts])


def _lineage(taxon: Species | Group, groups: Iterable[Group]) -> dict[str, str]:
    ranks: dict[str, str] = {}
    scientific = taxon_of(taxon).name if taxon.scientific else ""
    for name in (scientific, *_names_above(taxon, {one.id: one for one in reversed(list(groups))})):
        words = [_part(word) for word in name.split()]
        if not words:
            continue
        found = _above(words[0])
        if not found and not ranks and isinstance(taxon, Species) and name == scientific:
            found = {"genus": words[0]}
        if "genus" in found and words[1:] and words[1] not in _UNNAMED:
            found |= {"species": " ".join(words[1:])}
        ranks = found | ranks
    return ranks


def _names_above(taxon: Species | Group, groups: dict[str, Group]) -> Iterator[str]:
    """The scientific names of the groups around `taxon`, the nearest first; a group that nobody described by its id."""
    id, seen = taxon.group if isinstance(taxon, Species) else taxon.parent, set[str]()
    while id and id not in seen:
        seen.add(id)
        group = groups.get(id)
        yield (group.scientific if group else "") or id
        id = group.parent if group else ""


def _above(name: str) -> dict[str, str]:
    """The ranks of a genus, subfamily, family, order or class, and of what is around it; none for another name."""
    known = _taxa()
    name = _OTHER_NAMES.get(name, name)
    if name.endswith("inae") and name not in known:  # subfamilies have their type genus' name
        stem = name.removesuffix("inae")
        genus = min(
            (one for one, ranks in known.items() if one.startswith(stem) and "genus" in ranks), key=len, default=""
        )
        return known[genus] | {"genus": name} if genus else {}
    return dict(known.get(name) or _BETWEEN.get(name) or ({"family": name} if name.endswith("idae") else {}))


@cache
def _taxa() -> dict[str, dict[str, str]]:
    """The ranks of each known genus, family, order and class by its name."""
    taxa: dict[str, dict[str, str]] = {name: {"class": name} for name in _CLASSES}
    for one in checklist():
        order, family, genus = one.order.lower(), one.family.lower(), one.scientific.split()[0].lower()
        order = _OTHER_NAMES.get(order, order)
        if one.group == "cetacean":
            order = "cetacea"
        ranks = {"class": "aves" if order.endswith(_OF_BIRDS) else "mammalia"}
        for rank, name in (
            ("order", order or _ORDERS_OF_FAMILIES.get(family, "")),
            ("family", family),
            ("genus", genus),
        ):
            if name:  # the checklist lacks some
                ranks = ranks | {rank: name}
                taxa.setdefault(name, ranks)
    return taxa


def _part(text: str) -> str:
    """`text` as one of the parts: in small letters, without the signs that separate."""
    return " ".join(re.sub("[;|]", " ", text).lower().split())
