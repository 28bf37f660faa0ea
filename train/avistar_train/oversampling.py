"""Oversampling: rare species lifted to the most frequent one with copies, which augmentation then varies.

Kept apart from augmentation alone: without it, only the copies are varied and each original is seen as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Oversampled:
    """A training set of M entries: `index` int64 [M] says which photo each shows, `copy` bool [M] which are copies."""

    index: NDArray[np.int64]
    copy: NDArray[np.bool_]


def oversample(truth: NDArray[np.int64], *, seed: int) -> Oversampled:
    """As many entries for each species as the most frequent of them has photos; `truth` int64 [N] species indices.

    Every photo is there once as it is. Copies take a species' photos in turn, so that no photo is copied twice
    before all others were once; the seed decides which come first.
    """
    rng = np.random.default_rng(seed)
    counts = np.bincount(truth)
    copies = [np.zeros(0, np.int64)]
    for species in np.flatnonzero(counts):
        photos = rng.permutation(np.flatnonzero(truth == species))
        copies.append(np.resize(photos, counts.max() - counts[species]))
    copied = np.concatenate(copies)
    index = np.concatenate([np.arange(len(truth)), copied])
    return Oversampled(index, np.arange(len(index)) >= len(truth))
