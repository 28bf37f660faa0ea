"""`avistar evaluate` with several models: the same labelled photos, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from avistar.cli.console import rich_console, tell

if TYPE_CHECKING:
    from avistar.evaluation.labelled_folder import LabelledReport


@dataclass(frozen=True, slots=True)
class TimedReport:
    """One model's judgement and how many photos a second it took here, from files."""

    report: LabelledReport
    photos_per_s: float


@dataclass(frozen=True, slots=True)
class PairOfModels:
    """Two models on the same photos: how many are called otherwise, which only one calls rightly, and the sign test's
    chance of that.
    """

    first: str
    second: str
    differ: int
    only_first: int
    only_second: int
    chance: float


def pairs_of(found: Sequence[TimedReport]) -> list[PairOfModels]:
    """Every two of the models, compared photo by photo."""
    return [_pair(one.report, other.report) for one, other in combinations(found, 2)]


def _pair(first: LabelledReport, second: LabelledReport) -> PairOfModels:
    from avistar.evaluation.significance import sign_test

    wrong, also = ({mistake.file: mistake.called for mistake in one.mistakes} for one in (first, second))
    either = wrong.keys() | also.keys()
    differ = sum(wrong.get(file) != also.get(file) for file in either)
    only_first, only_second = len(also.keys() - wrong.keys()), len(wrong.keys() - also.keys())
    chance = sign_test(only_first, only_second)
    return PairOfModels(first.model, second.model, differ, only_first, only_second, chance)


def print_side_by_side(found: Sequence[TimedReport]) -> None:
    """A line for each model, then a sentence for each two."""
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
    for pair in pairs_of(found):
        tell(
            f"{pair.first} and {pair.second} call {pair.differ:,} photos otherwise; only {pair.first} is right on "
            f"{pair.only_first:,}, only {pair.second} on {pair.only_second:,} (chance of that: {pair.chance:.3f})"
        )
