"""A bundle with another last layer, whole: artifacts, background, store, golden answers, analysis and card."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from avistar.adaptation.derived_bundle import moved_calibration, with_expectations, write_admission
from avistar.adaptation.embedding_store import STORE_FILE, EmbeddingStore, Role, encode_store, encoded
from avistar.adaptation.onnx_head import with_head
from avistar.backends import Outputs
from avistar.bundle import ModelBundle, commit, draft
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import (
    FRAMES_FILE,
    Analysis,
    JudgedArtifact,
    has_analysis,
    read_analysis,
    write_analysis,
)
from avistar.familiarity import Background, Familiarity
from avistar.manifest import Artifact, Manifest
from avistar.progress import StepProgress
from avistar.split import SPLIT_FILE, LabelledPhoto, Split, encode_split, required_split
from avistar_train.evaluate import TestAnswers, analyse, frequent_figures, unknown_figures
from avistar_train.field import answers_of, encode_frames, with_field
from avistar_train.publish import BACKGROUND_FILE, REFITTED, write_card
from avistar_train.refit import RefitPlan, Refitted, test_photos
from avistar_train.refit_views import BOX, WHOLE

_ADMITTED = (
    "only the last layer differs from the base's artifact, whose comparison follows; "
    "how the new layer was judged: the bundle's provenance and card"
)


def write_refitted(
    made: Refitted, plan: RefitPlan, target: Path, about: str = "", *, progress: StepProgress
) -> ModelBundle:
    """Write the bundle to `target`, whole or not at all; `about`: where the photos come from.

    Raises `BundleError`, and `OSError` on a full disk.
    """
    base = made.ground.base.bundle
    split = _split(made)
    answers = _test_answers(made, plan, progress)
    with draft(target, base) as folder:
        artifacts = _write_artifacts(folder, made)
        _write_background(folder, made)
        (folder / STORE_FILE).write_bytes(encode_store(_store(made)))
        (folder / SPLIT_FILE).write_bytes(encode_split(split))
        manifest = replace(
            base.manifest,
            artifacts=tuple(artifacts),
            decision=replace(base.manifest.decision, familiarity="background", reference=BACKGROUND_FILE),
            provenance=base.manifest.provenance | {REFITTED: _told(made, plan)} | ({"about": about} if about else {}),
        )
        manifest, analysis = _judged(folder, made, manifest, answers)
        frames = answers_of(made.ground.material.frames, made.judged.frames, made.judged.boxes)
        (folder / FRAMES_FILE).write_bytes(encode_frames(frames))
        own = next(one for one in artifacts if one.precision == made.ground.base.artifact.precision)
        manifest = with_field(manifest, frames, own)
        write_card(folder, manifest, split, analysis)
        return commit(folder, manifest, target)


def _test_answers(made: Refitted, plan: RefitPlan, progress: StepProgress) -> dict[str, TestAnswers]:
    """What each ONNX artifact says of the test photos, by its precision."""
    ground = made.ground
    photos = required_split(ground.base.bundle).test
    answers: dict[str, TestAnswers] = {}
    for one in ground.base.bundle.manifest.artifacts:
        if one.format == "onnx":
            embedding = test_photos(ground, one, plan.kept, progress)
            answers[one.precision] = TestAnswers(photos, Outputs(made.learned.head.logits(embedding), embedding))
    return answers


def _write_artifacts(folder: Path, made: Refitted) -> list[Artifact]:
    """Every ONNX artifact with the new layer, its golden answers and its admission; others are gone."""
    base = made.ground.base.bundle
    artifacts = [_artifact(made, one) for one in base.manifest.artifacts if one.format == "onnx"]
    for one in artifacts:
        facts = {"temperature": one.calibration.temperature, "familiarity_floor": one.calibration.familiarity_floor}
        (folder / one.file).write_bytes(with_head(base.checked(one.file), made.learned.head, facts))
    for gone in {one.file for one in base.manifest.artifacts} - {one.file for one in artifacts}:
        (folder / gone).unlink(missing_ok=True)  # engines and the trained network have the old layer
    with_expectations(folder, base, artifacts)
    for one in artifacts:
        write_admission(folder, base, one, {"passed": True, "refitted": _ADMITTED})
    return artifacts


def _artifact(made: Refitted, artifact: Artifact) -> Artifact:
    calibration = moved_calibration(artifact, made.ground.base.calibration, made.learned.calibration)
    parity = f"parity/{artifact.format}-{artifact.precision}.json"
    return replace(artifact, calibration=calibration, accuracy={}, parity=parity)


def _write_background(folder: Path, made: Refitted) -> None:
    others = made.learned.others
    assert others is not None  # noqa: S101 a refitted layer has one
    others.write(folder / BACKGROUND_FILE)


def _split(made: Refitted) -> Split:
    """The base's, with the photos that it didn't list among those that train."""
    split = required_split(made.ground.base.bundle)
    later = tuple(
        LabelledPhoto(f"{one.path.parent.name}/{one.path.name}", one.species) for one in made.ground.material.later
    )
    return replace(split, train=(*split.train, *later))


def _store(made: Refitted) -> EmbeddingStore:
    """The base's photos, those that came later, and frames of known species whole and in their boxes."""
    store, seen = made.ground.base.store, made.ground.seen
    assert store is not None  # noqa: S101 refitting needs one
    known = [i for i, frame in enumerate(made.ground.material.frames) if frame.sample.species in made.ground.base.ids]
    frames = [made.ground.material.frames[i].sample.species for i in known]
    embedding = np.concatenate(
        [*([seen.later] if len(seen.later) else []), seen.frames[WHOLE][known], seen.frames[BOX][known]]
    )
    species = (*(one.species for one in made.ground.material.later), *frames, *frames)
    added = replace(
        store,
        codes=encoded(embedding, store.scale),
        species=species,
        roles=np.full(len(species), Role.TRAIN, np.uint8),
        groups=("",) * len(species),
        photos=("",) * len(species),
    )
    return store.joined(added)


def _told(made: Refitted, plan: RefitPlan) -> dict[str, Any]:
    frames = Counter(frame.sample.species for frame in made.ground.material.frames)
    return {
        "base_sha256": made.ground.base.bundle.sha256,
        "date": datetime.now(UTC).date().isoformat(),
        "seed": plan.seed,
        "settings": asdict(plan.settings),
        "frames": dict(sorted(frames.items())),
        "cameras": len({frame.sample.group for frame in made.ground.material.frames}),
        "other_animals": len(made.judged.others.truth),
        "later_photos": len(made.ground.material.later),
    }


def _judged(
    folder: Path, made: Refitted, manifest: Manifest, answers: dict[str, TestAnswers]
) -> tuple[Manifest, Analysis]:
    """Figures of every artifact on the test photos (by precision), and the analysis of the one that a CPU runs."""
    base, others = made.ground.base, made.learned.others
    assert others is not None  # noqa: S101 a refitted layer has one
    names, artifacts = base.ids, []
    for one in manifest.artifacts:
        said = answers[one.precision]
        report = evaluate(said.outputs.logits, said.truth(names), names, one.calibration.temperature)
        artifacts.append(replace(one, accuracy=report.summary()))
    own = next(one for one in artifacts if one.precision == base.artifact.precision)
    by = own.calibration
    sha256 = hashlib.sha256((folder / own.file).read_bytes()).hexdigest()
    judged = JudgedArtifact(f"onnx {own.precision}", sha256, by.temperature, by.familiarity_floor)
    rounded = others.rounded()
    score = Background(rounded.kernel, rounded.bias)
    analysis = _analysis(base.bundle, answers[own.precision], score, judged)
    write_analysis(folder, analysis)
    figures = {**analysis.report.summary(), **frequent_figures(analysis, required_split(base.bundle).photos)}
    figures |= unknown_figures(analysis.familiarity, made.judged.others.familiarity, by.familiarity_floor)
    chosen = made.judged.validation
    validation = evaluate(chosen.logits, chosen.truth, names, by.temperature).summary()
    provenance = manifest.provenance | {"validation": validation}
    return replace(manifest, artifacts=tuple(artifacts), accuracy=figures, provenance=provenance), analysis


def _analysis(base: ModelBundle, test: TestAnswers, score: Familiarity, judged: JudgedArtifact) -> Analysis:
    """The analysis of the new layer; on the map, photos lie where they lay, since the network below is the same."""
    names = [species.id for species in base.manifest.species]
    known = read_analysis(base) if has_analysis(base) else None
    if known is None or known.files != tuple(photo.file for photo in test.photos):
        return analyse(test, names, score, judged=judged)
    return replace(
        known,
        judged=judged,
        logits=test.outputs.logits.astype(np.float32),
        familiarity=score(test.outputs).astype(np.float32),
        report=evaluate(test.outputs.logits, test.truth(names), names, judged.temperature),
    )
