"""What the Analysis screen shows: opens bundles' test photos and surveys, and notices when they change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from avistar_gui.analysis import texts
from avistar_gui.analysis.data.sources import (
    BundleChoice,
    NothingToJudge,
    StudyRequest,
    SurveyPlace,
    known_bundles,
    read_study,
    read_survey,
)
from avistar_gui.analysis.data.study import Study
from avistar_gui.settings import Settings
from avistar_gui.tasks import Task, TaskQueue

SLOW_MS = 400
"""Reading that takes longer is told: what was shown before would look like the answer."""

OPEN = StudyRequest("survey")
"""The survey that is open elsewhere in the app, whichever that is."""


class SourceLoader(QObject):
    """Opens one source at a time; `survey` tells which survey is open elsewhere.

    `opened` with a `Study`; `nothing` with a function that says why there is none; `failed` with an error, what was
    shown stays. `offered` when bundles or the open survey changed, `slow` when reading takes its time.
    """

    opened = Signal(object)
    nothing = Signal(object)
    failed = Signal(object)
    offered = Signal()
    slow = Signal()

    def __init__(
        self, settings: Settings, survey: Callable[[], SurveyPlace | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._settings, self.survey = settings, survey
        self.bundles: list[BundleChoice] = []
        self.shown = StudyRequest("none")
        self._asked_for: list[str] = []
        self._stale = False
        self._reading: Task | None = None
        self._background = TaskQueue("analysis", 1, self)
        self._patience = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._patience.timeout.connect(self.slow)

    @property
    def reading(self) -> bool:
        """Whether something is being opened."""
        return self._reading is not None

    def start(self, folder: str | None) -> None:
        """Look for bundles, and open the one in `folder`, else the first."""

        def done(found: list[BundleChoice]) -> None:
            self._list(found)
            if self.shown.kind != "none" or self.reading:  # something was asked for meanwhile
                return
            if folder is not None or found:
                self.open(StudyRequest("bundle", folder if folder is not None else found[0].folder))
            else:
                self.nothing.emit(texts.no_bundle)

        self._look(done)

    def open(self, wish: StudyRequest) -> None:
        """Open what `wish` says; a survey without a place is the one that is open elsewhere."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if wish.kind == "bundle":
            if all(one.folder != wish.place for one in self.bundles):  # one that was found or added since
                self._asked_for.append(wish.place)
                self._look(self._list)
            self._read(lambda _: read_study(Path(wish.place)), wish)
        elif wish.kind == "survey":
            self._open_survey(wish)

    def survey_changed(self) -> None:
        """Another survey is open elsewhere, or more of it is reviewed."""
        self._stale = True
        self.offered.emit()

    def refresh(self) -> None:
        """The screen is seen again: look for bundles, and read a survey of which more was reviewed."""
        if self.bundles:
            self._look(self._list)
        if self._stale and self.shown == OPEN:
            self.open(OPEN)

    def finish(self) -> None:
        """End the thread."""
        self._patience.stop()
        self._background.finish()

    def _look(self, done: Callable[[list[BundleChoice]], None]) -> None:
        more: Iterable[str] = [*self._settings.bundle_folders, *self._asked_for]
        self._background.run(lambda _: known_bundles(more), done=done, failed=self.failed.emit)

    def _list(self, found: list[BundleChoice]) -> None:
        if found != self.bundles:
            self.bundles = found
            self.offered.emit()

    def _open_survey(self, wish: StudyRequest) -> None:
        survey, bundles = self.survey(), self.bundles
        path = wish.place or (survey.path if survey is not None else "")
        self._stale = False
        if path:
            self._read(lambda task: read_survey(Path(path), bundles, lambda: task.cancelled), wish)
        else:
            self.shown = wish
            self.nothing.emit(texts.no_survey)

    def _read(self, read: Callable[[Task], Study], wish: StudyRequest) -> None:
        def done(study: Study) -> None:
            self._ended(wish)
            self.opened.emit(study)

        def failed(error: Exception) -> None:
            if isinstance(error, NothingToJudge):
                apart = error.apart
                self._ended(wish)
                self.nothing.emit(lambda: texts.nothing_to_judge(apart))
            else:
                self._ended(self.shown)
                self.failed.emit(error)

        self._patience.start()
        self._reading = self._background.run(read, done=done, failed=failed)

    def _ended(self, shown: StudyRequest) -> None:
        self._patience.stop()
        self._reading, self.shown = None, shown
