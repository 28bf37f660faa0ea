"""The Summary screen: figures of the open survey, pictures of a species, a page and tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFileDialog

from avistar.catalogue import CameraFolder, Catalogue
from avistar.records import Review
from avistar_gui.summary.controller import SummaryController, SurveyToCount
from summary_support import photo, survey


@pytest.fixture
def path(tmp_path):
    """A survey of two cameras, one with coordinates, that saw twelve wolves and a moose."""
    start = datetime(2026, 5, 1, 6)
    wolves = [
        photo(f"a/{i}.jpg", (start + timedelta(days=i, hours=i % 3)).isoformat(), place=(40.0, -3.0)) for i in range(12)
    ]
    survey(tmp_path / "s.avistar", [*wolves, photo("b/1.jpg", "2026-05-20T12:00:00", "moose")]).close()
    return tmp_path / "s.avistar"


@pytest.fixture
def opened():
    """What is open; a test puts a survey in."""
    return []


@pytest.fixture
def screen(qtbot, opened, path, tmp_path):
    opened.append(SurveyToCount(str(path), str(tmp_path)))
    controller = SummaryController(lambda: opened[0] if opened else None)
    qtbot.addWidget(controller.page)
    controller.page.resize(1100, 700)
    controller.page.show()
    qtbot.waitUntil(lambda: controller.summary is not None)
    yield controller
    controller.finish()


def rows(screen):
    table = screen.page.species
    return [[table.item(row, column).text() for column in range(5)] for row in range(table.rowCount())]


def test_species_stand_in_a_table_below_all_animals(screen):
    assert [row[:4] for row in rows(screen)] == [
        ["All animals", "13", "", "13"],
        ["Wolf", "12", "12", "12"],
        ["Moose", "1", "1", "1"],
    ]
    assert [value.text() for value, _ in screen.page.tiles] == ["2", "13", "13", "2", "11", "0\u00a0%"]


def test_pictures_speak_of_the_chosen_species(screen, qtbot):
    screen.page.species.setFocus()
    qtbot.keyClick(screen.page.species, Qt.Key.Key_Down)
    assert screen.page.heading.text() == "Wolf"
    assert screen.page.pictures["map"].choice.by_camera == (12, 0)
    qtbot.keyClick(screen.page.species, Qt.Key.Key_Down)
    assert screen.page.pictures["map"].choice.by_camera == (0, 1)
    assert screen.page.pictures["activity"].choice.curve.events == 1


def test_every_picture_is_painted_and_speaks(screen):
    for name, picture in screen.page.pictures.items():
        screen.page.segments.choose(name)
        assert picture.isVisible()
        empty = picture.grab().toImage()
        colours = {
            empty.pixelColor(x, y).name() for x in range(0, empty.width(), 3) for y in range(0, empty.height(), 3)
        }
        assert len(colours) > 3


def pointed(picture, x, y):
    where = QPointF(x, y)
    none = Qt.MouseButton.NoButton
    picture.mouseMoveEvent(
        QMouseEvent(QMouseEvent.Type.MouseMove, where, where, none, none, Qt.KeyboardModifier.NoModifier)
    )
    return picture.toolTip()


def test_what_lies_under_the_pointer_is_told(screen):
    pictures = screen.page.pictures
    for name in pictures:
        screen.page.segments.choose(name)
    field = pictures["activity"].field()
    assert pointed(pictures["activity"], field.left() + field.width() * 6.5 / 24, 100) == "06:00–07:00: 4 events"
    assert pointed(pictures["map"], pictures["map"].width() / 2, pictures["map"].height() / 2) == "a: 12 events"
    assert pointed(pictures["timeline"], pictures["timeline"]._sides()[0] + 2, 40) == "a, 1 May 2026: 1 photos"
    assert pointed(pictures["days"], pictures["days"].field().left() + 2, 100) == "1 May 2026: 1"
    assert pointed(pictures["map"], 2, 2) == ""


def test_another_gap_makes_other_events(screen, qtbot):
    screen.page.gap.setValue(24 * 60)
    qtbot.waitUntil(lambda: screen.summary.gap == timedelta(days=1))
    assert rows(screen)[1][1] == "9"  # the fourth, seventh and tenth are 22 hours later


def test_what_people_say_is_counted_soon(screen, path, qtbot, monkeypatch):
    monkeypatch.setattr(screen._again, "interval", lambda: 0)
    screen._again.setInterval(0)
    with Catalogue.open(path) as catalogue:
        catalogue.review(catalogue.ids()[:2], Review("person", "", "Ana", datetime(2026, 6, 1, tzinfo=UTC)))
    screen.survey_changed()
    qtbot.waitUntil(lambda: screen.summary.reviewed == 2)
    assert [row[:2] for row in rows(screen)][-1] == ["Person", "2"]


def test_the_chosen_species_stays_chosen_when_it_is_counted_again(screen, path, qtbot):
    screen.page.species.setCurrentCell(1, 0)
    with Catalogue.open(path) as catalogue:
        catalogue.review(catalogue.ids()[:11], Review("species", "moose", "Ana", datetime(2026, 6, 1, tzinfo=UTC)))
    screen._stale = True
    screen.refresh()
    qtbot.waitUntil(lambda: screen.summary.reviewed == 11)
    assert rows(screen)[1][0] == "Moose"
    assert screen.page.heading.text() == "Wolf"
    assert screen.page.species.currentRow() == 2


def test_a_report_and_tables_are_written(screen, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out"), ""))
    screen.page.report.click()
    qtbot.waitUntil(lambda: screen.page.banner.isVisible())
    assert "<html" in (tmp_path / "out.html").read_text("utf-8")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "tables"))
    screen.page.tables.click()
    qtbot.waitUntil(lambda: len(list((tmp_path / "tables").glob("*.csv"))) == 9)
    asked = []
    monkeypatch.setattr(screen.page, "confirm", lambda text: asked.append(text) or False)
    screen.page.tables.click()
    assert "tables" in asked[0]


def test_a_catalogue_is_never_overwritten(screen, path, qtbot):
    screen.save_report(str(path))
    qtbot.waitUntil(lambda: screen.page.banner.isVisible())
    assert "catalogue" in screen.page.banner.title.text()


def test_what_is_missing_is_said_where_it_is_missed(screen, opened, tmp_path, qtbot):
    survey(tmp_path / "plain.avistar", [photo("a/1.jpg")]).close()
    opened[0] = SurveyToCount(str(tmp_path / "plain.avistar"), str(tmp_path))
    screen.survey_changed()
    qtbot.waitUntil(lambda: screen.summary is not None and screen.summary.media == 1)
    pictures = screen.page.pictures
    choice = pictures["map"].choice
    assert "has a time" in pictures["activity"].missing(choice)
    assert "under Deployments" in pictures["map"].missing(choice)
    assert "has a time" in pictures["timeline"].missing(choice)
    assert rows(screen)[1][:4] == ["Wolf", "–", "1", "–"]
    for name, picture in pictures.items():
        screen.page.segments.choose(name)
        assert not picture.grab().isNull()


def test_without_a_survey_or_photos_the_page_says_so(screen, opened, tmp_path, qtbot):
    survey(tmp_path / "none.avistar", []).close()
    opened[0] = SurveyToCount(str(tmp_path / "none.avistar"), str(tmp_path))
    screen.survey_changed()
    qtbot.waitUntil(lambda: "no photos" in screen.page.nothing.text())
    assert not screen.page.report.isEnabled()
    opened.clear()
    screen.survey_changed()
    assert screen.page.nothing.text().startswith("Open a survey first")
    assert not screen.page.body.isVisible()


def test_what_cannot_be_read_is_said(screen, opened, tmp_path, qtbot):
    opened[0] = SurveyToCount(str(tmp_path / "gone.avistar"), str(tmp_path))
    screen.survey_changed()
    qtbot.waitUntil(lambda: screen.page.banner.isVisible())
    assert "no such catalogue" in screen.page.banner.title.text()
    assert screen.page.nothing.text() == ""


def test_a_table_of_cameras_names_and_places_them(screen, path, qtbot):
    with Catalogue.open(path) as catalogue:
        catalogue.deployments.replace(
            [CameraFolder("b", {"deploymentID": "C2", "latitude": "40.1", "longitude": "-3.1"})]
        )
    screen.survey_changed()
    screen.refresh()
    qtbot.waitUntil(lambda: screen.summary.cameras[1].name == "C2")
    assert all(one.placed for one in screen.summary.cameras)


def test_digits_choose_pictures(screen, qtbot):
    qtbot.keyClick(screen.page.species, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: screen.page.pictures["map"].isVisible())
