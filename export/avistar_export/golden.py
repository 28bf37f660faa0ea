"""Pictures with expected outputs: does this machine answer as the exporting one did?"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Floats, Outputs
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import ModelBundle
from avistar.decision import softmax
from avistar.errors import BundleError
from avistar.images import prepare
from avistar.manifest import Artifact, Precision, Preprocessing

FOLDER = "golden"
FILE = f"{FOLDER}/golden.npz"
LARGEST_PIXEL_CHANGE = 16
"""Levels (of 255) that one pixel may differ: JPEG decoders round their transforms differently."""
MEAN_PIXEL_CHANGE = 1.0
"""Levels (of 255) that a picture may differ on average."""

# Another processor adds in another order; eight-bit kernels also round elsewhere.
LARGEST_CHANGE: dict[Precision, float] = {"fp32": 1e-3, "fp16": 2e-2, "int8": 5e-2}


@dataclass(frozen=True, slots=True)
class Check:
    """How one artifact did: what it ran on, largest change of a probability, allowed change, and the verdict.

    `problem` says in a sentence what is wrong, "" if nothing.
    """

    artifact: str
    runs_on: str
    change: float
    allowed: float
    problem: str


@dataclass(frozen=True, slots=True, eq=False)
class Golden:
    """Expectations: fitted `images` uint8 [N, H, W, 3], and the logits [N, species] of each artifact by file."""

    names: tuple[str, ...]
    images: NDArray[np.uint8]
    logits: Mapping[str, Floats]


def shipped_pictures() -> dict[str, bytes]:
    """The pictures that go into every bundle, by file name."""
    folder = resources.files("avistar_export").joinpath("pictures")
    files = sorted((entry for entry in folder.iterdir() if not entry.name.endswith(".md")), key=lambda e: e.name)
    return {entry.name: entry.read_bytes() for entry in files}


def fitted(pictures: Mapping[str, bytes], preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """The pictures as the network sees them: uint8 [N, H, W, 3], in order of name."""
    return np.stack([prepare(pictures[name], preprocessing)[0] for name in sorted(pictures)])


def write(
    folder: Path, pictures: Mapping[str, bytes], images: NDArray[np.uint8], outputs: Mapping[str, Outputs]
) -> None:
    """Write pictures and expectations under the draft `folder`; `outputs` by artifact file."""
    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    for name, data in pictures.items():
        (target / name).write_bytes(data)
    arrays = {f"logits/{file}": one.logits for file, one in outputs.items()}
    everything: dict[str, Any] = {"names": np.array(sorted(pictures)), "images": images, **arrays}
    np.savez_compressed(folder / FILE, **everything)


def read(bundle: ModelBundle) -> Golden:
    """The bundle's expectations. Raises `BundleError` where it has none or they are damaged."""
    if FILE not in bundle.manifest.files:
        raise BundleError(f"{bundle.folder} carries no {FILE}: export it again to get expected outputs")
    try:
        with np.load(io.BytesIO(bundle.checked(FILE)), allow_pickle=False) as arrays:
            logits = {key.removeprefix("logits/"): arrays[key] for key in arrays.files if key.startswith("logits/")}
            return Golden(tuple(str(name) for name in arrays["names"]), arrays["images"], logits)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BundleError(f"{bundle.folder / FILE} can't be read: {error}") from error


def verify(bundle: ModelBundle) -> Iterator[Check]:
    """Check the decoding of the pictures, then each artifact that this machine can run. Raises `BundleError`."""
    golden = read(bundle)
    yield _decoding(bundle, golden)
    for artifact in bundle.manifest.artifacts:
        if artifact.format != "onnx":
            continue
        expected = golden.logits.get(artifact.file)
        if expected is None:
            raise BundleError(f"{bundle.folder / FILE} expects nothing of {artifact.file}: export it again")
        with closing(OnnxBackend(bundle.checked(artifact.file), label=artifact.precision)) as backend:
            yield compared(artifact, backend.runs_on, backend.run(golden.images).logits, expected)


def compared(artifact: Artifact, runs_on: str, logits: Floats, expected: Floats) -> Check:
    """Judge logits [N, species] by the `expected` ones of the same artifact."""
    name = f"{artifact.format} {artifact.precision}"
    allowed = LARGEST_CHANGE[artifact.precision]
    if logits.shape != expected.shape or not np.isfinite(logits).all():
        return Check(name, runs_on, float("inf"), allowed, "the answers aren't numbers, or not as many as expected")
    before, after = (softmax(side, artifact.calibration.temperature) for side in (expected, logits))
    change = float(np.abs(after - before).max())
    worst = int(np.abs(after - before).max(axis=1).argmax())
    problem = "" if change <= allowed else f"picture {worst + 1} moves a probability by {change:.3g}"
    return Check(name, runs_on, change, allowed, problem)


def _decoding(bundle: ModelBundle, golden: Golden) -> Check:
    pictures = {name: bundle.checked(f"{FOLDER}/{name}") for name in golden.names}
    seen = fitted(pictures, bundle.manifest.preprocessing)
    problem, worst = "", 0.0
    if seen.shape != golden.images.shape:
        problem = f"pictures come out as {list(seen.shape)}, expected {list(golden.images.shape)}"
    else:
        change = np.abs(seen.astype(np.int16) - golden.images)
        worst = float(change.max())
        per_picture = change.mean(axis=(1, 2, 3))
        if worst > LARGEST_PIXEL_CHANGE or per_picture.max() > MEAN_PIXEL_CHANGE:
            which = golden.names[int(per_picture.argmax())]
            problem = f"{which} is decoded differently, by {per_picture.max():.2f} levels on average"
    return Check("decoding and geometry", "Pillow", worst, float(LARGEST_PIXEL_CHANGE), problem)
