"""What every chart shares: room for its axes, repainting in another language or theme, a sentence where it is empty."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from avistar_gui.widgets.theme import current


class Chart(QWidget):
    """A widget with axes; says in a tool tip what lies under the mouse.

    `LEFT`, `TOP`, `RIGHT`, `BOTTOM`: px around the field; `LEAST` and `USUAL`: its sizes in px; `INDENT`: px left
    free on both sides of a sentence.
    """

    LEFT: ClassVar[int]
    TOP: ClassVar[int]
    RIGHT: ClassVar[int]
    BOTTOM: ClassVar[int]
    LEAST: ClassVar[tuple[int, int]]
    USUAL: ClassVar[tuple[int, int]]
    INDENT: ClassVar[int] = 24

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setMinimumSize(*self.LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(*self.USUAL)

    def field(self) -> QRectF:
        """The rectangle between the axes."""
        width, height = self.width() - self.LEFT - self.RIGHT, self.height() - self.TOP - self.BOTTOM
        return QRectF(self.LEFT, self.TOP, max(width, 10), max(height, 10))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.update()

    def say_nothing_there(self, painter: QPainter, text: str) -> None:
        """Write a sentence in place of a chart."""
        painter.setPen(QColor(current().muted))
        where = self.rect().adjusted(self.INDENT, 0, -self.INDENT, 0)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
