"""What goes on: the open model, the open survey, the run over it, and what people say. Knows no widget.

Everything slow happens in `Background`; what comes back are immutable values in signals. Whatever was answered
or said is in the survey's catalogue before it is shown.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from avistar import AvistarError, Classifier
from avistar.catalogue import Counts, Query, Row
from avistar.pipeline import Pace
from avistar.records import Record, Review, Verdict
from avistar.survey import identify_pending
from avistar_gui.identify.engine import EngineFacts
from avistar_gui.identify.shelf import Shelf, Shelved
from avistar_gui.identify.survey import ScanSummary, Survey
from avistar_gui.progress import Meter, Progress
from avistar_gui.tasks import Background, Task

OpenClassifier = Callable[[str | None], Classifier]
BATCH = 8
ASK_AGAIN_MS = 1500
"""While answers come, a list that depends on them is asked for again this often."""


class Session(QObject):
    """Opens a model and a survey, takes in folders, identifies what is pending, stores what people say.

    `open_classifier` gets a bundle's folder, or None for the default one.
    """

    engine_opening = Signal()
    engine_opened = Signal(object)  # EngineFacts
    engine_failed = Signal(str)
    survey_opened = Signal(str)  # its folder; "" when there is none any more
    scanned = Signal(object)  # ScanSummary
    listed = Signal(object)  # list[int]: ids of the media that the query chooses, in order
    answered = Signal(object)  # list[int]: ids of media with new answers
    failed = Signal(object)  # list[Record] with their failures
    reviewed = Signal(object, bool)  # list[int], and whether to go there (after undo and redo)
    by_others = Signal(object)  # list[int]: media that another model answered
    progressed = Signal(object)  # Progress
    run_failed = Signal(str)
    ended = Signal(object, float)  # Progress, seconds that the run took; only when nothing is left

    def __init__(
        self,
        open_classifier: OpenClassifier,
        shelf: Shelf | None = None,
        *,
        batch: int = BATCH,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_classifier, self._batch = open_classifier, batch
        self.shelf = shelf or Shelf()
        self._classifier: Classifier | None = None
        self._survey: Survey | None = None
        self._wanted: deque[list[str]] = deque()
        self._run: Task | None = None
        self._taking: Task | None = None
        self._asking: Task | None = None
        self._counting: Task | None = None
        self._stop = threading.Event()
        self._paused = False
        self._counts, self._query = Counts(), Query()
        self._meter = Meter()
        self._engine, self._files = Background("engine", 1, self), Background("files", 1, self)
        self._people, self._lists = Background("people", 1, self), Background("lists", 1, self)
        self._again = QTimer(self, singleShot=True, interval=ASK_AGAIN_MS)
        self._again.timeout.connect(self._ask)

    @property
    def running(self) -> bool:
        """Whether photos are being identified."""
        return self._run is not None

    @property
    def survey_path(self) -> str:
        """The open survey's file, "" while there is none."""
        return str(self._survey.path) if self._survey is not None else ""

    @property
    def survey_folder(self) -> str:
        """The folder that the open survey is of."""
        return self._survey.folder if self._survey is not None else ""

    @property
    def classifier(self) -> Classifier | None:
        """The open model, None while there is none; it is closed once `engine_opening` was followed by another."""
        return self._classifier

    @property
    def progress(self) -> Progress:
        """How far the survey is."""
        counts = self._counts
        left = self._meter.seconds_left(counts.pending) if self.running else None
        return Progress(
            done=counts.total - counts.pending,
            total=counts.total,
            failed=counts.failed,
            per_second=self._meter.per_second,
            seconds_left=left,
            running=self.running,
            reviewed=counts.reviewed,
        )

    @property
    def counts(self) -> Counts:
        """The survey's figures as last counted."""
        return self._counts

    def rows(self, ids: Sequence[int]) -> list[Row]:
        """What a grid shows of some media; quick."""
        return self._survey.page.rows(ids) if self._survey is not None else []

    def record(self, id: int) -> Record | None:
        """Everything about one medium; quick."""
        found = self._survey.page.records_of([id]) if self._survey is not None and id >= 0 else []
        return found[0] if found else None

    def id_of(self, path: str) -> int:
        """The id of the file at `path`, -1 where the survey has none such; quick."""
        survey = self._survey
        if survey is None:
            return -1
        relative = os.path.relpath(path, survey.folder).replace(os.sep, "/")
        return survey.page.ids_of([relative]).get(relative, -1)

    def recent(self, done: Callable[[list[Shelved]], None]) -> None:
        """Look for surveys of the past, and call `done` with them."""
        self._files.run(lambda _: self.shelf.recent(), done=done, failed=lambda _: done([]))

    def open(self, folder: str | None = None) -> None:
        """Open the bundle in `folder`; answers `engine_opened` or `engine_failed`."""
        self.stop()
        self.engine_opening.emit()
        self._engine.run(lambda _: self._open_classifier(folder), done=self._opened, failed=self._not_opened)

    def add(self, paths: Iterable[str]) -> None:
        """Take photos and folders into their survey and identify them; answers `scanned`, then `listed`."""
        self._paused = False
        self._wanted.append(list(paths))
        self._take_next()

    def ask(self, query: Query) -> None:
        """List these media from now on; answers `listed`."""
        self._query = query
        self._ask()

    def review(self, ids: Sequence[int], verdict: Verdict, species: str = "", reviewer: str = "") -> None:
        """Store what a person says of some media; answers `reviewed`."""
        said = Review(verdict, species, reviewer, datetime.now(UTC))

        def store(survey: Survey) -> list[int]:
            survey.catalogue.review(ids, said)
            return list(ids)

        self._say(store, go=False)

    def undo(self) -> None:
        """Take the last review back; answers `reviewed` with where that was."""
        self._say(lambda survey: survey.catalogue.undo(), go=True)

    def redo(self) -> None:
        """Say again what was taken back last; answers `reviewed`."""
        self._say(lambda survey: survey.catalogue.redo(), go=True)

    def retry(self, ids: Sequence[int]) -> None:
        """Identify these once more: their files may have been mended."""
        survey = self._survey
        if survey is not None:
            self._paused = False
            self._files.run(
                lambda _: survey.catalogue.forget_answers(ids), done=lambda _: self._count(), failed=self._broke
            )

    def stop(self) -> None:
        """End the run within the batches in work; what is answered stays, the rest waits for `resume`."""
        self._paused = True
        self._stop.set()

    def resume(self) -> None:
        """Identify what waits."""
        self._paused = False
        self._start()

    def clear(self) -> None:
        """Close the survey; it stays on the shelf."""
        self._wanted.clear()
        self._leave()
        self._counts, self._query = Counts(), Query()
        self.survey_opened.emit("")
        self.listed.emit([])
        self.progressed.emit(self.progress)

    def finish(self) -> None:
        """End threads, survey and model; waits for the batches in work, delivers nothing more."""
        self._stop.set()
        self._again.stop()
        for one in (self._files, self._lists, self._people, self._engine):
            one.finish()
        if self._survey is not None:
            self._survey.close()
            self._survey = None
        if self._classifier is not None:
            self._classifier.close()
            self._classifier = None

    # The model

    def _opened(self, classifier: Classifier) -> None:
        if self._classifier is not None:
            self._classifier.close()
        self._classifier = classifier
        self.engine_opened.emit(EngineFacts.of(classifier))
        self._paused = False
        self._look_for_others()
        self._take_next()
        self._start()

    def _not_opened(self, error: Exception) -> None:
        self.engine_failed.emit(_said(error))
        if self._classifier is not None:  # the model that was open still is
            self.engine_opened.emit(EngineFacts.of(self._classifier))
            self.resume()

    # The survey

    def _take_next(self) -> None:
        """Open the survey of what was asked for first, and take it in; one at a time."""
        classifier = self._classifier
        if self._taking is None and self._wanted and classifier is not None:
            paths = self._wanted.popleft()
            self._taking = self._files.run(
                lambda _: self.shelf.place_for(paths),
                done=lambda place: self._open_survey(place, paths, classifier),
                failed=self._not_taken,
            )

    def _open_survey(self, place: Path, paths: list[str], classifier: Classifier) -> None:
        survey = self._survey
        if survey is not None and survey.path == place:
            self._take_in(survey, paths)
            return
        self._leave()
        self._taking = self._files.run(
            lambda _: Survey.open(place, paths, classifier),
            done=lambda opened: self._entered(opened, paths),
            failed=self._not_taken,
        )

    def _entered(self, survey: Survey, paths: list[str]) -> None:
        self._survey, self._query = survey, Query()
        self.survey_opened.emit(survey.folder)
        self._ask()
        self._count()
        self._look_for_others()
        self._take_in(survey, paths)

    def _take_in(self, survey: Survey, paths: list[str]) -> None:
        self._taking = self._files.run(
            lambda task: survey.take_in(paths, lambda: task.cancelled), done=self._taken_in, failed=self._not_taken
        )

    def _taken_in(self, summary: ScanSummary) -> None:
        self._taking = None
        self.scanned.emit(summary)
        self._ask()
        self._count()
        self._take_next()

    def _not_taken(self, error: Exception) -> None:
        self._taking = None
        self.run_failed.emit(_said(error))
        self._take_next()

    def _leave(self) -> None:
        """Let go of the open survey; a run in progress becomes stale, and the file is freed after it."""
        self._stop.set()
        for task in (self._run, self._taking, self._asking, self._counting):
            if task is not None:
                task.cancel()
        self._run = self._taking = self._asking = self._counting = None
        survey, self._survey = self._survey, None
        if survey is not None:
            # In the run's own thread: after it, and before anything else is identified.
            self._engine.run(lambda _: survey.close(), done=lambda _: None, failed=lambda _: None)

    # Lists and figures

    def _look_for_others(self) -> None:
        survey, classifier = self._survey, self._classifier
        if survey is not None and classifier is not None:
            self._lists.run(lambda _: survey.by_others(classifier), done=self.by_others.emit, failed=self._broke)

    def _ask(self) -> None:
        survey, query = self._survey, self._query
        if survey is None:
            return
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self._lists.run(lambda _: survey.asker.ids(query), done=self.listed.emit, failed=self._broke)

    def _count(self) -> None:
        survey = self._survey
        if survey is not None:
            self._counting = self._lists.run(lambda _: survey.state(), done=self._counted, failed=self._broke)

    def _counted(self, state: tuple[Counts, list[Record]]) -> None:
        self._counts = state[0]
        self.failed.emit(state[1])
        self.progressed.emit(self.progress)
        self._start()

    # The run

    def _start(self) -> None:
        classifier, survey = self._classifier, self._survey
        if self._run is None and classifier and survey and self._counts.pending and not self._paused:
            self._stop = stop = threading.Event()
            self._meter.start(self.progress.done)
            self._run = self._engine.run(
                lambda task: self._identify(task, survey, classifier, stop), done=self._ended, failed=self._broke
            )
        self.progressed.emit(self.progress)

    def _identify(self, task: Task, survey: Survey, classifier: Classifier, stop: threading.Event) -> None:
        """On a thread: answer what waits, in order; each batch is stored before it is shown."""
        pace = Pace(batch=self._batch, workers=Pace.here().workers)
        with closing(identify_pending(survey.catalogue, classifier, pace)) as batches:
            for records in batches:
                if task.cancelled:
                    return
                ids = list(survey.asker.ids_of(record.medium.relative for record in records).values())
                task.post(self._take, ids, [record for record in records if record.failure is not None])
                if stop.is_set():
                    return

    def _take(self, ids: list[int], failures: list[Record]) -> None:
        counts = self._counts
        self._counts = Counts(
            total=counts.total,
            pending=counts.pending - len(ids),
            answered=counts.answered + len(ids) - len(failures),
            blank=counts.blank,
            failed=counts.failed + len(failures),
            reviewed=counts.reviewed,
            vanished=counts.vanished,
            findings=counts.findings,
        )
        self._meter.mark(self.progress.done)
        self.answered.emit(ids)
        if failures:
            self.failed.emit(failures)
        self.progressed.emit(self.progress)
        if self._query != Query() and not self._again.isActive():
            self._again.start()

    def _ended(self, _: None) -> None:
        self._run = None
        self._start()
        self._count()
        if self._run is None and not self._counts.pending:
            self.ended.emit(self.progress, self._meter.elapsed_s)

    def _broke(self, error: Exception) -> None:
        self._run = None
        self._paused = True
        self.progressed.emit(self.progress)
        self.run_failed.emit(_said(error))

    # People

    def _say(self, what: Callable[[Survey], list[int]], *, go: bool) -> None:
        survey = self._survey
        if survey is not None:
            self._people.run(lambda _: what(survey), done=lambda ids: self._stored(ids, go), failed=self._not_stored)

    def _stored(self, ids: list[int], go: bool) -> None:
        if ids:
            self.reviewed.emit(ids, go)
            self._count()

    def _not_stored(self, error: Exception) -> None:
        self.run_failed.emit(_said(error))


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, AvistarError) else f"{type(error).__name__}: {error}"
