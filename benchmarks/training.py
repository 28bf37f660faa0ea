"""What training costs around the network: the whole loop beside the bare training step, in one run.

    python benchmarks/training.py [--steps 6] [--rounds 3] [--precision float32] [RECIPE...]

For the first stage of each recipe (default: the three `_field` ones): photos per second of the bare step (the network
without augmentation, one fixed batch of that size in memory) and of `fit` (batches drawn from a mapped file, augmented,
resized). Rounds of both take turns; the median round counts.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from avistar_train.backbones import BACKBONES, make_base, unfreeze
from avistar_train.finetune import compiled
from avistar_train.imagenet_head import empty_prior
from avistar_train.network import base_of, computing_in, make_network
from avistar_train.recipes import read_recipe
from avistar_train.sampling import LabelledArrays, Sampler

SPECIES = 30


def mapped_photos(folder: Path, count: int, size: int) -> LabelledArrays:
    """Noise in a mapped file, as the cache of photos is one."""
    file = np.lib.format.open_memmap(folder / f"{count}x{size}.npy", "w+", np.uint8, (count, size, size, 3))
    file[:] = np.random.default_rng(0).integers(0, 256, file.shape, dtype=np.uint8)
    return LabelledArrays(file, np.arange(count) % SPECIES)


def loops(name: str, settings: argparse.Namespace, folder: Path) -> tuple[Callable[[], Any], Callable[[], Any], int]:
    """The bare step and the whole loop, each a function that takes `steps` steps, and the photos of a step."""
    changes = (f"precision={settings.precision}", "training.balance=0", "training.oversampling=false")
    recipe = read_recipe(name, changes)
    stage, row = recipe.stages[0], BACKBONES[recipe.backbone]
    plain = ("flip=false", "rotation_degrees=0", "zoom_in=0", "translation=0", "jitter=0", "grey=0")
    unvaried = (f"cache_size={stage.size}", *(f"augmentation.{change}" for change in plain))
    bare_recipe = read_recipe(name, changes + unvaried)
    with computing_in(settings.precision):
        network = make_network(row, make_base(row, None), empty_prior(row.features, ["x"] * SPECIES), recipe.top)
    unfreeze(base_of(network), stage.unfreeze_from)
    photos = mapped_photos(folder, settings.steps * stage.batch, recipe.cache_size)
    sampler = Sampler(photos, SPECIES, recipe, batch=stage.batch, seed=1)
    whole = compiled(network, recipe, stage, len(sampler), seed=1)
    bare = compiled(network, bare_recipe, stage, len(sampler), seed=1)
    small = mapped_photos(folder, stage.batch, stage.size)
    batch = Sampler(small, SPECIES, bare_recipe, batch=stage.batch, seed=1)[0]
    return (
        lambda: [bare.train_on_batch(*batch) for _ in range(settings.steps)],
        lambda: whole.fit(sampler, epochs=1, verbose=0, shuffle=False),
        stage.batch,
    )


def seconds(work: Callable[[], Any]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print a line for each backbone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=[f"{backbone}_field" for backbone in BACKBONES])
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", default="float32")
    settings = parser.parse_args()
    for name in settings.recipes:
        with tempfile.TemporaryDirectory() as folder:
            bare, whole, batch = loops(name, settings, Path(folder))
            for warm in (bare, whole):
                warm()
            rounds = [(seconds(bare), seconds(whole)) for _ in range(settings.rounds)]
        photos = batch * settings.steps
        fastest = [photos / statistics.median(column) for column in zip(*rounds, strict=True)]
        share = statistics.median(one / other for one, other in rounds)
        print(f"{name}: bare {fastest[0]:.1f}, whole {fastest[1]:.1f} photos/s: {share:.0%}", flush=True)


if __name__ == "__main__":
    main()
