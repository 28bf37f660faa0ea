"""Analysis at work: opens studies, keeps the choice, and tells every view what to show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QPoint, Signal
from PySide6.QtWidgets import QApplication

from avistar_gui.analysis import texts
from avistar_gui.analysis.comparison_controller import ComparisonController, NothingInCommon
from avistar_gui.analysis.data.comparison import Comparison
from avistar_gui.analysis.data.sources import StudyRequest, SurveyPlace
from avistar_gui.analysis.data.study import Rows, Study, ordered
from avistar_gui.analysis.jobs import JobRunner
from avistar_gui.analysis.map_controller import MapController
from avistar_gui.analysis.page import AnalysisPage
from avistar_gui.analysis.photo_locator import LocatedPhotos, PhotoLocator
from avistar_gui.analysis.selection import Chooser, Selection
from avistar_gui.analysis.source_loader import SourceLoader
from avistar_gui.analysis.views.changed_answers import ChangesModel
from avistar_gui.analysis.views.map_colours import colour_by
from avistar_gui.analysis.views.matrix_view import MatrixFacts
from avistar_gui.analysis.views.photo_dialog import PhotoDialog
from avistar_gui.analysis.views.photos_pane import JudgedPhotos
from avistar_gui.analysis.views.species_table import SpeciesModel, save_species
from avistar_gui.settings import Settings
from avistar_gui.tasks import TaskQueue
from avistar_gui.texts import percent, text_of
from avistar_gui.widgets.theme import current

translate = QCoreApplication.translate
THUMBNAIL = 200


class AnalysisController(QObject):
    """The Analysis page with the study that it shows; `survey` tells which one is open elsewhere in the app.

    `worked` (a sentence, s) when something long has ended.
    """

    worked = Signal(str, float)

    def __init__(
        self,
        settings: Settings,
        folder: str | None = None,
        *,
        survey: Callable[[], SurveyPlace | None] = lambda: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study: Study | None = None
        self._comparison: Comparison | None = None
        self._nothing: Callable[[], str] = lambda: translate("AnalysisController", "Reading…")
        self._listing_named = self._finished = False
        side = round(THUMBNAIL * QApplication.primaryScreen().devicePixelRatio())
        self.pictures = PhotoLocator(settings, lambda: self._study, side=side, parent=self)
        self.photos = JudgedPhotos(self.pictures.thumbnail_of, self)
        self.table, self.flips = SpeciesModel(self), ChangesModel(self)
        self.selection = Selection(self)
        self.choose = Chooser(self.selection, lambda: self._study)
        self.page = AnalysisPage(self.photos, self.table, self.flips, settings)
        self.computing = JobRunner(self.page.work, self)
        self.mapping = MapController(self.page.map, self.computing, self._folder, self)
        self.comparing = ComparisonController(self.page.banner, self.computing, self._folder, self)
        self.opening = SourceLoader(settings, survey, self)
        self._background = TaskQueue("saving", 1, self)
        self._connect()
        self.page.show_message(self._nothing())
        self.opening.start(folder)

    @property
    def study(self) -> Study | None:
        """What is shown."""
        return self._study

    def open(self, folder: str) -> None:
        """Show the test photos of the bundle in `folder`."""
        self.open_source(StudyRequest("bundle", folder))

    def open_source(self, wish: StudyRequest) -> None:
        """Show what `wish` says; a survey without a place is the one that is open elsewhere."""
        self.page.banner.clear()
        self.opening.open(wish)
        if wish.kind == "ask":  # nothing was chosen after all
            self.page.mark_source(self.opening.shown)

    def survey_changed(self) -> None:
        """Another survey is open, or more of it is reviewed: what is shown of it is stale."""
        self.opening.survey_changed()
        if self.page.isVisible():
            self.opening.refresh()

    def show(self, study: Study) -> None:
        """Show `study` in every view."""
        self._study, self._comparison, self._listing_named = study, None, False
        self.page.mark_source(self.opening.shown)
        self.page.show_message("")
        self.page.show_differences({})
        self._offer()
        self.pictures.enter(study)
        self.table.show_study(study)
        self.flips.show_comparison(None, None)
        self.page.map.show_study(study)
        self.page.figures.pairs.show_pairs(study, study.pairs, self.pictures.thumbnail)
        self._show_notes()
        self._show_headlines()
        self._show_colours()
        self._show_place()
        if self.selection.choice is None:
            self._show_choice()
        else:
            self.selection.clear()

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Say how a second answer differs from what is shown; None is none."""
        study = self._study
        if study is None:
            return
        choice = self.selection.choice
        if choice is not None and choice.origin == "comparison":
            self.selection.clear()
        self._comparison = comparison
        self.table.show_study(study, comparison)
        self.flips.show_comparison(study, comparison)
        self.photos.show_comparison(comparison)
        self._show_headlines()
        self._show_differences()

    def finish(self) -> None:
        """End threads and processes; safe to call twice."""
        if not self._finished:
            self._finished = True
            self.computing.finish()
            self.comparing.finish()
            self.pictures.finish()
            self.opening.finish()
            self._background.finish()

    def retranslate(self) -> None:
        """The language or the theme changed: say and colour again what is shown."""
        self.mapping.refresh()
        if self._study is None:
            self.page.show_message(self._nothing())
        else:
            self._show_notes()
            self._show_headlines()
            self._show_differences()
            self._show_colours()
            self._show_place()
            self._show_choice()

    def _connect(self) -> None:
        page, choose = self.page, self.choose
        page.source_wanted.connect(self.open_source)
        page.second_wanted.connect(self._ask_second)
        page.folder_wanted.connect(self.pictures.locate)
        page.difference_wanted.connect(self._choose_difference)
        page.save_wanted.connect(self._save)
        page.entered.connect(self.opening.refresh)
        page.named.clicked.connect(self._list_named)
        self.opening.opened.connect(self.show)
        self.opening.nothing.connect(self._show_nothing)
        self.opening.failed.connect(self._failed)
        self.opening.offered.connect(self._offer)
        self.opening.slow.connect(lambda: self.page.show_message(translate("AnalysisController", "Reading…")))
        figures = page.figures
        figures.matrix_changed.connect(self._show_matrix)
        figures.matrix.pointed.connect(self._point_cell)
        figures.matrix.cell_wanted.connect(lambda true, called: choose.cell(true, called, "matrix"))
        figures.matrix.row_wanted.connect(lambda true: choose.species(true, "matrix"))
        figures.matrix.column_wanted.connect(choose.called)
        figures.table.species_wanted.connect(lambda true: choose.species(true, "species"))
        figures.pairs.wanted.connect(lambda true, called: choose.cell(true, called, "pairs"))
        figures.flips.photo_wanted.connect(lambda row: choose.one(row, "comparison"))
        self._connect_rest()

    def _connect_rest(self) -> None:
        page, choose = self.page, self.choose
        page.map.colouring_changed.connect(self._show_colours)
        page.map.map.pointed.connect(self._point_photo)
        page.map.map.lassoed.connect(choose.lasso)
        page.map.map.picked.connect(choose.one)
        page.photos.errors_wanted.connect(choose.errors)
        page.photos.hits_wanted.connect(choose.hits)
        page.photos.clear_wanted.connect(self._clear)
        page.photos.tiles.opened.connect(self._open_photo)
        self.selection.changed.connect(self._chosen)
        self.pictures.ready.connect(self._thumbnails_ready)
        self.pictures.located.connect(self._show_place)
        self.pictures.failed.connect(self._failed)
        self.mapping.made.connect(self._map_made)
        self.comparing.compared.connect(self.show_comparison)
        self.comparing.failed.connect(self._not_compared)
        self.computing.ended.connect(self.worked)
        page.retranslated.connect(self.retranslate)

    # Opening

    def _offer(self) -> None:
        """Bundles, the open survey, or what is shown changed: offer what there is now."""
        bundles, study = self.opening.bundles, self._study
        self.page.show_sources(bundles, self.opening.survey())
        if study is not None:
            self.mapping.enter(study, bundles)
            self.comparing.enter(study, bundles)
            if self._comparison is None:
                self.page.show_seconds(self.comparing.offers(), self.comparing.wish)

    def _show_nothing(self, why: Callable[[], str]) -> None:
        self._study, self._comparison, self._nothing = None, None, why
        self.page.mark_source(self.opening.shown)
        self.page.show_seconds([])
        self.page.show_differences({})
        self.page.show_message(why())

    def _map_made(self, study: Study) -> None:
        now = self._study
        if now is not None and now.files is study.files:
            self._study = study
            self.mapping.enter(study, self.opening.bundles)
            self.page.map.show_map(study)
            self._show_colours()
            self._show_choice()

    def _ask_second(self, wish: StudyRequest) -> None:
        self.page.banner.clear()
        self.comparing.ask(wish)

    def _not_compared(self, error: Exception) -> None:
        self.page.second.setCurrentIndex(0)
        self.show_comparison(None)
        self.page.banner.say(texts.nothing_in_common() if isinstance(error, NothingInCommon) else str(error))

    def _save(self, path: str) -> None:
        study = self._study
        if study is not None:
            names = texts.names(study)
            self._background.run(
                lambda _: save_species(Path(path), study.report.species, names),
                done=lambda _: None,
                failed=lambda error: self.page.banner.say(str(error)),
            )

    def _choose_difference(self, name: str) -> None:
        comparison = self._comparison
        if comparison is not None:
            rows: Rows = getattr(comparison, name)
            self.choose.some(lambda _: rows, lambda s: texts.differences(s, comparison)[name], "comparison")

    # What the views show

    def _chosen(self) -> None:
        self._listing_named = False
        self._show_choice()

    def _clear(self) -> None:
        if self._listing_named:
            self._chosen()
        self.selection.clear()

    def _list_named(self) -> None:
        self.selection.clear()
        self._listing_named = True
        self._show_named()

    def _show_named(self) -> None:
        study = self._study
        named = study.survey.named if study is not None and study.survey is not None else None
        if named is not None:
            self.page.photos.say(texts.named_heading(), texts.photos(len(named.files)), clearable=True)
            self.photos.show_rows(named, named.everything)

    def _show_choice(self) -> None:
        study, choice = self._study, self.selection.choice
        if study is None:
            return
        rows = study.everything if choice is None else choice.rows
        heading = translate("AnalysisController", "All photos") if choice is None else choice.what()
        wrong = int((~study.right[rows]).sum())
        number = f"{texts.photos(len(rows))}  ·  {texts.errors(wrong)}"
        self.page.photos.say(heading, number, clearable=choice is not None)
        self.photos.show_rows(study, rows)
        chosen = None
        if choice is not None:
            chosen = np.zeros(len(study.files), bool)
            chosen[choice.rows] = True
        self.page.map.map.choose(chosen)
        self.table.show_chosen(None if choice is None else study.counts(choice.rows))
        self._show_matrix()
        if self._listing_named:
            self._show_named()

    def _show_notes(self) -> None:
        study = self._study
        if study is not None:
            named = study.survey.named if study.survey is not None else None
            listed = "" if named is None else texts.named_button(len(named.files))
            self.page.say_notes(texts.study_note(study), texts.apart_note(study), listed)

    def _show_matrix(self) -> None:
        study, figures = self._study, self.page.figures
        if study is None:
            return
        known = texts.names(study)
        facts = MatrixFacts(
            counts=study.counts(self.selection.filter_for("matrix")),
            order=tuple(ordered(study, figures.wanted_order, known)),
            names=tuple(known),
            mode=figures.wanted_mode,
        )
        figures.matrix.show_facts(facts)
        figures.show_names(facts.names)
        choice = self.selection.choice
        cells = set() if choice is None or choice.origin != "matrix" else study.cells(choice.rows)
        figures.matrix.mark(cells)

    def _show_colours(self) -> None:
        study, pane = self._study, self.page.map
        if study is not None:
            colouring = colour_by(study, pane.wanted_by, current())
            by_species = len(colouring.names) == len(study.species)
            order = ordered(study, "group", texts.names(study)) if by_species else list(range(len(colouring.names)))
            pane.show_colouring(colouring, order)

    def _show_headlines(self) -> None:
        study, comparison = self._study, self._comparison
        if study is None:
            return
        first = study.report if comparison is None else comparison.first_report
        headlines = texts.headlines(first, None if comparison is None else comparison.second_report)
        for widget, (number, name, tip) in zip(self.page.headlines, headlines, strict=True):
            widget.say(number, name, tip)

    def _show_differences(self) -> None:
        study, comparison = self._study, self._comparison
        if study is None or comparison is None:
            self.page.show_differences({})
        else:
            lines, verdict = texts.differences(study, comparison), texts.verdict(study, comparison)
            self.page.show_differences(lines, verdict, flips=bool(len(comparison.flipped)))

    def _point_cell(self, true: int, called: int) -> None:
        study = self._study
        if study is None:
            return
        known, sentence = texts.names(study), ""
        if true >= 0 and called >= 0:
            sentence = texts.cell_sentence(study, true, called)
        elif true >= 0 or called >= 0:
            sentence = texts.row_title(known, true) if true >= 0 else texts.column_title(known, called)
        self.page.figures.say(sentence)

    def _point_photo(self, row: int, at: QPoint | None) -> None:
        hover, study = self.page.map.hover, self._study
        if row < 0 or at is None or study is None:
            hover.hide()
        else:
            said = f"{texts.photo_caption(study, row)}\n{percent(float(study.confidence[row]))}"
            hover.show_photo(self.pictures.thumbnail(row), said, at)

    # Photos

    def _open_photo(self, row: int) -> None:
        study, comparison, rows = self.photos.study, self._comparison, self.photos.rows()
        if study is None:
            return
        dialog = PhotoDialog(
            study, rows, start=rows.index(row), path=lambda at: self.pictures.path_of(study, at), parent=self.page
        )
        if comparison is not None and study is self._study:
            dialog.show_second(lambda at: texts.second_answer(study, comparison, at))
        dialog.open()

    def _folder(self) -> str:
        place = self.pictures.place
        return "" if place is None else place.folder

    def _thumbnails_ready(self) -> None:
        self.photos.refresh()
        self.page.figures.pairs.refresh()

    def _show_place(self, tried: LocatedPhotos | None = None) -> None:
        self.page.photos.show_missing(texts.place_sentence(self.pictures.place, tried))

    def _failed(self, error: Exception) -> None:
        self.page.mark_source(self.opening.shown)
        if self._study is None:
            self.page.show_message(text_of(error))
        else:
            self.page.show_message("")
            self._show_notes()
            self.page.banner.say(str(error))
