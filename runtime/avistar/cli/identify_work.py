"""What `avistar identify` works on: a stream of pictures, or a survey that is kept in a catalogue."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from avistar.cli.console import note
from avistar.cli.identify_plan import CatalogueOptions, RunPlan
from avistar.cli.texts import Sentences, bursts, pictures
from avistar.message import Message

if TYPE_CHECKING:
    from avistar.adaptation.survey_embeddings import SurveyEmbeddings
    from avistar.catalogue import Catalogue
    from avistar.classifier import Classifier
    from avistar.identification import Identification
    from avistar.media.detections import Detections
    from avistar.media.reader import MediumReader
    from avistar.pipeline import Pace
    from avistar.records import Record
    from avistar.scan import Scan


@dataclass(frozen=True, slots=True)
class Sighted:
    """An answer to a picture, and what else a detector found in it.

    Attributes:
        answer: The one that stands.
        beside: "person" and "vehicle", as far as they are there.
    """

    answer: Identification
    beside: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: Record, classifier: Classifier) -> Sighted:
        """What is said of `record`."""
        there = {box.category for box in record.detections}
        return cls(standing(record, classifier), tuple(kind for kind in ("person", "vehicle") if kind in there))


class Work(Protocol):
    """Pictures to be identified with a classifier."""

    @property
    def classifier(self) -> Classifier:
        """What identifies them."""

    @property
    def total(self) -> int:
        """How many there are."""

    def answers(self, pace: Pace) -> Generator[Sighted, None, None]:
        """The answers of this run, in order."""

    def kept(self) -> Iterator[Identification] | None:
        """Every answer that a results file shall hold; None where those of this run are all there are."""

    def tell(self) -> None:
        """Say how things stand now."""


@dataclass(slots=True)
class Stream:
    """Pictures that are answered and forgotten."""

    classifier: Classifier
    pictures: Sequence[str]

    @property
    def total(self) -> int:
        """How many pictures there are."""
        return len(self.pictures)

    def answers(self, pace: Pace) -> Generator[Sighted, None, None]:
        """The answers, in order."""
        with closing(self.classifier.stream(self.pictures, batch=pace.batch, workers=pace.workers)) as answers:
            yield from (Sighted(answer) for answer in answers)

    def kept(self) -> None:
        """Nothing was kept."""

    def tell(self) -> None:
        """Nothing stands anywhere."""


@dataclass(slots=True)
class Sightings:
    """Photos with boxes, and videos, that are answered and forgotten: one answer for each file."""

    classifier: Classifier
    pictures: Sequence[str]
    opening: MediumReader
    folder: Path

    @property
    def total(self) -> int:
        """How many files there are."""
        return len(self.pictures)

    def answers(self, pace: Pace) -> Generator[Sighted, None, None]:
        """The answers, in order."""
        from avistar.media.photo import file_medium
        from avistar.media.reader import kind_of
        from avistar.pipeline import identify_media

        media = (file_medium(path, self.folder, kind_of(path)) for path in self.pictures)
        batches = identify_media(self.classifier, (self.opening(medium, self.folder) for medium in media), pace)
        try:
            for records in batches:
                yield from (Sighted.of(record, self.classifier) for record in records)
        finally:
            batches.close()

    def kept(self) -> None:
        """Nothing was kept."""

    def tell(self) -> None:
        """Nothing stands anywhere."""


def standing(record: Record, classifier: Classifier) -> Identification:
    """A record as one answer: the one that stands, or why there is none."""
    from avistar.files import printable
    from avistar.identification import Identification

    source = printable(record.medium.path)
    return record.identification or Identification(source, classifier.provenance, failure=record.failure)


@dataclass(slots=True)
class CatalogueRun:
    """A survey whose pending media are identified and stored."""

    catalogue: Catalogue
    classifier: Classifier
    words: Sentences
    total: int
    quiet: bool
    opening: MediumReader
    gap: timedelta | None
    embeddings: SurveyEmbeddings | None = None

    @classmethod
    def open(
        cls, keeping: CatalogueOptions, classifier: Classifier, scan: Scan, words: Sentences, *, quiet: bool
    ) -> CatalogueRun:
        """Open or make the catalogue and take in what `scan` finds. A run that is refused has changed no answer."""
        from avistar.adaptation.survey_embeddings import SurveyEmbeddings
        from avistar.survey import open_survey, retry_failures, take_in

        plan = RunPlan(keeping, classifier)
        catalogue = open_survey(keeping.path, scan.paths, classifier, moved=keeping.moved, check=plan.check)
        try:
            changes = take_in(catalogue, scan)
            unseen = plan.unseen(catalogue)
            decided = plan.begin(catalogue)
            if keeping.retry_failed:
                retry_failures(catalogue)
            pending = catalogue.counts().pending
        except BaseException:
            catalogue.close()
            raise
        if plan.answered_again:
            number = pictures(plan.answered_again)
            said = Message("{number} answered again without reading them: the network had seen them", number=number)
            note(said.to(words.language), quiet=quiet)
        if decided:
            number = pictures(decided)
            said = Message("{number} decided again, under this run's thresholds and list of species", number=number)
            note(said.to(words.language), quiet=quiet)
        numbers = {name: f"{getattr(changes, name):,}" for name in ("new", "changed", "moved", "vanished", "known")}
        note(
            Message(
                "{catalogue}: {new} new, {changed} changed, {moved} moved, {vanished} vanished, {known} as "
                "before; {pending} to identify",
                catalogue=keeping.path,
                pending=f"{pending:,}",
                **numbers,
            ).to(words.language),
            quiet=quiet,
        )
        tell_unseen(unseen, words, quiet=quiet)
        tell_passed_over(plan.opening.detections, words, quiet=quiet)
        embeddings = SurveyEmbeddings.for_run(catalogue, classifier) if keeping.embeddings else None
        return cls(catalogue, classifier, words, pending, quiet, plan.opening, plan.choices.gap, embeddings)

    def answers(self, pace: Pace) -> Generator[Sighted, None, None]:
        """The answers of this run; each is stored before it comes."""
        from avistar.records import UNJOINED
        from avistar.survey import identify_pending, join_bursts

        keep = self.embeddings.keep if self.embeddings is not None else None
        batches = identify_pending(self.catalogue, self.classifier, pace, opener=self.opening, keep=keep)
        try:
            for records in batches:
                yield from (Sighted.of(record, self.classifier) for record in records)
        finally:
            batches.close()
        if self.gap is not None:
            joined = join_bursts(self.catalogue, self.classifier, self.gap)
            facts = self.catalogue.facts
            settings = {name: value for name, value in facts.settings.items() if name != UNJOINED}
            self.catalogue.change_facts(replace(facts, settings=settings))
            note(Message("{bursts} answered together", bursts=bursts(joined)).to(self.words.language), quiet=self.quiet)

    def kept(self) -> Iterator[Identification]:
        """The answer to every medium, whichever run gave it."""
        return (standing(record, self.classifier) for record in self.catalogue.records())

    def tell(self) -> None:
        """Say what the catalogue holds."""
        counts = self.catalogue.counts()
        numbers = {name: f"{getattr(counts, name):,}" for name in ("pending", "failed", "reviewed")}
        total = pictures(counts.total)
        note(
            Message(
                "{catalogue} holds {total}: {pending} to identify, {failed} failed, {reviewed} reviewed",
                catalogue=self.catalogue.path,
                total=total,
                **numbers,
            ).to(self.words.language),
            quiet=self.quiet,
        )

    def close(self) -> None:
        """Free the catalogue."""
        if self.embeddings is not None:
            self.embeddings.close()
        self.catalogue.close()


def tell_unseen(unseen: int, words: Sentences, *, quiet: bool) -> None:
    """Say how many pictures the detector never saw."""
    if unseen:
        note(
            Message("the detector never saw {pictures}: identified as a whole", pictures=pictures(unseen)).to(
                words.language
            ),
            quiet=quiet,
        )


def tell_passed_over(detections: Detections | None, words: Sentences, *, quiet: bool) -> None:
    """Say which boxes of the detector's file say nothing here."""
    if detections is not None and detections.passed_over:
        kinds = ", ".join(f"{name} {number:,}" for name, number in sorted(detections.passed_over.items()))
        said = Message("boxes of the detector that say nothing here were passed over: {kinds}", kinds=kinds)
        note(said.to(words.language), quiet=quiet)
