"""The table of species: how each fares, with intervals as bars; sortable.

The table of species as a file that a spreadsheet program opens. Knows no Qt.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from avistar.evaluation.metrics import SpeciesScore
from avistar.files import writing
from avistar_gui.analysis import texts
from avistar_gui.analysis.data.comparison import Comparison
from avistar_gui.analysis.data.study import Counts, Study
from avistar_gui.texts import count
from avistar_gui.widgets.table import make_plain
from avistar_gui.widgets.theme import current

Index = QModelIndex | QPersistentModelIndex

VALUE = Qt.ItemDataRole.UserRole + 1

INTERVAL = Qt.ItemDataRole.UserRole + 2

NAME, PHOTOS, RECALL, PRECISION, F1, CHOSEN, GAIN = range(7)

MEASURES = {RECALL: "recall", PRECISION: "precision", F1: "f1"}


class SpeciesModel(QAbstractTableModel):
    """One row for each species of a study: name, photos, recall, precision, F1, chosen photos, difference."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._study: Study | None = None
        self._chosen: Counts | None = None
        self._comparison: Comparison | None = None

    def show_study(self, study: Study | None, comparison: Comparison | None = None) -> None:
        """Show the scores of `study`, and how a second one differs."""
        self.beginResetModel()
        self._study, self._comparison, self._chosen = study, comparison, None
        self.endResetModel()

    def show_chosen(self, counts: Counts | None) -> None:
        """Show how many photos of each species are among the chosen ones; None where all are."""
        self._chosen = counts
        if self.rowCount():
            self.dataChanged.emit(self.index(0, CHOSEN), self.index(self.rowCount() - 1, CHOSEN))

    @property
    def comparing(self) -> bool:
        """Whether there is a second study."""
        return self._comparison is not None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self._study is None else len(self._study.species)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Every column, shown or not."""
        return 0 if parent.isValid() else GAIN + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, the number to sort by (`VALUE`), or low and high of an interval (`INTERVAL`)."""
        study = self._study
        if study is None or not index.isValid():
            return None
        score, column = study.report.species[index.row()], index.column()
        if role == VALUE:
            return self._value(score, index.row(), column)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(score, index.row(), column)
        if role == Qt.ItemDataRole.ToolTipRole and column in MEASURES:
            return self._interval_text(score, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column != NAME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == INTERVAL and column in MEASURES and score.photos:
            return tuple(getattr(score, MEASURES[column] + end) for end in ("_low", "_high"))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal and section != NAME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        translate = QCoreApplication.translate
        return (
            translate("SpeciesModel", "Species"),
            translate("SpeciesModel", "Photos"),
            translate("SpeciesModel", "Recall"),
            translate("SpeciesModel", "Precision"),
            translate("SpeciesModel", "F1"),
            translate("SpeciesModel", "Chosen"),
            translate("SpeciesModel", "Δ recall"),
        )[section]

    def retranslate(self) -> None:
        """The language changed."""
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, GAIN))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, GAIN)

    def _value(self, score: SpeciesScore, row: int, column: int) -> Any:
        if column == NAME:
            return self._text(score, row, NAME).casefold()
        if column in MEASURES:
            return getattr(score, MEASURES[column])
        if column == CHOSEN:
            return int(self._chosen[row].sum()) if self._chosen is not None else score.photos
        if column == GAIN:
            gain = float(self._comparison.recall_gain[row]) if self._comparison is not None else 0.0
            return -9.0 if math.isnan(gain) else gain
        return score.photos

    def _text(self, score: SpeciesScore, row: int, column: int) -> str:
        assert self._study is not None  # noqa: S101 - rows exist only with a study
        if column == NAME:
            return texts.names(self._study)[row]
        if column in MEASURES:
            return texts.share(getattr(score, MEASURES[column])) if score.photos else "–"
        if column == CHOSEN:
            return count(int(self._chosen[row].sum())) if self._chosen is not None else "–"
        if column == GAIN:
            return texts.signed_points(float(self._comparison.recall_gain[row])) if self._comparison else "–"
        return count(score.photos)

    def _interval_text(self, score: SpeciesScore, column: int) -> str:
        low, high = (getattr(score, MEASURES[column] + end) for end in ("_low", "_high"))
        text = QCoreApplication.translate("SpeciesModel", "With 95 % certainty between {low} and {high}")
        return text.format(low=texts.share(low), high=texts.share(high)).replace("95 %", "95\u00a0%")


class IntervalPainter(QStyledItemDelegate):
    """Paints a share as a number and, under it, its interval: a bar from low to high with a tick at the value."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell as usual, then the interval."""
        super().paint(painter, option, index)
        interval, value = index.data(INTERVAL), index.data(VALUE)
        if interval is None:
            return
        tokens = current()
        track = QRectF(option.rect).adjusted(10, option.rect.height() - 9, -10, -5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(
            QColor(tokens.raised if not option.state & QStyle.StateFlag.State_Selected else tokens.surface)
        )
        painter.drawRoundedRect(track, 2, 2)
        low, high = (track.left() + share * track.width() for share in interval)
        bar = QColor(tokens.accent)
        bar.setAlpha(120)
        painter.setBrush(bar)
        painter.drawRoundedRect(QRectF(low, track.top(), max(high - low, 2), track.height()), 2, 2)
        at = track.left() + value * track.width()
        painter.setPen(QPen(QColor(tokens.text), 2))
        painter.drawLine(round(at), round(track.top() - 2), round(at), round(track.bottom() + 2))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the bar under the number."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), hint.height() + 10)


class SpeciesTable(QTableView):
    """The table; `species_wanted` (an index of the study) when a row is chosen."""

    species_wanted = Signal(int)

    def __init__(self, model: SpeciesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(model)
        self._sorted.setSortRole(VALUE)
        self.setModel(self._sorted)
        self.setItemDelegate(IntervalPainter(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        make_plain(self)
        self.setSortingEnabled(True)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 22)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.ResizeToContents)
        self.sortByColumn(F1, Qt.SortOrder.AscendingOrder)
        self.activated.connect(self._want)
        self.clicked.connect(self._want)
        model.modelReset.connect(self._columns)
        self._columns()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._model.retranslate()

    def _columns(self) -> None:
        self.setColumnHidden(GAIN, not self._model.comparing)

    def _want(self, index: QModelIndex) -> None:
        self.species_wanted.emit(self._sorted.mapToSource(index).row())


def save_species(path: Path, scores: Sequence[SpeciesScore], names: Sequence[str]) -> None:
    """Write one line for each species: figures as fractions with their 95 % intervals; empty without photos.

    Raises `UsageError` and `AvistarError` where it can't be written.
    """
    columns = [f"{measure}{end}" for measure in MEASURES.values() for end in ("", "_low", "_high")]
    with writing(path, encoding="utf-8-sig") as stream:  # with a mark, or Excel takes it for another encoding
        table = csv.writer(stream)
        table.writerow(["species", "name", "photos", *columns, "roc_auc"])
        for score, name in zip(scores, names, strict=True):
            figures = [f"{getattr(score, column):.6f}" if score.photos else "" for column in columns]
            area = "" if score.roc_auc is None else f"{score.roc_auc:.6f}"
            table.writerow([score.id, name, score.photos, *figures, area])
