"""The chosen photo, large: decoded off the UI thread; a slow answer never shows on another photo."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from avistar.errors import ImageError
from avistar.images.decode import opened
from avistar.media.exif import Shot, read_shot
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.widgets.byte_lru import ByteLru
from avistar_gui.widgets.thumbnails import read_within, size_bytes

LIMIT_BYTES = 128 * 1024 * 1024
SIDE = 2048
"""Longest side shown, in pixels: sharp on a large screen, and read in a fraction of a second."""

SHARPEST = 8192
"""Longest side in pixels that a photo is shown with when somebody looks closely: 200 MB while it is shown."""

AFTER_MS = 25
"""How long after a photo came the next one is read: decoding beside it would hold up its painting."""


@dataclass(frozen=True, slots=True)
class LargePhoto:
    """A photo ready to be shown; `full_size` (width, height) in the file, `flags` as in `avistar.images`."""

    path: str
    image: QImage
    full_size: tuple[int, int]
    flags: tuple[str, ...]
    shot: Shot = field(default_factory=Shot)


class PhotoLoader(QObject):
    """Loads the photo asked for last; what it says only ever speaks of that one.

    `loaded` and `failed` (path, message) answer `show`, `sharpened` answers `sharpen`.
    """

    loaded = Signal(object)
    failed = Signal(str, str)
    sharpened = Signal(object)

    def __init__(self, side: int = SIDE, *, limit_bytes: int = LIMIT_BYTES, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._cache: ByteLru[LargePhoto] = ByteLru(limit_bytes)
        self._background, self._closely = TaskQueue("photo", 1, self), TaskQueue("closely", 1, self)
        self._shown = ""
        self._reading: dict[str, Task] = {}
        self._sharpening: Task | None = None
        self._next: str | None = None
        self._after = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._after.timeout.connect(self._read_ahead)

    def show(self, path: str, then: str | None = None) -> None:
        """Load `path`, and afterwards read `then` ahead; what was asked for before is dropped.

        A photo that is being read ahead just now is not read a second time.
        """
        self._drop(keep=path)
        self._shown, self._next = path, then
        known = self._cache.get(path)
        if known is not None:
            self._say(known)
        else:
            self._read_soon(path)

    def sharpen(self, path: str) -> None:
        """Read `path` once more, with all its pixels; not remembered, since few photos are looked at so closely."""
        if path == self._shown and self._sharpening is None:
            self._sharpening = self._closely.run(
                lambda _: self._read(path, SHARPEST), done=self.sharpened.emit, failed=lambda _: None
            )

    def cancel(self) -> None:
        """Drop what was asked for."""
        self._drop()
        self._shown, self._next = "", None

    def forget(self, path: str) -> None:
        """Read `path` again when it is asked for next."""
        self._cache.discard(path)

    def forget_all(self) -> None:
        """Read every photo again."""
        self._cache.clear()

    def finish(self) -> None:
        """End the threads."""
        self._after.stop()
        self._background.finish()
        self._closely.finish()

    def _drop(self, keep: str = "") -> None:
        for path in [path for path in self._reading if path != keep]:
            self._reading.pop(path).cancel()
        if self._sharpening is not None:
            self._sharpening.cancel()
            self._sharpening = None

    def _read_soon(self, path: str) -> None:
        if path not in self._reading:
            self._reading[path] = self._background.run(
                lambda _: self._read(path, self._side),
                done=self._arrived,
                failed=lambda error: self._broke(path, error),
            )

    def _read(self, path: str, side: int) -> LargePhoto:
        image, picture = read_within(path, side)
        return LargePhoto(path, image, picture.full_size, picture.flags, _shot(path))

    def _arrived(self, photo: LargePhoto) -> None:
        self._reading.pop(photo.path, None)
        self._cache.put(photo.path, photo, size_bytes(photo.image))
        if photo.path == self._shown:
            self._say(photo)

    def _say(self, photo: LargePhoto) -> None:
        self.loaded.emit(photo)
        self._after.start()

    def _read_ahead(self) -> None:
        if self._next is not None and self._next not in self._cache:
            self._read_soon(self._next)

    def _broke(self, path: str, error: Exception) -> None:
        self._reading.pop(path, None)
        if path == self._shown:
            self.failed.emit(path, str(error))
            self._after.start()


def _shot(path: str) -> Shot:
    try:
        with opened(path) as image:
            return read_shot(image)
    except ImageError:
        return Shot()
