"""Analysis at work: opens studies, keeps the choice, and tells every view what to show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QPoint
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from avistar.analysis import read_analysis
from avistar.bundle import ModelBundle, bundle_places, find_bundles
from avistar_gui.analysis import words
from avistar_gui.analysis.colouring import colour_by
from avistar_gui.analysis.matrix_view import MatrixFacts
from avistar_gui.analysis.page import AnalysisPage
from avistar_gui.analysis.photo_dialog import PhotoDialog
from avistar_gui.analysis.photo_list import JudgedPhotos
from avistar_gui.analysis.photos import Located, locate
from avistar_gui.analysis.selection import Selection
from avistar_gui.analysis.species_table import SpeciesModel
from avistar_gui.analysis.study import Comparison, Rows, Study, confused_pairs, ordered
from avistar_gui.settings import Settings
from avistar_gui.tasks import Background
from avistar_gui.theme import current
from avistar_gui.thumbnails import Thumbnails
from avistar_gui.wording import count

translate = QCoreApplication.translate
LIMIT_BYTES = 64 * 1024 * 1024
THUMBNAIL = 200


class AnalysisDesk(QObject):
    """The Analysis page with the study that it shows."""

    def __init__(self, settings: Settings, folder: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        sharp = round(THUMBNAIL * QApplication.primaryScreen().devicePixelRatio())
        self.thumbnails = Thumbnails(sharp, limit_bytes=LIMIT_BYTES, parent=self)
        self.photos = JudgedPhotos(self._thumbnail, self)
        self.table = SpeciesModel(self)
        self.selection = Selection(self)
        self.page = AnalysisPage(self.photos, self.table, settings)
        self._background = Background("analysis", 1, self)
        self._study: Study | None = None
        self._comparison: Comparison | None = None
        self._second_name = ""
        self._place: Located | None = None
        self._finished = False
        self._connect()
        self.page.show_message(translate("AnalysisDesk", "Reading…"))
        self._find(folder)

    @property
    def study(self) -> Study | None:
        """What is shown."""
        return self._study

    def open(self, folder: str) -> None:
        """Show the bundle in `folder`."""
        self.page.banner.clear()
        self._background.run(lambda _: read_study(Path(folder)), done=self.show, failed=self._failed)

    def compare(self, folder: str) -> None:
        """Compare with the bundle in `folder`; "" with none."""
        if folder:
            self._background.run(lambda _: read_study(Path(folder)), done=self.show_second, failed=self._failed)
        else:
            self.show_second(None)

    def locate(self, folder: str) -> None:
        """Look for the photos below `folder`."""
        study = self._study
        if study is not None:
            self._background.run(
                lambda _: locate(Path(folder), study.files),
                done=self._located,
                failed=self._failed,
            )

    def show(self, study: Study) -> None:
        """Show `study` in every view."""
        self._study, self._comparison, self._place = study, None, None
        self.page.second.setCurrentIndex(0)
        self.page.show_message("")
        self.page.show_differences({})
        self.selection.clear()
        self.table.show_study(study)
        self.page.map.show_study(study)
        self.page.figures.pairs.show_pairs(study, confused_pairs(study), self._thumbnail)
        self._show_headlines()
        self._show_colours()
        self._show_choice()
        remembered = self._settings.photo_folder(study.name)
        if remembered:
            self.locate(remembered)

    def show_second(self, second: Study | None) -> None:
        """Say how `second` differs from what is shown."""
        study = self._study
        if study is None:
            return
        choice = self.selection.choice
        if choice is not None and choice.origin == "comparison":
            self.selection.clear()
        self._comparison = None if second is None else Comparison.of(study, second)
        self._second_name = "" if second is None else second.name
        self.table.show_study(study, self._comparison)
        self._show_headlines(second)
        self._show_differences()

    def finish(self) -> None:
        """End the threads; safe to call twice."""
        if not self._finished:
            self._finished = True
            self.thumbnails.finish()
            self._background.finish()

    def retranslate(self) -> None:
        """The language or the theme changed: say and colour again what is shown."""
        if self._study is not None:
            self._show_headlines()
            self._show_differences()
            self._show_colours()
            self._show_choice()

    def _connect(self) -> None:
        page = self.page
        page.bundle_wanted.connect(self.open)
        page.second_wanted.connect(self.compare)
        page.folder_wanted.connect(self.locate)
        page.difference_wanted.connect(self._choose_difference)
        page.figures.matrix_changed.connect(self._show_matrix)
        page.figures.matrix.pointed.connect(self._point_cell)
        page.figures.matrix.cell_wanted.connect(lambda true, called: self.choose_cell(true, called, "matrix"))
        page.figures.matrix.row_wanted.connect(lambda true: self.choose_species(true, "matrix"))
        page.figures.matrix.column_wanted.connect(self.choose_called)
        page.figures.table.species_wanted.connect(lambda true: self.choose_species(true, "species"))
        page.figures.pairs.wanted.connect(lambda true, called: self.choose_cell(true, called, "pairs"))
        page.map.colouring_changed.connect(self._show_colours)
        page.map.map.pointed.connect(self._point_photo)
        page.map.map.lassoed.connect(self._choose_lasso)
        page.map.map.picked.connect(self._pick)
        page.photos.errors_wanted.connect(lambda: self._choose_errors(right=False))
        page.photos.hits_wanted.connect(lambda: self._choose_errors(right=True))
        page.photos.clear_wanted.connect(self.selection.clear)
        page.photos.tiles.opened.connect(self._open_photo)
        self.selection.changed.connect(self._show_choice)
        self.thumbnails.ready.connect(self._thumbnails_ready)
        page.retranslated.connect(self.retranslate)

    # What is chosen

    def choose_cell(self, true: int, called: int, origin: str) -> None:
        """Choose the photos of a cell of the matrix."""
        self._choose(lambda s: s.cell(true, called), lambda s: words.cell_title(words.names(s), true, called), origin)

    def choose_species(self, true: int, origin: str) -> None:
        """Choose the photos that show a species."""
        self._choose(lambda s: s.of_species(true), lambda s: words.row_title(words.names(s), true), origin)

    def choose_called(self, called: int) -> None:
        """Choose the photos that were called a species."""
        self._choose(lambda s: s.called(called), lambda s: words.column_title(words.names(s), called), "matrix")

    def _choose_errors(self, *, right: bool) -> None:
        if right:
            self._choose(lambda s: s.hits(), lambda _: translate("AnalysisDesk", "All correct"), "photos")
        else:
            self._choose(lambda s: s.errors(), lambda _: translate("AnalysisDesk", "All errors"), "photos")

    def _choose_lasso(self, rows: Rows) -> None:
        if len(rows):
            self._choose(lambda s: s.listed(rows), lambda _: translate("AnalysisDesk", "From the map"), "map")
        else:
            self.selection.clear()

    def _pick(self, row: int) -> None:
        if row >= 0:
            self._choose(lambda _: np.array([row]), lambda s: words.photo_caption(s, row), "map")
        else:
            self.selection.clear()

    def _choose_difference(self, name: str) -> None:
        comparison = self._comparison
        if comparison is not None:
            rows: Rows = getattr(comparison, name)
            self._choose(lambda _: rows, lambda _: self._difference_texts()[name], "comparison")

    def _choose(self, rows: Callable[[Study], Rows], what: Callable[[Study], str], origin: str) -> None:
        study = self._study
        if study is not None:
            self.selection.choose(rows(study), lambda: what(study), origin)

    # What the views show

    def _show_choice(self) -> None:
        study, choice = self._study, self.selection.choice
        if study is None:
            return
        rows = study.listed(np.arange(len(study.files))) if choice is None else choice.rows
        heading = translate("AnalysisDesk", "All photos") if choice is None else choice.what()
        wrong = int((~study.right[rows]).sum())
        number = f"{words.photos(len(rows))}  ·  {words.errors(wrong)}"
        self.page.photos.say(heading, number, clearable=choice is not None)
        self.photos.show_rows(study, rows)
        chosen = None
        if choice is not None:
            chosen = np.zeros(len(study.files), bool)
            chosen[choice.rows] = True
        self.page.map.map.choose(chosen)
        self.table.show_chosen(None if choice is None else study.counts(choice.rows))
        self._show_matrix()
        self._show_place()

    def _show_matrix(self) -> None:
        study, figures = self._study, self.page.figures
        if study is None:
            return
        known = words.names(study)
        facts = MatrixFacts(
            counts=study.counts(self.selection.filter_for("matrix")),
            order=tuple(ordered(study, figures.wanted_order, known)),
            names=tuple(known),
            mode=figures.wanted_mode,
        )
        figures.matrix.show_facts(facts)
        choice = self.selection.choice
        cells = set() if choice is None or choice.origin != "matrix" else _cells(study, choice.rows)
        figures.matrix.mark(cells)

    def _show_colours(self) -> None:
        study, pane = self._study, self.page.map
        if study is not None:
            colouring = colour_by(study, pane.wanted_by, current())
            by_species = len(colouring.names) == len(study.species)
            order = ordered(study, "group", words.names(study)) if by_species else list(range(len(colouring.names)))
            pane.show_colouring(colouring, order)

    def _show_headlines(self, second: Study | None = None) -> None:
        study = self._study
        if study is None:
            return
        headlines = words.headlines(study.report, second.report if second is not None else None)
        for widget, (number, name, tip) in zip(self.page.headlines, headlines, strict=True):
            widget.say(number, name, tip)

    def _show_differences(self) -> None:
        self.page.show_differences({} if self._comparison is None else self._difference_texts())

    def _difference_texts(self) -> dict[str, str]:
        study, comparison = self._study, self._comparison
        if study is None or comparison is None:
            return {}
        only = translate("AnalysisDesk", "Only {bundle} is right: {number}")
        return {
            "only_first": only.format(bundle=study.name, number=count(len(comparison.only_first))),
            "only_second": only.format(bundle=self._second_name, number=count(len(comparison.only_second))),
            "neither": translate("AnalysisDesk", "Both are wrong: {number}").format(
                number=count(len(comparison.neither))
            ),
        }

    def _point_cell(self, true: int, called: int) -> None:
        study = self._study
        if study is None:
            return
        known, sentence = words.names(study), ""
        if true >= 0 and called >= 0:
            sentence = words.cell_sentence(study, true, called)
        elif true >= 0 or called >= 0:
            sentence = words.row_title(known, true) if true >= 0 else words.column_title(known, called)
        self.page.figures.say(sentence)

    def _point_photo(self, row: int, at: QPoint | None) -> None:
        hover, study = self.page.map.hover, self._study
        if row < 0 or at is None or study is None:
            hover.hide()
        else:
            said = f"{words.photo_caption(study, row)}\n{words.share(float(study.confidence[row]), 0)}"
            hover.show_photo(self._thumbnail(row), said, at)

    # Photos

    def _open_photo(self, row: int) -> None:
        study = self._study
        if study is not None:
            rows = self.photos.rows()
            PhotoDialog(study, rows, start=rows.index(row), path=self._path, parent=self.page).open()

    def _path(self, row: int) -> str | None:
        if self._study is None or self._place is None:
            return None
        return str(Path(self._place.folder, self._study.files[row]))

    def _thumbnail(self, row: int) -> QPixmap | None:
        path = self._path(row)
        return None if path is None else self.thumbnails.get(path)

    def _thumbnails_ready(self, _: list[str]) -> None:
        self.photos.refresh()
        self.page.figures.pairs.refresh()

    def _located(self, place: Located) -> None:
        if place.found and self._study is not None:
            self._place = place
            self._settings.keep_photo_folder(self._study.name, place.folder)
        self._show_place(place)
        self._thumbnails_ready([])

    def _show_place(self, tried: Located | None = None) -> None:
        if self._place is not None and self._place.found == self._place.asked:
            text = ""
        elif self._place is not None:
            text = translate("AnalysisDesk", "{found} of {asked} photos were found.").format(
                found=count(self._place.found), asked=count(self._place.asked)
            )
        elif tried is not None:
            text = translate("AnalysisDesk", "None of these photos lies in that folder.")
        else:
            text = translate("AnalysisDesk", "The photos are not on this computer; figures and map need none.")
        self.page.photos.show_missing(text)

    # Bundles

    def _find(self, folder: str | None) -> None:
        def done(found: list[tuple[str, str]]) -> None:
            self.page.show_bundles(found)
            if folder is not None or found:
                wanted = folder if folder is not None else found[0][1]
                self.page.bundle.setCurrentIndex(max(0, self.page.bundle.findData(wanted)))
                self.open(wanted)
            else:
                self.page.show_message(translate("AnalysisDesk", "There is no bundle with an analysis here."))

        self._background.run(lambda _: named_bundles(), done=done, failed=self._failed)

    def _failed(self, error: Exception) -> None:
        if self._study is None:
            self.page.show_message(str(error))
        else:
            self.page.banner.say(str(error))


def read_study(folder: Path) -> Study:
    """The study of the bundle in `folder`. Raises `BundleError`."""
    bundle = ModelBundle.open(folder)
    return Study.of(bundle, read_analysis(bundle))


def named_bundles() -> list[tuple[str, str]]:
    """Name and folder of every bundle on this machine."""
    return [(ModelBundle.open(folder).manifest.name, str(folder)) for folder in find_bundles(bundle_places())]


def _cells(study: Study, rows: Rows) -> set[tuple[int, int]]:
    """The cells that `rows` lie in, if they are few enough to be outlined."""
    cells = {(int(study.truth[row]), int(study.answers[row])) for row in rows}
    return cells if len(cells) <= len(study.species) else set()
