"""What goes on: the open model, the open survey, the run over it, and what people say. Knows no widget.

Everything slow happens in `TaskQueue`; what comes back are immutable values in signals. Whatever was answered
or said is in the survey's catalogue before it is shown. `Intake` opens surveys, `Runner` works on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from avistar import Classifier
from avistar.catalogue import Counts, Query, Row
from avistar.options import MediaChoices
from avistar.records import Record, Sighting, Verdict
from avistar.species import Species
from avistar_gui.identify.session.cards import Card, camera_cards
from avistar_gui.identify.session.intake import Intake
from avistar_gui.identify.session.model_facts import EngineFacts
from avistar_gui.identify.session.run import CardGone, Runner, RunOrder, error_text
from avistar_gui.identify.session.second_model import SecondModel
from avistar_gui.identify.session.start_gate import StartGate
from avistar_gui.identify.session.statement import naming
from avistar_gui.identify.session.survey import ScanSummary, Survey
from avistar_gui.identify.session.survey_access import ReviewWriter, SurveyQueries
from avistar_gui.identify.session.survey_care import SurveyCare
from avistar_gui.identify.session.survey_library import LibraryEntry, SurveyLibrary
from avistar_gui.progress import Meter, Progress
from avistar_gui.tasks import TaskQueue

OpenClassifier = Callable[[str | None], Classifier]
BATCH = 8
ASK_AGAIN_MS = 1500
"""While answers come, a list that depends on them is asked for again this often."""


class Session(QObject):
    """Opens a model and a survey, takes in folders, identifies what is pending, stores what people say.

    `open_classifier` gets a bundle's folder, or None for the default one. A survey that nobody has begun may wait
    for `begin` (see `StartGate`); all others go on by themselves.
    """

    engine_opening = Signal()
    engine_opened = Signal(object)  # EngineFacts
    engine_failed = Signal(str)
    survey_opened = Signal(str)  # its folder; "" when there is none any more
    scanned = Signal(object)  # ScanSummary
    listed = Signal(object)  # list[int]: ids of the media that the query chooses, in order
    answered = Signal(object)  # list[int]: ids of media with new answers
    rearranged = Signal()  # any photo may have another answer: bursts were joined, a site's list decides
    failed = Signal(object)  # list[Record] with their failures, or incomplete
    failures = Signal(object)  # list[Record]: all of these, in place of what was told before
    reviewed = Signal(object, bool)  # list[int], and whether to go there (after undo and redo)
    unsaved = Signal(object, str)  # list[int]: media whose reviews wait to be stored, and why
    favourites = Signal(object)  # tuple[str, ...]: the species that people named last, when a survey is opened
    unreviewed = Signal(object)  # list[int]: what nobody reviewed of the media that the query chooses, in order
    by_others = Signal(object)  # list[int]: media that another model answered, and nobody reviewed
    answered_again = Signal(int, int)  # media answered from what the network saw, and those to be identified again
    progressed = Signal(object)  # Progress
    run_failed = Signal(str)
    refused = Signal(str)  # why choices can't be kept; those before hold
    card_gone = Signal(str)  # the survey's folder, which is no longer there
    ended = Signal(object, float)  # Progress, seconds that the run took; only when nothing is left

    def __init__(
        self,
        open_classifier: OpenClassifier,
        library: SurveyLibrary | None = None,
        *,
        batch: int = BATCH,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_classifier, self._batch = open_classifier, batch
        self.library = library or SurveyLibrary()
        self._classifier: Classifier | None = None
        self._paused, self._choosing, self._unjoined = False, False, False
        self._counts = Counts()
        self._meter = Meter()
        self._engine, self._files = TaskQueue("engine", 1, self), TaskQueue("files", 1, self)
        self._people, self._lists = TaskQueue("people", 1, self), TaskQueue("lists", 1, self)
        self._queries = SurveyQueries(self._lists, lambda: self._survey, self)
        self.reviews = ReviewWriter(self._people, lambda: self._survey, self)
        self.second = SecondModel(self._engine, lambda: self._survey, open_classifier, self)
        self.gate, self._runner = StartGate(self), Runner(self._engine, self)
        self._intake = Intake(self._files, self.library, lambda: self.gate.choices.videos, self)
        self.care = SurveyCare(self._files, self.library, self._intake, self)
        self._again = QTimer(self, singleShot=True, interval=ASK_AGAIN_MS)
        self._connect()

    @property
    def running(self) -> bool:
        """Whether photos are being identified."""
        return self._runner.running

    @property
    def survey_path(self) -> str:
        """The open survey's file, "" while there is none."""
        return str(self._survey.path) if self._survey is not None else ""

    @property
    def survey_folder(self) -> str:
        """The folder that the open survey is of."""
        return self._survey.folder if self._survey is not None else ""

    @property
    def camera_trap(self) -> bool:
        """Whether the open survey's folder looks like a camera's card."""
        return self._survey is not None and self._survey.camera_trap

    @property
    def classifier(self) -> Classifier | None:
        """The open model, None while there is none; it is closed once `engine_opening` was followed by another."""
        return self._classifier

    @property
    def progress(self) -> Progress:
        """How far the survey is."""
        return self._meter.progress(self._counts, running=self.running, asked=self.gate.waits)

    @property
    def counts(self) -> Counts:
        """The survey's figures as last counted."""
        return self._counts

    @property
    def query(self) -> Query:
        """What is listed, by whichever order."""
        return replace(self._queries.query, order="listed")

    def rows(self, ids: Sequence[int]) -> list[Row]:
        """What a grid shows of some media; quick."""
        return self._survey.page.rows(ids) if self._survey is not None else []

    def record(self, id: int) -> Record | None:
        """Everything about one medium; quick."""
        found = self._survey.page.records_of([id]) if self._survey is not None and id >= 0 else []
        return found[0] if found else None

    def id_of(self, path: str) -> int:
        """The id of the file at `path`, -1 where the survey has none such; quick."""
        return next(iter(self.ids_of([path])), -1)

    def ids_of(self, paths: Sequence[str]) -> list[int]:
        """The ids of the files at `paths`, without those that the survey has not; quick."""
        return self._survey.ids_of(paths) if self._survey is not None else []

    def species(self) -> tuple[Species, ...]:
        """The survey's list: the model's species and what people added; quick."""
        return self._survey.page.species.all() if self._survey is not None else ()

    def opinions(self, id: int) -> dict[str, frozenset[str]]:
        """What each person said last of a medium; quick."""
        return self._survey.page.opinions(id) if self._survey is not None and id >= 0 else {}

    def look_for_unreviewed(self) -> None:
        """Look what is left to review of the media listed; answers `unreviewed`."""
        self._queries.look_for_unreviewed()

    def look_for_favourites(self) -> None:
        """Look which species people named last; answers `favourites`."""
        self._queries.look_for_favourites()

    def burst_of(self, id: int) -> list[int]:
        """The media of the burst that a medium belongs to, itself included; quick."""
        return self._survey.burst(id) if self._survey is not None and id >= 0 else []

    def recent(self, done: Callable[[list[LibraryEntry]], None]) -> None:
        """Look for surveys of the past, and call `done` with them."""
        self._files.run(lambda _: self.library.recent(), done=done, failed=lambda _: done([]))

    def cards(self, done: Callable[[list[Card]], None]) -> None:
        """Look for cameras' cards in this computer's slots, and call `done` with them."""
        self._files.run(lambda _: camera_cards(), done=done, failed=lambda _: done([]))

    def open(self, folder: str | None = None, *, again: bool = False) -> None:
        """Open the bundle in `folder`; answers `engine_opened` or `engine_failed`.

        `again`: it also answers what another model answered, see `answer_again`.
        """
        self.stop()
        self.engine_opening.emit()
        self._engine.run(
            lambda _: self._open_classifier(folder),
            done=lambda opened: self._opened(opened, again=again),
            failed=self._not_opened,
        )

    def answer_again(self) -> None:
        """Answer with the open model what another one answered and nobody reviewed; answers `answered_again`.

        In seconds from what the network saw, where that was kept; other photos are identified once more.
        """
        order = self._order()
        if order is not None:
            self._paused = False
            self._runner.answer_again(order)

    def add(self, paths: Iterable[str]) -> None:
        """Take photos and folders into their survey and identify them; answers `scanned`, then `listed`."""
        self._paused = False
        self._intake.want(list(paths))

    def look_again(self) -> None:
        """Look once more into the folders of the open survey: one that could not be opened may have been mended."""
        self._paused = False
        self._intake.again()

    def ask(self, query: Query) -> None:
        """List these media from now on; answers `listed`."""
        self._queries.query = query
        self._queries.ask()

    def review(self, ids: Sequence[int], verdict: Verdict, species: str = "", reviewer: str = "") -> None:
        """Store what a person says of some media; answers `reviewed`."""
        self.reviews.change(ids, naming(Sighting(verdict, species)), reviewer)

    def undo(self) -> None:
        """Take the last review back; answers `reviewed` with where that was."""
        self.reviews.undo()

    def redo(self) -> None:
        """Say again what was taken back last; answers `reviewed`."""
        self.reviews.redo()

    def retry(self, ids: Sequence[int]) -> None:
        """Identify these once more: their files may have been mended."""
        survey = self._survey
        if survey is not None:
            self._paused = False
            self._files.run(
                lambda _: survey.catalogue.forget_answers(ids), done=lambda _: self._queries.count(), failed=self._broke
            )

    def stop(self) -> None:
        """End the run within the batches in work; what is answered stays, the rest waits for `resume`."""
        self._paused = True
        self._runner.stop()

    def resume(self) -> None:
        """Identify what waits; a survey that nobody has begun begins."""
        self._paused = False
        if self.gate.waits:
            self.begin(self.gate.choices)
        else:
            self._start()

    def look_over(self) -> None:
        """Tell once more what is known of the open survey, to choose otherwise."""
        self.gate.look_over(self._counts, self._meter.per_second)

    def begin(self, choices: MediaChoices, only: Sequence[str] | None = None) -> None:
        """Identify the open survey by these `choices`, and for a site's species `only` (None: as before).

        `refused` says why choices can't be kept; what was chosen before stays then.
        """
        survey, classifier, before = self._survey, self._classifier, self.gate.choices
        if survey is None or classifier is None:
            return
        self._choosing = True  # nothing starts before they are kept: by the run's own thread, after it
        self._runner.stop()

        def done(error: Exception | None) -> None:
            self._choosing = False
            if self._survey is not survey:
                return
            if error is None:
                self._paused = False
                self.gate.begun(choices)
                self._chosen(before)
            else:
                self.refused.emit(error_text(error))
                self._start()

        self._engine.run(
            lambda _: survey.choose(choices, before, classifier, only), done=lambda _: done(None), failed=done
        )

    def clear(self) -> None:
        """Close the survey; it stays on the library."""
        self._intake.leave()
        self._counts = Counts()
        self.survey_opened.emit("")
        self.listed.emit([])
        self.progressed.emit(self.progress)

    def finish(self) -> None:
        """End threads, survey and model; waits for the batches in work, delivers nothing more."""
        self._runner.stop()
        self._again.stop()
        for one in (self._files, self._lists, self._people, self._engine):
            one.finish()
        self.reviews.finish()
        self._intake.close()
        if self._classifier is not None:
            self._classifier.close()
            self._classifier = None

    # The model

    def _opened(self, classifier: Classifier, *, again: bool = False) -> None:
        if self._classifier is not None:
            self._classifier.close()
        self._classifier = classifier
        self.engine_opened.emit(EngineFacts.of(classifier))
        self._paused = False
        self.gate.measured(0.0)  # another model has another speed
        if again:
            self.answer_again()
        else:
            self._queries.look_for_others(self._classifier)
        self._intake.use(classifier)
        self._start()

    def _not_opened(self, error: Exception) -> None:
        self.engine_failed.emit(error_text(error))
        if self._classifier is not None:  # the model that was open still is
            self.engine_opened.emit(EngineFacts.of(self._classifier))
            self.resume()

    # The survey

    @property
    def _survey(self) -> Survey | None:
        return self._intake.survey

    def _connect(self) -> None:
        intake, runner, gate, queries = self._intake, self._runner, self.gate, self._queries
        queries.listed.connect(self.listed)
        queries.failures.connect(self.failures)
        queries.by_others.connect(self.by_others)
        queries.favourites.connect(self.favourites)
        queries.unreviewed.connect(self.unreviewed)
        queries.counted.connect(self._counted)
        queries.broke.connect(self._broke)
        self.reviews.stored.connect(self._reviewed)
        self.reviews.broke.connect(self._not_stored)
        self.reviews.unsaved.connect(lambda ids, error: self.unsaved.emit(ids, error_text(error)))
        intake.leaving.connect(self._leave)
        intake.entered.connect(self._entered)
        intake.scanned.connect(self._scanned)
        intake.broke.connect(self._not_stored)
        runner.stored.connect(self._take)
        runner.joined.connect(self.rearranged)
        self.second.answered.connect(self.rearranged)
        runner.answered_again.connect(self._answered_again)
        self.rearranged.connect(self._refresh)
        runner.measured.connect(gate.measured)
        runner.ended.connect(self._ended)
        runner.broke.connect(self._broke)
        gate.passed.connect(self.begin)
        gate.described.connect(lambda _: self._start())
        self._again.timeout.connect(self._refresh)

    def _leave(self, survey: Survey) -> None:
        """A run in progress becomes stale, and the file is freed after it."""
        self._runner.leave()
        self.second.stop()
        self._queries.leave()
        self.gate.leave()

        def close() -> None:
            # In the run's own thread: after it, and before anything else is identified.
            self._engine.run(lambda _: survey.close(), done=lambda _: None, failed=lambda _: None)

        self.reviews.leave(survey, close)

    def _entered(self, survey: Survey) -> None:
        self.gate.enter(survey)
        self._unjoined = True
        self.survey_opened.emit(survey.folder)
        self._queries.ask()
        self._queries.count()
        self._queries.look_for_others(self._classifier)
        self._queries.list_failures()
        self._queries.look_for_favourites()

    def _scanned(self, summary: ScanSummary) -> None:
        self.gate.saw(summary)
        self._paused = self._paused or summary.absent
        self.scanned.emit(summary)
        self._queries.ask()
        self._queries.count()

    def _chosen(self, before: MediaChoices) -> None:
        """Other choices hold: look, join, decide and count anew where they differ."""
        order = self._order()
        if self.gate.choices.videos != before.videos:
            self._intake.again()
        if order is not None and self.gate.choices.gap != before.gap and self._counts.answered:
            self._runner.join(order)
        self._queries.list_failures()
        self.rearranged.emit()

    # Figures

    def _counted(self, counted: tuple[Counts, int]) -> None:
        self._counts = counted[0]
        self.gate.counted(*counted)
        if self._unjoined and not self.gate.held:
            self._join_what_is_left()
        self.progressed.emit(self.progress)
        self._start()

    def _join_what_is_left(self) -> None:
        """A run joins bursts at its end; one that was killed just before has left them single."""
        self._unjoined, order = False, self._order()
        if order is not None and order.survey.unjoined and not self._counts.pending:
            self._runner.join(order)

    def _refresh(self) -> None:
        if self._queries.query != Query():
            self._queries.ask()
        self._queries.count()

    def _reviewed(self, ids: list[int], go: bool) -> None:
        self.reviewed.emit(ids, go)
        self._queries.count()

    # The run

    def _order(self, *, probe: bool = False) -> RunOrder | None:
        survey, classifier = self._survey, self._classifier
        if survey is None or classifier is None:
            return None
        return RunOrder(survey, classifier, self.gate.choices, self._batch, probe)

    def _start(self) -> None:
        """Identify, if there is something to and nothing against it; a held survey is only tried."""
        gate = self.gate
        probe = gate.held and gate.preflight is not None and not gate.preflight.per_second
        order = self._order(probe=probe)
        waiting = self._counts.pending - (self._counts.pending_videos if probe else 0)
        blocked = self.running or self._choosing or self._paused or (gate.held and not probe)
        if order is not None and waiting > 0 and not blocked:
            self._meter.start(self.progress.done)
            self._runner.start(order)
        self.progressed.emit(self.progress)

    def _take(self, ids: list[int], problems: list[Record]) -> None:
        counts, failed = self._counts, sum(record.failure is not None for record in problems)
        self._counts = replace(
            counts,
            pending=max(0, counts.pending - len(ids)),
            answered=counts.answered + len(ids) - failed,
            failed=counts.failed + failed,
        )
        self._meter.mark(self.progress.done)
        self.answered.emit(ids)
        if problems:
            self.failed.emit(problems)
        self.progressed.emit(self.progress)
        if not self._again.isActive():
            self._again.start()

    def _answered_again(self, again: int, left: int) -> None:
        self.answered_again.emit(again, left)
        self.rearranged.emit()

    def _ended(self) -> None:
        self._start()
        self._queries.count()
        if not self.running and not self._counts.pending:
            self.ended.emit(self.progress, self._meter.elapsed_s)

    def _broke(self, error: Exception) -> None:
        self._paused = True
        self.progressed.emit(self.progress)
        if isinstance(error, CardGone):
            self._queries.count()
            self.card_gone.emit(str(error))
        else:
            self.run_failed.emit(error_text(error))

    def _not_stored(self, error: Exception) -> None:
        self.run_failed.emit(error_text(error))
