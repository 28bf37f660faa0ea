"""Slips of the hand in a real window: keys held, clicks too early, choices made in a list, a disk that is full."""

from __future__ import annotations

import signal

import pytest
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from avistar.catalogue import Catalogue
from avistar.errors import CatalogueError
from avistar_gui.shell.interrupt import Interrupt


@pytest.fixture
def survey(controller, photos, qtbot):
    """A window with a folder of which everything is answered."""
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10, timeout=10_000)
    qtbot.waitUntil(lambda: controller.identify.page.cards_shown() == 3)
    controller.identify.page.grid.choose(0)
    return controller


@pytest.fixture
def double_click_ms(qapp):
    """What a desktop allows between two clicks, in place of the none of other tests."""
    QApplication.setDoubleClickInterval(300)
    return 300


def reviewed(qtbot, controller, number):
    qtbot.waitUntil(lambda: controller.identify.session.counts.reviewed == number)


def test_undo_with_ctrl_held_leaves_one_photo_chosen(survey, qtbot):
    grid = survey.identify.page.grid
    qtbot.keyClick(grid, Qt.Key.Key_N)
    reviewed(qtbot, survey, 1)
    assert grid.currentIndex().row() == 1
    QTest.keyPress(grid, Qt.Key.Key_Control)
    QTest.keyClick(survey.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: grid.currentIndex().row() == 0)
    QTest.keyRelease(grid, Qt.Key.Key_Control)
    assert len(grid.chosen_ids()) == 1
    qtbot.keyClick(grid, Qt.Key.Key_U)
    findings = lambda: [survey.identify.photos.photo(row).row.finding for row in (0, 1)]  # noqa: E731
    qtbot.waitUntil(lambda: findings()[0] == "unknown")
    assert findings().count("unknown") == 1


@pytest.mark.parametrize("held", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier])
def test_whatever_moves_the_photo_leaves_exactly_that_one_selected(survey, held):
    grid = survey.identify.page.grid
    QTest.keyPress(grid, Qt.Key.Key_Control if held == Qt.KeyboardModifier.ControlModifier else Qt.Key.Key_Shift, held)
    for row in (3, 6, 2):
        grid.choose(row)
        assert [index.row() for index in grid.selectedIndexes()] == [row]


def test_a_key_that_is_held_speaks_of_one_photo(survey, qtbot):
    grid = survey.identify.page.grid
    qtbot.keyClick(grid, Qt.Key.Key_1)
    for _ in range(20):
        repeated = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_1, Qt.KeyboardModifier.NoModifier, "1", autorep=True)
        QApplication.sendEvent(grid, repeated)
    reviewed(qtbot, survey, 1)
    assert grid.currentIndex().row() == 1


def test_a_click_on_a_card_that_has_just_appeared_is_none(survey, qtbot, double_click_ms):
    card, grid = survey.identify.page.answers.cards[0], survey.identify.page.grid
    grid.choose(1)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(card, Qt.MouseButton.LeftButton)
    qtbot.wait(20)
    assert survey.identify.session.counts.reviewed == 0
    qtbot.wait(double_click_ms + 50)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    reviewed(qtbot, survey, 1)


def test_a_double_click_on_a_card_speaks_of_one_photo(survey, qtbot, double_click_ms):
    card, grid = survey.identify.page.answers.cards[0], survey.identify.page.grid
    qtbot.wait(double_click_ms + 50)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(card, Qt.MouseButton.LeftButton)
    reviewed(qtbot, survey, 1)
    assert grid.currentIndex().row() == 1


def test_a_choice_in_a_list_gives_the_keys_back_to_the_photos(survey, qtbot):
    survey.window.activateWindow()
    for box in (survey.identify.page.filters.order, survey.identify.page.filters.shown):
        box.setFocus()
        box.activated.emit(0)
        assert survey.window.focusWidget() is survey.identify.page.grid


def test_escape_and_enter_leave_the_search_and_ctrl_f_goes_there(survey, qtbot):
    filters, grid = survey.identify.page.filters, survey.identify.page.grid
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        survey.window.actions_["search"].trigger()
        assert survey.window.focusWidget() is filters.text
        qtbot.keyClicks(filters.text, "IMG")
        qtbot.keyClick(filters.text, key)
        assert survey.window.focusWidget() is grid
    assert survey.identify.session.classifier is not None


def test_a_review_that_is_not_stored_keeps_its_photo_and_is_tried_again(survey, qtbot, monkeypatch):
    grid, page = survey.identify.page.grid, survey.identify.page
    real = Catalogue.review_each

    def full(self, said):
        raise CatalogueError("card.avistar can't be written: the disk is full")

    monkeypatch.setattr(Catalogue, "review_each", full)
    qtbot.keyClick(grid, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: survey.identify.session.reviews.blocked)
    assert grid.currentIndex().row() == 0
    assert page.banner.title.text().startswith("Not saved: 1 review")
    assert "the disk is full" in page.banner.detail.text()
    monkeypatch.setattr(Catalogue, "review_each", real)
    page.banner.action.click()
    reviewed(qtbot, survey, 1)
    assert survey.identify.photos.photo(0).row.finding == "empty"
    assert not page.banner.isVisible()
    assert not survey.identify.session.reviews.blocked


def test_the_window_leaves_room_for_its_frame_on_a_small_screen(make_desk, open_tiny, monkeypatch):
    monkeypatch.setattr("avistar_gui.shell.main_window.FRAME", QSize(16, 48))
    window = make_desk(open_tiny).window
    room = window.screen().availableGeometry()
    assert window.height() <= room.height() - 48
    assert window.width() <= max(room.width() - 16, window.minimumSizeHint().width())


def test_every_key_before_the_window_closes_is_stored(survey, qtbot):
    path = survey.identify.session.survey_path
    for key in (Qt.Key.Key_N, Qt.Key.Key_U, Qt.Key.Key_1, Qt.Key.Key_H, Qt.Key.Key_N):
        QTest.keyClick(survey.identify.page.grid, key)
    survey.identify.finish()  # nothing was delivered in between
    with Catalogue.read(path) as catalogue:
        assert catalogue.counts().reviewed == 5


def test_an_undo_right_after_two_keys_takes_the_second_one_back(survey, qtbot):
    for _ in range(2):
        QTest.keyClick(survey.identify.page.grid, Qt.Key.Key_N)
    survey.identify.session.undo()
    qtbot.waitUntil(lambda: survey.identify.page.grid.currentIndex().row() == 1)
    reviewed(qtbot, survey, 1)
    assert survey.identify.photos.photo(0).row.finding == "empty"
    assert survey.identify.photos.photo(1).row.verdict == ""


def test_a_survey_that_is_left_has_every_review_and_the_next_hears_nothing_of_it(survey, photos, tmp_path, qtbot):
    before, session = survey.identify.session.survey_path, survey.identify.session
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.jpg").write_bytes((photos / "IMG_00.jpg").read_bytes())
    heard = []
    for _ in range(3):
        QTest.keyClick(survey.identify.page.grid, Qt.Key.Key_N)
    session.clear()
    session.reviewed.connect(lambda ids, go: heard.append(ids))
    survey.identify.open([str(other)])
    qtbot.waitUntil(lambda: session.survey_folder == str(other) and session.progress.done == 1)
    assert heard == []
    with Catalogue.read(before) as catalogue:
        assert catalogue.counts().reviewed == 3


def test_ctrl_c_in_the_terminal_closes_the_window_with_the_exit_code_of_shells(qapp, qtbot):
    before = signal.getsignal(signal.SIGINT)
    closed = []
    interrupt = Interrupt(lambda: closed.append(True))
    try:
        signal.raise_signal(signal.SIGINT)
        qtbot.waitUntil(lambda: bool(closed))
        signal.raise_signal(signal.SIGTERM)
        qtbot.wait(50)
    finally:
        interrupt.finish()
        interrupt.finish()
    assert closed == [True]
    assert interrupt.exit_code == 128 + signal.SIGINT
    assert signal.getsignal(signal.SIGINT) == before


def test_a_dropped_photo_is_the_one_that_is_shown(controller, photos, qtbot):
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10)
    controller.identify.page.grid.choose(2)
    controller.identify.open([str(photos / "IMG_05.jpg")])
    grid, model = controller.identify.page.grid, controller.identify.photos
    qtbot.waitUntil(lambda: model.photo(grid.currentIndex().row()).name == "IMG_05.jpg")
    assert model.rowCount() == 10


def test_a_cameras_picture_never_closes_another_survey(controller, photos, tmp_path, qtbot):
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10)
    elsewhere = tmp_path / "pictures" / "camera.jpg"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes((photos / "IMG_00.jpg").read_bytes())
    controller._picture_saved(str(elsewhere))
    (photos / "camera.jpg").write_bytes((photos / "IMG_01.jpg").read_bytes() + b" ")
    controller._picture_saved(str(photos / "camera.jpg"))
    qtbot.waitUntil(lambda: controller.identify.session.progress.total == 11)
    assert controller.identify.session.survey_folder == str(photos)


def test_a_list_that_is_closed_without_a_choice_gives_the_keys_back(survey, qtbot):
    survey.window.activateWindow()
    box = survey.identify.page.filters.what
    box.setFocus()
    box.showPopup()
    qtbot.waitUntil(lambda: box.view().isVisible())
    qtbot.keyClick(box.view(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: survey.window.focusWidget() is survey.identify.page.grid)


def test_an_open_list_shows_its_last_row_whole(survey, qtbot):
    box = survey.identify.page.filters.order
    box.showPopup()
    qtbot.waitUntil(lambda: box.view().isVisible())
    last = box.view().visualRect(box.model().index(box.count() - 1, 0))
    assert box.view().viewport().rect().contains(last)
    box.hidePopup()
