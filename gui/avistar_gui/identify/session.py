"""What goes on: the open model, the photos that wait, the run. Knows no widget and no view.

Everything slow happens in `Background`; what comes back are immutable values in signals.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QObject, Signal

from avistar import AvistarError, Classifier, Identification
from avistar.pipeline import identify_all
from avistar_gui.identify.files import ScanSummary, scan
from avistar_gui.progress import Meter, Progress
from avistar_gui.tasks import Background, Task
from avistar_gui.wording import Names

OpenClassifier = Callable[[str | None], Classifier]
BATCH = 8


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What identifies: the bundle's name and folder, the precision, what it runs on and what was rejected.

    `accuracy` as in the bundle's manifest (fractions, 0 to 1).
    """

    bundle: str
    folder: str
    precision: str
    runs_on: str
    rejected: tuple[str, ...]
    accuracy: dict[str, float]
    names: Names

    @classmethod
    def of(cls, classifier: Classifier) -> EngineFacts:
        """The facts of an open classifier."""
        provenance, manifest = classifier.provenance, classifier.bundle.manifest
        return cls(
            bundle=provenance.bundle,
            folder=str(classifier.bundle.folder),
            precision=provenance.precision,
            runs_on=provenance.runs_on,
            rejected=tuple(classifier.rejected),
            accuracy=manifest.accuracy,
            names=Names.of(classifier),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The identification of the photo at `path`."""

    path: str
    identification: Identification


class Session(QObject):
    """Opens a model, finds photos and identifies them, one run at a time.

    `open_classifier` gets a bundle's folder, or None for the default one.
    """

    engine_opening = Signal()
    engine_opened = Signal(object)  # EngineFacts
    engine_failed = Signal(str)
    found = Signal(object)  # list[str], each path once in a session
    scanned = Signal(object)  # ScanSummary
    answered = Signal(object)  # list[Answer]
    progressed = Signal(object)  # Progress
    run_failed = Signal(str)
    ended = Signal(object, float)  # Progress, seconds that the run took; only when nothing is left

    def __init__(self, open_classifier: OpenClassifier, *, batch: int = BATCH, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_classifier = open_classifier
        self._batch = batch
        self._classifier: Classifier | None = None
        self._known: set[str] = set()
        self._waiting: deque[str] = deque()
        self._stop = threading.Event()
        self._run: Task | None = None
        self._scans: set[Task] = set()
        self._paused = False
        self._done = 0
        self._failed: set[str] = set()
        self._meter = Meter()
        self._engine = Background("engine", 1, self)
        self._files = Background("files", 1, self)

    @property
    def running(self) -> bool:
        """Whether photos are being identified."""
        return self._run is not None

    @property
    def classifier(self) -> Classifier | None:
        """The open model, None while there is none; it is closed once `engine_opening` was followed by another."""
        return self._classifier

    @property
    def progress(self) -> Progress:
        """How far the session is."""
        total = len(self._known)
        left = self._meter.seconds_left(total - self._done) if self.running else None
        return Progress(self._done, total, len(self._failed), self._meter.per_second, left, self.running)

    def open(self, folder: str | None = None) -> None:
        """Open the bundle in `folder`; answers `engine_opened` or `engine_failed`."""
        self.stop()
        self.engine_opening.emit()
        self._engine.run(lambda _: self._open_now(folder), done=self._opened, failed=self._not_opened)

    def add(self, paths: Iterable[str]) -> None:
        """Look for photos in `paths` and identify them; answers `found`, then `scanned`."""
        asked = list(paths)
        self._paused = False

        def done(result: ScanSummary) -> None:
            self._scans.discard(task)
            self.scanned.emit(result)

        def failed(error: Exception) -> None:
            self._scans.discard(task)
            self.run_failed.emit(str(error))

        task = self._files.run(
            lambda t: scan(asked, lambda chunk: t.post(self._found, chunk), lambda: t.cancelled),
            done=done,
            failed=failed,
        )
        self._scans.add(task)

    def retry(self, paths: Iterable[str]) -> None:
        """Identify these once more: their files may have been mended."""
        again = [path for path in paths if path in self._failed]
        self._failed.difference_update(again)
        self._done -= len(again)
        self._waiting.extend(again)
        self.resume()

    def stop(self) -> None:
        """End the run within a batch; what is answered stays, the rest waits for `resume`."""
        self._paused = True
        self._stop.set()

    def resume(self) -> None:
        """Identify what waits."""
        self._paused = False
        self._start()

    def clear(self) -> None:
        """Forget every photo; a run in progress becomes stale."""
        for task in self._scans:
            task.cancel()
        self._scans.clear()
        self._stop.set()
        if self._run is not None:
            self._run.cancel()
            self._run = None
        self._waiting = deque()
        self._known.clear()
        self._failed.clear()
        self._done = 0
        self.progressed.emit(self.progress)

    def finish(self) -> None:
        """End threads and model; waits for the batch in work, delivers nothing more."""
        self._stop.set()
        self._files.finish()
        self._engine.finish()
        if self._classifier is not None:
            self._classifier.close()
            self._classifier = None

    def _open_now(self, folder: str | None) -> Classifier:
        return self._open_classifier(folder)

    def _opened(self, classifier: Classifier) -> None:
        if self._classifier is not None:
            self._classifier.close()
        self._classifier = classifier
        self.engine_opened.emit(EngineFacts.of(classifier))
        self.resume()

    def _not_opened(self, error: Exception) -> None:
        self.engine_failed.emit(_said(error))
        if self._classifier is not None:  # the model that was open still is
            self.engine_opened.emit(EngineFacts.of(self._classifier))
            self.resume()

    def _found(self, paths: list[str]) -> None:
        fresh = [path for path in dict.fromkeys(paths) if path not in self._known]
        self._known.update(fresh)
        self._waiting.extend(fresh)
        if fresh:
            self.found.emit(fresh)
        self.progressed.emit(self.progress)
        self._start()

    def _start(self) -> None:
        if self._run is None and self._classifier is not None and self._waiting and not self._paused:
            classifier, waiting = self._classifier, self._waiting
            self._stop = stop = threading.Event()
            self._meter.start(self._done)
            self._run = self._engine.run(
                lambda task: self._identify(task, classifier, waiting, stop), done=self._ended, failed=self._broke
            )
        self.progressed.emit(self.progress)

    def _identify(self, task: Task, classifier: Classifier, waiting: deque[str], stop: threading.Event) -> None:
        """On a thread: answer what waits, in order; what was taken but not answered goes back."""
        taken: deque[str] = deque()
        answers: list[Answer] = []
        stream = identify_all(classifier, _taking(waiting, taken, stop), batch=self._batch)
        try:
            for identification in stream:
                answers.append(Answer(taken.popleft(), identification))
                # Answers come in whole batches: each is shown as soon as it is there.
                if len(answers) == self._batch:
                    task.post(self._take, answers)
                    answers = []
                    if stop.is_set():
                        break
        finally:
            if answers:
                task.post(self._take, answers)
            cast("Generator[Identification]", stream).close()  # ends its decoding threads now
            waiting.extendleft(reversed(taken))

    def _take(self, answers: list[Answer]) -> None:
        self._done += len(answers)
        self._failed.update(answer.path for answer in answers if answer.identification.failure is not None)
        self._meter.mark(self._done)
        self.answered.emit(answers)
        self.progressed.emit(self.progress)

    def _ended(self, _: None) -> None:
        self._run = None
        self._start()
        if self._run is None and not self._waiting:
            self.ended.emit(self.progress, self._meter.elapsed_s)

    def _broke(self, error: Exception) -> None:
        self._run = None
        self._paused = True
        self.progressed.emit(self.progress)
        self.run_failed.emit(_said(error))


def _taking(waiting: deque[str], taken: deque[str], stop: threading.Event) -> Iterator[str]:
    while not stop.is_set():
        try:
            path = waiting.popleft()
        except IndexError:
            return
        taken.append(path)
        yield path


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, AvistarError) else f"{type(error).__name__}: {error}"
