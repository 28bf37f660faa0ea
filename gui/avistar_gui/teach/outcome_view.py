"""What came of a lesson: figures before and now, the photos that changed, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avistar.adaptation.gate import ChangedPhoto, Verdict
from avistar_gui.teach import texts
from avistar_gui.teach.changed_photos import PATH, ChangedPhotoPainter, ChangedPhotos
from avistar_gui.texts import Names
from avistar_gui.widgets.theme import set_font
from avistar_gui.widgets.tiles import TileGrid

TILE = 150
FIGURES = 4
"""Rows of figures at most, below their heading."""
BUTTONS = ("use", "keep", "discard")


class OutcomeView(QWidget):
    """`decided` with "use", "keep" or "discard"; `photo_wanted` (a path) when one is opened."""

    decided = Signal(str)
    photo_wanted = Signal(str)

    def __init__(self, thumbnail: Callable[[str], QPixmap | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headline, self.method, self.reasons = QLabel(), QLabel(), QLabel()
        self.buttons = {name: QPushButton() for name in BUTTONS}
        self.lists = {name: ChangedPhotos(thumbnail, self) for name in ("better", "worse")}
        self.titles = {name: QLabel() for name in self.lists}
        self.grids = {name: TileGrid(TILE) for name in self.lists}
        self._figures = QGridLayout()
        self._cells = [tuple(QLabel() for _ in range(3)) for _ in range(FIGURES + 1)]
        self._verdict: Verdict | None = None
        self._names = Names({}, {})
        self._arrange()
        for name, button in self.buttons.items():
            button.clicked.connect(lambda _=False, name=name: self.decided.emit(name))

    def show_verdict(self, verdict: Verdict, names: Names) -> None:
        """Show what was measured; only what passed can be used."""
        self._verdict, self._names = verdict, names
        for name, model in self.lists.items():
            model.show_photos(changed(verdict, better=name == "better"), names)
        self.retranslate()

    def refresh(self, paths: Sequence[str]) -> None:
        """Thumbnails have come."""
        for model in self.lists.values():
            model.refresh(paths)

    def allow(self, able: bool) -> None:
        """Whether something can be decided now."""
        for button in self.buttons.values():
            button.setEnabled(able)

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        self.buttons["use"].setText(self.tr("Use it"))
        self.buttons["keep"].setText(self.tr("Keep both"))
        self.buttons["use"].setToolTip(
            self.tr("Identify with it from now on; photos that nobody reviewed are answered again")
        )
        self.buttons["keep"].setToolTip(self.tr("Keep it beside the model in use, for later"))
        verdict = self._verdict
        passed = verdict is not None and verdict.passed
        self.buttons["discard"].setText(self.tr("Discard") if passed else self.tr("Close"))
        for name in ("use", "keep"):
            self.buttons[name].setVisible(passed)
        if verdict is None:
            return
        self.headline.setText(texts.headline(verdict))
        self.method.setText(texts.method(verdict))
        self.reasons.setText("\n".join(self._refusal(verdict)))
        self.reasons.setVisible(not passed)
        numbers = {name: model.rowCount() for name, model in self.lists.items()}
        for name, title in (("better", texts.better), ("worse", texts.worse)):
            self.titles[name].setText(title(numbers[name]))
            self.grids[name].setAccessibleName(self.titles[name].text())
        self._show_figures(verdict)

    def _refusal(self, verdict: Verdict) -> list[str]:
        said = texts.reasons(verdict)
        helpful = texts.advice(verdict)
        if helpful:
            said += ["", self.tr("What would help:"), *(f"•  {one}" for one in helpful)]
        return said

    def _show_figures(self, verdict: Verdict) -> None:
        heading = (self.tr("Measured"), self.tr("Before"), self.tr("Now"))
        rows = [heading, *texts.figures(verdict)]
        for row, labels in enumerate(self._cells):
            for label, text in zip(labels, rows[row] if row < len(rows) else ("", "", ""), strict=True):
                label.setText(text)
                label.setVisible(row < len(rows))

    def _arrange(self) -> None:
        set_font(self.headline, 1.4, bold=True)
        self.buttons["use"].setProperty("primary", True)
        self.method.setProperty("muted", True)
        for label in (self.headline, self.method, self.reasons):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for row, labels in enumerate(self._cells):
            for column, label in enumerate(labels):
                label.setProperty("muted", row == 0 or column == 0)
                if column:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight)
                    set_font(label, 1.05 if row else 1.0, bold=bool(row) and column == 2)
                self._figures.addWidget(label, row, column)
        self._figures.setColumnStretch(0, 1)
        self._figures.setHorizontalSpacing(28)
        actions = QHBoxLayout()
        for button in self.buttons.values():
            actions.addWidget(button)
        actions.addStretch(1)
        sides = QHBoxLayout()
        sides.setSpacing(18)
        for name, grid in self.grids.items():
            grid.setModel(self.lists[name])
            grid.setItemDelegate(ChangedPhotoPainter(grid))
            grid.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
            grid.activated.connect(lambda index: self.photo_wanted.emit(index.data(PATH)))
            set_font(self.titles[name], 1.1, bold=True)
            side = QVBoxLayout()
            side.addWidget(self.titles[name])
            side.addWidget(grid, 1)
            sides.addLayout(side, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for part in (self.headline, self.method, self.reasons):
            layout.addWidget(part)
        layout.addLayout(self._figures)
        layout.addLayout(actions)
        layout.addLayout(sides, 1)


def changed(verdict: Verdict, *, better: bool) -> list[ChangedPhoto]:
    """The photos that are answered rightly now, or were before."""
    return [one for one in verdict.changed if one.better is better and (better or one.before == one.species)]
