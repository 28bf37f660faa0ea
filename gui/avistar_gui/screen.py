"""What the window knows of a screen: where it stands, how to make it, and what a page can be asked.

Screens know the parts on this level, never each other and never the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from avistar_gui.settings import Settings


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the key map: the keys as people read them, and what they do."""

    keys: str
    meaning: str


class Page(QWidget):
    """A screen's widget: shows what its controller gives it, utters wishes as signals, decides nothing."""

    def retranslate(self) -> None:
        """Say everything in the language, draw everything in the theme of the moment."""

    def enter(self) -> None:
        """It has just become the visible one: the part that takes the keys gets the focus."""

    def keys(self) -> list[Key]:
        """The keys that mean something here, for the key map."""
        return []

    def keep_shape(self, settings: Settings) -> None:
        """Remember splitters and the like."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.retranslate()


class Screen(Protocol):
    """A page and what works behind it."""

    @property
    def page(self) -> Page:
        """What is shown."""

    def finish(self) -> None:
        """End every thread and process; safe to call twice."""


@dataclass(frozen=True, slots=True)
class RailEntry:
    """One entry of the rail. `make` is called when the screen is visited first: the window never waits for it."""

    name: str
    icon: str
    title: Callable[[], str]
    make: Callable[[], Screen]
