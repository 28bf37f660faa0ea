"""The most confused pairs, side by side: what was called the one, what was called the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from avistar_gui.analysis import texts
from avistar_gui.analysis.data.study import Pair, Rows, Study
from avistar_gui.widgets import tiles
from avistar_gui.widgets.theme import set_font

Thumbnail = Callable[[int], QPixmap | None]
STRIP = QSize(74, 62)
SPACING = 6
translate = QCoreApplication.translate


class Strip(QWidget):
    """The first few of some photos in a row, as many as fit."""

    def __init__(self, rows: Rows, thumbnail: Thumbnail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows, self._thumbnail = rows, thumbnail
        self.setFixedHeight(STRIP.height())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        fitting = max(1, (self.width() + SPACING) // (STRIP.width() + SPACING))
        for place, row in enumerate(self._rows[:fitting]):
            where = QRect(place * (STRIP.width() + SPACING), 0, STRIP.width(), STRIP.height())
            tiles.paint_picture(painter, where, self._thumbnail(int(row)), "photos")
        painter.end()


class PairCard(QFrame):
    """Two species taken for each other; `wanted` (true, called) when one of the two ways is chosen."""

    wanted = Signal(int, int)

    def __init__(self, study: Study, pair: Pair, thumbnail: Thumbnail, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._study, self._pair = study, pair
        self.title, self.number = QLabel(), QLabel()
        set_font(self.title, 1.1, bold=True)
        self.number.setProperty("muted", True)
        self._both = (
            (pair.first, pair.second, pair.first_called_second),
            (pair.second, pair.first, pair.second_called_first),
        )
        self.ways = [QToolButton() for _ in self._both]
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.number)
        both = QHBoxLayout()
        both.setSpacing(16)
        for button, (true, called, rows) in zip(self.ways, self._both, strict=True):
            button.setProperty("link", True)
            button.setEnabled(len(rows) > 0)
            button.clicked.connect(lambda _=False, true=true, called=called: self.wanted.emit(true, called))
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(button)
            column.addWidget(Strip(rows, thumbnail))
            both.addLayout(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addLayout(both)
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        known, pair = texts.names(self._study), self._pair
        self.title.setText(f"{known[pair.first]}  ↔  {known[pair.second]}")
        self.number.setText(texts.errors(pair.errors))
        for button, (true, called, rows) in zip(self.ways, self._both, strict=True):
            button.setText(f"{texts.cell_title(known, true, called)}: {len(rows)}")


class PairsView(QScrollArea):
    """A card for each confused pair, worst first; `wanted` (true, called)."""

    wanted = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.cards: list[PairCard] = []
        self._waiting: Callable[[], None] | None = None
        self._build(None, [], lambda _: None)

    def show_pairs(self, study: Study | None, pairs: list[Pair], thumbnail: Thumbnail) -> None:
        """Show these pairs of `study`; the cards are made when they are seen."""
        self._waiting = lambda: self._build(study, pairs, thumbnail)
        if self.isVisible():
            self._catch_up()

    def showEvent(self, event: QShowEvent) -> None:
        """Make what waits."""
        self._catch_up()
        super().showEvent(event)

    def refresh(self) -> None:
        """Thumbnails arrived."""
        for card in self.cards:
            for strip in card.findChildren(Strip):
                strip.update()

    def _catch_up(self) -> None:
        build, self._waiting = self._waiting, None
        if build is not None:
            build()

    def _build(self, study: Study | None, pairs: list[Pair], thumbnail: Thumbnail) -> None:
        inner = QWidget()
        inner.setAutoFillBackground(False)
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(2, 2, 10, 10)
        layout.setSpacing(12)
        self.cards = [] if study is None else [PairCard(study, pair, thumbnail) for pair in pairs]
        for card in self.cards:
            card.wanted.connect(self.wanted)
            layout.addWidget(card)
        if study is not None and not pairs:
            layout.addWidget(QLabel(translate("PairCard", "No species was taken for another one.")))
        layout.addStretch(1)
        self.setWidget(inner)
