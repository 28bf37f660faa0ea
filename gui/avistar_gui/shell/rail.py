"""The rail at the left edge: which screens there are, and which one is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from avistar_gui.screen import RailEntry
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current, set_font

WIDTH, HEIGHT = 92, 62
"""Of the rail, and of a button in it, in logical px; larger fonts make them larger."""
ICON = QSize(24, 24)


class Rail(QFrame):
    """One button for each place, `wanted` (its name) when it is pressed; below, small actions."""

    wanted = Signal(str)

    def __init__(self, places: Sequence[RailEntry], actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places = {place.name: place for place in places}
        self.setProperty("rail", True)
        self.buttons = {name: QToolButton() for name in self._places}
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 10, 8, 10)
        layout.setSpacing(3)  # six places fit a window of 640 px
        for name, button in self.buttons.items():
            self._group.addButton(button)
            button.setCheckable(True)
            button.setProperty("place", True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(ICON)
            button.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
            layout.addWidget(button)
        layout.addStretch(1)
        for action in actions:
            button = QToolButton()
            button.setProperty("quiet", True)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setIconSize(QSize(20, 20))
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.retranslate()

    def mark(self, name: str) -> None:
        """Show `name` as the place that one is at."""
        self.buttons[name].setChecked(True)
        self._tint()

    def retranslate(self) -> None:
        """Say the names in the language of the moment."""
        self.setAccessibleName(self.tr("Screens"))
        for number, (name, button) in enumerate(self.buttons.items(), start=1):
            title = self._places[name].title()
            button.setText(title)
            button.setToolTip(f"{title} (Ctrl+{number})")
            button.setAccessibleName(title)
            set_font(button, 0.88)
        self._fit()
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange, QEvent.Type.ApplicationFontChange):
            self.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from one place to the next."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        names = list(self.buttons)
        focused = next((name for name in names if self.buttons[name].hasFocus()), None)
        if step and focused is not None:
            self.buttons[names[(names.index(focused) + step) % len(names)]].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        """As wide as the longest name; all buttons alike."""
        for button in self.buttons.values():
            button.ensurePolished()
        hints = [button.sizeHint() for button in self.buttons.values()]
        width = max(WIDTH - 16, *(hint.width() for hint in hints))
        height = max(HEIGHT, *(hint.height() for hint in hints))
        self.setFixedWidth(width + 16)
        for button in self.buttons.values():
            button.setFixedSize(width, height)

    def _tint(self) -> None:
        tokens = current()
        for name, button in self.buttons.items():
            colour = tokens.accent if button.isChecked() else tokens.muted
            button.setIcon(icons.icon(self._places[name].icon, colour))
