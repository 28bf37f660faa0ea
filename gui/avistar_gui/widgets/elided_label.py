"""A line of text that never takes a second one: what does not fit is cut with an ellipsis, whole in the tool tip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget


class ElidedLabel(QLabel):
    """Keeps its height whatever it says, so that what lies below stays in its place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""

    def text(self) -> str:
        """All of it, whatever is shown."""
        return self._whole

    def setText(self, text: str) -> None:
        self._whole = text
        self._fit()

    def clear(self) -> None:
        """Say nothing."""
        self.setText("")

    def minimumSizeHint(self) -> QSize:
        """It can always be shorter."""
        return QSize(20, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance(self._whole) + margins.left() + margins.right() + 2
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.contentsRect().width())
        super().setText(shown or " ")
        self.setToolTip(self._whole if shown != self._whole else "")
        self.updateGeometry()
