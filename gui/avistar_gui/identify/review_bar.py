"""How many photos are shown, and how far their review is. Decides nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from avistar_gui.texts import count
from avistar_gui.widgets.theme import set_font


class ReviewBar(QWidget):
    """`clear_wanted` when all photos are to be shown again."""

    clear_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown, self.clear, self.reviewed, self.bar = QLabel(), QToolButton(), QLabel(), QProgressBar()
        self._shown, self._reviewed, self._total, self._filtered = 0, 0, 0, False
        for label in (self.shown, self.reviewed):
            set_font(label, 0.92)
            label.setProperty("muted", True)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.clear.setProperty("link", True)
        self.clear.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clear.clicked.connect(self.clear_wanted)
        policy = self.clear.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # what is below stays where it is when filters come and go
        self.clear.setSizePolicy(policy)
        set_font(self.clear, 0.92)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(12)
        row.addWidget(self.shown)
        row.addWidget(self.clear)
        row.addStretch(1)
        row.addWidget(self.reviewed)
        row.addWidget(self.bar)
        self._refresh()

    def show_list(self, shown: int, *, filtered: bool) -> None:
        """So many photos are listed; `filtered`: by conditions that leave some out."""
        self._shown, self._filtered = shown, filtered
        self._refresh()

    def show_review(self, reviewed: int, total: int) -> None:
        """So many are reviewed, of all that the survey has."""
        self._reviewed, self._total = reviewed, total
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._refresh()

    def _refresh(self) -> None:
        shown, total = count(self._shown), count(self._total)
        self.shown.setText(self.tr("{shown} of {total} shown").format(shown=shown, total=total))
        self.clear.setText(self.tr("Clear filters"))
        self.clear.setVisible(self._filtered)
        text = self.tr("{reviewed} of {total} reviewed")
        self.reviewed.setText(text.format(reviewed=count(self._reviewed), total=total))
        self.bar.setMaximum(max(self._total, 1))
        self.bar.setValue(self._reviewed)
        self.bar.setAccessibleName(self.reviewed.text())
