"""Thumbnails on demand: decoded off the UI thread, the newest request first, kept within a bound.

From `avistar.images` to Qt. Qt never decodes a file itself: it would see other pixels than the model.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from avistar.images.decode import DecodedPicture, load
from avistar.images.geometry import Pixels
from avistar.media.reader import kind_of
from avistar.media.video import still
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.widgets.byte_lru import ByteLru

LIMIT_BYTES = 192 * 1024 * 1024

MOST_WAITING = 300
"""Requests kept; older ones were scrolled away, and are asked for again when they are seen again."""

GATHER_MS = 30
"""Thumbnails that arrive within this time are shown in one repaint."""


class Thumbnails(QObject):
    """Gives a thumbnail at once if it has it, else fetches it and says when it is `ready` (a list of paths)."""

    ready = Signal(object)

    def __init__(
        self, side: int, *, limit_bytes: int = LIMIT_BYTES, threads: int = 1, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._side = side
        self._threads = threads
        self._cache: ByteLru[QPixmap] = ByteLru(limit_bytes)
        self._broken: set[str] = set()
        self._wanted: dict[str, None] = {}
        self._fetching: set[str] = set()
        self._working = 0
        self._fresh: list[str] = []
        self._background = TaskQueue("thumbnails", threads, self)
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._announce)

    @property
    def used_bytes(self) -> int:
        """Bytes of the thumbnails held."""
        return self._cache.used_bytes

    def get(self, path: str) -> QPixmap | None:
        """The thumbnail of `path`, or None while it is fetched or if it can't be read."""
        found = self._cache.get(path)
        if found is None and path not in self._broken and path not in self._fetching:
            self._request(path)
        return found

    def is_broken(self, path: str) -> bool:
        """Whether `path` was tried and can't be read."""
        return path in self._broken

    def forget(self, path: str) -> None:
        """Read `path` again when it is asked for next."""
        self._cache.discard(path)
        self._broken.discard(path)

    def clear(self) -> None:
        """Forget everything, also what was asked for."""
        self._wanted.clear()
        self._cache.clear()
        self._broken.clear()
        self._fresh.clear()

    def finish(self) -> None:
        """End the threads."""
        self._gather.stop()
        self._wanted.clear()
        self._background.finish()

    def _request(self, path: str) -> None:
        self._wanted.pop(path, None)
        self._wanted[path] = None
        while len(self._wanted) > MOST_WAITING:
            self._wanted.pop(next(iter(self._wanted)), None)
        self._start()

    def _start(self) -> None:
        while self._working < min(self._threads, len(self._wanted)):
            self._working += 1
            self._background.run(self._work, done=self._ended, failed=self._ended)

    def _work(self, task: Task) -> None:
        while not task.cancelled:
            try:
                path, _ = self._wanted.popitem()  # the newest; atomic, so threads never share one
            except KeyError:
                return
            self._fetching.add(path)
            try:
                image: QImage | None = read_within(path, self._side)[0]
            except Exception:  # a tile that can't be drawn is a grey tile; the run says why
                image = None
            task.post(self._arrived, path, image)

    def _ended(self, _: object) -> None:
        self._working -= 1
        self._start()

    def _arrived(self, path: str, image: QImage | None) -> None:
        self._fetching.discard(path)
        if image is None:
            self._broken.add(path)
        else:
            self._cache.put(path, QPixmap.fromImage(image), size_bytes(image))
        self._fresh.append(path)
        if not self._gather.isActive():
            self._gather.start()

    def _announce(self) -> None:
        fresh, self._fresh = self._fresh, []
        if fresh:
            self.ready.emit(fresh)


BYTES_PER_PIXEL = 4

SHORTER = 0.7
"""Least shorter side asked of the decoder, as a share of the longer one wanted: lets a JPEG of 4:3 be read
at the next reduced size, a quarter of the work, and stays sharp."""


def to_image(pixels: Pixels) -> QImage:
    """A `QImage` that owns a copy of `pixels` (uint8 RGB [H, W, 3])."""
    contiguous = np.ascontiguousarray(pixels)
    height, width = contiguous.shape[:2]
    return QImage(contiguous.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def read_within(path: str, side: int) -> tuple[QImage, DecodedPicture]:
    """Decode `path` and shrink it to at most `side` px in either direction; safe on any thread.

    Of a video, the frame a second after its start. Raises `ImageError`, and `MissingExtra` for a video where
    nothing can read it.
    """
    picture = _frame(path) if kind_of(path) == "video" else load(path, at_least=round(SHORTER * side))
    image = to_image(picture.pixels)
    if max(image.width(), image.height()) > side:
        image = image.scaled(
            QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return image.convertToFormat(QImage.Format.Format_RGB32), picture


def _frame(path: str) -> DecodedPicture:
    pixels = still(path)
    height, width = pixels.shape[:2]
    return DecodedPicture(pixels, (width, height), ("video_frame",))


def size_bytes(image: QImage) -> int:
    """What `image` occupies as a pixmap."""
    return image.width() * image.height() * BYTES_PER_PIXEL
