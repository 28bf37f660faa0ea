"""What is dropped finds its survey: opened or made, and brought in line with the folder. Knows no widget."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from avistar import Classifier
from avistar_gui.identify.session.survey import ScanSummary, Survey
from avistar_gui.identify.session.survey_library import SurveyLibrary
from avistar_gui.tasks import Task, TaskQueue

WAIT_S = 0.05


class Intake(QObject):
    """Takes in one drop after the other, on the thread of `files`; `survey` is the open one.

    `videos` says whether videos are listed in it.
    """

    leaving = Signal(object)  # the Survey that is let go of; whoever works on it closes it afterwards
    entered = Signal(object)  # the Survey that is open now
    scanned = Signal(object)  # ScanSummary
    broke = Signal(object)  # Exception

    def __init__(self, files: TaskQueue, library: SurveyLibrary, videos: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self.survey: Survey | None = None
        self.left: Survey | None = None
        self._files, self._library, self._videos = files, library, videos
        self._classifier: Classifier | None = None
        self._wanted: deque[list[str]] = deque()
        self._taken: list[list[str]] = []
        self._taking: Task | None = None

    def want(self, paths: Sequence[str]) -> None:
        """Take in `paths` once everything asked for before is."""
        self._wanted.append(list(paths))
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
            paths = self._wanted.popleft()
            self._taking = self._files.run(
                lambda _: self._library.place_for(paths),
                done=lambda place: self._open(place, paths, classifier),
                failed=self._not_taken,
            )

    def _open(self, place: Path, paths: list[str], classifier: Classifier) -> None:
        survey = self.survey
        if survey is not None and survey.path == place:
            self._take_in(survey, paths)
            return
        self._let_go()
        self._taking = self._files.run(
            lambda task: self._opened(task, place, paths, classifier),
            done=lambda opened: self._enter(opened, paths),
            failed=self._not_taken,
        )

    def _opened(self, task: Task, place: Path, paths: list[str], classifier: Classifier) -> Survey:
        """On the thread: the survey that was left may be the one that is wanted, and is still being let go of."""
        while self.left is not None and not self.left.closed.wait(WAIT_S) and not task.cancelled:
            pass
        return Survey.open(place, paths, classifier)

    def _enter(self, survey: Survey, paths: list[str]) -> None:
        self.survey = survey
        self.entered.emit(survey)
        self._take_in(survey, paths)

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
