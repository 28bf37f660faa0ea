"""Shows something long at work: what it is, how far, its log, and a button that ends it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.widgets.theme import set_font

LINES = 2000
"""Lines of log kept."""


class WorkPanel(QFrame):
    """Hidden until something begins; stays with the result until it is closed."""

    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.title, self.step = QLabel(), QLabel()
        set_font(self.title, 1.1, bold=True)
        self.step.setProperty("muted", True)
        self.bar, self.log, self.button = QProgressBar(textVisible=False), QPlainTextEdit(), QPushButton()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(LINES)
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setFixedHeight(130)
        self._running = False
        top = QHBoxLayout()
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(self.title)
        titles.addWidget(self.step)
        top.addLayout(titles, 1)
        top.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 14)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.bar)
        layout.addWidget(self.log)
        self.button.clicked.connect(self._press)
        self._retranslate()
        self.hide()

    @property
    def running(self) -> bool:
        """Whether something is at work."""
        return self._running

    def begin(self, title: str) -> None:
        """Something begins."""
        self._running = True
        self.title.setText(title)
        self.step.clear()
        self.log.clear()
        self.bar.setRange(0, 0)
        self.bar.show()
        self.log.hide()
        self._retranslate()
        self.show()

    def go_on(self, step: str, done: int, total: int) -> None:
        """It is at `step`; `done` of `total`, 0 of 0 where nobody knows."""
        self.step.setText(step)
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def add(self, text: str) -> None:
        """A line of its log."""
        self.log.show()
        self.log.appendPlainText(text)

    def end(self, sentence: str) -> None:
        """It has ended."""
        self._running = False
        self.step.setText(sentence)
        self.bar.hide()
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _press(self) -> None:
        if self._running:
            self.cancel_wanted.emit()
        else:
            self.hide()

    def _retranslate(self) -> None:
        self.button.setText(self.tr("Cancel") if self._running else self.tr("Close"))
        self.log.setAccessibleName(self.tr("Log"))
        self.bar.setAccessibleName(self.tr("Progress"))
