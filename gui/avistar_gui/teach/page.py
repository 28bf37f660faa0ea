"""The Teach page: what there is to learn at the left; at the right how to begin, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.screen import Key, Page
from avistar_gui.teach.lessons import ReviewedSurvey
from avistar_gui.teach.outcome_view import OutcomeView
from avistar_gui.teach.stock_table import COLUMNS, StockTable
from avistar_gui.teach.texts import Numbers
from avistar_gui.widgets.banner import Banner
from avistar_gui.widgets.theme import set_font
from avistar_gui.widgets.work_panel import WorkPanel

translate = QCoreApplication.translate
SIDE = 470
"""Width of the left column in logical px."""
SURVEYS_SHOWN = 3
REMARKS_SHOWN = 4


class TeachPage(Page):
    """Wishes leave as signals: `chosen` when other surveys are to be learned from, `decided` with what becomes of a
    lesson ("use", "keep", "discard").
    """

    entered = Signal()
    chosen = Signal()
    learn_wanted = Signal()
    back_wanted = Signal()
    decided = Signal(str)
    retranslated = Signal()

    def __init__(self, outcome: OutcomeView) -> None:
        super().__init__()
        self.banner, self.work, self.outcome = Banner(), WorkPanel(), outcome
        self.in_use, self.back = QLabel(), QPushButton()
        self.surveys, self.stock, self.remarks = QListWidget(), StockTable(), QLabel()
        self.ready, self.what, self.name, self.learn = QLabel(), QLabel(), QLineEdit(), QPushButton()
        self._titles = {name: QLabel() for name in ("stock", "surveys", "start", "name")}
        self._right = QStackedWidget()
        self._listed: list[ReviewedSurvey] = []
        self._filling = False
        self._arrange()
        self.surveys.itemChanged.connect(self._ticked)
        self.learn.clicked.connect(self.learn_wanted)
        self.back.clicked.connect(self.back_wanted)
        self.outcome.decided.connect(self.decided)
        self.retranslate()

    @property
    def sources(self) -> list[str]:
        """The files of the surveys that are ticked."""
        items = [self.surveys.item(row) for row in range(self.surveys.count())]
        return [one.path for one, item in zip(self._listed, items, strict=True)
                if item.checkState() == Qt.CheckState.Checked]  # fmt: skip

    def show_surveys(self, surveys: Sequence[ReviewedSurvey], ticked: Sequence[str]) -> None:
        """Offer these to learn from."""
        self._filling = True
        self._listed = list(surveys)
        self.surveys.clear()
        for one in surveys:
            name = one.folder.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or one.folder
            item = QListWidgetItem(f"{name}  ·  {Numbers().reviewed(one.reviewed)}", self.surveys)
            item.setToolTip(one.folder)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if one.path in ticked else Qt.CheckState.Unchecked)
        shown = len(surveys) > 1
        self.surveys.setVisible(shown)
        self._titles["surveys"].setVisible(shown)
        height = self.surveys.sizeHintForRow(0) if surveys else 0
        self.surveys.setFixedHeight(min(len(surveys), SURVEYS_SHOWN) * height + 16)
        self._filling = False

    def show_model(self, text: str, back: str) -> None:
        """Say what is in use; `back` stands on the button that goes back, "" where there is nothing to go back to."""
        self.in_use.setText(text)
        self.back.setText(back)
        self.back.setVisible(bool(back))

    def show_stock(self, rows: Sequence[Sequence[str]], lacking: Sequence[bool], remarks: Sequence[str]) -> None:
        """Show what there is of each species, with remarks on all of it."""
        self.stock.show_rows(rows, lacking)
        self.stock.setHorizontalHeaderItem(COLUMNS - 1, QTableWidgetItem(self._progress()))
        shown = [f"•  {one}" for one in remarks[:REMARKS_SHOWN]]
        if len(remarks) > REMARKS_SHOWN:
            more = translate("TeachPage", "and {number} more")
            shown.append(f"•  {more.format(number=len(remarks) - REMARKS_SHOWN)}")
        self.remarks.setText("\n".join(shown))
        self.remarks.setToolTip("\n".join(remarks) if len(remarks) > REMARKS_SHOWN else "")
        self.remarks.setVisible(bool(remarks))

    def show_start(self, ready: str) -> None:
        """Show how to begin."""
        self.ready.setText(ready)
        self._right.setCurrentIndex(0)

    def show_outcome(self) -> None:
        """Show what came of a lesson."""
        self._right.setCurrentIndex(1)

    def allow(self, *, change: bool) -> None:
        """Whether what is learned from, and how, can be changed now."""
        for part in (self.surveys, self.name, self.back):
            part.setEnabled(change)

    def enter(self) -> None:
        """It has just become visible."""
        self.entered.emit()
        (self.learn if self.learn.isEnabled() else self.stock).setFocus()

    def keys(self) -> list[Key]:
        """Keys of the page."""
        return [Key("Tab", translate("Keys", "From the species to the lesson"))]

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self._titles["stock"].setText(self.tr("What there is to learn"))
        self._titles["surveys"].setText(self.tr("Learn from"))
        self._titles["start"].setText(self.tr("Teach the model the animals of this place"))
        self._titles["name"].setText(self.tr("Name of the taught model"))
        self.what.setText(
            self.tr(
                "Every photo that you reviewed teaches: new species are added, and known ones learned as your "
                "cameras see them.\n\nIt happens on this computer, in about a minute for a thousand photos. Before "
                "anything is used, the new model has to prove on photos kept apart that it got better here and "
                "forgot nothing."
            )
        )
        self.learn.setText(self.tr("Learn"))
        self.name.setAccessibleName(self._titles["name"].text())
        self.surveys.setAccessibleName(self._titles["surveys"].text())
        self.stock.setAccessibleName(self._titles["stock"].text())
        self.stock.setHorizontalHeaderLabels(
            [self.tr("Species"), self.tr("Photos"), self.tr("Cameras"), self._progress()]
        )
        self.outcome.retranslate()
        self.retranslated.emit()

    def _progress(self) -> str:
        return self.tr("Right before → now") if self._right.currentIndex() else ""

    def _ticked(self) -> None:
        if not self._filling:
            self.chosen.emit()

    def _arrange(self) -> None:
        for label in (self.in_use, self.remarks, self.ready, self.what):
            label.setWordWrap(True)
        for label in (self.remarks, self.what):
            label.setProperty("muted", True)
        for title in (self._titles["stock"], self._titles["surveys"]):
            set_font(title, 1.1, bold=True)
        set_font(self._titles["start"], 1.4, bold=True)
        set_font(self.ready, 1.05, bold=True)
        self.learn.setProperty("primary", True)
        self._right.addWidget(self._start_card())
        self._right.addWidget(self.outcome)
        side = QWidget()
        side.setFixedWidth(SIDE)
        left = QVBoxLayout(side)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(8)
        for part in (self._titles["surveys"], self.surveys, self._titles["stock"]):
            left.addWidget(part)
        left.addWidget(self.stock, 1)
        left.addWidget(self.remarks)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self._right, 1)
        right.addWidget(self.work)
        body, header = QHBoxLayout(), QHBoxLayout()
        body.setSpacing(24)
        body.addWidget(side)
        body.addLayout(right, 1)
        header.addWidget(self.in_use, 1)
        header.addWidget(self.back)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(self.banner)
        layout.addLayout(header)
        layout.addLayout(body, 1)

    def _start_card(self) -> QWidget:
        card = QFrame()
        card.setProperty("card", True)
        column = QVBoxLayout(card)
        column.setContentsMargins(28, 24, 28, 24)
        column.setSpacing(14)
        for part in (self._titles["start"], self.what, self.ready):
            column.addWidget(part)
        named = QHBoxLayout()
        named.addWidget(self._titles["name"])
        named.addWidget(self.name, 1)
        column.addLayout(named)
        column.addWidget(self.learn, 0, Qt.AlignmentFlag.AlignLeft)
        outer = QWidget()
        around = QVBoxLayout(outer)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(card)
        around.addStretch(1)
        return outer
