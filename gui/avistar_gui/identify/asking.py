"""Questions about the open survey, answered off the UI thread; an older answer never follows a newer one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, SignalInstance

from avistar import Classifier
from avistar.catalogue import Query
from avistar_gui.identify.survey import Survey
from avistar_gui.tasks import Background, Task


class Asking(QObject):
    """Asks the survey that `survey` gives, on the thread of `lists`; without one, nothing is answered."""

    listed = Signal(object)  # list[int]: ids of the media that the query chooses, in order
    counted = Signal(object)  # Counts, and the bytes that the disk lacks
    failures = Signal(object)  # list[Record]: all that failed
    by_others = Signal(object)  # list[int]: media that another model answered
    broke = Signal(object)  # Exception

    def __init__(self, lists: Background, survey: Callable[[], Survey | None], parent: QObject) -> None:
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
