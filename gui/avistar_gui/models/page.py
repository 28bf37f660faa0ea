"""The Models page: bundles at the left; at the right what the chosen one is, runs on, and can be asked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListView,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.models import texts
from avistar_gui.models.bundle_facts import BundleFacts, DeviceFacts
from avistar_gui.models.bundle_list import FACTS, BundleList, BundlePainter
from avistar_gui.models.side_by_side import SideBySideView
from avistar_gui.screen import Key, Page
from avistar_gui.widgets.banner import Banner
from avistar_gui.widgets.table import make_plain
from avistar_gui.widgets.theme import set_font
from avistar_gui.widgets.work_panel import WorkPanel

translate = QCoreApplication.translate
BUTTONS = ("use", "beside", "analyse", "verify", "benchmark", "build")


def _table(columns: int) -> QTableWidget:
    table = QTableWidget(0, columns)
    make_plain(table)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(columns - 1, QHeaderView.ResizeMode.Stretch)
    return table


class FactsTable(QFrame):
    """A small table that is as high as its rows."""

    def __init__(self, columns: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = _table(columns)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show `rows`."""
        table = self.table
        table.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                table.setItem(row, column, item)
        self.fit()

    def fit(self) -> None:
        """Wrap long texts and be as high as that needs."""
        self.table.resizeRowsToContents()
        rows = sum(self.table.rowHeight(row) for row in range(self.table.rowCount()))
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + rows + 8)


class ModelsPage(Page):
    """The page; wishes leave it as signals, `wanted` with one of `BUTTONS`."""

    chosen = Signal(str)
    wanted = Signal(str)
    folder_added = Signal(str)
    all_shown = Signal()
    retranslated = Signal()

    def __init__(self, bundles: BundleList) -> None:
        super().__init__()
        self._used = False
        self.banner, self.list, self.add = Banner(), QListView(), QPushButton()
        self.all, self.side_by_side, self._stack = QPushButton(), SideBySideView(), QStackedWidget()
        self.all.setCheckable(True)
        self.list.setModel(bundles)
        self.list.setItemDelegate(BundlePainter(self.list))
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.name, self.summary, self.state, self.figures = QLabel(), QLabel(), QLabel(), QLabel()
        self.buttons = {name: QPushButton() for name in BUTTONS}
        self.artifacts, self.devices = FactsTable(4), FactsTable(3)
        self._titles = {name: QLabel() for name in ("bundles", "artifacts", "devices")}
        self.work = WorkPanel()
        self._detail = QWidget()
        self._arrange()
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.list.clicked.connect(lambda _: self.show_all(False))
        self.add.clicked.connect(self._ask_folder)
        self.all.clicked.connect(self.show_all)
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
        self.retranslate()

    def show_bundle(self, facts: BundleFacts | None, problems: Sequence[str] | None) -> None:
        """Show what a bundle is."""
        self._detail.setVisible(facts is not None)
        if facts is None:
            return
        self.name.setText(facts.name)
        self.summary.setText(facts.folder if facts.problem else texts.summary(facts))
        self.state.setText(texts.intact(facts, problems))
        self.figures.setText(texts.figures(facts))
        self.figures.setVisible(bool(facts.accuracy))

    def show_all(self, shown: bool) -> None:
        """Show all bundles side by side, or the chosen one."""
        self.all.setChecked(shown)
        self._stack.setCurrentIndex(int(shown))
        if shown:
            self.all_shown.emit()

    def show_used(self, used: bool) -> None:
        """Whether the bundle that is shown identifies now."""
        self._used = used
        self.buttons["use"].setText(self._texts()["use"][0])

    def show_runs(self, facts: BundleFacts, devices: Sequence[DeviceFacts] | None) -> None:
        """Show what the artifacts run on here; None while it is tried."""
        self.artifacts.show_rows(
            [
                (texts.artifact_name(one), texts.size(one.bytes), texts.share(one.top1), texts.runs_here(one, devices))
                for one in facts.artifacts
            ]
        )
        tried = [(texts.trying(), "", "")] if devices is None else [texts.device_row(one) for one in devices]
        self.devices.show_rows(tried)

    def enter(self) -> None:
        """The list takes the keys; what stands side by side may be another by now."""
        self.list.setFocus()
        if self.all.isChecked():
            self.all_shown.emit()

    def keys(self) -> list[Key]:
        """Keys of the list."""
        return [Key("↑ ↓", translate("Keys", "Choose a bundle"))]

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        for name, (text, tip) in self._texts().items():
            self.buttons[name].setText(text)
            self.buttons[name].setToolTip(tip)
        self._titles["bundles"].setText(self.tr("Bundles"))
        self._titles["artifacts"].setText(self.tr("Artifacts"))
        self._titles["devices"].setText(self.tr("This computer"))
        headings = [self.tr("Artifact"), self.tr("Size"), self.tr("Top-1"), self.tr("Runs here on")]
        self.artifacts.table.setHorizontalHeaderLabels(headings)
        self.devices.table.setHorizontalHeaderLabels([self.tr("Device"), self.tr("One picture"), self.tr("State")])
        self.add.setText(self.tr("Add folder…"))
        self.all.setText(self.tr("Side by side"))
        self.all.setToolTip(self.tr("All bundles with speed and accuracy, measured here"))
        self.add.setToolTip(self.tr("A folder that holds a bundle, or several"))
        self.list.setAccessibleName(self.tr("Bundles"))
        self.artifacts.table.setAccessibleName(self.tr("Artifacts"))
        self.devices.table.setAccessibleName(self.tr("Devices of this computer"))
        self.retranslated.emit()

    def _texts(self) -> dict[str, tuple[str, str]]:
        return {
            "use": (
                self.tr("In use") if self._used else self.tr("Identify with it"),
                self.tr("Use this bundle for identifying from now on"),
            ),
            "beside": (
                self.tr("Answer too"),
                self.tr("Let it answer the open survey too: what stands stays, and Identify shows where they differ"),
            ),
            "analyse": (self.tr("Analyse"), self.tr("Where it is right and where it goes wrong")),
            "verify": (self.tr("Verify"), self.tr("Does this computer answer the golden pictures as expected?")),
            "benchmark": (
                self.tr("Measure speed"),
                self.tr("A short measurement of every artifact, without reading files"),
            ),
            "build": (self.tr("Build engine…"), self.tr("Build a TensorRT engine for the GPU of this computer")),
        }

    def _choose(self, current: QModelIndex, _: QModelIndex) -> None:
        facts = current.data(FACTS)
        self.chosen.emit(facts.folder if isinstance(facts, BundleFacts) else "")

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("The folder of a bundle"))
        if folder:
            self.folder_added.emit(folder)

    def _arrange(self) -> None:
        self._arrange_detail()
        side = QWidget()
        side.setFixedWidth(300)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(8)
        left.addWidget(self._titles["bundles"])
        left.addWidget(self.list, 1)
        below = QHBoxLayout()
        below.addWidget(self.add)
        below.addWidget(self.all)
        below.addStretch(1)
        left.addLayout(below)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        self._detail.setAutoFillBackground(False)
        area.setWidget(self._detail)
        right = QVBoxLayout()
        right.setSpacing(12)
        self._stack.addWidget(area)
        self._stack.addWidget(self.side_by_side)
        right.addWidget(self._stack, 1)
        right.addWidget(self.work)
        body = QHBoxLayout()
        body.setSpacing(24)
        body.addWidget(side)
        body.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(self.banner)
        layout.addLayout(body, 1)

    def _arrange_detail(self) -> None:
        set_font(self.name, 1.6, bold=True)
        set_font(self.figures, 1.05)
        for label in (self.summary, self.state):
            label.setProperty("muted", True)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for title in self._titles.values():
            set_font(title, 1.1, bold=True)
        self.buttons["use"].setProperty("primary", True)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        for button in self.buttons.values():
            actions.addWidget(button)
        actions.addStretch(1)
        column = QVBoxLayout(self._detail)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        for part in (self.name, self.summary, self.figures, self.state):
            column.addWidget(part)
        column.addSpacing(6)
        column.addLayout(actions)
        column.addSpacing(14)
        for name, table in (("artifacts", self.artifacts), ("devices", self.devices)):
            column.addWidget(self._titles[name])
            column.addWidget(table)
            column.addSpacing(10)
        column.addStretch(1)
