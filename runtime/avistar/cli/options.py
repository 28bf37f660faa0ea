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


ModelOption: TypeAlias = Annotated[
    Path | None, typer.Option("--model", metavar="FOLDER", help="The bundle to use. Default: the one with Avistar.")
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
