"""Watches a camera off the UI thread; only the newest moment ever waits to be shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from avistar import Classifier
from avistar.media.camera import Camera
from avistar.media.live import Moment, watch
from avistar_gui.tasks import Task, TaskQueue


class Watcher(QObject):
    """Starts and stops; `moment` for what is seen, `ended` for a video's end, `failed` for what can't be watched."""

    moment = Signal(object)  # Moment
    ended = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = TaskQueue("camera", 2, self)
        self._task: Task | None = None
        self._camera: Camera | None = None

    @property
    def running(self) -> bool:
        """Whether something is being watched."""
        return self._task is not None

    def start(self, make: Callable[[], Camera], classifier: Classifier) -> None:
        """Watch the camera that `make` gives, in place of the one before."""
        self.stop()
        camera = self._camera = make()
        self._task = self._background.run(
            lambda task: self._watch(task, camera, classifier), done=self._over, failed=self._broke
        )

    def stop(self) -> None:
        """Stop watching; what was on its way is dropped."""
        task, camera = self._task, self._camera
        self._task = self._camera = None
        if task is not None:
            task.cancel()
        if camera is not None:
            # Closing waits for the driver: not here.
            self._background.run(lambda _: camera.close(), done=lambda _: None, failed=lambda _: None)

    def finish(self) -> None:
        """End the threads; safe to call twice."""
        camera, self._camera = self._camera, None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if camera is not None:
            camera.close()
        self._background.finish()

    def _watch(self, task: Task, camera: Camera, classifier: Classifier) -> None:
        newest: deque[Moment] = deque(maxlen=1)
        try:
            for moment in watch(camera, classifier):
                if task.cancelled:
                    return
                waiting = bool(newest)
                newest.append(moment)
                if not waiting:  # else the UI thread still has to come to it, and will find the newest
                    task.post(self._show, newest)
        finally:
            camera.close()

    def _show(self, newest: deque[Moment]) -> None:
        if newest:
            self.moment.emit(newest.pop())

    def _over(self, _: None) -> None:
        self._task = self._camera = None
        self.ended.emit()

    def _broke(self, error: Exception) -> None:
        self._task = self._camera = None
        self.failed.emit(str(error))
