"""The ways to choose photos of a study; each names what it chose in the language of the moment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QCoreApplication

from avistar_gui.analysis import words
from avistar_gui.analysis.selection import Selection
from avistar_gui.analysis.study import Rows, Study

translate = QCoreApplication.translate


class Chooser:
    """Chooses photos of the study of the moment into `selection`."""

    def __init__(self, selection: Selection, study: Callable[[], Study | None]) -> None:
        self._selection, self._study = selection, study

    def cell(self, true: int, called: int, origin: str) -> None:
        """The photos of a cell of the matrix."""
        self.some(lambda s: s.cell(true, called), lambda s: words.cell_title(words.names(s), true, called), origin)

    def species(self, true: int, origin: str) -> None:
        """The photos that show a species."""
        self.some(lambda s: s.of_species(true), lambda s: words.row_title(words.names(s), true), origin)

    def called(self, called: int) -> None:
        """The photos that were called a species."""
        self.some(lambda s: s.called(called), lambda s: words.column_title(words.names(s), called), "matrix")

    def errors(self) -> None:
        """Everything that was called something else than it is."""
        self.some(lambda s: s.errors(), lambda _: translate("AnalysisDesk", "All errors"), "photos")

    def hits(self) -> None:
        """Everything that was called what it is."""
        self.some(lambda s: s.hits(), lambda _: translate("AnalysisDesk", "All correct"), "photos")

    def lasso(self, rows: Rows) -> None:
        """What a lasso on the map holds."""
        if len(rows):
            self.some(lambda s: s.listed(rows), lambda _: translate("AnalysisDesk", "From the map"), "map")
        else:
            self._selection.clear()

    def one(self, row: int, origin: str = "map") -> None:
        """A single photo; all where there is none."""
        if row >= 0:
            self.some(lambda _: np.array([row]), lambda s: words.photo_caption(s, row), origin)
        else:
            self._selection.clear()

    def some(self, rows: Callable[[Study], Rows], what: Callable[[Study], str], origin: str) -> None:
        """Any rows of the study."""
        study = self._study()
        if study is not None:
            self._selection.choose(rows(study), lambda: what(study), origin)
