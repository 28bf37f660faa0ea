"""From a network's outputs to an honest answer: calibrated probabilities, then species, group or unknown.

Arrays and plain values only; knows nothing of files, models or devices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.manifest import DecisionRule
from avistar.species import Species

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
class Policy:
    """What answers are decided by: thresholds, and the species that occur where the pictures were taken.

    `familiarity_floor` as in `Calibration`; `only` are the ids of a site's species, empty for all.
    """

    species: tuple[Species, ...]
    rule: DecisionRule
    familiarity_floor: float = -1e30
    only: frozenset[str] = frozenset()

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
        listed = self._listed()
        together = probabilities[listed].sum()
        if listed.all() or together <= 0:
            return probabilities
        shares: NDArray[np.float32] = np.where(listed, probabilities, 0) / together
        return shares

    def decide(self, probabilities: NDArray[np.float32], familiarity: float) -> Decision:
        """What to say of calibrated `probabilities` float32 [species] with this `familiarity`."""
        familiar = familiarity >= self.familiarity_floor
        listed = self._listed()
        if familiar and float(probabilities[listed].sum()) < LEAST_LISTED:
            return Decision("unknown", "", float(probabilities[listed].max()), reason="off_list")
        return decide(self.shares(probabilities), familiar, self.species, self.rule)

    def _listed(self) -> NDArray[np.bool_]:
        return np.array([not self.only or species.id in self.only for species in self.species])


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
    probabilities: NDArray[np.float32], familiar: bool, species: Sequence[Species], rule: DecisionRule
) -> Decision:
    """Name a species, else its group, else say unknown.

    `probabilities`: calibrated, float32 [species]. `familiar`: whether the picture looks like any of them.
    """
    best = int(probabilities.argmax())
    if not familiar:
        return Decision("unknown", "", float(probabilities[best]), reason="unfamiliar")
    if probabilities[best] >= rule.species_confidence:
        return Decision("species", species[best].id, float(probabilities[best]))
    members = [i for i, one in enumerate(species) if one.group == species[best].group]
    together = float(probabilities[members].sum())
    if len(members) > 1 and together >= rule.group_confidence:
        ranked = sorted(members, key=lambda i: -float(probabilities[i]))
        leading = tuple(species[i].id for i in ranked[:2])
        return Decision("group", species[best].group, min(together, 1.0), leading)
    return Decision("unknown", "", float(probabilities[best]), reason="unsure")
