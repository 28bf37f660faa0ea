"""Figures of merit from logits and true species; temperature and thresholds fitted on validation photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.decision import softmax

Logits = NDArray[np.floating]
Truth = NDArray[np.integer]

BINS = 15
"""Bins of the expected calibration error, as in Guo et al. 2017."""


@dataclass(frozen=True, slots=True)
class SpeciesScore:
    """One species' recall with its 95 % Wilson interval, precision and F1 (fractions), and its photos."""

    id: str
    photos: int
    recall: float
    recall_low: float
    recall_high: float
    precision: float
    f1: float


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What was measured on which photos. Fractions from 0 to 1.

    `macro_f1` averages over the species that occur; `calibration_error` is the expected calibration error
    of the largest probability in 15 equal bins; `confusion[i][j]` counts photos of species i called j.
    """

    photos: int
    top1: float
    top3: float
    macro_f1: float
    calibration_error: float
    loss: float
    species: tuple[SpeciesScore, ...]
    confusion: tuple[tuple[int, ...], ...]

    def summary(self) -> dict[str, float]:
        """The headline figures by name."""
        facts = asdict(self)
        return {k: facts[k] for k in ("photos", "top1", "top3", "macro_f1", "calibration_error", "loss")}


def evaluate(logits: Logits, truth: Truth, species: Sequence[str], temperature: float = 1.0) -> EvaluationReport:
    """Judge logits [N, species] against the true indices int [N]; needs at least one photo."""
    if len(logits) == 0 or len(logits) != len(truth):
        raise ValueError(f"{len(logits)} rows of logits for {len(truth)} photos")
    probabilities = softmax(logits, temperature)
    answers = probabilities.argmax(axis=1)
    confusion = np.zeros((len(species), len(species)), int)
    np.add.at(confusion, (truth, answers), 1)
    scores = tuple(_score(name, confusion, i) for i, name in enumerate(species))
    true_probability = probabilities[np.arange(len(truth)), truth]
    return EvaluationReport(
        photos=len(truth),
        top1=float((answers == truth).mean()),
        top3=top_k(logits, truth, 3),
        macro_f1=float(np.mean([score.f1 for score in scores if score.photos])),
        calibration_error=calibration_error(probabilities, truth),
        loss=float(-np.log(np.clip(true_probability, 1e-12, 1)).mean()),
        species=scores,
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
    )


def top_k(logits: Logits, truth: Truth, k: int) -> float:
    """Share of photos whose true species is among the `k` largest logits."""
    true = logits[np.arange(len(truth)), truth]
    return float(((logits > true[:, None]).sum(axis=1) < k).mean())


def calibration_error(probabilities: NDArray[np.floating], truth: Truth) -> float:
    """Expected calibration error of the top answer (Guo et al. 2017, eq. 3), 15 bins of equal width."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    error = 0.0
    for one in range(BINS):
        inside = bins == one
        if inside.any():
            error += inside.mean() * abs(float(right[inside].mean()) - float(confidence[inside].mean()))
    return float(error)


def fit_temperature(logits: Logits, truth: Truth) -> float:
    """The temperature in 0.05 to 20 with the least cross-entropy on these photos (convex in 1/T)."""
    # In doubles, and without rounding to probabilities: near the minimum the loss is so flat that single
    # precision moved the temperature by 5e-4 between logits that differ by 1e-5.
    above = logits.astype(np.float64) - logits[np.arange(len(truth)), truth][:, None]

    def loss(log_t: float) -> float:
        scaled = above / np.exp(log_t)
        top = scaled.max(axis=1)
        return float((top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))).mean())

    low, high = np.log(0.05), np.log(20.0)
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(60):  # golden-section search: 0.618^60 of the interval is left
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), 6)


def accepting(scores: NDArray[np.floating], share: float = 0.95) -> float:
    """The floor that lets `share` of these scores pass."""
    return float(np.quantile(scores, 1 - share))


def ranking_area(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left")
    ties = np.searchsorted(ordered, positive, "right") - below
    return float((below + ties / 2).mean() / len(negative))


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion (Wilson 1927); (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    z = 1.959964
    share, square = successes / trials, z * z / trials
    centre = (share + square / 2) / (1 + square)
    half = z * np.sqrt(share * (1 - share) / trials + square / (4 * trials)) / (1 + square)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def _score(name: str, confusion: NDArray[np.integer], i: int) -> SpeciesScore:
    right, photos, called = int(confusion[i, i]), int(confusion[i].sum()), int(confusion[:, i].sum())
    recall = right / photos if photos else 0.0
    precision = right / called if called else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    low, high = wilson(right, photos)
    return SpeciesScore(name, photos, recall, low, high, precision, f1)
