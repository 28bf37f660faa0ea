"""Builds and connects everything: the only place that knows all parts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QApplication

from avistar import Classifier
from avistar.backends.factory import Device
from avistar.catalogue import Query
from avistar_gui.identify.controller import IdentifyController
from avistar_gui.identify.session.session import OpenClassifier
from avistar_gui.progress import Progress
from avistar_gui.screen import RailEntry, Screen
from avistar_gui.settings import LanguageCode, Settings
from avistar_gui.shell import log_file, support_report
from avistar_gui.shell.dialogs import ReportDialog, SettingsDialog
from avistar_gui.shell.interrupt import Interrupt
from avistar_gui.shell.main_window import MainWindow
from avistar_gui.shell.notifications import Notifications
from avistar_gui.shell.screenshot_tour import Tour
from avistar_gui.shell.single_instance import OpenRequest, SingleInstance
from avistar_gui.shell.translation import Translation
from avistar_gui.tasks import TaskQueue
from avistar_gui.texts import progress_sentence, text_of
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import Theme, ThemeName, ensure_font

translate = QCoreApplication.translate
MOST_SURVEYS = 50
"""Surveys of the library that are offered to learn from, those that were touched last."""
SWITCH_S = 0.001
"""How long a working thread may keep Python's lock while the window waits for it; the usual 5 ms add up."""


class App(QObject):
    """One window with its screens; language, theme and what concerns all of them."""

    def __init__(
        self, application: QApplication, open_classifier: OpenClassifier, settings: Settings | None = None
    ) -> None:
        super().__init__(application)
        self.settings = settings or Settings()
        self.theme = Theme(application, self.settings.theme)
        self.translation = Translation(application, self.settings.language)
        self._screens: dict[str, Screen] = {}
        self._places = {place.name: place for place in self._make_places()}
        self.window = MainWindow(list(self._places.values()), self.settings)
        self.identify = IdentifyController(open_classifier, self.window.actions_, self.settings, self)
        self._screens["identify"] = self.identify
        self.notices = Notifications(self.window, self.settings)
        self._background = TaskQueue("report", 1, self)
        self.window.add_status(self.identify.status)
        self._connect()
        self.go("identify")
        self._mark_choices()

    def start(self, paths: Sequence[str] = (), bundle: str | None = None) -> None:
        """Show the window, and only then open the model: the window must not wait for it."""
        self.window.show()
        self.identify.start(paths, bundle)

    def go(self, name: str) -> Screen:
        """Show the screen of the place `name`, made now if it was never visited."""
        self.identify.page.show_loupe(False)
        controller = self._screens.get(name)
        if controller is None:
            controller = self._screens[name] = self._places[name].make()
        self.window.show_page(name, controller.page)
        return controller

    def open(self, paths: Sequence[str]) -> None:
        """Identify photos and folders."""
        self.go("identify")
        self.identify.open(paths)

    def use_language(self, code: LanguageCode) -> None:
        """Switch the language and remember it."""
        self.settings.language = code
        self.translation.use(code)
        self._mark_choices()
        self.identify.retranslate()

    def use_theme(self, name: ThemeName) -> None:
        """Switch the theme and remember it."""
        self.settings.theme = name
        self.theme.use(name)
        self._mark_choices()

    def show_settings(self) -> SettingsDialog:
        """Open the settings."""
        dialog = SettingsDialog(self.settings, self.window)
        dialog.language_wanted.connect(self.use_language)
        dialog.theme_wanted.connect(self.use_theme)
        dialog.open()
        return dialog

    def show_report(self) -> ReportDialog:
        """Put the report for support together and show it."""
        dialog = ReportDialog(self.window)
        problems = self.identify.problems.faults()
        settings = {"language": self.settings.language, "theme": self.settings.theme}
        self._report = self._background.run(
            lambda _: support_report.collect(settings, problems),
            done=dialog.show_texts,
            failed=lambda error: dialog.note.setText(text_of(error)),
        )
        dialog.finished.connect(self._report.cancel)
        dialog.open()
        return dialog

    def tour(self, folder: Path) -> Tour:
        """Go through every screen once what was opened is identified; pictures of them go to `folder`."""
        session = self.identify.session
        tour = Tour(self.window, list(self._places), go=self.go, ready=self._rests, folder=folder)
        tour.facts = lambda: {"photos": session.counts.total, "failed": session.counts.failed}
        tour.start()
        return tour

    def _rests(self) -> bool:
        session, begin = self.identify.session, self.window.actions_["begin"]
        if begin.isEnabled():  # a sheet asks before a new survey is identified
            begin.trigger()
        answered = session.counts.total > 0 and session.counts.pending == 0
        return session.classifier is not None and not session.running and answered

    def take(self, request: OpenRequest) -> None:
        """Another start of Avistar hands over what it was asked for."""
        self.window.come_forward()
        if request.model is not None:
            self.identify.open_model(request.model)
        if request.paths:
            self.open(request.paths)

    def finish(self) -> None:
        """End every thread; safe to call twice."""
        self.notices.finish()
        self._background.finish()
        for controller in reversed(self._screens.values()):  # Identify last: it closes the model that others use
            controller.finish()

    def _make_places(self) -> list[RailEntry]:
        return [
            RailEntry("identify", "identify", lambda: translate("Places", "Identify"), lambda: self.identify),
            RailEntry("camera", "camera", lambda: translate("Places", "Camera"), self._make_camera),
            RailEntry("summary", "summary", lambda: translate("Places", "Summary"), self._make_summary),
            RailEntry("deployments", "deployments", lambda: translate("Places", "Deployments"), self._make_deployments),
            RailEntry("export", "export", lambda: translate("Places", "Export"), self._make_export),
            RailEntry("analysis", "analysis", lambda: translate("Places", "Analysis"), self._make_analysis),
            RailEntry("teach", "teach", lambda: translate("Places", "Teach"), self._make_teach),
            RailEntry("models", "models", lambda: translate("Places", "Models"), self._make_models),
        ]

    def _make_camera(self) -> Screen:
        from avistar_gui.camera.controller import CameraController

        session = self.identify.session
        controller = CameraController(lambda: session.classifier, self.settings, self)
        controller.saved.connect(self._picture_saved)
        session.engine_opening.connect(controller.stop)  # the model that watches is about to be closed
        return controller

    def _picture_saved(self, path: str) -> None:
        """A camera's picture joins the open survey if it lies in it; another survey is never closed for it."""
        folder = self.identify.session.survey_folder
        if not folder or Path(path).is_relative_to(folder):
            self.identify.open([path])

    def _make_summary(self) -> Screen:
        from avistar_gui.summary.controller import SummaryController, SurveyToCount

        session = self.identify.session

        def survey() -> SurveyToCount | None:
            return SurveyToCount(session.survey_path, session.survey_folder) if session.survey_path else None

        controller = SummaryController(survey, self)
        for changed in (session.survey_opened, session.progressed, session.reviewed):
            changed.connect(lambda *_: controller.survey_changed())
        return controller

    def _make_deployments(self) -> Screen:
        from avistar_gui.deployments.controller import DeploymentsController

        session = self.identify.session
        controller = DeploymentsController(lambda: session.survey_path, lambda: self.settings.reviewer, self)
        controller.stored.connect(session.reviews.say)
        controller.undo_wanted.connect(session.undo)
        session.survey_opened.connect(lambda _: controller.refresh())
        session.scanned.connect(lambda _: controller.refresh())
        session.reviews.redeployed.connect(controller.refresh)
        session.reviewed.connect(lambda *_: controller.photos_reviewed())
        session.ended.connect(lambda *_: controller.refresh())
        return controller

    def _make_export(self) -> Screen:
        from avistar_gui.export.controller import ExportController, SurveyToExport

        session = self.identify.session

        def survey() -> SurveyToExport | None:
            path, counts = session.survey_path, session.counts
            if not path:
                return None
            query, listed = session.query, self.identify.photos.rowCount()
            shown = query if query != Query() else None
            return SurveyToExport(path, session.survey_folder, counts.total, counts.reviewed, shown, listed)

        controller = ExportController(survey, self)
        session.survey_opened.connect(lambda _: controller.refresh())
        session.progressed.connect(lambda _: controller.refresh())
        session.listed.connect(lambda _: controller.refresh())
        return controller

    def _make_analysis(self) -> Screen:
        from avistar_gui.analysis.controller import AnalysisController
        from avistar_gui.analysis.data.sources import SurveyPlace

        session = self.identify.session

        def survey() -> SurveyPlace | None:
            path = session.survey_path
            return SurveyPlace(path, session.survey_folder) if path else None

        controller = AnalysisController(self.settings, survey=survey, parent=self)
        session.survey_opened.connect(lambda _: controller.survey_changed())
        session.reviewed.connect(lambda *_: controller.survey_changed())
        controller.worked.connect(self.notices.ended)
        return controller

    def _make_models(self) -> Screen:
        from avistar_gui.models import texts
        from avistar_gui.models.controller import ModelsController, OpenSurvey

        session = self.identify.session

        def survey() -> OpenSurvey | None:
            path, folder = session.survey_path, session.survey_folder
            return OpenSurvey(path, Path(folder).name or folder, session.counts.reviewed) if path else None

        def answer(folder: str) -> None:
            session.second.answer(
                folder,
                controller.show_beside,
                lambda found, differ: controller.end_beside(
                    texts.answered_beside(controller.beside, found.photos, found.unread, differ)
                ),
                lambda error: controller.end_beside(text_of(error)),
            )

        controller = ModelsController(self.settings, self, survey=survey)
        controller.beside_wanted.connect(answer)
        controller.beside_cancelled.connect(session.second.stop)
        session.second.stopped.connect(controller.stop_beside)
        session.survey_opened.connect(lambda _: controller.survey_changed())
        session.reviewed.connect(lambda *_: controller.survey_changed())
        controller.use_wanted.connect(self._use)
        controller.analyse_wanted.connect(self._analyse)
        controller.built.connect(self.notices.ended)
        session.engine_opened.connect(lambda facts: controller.show_used(facts.folder))
        if session.classifier is not None:
            controller.show_used(str(session.classifier.bundle.folder))
        return controller

    def _make_teach(self) -> Screen:
        from avistar_gui.teach.controller import Surroundings, TeachController
        from avistar_gui.teach.lessons import ReviewedSurvey

        session, thumbnails = self.identify.session, self.identify.thumbnails

        def survey() -> ReviewedSurvey | None:
            path = session.survey_path
            return ReviewedSurvey(path, session.survey_folder, session.counts.reviewed) if path else None

        def surveys() -> list[ReviewedSurvey]:
            found = session.library.recent(MOST_SURVEYS, look=False)
            return [ReviewedSurvey(one.path, one.folder, one.counts.reviewed) for one in found]

        def model() -> str:
            return str(session.classifier.bundle.folder) if session.classifier is not None else ""

        controller = TeachController(Surroundings(survey, surveys, model, thumbnails.get), self.settings, self)
        thumbnails.ready.connect(controller.thumbnails_ready)
        for signal in (session.survey_opened, session.reviewed, session.engine_opened):
            signal.connect(lambda *_: controller.changed())
        controller.use_wanted.connect(lambda folder: session.open(folder, again=True))
        controller.photo_wanted.connect(lambda path: self.open([path]))
        controller.worked.connect(self.notices.ended)
        return controller

    def _use(self, folder: str) -> None:
        self.identify.open_model(folder)
        self.go("identify")

    def _analyse(self, folder: str) -> None:
        from avistar_gui.analysis.controller import AnalysisController

        controller = self.go("analysis")
        if isinstance(controller, AnalysisController):
            controller.open(folder)

    def _connect(self) -> None:
        window, actions = self.window, self.window.actions_
        window.dropped.connect(self.open)
        window.dragging.connect(self.identify.page.empty.set_hot)
        window.model_wanted.connect(self.identify.open_model)
        window.place_wanted.connect(self.go)
        self.identify.page.loupe_shown.connect(window.show_large)
        window.closing.connect(self.finish)
        actions["settings"].triggered.connect(self.show_settings)
        actions["report"].triggered.connect(self.show_report)
        self.identify.session.ended.connect(self._run_ended)
        self.identify.model_wanted.connect(window.ask_model)
        for code, action in actions.languages.items():
            action.triggered.connect(lambda _=False, code=code: self.use_language(code))
        for name, action in actions.themes.items():
            action.triggered.connect(lambda _=False, name=name: self.use_theme(name))

    def _run_ended(self, progress: Progress, elapsed_s: float) -> None:
        self.notices.ended(progress_sentence(progress), elapsed_s)

    def _mark_choices(self) -> None:
        actions = self.window.actions_
        actions.languages[self.translation.code].setChecked(True)
        actions.themes[self.theme.name].setChecked(True)


def opener(device: Device = "auto") -> OpenClassifier:
    """Opens a bundle's folder (None: the default bundle) on `device`."""
    return lambda folder: Classifier.open(folder, device)


def application() -> QApplication:
    """The Qt application of this process, made where there is none yet."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    sys.setswitchinterval(SWITCH_S)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    made = QApplication(sys.argv[:1])
    made.setApplicationName("Avistar")
    made.setDesktopFileName("avistar")
    ensure_font(made)
    made.setWindowIcon(icons.application_icon())
    return made


def run(
    paths: Sequence[Path] = (),
    *,
    model: Path | None = None,
    device: Device = "auto",
    language: LanguageCode | None = None,
    tour: Path | None = None,
) -> int:
    """Open the window and stay until it is closed; the exit code.

    With `tour` it goes through its screens by itself, leaves their pictures in that folder, and ends.
    """
    qt = application()
    settings = Settings()
    if language is not None:
        settings.language = language
    wanted = [str(path.absolute()) for path in paths]
    bundle = str(model.absolute()) if model is not None else None
    instance = SingleInstance()
    if tour is None and instance.hand_over(wanted, bundle):
        return 0
    log_file.start()
    app = App(qt, opener(device), settings)
    qt.aboutToQuit.connect(app.finish)
    qt.aboutToQuit.connect(instance.finish)
    if tour is None:
        instance.asked.connect(app.take)
        instance.listen()
    else:
        app.tour(tour)
    interrupt = Interrupt(app.window.close, app)
    qt.aboutToQuit.connect(interrupt.finish)
    app.start(wanted, bundle)
    return qt.exec() or interrupt.exit_code
