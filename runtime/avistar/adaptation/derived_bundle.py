"""A taught bundle is the base with another last layer, and says so: files, manifest and model card."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from avistar.adaptation.base_model import BaseModel
from avistar.adaptation.embedding_store import STORE_FILE, Role, encode_store, encoded, scale_of
from avistar.adaptation.embedding_store import EmbeddingStore as Store
from avistar.adaptation.gate import Verdict
from avistar.adaptation.lesson import LearnedHead, hashed
from avistar.adaptation.material import Material
from avistar.adaptation.onnx_head import with_head
from avistar.adaptation.photo_views import Views
from avistar.backends.onnx_backend import OnnxBackend
from avistar.backends.openvino_backend import OpenVinoBackend
from avistar.bundle import ModelBundle, commit, draft
from avistar.card import with_artifacts
from avistar.errors import BackendUnavailable, BundleError
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import FRAMES_FILE, JudgedArtifact, has_analysis, read_analysis, write_analysis
from avistar.manifest import Artifact, Calibration, Manifest
from avistar.species import Group, Species
from avistar.verification import FILE as GOLDEN
from avistar.verification import golden_key, read_golden

CARD = "README.md"
REPORT = "adaptation/report.json"
TAUGHT = "taught"
"""What a taught bundle's provenance tells its lessons under, oldest first."""


@dataclass(frozen=True, slots=True, eq=False)
class TaughtModel:
    """Everything that a taught bundle is made of. `groups` are those of the photos, parted in no split."""

    base: BaseModel
    material: Material
    views: Views
    groups: tuple[str, ...]
    learned: LearnedHead
    verdict: Verdict
    seed: int


def write_bundle(model: TaughtModel, target: Path) -> ModelBundle:
    """Write the taught bundle to `target`, whole or not at all. Raises `BundleError`, and `OSError` on a full disk."""
    base = model.base.bundle
    with draft(target, base) as folder:
        manifest = _manifest(model, target.resolve().name)
        artifacts = []
        for artifact in manifest.artifacts:
            facts = _stamp(manifest, artifact)
            # OpenVINO shares its file with ONNX Runtime: rewritten from the base's both times.
            (folder / artifact.file).write_bytes(with_head(base.checked(artifact.file), model.learned.head, facts))
            artifacts.append(artifact)
        for artifact in base.manifest.artifacts:
            if artifact.file not in {one.file for one in artifacts}:  # engines and the trained network
                (folder / artifact.file).unlink(missing_ok=True)
        kept = with_expectations(folder, base, artifacts)
        for one in kept:
            write_admission(folder, base, one, {"passed": model.verdict.passed, "taught": _ADMITTED})
        manifest = replace(manifest, artifacts=tuple(kept))
        if model.learned.others is not None and manifest.decision.reference is not None:
            model.learned.others.write(folder / manifest.decision.reference)
        (folder / STORE_FILE).write_bytes(encode_store(_store(model)))
        (folder / FRAMES_FILE).unlink(missing_ok=True)  # what the base's layer said
        manifest = _with_analysis(folder, model, manifest)
        report = msgspec.json.format(msgspec.json.encode(_report(model)), indent=1) + b"\n"
        (folder / REPORT).parent.mkdir(exist_ok=True)
        (folder / REPORT).write_bytes(report)
        (folder / CARD).write_text(with_artifacts(_card(model, manifest), folder, manifest.artifacts), "utf-8")
        return commit(folder, manifest, target)


def species_of(base: Manifest, learned: Sequence[str], named: Sequence[Species]) -> tuple[Species, ...]:
    """The species of a taught bundle: the base's as they were, then the new ones with the names that were given."""
    by_id = {one.id: one for one in named} | {one.id: one for one in base.species}
    return tuple(by_id[id] for id in learned)


def _groups(base: Manifest, species: Sequence[Species]) -> tuple[Group, ...]:
    known = {group.id for group in base.groups}
    new = [one for one in species if one.group not in known]
    made = {
        one.group: Group(one.group, *(_own_name(one) if one.group == one.id else (_spoken(one.group),) * 2))
        for one in new
    }
    return (*base.groups, *made.values())


def _own_name(species: Species) -> tuple[str, str]:
    return species.english.lower(), species.spanish.lower()


def _spoken(id: str) -> str:
    return id.replace("_", " ")


def _manifest(model: TaughtModel, name: str) -> Manifest:
    base = model.base.bundle.manifest
    species = species_of(base, model.learned.ids, model.material.species)
    artifacts = [
        replace(
            one,
            calibration=moved_calibration(one, model.base.calibration, model.learned.calibration),
            accuracy={},
            parity=f"parity/{one.format}-{one.precision}.json",
        )
        for one in base.artifacts
        if one.format in ("onnx", "openvino")
    ]
    earlier = list(base.provenance.get(TAUGHT, ()))
    return replace(
        base,
        name=name,
        species=species,
        groups=_groups(base, species),
        artifacts=tuple(artifacts),
        accuracy={},
        provenance=base.provenance | {TAUGHT: [*earlier, _provenance(model)]},
    )


def moved_calibration(artifact: Artifact, reference: Calibration, now: Calibration) -> Calibration:
    """The new calibration for another artifact: moved from `now` as its own one differs from the base's `reference`."""
    before = artifact.calibration
    temperature = now.temperature * before.temperature / reference.temperature
    floor = now.familiarity_floor + before.familiarity_floor - reference.familiarity_floor
    return replace(now, temperature=round(float(np.clip(temperature, 0.01, 100)), 6), familiarity_floor=floor)


def _stamp(manifest: Manifest, artifact: Artifact) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "species": [asdict(one) for one in manifest.species],
        "groups": [asdict(one) for one in manifest.groups],
        "temperature": artifact.calibration.temperature,
        "familiarity_floor": artifact.calibration.familiarity_floor,
    }


def _provenance(model: TaughtModel) -> dict[str, Any]:
    photos = model.material.photos
    counts = Counter(photo.species for photo in photos)
    verdict = model.verdict
    return {
        "base": model.base.bundle.manifest.name,
        "base_sha256": model.base.bundle.sha256,
        "date": datetime.now(UTC).date().isoformat(),
        "seed": model.seed,
        "photos": len(photos),
        "cameras": len({photo.camera for photo in photos}),
        "species": dict(sorted(counts.items())),
        "top1_before": verdict.here[0].top1,
        "top1_after": verdict.here[1].top1,
        "judged": verdict.here[0].photos,
    }


def _report(model: TaughtModel) -> dict[str, Any]:
    """The verdict for programs, with hashes of the photos: never names or paths."""
    facts = asdict(model.verdict)
    del facts["changed"]
    facts["advice"] = [str(what) for what in model.verdict.advice]
    contents = sorted(photo.content for photo in model.material.photos)
    return {"passed": model.verdict.passed, **_provenance(model), **facts, "photo_hashes": contents}


_ADMITTED = (
    "only the last layer differs from the base's artifact, whose comparison follows; "
    f"how the new layer was judged: {REPORT}"
)


def write_admission(folder: Path, base: ModelBundle, artifact: Artifact, verdict: dict[str, Any]) -> None:
    """Why an artifact with another last layer was admitted: `verdict`, and the report of the base's own.

    Below the last layer it is the base's.
    """
    before = next(one for one in base.manifest.artifacts
                  if (one.format, one.precision) == (artifact.format, artifact.precision))  # fmt: skip
    known = msgspec.json.decode(base.checked(before.parity)) if before.parity in base.manifest.files else {}
    assert artifact.parity is not None  # noqa: S101 set by the caller
    facts = {
        **verdict,
        "artifact_sha256": _sha256(folder / artifact.file),
        "base_artifact_sha256": base.manifest.files[before.file].sha256,
        "base_report": known.get("base_report", known),
    }
    path = folder / artifact.parity
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".md").unlink(missing_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(facts), indent=1) + b"\n")


def with_expectations(folder: Path, base: ModelBundle, artifacts: Sequence[Artifact]) -> list[Artifact]:
    """The artifacts that this machine can run, their answers to the golden pictures written beside the pictures."""
    golden = read_golden(base) if GOLDEN in base.manifest.files else None
    kept, arrays = [], dict[str, Any]()
    for artifact in artifacts:
        model = (folder / artifact.file).read_bytes()
        try:
            backend: OnnxBackend | OpenVinoBackend
            if artifact.format == "openvino":
                backend = OpenVinoBackend(model, threads=1, label=artifact.precision)
            else:
                backend = OnnxBackend(model, label=artifact.precision)
        except BackendUnavailable:
            if artifact.format == "openvino":  # its file is the int8 one, which stays
                continue
            raise
        with closing(backend):
            kept.append(artifact)
            if golden is not None:
                logits = backend.run(golden.images).logits
                if not np.isfinite(logits).all():
                    raise BundleError(
                        "{file} gives no valid answers once taught: nothing was written", file=artifact.file
                    )
                arrays[f"logits/{golden_key(artifact)}"] = logits
    if golden is not None:
        np.savez_compressed(folder / GOLDEN, names=np.array(golden.names), images=golden.images, **arrays)
    return kept


def _store(model: TaughtModel) -> Store:
    """The base's photos and the user's, so that the bundle can be taught again; nobody can see a photo in it."""
    views, base = model.views, model.base.store
    looked = views.embedding[views.first]
    scale = base.scale if base is not None else scale_of(looked)
    taught = Store(
        codes=encoded(looked, scale),
        scale=scale,
        species=tuple(photo.species for photo in views.photos),
        roles=np.full(len(looked), Role.TAUGHT, np.uint8),
        groups=tuple(hashed(group) for group in model.groups),
        photos=tuple(photo.content for photo in views.photos),
        precision=model.base.artifact.precision,
        body=model.base.body,
    )
    return taught if base is None else base.without(set(taught.photos)).joined(taught)


def _with_analysis(folder: Path, model: TaughtModel, manifest: Manifest) -> Manifest:
    """`analysis/` and the figures renewed for the base's untouched photos; gone where nobody can compute them."""
    base, store = model.base, model.base.store
    rows = store.rows(Role.TEST) if store is not None else np.zeros(0, np.intp)
    known = read_analysis(base.bundle) if has_analysis(base.bundle) else None
    if store is None or known is None or len(rows) != len(known.files):
        for name in [name for name in base.bundle.manifest.files if name.startswith("analysis/")]:
            if name != "analysis/split.json":
                (folder / name).unlink(missing_ok=True)
        return manifest
    truth = store.truth(rows, list(model.learned.ids))
    if (truth != known.truth).any():
        raise BundleError(
            "the embeddings of the bundle '{name}' are of other photos than its analysis: `avistar train "
            "embeddings` makes them anew",
            name=base.bundle.manifest.name,
        )
    answers = model.learned.answers(store.embedding(rows), truth)
    own = next(one for one in manifest.artifacts
               if one.format == "onnx" and one.precision == base.artifact.precision)  # fmt: skip
    report = evaluate(answers.logits, truth, model.learned.ids, own.calibration.temperature)
    sha256 = _sha256(folder / own.file)
    judged = JudgedArtifact(f"onnx {own.precision}", sha256, own.calibration.temperature,
                            own.calibration.familiarity_floor)  # fmt: skip
    analysis = replace(known, judged=judged, species=model.learned.ids, logits=answers.logits,
                       familiarity=answers.familiarity, report=report)  # fmt: skip
    write_analysis(folder, analysis)
    figures = report.summary()
    if model.verdict.unknown is not None:
        figures["unknown_auroc"] = model.verdict.unknown[1]
    artifacts = tuple(replace(one, accuracy=report.summary()) if one is own else one for one in manifest.artifacts)
    return replace(manifest, accuracy=figures, artifacts=artifacts)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _card(model: TaughtModel, manifest: Manifest) -> str:
    facts, verdict = _provenance(model), model.verdict
    lines = [
        f"# {manifest.name}",
        "",
        f"The bundle *{facts['base']}* (`{facts['base_sha256'][:12]}`), taught on {facts['date']} from "
        f"{facts['photos']:,} reviewed photos of {facts['cameras']} cameras or places. Only its last layer differs.",
        f"It knows {len(manifest.species)} species.",
        "",
        "## What it was taught",
        "",
        "Judged by cross-validation: each photo by a layer that never saw it, nor another of its camera's day or "
        f"burst ({verdict.here[0].photos:,} photos).",
        "",
        *_species_table(verdict),
        "",
        *_sides_table(verdict),
    ]
    if verdict.unknown is not None:
        before, after = verdict.unknown
        lines += ["", f"Other animals are told apart with an area under ROC of {after:.3f} (before: {before:.3f})."]
    lines += [
        "",
        f"The photos are listed by hashes in `{REPORT}`; no name, path or picture is in here. `{STORE_FILE}` allows "
        "to teach it again.",
        "",
    ]
    return "\n".join(lines)


def _species_table(verdict: Verdict) -> list[str]:
    lines = [
        "| species | | photos | cameras | named before | named now | 95 % interval |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in verdict.species:
        told = ["-"] * 3
        if one.judged:
            told = [f"{one.before:.0%}", f"{one.after:.0%}", f"{one.low:.0%} to {one.high:.0%}"]
        cells = [one.id, "new" if one.new else "", f"{one.photos:,}", str(one.cameras), *told]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _sides_table(verdict: Verdict) -> list[str]:
    lines = ["| photos | | top-1 | top-3 | calibration error |", "|---|---|---|---|---|"]
    sides = [("of this place", verdict.here), *([("of the base, untouched", verdict.base)] if verdict.base else [])]
    for name, pair in sides:
        for when, side in zip(("before", "now"), pair, strict=True):
            figures = f"{side.top1:.1%} | {side.top3:.1%} | {side.calibration_error:.3f}"
            lines.append(f"| {side.photos:,} {name} | {when} | {figures} |")
    return lines
