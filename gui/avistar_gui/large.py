"""The chosen photo, large: decoded off the UI thread; a slow answer never shows on another photo."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from avistar_gui.lru import ByteLru
from avistar_gui.pixels import read_within, size_bytes
from avistar_gui.tasks import Background, Task

LIMIT_BYTES = 128 * 1024 * 1024
SIDE = 2048
"""Longest side shown, in pixels: sharp on a large screen, and read in a fraction of a second."""


@dataclass(frozen=True, slots=True)
class LargePhoto:
    """A photo ready to be shown; `full_size` (width, height) in the file, `flags` as in `avistar.images`."""

    path: str
    image: QImage
    full_size: tuple[int, int]
    flags: tuple[str, ...]


class PhotoLoader(QObject):
    """Loads the photo asked for last; `loaded` and `failed` (path, message) only ever speak of that one."""

    loaded = Signal(object)
    failed = Signal(str, str)

    def __init__(self, side: int = SIDE, *, limit_bytes: int = LIMIT_BYTES, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._cache: ByteLru[LargePhoto] = ByteLru(limit_bytes)
        self._background = Background("photo", 1, self)
        self._current: Task | None = None
        self._ahead: Task | None = None

    def show(self, path: str, then: str | None = None) -> None:
        """Load `path`, and afterwards read `then` ahead; what was asked for before is dropped."""
        self.cancel()
        known = self._cache.get(path)
        if known is not None:
            self.loaded.emit(known)
            self._read_ahead(then)
            return
        self._current = self._background.run(
            lambda _: self._read(path),
            done=lambda photo: self._arrived(photo, then),
            failed=lambda error: self.failed.emit(path, str(error)),
        )

    def cancel(self) -> None:
        """Drop what was asked for."""
        for task in (self._current, self._ahead):
            if task is not None:
                task.cancel()

    def forget(self, path: str) -> None:
        """Read `path` again when it is asked for next."""
        self._cache.discard(path)

    def finish(self) -> None:
        """End the thread."""
        self._background.finish()

    def _read(self, path: str) -> LargePhoto:
        image, picture = read_within(path, self._side)
        return LargePhoto(path, image, picture.full_size, picture.flags)

    def _arrived(self, photo: LargePhoto, then: str | None) -> None:
        self._keep(photo)
        self.loaded.emit(photo)
        self._read_ahead(then)

    def _read_ahead(self, path: str | None) -> None:
        if path is not None and path not in self._cache:
            self._ahead = self._background.run(lambda _: self._read(path), done=self._keep, failed=lambda _: None)

    def _keep(self, photo: LargePhoto) -> None:
        self._cache.put(photo.path, photo, size_bytes(photo.image))
