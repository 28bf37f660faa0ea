"""Frames from OpenCV: the only module that loads it, and only once a video or camera is opened."""

from __future__ import annotations

import math
import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from avistar.errors import BackendUnavailable, Fault, ImageError, MissingExtra
from avistar.files import printable
from avistar.media.frame_source import Frame
from avistar.message import Message, reason_of

if TYPE_CHECKING:
    import cv2

_OPEN_MS, _READ_MS = 10_000, 3000
"""How long a network stream may take to open and to give its next frame, in milliseconds."""

_USUAL_RATE = 25.0
"""Frames per second of a video that doesn't say, for want of anything better."""

_SHORT_S = 1.0
"""A video that ends so many seconds before its claim is incomplete; claims are a little off in many."""

_SHORT_SHARE = 0.1
_COUNTED = (".mp4", ".mov", ".m4v", ".3gp", ".avi")
"""Files that count their frames; the length of others is that of their sound too, and may be beyond the pictures by
that share."""

_GAP_FRAMES = 10
"""More frames than that missing in one place, and a second of them, are damage."""

_MOST_TRIES = 10_000
_JUMPS = 10
"""How often it is tried to go on behind damage: frame by frame, and by moving on in the file."""


class VideoFile:
    """The frames of one video file, upright, in order; damaged ones are passed over.

    `rate` in frames per second and `duration_s` are what the file claims; 0 where it claims nonsense. `incomplete`
    says whether damage was passed over so far, or the file ended long before its claim.
    """

    endless = False

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Raises `ImageError` for what can't be opened as a video, `MissingExtra` without OpenCV."""
        cv2 = _opencv()
        name = printable(path)
        self._file = _opened(Path(path), name)
        # OpenCV takes the open file, not its name: with names that are no UTF-8 it ends the process.
        self._video = cv2.VideoCapture(self._file, cv2.CAP_FFMPEG, [])
        if not self._video.isOpened():
            self.close()
            raise ImageError(Fault.DAMAGED, "{name}: not a video that can be read, or too damaged", name=name)
        counted = Path(path).suffix.lower() in _COUNTED
        self._grabbed = 0
        self._last_s = -1.0
        self._ended = False
        self.incomplete = False
        self.rate = _sane(self._video.get(cv2.CAP_PROP_FPS), 1000)
        frames = _sane(self._video.get(cv2.CAP_PROP_FRAME_COUNT), 1e9)
        self.duration_s = frames / self.rate if self.rate else 0.0
        self._spare_s = _SHORT_S if counted else max(_SHORT_S, _SHORT_SHARE * self.duration_s)

    def skip(self) -> float | None:
        """Move to the next frame that is there, without converting it; its time in seconds, None at the end."""
        if self._ended:
            return None
        if not (self._grab() or self._grab_behind_damage()):
            self._ended = True
            self.incomplete |= self._missing_s() > self._spare_s
            return None
        time_s = self._time_s()
        # The decoder passes over some damage by itself.
        gap_s = max(_SHORT_S, _GAP_FRAMES / (self.rate or _USUAL_RATE))
        self.incomplete |= self._last_s >= 0 and time_s - self._last_s > gap_s
        self._last_s = max(self._last_s, time_s)
        self._grabbed += 1
        return self._last_s

    def _grab(self) -> bool:
        import cv2

        try:
            return bool(self._video.grab())
        except cv2.error:
            return False

    def _grab_behind_damage(self) -> bool:
        """Go on behind frames that can't be decoded: by trying each, then by moving on in the file."""
        import cv2

        missing = round(self._missing_s() * (self.rate or _USUAL_RATE))
        for tried in range(1, min(missing, _MOST_TRIES) + 1):
            if self._grab():
                self._grabbed += tried
                self.incomplete = True
                return True
        if self._missing_s() <= self._spare_s:  # an end like others
            return False
        begun_s, step_s = max(self._last_s, 0.0), max(self._missing_s() / _JUMPS, 0.5)
        for jump in range(1, _JUMPS):
            moment_s = begun_s + jump * step_s
            if moment_s >= self.duration_s or not self._video.set(cv2.CAP_PROP_POS_MSEC, moment_s * 1000):
                break
            if self._grab() and self._time_s() > self._last_s:
                self._grabbed = round(moment_s * (self.rate or _USUAL_RATE))
                self.incomplete = True
                return True
        return False

    def _missing_s(self) -> float:
        """How much of what the file claims hasn't come yet, in seconds."""
        frame_s = 1 / (self.rate or _USUAL_RATE)
        return max(self.duration_s - max(self._last_s + frame_s, 0.0), 0.0)

    def _time_s(self) -> float:
        """When the frame that was moved to is shown."""
        import cv2

        by_clock = self._video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        # Files without time stamps say 0 for every frame.
        by_count = self._grabbed / (self.rate or _USUAL_RATE)
        return by_clock if math.isfinite(by_clock) and by_clock > 0 else by_count

    def seek(self, time_s: float) -> None:
        """Go on from about `time_s` (seconds from the start); a file that can't be moved in goes on where it is."""
        import cv2

        if self._video.set(cv2.CAP_PROP_POS_MSEC, max(time_s, 0.0) * 1000):
            self._grabbed = round(time_s * (self.rate or _USUAL_RATE))
            self._last_s, self._ended = -1.0, False

    def take(self, time_s: float) -> Frame | None:
        """The frame moved to by `skip`; None if it can't be decoded."""
        got, pixels = self._video.retrieve()
        if got and pixels is not None:
            return Frame(_rgb(pixels), time_s)
        self.incomplete = True
        return None

    def read(self) -> Frame | None:
        """The next frame that can be decoded."""
        while (time_s := self.skip()) is not None:
            frame = self.take(time_s)
            if frame is not None:
                return frame
        return None

    def close(self) -> None:
        """Free the file."""
        self._video.release()
        self._file.close()


class CameraFrames:
    """The frames of a camera by its number (0 is the first), or of a network stream (rtsp://…, http://…)."""

    endless = True

    def __init__(self, source: int | str) -> None:
        """Raises `BackendUnavailable` for a camera that isn't there, `MissingExtra` without OpenCV."""
        cv2 = _opencv()
        if isinstance(source, int):
            self._video = cv2.VideoCapture(source)
        else:
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_MS]
            self._video = cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)
        if not self._video.isOpened():
            raise BackendUnavailable(_no_camera(source))
        # What waits in the driver's queue is old: the newest frame is wanted. Not every driver can.
        self._video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._count = 0

    def read(self) -> Frame | None:
        """The next frame; None once the camera gives no more."""
        got, pixels = self._video.read()
        if not got or pixels is None:
            return None
        self._count += 1
        return Frame(_rgb(pixels), float(self._count))

    def close(self) -> None:
        """Free the camera."""
        self._video.release()


def _opencv() -> ModuleType:
    # Its libraries write their remarks straight to the terminal; we say what matters ourselves.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    try:
        import cv2
    except ImportError as error:
        raise MissingExtra("live", Message("reading videos and cameras")) from error
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2


def _opened(path: Path, name: str) -> BinaryIO:
    try:
        if not path.is_file():  # reading a pipe could wait for ever
            raise ImageError(Fault.MISSING, "{name}: there is no such file", name=name)
        file = path.open("rb")
    except (OSError, ValueError) as error:
        raise ImageError(
            Fault.UNREADABLE, "{name}: can't be opened ({reason})", name=name, reason=reason_of(error)
        ) from error
    if not path.stat().st_size:
        file.close()
        raise ImageError(Fault.EMPTY, "{name}: the file is empty (0 bytes)", name=name)
    return file


def _rgb(pixels: cv2.typing.MatLike) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """OpenCV's blue, green, red (or a camera's grey) as RGB."""
    import cv2

    code = cv2.COLOR_GRAY2RGB if pixels.ndim == 2 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)


def _sane(value: float, most: float) -> float:
    return value if math.isfinite(value) and 0 < value <= most else 0.0


def _no_camera(source: int | str) -> str:
    if isinstance(source, str):
        return Message(
            "{source} doesn't answer: check the address, and that the camera is on; a video file works too",
            source=source,
        )
    present = sorted(int(path.name[5:]) for path in Path("/dev").glob("video*") if path.name[5:].isdecimal())
    known = f"this machine has {', '.join(map(str, present))}" if present else "none was found"
    return Message(
        "camera {source} is not there, busy or forbidden ({known}); a stream's address or a video file works too",
        source=source,
        known=known,
    )
