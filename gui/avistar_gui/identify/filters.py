"""Which photos the grid shows, and in which order: the choice above it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from avistar.catalogue import Query
from avistar.catalogue.query import Order
from avistar_gui.wording import count, finding_name

TYPING_MS = 250
SHOWN = {
    "all": Query(),
    "open": Query(reviewed=False, state=("answered", "blank")),
    "reviewed": Query(reviewed=True),
    "pending": Query(state=("pending",)),
    "failed": Query(state=("failed",)),
}
ORDERS: tuple[Order, ...] = ("listed", "least_sure", "surest", "oldest", "newest", "reviewed")


class FilterBar(QWidget):
    """Says `changed` (a `Query`) when other photos or another order are wanted."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown, self.order, self.text = QComboBox(), QComboBox(), QLineEdit()
        self._findings: Mapping[str, int] = {}
        for order in ORDERS:
            self.order.addItem("", order)
        self.text.setClearButtonEnabled(True)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._tell)
        self.shown.activated.connect(self._tell)
        self.order.activated.connect(self._tell)
        self.text.textChanged.connect(lambda _: self._typing.start())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part, stretch in ((self.shown, 3), (self.order, 3), (self.text, 2)):
            layout.addWidget(part, stretch)
        self.retranslate()

    @property
    def query(self) -> Query:
        """What is wanted."""
        chosen = self.shown.currentData() or "all"
        base = SHOWN.get(chosen) or Query(finding=(chosen,))
        return Query(
            finding=base.finding,
            state=base.state,
            reviewed=base.reviewed,
            text=self.text.text().strip(),
            order=ORDERS[max(self.order.currentIndex(), 0)],
        )

    def show_findings(self, findings: Mapping[str, int]) -> None:
        """Offer what was found, with how often."""
        if findings != self._findings:
            self._findings = dict(findings)
            self._fill()

    def reset(self) -> None:
        """Everything, as listed."""
        for part in (self.shown, self.order, self.text):
            part.blockSignals(True)
        self._findings = {}
        self._fill()
        self.shown.setCurrentIndex(0)
        self.order.setCurrentIndex(0)
        self.text.clear()
        for part in (self.shown, self.order, self.text):
            part.blockSignals(False)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
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
        self.order.setAccessibleName(self.tr("Order of the photos"))
        self.text.setAccessibleName(self.tr("Part of the name or folder"))
        self._fill()

    def _fill(self) -> None:
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
        if self._findings:
            self.shown.insertSeparator(self.shown.count())
        for finding, number in sorted(self._findings.items(), key=lambda one: (-one[1], one[0])):
            self.shown.addItem(f"{finding_name(finding)}  ({count(number)})", finding)
        self.shown.setCurrentIndex(max(0, self.shown.findData(chosen)))

    def _tell(self) -> None:
        self._typing.stop()
        self.changed.emit(self.query)
