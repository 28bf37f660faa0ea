"""From what a user names (files, folders, patterns) to pictures in natural order."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from avistar.files import printable
from avistar.images.decode import SUFFIXES
from avistar.message import reason_of

Met = TypeVar("Met")

_SYSTEM_FOLDERS = frozenset({"$recycle.bin", "system volume information", "__macosx", "@eadir"})


@dataclass(slots=True)
class Scan:
    """The pictures under `paths`, as an iterable of paths; counts what it passes over while it goes.

    A file named outright is always yielded. Folders are searched whole, in natural order (IMG_2 before
    IMG_10), each folder and file once however many links or arguments lead to it. Hidden files and files
    without a picture's suffix are counted in `skipped`, the latter by suffix in `passed`; `folders` counts
    folders looked into; `unreadable` holds (folder, reason), `unread` the same folders as the system names
    them; `empty` holds (named folder, folders in it) without a picture; `unmatched` holds patterns that match
    nothing. `suffixes` are those of pictures, in small letters. `cancelled` is asked often; once it says yes,
    no more paths come. Iterate once.
    """

    paths: Sequence[str]
    suffixes: frozenset[str] = SUFFIXES
    cancelled: Callable[[], bool] = lambda: False
    folders: int = 0
    skipped: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    empty: list[tuple[str, int]] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    _met: int = 0  # pictures, also those that were met before
    _seen_files: set[str] = field(default_factory=set)
    _seen_folders: set[tuple[int, int]] = field(default_factory=set)

    def __iter__(self) -> Iterator[str]:
        try:
            for path in self.paths:
                yield from self._argument(path)
        except _Cancelled:
            return

    def _argument(self, path: str) -> Iterator[str]:
        if Path(path).is_dir():
            yield from self._named_folder(path)
        elif glob.has_magic(path) and not os.path.lexists(path):
            yield from self._pattern(path)
        elif self._is_new(path):
            yield path

    def _named_folder(self, path: str) -> Iterator[str]:
        folders, met, unreadable = self.folders, self._met, len(self.unreadable)
        yield from self._walk(path)
        if self._met == met and len(self.unreadable) == unreadable:
            self.empty.append((path, self.folders - folders))

    def _pattern(self, pattern: str) -> Iterator[str]:
        folders, met, matches = self.folders, self._met, self._matches(pattern)
        for path in matches:
            if not Path(path).is_dir():
                yield from self._fresh(path)
            elif "**" not in pattern:  # which names what lies in the folders below by itself
                yield from self._walk(path)
        if not matches and not {"*", "?"} & set(pattern):
            yield pattern  # only brackets: a missing file, such as IMG[1].jpg, rather than a pattern
        elif not matches:
            self.unmatched.append(pattern)
        elif self._met == met:
            self.empty.append((pattern, self.folders - folders))

    def _walk(self, top: str) -> Iterator[str]:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            entries = self._entries(folder)
            files = [entry.path for entry in entries if not _is_folder(entry)]
            below = [entry for entry in entries if _is_folder(entry)]
            for path in files:
                yield from self._fresh(path)
            for entry in reversed(below):
                if passed_over(entry.name):
                    self.skipped += 1
                else:
                    waiting.append(entry.path)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            facts = Path(folder).stat()
            if (facts.st_dev, facts.st_ino) in self._seen_folders:  # a link or another name led here again
                self._met += 1
                return []
            self._seen_folders.add((facts.st_dev, facts.st_ino))
            with os.scandir(folder) as entries:
                listed = sorted(map(self._unless_cancelled, entries), key=lambda entry: natural(entry.name))
        except OSError as error:
            self.unreadable.append((printable(folder), reason_of(error)))
            self.unread.append(folder)
            return []
        self.folders += 1
        return listed

    def _fresh(self, path: str) -> Iterator[str]:
        """`path`, if it is a picture that was not met before."""
        self._unless_cancelled(path)
        name = os.path.basename(path)  # noqa: PTH119 at a tenth of a Path's price
        suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122
        if name.startswith(".") or suffix not in self.suffixes or _is_device(path):
            self.skipped += 1
            self.passed[suffix] += not name.startswith(".")
            return
        self._met += 1
        if self._is_new(path):
            yield path

    def _matches(self, pattern: str) -> list[str]:
        # Path.glob takes no pattern that starts at the root, nor several folders of wildcards above a name.
        found = glob.iglob(str(Path(pattern).expanduser()), recursive=True)  # noqa: PTH207
        return sorted(map(self._unless_cancelled, found), key=natural)

    def _unless_cancelled(self, met: Met) -> Met:
        if self.cancelled():
            raise _Cancelled
        return met

    def _is_new(self, path: str) -> bool:
        if len(self.paths) == 1 and not glob.has_magic(path):
            return True  # one folder holds each name once: millions of them need not be remembered
        key = os.path.abspath(path)  # noqa: PTH100 two links to one file are two pictures to the user
        new = key not in self._seen_files
        self._seen_files.add(key)
        return new


def passed_over(name: str) -> bool:
    """Whether a folder of this name holds nothing for people: hidden, or a system's own."""
    return name.startswith(".") or name.lower() in _SYSTEM_FOLDERS


def sub_folders(folder: Path) -> list[Path]:
    """The sub-folders of `folder` that a `Scan` would look into, in natural order. Raises `OSError`."""
    below = (path for path in folder.iterdir() if path.is_dir() and not passed_over(path.name))
    return sorted(below, key=lambda path: natural(path.name))


class _Cancelled(Exception):
    """Ends a scan."""


def natural(name: str) -> list[tuple[int, int, str]]:
    """A sorting key that reads numbers as numbers: IMG_2 before IMG_10, no matter the case."""
    parts = re.split(r"(\d+)", name.casefold())
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
    return [*key, (-1, 0, name)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere
        return False


def _is_device(path: str) -> bool:
    """A pipe, socket or device: reading it could wait for ever."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return False  # a broken link is a picture that can't be read, and said so
    return not stat.S_ISREG(mode)
