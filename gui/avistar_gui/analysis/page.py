"""The Analysis page: which bundle, its headline figures, and the linked views. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.analysis.figures_pane import FiguresPane
from avistar_gui.analysis.map_pane import MapPane
from avistar_gui.analysis.photo_list import JudgedPhotos
from avistar_gui.analysis.photos_pane import PhotosPane
from avistar_gui.analysis.species_table import SpeciesModel
from avistar_gui.banner import Banner
from avistar_gui.screens import Key, Page
from avistar_gui.settings import Settings
from avistar_gui.theme import set_font

translate = QCoreApplication.translate


class Headline(QFrame):
    """One figure of the whole: a large number over its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number, self.name = QLabel(), QLabel()
        set_font(self.number, 1.3, bold=True)
        set_font(self.name, 0.85)
        self.name.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.number)
        layout.addWidget(self.name)

    def say(self, number: str, name: str, tip: str) -> None:
        """Show a figure."""
        self.number.setText(number)
        self.name.setText(name)
        self.setToolTip(tip)
        self.setAccessibleName(f"{name}: {number}")


class AnalysisPage(Page):
    """The page; wishes leave it as signals with bundles' folders."""

    bundle_wanted = Signal(str)
    second_wanted = Signal(str)
    folder_wanted = Signal(str)
    difference_wanted = Signal(str)
    retranslated = Signal()

    def __init__(self, photos: JudgedPhotos, table: SpeciesModel, settings: Settings) -> None:
        super().__init__()
        self.banner = Banner()
        self.bundle, self.second = QComboBox(), QComboBox()
        self._labels = [QLabel(), QLabel()]
        self.headlines = [Headline() for _ in range(4)]
        self.differences = {name: QPushButton() for name in ("only_first", "only_second", "neither")}
        self.figures, self.map, self.photos = FiguresPane(table), MapPane(), PhotosPane(photos)
        self.empty = QLabel()
        self._stack, self._split = QStackedWidget(), QSplitter(Qt.Orientation.Horizontal)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._bar = QWidget()
        self._arrange()
        self._split.restoreState(settings.shape("analysis"))
        self._right.restoreState(settings.shape("analysis_right"))
        self.figures.restore(settings)
        self.bundle.activated.connect(lambda: self.bundle_wanted.emit(self.bundle.currentData()))
        self.second.activated.connect(lambda: self.second_wanted.emit(self.second.currentData()))
        for name, button in self.differences.items():
            button.clicked.connect(lambda _=False, name=name: self.difference_wanted.emit(name))
        self.photos.locate_wanted.connect(self._ask_folder)
        self.retranslate()

    def show_bundles(self, names: Sequence[tuple[str, str]]) -> None:
        """Offer these bundles: (name, folder)."""
        for box in (self.bundle, self.second):
            chosen = box.currentData()
            box.clear()
            if box is self.second:
                box.addItem("", "")
            for name, folder in names:
                box.addItem(name, folder)
            box.setCurrentIndex(max(0, box.findData(chosen)))
        self.retranslate()

    def show_message(self, text: str) -> None:
        """Say `text` in place of the views; "" shows the views."""
        self.empty.setText(text)
        self._stack.setCurrentIndex(0 if text else 1)
        for headline in self.headlines:
            headline.setVisible(not text)

    def show_differences(self, texts: dict[str, str]) -> None:
        """Offer the sets in which two bundles differ, by name; none hides them."""
        self._bar.setVisible(bool(texts))
        for name, text in texts.items():
            self.differences[name].setText(text)

    def keys(self) -> list[Key]:
        """Keys of the matrix and of the map."""
        return [
            Key("← → ↑ ↓", translate("Keys", "Matrix: go from cell to cell; map: move")),
            Key("Enter / R / C", translate("Keys", "Matrix: photos of the cell, its row, its column")),
            Key("+ / − / 0", translate("Keys", "Map: closer, farther, all of it")),
        ]

    def enter(self) -> None:
        """The matrix takes the keys."""
        self.figures.matrix.setFocus()

    def keep_shape(self, settings: Settings) -> None:
        """Remember splitters and view."""
        settings.keep_shape("analysis", self._split.saveState())
        settings.keep_shape("analysis_right", self._right.saveState())
        self.figures.keep(settings)

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self._labels[0].setText(self.tr("Bundle"))
        self._labels[1].setText(self.tr("Compare with"))
        if self.second.count():
            self.second.setItemText(0, self.tr("none"))
        self.retranslated.emit()

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("The folder of the photos"))
        if folder:
            self.folder_wanted.emit(folder)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        for label, box in zip(self._labels, (self.bundle, self.second), strict=True):
            label.setBuddy(box)
            label.setProperty("muted", True)
            box.setMinimumWidth(120)
            top.addWidget(label)
            top.addWidget(box)
            top.addSpacing(8)
        top.addStretch(1)
        for headline in self.headlines:
            top.addWidget(headline)
            top.addSpacing(14)
        self._right.addWidget(self.map)
        self._right.addWidget(self.photos)
        self._split.addWidget(self.figures)
        self._split.addWidget(self._right)
        for split in (self._split, self._right):
            split.setChildrenCollapsible(False)
            split.setHandleWidth(14)
        for part in (self.map, self.photos):
            part.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            part.setMinimumHeight(170)
        self._split.setSizes([660, 460])
        self._right.setSizes([300, 320])
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("muted", True)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._split)
        self._arrange_rest(top)

    def _arrange_rest(self, top: QHBoxLayout) -> None:
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(0, 0, 0, 0)
        for button in self.differences.values():
            bar.addWidget(button)
        bar.addStretch(1)
        self._bar.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 12)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.banner)
        layout.addWidget(self._bar)
        layout.addWidget(self._stack, 1)
