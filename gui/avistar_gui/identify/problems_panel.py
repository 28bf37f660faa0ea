"""The panel that lists what went wrong, by reason. Hidden until it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.identify.problems_model import Problem, ProblemList
from avistar_gui.texts import count
from avistar_gui.widgets import icons
from avistar_gui.widgets.table import make_plain
from avistar_gui.widgets.theme import current, set_font

REASONS_WIDTH = 330


class ProblemsPanel(QFrame):
    """Lists problems; each button speaks of the selected ones, or of all that are shown if none is selected."""

    chosen = Signal(str)  # the path of the one that is looked at
    retry_wanted = Signal(object)  # list[Problem]
    folder_wanted = Signal(str)  # a path, to be shown in its folder
    list_wanted = Signal(str)  # the file to write the list to
    visibility_changed = Signal(bool)

    def __init__(self, problems: ProblemList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problems = problems
        self.heading, self.hint = QLabel(), QLabel()
        set_font(self.heading, 1.15, bold=True)
        self.hint.setProperty("muted", True)
        self.retry, self.folder, self.save, self.dismiss = QPushButton(), QPushButton(), QPushButton(), QToolButton()
        self.dismiss.setProperty("quiet", True)
        self.reasons, self.table = QListWidget(), QTableView()
        self._prepare_table()
        self._arrange()
        self._connect()
        self._retranslate()

    def selected(self) -> list[Problem]:
        """The problems that are selected; all that are shown where none is."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        picked = [problem for row in rows if (problem := self._problems.problem(row)) is not None]
        return picked or self._problems.shown()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.visibility_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that it is gone, unless only the page around it is."""
        super().hideEvent(event)
        self.visibility_changed.emit(not self.isHidden())

    def _look(self) -> None:
        problem = self._problems.problem(self.table.currentIndex().row())
        if problem is not None:
            self.chosen.emit(problem.path)

    def _show_folder(self) -> None:
        some = self.selected()
        if some:
            self.folder_wanted.emit(some[0].path)

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the list"), self.tr("problems.csv"), self.tr("Table (*.csv)")
        )
        if name:
            self.list_wanted.emit(name)

    def _choose_reason(self) -> None:
        item = self.reasons.currentItem()
        if item is not None:
            self._problems.show_reason(item.data(Qt.ItemDataRole.UserRole))

    def _count(self) -> None:
        """List the reasons anew, without choosing another."""
        total = len(self._problems)
        lines = [("", self.tr("All: {number}").format(number=count(total)))]
        lines += [(reason, f"{count(number)}  ·  {said}") for reason, said, number in self._problems.reasons()]
        self.reasons.blockSignals(True)
        self.reasons.clear()
        for reason, text in lines:
            item = QListWidgetItem(text, self.reasons)
            item.setData(Qt.ItemDataRole.UserRole, reason)
            item.setToolTip(text)
            if reason == self._problems.reason:
                self.reasons.setCurrentItem(item)
        self.reasons.blockSignals(False)
        for button in (self.retry, self.folder, self.save):
            button.setEnabled(total > 0)

    def _connect(self) -> None:
        self.retry.clicked.connect(lambda: self.retry_wanted.emit(self.selected()))
        self.folder.clicked.connect(self._show_folder)
        self.save.clicked.connect(self._ask_file)
        self.dismiss.clicked.connect(self.hide)
        self.reasons.currentItemChanged.connect(self._choose_reason)
        self._problems.changed.connect(self._count)

    def _retranslate(self) -> None:
        tokens = current()
        self.heading.setText(self.tr("Problems"))
        self.hint.setText(self.tr("These can't be read, or only in part; everything else is identified."))
        self.retry.setText(self.tr("Try again"))
        self.retry.setToolTip(self.tr("Try the selected ones again, or all that are shown if none is selected"))
        self.folder.setText(self.tr("Show in folder"))
        self.save.setText(self.tr("Save list…"))
        self.save.setToolTip(self.tr("Write the selected ones, or all that are shown, to a table (CSV)"))
        self.retry.setIcon(icons.icon("retry", tokens.text, tokens.muted))
        self.folder.setIcon(icons.icon("folder", tokens.text, tokens.muted))
        self.save.setIcon(icons.icon("export", tokens.text, tokens.muted))
        self.dismiss.setIcon(icons.icon("close", tokens.muted))
        self.dismiss.setAccessibleName(self.tr("Hide the problems"))
        self.table.setAccessibleName(self.tr("Problems"))
        self.reasons.setAccessibleName(self.tr("Reasons"))
        self._count()

    def _prepare_table(self) -> None:
        self.table.setModel(self._problems)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        make_plain(self.table)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self.table.setColumnWidth(0, 180)
        self.table.setColumnWidth(1, 330)
        self.table.selectionModel().currentRowChanged.connect(self._look)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.heading)
        top.addSpacing(4)
        top.addWidget(self.hint, 1)
        for button in (self.retry, self.folder, self.save):
            top.addWidget(button)
        top.addWidget(self.dismiss)
        lists = QHBoxLayout()
        lists.setSpacing(10)
        self.reasons.setMaximumWidth(REASONS_WIDTH)
        lists.addWidget(self.reasons, 1)
        lists.addWidget(self.table, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 10)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addLayout(lists)
