"""The table of species: names with their Latin ones, figures, and which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from avistar_gui.summary import texts
from avistar_gui.widgets.table import make_plain
from avistar_gui.widgets.theme import current, scaled

NAME_WIDTH = 150
"""Least width of the column of names, in logical px; longer ones are cut and said by a tool tip."""

_SPECIES, _LATIN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class SpeciesTable(QTableWidget):
    """One row for all animals and one for each species; `chosen` (its index) when another one is."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(texts.headings()), parent)
        self.setItemDelegateForColumn(0, _NamePainter(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        make_plain(self)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentCellChanged.connect(self._choose)

    def show_rows(self, rows: Sequence[tuple[int, str, str, list[str]]], species: int) -> None:
        """Show index, name, Latin name and figures of each, with `species` chosen."""
        self.blockSignals(True)
        self.setRowCount(len(rows))
        for row, (index, name, latin, cells) in enumerate(rows):
            first = QTableWidgetItem(name)
            first.setData(_SPECIES, index)
            first.setData(_LATIN, latin)
            first.setToolTip(", ".join(filter(None, (name, latin))))
            self.setItem(row, 0, first)
            for column, text in enumerate(cells, 1):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
        self.resizeRowsToContents()
        figures = sum(self.horizontalHeader().sectionSizeHint(column) for column in range(1, self.columnCount()))
        self.setMinimumWidth(figures + NAME_WIDTH + self.verticalScrollBar().sizeHint().width())
        if rows:
            self.setCurrentCell(next((row for row, one in enumerate(rows) if one[0] == species), 0), 0)
        self.blockSignals(False)

    def retranslate(self) -> None:
        """Say the columns in the language of the moment."""
        self.setHorizontalHeaderLabels(texts.headings())
        for column in range(self.columnCount()):
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            if (heading := self.horizontalHeaderItem(column)) is not None:
                heading.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(texts.headings()[0])

    def _choose(self, row: int, _column: int, before: int, _before_column: int) -> None:
        item = self.item(row, 0)
        if item is not None and row != before:
            self.chosen.emit(int(item.data(_SPECIES)))


class _NamePainter(QStyledItemDelegate):
    """A name, with the Latin one below it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens, latin = current(), str(index.data(_LATIN) or "")
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(tokens.accent_soft))
        rect = option.rect.adjusted(12, 0, -6, 0)
        height = option.fontMetrics.height()
        top = rect.top() + (rect.height() - height * (1.9 if latin else 1)) / 2
        for text, font, colour in (
            (str(index.data()), option.font, tokens.text),
            (latin, scaled(option.font, 0.88, italic=True), tokens.muted),
        ):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(QRect(rect.left(), int(top), rect.width(), height), Qt.AlignmentFlag.AlignLeft, shown)
            top += height * 0.95
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        height = option.fontMetrics.height()
        return QSize(160, int(height * (1.9 if index.data(_LATIN) else 1)) + 12)
