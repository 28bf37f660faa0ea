"""What a frozen part makes of a few views of each training photo, computed once and kept on the disk.

View 0 is the photo as it is, each other one is varied as the recipe says. A file for each view, float16, in the run's
folder: like everything there it belongs to one plan, which names all that decides what is in it. What was killed goes
on with the photos that are missing, and the files are gone when their stage is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.errors import AvistarError
from avistar.progress import StepProgress
from avistar_train.augmentation import begin_random_layers
from avistar_train.frozen_part import lower_part
from avistar_train.pixel_cache import reserved
from avistar_train.recipes import Recipe, Stage
from avistar_train.run_folder import RunFolder
from avistar_train.sampling import Batch, LabelledArrays, Sampler, TrainingData
from avistar_train.trap_look import TrapCamera

Kept = NDArray[np.float16]

BATCH = 16
"""Photos that the frozen part looks at together. Random numbers begin anew with each batch."""

FLUSH = 8
"""Batches after which what was computed is safe on the disk."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptViews:
    """Outputs of a frozen part: of `views` of the N training photos float16 [N, ...] each, and of the photos watched.

    Attributes:
        views: View 0 shows the photos as they are, the others varied.
        watched: Outputs for the validation photos as they are.
    """

    views: tuple[Kept, ...]
    watched: Kept


def keep_views(
    network: Any, data: TrainingData, recipe: Recipe, journal: RunFolder, *, number: int, seed: int
) -> KeptViews:
    """Compute what is missing in the journal's folder for stage `number` of `recipe`; its learning layers are unfrozen.

    Raises `AvistarError` where the disk has no room, or where an output is beyond float16.
    """
    stage, folder, progress = recipe.stages[number - 1], journal.folder, journal.progress
    lower = lower_part(network, recipe, size=stage.size, seed=seed)
    looks = [_Look(lower, data.train, TrapCamera(recipe.trap, data.backgrounds), v, seed) for v in range(stage.views)]
    views = tuple(
        look.kept(folder / f"stage{number}.view{look.view}.npy", f"stage {number} view {look.view + 1}", progress)
        for look in looks
    )
    plain = _Look(lower, data.validation, TrapCamera(recipe.trap), 0, seed)
    return KeptViews(views, plain.kept(folder / f"stage{number}.watched.npy", f"stage {number} validation", progress))


def forget_views(folder: Path, number: int) -> None:
    """Remove what was kept for the stage."""
    for pattern in ("view*", "watched.*"):
        for file in folder.glob(f"stage{number}.{pattern}"):
            file.unlink()


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """One view of some photos through the frozen part."""

    lower: Any
    photos: LabelledArrays
    camera: TrapCamera
    view: int
    seed: int

    def kept(self, file: Path, what: str, progress: StepProgress) -> Kept:
        """The outputs in `file`, computed from where an earlier process stopped."""
        if not file.is_file():
            self._compute(file, what, progress)
        outputs: Kept = np.load(file, mmap_mode="r", allow_pickle=False)
        return outputs

    def _compute(self, file: Path, what: str, progress: StepProgress) -> None:
        part, note = file.with_suffix(".part"), file.with_suffix(".rows")
        count = len(self.photos.truth)
        array, done = None, 0
        if part.is_file() and note.is_file():
            array, done = np.lib.format.open_memmap(part, "r+"), int(note.read_text())
        for start in range(done, count, BATCH):
            outputs = self._outputs(start)
            if array is None:
                array = reserved(part, (count, *outputs.shape[1:]), np.float16)
            array[start : start + len(outputs)] = outputs
            progress(what, start + len(outputs), count)
            if start // BATCH % FLUSH == FLUSH - 1:
                array.flush()
                note.write_text(str(start + BATCH))
        if array is not None:
            array.flush()
        part.replace(file)
        note.unlink(missing_ok=True)

    def _outputs(self, start: int) -> Kept:
        """What the frozen part says of a batch; the same for the same seed, view and place."""
        pixels = np.asarray(self.photos.pixels[start : start + BATCH])
        varied = np.full((len(pixels), 1), self.view > 0)
        if self.view and not self.camera.idle:
            rng = np.random.default_rng((self.seed, self.view, start, 1))
            pixels = np.stack([self.camera(one, rng) for one in pixels])
        begin_random_layers(self.lower, self.view * 1_000_003 + start)
        outputs = np.asarray(self.lower.predict_on_batch({"picture": pixels, "varied": varied})).astype(np.float32)
        if not (np.abs(outputs) <= np.finfo(np.float16).max).all():
            raise AvistarError(
                "the frozen layers give values beyond 65,504, too large to be kept: set views=0 in this stage, or name "
                "another layer in unfreeze_from"
            )
        return outputs.astype(np.float16)


class ViewSampler(Sampler):
    """Batches from kept views: each photo by a view that is drawn anew each time; the same for the same seed and epoch.

    Each batch: `kept` float32 [B, ...]; labels float32 [B, species]. Where only the copies of oversampling are varied,
    the originals come by their view 0.
    """

    def __init__(
        self, views: KeptViews, data: LabelledArrays, species: int, recipe: Recipe, *, stage: Stage, seed: int
    ) -> None:
        super().__init__(data, species, recipe, batch=stage.batch, seed=seed)
        self._views = views.views

    def drawn(self, index: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Photos and views of batch `index`, int64 [B] each."""
        photos, varied = self.chosen(index)
        rng = np.random.default_rng((self._seed, self._epoch, index, 2))
        copies_only = self._recipe.augmentation.varies == "copies"
        first = 1 if copies_only and len(self._views) > 1 else 0
        return photos, np.where(varied, rng.integers(first, len(self._views), len(photos)), 0)

    def __getitem__(self, index: int) -> Batch:
        photos, views = self.drawn(index)
        kept = np.stack([self._views[view][photo] for photo, view in zip(photos, views, strict=True)])
        return {"kept": kept.astype(np.float32)}, self._data.wanted(photos, self._species)
