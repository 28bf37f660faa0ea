"""The second study beside the first: another bundle's recorded answers, or answers worked out on these photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from avistar_gui.analysis import texts
from avistar_gui.analysis.data import cache
from avistar_gui.analysis.data.comparison import Comparison
from avistar_gui.analysis.data.sources import BundleChoice, StudyRequest, read_study
from avistar_gui.analysis.data.study import Rows, Study
from avistar_gui.analysis.data.worker import WorkerResult
from avistar_gui.analysis.jobs import Job, JobRunner
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.widgets.banner import Banner, Message

translate = QCoreApplication.translate


class ComparisonController(QObject):
    """Compares the study of the moment with what is asked for.

    `compared` with a `Comparison`, or None for none; `failed` with an error. `place` tells where the photos lie.
    """

    compared = Signal(object)
    failed = Signal(object)

    def __init__(
        self, banner: Banner, computing: JobRunner, place: Callable[[], str], parent: QObject | None = None
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._banner, self._computing, self._place = banner, computing, place
        self._background = TaskQueue("comparing", 1, self)
        self._study: Study | None = None
        self._bundles: list[BundleChoice] = []
        self._task: Task | None = None
        self.wish = StudyRequest("none")

    def enter(self, study: Study, bundles: list[BundleChoice]) -> None:
        """Another study: nothing is compared with it yet."""
        self._forget()
        if self._study is None or self._study.files is not study.files:
            self.wish = StudyRequest("none")
        self._study, self._bundles = study, bundles

    def offers(self) -> list[tuple[str, StudyRequest]]:
        """What the study can be compared with: names and wishes."""
        study, found = self._study, list[tuple[str, StudyRequest]]()
        if study is None:
            return found
        shown = study.artifact.removeprefix("onnx ")
        for bundle in self._bundles:
            if study.survey is None and bundle.recorded and bundle.name != study.name:
                found.append((bundle.name, StudyRequest("bundle", bundle.folder)))
            for one in bundle.artifacts:
                if (bundle.name, one.form.removeprefix("onnx ")) != (study.name, shown):
                    form = one.form.removeprefix("onnx ")
                    name = form if bundle.name == study.name else f"{bundle.name} · {form}"
                    found.append((name, StudyRequest("artifact", bundle.folder, one.file)))
        return found

    def ask(self, wish: StudyRequest) -> None:
        """Compare with what `wish` says."""
        self._forget()
        self.wish, study = wish, self._study
        if study is None or wish.kind == "none":
            self.compared.emit(None)
        elif wish.kind == "bundle":
            self._task = self._background.run(
                lambda _: _against(study, read_study(Path(wish.place))),
                done=self.compared.emit,
                failed=self.failed.emit,
            )
        else:
            place = self._place()
            self._task = self._background.run(
                lambda _: self._known(study, wish, place),
                done=lambda found: self._offer(found, wish),
                failed=self.failed.emit,
            )

    def finish(self) -> None:
        """End the thread."""
        self._background.finish()

    def _known(self, study: Study, wish: StudyRequest, place: str) -> _Found:
        """On a thread: compare with answers of earlier, as far as there are any."""
        keys = cache.keys_of(study, place)
        looked = cache.looked_up(cache.read_known(cache.answers_file(self._sha(wish))), keys)
        if looked is None:
            return _Found(None, np.arange(len(keys)))
        return _Found(_against(study, _second(study, looked, wish)), np.flatnonzero(~looked.read))

    def _offer(self, found: _Found, wish: StudyRequest) -> None:
        """Show what is known, and offer to work out the rest."""
        self.compared.emit(found.comparison)
        study, name, number = self._study, self._name(wish), len(found.waiting)
        if study is None or not number:
            return
        if not self._place():
            detail = translate(
                "ComparisonController", "To answer them it needs the photos: press Locate photos… first."
            )
            self._banner.show_message(Message(lambda: texts.offer(name), detail))
            return
        self._banner.show_message(
            Message(
                lambda: texts.offer(name),
                texts.offer_detail(number),
                action=lambda: translate("ComparisonController", "Answer them"),
                on_action=lambda: self._compute(study, found.waiting, wish),
            )
        )

    def _compute(self, study: Study, rows: Rows, wish: StudyRequest) -> None:
        place, name, path = self._place(), self._name(wish), cache.answers_file(self._sha(wish))
        if self._computing.running:
            self._banner.show_message(
                Message(
                    lambda: translate(
                        "ComparisonController", "One thing at a time: wait for what is at work, or cancel it."
                    )
                )
            )
            return

        def take(looked: WorkerResult) -> Comparison:
            keys = cache.keys_of(study, place)
            known = cache.add(path, [keys[row] for row in rows], looked)
            everything = cache.looked_up(known, keys)
            return _against(study, _second(study, everything if everything is not None else looked, wish))

        def done(comparison: object) -> None:
            asked = self.wish == wish  # what was chosen instead by now stays; the answers are kept for later
            if asked and self._study is not None and self._study.files is study.files:
                self.compared.emit(comparison)

        self._computing.start(
            Job(
                title=lambda: translate("ComparisonController", "{artifact} answers the photos").format(artifact=name),
                prepare=lambda _: cache.request_for(study, place, rows, folder=wish.place, file=wish.file),
                take=take,
                done=done,
            )
        )

    def _sha(self, wish: StudyRequest) -> str:
        artifacts = [one for bundle in self._bundles if bundle.folder == wish.place for one in bundle.artifacts]
        return next((one.sha256 for one in artifacts if one.file == wish.file), "")

    def _name(self, wish: StudyRequest) -> str:
        for bundle in self._bundles:
            for one in bundle.artifacts:
                if (bundle.folder, one.file) == (wish.place, wish.file):
                    return f"{bundle.name} · {one.form.removeprefix('onnx ')}"
        return wish.file

    def _forget(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What earlier answers give, and the rows of photos that none was given to."""

    comparison: Comparison | None
    waiting: Rows


class NothingInCommon(Exception):
    """The other one answered none of these photos."""


def _against(study: Study, second: Study) -> Comparison:
    comparison = Comparison.of(study, second)
    if comparison is None:
        raise NothingInCommon
    return comparison


def _second(study: Study, looked: WorkerResult, wish: StudyRequest) -> Study:
    return cache.answered(study, looked, wish.place, wish.file)
