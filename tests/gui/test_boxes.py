"""A detector's boxes: on the photo with what was said of each, and as a choice before a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from avistar import Classifier
from avistar.boxes import Box
from avistar.records import Medium, Observation, Record, Region
from avistar_gui.identify.photo_controller import labelled_boxes
from avistar_gui.identify.preflight.sheet import PreflightSheet
from avistar_gui.identify.session.start_facts import usual_choices
from avistar_gui.identify.session.survey import from_camera_trap
from avistar_gui.photo.box_overlay import BoxOverlay, LabelledBox
from support import picture

WOLF, PERSON = Box(0.1, 0.2, 0.3, 0.4, "animal", 0.9), Box(0.6, 0.1, 0.3, 0.8, "person", 0.8)


@pytest.fixture
def classifier(open_tiny):
    with open_tiny(None) as opened:
        yield opened


def seen(classifier: Classifier) -> Record:
    """A photo with an animal that was identified and a person that wasn't."""
    answer = classifier.identify(picture(3, (64, 64)))
    observed = (Observation(Region(WOLF), answer),)
    return Record(Medium("/card/a.jpg", "a.jpg"), observations=observed, detections=(WOLF, PERSON))


def test_every_box_is_labelled_and_the_one_of_the_answer_leads(classifier):
    boxes = labelled_boxes(seen(classifier))
    assert [one.box for one in boxes] == [WOLF, PERSON]
    assert boxes[0].label in ("Wolf", "Mouse")
    assert [one.leading for one in boxes] == [True, False]
    assert boxes[1].label == "Person"


def test_a_photo_without_a_detector_has_no_boxes():
    assert labelled_boxes(Record(Medium("/card/a.jpg", "a.jpg"))) == []


def test_boxes_are_drawn_where_they_are(qapp):
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    painter = QPainter(image)
    overlay = BoxOverlay([LabelledBox(Box(0.0, 0.0, 0.5, 0.5, "animal", 0.9), "Wolf", leading=True)])
    overlay.paint(painter, QRectF(20, 10, 160, 80))
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(100, 200, 4)[..., :3]
    changed = (pixels != 0x80).any(axis=2)
    assert changed[40, 18:23].any()  # the left edge
    assert changed[48:53, 60].any()  # the lower edge
    assert not changed[:, 110:].any()
    assert not changed[60:].any()


@pytest.mark.parametrize(
    ("folders", "found"),
    [(["DCIM", "100RECNX"], True), (["100EK113"], True), (["Season 2024", "north"], False), (["dcim"], True)],
)
def test_a_cameras_folders_are_known_by_their_names(tmp_path: Path, folders: list[str], found: bool):
    for folder in folders:
        (tmp_path / "card" / folder).mkdir(parents=True)
    assert from_camera_trap(str(tmp_path / "card")) is found
    assert from_camera_trap("") is False
    assert from_camera_trap(str(tmp_path / "missing")) is False


def test_the_sheet_offers_the_detector_unless_a_file_says_where_the_animals_are(qtbot, tmp_path):
    sheet = PreflightSheet()
    qtbot.addWidget(sheet)
    sheet.detect.setChecked(True)
    assert sheet.choices.detect
    sheet.use_detector(tmp_path / "md.json")
    assert not sheet.choices.detect
    assert not sheet.detect.isEnabled()
    assert usual_choices(detect=True).detect
