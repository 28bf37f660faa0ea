"""`avistar train …`: light to import; Keras is loaded when a verb runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from avistar.cli.console import Steps
from avistar.cli.options import PrecisionName
from avistar.errors import MissingExtra

app = typer.Typer(
    help="Fine-tune a network on labelled photos and publish a bundle.", no_args_is_help=True, add_completion=False
)


BundleArgument = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of a bundle, such as models/mine.")]


@contextmanager
def needs_training_libraries() -> Iterator[None]:
    """Names the extra to install where a library of training is missing."""
    try:
        yield
    except ImportError as error:
        raise MissingExtra("train", f"Training ({error})") from error


@app.callback()
def train() -> None:
    """Fine-tune a network on labelled photos and publish a bundle."""


@app.command()
def fit(
    data: Annotated[Path, typer.Argument(help="Folder with a sub-folder of photos for each species.")],
    out: Annotated[Path, typer.Option(help="Folder of the bundle to write, such as models/mine.")],
    recipe: Annotated[str, typer.Option(help="A recipe's name, or a .toml file.")] = "resnet50_field",
    weights: Annotated[
        str, typer.Option(help="'imagenet' (downloads), or a folder with the base weights.")
    ] = "imagenet",
    imagenet_layer: Annotated[
        Path | None, typer.Option(help="The base's 1000-way layer (.npz): a prior for species with few photos.")
    ] = None,
    others: Annotated[Path | None, typer.Option(help="Photos of other animals, to measure 'unknown' with.")] = None,
    run: Annotated[
        Path | None, typer.Option(help="Folder for checkpoints; the same command continues from it.")
    ] = None,
    about: Annotated[str, typer.Option(help="Where the photos come from, for the model card.")] = "",
    seed: Annotated[int, typer.Option(help="Decides split and training.")] = 7,
    change: Annotated[list[str] | None, typer.Option("--set", help="Change a field: stages.0.epochs=2.")] = None,
) -> None:
    """Fine-tune, judge on untouched photos, and publish a bundle; the same command continues a killed run."""
    with needs_training_libraries():
        from avistar_train import session
    plan = session.Plan(
        data=data, out=out, recipe=recipe, changes=tuple(change or ()), weights=weights, seed=seed,
        imagenet_layer=imagenet_layer, others=others, run=run or Path("runs") / out.name, about=about,
    )  # fmt: skip
    bundle = session.fit(plan, progress=Steps(lines=20))
    figures = bundle.manifest.accuracy
    typer.echo(f"{bundle.folder}: {figures['photos']:.0f} untouched photos, top-1 {figures['top1']:.1%}, ", nl=False)
    typer.echo(f"top-3 {figures['top3']:.1%}, macro-F1 {figures['macro_f1']:.3f}")
    typer.echo(f"next: avistar export onnx {bundle.folder} --photos {data}")


@app.command()
def judge(
    bundle: BundleArgument,
    photos: Annotated[Path, typer.Option(metavar="DATA", help="The photos that training read.")],
    precision: Annotated[
        PrecisionName | None, typer.Option(help="Which ONNX artifact to judge. Default: what a CPU runs.")
    ] = None,
) -> None:
    """Judge a bundle's ONNX artifact on its test photos: renews analysis and model card."""
    from avistar_train.rejudging import rejudge

    with needs_training_libraries():
        judged = rejudge(bundle, photos, precision.value if precision else None, progress=Steps(lines=20))
    typer.echo(f"{judged.folder / 'analysis'} is written")


@app.command()
def card(
    bundle: BundleArgument,
    about: Annotated[str, typer.Option(help="Where the photos come from; replaces what was said before.")] = "",
) -> None:
    """Write a bundle's model card anew, as after export has added artifacts."""
    from avistar_train.publishing import rewrite_card

    rewrite_card(bundle, about)
    typer.echo(f"{bundle / 'README.md'} is written")
