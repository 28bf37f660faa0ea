"""Where the judged photos lie on this machine, and their thumbnails by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from avistar.evaluation.stored import photo_path
from avistar_gui.analysis.data.study import Study
from avistar_gui.settings import Settings
from avistar_gui.tasks import TaskQueue
from avistar_gui.widgets.thumbnails import Thumbnails

LIMIT_BYTES = 64 * 1024 * 1024
There = Callable[[Path, str], bool]


@dataclass(frozen=True, slots=True)
class LocatedPhotos:
    """The folder below which `found` of `asked` photos lie, by their relative names."""

    folder: str
    found: int
    asked: int


def named_there(folder: Path, file: str) -> bool:
    """Whether a photo that an analysis names lies below `folder`, and not elsewhere."""
    return photo_path(folder, file) is not None


def locate(folder: Path, files: Sequence[str], there: There = named_there) -> LocatedPhotos:
    """Look for `files` below `folder`, else right below one of its folders, else beside it; where most are, counts."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    best = LocatedPhotos(str(folder), 0, len(files))
    for candidate in (folder, *inside, folder.parent):
        # A look at a few first: a disk with 100,000 folders must not be asked for each photo.
        if not any(there(candidate, file) for file in files[:: max(1, len(files) // 20)]):
            continue
        found = sum(there(candidate, file) for file in files)
        if found > best.found:
            best = LocatedPhotos(str(candidate), found, len(files))
        if found == len(files):
            break
    return best


def lies_there(folder: Path, file: str) -> bool:
    """Whether a survey's photo lies below `folder`; its catalogue may hold any name that a camera wrote."""
    return (folder / file).is_file()


class PhotoLocator(QObject):
    """The photos of the study of the moment: where they are, and their thumbnails.

    `ready` when thumbnails arrived; `located` (`LocatedPhotos`) with what a search found, `failed` with its error.
    """

    ready = Signal()
    located = Signal(object)
    failed = Signal(object)

    def __init__(
        self, settings: Settings, study: Callable[[], Study | None], *, side: int, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._settings, self._study = settings, study
        self.thumbnails = Thumbnails(side, limit_bytes=LIMIT_BYTES, parent=self)
        self.thumbnails.ready.connect(lambda _: self.ready.emit())
        self._background = TaskQueue("pictures", 1, self)
        self.place: LocatedPhotos | None = None

    def thumbnail(self, row: int) -> QPixmap | None:
        """The thumbnail of `row`, None while there is none."""
        study = self._study()
        return None if study is None else self.thumbnail_of(study, row)

    def path_of(self, study: Study, row: int) -> str | None:
        """Where a photo lies that belongs to this study or to a part of it."""
        return None if self.place is None else str(Path(self.place.folder, study.files[row]))

    def thumbnail_of(self, study: Study, row: int) -> QPixmap | None:
        """The thumbnail of a photo that belongs to this study or to a part of it."""
        path = self.path_of(study, row)
        return None if path is None else self.thumbnails.get(path)

    def enter(self, study: Study) -> None:
        """Another study: look where its photos were last, or where its survey says."""
        self.place = None
        remembered = self._settings.photo_folder(study.key)
        if study.survey is not None:
            self._search([study.survey.folder, remembered] if remembered else [study.survey.folder], study)
        elif remembered:
            self._search([remembered], study)

    def locate(self, folder: str) -> None:
        """Look for the photos below `folder`."""
        study = self._study()
        if study is not None:
            self._search([folder], study)

    def finish(self) -> None:
        """End the threads."""
        self.thumbnails.finish()
        self._background.finish()

    def _search(self, folders: Sequence[str], study: Study) -> None:
        def look() -> LocatedPhotos:
            there = named_there if study.survey is None else lies_there
            found = [locate(Path(folder), study.files, there) for folder in folders]
            return max(found, key=lambda one: one.found)

        self._background.run(lambda _: look(), done=lambda found: self._found(found, study), failed=self.failed.emit)

    def _found(self, place: LocatedPhotos, study: Study) -> None:
        now = self._study()
        if now is None or now.files is not study.files:  # another study was opened meanwhile
            return
        if place.found:
            self.place = place
            self._settings.keep_photo_folder(study.key, place.folder)
        self.located.emit(place)
        self.ready.emit()
