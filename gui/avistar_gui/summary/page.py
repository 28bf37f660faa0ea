"""The Summary page: figures above, species at the left, pictures of the chosen one at the right. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.screen import Key, Page
from avistar_gui.summary import texts
from avistar_gui.summary.cameras import MapPicture, TimelinePicture
from avistar_gui.summary.charts import ActivityPicture, DaysPicture, Picture
from avistar_gui.summary.choice import Choice
from avistar_gui.summary.species_list import SpeciesTable
from avistar_gui.widgets.banner import Banner
from avistar_gui.widgets.question import confirmed
from avistar_gui.widgets.segments import Segments
from avistar_gui.widgets.theme import set_font, tidy

TILES = 6
GAP_MOST = 24 * 60.0
"""Minutes: beyond a day nobody calls it one visit."""

_TYPING_MS = 500
"""A gap that is being typed is counted with once the hand rests."""

translate = QCoreApplication.translate


class SummaryPage(Page):
    """Wishes leave as signals."""

    gap_chosen = Signal(float)  # minutes
    species_chosen = Signal(int)
    report_wanted = Signal(str)
    tables_wanted = Signal(str)
    retranslated = Signal()
    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.banner, self.title, self.period = Banner(), QLabel(), QLabel()
        self.gap, self.gap_label = QDoubleSpinBox(), QLabel()
        self.report, self.tables = QPushButton(), QPushButton()
        self.tiles = [(QLabel(), QLabel()) for _ in range(TILES)]
        self.remarks, self.nothing = QLabel(), QLabel()
        self.species = SpeciesTable()
        self.segments = Segments(texts.PICTURES)
        self.pictures: dict[str, Picture] = {
            "activity": ActivityPicture(),
            "map": MapPicture(),
            "timeline": TimelinePicture(),
            "days": DaysPicture(),
        }
        self.stack, self.caption, self.heading = QStackedWidget(), QLabel(), QLabel()
        self.body, self.splitter = QWidget(), QSplitter(Qt.Orientation.Horizontal)
        self._folder, self._name = "", ""
        self._rest = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._rest.timeout.connect(lambda: self.gap_chosen.emit(self.gap.value()))
        self._arrange()
        self._connect()
        self.show_nothing("")
        self.retranslate()

    def show_nothing(self, text: str) -> None:
        """Say why there are no figures."""
        self.nothing.setText(text)
        self.nothing.show()
        self.body.hide()

    def show_figures(self, tiles: Sequence[tuple[str, str]], remarks: Sequence[str]) -> None:
        """Show the figures that stand above all, and what to know of them."""
        self.nothing.hide()
        self.body.show()
        for (value, label), (number, name) in zip(self.tiles, tiles, strict=True):
            value.setText(number)
            label.setText(name)
        self.remarks.setText("\n".join(f"•  {one}" for one in remarks))
        self.remarks.setVisible(bool(remarks))

    def show_survey(self, name: str, period: str, folder: str) -> None:
        """Say which survey it is; files go beside `folder`."""
        self.title.setText(name or self.tr("Summary"))
        self.period.setText(period)
        self._folder = folder
        for widget in (self.gap, self.gap_label, self.report, self.tables):
            widget.setVisible(bool(folder))

    def show_choice(self, choice: Choice, name: str) -> None:
        """Show the pictures of a species."""
        self._name = name
        self._show_picture(self._shown())
        for picture in self.pictures.values():
            picture.show_choice(choice)
            picture.setAccessibleName(name)

    def allow(self, on: bool) -> None:
        """Whether there is anything to write."""
        self.report.setEnabled(on)
        self.tables.setEnabled(on)

    def confirm(self, text: str) -> bool:
        """Ask before something is replaced."""
        replace, cancel = self.tr("Replace"), self.tr("Cancel")
        return confirmed(self, text, title=self.tr("Summary"), action=replace, cancel=cancel)

    def enter(self) -> None:
        """The list of species takes the keys."""
        self.entered.emit()
        self.species.setFocus()

    def keys(self) -> list[Key]:
        """Keys of the list and of the pictures."""
        return [
            Key("↑ ↓", translate("Keys", "Choose a species")),
            Key("1 – 4", translate("Keys", "Another picture")),
            Key("Ctrl+S", translate("Keys", "Save all as a page")),
        ]

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.gap_label.setText(self.tr("Independent after"))
        self.gap.setSuffix(self.tr(" min"))
        for part in (self.gap, self.gap.lineEdit()):
            part.setAccessibleName(self.tr("Minutes between independent events"))
        self.gap.setToolTip(
            self.tr("Least time between the beginnings of two events of a species at a camera (camtrapR: minDeltaTime)")
        )
        self.report.setText(self.tr("Save report…"))
        self.report.setToolTip(self.tr("All figures and pictures as one page that needs no internet (Ctrl+S)"))
        self.tables.setText(self.tr("Save tables…"))
        self.tables.setToolTip(self.tr("The numbers behind each picture, as CSV"))
        self.segments.set_texts({name: texts.picture_name(name) for name in texts.PICTURES})
        self.species.retranslate()
        self._show_picture(self._shown())
        self.retranslated.emit()

    def _shown(self) -> str:
        return texts.PICTURES[self.stack.currentIndex()]

    def _show_picture(self, name: str) -> None:
        self.stack.setCurrentIndex(texts.PICTURES.index(name))
        self.caption.setText(texts.picture_sentence(name))
        self.heading.setText("" if name == "timeline" else self._name)  # that one is of all photos

    def _ask_report(self) -> None:
        start = str(Path(self._folder) / "report.html")
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save report"), start, "*.html")
        if path:
            self.report_wanted.emit(path if Path(path).suffix else f"{path}.html")

    def _ask_tables(self) -> None:
        path = QFileDialog.getExistingDirectory(self, self.tr("Save tables"), self._folder)
        if path:
            self.tables_wanted.emit(path)

    def _connect(self) -> None:
        self.gap.valueChanged.connect(lambda _: self._rest.start())
        self.species.chosen.connect(self.species_chosen)
        self.segments.chosen.connect(self._show_picture)
        self.report.clicked.connect(self._ask_report)
        self.tables.clicked.connect(self._ask_tables)
        context = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for number, name in enumerate(texts.PICTURES, 1):
            QShortcut(QKeySequence(str(number)), self, lambda name=name: self.segments.choose(name), context=context)
        QShortcut(QKeySequence("Ctrl+S"), self, self.report.click, context=context)

    def _arrange(self) -> None:
        set_font(self.title, 1.6, bold=True)
        set_font(self.heading, 1.2, bold=True)
        self.gap.setRange(0, GAP_MOST)
        self.gap.setDecimals(0)
        self.gap.setSingleStep(5)
        self.gap.setValue(30)
        tidy(self.gap)
        self.report.setProperty("primary", True)
        for label in (self.period, self.caption, self.gap_label):
            label.setProperty("muted", True)
        for label in (self.caption, self.remarks, self.nothing):
            label.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setProperty("muted", True)
        head, words = QHBoxLayout(), QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.period)
        head.addLayout(words, 1)
        head.setSpacing(10)
        for widget in (self.gap_label, self.gap, self.tables, self.report):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(self.banner)
        layout.addLayout(head)
        layout.addWidget(self.nothing, 1)
        layout.addWidget(self.body, 1)
        self._arrange_body()

    def _arrange_body(self) -> None:
        tiles = QHBoxLayout()
        tiles.setSpacing(10)
        for value, label in self.tiles:
            card, inside = QFrame(), QVBoxLayout()
            card.setProperty("card", True)
            set_font(value, 1.5, bold=True)
            label.setProperty("muted", True)
            inside.setContentsMargins(14, 9, 14, 9)
            inside.setSpacing(0)
            inside.addWidget(value)
            inside.addWidget(label)
            card.setLayout(inside)
            tiles.addWidget(card, 1)
        for name in texts.PICTURES:
            self.stack.addWidget(_scrolled(self.pictures[name]) if name == "timeline" else self.pictures[name])
        side, right, bar = QFrame(), QVBoxLayout(), QHBoxLayout()
        side.setProperty("card", True)
        bar.addWidget(self.heading, 1)
        bar.addWidget(self.segments)
        right.setContentsMargins(16, 12, 16, 12)
        right.addLayout(bar)
        right.addWidget(self.stack, 1)
        right.addWidget(self.caption)
        side.setLayout(right)
        for part in (self.species, side):
            self.splitter.addWidget(part)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([470, 700])
        body = QVBoxLayout(self.body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(12)
        body.addLayout(tiles)
        body.addWidget(self.splitter, 1)
        body.addWidget(self.remarks)


def _scrolled(picture: Picture) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(picture)
    area.setWidgetResizable(True)
    area.viewport().setAutoFillBackground(False)
    picture.setAutoFillBackground(False)
    return area
