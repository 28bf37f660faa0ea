"""`avistar models`: the bundles on this machine, what they were measured at, and whether they are intact."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from avistar.cli.console import note, rich_console, tell
from avistar.cli.options import JsonOption
from avistar.errors import BundleError

if TYPE_CHECKING:
    from rich.table import Table

    from avistar.bundle import Bundle, DetectorBundle, ModelBundle

_Opened = TypeVar("_Opened", "ModelBundle", "DetectorBundle")

_FIGURES = {"top1": "Top-1", "top3": "Top-3", "macro_f1": "Macro-F1", "calibration_error": "Calib. error"}


def models(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER...]", help="Bundles, or folders of bundles. Default: Avistar's own."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the bundles and their measured accuracy."""
    from avistar.bundle import bundle_places, find_bundles, find_detectors

    places = list(folders or bundle_places())
    facts = [describe(folder) for folder in find_bundles(places)]
    facts += [describe_detector(folder) for folder in find_detectors(places)]
    if as_json:
        tell(json.dumps(facts, indent=2))
    elif facts:
        rich_console().print(_table(facts))
        for problem in (text for one in facts for text in one["problems"]):
            note(problem)
    if not facts:
        note(f"no bundle in {', '.join(map(str, places)) or 'this installation'}")
        raise typer.Exit(1)


def describe(folder: Path) -> dict[str, Any]:
    """What the bundle in `folder` says of itself, and what is wrong with it."""
    from avistar.bundle import ModelBundle

    def own(bundle: ModelBundle) -> dict[str, Any]:
        manifest = bundle.manifest
        return {
            "architecture": manifest.architecture,
            "species": len(manifest.species),
            "width": manifest.preprocessing.width,
            "height": manifest.preprocessing.height,
        }

    return _described(folder, ModelBundle.open, own)


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
    for heading in (*_FIGURES.values(), "Photos"):
        table.add_column(heading, justify="right")
    table.add_column("Files")
    for one in facts:
        accuracy = one.get("accuracy", {})
        artifacts = "\n".join(_artifact_text(artifact) for artifact in one.get("artifacts", ()))
        table.add_row(
            Text(one["name"]),
            Text(one.get("architecture", "")),
            artifacts,
            *(_figure(key, accuracy.get(key)) for key in _FIGURES),
            f"{accuracy['photos']:,.0f}" if "photos" in accuracy else "-",
            "intact" if one["intact"] else "damaged",
        )
    return table


def _artifact_text(artifact: dict[str, Any]) -> str:
    size = "?" if artifact["bytes"] is None else f"{artifact['bytes'] / 1e6:.1f} MB"
    remark = "" if artifact["calibrated"] else ", not calibrated"
    return f"{artifact['format']} {artifact['precision']}, {size}{remark}"


def _figure(key: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.1f}%" if key.startswith("top") else f"{value:.3f}"
