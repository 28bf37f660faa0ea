"""A second model answers the open survey's photos beside the one that stands. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from PySide6.QtCore import QObject, Signal

from avistar import Classifier
from avistar.comparison import AnsweredBeside, answer_beside
from avistar_gui.identify.session.survey import Survey
from avistar_gui.tasks import Task, TaskQueue


class SecondModel(QObject):
    """Works on the thread of `engine`, after whatever is in work there."""

    answered = Signal()
    stopped = Signal()  # nobody hears of its end any more

    def __init__(
        self,
        engine: TaskQueue,
        survey: Callable[[], Survey | None],
        opener: Callable[[str | None], Classifier],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._engine, self._survey, self._opener = engine, survey, opener
        self._task: Task | None = None

    def answer(
        self,
        folder: str,
        told: Callable[[int, int], None],
        ended: Callable[[AnsweredBeside, int], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Let the bundle in `folder` answer the open survey's photos too; what stands stays.

        Calls `told` with how many of how many are done, then `ended` with what came of it and on how many photos of
        the survey models differ by then, or `failed`.
        """
        survey = self._survey()
        if survey is None:
            return

        def work(task: Task) -> tuple[AnsweredBeside, int]:
            with closing(self._opener(folder)) as classifier:
                found = answer_beside(
                    survey.catalogue,
                    classifier,
                    progress=lambda done, total: task.post(told, done, total),
                    cancelled=lambda: task.cancelled,
                )
            return found, survey.catalogue.counts().models_differ

        def done(found: tuple[AnsweredBeside, int]) -> None:
            self._task = None
            ended(*found)
            self.answered.emit()

        def broke(error: Exception) -> None:
            self._task = None
            failed(error)

        self._task = self._engine.run(work, done=done, failed=broke)

    def stop(self) -> None:
        """End within the batch in work; what was answered stays, and the next time it goes on."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self.answered.emit()
            self.stopped.emit()
