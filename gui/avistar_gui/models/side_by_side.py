"""All bundles in one table: what each knows, how fast it is here, and how good on one's own photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.models import texts
from avistar_gui.models.measurements import MeasuredBundle
from avistar_gui.widgets.table import make_plain
from avistar_gui.widgets.theme import set_font

COLUMNS = 6


class SideBySideView(QWidget):
    """Says `measure_wanted`, and `opened` (a bundle's folder) when a row is."""

    measure_wanted = Signal()
    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.note, self.measure = QLabel(), QLabel(), QPushButton()
        self.table = QTableWidget(0, COLUMNS)
        self._rows: Sequence[MeasuredBundle] = ()
        self._is_used: Callable[[str], bool] = lambda _: False
        self._survey, self._reviewed = "", 0
        make_plain(self.table)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        set_font(self.title, 1.6, bold=True)
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        self.measure.setProperty("primary", True)
        self.measure.clicked.connect(self.measure_wanted)
        self.table.cellActivated.connect(self._open)
        actions = QHBoxLayout()
        actions.addWidget(self.measure)
        actions.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(10)
        for part in (self.title, self.note):
            layout.addWidget(part)
        layout.addLayout(actions)
        layout.addWidget(self.table, 1)
        self.retranslate()

    def show_rows(
        self, rows: Sequence[MeasuredBundle], is_used: Callable[[str], bool], survey: str, reviewed: int
    ) -> None:
        """Show `rows`; `is_used` tells whether the bundle in a folder identifies, `survey` whose photos judge."""
        self._rows, self._is_used, self._survey, self._reviewed = rows, is_used, survey, reviewed
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.title.setText(self.tr("Models side by side"))
        self.measure.setText(self.tr("Measure all"))
        self.measure.setToolTip(
            self.tr("The speed of each model on this computer, and its answers to the photos that you reviewed")
        )
        self.note.setText(texts.judges(self._survey, self._reviewed))
        self.table.setAccessibleName(self.title.text())
        headings = (
            self.tr("Model"), self.tr("Labels"), self.tr("Picture"), self.tr("Its test photos"),
            self.tr("Speed here"), self.tr("Your reviewed photos"),
        )  # fmt: skip
        self.table.setHorizontalHeaderLabels(headings)
        self.table.setRowCount(len(self._rows))
        for number, row in enumerate(self._rows):
            for column, text in enumerate(texts.side_by_side(row, used=self._is_used(row.facts.folder))):
                item = QTableWidgetItem(text)
                item.setToolTip(row.facts.folder if column == 0 else texts.measured_when(row, column))
                self.table.setItem(number, column, item)

    def _open(self, row: int, _: int) -> None:
        self.opened.emit(self._rows[row].facts.folder)
