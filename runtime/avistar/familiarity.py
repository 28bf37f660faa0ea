"""How much a picture looks like any of the species at all: the score behind *unknown*.

Three scores. `energy` is the log-sum-exp of the logits (Liu et al. 2020, arXiv:2010.03759) and needs
nothing else. `confidence` is the logarithm of the largest probability (Hendrycks and Gimpel 2017,
arXiv:1610.02136), for networks that give probabilities alone: they lost their energy. `background` also
asks what else the picture could be: the bundle carries the linear layer of classes that are none of the
species (for ImageNet backbones: the other ImageNet classes), and the score is the log-odds of the species
against that background.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from avistar.arrays import numbers, read_arrays
from avistar.backends import Floats, Outputs
from avistar.bundle import ModelBundle
from avistar.errors import BundleError


class Familiarity(Protocol):
    """Scores float32 [N] for outputs of N pictures; higher is more familiar."""

    def __call__(self, outputs: Outputs) -> Floats:
        """Score each row."""
        ...


def energy(outputs: Outputs) -> Floats:
    """Log-sum-exp of the logits."""
    return log_sum_exp(outputs.logits)


def confidence(outputs: Outputs) -> Floats:
    """Logarithm of the largest probability."""
    score: Floats = outputs.logits.max(axis=1) - log_sum_exp(outputs.logits)
    return score


_SMALL_PRODUCT, _ROWS = 4 * 65_536, 8
"""Multiplications in one product of matrices, and rows in it. OpenBLAS does up to so many in the calling
thread; more go to threads of its own, which fight with those of the network: measured on two cores, that
cost two thirds of the throughput of a folder."""


class Background:
    """Log-odds of the species against other classes, read off the same embedding.

    `kernel` float [features, classes] and `bias` float [classes] give the other classes' logits.
    """

    def __init__(self, kernel: NDArray[np.floating], bias: NDArray[np.floating]) -> None:
        columns = max(1, _SMALL_PRODUCT // (_ROWS * max(1, len(kernel))))
        starts = range(0, kernel.shape[1], columns)
        self._kernels = [np.ascontiguousarray(kernel[:, i : i + columns], np.float32) for i in starts]
        self._bias = bias.astype(np.float32)
        self._features = len(kernel)

    def __call__(self, outputs: Outputs) -> Floats:
        """Score each row. Raises `BundleError` where the network's features are not those of the kernel."""
        if outputs.embedding.ndim != 2 or outputs.embedding.shape[1] != self._features:
            raise BundleError(
                "the bundle's reference is for {features} features, its network gives {found}: export it again",
                features=self._features,
                found=list(outputs.embedding.shape[1:]),
            )
        rows = [outputs.embedding[i : i + _ROWS] for i in range(0, len(outputs.embedding), _ROWS)]
        others = np.concatenate([np.hstack([some @ kernel for kernel in self._kernels]) for some in rows]) + self._bias
        return log_sum_exp(outputs.logits) - log_sum_exp(others)


def familiarity_of(bundle: ModelBundle) -> Familiarity:
    """The score that `bundle` asks for. Raises `BundleError` if its reference is missing or damaged."""
    rule = bundle.manifest.decision
    if rule.familiarity == "energy":
        return energy
    if rule.familiarity == "confidence":
        return confidence
    if rule.familiarity != "background" or rule.reference is None:
        raise BundleError(
            "the bundle '{name}' asks for the familiarity score '{score}' with reference {reference}; "
            "this Avistar knows 'energy', 'confidence', and 'background' with a reference",
            name=bundle.manifest.name,
            score=rule.familiarity,
            reference=rule.reference,
        )
    return read_background(bundle.checked(rule.reference), str(bundle.folder / rule.reference))


def read_background(data: bytes, name: str) -> Background:
    """A `Background` from the bytes of an `.npz` with `kernel` and `bias`; never unpickles."""
    arrays = read_arrays(data, name)
    kernel, bias = numbers(arrays, "kernel", name, axes=2), numbers(arrays, "bias", name, axes=1)
    if bias.shape != kernel.shape[1:]:
        raise BundleError(
            "{name} holds a kernel {kernel} and a bias {bias}, which don't fit each other",
            name=name,
            kernel=kernel.shape,
            bias=bias.shape,
        )
    return Background(kernel, bias)


def log_sum_exp(logits: Floats) -> Floats:
    """Row-wise log of the sum of exponentials, float32 [N]."""
    top = logits.max(axis=1, keepdims=True)
    summed: Floats = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    return summed
