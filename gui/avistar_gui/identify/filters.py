"""Which photos the grid shows, and in which order: the choice above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

from avistar.catalogue import Counts, Query
from avistar.catalogue.query import Order
from avistar_gui import icons
from avistar_gui.identify.filter_panel import FilterPanel
from avistar_gui.theme import current
from avistar_gui.wording import count, finding_name

TYPING_MS = 250
SHOWN = {
    "all": Query(),
    "open": Query(reviewed=False, state=("answered", "blank")),
    "reviewed": Query(reviewed=True),
    "pending": Query(state=("pending",)),
    "failed": Query(state=("failed",)),
}
DECISIONS = ("species", "group", "unknown")
ORDERS: tuple[Order, ...] = ("listed", "least_sure", "surest", "oldest", "newest", "reviewed")
NARROW = 110


class FilterBar(QWidget):
    """Says `changed` (a `Query`) when other photos or another order are wanted."""

    changed = Signal(object)

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
        for box in (self.shown, self.what, self.order):
            box.activated.connect(self._tell)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        self.text.textChanged.connect(lambda _: self._typing.start())
        self.text.setMinimumWidth(NARROW)
        self.more.setCheckable(True)
        self.more.toggled.connect(self.open_panel)
        self.panel.changed.connect(self._narrowed)
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

    def show_counts(self, counts: Counts) -> None:
        """Offer what was found, with how often, and the days on which photos were taken."""
        self.panel.show_span(counts.first, counts.last)
        if counts.findings != self._findings:
            self._findings = dict(counts.findings)
            self._fill_what()

    def open_panel(self, shown: bool = True) -> None:
        """Show further conditions, or hide them: they hold nevertheless, and the button says so."""
        self.more.setChecked(shown)
        self.panel.setVisible(shown)
        if shown:
            self.panel.sure.setFocus()

    def reset(self) -> None:
        """Everything, as listed."""
        for part in (self.shown, self.what, self.order, self.text):
            part.blockSignals(True)
        self._findings = {}
        self.panel.reset()
        self._fill_what()
        for box in (self.shown, self.what, self.order):
            box.setCurrentIndex(0)
        self.text.clear()
        for part in (self.shown, self.what, self.order, self.text):
            part.blockSignals(False)
        self._mark()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        texts = (
            self.tr("As listed"),
            self.tr("Least sure first"),
            self.tr("Surest first"),
            self.tr("Oldest first"),
            self.tr("Newest first"),
            self.tr("Last reviewed first"),
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
        self.what.addItem(self.tr("Whatever they show"), "")
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
        self.more.setToolTip(self.tr("Confidence, date, photos or videos (Ctrl+F)"))
        self.more.setAccessibleName(self.tr("Further conditions: %n", "", number))

    def _narrowed(self) -> None:
        self._mark()
        self._tell()

    def _tell(self) -> None:
        self._typing.stop()
        self.changed.emit(self.query)
