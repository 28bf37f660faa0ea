"""Other `avistar` processes: for work that is long, needs other libraries, or could crash.

They write one JSON object for each step to their standard output; whatever else they write is shown as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QProcess, QProcessEnvironment, QTimer, Signal

GRACE_MS = 5000
"""How long a program may take to end by itself once it is asked to."""


def avistar_command(*arguments: str) -> list[str]:
    """The command line of `avistar` with `arguments`, by this interpreter or by the built program.

    In the built program the window may be `avistar-app`; the command line is the `avistar` beside it.
    """
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        return [str(program.with_name(f"avistar{program.suffix}")), *arguments]
    return [sys.executable, "-c", "from avistar.cli.main import run; run()", *arguments]


class ChildMessage(msgspec.Struct, frozen=True):
    """One line of the program (`avistar_export.cli`): an event and what belongs to it.

    `progress` tells that `done` of `total` parts of `what` are done, the others say something in `text`.
    """

    event: Literal["progress", "note", "done", "failed"] = "note"
    text: str = ""
    what: str = ""
    done: int = 0
    total: int = 0


def read_line(line: str) -> ChildMessage:
    """What a line says; one that is no such object is something to show."""
    try:
        return msgspec.json.decode(line, type=ChildMessage)
    except msgspec.MsgspecError:
        return ChildMessage(text=line)


class ChildProcess(QObject):
    """One program at a time. `told` for each line, `ended` with the exit code and whether it was cancelled."""

    message = Signal(object)  # ChildMessage
    ended = Signal(int, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUNBUFFERED", "1")
        environment.insert("PYTHONIOENCODING", "utf-8")
        self._process.setProcessEnvironment(environment)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._broke)
        self._kill = QTimer(self, singleShot=True, interval=GRACE_MS)
        self._kill.timeout.connect(self._process.kill)
        self._rest = b""
        self._cancelled = False
        self._clock = QElapsedTimer()

    @property
    def running(self) -> bool:
        """Whether a program runs."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return self._clock.elapsed() / 1000

    def run(self, command: Sequence[str]) -> None:
        """Start the program; nothing happens while another one runs."""
        if self.running:
            return
        self._rest, self._cancelled = b"", False
        self._clock.start()
        self._process.start(command[0], list(command[1:]))

    def cancel(self) -> None:
        """Ask the program to end, and end it if it does not."""
        if self.running:
            self._cancelled = True
            self._process.terminate()
            self._kill.start()

    def kill(self) -> None:
        """End the program at once: it leaves nothing behind that matters."""
        if self.running:
            self._cancelled = True
            self._process.kill()

    def finish(self) -> None:
        """End the program now; safe to call twice."""
        self._kill.stop()
        if self.running:
            self._cancelled = True
            self._process.kill()
            self._process.waitForFinished(GRACE_MS)

    def _read(self) -> None:
        *lines, self._rest = (self._rest + self._process.readAllStandardOutput().data()).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", errors="replace").strip()
            if text:
                self.message.emit(read_line(text))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._kill.stop()
        self._read()
        crashed = status == QProcess.ExitStatus.CrashExit
        self.ended.emit(-1 if crashed else code, self._cancelled)

    def _broke(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.message.emit(ChildMessage("failed", self._process.errorString()))
            self.ended.emit(-1, False)
