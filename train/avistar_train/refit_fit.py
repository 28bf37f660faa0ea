"""The last layer and the background of *unknown* fitted again, and judged by layers that met neither camera nor animal.

The layer is `avistar.adaptation.last_layer`'s, held at the base's. The familiarity score is then corrected by a
direction of the embedding along which other animals differ from the species, fitted by the same code: decision record
0128.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.base_model import BaseModel, OtherClasses, familiarity
from avistar.adaptation.cross_validation import FOLDS
from avistar.adaptation.last_layer import Lessons, fit_head
from avistar.adaptation.lesson import Answers
from avistar.adaptation.onnx_head import Head
from avistar.progress import StepProgress
from avistar_train.refit_examples import Array, Examples


@dataclass(frozen=True, slots=True)
class RefitSettings:
    """How a layer is fitted again; chosen by cross-validation, decision record 0127.

    `pull` holds the species at the base's layer, and `share` (0 to 1) is how far the layer then goes from there to the
    fitted one. `score_pull` holds the familiarity at the base's score; `correction` (0 to 1) is how much of what was
    fitted counts. Against a photo that trained the base, a photo that only chose it weighs `unseen`, a frame `frame`.
    `accepted` is the share of validation photos that the floor of familiarity lets pass.
    """

    pull: float = 1e-2
    share: float = 0.7
    score_pull: float = 0.1
    correction: float = 0.25
    unseen: float = 1.0
    frame: float = 3.0
    accepted: float = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Refitting:
    """Fits layers of one base: `known` are examples of its species, `strange` of other animals and of none."""

    base: BaseModel
    known: Examples
    strange: Examples
    settings: RefitSettings

    def fit(self, apart: int | None = None) -> tuple[Head, OtherClasses]:
        """The layer and its background; `apart`: the fold that isn't learned from."""
        base, lessons = self.base, self.known.lessons(apart)
        head = _between(base.head, fit_head(lessons, base.head, pull=self.settings.pull), self.settings.share)
        return head, self._background(head, apart)

    def _background(self, head: Head, apart: int | None) -> OtherClasses:
        """The base's other classes, all of them moved along one direction: that moves the score by as much."""
        others = self.base.others
        if others is None:  # a class of nothing but the direction, beside which the score is the energy
            others = OtherClasses(np.zeros((len(head.kernel), 1), np.float32), np.zeros(1, np.float32))
        strange = self.strange.lessons(apart)
        if not len(strange.truth):
            return others
        direction = _direction(head, self.base.others, (self.known.lessons(apart), strange), self.settings)
        return OtherClasses((others.kernel - direction[:, None]).astype(np.float32), others.bias)


def _between(one: Head, other: Head, share: float) -> Head:
    """The layer that lies so far on the way from one to the other."""
    kernel, bias = one.kernel + share * (other.kernel - one.kernel), one.bias + share * (other.bias - one.bias)
    return Head(kernel.astype(np.float32), bias.astype(np.float32))


_SHARPNESS = 1.0
"""Log-odds of being one of the species that a step of the base's score is worth, where fitting starts."""


def _direction(
    head: Head, others: OtherClasses | None, sides: tuple[Lessons, Lessons], settings: RefitSettings
) -> Array:
    """What is added to the score, float32 [features]: logistic regression on the embedding and the score itself.

    `sides`: the species' examples and the others', each side weighing as much.
    """
    features = len(head.kernel)
    scores = [familiarity(head.logits(one.embedding), one.embedding, others) for one in sides]
    rows = [np.hstack([one.embedding, score[:, None]]) for one, score in zip(sides, scores, strict=True)]
    start = Head(np.zeros((features + 1, 2), np.float32), np.zeros(2, np.float32))
    start.kernel[features, 0] = _SHARPNESS
    start.bias[0] = -_SHARPNESS * np.median(np.concatenate(scores))
    lessons = Lessons(
        np.concatenate(rows).astype(np.float32),
        np.concatenate([np.full(len(score), side) for side, score in enumerate(scores)]),
        np.concatenate([one.weight / one.weight.sum() for one in sides]),
    )
    kernel = fit_head(lessons, start, pull=settings.score_pull).kernel
    apart = kernel[:, 0] - kernel[:, 1]
    sharpness = max(float(apart[features]), _LEAST_SHARPNESS)
    direction: Array = (settings.correction * apart[:features] / sharpness).astype(np.float32)
    return direction


_LEAST_SHARPNESS = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What layers say that met none of it: `frames` whole and `boxes`, validation photos, and other animals' photos.

    Truth is -1 for what is none of the species.
    """

    frames: Answers
    boxes: Answers
    validation: Answers
    others: Answers


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Photos to judge in one of the folds: `embedding` float32 [N, features], `truth` int64 [N], `fold` int64 [N]."""

    embedding: Array
    truth: NDArray[np.int64]
    fold: NDArray[np.int64]


def judge(
    refitting: Refitting,
    held: Sequence[Held],
    progress: StepProgress,
) -> list[Answers]:
    """Answers to each of `held` by the layers of the folds, in the order of its photos."""
    species = len(refitting.base.ids)
    logits = [np.zeros((len(one.truth), species), np.float32) for one in held]
    scores = [np.zeros(len(one.truth), np.float32) for one in held]
    for fold in range(FOLDS):
        head, others = refitting.fit(fold)
        for one, said, score in zip(held, logits, scores, strict=True):
            rows = one.fold == fold
            said[rows] = head.logits(one.embedding[rows])
            score[rows] = familiarity(said[rows], one.embedding[rows], others)
        progress("fitting", fold + 1, FOLDS + 1)
    return [Answers(said, score, one.truth) for one, said, score in zip(held, logits, scores, strict=True)]
