"""Further conditions on the photos shown, in a row of their own: how sure, when taken, photos or videos."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QDate, QEvent, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QWidget,
)

from avistar.catalogue import Query
from avistar.records import MediumKind
from avistar_gui import icons
from avistar_gui.theme import current, tidy
from avistar_gui.wording import locale

KINDS: tuple[tuple[MediumKind, ...], ...] = ((), ("photo",), ("video",))


class FilterPanel(QFrame):
    """Says `changed` when one of its conditions is another; `narrow` adds them to a question."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sure, self.least, self.most, self.sure_to = QCheckBox(), QSpinBox(), QSpinBox(), QLabel("–")
        self.taken, self.first, self.last, self.taken_to = QCheckBox(), QDateEdit(), QDateEdit(), QLabel("–")
        self.kind, self.clear = QComboBox(), QToolButton()
        self._quiet = False
        self._prepare()
        self._arrange()
        self._connect()
        self.reset()
        self.retranslate()

    @property
    def number(self) -> int:
        """How many conditions there are."""
        return self.sure.isChecked() + self.taken.isChecked() + (self.kind.currentIndex() > 0)

    def narrow(self, query: Query) -> Query:
        """`query` with these conditions, too."""
        if self.sure.isChecked():
            query = replace(query, confidence=(self.least.value() / 100, self.most.value() / 100))
        if self.taken.isChecked():
            first, after = _start(self.first.date()), _start(self.last.date()) + timedelta(days=1)
            query = replace(query, taken=(first, after))
        return replace(query, kind=KINDS[max(0, self.kind.currentIndex())])

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
        self._quiet = False

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.sure.setText(self.tr("&Confidence from"))
        self.taken.setText(self.tr("Ta&ken from"))
        everything = self.tr("Show photos whatever their confidence, date and kind")
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
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 0, 2)
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
