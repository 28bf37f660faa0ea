"""A tiny trained bundle with photos: what the export tests work on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from avistar import ModelBundle, Preprocessing
from avistar.bundle import commit, draft
from avistar.manifest import Artifact, Calibration, Manifest
from avistar.species import Species, known_groups

SIDE = 32
COLOURS = {
    "red_fox": (200, 60, 40),
    "green_frog": (60, 170, 60),
    "blue_whale": (50, 80, 190),
    "white_bear": (220, 220, 210),
}
GROUP = known_groups()[0].id
SPECIES = tuple(Species(name, name, name, name, GROUP) for name in COLOURS)


def photo(species: str, number: int) -> Image.Image:
    """A noisy picture in the species' colour; every ninth is hard to tell."""
    rng = np.random.default_rng([number, list(COLOURS).index(species)])
    colour = np.array(COLOURS[species], float)
    weight = 0.35 if number % 9 == 0 else 0.8
    base = weight * colour + (1 - weight) * rng.uniform(0, 255, 3)
    blobs = rng.normal(0, 30, (6, 6, 3)) + base
    image = Image.fromarray(np.clip(blobs, 0, 255).astype(np.uint8))
    return image.resize((44, 36), Image.Resampling.BICUBIC)


def write_photos(folder: Path, each: int) -> list[dict[str, str]]:
    """`each` photos of every species under `folder`, as PNG; the rows of a split."""
    rows = []
    for species in COLOURS:
        (folder / species).mkdir(parents=True)
        for number in range(each):
            file = f"{species}/{number:04d}.png"
            photo(species, number).save(folder / file, compress_level=1)
            rows.append({"file": file, "species": species})
    return rows


def tiny_network(seed: int = 0, kind: str = "uint8") -> Any:
    """Colour arithmetic, two convolutions with normalisation, pooling, a layer of species; fitted in closed form."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = keras.layers
    image = keras.Input((None, None, 3), dtype=kind, name="image")
    x = layers.Rescaling(1 / 58.0, [-2.1, -2.0, -1.8], name="arithmetic")(image)
    x = layers.Conv2D(12, 3, strides=2, padding="same", name="one")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU()(x)
    y = layers.Conv2D(12, 3, padding="same", name="two")(x)
    x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling2D()(x)
    embedding = layers.Identity(name="embedding")(x)
    logits = layers.Dense(len(COLOURS), name="logits")(embedding)
    return keras.Model(image, {"logits": logits, "embedding": embedding})


def fit_head(network: Any, folder: Path, rows: list[dict[str, str]]) -> None:
    """Set the last layer by least squares on the photos of `rows`."""
    from avistar.images.decode import prepare_batch

    images = prepare_batch([folder / row["file"] for row in rows], Preprocessing(SIDE, SIDE))
    features = np.asarray(network.predict_on_batch(images)["embedding"])
    names = list(COLOURS)
    target = np.eye(len(names))[[names.index(row["species"]) for row in rows]] * 8 - 2
    design = np.hstack([features, np.ones((len(features), 1))])
    solution = np.linalg.lstsq(design, target, rcond=None)[0]
    network.get_layer("logits").set_weights([solution[:-1].astype(np.float32), solution[-1].astype(np.float32)])


def publish(network: Any, target: Path, split: dict[str, Any], size: int = SIDE) -> ModelBundle:
    """A bundle as training writes it: the Keras network is its only artifact."""
    manifest = Manifest(
        name="tiny",
        architecture="tiny",
        species=SPECIES,
        groups=known_groups(),
        preprocessing=Preprocessing(size, size),
        artifacts=(Artifact("keras", "fp32", "model.keras", Calibration()),),
    )
    with draft(target) as folder:
        network.save(folder / "model.keras")
        (folder / "analysis").mkdir()
        (folder / "analysis" / "split.json").write_text(json.dumps(split), "utf-8")
        (folder / "README.md").write_text("# tiny\n\nA card.\n", "utf-8")
        return commit(folder, manifest, target)


def split_of(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Every species in each part: a fifth trains, two fifths choose, two fifths judge."""
    parts: dict[str, list[dict[str, str]]] = {"train": [], "validation": [], "test": []}
    for i, row in enumerate(rows):
        parts[("train", "validation", "validation", "test", "test")[i % 5]].append(row)
    return {"seed": 3, **parts}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under `folder` by relative path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
