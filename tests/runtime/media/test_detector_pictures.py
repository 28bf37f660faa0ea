from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from avistar import Classifier, Fault, FunctionBackend, ModelBundle, Outputs
from avistar.bursts import averaged
from avistar.manifest import Calibration
from avistar.media.detector_pictures import MARGIN, found_in_photo
from avistar.media.reader import MediumReader
from avistar.options import MediaChoices
from avistar.pipeline import Pace, identify_in_boxes, identify_media
from avistar.records import Box, Medium, Record, Region
from detector_support import SIDE, bright_bundle, detector_of
from support import encoded, picture

LEFT, RIGHT = (0.0, 0.0, 0.4, 0.7), (0.6, 0.0, 1.0, 0.7)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(picture(1), "PNG"))
    return path


def record(classifier: Classifier, photo: Path, *rows: tuple[float, ...], classes: tuple[str, ...] = ()) -> Record:
    detector = detector_of(list(rows) or [(*LEFT, 0.01)], *classes)
    jobs = [lambda: found_in_photo(photo, photo.parent, detector)]
    [[found]] = identify_media(classifier, jobs, Pace(batch=3, workers=1))
    return found


def sure_of(tiny: ModelBundle, index: int, lead: Callable[[np.ndarray], np.ndarray]) -> Classifier:
    """A classifier whose logit for one species is `lead` of the picture."""

    def answer(images: np.ndarray) -> Outputs:
        logits = np.zeros((len(images), 30), np.float32)
        logits[:, index] = lead(images)
        return Outputs(logits, np.zeros((len(images), 12), np.float32))

    return Classifier(tiny, FunctionBackend(answer), Calibration())


def test_each_animal_is_identified_in_its_box_together_with_the_whole(classifier: Classifier, photo: Path) -> None:
    found = record(classifier, photo, (*LEFT, 0.9), (*RIGHT, 0.8))
    assert len(found.observations) == 2
    assert len(found.detections) == 2
    for one in found.observations:
        box = one.region.box
        assert box is not None
        pixels, wide = np.asarray(picture(1)), box.widened(MARGIN)
        from avistar.images.geometry import Crop

        alone = classifier.identify(Crop(pixels, wide.left, wide.top, wide.width, wide.height))
        expected = averaged([alone, classifier.identify(pixels)], classifier.policy)
        np.testing.assert_allclose(one.identification.probabilities, expected.probabilities, atol=1e-5)
        assert one.identification.source == str(photo)
    assert not found.blank


def test_persons_and_vehicles_are_boxes_without_species(classifier: Classifier, photo: Path) -> None:
    found = record(classifier, photo, (*LEFT, 0.1, 0.9), classes=("animal", "person"))
    assert [box.category for box in found.detections] == ["person"]
    assert found.observations == ()
    assert not found.blank


def test_a_photo_in_which_nothing_is_found_or_named_is_blank(tiny: ModelBundle, photo: Path) -> None:
    unsure = sure_of(tiny, 3, lambda images: np.zeros(len(images)))
    found = record(unsure, photo)
    assert found.blank
    assert found.observations == ()


def test_a_photo_that_is_named_as_a_whole_is_not_blank_even_without_a_box(tiny: ModelBundle, photo: Path) -> None:
    found = record(sure_of(tiny, 3, lambda images: np.full(len(images), 30.0)), photo)
    assert not found.blank
    assert found.identification is not None
    assert found.identification.decision is not None
    assert found.identification.decision.kind == "species"
    assert found.observations[0].region == Region()


def test_a_photo_on_which_the_detector_or_the_disk_fails_is_a_failure(classifier: Classifier, photo: Path) -> None:
    found = record(classifier, photo, (0.1, 0.1, 0.5, float("nan"), 0.9))
    assert found.failure is not None
    assert found.failure.fault is Fault.NO_VALID_ANSWER
    assert str(photo) in found.failure.message
    photo.write_bytes(b"broken")
    found = record(classifier, photo, (*LEFT, 0.9))
    assert found.failure is not None
    assert found.failure.fault is Fault.NOT_AN_IMAGE


def test_more_boxes_than_a_batch_give_the_same_answers(classifier: Classifier, photo: Path) -> None:
    rows = [(x / 10, y / 10, x / 10 + 0.09, y / 10 + 0.09, 0.9) for x in range(5) for y in range(2)]
    many = record(classifier, photo, *rows)
    assert len(many.observations) == 10
    for one in many.observations:
        box = one.region.box
        assert box is not None
        row = (box.left, box.top * 0.75, box.left + box.width, (box.top + box.height) * 0.75, 0.9)
        [alone] = record(classifier, photo, row).observations
        np.testing.assert_allclose(one.identification.probabilities, alone.identification.probabilities, atol=1e-3)


def test_a_survey_that_detects_says_so_and_opens_the_same_again(tmp_path: Path, photo: Path) -> None:
    folder = bright_bundle(tmp_path / "bright").folder
    choices = MediaChoices(detect=True, detector=folder, detection_confidence=0.25)
    reader = choices.opening(tmp_path, "cpu")
    assert reader.detector is not None
    assert reader.detector.threshold == 0.25
    settings = choices.settings(reader)
    assert settings["detector"] == "bright"
    assert MediaChoices.of(settings) == choices
    [only] = reader(Medium(str(photo), photo.name), tmp_path)()
    assert only.tentative == (np.asarray(picture(1)).mean() * 0.75 / 255 < 0.25)


def test_without_a_detector_nothing_changes(photo: Path) -> None:
    [one] = MediumReader()(Medium(str(photo), photo.name), photo.parent)()
    assert (one.source, one.around, one.tentative) == (str(photo), None, False)


def test_one_picture_of_no_survey_is_looked_at_by_the_same_rules(classifier: Classifier) -> None:
    found = identify_in_boxes(classifier, detector_of([(*LEFT, 0.9)]), encoded(picture(1)))
    assert [type(one) for one in found.detections] == [Box]
    assert found.identification is not None
    assert identify_in_boxes(classifier, detector_of([(*LEFT, 0.9)]), b"broken").failure is not None
    assert SIDE == 64
