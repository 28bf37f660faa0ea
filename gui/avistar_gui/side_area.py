"""A column at the window's side that scrolls up and down only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class SideArea(QScrollArea):
    """Holds `inner`; at least `least` px wide, and as wide as `inner` needs with the letters of the moment."""

    def __init__(self, inner: QWidget, least: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least = least
        padded = QWidget()
        layout = QVBoxLayout(padded)
        layout.setContentsMargins(6, 7, 8, 12)
        layout.addWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        padded.setAutoFillBackground(False)
        self.setWidget(padded)
        self.setMinimumWidth(least)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is inside has changed: it may need more width."""
        inner = self.widget()
        if watched is inner and event.type() == QEvent.Type.LayoutRequest:
            bar = self.verticalScrollBar().sizeHint().width()
            self.setMinimumWidth(max(self._least, inner.minimumSizeHint().width() + bar))
        return super().eventFilter(watched, event)
