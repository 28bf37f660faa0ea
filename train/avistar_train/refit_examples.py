"""The examples that a last layer is fitted to again, each with its weight and the fold that it is judged in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.cross_validation import FOLDS, folds
from avistar.adaptation.last_layer import Lessons
from avistar.checklist import taxon_of

Array = NDArray[np.float32]

ALWAYS = -1
"""Fold of what is learned from in every fit."""

_RARE = -0.5  # weights of species and of groups: one over the root of how many photos there are


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """N views: `embedding` float32 [N, features], `truth` int64 [N], `weight` float64 [N], `fold` int64 [N]."""

    embedding: Array
    truth: NDArray[np.int64]
    weight: NDArray[np.float64]
    fold: NDArray[np.int64]

    def lessons(self, apart: int | None = None) -> Lessons:
        """What is learned from when the fold `apart` is judged; None: all."""
        use = np.ones(len(self.fold), bool) if apart is None else self.fold != apart
        return Lessons(self.embedding[use], self.truth[use], self.weight[use])


def joined(parts: Sequence[Examples]) -> Examples:
    """All of them, in this order."""
    return Examples(
        np.concatenate([part.embedding for part in parts]),
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.fold for part in parts]),
    )


def of_views(
    views: Sequence[Array], truth: NDArray[np.int64], weight: NDArray[np.float64], fold: NDArray[np.int64]
) -> Examples:
    """Examples of photos seen in several ways: what a photo weighs is shared among its views."""
    shared = weight / max(len(views), 1)
    return joined([Examples(view, truth, shared, fold) for view in views])


def rarity(truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """What photos weigh by how rare their species is, with a mean of 1."""
    counts = np.bincount(truth)
    return _mean_one(counts[truth].astype(np.float64) ** _RARE)


def frame_weights(truth: NDArray[np.int64], groups: Sequence[str]) -> NDArray[np.float64]:
    """What frames weigh, with a mean of 1: less in a large group, and of a common species."""
    pairs = list(zip(groups, truth, strict=True))
    count = Counter(pairs)
    each = np.array([count[pair] ** _RARE for pair in pairs])
    total = np.zeros(int(truth.max()) + 1)
    np.add.at(total, truth, each)
    return _mean_one(each * total[truth] ** _RARE)


def frame_folds(known: NDArray[np.bool_], names: Sequence[str], groups: Sequence[str], seed: int) -> NDArray[np.int64]:
    """The fold of each frame or photo: `known` species by their camera, all others by the animal.

    `names`: the species of known ones; the animal's own name of others, "" for what is none: these by their camera.
    """
    found = np.zeros(len(names), np.int64)
    rows = [int(i) for i in np.flatnonzero(known)]
    found[rows] = folds([names[i] for i in rows], [groups[i] for i in rows], seed)
    strangers = [int(i) for i in np.flatnonzero(~known)]
    held = [kind_of(names[i]) or groups[i] for i in strangers]
    found[strangers] = folds([kind_of(names[i]) for i in strangers], held, seed)
    return found


_SEXES = frozenset(("male", "female"))


def kind_of(name: str) -> str:
    """What kind of animal a name means, so widely that a kind is never on two sides: "Panthera leo" is a lion.

    The noun of its English name, which red and gray foxes share; of a Latin name that the checklist lacks, the last
    word.
    """
    words = name.replace("_", " ").replace("-", " ").lower()
    taxon = taxon_of(words)
    spoken = (taxon.english if taxon is not None and taxon.english else words).lower().replace("-", " ")
    said = [word for word in spoken.split() if word not in _SEXES]
    return (_first_noun(said) if said else "").removesuffix("s")


_QUALITIES = frozenset(("spotted", "striped"))


def _first_noun(words: Sequence[str]) -> str:
    """The last word, where it is no quality that a table puts behind: "hyena-spotted"."""
    return next((word for word in reversed(words) if word not in _QUALITIES), words[-1])


def row_folds(count: int) -> NDArray[np.int64]:
    """The fold of each of `count` photos that stand in no order."""
    return np.arange(count) % FOLDS


def _mean_one(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = weights / weights.mean()
    return scaled
