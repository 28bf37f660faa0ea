"""Two answers to the same photos: how the figures differ, who alone is right, which answers flipped. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.evaluation.metrics import EvaluationReport
from avistar.evaluation.significance import margins, sign_test
from avistar_gui.analysis.data.study import Rows, Study, judged

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ChangedAnswer:
    """The photos on which two studies answer differently, those where both were surest first.

    `rows` of the first study, `others` the same photos in the second; `first_margin` and `second_margin` float32 [N]
    say by how much each answer was ahead of the next likeliest (0 to 1).
    """

    rows: Rows
    others: Rows
    first_margin: Floats
    second_margin: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two studies on the `common` photos that both judged; each set holds rows of the first study.

    `others` int64 [N] are the rows of the second study for all photos of the first, -1 where it has none.
    `first_report` and `second_report` judge the common photos only. `chance`: how often two equally good models
    would differ at least as much in who alone is right (exact sign test, McNemar 1947), 0 to 1.
    """

    second: Study
    others: Rows
    common: int
    only_first: Rows
    only_second: Rows
    neither: Rows
    flip: ChangedAnswer
    recall_gain: NDArray[np.float64]
    first_report: EvaluationReport
    second_report: EvaluationReport
    chance: float

    @property
    def flipped(self) -> Rows:
        """The photos on which the answers differ."""
        return self.flip.rows

    @classmethod
    def of(cls, first: Study, second: Study) -> Comparison | None:
        """Compare `second` with `first`; None where they have no photo in common.

        `recall_gain` float64 [species] is second minus first, NaN where unknown.
        """
        there = {file: row for row, file in enumerate(second.files)}
        rows = np.array([row for row, file in enumerate(first.files) if file in there], np.int64)
        if not len(rows):
            return None
        others = np.array([there[first.files[row]] for row in rows], np.int64)
        everywhere = np.full(len(first.files), -1, np.int64)
        everywhere[rows] = others
        right, right_too = first.right[rows], second.right[others]
        alone, alone_too = int((right & ~right_too).sum()), int((~right & right_too).sum())
        return cls(
            second=second,
            others=everywhere,
            common=len(rows),
            only_first=first.listed(rows[right & ~right_too]),
            only_second=first.listed(rows[~right & right_too]),
            neither=first.listed(rows[~right & ~right_too]),
            flip=_flip(first, second, rows, others),
            recall_gain=_gain(first, rows, right, right_too),
            first_report=_report(first, rows),
            second_report=_report(second, others),
            chance=sign_test(alone, alone_too),
        )


def _flip(first: Study, second: Study, rows: Rows, others: Rows) -> ChangedAnswer:
    places = {species.id: index for index, species in enumerate(first.species)}
    called = np.array([places.get(species.id, -1) for species in second.species], np.int64)
    flipped = first.answers[rows] != called[second.answers[others]]
    rows, others = rows[flipped], others[flipped]
    one, other = margins(first.probabilities[rows]), margins(second.probabilities[others])
    order = np.argsort(-np.minimum(one, other), kind="stable")
    return ChangedAnswer(rows[order], others[order], one[order], other[order])


def _gain(first: Study, rows: Rows, right: NDArray[np.bool_], right_too: NDArray[np.bool_]) -> NDArray[np.float64]:
    gain = np.full(len(first.species), np.nan)
    truth = first.truth[rows]
    for index in range(len(gain)):
        inside = truth == index
        if inside.any():
            gain[index] = right_too[inside].mean() - right[inside].mean()
    return gain


def _report(study: Study, rows: Rows) -> EvaluationReport:
    if len(rows) == len(study.files):
        return study.report
    return judged(study.probabilities[rows], study.truth[rows], study.species)
