"""The left half: confusion matrix, table of species, most confused pairs, different answers; one at a time."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QEvent, QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.analysis import texts
from avistar_gui.analysis.data.study import Mode, Order
from avistar_gui.analysis.views.changed_answers import ChangesModel, ChangesTable
from avistar_gui.analysis.views.confused_pairs import PairsView
from avistar_gui.analysis.views.matrix_view import MatrixView
from avistar_gui.analysis.views.species_table import SpeciesModel, SpeciesTable
from avistar_gui.settings import Settings
from avistar_gui.widgets.segments import Segments

MODES: tuple[Mode, ...] = get_args(Mode)
ORDERS: tuple[Order, ...] = get_args(Order)
VIEWS = ("matrix", "species", "pairs", "flips")


class FiguresPane(QWidget):
    """Shows one of its views; `matrix_changed` when other numbers or another order are wanted.

    `save_wanted`: the table of species as a file.
    """

    matrix_changed = Signal()
    save_wanted = Signal()

    def __init__(self, table: SpeciesModel, flips: ChangesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.segments = Segments(VIEWS)
        self.mode, self.order, self.search = QComboBox(), QComboBox(), QLineEdit()
        self._names, self._known = tuple[str, ...](), QStringListModel(self)
        for mode in MODES:
            self.mode.addItem("", mode)
        for order in ORDERS:
            self.order.addItem("", order)
        for box in (self.mode, self.order):  # narrower than their longest text where room is short
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(6)
        self.matrix, self.table, self.pairs = MatrixView(), SpeciesTable(table), PairsView()
        self.flips, self.save = ChangesTable(flips), QPushButton()
        self.sentence = QLabel()
        self.sentence.setProperty("muted", True)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._stack = QStackedWidget()
        self._arrange()
        self._arrange_search()
        self.segments.chosen.connect(self._show)
        self.save.clicked.connect(self.save_wanted)
        for box in (self.mode, self.order):
            box.activated.connect(lambda _: self.matrix_changed.emit())
        self.retranslate()

    @property
    def wanted_mode(self) -> Mode:
        """What the numbers in the matrix are to be."""
        return MODES[self.mode.currentIndex()]

    @property
    def wanted_order(self) -> Order:
        """How the matrix is to be sorted."""
        return ORDERS[self.order.currentIndex()]

    def restore(self, settings: Settings) -> None:
        """As it was left."""
        view = settings.text("analysis/view")
        if view in VIEWS[:3]:
            self.segments.choose(view)

    def keep(self, settings: Settings) -> None:
        """Remember the view."""
        settings.keep_text("analysis/view", VIEWS[self._stack.currentIndex()])

    def allow_flips(self, allowed: bool) -> None:
        """Offer the table of different answers, or leave it."""
        self.segments.buttons["flips"].setVisible(allowed)
        if not allowed and self._stack.currentIndex() == VIEWS.index("flips"):
            self.segments.choose("matrix")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.segments.set_texts(
            {
                "matrix": self.tr("Confusion"),
                "species": self.tr("Species"),
                "pairs": self.tr("Confused pairs"),
                "flips": self.tr("Changes"),
            }
        )
        for index, mode in enumerate(MODES):
            self.mode.setItemText(index, texts.mode_name(mode))
        for index, order in enumerate(ORDERS):
            self.order.setItemText(index, texts.order_name(order))
        self.search.setPlaceholderText(self.tr("Find a species"))
        self.search.setAccessibleName(self.tr("Find a species in the matrix"))
        self.mode.setAccessibleName(self.tr("Numbers in the matrix"))
        self.order.setAccessibleName(self.tr("Order of the matrix"))
        self.matrix.setAccessibleName(self.tr("Confusion matrix: rows are the species shown, columns the answers"))
        self.table.setAccessibleName(self.tr("Table of species"))
        self.pairs.setAccessibleName(self.tr("Most confused pairs"))
        self.flips.setAccessibleName(self.tr("Photos with different answers"))
        self.save.setText(self.tr("Save as CSV…"))
        self.say("")

    def show_names(self, names: tuple[str, ...]) -> None:
        """What the matrix' species are called: more than can be painted at once are searched."""
        if names != self._names:
            self._names = names
            self._known.setStringList(names)
        self._offer_search()
        self.say("")

    def _offer_search(self) -> None:
        self.search.setVisible(self.matrix.scrolls and self._stack.currentIndex() == VIEWS.index("matrix"))

    def _find(self) -> None:
        """Go to the species whose name holds what was typed; the one that begins with it first."""
        wanted = self.search.text().strip().casefold()
        found = [index for index, name in enumerate(self._names) if wanted in name.casefold()]
        if wanted and found:
            self.matrix.go_to(min(found, key=lambda index: (self._names[index].casefold().find(wanted), index)))

    def say(self, sentence: str) -> None:
        """What is pointed at, in words; a hint where nothing is."""
        hint = self.tr("Rows: what the photo shows. Columns: what it was called. Click a cell or a name.")
        if self.matrix.scrolls:
            hint = self.tr("Wheel and arrows scroll (Shift: sideways, Ctrl: by pages). Click a cell or a name.")
        self.sentence.setText(sentence or hint)
        self.matrix.setAccessibleDescription(sentence)

    def _show(self, name: str) -> None:
        self._stack.setCurrentIndex(VIEWS.index(name))
        for box in (self.mode, self.order):
            box.setVisible(name == "matrix")
        self._offer_search()
        self.save.setVisible(name == "species")

    def _arrange_search(self) -> None:
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(lambda _: self._find())
        self.search.setCompleter(completer)
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(150)
        self.search.returnPressed.connect(self._find)
        self.search.hide()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.segments)
        top.addStretch(1)
        top.addWidget(self.search, 2)
        top.addWidget(self.mode, 2)
        top.addWidget(self.order, 3)
        top.addWidget(self.save)
        self.save.hide()
        self.segments.buttons["flips"].hide()
        framed = QWidget()
        inner = QVBoxLayout(framed)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(self.matrix, 1)
        inner.addWidget(self.sentence, 0, Qt.AlignmentFlag.AlignBottom)
        for view in (framed, self.table, self.pairs, self.flips):
            self._stack.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
