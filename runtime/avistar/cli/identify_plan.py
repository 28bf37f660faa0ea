"""What `avistar identify` does with a catalogue that has answers already: asks, refuses, or answers again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from avistar.cli.options import OtherModel
from avistar.cli.texts import pictures
from avistar.errors import UsageError
from avistar.options import MediaChoices, MediaOptions, check_coverage

if TYPE_CHECKING:
    from avistar.backends.factory import Device
    from avistar.catalogue import Catalogue, Model
    from avistar.classifier import Classifier
    from avistar.media.reader import MediumReader
    from avistar.survey_choices import OutdatedAnswers


@dataclass(frozen=True, slots=True)
class CatalogueOptions:
    """What the user says of the catalogue, and of what goes into it."""

    path: Path
    media: MediaOptions
    moved: bool
    retry_failed: bool
    other_model: OtherModel | None
    device: Device = "auto"
    embeddings: bool = True


class RunPlan:
    """What a run does with a catalogue: checked while nothing is changed yet, carried out once nothing speaks against.

    Attributes:
        choices: How media are looked at: as the user says, else as earlier runs did.
        opening: What opens them by these.
        answered_again: How many media got answers of this model without being read.
    """

    choices: MediaChoices
    opening: MediumReader

    def __init__(self, keeping: CatalogueOptions, classifier: Classifier) -> None:
        from avistar.catalogue import Model

        self._keeping, self._classifier, self._model = keeping, classifier, Model.of(classifier)
        self._others: list[int] = []
        self._outdated: tuple[int, ...] = ()
        self.answered_again = 0

    def check(self, catalogue: Catalogue | None, folder: str) -> None:
        """Raise `UsageError` where the user has to say what becomes of the answers there are."""
        from avistar.adaptation.answering import answered_otherwise
        from avistar.survey_choices import outdated_answers

        known = MediaChoices.of(catalogue.facts.settings) if catalogue else MediaChoices()
        self.choices = self._keeping.media.over(known)
        check_confidence(self.choices)
        self.opening = self.choices.opening(Path(folder), self._keeping.device)
        if catalogue is None:
            return
        other = self._keeping.other_model
        others = answered_otherwise(catalogue, self._classifier)
        if others and other is None:
            names = dict.fromkeys(_name(one) for one, _ in catalogue.models() if not one.sees_like(self._model))
            _refuse_other(catalogue, len(others), ", ".join(names), _name(self._model))
        settings = self.choices.settings(self.opening)
        earlier = catalogue.facts.settings
        outdated = outdated_answers(catalogue, settings, earlier, any_detector=other is OtherModel.KEEP)
        if outdated is not None and outdated.number and other is not OtherModel.AGAIN:
            if outdated_answers(catalogue, settings, earlier, any_detector=True) is None:
                _refuse_other(catalogue, outdated.number, outdated.before, outdated.now)
            _refuse_options(catalogue, outdated)
        self._others = others if other is OtherModel.AGAIN else []
        self._outdated = () if outdated is None else outdated.ids

    def unseen(self, catalogue: Catalogue) -> int:
        """How many pictures a detector's results lack. Raises `UsageError` where they speak of none."""
        found = self.opening.detections
        seen = len(catalogue.ids_of(found.files())) if found else 0
        return check_coverage(self.opening, seen, catalogue.counts().total, catalogue.facts.folder)

    def begin(self, catalogue: Catalogue) -> int:
        """Make outdated answers pending, and have the survey say what holds from now on; see `begin_run`."""
        from avistar.adaptation.answering import answer_again
        from avistar.records import UNJOINED
        from avistar.survey import begin_run
        from avistar.survey_choices import with_detectors

        settings = self.choices.settings(self.opening)
        catalogue.forget_answers(self._outdated)
        others = sorted({*self._others}.difference(self._outdated))
        left = answer_again(catalogue, self._classifier, others) if others else []
        catalogue.forget_answers(left)
        self.answered_again = len(others) - len(left)
        counts = catalogue.counts()
        if counts.total > counts.pending:
            settings = with_detectors(catalogue.facts.settings, settings)
        if self.choices.gap is not None:
            settings[UNJOINED] = "yes"  # an interrupted run leaves them so
        return begin_run(catalogue, self._classifier, settings)


def _refuse_other(catalogue: Catalogue, number: int, others: str, this: str) -> NoReturn:
    raise UsageError(
        "{number} in {catalogue} were answered by {others}, and this run would use {this}: say --other-model keep "
        "to leave those answers, or --other-model again to identify them again (what people said stays)",
        number=pictures(number),
        catalogue=catalogue.path,
        others=others,
        this=this,
    )


def _refuse_options(catalogue: Catalogue, outdated: OutdatedAnswers) -> NoReturn:
    raise UsageError(
        "{number} in {catalogue} were identified with {before}, and this run says {now}: leave those options out to "
        "go on as before, or say --other-model again to identify them again (what people said stays)",
        number=pictures(outdated.number),
        catalogue=catalogue.path,
        before=outdated.before,
        now=outdated.now,
    )


def _name(model: Model) -> str:
    """A model for people: 'field int8 (1a2b3c4d)'."""
    origin = model.provenance
    return f"{origin.bundle} {origin.precision} ({origin.artifact_sha256[:8]})"


def check_media(media: MediaOptions, *, kept: bool) -> None:
    """Raise `UsageError` for options that make no sense together; `kept`: there is a catalogue."""
    looks = bool(media.detect) or media.detector is not None
    if media.detections is not None and looks:
        raise UsageError("--detections and --detect both say where the animals are: leave one of them out")
    if media.detect is False and (media.detections is not None or media.detector is not None):
        raise UsageError("--no-detect says that nothing looks for animals: leave out --detections and --detector")
    if not kept:
        check_confidence(media.over(MediaChoices()))
    if not kept and (media.burst_gap is not None or media.timezone is not None):
        raise UsageError("--burst-gap and --timezone say what to keep in a --catalogue: name one")
    if media.timezone is not None:  # before an empty catalogue is made
        from avistar.media.exif import time_zone

        time_zone(media.timezone)


def check_confidence(choices: MediaChoices) -> None:
    """Raise `UsageError` for a least confidence of boxes where nothing gives boxes."""
    if choices.detection_confidence is not None and choices.detections is None and not choices.detect:
        raise UsageError("--detection-confidence says which boxes of --detections or --detect count: give one of them")
