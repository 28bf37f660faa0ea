"""A message inside the window, with at most two things to do about it. In place of pop-ups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from avistar_gui.texts import text_of
from avistar_gui.widgets import icons
from avistar_gui.widgets.click_guard import ClickGuard
from avistar_gui.widgets.theme import current, set_font

Severity = Literal["done", "note", "error"]
Text = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Message:
    """What a banner says. Texts are functions, so that they follow the language; `detail` is the runtime's."""

    title: Text
    detail: str = ""
    severity: Severity = "note"
    action: Text | None = None
    on_action: Callable[[], None] | None = None
    other: Text | None = None
    on_other: Callable[[], None] | None = None


class Banner(QFrame):
    """Shows one `Message` until it is closed, acted upon or replaced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("banner", True)
        self._message: Message | None = None
        self._icon = QLabel()
        self.title, self.detail = QLabel(), QLabel()
        self.action, self.other = QPushButton(), QPushButton()
        self.dismiss = QToolButton()
        self.dismiss.setProperty("quiet", True)
        set_font(self.title, 1.05, bold=True)
        self.detail.setProperty("muted", True)
        self.detail.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for label in (self.title, self.detail):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.action.clicked.connect(lambda: self._act(lambda message: message.on_action))
        self.other.clicked.connect(lambda: self._act(lambda message: message.on_other))
        self.dismiss.clicked.connect(self.clear)
        self._arrange()
        self._guard = ClickGuard(self, [self.action, self.other, self.dismiss])
        self.clear()

    def show_message(self, message: Message) -> None:
        """Show `message` in place of the one before."""
        self._message = message
        self._guard.restart()
        self._refresh()
        self.show()

    def say(self, text: str) -> None:
        """Show what the runtime said, in the language of the moment."""
        self.show_message(Message(lambda: text_of(text), severity="error"))

    def clear_done(self) -> None:
        """Hide what only said that something is done."""
        if self._message is not None and self._message.severity == "done":
            self.clear()

    def clear(self) -> None:
        """Hide."""
        self._message = None
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._refresh()

    def _refresh(self) -> None:
        tokens = current()
        self.dismiss.setIcon(icons.icon("close", tokens.muted))
        self.dismiss.setAccessibleName(self.tr("Close this message"))
        message = self._message
        if message is None:
            return
        colour = {"done": tokens.accent, "note": tokens.warning, "error": tokens.error}[message.severity]
        drawing = "reviewed" if message.severity == "done" else "warning"
        self._icon.setPixmap(icons.pixmap(drawing, 26, colour, self.devicePixelRatioF()))
        self.title.setText(message.title())
        self.detail.setText(text_of(message.detail))
        self.detail.setVisible(bool(message.detail))
        self.action.setVisible(message.action is not None)
        self.action.setText(message.action() if message.action is not None else "")
        self.other.setVisible(message.other is not None)
        self.other.setText(message.other() if message.other is not None else "")
        self.setAccessibleName(f"{self.title.text()} {self.detail.text()}")

    def _act(self, chosen: Callable[[Message], Callable[[], None] | None]) -> None:
        act = chosen(self._message) if self._message is not None else None
        self.clear()
        if act is not None:
            act()

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self.title)
        words.addWidget(self.detail)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 12, 10, 12)
        layout.setSpacing(14)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        for button in (self.action, self.other):
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
