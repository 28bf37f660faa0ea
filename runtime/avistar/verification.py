"""Does this machine answer as the exporting one did? Golden pictures, expected outputs, and how they are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.arrays import numbers, read_arrays
from avistar.backends import Backend, Floats
from avistar.bundle import ModelBundle
from avistar.decision import softmax
from avistar.errors import BundleError, ImageError
from avistar.images.decode import prepare
from avistar.manifest import Artifact, Precision
from avistar.message import Message

FOLDER = "golden"
FILE = f"{FOLDER}/golden.npz"
LARGEST_PIXEL_CHANGE = 16
"""Levels (of 255) that one pixel may differ: JPEG decoders round their transforms differently."""
MEAN_PIXEL_CHANGE = 1.0
"""Levels (of 255) that a picture may differ on average."""

_DECODING = Message("decoding and geometry")
# Another processor adds in another order; eight-bit kernels also round elsewhere.
LARGEST_CHANGE: dict[Precision, float] = {"fp32": 1e-3, "fp16": 2e-2, "int8": 5e-2}


@dataclass(frozen=True, slots=True)
class Check:
    """How one artifact did: what it ran on, largest change of a probability, allowed change, and the verdict.

    `problem` says in a sentence what is wrong, "" if nothing. Decoding is checked like an artifact, in levels
    (of 255) of a pixel.
    """

    artifact: str
    runs_on: str
    change: float
    allowed: float
    problem: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What `Classifier.verify` found.

    Attributes:
        damaged_files: A sentence for each file that is missing or altered.
        checks: How decoding and the artifact did; empty with a damaged file, since nothing is executed then.
    """

    damaged_files: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for everything that is wrong; empty when this machine can be trusted with the bundle."""
        wrong = (f"{check.artifact}: {check.problem}" for check in self.checks if check.problem)
        return (*self.damaged_files, *wrong)

    @property
    def passed(self) -> bool:
        """Whether every file is intact and every answer as expected."""
        return not self.problems


@dataclass(frozen=True, slots=True, eq=False)
class Golden:
    """Expectations: fitted `images` uint8 [N, H, W, 3], and the logits [N, species] of each artifact by its key."""

    names: tuple[str, ...]
    images: NDArray[np.uint8]
    logits: Mapping[str, Floats]


def golden_key(artifact: Artifact) -> str:
    """What an artifact's expected logits are filed under: its file, which OpenVINO shares with ONNX Runtime."""
    return f"{artifact.file}@openvino" if artifact.format == "openvino" else artifact.file


def read_golden(bundle: ModelBundle) -> Golden:
    """The bundle's expectations. Raises `BundleError` where it has none or they are damaged."""
    if FILE not in bundle.manifest.files:
        raise BundleError(
            "{folder} carries no {file}: export it again to get expected outputs", folder=bundle.folder, file=FILE
        )
    where = str(bundle.folder / FILE)
    arrays = read_arrays(bundle.checked(FILE), where)
    files = [key for key in arrays if key.startswith("logits/")]
    logits = {key.removeprefix("logits/"): numbers(arrays, key, where, axes=2) for key in files}
    images = numbers(arrays, "images", where, axes=4)
    names = tuple(map(str, arrays.get("names", np.zeros(0))))
    wanted = (len(names), len(bundle.manifest.species))
    if images.dtype != np.uint8 or len(images) != len(names) or any(one.shape != wanted for one in logits.values()):
        raise BundleError("{file} can't be read: {error}", file=where, error="its arrays don't fit each other")
    return Golden(names, images, logits)


def check_decoding(bundle: ModelBundle, golden: Golden) -> Check:
    """Whether this machine's decoders see the golden pictures as expected."""
    pictures = [bundle.checked(f"{FOLDER}/{name}") for name in golden.names]
    problem, worst = "", 0.0
    try:
        seen = np.stack([prepare(picture, bundle.manifest.preprocessing)[0] for picture in pictures])
    except ImageError as error:
        return Check(_DECODING, "Pillow", float("inf"), float(LARGEST_PIXEL_CHANGE), str(error))
    if seen.shape != golden.images.shape:
        problem = Message(
            "pictures come out as {shape}, expected {wanted}", shape=list(seen.shape), wanted=list(golden.images.shape)
        )
    else:
        change = np.abs(seen.astype(np.int16) - golden.images)
        worst = float(change.max())
        per_picture = change.mean(axis=(1, 2, 3))
        if worst > LARGEST_PIXEL_CHANGE or per_picture.max() > MEAN_PIXEL_CHANGE:
            which = golden.names[int(per_picture.argmax())]
            problem = Message(
                "{picture} is decoded differently, by {levels:.2f} levels on average",
                picture=which,
                levels=per_picture.max(),
            )
    return Check(_DECODING, "Pillow", worst, float(LARGEST_PIXEL_CHANGE), problem)


def check_artifact(bundle: ModelBundle, artifact: Artifact, backend: Backend, golden: Golden) -> Check:
    """Whether `backend`, which executes `artifact`, answers as expected. Raises `BundleError` without expectations."""
    expected = golden.logits.get(golden_key(artifact))
    if expected is None:
        raise BundleError(
            "{file} expects nothing of {artifact}: export it again", file=bundle.folder / FILE, artifact=artifact.file
        )
    name = f"{artifact.format} {artifact.precision}"
    logits = backend.run(golden.images).logits
    allowed = LARGEST_CHANGE[artifact.precision]
    if logits.shape != expected.shape or not np.isfinite(logits).all():
        unusable = Message("the answers aren't numbers, or not as many as expected")
        return Check(name, backend.runs_on, float("inf"), allowed, unusable)
    before, after = (softmax(side, artifact.calibration.temperature) for side in (expected, logits))
    change = np.abs(after - before)
    worst = int(change.max(axis=1).argmax())
    largest = float(change.max())
    problem: str = (
        ""
        if largest <= allowed
        else Message("picture {picture} moves a probability by {change:.3g}", picture=worst + 1, change=largest)
    )
    return Check(name, backend.runs_on, largest, allowed, problem)
