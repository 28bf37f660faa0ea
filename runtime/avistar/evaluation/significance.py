"""Two sets of answers to the same photos: whether their difference is more than chance, and how sure each was."""

from __future__ import annotations

import math

import numpy as np

from avistar.backends import Floats

_EXACT = 2000
"""Changed answers up to which the binomial sums are exact; beyond, they would take long."""


def sign_test(more: int, less: int, *, two_sided: bool = True) -> float:
    """The p-value that `more` against `less` changed answers, or a stronger contrast, comes from a fair coin.

    Exact binomial (Dixon and Mood 1946); above 2,000 the normal approximation with continuity correction. One-sided
    asks for the excess of `more` alone. 1 without any change.
    """
    total = more + less
    if not total:
        return 1.0
    least = max(more, less) if two_sided else more
    if total > _EXACT:
        tail = math.erfc((2 * least - total - 1) / math.sqrt(2 * total)) / 2
    else:
        tail = sum(math.comb(total, count) for count in range(least, total + 1)) / 2**total
    return min(1.0, 2 * tail if two_sided else tail)


def margins(probabilities: Floats) -> Floats:
    """By how much the likeliest species is ahead of the next: probabilities [N, species] to float32 [N], 0 to 1."""
    top = np.partition(probabilities, -2, axis=1)[:, -2:]
    margin: Floats = top[:, 1] - top[:, 0]
    return margin
