from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import (
    BackendUnavailable,
    BundleError,
    Classifier,
    Fault,
    FunctionBackend,
    Identification,
    ModelBundle,
    Outputs,
    UsageError,
)
from avistar.manifest import Calibration
from support import encoded, picture


def made_of(tiny: ModelBundle, function: object, calibration: Calibration | None = None) -> Classifier:
    return Classifier(tiny, FunctionBackend(function, "a fake"), calibration or Calibration())


def by_brightness(images: np.ndarray) -> Outputs:
    """The species whose index is the picture's mean brightness."""
    logits = np.zeros((len(images), 30), np.float32)
    logits[np.arange(len(images)), images.mean(axis=(1, 2, 3)).astype(int) % 30] = 20
    return Outputs(logits, np.zeros((len(images), 4), np.float32))


def grey(level: int) -> np.ndarray:
    return np.full((32, 32, 3), level, np.uint8)


def same(one: Identification, other: Identification) -> bool:
    return (
        (one.source, one.flags, one.failure) == (other.source, other.flags, other.failure)
        and [c.species.id for c in one.candidates] == [c.species.id for c in other.candidates]
        and np.allclose(one.probabilities, other.probabilities, atol=1e-6)
    )


@given(levels=st.lists(st.integers(-1, 29), max_size=25), batch=st.integers(1, 7), workers=st.integers(1, 3))
def test_answers_line_up_with_pictures_failures_included(
    tiny: ModelBundle, levels: list[int], batch: int, workers: int
) -> None:
    pictures = [b"broken" if level < 0 else grey(level) for level in levels]
    with made_of(tiny, by_brightness) as classifier:
        answers = classifier.identify_many(pictures, batch=batch, workers=workers)
    assert len(answers) == len(levels)
    for level, answer in zip(levels, answers, strict=True):
        if level < 0:
            assert answer.failure is not None
            assert answer.failure.fault is Fault.NOT_AN_IMAGE
        else:
            assert answer.top(1)[0].species == classifier.species[level]


def test_a_batch_gives_the_same_as_one_by_one(classifier: Classifier) -> None:
    pictures = [encoded(picture(seed)) for seed in range(11)]
    together = classifier.identify_many(pictures, batch=4)
    assert all(same(one, classifier.identify(data)) for one, data in zip(together, pictures, strict=True))


def test_eight_threads_give_the_same_as_one(classifier: Classifier) -> None:
    pictures = [encoded(picture(seed)) for seed in range(40)]
    serial = [classifier.identify(data) for data in pictures]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(classifier.identify, pictures))
    assert all(map(same, serial, parallel))


def test_pictures_are_read_lazily_and_never_far_ahead(tiny: ModelBundle) -> None:
    taken = itertools.count()
    last = 0

    def pictures() -> Iterator[np.ndarray]:
        nonlocal last
        for last in taken:
            yield grey(last % 30)

    with made_of(tiny, by_brightness) as classifier:
        answers = classifier.stream(pictures(), batch=4)
        for _ in range(10):
            next(answers)
        answers.close()
    assert last < 10 + 3 * 4


def test_nothing_gives_nothing(classifier: Classifier) -> None:
    assert classifier.identify_many([]) == []


@pytest.mark.parametrize("settings", [{"batch": 0}, {"workers": 0}])
def test_a_batch_of_none_is_a_usage_error(classifier: Classifier, settings: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        classifier.identify_many([], **settings)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_answer_that_is_no_number_is_a_failure_of_that_picture_alone(tiny: ModelBundle, value: float) -> None:
    def poisoned(images: np.ndarray) -> Outputs:
        outputs = by_brightness(images)
        outputs.logits[images.mean(axis=(1, 2, 3)) == 3] = value
        return outputs

    with made_of(tiny, poisoned) as classifier:
        good, bad, last = classifier.identify_many([grey(2), grey(3), grey(4)])
    assert bad.failure is not None
    assert bad.failure.fault is Fault.NO_VALID_ANSWER
    assert bad.candidates == ()
    assert bad.decision is None
    assert [a.top(1)[0].species for a in (good, last)] == [classifier.species[2], classifier.species[4]]


def test_a_score_that_is_no_number_is_a_failure(tiny: ModelBundle) -> None:
    rows = iter([np.zeros((1, 30), np.float32)])
    with made_of(tiny, lambda _: Outputs(next(rows), np.zeros((1, 4), np.float32))) as classifier:
        classifier._familiarity = lambda outputs: np.array([np.nan], np.float32)
        assert classifier.identify(grey(1)).failure is not None


@pytest.mark.parametrize("shape", [(1, 29), (2, 30), (0, 30)])
def test_a_network_of_another_size_is_refused_not_misread(tiny: ModelBundle, shape: tuple[int, int]) -> None:
    def wrong(_: np.ndarray) -> Outputs:
        return Outputs(np.zeros(shape, np.float32), np.zeros((shape[0], 4), np.float32))

    with made_of(tiny, wrong) as classifier, pytest.raises(BundleError, match="30 species"):
        classifier.identify(grey(1))


def test_an_error_of_the_backend_reaches_the_caller(tiny: ModelBundle) -> None:
    def lost(_: np.ndarray) -> Outputs:
        raise BackendUnavailable("the device is gone")

    with made_of(tiny, lost) as classifier, pytest.raises(BackendUnavailable, match="is gone"):
        classifier.identify_many([grey(1)] * 20)


def test_a_closed_classifier_refuses(tiny: ModelBundle) -> None:
    classifier = Classifier.open(tiny.folder, "cpu", threads=1)
    classifier.close()
    classifier.close()
    with pytest.raises(BackendUnavailable, match="was closed"):
        classifier.identify(picture(1))


def test_every_species_is_ranked_and_the_vector_keeps_the_bundles_order(classifier: Classifier) -> None:
    answer = classifier.identify(picture(1))
    assert {c.species for c in answer.candidates} == set(classifier.species)
    confidences = [c.confidence for c in answer.candidates]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1, abs=1e-5)
    for candidate in answer.candidates:
        assert answer.probabilities[classifier.species.index(candidate.species)] == pytest.approx(candidate.confidence)


def test_the_temperature_of_the_artifact_is_applied(tiny: ModelBundle) -> None:
    mild = made_of(tiny, by_brightness, Calibration(temperature=10)).identify(grey(3))
    assert mild.candidates[0].confidence == pytest.approx(np.exp(2) / (np.exp(2) + 29), rel=1e-5)


def test_an_answer_says_what_gave_it(classifier: Classifier, tiny: ModelBundle, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(picture(1)))
    answer = classifier.identify(path)
    assert answer.source == str(path)
    assert answer.provenance.bundle == "tiny"
    assert answer.provenance.artifact_sha256 == tiny.manifest.files["model.onnx"].sha256
    assert answer.provenance.precision == "fp32"
    assert answer.provenance.runs_on.startswith("cpu")
    assert answer.elapsed_ms > 0


def test_what_was_odd_about_a_picture_stays_with_its_answer(classifier: Classifier) -> None:
    data = encoded(picture(1, (400, 300)), quality=95)
    assert classifier.identify(data[: len(data) * 3 // 4]).flags == ("incomplete",)


def test_a_missing_picture_is_a_failure_not_an_exception(classifier: Classifier, tmp_path: Path) -> None:
    answer = classifier.identify(tmp_path / "none.jpg")
    assert answer.failure is not None
    assert answer.failure.fault is Fault.MISSING
    assert answer.top() == ()


def test_the_bundle_may_know_other_species(tiny: ModelBundle) -> None:
    two = replace(tiny.manifest, species=tiny.manifest.species[:2])

    def answer(images: np.ndarray) -> Outputs:
        return Outputs(np.tile(np.array([0, 5], np.float32), (len(images), 1)), np.zeros((len(images), 4), np.float32))

    classifier = Classifier(ModelBundle(tiny.folder, two), FunctionBackend(answer), Calibration())
    assert [c.species.id for c in classifier.identify(grey(1)).candidates] == ["bat", "antelope"]


def test_a_site_list_limits_the_candidates_and_keeps_the_raw_probabilities(classifier: Classifier) -> None:
    answer = classifier.identify(picture(1))
    wanted = [candidate.species.id for candidate in answer.candidates[1:4]]
    limited = answer.under(classifier.policy.limited(wanted))
    assert [candidate.species.id for candidate in limited.candidates] == wanted
    assert sum(candidate.confidence for candidate in limited.candidates) == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(limited.probabilities, answer.probabilities)


def test_the_models_own_policy_changes_no_answer(classifier: Classifier, tmp_path: Path) -> None:
    answer = classifier.identify(picture(1))
    again = answer.under(classifier.policy)
    assert (again.decision, again.candidates) == (answer.decision, answer.candidates)
    failed = classifier.identify(tmp_path / "none.jpg")
    assert failed.under(classifier.policy) is failed
