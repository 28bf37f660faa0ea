"""What the ImageNet layer of a backbone already knows of the species, and of everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.base_model import OtherClasses
from avistar.arrays import NUMBERS, TEXT, ArrayError, array, load_arrays
from avistar.errors import UsageError

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prior:
    """A starting point for the last layer, and the background of all other classes.

    `kernel` float32 [features, species], `bias` float32 [species]: the mean vector of the ImageNet classes
    that are the species, zero where ImageNet has none. `other_kernel` float32 [features, others] and
    `other_bias` float32 [others]: the classes that are none of the species, empty without a layer.
    """

    kernel: Array
    bias: Array
    other_kernel: Array
    other_bias: Array

    @property
    def others(self) -> OtherClasses:
        """The background as bundles hold it."""
        return OtherClasses(self.other_kernel, self.other_bias)


def empty_prior(features: int, species: Sequence[str]) -> Prior:
    """A prior that knows nothing."""
    return Prior(
        np.zeros((features, len(species)), np.float32),
        np.zeros(len(species), np.float32),
        np.zeros((features, 0), np.float32),
        np.zeros(0, np.float32),
    )


@dataclass(frozen=True, slots=True)
class ImageNetLayer:
    """The base's last layer: `kernel` float32 [features, classes], `bias` float32 [classes], `names` of the classes."""

    kernel: Array
    bias: Array
    names: tuple[str, ...]


def read_layer(file: Path, features: int) -> ImageNetLayer:
    """Read an ImageNet layer (`.npz` with `kernel` [features, 1000], `bias`, `names`).

    Raises `UsageError` when the file isn't one or belongs to another backbone.
    """
    try:
        arrays = load_arrays(file)
        kernel = array(arrays, "kernel", NUMBERS, (None, None)).astype(np.float32)
        bias = array(arrays, "bias", NUMBERS, (None,)).astype(np.float32)
        names = [str(name) for name in array(arrays, "names", TEXT, (None,))]
    except ArrayError as error:
        raise UsageError(
            "{file} is no ImageNet layer (.npz with kernel, bias and names): {error}", file=file, error=error
        ) from error
    if kernel.shape != (features, len(names)):
        raise UsageError(
            "{file} has a kernel {shape}; this backbone needs ({features}, {classes})",
            file=file,
            shape=kernel.shape,
            features=features,
            classes=len(names),
        )
    if bias.shape != (len(names),):
        raise UsageError(
            "{file} has {number} biases for {classes} classes", file=file, number=bias.size, classes=len(names)
        )
    return ImageNetLayer(kernel, bias, tuple(names))


def read_names(file: Path) -> tuple[str, ...]:
    """ImageNet's classes in order, from an ImageNet layer (.npz) or a text with a name a line. Raises `UsageError`."""
    try:
        if file.suffix == ".npz":
            return tuple(str(name) for name in array(load_arrays(file), "names", TEXT, (None,)))
        return tuple(line.strip() for line in file.read_text("utf-8").splitlines() if line.strip())
    except (OSError, ValueError) as error:  # an `ArrayError` is a `ValueError`, as undecodable text is
        raise UsageError("{file} holds no names of classes: {error}", file=file, error=error) from error


def prior_of(layer: ImageNetLayer, classes: Sequence[Sequence[str]]) -> Prior:
    """Start each species from the mean of its `classes`; those of no species are the background."""
    names = list(layer.names)
    prior = empty_prior(len(layer.kernel), [""] * len(classes))
    used: set[int] = set()
    for i, some in enumerate(classes):
        columns = [names.index(name) for name in some]
        if columns:
            prior.kernel[:, i] = layer.kernel[:, columns].mean(axis=1)
            prior.bias[i] = layer.bias[columns].mean()
            used.update(columns)
    others = [i for i in range(len(names)) if i not in used]
    return Prior(prior.kernel, prior.bias, layer.kernel[:, others], layer.bias[others])
