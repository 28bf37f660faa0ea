"""The chosen photo in the window: where its answer comes from, its details, and how another takes its place."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QToolButton

from avistar import Outputs
from avistar.records import Box, Medium, Observation, Record, Region
from avistar_gui.identify.answer_panel import Subject
from avistar_gui.identify.photo_controller import source_of
from avistar_gui.photo.evidence_search import EvidenceSearch
from support import encoded, picture

LEFT_UPPER = slice(2, 12)


@pytest.fixture
def by_a_corner():
    """Wolf by as much as the upper left corner is bright and sharp, mouse by the lower right one."""

    def answer(images: np.ndarray) -> Outputs:
        logits = np.zeros((len(images), 30), np.float32)
        steps = np.abs(np.diff(images.astype(np.float32), axis=2)).mean(axis=3)
        logits[:, 29] = 6 * np.clip(steps[:, :12, :12].mean(axis=(1, 2)) / 20, 0, 1)
        logits[:, 16] = 5 * np.clip(steps[:, 20:, 20:].mean(axis=(1, 2)) / 20, 0, 1)
        return Outputs(logits, np.zeros((len(images), 4), np.float32))

    return answer


@pytest.fixture
def two(tmp_path):
    """Two photos, each with detail in both corners; the second is wide."""
    folder = tmp_path / "card"
    folder.mkdir()
    for name, size in (("one.png", (160, 160)), ("two.png", (320, 160))):
        pixels = np.full((size[1], size[0], 3), 60, np.uint8)
        left = (size[0] - 160) // 2
        for at in (0, 110):
            pixels[at : at + 50, left + at : left + at + 50] = np.random.default_rng(1).integers(0, 256, (50, 50, 3))
        (folder / name).write_bytes(encoded(Image.fromarray(pixels), "PNG"))
    return folder


@pytest.fixture
def opened(make_desk, opener_of, by_a_corner, two, qtbot):
    controller = make_desk(opener_of(by_a_corner))
    controller.start([str(two)])
    session, page = controller.identify.session, controller.identify.page
    qtbot.waitUntil(lambda: session.progress.done == 2 and not session.running and page.view.has_photo)
    qtbot.waitUntil(lambda: controller.identify.page.answers.headline.text() != "Waiting")
    return controller.identify


def press(controller, qtbot, key, modifier=Qt.KeyboardModifier.NoModifier):
    controller.page.window().activateWindow()
    controller.page.grid.setFocus()
    qtbot.waitUntil(controller.page.grid.hasFocus)
    qtbot.keyClick(controller.page.grid, key, modifier)


def test_a_key_shows_where_the_answer_comes_from_and_hides_it_again(opened, qtbot):
    page = opened.page
    assert page.view.overlay is None
    assert page.photo.note.isHidden()
    press(opened, qtbot, Qt.Key.Key_W)
    assert page.photo.note.isVisible()
    qtbot.waitUntil(lambda: opened.single.shown is not None)
    evidence = opened.single.shown
    assert evidence.species.id == "wolf"
    assert evidence.clear
    assert evidence.heat[:3, :3].max() == 1
    assert evidence.heat[4:, 4:].max() < 0.3
    assert page.view.overlay is not None
    assert "an aid, not proof" in page.photo.note.title.text()
    assert page.photo.note.text.text().startswith("Wolf: ")
    assert page.photo.note.bar.isHidden()
    assert [card.marked for card in page.answers.cards] == [True, False, False]
    press(opened, qtbot, Qt.Key.Key_W)
    assert page.view.overlay is None
    assert page.photo.note.isHidden()
    assert not any(card.marked for card in page.answers.cards)


def test_it_stays_over_a_photo_that_is_chosen_again(opened, qtbot):
    press(opened, qtbot, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: opened.page.view.overlay is not None)
    opened.retranslate()  # shows the chosen photo anew, from what was read before
    assert opened.page.view.has_photo
    assert opened.page.view.overlay is not None


def test_it_is_shown_for_the_card_under_the_mouse_and_for_the_next_by_key(opened, qtbot):
    press(opened, qtbot, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: opened.single.shown is not None)
    card = opened.page.answers.cards[1]
    enter = QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5))
    QApplication.sendEvent(card, enter)
    assert opened.single.shown.species.id == "mouse"
    assert opened.single.shown.heat[4:, 4:].max() == 1
    assert card.marked
    QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    assert opened.single.shown.species.id == "wolf"
    press(opened, qtbot, Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    assert opened.single.shown.species.id == "mouse"


def test_each_photo_has_its_own_and_is_looked_at_once(opened, qtbot, monkeypatch):
    press(opened, qtbot, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: opened.single.shown is not None)
    first = opened.single.shown
    opened.page.grid.choose(1)
    assert opened.single.shown is None
    assert opened.page.view.overlay is None
    qtbot.waitUntil(lambda: opened.single.shown is not None)
    assert opened.single.shown.seen == (0.25, 0.0, 0.75, 1.0)
    monkeypatch.setattr(type(opened.session.classifier), "evidence", lambda *_, **__: pytest.fail("it is known"))
    opened.page.grid.choose(0)
    qtbot.waitUntil(lambda: opened.single.shown is not None)
    assert opened.single.shown is first


def test_the_language_may_change_while_it_is_shown(opened, qtbot):
    press(opened, qtbot, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: opened.single.shown is not None)
    opened.page.window().actions_.languages["es"].trigger()
    qtbot.waitUntil(lambda: opened.page.view.overlay is not None)
    assert opened.page.photo.note.text.text().startswith("Lobo: ")


def test_a_photo_that_waits_is_looked_at_once_it_is_answered(opened, qtbot):
    record = opened.single._record
    opened.single.show_subject(Subject(Record(record.medium)))
    press(opened, qtbot, Qt.Key.Key_W)
    assert opened.page.photo.note.text.text() == "This photo has no answer yet."
    assert opened.page.photo.note.bar.isHidden()
    opened.single.show_subject(Subject(record))
    assert opened.page.photo.note.bar.isVisible()
    qtbot.waitUntil(lambda: opened.single.shown is not None)


def test_a_photo_left_behind_is_not_looked_at_further(opened, qtbot, monkeypatch):
    gone = threading.Event()

    def endless(self, source, species=(), *, progress):
        try:
            while True:
                progress(0.1)
        finally:
            gone.set()

    monkeypatch.setattr(type(opened.session.classifier), "evidence", endless)
    press(opened, qtbot, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: opened.page.photo.note.bar.value() == 10)
    assert opened.page.photo.note.bar.isVisible()
    press(opened, qtbot, Qt.Key.Key_W)
    assert gone.wait(10)
    assert opened.single.shown is None


def test_an_evidence_that_comes_too_late_never_lies_on_another_photo(qapp, qtbot):
    go, seen = threading.Event(), []

    class Slow:
        def evidence(self, source, species, *, progress):
            if source == "slow":
                go.wait(10)
            return ()

    looker = EvidenceSearch()
    try:
        looker.found.connect(lambda path, _: seen.append(path))
        looker.look("slow", "slow", ["wolf"], Slow())
        looker.look("quick", "quick", ["wolf"], Slow())
        go.set()
        qtbot.waitUntil(lambda: bool(seen))
        qtbot.wait(50)
        assert seen == ["quick"]
    finally:
        looker.finish()


def test_what_goes_wrong_is_said_and_the_rest_works_on(opened, qtbot, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the device is gone")

    monkeypatch.setattr(type(opened.session.classifier), "evidence", broken)
    press(opened, qtbot, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: "the device is gone" in opened.page.photo.note.text.text())
    opened.page.grid.choose(1)
    qtbot.waitUntil(lambda: opened.page.caption.text().startswith("two.png"))


def test_of_a_photo_with_boxes_the_surest_box_is_looked_at_and_of_a_video_nothing(classifier):
    medium = Medium("/card/a.jpg", "a.jpg")
    answers = [classifier.identify(picture(seed)) for seed in (1, 2)]
    boxes = [Box(0.1, 0.2, 0.3, 0.4), Box(0.5, 0.5, 0.2, 0.2)]
    record = Record(medium, tuple(Observation(Region(b), a) for b, a in zip(boxes, answers, strict=True)))
    surest = max(range(2), key=lambda i: answers[i].decision.confidence)
    crop = source_of(record)
    assert (crop.whole, crop.left, crop.top) == ("/card/a.jpg", boxes[surest].left, boxes[surest].top)
    assert source_of(Record(medium)) == "/card/a.jpg"
    assert source_of(Record(Medium("/card/a.mp4", "a.mp4", "video"))) is None


def test_a_sites_list_decides_the_evidence_as_it_decided_the_answer(opened, qtbot):
    classifier = opened.session.classifier
    answer = opened.single._record.identification.under(classifier.policy.limited(["mouse", "rat"]))
    medium = opened.single._record.medium
    opened.single.show_subject(Subject(Record(medium, (Observation(Region(), answer),))))
    press(opened, qtbot, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: opened.single.shown is not None)
    assert opened.single.shown.species.id == "mouse"
    assert opened.single.shown.confidence == pytest.approx(answer.candidates[0].confidence, abs=1e-4)


def test_a_narrow_window_keeps_every_button(opened, qtbot):
    pane = opened.page.photo
    buttons = pane._tools.findChildren(QToolButton)
    assert pane.minimumSizeHint().width() < 370
    for width in (366, 900):
        pane.setParent(None)
        pane.resize(width, 600)
        pane.show()
        qtbot.wait(20)
        assert pane.width() == width
        places = [button.geometry() for button in buttons]
        assert [place for place in places if not pane._tools.rect().contains(place)] == []
        assert min(place.width() for place in places) >= 30
        words = [button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon for button in buttons]
        assert any(words) == (width == 900)
    pane.close()


def test_the_photo_is_zoomed_and_moved_by_keys(opened, qtbot):
    view = opened.page.view
    press(opened, qtbot, Qt.Key.Key_Plus)
    press(opened, qtbot, Qt.Key.Key_Plus)
    assert view.zoom == pytest.approx(1.25**2)
    press(opened, qtbot, Qt.Key.Key_Minus)
    assert view.zoom == pytest.approx(1.25)
    press(opened, qtbot, Qt.Key.Key_0)
    assert view.zoom == 1
    view.zoom_at(QPointF(view.rect().center()), 4)
    before = view._place(view._full.size()).topLeft()
    press(opened, qtbot, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert view._place(view._full.size()).left() < before.x()
    assert opened.page.grid.currentIndex().row() == 0  # the grid stays where it is
    assert opened.page.photo.scale.text().endswith("%")


def test_the_details_are_a_key_away_can_be_copied_and_are_remembered(opened, two, qtbot, settings):
    page = opened.page
    assert page.photo.details.isHidden()
    press(opened, qtbot, Qt.Key.Key_I)
    assert page.photo.details.isVisible()
    lines = {line.name: line for line in page.photo.details.lines}
    assert lines["Picture"].text.startswith("160 × 160 px")
    assert lines["File"].text == "one.png"
    button = next(b for b in page.photo.details.findChildren(QToolButton) if str(two) in b.accessibleName())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert QApplication.clipboard().text() == str(two / "one.png")
    page.keep_shape(settings)
    assert settings.text("photo_details") == "open"


def test_the_light_goes_with_the_photo_and_the_answer_stays(opened, qtbot):
    headline = opened.page.answers.headline.text()
    press(opened, qtbot, Qt.Key.Key_A)
    press(opened, qtbot, Qt.Key.Key_B)
    assert opened.page.photo.toning.tone.auto
    assert opened.page.answers.headline.text() == headline
    opened.page.grid.choose(1)
    assert opened.page.photo.toning.tone.plain
    press(opened, qtbot, Qt.Key.Key_B)
    press(opened, qtbot, Qt.Key.Key_P)
    opened.page.grid.choose(0)
    assert opened.page.photo.toning.tone.brightness == 10
