"""How well a classifier does on labelled photos: folders named by species, and folders of anything else."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from avistar.bursts import together
from avistar.classifier import Classifier
from avistar.dataset import read_data
from avistar.errors import UsageError
from avistar.evaluation.metrics import EvaluationReport, evaluate, ranking_area
from avistar.files import printable
from avistar.identification import Identification
from avistar.images.geometry import Source
from avistar.parallel import in_order, usable_cpus
from avistar.scan import Scan
from avistar.species_file import SpeciesList
from avistar.split import seen_files

Advance = Callable[[], None]
"""Called after each photo."""


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """One photo and the id of the species that it shows, "" for none of them.

    `trained`: a photo of its name trained or chose the bundle, so that its answer flatters. `source` is what it is
    read from, None for the file.
    """

    file: str
    species: str
    trained: bool = False
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class JudgedPhoto:
    """A photo of a known `species` and the likeliest one that a model called; both ids are that model's."""

    photo: LabelledFile
    called: str

    @property
    def right(self) -> bool:
        """Whether it was called what it is."""
        return self.called == self.photo.species


@dataclass(frozen=True, slots=True)
class Mistake:
    """A photo whose likeliest species is wrong, with the confidence (0 to 1) in that."""

    file: str
    species: str
    called: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided of photos: how many were named as a species (and `right` of them), a group, or unknown."""

    species: int
    right: int
    group: int
    unknown: int


@dataclass(frozen=True, slots=True)
class OtherAnimals:
    """Photos of none of the species: what was decided, and how well familiarity tells them from the others.

    `auroc` is the area under the ROC curve, 0.5 where it tells nothing and 1 where it tells all.
    """

    photos: int
    decisions: Decisions
    auroc: float


@dataclass(frozen=True, slots=True)
class LabelledReport:
    """The whole judgement; `failures` are (file, reason) of photos that could not be read and count nowhere.

    `trained` counts photos that the bundle has seen in training: above 0, the figures flatter. `photos` are those that
    the report judges, each with what it was called.
    """

    model: str
    runs_on: str
    report: EvaluationReport
    decisions: Decisions
    mistakes: tuple[Mistake, ...]
    trained: int
    failures: tuple[tuple[str, str], ...]
    others: OtherAnimals | None = None
    photos: tuple[JudgedPhoto, ...] = ()


def labelled_photos(photos: Path, classifier: Classifier) -> list[LabelledFile]:
    """The photos of a set in any form that training reads, such as sub-folders named by species in any spelling.

    Those that the bundle's split lists under the same name as trained or chosen by are marked. Raises `UsageError`.
    """
    seen = seen_files(classifier.bundle)
    data = read_data(photos, SpeciesList(classifier.species, ()))
    return [
        LabelledFile(photo.file, photo.species, photo.file in seen, data.source(photo))
        if data.array is not None
        else LabelledFile(str(data.source(photo)), photo.species, photo.file in seen)
        for photo in data.photos
    ]


def other_photos(folder: Path) -> list[LabelledFile]:
    """All photos below `folder`, which show none of the species. Raises `UsageError` where there are none."""
    found = [LabelledFile(file, "") for file in Scan([str(folder)])] if folder.is_dir() else []
    if not found:
        raise UsageError("{folder} holds no photos of other animals", folder=folder)
    return found


def judge(
    classifier: Classifier,
    photos: Sequence[LabelledFile],
    others: Sequence[LabelledFile] = (),
    *,
    mirrored: bool = False,
    advance: Advance,
) -> LabelledReport:
    """Identify and judge; broken photos are listed and left out. Raises `UsageError` when none can be read.

    `mirrored` answers each photo together with its mirror image (test-time augmentation): twice the time.
    """
    identify = partial(_answered, classifier, mirrored=mirrored, advance=advance)
    answers, failures = identify(photos)
    if not answers:
        raise UsageError(
            "none of the {number} photos can be read, such as {file}: {reason}",
            number=len(photos),
            file=failures[0][0],
            reason=failures[0][1],
        )
    ids = [species.id for species in classifier.species]
    probabilities = np.stack([answer.probabilities for _, answer in answers])
    truth = np.array([ids.index(photo.species) for photo, _ in answers])
    # As logits: a photo that is all but certain must not make ties of the species that it is not.
    report = evaluate(np.log(np.maximum(probabilities, np.finfo(np.float32).tiny)), truth, ids)
    called = [ids[likeliest] for likeliest in probabilities.argmax(axis=1)]
    judged = tuple(JudgedPhoto(photo, name) for (photo, _), name in zip(answers, called, strict=True))
    mistakes = [
        Mistake(one.photo.file, one.photo.species, one.called, float(row.max()))
        for one, row in zip(judged, probabilities, strict=True)
        if not one.right
    ]
    strangers, unread = identify(others)
    return LabelledReport(
        model=classifier.provenance.bundle,
        runs_on=classifier.provenance.runs_on,
        report=report,
        decisions=_decisions(answers),
        trained=sum(photo.trained for photo, _ in answers),
        mistakes=tuple(sorted(mistakes, key=lambda mistake: -mistake.confidence)),
        failures=(*failures, *unread),
        others=_others(answers, strangers) if strangers else None,
        photos=judged,
    )


_Answers = list[tuple[LabelledFile, Identification]]


def _answered(
    classifier: Classifier, photos: Sequence[LabelledFile], *, mirrored: bool, advance: Advance
) -> tuple[_Answers, list[tuple[str, str]]]:
    answers: _Answers = []
    failures = []
    files = [photo.file if photo.source is None else photo.source for photo in photos]
    with closing(_both_ways(classifier, files) if mirrored else classifier.stream(files)) as stream:
        for photo, answer in zip(photos, stream, strict=True):
            if answer.failure is None:
                answers.append((photo, answer))
            else:
                reason = answer.failure.message.removeprefix(f"{answer.source}: ")
                failures.append((printable(photo.file), reason))
            advance()
    return answers, failures


def _both_ways(classifier: Classifier, files: Sequence[Source]) -> Generator[Identification, None, None]:
    """Answers to each photo and its mirror image, averaged as those to a burst are."""

    def identify(some: Iterable[Source]) -> list[Identification]:
        prepared = [classifier.prepare(file) for file in some]
        turned = [one if one.pixels is None else replace(one, pixels=one.pixels[:, ::-1]) for one in prepared]
        pairs = zip(classifier.answer(prepared), classifier.answer(turned), strict=True)
        return [together(pair, classifier.policy) or pair[0] for pair in pairs]

    with closing(in_order(files, identify, batch=8, workers=usable_cpus())) as batches:
        for answers in batches:
            yield from answers


def _decisions(answers: _Answers) -> Decisions:
    made = [(photo, answer.decision) for photo, answer in answers if answer.decision is not None]
    kinds = [decision.kind for _, decision in made]
    right = sum(decision.kind == "species" and decision.id == photo.species for photo, decision in made)
    return Decisions(kinds.count("species"), right, kinds.count("group"), kinds.count("unknown"))


def _others(answers: _Answers, strangers: _Answers) -> OtherAnimals:
    true, other = (np.array([answer.familiarity for _, answer in some]) for some in (answers, strangers))
    return OtherAnimals(len(strangers), _decisions(strangers), ranking_area(true, other))
