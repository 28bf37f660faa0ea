"""What is known of a bundle's answers, photo by photo: the files in `analysis/`, described in docs/analysis.md.

Read by the desktop app and the report page, written by training. Holds names and numbers, never a photo.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from avistar.arrays import numbers, read_arrays
from avistar.bundle import ModelBundle
from avistar.decision import softmax
from avistar.errors import BundleError
from avistar.evaluation.metrics import EvaluationReport
from avistar.split import LabelledPhoto

SCHEMA = 1
EVALUATION, PHOTOS, ARRAYS, HISTORY = (
    f"analysis/{name}" for name in ("evaluation.json", "photos.json", "photos.npz", "history.json")
)

FRAMES_FILE = "analysis/frames.npz"
"""Answers to camera-trap frames, without their names: `avistar train field` and `refit` write them."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class JudgedArtifact:
    """Whose answers these are: an artifact's form ("onnx int8") and file's SHA-256, and its calibration."""

    artifact: str
    sha256: str
    temperature: float
    familiarity_floor: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch of training: its stage, its number from 1, and figures by Keras' names (`val_loss`)."""

    stage: str
    epoch: int
    figures: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The answers to every test photo of a bundle.

    `species` ids in the bundle's order. For N photos: `files` relative to the photo folder (forward slashes),
    `truth` int64 [N] indices of what they show, `logits` float32 [N, species], `familiarity` float32 [N],
    `map` float32 [N, 2]: t-SNE of their embeddings, or [0, 2] where none was made. `report` judges them all;
    `history` is empty where nobody kept it.
    """

    judged: JudgedArtifact
    species: tuple[str, ...]
    files: tuple[str, ...]
    truth: NDArray[np.int64]
    logits: NDArray[np.float32]
    familiarity: NDArray[np.float32]
    map: NDArray[np.float32]
    report: EvaluationReport
    history: tuple[Epoch, ...] = ()

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Calibrated confidences, float32 [N, species]."""
        return softmax(self.logits, self.judged.temperature)

    @property
    def answers(self) -> NDArray[np.int64]:
        """The index of the likeliest species of each photo, int64 [N]."""
        answers: NDArray[np.int64] = self.logits.argmax(axis=1)
        return answers

    def cell(self, true: int, called: int) -> list[int]:
        """Photos of species `true` that were called `called`: one cell of the confusion matrix, surest first."""
        inside = np.flatnonzero((self.truth == true) & (self.answers == called))
        confidence = self.probabilities[inside, called]
        return [int(i) for i in inside[np.argsort(-confidence, kind="stable")]]


def has_analysis(bundle: ModelBundle) -> bool:
    """Whether `bundle` lists per-photo answers that `read_analysis` could read."""
    return {EVALUATION, PHOTOS, ARRAYS} <= set(bundle.manifest.files)


def read_analysis(bundle: ModelBundle) -> Analysis:
    """Read the analysis of `bundle`; every file is checked against the manifest and against the others.

    Raises `BundleError` where it has none, or one that is damaged or contradicts itself.
    """
    if not has_analysis(bundle):
        raise BundleError(
            "the bundle '{name}' has no analysis: avistar train judge makes one", name=bundle.manifest.name
        )
    rows = _decoded(bundle, PHOTOS, _PhotoRows)
    file = bundle.folder / PHOTOS
    if rows.schema != SCHEMA:
        raise BundleError(
            "{file} has schema {schema}, this Avistar reads {known}", file=file, schema=rows.schema, known=SCHEMA
        )
    ids = tuple(species.id for species in bundle.manifest.species)
    arrays = _arrays(bundle, len(rows.photos), len(ids))
    strange = sorted({photo.species for photo in rows.photos} - set(ids))
    if strange:
        names = ", ".join(strange[:3])
        raise BundleError("{file} names {names}, which the bundle doesn't know", file=file, names=names)
    report = _decoded(bundle, EVALUATION, EvaluationReport)
    if tuple(score.id for score in report.species) != ids or report.photos != len(rows.photos):
        raise BundleError(
            "{file} judges other photos or species than {list} lists", file=bundle.folder / EVALUATION, list=PHOTOS
        )
    history = _decoded(bundle, HISTORY, _History).epochs if HISTORY in bundle.manifest.files else ()
    return Analysis(
        judged=rows.judged,
        species=ids,
        files=tuple(photo.file for photo in rows.photos),
        truth=np.array([ids.index(photo.species) for photo in rows.photos], np.int64),
        report=report,
        history=history,
        **arrays,
    )


def write_analysis(folder: Path, analysis: Analysis) -> None:
    """Write the files of `analysis` below `folder`, a bundle's draft; an earlier one is replaced."""
    photos = zip(analysis.files, analysis.truth, strict=True)
    rows = _PhotoRows(analysis.judged, tuple(LabelledPhoto(file, analysis.species[i]) for file, i in photos))
    documents = {EVALUATION: analysis.report, PHOTOS: rows}
    if analysis.history:
        documents[HISTORY] = _History(analysis.history)
    (folder / "analysis").mkdir(exist_ok=True)
    (folder / HISTORY).unlink(missing_ok=True)
    for name, document in documents.items():
        (folder / name).write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
    np.savez_compressed(
        folder / ARRAYS, logits=analysis.logits, familiarity=analysis.familiarity, map=analysis.map
    )  # fmt: skip


def photo_path(folder: Path, file: str) -> Path | None:
    """Where the photo that an analysis calls `file` lies below `folder`; None if it isn't there or points elsewhere."""
    parts = PurePosixPath(file).parts
    if not parts or file.startswith("/") or "\\" in file or ":" in parts[0] or ".." in parts:
        return None
    path = folder.joinpath(*parts)
    return path if path.is_file() else None


@dataclass(frozen=True, slots=True)
class _PhotoRows:
    judged: JudgedArtifact
    photos: tuple[LabelledPhoto, ...]
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class _History:
    epochs: tuple[Epoch, ...] = field(default=())
    schema: int = SCHEMA


def _decoded(bundle: ModelBundle, name: str, type: type[_T]) -> _T:
    try:
        return msgspec.json.decode(bundle.checked(name), type=type)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(
            "{file} is no analysis: {error}; avistar train judge renews it", file=bundle.folder / name, error=error
        ) from error


def _arrays(bundle: ModelBundle, photos: int, species: int) -> dict[str, Any]:
    """`logits`, `familiarity` and `map` as float32, of the right shapes and finite; never unpickles."""
    shapes = {"logits": (photos, species), "familiarity": (photos,), "map": (photos, 2)}
    where = str(bundle.folder / ARRAYS)
    stored = read_arrays(bundle.checked(ARRAYS), where)
    arrays = {name: numbers(stored, name, where, axes=len(shape)).astype(np.float32) for name, shape in shapes.items()}
    for name, shape in shapes.items():
        found = arrays[name].shape
        if found != shape and not (name == "map" and found == (0, 2)):
            raise BundleError(
                "{file} holds '{name}' {found}, {list} asks for {wanted}",
                file=bundle.folder / ARRAYS,
                name=name,
                found=found,
                list=PHOTOS,
                wanted=shape,
            )
        if not np.isfinite(arrays[name]).all():
            raise BundleError(
                "{file} holds '{name}' with values that are no numbers", file=bundle.folder / ARRAYS, name=name
            )
    return arrays
