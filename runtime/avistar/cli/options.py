"""Options that several verbs share, and what they may be."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


class DeviceName(StrEnum):
    """What `avistar.backends.factory.Device` may be."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"


class PrecisionName(StrEnum):
    """What `avistar.manifest.Precision` may be."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"


class LanguageName(StrEnum):
    """What `avistar.species.Language` may be."""

    EN = "en"
    ES = "es"


class OtherModel(StrEnum):
    """What to do with answers that another model, or a run with other options, gave."""

    KEEP = "keep"
    AGAIN = "again"


class FormatName(StrEnum):
    """What `avistar.formats.FormatName` may be."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"
    MEGADETECTOR = "megadetector"
    CAMTRAP_DP = "camtrap-dp"
    XMP = "xmp"
    TIMELAPSE = "timelapse"


class HowName(StrEnum):
    """What `avistar.sorting.How` may be."""

    COPY = "copy"
    HARDLINK = "hardlink"
    SYMLINK = "symlink"
    MOVE = "move"


class NameStyleName(StrEnum):
    """What `avistar.sorting.plan.NameStyle` may be."""

    ID = "id"
    COMMON = "common"
    SCIENTIFIC = "scientific"


class SeveralName(StrEnum):
    """What `avistar.sorting.plan.SeveralRule` may be."""

    APART = "apart"
    EACH = "each"


ModelOption: TypeAlias = Annotated[
    Path | None, typer.Option("--model", metavar="FOLDER", help="The bundle to use. Default: the one with Avistar.")
]
OnlyOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--only",
        metavar="SPECIES,...|FILE",
        help="The species that occur at the site, in any language, or a file that lists them.",
    ),
]
SpeciesConfidenceOption: TypeAlias = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Least confidence for naming a species. Default: the model's.", show_default=False),
]
GroupConfidenceOption: TypeAlias = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Least confidence for naming a group. Default: the model's.", show_default=False),
]
FamiliarityFloorOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        metavar="SCORE",
        help="Score below which a picture looks like none of the species. Default: the model's.",
        show_default=False,
    ),
]
DetectionsOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--detections",
        metavar="FILE",
        help="MegaDetector's results for the folder: each animal's box is identified, blanks stay blank.",
    ),
]
DetectOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--detect", help="Find the animals first: each is identified in its box, and photos without any are blank."
    ),
]
DetectOrNotOption: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--detect/--no-detect",
        help="Find the animals first: each is identified in its box, and photos without any are blank. "
        "--no-detect: whole photos, where earlier runs of the --catalogue looked for animals.",
        show_default=False,
    ),
]
DetectorOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--detector", metavar="FOLDER", help="--detect with this detector. Default: the one with Avistar."),
]
DetectionConfidenceOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="The detector's least confidence. Default: what its file or bundle recommends, or 0.2."
    ),
]
BurstGapOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="With --catalogue: photos of one camera this close together are also answered together.",
    ),
]
TimeZoneOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="With --catalogue: where the cameras' clocks were set: Europe/Madrid, or +02:00.",
    ),
]
FrameRateOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--frames-per-second",
        min=0.001,
        max=1000,
        help="Frames of each second of video to look at. Default: 1.",
        show_default=False,
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
OverwriteOption: TypeAlias = Annotated[
    bool, typer.Option("--overwrite", help="Replace a file that is there already. Photos and catalogues never are.")
]
LanguageOption: TypeAlias = Annotated[
    LanguageName | None,
    typer.Option("--language", help="Language of what is said. Default: the system's.", show_default=False),
]
CatalogueArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="CATALOGUE", help="The file that `avistar identify --catalogue` made.")
]
ClusterOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="auto|local|ADDRESS",
        help="Share the work with a Ray cluster: the one that runs here, one of this machine alone, or its address. "
        "PATH is then one folder, one list (.txt) or an address such as s3://bucket/folder.",
    ),
]
CpusPerWorkerOption: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, help="With --cluster: CPUs for each worker. Default: 4, or all where there are fewer."),
]
