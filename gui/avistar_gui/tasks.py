"""The one door off the UI thread. Knows nothing of pictures, models or widgets.

One long-lived object with one queued signal that carries the call to make. A signal object for each task
would either answer before anyone listens or pile up; both were tried and failed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")


class Task:
    """One piece of work off the UI thread; once cancelled it is stale, and nothing of it is delivered."""

    def __init__(self, background: TaskQueue) -> None:
        self._background = background
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for it any more; the work should end soon."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Make it stale: what it has posted and what it will post is dropped."""
        self._cancelled.set()

    def post(self, call: Callable[..., None], *arguments: Any) -> None:
        """From the work: have `call(*arguments)` made on the UI thread, unless the task is stale by then."""
        self._background._called.emit(partial(self._make, call, *arguments))

    def _make(self, call: Callable[..., None], *arguments: Any) -> None:
        if not self.cancelled:
            call(*arguments)


class TaskQueue(QObject):
    """A few named threads for slow work; results and errors come back as calls on the UI thread.

    Python threads rather than a `QThreadPool`: they are named and enumerable, so that a test can tell
    that none is left.
    """

    _called = Signal(object)

    def __init__(self, name: str, threads: int = 1, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"avistar-gui-{name}")
        self._tasks: set[Task] = set()
        self._open = True
        self._called.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[Task], T], *, done: Callable[[T], None], failed: Callable[[Exception], None]) -> Task:
        """Call `work(task)` on a thread, then `done(result)` or `failed(error)` on the UI thread."""
        task = Task(self)
        if self._open:
            self._tasks.add(task)
            self._pool.submit(self._work, task, work, done, failed)
        return task

    def finish(self) -> None:
        """Cancel everything, wait for the threads to end, and deliver nothing more; safe to call twice."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._tasks.clear()

    def _work(
        self,
        task: Task,
        work: Callable[[Task], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        try:
            if not task.cancelled:
                result = work(task)
                task.post(done, result)
        except Exception as error:  # whatever went wrong is shown, never lost in a thread
            task.post(failed, error)
        finally:
            self._called.emit(partial(self._tasks.discard, task))

    @Slot(object)
    def _deliver(self, call: Callable[[], None]) -> None:
        if self._open:
            call()
