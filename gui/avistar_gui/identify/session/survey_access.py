"""Questions about the open survey, answered off the UI thread; an older answer never follows a newer one.

What people say of photos: stored off the UI thread, one after the other, on the disk before it is shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from avistar import Classifier
from avistar.catalogue import Catalogue, Query
from avistar.errors import CatalogueError, UsageError
from avistar.records import Remark, Review
from avistar.species import Species
from avistar_gui.identify.session.statement import Change
from avistar_gui.identify.session.survey import Survey
from avistar_gui.tasks import Task, TaskQueue

PAGE = 500
"""Photos that are read at a time to say something of many."""

RETRY_MS = 5000
"""How long after a review could not be stored it is tried again."""


class SurveyQueries(QObject):
    """Asks the survey that `survey` gives, on the thread of `lists`; without one, nothing is answered."""

    listed = Signal(object)  # list[int]: ids of the media that the query chooses, in order
    counted = Signal(object)  # Counts, and the bytes that the disk lacks
    failures = Signal(object)  # list[Record]: all that failed
    by_others = Signal(object)  # list[int]: media that another model answered
    favourites = Signal(object)  # tuple[str, ...]: the species that people named last, latest first
    unreviewed = Signal(object)  # list[int]: of the media that the query chooses, in order
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
            self._newest("ask", lambda: survey.ids(query), self.listed)

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

    def look_for_unreviewed(self) -> None:
        """Look which of the media that `query` chooses nobody reviewed; answers `unreviewed`."""
        survey, query = self._survey(), self.query
        if survey is not None and query.reviewed is not True:
            self._newest("unreviewed", lambda: survey.asker.ids(replace(query, reviewed=False)), self.unreviewed)

    def look_for_favourites(self) -> None:
        """Look which species people named last; answers `favourites`."""
        survey = self._survey()
        if survey is not None:
            self._newest("favourites", lambda: survey.asker.species.last_used(), self.favourites)

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


def changed(survey: Survey, ids: Sequence[int], change: Change, *, reviewer: str, at: datetime) -> list[int]:
    """Store what `change` makes of each of some media, as one step; those of which anything was said."""
    said = []
    for start in range(0, len(ids), PAGE):
        page = ids[start : start + PAGE]
        for id, record in zip(page, survey.catalogue.records_of(page), strict=True):
            statement = change(record)
            if statement is not None:
                said.append((id, Review.of(statement.sightings, reviewer, at, whole=statement.whole)))
    if said:
        survey.catalogue.review_each(said)
    return [id for id, _ in said]


@dataclass(frozen=True, slots=True, eq=False)
class _Word:
    """Something that a person says of a survey. `kept`: it is tried again until it is on the disk."""

    survey: Survey
    ids: tuple[int, ...]
    store: Callable[[Survey], list[int]]
    done: Callable[[list[int]], None]
    kept: bool = True


class ReviewWriter(QObject):
    """Stores what people say in the survey that `survey` gives, in that order, on the one thread of `people`.

    Without a survey nothing happens. What can't be stored waits, and everything after it, and is tried again.
    """

    stored = Signal(object, bool)  # list[int]: the media, and whether to go there (after undo and redo)
    unsaved = Signal(object, object)  # list[int]: media whose reviews wait to be stored, and the Exception
    saved = Signal()  # nothing waits any more
    renamed = Signal()  # the survey's list of species may be another; comes before `stored`
    redeployed = Signal()  # what is known of the survey's cameras may be another; comes before `stored`
    accepted = Signal(object, object)  # list[int]: the media, and those of which nothing was said
    broke = Signal(object)  # Exception

    def __init__(self, people: TaskQueue, survey: Callable[[], Survey | None], parent: QObject) -> None:
        super().__init__(parent)
        self._people, self._survey = people, survey
        self._waiting: deque[_Word] = deque()  # filled here, emptied on the thread
        self._blocked = False
        self._again = QTimer(self, singleShot=True, interval=RETRY_MS)
        self._again.timeout.connect(self.retry)

    @property
    def blocked(self) -> bool:
        """Whether a review could not be stored and still waits."""
        return self._blocked

    def waits(self, id: int) -> bool:
        """Whether something that was said of a medium is not on the disk yet."""
        return any(id in word.ids for word in tuple(self._waiting))

    def add(self, new: Species, ids: Sequence[int], change: Callable[[str], Change], reviewer: str) -> None:
        """Add a species to the survey's list, and say `change(its id)` of some media."""
        now = datetime.now(UTC)

        def store(survey: Survey) -> list[int]:
            species = survey.catalogue.species
            _, listed = species.unlisted([new])  # there already: it was added, and the review was not stored
            made = listed[0][1] if listed else species.add([new], reviewer)[0]
            return changed(survey, ids, change(made.id), reviewer=reviewer, at=now)

        self._do(ids, store, lambda stored: self._listed(stored, go=False))

    def change(self, ids: Sequence[int], change: Change, reviewer: str) -> None:
        """Store what a person says of some media, given what is known of each by then; one step."""
        now = datetime.now(UTC)
        store = partial(changed, ids=tuple(ids), change=change, reviewer=reviewer, at=now)
        self._do(ids, store, lambda stored: self.stored.emit(stored, False) if stored else None)

    def remark(self, ids: Sequence[int], remark: Callable[[Remark | None], Remark]) -> None:
        """Give each of some media the comment and tags that `remark` makes of those that it has; one step."""

        def store(survey: Survey) -> list[int]:
            before = [(id, record.remark) for id, record in zip(ids, survey.catalogue.records_of(ids), strict=True)]
            survey.catalogue.review_each((), [(id, remark(known)) for id, known in before])
            return list(ids)

        self._do(ids, store, lambda stored: self.stored.emit(stored, False))

    def accept(self, ids: Sequence[int], reviewer: str) -> None:
        """Store of each medium what was answered, in one step, where it is clear and nobody said anything yet."""
        now = datetime.now(UTC)

        def done(said: list[int]) -> None:
            if said:
                self.stored.emit(said, False)
            known = set(said)
            self.accepted.emit(said, [id for id in ids if id not in known])

        self._do(ids, lambda survey: survey.catalogue.accept(ids, reviewer, now), done)

    def say(self, store: Callable[[Catalogue], list[int]]) -> None:
        """Store what people say of the survey's cameras, in its turn; `store` gives the media that it changes."""

        def done(ids: list[int]) -> None:
            self.redeployed.emit()
            self.stored.emit(ids, False)

        self._do((), lambda survey: store(survey.catalogue), done)

    def undo(self) -> None:
        """Take the last review back."""
        self._do((), lambda survey: survey.catalogue.undo(), lambda ids: self._listed(ids, go=True), kept=False)

    def redo(self) -> None:
        """Say again what was taken back last."""
        self._do((), lambda survey: survey.catalogue.redo(), lambda ids: self._listed(ids, go=True), kept=False)

    def retry(self) -> None:
        """Store what waits."""
        self._again.stop()
        if self._waiting:
            self._people.run(lambda _: self._drain(), done=self._make, failed=self.broke.emit)

    def leave(self, survey: Survey, then: Callable[[], object]) -> None:
        """The survey is let go of: store what waits for it, then call `then`. What can't be stored now is told."""

        def last() -> Exception | None:
            self._drain()
            rest = [change for change in self._waiting if change.survey is survey]
            for change in rest:
                self._waiting.remove(change)
            return CatalogueError("reviews of {photos} photos were not saved", photos=len(rest)) if rest else None

        def left(error: Exception | None) -> None:
            if error is not None:
                self.broke.emit(error)
            then()

        self._again.stop()
        self._blocked = False
        self._people.run(lambda _: last(), done=left, failed=left)

    def finish(self) -> None:
        """The thread has ended: store what it was still to store, here."""
        self._again.stop()
        self._drain()

    def _do(
        self,
        ids: Sequence[int],
        store: Callable[[Survey], list[int]],
        done: Callable[[list[int]], None],
        *,
        kept: bool = True,
    ) -> None:
        survey = self._survey()
        if survey is not None:
            self._waiting.append(_Word(survey, tuple(ids), store, done, kept))
            self.retry()

    def _listed(self, ids: list[int], *, go: bool) -> None:
        self.renamed.emit()  # also where no photo is another: names, or what is known of cameras, may be
        self.redeployed.emit()
        self.stored.emit(ids, go)

    def _drain(self) -> list[tuple[Survey, Callable[[], object]]]:
        """Store what waits, in order, up to the first that must wait longer; the calls that tell of it."""
        calls: list[tuple[Survey, Callable[[], object]]] = []
        while self._waiting:
            change = self._waiting[0]
            try:
                stored = change.store(change.survey)
            except Exception as error:  # a name that is taken, for instance, is taken the next time, too
                if change.kept and not isinstance(error, UsageError):
                    calls.append((change.survey, partial(self._block, error)))
                    return calls
                calls.append((change.survey, partial(self.broke.emit, error)))
            else:
                calls.append((change.survey, partial(change.done, stored)))
            self._waiting.popleft()
        return calls

    def _make(self, calls: list[tuple[Survey, Callable[[], object]]]) -> None:
        """Tell what came of it; of a survey that was left meanwhile nobody wants to hear."""
        for survey, call in calls:
            if survey is self._survey():
                call()
        if self._blocked and not self._waiting:
            self._blocked = False
            self.saved.emit()

    def _block(self, error: Exception) -> None:
        self._blocked = True
        self._again.start()
        self.unsaved.emit([id for change in self._waiting for id in change.ids], error)
