"""The rows, without any widget."""

from __future__ import annotations

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QAbstractItemModelTester

from avistar.errors import Fault
from avistar_gui.identify.photos import PhotoList, Role
from avistar_gui.identify.problems import Problem, ProblemList


@pytest.fixture
def identified(open_tiny):
    with open_tiny(None) as classifier:
        return classifier.identify(Image.new("RGB", (64, 48), "white"))


@pytest.fixture
def rows(qapp):
    return PhotoList(lambda _: None)


def test_the_photo_list_keeps_the_rules_of_models(rows, identified, qtmodeltester):
    QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows.add(["a.jpg", "b.jpg"])
    rows.show([("b.jpg", identified)])
    qtmodeltester.check(rows)
    rows.clear()
    qtmodeltester.check(rows)


def test_each_path_is_one_row_in_the_order_of_finding(rows):
    rows.add(["b.jpg", "a.jpg", "b.jpg"])
    rows.add(["a.jpg", "c.jpg"])
    assert [rows.photo(row).path for row in range(rows.rowCount())] == ["b.jpg", "a.jpg", "c.jpg"]
    assert [rows.row_of(path) for path in ("b.jpg", "c.jpg", "gone.jpg")] == [0, 2, -1]
    assert rows.photo(3) is None


def test_neighbouring_answers_are_announced_together(rows, identified, qtbot):
    rows.add([f"{number}.jpg" for number in range(10)])
    spans = []
    rows.dataChanged.connect(lambda first, last, _: spans.append((first.row(), last.row())))
    rows.show([(f"{number}.jpg", identified) for number in (4, 2, 3, 7, 9, 8)] + [("gone.jpg", identified)])
    assert spans == [(2, 4), (7, 9)]


def test_a_row_says_what_it_is_to_eyes_and_to_screen_readers(rows, identified):
    rows.add(["/far/away/a.jpg", "/far/away/b.jpg"])
    rows.show([("/far/away/a.jpg", identified)])
    first, second = rows.index(0), rows.index(1)
    assert first.data() == "a.jpg"
    assert first.data(Role.PHOTO).state == "species"
    assert first.data(Qt.ItemDataRole.AccessibleTextRole) == "a.jpg, Wolf >\u00a099\u00a0%"
    assert second.data(Role.PHOTO).state == "waiting"
    assert "/far/away/b.jpg" in second.data(Qt.ItemDataRole.ToolTipRole)


def test_a_name_of_bytes_that_are_no_text_is_shown_with_a_mark(rows):
    rows.add([b"/card/\xff\xfe.jpg".decode("utf-8", "surrogateescape")])
    assert rows.index(0).data() == "��.jpg"


def test_a_thumbnail_is_asked_for_only_when_it_is_painted(qapp):
    asked = []

    def thumbnail(path: str) -> QPixmap | None:
        asked.append(path)
        return None

    rows = PhotoList(thumbnail)
    rows.add([f"{number}.jpg" for number in range(1000)])
    assert asked == []
    rows.index(7).data(Qt.ItemDataRole.DecorationRole)
    assert asked == ["7.jpg"]


def test_the_problem_list_keeps_the_rules_of_models(qapp, qtmodeltester):
    problems = ProblemList()
    QAbstractItemModelTester(problems, QAbstractItemModelTester.FailureReportingMode.Fatal)
    problems.add([Problem("/card/a.jpg", Fault.EMPTY, "a.jpg: empty"), Problem("/card/locked", None, "denied")])
    qtmodeltester.check(problems)
    problems.remove(["/card/a.jpg"])
    qtmodeltester.check(problems)


def test_a_file_with_a_new_problem_is_still_one_row(qapp):
    problems = ProblemList()
    problems.add([Problem("a.jpg", Fault.EMPTY, "empty"), Problem("b.jpg", Fault.DAMAGED, "damaged")])
    problems.add([Problem("a.jpg", Fault.MISSING, "gone")])
    assert problems.rowCount() == 2
    assert [problems.index(row, 1).data() for row in (0, 1)] == [
        "The file is too damaged to be read.",
        "The file has disappeared.",
    ]
    assert problems.photos() == ["b.jpg", "a.jpg"]


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_a_sentence(qapp, fault):
    problems = ProblemList()
    problems.add([Problem("a.jpg", fault, "detail")])
    assert problems.index(0, 1).data().endswith(".")
