"""What a larger bundle says of the training photos, as part of what a smaller network learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.arrays import map_array
from avistar.backends.factory import open_backend
from avistar.bundle import ModelBundle
from avistar.decision import softmax
from avistar.errors import UsageError
from avistar.images.geometry import Pixels
from avistar.manifest import Preprocessing
from avistar.progress import StepProgress
from avistar_train.recipes import Teacher
from avistar_train.sampling import Labels, one_hot

BATCH = 16


def check_teacher(folder: Path, species: Sequence[str]) -> ModelBundle:
    """The bundle in `folder`, which must know all of `species`. Raises `UsageError`, `BundleError`."""
    bundle = ModelBundle.open(folder)
    lacking = sorted(set(species) - {one.id for one in bundle.manifest.species})
    if lacking:
        raise UsageError("the teacher {folder} doesn't know {species}", folder=folder, species=", ".join(lacking))
    return bundle


def answers_of(
    bundle: ModelBundle,
    species: Sequence[str],
    pixels_at: Callable[[Preprocessing], Pixels],
    file: Path,
    *,
    progress: StepProgress,
) -> NDArray[np.float32]:
    """The teacher's logits of photos, by the artifact that a CPU runs; kept in `file`.

    Args:
        bundle: The teacher.
        species: Ids in the order of the columns that are wanted; the bundle may know more.
        pixels_at: The photos as uint8 [N, H, W, 3], prepared as the teacher's own preprocessing says.
        file: An `.npy` that is read where it is there, and written where not.
        progress: Hears how far it is.

    Returns:
        Logits float32 [N, species].
    """
    if file.is_file():
        kept: NDArray[np.float32] = map_array(file)
        return kept
    own = [one.id for one in bundle.manifest.species]
    pixels = pixels_at(bundle.manifest.preprocessing)
    rows = []
    with closing(open_backend(bundle, "cpu").backend) as backend:
        for start in range(0, len(pixels), BATCH):
            rows.append(backend.run(np.asarray(pixels[start : start + BATCH])).logits)
            progress("asking the teacher", min(start + BATCH, len(pixels)), len(pixels))
    logits = np.concatenate(rows)[:, [own.index(name) for name in species]].astype(np.float32)
    temporary = file.with_suffix(".part.npy")
    np.save(temporary, logits)
    temporary.replace(file)
    return logits


def targets(logits: NDArray[np.float32], truth: Labels, teacher: Teacher) -> NDArray[np.float32]:
    """Labels float32 [N, species] mixed with the teacher's softened answers, where its first species is the label's.

    Args:
        logits: The teacher's, float32 [N, species].
        truth: The photos' labels, int64 [N].
        teacher: Share and temperature.

    Returns:
        (1 - share) * label + share * softmax(logits / temperature) where the teacher is right, the label elsewhere.
    """
    labels = one_hot(truth, logits.shape[1])
    soft = softmax(logits, teacher.temperature)
    right = (logits.argmax(axis=1) == truth)[:, None]
    mixed: NDArray[np.float32] = np.where(right, labels + teacher.share * (soft - labels), labels).astype(np.float32)
    return mixed
