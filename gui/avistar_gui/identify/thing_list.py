"""What is said to be in the chosen photo, a line for each thing, and the species used last with their keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from avistar_gui.identify.session.statement import Thing
from avistar_gui.identify.texts import said_of
from avistar_gui.texts import Names, count, finding_name, percent
from avistar_gui.widgets.elided_label import ElidedLabel
from avistar_gui.widgets.theme import restyle, set_font

FAVOURITE_KEYS = "456789DFJK"
"""A key for each place of the favourites; 1 to 3 are the answers', and these letters lie under one's fingers."""


class ThingRow(QFrame):
    """One thing: what it is, how many, what else is said of it, and who says so."""

    pressed = Signal(int)
    opened = Signal(int)

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self.setProperty("line", True)
        self.name, self.facts, self.by = ElidedLabel(), ElidedLabel(), QLabel()
        set_font(self.name, 1.0, bold=True)
        for label in (self.facts, self.by):
            set_font(label, 0.9)
            label.setProperty("muted", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(8)
        row.addWidget(self.name)
        row.addWidget(self.facts, 1)
        row.addWidget(self.by)

    def show_thing(self, thing: Thing, names: Names | None, reviewer: str, *, chosen: bool) -> None:
        """Show `thing`, which `reviewer` says, or a machine."""
        number = f" × {count(thing.count)}" if thing.count is not None and thing.count > 1 else ""
        self.name.setText(finding_name(thing.what, names) + number)
        self.facts.setText(said_of(thing.sighting) if thing.sighting is not None else "")
        self.by.setText(self._who(thing, reviewer))
        restyle(self.name, "muted", not thing.counts)
        restyle(self, "chosen", chosen)
        texts = (self.name.text(), self.facts.text(), self.by.text())
        self.setAccessibleName(", ".join(filter(None, texts)))

    def _who(self, thing: Thing, reviewer: str) -> str:
        if thing.sighting is not None:
            return reviewer or self.tr("reviewed")
        sure = percent(thing.confidence) if thing.confidence is not None and thing.kind != "unknown" else ""
        return sure if thing.counts else self.tr("the model: {percent}").format(percent=sure) if sure else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses it, or none any more."""
        self.pressed.emit(self._place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens its details."""
        self.opened.emit(self._place)


class ThingList(QWidget):
    """The lines; `chosen` (a place, -1 for none) on a click, `opened` on a double click."""

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ThingRow] = []
        self._chosen = -1
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def show_things(self, things: Sequence[Thing], names: Names | None, reviewer: str, *, chosen: int) -> None:
        """Show these; `reviewer` is whose review counts."""
        self._chosen = chosen
        while len(self.rows) < len(things):
            row = ThingRow(len(self.rows))
            row.pressed.connect(lambda place: self.chosen.emit(-1 if place == self._chosen else place))
            row.opened.connect(self.opened)
            self.rows.append(row)
            self._column.addWidget(row)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(things))
            if place < len(things):
                row.show_thing(things[place], names, reviewer, chosen=place == chosen)


class FavouriteBar(QWidget):
    """The species used last as buttons, each with its key; `wanted` (its place) on a click."""

    wanted = Signal(int)
    COLUMNS = 2

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = [QPushButton() for _ in FAVOURITE_KEYS]
        self._species: tuple[str, ...] = ()
        self._names: Names | None = None
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for place, button in enumerate(self.buttons):
            button.setProperty("favourite", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(button.sizePolicy().Policy.Ignored, button.sizePolicy().Policy.Fixed)
            button.clicked.connect(lambda _=False, place=place: self.wanted.emit(place))
            set_font(button, 0.9)
            grid.addWidget(button, place // self.COLUMNS, place % self.COLUMNS)
            button.hide()
        for column in range(self.COLUMNS):
            grid.setColumnStretch(column, 1)
        self.hide()

    @property
    def filled(self) -> bool:
        """Whether there is any species."""
        return bool(self.buttons[0].text())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._label()

    def show_species(self, species: Sequence[str], names: Names | None) -> None:
        """Show these, by place."""
        self._species, self._names = tuple(species), names
        self.setVisible(bool(species))
        self._label()

    def _label(self) -> None:
        species, names = self._species, self._names
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(species))
            button.setText("")
            if place < len(species):
                name = finding_name(species[place], names)
                button.setText(f"{FAVOURITE_KEYS[place]}   {name}")
                button.setToolTip(self.tr("{species} ({key})").format(species=name, key=FAVOURITE_KEYS[place]))
