"""How much memory a set as large as the paper's takes: cached, read in batches, inspected.

    python benchmarks/data.py --photos PHOTOS [--count 13000] [--size 224]

PHOTOS is any data that training reads; its photos are listed again until there are enough. Prints the peak
resident memory (mapped pages of the cache included, which the system may take back) after each step, the bytes of
all pixels, and what inspecting takes beside decoding alone.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from avistar.dataset import PhotoSet, read_data
from avistar.images.decode import load
from avistar.manifest import Preprocessing
from avistar.species_file import paper_species
from avistar_train.inspect_data import HASHED_AT, inspect
from avistar_train.pixel_cache import load_pixels

BATCH = 32


def peak_gb() -> float:
    """Peak resident memory of this process so far, in GB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def silent(what: str, done: int, total: int) -> None:
    """No progress."""


def repeated(data: PhotoSet, count: int) -> PhotoSet:
    """`data` listed again until it has `count` photos."""
    times = -(-count // len(data.photos))
    return replace(data, photos=(data.photos * times)[:count])


def main() -> None:
    """Print memory after each step, and the share of inspecting that isn't decoding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--count", type=int, default=13_000)
    parser.add_argument("--size", type=int, default=224)
    arguments = parser.parse_args()
    once = read_data(arguments.photos, paper_species())
    data = repeated(once, arguments.count)
    preprocessing = Preprocessing(arguments.size, arguments.size)
    print(f"start: peak {peak_gb():.2f} GB")
    with tempfile.TemporaryDirectory() as cache:
        pixels = load_pixels(data, data.photos, preprocessing, Path(cache), progress=silent)
        print(f"{len(pixels):,} photos cached at {arguments.size} px: {pixels.nbytes / 1e9:.2f} GB on disk, "
              f"peak {peak_gb():.2f} GB")  # fmt: skip
        order = np.random.default_rng(0).permutation(len(pixels))
        for start in range(0, len(order), BATCH):
            np.asarray(pixels[np.sort(order[start : start + BATCH])])
        print(f"an epoch in batches of {BATCH}: peak {peak_gb():.2f} GB")
    start = time.perf_counter()
    for photo in once.photos:
        load(once.source(photo), at_least=HASHED_AT)
    decoding = (time.perf_counter() - start) / len(once.photos)
    start = time.perf_counter()
    inspect(data, progress=silent)
    inspecting = (time.perf_counter() - start) / len(data.photos)
    print(f"inspecting {len(data.photos):,} photos: {inspecting / decoding:.2f} times one thread's decoding, "
          f"peak {peak_gb():.2f} GB")  # fmt: skip


if __name__ == "__main__":
    main()
