"""The model card: what a bundle saw, how well it does per species, and where it is weak."""

from __future__ import annotations

from collections import Counter

from avistar.evaluation import EvaluationReport
from avistar.manifest import Manifest
from avistar_train.photos import Split


def model_card(manifest: Manifest, split: Split, report: EvaluationReport) -> str:
    """The bundle's README in Markdown."""
    return "\n".join(
        [
            f"# {manifest.name}: {manifest.architecture} for {len(manifest.species)} species",
            "",
            *_what(manifest, report),
            "",
            *_figures(manifest),
            "",
            *_per_species(split, report),
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
        "calibration_error": "Expected calibration error",
        "frequent_top1": "Top-1, species with at least 50 photos",
        "frequent_top3": "Top-3, species with at least 50 photos",
        "unknown_auroc": "Area under ROC, true photos against other animals",
        "unknown_rejected": "Other animals that come out unknown",
        "true_accepted": "True photos that don't come out unknown",
    }
    rows = [f"| {text} | {manifest.accuracy[key]:.3f} |" for key, text in names.items() if key in manifest.accuracy]
    return ["## Figures of the trained network", "", "| measure | value |", "|---|---|", *rows]


def _per_species(split: Split, report: EvaluationReport) -> list[str]:
    seen = Counter(photo.species for photo in split.train)
    lines = [
        "## Per species",
        "",
        "Recall with its 95 % Wilson interval: with few test photos it says little.",
        "",
        "| species | photos trained on | test photos | recall | 95 % interval | precision | F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for s in report.species:
        interval = f"{s.recall_low:.2f}–{s.recall_high:.2f}"
        lines.append(
            f"| {s.id} | {seen[s.id]} | {s.photos} | {s.recall:.2f} | {interval} | {s.precision:.2f} | {s.f1:.2f} |"
        )
    return lines


def _weak(report: EvaluationReport) -> list[str]:
    ids = [s.id for s in report.species]
    pairs = [
        (report.confusion[i][j] + report.confusion[j][i], ids[i], ids[j])
        for i in range(len(ids))
        for j in range(i + 1, len(ids))
    ]
    worst = [f"- {a} and {b}: {n} of the test photos" for n, a, b in sorted(pairs, key=lambda p: -p[0])[:5] if n]
    few = [s.id for s in report.species if s.photos < 5]
    return [
        "## Where it is weak",
        "",
        "Most confused:",
        "",
        *worst,
        "",
        f"Too few test photos to know: {', '.join(few) or 'none'}. The photos were gathered from public"
        " repositories, with label errors of an estimated 2–3 %, and few of them come from camera traps:"
        " expect less on night pictures, animals far away, cut off, or from behind. It knows no people, no empty"
        " scenes and no other animals: those should come out as *unknown*, and some will not.",
    ]
