"""What gives frames: a camera, a stream or a video file, all seen alike."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from avistar.images.geometry import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a moving one: `pixels` uint8 [H, W, 3] RGB, upright; `time_s` seconds since the start."""

    pixels: Pixels
    time_s: float


class FrameSource(Protocol):
    """Gives frames one after the other; read by one thread only."""

    @property
    def endless(self) -> bool:
        """Whether no more frames means that it was lost (a camera), not that it ended (a file)."""
        ...

    def read(self) -> Frame | None:
        """The next frame, waiting for it where need be; None when there are no more."""
        ...

    def close(self) -> None:
        """Free the device or file."""
        ...


class PacedFrames:
    """A video file at the speed at which it was filmed: it stands in for a camera."""

    def __init__(
        self,
        source: FrameSource,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source = source
        self._clock = clock
        self._sleep = sleep
        self._start: float | None = None

    @property
    def endless(self) -> bool:
        """As the file says."""
        return self._source.endless

    def read(self) -> Frame | None:
        """The next frame, not before its time."""
        frame = self._source.read()
        if frame is None:
            return None
        if self._start is None:
            self._start = self._clock() - frame.time_s
        early = self._start + frame.time_s - self._clock()
        if early > 0:
            self._sleep(early)
        return frame

    def close(self) -> None:
        """Free the file."""
        self._source.close()
