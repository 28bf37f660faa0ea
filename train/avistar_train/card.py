"""The model card: what a bundle saw, how well it does per species, and where it is weak."""

from __future__ import annotations

from collections import Counter

from avistar.analysis import Analysis
from avistar.evaluation import EvaluationReport, most_confused
from avistar.manifest import Manifest
from avistar.split import Split

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
        f"**Judged** on {report.photos} photos that were used for nothing else; scenes that look alike were kept"
        " on one side. Temperature and the threshold for *unknown* were fitted on separate validation photos.",
    ]


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
    return ["## Figures of the trained network", "", "| measure | value |", "|---|---|", *rows]


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
