"""A tiny bundle that carries embeddings, and photos of animals that it knows and doesn't know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adaptation_support import photo
from avistar import ModelBundle
from avistar.adaptation import cross_validation
from avistar.adaptation.embedding_store import STORE_FILE, EmbeddingStore, Role, encode_store, encoded, scale_of
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.onnx_head import Head, body_sha256, with_head
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import commit, draft
from avistar.images.decode import prepare
from avistar.species import known_species
from support import tiny_bundle


@pytest.fixture(autouse=True)
def _few_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve mean colours can't tell photos apart as finely as a real network's features do."""
    monkeypatch.setattr(cross_validation, "ALIKE", 0.99999)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> ModelBundle:
    """A bundle that tells wolf, otter and moose apart, with the embeddings of photos that it was made from."""
    folder = tmp_path_factory.mktemp("base") / "tiny"
    bundle = tiny_bundle(folder)
    model = bundle.checked("model.onnx")
    known = ("wolf", "otter", "moose")
    parts = {Role.TRAIN: 12, Role.VALIDATION: 10, Role.TEST: 40}
    named = [(animal, role) for role, count in parts.items() for animal in known for _ in range(count)]
    pictures = [photo(animal, i) for i, (animal, _) in enumerate(named)]
    backend = OnnxBackend(model)
    embedding = backend.run(np.stack([prepare(one, bundle.manifest.preprocessing)[0] for one in pictures])).embedding
    backend.close()
    ids = [species.id for species in known_species()]
    kernel, bias = np.zeros((embedding.shape[1], len(ids)), np.float32), np.full(len(ids), -8, np.float32)
    for animal in known:
        own = embedding[[i for i, (one, _) in enumerate(named) if one == animal]].mean(axis=0)
        kernel[:, ids.index(animal)], bias[ids.index(animal)] = 12 * own, -6 * float(own @ own)
    model = with_head(model, Head(kernel, bias), {})
    scale = scale_of(embedding)
    store = EmbeddingStore(
        codes=encoded(embedding, scale),
        scale=scale,
        species=tuple(animal for animal, _ in named),
        roles=np.array([role for _, role in named], np.uint8),
        groups=("",) * len(named),
        photos=("",) * len(named),
        precision="fp32",
        body=body_sha256(model),
    )
    with draft(folder, bundle) as temporary:
        (temporary / "model.onnx").write_bytes(model)
        (temporary / STORE_FILE).write_bytes(encode_store(store))
        return commit(temporary, bundle.manifest, folder)


@pytest.fixture
def without_embeddings(base: ModelBundle, tmp_path: Path) -> ModelBundle:
    """The same bundle as somebody made it who kept no embeddings."""
    with draft(tmp_path / "bare", base) as temporary:
        (temporary / STORE_FILE).unlink()
        return commit(temporary, replace(base.manifest, files={}), tmp_path / "bare")


@pytest.fixture
def keeping(tmp_path: Path) -> Callable[[], KeptEmbeddings]:
    """Opens a place for embeddings of the test's own."""
    return lambda: KeptEmbeddings(tmp_path / "kept.sqlite")
