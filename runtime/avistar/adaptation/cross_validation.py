"""Photos are judged by layers that never saw them, nor any photo of their camera's day or burst."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
ALIKE = 0.98
"""Cosine of two embeddings from which two photos count as one moment: frames of a burst reach it."""

_BLOCK = 1024


def folds(species: Sequence[str], groups: Sequence[str], seed: int, count: int = FOLDS) -> NDArray[np.int64]:
    """The fold of each photo, int64 [N]: a group is never parted, and each species is spread as evenly as it can be.

    Rare species choose first.
    """
    shows: dict[str, Counter[str]] = defaultdict(Counter)
    for one, group in zip(species, groups, strict=True):
        shows[group][one] += 1
    total = Counter(species)
    order = np.random.default_rng(seed).permutation(sorted(shows))
    ranked = sorted(order, key=lambda group: min(total[one] for one in shows[group]))
    held: dict[str, list[int]] = defaultdict(lambda: [0] * count)
    sizes, place = [0] * count, {}
    for group in ranked:
        rarest = min(shows[group], key=lambda one: (total[one], one))
        chosen = min(range(count), key=lambda fold: (held[rarest][fold], sizes[fold], fold))
        place[group] = chosen
        sizes[chosen] += shows[group].total()
        for one, number in shows[group].items():
            held[one][chosen] += number
    return np.array([place[group] for group in groups], np.int64)


def alike(embedding: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Pairs of rows that look like one moment, by cosine."""
    length = np.maximum(np.linalg.norm(embedding, axis=1, keepdims=True), 1e-12)
    unit = (embedding / length).astype(np.float32)
    # A projection to few dimensions passes over what can't be alike: 20,000 photos in seconds.
    narrow = unit
    if unit.shape[1] > 128:
        axes = np.random.default_rng(0).standard_normal((unit.shape[1], 64)).astype(np.float32)
        narrow = unit @ axes
        narrow /= np.maximum(np.linalg.norm(narrow, axis=1, keepdims=True), 1e-12)
    pairs = []
    for start in range(0, len(unit), _BLOCK):
        likely = np.argwhere(narrow[start : start + _BLOCK] @ narrow.T > ALIKE - 0.05)
        some = [(start + i, j) for i, j in likely if j > start + i]
        pairs += [(int(i), int(j)) for i, j in some if float(unit[i] @ unit[j]) >= ALIKE]
    return pairs


def merged_groups(groups: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[str]:
    """The groups with those made one that share a pair of alike photos."""
    lead = {group: group for group in groups}

    def root(group: str) -> str:
        while lead[group] != group:
            lead[group] = lead[lead[group]]
            group = lead[group]
        return group

    for one, other in pairs:
        first, second = sorted((root(groups[one]), root(groups[other])))
        lead[second] = first
    return [root(group) for group in groups]
