"""`avistar models`: the bundles on this machine, what they were measured at, and whether they are intact."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from avistar.cli.console import note, rich_console, tell
from avistar.cli.options import JsonOption
from avistar.cli.texts import locale_language
from avistar.errors import BundleError
from avistar.message import Message

if TYPE_CHECKING:
    from rich.table import Table

    from avistar.bundle import Bundle, DetectorBundle, ModelBundle
    from avistar.evaluation.measured_here import MeasuredHere

_Opened = TypeVar("_Opened", "ModelBundle", "DetectorBundle")

_FIGURES = {"top1": "Top-1", "top3": "Top-3", "macro_f1": "Macro-F1", "calibration_error": "Calib. error"}


def models(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER...]", help="Bundles, or folders of bundles. Default: Avistar's own."),
    ] = None,
    *,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure how fast each classifier is here, and keep that.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the bundles: measured accuracy, speed on this computer, and accuracy on your own photos where known.

    `avistar evaluate` with a survey, or with photos in folders, measures the last; --measure the speed.
    """
    from avistar.bundle import bundle_places, find_bundles, find_detectors
    from avistar.evaluation.measured_here import read_measured

    places = list(folders or bundle_places())
    found = list(find_bundles(places))
    if measure:
        _measure(found)
    measured = read_measured()
    facts = [describe(folder, measured) for folder in found]
    facts += [describe_detector(folder) for folder in find_detectors(places)]
    if as_json:
        tell(json.dumps(facts, indent=2))
    elif facts:
        rich_console().print(_table(facts))
        if place := next((one["own_photos"]["place"] for one in facts if one.get("own_photos")), ""):
            note(Message("your photos: {place}", place=place).to(locale_language()))
        for problem in (text for one in facts for text in one["problems"]):
            note(problem)
    if not facts:
        note(f"no bundle in {', '.join(map(str, places)) or 'this installation'}")
        raise typer.Exit(1)


def _measure(folders: Sequence[Path]) -> None:
    """Measure each bundle as it would identify here; one that can't run says why."""
    from avistar.classifier import Classifier
    from avistar.errors import AvistarError
    from avistar.evaluation.measured_here import keep_speed
    from avistar.pipeline import pictures_per_second

    for folder in folders:
        try:
            with Classifier.open(folder) as classifier:
                speed = pictures_per_second(classifier)
                keep_speed(classifier.provenance.artifact_sha256, speed, classifier.provenance.runs_on)
        except AvistarError as error:
            note(f"{folder}: {error}")


def describe(folder: Path, measured: MeasuredHere | None = None) -> dict[str, Any]:
    """What the bundle in `folder` says of itself, what was measured of it here, and what is wrong with it."""
    from avistar.bundle import ModelBundle

    def own(bundle: ModelBundle) -> dict[str, Any]:
        manifest = bundle.manifest
        return {
            "architecture": manifest.architecture,
            "species": len(manifest.species),
            "width": manifest.preprocessing.width,
            "height": manifest.preprocessing.height,
            **_here(bundle, measured),
        }

    return _described(folder, ModelBundle.open, own)


def _here(bundle: ModelBundle, measured: MeasuredHere | None) -> dict[str, Any]:
    """Speed on this computer, and accuracy on the photos by which models were judged last; None where unknown."""
    if measured is None:
        return {}
    artifacts = [record.sha256 for record in bundle.manifest.files.values()]
    speed, own = measured.speed(artifacts), measured.accuracy(artifacts, measured.last_place)
    return {
        "speed": None
        if speed is None
        else {"pictures_per_s": speed.per_second, "runs_on": speed.runs_on, "at": speed.at.isoformat()},
        "own_photos": None
        if own is None
        else {
            "place": own.place,
            "photos": own.photos,
            "top1": own.share,
            "top1_low": own.interval[0],
            "top1_high": own.interval[1],
            "at": own.at.isoformat(),
        },
    }


def describe_detector(folder: Path) -> dict[str, Any]:
    """What the detector's bundle in `folder` says of itself, and what is wrong with it."""
    from avistar.bundle import DetectorBundle

    def own(bundle: DetectorBundle) -> dict[str, Any]:
        manifest = bundle.manifest
        return {
            "kind": manifest.kind,
            "architecture": manifest.architecture,
            "classes": list(manifest.classes),
            "side": manifest.preprocessing.side,
            "threshold": manifest.threshold,
        }

    return _described(folder, DetectorBundle.open, own)


def _described(
    folder: Path, opened: Callable[[Path], _Opened], own: Callable[[_Opened], dict[str, Any]]
) -> dict[str, Any]:
    """What every kind of bundle says, around what only its `own` kind does."""
    try:
        bundle = opened(folder)
    except BundleError as error:
        return {"folder": str(folder), "name": folder.name, "intact": False, "problems": [str(error)]}
    problems = bundle.damaged_files()
    return {
        "folder": str(folder),
        "name": bundle.manifest.name,
        **own(bundle),
        "artifacts": _artifacts(bundle),
        "accuracy": dict(bundle.manifest.accuracy),
        "intact": not problems,
        "problems": problems,
    }


def _artifacts(bundle: Bundle[Any]) -> list[dict[str, Any]]:
    records = bundle.manifest.files
    return [
        {
            "format": one.format,
            "precision": one.precision,
            "file": one.file,
            "bytes": records[one.file].bytes if one.file in records else None,
            "accuracy": dict(one.accuracy),
            "calibrated": one.calibration.calibrated,
        }
        for one in bundle.manifest.artifacts
    ]


def _table(facts: Sequence[dict[str, Any]]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Bundle", "Architecture", "Artifacts"):
        table.add_column(heading, overflow="fold")
    for heading in ("Labels", *_FIGURES.values(), "Photos", "Pictures/s here", "Your photos (95 %)"):
        table.add_column(heading, justify="right")
    table.add_column("Files")
    for one in facts:
        accuracy = one.get("accuracy", {})
        artifacts = "\n".join(_artifact_text(artifact) for artifact in one.get("artifacts", ()))
        table.add_row(
            Text(one["name"]),
            Text(one.get("architecture", "")),
            artifacts,
            f"{one['species']:,}" if "species" in one else "-",
            *(_figure(key, accuracy.get(key)) for key in _FIGURES),
            f"{accuracy['photos']:,.0f}" if "photos" in accuracy else "-",
            f"{one['speed']['pictures_per_s']:.1f}" if one.get("speed") else "-",
            _own_photos(one.get("own_photos")),
            "intact" if one["intact"] else "damaged",
        )
    return table


def _artifact_text(artifact: dict[str, Any]) -> str:
    size = "?" if artifact["bytes"] is None else f"{artifact['bytes'] / 1e6:.1f} MB"
    remark = "" if artifact["calibrated"] else ", not calibrated"
    return f"{artifact['format']} {artifact['precision']}, {size}{remark}"


def _own_photos(own: dict[str, Any] | None) -> str:
    if own is None:
        return "-"
    return f"{own['top1']:.1%} ({own['top1_low']:.1%}-{own['top1_high']:.1%}) of {own['photos']:,}"


def _figure(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.1f}%" if key.startswith("top") else f"{value:.3f}"
