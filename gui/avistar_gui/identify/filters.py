"""Which photos the grid shows, and in which order: the choice above it.

Further conditions on the photos shown, in a row of their own: how sure, when taken, photos or videos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QDate, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar.catalogue import Counts, Query
from avistar.catalogue.query import Order
from avistar.records import MediumKind
from avistar_gui.identify.people_filters import PeopleFilters
from avistar_gui.texts import count, finding_name, locale
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current, tidy

TYPING_MS = 250

SHOWN = {
    "all": Query(),
    "open": Query(reviewed=False, state=("answered", "blank")),
    "reviewed": Query(reviewed=True),
    "pending": Query(state=("pending",)),
    "failed": Query(state=("failed",)),
}

DECISIONS = ("species", "group", "unknown")

ORDERS: tuple[Order, ...] = ("listed", "least_sure", "surest", "oldest", "newest", "reviewed", "telling")

NARROW = 110

MOST_ROWS = 16
"""Rows of an open list; more of them are scrolled."""


class FilterBar(QWidget):
    """Says `changed` (a `Query`) when other photos or another order are wanted."""

    changed = Signal(object)
    left = Signal()  # a choice was made or the search ended: the keys belong to the photos again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown, self.what, self.order = QComboBox(), QComboBox(), QComboBox()
        self.text, self.more, self.panel = QLineEdit(), QToolButton(), FilterPanel()
        self._findings: Mapping[str, int] = {}
        for order in ORDERS:
            self.order.addItem("", order)
        self.text.setClearButtonEnabled(True)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._tell)
        self._boxes = (self.shown, self.what, self.order)
        for box in self._boxes:
            box.activated.connect(self._choose)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
            box.setMaxVisibleItems(MOST_ROWS)
            box.view().installEventFilter(self)
        self.text.textChanged.connect(lambda _: self._typing.start())
        self.text.setMinimumWidth(NARROW)
        self.text.returnPressed.connect(self._choose)
        self.text.installEventFilter(self)
        self.more.setCheckable(True)
        self.more.toggled.connect(self.open_panel)
        self.panel.changed.connect(self._narrowed)
        self.panel.left.connect(self.left)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part, stretch in ((self.shown, 3), (self.what, 4), (self.order, 4), (self.text, 3), (self.more, 0)):
            layout.addWidget(part, stretch)
        self.more.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.retranslate()

    @property
    def query(self) -> Query:
        """What is wanted."""
        what = self.what.currentData() or ""
        base = SHOWN[self.shown.currentData() or "all"]
        if what.startswith("decision:"):
            base = replace(base, decision=(what.removeprefix("decision:"),))
        elif what:
            base = replace(base, finding=(what,))
        base = replace(base, text=self.text.text().strip(), order=ORDERS[max(self.order.currentIndex(), 0)])
        return self.panel.narrow(base)

    def search(self) -> None:
        """The search takes the keys."""
        self.text.setFocus()
        self.text.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape leaves the search, and a list that closes gives the keys back, chosen in or not."""
        if event.type() == QEvent.Type.Hide and watched in [box.view() for box in self._boxes]:
            QTimer.singleShot(0, self, self.left.emit)
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and watched is self.text and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.left.emit()
            return True
        return super().eventFilter(watched, event)

    def show_counts(self, counts: Counts) -> None:
        """Offer what was found, with how often, and the days on which photos were taken."""
        self.panel.show_span(counts.first, counts.last)
        self.panel.people.show_counts(counts)
        if counts.findings != self._findings:
            self._findings = dict(counts.findings)
            self._fill_what()

    def open_panel(self, shown: bool = True) -> None:
        """Show further conditions, or hide them: they hold nevertheless, and the button says so."""
        self.more.setChecked(shown)
        self.panel.setVisible(shown)
        if shown:
            self.panel.sure.setFocus()

    @property
    def narrowed(self) -> bool:
        """Whether conditions leave photos out."""
        return replace(self.query, order="listed") != Query()

    def clear(self) -> None:
        """All photos again, in the order chosen."""
        findings, order = self._findings, self.order.currentIndex()
        self.reset()
        self._findings = findings
        self._fill_what()
        self.order.setCurrentIndex(order)
        self._choose()

    def reset(self) -> None:
        """Everything, as listed."""
        for box in self._boxes:
            box.blockSignals(True)
        self._findings = {}
        self.panel.reset()
        self._fill_what()
        for box in self._boxes:
            box.setCurrentIndex(0)
            box.blockSignals(False)
        self.text.clear()
        self._typing.stop()
        self._mark()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        texts = (
            self.tr("Folder order"),
            self.tr("Least sure first"),
            self.tr("Surest first"),
            self.tr("Oldest first"),
            self.tr("Newest first"),
            self.tr("Last reviewed first"),
            self.tr("Teaches most first"),
        )
        for index, text in enumerate(texts):
            self.order.setItemText(index, text)
        self.text.setPlaceholderText(self.tr("Name or folder"))
        self.shown.setAccessibleName(self.tr("Which photos"))
        self.what.setAccessibleName(self.tr("What they show"))
        self.order.setAccessibleName(self.tr("Order of the photos"))
        self.text.setAccessibleName(self.tr("Part of the name or folder"))
        self._fill_shown()
        self._fill_what()
        self._mark()

    def _fill_shown(self) -> None:
        chosen = self.shown.currentData()
        self.shown.clear()
        texts = {
            "all": self.tr("All photos"),
            "open": self.tr("To review"),
            "reviewed": self.tr("Reviewed"),
            "pending": self.tr("Waiting"),
            "failed": self.tr("Failed"),
        }
        for key, text in texts.items():
            self.shown.addItem(text, key)
        self.shown.setCurrentIndex(max(0, self.shown.findData(chosen)))

    def _fill_what(self) -> None:
        chosen = self.what.currentData()
        self.what.clear()
        self.what.addItem(self.tr("Any content"), "")
        answers = (self.tr("Answer: a species"), self.tr("Answer: a group"), self.tr("Answer: unknown"))
        for decision, text in zip(DECISIONS, answers, strict=True):
            self.what.addItem(text, f"decision:{decision}")
        findings = dict(self._findings)
        if chosen and not chosen.startswith("decision:"):
            findings.setdefault(chosen, 0)  # what is shown stays chosen also once the last one is reviewed away
        if findings:
            self.what.insertSeparator(self.what.count())
        for finding, number in sorted(findings.items(), key=lambda one: (-one[1], one[0])):
            self.what.addItem(f"{finding_name(finding)}  ({count(number)})", finding)
        self.what.setCurrentIndex(max(0, self.what.findData(chosen)))

    def _mark(self) -> None:
        """The button says how many further conditions hold."""
        tokens, number = current(), self.panel.number
        self.more.setIcon(icons.icon("filter", tokens.accent if number else tokens.text))
        self.more.setText(f" {number}" if number else "")
        self.more.setToolTip(self.tr("Confidence, date, comments, tags, reviewers and more (Ctrl+Shift+F)"))
        self.more.setAccessibleName(self.tr("More filters: %n", "", number))

    def _narrowed(self) -> None:
        self._mark()
        self._tell()

    def _choose(self) -> None:
        self._tell()
        self.left.emit()

    def _tell(self) -> None:
        self._typing.stop()
        self.changed.emit(self.query)


KINDS: tuple[tuple[MediumKind, ...], ...] = ((), ("photo",), ("video",))


class FilterPanel(QFrame):
    """Says `changed` when one of its conditions is another; `narrow` adds them to a question."""

    changed = Signal()
    left = Signal()  # a kind was chosen: the keys belong to the photos again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sure, self.least, self.most, self.sure_to = QCheckBox(), QSpinBox(), QSpinBox(), QLabel("–")
        self.taken, self.first, self.last, self.taken_to = QCheckBox(), QDateEdit(), QDateEdit(), QLabel("–")
        self.kind, self.clear, self.people = QComboBox(), QToolButton(), PeopleFilters()
        self._quiet = False
        self._prepare()
        self._arrange()
        self._connect()
        self.reset()
        self.retranslate()

    @property
    def number(self) -> int:
        """How many conditions there are."""
        return self.sure.isChecked() + self.taken.isChecked() + (self.kind.currentIndex() > 0) + self.people.number

    def narrow(self, query: Query) -> Query:
        """`query` with these conditions, too."""
        if self.sure.isChecked():
            query = replace(query, confidence=(self.least.value() / 100, self.most.value() / 100))
        if self.taken.isChecked():
            first, after = _start(self.first.date()), _start(self.last.date()) + timedelta(days=1)
            query = replace(query, taken=(first, after))
        return self.people.narrow(replace(query, kind=KINDS[max(0, self.kind.currentIndex())]))

    def show_span(self, first: datetime | None, last: datetime | None) -> None:
        """Offer the days between the survey's first photo and its last; a choice that was made stays."""
        self.taken.setEnabled(first is not None)
        if first is None or last is None or self.taken.isChecked():
            return
        self._quiet = True
        self.first.setDate(QDate(first.year, first.month, first.day))
        self.last.setDate(QDate(last.year, last.month, last.day))
        self._quiet = False

    def reset(self) -> None:
        """No condition."""
        self._quiet = True
        self.sure.setChecked(False)
        self.taken.setChecked(False)
        self.least.setValue(0)
        self.most.setValue(100)
        self.kind.setCurrentIndex(0)
        self.people.reset()
        self._quiet = False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.sure.setText(self.tr("&Confidence from"))
        self.taken.setText(self.tr("Ta&ken from"))
        everything = self.tr("Remove these conditions")
        self.clear.setToolTip(everything)
        self.clear.setAccessibleName(everything)
        self.clear.setIcon(icons.icon("close", current().muted))
        names = (self.tr("Photos and videos"), self.tr("Photos"), self.tr("Videos"))
        for index, name in enumerate(names):
            self.kind.setItemText(index, name)
        for part, name in (
            (self.least, self.tr("Least confidence")),
            (self.most, self.tr("Highest confidence")),
            (self.kind, self.tr("Photos or videos")),
            (self.first, self.tr("First day")),
            (self.last, self.tr("Last day")),
        ):
            part.setAccessibleName(name)
        for day in (self.first, self.last):
            day.setLocale(locale())
            day.setDisplayFormat("d MMM yyyy")

    def _tell(self, condition: QCheckBox | None = None) -> None:
        """Another value: whoever changes one wants the condition."""
        if self._quiet:
            return
        if condition is not None and not condition.isChecked():
            self._quiet = True
            condition.setChecked(True)
            self._quiet = False
        self.changed.emit()

    def _clear(self) -> None:
        self.reset()
        self.changed.emit()

    def _connect(self) -> None:
        for box in (self.sure, self.taken):
            box.toggled.connect(lambda _: self._tell())
        for number in (self.least, self.most):
            number.valueChanged.connect(lambda _: self._tell(self.sure))
        for day in (self.first, self.last):
            day.dateChanged.connect(lambda _: self._tell(self.taken))
        self.kind.activated.connect(lambda _: self._tell())
        self.kind.activated.connect(lambda _: self.left.emit())
        self.people.changed.connect(self._tell)
        self.people.left.connect(self.left)
        self.clear.clicked.connect(self._clear)

    def _prepare(self) -> None:
        for number in (self.least, self.most):
            number.setRange(0, 100)
            number.setSuffix(" %")
            number.setKeyboardTracking(False)
            tidy(number)
        for day in (self.first, self.last):
            day.setCalendarPopup(False)
            day.setKeyboardTracking(False)
            day.setDisplayFormat("d MMM yyyy")
            tidy(day)
        self.clear.setProperty("quiet", True)
        self.kind.addItems([""] * len(KINDS))

    def _arrange(self) -> None:
        row, column = QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(2, 2, 0, 2)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.people)
        row.setSpacing(8)
        sure: tuple[QWidget, ...] = (self.sure, self.least, self.sure_to, self.most)
        taken: tuple[QWidget, ...] = (self.taken, self.first, self.taken_to, self.last)
        for parts in (sure, taken):
            for part in parts:
                row.addWidget(part)
            row.addSpacing(14)
        row.addWidget(self.kind)
        row.addStretch(1)
        row.addWidget(self.clear)


def _start(day: QDate) -> datetime:
    return datetime.combine(date(day.year(), day.month(), day.day()), time())
