"""From a trained network to a bundle: calibration, judgement, model card, written whole or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from avistar.backends import Floats, Outputs
from avistar.bundle import ModelBundle, commit, draft
from avistar.card import with_artifacts
from avistar.evaluation import (
    EvaluationReport,
    accepting,
    evaluate,
    fit_temperature,
    ranking_area,
)
from avistar.familiarity import Background, Familiarity, energy
from avistar.manifest import Artifact, Calibration, DecisionRule, Manifest, Preprocessing
from avistar.species import Species, known_groups
from avistar_train.card import model_card
from avistar_train.photos import Photo, Split
from avistar_train.prior import Prior

BACKGROUND_FILE = "background.npz"


@dataclass(frozen=True, slots=True)
class Judged:
    """Outputs on photos and the species that they truly show, int64 [N]."""

    outputs: Outputs
    truth: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Everything that a bundle is made of, before anything is written."""

    name: str
    architecture: str
    network: Any
    species: tuple[Species, ...]
    preprocessing: Preprocessing
    prior: Prior
    split: Split
    provenance: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What validation chose and what the untouched photos say of it."""

    calibration: Calibration
    decision: DecisionRule
    report: EvaluationReport
    figures: dict[str, float]


def familiarity_score(prior: Prior) -> Familiarity:
    """The score that the bundle will use: against the background where the backbone brought one."""
    if prior.other_bias.size:
        return Background(prior.other_kernel.astype(np.float16), prior.other_bias)
    return energy


def judge(model: TrainedModel, validation: Judged, test: Judged, others: Outputs | None) -> Verdict:
    """Fit temperature, floor and confidences on validation photos; measure on the test photos."""
    names = [species.id for species in model.species]
    score = familiarity_score(model.prior)
    temperature = fit_temperature(validation.outputs.logits, validation.truth)
    floor = accepting(score(validation.outputs))
    rule = DecisionRule(
        familiarity="background" if model.prior.other_bias.size else "energy",
        reference=BACKGROUND_FILE if model.prior.other_bias.size else None,
    )
    report = evaluate(test.outputs.logits, test.truth, names, temperature)
    figures = {**report.summary(), **_frequent(model.split, test, names)}
    if others is not None:
        figures |= unknown_figures(score(test.outputs), score(others), floor)
    return Verdict(Calibration(temperature, floor), rule, report, figures)


def unknown_figures(true_scores: Floats, other_scores: Floats, floor: float) -> dict[str, float]:
    """How well the score tells true photos from other ones: area, rejection, and true photos kept."""
    return {
        "unknown_auroc": ranking_area(true_scores, other_scores),
        "unknown_rejected_at_95": float((other_scores < accepting(true_scores)).mean()),
        "unknown_rejected": float((other_scores < floor).mean()),
        "true_accepted": float((true_scores >= floor).mean()),
        "other_photos": float(len(other_scores)),
    }


def _frequent(split: Split, test: Judged, names: list[str]) -> dict[str, float]:
    """Top-1 and top-3 over the species with at least 50 photos in all."""
    counts = np.zeros(len(names), int)
    for part in (split.train, split.validation, split.test):
        for photo in part:
            counts[names.index(photo.species)] += 1
    kept = counts[test.truth] >= 50
    if not kept.any():
        return {}
    report = evaluate(test.outputs.logits[kept], test.truth[kept], names)
    return {"frequent_photos": float(kept.sum()), "frequent_top1": report.top1, "frequent_top3": report.top3}


def publish(model: TrainedModel, verdict: Verdict, target: Path) -> ModelBundle:
    """Write the bundle with the trained network as its reference artifact."""
    artifact = Artifact("keras", "fp32", "model.keras", verdict.calibration, accuracy=verdict.report.summary())
    manifest = Manifest(
        name=model.name,
        architecture=model.architecture,
        species=model.species,
        groups=known_groups(),
        preprocessing=model.preprocessing,
        artifacts=(artifact,),
        decision=verdict.decision,
        accuracy=verdict.figures,
        provenance=model.provenance | {"published": datetime.now(UTC).date().isoformat(), "versions": _versions()},
    )
    with draft(target) as folder:
        model.network.save(folder / "model.keras")
        analysis = folder / "analysis"
        analysis.mkdir()
        _write_json(analysis / "split.json", model.split.as_data())
        _write_json(analysis / "evaluation.json", asdict(verdict.report))
        if verdict.decision.reference is not None:
            np.savez_compressed(
                folder / verdict.decision.reference,
                kernel=model.prior.other_kernel.astype(np.float16),
                bias=model.prior.other_bias,
            )
        _write_card(folder, manifest, model.split, verdict.report)
        return commit(folder, manifest, target)


def rewrite_card(folder: Path, about: str = "") -> ModelBundle:
    """Write the model card of the bundle in `folder` anew from its manifest and analysis.

    `about` replaces what it says of the photos' origin. Raises `BundleError` for a damaged bundle.
    """
    bundle = ModelBundle.open(folder)
    manifest = bundle.manifest
    if about:
        manifest = replace(manifest, provenance=manifest.provenance | {"about": about})
    parts = json.loads(bundle.checked("analysis/split.json"))
    seed = parts.pop("seed")
    divided = Split(seed, **{k: tuple(Photo(r["file"], r["species"], "") for r in rows) for k, rows in parts.items()})
    report = msgspec.json.decode(bundle.checked("analysis/evaluation.json"), type=EvaluationReport)
    with draft(folder, bundle) as temporary:
        _write_card(temporary, manifest, divided, report)
        return commit(temporary, manifest, folder)


def _write_card(folder: Path, manifest: Manifest, divided: Split, report: EvaluationReport) -> None:
    card = with_artifacts(model_card(manifest, divided, report), folder, manifest.artifacts)
    (folder / "README.md").write_text(card, "utf-8")


def _write_json(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("avistar", "keras", "numpy", "Pillow")}
