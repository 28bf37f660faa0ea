"""Models at work: finds and checks bundles, tries this machine, verifies, measures, builds engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from avistar_gui.child_process import ChildMessage
from avistar_gui.models import bundle_facts, measurements, texts
from avistar_gui.models.bundle_facts import BundleFacts, DeviceFacts
from avistar_gui.models.bundle_list import FACTS, BundleList
from avistar_gui.models.engine_build import BuildDialog, BuildRequest, EngineBuild, gpu_driver_there
from avistar_gui.models.page import ModelsPage
from avistar_gui.settings import Settings
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.texts import text_of

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """The survey that is open elsewhere in the app: its file, what people call it, how many photos are reviewed."""

    path: str
    name: str
    reviewed: int

    @property
    def judging(self) -> str:
        """Its file where reviewed photos can judge models, "" while there are none."""
        return self.path if self.reviewed else ""


_NONE = OpenSurvey("", "", 0)


class ModelsController(QObject):
    """The Models page. `use_wanted`, `beside_wanted` and `analyse_wanted` (a bundle's folder) concern other screens.

    `survey` tells which one is open, None for none.
    """

    use_wanted = Signal(str)
    beside_wanted = Signal(str)
    beside_cancelled = Signal()
    analyse_wanted = Signal(str)
    built = Signal(str, float)

    def __init__(
        self,
        settings: Settings,
        parent: QObject | None = None,
        *,
        survey: Callable[[], OpenSurvey | None] = lambda: None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._survey = settings, survey
        self._beside = ""
        self.bundles = BundleList(self)
        self.page = ModelsPage(self.bundles)
        self.building = EngineBuild(self)
        self._look, self._do = TaskQueue("look", 1, self), TaskQueue("measure", 1, self)
        self.gpu_there: Callable[[], bool] = gpu_driver_there
        self._chosen: BundleFacts | None = None
        self._devices: dict[str, list[DeviceFacts]] = {}
        self._task: Task | None = None
        page = self.page
        page.chosen.connect(self._choose)
        page.wanted.connect(self._act)
        page.folder_added.connect(self.add_folder)
        page.all_shown.connect(self._show_side_by_side)
        page.side_by_side.measure_wanted.connect(self._measure_all)
        page.side_by_side.opened.connect(self._open)
        page.work.cancel_wanted.connect(self._cancel)
        page.retranslated.connect(self._show)
        self.building.message.connect(self._show_message)
        self.building.ended.connect(self._built)
        page.show_bundle(None, None)
        self.refresh()

    def refresh(self) -> None:
        """Look for bundles again."""
        more = self._settings.bundle_folders
        self._look.run(lambda _: bundle_facts.bundles(more), done=self._found, failed=self._failed)

    def show_used(self, folder: str) -> None:
        """The bundle in `folder` identifies now, "" for none."""
        self.bundles.show_used(folder)
        self._mark()

    def survey_changed(self) -> None:
        """Another survey is open, or more of it is reviewed."""
        self._mark()
        if self.page.all.isChecked() and self.page.isVisible():
            self._show_side_by_side()

    def show_beside(self, done: int, total: int) -> None:
        """How far the second model is with the open survey."""
        self.page.work.go_on(texts.measuring(self._beside, done, total), done, total)

    def end_beside(self, sentence: str) -> None:
        """The second model has answered the open survey, or could not."""
        self._beside = ""
        self._measured(sentence)

    def stop_beside(self) -> None:
        """Nobody waits for the second model any more: it was cancelled, or its survey is left for another."""
        if self._beside:
            self._beside = ""
            self.page.work.end(translate("ModelsController", "Cancelled."))
            self._mark()

    @property
    def beside(self) -> str:
        """The name of the bundle that answers the open survey too, "" for none."""
        return self._beside

    def add_folder(self, folder: str) -> None:
        """Also look into `folder` from now on."""
        self._settings.bundle_folders = [*dict.fromkeys([*self._settings.bundle_folders, folder])]
        self.refresh()

    def build(self, request: BuildRequest) -> None:
        """Build an engine."""
        self.page.work.begin(translate("ModelsController", "Building an engine"))
        self.building.start(request)
        self._mark()

    def finish(self) -> None:
        """End threads and processes; safe to call twice."""
        self.building.finish()
        self._look.finish()
        self._do.finish()

    # Looking

    def _found(self, found: list[BundleFacts]) -> None:
        before = self._chosen.folder if self._chosen is not None else ""
        self.bundles.show_bundles(found)
        for one in found:
            if not one.problem:
                self._check(one.folder)
        if found:
            self.page.list.setCurrentIndex(self.bundles.index(max(0, self.bundles.row_of(before))))

    def _check(self, folder: str) -> None:
        self._look.run(
            lambda _: bundle_facts.damaged(folder),
            done=partial(self._checked, folder),
            failed=lambda error: self._checked(folder, [str(error)]),
        )

    def _checked(self, folder: str, problems: list[str]) -> None:
        self.bundles.show_problems(folder, problems)
        self._show()

    def _choose(self, folder: str) -> None:
        row = self.bundles.row_of(folder)
        self._chosen = self.bundles.index(row).data(FACTS) if row >= 0 else None
        if self._chosen is not None and folder not in self._devices and not self._chosen.problem:
            self._do.run(lambda _: bundle_facts.devices(folder), done=partial(self._tried, folder), failed=self._failed)
        self._show()

    def _tried(self, folder: str, devices: list[DeviceFacts]) -> None:
        self._devices[folder] = devices
        self._show()

    def _show(self) -> None:
        chosen = self._chosen
        self.page.show_bundle(chosen, None if chosen is None else self.bundles.problems(chosen.folder))
        if chosen is not None:
            self.page.show_runs(chosen, self._devices.get(chosen.folder))
        self._mark()

    def _mark(self) -> None:
        """Only what can be done now can be pressed."""
        usable = self._chosen is not None and not self._chosen.problem
        busy = self.page.work.running
        used = self._chosen is not None and self.bundles.is_used(self._chosen.folder)
        alone = self._survey() is None
        barred = {"use": used, "beside": used or busy or alone, "verify": busy, "benchmark": busy, "build": busy}
        for name, button in self.page.buttons.items():
            button.setEnabled(usable and not barred.get(name, False))
        self.page.side_by_side.measure.setEnabled(not busy and bool(self.bundles.listed))
        self.page.show_used(used)

    # Side by side

    def _show_side_by_side(self) -> None:
        survey, bundles = self._survey() or _NONE, self.bundles
        self._look.run(
            lambda _: measurements.side_by_side(bundles.listed, survey.judging),
            done=lambda rows: self.page.side_by_side.show_rows(rows, bundles.is_used, survey.name, survey.reviewed),
            failed=self._failed,
        )

    def _measure_all(self) -> None:
        survey, page = self._survey() or _NONE, self.page
        bundles = [one for one in self.bundles.listed if not one.problem]
        page.work.begin(page.side_by_side.measure.text())

        def told(task: Task, name: str, done: int, total: int) -> None:
            task.post(lambda: page.work.go_on(texts.measuring(name, done, total), done, total))
            if not done:
                task.post(self._show_side_by_side)  # what is measured is shown, while the next one is

        self._task = self._do.run(
            lambda task: measurements.measure(bundles, survey.judging, partial(told, task), lambda: task.cancelled),
            done=self._all_measured,
            failed=lambda error: self._measured(text_of(error)),
        )
        self._mark()

    def _all_measured(self, problems: list[tuple[str, str]]) -> None:
        self._measured("\n".join(f"✗  {name}: {text_of(reason)}" for name, reason in problems))
        self._show_side_by_side()

    def _open(self, folder: str) -> None:
        self.page.show_all(False)
        self.page.list.setCurrentIndex(self.bundles.index(max(0, self.bundles.row_of(folder))))

    # Doing

    def _act(self, name: str) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        if name == "use":
            self.use_wanted.emit(chosen.folder)
        elif name == "beside":
            self._beside = chosen.name
            self.page.work.begin(f"{self.page.buttons['beside'].text()}: {chosen.name}")
            self.beside_wanted.emit(chosen.folder)
            self._mark()
        elif name == "analyse":
            self.analyse_wanted.emit(chosen.folder)
        elif name == "build":
            self._ask_build(chosen)
        elif name == "verify":
            self._measure(chosen, translate("ModelsController", "Verifying"), bundle_facts.verify, texts.verified)
        else:
            self._measure(
                chosen, translate("ModelsController", "Measuring speed"), bundle_facts.benchmark, texts.speeds
            )

    def _measure(
        self,
        chosen: BundleFacts,
        title: str,
        work: Callable[[str, Callable[[], bool]], Any],
        said: Callable[[Any], str],
    ) -> None:
        self.page.work.begin(f"{title}: {chosen.name}")
        self._task = self._do.run(
            lambda task: work(chosen.folder, lambda: task.cancelled),
            done=lambda found: self._measured(said(found)),
            failed=lambda error: self._measured(text_of(error)),
        )
        self._mark()

    def _measured(self, said: str) -> None:
        self._task = None
        if said:
            self.page.work.add(said)
        self.page.work.end(translate("ModelsController", "Done."))
        self._mark()

    def _ask_build(self, chosen: BundleFacts) -> None:
        photos = self._settings.photo_folder(chosen.name)
        dialog = BuildDialog(chosen, photos, self.page, gpu=self.gpu_there())
        dialog.wanted.connect(self.build)
        dialog.open()

    def _show_message(self, line: ChildMessage) -> None:
        if line.event == "progress":
            self.page.work.go_on(line.what, line.done, line.total)
        else:
            self.page.work.add(text_of(line.text))

    def _built(self, code: int, cancelled: bool) -> None:
        sentence = texts.build_ended(code, cancelled)
        self.page.work.end(sentence)
        self.built.emit(sentence, self.building.elapsed_s)
        self._mark()
        if code == 0:
            self._devices.clear()
            self.refresh()

    def _cancel(self) -> None:
        if self.building.running:
            self.page.work.go_on(translate("ModelsController", "Ending…"), 0, 0)
            self.building.cancel()
        elif self._beside:
            self.beside_cancelled.emit()
            self.stop_beside()
        elif self._task is not None:
            self._task.cancel()
            self._task = None
            self.page.work.end(translate("ModelsController", "Cancelled."))
            self._mark()

    def _failed(self, error: Exception) -> None:
        self.page.banner.say(str(error))
