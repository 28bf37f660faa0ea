"""Everything Avistar raises on purpose.

    AvistarError
    ├── UsageError            an argument makes no sense
    ├── BundleError           a bundle is missing, damaged, altered or from another version
    ├── ImageError            one picture can't be read; carries a `Fault`
    ├── BackendUnavailable    a device or library that was asked for isn't there
    │   └── DeviceMemoryFull  a device has no room for a batch
    ├── MissingExtra          an optional part isn't installed
    └── CatalogueError        a catalogue can't be read or written
        ├── CatalogueBusy     another process writes to it
        └── CatalogueDamaged  its file is damaged: a backup or a repair brings it back

Every message says what was wrong, with which file or value, and what to do.
"""

from __future__ import annotations

import sys
from enum import Enum

from avistar.message import Language, Message, localized


class AvistarError(Exception):
    """Root of every error that Avistar raises on purpose.

    Made of a sentence and what stands in its fields: `UsageError("{folder} is no folder", folder=folder)`. As a text it
    is English; `text` says it in another language.
    """

    def __init__(self, sentence: str, /, **values: object) -> None:
        super().__init__(sentence if isinstance(sentence, Message) and not values else Message(sentence, **values))

    def text(self, language: Language) -> str:
        """What went wrong, for people.

        Args:
            language: "en" or "es".

        Returns:
            The sentence in that language; what other programs said stays as they said it.
        """
        return localized(self, language)


class UsageError(AvistarError):
    """An argument makes no sense: wrong range, unknown name, contradicting options."""


class BundleError(AvistarError):
    """A bundle is missing, damaged, altered, or written for another version."""


class BackendUnavailable(AvistarError):
    """A device, precision or library was asked for that this machine can't give."""


class DeviceMemoryFull(BackendUnavailable):
    """A device has no room for a batch; a smaller one may still fit."""


class MissingExtra(AvistarError):
    """An optional part of Avistar is not installed; the message has the line that installs it.

    Attributes:
        extra: The name of the part, as in `pip install 'avistar[extra]'`.
    """

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(Message("{what} needs an optional part: {cure}", what=what, cure=how_to_add(extra)))
        self.extra = extra


def how_to_add(extra: str) -> str:
    """What gives this installation its optional part `extra`; the one-folder program takes none."""
    install = f"pip install 'avistar[{extra}]'"
    if getattr(sys, "frozen", False):
        return Message("not in the one-folder program, beside it: {install}", install=install)
    return install


class CatalogueError(AvistarError):
    """A catalogue can't be read or written: damaged, newer, something else, or the disk is full or gone."""


class CatalogueDamaged(CatalogueError):
    """A catalogue's file is damaged: a backup brings it back, or a repair what can be read of it."""


class CatalogueBusy(CatalogueError):
    """Another process writes to the catalogue."""


class Fault(Enum):
    """Why a picture could not be read; stable names for files, tests and translations."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED = "unsupported"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    NO_VALID_ANSWER = "no_valid_answer"
    CRASHED = "crashed"


class ImageError(AvistarError):
    """One picture cannot be identified.

    Attributes:
        fault: Why, with a stable name for programs; the message is for people.
    """

    def __init__(self, fault: Fault, sentence: str, /, **values: object) -> None:
        super().__init__(sentence, **values)
        self.fault = fault
