"""From a network's outputs to an honest answer: calibrated probabilities, then species, group or unknown.

Arrays and plain values only; knows nothing of files, models or devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.manifest import DecisionRule
from avistar.species import Group, Species

Kind = Literal["species", "group", "unknown"]
Reason = Literal["", "unfamiliar", "unsure", "off_list"]

LEAST_LISTED = 0.05
"""Least calibrated probability (0 to 1) that a site's species must hold together before the list counts:
below, the picture shows something else, and renormalising would make a sure answer of next to nothing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said of a picture.

    Attributes:
        kind: "species", "group" or "unknown".
        id: A species' or a group's id, "" for unknown.
        confidence: Its calibrated probability, 0 to 1.
        candidates: The species of a group that carry it, likeliest first; empty otherwise.
        reason: Why an answer is unknown: "unfamiliar" (looks like none of the species), "unsure" (several, of different
            groups), "off_list" (looks like a species that is not on the site's list); "" otherwise.
    """

    kind: Kind
    id: str
    confidence: float
    candidates: tuple[str, ...] = ()
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Kinship:
    """Which groups each species rolls up to, narrowest first, and the species (int [members]) of each group."""

    groups: tuple[tuple[str, ...], ...]
    members: Mapping[str, NDArray[np.intp]]

    @classmethod
    def of(cls, species: Sequence[Species], groups: Sequence[Group] = ()) -> Kinship:
        """The kinship of `species`; a group that `groups` doesn't list has no wider one around it."""
        parents = {group.id: group.parent for group in groups}
        chains = [_chain(one.group, parents) for one in species]
        members: dict[str, list[int]] = {}
        for i, chain in enumerate(chains):
            for group in chain:
                members.setdefault(group, []).append(i)
        return cls(tuple(chains), {group: np.array(some, np.intp) for group, some in members.items()})


def _chain(group: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    chain: list[str] = []
    while group and group not in chain:
        chain.append(group)
        group = parents.get(group, "")
    return tuple(chain)


@dataclass(frozen=True, slots=True)
class Policy:
    """What answers are decided by: thresholds, and the species that occur where the pictures were taken.

    `familiarity_floor` as in `Calibration`; `only` are the ids of a site's species, empty for all; `groups` are
    those that the species roll up to.
    """

    species: tuple[Species, ...]
    rule: DecisionRule
    familiarity_floor: float = -1e30
    only: frozenset[str] = frozenset()
    groups: tuple[Group, ...] = ()
    listed: NDArray[np.bool_] = field(init=False, repr=False, compare=False)
    _kinship: Kinship = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Once for each policy: with thousands of labels it would take longer than the network for each picture.
        mask = np.array([not self.only or species.id in self.only for species in self.species], np.bool_)
        object.__setattr__(self, "listed", mask)
        object.__setattr__(self, "_kinship", Kinship.of(self.species, self.groups))

    def limited(self, only: Iterable[str]) -> Self:
        """The same policy for a site with these species' ids only. Raises `UsageError` for an unknown id."""
        wanted = frozenset(only)
        strangers = wanted - {species.id for species in self.species}
        if strangers:
            raise UsageError(
                "{strangers}: not among the {number} species of this model",
                strangers=", ".join(sorted(strangers)),
                number=len(self.species),
            )
        return replace(self, only=wanted)

    def shares(self, probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities float32 [species] with every species that doesn't occur here at zero, renormalised.

        The same as a softmax over the remaining logits.
        """
        listed = self.listed
        together = probabilities[listed].sum()
        if listed.all() or together <= 0:
            return probabilities
        shares: NDArray[np.float32] = np.where(listed, probabilities, 0) / together
        return shares

    def decide(self, probabilities: NDArray[np.float32], familiarity: float) -> Decision:
        """What to say of calibrated `probabilities` float32 [species] with this `familiarity`."""
        familiar = familiarity >= self.familiarity_floor
        listed = self.listed
        if familiar and float(probabilities[listed].sum()) < LEAST_LISTED:
            return Decision("unknown", "", float(probabilities[listed].max()), reason="off_list")
        return decide(self.shares(probabilities), familiar, self.species, self.rule, kinship=self._kinship)


def softmax(logits: NDArray[np.floating], temperature: float = 1.0) -> NDArray[np.float32]:
    """Probabilities float32 [N, species] of logits [N, species] divided by `temperature`.

    Temperature scaling: Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599.
    """
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    exponentials = np.exp(scaled)
    probabilities: NDArray[np.float32] = (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


def decide(
    probabilities: NDArray[np.float32],
    familiar: bool,
    species: Sequence[Species],
    rule: DecisionRule,
    *,
    kinship: Kinship | None = None,
) -> Decision:
    """Name a species, else the narrowest of its groups that is sure enough, else say unknown.

    `probabilities`: calibrated, float32 [species]. `familiar`: whether the picture looks like any of them.
    A label that is a group itself is named as that group.
    """
    best = int(probabilities.argmax())
    if not familiar:
        return Decision("unknown", "", float(probabilities[best]), reason="unfamiliar")
    if probabilities[best] >= rule.species_confidence and species[best].kind != "group":
        return Decision("species", species[best].id, float(probabilities[best]))
    kinship = kinship or Kinship.of(species)
    for group in kinship.groups[best]:
        members = kinship.members[group]
        together = float(probabilities[members].sum())
        if together >= rule.group_confidence and (len(members) > 1 or species[best].kind == "group"):
            ranked = members[np.argsort(-probabilities[members], kind="stable")]
            leading = tuple(species[i].id for i in ranked[:3] if species[i].kind != "group")
            return Decision("group", group, min(together, 1.0), leading[:2])
    return Decision("unknown", "", float(probabilities[best]), reason="unsure")
