"""Questions about the open survey, answered off the UI thread; an older answer never follows a newer one.

What people say of photos: stored off the UI thread, one after the other, on the disk before it is shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from avistar import Classifier
from avistar.catalogue import Query
from avistar.errors import UsageError
from avistar.records import Review, Verdict
from avistar.species import Species
from avistar_gui.identify.session.survey import Survey
from avistar_gui.tasks import Task, TaskQueue

RETRY_MS = 5000
"""How long after a review could not be stored it is tried again."""


class SurveyQueries(QObject):
    """Asks the survey that `survey` gives, on the thread of `lists`; without one, nothing is answered."""

    listed = Signal(object)  # list[int]: ids of the media that the query chooses, in order
    counted = Signal(object)  # Counts, and the bytes that the disk lacks
    failures = Signal(object)  # list[Record]: all that failed
    by_others = Signal(object)  # list[int]: media that another model answered
    broke = Signal(object)  # Exception

    def __init__(self, lists: TaskQueue, survey: Callable[[], Survey | None], parent: QObject) -> None:
        super().__init__(parent)
        self._lists, self._survey = lists, survey
        self._tasks: dict[str, Task] = {}
        self.query = Query()

    def ask(self) -> None:
        """List the media that `query` chooses; answers `listed`."""
        survey, query = self._survey(), self.query
        if survey is not None:
            self._newest("ask", lambda: survey.asker.ids(query), self.listed)

    def count(self) -> None:
        """Count; answers `counted`. A count that was asked for before a scan never speaks after it."""
        survey = self._survey()
        if survey is not None:
            self._newest("count", survey.counts, self.counted)

    def list_failures(self) -> None:
        """Look what failed; answers `failures`."""
        survey = self._survey()
        if survey is not None:
            self._newest("failures", survey.failures, self.failures)

    def look_for_others(self, classifier: Classifier | None) -> None:
        """Look what was answered by something that answers otherwise than `classifier`; answers `by_others`."""
        survey = self._survey()
        if survey is not None and classifier is not None:
            self._newest("others", lambda: survey.by_others(classifier), self.by_others)

    def leave(self) -> None:
        """Nobody waits for an answer any more."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        self.query = Query()

    def _newest(self, name: str, work: Callable[[], object], answer: SignalInstance) -> None:
        earlier = self._tasks.get(name)
        if earlier is not None:
            earlier.cancel()
        self._tasks[name] = self._lists.run(lambda _: work(), done=answer.emit, failed=self.broke.emit)


class ReviewWriter(QObject):
    """Stores reviews in the survey that `survey` gives, on the thread of `people`; without one, nothing happens."""

    stored = Signal(object, bool)  # list[int]: the media, and whether to go there (after undo and redo)
    unsaved = Signal(object, object)  # list[int]: media whose reviews wait to be stored, and the Exception
    saved = Signal()  # nothing waits any more
    accepted = Signal(object, object)  # list[int]: the media, and those of which nothing was said
    broke = Signal(object)  # Exception

    def __init__(self, people: TaskQueue, survey: Callable[[], Survey | None], parent: QObject) -> None:
        super().__init__(parent)
        self._people, self._survey = people, survey
        self._waiting: deque[tuple[list[int], Callable[[Survey], list[int]]]] = deque()
        self._storing = self._failed = False
        self._again = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._again.timeout.connect(self.retry)

    @property
    def blocked(self) -> bool:
        """Whether a review could not be stored and still waits."""
        return self._failed

    def review(self, ids: Sequence[int], verdict: Verdict, species: str, reviewer: str) -> None:
        """Store what a person says of some media."""
        said = Review(verdict, species, reviewer, datetime.now(UTC))

        def store(survey: Survey) -> list[int]:
            survey.catalogue.review(ids, said)
            return list(ids)

        self._waiting.append((list(ids), store))
        self.retry()

    def add(self, name: str, ids: Sequence[int], reviewer: str) -> None:
        """Add a species to the survey's list, and say that it is what some media show."""
        now = datetime.now(UTC)

        def store(survey: Survey) -> list[int]:
            (made,) = survey.catalogue.species.add([Species("", name, name, "", "")], reviewer)
            survey.catalogue.review(ids, Review("species", made.id, reviewer, now))
            return list(ids)

        self._waiting.append((list(ids), store))
        self.retry()

    def retry(self) -> None:
        """Store what waits, in the order in which it was said; nothing is given up while the survey is open."""
        survey = self._survey()
        if survey is None or self._storing or not self._waiting:
            return
        self._again.stop()
        self._storing = True
        ids, store = self._waiting[0]
        self._people.run(
            lambda _: store(survey), done=lambda _: self._one_stored(ids), failed=lambda error: self._not_stored(error)
        )

    def leave(self) -> None:
        """The survey is let go of."""
        self._again.stop()
        self._waiting.clear()
        self._storing = self._failed = False

    def accept(self, ids: Sequence[int], reviewer: str) -> None:
        """Store of each medium what was answered, in one step, where that is a species and nobody said anything yet."""
        now = datetime.now(UTC)

        def store(survey: Survey) -> list[int]:
            return survey.catalogue.accept(ids, reviewer, now)

        def done(said: list[int]) -> None:
            if said:
                self.stored.emit(said, False)
            known = set(said)
            self.accepted.emit(said, [id for id in ids if id not in known])

        survey = self._survey()
        if survey is not None:
            self._people.run(lambda _: store(survey), done=done, failed=self.broke.emit)

    def undo(self) -> None:
        """Take the last review back."""
        self._do(lambda survey: survey.catalogue.undo(), go=True)

    def redo(self) -> None:
        """Say again what was taken back last."""
        self._do(lambda survey: survey.catalogue.redo(), go=True)

    def _one_stored(self, ids: list[int]) -> None:
        self._storing = False
        if self._waiting:
            self._waiting.popleft()
        self.stored.emit(ids, False)
        if self._waiting:
            self.retry()
        elif self._failed:
            self._failed = False
            self.saved.emit()

    def _not_stored(self, error: Exception) -> None:
        if isinstance(error, UsageError):  # a name that is taken, for instance: trying again changes nothing
            self._storing = False
            self._waiting.popleft()
            self.broke.emit(error)
            self.retry()
            return
        self._storing, self._failed = False, True
        self._again.start()
        self.unsaved.emit([id for ids, _ in self._waiting for id in ids], error)

    def _do(self, what: Callable[[Survey], list[int]], *, go: bool) -> None:
        survey = self._survey()
        if survey is not None:
            self._people.run(
                lambda _: what(survey),
                done=lambda ids: self.stored.emit(ids, go) if ids else None,
                failed=self.broke.emit,
            )
