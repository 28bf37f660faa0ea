"""One open survey: its catalogue to write, and two doors to read it while somebody writes."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from avistar import Classifier
from avistar.adaptation.suggestion import review_next
from avistar.catalogue import Catalogue, Changes, Counts, Model, Query
from avistar.identification import INCOMPLETE
from avistar.images.decode import SUFFIXES
from avistar.media.reader import MediumReader, readable_suffixes
from avistar.media.video import VIDEO_SUFFIXES
from avistar.options import MediaChoices, check_coverage
from avistar.records import UNJOINED, Record
from avistar.scan import Scan
from avistar.survey import back_up, decide_again, open_survey, take_in
from avistar.survey_choices import outdated_answers, with_detectors
from avistar_gui.identify.session.survey_library import names_survey

BYTES_PER_PHOTO = 8192
"""What a catalogue and its embeddings take for one photo, with room to spare; measured: 0.8 and 3.1 kB."""

MOST_TELLING = 60
"""Photos that come first where those that teach most are asked for."""

SPARE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ScanSummary:
    """What a scan saw: photos, videos and folders counted, and (folder, reason) of those that could not be opened.

    `unread_videos`: videos that were passed over, by wish or since nothing here can read them. `absent`: the
    survey's folder itself is not there. `changes`: how the folder differs from what the survey knew.
    """

    photos: int
    folders: int
    unreadable: tuple[tuple[str, str], ...]
    unread_videos: int = 0
    absent: bool = False
    changes: Changes = field(default_factory=Changes)

    @property
    def differs(self) -> bool:
        """Whether a folder that was looked into before holds something else by now."""
        was = self.changes
        known = was.known + was.changed + was.moved + was.vanished > 0
        return known and was.new + was.changed + was.moved + was.vanished > 0


_DCF = re.compile(r"DCIM|[1-9]\d\d[A-Z0-9_]{5}", re.IGNORECASE)
"""Folders that cameras make themselves: DCF 2.0 (JEITA CP-3461), "DCIM" with "100RECNX" and the like below it."""


def from_camera_trap(folder: str) -> bool:
    """Whether a survey's folder looks like a camera's card: it, one around it or one right below is named by DCF."""
    names = list(Path(folder).parts[-3:]) if folder else []
    try:
        with os.scandir(folder or ".") as entries:
            names += [entry.name for entry in entries if entry.is_dir()] if folder else []
    except OSError:
        pass  # a folder that can't be listed is told by the scan
    return any(_DCF.fullmatch(name) for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """`catalogue` writes; `page` reads for the screen and `asker` for threads: neither ever waits for the other."""

    path: Path
    catalogue: Catalogue
    page: Catalogue
    asker: Catalogue
    closed: threading.Event = field(default_factory=threading.Event)
    camera_trap: bool = False

    @classmethod
    def open(cls, path: Path, paths: Sequence[str], classifier: Classifier) -> Survey:
        """Open the catalogue at `path` to take in `paths`. Raises what `open_survey` raises."""
        # One from the library holds `paths` already, and what its user chose: nothing of that is said anew.
        known = names_survey(paths) or path.exists()
        catalogue = Catalogue.open(path) if known else open_survey(path, paths, classifier)
        try:
            from_camera = from_camera_trap(catalogue.facts.folder)
            return cls(path, catalogue, catalogue.reader(), catalogue.reader(), camera_trap=from_camera)
        except BaseException:
            catalogue.close()
            raise

    def back_up(self) -> None:
        """Copy its file, at most once a day. Raises `CatalogueDamaged`."""
        back_up(self.catalogue)

    @property
    def folder(self) -> str:
        """The folder that it is of."""
        return self.catalogue.facts.folder

    @property
    def choices(self) -> MediaChoices | None:
        """What its user chose before a run, None while nobody has."""
        settings = self.catalogue.facts.settings
        return MediaChoices.of(settings) if settings else None

    @property
    def only(self) -> tuple[str, ...]:
        """The site's species, by id; empty for all."""
        return self.catalogue.facts.only

    @property
    def unjoined(self) -> bool:
        """Whether a run ended, or was killed, before it had joined its bursts."""
        return UNJOINED in self.catalogue.facts.settings

    def mark_unjoined(self, unjoined: bool) -> None:
        """Remember it, whatever becomes of the program."""
        facts = self.catalogue.facts
        if unjoined != self.unjoined:
            settings = {name: value for name, value in facts.settings.items() if name != UNJOINED}
            self.catalogue.change_facts(replace(facts, settings=settings | ({UNJOINED: "yes"} if unjoined else {})))

    def keep_species(self, classifier: Classifier) -> None:
        """Remember the order of the species that `classifier` answers in: another model may have others."""
        facts, species = self.catalogue.facts, tuple(one.id for one in classifier.species)
        if species != facts.species:
            self.catalogue.change_facts(replace(facts, species=species))

    def limited(self, classifier: Classifier) -> Classifier:
        """`classifier` for this survey's site. Raises `UsageError` where it knows not all of its species."""
        return classifier.under(classifier.policy.limited(self.only)) if self.only else classifier

    def choose(
        self, choices: MediaChoices, tried: MediaChoices, classifier: Classifier, only: Sequence[str] | None
    ) -> None:
        """Keep what its user chose; what came about otherwise is pending again, as the sheet has said.

        `tried`: how a few photos were looked at while nobody had chosen. `only`: the site's species, None to leave
        them. Raises `UsageError` for a detector's file that is none, or
        speaks of other photos, and for a species that `classifier` doesn't know.
        """
        facts = self.catalogue.facts
        opening = choices.opening(Path(self.folder))
        seen = len(self.catalogue.ids_of(opening.detections.files())) if opening.detections else 0
        check_coverage(opening, seen, self.catalogue.counts().total, self.folder)
        site = facts.only if only is None else tuple(sorted(only))
        policy = classifier.policy.limited(site)
        settings = choices.settings(opening)
        earlier = facts.settings or tried.settings(tried.opening(Path(self.folder)))
        outdated = outdated_answers(self.catalogue, settings, earlier, any_detector=True)
        if outdated is not None:
            self.catalogue.forget_answers(outdated.ids)
        if site != facts.only:
            decide_again(self.catalogue, classifier.under(policy) if site else classifier)
        settings = self._true(settings) | ({UNJOINED: "yes"} if self.unjoined else {})
        self.catalogue.change_facts(replace(facts, settings=settings, only=site))

    def keep_detector(self, choices: MediaChoices, opening: MediumReader) -> None:
        """Remember what `opening` finds animals with: a newer Avistar may bring another detector."""
        settings = self.catalogue.facts.settings
        now = self._true(choices.settings(opening)).get("detector")
        if now is not None and settings and settings.get("detector") != now:
            self.catalogue.change_facts(replace(self.catalogue.facts, settings=settings | {"detector": now}))

    def _true(self, settings: dict[str, str]) -> dict[str, str]:
        """`settings` with the detectors of the answers that stay."""
        counts = self.catalogue.counts()
        return with_detectors(self.catalogue.facts.settings, settings) if counts.total > counts.pending else settings

    def take_in(self, paths: Sequence[str], cancelled: Callable[[], bool], *, videos: bool = True) -> ScanSummary:
        """Bring the catalogue in line with what lies in `paths`."""
        named = names_survey(paths)
        if named and not Path(self.folder).exists():  # a card that is not in its slot has lost no photo
            return ScanSummary(0, 0, (), absent=True)
        suffixes = readable_suffixes() if videos else SUFFIXES
        scan = Scan([self.folder] if named else paths, suffixes, cancelled=cancelled)
        changes: Changes = take_in(self.catalogue, scan)
        found = changes.new + changes.known + changes.changed + changes.moved
        unread = sum(scan.passed[suffix] for suffix in VIDEO_SUFFIXES)
        return ScanSummary(found, scan.folders, tuple(scan.unreadable), unread, changes=changes)

    def by_others(self, classifier: Classifier) -> list[int]:
        """The media whose answers came from something that answers otherwise than `classifier`, and nobody reviewed."""
        model = Model.of(self.limited(classifier))
        ids = self.asker.ids_answered_by(lambda one: not one.answers_like(model))
        unreviewed = set(self.asker.ids(Query(reviewed=False))) if ids else set[int]()
        return [id for id in ids if id in unreviewed]

    def ids(self, query: Query) -> list[int]:
        """The media that `query` chooses, in order; those whose review would teach most first, if it asks for that."""
        ids = self.asker.ids(query)
        if query.order != "telling":
            return ids
        there = set(ids)
        first = dict.fromkeys(id for id in review_next(self.asker, MOST_TELLING) if id in there)
        return [*first, *(id for id in ids if id not in first)]

    def counts(self) -> tuple[Counts, int]:
        """How far it is, and the bytes that the disk of its file lacks for what waits; 0 where there is room."""
        counts = self.asker.counts()
        wanted = SPARE_BYTES + counts.pending * BYTES_PER_PHOTO
        return counts, max(0, wanted - shutil.disk_usage(self.path.parent).free)

    def failures(self) -> list[Record]:
        """What failed, and what could be read in part only."""
        partly = self.asker.ids(Query(flag=INCOMPLETE, state=("answered",)))
        return self.asker.records_of([*self.asker.ids(Query(state=("failed",))), *partly])

    def ids_of(self, paths: Sequence[str]) -> list[int]:
        """The ids of the files at `paths`, without those that are not in it; quick."""
        relatives = [os.path.relpath(path, self.folder).replace(os.sep, "/") for path in paths]
        return list(self.page.ids_of(relatives).values())

    def burst(self, id: int) -> list[int]:
        """The media of the burst that a medium belongs to, itself included; quick."""
        rows = self.page.rows([id])
        name = rows[0].sequence if rows else ""
        return self.page.ids(Query(sequence=name)) if name else [id]

    def close(self) -> None:
        """Free the file; safe to call twice."""
        for one in (self.page, self.asker, self.catalogue):
            one.close()
        self.closed.set()
