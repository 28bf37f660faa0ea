"""What went wrong, as rows: a table model. Problems are listed here, never popped up."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from avistar.errors import Fault
from avistar.images import printable
from avistar_gui.wording import fault_sentence, unreadable_folder

Index = QModelIndex | QPersistentModelIndex
COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One file or folder that could not be used; `fault` is None for a folder, `detail` the runtime's words."""

    path: str
    fault: Fault | None
    detail: str


class ProblemList(QAbstractTableModel):
    """Problems by path, each path once: file, folder that it lies in, and what is wrong."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems: list[Problem] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of problems."""
        return 0 if parent.isValid() else len(self._problems)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """File, problem, folder."""
        return 0 if parent.isValid() else COLUMNS

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell; the runtime's own words as tool tip."""
        if not index.isValid() or index.row() >= len(self._problems):
            return None
        problem = self._problems[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells(problem)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return problem.detail
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return (
            QCoreApplication.translate("ProblemList", "File"),
            QCoreApplication.translate("ProblemList", "What is wrong"),
            QCoreApplication.translate("ProblemList", "Folder"),
        )[section]

    def problem(self, row: int) -> Problem | None:
        """The problem in `row`, None outside."""
        return self._problems[row] if 0 <= row < len(self._problems) else None

    def photos(self) -> list[str]:
        """Paths of the photos (not folders) listed."""
        return [problem.path for problem in self._problems if problem.fault is not None]

    def faults(self) -> Counter[str]:
        """How many problems of each kind there are; "folder" for folders."""
        return Counter(problem.fault.value if problem.fault else "folder" for problem in self._problems)

    def add(self, problems: Iterable[Problem]) -> None:
        """List `problems`, in place of older ones of the same paths."""
        fresh = list(problems)
        if not fresh:
            return
        self.remove(problem.path for problem in fresh)
        first = len(self._problems)
        self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
        self._problems.extend(fresh)
        self.endInsertRows()

    def remove(self, paths: Iterable[str]) -> None:
        """Take the problems of `paths` off."""
        gone = set(paths)
        if not any(problem.path in gone for problem in self._problems):
            return
        self.beginResetModel()
        self._problems = [problem for problem in self._problems if problem.path not in gone]
        self.endResetModel()

    def remove_folders(self) -> None:
        """Take the problems of folders off: they were looked into anew."""
        self.remove([problem.path for problem in self._problems if problem.fault is None])

    def clear(self) -> None:
        """Take all off."""
        self.beginResetModel()
        self._problems.clear()
        self.endResetModel()

    def retranslate(self) -> None:
        """The language changed."""
        if self._problems:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._problems) - 1, COLUMNS - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, COLUMNS - 1)

    def _cells(self, problem: Problem) -> tuple[str, str, str]:
        folder, name = os.path.split(problem.path)
        said = unreadable_folder() if problem.fault is None else fault_sentence(problem.fault)
        return printable(name), said, printable(folder)
