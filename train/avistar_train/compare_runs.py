"""All runs in one table beside the paper's figures; the best by validation is proposed as default.

What the paper measured, to stand beside one's own runs: other photos, so never a race.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

import msgspec

from avistar.bundle import ModelBundle
from avistar.evaluation.metrics import EvaluationReport
from avistar.evaluation.stored import read_analysis
from avistar_train.publish import finished


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One finished run: how it was trained, and how its bundle was judged, with 95 % intervals in the report.

    `validation` holds the figures on the photos that may choose; empty in bundles that don't tell them.
    """

    name: str
    folder: str
    backbone: str
    recipe: str
    seed: int | None
    size: int
    artifact: str
    report: EvaluationReport
    validation: dict[str, float]


@dataclass(frozen=True, slots=True)
class Seeds:
    """The runs of one recipe, each seed once: mean and standard deviation over seeds (None for a single one)."""

    recipe: str
    runs: int
    top1: float
    top1_deviation: float | None
    macro_f1: float
    macro_f1_deviation: float | None


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Runs, best validation first; `proposed` is the name of the first, "" where none tells its validation.

    `remarks` say what can't be compared.
    """

    runs: tuple[ComparedRun, ...]
    recipes: tuple[Seeds, ...]
    paper: tuple[PaperResult, ...]
    proposed: str
    remarks: tuple[str, ...]


def compare(folders: Sequence[Path]) -> RunComparison:
    """Compare finished runs or bundles. Raises `UsageError` for an unfinished one, `BundleError` without analysis."""
    bundles = [finished(folder) for folder in folders]
    runs = sorted(map(_run, folders, bundles), key=_merit, reverse=True)
    best = next((run for run in runs if run.validation), None)
    return RunComparison(tuple(runs), _over_seeds(runs), PAPER, best.name if best else "", tuple(_remarks(bundles)))


def _run(folder: Path, bundle: ModelBundle) -> ComparedRun:
    manifest, analysis = bundle.manifest, read_analysis(bundle)
    provenance = manifest.provenance
    return ComparedRun(
        name=folder.resolve().name,
        folder=str(folder),
        backbone=manifest.architecture,
        recipe=str(provenance.get("recipe", "")),
        seed=provenance.get("seed"),
        size=manifest.preprocessing.width,
        artifact=analysis.judged.artifact,
        report=analysis.report,
        validation=dict(provenance.get("validation", {})),
    )


def _merit(run: ComparedRun) -> tuple[float, float, float]:
    """Validation macro-F1, then top-1, then the smaller loss: never the test photos, which only judge."""
    figures = run.validation
    return figures.get("macro_f1", -1.0), figures.get("top1", 0.0), -figures.get("loss", 0.0)


def _over_seeds(runs: Sequence[ComparedRun]) -> tuple[Seeds, ...]:
    recipes: dict[str, dict[object, EvaluationReport]] = defaultdict(dict)
    for run in runs:  # a seed that was run again says nothing new of chance
        recipes[run.recipe].setdefault(run.name if run.seed is None else run.seed, run.report)
    made = []
    for recipe, reports in ((recipe, list(by_seed.values())) for recipe, by_seed in recipes.items()):
        top1, f1 = [report.top1 for report in reports], [report.macro_f1 for report in reports]
        several = len(reports) > 1
        spread = (stdev(top1), stdev(f1)) if several else (None, None)
        made.append(Seeds(recipe, len(reports), mean(top1), spread[0], mean(f1), spread[1]))
    return tuple(made)


def _remarks(bundles: Sequence[ModelBundle]) -> Iterator[str]:
    yield f"The paper's figures are from {TEST_IMAGES:,} other photos: they say what is usual, not who is better."
    if len({bundle.manifest.provenance.get("data_sha256") for bundle in bundles}) > 1:
        yield "These runs learned from different photos."
    if len({frozenset(read_analysis(bundle).files) for bundle in bundles}) > 1:
        yield "These runs were judged on different test photos: differences within the intervals mean nothing."
    facts = [(bundle.manifest.provenance.get("recipe"), bundle.manifest.provenance.get("seed")) for bundle in bundles]
    again = sorted({str(seed) for recipe, seed in facts if seed is not None and facts.count((recipe, seed)) > 1})
    if again:
        yield f"Runs of one recipe with the same seed ({', '.join(again)}) count once: the best of them."
    if any(not bundle.manifest.provenance.get("validation") for bundle in bundles):
        yield "A bundle that doesn't tell its validation figures can't be proposed."


HEAD = ("run", "backbone", "recipe", "seed", "px", "top-1 (95 %)", "top-3", "macro-F1 (95 %)", "ROC-AUC", "calibration",
        "validation F1", "photos")  # fmt: skip


def table(comparison: RunComparison) -> list[tuple[str, ...]]:
    """The rows under `HEAD`: runs, then the paper's experiments."""
    rows = [_cells(run) for run in comparison.runs]
    for one in comparison.paper:
        figures = (f"{one.top1:.1%}", f"{one.top3:.1%}", f"{one.macro_f1:.3f}", "", "", "")
        rows.append((f"paper: {one.name}", one.backbone, "", "", "", *figures, f"{TEST_IMAGES:,}"))
    return rows


def sentences(comparison: RunComparison) -> Iterator[str]:
    """What the table leads to: spread over seeds, the proposal, and what can't be compared."""
    for one in comparison.recipes:
        if one.top1_deviation is not None and one.macro_f1_deviation is not None:
            yield (
                f"{one.recipe}, {one.runs} seeds: top-1 {one.top1:.1%} ± {100 * one.top1_deviation:.1f}, "
                f"macro-F1 {one.macro_f1:.3f} ± {one.macro_f1_deviation:.3f} (standard deviation)."
            )
    if comparison.proposed:
        yield f"Proposed as default, by macro-F1 on validation photos: {comparison.proposed}."
    yield from comparison.remarks


def as_markdown(comparison: RunComparison) -> str:
    """The comparison for a document."""
    lines = [_line(HEAD), _line(("---",) * len(HEAD)), *map(_line, table(comparison)), ""]
    return "\n".join([*lines, *(f"- {sentence}" for sentence in sentences(comparison)), ""])


def as_json(comparison: RunComparison) -> bytes:
    """The comparison for programs."""
    return msgspec.json.format(msgspec.json.encode(comparison), indent=1) + b"\n"


def _cells(run: ComparedRun) -> tuple[str, ...]:
    report = run.report
    return (
        run.name,
        run.backbone,
        run.recipe,
        "" if run.seed is None else str(run.seed),
        str(run.size),
        f"{report.top1:.1%} ({100 * report.top1_low:.1f}–{100 * report.top1_high:.1f})",
        f"{report.top3:.1%}",
        f"{report.macro_f1:.3f} ({report.macro_f1_low:.3f}–{report.macro_f1_high:.3f})",
        "" if report.roc_auc is None else f"{report.roc_auc:.4f}",
        f"{report.calibration_error:.3f}",
        f"{run.validation['macro_f1']:.3f}" if "macro_f1" in run.validation else "–",
        f"{report.photos:,}",
    )


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


@dataclass(frozen=True, slots=True)
class PaperResult:
    """One of the paper's experiments on its 1,950 test images; shares from 0 to 1."""

    name: str
    backbone: str
    top1: float
    top3: float
    macro_f1: float


TEST_IMAGES = 1950

PAPER = (
    PaperResult("VGG16 v1", "vgg16", 0.4774, 0.6876, 0.4079),
    PaperResult("VGG16 v2", "vgg16", 0.8441, 0.9379, 0.7862),
    PaperResult("ResNet50", "resnet50", 0.8712, 0.9646, 0.8201),
    PaperResult("InceptionV3", "inception_v3", 0.8641, 0.9507, 0.8097),
)
