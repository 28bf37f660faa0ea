"""From a trained network to a bundle: judged, described, written whole or not at all; and out of its run.

The model card: what a bundle saw, how well it does per species, and where it is weak.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from avistar.backends import Outputs
from avistar.bundle import ModelBundle, commit, draft
from avistar.card import with_artifacts
from avistar.errors import BundleError, UsageError
from avistar.evaluation.metrics import EvaluationReport, evaluate, most_confused
from avistar.evaluation.stored import Analysis, Epoch, JudgedArtifact, has_analysis, read_analysis, write_analysis
from avistar.familiarity import Background, Familiarity, energy
from avistar.images.decode import SUFFIXES
from avistar.manifest import Artifact, DecisionRule, Manifest, Preprocessing
from avistar.message import Message
from avistar.species_file import SpeciesList
from avistar.split import SPLIT_FILE, Split, encode_split, required_split
from avistar_train.evaluate import TestAnswers, analyse, calibrate, frequent_figures, unknown_figures
from avistar_train.field_tables import field_table, species_table
from avistar_train.imagenet_head import Prior
from avistar_train.split import FEW_CHOOSING

BACKGROUND_FILE = "background.npz"

NETWORK_FILE = "model.keras"

CARD = "README.md"

FIELD, REFITTED = "field", "refitted"
"""What a bundle's provenance tells under these names: figures of trap frames, and a last layer fitted again."""

RESULT = "bundle"
"""Where a run folder holds its finished bundle."""


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """Everything that a bundle is made of, before anything is judged or written."""

    name: str
    architecture: str
    network: Any
    listed: SpeciesList
    preprocessing: Preprocessing
    prior: Prior
    split: Split
    provenance: dict[str, Any]
    history: tuple[Epoch, ...] = ()

    @property
    def names(self) -> list[str]:
        """Ids of the species, in the order of the network's outputs."""
        return [species.id for species in self.listed.species]

    @property
    def decision(self) -> DecisionRule:
        """Familiarity against the background where the backbone brought one."""
        if self.prior.other_bias.size:
            return DecisionRule(familiarity="background", reference=BACKGROUND_FILE)
        return DecisionRule(familiarity="energy")

    @property
    def familiarity(self) -> Familiarity:
        """The score that the bundle will use, rounded as its file will be."""
        if self.prior.other_bias.size:
            others = self.prior.others.rounded()
            return Background(others.kernel, others.bias)
        return energy


def assemble(
    model: TrainedModel, target: Path, *, validation: TestAnswers, test: TestAnswers, others: Outputs | None
) -> ModelBundle:
    """Write the bundle of a trained network, calibrated on validation and judged on untouched photos."""
    score = model.familiarity
    calibration = calibrate(validation, model.names, score)
    with draft(target) as folder:
        model.network.save(folder / NETWORK_FILE)
        sha256 = hashlib.sha256((folder / NETWORK_FILE).read_bytes()).hexdigest()
        judged = JudgedArtifact("keras fp32", sha256, calibration.temperature, calibration.familiarity_floor)
        analysis = analyse(test, model.names, score, judged=judged, history=model.history)
        figures = {**analysis.report.summary(), **frequent_figures(analysis, model.split.photos)}
        if others is not None:
            figures |= unknown_figures(analysis.familiarity, score(others), calibration.familiarity_floor)
        chosen_by = evaluate(
            validation.outputs.logits, validation.truth(model.names), model.names, calibration.temperature
        )
        manifest = Manifest(
            name=model.name,
            architecture=model.architecture,
            species=model.listed.species,
            groups=model.listed.groups,
            preprocessing=model.preprocessing,
            artifacts=(Artifact("keras", "fp32", NETWORK_FILE, calibration, accuracy=analysis.report.summary()),),
            decision=model.decision,
            accuracy=figures,
            provenance=model.provenance | _circumstances() | {"validation": chosen_by.summary()},
        )
        write_analysis(folder, analysis)
        (folder / SPLIT_FILE).write_bytes(encode_split(model.split))
        _write_background(folder, model)
        write_card(folder, manifest, model.split, analysis)
        return commit(folder, manifest, target)


def publish(run: Path, target: Path) -> ModelBundle:
    """Copy the finished bundle of `run` (a run's or a bundle's folder) to `target`, named after it.

    Raises `UsageError` saying everything that is incomplete or contradicts itself; `target` is then untouched.
    """
    bundle = finished(run)
    problems = shortcomings(bundle)
    if problems:
        raise UsageError(
            "{folder} is not ready to be published:\n  {problems}", folder=bundle.folder, problems="\n  ".join(problems)
        )
    with draft(target, start_from=bundle) as folder:
        manifest = replace(bundle.manifest, name=target.resolve().name)
        write_card(folder, manifest, required_split(bundle), read_analysis(bundle))
        return commit(folder, manifest, target)


def learning_curves(run: Path) -> tuple[Epoch, ...]:
    """The epochs in the log that a run keeps (`history.jsonl`: stage, epoch, and Keras' figures by name)."""
    log = run / "history.jsonl"
    if not log.is_file():
        return ()
    rows = [msgspec.json.decode(line) for line in log.read_bytes().splitlines() if line.strip()]
    return tuple(
        Epoch(str(row.pop("stage", "")), int(row.pop("epoch")), {key: float(value) for key, value in row.items()})
        for row in rows
        if "epoch" in row
    )


def finished(run: Path) -> ModelBundle:
    """The bundle that `run` left, or `run` itself where it is one. Raises `UsageError` for an unfinished run."""
    for folder in (run / RESULT, run):
        try:
            return ModelBundle.open(folder)
        except BundleError as error:
            if (folder / "manifest.json").exists():
                raise UsageError("{folder} holds a damaged bundle: {error}", folder=folder, error=error) from error
    state = "is no folder" if not run.is_dir() else "has no finished bundle: the same `avistar train fit` continues it"
    raise UsageError("{run} {state}", run=run, state=state)


def shortcomings(bundle: ModelBundle) -> list[str]:
    """What keeps `bundle` from being published, a sentence each: damage, gaps, contradictions."""
    manifest = bundle.manifest
    problems = bundle.damaged_files()
    if problems:
        return problems
    problems += [f"{name} is missing" for name in (SPLIT_FILE, CARD) if name not in manifest.files]
    problems += [fault for one in manifest.artifacts if (fault := _admission_fault(bundle, one))]
    if not manifest.artifacts:
        problems.append("it holds no artifact")
    problems += [f"{name} looks like a photo" for name in manifest.files if _is_photo(name)]
    if not has_analysis(bundle):
        return [*problems, "it has no analysis: avistar train judge makes one"]
    return problems + _contradictions(bundle)


def _contradictions(bundle: ModelBundle) -> list[str]:
    problems = []
    try:
        analysis = read_analysis(bundle)
        divided = required_split(bundle)
    except (BundleError, UsageError) as error:
        return [str(error)]
    again = evaluate(analysis.logits, analysis.truth, analysis.species, analysis.judged.temperature)
    if again.confusion != analysis.report.confusion:
        problems.append("its evaluation isn't that of its answers: avistar train judge renews both")
    if {photo.file for photo in divided.test} != set(analysis.files):
        problems.append("it was judged on other photos than its split sets aside")
    return problems


def _admission_fault(bundle: ModelBundle, artifact: Artifact) -> Message | None:
    """What is wrong with the proof that `artifact` sees the same as the trained network; None: nothing."""
    if artifact.format == "keras":
        return None
    absent = Message("{file} has no passed parity report", file=artifact.file)
    if artifact.parity is None or artifact.parity not in bundle.manifest.files:
        return absent
    try:
        report = msgspec.json.decode(bundle.checked(artifact.parity), type=_Parity)
    except msgspec.MsgspecError:
        return absent
    if not report.passed:
        return absent
    if not report.artifact_sha256:
        return Message(
            "{report} doesn't say which file it judged: export {file} again", report=artifact.parity, file=artifact.file
        )
    if report.artifact_sha256 != bundle.manifest.files[artifact.file].sha256:
        return Message(
            "{report} judged another file than {file}: export it again", report=artifact.parity, file=artifact.file
        )
    return None


class _Parity(msgspec.Struct):
    passed: bool
    artifact_sha256: str = ""


def _is_photo(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES and not name.startswith("golden/")


def rewrite_card(folder: Path, about: str = "") -> ModelBundle:
    """Write the model card of the bundle in `folder` anew from its manifest and analysis.

    `about` replaces what it says of the photos' origin. Raises `BundleError` for a damaged bundle.
    """
    bundle = ModelBundle.open(folder)
    manifest = bundle.manifest
    if about:
        manifest = replace(manifest, provenance=manifest.provenance | {"about": about})
    with draft(folder, bundle) as temporary:
        write_card(temporary, manifest, required_split(bundle), read_analysis(bundle))
        return commit(temporary, manifest, folder)


def write_card(folder: Path, manifest: Manifest, split: Split, analysis: Analysis) -> None:
    """Write the model card into a bundle's draft, whose artifacts are there already."""
    card = with_artifacts(model_card(manifest, split, analysis), folder, manifest.artifacts)
    (folder / CARD).write_text(card, "utf-8")


def _write_background(folder: Path, model: TrainedModel) -> None:
    if model.decision.reference is not None:
        model.prior.others.write(folder / model.decision.reference)


def _circumstances() -> dict[str, Any]:
    versions = {name: version(name) for name in ("avistar", "keras", "numpy", "Pillow")}
    return {"published": datetime.now(UTC).date().isoformat(), "versions": versions}


FEW = 5
"""Test photos below which a species' figures say next to nothing."""


def model_card(manifest: Manifest, split: Split, analysis: Analysis) -> str:
    """The bundle's README in Markdown."""
    report = analysis.report
    return "\n".join(
        [
            f"# {manifest.name}: {manifest.architecture} for {len(manifest.species)} species",
            "",
            *_what(manifest, report),
            "",
            *_field(manifest),
            *_figures(manifest),
            "",
            *_per_species(split, analysis),
            "",
            *_weak(report),
            "",
        ]
    )


def _what(manifest: Manifest, report: EvaluationReport) -> list[str]:
    p = manifest.preprocessing
    sources = manifest.provenance.get("about", "Nothing is written of where they come from.")
    return [
        f"Tells which of {len(manifest.species)} animal species is in a photo, from {p.width}×{p.height} px"
        f" ({p.fit}). Trained with the recipe `{manifest.provenance.get('recipe', '?')}`,"
        f" seed {manifest.provenance.get('seed', '?')}.",
        "",
        f"**Photos.** {sources}",
        "",
        f"**Judged** on {report.photos} photos that {untouched(manifest)}. {_scenes(manifest)}Temperature and the"
        f" threshold for *unknown* were fitted on {_choosing(manifest)}.{_strangers(manifest)}",
    ]


def untouched(manifest: Manifest) -> str:
    """How untouched the test photos are: a layer that was fitted again was judged by them before, as it was."""
    return "trained nothing" if REFITTED in manifest.provenance else "were used for nothing else"


def _field(manifest: Manifest) -> list[str]:
    """What it does with camera-trap frames, where that was measured: before all figures of portraits."""
    figures = manifest.provenance.get(FIELD)
    if not figures:
        return []
    how = "by a layer that met neither its camera nor, for other animals, their kind (five folds)"
    return [
        "## In the field",
        "",
        f"{figures['frames']} frames of camera traps and other fixed cameras that show one of the species,"
        f" {figures['boxed']} of them with a detector's box; each answered"
        f" {how if REFITTED in manifest.provenance else 'by a bundle that was never shown them'}."
        f" *Both* is what `--detect` does. Most frames show {_commonest(figures)}: the figures are theirs above all."
        " In brackets 95 % intervals.",
        "",
        *field_table(figures),
        "",
        "By species, frame and box together:",
        "",
        *species_table(figures),
        "",
        f"Never seen in a trap frame: {', '.join(_unseen(manifest, figures)) or 'none'}.",
        "",
    ]


def _commonest(figures: dict[str, Any]) -> str:
    """The three species that most frames show, with their numbers."""
    counts = sorted(((count, name) for name, (_, count) in figures["species"].items()), reverse=True)
    return ", ".join(f"{name} ({count})" for count, name in counts[:3])


def _unseen(manifest: Manifest, figures: dict[str, Any]) -> list[str]:
    return [species.id for species in manifest.species if species.id not in figures["species"]]


def _strangers(manifest: Manifest) -> str:
    """How *unknown* was fitted to other animals, where it was."""
    how = manifest.provenance.get("unknown")
    if how is None:
        return ""
    return (
        f" What *unknown* compares with was fitted to {how['photos']} photos of {how['animals']} other animals; the"
        " figures on other animals are those of fits that had not met that kind of animal."
    )


def _scenes(manifest: Manifest) -> str:
    said = manifest.provenance.get("scenes", "")
    return f"{said} " if said else ""


def _choosing(manifest: Manifest) -> str:
    count = int(manifest.provenance.get("validation", {}).get("photos", 0))
    if not count:
        return "separate validation photos"
    few = ", too few to trust the confidences much" if count < FEW_CHOOSING else ""
    return f"{count} separate validation photos{few}"


def _figures(manifest: Manifest) -> list[str]:
    names = {
        "top1": "Top-1",
        "top3": "Top-3",
        "macro_f1": "Macro-F1",
        "roc_auc": "Macro ROC-AUC",
        "calibration_error": "Expected calibration error",
        "frequent_top1": "Top-1, species with at least 50 photos",
        "frequent_top3": "Top-3, species with at least 50 photos",
        "unknown_auroc": "Area under ROC, true photos against other animals",
        "unknown_rejected": "Other animals that come out unknown",
        "true_accepted": "True photos that don't come out unknown",
    }
    rows = [f"| {text} | {manifest.accuracy[key]:.3f} |" for key, text in names.items() if key in manifest.accuracy]
    title = "Figures on the test photos" if REFITTED in manifest.provenance else "Figures of the trained network"
    return [f"## {title}", "", "| measure | value |", "|---|---|", *rows]


def _per_species(split: Split, analysis: Analysis) -> list[str]:
    seen = Counter(photo.species for photo in split.train)
    lines = [
        "## Per species",
        "",
        f"As `{analysis.judged.artifact}` answers. In brackets the 95 % interval: with few test photos it is wide.",
        "",
        "| species | photos trained on | test photos | recall | precision | F1 |",
        "|---|---|---|---|---|---|",
    ]
    for s in analysis.report.species:
        recall = f"{s.recall:.2f} ({s.recall_low:.2f}–{s.recall_high:.2f})"
        precision = f"{s.precision:.2f} ({s.precision_low:.2f}–{s.precision_high:.2f})"
        f1 = f"{s.f1:.2f} ({s.f1_low:.2f}–{s.f1_high:.2f})"
        lines.append(f"| {s.id} | {seen[s.id]} | {s.photos} | {recall} | {precision} | {f1} |")
    return lines


def _weak(report: EvaluationReport) -> list[str]:
    pairs = [f"- {pair.first} and {pair.second}: {pair.photos} of the test photos" for pair in most_confused(report)]
    few = [score.id for score in report.species if score.photos < FEW]
    return [
        "## Where it is weak",
        "",
        "Most confused:",
        "",
        *(pairs or ["- none of the test photos"]),
        "",
        f"Fewer than {FEW} test photos, too few to know: {', '.join(few) or 'none'}.",
        "",
        "Expect less on pictures unlike those that it was trained on: at night, of animals far away, cut off, or from"
        " behind. It knows no people, no empty scenes and no other animals: those should come out as *unknown*, and"
        " some will not.",
    ]
