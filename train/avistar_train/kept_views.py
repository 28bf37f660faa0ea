"""Stages that compute the frozen layers once: what they make of some varied views of each photo is kept on disk.

Where the lower half of a network stays as ImageNet made it, an epoch that computes it anew spends most of its time on
what never changes. With a few views of each photo kept, epochs run the learning layers alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar_train.network import base_of, top_of, varied_pictures, with_dropout
from avistar_train.recipes import Recipe, Stage
from avistar_train.run_folder import RunFolder
from avistar_train.sampling import Batch, LabelledArrays, Sampler, TrainingData
from avistar_train.trap_look import TrapCamera

Activations = NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class KeptViews:
    """What the frozen layers make: `train` float16 [N, H, W, C] for each view, `validation` the same, unvaried."""

    train: Sequence[Activations]
    validation: Activations


def cut_of(base: Any, first: str) -> Any:
    """The tensor at which the frozen layers end: what the first layer whose name starts with `first` takes in.

    Raises:
        UsageError: Later layers need something else of what lies before it, too.
    """
    cut = next(layer for layer in base.layers if layer.name.startswith(first)).input
    try:
        keras.Model(cut, base.output)
    except ValueError as error:
        raise UsageError(
            "{name} can't be parted before '{prefix}', as stages.views needs it: name the first layer of a block",
            name=base.name, prefix=first,
        ) from error  # fmt: skip
    return cut


def make_upper_trainer(network: Any, recipe: Recipe, stage: Stage, *, seed: int) -> Any:
    """A model for `fit`: `activation` [N, H, W, C], as the frozen layers make it, to the logits; shares its layers."""
    base = base_of(network)
    cut = cut_of(base, stage.unfreeze_from)
    activation = keras.Input(_shape(base, cut, stage.size), name="activation")
    x = network.get_layer("features")(keras.Model(cut, base.output)(activation, training=False))
    logits = with_dropout(top_of(network, recipe.top), x, recipe.top.dropout, seed=seed)
    return keras.Model({"activation": activation}, logits, name="trainer")


def _shape(base: Any, cut: Any, size: int) -> tuple[int, ...]:
    shape = keras.Model(base.input, cut).compute_output_shape((None, size, size, 3))
    return tuple(shape[1:])


def kept_views(
    network: Any, data: TrainingData, recipe: Recipe, journal: RunFolder, *, number: int, seed: int
) -> KeptViews:
    """The views of the recipe's stage `number`, from the run's folder or computed into it, one file for each."""
    stage = recipe.stages[number - 1]
    base = base_of(network)
    frozen = keras.Model(base.input, cut_of(base, stage.unfreeze_from))
    files = [journal.folder / f"stage{number}.view{view}.npy" for view in range(stage.views)]
    for view, file in enumerate(files):
        if not file.is_file():
            made = _View(network, frozen, recipe, stage.size, seed=(seed, view), backgrounds=data.backgrounds)
            made.write(file, data.train, journal, f"stage {number} view {view + 1}")
    watched = journal.folder / f"stage{number}.validation.npy"
    if not watched.is_file():
        made = _View(network, frozen, recipe, stage.size, seed=None)
        made.write(watched, data.validation, journal, f"stage {number} validation")
    return KeptViews([np.load(file, mmap_mode="r") for file in files], np.load(watched))


class _View:
    """One view of each photo through the frozen layers; unvaried without a seed."""

    def __init__(
        self,
        network: Any,
        frozen: Any,
        recipe: Recipe,
        size: int,
        *,
        seed: tuple[int, int] | None,
        backgrounds: NDArray[np.uint8] | None = None,
    ) -> None:
        self._seed = seed
        self._camera = TrapCamera(recipe.trap, backgrounds)
        pictures, inputs = varied_pictures(recipe, size=size, seed=0 if seed is None else seed[0] * 1009 + seed[1])
        self._varied = keras.Model(inputs, network.get_layer("arithmetic")(pictures))
        self._frozen = frozen

    def write(self, file: Path, data: LabelledArrays, journal: RunFolder, what: str, batch: int = 32) -> None:
        """Compute the photos' activations in order and keep them in `file`."""
        temporary = file.with_suffix(".part")
        array = None
        for start in range(0, len(data.truth), batch):
            rows = self._activations(np.asarray(data.pixels[start : start + batch]), start)
            if array is None:
                array = np.lib.format.open_memmap(temporary, "w+", np.float16, (len(data.truth), *rows.shape[1:]))
            array[start : start + len(rows)] = rows
            journal.progress(what, start + len(rows), len(data.truth))
        if array is not None:
            array.flush()
        temporary.replace(file)

    def _activations(self, pixels: NDArray[np.uint8], start: int) -> Activations:
        vary = self._seed is not None
        if self._seed is not None and not self._camera.idle:
            rng = np.random.default_rng((*self._seed, start))
            pixels = np.stack([self._camera(one, rng) for one in pixels])
        given = {"picture": pixels, "varied": np.full((len(pixels), 1), vary)}
        pictures = keras.ops.convert_to_numpy(self._varied(given, training=vary))
        rows: Activations = self._frozen.predict_on_batch(pictures).astype(np.float16)
        return rows


class ViewSampler(Sampler):
    """Batches of kept activations, drawn as `Sampler` draws photos, each in a view of its own.

    Each batch: `activation` float16 [B, H, W, C]; labels float32 [B, species].
    """

    def __init__(
        self, data: LabelledArrays, species: int, recipe: Recipe, *, kept: Sequence[Activations], **shown: Any
    ) -> None:
        super().__init__(data, species, recipe, **shown)
        self._kept = kept

    def __getitem__(self, index: int) -> Batch:
        photos = self._entries.index[self._chosen(index)]
        rng = np.random.default_rng((self._seed, self._epoch, index, 2))
        views = rng.integers(len(self._kept), size=len(photos))
        rows = np.stack([self._kept[view][photo] for view, photo in zip(views, photos, strict=True)])
        return {"activation": rows}, self._data.wanted(photos, self._species)
