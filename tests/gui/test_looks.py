"""What stays in its place, and what there is room for, whatever is shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit

from avistar.catalogue import Counts
from avistar_gui.export.texts import file_size
from avistar_gui.identify.session.statement import Thing
from avistar_gui.identify.session.survey_library import LibraryEntry
from avistar_gui.identify.start_page import StartPage
from avistar_gui.widgets.field_keys import FieldKeys
from avistar_gui.widgets.species_card import SpeciesCard


@pytest.fixture
def survey(controller, photos, qtbot):
    """A window with a folder of which everything is answered."""
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10, timeout=10_000)
    qtbot.waitUntil(lambda: controller.identify.page.cards_shown() == 3)
    controller.identify.page.grid.choose(0)
    return controller


def test_the_buttons_stay_where_they_are_whatever_the_photo_shows(survey, qtbot):
    page = survey.identify.page
    button = page.answers.buttons["unknown"]

    def place():
        return button.mapTo(page, QPoint())

    first = place()
    for row in range(survey.identify.photos.rowCount()):
        page.grid.choose(row)
        qtbot.wait(5)
        assert place() == first
    page.grid.choose(0)
    things = [Thing("species", f"animal_{number}", count=2) for number in range(12)]
    page.answers.things.show_things(things, None, "Ana", chosen=-1)
    page.answers.things.show()
    qtbot.wait(20)
    assert place() == first
    assert page.answers.area.verticalScrollBar().maximum() > 0


def test_one_thing_of_which_nothing_else_is_said_stands_above_only(survey, qtbot):
    answers = survey.identify.page.answers
    assert len(survey.identify.reviewing.subject.things) == 1
    assert answers.things.isHidden()
    survey.identify.reviewing.choose_thing(0)
    assert answers.things.isVisible()
    survey.identify.reviewing.choose_thing(-1)
    survey.identify.reviewing.count(3)
    survey.identify.reviewing.accept_rank(0)
    qtbot.waitUntil(lambda: survey.identify.session.counts.reviewed == 1)
    survey.identify.page.grid.choose(0)
    qtbot.waitUntil(answers.things.isVisible)  # three of them were counted


def test_a_share_that_says_nothing_has_no_bar_and_leaves_its_room(qtbot):
    card = SpeciesCard(0)
    qtbot.addWidget(card)
    height = card.sizeHint().height()
    card.show_candidate(None, None, certain=False)
    assert card.bar.isHidden()
    assert card.sizeHint().height() == height


def test_clearing_the_filters_empties_the_search_with_its_button(survey, qtbot):
    text = survey.identify.page.filters.text
    text.setText("RCNX")
    qtbot.waitUntil(lambda: survey.identify.page.filters.narrowed)
    with qtbot.waitSignal(text.textChanged):  # without it Qt leaves the button to clear it
        survey.identify.page.filters.clear()
    assert text.text() == ""


def test_the_line_above_the_photos_keeps_its_height_with_and_without_filters(survey, qtbot):
    bar = survey.identify.page.progress
    height = bar.sizeHint().height()
    bar.show_list(0, filtered=True)
    assert bar.sizeHint().height() == height


def test_many_surveys_make_the_start_page_no_higher_than_a_small_screen(qtbot):
    page = StartPage()
    qtbot.addWidget(page)
    entries = [LibraryEntry(f"/{n}.avistar", f"/cards/{n}", Counts(total=10), 1.0) for n in range(8)]
    page.show_recent(entries)
    page.show()
    assert page.minimumSizeHint().height() < 560
    page.resize(900, 1200)
    qtbot.waitUntil(lambda: page.recent.height() > 2 * page.recent.sizeHintForRow(0))


def test_an_empty_grid_has_no_handle_to_scroll(survey, qtbot):
    grid = survey.identify.page.grid
    survey.identify.page.filters.text.setText("nothing is called so")
    qtbot.waitUntil(lambda: survey.identify.photos.rowCount() == 0)
    qtbot.waitUntil(lambda: not grid.verticalScrollBar().isEnabled())


def test_keys_and_file_windows_are_spanish_where_qt_is_not(controller):
    keys = QKeySequence("Ctrl+Shift+O")
    controller.use_language("es")
    assert keys.toString(QKeySequence.SequenceFormat.NativeText) == "Ctrl+May\u00fas+O"
    assert QCoreApplication.translate("QFileDialog", "&Look in:") == "&Buscar en:"
    assert QCoreApplication.translate("QAbstractFileIconProvider", "Folder") == "Carpeta"
    controller.use_language("en")
    assert keys.toString(QKeySequence.SequenceFormat.NativeText) == "Ctrl+Shift+O"


def test_small_files_are_told_in_kilobytes(controller):
    assert (file_size(83_100), file_size(24_140_000)) == ("83 kB", "24.1 MB")


@pytest.mark.parametrize(
    ("key", "said"),
    [(Qt.Key.Key_Return, "confirmed"), (Qt.Key.Key_Enter, "confirmed"), (Qt.Key.Key_Escape, "dismissed")],
)
def test_enter_and_escape_in_a_field_end_the_writing_and_are_no_shortcut(qtbot, key, said):
    field = QLineEdit()
    qtbot.addWidget(field)
    keys, heard = FieldKeys([field], field), []
    keys.confirmed.connect(lambda: heard.append("confirmed"))
    keys.dismissed.connect(lambda: heard.append("dismissed"))
    override = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(field, override)
    assert override.isAccepted()
    qtbot.keyClick(field, key)
    assert heard == [said]
    qtbot.keyClicks(field, "a")
    assert (heard, field.text()) == ([said], "a")


def test_favourites_are_called_by_the_names_of_the_language_in_use(survey, qtbot):
    bar = survey.identify.page.answers.favourites
    survey.identify.reviewing.use_favourites(("raccoon",))
    assert bar.buttons[0].text().endswith("Raccoon")
    survey.use_language("es")
    qtbot.waitUntil(lambda: bar.buttons[0].text().endswith("Mapache"))
    survey.use_language("en")
    qtbot.waitUntil(lambda: bar.buttons[0].text().endswith("Raccoon"))
