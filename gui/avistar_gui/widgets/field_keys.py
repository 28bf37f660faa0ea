"""Enter and Esc in the fields of a panel: both end the writing, and neither is a key of the window meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

_ENDING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class FieldKeys(QObject):
    """Watches `fields`; `confirmed` on Enter, `dismissed` on Esc."""

    confirmed = Signal()
    dismissed = Signal()

    def __init__(self, fields: Sequence[QWidget], parent: QObject) -> None:
        super().__init__(parent)
        for field in fields:
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take both keys before the window's shortcuts and the field itself do."""
        if not isinstance(event, QKeyEvent) or event.key() not in _ENDING:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() != QEvent.Type.KeyPress:
            return False
        (self.dismissed if event.key() == Qt.Key.Key_Escape else self.confirmed).emit()
        return True
