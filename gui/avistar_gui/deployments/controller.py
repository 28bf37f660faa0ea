"""Deployments at work: reads the open survey's cameras off the UI thread, and has changes stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from avistar.catalogue import CameraFolder, Catalogue, Query
from avistar.catalogue.clock_shift import ClockShift
from avistar.catalogue.deployments import folder_parts
from avistar.formats.deployment_table import DeploymentRow, deployment_rows, with_inner
from avistar.periods import TimeSpan
from avistar.records import Medium
from avistar_gui.deployments import texts
from avistar_gui.deployments.dialogs import ClockDialog, ProjectDialog
from avistar_gui.deployments.model import DeploymentModel
from avistar_gui.deployments.page import DeploymentsPage
from avistar_gui.tasks import Task, TaskQueue

MOST_PHOTOS = 300
"""Photos of a camera that its clock's dialog offers."""

Store = Callable[[Catalogue], list[int]]


@dataclass(frozen=True, slots=True)
class _Cameras:
    """What a survey knows of its cameras."""

    rows: tuple[DeploymentRow, ...]
    project: Mapping[str, Any]
    undoable: bool


class DeploymentsController(QObject):
    """The Deployments page; `survey` gives the open survey's file, "" for none; changes leave by `stored`."""

    stored = Signal(object)  # Store: to be called with the survey's catalogue, where writes have their turn
    undo_wanted = Signal()

    def __init__(self, survey: Callable[[], str], reviewer: Callable[[], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._survey, self._reviewer = survey, reviewer
        self.model = DeploymentModel()
        self.page = DeploymentsPage(self.model)
        self._background = TaskQueue("deployments", 1, self)
        self._reading: Task | None = None
        self._project: Mapping[str, Any] = {}
        self.model.said.connect(self._say)
        self.model.refused.connect(self.page.banner.say)
        self.page.wanted.connect(self._do)
        self.page.retranslated.connect(self._tell)
        self.refresh()

    def refresh(self) -> None:
        """The survey, or what is known of its cameras, is another."""
        path = self._survey()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if not path:
            self.model.show_rows(())
            self.page.allow_undo(False)
            self._tell()
            return
        self._reading = self._background.run(lambda _: _read(path), done=self._show, failed=self._failed)

    def photos_reviewed(self) -> None:
        """The last change is one of photos by now, or no longer: may *Undo* still take back what was said here?"""
        if path := self._survey():
            self._background.run(lambda _: _undoable(path), done=self.page.allow_undo, failed=self._failed)

    def finish(self) -> None:
        """End the thread; safe to call twice."""
        self._background.finish()

    def set_clock(self, camera: DeploymentRow, shift: ClockShift) -> None:
        """Have `shift` added to a camera's clock."""
        self._say(with_inner(camera.set_right(shift), self.model.rows), [])

    def _show(self, cameras: _Cameras) -> None:
        self._reading = None
        self._project = cameras.project
        self.page.allow_undo(cameras.undoable)
        self.model.show_rows(cameras.rows)
        self._tell()

    def _failed(self, error: Exception) -> None:
        self._reading = None
        self.page.banner.say(str(error))

    def _tell(self) -> None:
        rows = self.model.rows if self._survey() else None
        self.page.show_state(texts.survey_sentence(rows, len(self.model.problems)), survey=bool(self._survey()))

    def _say(self, cameras: list[CameraFolder], dropped: list[str]) -> None:
        self.page.banner.clear()
        reviewer = self._reviewer()
        self.stored.emit(lambda catalogue: catalogue.deployments.change(cameras, dropped, reviewer=reviewer))

    def _do(self, name: str) -> None:
        camera = self.page.camera
        if name == "undo":
            self.undo_wanted.emit()
        elif name == "project":
            self._ask_project()
        elif camera is not None and name == "clock":
            self._ask_clock(camera)
        elif camera is not None and name == "forget":
            self._say([], [camera.folder])
        elif camera is not None and name == "split":
            path = self._survey()
            self._background.run(lambda _: _subfolders(path, camera.folder), done=self._split, failed=self._failed)

    def _split(self, folders: list[str]) -> None:
        if folders:
            self._say([CameraFolder(folder) for folder in folders], [])

    def _ask_clock(self, camera: DeploymentRow) -> None:
        path = self._survey()

        def show(found: tuple[list[Medium], tuple[TimeSpan, ...]]) -> None:
            dialog = ClockDialog(camera, *found, self.page)
            dialog.shifted.connect(lambda shift: self.set_clock(camera, shift))
            dialog.open()

        self._background.run(lambda _: _media(path, camera.folder), done=show, failed=self._failed)

    def _ask_project(self) -> None:
        dialog = ProjectDialog(self._project, self.page)
        dialog.stated.connect(self._keep_project)
        dialog.open()

    def _keep_project(self, facts: Mapping[str, Any]) -> None:
        reviewer = self._reviewer()

        def store(catalogue: Catalogue) -> list[int]:
            catalogue.deployments.change_project(facts, reviewer=reviewer)
            return []

        self.stored.emit(store)


def _read(path: str) -> _Cameras:
    with Catalogue.read(path) as catalogue:
        return _Cameras(deployment_rows(catalogue), catalogue.deployments.project, catalogue.deployments.undoable)


def _undoable(path: str) -> bool:
    with Catalogue.read(path) as catalogue:
        return catalogue.deployments.undoable


def _subfolders(path: str, folder: str) -> list[str]:
    """The folders right below one that photos lie in, at any depth."""
    depth = folder.count("/") + 2 if folder else 1
    with Catalogue.read(path) as catalogue:
        seen = catalogue.deployments.photos(lambda file, _: "/".join(file.split("/")[:-1][:depth]))
    return [one.folder for one in seen if one.folder != folder and (not folder or one.folder.startswith(f"{folder}/"))]


def _media(path: str, folder: str) -> tuple[list[Medium], tuple[TimeSpan, ...]]:
    """The first photos of a camera, and the times that it wrote."""
    with Catalogue.read(path) as catalogue:
        path_in, serial = folder_parts(folder)
        text = f"{path_in}/" if path_in else ""
        ids = catalogue.ids(Query(text=text, kind=("photo",), order="oldest"))[: 4 * MOST_PHOTOS]
        media = [record.medium for record in catalogue.records_of(ids)]
        spans = catalogue.deployments.clock_spans(folder)
    own = [one for one in media if one.relative.startswith(text) and serial in ("", one.capture.serial)]
    return own[:MOST_PHOTOS], spans
