"""The Export screen: every form of a real survey, folders seen before they are written, and undone."""

from __future__ import annotations

import csv
import json

import pytest
from PySide6.QtCore import Qt

from avistar.catalogue import Query
from avistar_gui.export.writer import FORMS


@pytest.fixture
def export(controller, photos, qtbot):
    """The page beside an open survey of ten photos, one of them reviewed."""
    controller.start([str(photos)])
    qtbot.waitUntil(lambda: controller.identify.session.progress.done == 10, timeout=10_000)
    qtbot.waitUntil(lambda: controller.identify.photos.rowCount() == 10)
    controller.identify.page.grid.choose(0)
    controller.identify.review("species", "otter")
    qtbot.waitUntil(lambda: controller.identify.session.counts.reviewed == 1)
    return controller.go("export")


def choose(export, form, target=""):
    export.page.forms.setCurrentRow(FORMS.index(form))
    export.page.target.setText(str(target))


def press(qtbot, export):
    export.page.export.click()
    qtbot.waitUntil(lambda: export._task is None)


def test_without_a_survey_nothing_can_be_exported(controller):
    controller.start()
    page = controller.go("export").page
    assert page.survey.text().startswith("Open a survey first")
    page.target.setText("/tmp/x.csv")
    assert not page.export.isEnabled()


def test_a_table_holds_every_photo_and_the_review_counts(export, tmp_path, qtbot):
    assert "10 photos, 1 reviewed" in export.page.survey.text()
    choose(export, "csv", tmp_path / "out")
    press(qtbot, export)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 10
    assert any("otter" in value for value in rows[0].values())
    assert export.page.result.text().startswith("Done: 10 photos")


@pytest.mark.parametrize(
    ("form", "name"), [("jsonl", "o.jsonl"), ("megadetector", "o.json"), ("xlsx", "o.xlsx"), ("timelapse", "o.csv")]
)
def test_the_other_files_are_written(export, tmp_path, qtbot, form, name):
    choose(export, form, tmp_path / name)
    press(qtbot, export)
    data = (tmp_path / name).read_bytes()
    if form == "megadetector":
        assert len(json.loads(data)["images"]) == 10
    if form == "timelapse":
        assert data.count(b"\n") == 11
        assert data.decode("utf-8-sig").startswith("File,RelativePath,DateTime,DeleteFlag,Species,Count")
        assert "a data label for each of: Species" in export.page.result.text()
    assert data


def test_sidecars_lie_beside_the_photos_and_leave_them_alone(export, photos, qtbot, monkeypatch):
    before = (photos / "IMG_00.jpg").read_bytes()
    choose(export, "xmp")
    assert export.page.target.isHidden()
    asked = []
    monkeypatch.setattr(export.page, "confirm", lambda *texts: asked.append(texts) or len(asked) > 1)
    press(qtbot, export)
    assert not list(photos.rglob("*.xmp"))
    assert "beside each of 10 photos" in asked[0][0]
    press(qtbot, export)
    assert len(list(photos.rglob("*.xmp"))) == 10
    assert (photos / "IMG_00.jpg").read_bytes() == before


def test_camtrap_dp_asks_for_what_only_people_know(export, tmp_path, qtbot):
    choose(export, "camtrap-dp", tmp_path / "package")
    press(qtbot, export)
    assert "write them under Deployments: camera card: latitude is missing" in export.page.result.text()
    assert not (tmp_path / "package").exists()


def test_nothing_is_sorted_unseen_and_all_of_it_can_be_undone(export, tmp_path, qtbot):
    choose(export, "folders", tmp_path / "sorted")
    press(qtbot, export)
    assert not (tmp_path / "sorted").exists()
    assert export.page.tree.topLevelItemCount() > 0
    names = [export.page.tree.topLevelItem(row).text(0) for row in range(export.page.tree.topLevelItemCount())]
    assert any("tter" in name for name in names)
    press(qtbot, export)
    assert export.page.result.text() == "Done: 10 photos placed, failed: 0."
    assert len(list((tmp_path / "sorted").rglob("*.jpg"))) == 10
    export.page.undo.click()
    qtbot.waitUntil(lambda: export.page.result.text().startswith("Undone: 10"))
    assert not list((tmp_path / "sorted").rglob("*.jpg"))


def test_a_preview_follows_the_language(export, controller, tmp_path, qtbot):
    choose(export, "folders", tmp_path / "sorted")
    export.page.preview.click()
    tree = export.page.tree
    names = lambda: [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]  # noqa: E731
    qtbot.waitUntil(lambda: "Otter" in names())
    controller.use_language("es")
    qtbot.waitUntil(lambda: "Nutria" in names())


def test_a_target_that_cannot_be_written_is_told(export, tmp_path, qtbot):
    choose(export, "csv", tmp_path / "nowhere" / "out.csv")
    press(qtbot, export)
    assert export.page.banner.isVisible()
    assert "nowhere" in export.page.banner.title.text()
    assert export.page.export.isEnabled()


def test_the_forms_are_walked_by_keyboard(export, qtbot):
    qtbot.keyClick(export.page.forms, Qt.Key.Key_Down)
    assert export.page.title.text() == "Spreadsheet (Excel)"


def test_without_a_target_export_asks_for_one_first(export, tmp_path, qtbot, monkeypatch):
    target = tmp_path / "asked.csv"
    monkeypatch.setattr("avistar_gui.export.page.QFileDialog.getSaveFileName", lambda *_: (str(target), ""))
    choose(export, "csv")
    assert export.page.export.isEnabled()
    export.page.export.click()
    qtbot.waitUntil(target.is_file)


def test_without_a_target_nothing_is_written_when_the_choice_is_cancelled(export, tmp_path, monkeypatch):
    monkeypatch.setattr("avistar_gui.export.page.QFileDialog.getSaveFileName", lambda *_: ("", ""))
    choose(export, "csv")
    export.page.export.click()
    assert not export.page.banner.isVisible()
    assert export._task is None


def test_each_form_keeps_a_target_of_its_own_with_its_suffix(export, photos, tmp_path, qtbot):
    suggested = {}
    for form in FORMS:
        choose_form(export, form)
        suggested[form] = export.page.target.text()
    assert suggested["csv"] == str(photos.parent / "card.csv")
    assert suggested["folders"] == str(photos.parent / "card-sorted")
    assert len(set(suggested.values())) == len(FORMS)
    choose(export, "csv", tmp_path / "results.csv")
    choose_form(export, "xlsx")
    assert export.page.target.text() == str(photos.parent / "card.xlsx")
    choose(export, "xlsx", tmp_path / "results.csv")
    press(qtbot, export)
    assert (tmp_path / "results.csv.xlsx").read_bytes().startswith(b"PK")
    assert not (tmp_path / "results.csv").exists()


def choose_form(export, form):
    export.page.forms.setCurrentRow(FORMS.index(form))


def test_a_file_is_replaced_only_after_a_yes(export, tmp_path, qtbot, monkeypatch):
    target = tmp_path / "results.csv"
    target.write_text("mine")
    asked = []
    monkeypatch.setattr(export.page, "confirm", lambda *texts: asked.append(texts) or len(asked) > 1)
    choose(export, "csv", target)
    press(qtbot, export)
    assert target.read_text() == "mine"
    assert asked[0][1] == str(target)
    press(qtbot, export)
    assert target.read_text(encoding="utf-8-sig").startswith("file")


def test_a_photo_is_never_replaced(export, photos, qtbot):
    target = photos / "IMG_00.csv"
    target.write_bytes((photos / "IMG_00.jpg").read_bytes())
    choose(export, "csv", target)
    press(qtbot, export)
    assert "is a photo or a video" in export.page.banner.title.text()
    assert target.read_bytes() == (photos / "IMG_00.jpg").read_bytes()


def test_originals_are_moved_only_after_a_second_yes(export, photos, tmp_path, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(export.page, "confirm", lambda *texts: asked.append(texts) and False)
    choose(export, "folders", tmp_path / "sorted")
    export.page.how.setCurrentIndex(export.page.how.findData("move"))
    press(qtbot, export)  # the preview
    assert not asked
    press(qtbot, export)
    assert "10 of them" in asked[0][0]
    assert str(tmp_path / "sorted") in asked[0][1]
    assert len(list(photos.rglob("*.jpg"))) == 10


def test_only_what_was_chosen_is_exported(export, tmp_path, qtbot, controller):
    page, session = export.page, controller.identify.session
    assert [page.scope.itemText(row) for row in range(page.scope.count())] == [
        "All photos (10)", "Reviewed ones only (1)"
    ]  # fmt: skip
    page.scope.setCurrentIndex(1)
    choose(export, "jsonl", tmp_path / "reviewed.jsonl")
    press(qtbot, export)
    assert len((tmp_path / "reviewed.jsonl").read_text().splitlines()) == 1
    session.ask(Query(text="below", order="newest"))
    qtbot.waitUntil(lambda: page.scope.count() == 3 and "(1)" in page.scope.itemText(2))
    assert page.scope.currentData() == "reviewed"
    page.scope.setCurrentIndex(2)
    choose(export, "csv", tmp_path / "shown.csv")
    press(qtbot, export)
    with (tmp_path / "shown.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row["file"] for row in csv.DictReader(stream)] == ["below/IMG_09.jpg"]


def test_the_first_lines_are_seen_before_anything_is_written(export, tmp_path, qtbot):
    page = export.page
    choose(export, "csv", tmp_path / "out.csv")
    page.preview.click()
    qtbot.waitUntil(lambda: export._task is None)
    assert page.tree.topLevelItemCount() == 10
    header = page.tree.headerItem()
    assert header.text(0) == "file"
    assert page.tree.topLevelItem(0).text(0) in ("IMG_00.jpg", "below/IMG_09.jpg")
    assert not (tmp_path / "out.csv").exists()
    choose(export, "megadetector", tmp_path / "out.json")
    assert page.tree.isHidden()
    page.preview.click()
    qtbot.waitUntil(lambda: export._task is None)
    assert page.tree.topLevelItem(0).text(0).startswith("{")
    assert not list(tmp_path.glob("out*"))


def test_what_was_written_is_shown_where_it_lies(export, tmp_path, qtbot):
    shown = []
    export.show_in_folder = shown.append
    assert export.page.show_place.isHidden()
    choose(export, "csv", tmp_path / "out.csv")
    press(qtbot, export)
    assert not export.page.show_place.isHidden()
    export.page.show_place.click()
    assert shown == [str(tmp_path / "out.csv")]


def test_sidecars_are_taken_back_and_what_others_wrote_stays(export, photos, qtbot, monkeypatch):
    monkeypatch.setattr(export.page, "confirm", lambda *_: True)
    choose(export, "xmp")
    press(qtbot, export)
    assert len(list(photos.rglob("*.xmp"))) == 10
    assert (export.page.undo.text(), export.page.undo.isEnabled()) == ("Take keywords out", True)
    export.page.undo.click()
    qtbot.waitUntil(lambda: export._task is None)
    assert not list(photos.rglob("*.xmp"))
    assert export.page.result.text() == "Undone: sidecars changed or removed: 10."


def test_photos_of_persons_are_left_out_or_blurred_where_copies_are_made(export, controller, tmp_path, qtbot):
    controller.identify.page.grid.choose(1)
    controller.identify.review("person")
    qtbot.waitUntil(lambda: controller.identify.session.counts.reviewed == 2)
    page = export.page
    offered = lambda: [page.persons.itemData(i) for i in range(page.persons.count())]  # noqa: E731
    choose(export, "csv", tmp_path / "out")
    assert offered() == ["keep", "leave_out"]
    page.persons.setCurrentIndex(1)
    press(qtbot, export)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.DictReader(stream))) == 9
    assert "1 left out" in page.result.text()
    choose(export, "folders", tmp_path / "sorted")
    assert offered() == ["keep", "blur", "leave_out"]
    page.persons.setCurrentIndex(1)
    page.preview.click()
    qtbot.waitUntil(lambda: export._task is None)
    assert "blurred from edge to edge" in page.result.text()
    page.how.setCurrentIndex(page.how.findData("move"))
    page.how.activated.emit(page.how.currentIndex())
    assert (offered(), page.persons_chosen) == (["keep", "leave_out"], "leave_out")
