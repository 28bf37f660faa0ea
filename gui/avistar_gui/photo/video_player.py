"""A video played in the photo's place: decoded on a thread at its own pace, without sound."""

from __future__ import annotations

import threading
import time

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from avistar.errors import AvistarError
from avistar.images.geometry import Pixels
from avistar.media.opencv import VideoFile
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.widgets.thumbnails import to_image

SIDE = 1600
"""Longest side of a frame that is shown, in pixels: more would cost time for each of 30 a second."""

LATE_S = 0.08
"""A frame that comes later than this is passed over, so that the video keeps its pace."""

PATIENCE_S = 2.0


class VideoPlayer(QObject):
    """Plays one video at a time; `framed` with each picture and its second, `stopped` at the end or by wish."""

    framed = Signal(QImage, float)
    stopped = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = TaskQueue("video", 1, self)
        self._task: Task | None = None
        self._seen = threading.Event()

    @property
    def playing(self) -> bool:
        """Whether frames are coming."""
        return self._task is not None

    def play(self, path: str, from_s: float = 0.0) -> None:
        """Play `path` from that second on."""
        self._begin(path, from_s, only_one=False)

    def show_at(self, path: str, time_s: float) -> None:
        """Show the frame at `time_s`, and stay there."""
        self._begin(path, time_s, only_one=True)

    def stop(self) -> None:
        """Stay at the frame that is shown."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._seen.set()
            self.stopped.emit()

    def finish(self) -> None:
        """End the thread."""
        if self._task is not None:
            self._task.cancel()
        self._seen.set()
        self._background.finish()

    def _begin(self, path: str, from_s: float, *, only_one: bool) -> None:
        if self._task is not None:
            self._task.cancel()
            self._seen.set()
        task = self._background.run(
            lambda task: self._work(task, path, from_s, only_one=only_one),
            done=lambda _: self._ended(task),
            failed=lambda error: self._broke(task, error),
        )
        self._task = task

    def _work(self, task: Task, path: str, from_s: float, *, only_one: bool) -> None:
        """On the thread: each frame at its time, none before the one before it was painted."""
        video = VideoFile(path)
        try:
            if from_s > 0:
                video.seek(from_s)
            begun = first = None
            while not task.cancelled and (moment := video.skip()) is not None:
                if begun is None or first is None:
                    begun, first = time.monotonic(), moment
                late = time.monotonic() - begun - (moment - first)
                if late > LATE_S and not only_one:
                    continue
                frame = video.take(moment)
                if frame is None:
                    continue
                image = small_image(frame.pixels)
                wait = begun + (moment - first) - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
                self._seen.clear()
                task.post(self._show, image, moment)
                if only_one:
                    return
                self._seen.wait(PATIENCE_S)
        finally:
            video.close()

    def _show(self, image: QImage, moment: float) -> None:
        self.framed.emit(image, moment)
        self._seen.set()

    def _ended(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            self.stopped.emit()

    def _broke(self, task: Task, error: Exception) -> None:
        if task is self._task:
            self._task = None
            self.failed.emit(str(error) if isinstance(error, AvistarError) else f"{type(error).__name__}: {error}")
            self.stopped.emit()


def small_image(pixels: Pixels) -> QImage:
    """A frame as a picture of at most `SIDE` pixels in either direction."""
    image = to_image(pixels)
    if max(image.width(), image.height()) > SIDE:
        aspect = Qt.AspectRatioMode.KeepAspectRatio
        image = image.scaled(QSize(SIDE, SIDE), aspect, Qt.TransformationMode.FastTransformation)
    return image.convertToFormat(QImage.Format.Format_RGB32)
