"""The photo as large as the window: opened and left by key and mouse, and reviewed in, in a real window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from avistar_gui.identify.loupe import headline


@pytest.fixture
def survey(controller, photos, qtbot):
    """A window with a folder of which everything is answered."""
    controller.settings.ask_first = False
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10)
    qtbot.waitUntil(lambda: controller.identify.page.cards_shown() == 3)
    controller.identify.page.grid.choose(0)
    return controller


def test_space_opens_it_and_keys_review_in_it(survey, qtbot):
    page = survey.identify.page
    qtbot.keyClick(page.grid, Qt.Key.Key_Space)
    qtbot.waitUntil(page.loupe.isVisible)
    assert not survey.window.rail.isVisible()
    assert page.view.width() > 0.8 * page.width()
    strip = page.loupe.strip
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert page.grid.currentIndex().row() == 1
    assert len(page.grid.chosen_ids()) == 1
    qtbot.keyClick(strip, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 1)
    assert page.grid.currentIndex().row() == 2
    qtbot.keyClick(strip, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 2)
    findings = [survey.identify.photos.photo(row).row.finding for row in (1, 2)]
    assert findings[0] == "empty"
    assert findings[1] in ("wolf", "mouse")
    assert page.loupe.isVisible()
    QTest.keyClick(strip, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 1)


def test_escape_space_and_f11_go_back_and_everything_lies_as_before(survey, qtbot):
    page = survey.identify.page
    sizes = page._split.sizes()
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_F11):
        qtbot.keyClick(page.grid, Qt.Key.Key_F11)
        qtbot.waitUntil(page.loupe.isVisible)
        qtbot.keyClick(page.loupe.strip, key)
        qtbot.waitUntil(page.grid.isVisible)
        assert not page.loupe.isVisible()
        assert survey.window.rail.isVisible()
        assert page._split.sizes() == sizes
        assert page._split.indexOf(page.photo) == 1
        assert page.view.isVisible()
    assert page.grid.currentIndex().row() == 0


def test_a_double_click_opens_it_and_then_looks_closer(survey, qtbot):
    page = survey.identify.page
    qtbot.waitUntil(lambda: page.view.has_photo)
    qtbot.mouseDClick(page.view, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.loupe.isVisible)
    qtbot.mouseDClick(page.view, Qt.MouseButton.LeftButton)
    assert page.view.zoom > 1
    qtbot.keyClick(page.loupe.strip, Qt.Key.Key_0)
    assert page.view.zoom == 1
    qtbot.keyClick(page.loupe.strip, Qt.Key.Key_B)
    assert page.photo.toning.tone.brightness > 0


def test_the_plate_says_what_counts_and_a_click_accepts(survey, qtbot):
    page, session = survey.identify.page, survey.identify.session
    page.show_loupe(True)
    plate = page.loupe.plate
    record = session.record(page.grid.chosen_ids()[0])
    said, _ = headline(record, survey.identify._engine.names)
    assert plate.lines[0] == said
    assert len(plate.lines) == 4
    where = plate._card(0).center().toPoint()
    QTest.mouseClick(plate, Qt.MouseButton.LeftButton, pos=where)
    qtbot.waitUntil(lambda: session.counts.reviewed == 1)


def test_a_filter_or_another_screen_leaves_it(survey, qtbot):
    page = survey.identify.page
    page.show_loupe(True)
    survey.go("models")
    assert not page.loupe.is_open
    assert survey.window.rail.isVisible()
    survey.go("identify")
    page.show_loupe(True)
    survey.identify.session.clear()
    qtbot.waitUntil(lambda: page.empty.isVisible())
    assert not page.loupe.is_open
