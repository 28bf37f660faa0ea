"""From a network's outputs to an honest answer: calibrated probabilities, then species, group or unknown.

Arrays and plain values only; knows nothing of files, models or devices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avistar.manifest import DecisionRule
from avistar.species import Species

Kind = Literal["species", "group", "unknown"]
Reason = Literal["", "unfamiliar", "unsure"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said of a picture.

    `id` is a species' or a group's id, "" for unknown; `confidence` its calibrated probability (0 to 1);
    `candidates` the species of a group that carry it, likeliest first; `reason` says why an answer is
    unknown: "unfamiliar" (looks like none of the species) or "unsure" (several, of different groups).
    """

    kind: Kind
    id: str
    confidence: float
    candidates: tuple[str, ...] = ()
    reason: Reason = ""


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
