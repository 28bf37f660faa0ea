"""What went wrong, as rows: a table model, grouped by reason. Problems are listed here, never popped up."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from avistar.errors import Fault
from avistar.files import printable, writing
from avistar.formats.rows import csv_texts
from avistar_gui.texts import fault_sentence, partly_readable, text_of, unreadable_folder

Index = QModelIndex | QPersistentModelIndex
COLUMNS = 3
PARTLY = "incomplete"
FOLDER = "folder"
"""The reason of a folder that can't be opened; those of files are their faults."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One file or folder that could not be used; `fault` is None for a folder, `detail` the runtime's words.

    `partly`: a part of the file could be read, and is identified.
    """

    path: str
    fault: Fault | None
    detail: str
    partly: bool = False

    @property
    def reason(self) -> str:
        """What problems are grouped by."""
        if self.partly:
            return PARTLY
        return self.fault.value if self.fault is not None else FOLDER

    @property
    def sentence(self) -> str:
        """What is wrong, in the language of the moment."""
        if self.partly:
            return partly_readable()
        return unreadable_folder() if self.fault is None else fault_sentence(self.fault)


class ProblemList(QAbstractTableModel):
    """Problems by path, each path once; shows all, or those of one `reason`: file, what is wrong, folder."""

    changed = Signal()  # other problems, or other numbers of them

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: dict[str, Problem] = {}
        self._shown: list[Problem] = []
        self.reason = ""

    def __len__(self) -> int:
        return len(self._all)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else COLUMNS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell; the runtime's own words as tool tip."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        problem = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _cells(problem)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return text_of(problem.detail)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return _titles()[section]

    def problem(self, row: int) -> Problem | None:
        """The problem in `row`, None outside."""
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def shown(self) -> list[Problem]:
        """The problems that are shown."""
        return list(self._shown)

    def photos(self) -> list[str]:
        """Paths of all photos (not folders) with problems."""
        return [problem.path for problem in self._all.values() if problem.fault is not None]

    def faults(self) -> Counter[str]:
        """How many problems there are of each reason."""
        return Counter(problem.reason for problem in self._all.values())

    def reasons(self) -> list[tuple[str, str, int]]:
        """Each reason with its sentence and how often it is; the most frequent first."""
        sentences = {problem.reason: problem.sentence for problem in self._all.values()}
        return [(reason, sentences[reason], number) for reason, number in self.faults().most_common()]

    def show_reason(self, reason: str) -> None:
        """Show the problems of one reason, "" for all."""
        if reason != self.reason:
            self.reason = reason
            self._reset()

    def add(self, problems: Iterable[Problem]) -> None:
        """List `problems`, in place of older ones of the same paths; what is known already stays where it is."""
        fresh = {one.path: one for one in problems if self._all.get(one.path) != one}
        if not fresh:
            return
        self._drop(fresh)
        self._all |= fresh
        more = [one for one in fresh.values() if self.reason in ("", one.reason)]
        if more:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(more) - 1)
            self._shown += more
            self.endInsertRows()
        self.changed.emit()

    def remove(self, paths: Iterable[str]) -> None:
        """Take the problems of `paths` off."""
        if self._drop(paths):
            self.changed.emit()

    def keep(self, problems: Iterable[Problem]) -> None:
        """Of files, list `problems` and no others; those of folders stay."""
        wanted = list(problems)
        paths = {one.path for one in wanted}
        self.remove([path for path, one in self._all.items() if one.fault is not None and path not in paths])
        self.add(wanted)

    def remove_folders(self) -> None:
        """Take the problems of folders off: they were looked into anew."""
        self.remove([path for path, one in self._all.items() if one.fault is None])

    def clear(self) -> None:
        """Take all off."""
        self._all.clear()
        self.reason = ""
        self._reset()
        self.changed.emit()

    def retranslate(self) -> None:
        """The language changed."""
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, COLUMNS - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, COLUMNS - 1)
        self.changed.emit()

    def _drop(self, paths: Iterable[str]) -> bool:
        gone = [path for path in paths if self._all.pop(path, None) is not None]
        if gone:
            if not any(problem.reason == self.reason for problem in self._all.values()):
                self.reason = ""
            self._reset()
        return bool(gone)

    def _reset(self) -> None:
        self.beginResetModel()
        self._shown = [one for one in self._all.values() if self.reason in ("", one.reason)]
        self.endResetModel()


def write_list(problems: Sequence[Problem], target: Path) -> None:
    """Write `problems` as CSV: file, folder, what is wrong, the runtime's words. Raises `AvistarError`."""
    file, wrong, folder = _titles()
    detail = QCoreApplication.translate("ProblemList", "Details")
    with writing(target, encoding="utf-8-sig") as stream:
        cells = csv.writer(stream)
        cells.writerow([file, folder, wrong, detail])
        for problem in problems:
            name, said, place = _cells(problem)
            cells.writerow(csv_texts({"file": name, "folder": place, "wrong": said, "detail": text_of(problem.detail)}))


def _titles() -> tuple[str, str, str]:
    return (
        QCoreApplication.translate("ProblemList", "File"),
        QCoreApplication.translate("ProblemList", "What is wrong"),
        QCoreApplication.translate("ProblemList", "Folder"),
    )


def _cells(problem: Problem) -> tuple[str, str, str]:
    folder, name = os.path.split(problem.path)
    return printable(name), problem.sentence, printable(folder)
