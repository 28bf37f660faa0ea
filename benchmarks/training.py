"""What training costs around the network: the whole loop beside the bare training step, in one run.

    python benchmarks/training.py [--size 160] [--steps 6] [--rounds 3] [--precision mixed_bfloat16] [BACKBONE...]

For each backbone with its `_field` recipe: photos per second of the bare step (the network without augmentation, one
fixed batch of that size in memory) and of `fit` (batches drawn from a mapped file, augmented, resized). Rounds of both
take turns; the median round counts.
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
from avistar_train.fitting import compiled
from avistar_train.model import base_of, computing_in, make_network
from avistar_train.prior import empty_prior
from avistar_train.recipes import read_recipe
from avistar_train.sampling import Labelled, Sampler

SPECIES = 30


def mapped_photos(folder: Path, count: int, size: int) -> Labelled:
    """Noise in a mapped file, as the cache of photos is one."""
    file = np.lib.format.open_memmap(folder / f"{size}.npy", "w+", np.uint8, (count, size, size, 3))
    file[:] = np.random.default_rng(0).integers(0, 256, file.shape, dtype=np.uint8)
    return Labelled(file, np.arange(count) % SPECIES)


def loops(backbone: str, settings: argparse.Namespace, folder: Path) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The bare step and the whole loop, each a function that takes `steps` steps."""
    changes = (f"precision={settings.precision}", f"stages.0.size={settings.size}", "training.balance=0")
    recipe = read_recipe(f"{backbone}_field", changes)
    plain = ("flip=false", "rotation_degrees=0", "zoom_in=0", "translation=0", "jitter=0", "grey=0")
    unvaried = (f"cache_size={settings.size}", *(f"augmentation.{change}" for change in plain))
    bare_recipe = read_recipe(f"{backbone}_field", changes + unvaried)
    stage, row = recipe.stages[0], BACKBONES[backbone]
    with computing_in(settings.precision):
        network = make_network(row, make_base(row, None), empty_prior(row.features, ["x"] * SPECIES))
    unfreeze(base_of(network), stage.unfreeze_from)
    photos = mapped_photos(folder, settings.steps * stage.batch, recipe.cache_size)
    sampler = Sampler(photos, SPECIES, recipe, batch=stage.batch, seed=1)
    whole = compiled(network, recipe, stage, len(sampler), seed=1)
    bare = compiled(network, bare_recipe, stage, len(sampler), seed=1)
    small = mapped_photos(folder, stage.batch, settings.size)
    batch = Sampler(small, SPECIES, bare_recipe, batch=stage.batch, seed=1)[0]
    return (
        lambda: [bare.train_on_batch(*batch) for _ in range(settings.steps)],
        lambda: whole.fit(sampler, epochs=1, verbose=0, shuffle=False),
    )


def seconds(work: Callable[[], Any]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print a line for each backbone."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backbones", nargs="*", default=list(BACKBONES))
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", default="mixed_bfloat16")
    settings = parser.parse_args()
    for backbone in settings.backbones:
        with tempfile.TemporaryDirectory() as folder:
            bare, whole = loops(backbone, settings, Path(folder))
            for warm in (bare, whole):
                warm()
            rounds = [(seconds(bare), seconds(whole)) for _ in range(settings.rounds)]
        photos = 32 * settings.steps  # the batch of every field recipe
        fastest = [photos / statistics.median(column) for column in zip(*rounds, strict=True)]
        share = statistics.median(one / other for one, other in rounds)
        print(f"{backbone}: bare {fastest[0]:.1f}, whole {fastest[1]:.1f} photos/s: {share:.0%}", flush=True)


if __name__ == "__main__":
    main()
