"""Photos as one array on disk, decoded once per size by the function that the runtime uses."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.arrays import ArrayError, map_array
from avistar.dataset import PhotoSet
from avistar.errors import AvistarError, UsageError
from avistar.files import in_megabytes
from avistar.images.decode import prepare
from avistar.images.geometry import Pixels
from avistar.manifest import Preprocessing
from avistar.message import reason_of
from avistar.parallel import each_in_order
from avistar.progress import StepProgress
from avistar.split import LabelledPhoto


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
    shape = (len(photos), preprocessing.height, preprocessing.width, 3)
    pixels = _mapped(path, shape)
    if pixels is None:  # none yet, or one that a disk has damaged
        cache.mkdir(parents=True, exist_ok=True)
        _fill(path, data, photos, preprocessing, progress=progress)
        pixels = _mapped(path, shape)
    if pixels is None:
        raise AvistarError("{file} can't be read though it was just written: try another disk with --run", file=path)
    return pixels


def _mapped(path: Path, shape: tuple[int, ...]) -> Pixels | None:
    try:
        pixels = map_array(path)
    except ArrayError:
        return None
    return pixels if pixels.shape == shape and pixels.dtype == np.uint8 else None


@dataclass(frozen=True, slots=True)
class PixelDemand:
    """Photos of a set that are wanted at one size."""

    data: PhotoSet
    photos: Sequence[LabelledPhoto]
    preprocessing: Preprocessing


def decode_all(demands: Sequence[PixelDemand], cache: Path, *, progress: StepProgress) -> None:
    """Fill the cache with all of these before anything is computed from them.

    Raises `UsageError` that lists the photos of all of them that can't be read.
    """
    problems: list[str] = []
    for one in demands:
        try:
            load_pixels(one.data, one.photos, one.preprocessing, cache, progress=progress)
        except UnreadablePhotos as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise UnreadablePhotos(problems, len({(one.data.place, photo.file) for one in demands for photo in one.photos}))


class UnreadablePhotos(UsageError):
    """Photos that can't be read: `problems` has a sentence on each."""

    def __init__(self, problems: Sequence[str], total: int) -> None:
        self.problems = sorted(problems)
        super().__init__(
            "{number} of {total} photos can't be read; mend or remove them:\n  {problems}",
            number=len(problems),
            total=total,
            problems="\n  ".join(self.problems[:SHOWN]),
        )


SHOWN = 20
"""Photos that can't be read, as far as they are named."""


def _fill(
    path: Path, data: PhotoSet, photos: Sequence[LabelledPhoto], preprocessing: Preprocessing, *, progress: StepProgress
) -> None:
    shape = (len(photos), preprocessing.height, preprocessing.width, 3)
    temporary = path.with_suffix(".part")
    array = reserved(temporary, shape, np.uint8)
    problems: list[str] = []

    def read(i: int) -> None:
        try:
            array[i] = prepare(data.source(photos[i]), preprocessing)[0]
        except AvistarError as error:
            problems.append(f"{photos[i].file}: {error}" if data.array is not None else str(error))

    with closing(each_in_order(range(len(photos)), read)) as reading:
        for done, _ in enumerate(reading, 1):
            progress(f"decoding at {preprocessing.width} px", done, len(photos))
    if problems:
        temporary.unlink()
        raise UnreadablePhotos(problems, len(photos))
    array.flush()
    temporary.replace(path)


def reserved(file: Path, shape: tuple[int, ...], kind: type[np.generic]) -> np.memmap[Any, np.dtype[Any]]:
    """A new array in `file`, whose space on the disk is taken before anything is written into it.

    A mapped file on a full disk ends the process by a bus error. Raises `AvistarError` that says how much is missing.
    """
    try:
        array = np.lib.format.open_memmap(file, "w+", kind, shape)
        size = file.stat().st_size
        if hasattr(os, "posix_fallocate"):
            with file.open("r+b") as stream:
                os.posix_fallocate(stream.fileno(), 0, size)
        elif shutil.disk_usage(file.parent).free < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except OSError as error:
        file.unlink(missing_ok=True)
        raise AvistarError(
            "{folder} has no room for what is kept of {number:,} photos ({reason}): {needed} are needed, {free} are "
            "free. Make room, or name a folder on another disk with --run",
            folder=file.parent, number=shape[0], reason=reason_of(error),
            needed=in_megabytes(math.prod(shape) * np.dtype(kind).itemsize),
            free=in_megabytes(shutil.disk_usage(file.parent).free),
        ) from error  # fmt: skip
    return array


def labels(photos: Sequence[LabelledPhoto], species: Sequence[str]) -> NDArray[np.int64]:
    """The index of each photo's species, int64 [photos]."""
    index = {name: i for i, name in enumerate(species)}
    return np.array([index[photo.species] for photo in photos], np.int64)
