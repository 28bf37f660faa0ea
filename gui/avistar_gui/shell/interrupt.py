"""Ctrl-C in the terminal, and a system that ends programs: the window closes as if somebody had closed it.

Qt's loop keeps Python from running its signal handlers; the bytes that Python writes for each signal wake it.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


class Interrupt(QObject):
    """Calls `close` once for the first signal; `exit_code` is then what shells expect, 128 and the signal's number."""

    def __init__(self, close: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._close = close
        self.exit_code = 0
        self._here, self._there = socket.socketpair()
        for end in (self._here, self._there):
            end.setblocking(False)
        self._handlers = {one: signal.signal(one, lambda *_: None) for one in SIGNALS}
        self._wakeup = signal.set_wakeup_fd(self._there.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._here.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)

    def finish(self) -> None:
        """Give the signals back to whoever had them; safe to call twice."""
        if self._notifier.isEnabled():
            self._notifier.setEnabled(False)
            signal.set_wakeup_fd(self._wakeup)
            for one, handler in self._handlers.items():
                signal.signal(one, handler)
            self._here.close()
            self._there.close()

    def _woken(self) -> None:
        numbers = [number for number in self._here.recv(64) if number in SIGNALS]
        if numbers and not self.exit_code:
            self.exit_code = 128 + numbers[0]
            self._close()
