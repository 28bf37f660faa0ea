"""What is dropped finds its survey: opened or made, and brought in line with the folder. Knows no widget."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from avistar import Classifier
from avistar.errors import CatalogueDamaged
from avistar.survey import common_folder
from avistar_gui.identify.session.survey import ScanSummary, Survey
from avistar_gui.identify.session.survey_library import LibraryEntry, SurveyLibrary, names_survey
from avistar_gui.tasks import Task, TaskQueue

WAIT_S = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class _Drop:
    """What was asked to be taken in; see `Intake.want`."""

    paths: list[str]
    new: bool
    first: Callable[[], object] | None


class Intake(QObject):
    """Takes in one drop after the other, on the thread of `files`; `survey` is the open one.

    `videos` says whether videos are listed in it.
    """

    leaving = Signal(object)  # the Survey that is let go of; whoever works on it closes it afterwards
    entered = Signal(object)  # the Survey that is open now
    scanned = Signal(object)  # ScanSummary
    broke = Signal(object)  # Exception
    recognised = Signal(object, object)  # LibraryEntry of a survey that moved, and the paths where its photos lie now
    damaged = Signal(str, object)  # a survey's file, and the Exception

    def __init__(self, files: TaskQueue, library: SurveyLibrary, videos: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self.survey: Survey | None = None
        self.left: Survey | None = None
        self._files, self._library, self._videos = files, library, videos
        self._classifier: Classifier | None = None
        self._wanted: deque[_Drop] = deque()
        self._taken: list[list[str]] = []
        self._taking: Task | None = None

    def want(self, paths: Sequence[str], *, new: bool = False, first: Callable[[], object] | None = None) -> None:
        """Take in `paths` once everything asked for before is.

        `new`: nobody asks whether they belong to a survey that moved. `first` is called on the thread when no survey
        is open any more: what happens to the file that `paths` name.
        """
        self._wanted.append(_Drop(list(paths), new, first))
        self._next()

    def use(self, classifier: Classifier) -> None:
        """Surveys are opened with `classifier` from now on; before there is one, everything waits."""
        self._classifier = classifier
        self._next()

    def again(self) -> None:
        """Look once more at everything that was taken into the open survey."""
        for paths in self._taken or ([[str(self.survey.path)]] if self.survey is not None else []):
            self.want(paths)

    def leave(self) -> None:
        """Let go of the open survey and of what waits."""
        self._wanted.clear()
        self._let_go()

    def close(self) -> None:
        """Free every survey; nothing works on them any more."""
        for survey in (self.survey, self.left):
            if survey is not None:
                survey.close()
        self.survey = self.left = None

    def _next(self) -> None:
        classifier = self._classifier
        if self._taking is None and self._wanted and classifier is not None:
            drop = self._wanted.popleft()
            self._taking = self._files.run(
                lambda _: self._find(drop),
                done=lambda found: self._found(*found, drop, classifier),
                failed=self._not_taken,
            )

    def _find(self, drop: _Drop) -> tuple[Path, LibraryEntry | None]:
        """On the thread: where `drop` belongs, and the survey that it would double."""
        place = self._library.place_for(drop.paths)
        if drop.new or names_survey(drop.paths) or place.exists():
            return place, None
        return place, self._library.moved_to(common_folder(drop.paths))

    def _found(self, place: Path, moved: LibraryEntry | None, drop: _Drop, classifier: Classifier) -> None:
        if moved is not None:
            self._taking = None
            self.recognised.emit(moved, drop.paths)
            self._next()
        else:
            self._open(place, drop, classifier)

    def _open(self, place: Path, drop: _Drop, classifier: Classifier) -> None:
        survey, paths = self.survey, drop.paths
        if survey is not None and survey.path == place and drop.first is None:
            self._take_in(survey, paths)
            return
        self._let_go()
        self._taking = self._files.run(
            lambda task: self._opened(task, place, drop, classifier),
            done=lambda opened: self._enter(opened, paths),
            failed=lambda error: self._not_opened(place, error),
        )

    def _opened(self, task: Task, place: Path, drop: _Drop, classifier: Classifier) -> Survey:
        """On the thread: the survey that was left may be the one that is wanted, and is still being let go of."""
        while self.left is not None and not self.left.closed.wait(WAIT_S) and not task.cancelled:
            pass
        if drop.first is not None:
            drop.first()
        return Survey.open(place, drop.paths, classifier)

    def _enter(self, survey: Survey, paths: list[str]) -> None:
        self.survey = survey
        self.entered.emit(survey)
        # Behind what is shown, and before what is known is brought in line with the folder.
        self._taking = self._files.run(
            lambda _: survey.back_up(),
            done=lambda _: self._take_in(survey, paths),
            failed=lambda error: self._not_opened(survey.path, error),
        )

    def _take_in(self, survey: Survey, paths: list[str]) -> None:
        videos = self._videos()
        if paths not in self._taken:
            self._taken.append(paths)
        self._taking = self._files.run(
            lambda task: survey.take_in(paths, lambda: task.cancelled, videos=videos),
            done=self._taken_in,
            failed=self._not_taken,
        )

    def _taken_in(self, summary: ScanSummary) -> None:
        self._taking = None
        self.scanned.emit(summary)
        self._next()

    def _not_opened(self, place: Path, error: Exception) -> None:
        self._taking = None
        if isinstance(error, CatalogueDamaged):
            self.damaged.emit(str(place), error)
        else:
            self.broke.emit(error)
        self._next()

    def _not_taken(self, error: Exception) -> None:
        self._taking = None
        self.broke.emit(error)
        self._next()

    def _let_go(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
        self._taking = None
        self._taken = []
        survey, self.survey = self.survey, None
        if survey is not None:
            self.left = survey
            self.leaving.emit(survey)
