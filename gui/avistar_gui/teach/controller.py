"""Teach at work: says what there is to learn from, learns in the background, and does what is decided then."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QPixmap

from avistar.adaptation.photo_views import Cancelled
from avistar.adaptation.session import LessonPlan, Outcome
from avistar.bundle import bundle_places
from avistar_gui.settings import Settings
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.teach import lessons, texts
from avistar_gui.teach.lessons import Origin, ReviewedSurvey
from avistar_gui.teach.outcome_view import OutcomeView
from avistar_gui.teach.page import TeachPage
from avistar_gui.texts import Names, text_of
from avistar_gui.widgets.banner import Message

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the Teach screen is told of the others: the open survey, all with reviews, the model's folder, thumbnails.

    `surveys` is slow and called off the UI thread; `survey` and `model` give None and "" where there is none.
    """

    survey: Callable[[], ReviewedSurvey | None]
    surveys: Callable[[], list[ReviewedSurvey]]
    model: Callable[[], str]
    thumbnail: Callable[[str], QPixmap | None]


class TeachController(QObject):
    """The Teach page. `use_wanted` (a bundle's folder): answer again with it; `worked`: a lesson has ended."""

    use_wanted = Signal(str)
    photo_wanted = Signal(str)
    worked = Signal(str, float)

    def __init__(self, around: Surroundings, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._around, self._settings = around, settings
        self.page = TeachPage(OutcomeView(around.thumbnail))
        self._look, self._teach = TaskQueue("stock", 1, self), TaskQueue("lesson", 1, self)
        self._plan: LessonPlan | None = None
        self._origin: Origin | None = None
        self._outcome: Outcome | None = None
        self._lesson: Task | None = None
        self._looking: list[Task] = []
        self._problem: Exception | None = None
        self._stale, self._suggested = True, ""
        self._began = 0.0
        page = self.page
        page.entered.connect(self._entered)
        page.chosen.connect(self._take_stock)
        page.learn_wanted.connect(self.learn)
        page.back_wanted.connect(self.go_back)
        page.decided.connect(self.decide)
        page.retranslated.connect(self._show)
        page.work.cancel_wanted.connect(self.cancel)
        page.outcome.photo_wanted.connect(self.photo_wanted)
        self._show()

    def changed(self) -> None:
        """The survey, its reviews or the model are others: what is shown is looked up anew when it is seen."""
        self._stale = True
        if self.page.isVisible():
            self._entered()

    def thumbnails_ready(self, paths: Sequence[str]) -> None:
        """Pictures have come."""
        self.page.outcome.refresh(paths)

    def learn(self) -> None:
        """Learn from what is ticked, in the background."""
        plan = self._plan
        if plan is None or self._lesson is not None:
            return
        self.page.banner.clear()
        self.page.work.begin(translate("Teach", "Learning"))
        self._began = time.monotonic()
        self._lesson = self._teach.run(
            lambda task: lessons.learn(
                plan,
                lambda *at: task.post(self._go_on, *at),
                lambda: task.cancelled,
                Path(self._kept) if self._kept else None,
            ),
            done=self._learned,
            failed=self._failed,
        )
        self._mark()

    def cancel(self) -> None:
        """End the lesson; nothing of it stays."""
        if self._lesson is not None:
            self._lesson.cancel()
            self._lesson = None
            self.page.work.end(translate("Teach", "Cancelled. Nothing was changed."))
            self._mark()

    def decide(self, what: str) -> None:
        """Use what was learned, keep it beside the model in use, or discard it."""
        outcome = self._outcome
        if outcome is None or self._lesson is not None:
            return
        if what == "discard":
            self._outcome = None
            self._show()
            return
        folder, name = lessons.models_folder(self._settings.surveys_folder), self.page.name.text()
        self.page.outcome.allow(False)
        self._lesson = self._teach.run(
            lambda _: lessons.write(outcome, folder, name),
            done=lambda written: self._written(written, use=what == "use"),
            failed=self._failed,
        )

    def go_back(self) -> None:
        """Use the model that the one in use was taught from."""
        if self._origin is not None and self._origin.before_folder:
            self.use_wanted.emit(self._origin.before_folder)

    def finish(self) -> None:
        """End the threads; safe to call twice."""
        self._look.finish()
        self._teach.finish()

    # Looking

    @property
    def _kept(self) -> str:
        """Where embeddings are kept between lessons, "" for the usual place."""
        folder = self._settings.surveys_folder
        return str(Path(folder).parent / "embeddings.sqlite") if folder else ""

    def _entered(self) -> None:
        if not self._stale or self._lesson is not None:
            return
        self._stale = False
        survey = self._around.survey()
        if survey is not None and survey.folder != self._suggested:
            self._suggested = survey.folder
            self.page.name.setText(Path(survey.folder).name)
        self._look.run(lambda _: self._around.surveys(), done=self._list, failed=self._no_stock)

    def _list(self, surveys: list[ReviewedSurvey]) -> None:
        survey = self._around.survey()
        others = [one for one in surveys if one.reviewed and (survey is None or one.path != survey.path)]
        listed = [survey, *others] if survey is not None else others
        before = self.page.sources
        ticked = before if survey is None or survey.path in before else [survey.path]
        self.page.show_surveys(listed, ticked)
        self._take_stock()

    def _take_stock(self) -> None:
        sources, model = self.page.sources, self._around.model()
        places = [*self._settings.bundle_folders, str(lessons.models_folder(self._settings.surveys_folder))]
        for task in self._looking:
            task.cancel()
        self._looking, self._outcome = [], None
        if not model:
            return
        look = self._look.run
        self._looking.append(
            look(lambda _: lessons.origin_of(model, places), done=self._found_origin, failed=self._no_stock)
        )
        if sources:
            self._looking.append(look(lambda _: lessons.stock(sources, model), done=self._found, failed=self._no_stock))
        else:
            self._plan = self._problem = None
        self._show()

    def _found_origin(self, origin: Origin) -> None:
        self._origin = origin
        self._show()

    def _found(self, plan: LessonPlan) -> None:
        self._plan, self._problem = plan, None
        self._show()

    def _no_stock(self, error: Exception) -> None:
        self._plan, self._problem = None, error
        self._show()

    # Learning

    def _go_on(self, what: str, done: int, total: int) -> None:
        self.page.work.go_on(texts.step(what), done, total)

    def _learned(self, outcome: Outcome) -> None:
        self._lesson, self._outcome = None, outcome
        self.page.work.hide()
        self.page.work.end("")
        self.worked.emit(texts.headline(outcome.verdict), time.monotonic() - self._began)
        self._show()

    def _failed(self, error: Exception) -> None:
        self._lesson = None
        said = "" if isinstance(error, Cancelled) else text_of(error)
        if self.page.work.running:
            self.page.work.end(said)
        elif said:
            self.page.banner.say(str(error))
        self._show()

    def _written(self, folder: str, *, use: bool) -> None:
        self._lesson = self._outcome = None
        places = [*self._settings.bundle_folders, str(Path(folder).parent)]
        before = Path(self._around.model())
        if before.parent not in (*bundle_places(), *map(Path, places)):
            places.append(str(before))  # found again when somebody wants to go back to it
        self._settings.bundle_folders = [*dict.fromkeys(places)]
        name = Path(folder).name
        said = texts.used if use else texts.kept
        self.page.banner.show_message(Message(lambda: said(name), severity="done"))
        self._show()
        if use:
            self.use_wanted.emit(folder)

    # What the page shows

    def _show(self) -> None:
        plan, outcome, page = self._plan, self._outcome, self.page
        names = texts.names_of(plan) if plan is not None else Names({}, {})
        origin = self._origin
        page.show_model(
            texts.in_use(origin, names) if origin is not None else "",
            texts.go_back(origin) if origin is not None and origin.before_folder else "",
        )
        progress = {one.id: one for one in outcome.verdict.species} if outcome is not None else {}
        stock = sorted(plan.stock, key=lambda one: (not one.new, -one.photos)) if plan is not None else []
        rows = [texts.stock_row(one, progress.get(one.species.id), names) for one in stock]
        notes = [*(plan.warnings if plan is not None else ()), *(outcome.warnings if outcome is not None else ())]
        if outcome is not None:
            page.outcome.show_verdict(outcome.verdict, names)
            page.outcome.allow(True)
            page.show_outcome()
        else:
            page.show_start(self._ready())
        page.show_stock(rows, [bool(one.lacking) for one in stock], [*dict.fromkeys(map(text_of, notes))])
        self._mark()

    def _ready(self) -> str:
        if self._plan is not None:
            return texts.readiness(self._plan)
        if self._problem is not None:
            return text_of(self._problem)
        if self.page.sources:
            return translate("Teach", "Looking at your reviews…")
        return translate("Teach", "Open a survey and review some photos: what you say of them is what is learned.")

    def _mark(self) -> None:
        """Only what can be done now can be pressed."""
        busy = self._lesson is not None
        self.page.allow(change=not busy and self._outcome is None)
        if busy:
            self.page.learn.setEnabled(False)
        elif self._outcome is None:
            self.page.learn.setEnabled(self._plan is not None and bool(self._plan.material.photos))
