"""Looks, off the UI thread, for the part of a photo that its answer rests on; only ever of the photo asked for last."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from avistar import Classifier
from avistar.images.geometry import Source
from avistar.occlusion import Evidence
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.widgets.byte_lru import ByteLru

KEPT_BYTES = 4 * 1024 * 1024
_SIZE_BYTES = 4 * 1024
"""What one photo's evidence occupies, roughly."""

Found = dict[str, Evidence]


class _Gone(Exception):
    """Nobody waits for it any more."""


class EvidenceSearch(QObject):
    """Looks for the evidence of one photo at a time; those looked at last are remembered."""

    progressed = Signal(object, float)  # the photo's path, share done (0 to 1)
    found = Signal(object, object)  # the photo's path, dict[str, Evidence] by species
    failed = Signal(object, str)  # the photo's path, why

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: ByteLru[Found] = ByteLru(KEPT_BYTES)
        self._background = TaskQueue("evidence", 1, self)
        self._current: Task | None = None
        self._path, self._key = "", ""

    @property
    def busy_with(self) -> str:
        """The path of the photo that is being looked at, "" for none."""
        return self._path

    def look(self, path: str, source: Source, species: Sequence[str], classifier: Classifier) -> None:
        """Look at `source` (all of the photo at `path`, or a part of it) for these species' ids, likeliest first.

        What was asked for before is dropped.
        """
        key = "\0".join((path, *species))
        if key == self._key:
            return
        self.cancel()
        known = self._known.get(key)
        if known is not None:
            self.found.emit(path, known)
            return
        self._path, self._key = path, key
        self.progressed.emit(path, 0.0)

        def look(progress: Callable[[float], None]) -> Found:
            return {one.species.id: one for one in classifier.evidence(source, species, progress=progress)}

        self._current = self._background.run(
            lambda task: _work(task, lambda share: self.progressed.emit(path, share), look),
            done=self._arrived,
            failed=self._broke,
        )

    def cancel(self) -> None:
        """Drop what was asked for; the thread ends within a batch."""
        if self._current is not None:
            self._current.cancel()
        self._current, self._path, self._key = None, "", ""

    def forget(self) -> None:
        """Look again when asked next: another model is open, or a file was mended."""
        self._known.clear()
        self.cancel()

    def finish(self) -> None:
        """End the thread."""
        self.cancel()
        self._background.finish()

    def _arrived(self, found: Found) -> None:
        path, key = self._path, self._key
        self._current, self._path, self._key = None, "", ""
        self._known.put(key, found, _SIZE_BYTES)
        self.found.emit(path, found)

    def _broke(self, error: Exception) -> None:
        path = self._path
        self._current, self._path, self._key = None, "", ""
        self.failed.emit(path, str(error))


def _work(task: Task, tell: Callable[[float], None], look: Callable[[Callable[[float], None]], Found]) -> Found:
    def progress(share: float) -> None:
        if task.cancelled:
            raise _Gone
        task.post(tell, share)

    return look(progress)
