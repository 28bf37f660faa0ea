from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from avistar import BackendUnavailable, Classifier, Failure, Fault, FunctionBackend, ModelBundle, Outputs, pipeline
from avistar.files import content_key
from avistar.manifest import Calibration
from avistar.media.photo import photo_pictures
from avistar.pipeline import Job, Pace, identify_media, measured_pace
from avistar.records import Box, Medium, Picture, Record, Region
from support import encoded, picture

QUICK = Pace(batch=2, workers=2)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{i}.jpg" for i in range(7)]
    for i, path in enumerate(paths):
        path.write_bytes(b"broken" if i == 3 else encoded(picture(i)))
    return paths


def records(classifier: Classifier, *jobs: Job) -> list[Record]:
    return [record for some in identify_media(classifier, jobs, QUICK) for record in some]


def pictures(*some: Picture) -> Job:
    return lambda: some


def test_photos_become_records_in_order_failures_included(classifier: Classifier, photos: list[Path]) -> None:
    jobs = [lambda path=path: photo_pictures(path, photos[0].parent) for path in photos]
    found = records(classifier, *jobs)
    assert [record.medium.relative for record in found] == [path.name for path in photos]
    for path, record in zip(photos, found, strict=True):
        assert record.medium.content == content_key(path, path.stat().st_size)
        if path.name == "3.jpg":
            assert record.failure is not None
            assert record.failure.fault is Fault.NOT_AN_IMAGE
            assert record.observations == ()
        else:
            assert record.identification is not None
            expected = classifier.identify(path)
            assert record.identification.source == str(path)
            np.testing.assert_allclose(record.identification.probabilities, expected.probabilities, atol=1e-6)
            assert (record.medium.width, record.medium.height) == (64, 48)


def test_several_animals_in_a_photo_are_several_observations(classifier: Classifier) -> None:
    medium = Medium("/card/a.jpg", "a.jpg")
    boxes = [Box(0, 0, 0.5, 1), Box(0.5, 0, 0.5, 1), Box(0, 0, 1, 1, "person")]
    some = [Picture(medium, np.asarray(picture(i)), Region(box)) for i, box in enumerate(boxes[:2])]
    [record] = records(classifier, pictures(*some, Picture(medium, None, Region(boxes[2]))))
    assert [one.region.box for one in record.observations] == boxes[:2]
    assert record.detections == tuple(boxes)
    assert not record.blank


def test_a_blank_stays_a_blank_and_a_failure_a_failure(classifier: Classifier) -> None:
    medium = Medium("/card/a.jpg", "a.jpg")
    failure = Failure(Fault.DAMAGED, "a.jpg: damaged")
    blank, damaged = records(classifier, pictures(Picture(medium, None)), pictures(Picture(medium, failure)))
    assert blank.blank
    assert blank.observations == ()
    assert damaged.failure == failure


def test_one_bad_frame_does_not_cost_the_others(classifier: Classifier) -> None:
    medium = Medium("/card/a.mp4", "a.mp4", "video")
    frames = [Picture(medium, np.asarray(picture(i)), Region(time_s=float(i))) for i in range(5)]
    bad = Picture(medium, b"broken", Region(time_s=9.0))
    [record] = records(classifier, pictures(*frames, bad))
    assert record.failure is None
    assert [one.identification.failure is None for one in record.observations] == [True] * 5 + [False]


def test_a_long_video_is_never_whole_in_memory(tiny: ModelBundle) -> None:
    held = most = 0

    def answer(images: np.ndarray) -> Outputs:
        nonlocal held
        held -= len(images)
        return Outputs(np.zeros((len(images), 30), np.float32), np.zeros((len(images), 4), np.float32))

    def video() -> Iterator[Picture]:
        nonlocal held, most
        for i in range(50):
            held += 1
            most = max(most, held)
            yield Picture(Medium("v.mp4", "v.mp4", "video"), np.asarray(picture(i)), Region(time_s=float(i)))

    with Classifier(tiny, FunctionBackend(answer, "a fake"), Calibration()) as classifier:
        [record] = records(classifier, video)
    assert len(record.observations) == 50
    assert most <= QUICK.batch + 1


def test_a_lost_device_ends_the_run_in_its_place(tiny: ModelBundle) -> None:
    calls = iter(range(100))

    def answer(images: np.ndarray) -> Outputs:
        if next(calls) > 2:
            raise BackendUnavailable("the device is gone")
        return Outputs(np.zeros((len(images), 30), np.float32), np.zeros((len(images), 4), np.float32))

    jobs = [pictures(Picture(Medium(f"{i}", f"{i}"), np.asarray(picture(i)))) for i in range(40)]
    with (
        Classifier(tiny, FunctionBackend(answer, "a fake"), Calibration()) as classifier,
        pytest.raises(BackendUnavailable, match="is gone"),
    ):
        list(identify_media(classifier, jobs, QUICK))
    assert not [one for one in threading.enumerate() if one.name.startswith("avistar-work")]


def test_the_pace_is_measured_on_the_machine_itself(classifier: Classifier) -> None:
    pace = measured_pace(classifier)
    assert pace.batch in (4, 8, 16, 32, 64)
    assert pace.workers >= 2


def test_a_video_has_an_answer_for_each_frame_and_one_for_all(classifier: Classifier) -> None:
    medium = Medium("/card/a.mp4", "a.mp4", kind="video")
    frames = [Picture(medium, np.asarray(picture(i)), Region(time_s=float(i))) for i in range(3)]
    [record] = records(classifier, pictures(*frames))
    assert [one.region.time_s for one in record.observations] == [0.0, 1.0, 2.0]
    assert record.identification is record.together
    assert record.together.source == "/card/a.mp4"
    mean = np.mean([np.log(one.identification.probabilities) for one in record.observations], axis=0)
    np.testing.assert_allclose(record.together.probabilities, np.exp(mean) / np.exp(mean).sum(), atol=1e-5)


def test_a_policy_holds_for_every_record(classifier: Classifier) -> None:
    answer = classifier.identify(picture(1))
    second = answer.candidates[1].species.id
    limited = classifier.under(classifier.policy.limited([second, answer.candidates[2].species.id]))
    [record] = records(limited, pictures(Picture(Medium("/card/a.jpg", "a.jpg"), np.asarray(picture(1)))))
    assert record.identification.candidates[0].species.id == second
    np.testing.assert_allclose(record.identification.probabilities, answer.probabilities, atol=1e-6)
    assert len(classifier.identify(picture(1)).candidates) == 30


def test_a_larger_batch_is_taken_only_where_it_is_faster(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def rates(rate_of: Callable[[int], float]) -> Callable[..., float]:
        def rate(classifier: Classifier, batch: int, *_: object) -> float:
            tried.append(batch)
            return rate_of(batch)

        return rate

    monkeypatch.setattr(pipeline, "_rate", rates(lambda batch: 100.0 * batch))  # a GPU: a call costs the same
    assert measured_pace(classifier).batch == max(tried)
    largest = tried[-1]
    tried.clear()
    monkeypatch.setattr(pipeline, "_rate", rates(lambda batch: 100.0))  # a CPU: a picture costs the same
    assert measured_pace(classifier).batch == tried[0]
    assert len(tried) == 2
    assert max(tried) < largest


def test_the_pace_is_measured_on_the_network_itself(tiny: ModelBundle) -> None:
    seen = []

    def answer(images: np.ndarray) -> Outputs:
        seen.append(images.shape[1:])
        return Outputs(np.zeros((len(images), 30), np.float32), np.zeros((len(images), 4), np.float32))

    with Classifier(tiny, FunctionBackend(answer), Calibration()) as classifier:
        assert measured_pace(classifier).workers >= 2
    assert set(seen) == {(32, 32, 3)}
