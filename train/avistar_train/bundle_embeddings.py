"""Adds to a bundle what it takes to fit its last layer again: its photos as the network sees them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.embedding_store import STORE_FILE, EmbeddingStore, Role, encode_store, encoded, scale_of
from avistar.adaptation.onnx_head import body_sha256
from avistar.backends import Backend, Floats
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import ModelBundle, commit, draft
from avistar.dataset import read_data
from avistar.errors import ImageError, UsageError
from avistar.images.decode import prepare_batch
from avistar.images.geometry import Source
from avistar.manifest import Artifact
from avistar.progress import StepProgress
from avistar.scan import Scan
from avistar.species_file import SpeciesList
from avistar.split import required_split

_BATCH = 16


def add_embeddings(folder: Path, photos: Path, others: Path | None = None, *, progress: StepProgress) -> ModelBundle:
    """Write the store of embeddings of the bundle in `folder`; `photos` and `others` are those of its training.

    The photos of the bundle's split, as the artifact for CPUs sees them, and other animals to measure *unknown*
    with. Raises `UsageError` where photos of the split are missing, `BundleError` for a damaged bundle.
    """
    bundle = ModelBundle.open(folder)
    artifact = taught_artifact(bundle)
    model = bundle.checked(artifact.file)
    split = required_split(bundle)
    data = read_data(photos, SpeciesList(bundle.manifest.species, bundle.manifest.groups))
    parts = {Role.TRAIN: split.train, Role.VALIDATION: split.validation, Role.TEST: split.test}
    sources: list[Source] = [data.source(photo) for some in parts.values() for photo in some]
    species = [photo.species for some in parts.values() for photo in some]
    roles = [role for role, some in parts.items() for _ in some]
    if others is not None:
        strangers = list(Scan([str(others)]))
        sources += strangers
        species += [Path(path).parent.name for path in strangers]
        roles += [Role.OTHER] * len(strangers)
    with closing(OnnxBackend(model, label=artifact.precision)) as backend:
        embedding = _embeddings(backend, sources, bundle, progress)
    trained = np.array(roles, np.uint8)
    scale = scale_of(embedding[trained == Role.TRAIN])
    store = EmbeddingStore(
        codes=encoded(embedding, scale),
        scale=scale,
        species=tuple(species),
        roles=trained,
        groups=("",) * len(species),
        photos=("",) * len(species),
        precision=artifact.precision,
        body=body_sha256(model),
    )
    with draft(folder, bundle) as temporary:
        (temporary / STORE_FILE).write_bytes(encode_store(store))
        return commit(temporary, bundle.manifest, folder)


def taught_artifact(bundle: ModelBundle) -> Artifact:
    """The artifact whose embeddings are kept: what ONNX Runtime runs on a CPU. Raises `UsageError`."""
    for precision in ("int8", "fp32", "fp16"):
        for artifact in bundle.manifest.artifacts:
            if (artifact.format, artifact.precision) == ("onnx", precision):
                return artifact
    raise UsageError(
        "{folder} has no ONNX artifact: avistar export onnx {folder2}", folder=bundle.folder, folder2=bundle.folder
    )


def _embeddings(
    backend: Backend, sources: list[Source], bundle: ModelBundle, progress: StepProgress
) -> NDArray[np.float32]:
    rows: list[Floats] = []
    for start in range(0, len(sources), _BATCH):
        try:
            pixels = prepare_batch(sources[start : start + _BATCH], bundle.manifest.preprocessing)
        except ImageError as error:
            raise UsageError(
                "{error}; the bundle's split lists it: give the photos that training read", error=error
            ) from error
        rows.append(backend.run(pixels).embedding)
        progress("looking at photos", min(start + _BATCH, len(sources)), len(sources))
    return np.concatenate(rows)
