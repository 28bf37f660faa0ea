"""Tells through the system that something long has ended, while the window is not being looked at."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from avistar_gui.settings import Settings
from avistar_gui.widgets import icons

SHOWN_MS = 10_000
LONG_S = 20.0
"""Work shorter than this is watched by whoever started it."""


class Notifications(QObject):
    """Sends system notifications on behalf of `window`, where the settings allow it."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._settings = window, settings
        self._tray: QSystemTrayIcon | None = None
        self._hide = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._hide.timeout.connect(self.finish)

    def ended(self, text: str, elapsed_s: float) -> bool:
        """Say that something ended after `elapsed_s` seconds; whether it was said."""
        if elapsed_s < LONG_S or self._window.isActiveWindow() or not self._settings.notify:
            return False
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            # A notification needs an icon in the tray: it stands there only as long as the message.
            if self._tray is None:
                self._tray = QSystemTrayIcon(icons.application_icon(), self)
                self._tray.messageClicked.connect(self._come)
            self._tray.show()
            self._tray.showMessage("Avistar", text, icons.application_icon(), SHOWN_MS)
            self._hide.start()
        return True

    def finish(self) -> None:
        """Take the icon away."""
        if self._tray is not None:
            self._tray.hide()

    def _come(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
