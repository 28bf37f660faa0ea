"""What a bundle says of itself: frozen types and their strict JSON form. Touches no file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

from avistar.errors import BundleError, UsageError
from avistar.message import Message
from avistar.species import Group, Species

SCHEMA = 1

BoxCategory = Literal["animal", "person", "vehicle"]
"""What a detector tells apart."""

Fit = Literal["crop", "stretch"]
Resampling = Literal["bilinear", "bicubic", "lanczos"]
Format = Literal["keras", "onnx", "openvino", "tensorrt", "tensorrt-rtx"]
"""What an artifact is for. `openvino` is an ONNX file that was also judged under OpenVINO, which computes otherwise."""
Precision = Literal["fp32", "fp16", "int8"]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Geometry only: the arithmetic (cast, channel order, mean, scale) is in the graph.

    Attributes:
        width: Of the network's input, 1 to 4096 px.
        height: Of the network's input, 1 to 4096 px.
        fit: `crop` brings the shorter side to size and cuts the centre, `stretch` squeezes.
        resampling: The filter that scales.

    Raises:
        BundleError: A side is outside 1 to 4096 px.
    """

    width: int
    height: int
    fit: Fit = "crop"
    resampling: Resampling = "bilinear"

    def __post_init__(self) -> None:
        if not (1 <= self.width <= 4096 and 1 <= self.height <= 4096):
            raise BundleError(
                "preprocessing asks for {width}×{height} px; 1 to 4096 is possible",
                width=self.width,
                height=self.height,
            )

    def seen(self, width: int, height: int) -> tuple[float, float, float, float]:
        """What the network sees of a picture.

        Args:
            width: Of the picture, in any unit.
            height: Of the picture, in the same unit.

        Returns:
            The box (left, top, right, bottom) in that unit.
        """
        if self.fit == "stretch":
            return 0.0, 0.0, float(width), float(height)
        scale = min(width / self.width, height / self.height)
        # Rounding may reach past the edge by 1e-14 px, which Pillow refuses.
        crop_w, crop_h = min(self.width * scale, width), min(self.height * scale, height)
        left, top = (width - crop_w) / 2, (height - crop_h) / 2
        return left, top, left + crop_w, top + crop_h


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a detector sees a picture: all of it, the longer side scaled to `side`, filled up at the right and below.

    Attributes:
        side: Of the square input, 32 to 4096 px.
        pad: The grey that fills up, 0 to 255.
        resampling: The filter that scales.

    Raises:
        BundleError: A number is out of its range.
    """

    side: int
    pad: int = 0
    resampling: Resampling = "bilinear"

    def __post_init__(self) -> None:
        if not (32 <= self.side <= 4096 and 0 <= self.pad <= 255):
            raise BundleError(
                "a letterbox of {side} px filled with {pad}: 32 to 4096 px and 0 to 255 are possible",
                side=self.side,
                pad=self.pad,
            )

    def scaled(self, width: int, height: int) -> tuple[int, int]:
        """The (width, height) in px to which a picture of `width` × `height` is scaled, before it is filled up."""
        scale = self.side / max(width, height)
        return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a bundle: its SHA-256 in hexadecimal and its size in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns one artifact's outputs into confidences.

    `temperature` divides the logits before the softmax (Guo et al. 2017, arXiv:1706.04599);
    `familiarity_floor` is the familiarity score below which a picture is *unknown*, set on validation
    photos so that 95 % of true ones lie above. Not `calibrated`: no photos told either, so confidences are the
    network's own, and nothing is unknown for its looks.
    """

    temperature: float = 1.0
    familiarity_floor: float = -1e30
    calibrated: bool = True

    def __post_init__(self) -> None:
        if not 0.01 <= self.temperature <= 100:
            raise BundleError("a temperature of {temperature} is outside 0.01 to 100", temperature=self.temperature)


@dataclass(frozen=True, slots=True)
class Artifact:
    """One executable form of the network, admitted by the parity gate.

    Attributes:
        format: "onnx", "openvino", "tensorrt", "tensorrt-rtx", or "keras" for the trained network itself.
        precision: "fp32", "fp16" or "int8".
        file: Its path in the bundle, with forward slashes.
        calibration: Temperature and familiarity floor, fitted for this artifact.
        batch: The (smallest, best, largest) batch of an engine's profile, (1, 1, 1) for a graph of one picture at
            a time, None where any will do.
        built_for: The GPU and the library of an engine; empty otherwise.
        parity: Path of the parity report in the bundle, None only for the trained network, which is the reference.
        accuracy: Figures measured on untouched photos, fractions of 1.
    """

    format: Format
    precision: Precision
    file: str
    calibration: Calibration
    batch: tuple[int, int, int] | None = None
    built_for: dict[str, str] = field(default_factory=dict)
    parity: str | None = None
    accuracy: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """When an answer is a species, a group, or unknown; see `avistar.decision`.

    `species_confidence` and `group_confidence` are the least calibrated probabilities (0 to 1) for naming a
    species or a group; decision record 0021 says how they were chosen. `familiarity` names the score that
    separates the known from the unknown; `reference` is the bundle's `.npz` file that the score needs, if any.
    """

    species_confidence: float = 0.8
    group_confidence: float = 0.8
    familiarity: str = "energy"
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The authority on a bundle: everything in it, and every file with its hash.

    Attributes:
        name: The bundle's name.
        architecture: The network, such as "resnet50".
        species: In the order of the logits.
        groups: What the species roll up to.
        preprocessing: The geometry of its pictures.
        artifacts: Its executable forms.
        decision: When an answer is a species, a group or unknown.
        accuracy: Figures measured on untouched photos, fractions of 1.
        provenance: Recipe, data hash, seed, library versions and date.
        files: Each path in the bundle (forward slashes) with its record, artifacts included.
        schema: Version of this form.

    Raises:
        BundleError: Species repeat, or belong to a group that is not there.
    """

    name: str
    architecture: str
    species: tuple[Species, ...]
    groups: tuple[Group, ...]
    preprocessing: Preprocessing
    artifacts: tuple[Artifact, ...]
    decision: DecisionRule = DecisionRule()
    accuracy: dict[str, float] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    files: dict[str, FileRecord] = field(default_factory=dict)
    schema: int = SCHEMA

    OUTPUTS: ClassVar[tuple[str, str]] = ("logits", "embedding")
    EXPORT: ClassVar[str] = "onnx"

    def __post_init__(self) -> None:
        ids = [species.id for species in self.species]
        if len(ids) < 2 or len(set(ids)) != len(ids):
            raise BundleError(
                "bundle '{name}' lists {number} species, {different} of them different",
                name=self.name,
                number=len(ids),
                different=len(set(ids)),
            )
        groups = {group.id for group in self.groups}
        if "" in groups.union(ids):
            raise BundleError("bundle '{name}' lists a species or group without an id", name=self.name)
        for species in self.species:
            if species.group and species.group not in groups:
                raise BundleError(
                    "bundle '{name}': {species} belongs to '{group}', which is no group",
                    name=self.name,
                    species=species.id,
                    group=species.group,
                )
        for group in self.groups:
            if group.parent and group.parent not in groups:
                raise BundleError(
                    "bundle '{name}': {species} belongs to '{group}', which is no group",
                    name=self.name,
                    species=group.id,
                    group=group.parent,
                )


@dataclass(frozen=True, slots=True)
class DetectorManifest:
    """The authority on a detector's bundle, which finds where something is, not what.

    Attributes:
        name: The bundle's name.
        architecture: The network, such as "yolox_tiny".
        classes: What each column of the scores stands for.
        preprocessing: How it sees a picture.
        artifacts: Its executable forms.
        threshold: Least score (0 to 1) of a box that counts.
        overlap: Largest IoU (0 to 1) at which two boxes still are two.
        accuracy: Figures measured on held-out photos, fractions of 1.
        provenance: Origin, licence, library versions and date.
        files: Each path in the bundle (forward slashes) with its record, artifacts included.
        kind: What tells it from a classifier's manifest.
        schema: Version of this form.

    Raises:
        BundleError: Classes are missing or repeat, or a number is outside 0 to 1.
    """

    name: str
    architecture: str
    classes: tuple[BoxCategory, ...]
    preprocessing: Letterbox
    artifacts: tuple[Artifact, ...]
    threshold: float = 0.2
    overlap: float = 0.45
    accuracy: dict[str, float] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    files: dict[str, FileRecord] = field(default_factory=dict)
    kind: Literal["detector"] = "detector"
    schema: int = SCHEMA

    OUTPUTS: ClassVar[tuple[str, str]] = ("boxes", "scores")
    EXPORT: ClassVar[str] = "adopt-detector FILE.onnx --out"

    def __post_init__(self) -> None:
        if not self.classes or len(set(self.classes)) != len(self.classes):
            raise BundleError(
                "detector '{name}' lists the classes {classes}: one of each is needed",
                name=self.name,
                classes=list(self.classes),
            )
        if not (0 < self.threshold < 1 and 0 < self.overlap < 1):
            raise BundleError(
                "detector '{name}': threshold {threshold} and overlap {overlap} must lie between 0 and 1",
                name=self.name,
                threshold=self.threshold,
                overlap=self.overlap,
            )


M = TypeVar("M", Manifest, DetectorManifest)


def encode(manifest: Manifest | DetectorManifest) -> bytes:
    """The manifest as indented UTF-8 JSON; equal manifests give equal bytes."""
    raw = msgspec.json.encode(msgspec.to_builtins(manifest), order="sorted")
    return msgspec.json.format(raw, indent=2) + b"\n"


def decode(raw: bytes, where: str) -> Manifest:
    """Read a classifier's manifest, strictly. `where` names its file in errors.

    Raises `BundleError` for anything that isn't one of this version.
    """
    if kind_of(raw, where) == "detector":
        raise BundleError(
            "{file} belongs to a detector, which finds animals and names none: give it as --detector", file=where
        )
    return _decoded(raw, where, Manifest)


def decode_detector(raw: bytes, where: str) -> DetectorManifest:
    """Read a detector's manifest, strictly. `where` names its file in errors.

    Raises `BundleError` for anything that isn't one of this version.
    """
    if kind_of(raw, where) != "detector":
        raise BundleError("{file} belongs to a classifier, which finds no animals: give it as --model", file=where)
    return _decoded(raw, where, DetectorManifest)


def kind_of(raw: bytes, where: str) -> str:
    """Whether it is of a "classifier" or a "detector". Raises `BundleError` for other files and versions."""
    with _explained(where):
        head = msgspec.json.decode(raw, type=_Head)
    if head.schema != SCHEMA:
        raise BundleError(
            "{file} has schema {schema}, this Avistar reads {known}: {cure}",
            file=where,
            schema=head.schema,
            known=SCHEMA,
            cure=Message("update Avistar") if head.schema > SCHEMA else Message("export the bundle again"),
        )
    return head.kind


def _decoded(raw: bytes, where: str, form: type[M]) -> M:
    with _explained(where):
        return msgspec.json.decode(raw, type=form)


@contextmanager
def _explained(where: str) -> Iterator[None]:
    try:
        yield
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, UsageError) as error:
        raise BundleError("{where} is not a manifest: {error}", where=where, error=error) from error


class _Head(msgspec.Struct):
    schema: int
    kind: str = "classifier"
