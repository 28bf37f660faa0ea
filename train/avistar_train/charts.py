"""Charts of data and of judgements, drawn with matplotlib: figures that become PNG files or inline SVG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from avistar.evaluation.metrics import EvaluationReport, wilson
from avistar.evaluation.stored import Analysis, Epoch

GREEN, ORANGE, GREY, INK = "#2f7d5b", "#d9730d", "#9aa5a0", "#22302a"
_GREENS = LinearSegmentedColormap.from_list("right", ["#ffffff", "#cfe6da", "#6fb596", "#2f7d5b", "#123f2c"])
_ORANGES = LinearSegmentedColormap.from_list("wrong", ["#ffffff", "#f9d9bd", "#ec9a55", "#d9730d", "#8a4505"])
_ROW = 0.22
"""Height of one row of a chart that lists species, in inches."""
_LOOK = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",  # text stays text: sharp in print, searchable, a third of the size
    "svg.hashsalt": "avistar",  # the same chart gives the same file
}


def save_png(figure: Figure, file: Path) -> None:
    """Write a chart as a PNG of 150 dots per inch."""
    figure.savefig(file, dpi=150, facecolor="white")


def as_svg(figure: Figure) -> str:
    """A chart as an SVG element to put into a page."""
    stream = io.StringIO()
    with rc_context(_LOOK):
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]


def _axes(width: float, height: float, **options: Any) -> tuple[Figure, Any]:
    figure = Figure((width, height), layout="constrained")
    return figure, figure.subplots(**options)


def photos_per_species(names: Sequence[str], counts: Sequence[int]) -> Figure:
    """Photos of each species, most first (the paper's Fig. 2)."""
    order = np.argsort(counts, kind="stable")
    with rc_context(_LOOK):
        figure, axes = _axes(7, 0.7 + _ROW * len(names))
        bars = axes.barh([names[i] for i in order], [counts[i] for i in order], color=GREEN, height=0.72)
        axes.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=8)
        axes.set(xlabel="photos", ylim=(-0.6, len(names) - 0.4))
        axes.margins(x=0.08)
        axes.tick_params(axis="y", length=0)
    return figure


def picture_sizes(widths: NDArray[np.int64], heights: NDArray[np.int64]) -> Figure:
    """The shorter side of all photos, on a logarithmic scale, with the picture sizes of the recipes."""
    shorter = np.maximum(np.minimum(widths, heights), 1)
    edges = np.geomspace(min(shorter.min(), 32) / 1.1, max(shorter.max(), 512) * 1.1, 40)
    with rc_context(_LOOK):
        figure, axes = _axes(7, 2.6)
        axes.hist(shorter, edges, color=GREEN)
        axes.set(xscale="log", xlabel="shorter side, px", ylabel="photos")
        ticks = [n for n in (16, 32, 64, 128, 224, 512, 1024, 2048, 4096) if edges[0] <= n <= edges[-1]]
        axes.set_xticks(ticks, [str(n) for n in ticks])
        axes.minorticks_off()
        for size in (64, 128, 224):
            axes.axvline(size, color=ORANGE, linewidth=0.8, linestyle=":")
    return figure


def confusion(report: EvaluationReport, names: Sequence[str], *, normalised: bool) -> Figure:
    """The confusion matrix, as counts or as shares of each true species: right answers green, mistakes orange."""
    counts = np.array(report.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 1.6 + 0.25 * len(names)
    with rc_context(_LOOK):
        figure, axes = _axes(side, side)
        right = np.eye(len(names), dtype=bool)
        for shown, colours in ((right, _GREENS), (~right, _ORANGES)):
            axes.imshow(np.ma.array(shares, mask=~shown), cmap=colours, vmin=0, vmax=1)
        places = range(len(names))
        axes.set_xticks(places, names, rotation=90)
        axes.set_yticks(places, names)
        axes.set(xlabel="called", ylabel="truly")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xticks(np.arange(len(names) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(names) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="#e7ece9", linewidth=0.5)
        axes.tick_params(which="minor", length=0)
        for i, j in zip(*counts.nonzero(), strict=True):
            text = f"{100 * shares[i, j]:.0f}" if normalised else str(counts[i, j])
            colour = "white" if shares[i, j] > 0.5 else INK
            axes.text(j, i, text, ha="center", va="center", fontsize=6.5, color=colour)
    return figure


def scores(report: EvaluationReport, names: Sequence[str]) -> Figure:
    """F1 of each species with its 95 % interval, lowest last."""
    rows = sorted(zip(report.species, names, strict=True), key=lambda row: (row[0].f1, row[0].f1_low))
    f1 = np.array([score.f1 for score, _ in rows])
    low, high = (np.array([getattr(score, bound) for score, _ in rows]) for bound in ("f1_low", "f1_high"))
    with rc_context(_LOOK):
        figure, axes = _axes(7, 0.7 + _ROW * len(rows))
        places = np.arange(len(rows))
        axes.hlines(places, low, high, color="#b9d6c8", linewidth=5)
        axes.plot(f1, places, "o", color=GREEN, markersize=4.5)
        axes.set_yticks(places, [f"{name} ({score.photos})" for score, name in rows])
        axes.set(xlabel="F1 with 95 % interval; test photos in brackets", xlim=(0, 1.02), ylim=(-0.7, len(rows) - 0.3))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#e7ece9")
        axes.set_axisbelow(True)
    return figure


def reliability(report: EvaluationReport) -> Figure:
    """How often the top answer is right at each confidence, and how many photos that rests on."""
    bins = [one for one in report.reliability if one.photos]
    with rc_context(_LOOK):
        figure, (top, bottom) = _axes(4.2, 4.6, nrows=2, sharex=True, height_ratios=(3, 1))
        top.plot((0, 1), (0, 1), color=GREY, linewidth=0.8, linestyle="--")
        bounds = np.array([wilson(round(one.accuracy * one.photos), one.photos) for one in bins]).T
        shares = np.array([one.accuracy for one in bins])
        bars = np.abs(bounds - shares)
        top.errorbar([one.confidence for one in bins], shares, bars, fmt="o", color=GREEN, ecolor="#b9d6c8",
                     elinewidth=4, markersize=4.5)  # fmt: skip
        top.set(ylabel="share that is right", ylim=(0, 1.03), xlim=(0, 1.03))
        top.set_title(f"expected calibration error {report.calibration_error:.3f}")
        bottom.bar([(one.low + one.high) / 2 for one in bins], [one.photos for one in bins], width=0.06, color=GREEN)
        bottom.set(xlabel="confidence", ylabel="photos", yscale="log")
        bottom.yaxis.set_major_formatter("{x:,.0f}")
    return figure


def learning_curves(history: Sequence[Epoch]) -> Figure:
    """Loss and accuracy after each epoch, on training and validation photos; stages are set apart by lines."""
    with rc_context(_LOOK):
        figure, both = _axes(8, 3, ncols=2)
        for axes, measure in zip(both, ("loss", "accuracy"), strict=True):
            for key, colour, label in ((measure, GREY, "training"), (f"val_{measure}", GREEN, "validation")):
                points = [(i, row.figures[key]) for i, row in enumerate(history, 1) if key in row.figures]
                if points:
                    axes.plot(*zip(*points, strict=True), "o-", color=colour, label=label, markersize=3)
            for i in range(1, len(history)):
                if history[i].stage != history[i - 1].stage:
                    axes.axvline(i + 0.5, color=GREY, linewidth=0.8, linestyle=":")
            axes.set(xlabel="epoch", title=measure)
            axes.xaxis.get_major_locator().set_params(integer=True)
            if axes.get_legend_handles_labels()[0]:
                axes.legend(frameon=False)
    return figure


def embedding_map(analysis: Analysis, names: Sequence[str]) -> Figure:
    """t-SNE of the test photos' embeddings: colour is the true species, a ring marks a wrong answer."""
    places, truth = analysis.map, analysis.truth
    wrong = analysis.answers != truth
    with rc_context(_LOOK):
        figure, axes = _axes(8, 7)
        from matplotlib import colormaps

        colours = colormaps["hsv"](np.linspace(0, 0.93, len(names)))[np.random.default_rng(3).permutation(len(names))]
        axes.scatter(*places.T, c=colours[truth] * (0.85, 0.85, 0.85, 1), s=12, linewidths=0)
        axes.scatter(*places[wrong].T, s=60, facecolors="none", edgecolors=INK, linewidths=1.1)
        for i in np.unique(truth):
            x, y = np.median(places[truth == i], axis=0)
            axes.annotate(
                names[i], (x, y), ha="center", va="center", fontsize=7.5,
                bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.75, "linewidth": 0},
            )  # fmt: skip
        axes.set(xticks=(), yticks=())
        axes.spines[:].set_visible(False)
    return figure
