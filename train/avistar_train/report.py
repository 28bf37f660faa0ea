"""The report of a bundle: one page that holds everything, and its charts as PNG files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from matplotlib.figure import Figure

from avistar.bundle import ModelBundle
from avistar.evaluation.metrics import EvaluationReport, most_confused
from avistar.evaluation.stored import Analysis, read_analysis
from avistar.manifest import Manifest
from avistar.split import Split, required_split
from avistar_train import charts
from avistar_train.html import chart, facts, page, paragraph, section, table, tiles
from avistar_train.publish import untouched

PAGE = "report.html"
PAIRS = 10
"""Most confused pairs that the page lists."""

_CAPTIONS = {
    "confusion": "Photos of each species (rows) by what they were called (columns).",
    "confusion_normalised": "The same matrix, in per cent of each row.",
    "scores": "F1 of each species, best on top; the bar is its 95 % interval.",
    "reliability": "On the dashed line an answer is right as often as it is sure. Below: photos in each bin.",
    "embedding_map": "t-SNE of the embeddings of all test photos. Colour is the true species, a ring marks a wrong"
    " answer. Nearness means something; axes, and distances between groups far apart, don't.",
    "learning_curves": "After each epoch; dotted lines part the stages. The training figures are those of augmented"
    " photos, with dropout.",
}
_MISSING = {
    "embedding_map": "Too few test photos for a map.",
    "learning_curves": "No learning curves were kept of this network's training.",
}


def write_report(bundle: ModelBundle, folder: Path) -> Path:
    """Write page and charts of `bundle` into `folder` and return the page's path.

    Raises `BundleError` for a bundle without analysis.
    """
    analysis, divided = read_analysis(bundle), required_split(bundle)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = dict(_charts(bundle.manifest, analysis))
    for name, figure in drawn.items():
        charts.save_png(figure, folder / f"{name}.png")
    svg = {name: charts.as_svg(figure) for name, figure in drawn.items()}
    target = folder / PAGE
    target.write_text(_page(bundle.manifest, analysis, divided, svg), "utf-8")
    return target


def _charts(manifest: Manifest, analysis: Analysis) -> Iterator[tuple[str, Figure]]:
    names, report = [species.english for species in manifest.species], analysis.report
    yield "scores", charts.scores(report, names)
    yield "confusion", charts.confusion(report, names, normalised=False)
    yield "confusion_normalised", charts.confusion(report, names, normalised=True)
    yield "reliability", charts.reliability(report)
    if len(analysis.map):
        yield "embedding_map", charts.embedding_map(analysis, names)
    if analysis.history:
        yield "learning_curves", charts.learning_curves(analysis.history)


def _page(manifest: Manifest, analysis: Analysis, divided: Split, svg: dict[str, str]) -> str:
    report = analysis.report
    lead = (
        f"{manifest.architecture} for {len(manifest.species)} species, judged as {analysis.judged.artifact} on "
        f"{report.photos:,} photos that {untouched(manifest)}."
    )
    parts = [
        tiles(_headline(report)),
        section("What was judged", _facts(manifest, analysis, divided)),
        section("Where it errs", _confused(manifest, report), _chart(svg, "confusion")),
        section("The same as shares", _chart(svg, "confusion_normalised")),
        section("Species by species", _chart(svg, "scores"), _per_species(manifest, report), long=True),
        section("Is its confidence honest?", _chart(svg, "reliability")),
        section("What it sees as alike", _chart(svg, "embedding_map")),
        section("How it learned", _chart(svg, "learning_curves")),
    ]
    return page(f"How good is {manifest.name}?", lead, parts)


def _chart(svg: dict[str, str], name: str) -> str:
    return chart(svg[name], _CAPTIONS[name]) if name in svg else paragraph(_MISSING[name])


def _headline(report: EvaluationReport) -> Iterator[tuple[str, str, str]]:
    yield "Top-1", f"{report.top1:.1%}", f"95 %: {100 * report.top1_low:.1f}–{report.top1_high:.1%}"
    yield "Top-3", f"{report.top3:.1%}", "the right one in three"
    yield "Macro-F1", f"{report.macro_f1:.3f}", f"95 %: {report.macro_f1_low:.3f}–{report.macro_f1_high:.3f}"
    if report.roc_auc is not None:
        yield "Macro ROC-AUC", f"{report.roc_auc:.4f}", "one species against all"
    yield "Calibration error", f"{report.calibration_error:.3f}", "0 is perfect"
    yield "Loss", f"{report.loss:.3f}", "cross-entropy, nats"


def _facts(manifest: Manifest, analysis: Analysis, divided: Split) -> str:
    geometry = manifest.preprocessing
    provenance, figures = manifest.provenance, manifest.accuracy
    rows = [
        ("artifact", f"{analysis.judged.artifact}, SHA-256 {analysis.judged.sha256[:16]}…"),
        ("network", f"{manifest.architecture}, {geometry.width}×{geometry.height} px, {geometry.fit}"),
        ("recipe", f"{provenance.get('recipe', '?')}, seed {provenance.get('seed', '?')}"),
        ("photos", f"{len(divided.train):,} trained, {len(divided.validation):,} chose, {len(divided.test):,} judge"),
        ("their origin", provenance.get("about", "nothing is written of it")),
        ("temperature", f"{analysis.judged.temperature:.3f}"),
        ("test photos that come out unknown", f"{_unknown(analysis):.1%}"),
    ]
    if "unknown_rejected" in figures:
        share, photos = figures["unknown_rejected"], figures["other_photos"]
        rows.append(("photos of other animals that come out unknown", f"{share:.1%} of {photos:.0f} (trained network)"))
    return facts(rows)


def _unknown(analysis: Analysis) -> float:
    return float((analysis.familiarity < analysis.judged.familiarity_floor).mean())


def _confused(manifest: Manifest, report: EvaluationReport) -> str:
    name = {species.id: species.english for species in manifest.species}
    pairs = most_confused(report, PAIRS)
    if not pairs:
        return paragraph("No test photo was called by another species' name.")
    wrong = round(report.photos * (1 - report.top1))
    told = paragraph(f"{wrong} of {report.photos:,} test photos got a wrong name. The pairs most often confused:")
    return told + table(("pair", "photos"), [(f"{name[p.first]} and {name[p.second]}", p.photos) for p in pairs])


def _per_species(manifest: Manifest, report: EvaluationReport) -> str:
    def told(value: float, low: float, high: float) -> str:
        return f"{value:.2f}\u00a0({low:.2f}\u2060–\u2060{high:.2f})"  # never broken between two lines

    rows = [
        (
            one.english,
            score.photos,
            told(score.recall, score.recall_low, score.recall_high),
            told(score.precision, score.precision_low, score.precision_high),
            told(score.f1, score.f1_low, score.f1_high),
            "–" if score.roc_auc is None else f"{score.roc_auc:.4f}",
        )
        for one, score in zip(manifest.species, report.species, strict=True)
    ]
    return table(("species", "test photos", "recall", "precision", "F1", "ROC-AUC"), rows)
