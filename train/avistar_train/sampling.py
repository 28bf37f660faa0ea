"""The batches of an epoch: which photos, how often, which of them varied, which of them mixed.

Oversampling: rare species lifted to the most frequent one with copies, which augmentation then varies.

Kept apart from augmentation alone: without it, only the copies are varied and each original is seen as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import keras
import numpy as np
from numpy.typing import NDArray

from avistar.images.geometry import Pixels
from avistar_train.recipes import Recipe
from avistar_train.trap_look import TrapCamera

Labels = NDArray[np.int64]

Batch = tuple[dict[str, NDArray[np.generic]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledArrays:
    """Photos as arrays: `pixels` uint8 [N, cache, cache, 3] RGB and `truth` int64 [N].

    `targets` float32 [N, species]: what is learned instead of the labels alone, rows adding up to 1.
    """

    pixels: Pixels
    truth: Labels
    targets: NDArray[np.float32] | None = None

    def wanted(self, photos: NDArray[np.int64], species: int) -> NDArray[np.float32]:
        """What is learned from `photos` int64 [B]: float32 [B, species]."""
        return one_hot(self.truth[photos], species) if self.targets is None else self.targets[photos]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """Photos that train, and photos whose loss and accuracy are watched meanwhile.

    `backgrounds` uint8 [N, cache, cache, 3]: frames without an animal, into which training photos may be placed.
    """

    train: LabelledArrays
    validation: LabelledArrays
    backgrounds: Pixels | None = field(default=None)


def sampling_weights(truth: Labels, species: int, balance: float) -> NDArray[np.float64]:
    """How often to draw each photo, float64 [N] adding up to 1: ~ photos of its species ^ -balance."""
    counts = np.maximum(np.bincount(truth, minlength=species), 1)
    weights = counts[truth].astype(np.float64) ** -balance
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def whole(data: LabelledArrays, species: int) -> Batch:
    """All photos as one batch, none of them varied or mixed."""
    return _inputs(np.asarray(data.pixels), np.zeros(len(data.truth), np.bool_)), one_hot(data.truth, species)


class Sampler(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Batches for one epoch, drawn as the recipe says; the same for the same seed and epoch.

    Each batch: `picture` uint8 [B, cache, cache, 3] and `varied` bool [B, 1]; labels float32 [B, species].
    """

    def __init__(
        self,
        data: LabelledArrays,
        species: int,
        recipe: Recipe,
        *,
        batch: int,
        seed: int,
        backgrounds: Pixels | None = None,
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self._camera = TrapCamera(recipe.trap, backgrounds)
        self._data = data
        self._species = species
        self._recipe = recipe
        self._batch = batch
        self._seed = seed
        everything = Oversampled(np.arange(len(data.truth)), np.zeros(len(data.truth), np.bool_))
        self._entries = oversample(data.truth, seed=seed) if recipe.training.oversampling else everything
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Draw the photos of `epoch`: each entry once, or by the recipe's balance with repetition."""
        self._epoch = epoch
        rng = np.random.default_rng((self._seed, epoch))
        count = len(self._entries.index)
        balance = self._recipe.training.balance
        if balance:
            weights = sampling_weights(self._data.truth, self._species, balance)
            self._order = rng.choice(count, size=count, p=weights)
        else:
            self._order = rng.permutation(count)

    def __len__(self) -> int:
        """Whole batches in an epoch."""
        return max(1, len(self._order) // self._batch)

    def chosen(self, index: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The photos of batch `index` int64 [B], and which of them are to be varied bool [B]."""
        entries = np.sort(self._order[index * self._batch : (index + 1) * self._batch])
        copies_only = self._recipe.augmentation.varies == "copies"
        varied = self._entries.copy[entries] if copies_only else np.ones(len(entries), np.bool_)
        return self._entries.index[entries], varied

    def __getitem__(self, index: int) -> Batch:
        photos, varied = self.chosen(index)
        pixels = self._data.pixels[photos]
        wanted = self._data.wanted(photos, self._species)
        if not self._camera.idle:
            pixels = self._as_trapped(pixels, varied, index)
        if self._recipe.training.mixup:
            pixels, wanted = self._mixed(pixels, wanted, index)
        return _inputs(pixels, varied), wanted

    def _as_trapped(self, pixels: Pixels, varied: NDArray[np.bool_], index: int) -> Pixels:
        """The varied pictures as a camera trap would have taken them; the same for the same seed, epoch and batch."""
        rng = np.random.default_rng((self._seed, self._epoch, index, 1))
        return np.stack([self._camera(one, rng) if how else one for one, how in zip(pixels, varied, strict=True)])

    def _mixed(self, pixels: Pixels, wanted: NDArray[np.float32], index: int) -> tuple[Pixels, NDArray[np.float32]]:
        """Each picture over another one of its batch; one share for the whole batch, as its authors do."""
        rng = np.random.default_rng((self._seed, self._epoch, index))
        alpha = self._recipe.training.mixup
        share = np.float32(rng.beta(alpha, alpha))
        partner = rng.permutation(len(pixels))
        mixed = np.rint(share * pixels + (1 - share) * pixels[partner]).astype(np.uint8)
        return mixed, share * wanted + (1 - share) * wanted[partner]


def _inputs(pixels: Pixels, varied: NDArray[np.bool_]) -> dict[str, NDArray[np.generic]]:
    return {"picture": pixels, "varied": varied[:, None]}


def one_hot(truth: Labels, species: int) -> NDArray[np.float32]:
    """Labels float32 [N, species]: 1 at each photo's species."""
    rows: NDArray[np.float32] = np.eye(species, dtype=np.float32)[truth]
    return rows


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
