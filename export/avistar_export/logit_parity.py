"""What probabilities hide: logits compared species by species, also of species without held-out photos.

A photo that is surely a wolf has the same probabilities whether the mole's logit is right or off by 20. So each
species' logit is compared on all photos, and on the species' own photos; where few of them are held out, training
photos stand in: they say whether two networks answer alike, though not whether they are right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Floats

Matrix = NDArray[np.float64]

CERTAINTY = 3.0
"""Standard errors that are taken off a mean change before it counts as a steady one."""


@dataclass(frozen=True, slots=True)
class LogitChange:
    """How a species' logit moved between reference and candidate, in spreads: standard deviations of all logits.

    `shift` on all photos, as far as it is steady; `own` on the photos of this species (0 without any); `right` of
    them were right before, `still` are right after, too.
    """

    shift: float
    own: float
    right: int
    still: int

    @property
    def vanished(self) -> bool:
        """Whether several right answers of this species became none: one may be a tie that fell the other way."""
        return self.right > 1 and not self.still


def logit_changes(before: Floats, after: Floats, truth: NDArray[np.int64]) -> list[LogitChange]:
    """Compare logits [N, species], each divided by its temperature, of photos that show `truth` int [N]."""
    with np.errstate(invalid="ignore", over="ignore"):
        first, second = _centred(before), _centred(after)
        spread = max(float(first.std()), 1e-12)
        moved = (second - first) / spread
        right, still = (side.argmax(axis=1) == truth for side in (before, after))
        return [
            LogitChange(
                shift=_steady(moved[:, species]),
                own=float(abs(moved[own, species].mean())) if own.any() else 0.0,
                right=int((own & right).sum()),
                still=int((own & right & still).sum()),
            )
            for species, own in enumerate(truth == species for species in range(before.shape[1]))
        ]


def _centred(logits: Floats) -> Matrix:
    """Logits [N, species] less their mean: what softmax is blind to is taken off."""
    exact = logits.astype(np.float64)
    centred: Matrix = exact - exact.mean(axis=1, keepdims=True)
    return centred


def _steady(column: Matrix) -> float:
    """The mean change, less what few photos may show by chance."""
    if len(column) < 2:
        return 0.0
    chance = CERTAINTY * column.std(ddof=1) / np.sqrt(len(column))
    return float(np.maximum(abs(column.mean()) - chance, 0.0))  # unlike max(), keeps what is no number
