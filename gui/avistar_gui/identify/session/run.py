"""The run over what is pending in a survey: on a thread, stored batch by batch, stopped within one."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from avistar import AvistarError, Classifier, Fault
from avistar.adaptation.answering import answer_again, answered_otherwise
from avistar.adaptation.survey_embeddings import SurveyEmbeddings
from avistar.files import printable
from avistar.message import Message, reason_of
from avistar.options import MediaChoices
from avistar.pipeline import Pace
from avistar.records import Record
from avistar.survey import decide_again, identify_pending, join_bursts
from avistar_gui.identify.session.survey import Survey
from avistar_gui.tasks import Task, TaskQueue

PROBE_BATCH, WAVES = 4, 3
"""Photos in a worker's batch of a probe, and how often each gets one; the first time allocates, and does not count."""

FIRST_JOIN = 64
"""Answers after which bursts are looked for first; then at twice as many, and so on: at most twice the work."""


class CardGone(Exception):
    """The survey's folder is no longer there: what is pending waits until it is."""


@dataclass(frozen=True, slots=True, eq=False)
class RunOrder:
    """What to identify, and how. `probe`: only a few photos, to see how fast it goes."""

    survey: Survey
    classifier: Classifier
    choices: MediaChoices
    batch: int
    probe: bool = False

    @property
    def deciding(self) -> Classifier:
        """The classifier as it decides at the survey's site."""
        return self.survey.limited(self.classifier)


class Runner(QObject):
    """Carries out one `RunOrder` at a time on the thread of `engine`."""

    stored = Signal(object, object)  # ids of media that were answered, and the records among them with problems
    answered_again = Signal(int, int)  # media answered from what the network saw, and those that are pending now
    joined = Signal()  # photos of bursts have other answers now
    measured = Signal(float)  # photos a second, after a probe
    ended = Signal()
    broke = Signal(object)  # Exception

    def __init__(self, engine: TaskQueue, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._run: Task | None = None
        self._stop = threading.Event()

    @property
    def running(self) -> bool:
        """Whether an order is in work."""
        return self._run is not None

    def start(self, order: RunOrder) -> None:
        """Carry `order` out; answers `ended` or `broke`."""
        self._stop = stop = threading.Event()
        self._run = self._engine.run(
            lambda task: _Work(self, task, order, stop).do(), done=self._ended, failed=self._broke
        )

    def join(self, order: RunOrder) -> None:
        """Answer bursts together as `order` says, after whatever is in work; answers `joined`."""

        def work(task: Task) -> None:
            survey = order.survey
            join_bursts(survey.catalogue, order.deciding, order.choices.gap, cancelled=lambda: task.cancelled)
            survey.mark_unjoined(task.cancelled and survey.unjoined)

        self._engine.run(work, done=lambda _: self.joined.emit(), failed=self.broke.emit)

    def answer_again(self, order: RunOrder) -> None:
        """Answer what other models answered, after whatever is in work; answers `answered_again`."""

        def work(task: Task) -> tuple[int, int]:
            survey, classifier = order.survey, order.deciding
            survey.keep_species(order.classifier)
            decided = decide_again(survey.catalogue, classifier)
            ids = answered_otherwise(survey.catalogue, classifier, unreviewed=True)
            left = answer_again(survey.catalogue, classifier, ids, cancelled=lambda: task.cancelled)
            if task.cancelled:
                return 0, 0
            survey.catalogue.forget_answers(left)
            join_bursts(survey.catalogue, classifier, order.choices.gap, cancelled=lambda: task.cancelled)
            return decided + len(ids) - len(left), len(left)

        self._engine.run(work, done=lambda numbers: self.answered_again.emit(*numbers), failed=self.broke.emit)

    def stop(self) -> None:
        """End within the batches in work."""
        self._stop.set()

    def leave(self) -> None:
        """Nobody waits for the order in work any more."""
        self._stop.set()
        if self._run is not None:
            self._run.cancel()
        self._run = None

    def _ended(self, _: None) -> None:
        self._run = None
        self.ended.emit()

    def _broke(self, error: Exception) -> None:
        self._run = None
        self.broke.emit(error)


class _Work:
    """What the thread does for an order."""

    def __init__(self, runner: Runner, task: Task, order: RunOrder, stop: threading.Event) -> None:
        self._runner, self._task, self._order, self._stop = runner, task, order, stop
        self._answered, self._next_join = 0, FIRST_JOIN
        self._marks: list[tuple[float, int]] = []

    def do(self) -> None:
        """Answer what waits, in order; each batch is stored before it is told."""
        order, workers = self._order, Pace.here().workers
        opener = order.choices.opening(Path(order.survey.folder))
        pace = Pace(PROBE_BATCH if order.probe else order.batch, workers)
        sample = PROBE_BATCH * workers * WAVES if order.probe else None
        order.survey.keep_species(order.classifier)
        order.survey.keep_detector(order.choices, opener)
        if order.choices.gap is not None and not order.probe:
            order.survey.mark_unjoined(True)
        kept = SurveyEmbeddings.for_run(order.survey.catalogue, order.classifier)
        batches = identify_pending(
            order.survey.catalogue,
            order.deciding,
            pace,
            opener=opener,
            sample=sample,
            keep=kept.keep,
        )
        with closing(kept), closing(batches):
            for records in batches:
                if self._task.cancelled:
                    return
                self._tell(records)
                if self._stop.is_set():
                    return
                if order.choices.gap is not None and not order.probe and self._answered >= self._next_join:
                    self._next_join *= 2
                    self._join()
        if order.probe:
            self._task.post(self._runner.measured.emit, rate_after(self._marks, warm=PROBE_BATCH * workers))
        else:
            self._join()
            order.survey.mark_unjoined(self._task.cancelled and order.survey.unjoined)

    def _tell(self, records: Sequence[Record]) -> None:
        survey = self._order.survey
        failures = [record for record in records if record.failure is not None]
        ids = survey.asker.ids_of(record.medium.relative for record in records)
        missing = [one for one in failures if one.failure is not None and one.failure.fault is Fault.MISSING]
        if missing and not Path(survey.folder).exists():
            survey.catalogue.forget_answers([ids[one.medium.relative] for one in missing])
            raise CardGone(survey.folder)
        self._answered += len(records)
        self._marks.append((time.monotonic(), self._answered))
        problems = [record for record in records if record.failure is not None or record.incomplete]
        self._task.post(self._runner.stored.emit, list(ids.values()), problems)

    def _join(self) -> None:
        order = self._order
        if order.choices.gap is not None and join_bursts(
            order.survey.catalogue, order.deciding, order.choices.gap, cancelled=lambda: self._task.cancelled
        ):
            self._task.post(self._runner.joined.emit)


def rate_after(marks: Sequence[tuple[float, int]], warm: int) -> float:
    """Photos a second after the first `warm` ones, from (moment in s, photos done by then); 0 where unknown."""
    start = next((mark for mark in marks if mark[1] >= warm), None)
    if start is None or marks[-1][1] <= start[1] or marks[-1][0] <= start[0]:
        return 0.0
    return (marks[-1][1] - start[1]) / (marks[-1][0] - start[0])


def error_text(error: Exception) -> str:
    """An error in words: our own as they are, the system's with its file, others with what they are."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return Message("{file} can't be read: {error}", file=printable(error.filename), error=reason_of(error))
    return str(error) if isinstance(error, AvistarError) else f"{type(error).__name__}: {error}"
