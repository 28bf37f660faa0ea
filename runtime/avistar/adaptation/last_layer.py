"""Fits a last layer: multinomial logistic regression that is held at where it starts.

L-BFGS (Nocedal 1980) in numpy; see decision record 0095 for what was compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.onnx_head import Head

Array = NDArray[np.float32]

PULL = 1e-2
"""Half of this times the squared distance from the start is added to the mean loss, where embeddings are as long as
ResNet50's; in the measure in which another network's are longer or shorter, more or less of it."""

_USUAL_LENGTH = 671.0  # mean squared length of the default bundle's embeddings

_STEPS, _MEMORY, _ENOUGH = 60, 8, 1e-5
_BIAS_PULL = 0.1  # of the kernel's: a bias says how common a species is, which differs from place to place


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What a layer is fitted to: `embedding` float32 [N, features], `truth` int [N] and `weight` float [N]."""

    embedding: Array
    truth: NDArray[np.integer]
    weight: NDArray[np.floating]


def fit_head(
    lessons: Lessons,
    start: Head,
    *,
    pull: float = PULL,
    fixed: int = 0,
    cancelled: Callable[[], bool] = lambda: False,
) -> Head:
    """The layer that fits `lessons` best without leaving `start` further than it is worth: see `PULL`.

    The first `fixed` species keep their weights as they are. Once `cancelled`, the best so far is returned.
    """
    problem = _Problem(lessons, start, pull, fixed)
    change = np.zeros((len(start.kernel) + 1, len(start.bias)), np.float32)
    loss, slope = problem(change)
    memory: list[tuple[Array, Array, float]] = []
    for _ in range(_STEPS):
        direction = -_curved(slope, memory)
        descent = _dot(slope, direction)
        if descent >= 0:
            direction, descent, memory = -slope, -_dot(slope, slope), []
        length, found = 1.0, (loss, slope)
        while length > 1e-6:
            found = problem(change + length * direction)
            if found[0] <= loss + 1e-4 * length * descent:
                break
            length *= 0.4
        else:
            break
        step, turn = length * direction, found[1] - slope
        if (along := _dot(step, turn)) > 1e-12:
            memory = [*memory, (step, turn, 1 / along)][-_MEMORY:]
        gained, change = loss - found[0], change + step
        loss, slope = found
        if gained < _ENOUGH * max(abs(loss), 1e-8) or cancelled():
            break
    return Head(start.kernel + change[:-1], start.bias + change[-1])


class _Problem:
    """Loss and gradient for a change of the start, float32 [features + 1, species]; the last row is the bias."""

    def __init__(self, lessons: Lessons, start: Head, pull: float, fixed: int) -> None:
        self._x = np.ascontiguousarray(lessons.embedding, np.float32)
        self._share = (lessons.weight / lessons.weight.sum()).astype(np.float32)
        self._truth, self._rows = lessons.truth, np.arange(len(lessons.truth))
        self._before = start.logits(self._x)
        length = float(self._share @ np.einsum("nf,nf->n", self._x, self._x))
        self._pull = np.full((len(start.kernel) + 1, 1), pull * length / _USUAL_LENGTH, np.float32)
        self._pull[-1] = pull * _BIAS_PULL
        self._fixed = fixed

    def __call__(self, change: Array) -> tuple[float, Array]:
        logits = self._before + self._x @ change[:-1] + change[-1]
        logits -= logits.max(axis=1, keepdims=True)
        shares = np.exp(logits)
        sums = shares.sum(axis=1)
        loss = float(self._share @ (np.log(sums) - logits[self._rows, self._truth]))
        shares /= sums[:, None]
        shares[self._rows, self._truth] -= 1
        shares *= self._share[:, None]
        slope = np.vstack([self._x.T @ shares, shares.sum(axis=0)]) + self._pull * change
        slope[:, : self._fixed] = 0
        return loss + 0.5 * _dot(self._pull * change, change), slope


def _curved(slope: Array, memory: list[tuple[Array, Array, float]]) -> Array:
    """The slope times the inverse curvature that `memory` tells of."""
    if not memory:
        return slope * np.float32(0.1 / max(np.sqrt(_dot(slope, slope)), 1e-12))
    turned, shares = slope.copy(), []
    for step, turn, inverse in reversed(memory):
        share = inverse * _dot(step, turned)
        shares.append(share)
        turned -= np.float32(share) * turn
    step, turn, _ = memory[-1]
    turned *= np.float32(_dot(step, turn) / _dot(turn, turn))
    for (step, turn, inverse), share in zip(memory, reversed(shares), strict=True):
        turned += np.float32(share - inverse * _dot(turn, turned)) * step
    return turned


def _dot(a: Array, b: Array) -> float:
    return float(np.vdot(a, b))
