"""The rows, without any widget."""

from __future__ import annotations

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QAbstractItemModelTester

from avistar.catalogue import Row
from avistar.errors import Fault, UsageError
from avistar_gui.identify.photo_model import PAGE, PAGES, PhotoList
from avistar_gui.identify.problems_model import Problem, ProblemList, write_list


def row(id, path="", **facts):
    known = {
        "kind": "photo",
        "state": "answered",
        "present": True,
        "taken_at": None,
        "decision": "species",
        "decided": "wolf",
        "confidence": 0.93,
        "verdict": "",
        "finding": "wolf",
        "sequence": "",
    }
    path = path or f"/card/{id}.jpg"
    return Row(id=id, path=path, relative=path.rsplit("/", 1)[-1], **(known | facts))


class Catalogue:
    """Rows by id, and how often they were asked for."""

    def __init__(self, **facts):
        self.facts, self.asked = facts, []

    def rows(self, ids):
        self.asked.append(list(ids))
        return [row(id, **self.facts) for id in ids]


@pytest.fixture
def catalogue():
    return Catalogue()


@pytest.fixture
def rows(qapp, catalogue):
    return PhotoList(catalogue.rows, lambda _: None)


def test_the_photo_list_keeps_the_rules_of_models(rows, qtmodeltester):
    QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows.show_ids([1, 2])
    rows.show_ids([1, 2, 3, 4])
    rows.refresh_ids([3])
    qtmodeltester.check(rows)
    rows.show_ids([4, 1])
    qtmodeltester.check(rows)
    rows.show_ids([])
    qtmodeltester.check(rows)


def test_a_hundred_thousand_photos_are_read_a_page_at_a_time(rows, catalogue):
    rows.show_ids(range(100_000))
    assert catalogue.asked == []
    assert rows.index(70_000).data() == "70000.jpg"
    assert rows.index(70_001).data() == "70001.jpg"
    assert [len(ids) for ids in catalogue.asked] == [PAGE]
    for place in range(0, 100_000, PAGE):
        rows.index(place).data()
    assert len(rows._pages) == PAGES
    assert len(rows._by_path) <= PAGE * PAGES


def test_what_is_added_at_the_end_moves_nothing(rows, qtbot):
    rows.show_ids([5, 6])
    with qtbot.waitSignal(rows.rowsInserted), qtbot.assertNotEmitted(rows.modelReset):
        rows.show_ids([5, 6, 7])
    assert [rows.row_of(id) for id in (5, 7, 9)] == [0, 2, -1]
    assert rows.photo(3) is None
    assert rows.id_at(2) == 7


def test_rows_are_found_one_by_one_and_many_at_once(rows):
    rows.show_ids(range(100, 0, -1))
    assert [rows.row_of(id) for id in (100, 1, 101, -1)] == [0, 99, -1, -1]
    spans = []
    rows.dataChanged.connect(lambda first, last, _: spans.append((first.row(), last.row())))
    rows.refresh_ids(range(90, 101))
    rows.refresh_ids([50])
    rows.show_ids([7, 50])
    rows.refresh_ids([50])
    assert spans == [(0, 10), (50, 50), (1, 1)]


def test_neighbouring_answers_are_announced_together_and_read_again(rows, catalogue):
    rows.show_ids(range(10))
    rows.index(2).data()
    spans = []
    rows.dataChanged.connect(lambda first, last, _: spans.append((first.row(), last.row())))
    rows.refresh_ids([4, 2, 3, 7, 9, 8, 99])
    assert spans == [(2, 4), (7, 9)]
    rows.index(2).data()
    assert len(catalogue.asked) == 2


@pytest.mark.parametrize(
    ("facts", "state", "said"),
    [
        ({}, "species", "Wolf 93\u00a0%"),
        ({"decision": "group", "finding": "canid"}, "group", "Dog family 93\u00a0%"),
        ({"decision": "unknown", "finding": "unknown"}, "unknown", "Unknown"),
        ({"state": "pending", "decision": "", "finding": "", "confidence": None}, "waiting", "Waiting"),
        ({"state": "failed", "decision": "", "finding": "", "confidence": None}, "failed", "Failed"),
        ({"state": "blank", "decision": "", "finding": "empty", "confidence": None}, "unknown", "No animal"),
        ({"verdict": "species", "finding": "seal"}, "reviewed", "Seal, reviewed"),
    ],
)
def test_a_row_says_what_it_is_to_eyes_and_to_screen_readers(qapp, facts, state, said):
    rows = PhotoList(Catalogue(**facts).rows, lambda _: None)
    rows.show_ids([3])
    assert rows.photo(0).state == state
    assert rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole).lower() == f"3.jpg, {said}".lower()
    assert "/card/3.jpg" in rows.index(0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_name_of_bytes_that_are_no_text_is_shown_with_a_mark(qapp):
    name = b"/card/\xff\xfe.jpg".decode("utf-8", "surrogateescape")
    rows = PhotoList(Catalogue(path=name).rows, lambda _: None)
    rows.show_ids([1])
    assert rows.index(0).data() == "��.jpg"


def test_a_thumbnail_is_asked_for_only_when_it_is_painted(qapp, catalogue):
    asked = []

    def thumbnail(path: str) -> QPixmap | None:
        asked.append(path)
        return None

    rows = PhotoList(catalogue.rows, thumbnail)
    rows.show_ids(range(1000))
    assert asked == []
    rows.index(7).data(Qt.ItemDataRole.DecorationRole)
    assert asked == ["/card/7.jpg"]
    spans = []
    rows.dataChanged.connect(lambda first, last, _: spans.append((first.row(), last.row())))
    rows.refresh(["/card/7.jpg", "/card/unseen.jpg"])
    assert spans == [(7, 7)]


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


def test_problems_are_grouped_by_reason_and_one_reason_can_be_shown_alone(qapp, qtmodeltester):
    problems = ProblemList()
    QAbstractItemModelTester(problems, QAbstractItemModelTester.FailureReportingMode.Fatal)
    problems.add([Problem(f"{number}.jpg", Fault.MISSING, "gone") for number in range(3)])
    problems.add([Problem("a.jpg", Fault.EMPTY, "empty"), Problem("/card/locked", None, "denied")])
    assert [(reason, number) for reason, _, number in problems.reasons()] == [
        ("missing", 3),
        ("empty", 1),
        ("folder", 1),
    ]
    problems.show_reason("missing")
    assert [one.path for one in problems.shown()] == ["0.jpg", "1.jpg", "2.jpg"]
    problems.add([Problem("b.jpg", Fault.EMPTY, "empty"), Problem("3.jpg", Fault.MISSING, "gone")])
    assert problems.rowCount() == 4
    assert len(problems) == 7
    problems.remove([f"{number}.jpg" for number in range(4)])
    assert (problems.reason, problems.rowCount()) == ("", 3), "a reason that is gone hides nothing"
    qtmodeltester.check(problems)


def test_what_is_known_already_leaves_the_list_alone(qapp):
    problems = ProblemList()
    problems.add([Problem("a.jpg", Fault.EMPTY, "empty"), Problem("/card/locked", None, "denied")])
    problems.modelReset.connect(lambda: pytest.fail("a selection in it would be lost"))
    problems.add([Problem("a.jpg", Fault.EMPTY, "empty")])
    problems.keep([Problem("a.jpg", Fault.EMPTY, "empty")])
    assert len(problems) == 2


def test_a_file_that_is_identified_in_part_has_a_reason_of_its_own(qapp):
    problems = ProblemList()
    problems.add([Problem("a.mp4", Fault.DAMAGED, "a.mp4", partly=True), Problem("b.mp4", Fault.DAMAGED, "b.mp4")])
    assert problems.faults() == {"incomplete": 1, "damaged": 1}
    assert problems.problem(0).sentence == "Only a part of it could be read."


def test_the_list_of_problems_is_a_table_that_no_spreadsheet_runs(qapp, tmp_path):
    some = [Problem("/card/=cmd().jpg", Fault.EMPTY, "empty"), Problem("/card/locked", None, "Permission denied")]
    write_list(some, tmp_path / "problems.csv")
    with (tmp_path / "problems.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, first, second = csv.reader(stream)
    assert header == ["File", "Folder", "What is wrong", "Details"]
    assert first == ["'=cmd().jpg", "/card", "The file is empty (0 bytes).", "empty"]
    assert second[3] == "Permission denied"
    with pytest.raises(UsageError, match="does not exist"):
        write_list(some, tmp_path / "nowhere" / "problems.csv")


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_a_sentence(qapp, fault):
    problems = ProblemList()
    problems.add([Problem("a.jpg", fault, "detail")])
    assert problems.index(0, 1).data().endswith(".")
