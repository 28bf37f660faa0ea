"""Options that several verbs share, and what they may be."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


class DeviceName(StrEnum):
    """What `avistar.backends.choose.Device` may be."""

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
    """What to do with answers that another model gave."""

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


ModelOption: TypeAlias = Annotated[
    Path | None, typer.Option("--model", metavar="FOLDER", help="The bundle to use. Default: the one with Avistar.")
]
OnlyOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--only",
        metavar="SPECIES,…|FILE",
        help="The species that occur at the site, in any language, or a file that lists them.",
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
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
