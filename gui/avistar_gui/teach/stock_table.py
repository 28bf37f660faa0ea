"""How much there is to learn of each species, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from avistar_gui.widgets.table import make_plain
from avistar_gui.widgets.theme import current

COLUMNS = 4


class StockTable(QTableWidget):
    """Species, photos, cameras, and what is to be said of them, its details as a tool tip; rows that lack something are
    grey.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, COLUMNS, parent)
        make_plain(self)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(COLUMNS - 1, QHeaderView.ResizeMode.Stretch)

    def show_rows(self, rows: Sequence[Sequence[str]], lacking: Sequence[bool]) -> None:
        """Show `rows`; those that are `lacking` something teach nothing."""
        tokens = current()
        self.setRowCount(len(rows))
        for row, (cells, lacks) in enumerate(zip(rows, lacking, strict=True)):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text.partition("\n")[0])
                item.setToolTip(text)
                item.setForeground(QColor(tokens.muted if lacks else tokens.text))
                if column in (1, 2):
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
        self.resizeRowsToContents()
