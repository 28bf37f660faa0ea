"""Golden pictures with expected outputs: written into a bundle, and checked for every artifact of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.arrays import read_arrays
from avistar.backends import Outputs
from avistar.backends.factory import open_artifact
from avistar.bundle import ModelBundle
from avistar.errors import BackendUnavailable
from avistar.images.decode import prepare
from avistar.manifest import Precision, Preprocessing
from avistar.verification import FILE, FOLDER, Check, check_artifact, check_decoding, read_golden


@dataclass(frozen=True, slots=True)
class SkippedPicture:
    """An artifact that this machine can't run, or must not, and why."""

    artifact: str
    reason: str


def shipped_pictures() -> dict[str, bytes]:
    """The pictures that go into every bundle, by file name."""
    folder = resources.files("avistar_export").joinpath("pictures")
    files = sorted((entry for entry in folder.iterdir() if not entry.name.endswith(".md")), key=lambda e: e.name)
    return {entry.name: entry.read_bytes() for entry in files}


def fitted(pictures: Mapping[str, bytes], preprocessing: Preprocessing) -> NDArray[np.uint8]:
    """The pictures as the network sees them: uint8 [N, H, W, 3], in order of name."""
    return np.stack([prepare(pictures[name], preprocessing)[0] for name in sorted(pictures)])


def with_expected(data: bytes, file: str, outputs: Outputs) -> bytes:
    """The expectations file `data` with the logits of one more artifact, or new ones of the same."""
    everything: dict[str, Any] = read_arrays(data, FILE)
    stream = io.BytesIO()
    np.savez_compressed(stream, **{**everything, f"logits/{file}": outputs.logits})
    return stream.getvalue()


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


def verify(bundle: ModelBundle, only: Precision | None = None) -> Iterator[Check | SkippedPicture]:
    """Check the decoding of the pictures, then each artifact that this machine can run, or those of one precision.

    Raises `BundleError`.
    """
    golden = read_golden(bundle)
    yield check_decoding(bundle, golden)
    for artifact in bundle.manifest.artifacts:
        if artifact.format == "keras" or only not in (None, artifact.precision):
            continue
        try:
            backend = open_artifact(bundle, artifact)
        except BackendUnavailable as error:
            yield SkippedPicture(f"{artifact.format} {artifact.precision}", str(error))
            continue
        with closing(backend):
            yield check_artifact(bundle, artifact, backend, golden)
