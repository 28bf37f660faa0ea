"""Figures of merit from logits and true species; temperature and thresholds fitted on validation photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.decision import softmax
from avistar.message import Message

Logits = NDArray[np.floating]
Truth = NDArray[np.integer]

BINS = 15
"""Bins of the expected calibration error, as in Guo et al. 2017."""


_MOST_ROWS = 1000
"""Species up to which the confusion matrix has a row for each, photos or not."""

BOOTSTRAP = 1000
"""Resamples behind the interval of the macro-F1."""


@dataclass(frozen=True, slots=True)
class SpeciesScore:
    """How one species fares: fractions with 95 % intervals, from its `photos` and from what was called by its name.

    `roc_auc` ranks its photos against all others by its probability; None where there is nothing to rank.
    """

    id: str
    photos: int
    recall: float
    recall_low: float
    recall_high: float
    precision: float
    precision_low: float
    precision_high: float
    f1: float
    f1_low: float
    f1_high: float
    roc_auc: float | None


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Photos whose largest probability is at least `low` and below `high` (the last bin holds 1 too).

    `confidence` is their mean one and `accuracy` the share that was right; both 0 in a bin without photos.
    """

    low: float
    high: float
    photos: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Two species, and how many photos of either were called by the other's name."""

    first: str
    second: str
    photos: int


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What was measured on which photos. Fractions from 0 to 1; `_low` and `_high` bound 95 % intervals.

    `macro_f1` and `roc_auc` average over the species that occur; `calibration_error` is the expected
    calibration error over the `reliability` bins; `confusion[i][j]` counts photos of species i called j. Of more than
    a thousand species, rows of those without photos are empty.
    """

    photos: int
    top1: float
    top1_low: float
    top1_high: float
    top3: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    roc_auc: float | None
    calibration_error: float
    loss: float
    species: tuple[SpeciesScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]

    def summary(self) -> dict[str, float]:
        """The headline figures by name."""
        facts = asdict(self)
        names = ("photos", "top1", "top3", "macro_f1", "roc_auc", "calibration_error", "loss")
        return {name: facts[name] for name in names if facts[name] is not None}


def evaluate(logits: Logits, truth: Truth, species: Sequence[str], temperature: float = 1.0) -> EvaluationReport:
    """Judge logits [N, species] against the true indices int [N]; needs at least one photo."""
    if len(logits) == 0 or len(logits) != len(truth):
        raise ValueError(Message("{rows} rows of logits for {photos} photos", rows=len(logits), photos=len(truth)))
    probabilities = softmax(logits, temperature)
    answers = probabilities.argmax(axis=1)
    # Labels that no photo shows and no answer named count nowhere: of twenty thousand, few are left.
    occurring, places = np.unique(np.concatenate([truth, answers]), return_inverse=True)
    confusion = np.zeros((len(occurring), len(occurring)), int)
    np.add.at(confusion, tuple(places.reshape(2, -1)), 1)
    areas = {int(i): _species_area(probabilities[:, i], truth == i) for i in np.unique(truth)}
    at = {int(i): place for place, i in enumerate(occurring)}
    scores = tuple(_score(name, confusion, at.get(i), areas.get(i)) for i, name in enumerate(species))
    known_areas = [area for area in areas.values() if area is not None]
    right = int((answers == truth).sum())
    top1_low, top1_high = wilson(right, len(truth))
    macro_f1_low, macro_f1_high = _macro_f1_interval(confusion)
    bins = reliability(probabilities, truth)
    true_probability = probabilities[np.arange(len(truth)), truth]
    return EvaluationReport(
        photos=len(truth),
        top1=right / len(truth),
        top1_low=top1_low,
        top1_high=top1_high,
        top3=top_k(logits, truth, 3),
        macro_f1=float(np.mean([score.f1 for score in scores if score.photos])),
        macro_f1_low=macro_f1_low,
        macro_f1_high=macro_f1_high,
        roc_auc=float(np.mean(known_areas)) if known_areas else None,
        calibration_error=_gap(bins),
        loss=float(-np.log(np.clip(true_probability, 1e-12, 1)).mean()),
        species=scores,
        confusion=_rows(confusion, occurring, len(species)),
        reliability=bins,
    )


def _rows(confusion: NDArray[np.integer], occurring: NDArray[np.integer], side: int) -> tuple[tuple[int, ...], ...]:
    """The whole matrix from that of the species that occur."""
    rows: list[tuple[int, ...]] = [() if side > _MOST_ROWS else (0,) * side] * side
    for i, counts in zip(occurring, confusion, strict=True):
        if counts.any():
            row = np.zeros(side, int)
            row[occurring] = counts
            rows[int(i)] = tuple(row.tolist())
    return tuple(rows)


def most_confused(report: EvaluationReport, count: int = 5) -> tuple[ConfusedPair, ...]:
    """The `count` pairs of species with the most mistakes, whichever way round, worst first."""
    both: Counter[tuple[int, int]] = Counter()
    for i, row in enumerate(report.confusion):
        for j in np.flatnonzero(row):
            if i != j:
                both[min(i, int(j)), max(i, int(j))] += row[j]
    pairs = [
        ConfusedPair(report.species[i].id, report.species[j].id, photos) for (i, j), photos in sorted(both.items())
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.photos, pair.first, pair.second))[:count])


def top_k(logits: Logits, truth: Truth, k: int) -> float:
    """Share of photos whose true species is among the `k` largest logits."""
    true = logits[np.arange(len(truth)), truth]
    return float(((logits > true[:, None]).sum(axis=1) < k).mean())


def calibration_error(probabilities: NDArray[np.floating], truth: Truth) -> float:
    """Expected calibration error of the top answer (Guo et al. 2017, eq. 3), 15 bins of equal width."""
    return _gap(reliability(probabilities, truth))


def reliability(probabilities: NDArray[np.floating], truth: Truth) -> tuple[ReliabilityBin, ...]:
    """The 15 bins of a reliability diagram: how often the top answer is right at each confidence."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    places = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    bins = []
    for one in range(BINS):
        inside = places == one
        mean, share = (float(confidence[inside].mean()), float(right[inside].mean())) if inside.any() else (0.0, 0.0)
        bins.append(ReliabilityBin(one / BINS, (one + 1) / BINS, int(inside.sum()), mean, share))
    return tuple(bins)


def _gap(bins: Sequence[ReliabilityBin]) -> float:
    return sum(one.photos * abs(one.accuracy - one.confidence) for one in bins) / sum(one.photos for one in bins)


def fit_temperature(logits: Logits, truth: Truth) -> float:
    """The temperature in 0.05 to 20 with the least cross-entropy on these photos (convex in 1/T).

    At least so high that the mean confidence is no more than N photos can show, be all their answers right:
    (N + 1) / (N + 2), Laplace's rule of succession. Three right answers are no proof of 99 %.
    """
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
    fitted = (low + high) / 2
    return round(float(np.exp(max(fitted, _least_log_temperature(logits.astype(np.float64), fitted)))), 6)


def _least_log_temperature(logits: NDArray[np.float64], fitted: float) -> float:
    """The logarithm of the temperature at which the mean confidence is what so many photos can show."""
    most = (len(logits) + 1) / (len(logits) + 2)
    below_top = logits - logits.max(axis=1, keepdims=True)

    def confidence(log_t: float) -> float:
        return float((1 / np.exp(below_top / np.exp(log_t)).sum(axis=1)).mean())

    low, high = fitted, np.log(20.0)
    if confidence(low) <= most:
        return fitted
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if confidence(middle) > most else (low, middle)
    return float(high)


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


def f1_interval(right: int, missed: int, false: int) -> tuple[float, float]:
    """95 % interval of an F1 from the photos `right`, `missed` and wrongly called so; (0, 1) without any.

    F1 = 2p / (1 + p) with p = right / (right + missed + false), a proportion with a Wilson interval
    ("Wilson indirect", Lam 2023, arXiv:2309.14621): unlike resampling, it knows that 3 of 3 is not certainty.
    """
    low, high = wilson(right, right + missed + false)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def _score(name: str, confusion: NDArray[np.integer], i: int | None, area: float | None) -> SpeciesScore:
    """`i`: the species' place in `confusion`, None where it occurs nowhere."""
    right = photos = called = 0
    if i is not None:
        right, photos, called = int(confusion[i, i]), int(confusion[i].sum()), int(confusion[:, i].sum())
    recall_low, recall_high = wilson(right, photos)
    precision_low, precision_high = wilson(right, called)
    f1_low, f1_high = f1_interval(right, photos - right, called - right)
    return SpeciesScore(
        id=name,
        photos=photos,
        recall=right / photos if photos else 0.0,
        recall_low=recall_low,
        recall_high=recall_high,
        precision=right / called if called else 0.0,
        precision_low=precision_low,
        precision_high=precision_high,
        f1=2 * right / (photos + called) if right else 0.0,
        f1_low=f1_low,
        f1_high=f1_high,
        roc_auc=area,
    )


def _species_area(probability: NDArray[np.floating], shown: NDArray[np.bool_]) -> float | None:
    if shown.all() or not shown.any():
        return None
    return ranking_area(probability[shown], probability[~shown])


def _macro_f1_interval(confusion: NDArray[np.integer]) -> tuple[float, float]:
    """95 % percentile bootstrap over the photos of each species, so that none drops out of the mean.

    Photos that are all answered right vary in no resample: the interval is at least as wide, in proportion, as
    Wilson's for the share of right answers.
    """
    rng = np.random.default_rng(0)
    occurring = np.flatnonzero(confusion.sum(axis=1))
    right, called = np.zeros((BOOTSTRAP, len(occurring)), int), np.zeros((BOOTSTRAP, len(confusion)), int)
    for place, i in enumerate(occurring):  # one after the other: thousands of species would not fit into memory
        columns = np.flatnonzero(confusion[i])
        row = confusion[i, columns]
        drawn = rng.multinomial(row.sum(), row / row.sum(), size=BOOTSTRAP)
        called[:, columns] += drawn
        right[:, place] = drawn[:, columns == i].sum(axis=1)
    macro = (2 * right / (confusion[occurring].sum(axis=1) + called[:, occurring])).mean(axis=1)
    low, high = np.quantile(macro, (0.025, 0.975))
    right_answers, photos = int(np.trace(confusion)), int(confusion.sum())
    if right_answers:
        share = right_answers / photos
        least, most = wilson(right_answers, photos)
        own = (2 * np.diag(confusion) / np.maximum(confusion.sum(axis=0) + confusion.sum(axis=1), 1))[occurring].mean()
        low, high = min(low, own * least / share), max(high, min(own * most / share, 1.0))
    return float(low), float(high)
