"""What befalls surveys' files: a folder that lies elsewhere, damage, and two of the same photos. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from avistar.catalogue import Catalogue
from avistar.catalogue.backup import backups, restore, set_aside
from avistar.catalogue.merge import Merged, merge_into
from avistar.catalogue.repair import repair
from avistar.errors import AvistarError
from avistar.files import partial_beside, settle
from avistar.survey import lies_in
from avistar_gui.identify.session.intake import Intake
from avistar_gui.identify.session.run import error_text
from avistar_gui.identify.session.survey_library import SurveyLibrary
from avistar_gui.tasks import TaskQueue


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of a survey's file: where it is, when it was made (local time), and what it holds."""

    path: Path
    made_at: datetime
    photos: int
    reviewed: int


@dataclass(frozen=True, slots=True)
class Rescue:
    """A damaged survey that is whole again. `lost`: parts that could not be read; `aside`: the damaged file's name."""

    photos: int
    reviewed: int
    lost: int
    aside: str


class SurveyCare(QObject):
    """Works on the thread of `files`; what changes a file does so between leaving its survey and opening it again."""

    recognised = Signal(object, object)  # LibraryEntry of a survey that moved, and the paths where its photos lie now
    foreign = Signal(str, str)  # a survey's file, and a folder that holds other photos
    damaged = Signal(str, str)  # a survey's file, and why
    backups_listed = Signal(str, object)  # a survey's file, and its whole Backups, newest first
    rescued = Signal(object)  # Rescue
    merged = Signal(object)  # Merged
    failed = Signal(str)
    forgotten = Signal()

    def __init__(self, files: TaskQueue, library: SurveyLibrary, intake: Intake, parent: QObject) -> None:
        super().__init__(parent)
        self._files, self._library, self._intake = files, library, intake
        self._news: Callable[[], None] | None = None
        intake.recognised.connect(self.recognised)
        intake.damaged.connect(lambda path, error: self.damaged.emit(path, error_text(error)))
        intake.entered.connect(lambda _: self._tell())

    def move(self, path: str, folder: str) -> None:
        """Go on with the survey at `path`, whose photos lie in `folder` by now."""

        def change() -> None:
            with Catalogue.open(path) as catalogue:
                catalogue.change_facts(replace(catalogue.facts, folder=folder))

        self._intake.want([path], first=change)

    def start_new(self, paths: Sequence[str]) -> None:
        """Take `paths` into a survey of their own, whatever another one holds."""
        self._intake.want(paths, new=True)

    def locate(self, path: str, folder: str) -> None:
        """`move`, if the survey's photos are there; answers `foreign` if not."""

        def look() -> bool:
            with Catalogue.read(path) as catalogue:
                return lies_in(catalogue, folder)

        def done(there: bool) -> None:
            if there:
                self.move(path, folder)
            else:
                self.foreign.emit(path, folder)

        self._files.run(lambda _: look(), done=done, failed=self._failed)

    def list_backups(self, path: str) -> None:
        """Look for whole backups of the survey at `path`; answers `backups_listed`."""
        self._files.run(
            lambda _: _whole_backups(Path(path)),
            done=lambda found: self.backups_listed.emit(path, found),
            failed=self._failed,
        )

    def rescue(self, path: str, backup: Path | None) -> None:
        """Bring `backup` back, or (None) what can be read of the damaged file, and open the survey."""

        def mend() -> None:
            rescue = _restored(Path(path), backup) if backup is not None else _repaired(Path(path))
            self._news = lambda: self.rescued.emit(rescue)

        self._intake.want([path], first=mend)

    def merge(self, other: str) -> None:
        """Take what people said in the survey at `other` into the open one; both files stay, aside."""
        survey = self._intake.survey
        if survey is None:
            return
        path, listed = survey.path, Path(other).parent == self._library.folder

        def make_one() -> None:
            try:
                merged: Merged = merge_into(path, Path(other))
                if listed:
                    self._library.forget(other)
            except AvistarError as error:  # the survey opens again as it was
                reason = error_text(error)
                self._news = lambda: self.failed.emit(reason)
            else:
                self._news = lambda: self.merged.emit(merged)

        self._intake.want([str(path)], first=make_one)

    def forget(self, path: str) -> None:
        """List a survey no longer; its file stays, under a name that says when."""
        self._files.run(lambda _: self._library.forget(path), done=lambda _: self.forgotten.emit(), failed=self._failed)

    def _tell(self) -> None:
        news, self._news = self._news, None
        if news is not None:
            news()

    def _failed(self, error: Exception) -> None:
        self.failed.emit(error_text(error))


def _whole_backups(path: Path) -> list[Backup]:
    found = []
    for one in backups(path):
        try:
            with Catalogue.read(one) as catalogue:
                counts = catalogue.counts()
        except AvistarError:
            continue
        found.append(
            Backup(one, datetime.fromtimestamp(one.stat().st_mtime).astimezone(), counts.total, counts.reviewed)
        )
    return found


def _restored(path: Path, backup: Path) -> Rescue:
    aside = restore(path, backup)
    return _rescue(path, 0, aside)


def _repaired(path: Path) -> Rescue:
    partial = partial_beside(path)
    done = repair(path, partial)
    aside = set_aside(path)
    settle(partial, path)
    return _rescue(path, sum(done.lost.values()), aside)


def _rescue(path: Path, lost: int, aside: Path | None) -> Rescue:
    with Catalogue.open(path) as catalogue:  # brings an older backup up to date
        counts = catalogue.counts()
    return Rescue(counts.total, counts.reviewed, lost, aside.name if aside is not None else "")
