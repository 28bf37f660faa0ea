from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
    top_k_accuracy_score,
)

from avistar.decision import softmax
from avistar.evaluation.metrics import (
    ConfusedPair,
    accepting,
    calibration_error,
    evaluate,
    f1_interval,
    fit_temperature,
    most_confused,
    ranking_area,
    top_k,
    wilson,
)

NAMES = [f"s{i}" for i in range(8)]


def answers(photos: int = 400, temperature: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and truths drawn from what they say at `temperature`."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (photos, len(NAMES))).astype(np.float32)
    chances = softmax(logits, temperature).astype(float)
    chances /= chances.sum(axis=1, keepdims=True)
    return logits, np.array([rng.choice(len(NAMES), p=row) for row in chances])


def test_the_figures_are_those_of_scikit_learn() -> None:
    logits, truth = answers()
    report = evaluate(logits, truth, NAMES)
    called, labels = logits.argmax(axis=1), range(len(NAMES))
    chances = np.exp(logits - logsumexp(logits.astype(float), axis=1, keepdims=True))
    assert report.photos == 400
    assert report.top1 == pytest.approx(accuracy_score(truth, called))
    assert report.top3 == pytest.approx(top_k_accuracy_score(truth, logits, k=3, labels=labels))
    assert report.macro_f1 == pytest.approx(f1_score(truth, called, average="macro"))
    assert report.loss == pytest.approx(log_loss(truth, chances, labels=labels), rel=1e-5)
    np.testing.assert_array_equal(report.confusion, confusion_matrix(truth, called, labels=labels))
    np.testing.assert_allclose([s.recall for s in report.species], recall_score(truth, called, average=None))
    np.testing.assert_allclose([s.precision for s in report.species], precision_score(truth, called, average=None))
    np.testing.assert_allclose([s.f1 for s in report.species], f1_score(truth, called, average=None))


def test_a_species_without_photos_does_not_lower_the_macro_f1() -> None:
    logits, truth = answers()
    kept = truth != 3
    logits, truth = logits[kept].copy(), truth[kept]
    logits[:, 3] = -50
    report = evaluate(logits, truth, NAMES)
    assert report.macro_f1 == pytest.approx(f1_score(truth, logits.argmax(axis=1), average="macro"))
    assert (report.species[3].photos, report.species[3].recall_low, report.species[3].recall_high) == (0, 0, 1)


def test_temperature_changes_confidence_but_no_answer() -> None:
    logits, truth = answers(temperature=2)
    plain, cooled = evaluate(logits, truth, NAMES), evaluate(logits, truth, NAMES, 2.0)
    assert (plain.top1, plain.top3, plain.confusion) == (cooled.top1, cooled.top3, cooled.confusion)
    assert cooled.calibration_error < plain.calibration_error
    assert cooled.loss < plain.loss


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_recovered(temperature: float) -> None:
    logits, truth = answers(6000, temperature)
    assert fit_temperature(logits, truth) == pytest.approx(temperature, rel=0.08)


def test_calibration_error_is_zero_for_a_forecaster_that_is_right_as_often_as_it_says() -> None:
    probabilities = np.tile([0.75, 0.25], (400, 1))
    assert calibration_error(probabilities, np.repeat([0, 1], [300, 100])) == pytest.approx(0, abs=1e-9)


def test_calibration_error_is_the_gap_between_saying_and_being_right() -> None:
    probabilities = np.tile([0.9, 0.1], (100, 1))
    assert calibration_error(probabilities, np.repeat([0, 1], [60, 40])) == pytest.approx(0.3)


def test_certainty_falls_into_the_last_bin() -> None:
    assert calibration_error(np.array([[1.0, 0.0]]), np.array([0])) == 0


@given(st.integers(0, 5), st.integers(1, 8))
def test_top_k_is_that_of_scikit_learn(seed: int, k: int) -> None:
    logits, truth = answers(60, seed=seed)
    if k == len(NAMES):
        assert top_k(logits, truth, k) == 1
    else:
        assert top_k(logits, truth, k) == pytest.approx(
            top_k_accuracy_score(truth, logits, k=k, labels=range(len(NAMES)))
        )


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=40),
    st.lists(st.integers(-5, 5), min_size=1, max_size=40),
)
def test_the_ranking_area_is_that_of_scikit_learn_ties_included(positive: list[int], negative: list[int]) -> None:
    expected = roc_auc_score([1] * len(positive) + [0] * len(negative), positive + negative)
    assert ranking_area(np.array(positive, float), np.array(negative, float)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [  # statsmodels.stats.proportion.proportion_confint(method="wilson")
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (7, 10, 0.396781, 0.892209),
        (95, 100, 0.888250, 0.978455),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_wilsons(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-4)


def test_the_floor_accepts_the_asked_share() -> None:
    scores = np.random.default_rng(0).normal(size=1000)
    assert (scores >= accepting(scores, 0.95)).mean() == pytest.approx(0.95, abs=0.002)


@pytest.mark.parametrize("photos", [0, 3])
def test_logits_and_truths_that_do_not_line_up_are_refused(photos: int) -> None:
    with pytest.raises(ValueError, match="rows of logits"):
        evaluate(np.zeros((photos, 8)), np.zeros(4 if photos else 0, int), NAMES)


def test_the_summary_names_the_headline_figures() -> None:
    summary = evaluate(*answers(), NAMES).summary()
    assert list(summary) == ["photos", "top1", "top3", "macro_f1", "roc_auc", "calibration_error", "loss"]


def test_the_area_is_scikit_learns_macro_average_of_one_species_against_the_rest() -> None:
    logits, truth = answers()
    chances = softmax(logits).astype(float)
    chances /= chances.sum(axis=1, keepdims=True)
    report = evaluate(logits, truth, NAMES)
    assert report.roc_auc == pytest.approx(roc_auc_score(truth, chances, multi_class="ovr", average="macro"), abs=1e-6)
    assert report.species[2].roc_auc == pytest.approx(roc_auc_score(truth == 2, chances[:, 2]), abs=1e-6)


def test_there_is_no_area_where_there_is_nothing_to_rank() -> None:
    report = evaluate(np.zeros((3, 2)), np.zeros(3, int), NAMES[:2])
    assert report.roc_auc is None
    assert "roc_auc" not in report.summary()


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_wilson_interval_is_that_of_scipy(successes: int, more: int) -> None:
    trials = successes + more + 1
    expected = binomtest(successes, trials).proportion_ci(method="wilson")
    assert wilson(successes, trials) == pytest.approx((expected.low, expected.high), abs=1e-6)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_interval_of_an_f1_holds_it_and_never_calls_few_photos_certain(right: int, missed: int, false: int) -> None:
    low, high = f1_interval(right, missed, false)
    assert 0 <= low <= high <= 1
    if right + missed + false:
        assert low - 1e-9 <= 2 * right / (2 * right + missed + false) <= high + 1e-9
        assert high - low > 0.02


def test_the_interval_of_an_f1_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    right, missed, false = rng.multinomial(40, (0.6, 0.25, 0.15), 2000).T
    bounds = np.array([f1_interval(*row) for row in zip(right, missed, false, strict=True)])
    true_f1 = 2 * 0.6 / (2 * 0.6 + 0.4)
    assert 0.93 <= ((bounds[:, 0] <= true_f1) & (true_f1 <= bounds[:, 1])).mean() <= 0.98


def test_the_interval_of_the_macro_f1_is_that_of_resampled_photos() -> None:
    logits, truth = answers()
    called = logits.argmax(axis=1)
    report = evaluate(logits, truth, NAMES)
    rng = np.random.default_rng(1)
    resampled = []
    for _ in range(300):
        drawn = np.concatenate([rng.choice(np.flatnonzero(truth == i), (truth == i).sum()) for i in range(len(NAMES))])
        resampled.append(f1_score(truth[drawn], called[drawn], average="macro"))
    low, high = np.quantile(resampled, (0.025, 0.975))
    assert (report.macro_f1_low, report.macro_f1_high) == pytest.approx((low, high), abs=0.015)
    assert report.macro_f1_low < report.macro_f1 < report.macro_f1_high


def test_the_interval_of_the_macro_f1_keeps_species_that_are_always_missed() -> None:
    truth = np.array([0] * 30 + [1] * 30 + [2])
    called = np.array([0] * 29 + [1] * 31 + [1])
    report = evaluate(np.eye(3)[called], truth, NAMES[:3])
    assert report.macro_f1 == pytest.approx(f1_score(truth, called, average="macro"))
    assert report.macro_f1_low <= report.macro_f1 <= report.macro_f1_high < 0.7


def test_the_reliability_bins_hold_every_photo_and_give_the_calibration_error() -> None:
    logits, truth = answers()
    report = evaluate(logits, truth, NAMES)
    assert sum(one.photos for one in report.reliability) == 400
    gap = sum(one.photos * abs(one.confidence - one.accuracy) for one in report.reliability) / 400
    assert report.calibration_error == pytest.approx(gap)
    assert all(one.low - 1e-6 <= one.confidence <= one.high + 1e-6 for one in report.reliability if one.photos)


def test_the_most_confused_pairs_count_both_ways_round_worst_first() -> None:
    truth = np.array([0, 0, 0, 1, 2, 2])
    called = np.array([1, 1, 0, 0, 1, 2])
    report = evaluate(np.eye(3)[called], truth, ["rat", "mouse", "wolf"])
    assert most_confused(report) == (ConfusedPair("rat", "mouse", 3), ConfusedPair("mouse", "wolf", 1))
    assert most_confused(report, 1) == (ConfusedPair("rat", "mouse", 3),)


def test_the_temperature_does_not_jump_with_the_last_digits_of_the_logits():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 5, 400)
    logits = rng.normal(0, 2, (400, 5)).astype(np.float32)
    logits[np.arange(400), truth] += 5
    noisy = logits + rng.normal(0, 5e-6, logits.shape).astype(np.float32)
    assert fit_temperature(noisy, truth) == pytest.approx(fit_temperature(logits, truth), rel=2e-5)


def sure(right, species=3, lead=6.0):
    """Logits of so many photos, all answered right with the same lead."""
    truth = np.arange(right) % species
    return lead * np.eye(species)[truth], truth


@pytest.mark.parametrize(("photos", "most"), [(3, 0.8), (92, 93 / 94), (350, 351 / 352)])
def test_right_answers_of_few_photos_are_no_proof_of_certainty(photos, most):
    logits, truth = sure(photos)
    temperature = fit_temperature(logits, truth)
    confidence = softmax(logits.astype(np.float32), temperature).max(axis=1).mean()
    assert confidence == pytest.approx(most, abs=1e-3)


def test_photos_that_show_mistakes_set_the_temperature_as_before():
    rng = np.random.default_rng(4)
    logits = rng.normal(0, 2, (400, 4))
    truth = np.array([rng.choice(4, p=row) for row in softmax(logits.astype(np.float32), 1.0)])
    assert fit_temperature(logits, truth) == pytest.approx(1.0, rel=0.2)


def test_no_interval_of_all_right_answers_is_a_point():
    logits, truth = sure(92)
    report = evaluate(logits, truth, ("a", "b", "c"))
    assert report.macro_f1 == report.macro_f1_high == 1.0
    assert report.macro_f1_low == pytest.approx(wilson(92, 92)[0])
