"""Identify at work: passes wishes to the session, and what the session says to the page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from avistar_gui.actions import Actions
from avistar_gui.banner import Message
from avistar_gui.identify.files import ScanSummary
from avistar_gui.identify.page import IdentifyPage
from avistar_gui.identify.photos import PhotoList
from avistar_gui.identify.problems import Problem, ProblemList
from avistar_gui.identify.session import Answer, EngineFacts, OpenClassifier, Session
from avistar_gui.identify.status import StatusStrip
from avistar_gui.large import LargePhoto, PhotoLoader
from avistar_gui.progress import Progress
from avistar_gui.settings import Settings
from avistar_gui.thumbnails import Thumbnails
from avistar_gui.wording import count, flag_sentence

THUMBNAIL = 256
"""Longest side of a thumbnail in logical px, enough for a tile."""


class IdentifyDesk(QObject):
    """The Identify page with its session."""

    model_wanted = Signal()

    def __init__(
        self, open_classifier: OpenClassifier, actions: Actions, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        sharp = round(THUMBNAIL * QApplication.primaryScreen().devicePixelRatio())
        self.thumbnails = Thumbnails(sharp, parent=self)
        self.loader = PhotoLoader(parent=self)
        self.session = Session(open_classifier, parent=self)
        self.photos = PhotoList(self.thumbnails.get, self)
        self.problems = ProblemList(self)
        self.page = IdentifyPage(self.photos, self.problems, actions, settings)
        self.status = StatusStrip(actions)
        self._engine: EngineFacts | None = None
        self._chosen = ""
        self._row = -1
        self._finished = False
        self._connect_wishes()
        self._connect_answers()
        self._show_progress(self.session.progress)
        self._show_problems()

    def start(self, paths: Sequence[str] = (), bundle: str | None = None) -> None:
        """Open the model and these photos once the window stands: it must not wait for either."""
        QTimer.singleShot(0, self, lambda: self.session.open(bundle))
        if paths:
            QTimer.singleShot(0, self, lambda: self.open(list(paths)))

    def open(self, paths: Sequence[str]) -> None:
        """Add photos and folders."""
        if paths:
            self.page.banner.clear()
            self.session.add(paths)
        else:
            text = Message(lambda: self.tr("Only files and folders on this computer can be opened."))
            self.page.banner.show_message(text)

    def open_model(self, folder: str) -> None:
        """Identify with the bundle in `folder` from now on."""
        self.page.banner.clear()
        self.session.open(folder)

    def retranslate(self) -> None:
        """The language changed: say again what was said."""
        self.problems.retranslate()
        self._show_problems()
        if self._chosen:
            self._choose(self._chosen)

    def finish(self) -> None:
        """End every thread; safe to call twice."""
        if not self._finished:
            self._finished = True
            for part in (self.thumbnails, self.loader, self.session):
                part.finish()

    def _connect_wishes(self) -> None:
        page, actions, session = self.page, self._actions, self.session
        page.grid.chosen.connect(self._choose)
        page.problems.chosen.connect(lambda path: page.grid.choose(self.photos.row_of(path)))
        page.problems.retry_wanted.connect(self._retry)
        actions["stop"].triggered.connect(session.stop)
        actions["resume"].triggered.connect(session.resume)
        actions["clear"].triggered.connect(self._clear)

    def _connect_answers(self) -> None:
        session = self.session
        session.engine_opening.connect(lambda: self._show_engine(None, opening=True))
        session.engine_opened.connect(self._show_engine)
        session.engine_failed.connect(self._engine_failed)
        session.found.connect(self._found)
        session.scanned.connect(self._scanned)
        session.answered.connect(self._answered)
        session.progressed.connect(self._show_progress)
        session.run_failed.connect(self._run_failed)
        self.thumbnails.ready.connect(self._thumbnails_ready)
        self.loader.loaded.connect(self._show_large)
        self.loader.failed.connect(self._large_failed)
        for changed in (self.problems.rowsInserted, self.problems.modelReset):
            changed.connect(self._show_problems)

    # What the session says

    def _show_engine(self, facts: EngineFacts | None, *, opening: bool = False) -> None:
        self._engine = facts or self._engine
        self.status.show_engine(facts, opening=opening)
        self._show_answer()

    def _engine_failed(self, reason: str) -> None:
        another = self._engine is not None  # it stays open, and the session says so next
        self.status.show_engine(None)
        self.page.banner.show_message(
            Message(
                title=lambda: (
                    self.tr("That model can't be used; the one before stays open.")
                    if another
                    else self.tr("The model can't be used, so photos can't be identified yet.")
                ),
                detail=reason,
                severity="error",
                action=lambda: self.tr("Choose a model…"),
                on_action=self.model_wanted.emit,
            )
        )

    def _found(self, paths: list[str]) -> None:
        self.photos.add(paths)
        if not self._chosen:  # before the grid gets the focus, which would move the cursor without choosing
            self.page.grid.choose(0)
        self.page.show_photos(True)

    def _scanned(self, seen: ScanSummary) -> None:
        self.problems.add(Problem(folder, None, reason) for folder, reason in seen.unreadable)
        if seen.unreadable:
            number = len(seen.unreadable)
            self.page.banner.show_message(
                Message(
                    title=lambda: self.tr("%n folder(s) could not be opened.", "", number),
                    action=lambda: self.tr("Show problems"),
                    on_action=self.page.problems.show,
                )
            )
        elif seen.photos == 0:
            folders = seen.folders
            self.page.banner.show_message(
                Message(lambda: self.tr("There are no photos there; %n folder(s) were searched.", "", folders))
            )

    def _answered(self, answers: list[Answer]) -> None:
        self.photos.show([(answer.path, answer.identification) for answer in answers])
        self.problems.remove(a.path for a in answers if a.identification.failure is None)
        self.problems.add(
            Problem(answer.path, failure.fault, failure.message)
            for answer in answers
            if (failure := answer.identification.failure) is not None
        )
        if any(answer.path == self._chosen for answer in answers):
            self._show_answer()

    def _show_progress(self, progress: Progress) -> None:
        self.status.show_progress(progress)
        actions = self._actions
        actions["stop"].setEnabled(progress.running)
        actions["resume"].setEnabled(not progress.running and progress.waiting > 0)
        actions["clear"].setEnabled(progress.total > 0)

    def _run_failed(self, reason: str) -> None:
        self.page.banner.show_message(
            Message(
                title=lambda: self.tr("Identifying stopped. What was done is kept."),
                detail=reason,
                severity="error",
                action=lambda: self.tr("Continue"),
                on_action=self.session.resume,
            )
        )

    # What the user does

    def _choose(self, path: str) -> None:
        row = self.photos.row_of(path)
        step = -1 if row < self._row else 1
        self._chosen, self._row = path, row
        if not path:
            self.loader.cancel()
            self.page.view.show_preview(None)
            self.page.caption.clear()
        else:
            ahead = self.photos.photo(row + step)
            self.page.view.show_preview(self.thumbnails.get(path))
            self.page.caption.setText(self._name())
            self.loader.show(path, ahead.path if ahead is not None else None)
        self._show_answer()

    def _retry(self, paths: list[str]) -> None:
        for path in paths:
            self.thumbnails.forget(path)
            self.loader.forget(path)
        self.problems.remove(paths)
        self.photos.show([(path, None) for path in paths])
        self.session.retry(paths)
        if self._chosen in paths:
            self._choose(self._chosen)

    def _clear(self) -> None:
        self.session.clear()
        self.photos.clear()
        self.problems.clear()
        self.thumbnails.clear()
        self._choose("")
        self.page.banner.clear()
        self.page.problems.hide()
        self.page.show_photos(False)

    # What the screen shows

    def _show_answer(self) -> None:
        photo = self.photos.photo(self.photos.row_of(self._chosen))
        self.page.answers.show_photo(photo, self._engine.names if self._engine else None)

    def _show_large(self, large: LargePhoto) -> None:
        self.page.view.show_photo(large.image)
        self.page.view.setToolTip("")
        width, height = large.full_size
        flags = [sentence for sentence in map(flag_sentence, large.flags) if sentence]
        size = f"{count(width)} × {count(height)} px"
        self.page.caption.setText("  ·  ".join((self._name(), size, *flags)))

    def _large_failed(self, path: str, reason: str) -> None:
        self.page.view.show_message(self.tr("This photo can't be shown."))
        self.page.view.setToolTip(reason)

    def _thumbnails_ready(self, paths: list[str]) -> None:
        self.photos.refresh(paths)
        if self._chosen in paths and self.page.view.is_empty:
            self.page.view.show_preview(self.thumbnails.get(self._chosen))

    def _show_problems(self) -> None:
        self.status.show_problems(self.problems.rowCount())

    def _name(self) -> str:
        photo = self.photos.photo(self._row)
        return photo.name if photo is not None else ""
