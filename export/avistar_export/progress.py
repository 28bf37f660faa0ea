"""A long call into a library, watched: its steps are passed on, its silence is filled, and it can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from avistar.progress import StepProgress

T = TypeVar("T")

HEARTBEAT_S = 10.0
"""Silence after which people are told that the library still works."""

_TURN_S = 0.1


class ExportCancelled(KeyboardInterrupt):
    """The user stopped it; nothing was written."""


class BuildMonitor:
    """Stands between a building library's threads and the user. `progress` hears of steps, `say` of silence."""

    def __init__(self, progress: StepProgress, say: Callable[[str], None], *, heartbeat_s: float = HEARTBEAT_S) -> None:
        self.say, self._progress, self._heartbeat_s = say, progress, heartbeat_s
        self._stop = threading.Event()
        self._heard = time.monotonic()
        self._outer: dict[str, int] = {}
        self._now = "starting"

    @property
    def stopped(self) -> bool:
        """Whether the user asked to stop."""
        return self._stop.is_set()

    def run(self, work: Callable[[], T]) -> T:
        """Do `work` in a thread and wait for it; Ctrl-C asks it to stop at its next step.

        Raises what `work` raised, or `ExportCancelled`. A second Ctrl-C is not waited for.
        """
        done: list[T] = []
        failed: list[BaseException] = []

        def guarded() -> None:
            try:
                done.append(work())
            except BaseException as error:  # handed to the thread that waits
                failed.append(error)

        thread = threading.Thread(target=guarded, name="avistar-build", daemon=True)
        self._heard = started = time.monotonic()
        thread.start()
        while thread.is_alive():
            try:
                thread.join(_TURN_S)
                self._beat(started)
            except KeyboardInterrupt:
                if self.stopped:
                    raise
                self._stop.set()
                self.say("stopping at the library's next step; once more to end at once")
        if self.stopped:
            raise ExportCancelled
        if failed:
            raise failed[0]
        return done[0]

    def monitor(self, trt: Any) -> Any:
        """An `IProgressMonitor` of the library `trt`: it calls it from threads of its own."""
        watch = self

        class Monitor(trt.IProgressMonitor):  # type: ignore[misc]
            def __init__(self) -> None:
                trt.IProgressMonitor.__init__(self)

            def phase_start(self, phase: str, parent: str | None, steps: int) -> None:
                watch.enter(phase, steps, outer=parent is None)

            def step_complete(self, phase: str, step: int) -> bool:
                return watch.step(phase, step)

            def phase_finish(self, phase: str) -> None: ...

        return Monitor()

    def enter(self, phase: str, steps: int, *, outer: bool) -> None:
        """A phase of `steps` begins; only the outermost are passed on as progress."""
        self._now = phase
        if outer:
            self._outer[phase] = steps

    def step(self, phase: str, step: int) -> bool:
        """A step (counted from 0) is done; False asks the library to stop."""
        self._now = phase
        if phase in self._outer:
            self._heard = time.monotonic()
            self._progress(phase, step + 1, self._outer[phase])
        return not self.stopped

    def _beat(self, started: float) -> None:
        now = time.monotonic()
        if now - self._heard >= self._heartbeat_s:
            self._heard = now
            self.say(f"still building after {now - started:.0f} s: {self._now}")
