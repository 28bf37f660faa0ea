"""Where the app keeps its surveys: a catalogue for each folder, among the user's data. Knows no Qt."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from avistar.catalogue import Catalogue, Counts
from avistar.errors import AvistarError
from avistar.survey import common_folder

SUFFIX = ".avistar"


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A survey on the library: its file, the folder that it is of, how far it is, when it was last touched (s).

    `here`: whether its folder is there now, its card in the slot.
    """

    path: str
    folder: str
    counts: Counts
    touched_s: float
    here: bool = True

    @property
    def name(self) -> str:
        """What people call it: the folder's name."""
        return os.path.basename(self.folder) or self.folder  # noqa: PTH119 - undecodable bytes stay as they are


class SurveyLibrary:
    """The folder of surveys; made when the first one is."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(platformdirs.user_data_dir("avistar", appauthor=False)) / "surveys"

    def recent(self, most: int = 8, *, look: bool = True) -> list[LibraryEntry]:
        """The surveys that were touched last; one that can't be read is passed over.

        Without `look`, nobody asks whether their folders are there: one on a lost network drive takes its time.
        """
        files = sorted(self.folder.glob(f"*{SUFFIX}"), key=lambda path: -path.stat().st_mtime)
        found = []
        for path in files[:most]:
            try:
                with Catalogue.read(path) as catalogue:
                    facts, counts = catalogue.facts, catalogue.counts()
            except AvistarError:
                continue
            here = not look or os.path.isdir(facts.folder)  # noqa: PTH112 any bytes
            found.append(LibraryEntry(str(path), facts.folder, counts, path.stat().st_mtime, here))
        return found

    def place_for(self, paths: Sequence[str]) -> Path:
        """The catalogue that `paths` belong in: one that is named, the one of a folder around them, or a new one.

        Raises `UsageError` for paths that don't exist or have no folder in common.
        """
        if len(paths) == 1 and paths[0].endswith(SUFFIX):
            return Path(paths[0])
        folder = common_folder(paths)
        around = [one for one in self.recent(most=1000, look=False) if Path(folder).is_relative_to(one.folder)]
        if around:
            return Path(max(around, key=lambda one: len(one.folder)).path)
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / self._name(folder)

    def _name(self, folder: str) -> str:
        key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]
        plain = re.sub(r"[^\w.-]+", "_", os.path.basename(folder))[:40] or "survey"  # noqa: PTH119
        return f"{plain.encode('ascii', 'ignore').decode()}-{key}{SUFFIX}"
