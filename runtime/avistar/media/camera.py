"""The newest frame of a camera that may vanish at any time and come back."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from avistar.errors import AvistarError, MissingExtra
from avistar.media.frame_source import Frame, FrameSource
from avistar.message import Message

CameraState = Literal["opening", "live", "lost", "ended"]

PATIENCE_S = 2.5
"""Seconds without a new picture after which a camera counts as lost; people are told within three."""

OPENING_S = 12.0
"""Seconds that a source may take to open: a network stream is watched for a while first, a slow one for longer."""

_RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Seconds between attempts to find a lost camera; the last one repeats."""

_MOST_HANGING = 4
"""Readers left behind in drivers that hang; with so many, it is waited for one of them to wake up."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraShot:
    """A frame with its number (1 is the first) and the moment it arrived, in seconds of the camera's clock."""

    frame: Frame
    number: int
    arrived_s: float


class Camera:
    """Reads a source in a thread of its own and keeps the newest frame only, so that nothing ever lags behind.

    A source that gives no frame, the same frame again and again, or hangs, is lost after `PATIENCE_S`, one that
    doesn't open after `OPENING_S`: it is closed and opened anew until it is found. A file ends instead. Safe to use
    from several threads.
    """

    def __init__(
        self,
        open_source: Callable[[], FrameSource],
        *,
        patience_s: float = PATIENCE_S,
        opening_s: float = OPENING_S,
        retry_s: tuple[float, ...] = _RETRY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_source = open_source
        self._patience_s = patience_s
        self._opening_s = opening_s
        self._retry_s = retry_s
        self._clock = clock
        self._changed = threading.Condition()
        self._state: CameraState = "opening"
        self._reason = ""
        self._shot: CameraShot | None = None
        self._fatal: AvistarError | None = None
        self._heard_s = clock()
        self._hanging: list[_Reader] = []
        self._reader = _Reader(self)
        self._reader.start()

    @property
    def state(self) -> CameraState:
        """What it is doing: "lost" while it is looked for, "ended" for a file at its end and once closed."""
        with self._changed:
            self._watch()
            return self._state

    @property
    def reason(self) -> str:
        """Why it is lost, in words; empty while it is not."""
        return self._reason

    def newest(self, after: int = 0, timeout_s: float = 1.0) -> CameraShot | None:
        """The newest shot, once its number is above `after`; None if none comes in `timeout_s` seconds.

        Raises `MissingExtra` where the library that reads cameras is missing.
        """
        deadline = self._clock() + timeout_s
        with self._changed:
            while True:
                if self._fatal is not None:
                    raise self._fatal
                self._watch()
                if self._shot is not None and self._shot.number > after:
                    return self._shot
                left = deadline - self._clock()
                if left <= 0 or self._state == "ended":
                    return None
                self._changed.wait(min(left, 0.1))

    def close(self) -> None:
        """Stop reading; a source that hangs is left to its thread, which ends with it."""
        with self._changed:
            reader, self._state = self._reader, "ended"
            reader.stop()
            self._changed.notify_all()
        reader.join(1.0)

    def _watch(self) -> None:
        """Notice that no picture comes, and replace a reader that hangs (called with the lock held)."""
        patience_s = self._opening_s if self._reader.opening else self._patience_s
        if self._state == "ended" or self._clock() - self._heard_s <= patience_s:
            return
        if self._state != "lost":
            self._lose(Message("it doesn't open") if self._reader.opening else Message("no new picture came"))
        self._hanging = [reader for reader in self._hanging if reader.busy]
        if self._reader.busy and len(self._hanging) < _MOST_HANGING:
            self._hanging.append(self._reader)
            self._reader.stop()
            self._reader = _Reader(self)
            self._reader.start()

    def _lose(self, reason: str) -> None:
        self._state, self._reason = "lost", reason
        self._heard_s = self._clock()
        self._changed.notify_all()

    # What the reader tells. One that was replaced may still wake up: nobody listens to it any more.

    def _begun(self, reader: _Reader, *, opening: bool) -> None:
        """It begins to open the source, or to read from it: its time starts anew."""
        with self._changed:
            reader.opening, reader.reading = opening, not opening
            if reader is self._reader:
                self._heard_s = self._clock()

    def _heard(self, reader: _Reader, frame: Frame) -> None:
        with self._changed:
            if reader is self._reader and self._state != "ended":
                self._heard_s = self._clock()
                self._state, self._reason = "live", ""
                self._shot = CameraShot(frame, self._shot.number + 1 if self._shot else 1, self._heard_s)
                self._changed.notify_all()

    def _gone(self, reader: _Reader, reason: str) -> None:
        with self._changed:
            if reader is self._reader and self._state != "ended":
                self._lose(reason)

    def _over(self, reader: _Reader, fatal: AvistarError | None = None) -> None:
        with self._changed:
            if reader is self._reader:
                self._state, self._fatal = "ended", fatal
                self._changed.notify_all()


class _Reader:
    """The thread that reads: opens the source, hands on its frames, tries again when it is lost."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._stopped = threading.Event()
        self.opening = True
        self.reading = False
        # A read that hangs inside a driver must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="avistar-camera", daemon=True)

    @property
    def busy(self) -> bool:
        """Whether it waits for the driver: while it opens the source, or reads from it."""
        return self.opening or self.reading

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def join(self, timeout_s: float) -> None:
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            self._camera._begun(self, opening=True)
            try:
                source = self._camera._open_source()
            except MissingExtra as error:
                return self._camera._over(self, error)
            except Exception as error:  # drivers raise whatever they like
                self._camera._gone(self, str(error))
            else:
                frames, ended = self._follow(source)
                if ended:
                    return self._camera._over(self)
                failures = 0 if frames else failures
            self.opening = False
            waits = self._camera._retry_s
            self._stopped.wait(waits[min(failures, len(waits) - 1)])
            failures += 1
        return None

    def _follow(self, source: FrameSource) -> tuple[int, bool]:
        """Hand on frames until there are no more: how many came, and whether that was a file's end."""
        frames, freshness = 0, _Freshness(self._camera._clock, self._camera._patience_s)
        self._camera._begun(self, opening=False)
        try:
            while not self._stopped.is_set():
                frame = source.read()
                if frame is None:
                    if not source.endless:
                        return frames, True
                    self._camera._gone(self, Message("it gives no more pictures"))
                    return frames, False
                if source.endless and freshness.stale(frame):
                    self._camera._gone(self, Message("it repeats the same picture"))
                    return frames, False
                frames += 1
                self._camera._heard(self, frame)
        except Exception as error:
            self._camera._gone(self, str(error))
        finally:
            self.reading = False
            source.close()
        return frames, False


class _Freshness:
    """Tells a camera that repeats itself: the noise of a sensor makes no two true frames equal."""

    def __init__(self, clock: Callable[[], float], patience_s: float) -> None:
        self._clock = clock
        self._patience_s = patience_s
        self._last = b""
        self._since_s = clock()

    def stale(self, frame: Frame) -> bool:
        digest = hashlib.blake2b(frame.pixels[::4, ::4].tobytes(), digest_size=16).digest()
        if digest != self._last:
            self._last, self._since_s = digest, self._clock()
            return False
        return self._clock() - self._since_s > self._patience_s
