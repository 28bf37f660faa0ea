"""The photos that all views of the screen speak of, and why they were chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from avistar_gui.analysis.study import Rows


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
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
        self._choice: Choice | None = None

    @property
    def choice(self) -> Choice | None:
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
        self._choice = Choice(np.asarray(rows, np.int64), what, origin)
        self.changed.emit()

    def clear(self) -> None:
        """Choose everything again."""
        if self._choice is not None:
            self._choice = None
            self.changed.emit()
