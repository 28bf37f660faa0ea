"""A row of joined buttons of which one is down: to switch between views of the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget


class Segments(QWidget):
    """Buttons by name; `chosen` (the name) when another one is pressed. Arrow keys move within the group."""

    chosen = Signal(str)

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = {name: QToolButton() for name in names}
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for name, button in self.buttons.items():
            button.setCheckable(True)
            button.setProperty("segment", True)
            button.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
            self._group.addButton(button)
            layout.addWidget(button)
        next(iter(self.buttons.values())).setChecked(True)

    def choose(self, name: str) -> None:
        """Press the button `name`."""
        self.buttons[name].setChecked(True)
        self.chosen.emit(name)

    def set_texts(self, texts: Mapping[str, str]) -> None:
        """Say the names in the language of the moment."""
        for name, text in texts.items():
            self.buttons[name].setText(text)
            self.buttons[name].setAccessibleName(text)
