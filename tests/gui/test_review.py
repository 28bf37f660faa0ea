"""Reviewing in a real window: by keyboard, saved at once, undone with a jump."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtCore import QDate, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from avistar.catalogue import Catalogue, Query
from avistar.species import Species
from avistar_gui.identify.answer_panel import Subject
from avistar_gui.identify.filters import FilterPanel
from avistar_gui.identify.session.statement import things_of
from avistar_gui.identify.species_dialog import SpeciesDialog
from avistar_gui.shell.key_map import KeyMap
from records_support import boxed


@pytest.fixture
def survey(controller, photos, qtbot):
    """A window with a folder of which everything is answered."""
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10, timeout=10_000)
    qtbot.waitUntil(lambda: controller.identify.page.cards_shown() == 3)
    return controller


def press(qtbot, controller, key):
    qtbot.keyClick(controller.identify.page.grid, key)


def reviewed(qtbot, controller, number):
    qtbot.waitUntil(lambda: controller.identify.session.counts.reviewed == number)


def finding(controller, row):
    return controller.identify.photos.photo(row).row.finding


def test_one_key_accepts_stores_and_goes_on(survey, qtbot):
    grid, first = survey.identify.page.grid, survey.identify.page.answers.cards[0].name.text()
    press(qtbot, survey, Qt.Key.Key_1)
    assert grid.currentIndex().row() == 1
    reviewed(qtbot, survey, 1)
    photo = survey.identify.photos.photo(0)
    assert photo.state == "reviewed"
    assert photo.row.verdict == "species"
    grid.choose(0)
    assert survey.identify.page.answers.headline.text() == first
    assert survey.identify.page.answers.reason.text().startswith(f"Reviewed: {first} (Ana, ")
    assert "1 reviewed" in survey.identify.status.text.text()


def test_the_second_card_is_taken_by_its_key_or_a_click(survey, qtbot):
    second = survey.identify.page.answers.cards[1].name.text()
    press(qtbot, survey, Qt.Key.Key_2)
    reviewed(qtbot, survey, 1)
    survey.identify.page.grid.choose(0)
    assert survey.identify.page.answers.headline.text() == second
    qtbot.mouseClick(survey.identify.page.answers.cards[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: survey.identify.photos.photo(0).row.finding in ("wolf", "mouse"))


def test_unknown_and_no_animal_have_keys(survey, qtbot):
    press(qtbot, survey, Qt.Key.Key_U)
    press(qtbot, survey, Qt.Key.Key_N)
    reviewed(qtbot, survey, 2)
    assert [finding(survey, 0), finding(survey, 1)] == ["unknown", "empty"]


def test_another_species_is_typed_in_either_language_without_accents(survey, qtbot):
    press(qtbot, survey, Qt.Key.Key_R)
    dialog = survey.identify.page.findChild(SpeciesDialog)
    qtbot.keyClicks(dialog.text, "raton")
    assert dialog.list.item(0).text() == "Mouse"
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    reviewed(qtbot, survey, 1)
    assert finding(survey, 0) == "mouse"


def test_undo_jumps_to_the_photo_and_redo_does_it_again(survey, qtbot):
    press(qtbot, survey, Qt.Key.Key_U)
    reviewed(qtbot, survey, 1)
    survey.identify.page.grid.choose(8)
    survey.window.actions_["undo"].trigger()
    reviewed(qtbot, survey, 0)
    assert survey.identify.page.grid.currentIndex().row() == 0
    assert survey.identify.photos.photo(0).state != "reviewed"
    survey.identify.page.answers.buttons["redo"].click()
    reviewed(qtbot, survey, 1)
    assert finding(survey, 0) == "unknown"


def test_several_photos_are_reviewed_together(survey, qtbot):
    grid = survey.identify.page.grid
    for row in (2, 3, 4):
        index = grid.model().index(row, 0)
        grid.selectionModel().select(index, grid.selectionModel().SelectionFlag.Select)
    grid.selectionModel().select(grid.model().index(0, 0), grid.selectionModel().SelectionFlag.Deselect)
    press(qtbot, survey, Qt.Key.Key_N)
    reviewed(qtbot, survey, 3)
    survey.window.actions_["undo"].trigger()
    reviewed(qtbot, survey, 0)


def test_the_filter_shows_what_is_left_to_review(survey, qtbot):
    filters, photos = survey.identify.page.filters, survey.identify.photos
    press(qtbot, survey, Qt.Key.Key_1)
    reviewed(qtbot, survey, 1)
    filters.shown.setCurrentIndex(filters.shown.findData("open"))
    filters.shown.activated.emit(filters.shown.currentIndex())
    qtbot.waitUntil(lambda: photos.rowCount() == 9)
    filters.text.setText("IMG_04")
    qtbot.waitUntil(lambda: photos.rowCount() == 1)
    filters.text.clear()
    filters.shown.setCurrentIndex(0)
    filters.shown.activated.emit(0)
    qtbot.waitUntil(lambda: photos.rowCount() == 10)
    assert filters.what.findData("wolf") > 0 or filters.what.findData("mouse") > 0


def pick(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_conditions_hold_together(survey, qtbot):
    filters, photos, session = survey.identify.page.filters, survey.identify.photos, survey.identify.session
    press(qtbot, survey, Qt.Key.Key_1)
    reviewed(qtbot, survey, 1)
    name = finding(survey, 0)
    with qtbot.waitSignal(session.listed):
        pick(filters.what, name)
    with qtbot.waitSignal(session.listed):
        pick(filters.shown, "reviewed")
    qtbot.waitUntil(lambda: photos.rowCount() == 1)
    with qtbot.waitSignal(session.listed):
        pick(filters.what, "decision:group")
    qtbot.waitUntil(lambda: photos.rowCount() == 0)


def test_confidence_days_and_kind_are_conditions_and_the_button_says_how_many(survey, qtbot):
    filters, photos = survey.identify.page.filters, survey.identify.photos
    survey.window.actions_["filters"].trigger()
    assert filters.panel.isVisible()
    filters.panel.most.setValue(50)
    assert filters.panel.sure.isChecked(), "who changes a value wants the condition"
    qtbot.waitUntil(lambda: photos.rowCount() == 0)
    filters.panel.most.setValue(100)
    filters.panel.least.setValue(90)
    qtbot.waitUntil(lambda: photos.rowCount() == 10)
    filters.panel.kind.setCurrentIndex(2)
    filters.panel.kind.activated.emit(2)
    qtbot.waitUntil(lambda: photos.rowCount() == 0)
    assert filters.more.text().strip() == "2"
    filters.more.click()
    assert filters.panel.isHidden()
    assert filters.more.text().strip() == "2", "hidden conditions hold, and are not secret"
    filters.panel.clear.click()
    qtbot.waitUntil(lambda: photos.rowCount() == 10)
    assert not filters.more.text().strip()


def test_days_are_those_of_the_camera_the_last_one_included(qtbot):
    panel = FilterPanel()
    qtbot.addWidget(panel)
    panel.show_span(datetime(2026, 5, 1, 23), datetime(2026, 5, 3, 1))
    assert panel.narrow(Query()) == Query()
    panel.taken.setChecked(True)
    assert panel.narrow(Query()).taken == (datetime(2026, 5, 1), datetime(2026, 5, 4))
    panel.last.setDate(QDate(2026, 5, 2))
    panel.show_span(datetime(2026, 5, 1), datetime(2026, 6, 1))
    assert panel.narrow(Query()).taken == (datetime(2026, 5, 1), datetime(2026, 5, 3)), "a choice that was made stays"
    panel.reset()
    panel.show_span(None, None)
    assert not panel.taken.isEnabled()


def test_typing_in_the_filter_reviews_nothing(survey, qtbot):
    qtbot.keyClicks(survey.identify.page.filters.text, "nu1")
    qtbot.wait(50)
    assert survey.identify.session.counts.reviewed == 0


def test_the_start_page_offers_the_survey_again(survey, photos, qtbot):
    press(qtbot, survey, Qt.Key.Key_1)
    reviewed(qtbot, survey, 1)
    survey.window.actions_["clear"].trigger()
    recent = survey.identify.page.empty.recent
    qtbot.waitUntil(lambda: recent.count() == 1)
    assert recent.item(0).text().startswith("card, 1 of 10 reviewed")
    recent.itemActivated.emit(recent.item(0))
    qtbot.waitUntil(lambda: survey.identify.photos.rowCount() == 10)
    assert finding(survey, 0) in ("wolf", "mouse")


def test_a_hundred_right_answers_take_a_hundred_keys(survey, qtbot):
    for _ in range(10):
        press(qtbot, survey, Qt.Key.Key_1)
    reviewed(qtbot, survey, 10)


def test_the_key_map_lists_the_keys_of_reviewing(survey):
    survey.window.actions_["keys"].trigger()
    words = " ".join(label.text() for label in survey.window.findChild(KeyMap).findChildren(QLabel))
    assert "1 / 2 / 3" in words
    assert "U / N" in words
    survey.window.findChild(KeyMap).close()


def test_another_model_offers_to_answer_again_and_keeps_reviews(make_desk, opener_of, by_brightness, photos, qtbot):
    def dark_is_bright(images):
        return by_brightness(255 - images)

    open_first, open_second = opener_of(by_brightness), opener_of(dark_is_bright)
    controller = make_desk(lambda folder: open_first(folder) if folder is None else another(open_second(folder)))
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10, timeout=10_000)
    qtbot.waitUntil(lambda: controller.identify.photos.rowCount() == 10)
    controller.identify.page.grid.choose(0)
    press(qtbot, controller, Qt.Key.Key_U)
    reviewed(qtbot, controller, 1)
    before = finding(controller, 1)
    controller.identify.open_model("/another")
    qtbot.waitUntil(controller.identify.page.banner.isVisible)
    assert controller.identify.page.banner.title.text() == "9 photos were answered by another model."
    controller.identify.page.banner.action.click()
    qtbot.waitUntil(lambda: finding(controller, 1) not in ("", before), timeout=10_000)
    assert finding(controller, 0) == "unknown"


def another(classifier):
    """The same under another name."""
    classifier.provenance = replace(classifier.provenance, bundle="another", artifact_sha256="1" * 64)
    return classifier


def test_all_chosen_answers_are_accepted_with_one_key_and_taken_back_with_one(survey, qtbot):
    answered = [survey.identify.photos.photo(row).row.decided for row in range(10)]
    press(qtbot, survey, Qt.Key.Key_U)  # the first photo, which then keeps what was said of it
    reviewed(qtbot, survey, 1)
    survey.identify.page.grid.choose_all(range(9))
    press(qtbot, survey, Qt.Key.Key_V)
    reviewed(qtbot, survey, 9)
    assert [finding(survey, row) for row in range(9)] == ["unknown", *answered[1:9]]
    banner = survey.identify.page.banner
    qtbot.waitUntil(banner.isVisible)
    assert banner.title.text().startswith("8 answers accepted. 1 photo needs a look")
    assert len(survey.identify.page.grid.chosen_ids()) == 1  # the next key speaks of one photo
    with Catalogue.read(survey.identify.session.survey_path) as catalogue:
        assert all(len(catalogue.reviews(id)) == 1 for id in catalogue.ids(Query(reviewed=True)))
    banner.action.click()
    reviewed(qtbot, survey, 1)


def test_one_photo_is_accepted_and_left_like_with_its_number(survey, qtbot):
    press(qtbot, survey, Qt.Key.Key_V)
    reviewed(qtbot, survey, 1)
    assert survey.identify.page.grid.currentIndex().row() == 1
    assert survey.identify.page.banner.isHidden()


def test_one_photo_that_cannot_be_accepted_is_not_left_behind(survey, qtbot):
    grid, photos, reviews = survey.identify.page.grid, survey.identify.photos, survey.identify.session.reviews
    grid.choose(3)
    reviews.accepted.emit([], [photos.id_at(2)])  # the key went on before the catalogue refused
    assert grid.currentIndex().row() == 2
    assert "needs a look" in survey.identify.page.banner.title.text()
    grid.choose(2)
    press(qtbot, survey, Qt.Key.Key_U)
    reviewed(qtbot, survey, 1)
    reviews.accepted.emit([], [photos.id_at(2)])  # what was reviewed before needs nobody to come back
    assert grid.currentIndex().row() == 3


def test_accepting_is_offered_only_for_what_is_named(survey):
    panel, half = survey.identify.page.answers, boxed()  # a moose, a person and an animal that is unknown
    panel.show_subject(Subject(half, things_of(half)), None)
    assert panel.reason.text() == "3 found, not all of them named; Tab chooses one."
    named = [one for one in things_of(half) if one.kind != "unknown"]
    panel.show_subject(Subject(half, named), None)
    assert panel.reason.text() == "2 found; V accepts all of them, Tab chooses one."


def test_the_letter_can_be_typed_where_names_are_looked_for(survey, qtbot):
    qtbot.keyClicks(survey.identify.page.filters.text, "v")
    qtbot.wait(30)
    assert survey.identify.session.counts.reviewed == 0


def test_tiles_have_three_sizes_which_are_remembered(survey, settings, qtbot):
    grid, actions = survey.identify.page.grid, survey.window.actions_
    middle = grid.gridSize().width()
    actions["smaller"].trigger()
    assert grid.gridSize().width() < middle
    assert settings.text("tile_size") == "0"
    for _ in range(5):
        actions["larger"].trigger()
    assert grid.tile_size == 2
    assert settings.text("tile_size") == "2"


def test_ctrl_and_the_wheel_resize_tiles_and_the_wheel_alone_scrolls(survey, qtbot):
    grid = survey.identify.page.grid

    def turn(keys):
        where = QPointF(40, 40)
        event = QWheelEvent(
            where, grid.viewport().mapToGlobal(where), QPoint(), QPoint(0, -120),
            Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(grid.viewport(), event)

    turn(Qt.KeyboardModifier.NoModifier)
    assert grid.tile_size == 1
    turn(Qt.KeyboardModifier.ControlModifier)
    assert grid.tile_size == 0


def test_going_back_to_the_first_photo_brings_it_into_view(survey, qtbot):
    grid = survey.identify.page.grid
    survey.window.resize(700, 420)
    grid.choose(9)
    qtbot.waitUntil(lambda: grid.verticalScrollBar().value() > 0)
    grid.choose(0)
    assert grid.verticalScrollBar().value() == 0


def test_an_animal_beyond_the_models_is_written_down_by_its_name(survey, qtbot):
    survey.identify.page.grid.choose(0)
    press(qtbot, survey, Qt.Key.Key_R)
    dialog = survey.identify.page.findChild(SpeciesDialog)
    qtbot.keyClicks(dialog.text, "Cave fox")
    assert [dialog.list.item(row).text() for row in range(dialog.list.count())] == ["Add “Cave fox” to this survey"]
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    reviewed(qtbot, survey, 1)
    assert survey.identify.page.grid.currentIndex().row() == 1
    survey.identify.page.grid.choose(0)
    assert survey.identify.page.answers.headline.text() == "Cave fox"
    qtbot.waitUntil(lambda: not survey.identify.page.findChildren(SpeciesDialog))
    survey.identify.page.grid.choose(1)
    press(qtbot, survey, Qt.Key.Key_R)
    again = survey.identify.page.findChild(SpeciesDialog)
    qtbot.keyClicks(again.text, "fox")
    assert again.list.item(0).text() == "Cave fox"
    qtbot.keyClick(again.text, Qt.Key.Key_Return)
    reviewed(qtbot, survey, 2)
    with Catalogue.read(survey.identify.session.survey_path) as catalogue:
        assert [one.english for one in catalogue.species.own().values()] == ["Cave fox"]
        assert len(catalogue.ids(Query(finding=("cave_fox",)))) == 2


def test_a_species_of_the_world_joins_the_survey_with_its_names_and_group(survey, qtbot):
    survey.identify.page.grid.choose(0)
    press(qtbot, survey, Qt.Key.Key_R)
    dialog = survey.identify.page.findChild(SpeciesDialog)
    qtbot.keyClicks(dialog.text, "zorro rojo")
    assert [dialog.list.item(row).text() for row in range(2)] == ["Mammals and birds of the world", "Red fox"]
    assert dialog.list.currentRow() == 1
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    reviewed(qtbot, survey, 1)
    with Catalogue.read(survey.identify.session.survey_path) as catalogue:
        [fox] = catalogue.species.own().values()
        assert (fox.english, fox.spanish, fox.scientific, fox.group) == (
            "Red fox", "Zorro rojo", "Vulpes vulpes", "canid",
        )  # fmt: skip
        assert catalogue.ids(Query(finding=(fox.id,)))


def test_keys_pass_over_headings(qtbot):
    dialog = SpeciesDialog([])
    qtbot.addWidget(dialog)
    dialog.text.setText("lince ibérico")
    rows = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert rows == ["Mammals and birds of the world", "Iberian lynx", "Add “lince ibérico” to this survey"]
    for row in (2, 1):
        qtbot.keyClick(dialog.text, Qt.Key.Key_Down)
        assert dialog.list.currentRow() == row
    qtbot.keyClick(dialog.text, Qt.Key.Key_Up)
    assert dialog.list.currentRow() == 2
    dialog.reject()


def test_a_name_that_the_survey_has_is_never_taken_for_another_animal(qtbot):
    ours = Species("red_fox", "Red fox", "Red fox", "", "")
    dialog = SpeciesDialog([ours])
    qtbot.addWidget(dialog)
    named = []
    dialog.named.connect(named.append)
    qtbot.keyClicks(dialog.text, "Vulpes vulpes")
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    assert named == []
    assert "“Red fox”" in dialog.note.text()
    dialog.reject()


def test_a_person_has_a_key_and_a_place_in_the_list(survey, qtbot):
    survey.identify.page.grid.choose(0)
    press(qtbot, survey, Qt.Key.Key_H)
    reviewed(qtbot, survey, 1)
    assert finding(survey, 0) == "person"
    survey.identify.page.grid.choose(0)
    assert survey.identify.page.answers.headline.text() == "Person"
    survey.identify.page.grid.choose(1)
    press(qtbot, survey, Qt.Key.Key_R)
    dialog = survey.identify.page.findChild(SpeciesDialog)
    qtbot.keyClicks(dialog.text, "vehic")
    qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    reviewed(qtbot, survey, 2)
    assert finding(survey, 1) == "vehicle"
