"""Builds and connects everything: the only place that knows all parts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from avistar import Classifier
from avistar.backends.choose import Device
from avistar_gui import icons
from avistar_gui.banner import Message
from avistar_gui.files import ScanSummary
from avistar_gui.large import LargePhoto, PhotoLoader
from avistar_gui.main_window import MainWindow
from avistar_gui.photos import PhotoList
from avistar_gui.problems import Problem, ProblemList
from avistar_gui.progress import Progress
from avistar_gui.session import Answer, EngineFacts, OpenClassifier, Session
from avistar_gui.settings import LanguageCode, Settings
from avistar_gui.theme import Theme, ThemeName
from avistar_gui.thumbnails import Thumbnails
from avistar_gui.translation import Translation
from avistar_gui.wording import count, flag_sentence

THUMBNAIL = 256
"""Longest side of a thumbnail in logical px, enough for a tile."""


class Desk(QObject):
    """One window with its session: passes wishes to the session, and what the session says to the screen."""

    def __init__(
        self, application: QApplication, open_classifier: OpenClassifier, settings: Settings | None = None
    ) -> None:
        super().__init__(application)
        self.settings = settings or Settings()
        self.theme = Theme(application, self.settings.theme)
        self.translation = Translation(application, self.settings.language)
        sharp = round(THUMBNAIL * application.primaryScreen().devicePixelRatio())
        self.thumbnails = Thumbnails(sharp, parent=self)
        self.loader = PhotoLoader(parent=self)
        self.session = Session(open_classifier, parent=self)
        self.photos = PhotoList(self.thumbnails.get, self)
        self.problems = ProblemList(self)
        self.window = MainWindow(self.photos, self.problems, self.settings)
        self._engine: EngineFacts | None = None
        self._chosen = ""
        self._row = -1
        self._finished = False
        self._connect_wishes()
        self._connect_answers()
        self._show_progress(self.session.progress)
        self._show_problems()
        self._mark_choices()

    def start(self, paths: Sequence[str] = (), bundle: str | None = None) -> None:
        """Show the window, and only then open the model: the window must not wait for it."""
        self.window.show()
        QTimer.singleShot(0, self, lambda: self.session.open(bundle))
        if paths:
            QTimer.singleShot(0, self, lambda: self.open(list(paths)))

    def open(self, paths: Sequence[str]) -> None:
        """Add photos and folders."""
        if paths:
            self.window.banner.clear()
            self.session.add(paths)
        else:
            text = Message(lambda: self.tr("Only files and folders on this computer can be opened."))
            self.window.banner.show_message(text)

    def use_language(self, code: LanguageCode) -> None:
        """Switch the language and remember it."""
        self.settings.language = code
        self.translation.use(code)
        self._mark_choices()
        if self._chosen:
            self._choose(self._chosen)

    def use_theme(self, name: ThemeName) -> None:
        """Switch the theme and remember it."""
        self.settings.theme = name
        self.theme.use(name)
        self._mark_choices()

    def finish(self) -> None:
        """End every thread; safe to call twice."""
        if not self._finished:
            self._finished = True
            for part in (self.thumbnails, self.loader, self.session):
                part.finish()

    def _connect_wishes(self) -> None:
        window, actions, session = self.window, self.window.actions_, self.session
        window.dropped.connect(self.open)
        window.model_wanted.connect(self._open_model)
        window.closing.connect(self.finish)
        window.grid.chosen.connect(self._choose)
        window.problems.chosen.connect(lambda path: window.grid.choose(self.photos.row_of(path)))
        window.problems.retry_wanted.connect(self._retry)
        actions["stop"].triggered.connect(session.stop)
        actions["resume"].triggered.connect(session.resume)
        actions["clear"].triggered.connect(self._clear)
        for code, action in actions.languages.items():
            action.triggered.connect(lambda _=False, code=code: self.use_language(code))
        for name, action in actions.themes.items():
            action.triggered.connect(lambda _=False, name=name: self.use_theme(name))

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
        self.window.status.show_engine(facts, opening=opening)
        self._show_answer()

    def _engine_failed(self, reason: str) -> None:
        another = self._engine is not None  # it stays open, and the session says so next
        self.window.status.show_engine(None)
        self.window.banner.show_message(
            Message(
                title=lambda: (
                    self.tr("That model can't be used; the one before stays open.")
                    if another
                    else self.tr("The model can't be used, so photos can't be identified yet.")
                ),
                detail=reason,
                severity="error",
                action=lambda: self.tr("Choose a model…"),
                on_action=self.window.ask_model,
            )
        )

    def _found(self, paths: list[str]) -> None:
        self.photos.add(paths)
        if not self._chosen:  # before the grid gets the focus, which would move the cursor without choosing
            self.window.grid.choose(0)
        self.window.show_photos(True)

    def _scanned(self, seen: ScanSummary) -> None:
        self.problems.add(Problem(folder, None, reason) for folder, reason in seen.unreadable)
        if seen.unreadable:
            number = len(seen.unreadable)
            self.window.banner.show_message(
                Message(
                    title=lambda: self.tr("%n folder(s) could not be opened.", "", number),
                    action=lambda: self.tr("Show problems"),
                    on_action=self.window.problems.show,
                )
            )
        elif seen.photos == 0:
            folders = seen.folders
            self.window.banner.show_message(
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
        self.window.status.show_progress(progress)
        actions = self.window.actions_
        actions["stop"].setEnabled(progress.running)
        actions["resume"].setEnabled(not progress.running and progress.waiting > 0)
        actions["clear"].setEnabled(progress.total > 0)

    def _run_failed(self, reason: str) -> None:
        self.window.banner.show_message(
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
            self.window.view.show_preview(None)
            self.window.caption.clear()
        else:
            ahead = self.photos.photo(row + step)
            self.window.view.show_preview(self.thumbnails.get(path))
            self.window.caption.setText(self._name())
            self.loader.show(path, ahead.path if ahead is not None else None)
        self._show_answer()

    def _open_model(self, folder: str) -> None:
        self.window.banner.clear()
        self.session.open(folder)

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
        self.window.banner.clear()
        self.window.problems.hide()
        self.window.show_photos(False)

    # What the screen shows

    def _show_answer(self) -> None:
        photo = self.photos.photo(self.photos.row_of(self._chosen))
        self.window.answers.show_photo(photo, self._engine.names if self._engine else None)

    def _show_large(self, large: LargePhoto) -> None:
        self.window.view.show_photo(large.image)
        self.window.view.setToolTip("")
        width, height = large.full_size
        flags = [sentence for sentence in map(flag_sentence, large.flags) if sentence]
        size = f"{count(width)} × {count(height)} px"
        self.window.caption.setText("  ·  ".join((self._name(), size, *flags)))

    def _large_failed(self, path: str, reason: str) -> None:
        self.window.view.show_message(self.tr("This photo can't be shown."))
        self.window.view.setToolTip(reason)

    def _thumbnails_ready(self, paths: list[str]) -> None:
        self.photos.refresh(paths)
        if self._chosen in paths and self.window.view.is_empty:
            self.window.view.show_preview(self.thumbnails.get(self._chosen))

    def _show_problems(self) -> None:
        self.window.status.show_problems(self.problems.rowCount())

    def _name(self) -> str:
        photo = self.photos.photo(self._row)
        return photo.name if photo is not None else ""

    def _mark_choices(self) -> None:
        actions = self.window.actions_
        actions.languages[self.translation.code].setChecked(True)
        actions.themes[self.theme.name].setChecked(True)
        self.problems.retranslate()
        self._show_problems()


def opener(device: Device = "auto") -> OpenClassifier:
    """Opens a bundle's folder (None: the default bundle) on `device`."""
    return lambda folder: Classifier.open(folder, device)


def application() -> QApplication:
    """The Qt application of this process, made where there is none yet."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    made = QApplication(sys.argv[:1])
    made.setApplicationName("Avistar")
    made.setDesktopFileName("avistar")
    made.setWindowIcon(icons.application_icon())
    return made


def run(
    paths: Sequence[Path] = (),
    *,
    model: Path | None = None,
    device: Device = "auto",
    language: LanguageCode | None = None,
) -> int:
    """Open the window and stay until it is closed; the exit code."""
    qt = application()
    settings = Settings()
    if language is not None:
        settings.language = language
    desk = Desk(qt, opener(device), settings)
    qt.aboutToQuit.connect(desk.finish)
    desk.start([str(path) for path in paths], str(model) if model is not None else None)
    return qt.exec()
