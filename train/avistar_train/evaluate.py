"""How good a network is: calibration from validation photos, figures and analysis from untouched ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Floats, Outputs
from avistar.evaluation.embedding_map import embedding_map
from avistar.evaluation.metrics import accepting, evaluate, fit_temperature, ranking_area
from avistar.evaluation.stored import Analysis, Epoch, JudgedArtifact
from avistar.familiarity import Familiarity
from avistar.manifest import Calibration
from avistar.split import LabelledPhoto
from avistar_train.pixel_cache import labels

FREQUENT = 50
"""Photos from which a species counts as frequent: its figures are also given apart."""


@dataclass(frozen=True, slots=True, eq=False)
class TestAnswers:
    """What a network says of N labelled photos; `outputs` has a row for each of `photos`."""

    photos: tuple[LabelledPhoto, ...]
    outputs: Outputs

    def truth(self, species: Sequence[str]) -> NDArray[np.int64]:
        """The true index of each photo, int64 [N]."""
        return labels(self.photos, species)


def calibrate(validation: TestAnswers, species: Sequence[str], score: Familiarity) -> Calibration:
    """Temperature and familiarity floor from photos that neither trained nor judge."""
    temperature = fit_temperature(validation.outputs.logits, validation.truth(species))
    return Calibration(temperature, accepting(score(validation.outputs)))


def analyse(
    test: TestAnswers,
    species: Sequence[str],
    score: Familiarity,
    *,
    judged: JudgedArtifact,
    history: tuple[Epoch, ...] = (),
) -> Analysis:
    """Everything that a bundle's `analysis/` says of these untouched photos."""
    truth = test.truth(species)
    return Analysis(
        judged=judged,
        species=tuple(species),
        files=tuple(photo.file for photo in test.photos),
        truth=truth,
        logits=test.outputs.logits.astype(np.float32),
        familiarity=score(test.outputs).astype(np.float32),
        map=embedding_map(test.outputs.embedding),
        report=evaluate(test.outputs.logits, truth, species, judged.temperature),
        history=history,
    )


def unknown_figures(true_scores: Floats, other_scores: Floats, floor: float) -> dict[str, float]:
    """How well the score tells true photos from other ones: area, rejection, and true photos kept."""
    return {
        "unknown_auroc": ranking_area(true_scores, other_scores),
        "unknown_rejected_at_95": float((other_scores < accepting(true_scores)).mean()),
        "unknown_rejected": float((other_scores < floor).mean()),
        "true_accepted": float((true_scores >= floor).mean()),
        "other_photos": float(len(other_scores)),
    }


def frequent_figures(analysis: Analysis, photos: Sequence[LabelledPhoto]) -> dict[str, float]:
    """Top-1 and top-3 over the species with at least 50 of `photos`, which are all that there are."""
    counts = Counter(photo.species for photo in photos)
    kept = np.array([counts[analysis.species[i]] >= FREQUENT for i in analysis.truth])
    if not kept.any():
        return {}
    report = evaluate(analysis.logits[kept], analysis.truth[kept], analysis.species)
    return {"frequent_photos": float(kept.sum()), "frequent_top1": report.top1, "frequent_top3": report.top3}
