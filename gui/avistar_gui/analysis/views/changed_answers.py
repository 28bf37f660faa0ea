"""The photos on which two models, or two artifacts, answer differently: a table with how sure each of them was."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from avistar.files import printable
from avistar_gui.analysis import texts
from avistar_gui.analysis.data.comparison import Comparison
from avistar_gui.analysis.data.study import Study
from avistar_gui.widgets.table import make_plain

Index = QModelIndex | QPersistentModelIndex
TRUTH, FIRST, FIRST_AHEAD, SECOND, SECOND_AHEAD, FILE = range(6)
translate = QCoreApplication.translate


class ChangesModel(QAbstractTableModel):
    """One row for each photo with different answers, in the order that a column's header asks for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._study: Study | None = None
        self._comparison: Comparison | None = None
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)

    def show_comparison(self, study: Study | None, comparison: Comparison | None) -> None:
        """Show where the second one of `comparison` answers otherwise than `study`."""
        self.beginResetModel()
        self._study, self._comparison = study, comparison
        self._order = np.arange(0 if comparison is None else len(comparison.flipped))
        self.endResetModel()

    def study_row(self, row: int) -> int:
        """The row of the study that is shown in `row`."""
        assert self._comparison is not None  # noqa: S101 - rows exist only with a comparison
        return int(self._comparison.flip.rows[self._order[row]])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """What it shows, both answers with their leads, the file."""
        return 0 if parent.isValid() else FILE + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell; the whole file name as a tool tip."""
        study, comparison = self._study, self._comparison
        if study is None or comparison is None or not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (FIRST_AHEAD, SECOND_AHEAD):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        at = int(self._order[index.row()])
        if role == Qt.ItemDataRole.ToolTipRole:
            return printable(study.files[int(comparison.flip.rows[at])])
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(study, comparison, at, index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        study, comparison = self._study, self._comparison
        if orientation != Qt.Orientation.Horizontal or study is None or comparison is None:
            return None
        if role == Qt.ItemDataRole.ToolTipRole and section in (FIRST_AHEAD, SECOND_AHEAD):
            return translate("ChangesModel", "By how many points the answer is ahead of the next likeliest species")
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        ahead = translate("ChangesModel", "Ahead by")
        return (
            translate("ChangesModel", "Shows"),
            texts.label(study, comparison.second),
            ahead,
            texts.label(comparison.second, study),
            ahead,
            translate("ChangesModel", "Photo"),
        )[section]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        study, comparison = self._study, self._comparison
        if study is None or comparison is None:
            return
        flip, names = comparison.flip, np.array(texts.names(study))
        second = np.array(texts.names(comparison.second))
        keys = {
            TRUTH: names[study.truth[flip.rows]],
            FIRST: names[study.answers[flip.rows]],
            FIRST_AHEAD: flip.first_margin,
            SECOND: second[comparison.second.answers[flip.others]],
            SECOND_AHEAD: flip.second_margin,
            FILE: np.array([study.files[row] for row in flip.rows]),
        }
        self.beginResetModel()
        found = np.argsort(keys[column], kind="stable")
        self._order = found if order == Qt.SortOrder.AscendingOrder else found[::-1]
        self.endResetModel()

    def retranslate(self) -> None:
        """The language changed."""
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, FILE))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, FILE)

    def _text(self, study: Study, comparison: Comparison, at: int, column: int) -> str:
        row, other, flip = int(comparison.flip.rows[at]), int(comparison.flip.others[at]), comparison.flip
        if column == TRUTH:
            return texts.names(study)[int(study.truth[row])]
        if column == FIRST:
            return _marked(texts.names(study)[int(study.answers[row])], bool(study.right[row]))
        if column == SECOND:
            second = comparison.second
            return _marked(texts.names(second)[int(second.answers[other])], bool(second.right[other]))
        if column in (FIRST_AHEAD, SECOND_AHEAD):
            margin = flip.first_margin if column == FIRST_AHEAD else flip.second_margin
            return texts.share(float(margin[at]))
        return printable(os.path.basename(study.files[row]))  # noqa: PTH119 - undecodable bytes stay as they are


def _marked(name: str, right: bool) -> str:
    return f"✓ {name}" if right else name


class ChangesTable(QTableView):
    """The table; `photo_wanted` (a row of the study) when one is chosen."""

    photo_wanted = Signal(int)

    def __init__(self, model: ChangesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        make_plain(self)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 16)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self.activated.connect(self._want)
        self.clicked.connect(self._want)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._model.retranslate()

    def _want(self, index: QModelIndex) -> None:
        self.photo_wanted.emit(self._model.study_row(index.row()))
