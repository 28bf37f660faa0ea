"""Judged photos as the views need them, whatever they come from. Numbers and names; knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avistar import Group, ModelBundle, Species
from avistar.analysis import Analysis, Epoch
from avistar.evaluation import EvaluationReport

Rows = NDArray[np.int64]
Counts = NDArray[np.int64]
Mode = Literal["counts", "recall", "precision"]
Order = Literal["group", "name", "errors"]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The answers to N judged photos.

    `truth` and `answers` int64 [N] are indices into `species`; `probabilities` float32 [N, species] are
    calibrated; `map` float32 [N, 2], or [0, 2] where there is none; `report` judges all of them.
    """

    name: str
    artifact: str
    species: tuple[Species, ...]
    groups: dict[str, Group]
    files: tuple[str, ...]
    truth: Rows
    answers: Rows
    probabilities: NDArray[np.float32]
    map: NDArray[np.float32]
    report: EvaluationReport
    history: tuple[Epoch, ...] = ()

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
            answers=analysis.answers,
            probabilities=analysis.probabilities,
            map=analysis.map,
            report=analysis.report,
            history=analysis.history,
        )

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which photos were called what they are, [N]."""
        right: NDArray[np.bool_] = self.truth == self.answers
        return right

    @property
    def confidence(self) -> NDArray[np.float32]:
        """The confidence of each answer, float32 [N]."""
        confidence: NDArray[np.float32] = self.probabilities.max(axis=1)
        return confidence

    def counts(self, rows: Rows | None = None) -> Counts:
        """How many photos of species i were called j, int64 [species, species]; of `rows` only, if given."""
        result = np.zeros((len(self.species), len(self.species)), np.int64)
        truth, answers = (self.truth, self.answers) if rows is None else (self.truth[rows], self.answers[rows])
        np.add.at(result, (truth, answers), 1)
        return result

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


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two studies on the photos that both judged; each set holds rows of the first study."""

    common: int
    only_first: Rows
    only_second: Rows
    neither: Rows
    recall_gain: NDArray[np.float64]

    @classmethod
    def of(cls, first: Study, second: Study) -> Comparison:
        """Compare `second` with `first`; `recall_gain` float64 [species] is second minus first, NaN where unknown."""
        there = {file: row for row, file in enumerate(second.files)}
        rows = np.array([row for row, file in enumerate(first.files) if file in there], np.int64)
        others = np.array([there[first.files[row]] for row in rows], np.int64)
        ids = {species.id: index for index, species in enumerate(first.species)}
        right = first.right[rows]
        right_too = second.right[others] if len(others) else np.zeros(0, bool)
        gain = np.full(len(ids), np.nan)
        for index in range(len(ids)):
            inside = first.truth[rows] == index
            if inside.any():
                gain[index] = right_too[inside].mean() - right[inside].mean()
        return cls(
            common=len(rows),
            only_first=first.listed(rows[right & ~right_too]),
            only_second=first.listed(rows[~right & right_too]),
            neither=first.listed(rows[~right & ~right_too]),
            recall_gain=gain,
        )
