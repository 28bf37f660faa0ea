"""One open survey: its catalogue to write, and two doors to read it while somebody writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avistar import Classifier
from avistar.catalogue import Catalogue, Changes, Counts, Model, Query
from avistar.records import Record
from avistar.scan import Scan
from avistar.survey import open_survey, take_in
from avistar_gui.identify.shelf import SUFFIX


@dataclass(frozen=True, slots=True)
class ScanSummary:
    """What a scan saw: photos and folders counted, and (folder, reason) of those that could not be opened."""

    photos: int
    folders: int
    unreadable: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """`catalogue` writes; `page` reads for the screen and `asker` for threads: neither ever waits for the other."""

    path: Path
    catalogue: Catalogue
    page: Catalogue
    asker: Catalogue

    @classmethod
    def open(cls, path: Path, paths: Sequence[str], classifier: Classifier) -> Survey:
        """Open the catalogue at `path` to take in `paths`. Raises what `open_survey` raises."""
        named = len(paths) == 1 and paths[0].endswith(SUFFIX)
        catalogue = Catalogue.open(path) if named else open_survey(path, paths, classifier)
        try:
            return cls(path, catalogue, Catalogue.read(path), Catalogue.read(path))
        except BaseException:
            catalogue.close()
            raise

    @property
    def folder(self) -> str:
        """The folder that it is of."""
        return self.catalogue.facts.folder

    def take_in(self, paths: Sequence[str], cancelled: Callable[[], bool]) -> ScanSummary:
        """Bring the catalogue in line with what lies in `paths`."""
        named = len(paths) == 1 and paths[0].endswith(SUFFIX)
        scan = Scan([self.folder] if named else paths, cancelled=cancelled)
        changes: Changes = take_in(self.catalogue, scan)
        photos = changes.new + changes.known + changes.changed + changes.moved
        return ScanSummary(photos, scan.folders, tuple(scan.unreadable))

    def by_others(self, classifier: Classifier) -> list[int]:
        """The media whose answers came from something that answers otherwise than `classifier`."""
        model = Model.of(classifier)
        return self.asker.ids_answered_by(lambda one: not one.answers_like(model))

    def state(self) -> tuple[Counts, list[Record]]:
        """How far it is, and what failed."""
        return self.asker.counts(), self.asker.records_of(self.asker.ids(Query(state=("failed",))))

    def close(self) -> None:
        """Free the file."""
        for one in (self.page, self.asker, self.catalogue):
            one.close()
