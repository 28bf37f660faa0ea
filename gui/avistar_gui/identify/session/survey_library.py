"""Where the app keeps its surveys: a catalogue for each folder, among the user's data. Knows no Qt."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from avistar.catalogue import Catalogue, Counts, Query
from avistar.catalogue.backup import set_aside
from avistar.errors import AvistarError, CatalogueDamaged
from avistar.survey import common_folder, lies_in

SUFFIX = ".avistar"
ASIDE = ".before-"
"""In the names of files that stepped aside for a restored or merged one, or are no longer listed."""

MOST = 1000
"""Surveys that are looked through for the one that photos belong in."""


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A survey on the library: its file, the folder that it is of, how far it is, when it was last touched (s).

    `here`: whether its folder is there now, its card in the slot. `damaged`: its file can't be read, nothing else is
    known. `photo`: the path of one of its photos, "" where there is none.
    """

    path: str
    folder: str
    counts: Counts
    touched_s: float
    here: bool = True
    damaged: bool = False
    photo: str = ""

    @property
    def name(self) -> str:
        """What people call it: the folder's name."""
        if self.damaged:
            return re.sub(r"-[0-9a-f]{10}$", "", Path(self.path).stem)
        return os.path.basename(self.folder) or self.folder  # noqa: PTH119 - undecodable bytes stay as they are


class SurveyLibrary:
    """The folder of surveys; made when the first one is."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(platformdirs.user_data_dir("avistar", appauthor=False)) / "surveys"

    def recent(self, most: int = 8, *, look: bool = True) -> list[LibraryEntry]:
        """The surveys that were touched last; one that can't be read is passed over, unless it is damaged.

        Without `look`, nobody asks whether their folders are there: one on a lost network drive takes its time.
        """
        found = []
        for path in self._files()[:most]:
            touched = path.stat().st_mtime
            try:
                with Catalogue.read(path) as catalogue:
                    facts, counts = catalogue.facts, catalogue.counts()
                    photo = _first_photo(catalogue) if look else ""
            except CatalogueDamaged:
                found.append(LibraryEntry(str(path), "", Counts(), touched, damaged=True))
                continue
            except AvistarError:
                continue
            here = not look or os.path.isdir(facts.folder)  # noqa: PTH112 any bytes
            found.append(LibraryEntry(str(path), facts.folder, counts, touched, here, photo=photo))
        return found

    def moved_to(self, folder: str) -> LibraryEntry | None:
        """The survey whose photos lie in `folder` by now, known by their content; None where there is none."""
        for path in self._files()[:MOST]:
            with suppress(AvistarError), Catalogue.read(path) as catalogue:
                known = catalogue.facts.folder
                if known != folder and lies_in(catalogue, folder):
                    return LibraryEntry(str(path), known, catalogue.counts(), path.stat().st_mtime)
        return None

    def forget(self, path: str) -> Path:
        """List the survey at `path` no longer; where its file is from now on. Raises `OSError`."""
        return set_aside(Path(path))

    def place_for(self, paths: Sequence[str]) -> Path:
        """The catalogue that `paths` belong in: one that is named, the one of a folder around them, or a new one.

        Raises `UsageError` for paths that don't exist or have no folder in common.
        """
        if names_survey(paths):
            return Path(paths[0])
        folder = common_folder(paths)
        around = [(path, known) for path, known in self._folders() if Path(folder).is_relative_to(known)]
        if around:
            return max(around, key=lambda one: len(one[1]))[0]
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / self._name(folder)

    def _files(self) -> list[Path]:
        """The surveys' files, those that were touched last first."""
        there = [path for path in self.folder.glob(f"*{SUFFIX}") if ASIDE not in path.name]
        return sorted(there, key=lambda path: -path.stat().st_mtime)

    def _folders(self) -> list[tuple[Path, str]]:
        """The file of each survey that can be read, and the folder that it is of; nothing is counted for that."""
        found = []
        for path in self._files()[:MOST]:
            with suppress(AvistarError), Catalogue.read(path) as catalogue:
                found.append((path, catalogue.facts.folder))
        return [(path, folder) for path, folder in found if folder]

    def _name(self, folder: str) -> str:
        key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]
        plain = re.sub(r"[^\w.-]+", "_", os.path.basename(folder))[:40] or "survey"  # noqa: PTH119
        return f"{plain.encode('ascii', 'ignore').decode()}-{key}{SUFFIX}"


def names_survey(paths: Sequence[str]) -> bool:
    """Whether `paths` are a survey's file, not photos and folders."""
    return len(paths) == 1 and paths[0].endswith(SUFFIX)


def _first_photo(catalogue: Catalogue) -> str:
    """A reviewed photo with an animal if there is one, else any."""
    for query in (Query(reviewed=True, decision=("species",)), Query(decision=("species",)), Query()):
        rows = catalogue.rows(catalogue.ids(replace(query, kind=("photo",)))[:1])
        if rows:
            return rows[0].path
    return ""
