"""`avistar evaluate`: how good a bundle is on labelled photos, without any training library."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import note, rich_console, tell
from avistar.cli.evaluate_several import print_side_by_side, report_values, side_by_side
from avistar.cli.options import DeviceName, JsonOption, PrecisionName

if TYPE_CHECKING:
    from avistar.classifier import Classifier
    from avistar.evaluation.labelled_folder import Decisions, LabelledFile, LabelledReport

_WORST = 10
"""Species, mistakes and broken photos that the terminal names; --json has all."""


def evaluate(
    photos: Annotated[
        Path,
        typer.Argument(
            metavar="PHOTOS", help="Photos in sub-folders named by species, or a survey: its reviewed photos."
        ),
    ],
    *,
    others: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Photos of none of the species, which should be unknown.")
    ] = None,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Leave out photos that the bundle was trained with, by their names.")
    ] = False,
    mirrored: Annotated[
        bool, typer.Option("--mirrored", help="Answer each photo together with its mirror image: takes twice as long.")
    ] = False,
    model: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="The bundle; given several times, they are compared on the same photos."),
    ] = None,
    device: Annotated[DeviceName, typer.Option(help="What to run on.")] = DeviceName.AUTO,
    precision: Annotated[
        PrecisionName | None, typer.Option(help="Which artifact of the bundle to run. Default: the device's fastest.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a bundle on labelled photos: accuracy with intervals, calibration, what is confused, what is unknown.

    Ends with 0 when every photo could be read, 1 when some could not, 2 when there was nothing to judge.
    """
    from avistar.classifier import Classifier
    from avistar.comparison import JudgedModel, pairs_of
    from avistar.evaluation.labelled_folder import judge

    judged = []
    folders: list[Path | None] = [*dict.fromkeys(model)] if model else [None]
    for folder in folders:
        with Classifier.open(folder, device.value, precision=precision.value if precision else None) as classifier:
            labelled, strangers = _labelled(photos, others, classifier)
            if held_out:
                labelled = _unseen(photos, labelled)
            started, total = time.perf_counter(), len(labelled) + len(strangers)
            with _progress(total) as advance:
                found = judge(classifier, labelled, strangers, mirrored=mirrored, advance=advance)
            species = {one.id: one for one in classifier.species}
            judged.append(JudgedModel(found, species, total / (time.perf_counter() - started)))
            if not (held_out or mirrored):
                _keep(classifier, photos, found)
    if len(judged) == 1:
        _tell_one(found, as_json=as_json)
    elif as_json:
        tell(json.dumps(side_by_side(judged, pairs_of(judged)), indent=1, ensure_ascii=False))
    else:
        print_side_by_side(judged, pairs_of(judged))
    raise typer.Exit(int(any(one.report.failures for one in judged)))


def _labelled(
    photos: Path, others: Path | None, classifier: Classifier
) -> tuple[list[LabelledFile], list[LabelledFile]]:
    """Photos of the model's species, and of none of them."""
    from avistar.comparison import is_survey, reviewed_labels
    from avistar.evaluation.labelled_folder import labelled_photos, other_photos

    strangers = other_photos(others) if others is not None else []
    if not is_survey(photos):
        return labelled_photos(photos, classifier), strangers
    reviewed = reviewed_labels(photos, classifier)
    return list(reviewed.labelled), [*reviewed.others, *strangers]


def _keep(classifier: Classifier, photos: Path, found: LabelledReport) -> None:
    """Keep the figure for `avistar models`; a home that can't be written is no reason to fail."""
    from avistar.errors import AvistarError
    from avistar.evaluation.measured_here import keep_accuracy

    right = sum(one.right for one in found.photos)
    with suppress(AvistarError, OSError):
        keep_accuracy(classifier.provenance.artifact_sha256, str(photos.resolve()), len(found.photos), right)


def _tell_one(found: LabelledReport, *, as_json: bool) -> None:
    if as_json:
        tell(json.dumps(report_values(found), indent=1, ensure_ascii=False))
    else:
        _print(found)


def _unseen(folder: Path, labelled: list[LabelledFile]) -> list[LabelledFile]:
    from avistar.errors import UsageError

    unseen = [photo for photo in labelled if not photo.trained]
    if not unseen:
        raise UsageError(
            "the bundle was trained with all {number:,} photos in {folder}", number=len(labelled), folder=folder
        )
    return unseen


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    if not rich_console(stderr=True).is_terminal:
        yield lambda: None
        return
    from avistar.cli.progress_bar import bar

    with bar(total) as advance:
        yield advance


def _print(found: LabelledReport) -> None:
    from avistar.evaluation.metrics import most_confused

    report = found.report
    tell(f"{found.model} on {found.runs_on}: {report.photos:,} photos")
    tell(f"top-1 {report.top1:.1%} (95 %: {report.top1_low:.1%} to {report.top1_high:.1%}), top-3 {report.top3:.1%}")
    tell(f"macro-F1 {report.macro_f1:.3f} (95 %: {report.macro_f1_low:.3f} to {report.macro_f1_high:.3f}), ROC-AUC "
         f"{'-' if report.roc_auc is None else f'{report.roc_auc:.4f}'}, calibration error "
         f"{report.calibration_error:.3f}")  # fmt: skip
    tell(f"decided: {_decision_lines(found.decisions)}")
    if found.others is not None:
        tell(f"{found.others.photos:,} photos of none of the species: {_decision_lines(found.others.decisions)}; "
             f"area under ROC {found.others.auroc:.3f}")  # fmt: skip
    _print_species(found)
    for pair in most_confused(report):
        tell(f"confused: {pair.first} and {pair.second} ({pair.photos})")
    for mistake in found.mistakes[:_WORST]:
        tell(f"wrong: {mistake.file} was called {mistake.called} ({mistake.confidence:.0%})")
    if found.trained:
        note(
            f"{found.trained:,} of these photos trained this bundle, so the figures flatter: --held-out leaves them out"
        )
    for file, reason in found.failures[:_WORST]:
        note(f"{file}: {reason}")
    if len(found.failures) > _WORST:
        note(f"and {len(found.failures) - _WORST} more that can't be read")


def _decision_lines(decisions: Decisions) -> str:
    return (
        f"{decisions.species:,} as a species ({decisions.right:,} of them right), {decisions.group:,} as a group, "
        f"{decisions.unknown:,} unknown"
    )


def _print_species(found: LabelledReport) -> None:
    """The species that do worst, with their intervals."""
    from rich import box
    from rich.table import Table

    judged = sorted((s for s in found.report.species if s.photos), key=lambda s: (s.f1, s.f1_low))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Weakest" if len(judged) > _WORST else "Species")
    for heading in ("Photos", "Recall", "Precision", "F1 (95 %)"):
        table.add_column(heading, justify="right")
    for s in judged[:_WORST]:
        interval = f"{s.f1:.2f} ({s.f1_low:.2f}-{s.f1_high:.2f})"
        table.add_row(s.id, f"{s.photos:,}", f"{s.recall:.2f}", f"{s.precision:.2f}", interval)
    rich_console().print(table)
