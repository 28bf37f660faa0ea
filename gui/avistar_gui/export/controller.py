"""Export at work: writes the open survey off the UI thread, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from avistar.catalogue import Query
from avistar.files import irreplaceable
from avistar.formats.base import WrittenFiles
from avistar.formats.camtrap_dp import MissingFacts
from avistar.sorting import SortingPlan
from avistar_gui.export import texts, writer
from avistar_gui.export.page import ExportPage
from avistar_gui.export.writer import FILES, ExportRequest, Sample, Scope, suggestions
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.texts import language
from avistar_gui.widgets.file_manager import show_in_folder

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class SurveyToExport:
    """The survey that is exported: its file, its folder, and how many photos it has and were reviewed.

    `shown`: what is filtered where photos are reviewed, None for all; `listed`: how many photos these are.
    """

    path: str
    folder: str
    photos: int
    reviewed: int
    shown: Query | None = None
    listed: int = 0

    def query(self, scope: Scope) -> Query:
        """The photos of a scope."""
        if scope == "reviewed":
            return Query(reviewed=True)
        return self.shown if scope == "shown" and self.shown is not None else Query()

    @property
    def scopes(self) -> dict[Scope, int]:
        """What can be exported, with the number of photos."""
        some: dict[Scope, int] = {"all": self.photos}
        if self.reviewed:
            some["reviewed"] = self.reviewed
        if self.shown is not None:
            some["shown"] = self.listed
        return some


class ExportController(QObject):
    """The Export page; `survey` gives the open survey, None where there is none."""

    def __init__(self, survey: Callable[[], SurveyToExport | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._survey = survey
        self.page = ExportPage()
        self._background = TaskQueue("export", 1, self)
        self._task: Task | None = None
        self._plan: tuple[ExportRequest, SortingPlan] | None = None
        self._result: Callable[[], str] = lambda: ""
        self._suggested, self._place = "", ""
        self.show_in_folder: Callable[[str], None] = show_in_folder
        page = self.page
        page.form_chosen.connect(self.refresh)
        page.preview_wanted.connect(self._preview)
        page.export_wanted.connect(self.export)
        page.undo_wanted.connect(self._undo)
        page.cancel_wanted.connect(self._cancel)
        page.show_wanted.connect(self._show_written)
        page.retranslated.connect(self._retranslate)
        self.refresh()

    def refresh(self) -> None:
        """The survey, the form or the target changed."""
        survey, page = self._survey(), self.page
        folder, photos, reviewed = (survey.folder, survey.photos, survey.reviewed) if survey else ("", 0, 0)
        if folder != self._suggested:
            self._suggested = folder
            page.suggest(suggestions(folder))
        page.show_scopes(survey.scopes if survey is not None else {"all": 0})
        page.show_survey(texts.survey_sentence(folder, photos, reviewed))
        ready = survey is not None and self._task is None
        folders = page.form == "folders"
        page.allow(export=ready, preview=ready and (not folders or bool(page.target.text().strip())))

    def request(self) -> ExportRequest | None:
        """What is asked for now."""
        survey, page = self._survey(), self.page
        target = survey.folder if survey is not None and page.form == "xmp" else page.target.text().strip()
        if survey is None or not target:
            return None
        ending = FILES.get(page.form, "")
        if ending and Path(target).suffix.lower() != ending:
            target += ending
        return self._request(survey, target)

    def _request(self, survey: SurveyToExport, target: str) -> ExportRequest:
        page = self.page
        query = survey.query(page.scope_chosen)
        return ExportRequest(survey.path, page.form, target, page.wanted_how, language(), query, page.persons_chosen)

    def export(self) -> None:
        """Write what is asked for."""
        request = self.request()
        if request is None:
            return
        if not self._confirmed(request):
            return
        if request.form != "folders":
            self._run(lambda _: writer.write(request), self._written)
        elif self._plan is not None and self._plan[0] == request:
            planned = self._plan[1]
            self._run(
                lambda task: writer.sort(
                    request, planned, lambda *at: task.post(self.page.go_on, *at), lambda: task.cancelled
                ),
                lambda done: self._say(lambda: texts.sorted_sentence(done), request.target),
            )
        else:
            self._preview()  # nothing is sorted unseen

    def _confirmed(self, request: ExportRequest) -> bool:
        """Whether nothing of value is at stake, or somebody said yes to it."""
        survey, target = self._survey(), Path(request.target)
        photos = survey.scopes.get(self.page.scope_chosen, 0) if survey is not None else 0
        if request.form == "xmp":
            return self.page.confirm(*texts.beside_photos(photos, request.target))
        if request.form == "folders":
            ready = self._plan is not None and self._plan[0] == request
            if request.how != "move" or not ready or self._plan is None:
                return True
            return self.page.confirm(*texts.moving(len(self._plan[1].placements), request.target))
        written = target / "datapackage.json" if request.form == "camtrap-dp" else target
        if not written.exists() or irreplaceable(written):
            return True  # the runtime refuses what is irreplaceable, and says why
        return self.page.confirm(*texts.replacing(str(written)))

    def finish(self) -> None:
        """End the thread; safe to call twice."""
        self._background.finish()

    def _preview(self) -> None:
        request = self.request()
        if request is None and (survey := self._survey()) is not None:  # it can be seen before it has a name
            request = self._request(survey, "")
        if request is not None and request.form in FILES:
            self._run(lambda _: writer.sample(request), self._sampled)
        elif request is not None and request.form == "folders" and request.target:
            self._run(lambda _: writer.plan(request), lambda planned: self._planned(request, planned))

    def _sampled(self, sample: Sample) -> None:
        self.page.show_rows(sample.header, sample.rows)
        self._say(lambda: texts.sample_sentence(sample))

    def _written(self, done: WrittenFiles) -> None:
        where = str(done.files[0]) if done.files else ""
        self._say(lambda: texts.written_sentence(done), where)

    def _show_written(self) -> None:
        if self._place:
            self.show_in_folder(self._place)

    def _planned(self, request: ExportRequest, planned: SortingPlan) -> None:
        self._plan = (request, planned)
        self.page.show_plan(texts.plan_rows(planned))
        self._say(lambda: texts.plan_sentence(planned))

    def _undo(self) -> None:
        request = self.request()
        if request is not None and request.form == "xmp":
            self._run(lambda _: writer.take_keywords(request), lambda done: self._say(lambda: texts.keywords_out(done)))
            return
        folder = self.page.target.text().strip()
        self._plan = None
        self.page.show_plan([])
        self._run(lambda _: writer.take_back(folder), lambda undone: self._say(lambda: texts.undone_sentence(undone)))

    def _run(self, what: Callable[[Task], Any], done: Callable[[Any], None]) -> None:
        def ended(result: Any) -> None:
            self._ended()
            done(result)

        self.page.banner.clear()
        self._say(lambda: "")
        self.page.show_busy(True)
        self._task = self._background.run(what, done=ended, failed=self._failed)
        self.refresh()

    def _ended(self) -> None:
        self._task = None
        self.page.show_busy(False)
        self.refresh()

    def _failed(self, error: Exception) -> None:
        self._ended()
        if isinstance(error, MissingFacts):
            self._say(lambda: texts.facts_sentence(error))
        else:
            self.page.banner.say(str(error))

    def _say(self, text: Callable[[], str], place: str = "") -> None:
        self._result, self._place = text, place
        self.page.say(text(), show=bool(place))

    def _retranslate(self) -> None:
        self.refresh()
        self.page.say(self._result(), show=bool(self._place))
        if self._plan is not None and self._plan[0] != self.request() and self._task is None:
            self._preview()  # folders are named in the language that is shown

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._plan = None
            self._ended()
            self._say(lambda: translate("ExportController", "Cancelled. What was already sorted can be undone."))
