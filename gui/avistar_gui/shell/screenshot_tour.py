"""Goes through every screen by itself, keeps a picture of each and ends: proves that a built program works whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

STEP_MS = 1500
"""How long a screen may settle before its picture is taken."""
PATIENCE_MS = 180_000
RESULT = "tour.json"


class Tour(QObject):
    """Waits until `ready`, opens one screen of `names` after the other with `go`, and quits the application.

    Below `folder` it leaves NAME.png for each screen and RESULT: which screens were seen, and what `facts` says.
    The exit code is 0 if every screen was.
    """

    def __init__(
        self, window: QWidget, names: list[str], *, go: Callable[[str], object], ready: Callable[[], bool], folder: Path
    ) -> None:
        super().__init__(window)
        self._window, self._left, self._go, self._ready, self._folder = window, list(names), go, ready, folder
        self._seen: list[str] = []
        self._shown = ""
        self._painted_at = 0.0
        self.facts: Callable[[], Mapping[str, object]] = dict
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._step)

    def start(self) -> None:
        """Begin; the event loop does the rest."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window.installEventFilter(self)
        self._clock.start()
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note when the window was first painted."""
        if event.type() == QEvent.Type.Paint and not self._painted_at:
            self._painted_at = time.time()
        return super().eventFilter(watched, event)

    def _step(self) -> None:
        if not self._ready():
            if self._clock.elapsed() > PATIENCE_MS:
                self._end(1)
            return
        if self._shown:
            self._window.grab().save(str(self._folder / f"{self._shown}.png"))
            self._seen.append(self._shown)
        if not self._left:
            self._end(0)
            return
        self._shown = self._left.pop(0)
        self._go(self._shown)

    def _end(self, code: int) -> None:
        self._timer.stop()
        told = {"screens": self._seen, "painted_at": self._painted_at, **self.facts()}
        (self._folder / RESULT).write_bytes(msgspec.json.encode(told))
        self._window.close()
        QApplication.exit(code)
