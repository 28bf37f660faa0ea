"""The key map and the about box: small windows beside the main one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMargins, QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from avistar import __version__
from avistar_gui.screen import Key
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current, set_font

ONE_COLUMN = 10
"""So many keys stand below one another, more in two columns."""
WIDE, HIGH = 0.9, 0.7
"""The shares of the screen's width and height that the lines may take."""
LEAST = 240
"""Height of the lines, in px, that every screen has room for."""
FRAME = 140
"""Margins, spaces and the window's title, in px."""


class KeyMap(QDialog):
    """Every key and what it does."""

    def __init__(self, keys: Sequence[Key], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keys"))
        title = QLabel(self.tr("Keys"))
        set_font(title, 1.5, bold=True)
        buttons = _closing_button(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(18)
        layout.addWidget(title)
        layout.addWidget(self._scrolled(keys, title.sizeHint().height() + buttons.sizeHint().height() + FRAME), 1)
        layout.addWidget(buttons)

    def _scrolled(self, keys: Sequence[Key], rest: int) -> QScrollArea:
        """The lines; with the `rest` of the window never higher or wider than the screen: they are scrolled to."""
        screen = self.screen().availableSize()
        high = min(round(screen.height() * HIGH), screen.height() - rest)
        room = QSize(round(screen.width() * WIDE), max(high, LEAST))
        lines = _lines(keys, 2 if len(keys) > ONE_COLUMN else 1)
        if lines.sizeHint().width() > room.width():
            lines = _lines(keys, 1)
        area = QScrollArea()
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(lines)
        lines.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        area.setAccessibleName(self.tr("Keys"))
        area.setMinimumSize(lines.sizeHint().grownBy(QMargins(0, 0, 16, 4)).boundedTo(room))
        return area


def _lines(keys: Sequence[Key], columns: int) -> QWidget:
    lines = QWidget()
    grid = QGridLayout(lines)
    grid.setContentsMargins(0, 0, 14, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(9)
    rows = -(-len(keys) // columns)
    for number, key in enumerate(keys):
        pressed = QLabel(key.keys)
        pressed.setProperty("tag", True)
        row, column = number % rows, 3 * (number // rows)
        grid.addWidget(pressed, row, column, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(QLabel(key.meaning), row, column + 1)
    if columns > 1:
        grid.setColumnMinimumWidth(2, 24)
    return lines


class About(QDialog):
    """What this program is, and what it promises."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("About Avistar"))
        picture, title = QLabel(), QLabel("Avistar")
        accent = current().accent
        picture.setPixmap(icons.pixmap("avistar", 72, accent, self.devicePixelRatioF()))
        set_font(title, 1.6, bold=True)
        version = QLabel(self.tr("Version {version}").format(version=__version__))
        version.setProperty("muted", True)
        text = QLabel(self.tr("Tells which animal species is in a photo. Nothing is sent anywhere."))
        text.setWordWrap(True)
        text.setMinimumWidth(320)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 28, 32, 22)
        layout.setSpacing(8)
        for part in (picture, title, version, text):
            layout.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(10)
        layout.addWidget(_closing_button(self))


def _closing_button(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    return buttons
