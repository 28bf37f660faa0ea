"""Clicks that land where a control has only just appeared were meant for what was there before."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QElapsedTimer, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

_PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
_LAYOUT_CHANGES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show)


class ClickGuard(QObject):
    """Swallows mouse presses on `targets` until `area` has stayed where and what it is for a moment.

    A moment is what the system allows between the two halves of a double click. Keys are not concerned.
    """

    def __init__(self, area: QWidget, targets: Sequence[QWidget]) -> None:
        super().__init__(area)
        self._targets = tuple(targets)
        self._unchanged = QElapsedTimer()
        self._watched: set[QObject] = {area}
        area.installEventFilter(self)
        for target in self._targets:
            target.installEventFilter(self)
        self.restart()

    @property
    def closed(self) -> bool:
        """Whether a press would be swallowed now."""
        return self._unchanged.elapsed() < QApplication.doubleClickInterval()

    def restart(self) -> None:
        """What the targets stand for has changed."""
        self._unchanged.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Presses wait; whatever moves the area, itself or what it lies in, begins the moment anew."""
        kind = event.type()
        if kind in _PRESSES and watched in self._targets:
            return self.closed
        if kind in _LAYOUT_CHANGES:
            if kind == QEvent.Type.Show and isinstance(watched, QWidget):
                self._watch_ancestors(watched)
            self.restart()
        return False

    def _watch_ancestors(self, widget: QWidget) -> None:
        """Every widget around it but the window, which a person moves without losing sight of what is in it."""
        around = widget.parentWidget()
        while around is not None and not around.isWindow():
            if around not in self._watched:
                self._watched.add(around)
                around.installEventFilter(self)
            around = around.parentWidget()
