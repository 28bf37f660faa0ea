"""Room for a widget that is scrolled to where the window has too little of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget


class ScrollRoom(QScrollArea):
    """Shows `inner` at the room's own size, and scrolls only where even its least size is larger.

    With `upright` it is as wide as `inner` and scrolls up and down only, without a bar.
    """

    def __init__(self, inner: QWidget, *, upright: bool = False) -> None:
        super().__init__()
        self._upright = upright
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        holder = _Holder(inner)
        self.setWidget(holder)
        for part in (self.viewport(), holder, inner):
            part.setAutoFillBackground(False)
        if upright:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """As the inner widget would have it."""
        hint, inner = super().sizeHint(), self.widget()
        return QSize(inner.minimumSizeHint().width(), hint.height()) if self._upright and inner is not None else hint

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The inner widget may have another width now."""
        if self._upright and watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class _Holder(QWidget):
    """Between the two: a scroll area would give a page with folded lines its usual height, not its least one."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self._inner = inner
        inner.setParent(self)
        inner.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is inside may need more room now, or less: tried, a scroll area doesn't ask a plain widget anew."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.setMinimumSize(self.minimumSizeHint())
            if (viewport := self.parentWidget()) is not None:
                self.resize(viewport.size().expandedTo(self.minimumSize()))
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        """What the inner widget can't do without."""
        inner = self._inner
        return inner.minimumSizeHint().expandedTo(inner.minimumSize()).boundedTo(inner.maximumSize())

    def sizeHint(self) -> QSize:
        """What it would like."""
        return self._inner.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._inner.resize(self.size())
