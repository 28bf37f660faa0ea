"""An artifact's outputs on the held-out photos: run once, calibrated with its own numbers, judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Backend, Outputs
from avistar.evaluation import accepting, evaluate, fit_temperature
from avistar.familiarity import Familiarity
from avistar.manifest import Calibration
from avistar_export.parity import HeldOut, Side
from avistar_export.photos import Progress

BATCH = 8


@dataclass(frozen=True, slots=True)
class Judgement:
    """One side of the gate, with the accuracy that goes into the manifest (fractions, and `photos`)."""

    side: Side
    accuracy: dict[str, float]


def run_all(backend: Backend, images: NDArray[np.uint8], progress: Progress, what: str) -> Outputs:
    """Outputs for uint8 [N, H, W, 3], in batches."""
    parts = []
    for start in range(0, len(images), BATCH):
        parts.append(backend.run(images[start : start + BATCH]))
        progress(what, min(start + BATCH, len(images)), len(images))
    return Outputs(np.concatenate([part.logits for part in parts]), np.concatenate([part.embedding for part in parts]))


def judge(name: str, outputs: Outputs, photos: HeldOut, familiarity: Familiarity) -> Judgement:
    """Temperature and familiarity floor from the photos that may choose, accuracy from those that judge.

    Outputs that aren't numbers get a neutral calibration: the gate names them.
    """
    choosing = ~photos.judging
    with np.errstate(invalid="ignore", over="ignore"):
        scores = familiarity(outputs)
    if not (np.isfinite(outputs.logits).all() and np.isfinite(scores).all()):
        return Judgement(Side(name, outputs, Calibration(), np.zeros(len(scores), bool)), {})
    calibration = Calibration(
        fit_temperature(outputs.logits[choosing], photos.truth[choosing]), accepting(scores[choosing])
    )
    report = evaluate(
        outputs.logits[photos.judging], photos.truth[photos.judging], photos.species, calibration.temperature
    )
    kept = ("photos", "top1", "top3", "macro_f1", "calibration_error")
    accuracy = {key: float(value) for key, value in report.summary().items() if key in kept}
    return Judgement(Side(name, outputs, calibration, scores >= calibration.familiarity_floor), accuracy)
