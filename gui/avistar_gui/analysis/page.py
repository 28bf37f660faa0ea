"""The Analysis page: which bundle, its headline figures, and the linked views. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.analysis import texts
from avistar_gui.analysis.data.sources import BundleChoice, StudyRequest, SurveyPlace
from avistar_gui.analysis.views.changed_answers import ChangesModel
from avistar_gui.analysis.views.figures_pane import FiguresPane
from avistar_gui.analysis.views.map_pane import MapPane
from avistar_gui.analysis.views.photos_pane import JudgedPhotos, PhotosPane
from avistar_gui.analysis.views.species_table import SpeciesModel
from avistar_gui.screen import Key, Page
from avistar_gui.settings import Settings
from avistar_gui.widgets.banner import Banner
from avistar_gui.widgets.theme import set_font
from avistar_gui.widgets.work_panel import WorkPanel

translate = QCoreApplication.translate

_WIDEST = 420
"""Of the lists of what is judged and compared, in logical px."""


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
    """The page; wishes leave it as signals: `source_wanted` and `second_wanted` with a `StudyRequest`."""

    source_wanted = Signal(object)
    second_wanted = Signal(object)
    folder_wanted = Signal(str)
    difference_wanted = Signal(str)
    save_wanted = Signal(str)
    entered = Signal()
    retranslated = Signal()

    def __init__(self, photos: JudgedPhotos, table: SpeciesModel, flips: ChangesModel, settings: Settings) -> None:
        super().__init__()
        self.banner = Banner()
        self.work, self.note, self.apart, self.verdict = WorkPanel(), QLabel(), QLabel(), QLabel()
        self.named = QToolButton()
        self.source, self.second = QComboBox(), QComboBox()
        self._bundles: Sequence[BundleChoice] = ()
        self._survey: SurveyPlace | None = None
        self._named_survey = ""
        self._labels = [QLabel(), QLabel()]
        self.headlines = [Headline() for _ in range(4)]
        self.differences = {name: QPushButton() for name in ("only_first", "only_second", "neither", "flipped")}
        self.figures, self.map, self.photos = FiguresPane(table, flips), MapPane(), PhotosPane(photos)
        self.empty = QLabel()
        self._stack, self._split = QStackedWidget(), QSplitter(Qt.Orientation.Horizontal)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._bar = QWidget()
        self._arrange()
        self._split.restoreState(settings.shape("analysis"))
        self._right.restoreState(settings.shape("analysis_right"))
        self.figures.restore(settings)
        self.source.activated.connect(lambda: self._want_source(StudyRequest.of(self.source.currentData())))
        self.second.activated.connect(lambda: self.second_wanted.emit(StudyRequest.of(self.second.currentData())))
        for name, button in self.differences.items():
            button.clicked.connect(lambda _=False, name=name: self.difference_wanted.emit(name))
        self.photos.locate_wanted.connect(self._ask_folder)
        self.figures.save_wanted.connect(self._ask_file)
        self.retranslate()

    def show_sources(self, bundles: Sequence[BundleChoice], survey: SurveyPlace | None) -> None:
        """Offer these bundles' test photos, the survey that is open, and to choose another one."""
        self._bundles, self._survey = bundles, survey
        self._fill_sources()

    def mark_source(self, wish: StudyRequest) -> None:
        """Show in the list which source is shown; a survey that is not the open one is added by its name."""
        self._named_survey = wish.place if wish.kind == "survey" else ""
        self._fill_sources()
        self.source.setCurrentIndex(max(0, self.source.findData(wish.key)))

    def show_seconds(self, offers: Sequence[tuple[str, StudyRequest]], chosen: StudyRequest | None = None) -> None:
        """Offer these to compare with, and show which one is `chosen`."""
        self.second.clear()
        self.second.setEnabled(bool(offers))
        self.second.addItem(self.tr("none"), StudyRequest("none").key)
        for name, wish in offers:
            self.second.addItem(name, wish.key)
        if chosen is not None:
            self.second.setCurrentIndex(max(0, self.second.findData(chosen.key)))
        _widen_list(self.second)

    def say_notes(self, note: str, apart: str, named: str = "") -> None:
        """Say what is to be borne in mind, what is in no figure, and what lists the strangers; "" hides each."""
        for part, text in ((self.note, note), (self.apart, apart), (self.named, named)):
            part.setText(text)
            part.setVisible(bool(text))

    def show_message(self, text: str) -> None:
        """Say `text` in place of the views; "" shows the views."""
        self.empty.setText(text)
        self._stack.setCurrentIndex(0 if text else 1)
        for headline in self.headlines:
            headline.setVisible(not text)
        if text:
            self.say_notes("", "")

    def show_differences(self, texts: dict[str, str], verdict: str = "", *, flips: bool = False) -> None:
        """Offer the sets in which two answers differ, by name, and say what to think of it; none hides them.

        `flips`: whether there is a table of different answers to show.
        """
        self._bar.setVisible(bool(texts))
        self.verdict.setText(verdict)
        self.figures.allow_flips(flips)
        for name, text in texts.items():
            self.differences[name].setText(text)

    def keys(self) -> list[Key]:
        """Keys of the matrix and of the map."""
        return [
            Key("← → ↑ ↓", translate("Keys", "Matrix: go from cell to cell; map: move")),
            Key("Enter / R / C", translate("Keys", "Matrix: photos of the cell, its row, its column")),
            Key("Enter", translate("Keys", "Changes: show that photo")),
            Key("+ / − / 0", translate("Keys", "Map: closer, farther, all of it")),
        ]

    def enter(self) -> None:
        """The matrix takes the keys."""
        self.figures.matrix.setFocus()
        self.entered.emit()

    def keep_shape(self, settings: Settings) -> None:
        """Remember splitters and view."""
        settings.keep_shape("analysis", self._split.saveState())
        settings.keep_shape("analysis_right", self._right.saveState())
        self.figures.keep(settings)

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self._labels[0].setText(self.tr("Photos"))
        self._labels[1].setText(self.tr("Compare with"))
        self.source.setAccessibleName(self.tr("Photos that are judged"))
        self.second.setAccessibleName(self.tr("Compare with"))
        self._fill_sources()
        if self.second.count():
            self.second.setItemText(0, self.tr("none"))
        self.retranslated.emit()

    def _fill_sources(self) -> None:
        chosen = self.source.currentData()
        self.source.clear()
        for bundle in self._bundles:
            self.source.addItem(texts.source_name(bundle.name), StudyRequest("bundle", bundle.folder).key)
        own = self._survey
        self.source.addItem(texts.own_name(own.name if own is not None else ""), StudyRequest("survey").key)
        if self._named_survey:
            name = texts.own_name(Path(self._named_survey).stem)
            self.source.addItem(name, StudyRequest("survey", self._named_survey).key)
        self.source.addItem(self.tr("Another survey…"), StudyRequest("ask").key)
        self.source.setCurrentIndex(max(0, self.source.findData(chosen)))
        _widen_list(self.source)

    def _want_source(self, wish: StudyRequest) -> None:
        if wish.kind != "ask":
            self.source_wanted.emit(wish)
            return
        kinds = self.tr("Surveys (*.avistar)")
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a survey"), "", kinds)
        self.source_wanted.emit(StudyRequest("survey", path) if path else StudyRequest("ask"))

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("The folder of the photos"))
        if folder:
            self.folder_wanted.emit(folder)

    def _ask_file(self) -> None:
        kinds = self.tr("Tables (*.csv)")
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save the table of species"), "species.csv", kinds)
        if path:
            self.save_wanted.emit(path if Path(path).suffix else f"{path}.csv")

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        for label, box, share in zip(self._labels, (self.source, self.second), (5, 3), strict=True):
            label.setBuddy(box)
            label.setProperty("muted", True)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(9)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.setMaximumWidth(_WIDEST)
            top.addWidget(label)
            top.addWidget(box, share)
            top.addSpacing(4)
        top.addStretch(1)
        for headline in self.headlines:
            top.addWidget(headline)
            top.addSpacing(8)
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
        bar.addWidget(self.verdict, 1)
        self._bar.hide()
        for label in (self.note, self.apart, self.verdict):
            label.setProperty("muted", True)
            label.setWordWrap(True)
        self.apart.setWordWrap(False)
        self.named.setProperty("link", True)
        for part in (self.note, self.apart, self.named):
            part.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 12)
        layout.setSpacing(12)
        layout.addLayout(top)
        notes = QVBoxLayout()
        notes.setSpacing(3)
        notes.addWidget(self.note)
        apart = QHBoxLayout()
        apart.setSpacing(14)
        apart.addWidget(self.apart)
        apart.addWidget(self.named)
        apart.addStretch(1)
        notes.addLayout(apart)
        layout.addLayout(notes)
        layout.addWidget(self.banner)
        layout.addWidget(self.work)
        layout.addWidget(self._bar)
        layout.addWidget(self._stack, 1)


def _widen_list(box: QComboBox) -> None:
    """Let the open list be as wide as its longest name, however narrow the closed box is."""
    box.view().setMinimumWidth(box.view().sizeHintForColumn(0) + 24)
