"""Identify at work: passes wishes to the session, and what the session says to the page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from avistar.catalogue import Counts
from avistar.records import Verdict
from avistar_gui.actions import Actions
from avistar_gui.identify import texts
from avistar_gui.identify.answer_panel import Subject
from avistar_gui.identify.care_controller import CareController
from avistar_gui.identify.context_menus import ContextMenus
from avistar_gui.identify.page import IdentifyPage
from avistar_gui.identify.photo_controller import PhotoController
from avistar_gui.identify.photo_model import PhotoList
from avistar_gui.identify.preflight.controller import PreflightController
from avistar_gui.identify.problems_controller import ProblemsController
from avistar_gui.identify.problems_model import ProblemList
from avistar_gui.identify.review_controller import ReviewController
from avistar_gui.identify.session.model_facts import EngineFacts
from avistar_gui.identify.session.session import OpenClassifier, Session
from avistar_gui.identify.session.start_facts import Preflight
from avistar_gui.identify.session.survey import ScanSummary
from avistar_gui.identify.session.survey_library import SurveyLibrary
from avistar_gui.identify.status_strip import StatusStrip
from avistar_gui.progress import Progress
from avistar_gui.settings import Settings
from avistar_gui.widgets.thumbnails import Thumbnails

THUMBNAIL = 256
"""Longest side of a thumbnail in logical px, enough for a tile."""


class IdentifyController(QObject):
    """The Identify page with its session."""

    model_wanted = Signal()

    def __init__(
        self, open_classifier: OpenClassifier, actions: Actions, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._actions, self._settings = actions, settings
        sharp = round(THUMBNAIL * QApplication.primaryScreen().devicePixelRatio())
        self.thumbnails = Thumbnails(sharp, parent=self)
        library = SurveyLibrary(Path(settings.surveys_folder)) if settings.surveys_folder else SurveyLibrary()
        self.session = Session(open_classifier, library, parent=self)
        self.photos = PhotoList(self.session.rows, self.thumbnails.get, self)
        self.problems = ProblemList(self)
        self.page = IdentifyPage(self.photos, self.problems, actions, settings)
        self.single = PhotoController(self.page.photo, self.page.answers, lambda: self.session.classifier, self)
        self.reviewing = ReviewController(self.page, self.photos, self.session, settings=settings, parent=self)
        self.reviewing.shown.connect(self._show_subject)
        self.status = StatusStrip(actions)
        self.mending = ProblemsController(self.session, self.problems, self.page.problems, self)
        self.preflight = PreflightController(self.session, self.page.sheet, actions, settings=settings, parent=self)
        self.care = CareController(
            self.session, self.page, actions, settings=settings, show_recent=self._show_recent, parent=self
        )
        self.menus = ContextMenus(self.session, self.page, self)
        self.page.empty.recent.thumbnail = self.thumbnails.get
        self._engine: EngineFacts | None = None
        self._chosen, self._row = -1, -1
        self._finished = self._described = False
        self._dropped = ""
        self._reviewed: int | None = None
        self._resumes = False
        self.session.gate.described.connect(self._asked)
        self._connect_wishes()
        self._connect_answers()
        self._show_progress(self.session.progress)
        self._show_problems()
        self._show_recent()

    def start(self, paths: Sequence[str] = (), bundle: str | None = None) -> None:
        """Open the model and these photos once the window stands: it must not wait for either."""
        QTimer.singleShot(0, self, lambda: self.session.open(bundle))
        if paths:
            QTimer.singleShot(0, self, lambda: self.open(list(paths)))

    def open(self, paths: Sequence[str]) -> None:
        """Take in photos and folders, or open a survey's file."""
        if paths:
            self.page.banner.clear()
            self._dropped = paths[0] if len(paths) == 1 and Path(paths[0]).is_file() else ""
            self.session.add(paths)
        else:
            self.page.banner.show_message(texts.nothing_usable())

    def open_model(self, folder: str) -> None:
        """Identify with the bundle in `folder` from now on."""
        self.page.banner.clear()
        self.session.open(folder)

    def review(self, verdict: Verdict, species: str = "") -> None:
        """Say what the chosen photos show, and go on to the next."""
        self.reviewing.review(verdict, species)

    def retranslate(self) -> None:
        """The language changed: say again what was said."""
        self.problems.retranslate()
        self.photos.retranslate()
        self._show_problems()
        if self._chosen >= 0:
            self._choose(self._chosen)

    def finish(self) -> None:
        """End every thread; safe to call twice."""
        if not self._finished:
            self._finished = True
            self.page.answers.commit()  # what is being written is said, too
            for part in (self.care, self.thumbnails, self.single, self.mending, self.preflight, self.session):
                part.finish()

    def _connect_wishes(self) -> None:
        page, actions, session = self.page, self._actions, self.session
        page.grid.chosen.connect(self._choose)
        page.filters.changed.connect(session.ask)
        page.empty.survey_wanted.connect(lambda path: self.open([path]))
        actions["accept"].triggered.connect(self.reviewing.accept)
        page.problems.chosen.connect(lambda path: page.grid.choose(self.photos.row_of(self._id_of(path))))
        page.grid.resized.connect(lambda size: self._settings.keep_text("tile_size", str(size)))
        actions["larger"].triggered.connect(lambda: page.grid.resize_tiles(1))
        actions["smaller"].triggered.connect(lambda: page.grid.resize_tiles(-1))
        actions["search"].triggered.connect(page.filters.search)
        actions["filters"].triggered.connect(lambda: page.filters.open_panel())
        actions["stop"].triggered.connect(self._stop)
        actions["resume"].triggered.connect(self._resume)
        actions["clear"].triggered.connect(session.clear)
        actions["undo"].triggered.connect(session.undo)
        actions["redo"].triggered.connect(session.redo)

    def _connect_answers(self) -> None:
        session = self.session
        session.engine_opening.connect(lambda: self._show_engine(None, opening=True))
        session.engine_opening.connect(self.single.leave_model)
        session.engine_opened.connect(self._show_engine)
        session.engine_opened.connect(self.single.new_model)
        session.engine_failed.connect(self._engine_failed)
        session.survey_opened.connect(self._entered)
        session.scanned.connect(self._scanned)
        session.listed.connect(self._listed)
        session.answered.connect(self._changed)
        session.rearranged.connect(self._rearranged)
        session.card_gone.connect(self._card_gone)
        session.by_others.connect(self._offer_again)
        session.answered_again.connect(self._answered_again)
        session.progressed.connect(self._show_progress)
        session.run_failed.connect(self._run_failed)
        session.refused.connect(lambda reason: self.page.banner.show_message(texts.refused(reason)))
        self.thumbnails.ready.connect(self._thumbnails_ready)
        self.problems.changed.connect(self._show_problems)
        self.mending.trying.connect(self._trying)
        self.mending.saved.connect(lambda name: self.page.banner.show_message(texts.list_saved(name)))
        self.mending.failed.connect(self.page.banner.say)

    # What the session says

    def _show_engine(self, facts: EngineFacts | None, *, opening: bool = False) -> None:
        self._engine = facts or self._engine
        self.reviewing.use_names(self._engine.names if self._engine is not None else None)
        self.status.show_engine(facts, opening=opening)
        self.preflight.show_engine(self._engine)
        self._show_answer()

    def _engine_failed(self, reason: str) -> None:
        another = self._engine is not None
        self.status.show_engine(None)
        told = texts.engine_failed(reason, another=another, choose=self.model_wanted.emit)
        self.page.banner.show_message(told)

    def _entered(self, folder: str) -> None:
        """Another survey is open, or none."""
        self.page.filters.reset()
        self._reviewed, self._resumes = None, bool(folder)
        self.reviewing.enter()
        if not folder:
            self.thumbnails.clear()
            self.page.banner.clear()
            self.page.problems.hide()
            self.page.show_photos(False)
            self._show_recent()

    def _listed(self, ids: list[int]) -> None:
        self.photos.show_ids(ids)
        self.page.progress.show_list(len(ids), filtered=self.page.filters.narrowed)
        if ids:
            self.page.show_photos(True)
        row = self.photos.row_of(self._chosen)
        if self._dropped and (asked := self.photos.row_of(self.session.id_of(self._dropped))) >= 0:
            row, self._dropped = asked, ""  # the photo that was dropped, wherever it stands in its folder
        if ids:
            self.page.grid.choose(max(row, 0))
            first, resumes, self._resumes = self.photos.photo(0), self._resumes and row <= 0, False
            if resumes and first is not None and first.state == "reviewed":  # go on where the review ended
                self.session.look_for_unreviewed()
        else:
            self._choose(-1)

    def _scanned(self, seen: ScanSummary) -> None:
        told = texts.scanned(
            seen,
            self.session.survey_folder,
            show_problems=self.page.problems.show,
            look_again=self.session.look_again,
            locate=self.care.locate,
        )
        if told is not None:
            self.page.banner.show_message(told)

    def _asked(self, preflight: Preflight | None) -> None:
        """The sheet names the folders that can't be opened: not twice on one screen."""
        if preflight is not None and preflight.seen.unreadable and not self._described:
            self.page.banner.clear()
        self._described = preflight is not None

    def _changed(self, ids: list[int]) -> None:
        self.photos.refresh_ids(ids)
        if self._chosen in ids:
            self._show_answer()

    def _rearranged(self) -> None:
        self.photos.refresh_all()
        self._show_answer()

    def _card_gone(self, folder: str) -> None:
        self.page.banner.show_message(texts.card_gone(folder, self.session.resume, self.care.locate))

    def _offer_again(self, ids: list[int]) -> None:
        if ids:
            self.page.banner.show_message(texts.by_others(len(ids), self.session.answer_again))

    def _answered_again(self, again: int, left: int) -> None:
        if again or left:
            self.page.banner.show_message(texts.answered_again(again, left))

    def _show_progress(self, progress: Progress) -> None:
        self.status.show_progress(progress)
        counts = self.session.counts
        self.page.filters.show_counts(counts)
        self.page.progress.show_review(counts.reviewed, counts.total)
        self.page.answers.remark.show_tags(list(counts.tags))
        self._tell_end(counts)
        actions = self._actions
        actions["stop"].setEnabled(progress.running or self.session.gate.preflight is not None)
        actions["resume"].setEnabled(not progress.running and progress.waiting > 0)
        actions["choices"].setEnabled(progress.total > 0)
        actions["clear"].setEnabled(progress.total > 0)

    def _tell_end(self, counts: Counts) -> None:
        """Say what to do next once the last photo is reviewed, by a person who sees it happen."""
        before, self._reviewed = self._reviewed, counts.reviewed
        goal = counts.total - counts.failed
        if before is not None and before < counts.reviewed == goal and not counts.pending:
            export = self._actions.places.get("export")
            self.page.banner.show_message(texts.all_reviewed(counts, export.trigger if export else None))

    def _run_failed(self, reason: str) -> None:
        self.page.banner.show_message(texts.run_failed(reason, self.session.resume))

    # What the user does

    def _choose(self, id: int) -> None:
        row = self.photos.row_of(id)
        step = -1 if row < self._row else 1
        photo = self.photos.photo(row)
        self._chosen, self._row = (id, row) if photo is not None else (-1, -1)
        preview = self.thumbnails.get(photo.path) if photo is not None else None
        self.single.show(photo, self.photos.photo(row + step), preview)
        self._show_answer()

    def _stop(self) -> None:
        """Escape is for what is uppermost: the sheet, then the run."""
        if self.session.gate.preflight is not None:
            self.preflight.later()
        else:
            self.session.stop()

    def _resume(self) -> None:
        if self.session.gate.waits:
            self.preflight.begin()
        else:
            self.session.resume()

    def _trying(self, paths: list[str]) -> None:
        """These files are read anew."""
        for path in paths:
            self.thumbnails.forget(path)
        self.single.retry(paths)
        photo = self.photos.photo(self._row)
        if photo is not None and photo.path in paths:
            self._choose(self._chosen)

    # What the screen shows

    def _show_recent(self) -> None:
        self.session.recent(self.page.empty.show_recent)

    def _show_answer(self) -> None:
        self.reviewing.choose_photo(self._chosen)

    def _show_subject(self, subject: Subject) -> None:
        self.single.show_subject(subject)
        self.page.loupe.show_record(subject.record, self._engine.names if self._engine is not None else None)

    def _thumbnails_ready(self, paths: list[str]) -> None:
        self.page.empty.recent.viewport().update()
        self.photos.refresh(paths)
        photo = self.photos.photo(self._row)
        if photo is not None and photo.path in paths and self.page.view.is_empty:
            self.page.view.show_preview(self.thumbnails.get(photo.path))

    def _show_problems(self) -> None:
        self.status.show_problems(len(self.problems))

    def _id_of(self, path: str) -> int:
        """The id of a photo by its path, whether or not it is on the screen."""
        return self.session.id_of(path)
