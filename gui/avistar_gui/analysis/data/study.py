"""Judged photos as the views need them, whatever they come from. Numbers and names; knows no Qt."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avistar import Group, ModelBundle, Species
from avistar.evaluation.metrics import EvaluationReport, evaluate
from avistar.evaluation.stored import Analysis, Epoch
from avistar.records import Box

MOST_SPECIES = 200
"""Labels up to which a study lists all of them, occurring or not."""

Rows = NDArray[np.int64]
Counts = NDArray[np.int64]
Mode = Literal["counts", "recall", "precision"]
Order = Literal["group", "name", "errors"]


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What was reviewed in a survey and can't be judged, in numbers of photos and videos.

    `strangers` show none of the species: unknown, no animal, or one that the model was never taught;
    `strangers_unknown` of them came out unknown, as they should. `unanswered` have no answer, `by_others` one of
    another model. `trained`: of those that are judged, how many bear the name of a photo that trained the model.
    """

    strangers: int = 0
    strangers_unknown: int = 0
    unanswered: int = 0
    by_others: int = 0
    videos: int = 0
    trained: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class StudyFacts:
    """Where reviewed photos come from: the catalogue's `path`, the `folder` that it is of, and whose answers these are.

    `boxes` (None for a whole photo) and `contents` (`files.content_key`) belong to the study's files; `on_map` are
    the rows that belong on the map. `named` are the strangers that were named nevertheless, None without any.
    """

    path: str
    folder: str
    artifact_sha256: str
    boxes: tuple[Box | None, ...]
    contents: tuple[str, ...]
    on_map: Rows
    apart: Exclusions
    named: Study | None = None


@dataclass(frozen=True, eq=False)
class Study:
    """The answers to N judged photos.

    `truth` int64 [N] are indices into `species`; `probabilities` float32 [N, species] are calibrated; `map`
    float32 [N, 2], NaN for photos that are not on it, or [0, 2] where there is none; `report` judges all of them.
    `survey` is None for a bundle's own test photos. `absent`: how many more labels the model has, that no photo shows
    and no answer named; of small models none is left out.
    """

    name: str
    artifact: str
    species: tuple[Species, ...]
    groups: dict[str, Group]
    files: tuple[str, ...]
    truth: Rows
    probabilities: NDArray[np.float32]
    map: NDArray[np.float32]
    report: EvaluationReport
    history: tuple[Epoch, ...] = ()
    survey: StudyFacts | None = None
    absent: int = 0

    @classmethod
    def of(cls, bundle: ModelBundle, analysis: Analysis) -> Study:
        """The study of a bundle's test photos."""
        return cls(
            name=bundle.manifest.name,
            artifact=analysis.judged.artifact,
            species=bundle.manifest.species,
            groups={group.id: group for group in bundle.manifest.groups},
            files=analysis.files,
            truth=analysis.truth,
            probabilities=analysis.probabilities,
            map=analysis.map,
            report=analysis.report,
            history=analysis.history,
        )

    @property
    def key(self) -> str:
        """A name for what is remembered of it."""
        if self.survey is None:
            return self.name
        return f"survey-{hashlib.sha256(os.fsencode(self.survey.path)).hexdigest()[:16]}"

    def prepare(self) -> Study:
        """Work out, on a thread, what every view asks for: a hundred thousand photos take a while."""
        study = self._occurring() if len(self.species) > MOST_SPECIES else self
        _ = study.everything, study.pairs
        return study

    def _occurring(self) -> Study:
        """The study without labels that no photo shows and no answer named: nobody reads twenty thousand rows."""
        kept = np.union1d(self.truth, self.answers)
        if len(kept) == len(self.species):
            return self
        rows = [self.report.confusion[i] for i in kept]
        confusion = tuple(tuple(row[j] for j in kept) if row else (0,) * len(kept) for row in rows)
        survey = self.survey
        if survey is not None and survey.named is not None:
            survey = replace(survey, named=survey.named.prepare())
        return replace(
            self,
            species=tuple(self.species[i] for i in kept),
            truth=np.searchsorted(kept, self.truth),
            probabilities=self.probabilities[:, kept],
            report=replace(self.report, species=tuple(self.report.species[i] for i in kept), confusion=confusion),
            survey=survey,
            absent=len(self.species) - len(kept),
        )

    @cached_property
    def answers(self) -> Rows:
        """The likeliest species of each photo, int64 [N]."""
        answers: Rows = self.probabilities.argmax(axis=1)
        return answers

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Which photos were called what they are, [N]."""
        right: NDArray[np.bool_] = self.truth == self.answers
        return right

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """The confidence of each answer, float32 [N]."""
        confidence: NDArray[np.float32] = self.probabilities.max(axis=1)
        return confidence

    @cached_property
    def everything(self) -> Rows:
        """All rows, in the order of lists."""
        return self.listed(np.arange(len(self.files)))

    @cached_property
    def pairs(self) -> list[Pair]:
        """The most confused pairs, worst first."""
        return confused_pairs(self)

    def counts(self, rows: Rows | None = None) -> Counts:
        """How many photos of species i were called j, int64 [species, species]; of `rows` only, if given."""
        return self._counts if rows is None else self._counted(self.truth[rows], self.answers[rows])

    @cached_property
    def _counts(self) -> Counts:
        return self._counted(self.truth, self.answers)

    def _counted(self, truth: Rows, answers: Rows) -> Counts:
        side = len(self.species)
        counts: Counts = np.bincount(truth * side + answers, minlength=side * side).reshape(side, side)
        return counts

    def cells(self, rows: Rows) -> set[tuple[int, int]]:
        """The cells (true, called) that `rows` lie in; none where they are too many to be outlined."""
        true, called = np.nonzero(self.counts(rows))
        found = set(zip(true.tolist(), called.tolist(), strict=True))
        return found if len(found) <= len(self.species) else set()

    def cell(self, true: int, called: int) -> Rows:
        """Photos of `true` that were called `called`."""
        return self._listed((self.truth == true) & (self.answers == called))

    def of_species(self, true: int) -> Rows:
        """Photos of `true`, errors first."""
        return self._listed(self.truth == true)

    def called(self, called: int) -> Rows:
        """Photos that were called `called`, errors first."""
        return self._listed(self.answers == called)

    def errors(self) -> Rows:
        """Photos that were called something else than they are."""
        return self._listed(~self.right)

    def hits(self) -> Rows:
        """Photos that were called what they are."""
        return self._listed(self.right)

    def listed(self, rows: Rows) -> Rows:
        """`rows` in the order of lists: errors first, the surest of them on top, then hits, least sure first."""
        right, confidence = self.right[rows], self.confidence[rows]
        return rows[np.lexsort((np.where(right, confidence, -confidence), right))]

    def _listed(self, inside: NDArray[np.bool_]) -> Rows:
        return self.listed(np.flatnonzero(inside))


def shares(counts: Counts, mode: Mode) -> NDArray[np.float64]:
    """`counts` [true, called] as they are, by row (recall) or by column (precision); 0 where there is nothing."""
    values = counts.astype(np.float64)
    if mode == "counts":
        return values
    total = values.sum(axis=1, keepdims=True) if mode == "recall" else values.sum(axis=0, keepdims=True)
    result: NDArray[np.float64] = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
    return result


def ordered(study: Study, by: Order, names: Sequence[str]) -> list[int]:
    """The order of rows and columns: relatives together, by `names`, or those with the most errors first."""
    indices = range(len(study.species))
    if by == "name":
        return sorted(indices, key=lambda i: names[i].casefold())
    if by == "errors":
        counts = study.counts()
        wrong = counts.sum(axis=1) + counts.sum(axis=0) - 2 * counts.diagonal()
        return sorted(indices, key=lambda i: (-int(wrong[i]), names[i].casefold()))
    places = {group: place for place, group in enumerate(study.groups)}
    return sorted(indices, key=lambda i: (places.get(study.species[i].group, len(places)), names[i].casefold()))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two species (indices) that were taken for each other, and the photos of it, either way round."""

    first: int
    second: int
    first_called_second: Rows
    second_called_first: Rows

    @property
    def errors(self) -> int:
        """How many photos."""
        return len(self.first_called_second) + len(self.second_called_first)


def confused_pairs(study: Study, most: int = 12) -> list[Pair]:
    """The pairs with the most errors, worst first."""
    counts = study.counts()
    both = np.triu(counts + counts.T, 1)
    worst = sorted(zip(*np.nonzero(both), strict=True), key=lambda pair: (-both[pair], pair))[:most]
    return [Pair(int(i), int(j), study.cell(int(i), int(j)), study.cell(int(j), int(i))) for i, j in worst]


def judged(probabilities: NDArray[np.float32], truth: Rows, species: Sequence[Species]) -> EvaluationReport:
    """The figures of calibrated `probabilities` [N, species], N at least 1, for photos of `truth` [N]."""
    # As logits: a photo that is all but certain must not make ties of the species that it is not.
    logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    return evaluate(logits, truth, [one.id for one in species])
