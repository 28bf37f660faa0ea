"""Work that another process does for the Analysis screen: followed, cancelled, and its result handed over."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from avistar_gui.analysis import texts
from avistar_gui.analysis.data.worker import WorkerRequest, WorkerResult
from avistar_gui.child_process import ChildMessage, ChildProcess, avistar_command
from avistar_gui.tasks import TaskQueue
from avistar_gui.texts import text_of
from avistar_gui.widgets.work_panel import WorkPanel

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What to do: `prepare` makes the request on a thread, given a folder for files; `take` gets the result there.

    What `take` gives goes to `done`, on the UI thread.
    """

    title: Callable[[], str]
    prepare: Callable[[Path], WorkerRequest]
    take: Callable[[WorkerResult], object]
    done: Callable[[object], None]


class JobRunner(QObject):
    """One job at a time, shown in `panel`. `changed` when one begins or ends; `ended` (a sentence, s) after one."""

    changed = Signal()
    ended = Signal(str, float)

    def __init__(self, panel: WorkPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._panel = panel
        self._child = ChildProcess(self)
        self._background = TaskQueue("analysis-work", 1, self)
        self._job: Job | None = None
        self._folder: Path | None = None
        self._said = ""
        self._child.message.connect(self._show_message)
        self._child.ended.connect(self._stopped)
        panel.cancel_wanted.connect(self.cancel)

    @property
    def running(self) -> bool:
        """Whether something is at work."""
        return self._job is not None

    def start(self, job: Job) -> None:
        """Begin; nothing happens while something else is at work."""
        if self.running:
            return
        self._job, self._said = job, ""
        self._panel.begin(job.title())
        self._panel.go_on(translate("JobRunner", "Preparing…"), 0, 0)
        self.changed.emit()
        self._background.run(
            lambda _: self._request(job), done=lambda folder: self._launch(job, folder), failed=self._failed
        )

    def cancel(self) -> None:
        """End it: nothing of it is kept."""
        if self._child.running:
            self._child.kill()
        elif self.running:
            self._end(translate("JobRunner", "Cancelled."))

    def finish(self) -> None:
        """End the process and the thread; safe to call twice."""
        self._job = None
        self._child.finish()
        self._background.finish()
        self._tidy()

    def _request(self, job: Job) -> Path:
        """On a thread: a folder with the request in it."""
        folder = Path(tempfile.mkdtemp(prefix="avistar-"))
        request = replace(job.prepare(folder), result=str(folder / "result.npz"))
        request.write(folder / "request.json")
        return folder

    def _launch(self, job: Job, folder: Path) -> None:
        if self._job is not job:  # cancelled meanwhile
            shutil.rmtree(folder, ignore_errors=True)
        else:
            self._folder = folder
            self._child.run(avistar_command("gui", "--work", str(folder / "request.json")))

    def _show_message(self, line: ChildMessage) -> None:
        if line.event == "progress":
            self._panel.go_on(texts.step(line.what, line.done, line.total), line.done, line.total)
        elif line.event == "failed" or (line.event == "note" and not self._said):
            self._said = line.text

    def _stopped(self, code: int, cancelled: bool) -> None:
        job, folder = self._job, self._folder
        if job is None or folder is None:
            return
        if cancelled:
            self._end(translate("JobRunner", "Cancelled."))
        elif code != 0:
            self._end(
                text_of(self._said)
                or translate("JobRunner", "It ended without a result (code {code}).").format(code=code)
            )
        else:
            self._background.run(
                lambda _: job.take(WorkerResult.load(folder / "result.npz")), done=self._taken, failed=self._failed
            )

    def _taken(self, result: object) -> None:
        job = self._job
        if job is not None:
            self._end(translate("JobRunner", "Done."))
            job.done(result)
            self._panel.hide()

    def _failed(self, error: Exception) -> None:
        self._end(text_of(error))

    def _end(self, sentence: str) -> None:
        job, self._job = self._job, None
        self._panel.end(sentence)
        self._tidy()
        self.ended.emit(sentence if job is None else f"{job.title()}: {sentence}", self._child.elapsed_s)
        self.changed.emit()

    def _tidy(self) -> None:
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
