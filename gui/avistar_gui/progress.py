"""How far a run is, how fast, and how long it will take. Plain numbers; knows no Qt."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from avistar.catalogue import Counts

WINDOW_S = 60.0
"""The rate is that of the last minute, so that it follows a machine that slows down."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` photos, `failed` of them unreadable; `seconds_left` is None while unknown.

    `asked`: the run has not begun, its user is being asked.
    """

    done: int = 0
    total: int = 0
    failed: int = 0
    per_second: float = 0.0
    seconds_left: float | None = None
    running: bool = False
    reviewed: int = 0
    asked: bool = False

    @property
    def waiting(self) -> int:
        """Photos without an answer."""
        return self.total - self.done


class Meter:
    """Measures photos per second over the last minute, on a clock that never jumps."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque()
        self._began = clock()

    def start(self, done: int) -> None:
        """A run begins, with `done` photos answered before it."""
        self._began = self._clock()
        self._marks.clear()
        self._marks.append((self._began, done))

    def mark(self, done: int) -> None:
        """`done` photos are answered now."""
        now = self._clock()
        self._marks.append((now, done))
        while len(self._marks) > 2 and now - self._marks[0][0] > WINDOW_S:
            self._marks.popleft()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._began

    @property
    def per_second(self) -> float:
        """Photos per second, 0 while unknown."""
        if len(self._marks) < 2:
            return 0.0
        (start, before), (end, after) = self._marks[0], self._marks[-1]
        return (after - before) / (end - start) if end > start else 0.0

    def seconds_left(self, waiting: int) -> float | None:
        """Seconds that `waiting` photos will take, None while unknown."""
        rate = self.per_second
        return waiting / rate if rate > 0 else None

    def progress(self, counts: Counts, *, running: bool, asked: bool = False) -> Progress:
        """How far a survey with these `counts` is."""
        return Progress(
            done=counts.total - counts.pending,
            total=counts.total,
            failed=counts.failed,
            per_second=self.per_second,
            seconds_left=self.seconds_left(counts.pending) if running else None,
            running=running,
            reviewed=counts.reviewed,
            asked=asked,
        )
