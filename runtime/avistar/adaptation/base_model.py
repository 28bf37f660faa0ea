"""What teaching starts from: a bundle's last layer, its background of other classes, and its kept embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.embedding_store import EmbeddingStore, read_store
from avistar.adaptation.onnx_head import Head, body_sha256, read_head
from avistar.arrays import numbers, read_arrays
from avistar.bundle import ModelBundle
from avistar.errors import BundleError
from avistar.familiarity import log_sum_exp
from avistar.manifest import Artifact, Calibration

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class OtherClasses:
    """The classes that are none of the species: `kernel` float32 [features, classes] and `bias` [classes]."""

    kernel: Array
    bias: Array

    def without(self, columns: set[int]) -> OtherClasses:
        """The others when these have become species."""
        kept = [i for i in range(len(self.bias)) if i not in columns]
        return OtherClasses(self.kernel[:, kept], self.bias[kept])

    def rounded(self) -> OtherClasses:
        """As they will be read from their file."""
        return OtherClasses(self.kernel.astype(np.float16).astype(np.float32), self.bias)

    def write(self, file: Path) -> None:
        """Write them as the reference of a bundle: `kernel` float16 and `bias` in a compressed `.npz`."""
        np.savez_compressed(file, kernel=self.kernel.astype(np.float16), bias=self.bias)


@dataclass(frozen=True, slots=True, eq=False)
class BaseModel:
    """A bundle to be taught; `model` are the bytes of `artifact`, the one that a CPU runs.

    `store` is None for a bundle that carries no embeddings: it can only be given new species, see `session`.
    """

    bundle: ModelBundle
    artifact: Artifact
    model: bytes
    head: Head
    body: str
    store: EmbeddingStore | None
    others: OtherClasses | None

    @classmethod
    def of(cls, bundle: ModelBundle) -> BaseModel:
        """Read what teaching needs. Raises `BundleError` where something is damaged or doesn't fit together."""
        store = read_store(bundle)
        artifact = _artifact(bundle, store)
        model = bundle.checked(artifact.file)
        head, body = read_head(model), body_sha256(model)
        if store is not None and (store.body != body or len(store.scale) != len(head.kernel)):
            raise BundleError(
                "the embeddings of the bundle '{name}' come from another network than its {file}: `avistar train "
                "embeddings` makes them anew",
                name=bundle.manifest.name,
                file=artifact.file,
            )
        if len(head.bias) != len(bundle.manifest.species):
            raise BundleError(
                "{file} answers {number} for {number2} species: export the bundle again",
                file=artifact.file,
                number=len(head.bias),
                number2=len(bundle.manifest.species),
            )
        return cls(bundle, artifact, model, head, body, store, _others(bundle))

    @property
    def ids(self) -> list[str]:
        """Ids of the species, in the order of the last layer."""
        return [species.id for species in self.bundle.manifest.species]

    @property
    def calibration(self) -> Calibration:
        """Temperature and floor of the artifact."""
        return self.artifact.calibration


def familiarity(logits: Array, embedding: Array, others: OtherClasses | None) -> Array:
    """The score behind *unknown* float32 [N], as `avistar.familiarity` gives it."""
    score = log_sum_exp(logits)
    return score if others is None else score - log_sum_exp(embedding @ others.kernel + others.bias)


def _artifact(bundle: ModelBundle, store: EmbeddingStore | None) -> Artifact:
    wanted = (store.precision,) if store is not None else ("int8", "fp32", "fp16")
    for precision in wanted:
        for artifact in bundle.manifest.artifacts:
            if (artifact.format, artifact.precision) == ("onnx", precision):
                return artifact
    raise BundleError(
        "the bundle '{name}' has no ONNX artifact in {names} that could be taught: avistar export onnx {folder}",
        name=bundle.manifest.name,
        names=" or ".join(wanted),
        folder=bundle.folder,
    )


def _others(bundle: ModelBundle) -> OtherClasses | None:
    rule = bundle.manifest.decision
    if rule.familiarity != "background" or rule.reference is None:
        return None
    where = str(bundle.folder / rule.reference)
    arrays = read_arrays(bundle.checked(rule.reference), where)
    kernel, bias = numbers(arrays, "kernel", where, axes=2), numbers(arrays, "bias", where, axes=1)
    return OtherClasses(kernel.astype(np.float32), bias.astype(np.float32))
