"""The panel that lists what went wrong, with retry. Hidden until it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar_gui import icons
from avistar_gui.identify.problems import ProblemList
from avistar_gui.theme import current, set_font


class ProblemsPanel(QFrame):
    """Lists problems; `chosen` (a path) when one is looked at, `retry_wanted` (paths) for another try."""

    chosen = Signal(str)
    retry_wanted = Signal(object)
    visibility_changed = Signal(bool)

    def __init__(self, problems: ProblemList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems = problems
        self.heading, self.hint = QLabel(), QLabel()
        set_font(self.heading, 1.15, bold=True)
        self.hint.setProperty("muted", True)
        self.retry, self.dismiss = QPushButton(), QToolButton()
        self.dismiss.setProperty("quiet", True)
        self.table = QTableView()
        self._prepare_table()
        self.retry.clicked.connect(self._retry)
        self.dismiss.clicked.connect(self.hide)
        for changed in (problems.rowsInserted, problems.modelReset):
            changed.connect(self._count)
        self._arrange()
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that it is there."""
        super().showEvent(event)
        self.visibility_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that it is gone, unless only the page around it is."""
        super().hideEvent(event)
        self.visibility_changed.emit(not self.isHidden())

    def _retry(self) -> None:
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        picked = [problem.path for row in rows if (problem := self._problems.problem(row)) and problem.fault]
        self.retry_wanted.emit(picked or self._problems.photos())

    def _look(self) -> None:
        problem = self._problems.problem(self.table.currentIndex().row())
        if problem is not None:
            self.chosen.emit(problem.path)

    def _count(self) -> None:
        self.retry.setEnabled(bool(self._problems.photos()))

    def _retranslate(self) -> None:
        tokens = current()
        self.heading.setText(self.tr("Problems"))
        self.hint.setText(self.tr("These were passed over; everything else is identified."))
        self.retry.setText(self.tr("Try again"))
        self.retry.setToolTip(self.tr("Try the selected ones again, or all if none is selected"))
        self.retry.setIcon(icons.icon("retry", tokens.text, tokens.muted))
        self.dismiss.setIcon(icons.icon("close", tokens.muted))
        self.dismiss.setAccessibleName(self.tr("Hide the problems"))
        self.table.setAccessibleName(self.tr("Problems"))
        self._count()

    def _prepare_table(self) -> None:
        self.table.setModel(self._problems)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.table.setColumnWidth(0, 240)
        self.table.setColumnWidth(1, 420)
        self.table.selectionModel().currentRowChanged.connect(self._look)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.heading)
        top.addWidget(self.hint, 1)
        top.addWidget(self.retry)
        top.addWidget(self.dismiss)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 10)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.table)
