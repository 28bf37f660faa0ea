"""A question before something happens that can't be undone."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget


def confirmed(parent: QWidget, text: str, detail: str = "", *, title: str, action: str, cancel: str) -> bool:
    """Whether somebody pressed the button named `action`; Enter and Esc press the one named `cancel`."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, parent=parent)
    box.setInformativeText(detail)
    go = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(cancel, QMessageBox.ButtonRole.RejectRole))
    box.exec()
    return box.clickedButton() is go
