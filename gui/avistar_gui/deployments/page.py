"""The Deployments page: the table of cameras, edited in place, and what can be done with a camera."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QLabel, QPushButton, QTableView, QVBoxLayout

from avistar.formats.deployment_table import DeploymentRow
from avistar_gui.deployments import texts
from avistar_gui.deployments.model import COLUMNS, DeploymentModel
from avistar_gui.screen import Key, Page
from avistar_gui.widgets.banner import Banner
from avistar_gui.widgets.theme import set_font

translate = QCoreApplication.translate
BUTTONS = ("clock", "split", "forget", "project", "undo")
_WIDEST = 240
"""Most of a column that is as wide as what stands in it, in logical px; people may draw it wider."""
_MARGIN = 32
"""Beside a cell's text."""


class CameraTable(QTableView):
    """The table; keys for the clipboard and for emptying cells."""

    pasted = Signal(str)
    emptied = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste, copy, empty; Enter edits the cell."""
        model = self.model()
        if self.state() == QAbstractItemView.State.EditingState:  # the cell's editor has dealt with it
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(QGuiApplication.clipboard().text())
        elif event.matches(QKeySequence.StandardKey.Copy) and isinstance(model, DeploymentModel):
            QGuiApplication.clipboard().setText(model.copied(self.chosen()))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.emptied.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def chosen(self) -> list[tuple[int, int]]:
        """The selected cells, by row and column."""
        return [(index.row(), index.column()) for index in self.selectedIndexes()]


class DeploymentsPage(Page):
    """The page; wishes leave it as signals, `wanted` with one of `BUTTONS`."""

    wanted = Signal(str)
    retranslated = Signal()

    def __init__(self, model: DeploymentModel) -> None:
        super().__init__()
        self.model = model
        model.setParent(self)  # it must not go before what shows it
        self.banner, self.table = Banner(), CameraTable()
        self.title, self.state, self.hint = QLabel(), QLabel(), QLabel()
        self.buttons = {name: QPushButton() for name in BUTTONS}
        self._arrange()
        self.table.setModel(model)
        self.table.pasted.connect(self._paste)
        self.table.emptied.connect(lambda: self.model.clear(self.table.chosen()))
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
        self.table.selectionModel().currentChanged.connect(lambda *_: self._allow())
        model.modelReset.connect(self._allow)
        model.modelReset.connect(self._fit)
        model.dataChanged.connect(self._widen)
        self.retranslate()

    @property
    def camera(self) -> DeploymentRow | None:
        """The camera that the keys are at."""
        row = self.table.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def show_state(self, text: str, *, survey: bool) -> None:
        """Say how complete the table is; without a survey there is none."""
        self.state.setText(text)
        self.table.setVisible(survey)
        self.hint.setVisible(survey)
        self.buttons["project"].setEnabled(survey)
        self._allow()

    def allow_undo(self, allowed: bool) -> None:
        """Whether the last change was one of cameras, so that it can be taken back here."""
        self.buttons["undo"].setEnabled(allowed)

    def enter(self) -> None:
        """The table takes the keys."""
        self.table.setFocus()
        if not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(0, 1))

    def keys(self) -> list[Key]:
        """Keys of the table."""
        return [
            Key("F2 / Enter", translate("Keys", "Change the cell")),
            Key("Ctrl+C / Ctrl+V", translate("Keys", "Copy cells; paste cells of a spreadsheet")),
            Key("Del", translate("Keys", "Empty the cells: what the photos tell is there again")),
        ]

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.title.setText(self.tr("Where and when each camera stood"))
        self.hint.setText(texts.hint())
        self.table.setAccessibleName(self.tr("Cameras"))
        for name, (text, tip) in self._texts().items():
            self.buttons[name].setText(text)
            self.buttons[name].setToolTip(tip)
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        self._fit()
        self.table.viewport().update()
        self.retranslated.emit()

    def _fit(self) -> None:
        """Make each column as wide as its heading and what stands in it."""
        for column in range(len(COLUMNS)):
            self.table.setColumnWidth(column, self._fitting_width(column))

    def _widen(self, first: QModelIndex, last: QModelIndex) -> None:
        """What was just written is not cut; a column that somebody made wider stays so."""
        for column in range(first.column(), last.column() + 1):
            self.table.setColumnWidth(column, max(self.table.columnWidth(column), self._fitting_width(column)))

    def _fitting_width(self, column: int) -> int:
        metrics = self.table.fontMetrics()
        cells = [self.model.index(row, column).data() for row in range(self.model.rowCount())]
        widest = max((metrics.horizontalAdvance(text) for text in filter(None, cells)), default=0) + _MARGIN
        return max(self.table.horizontalHeader().sectionSizeHint(column), min(widest, _WIDEST))

    def _paste(self, text: str) -> None:
        at = self.table.currentIndex()
        self.model.paste(text, max(at.row(), 0), max(at.column(), 0))

    def _allow(self) -> None:
        camera = self.camera
        self.buttons["clock"].setEnabled(camera is not None and camera.media > camera.undated)
        self.buttons["split"].setEnabled(camera is not None and camera.media > 0)
        self.buttons["forget"].setEnabled(camera is not None and camera.is_stated)

    def _texts(self) -> dict[str, tuple[str, str]]:
        return {
            "clock": (self.tr("&Clock…"), self.tr("The camera's clock was wrong: set all its photos right")),
            "split": (self.tr("&Split by subfolder"), self.tr("Each folder in this one is a camera of its own")),
            "forget": (self.tr("&Forget"), self.tr("Take back all that was written about this folder")),
            "project": (self.tr("&Project…"), self.tr("Whose survey it is, for Camtrap DP")),
            "undo": (self.tr("&Undo"), self.tr("Take the last change of this table back (Ctrl+Z)")),
        }

    def _arrange(self) -> None:
        set_font(self.title, 1.6, bold=True)
        for label in (self.state, self.hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setProperty("muted", True)
        table = self.table
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in self.buttons.values():
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(12)
        for widget in (self.banner, self.title, self.state):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addWidget(table, 1)
        layout.addWidget(self.hint)
        layout.addStretch(0)
