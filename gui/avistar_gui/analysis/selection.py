"""The photos that all views of the screen speak of, and why they were chosen.

The ways to choose photos of a study; each names what it chose in the language of the moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from avistar_gui.analysis import texts
from avistar_gui.analysis.data.study import Rows, Study


@dataclass(frozen=True, slots=True, eq=False)
class PhotoChoice:
    """Rows of a study, in the order to be listed; `what` says in the language of the moment what they are.

    `origin` names the view in which they were chosen: it keeps showing everything.
    """

    rows: Rows
    what: Callable[[], str]
    origin: str


class Selection(QObject):
    """Holds the choice of the moment; None is every photo."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice: PhotoChoice | None = None

    @property
    def choice(self) -> PhotoChoice | None:
        """What is chosen."""
        return self._choice

    @property
    def rows(self) -> Rows | None:
        """The chosen rows, None for all."""
        return None if self._choice is None else self._choice.rows

    def filter_for(self, view: str) -> Rows | None:
        """The rows that `view` shows: what was chosen elsewhere, everything if it was chosen in `view` itself."""
        return None if self._choice is None or self._choice.origin == view else self._choice.rows

    def choose(self, rows: Rows, what: Callable[[], str], origin: str) -> None:
        """Choose `rows`."""
        self._choice = PhotoChoice(np.asarray(rows, np.int64), what, origin)
        self.changed.emit()

    def clear(self) -> None:
        """Choose everything again."""
        if self._choice is not None:
            self._choice = None
            self.changed.emit()


translate = QCoreApplication.translate


class Chooser:
    """Chooses photos of the study of the moment into `selection`."""

    def __init__(self, selection: Selection, study: Callable[[], Study | None]) -> None:
        self._selection, self._study = selection, study

    def cell(self, true: int, called: int, origin: str) -> None:
        """The photos of a cell of the matrix."""
        self.some(lambda s: s.cell(true, called), lambda s: texts.cell_title(texts.names(s), true, called), origin)

    def species(self, true: int, origin: str) -> None:
        """The photos that show a species."""
        self.some(lambda s: s.of_species(true), lambda s: texts.row_title(texts.names(s), true), origin)

    def called(self, called: int) -> None:
        """The photos that were called a species."""
        self.some(lambda s: s.called(called), lambda s: texts.column_title(texts.names(s), called), "matrix")

    def errors(self) -> None:
        """Everything that was called something else than it is."""
        self.some(lambda s: s.errors(), lambda _: translate("AnalysisController", "All errors"), "photos")

    def hits(self) -> None:
        """Everything that was called what it is."""
        self.some(lambda s: s.hits(), lambda _: translate("AnalysisController", "All correct"), "photos")

    def lasso(self, rows: Rows) -> None:
        """What a lasso on the map holds."""
        if len(rows):
            self.some(lambda s: s.listed(rows), lambda _: translate("AnalysisController", "From the map"), "map")
        else:
            self._selection.clear()

    def one(self, row: int, origin: str = "map") -> None:
        """A single photo; all where there is none."""
        if row >= 0:
            self.some(lambda _: np.array([row]), lambda s: texts.photo_caption(s, row), origin)
        else:
            self._selection.clear()

    def some(self, rows: Callable[[Study], Rows], what: Callable[[Study], str], origin: str) -> None:
        """Any rows of the study."""
        study = self._study()
        if study is not None:
            self._selection.choose(rows(study), lambda: what(study), origin)
