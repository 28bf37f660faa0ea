"""The Deployments screen: cameras from the photos, edited in place, pasted, undone; clocks; Camtrap DP of them."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QLineEdit

from avistar.catalogue import Catalogue
from avistar.catalogue.clock_shift import ClockShift
from avistar.periods import TimeSpan
from avistar_gui.deployments.dialogs import ClockDialog, ProjectDialog
from avistar_gui.deployments.model import COLUMNS
from avistar_gui.export.writer import FORMS
from avistar_gui.widgets.theme import current


@pytest.fixture
def deployments(controller, photos, qtbot):
    """The page beside an open survey: nine photos right in its folder, one in "below"."""
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10)
    screen = controller.go("deployments")
    qtbot.waitUntil(lambda: len(screen.model.rows) == 2)
    return screen


def cell(screen, folder, name):
    row = next(i for i, one in enumerate(screen.model.rows) if one.folder == folder)
    return screen.model.index(row, COLUMNS.index(name))


def stated(screen, folder):
    return next((dict(row.stated) for row in screen.model.rows if row.folder == folder), None)


def test_without_a_survey_there_are_no_cameras(controller):
    controller.start()
    page = controller.go("deployments").page
    assert page.state.text().startswith("Open a survey first")
    assert page.table.isHidden()
    assert not page.buttons["undo"].isEnabled()


def test_a_cell_is_typed_stored_and_undone_by_keys(deployments, controller, qtbot):
    table = deployments.page.table
    assert deployments.page.state.text().startswith("Cameras: 2")
    table.setCurrentIndex(cell(deployments, "below", "latitude"))
    assert deployments.model.data(table.currentIndex()) == "needed"
    qtbot.keyClick(table, Qt.Key.Key_Return)
    editor = table.findChild(QLineEdit)
    qtbot.keyClicks(editor, "40,5")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stated(deployments, "below") == {"latitude": "40.5"})
    with Catalogue.read(controller.identify.session.survey_path) as catalogue:
        assert [(one.folder, dict(one.facts)) for one in catalogue.deployments.all()] == [
            ("below", {"latitude": "40.5"})
        ]
    deployments.page.buttons["undo"].click()
    qtbot.waitUntil(lambda: stated(deployments, "below") == {})
    controller.window.actions_["redo"].trigger()
    qtbot.waitUntil(lambda: stated(deployments, "below") == {"latitude": "40.5"})
    table.setCurrentIndex(cell(deployments, "below", "latitude"))
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: stated(deployments, "below") == {})


def test_undo_takes_back_what_was_said_here_and_nothing_else(deployments, controller, qtbot):
    session, undo = controller.identify.session, deployments.page.buttons["undo"]
    assert not undo.isEnabled()
    deployments.model.setData(cell(deployments, "below", "locationName"), "Puente")
    qtbot.waitUntil(undo.isEnabled)
    session.review([1], "empty")
    qtbot.waitUntil(lambda: not undo.isEnabled())
    session.undo()
    qtbot.waitUntil(undo.isEnabled)
    undo.click()
    qtbot.waitUntil(lambda: stated(deployments, "below") == {})
    qtbot.waitUntil(lambda: not undo.isEnabled())


def test_reviews_of_photos_read_no_camera_anew(deployments, controller, qtbot):
    session = controller.identify.session
    qtbot.waitUntil(lambda: deployments._reading is None)
    with qtbot.waitSignal(session.reviewed), qtbot.assertNotEmitted(session.reviews.redeployed):
        session.review([1], "empty")
    assert deployments._reading is None
    with qtbot.waitSignal(session.reviews.redeployed):
        session.undo()


def test_cells_of_a_spreadsheet_are_pasted_where_the_keys_are(deployments, qtbot):
    table = deployments.page.table
    table.setCurrentIndex(cell(deployments, "", "latitude"))
    QGuiApplication.clipboard().setText("40,1\t-3,1\n91\t-3,2\n1\t2\n")
    qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: stated(deployments, "below") == {"latitude": "91", "longitude": "-3.2"})
    assert stated(deployments, "") == {"latitude": "40.1", "longitude": "-3.1"}
    wrong = cell(deployments, "below", "latitude")
    assert deployments.model.data(wrong, Qt.ItemDataRole.ToolTipRole) == "'91' is no latitude: degrees, such as 40.4168"
    assert deployments.model.data(wrong, Qt.ItemDataRole.ForegroundRole) == QColor(current().error)
    assert "cells that make no sense: 1" in deployments.page.state.text()
    deployments.page.buttons["undo"].click()
    qtbot.waitUntil(lambda: stated(deployments, "") == {})
    assert stated(deployments, "below") == {}


def test_a_table_with_a_heading_goes_by_its_folders(deployments, qtbot):
    QGuiApplication.clipboard().setText("Lugar\tCarpeta\tInicio\nPuente\tbelow\t25/04/2026 9:30\nRío\tother\t\n")
    qtbot.keyClick(deployments.page.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: stated(deployments, "other") == {"locationName": "Río"})
    assert stated(deployments, "below") == {"locationName": "Puente", "deploymentStart": "2026-04-25 09:30"}
    assert deployments.model.problems["other", "folder"] == "no photo lies in this folder"
    QGuiApplication.clipboard().setText("folder\tlat\nbelow\t1\nbelow\t2\n")
    qtbot.keyClick(deployments.page.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "the folder 'below' is in row 2 already" in deployments.page.banner.title.text()


def test_a_clock_is_shifted_and_what_makes_no_sense_is_refused(deployments, qtbot):
    deployments.page.table.setCurrentIndex(cell(deployments, "below", "clockShift"))
    assert not deployments.model.setData(cell(deployments, "below", "clockShift"), "soon")
    assert "'soon' is no shift of a clock" in deployments.page.banner.title.text()
    assert deployments.model.setData(cell(deployments, "below", "clockShift"), "1:00:00")
    qtbot.waitUntil(lambda: deployments.model.rows[1].shift == timedelta(hours=1))


def test_a_photos_true_time_gives_the_shift(deployments, qtbot):
    from datetime import datetime

    from avistar.records import Capture, Medium

    media = [Medium("/none/a.jpg", "a.jpg", capture=Capture(datetime(2026, 5, 1, 12)))]
    dialog = ClockDialog(deployments.model.rows[0], media, deployments.page)
    dialog.taken.setDateTime(datetime(2024, 5, 1, 12, 0, 30))
    assert dialog.offset.text() == "-729 d 23:59:30"
    dialog.offset.setText("soon")
    dialog.offset.textEdited.emit("soon")
    assert dialog.shift is None
    dialog.offset.setText("-0:30")
    dialog.offset.textEdited.emit("-0:30")
    assert dialog.taken.dateTime().toPython() == datetime(2026, 5, 1, 11, 30)
    with qtbot.waitSignal(dialog.shifted) as shifted:
        dialog._accept()
    assert shifted.args == [ClockShift(timedelta(minutes=-30))]


def test_a_clock_that_was_reset_is_set_right_from_a_photo_on(deployments, qtbot):
    from datetime import datetime

    from avistar.records import Capture, Medium

    reset = datetime(2001, 1, 1)
    media = [Medium(f"/none/{i}.jpg", f"{i}.jpg", capture=Capture(reset + timedelta(hours=i))) for i in range(3)]
    spans = [TimeSpan(reset, reset + timedelta(hours=2), 3), TimeSpan(datetime(2026, 5, 1), datetime(2026, 6, 1), 9)]
    dialog = ClockDialog(deployments.model.rows[0], media, spans, deployments.page)
    dialog.photo.setCurrentIndex(1)
    dialog.taken.setDateTime(datetime(2026, 6, 1, 12))
    dialog.which.setCurrentIndex(1)
    dialog.which.activated.emit(1)
    assert "2001-01-01 01:00 to 2001-01-01 02:00:01" in dialog.effect.text()
    with qtbot.waitSignal(dialog.shifted) as shifted:
        dialog._accept()
    offset = datetime(2026, 6, 1, 12) - datetime(2001, 1, 1, 1)
    shift = ClockShift(offset, reset + timedelta(hours=1), reset + timedelta(hours=2, seconds=1))
    assert shifted.args == [shift]
    folder = deployments.model.rows[1].folder
    deployments.set_clock(deployments.model.rows[1], shift)
    qtbot.waitUntil(lambda: deployments.model.rows[1].parts == (shift,))
    assert deployments.model.data(cell(deployments, folder, "clockShift")) == (
        "+9282 d 11:00:00 from 2001-01-01 01:00 to 2001-01-01 02:00:01"
    )


def test_camtrap_dp_is_written_from_the_screens_facts(deployments, controller, tmp_path, qtbot):
    for folder in ("", "below"):
        for name, text in (("latitude", "40.5"), ("longitude", "-3.2"), ("timezone", "+02:00"),
                           ("deploymentStart", "2026-05-01"), ("deploymentEnd", "2026-05-31")):  # fmt: skip
            deployments.model.setData(cell(deployments, folder, name), text)
            qtbot.waitUntil(lambda folder=folder, name=name: name in (stated(deployments, folder) or {}))
    dialog = ProjectDialog({}, deployments.page)
    dialog.title.setText("Lobos")
    dialog.person.setText("Ana")
    dialog.stated.connect(deployments._keep_project)
    dialog._accept()
    qtbot.waitUntil(lambda: bool(deployments._project))
    export = controller.go("export")
    export.page.forms.setCurrentRow(FORMS.index("camtrap-dp"))
    export.page.target.setText(str(tmp_path / "package"))
    export.page.export.click()
    qtbot.waitUntil(lambda: (tmp_path / "package" / "datapackage.json").is_file())
    qtbot.waitUntil(lambda: export._task is None)
    with (tmp_path / "package" / "deployments.csv").open(encoding="utf-8", newline="") as stream:
        assert [(row["deploymentID"], row["latitude"]) for row in csv.DictReader(stream)] == [
            ("card", "40.5"),
            ("below", "40.5"),
        ]


def test_every_heading_is_whole_in_both_languages(deployments, controller, qtbot):
    table = deployments.page.table
    header = table.horizontalHeader()
    for language, heading in (("en", "Place ID"), ("es", "ID del lugar")):
        controller.use_language(language)
        assert deployments.model.headerData(2, Qt.Orientation.Horizontal) == heading
        qtbot.waitUntil(lambda: all(table.columnWidth(i) >= header.sectionSizeHint(i) for i in range(len(COLUMNS))))


def test_every_cell_is_whole_and_in_one_line(deployments, qtbot):
    assert deployments.model.setData(cell(deployments, "below", "locationName"), "Arroyo del Fresno alto")
    qtbot.waitUntil(lambda: bool(stated(deployments, "below")))
    table = deployments.page.table
    written = table.fontMetrics().horizontalAdvance("Arroyo del Fresno alto")
    qtbot.waitUntil(lambda: table.columnWidth(COLUMNS.index("locationName")) > written)
    assert not table.wordWrap()
    for column in range(len(COLUMNS)):
        assert table.columnWidth(column) >= table.sizeHintForColumn(column)
