"""A question before something happens that can't be undone."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current

SIGN = 36
"""Px across the sign beside the question."""


def confirmed(parent: QWidget, text: str, detail: str = "", *, title: str, action: str, cancel: str) -> bool:
    """Whether somebody pressed the button named `action`; Enter and Esc press the one named `cancel`."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, parent=parent)
    box.setIconPixmap(icons.pixmap("warning", SIGN, current().warning, parent.devicePixelRatioF()))
    box.setInformativeText(detail)
    go = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(cancel, QMessageBox.ButtonRole.RejectRole))
    box.exec()
    return box.clickedButton() is go
