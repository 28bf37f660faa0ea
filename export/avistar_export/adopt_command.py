"""`avistar export adopt`: the command's options, and what they mean together."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avistar.cli.console import Steps, note, tell
from avistar.cli.options import PrecisionName
from avistar.errors import UsageError

if TYPE_CHECKING:
    from avistar_export.adoption import Terms


class FitName(StrEnum):
    """What `avistar.manifest.Fit` may be."""

    CROP = "crop"
    STRETCH = "stretch"


class ResamplingName(StrEnum):
    """What `avistar.manifest.Resampling` may be."""

    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    LANCZOS = "lanczos"


def adopt(  # noqa: PLR0913 the options of a command
    network: Annotated[Path, typer.Argument(metavar="NETWORK", help="The network: an .onnx file, or .keras or .h5.")],
    *,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the bundle goes, such as models/theirs.")],
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Its labels, in the order of its outputs. Default: what the file itself says."
        ),
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Photos in folders named by species: they prove, calibrate and judge."),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="What its pixels should be: keras, keras-signed, keras-caffe, torchvision, timm, timm-half, "
            "ultralytics-cls or speciesnet."
        ),
    ] = None,
    size: Annotated[str | None, typer.Option(metavar="WIDTHxHEIGHT", help="Where the file leaves it open.")] = None,
    channels: Annotated[str | None, typer.Option(metavar="rgb|bgr", help="Order of the colours.")] = None,
    scale: Annotated[float | None, typer.Option(help="Pixels (0 to 255) are first multiplied by this.")] = None,
    mean: Annotated[str | None, typer.Option(metavar="A,B,C", help="Then this is subtracted.")] = None,
    std: Annotated[str | None, typer.Option(metavar="A,B,C", help="Then it is divided by this.")] = None,
    fit: Annotated[FitName | None, typer.Option(help="Cut out the centre, or squeeze.")] = None,
    resampling: Annotated[ResamplingName | None, typer.Option(help="How pictures are made smaller.")] = None,
    output: Annotated[str | None, typer.Option(metavar="NAME", help="Which output has the labels.")] = None,
    embedding: Annotated[
        str | None, typer.Option(metavar="NAME|none", help="Which tensor is the embedding. Default: it is found.")
    ] = None,
    licence: Annotated[str | None, typer.Option(metavar="TEXT", help="The network's licence, for the card.")] = None,
    citation: Annotated[str | None, typer.Option(metavar="TEXT", help="Whom to cite, for the card.")] = None,
    precision: Annotated[
        list[PrecisionName] | None, typer.Option(help="May be given several times. Default: all that pass the gates.")
    ] = None,
    keep_repeated: Annotated[
        bool, typer.Option("--keep-repeated", help="Labels that come twice are different species.")
    ] = False,
    insist: Annotated[
        bool, typer.Option("--insist", help="Keep the declared preset although photos speak for another.")
    ] = False,
) -> None:
    """Make a bundle of a network that others trained, proved to answer as the original does.

    Exit codes: 0 done, 2 wrong usage or not adoptable, 3 refused by the parity gate, 4 not convertible, 5 something
    missing here.
    """
    from avistar_export.cli import exit_codes, listed

    with exit_codes(None):
        from avistar_export.adoption import Adopter, Adoption, Declaration
        from avistar_export.keras_file import as_onnx

        declaration = Declaration(
            preset, _size(size), channels, scale, _three("mean", mean), _three("std", std),
            fit=fit.value if fit else None, resampling=resampling.value if resampling else None,
            output=output, embedding=embedding, keep_repeated=keep_repeated, insist=insist,
        )  # fmt: skip
        wanted = tuple(one.value for one in dict.fromkeys([PrecisionName.FP32, *(precision or PrecisionName)]))
        with as_onnx(network) as file:
            terms = _terms(file, licence, citation)
            done = Adopter(Adoption(file, labels, out, terms, declaration, photos, wanted), Steps(), note).run()
        for artifact in done.manifest.artifacts:
            tell(listed(done, artifact))


def _terms(file: Path, licence: str | None, citation: str | None) -> Terms:
    """Ask for the licence where nobody told it; ultralytics writes it into the file."""
    from avistar_export.adoption import Terms
    from avistar_export.foreign_network import metadata_of

    told = licence or metadata_of(file).get("license", "")
    if not told and sys.stdin.isatty():
        told = typer.prompt("Under which licence is the network", err=True)
        citation = citation or typer.prompt("Whom should users cite (may be empty)", default="", err=True)
    if not told:
        raise UsageError(
            "the network's licence is kept in the card: say it with --licence 'Apache-2.0' (or what it is; 'unknown' "
            "where its authors don't tell), and whom to cite with --citation"
        )
    return Terms(told, citation or "")


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) not in (1, 2) or not all(part.isdigit() and 1 <= int(part) <= 4096 for part in parts):
        raise UsageError("--size is WIDTHxHEIGHT in pixels, such as 224x224 or 480x270, not '{text}'", text=text)
    return int(parts[0]), int(parts[-1])


def _three(name: str, text: str | None) -> tuple[float, ...] | None:
    if text is None:
        return None
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(
            "--{name} has numbers with commas between, such as 0.485,0.456,0.406, not '{text}'", name=name, text=text
        ) from error
    return numbers * 3 if len(numbers) == 1 else numbers
