"""A detector's boxes: on the photo with what was said of each, and as a choice before a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from avistar import Classifier
from avistar.boxes import Box
from avistar.records import Medium, Observation, Record, Region, Review
from avistar_gui.identify.answer_panel import Subject
from avistar_gui.identify.photo_controller import labelled_boxes
from avistar_gui.identify.preflight.sheet import PreflightSheet
from avistar_gui.identify.session.start_facts import usual_choices
from avistar_gui.identify.session.statement import removal, things_of
from avistar_gui.identify.session.survey import from_camera_trap
from avistar_gui.photo.box_editor import BoxEditor, box_between
from avistar_gui.photo.box_overlay import BoxOverlay, LabelledBox
from avistar_gui.photo.view import PhotoView
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


def subject(record: Record, chosen: int = -1) -> Subject:
    return Subject(record, things_of(record), chosen)


def test_every_box_is_labelled_and_the_one_of_the_answer_leads(classifier):
    boxes = labelled_boxes(subject(seen(classifier)))
    assert [one.box for one in boxes] == [WOLF, PERSON]
    assert boxes[0].label in ("Wolf", "Mouse")
    assert [one.leading for one in boxes] == [True, False]
    assert boxes[1].label == "Person"


def test_a_photo_without_a_detector_has_no_boxes():
    assert labelled_boxes(subject(Record(Medium("/card/a.jpg", "a.jpg")))) == []


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


def test_a_box_that_a_person_rejected_stays_to_be_seen(classifier):
    before = seen(classifier)
    said = removal(things_of(before)[0])(before)
    after = replace(before, review=Review.of(said.sightings, "Ana", datetime(2026, 5, 1, tzinfo=UTC)))
    boxes = {one.label: one for one in labelled_boxes(subject(after))}
    assert boxes["No animal"].faint
    assert not boxes["Person"].faint
    assert not boxes["No animal"].movable  # a detector's box is never altered


@pytest.fixture
def editor(qtbot):
    """A view of 400 by 200 px that a photo fills, with a detector's box and a person's."""
    view = PhotoView()
    qtbot.addWidget(view)
    view.resize(400, 200)
    image = QImage(400, 200, QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    view.show()
    view.show_photo(image)
    editor = BoxEditor(view)
    editor.view = view
    editor.show_boxes(
        [
            LabelledBox(Box(0.0, 0.0, 0.5, 1.0), "Wolf", place=0),
            LabelledBox(Box(0.5, 0.5, 0.25, 0.25), "Fox", chosen=True, movable=True, place=1),
        ]
    )
    return editor


def drag(qtbot, editor, start, end):
    qtbot.mousePress(editor.view, Qt.MouseButton.LeftButton, pos=QPoint(*start))
    for pos in ((start[0] + end[0]) // 2, (start[1] + end[1]) // 2), end:
        move = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(*pos), QPointF(*pos), Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(editor.view, move)
    qtbot.mouseRelease(editor.view, Qt.MouseButton.LeftButton, pos=QPoint(*end))


def test_a_click_chooses_the_box_below_it_or_none(qtbot, editor):
    for pos, wanted in (((50, 50), 0), ((220, 120), 1), ((390, 10), -1)):
        with qtbot.waitSignal(editor.chosen) as said:
            qtbot.mouseClick(editor.view, Qt.MouseButton.LeftButton, pos=QPoint(*pos))
        assert said.args == [wanted]


def test_a_persons_box_is_moved_and_resized_a_detectors_is_not(qtbot, editor):
    with qtbot.waitSignal(editor.moved) as said:
        drag(qtbot, editor, (250, 125), (290, 135))
    assert said.args[0] == Box(pytest.approx(0.6), pytest.approx(0.55), 0.25, 0.25)
    with qtbot.waitSignal(editor.moved) as said:
        drag(qtbot, editor, (300, 150), (340, 190))
    assert said.args[0] == Box(0.5, 0.5, pytest.approx(0.35), pytest.approx(0.45))
    with qtbot.assertNotEmitted(editor.moved):
        drag(qtbot, editor, (50, 50), (90, 90))


def test_a_drag_draws_a_box_only_when_asked_for(qtbot, editor):
    editor.draw(True)
    with qtbot.waitSignal(editor.drawn) as said:
        drag(qtbot, editor, (200, 100), (100, 20))
    box = said.args[0]
    assert (box.left, box.top, box.width, box.height) == pytest.approx((0.25, 0.1, 0.25, 0.4))
    assert not editor.drawing
    with qtbot.assertNotEmitted(editor.drawn):
        drag(qtbot, editor, (200, 100), (100, 20))


def test_keys_move_and_resize_the_chosen_box(qtbot, editor):
    with qtbot.waitSignal(editor.moved) as said:
        editor.nudge(1, 0)
    assert said.args[0].left == pytest.approx(0.51)
    with qtbot.waitSignal(editor.moved) as said:
        editor.nudge(0, -1, resize=True)
    assert said.args[0].height == pytest.approx(0.24)


def test_a_box_lies_inside_the_picture_whichever_way_it_was_drawn():
    assert box_between(0.6, 0.8, 0.2, 0.5) == Box(0.2, 0.5, pytest.approx(0.4), pytest.approx(0.3))
    assert box_between(-0.5, 0.5, 1.5, 0.5) == Box(0.0, 0.5, 1.0, 0.01)
