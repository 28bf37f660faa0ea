"""Photos of made-up animals, for the tests of teaching."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from avistar import ModelBundle
from avistar.adaptation.embedding_store import STORE_FILE, EmbeddingStore, Role, encode_store, encoded, scale_of
from avistar.adaptation.onnx_head import Head, body_sha256, with_head
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import commit, draft
from avistar.images.decode import prepare
from avistar.species import known_species
from support import tiny_bundle

COLOURS = {
    "wolf": ((200, 40, 40), (60, 60, 60)),
    "otter": ((40, 200, 40), (60, 60, 60)),
    "moose": ((40, 40, 200), (60, 60, 60)),
    "red_fox": ((230, 230, 20), (230, 230, 20)),
    "Wild Boar": ((20, 20, 20), (220, 220, 220)),
}
"""The colours of the left and the right half of each animal's photos."""


def photo(animal: str, number: int, size: tuple[int, int] = (40, 32)) -> Image.Image:
    """A noisy picture of `animal`; every number another one."""
    rng = np.random.default_rng([number, list(COLOURS).index(animal)])
    pixels = np.zeros((size[1], size[0], 3))
    for half, colour in enumerate(COLOURS[animal]):
        part = slice(None, size[0] // 2) if half == 0 else slice(size[0] // 2, None)
        pixels[:, part] = np.array(colour) + rng.normal(0, 8, 3)
    pixels += rng.normal(0, 12, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def write_photos(folder: Path, animals: dict[str, int], first: int = 1000) -> Path:
    """Photos in sub-folders named by animal, so many of each."""
    for animal, count in animals.items():
        (folder / animal).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            photo(animal, first + number).save(folder / animal / f"{number:03d}.png")
    return folder


def write_base(folder: Path) -> ModelBundle:
    """A bundle that tells wolf, otter and moose apart, with the embeddings of photos that it was made from."""
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
