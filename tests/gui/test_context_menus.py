"""Right clicks: what they offer does the same as keys; two photos beside each other; cards on the start page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from avistar_gui.identify.session.cards import Card, Volume, camera_cards


@pytest.fixture
def survey(controller, photos, qtbot):
    """A window with a folder of which everything is answered."""
    controller.settings.ask_first = False
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10)
    qtbot.waitUntil(lambda: controller.identify.page.cards_shown() == 3)
    controller.identify.page.grid.choose(0)
    return controller


def texts(menu):
    return [action.text().partition("\t")[0] for action in menu.actions() if action.text()]


def press(menu, text):
    next(action for action in menu.actions() if action.text().startswith(text)).trigger()


def test_the_menu_of_a_photo_reviews_and_shows_its_folder(survey, qtbot):
    menus, session, page = survey.identify.menus, survey.identify.session, survey.identify.page
    first = survey.identify.photos.photo(0)
    shown = []
    menus.show_in_folder = shown.append
    menu = menus.of_photos()
    assert "Side by side" not in texts(menu)
    press(menu, "Show in folder")
    press(menu, "Copy path")
    assert shown == [first.path]
    assert QGuiApplication.clipboard().text() == first.path
    press(menu, "No animal")
    qtbot.waitUntil(lambda: session.counts.reviewed == 1)
    assert survey.identify.photos.photo(0).row.finding == "empty"
    press(menus.of_photos(), "Show large")
    assert page.loupe.isVisible()
    press(menus.of_photos(), "Back to all photos")
    assert not page.loupe.isVisible()


def test_two_photos_are_zoomed_and_moved_together_unless_that_is_switched_off(survey, qtbot):
    page = survey.identify.page
    page.grid.choose_all([1, 2])
    assert "Side by side" in texts(survey.identify.menus.of_photos())
    dialog = survey.identify.menus.compare()
    one, other = dialog.views
    qtbot.waitUntil(lambda: one.has_photo and other.has_photo)
    one.zoom_at(QPointF(10, 10), 3.0)
    assert other.zoom == pytest.approx(3.0)
    assert other.sight == pytest.approx(one.sight)
    other.move_by(1, 0)
    assert one.sight == pytest.approx(other.sight)
    dialog.linked.setChecked(False)
    one.fit()
    assert (one.zoom, other.zoom) == (1.0, pytest.approx(3.0))
    dialog.reject()


def test_a_survey_of_the_past_is_forgotten_and_its_file_stays(survey, settings, qtbot):
    session, page = survey.identify.session, survey.identify.page
    session.clear()
    qtbot.waitUntil(lambda: page.empty.recent.count() == 1)
    (entry,) = session.library.recent()
    shown = []
    survey.identify.menus.show_in_folder = shown.append
    menu = survey.identify.menus.of_survey(entry)
    assert texts(menu) == [
        "Continue", "Show folder", "Show the survey's file", "Remove from this list (its file stays)"
    ]  # fmt: skip
    press(menu, "Show folder")
    assert shown == [entry.folder]
    assert page.empty.recent.thumbnail(entry.photo) is None or entry.photo
    press(menu, "Remove")
    qtbot.waitUntil(lambda: page.empty.recent.count() == 0)
    assert len(list(session.library.folder.glob("*.before-*.avistar"))) == 1


def test_mounted_cards_of_cameras_are_known_by_their_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("avistar_gui.identify.session.cards._REMOVABLE", (str(tmp_path),))
    (tmp_path / "CANON" / "DCIM").mkdir(parents=True)
    (tmp_path / "STICK" / "Documents").mkdir(parents=True)
    volumes = [
        Volume(str(tmp_path / "CANON"), "CANON", b"exfat", 5),
        Volume(str(tmp_path / "STICK"), "STICK", b"vfat", 5),
        Volume(str(tmp_path / "CANON"), "far", b"nfs4", 5),
        Volume("/", "root", b"ext4", 5),
    ]
    assert camera_cards(volumes) == [Card(str(tmp_path / "CANON"), "CANON", 5)]
    assert isinstance(camera_cards(), list)


def test_a_card_in_the_slot_is_offered_and_opened(controller, photos, qtbot):
    session, page = controller.identify.session, controller.identify.page
    controller.settings.ask_first = False
    controller.start()
    page.empty.show_cards([Card(str(photos), "CANON", 31_000_000_000)])
    button = next(one for one in page.empty.findChildren(QPushButton) if "CANON" in one.text())
    assert button.text() == "Open card CANON (31.0 GB)"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.progress.done == 10)
    page.empty.show_cards([])
