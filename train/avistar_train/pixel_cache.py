"""Photos as one array on disk, decoded once per size by the function that the runtime uses."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.errors import AvistarError, UsageError
from avistar.images.decode import prepare
from avistar.images.geometry import Pixels
from avistar.manifest import Preprocessing
from avistar.progress import StepProgress
from avistar.split import LabelledPhoto
from avistar_train.dataset import PhotoSet


def load_pixels(
    data: PhotoSet,
    photos: Sequence[LabelledPhoto],
    preprocessing: Preprocessing,
    cache: Path,
    *,
    progress: StepProgress,
) -> Pixels:
    """uint8 [photos, height, width, 3], memory-mapped from `cache`, made there if needed.

    Raises `UsageError` listing the photos that can't be read.
    """
    key = hashlib.sha256(repr((str(data.place), [p.file for p in photos], preprocessing)).encode()).hexdigest()[:16]
    path = cache / f"pixels-{preprocessing.width}-{key}.npy"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        _fill(path, data, photos, preprocessing, progress=progress)
    pixels: Pixels = np.load(path, mmap_mode="r", allow_pickle=False)
    return pixels


def _fill(
    path: Path, data: PhotoSet, photos: Sequence[LabelledPhoto], preprocessing: Preprocessing, *, progress: StepProgress
) -> None:
    shape = (len(photos), preprocessing.height, preprocessing.width, 3)
    temporary = path.with_suffix(".part")
    array = np.lib.format.open_memmap(temporary, "w+", np.uint8, shape)
    problems: list[str] = []

    def read(i: int) -> None:
        try:
            array[i] = prepare(data.source(photos[i]), preprocessing)[0]
        except AvistarError as error:
            problems.append(f"{photos[i].file}: {error}" if data.array is not None else str(error))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.map(read, range(len(photos))), 1):
            progress(f"decoding at {preprocessing.width} px", done, len(photos))
    if problems:
        temporary.unlink()
        listed = "\n  ".join(sorted(problems)[:20])
        raise UsageError(
            "{number} of {total} photos can't be read; mend or remove them:\n  {problems}",
            number=len(problems),
            total=len(photos),
            problems=listed,
        )
    array.flush()
    temporary.replace(path)


def labels(photos: Sequence[LabelledPhoto], species: Sequence[str]) -> NDArray[np.int64]:
    """The index of each photo's species, int64 [photos]."""
    index = {name: i for i, name in enumerate(species)}
    return np.array([index[photo.species] for photo in photos], np.int64)
