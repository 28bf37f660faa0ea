"""`avistar evaluate` with several models: the same labelled photos, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from avistar.cli.console import rich_console, tell
from avistar.files import printable

if TYPE_CHECKING:
    from avistar.comparison import JudgedModel, PairOfModels
    from avistar.evaluation.labelled_folder import LabelledReport

_SHOWN = 10
"""Differing photos of a pair that the terminal names; --json has all."""


def report_values(report: LabelledReport) -> dict[str, Any]:
    """A report as plain values; photos are listed where they were called wrongly."""
    facts = asdict(report)
    del facts["photos"]
    return facts


def side_by_side(found: Sequence[JudgedModel], pairs: Sequence[PairOfModels]) -> dict[str, Any]:
    """Several models as plain values."""
    models = [{"report": report_values(one.report), "photos_per_s": one.photos_per_s} for one in found]
    return {"models": models, "pairs": [asdict(pair) for pair in pairs]}


def print_side_by_side(found: Sequence[JudgedModel], pairs: Sequence[PairOfModels]) -> None:
    """A line for each model, then a sentence for each two, and photos that they call otherwise."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Model", overflow="fold")
    for heading in ("Photos", "Top-1 (95 %)", "Top-3", "Calib. error", "Photos/s here"):
        table.add_column(heading, justify="right")
    for one in found:
        report = one.report.report
        interval = f"{report.top1:.1%} ({report.top1_low:.1%}-{report.top1_high:.1%})"
        figures = (f"{report.top3:.1%}", f"{report.calibration_error:.3f}", f"{one.photos_per_s:.1f}")
        table.add_row(one.report.model, f"{report.photos:,}", interval, *figures)
    rich_console().print(table)
    for pair in pairs:
        _print_pair(pair)


def _print_pair(pair: PairOfModels) -> None:
    tell(
        f"{pair.first} and {pair.second} call {pair.differ:,} of {pair.common:,} photos otherwise; only {pair.first} "
        f"is right on {pair.only_first:,}, only {pair.second} on {pair.only_second:,} "
        f"(sign test: p = {pair.chance:.3f})"
    )
    for photo in pair.photos[:_SHOWN]:
        first, second = (
            f"{called}{' (right)' if right else ''}"
            for called, right in ((photo.first, photo.first_right), (photo.second, photo.second_right))
        )
        tell(f"  {printable(photo.file)}: {photo.species}; {pair.first}: {first}; {pair.second}: {second}")
    if len(pair.photos) > _SHOWN:
        tell(f"  and {len(pair.photos) - _SHOWN:,} more: --json has all")
