"""The bundle's split, as pictures: held-out photos for the gate, training photos for ranges.

An artifact's outputs on the held-out photos: run once, calibrated with its own numbers, judged.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Backend, Outputs
from avistar.bundle import ModelBundle
from avistar.dataset import PhotoPlace, photo_place
from avistar.errors import ImageError, UsageError
from avistar.evaluation.metrics import accepting, evaluate, fit_temperature
from avistar.familiarity import Familiarity
from avistar.images.decode import prepare
from avistar.manifest import Calibration, Preprocessing
from avistar.parallel import each_in_order
from avistar.progress import StepProgress
from avistar.split import SPLIT_FILE, LabelledPhoto, Split, required_split
from avistar_export.parity import HeldOut, Side


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Fitted pictures with what they show: `images` uint8 [N + M, H, W, 3] RGB, `held_out` in the same order.

    The N held-out photos come first, then the M training photos that stand in for species with few of them.
    """

    images: NDArray[np.uint8]
    held_out: HeldOut


def trustworthy_split(bundle: ModelBundle) -> Split:
    """The split that training left in the bundle. Raises `UsageError` where it has none or an unusable one."""
    split = required_split(bundle)
    if not split.test or not split.validation:
        raise UsageError(
            "{file} has {validation} validation and {test} test photos: an artifact can't be judged without either",
            file=bundle.folder / SPLIT_FILE,
            validation=len(split.validation),
            test=len(split.test),
        )
    return split


def read_held_out(bundle: ModelBundle, split: Split, photos: Path, progress: StepProgress) -> Gallery:
    """Validation and test photos, read and fitted as the runtime does it. Raises `UsageError`."""
    names = tuple(species.id for species in bundle.manifest.species)
    place = photo_place(photos)
    there = replace(split, train=tuple(photo for photo in split.train if place.holds(photo.file)))
    return labelled_gallery(place, there, names, bundle.manifest.preprocessing, progress=progress)


def labelled_gallery(
    place: PhotoPlace, split: Split, names: tuple[str, ...], preprocessing: Preprocessing, *, progress: StepProgress
) -> Gallery:
    """Validation and test photos of `split`, and training photos where a species has few. Raises `UsageError`."""
    photos, more = (*split.validation, *split.test), stand_ins(split)
    index = {name: i for i, name in enumerate(names)}
    truth, others = (np.array([index[one.species] for one in some], np.int64) for some in (photos, more))
    judging = np.arange(len(photos)) >= len(split.validation)
    images = read_pictures(place, (*photos, *more), preprocessing, progress)
    return Gallery(images, HeldOut(tuple(one.file for one in photos), truth, names, judging, stand_ins=others))


STAND_INS = 5
"""Photos of a species, training ones where too few are held out, on which its logits are compared."""

MOST_STAND_INS = 1000


def stand_ins(split: Split) -> list[LabelledPhoto]:
    """Training photos of the species that have fewer than `STAND_INS` held-out ones, the same every time."""
    lacking = Counter({photo.species: STAND_INS for photo in split.train})
    lacking.subtract(photo.species for photo in (*split.validation, *split.test))
    chosen = []
    for photo in choose_balanced(split.train, len(split.train), split.seed):
        if lacking[photo.species] > 0:
            lacking[photo.species] -= 1
            chosen.append(photo)
    return choose_balanced(chosen, MOST_STAND_INS, split.seed)


def choose_balanced(photos: Sequence[LabelledPhoto], count: int, seed: int) -> list[LabelledPhoto]:
    """At most `count` photos, as evenly from all species as they allow, the same for the same seed."""
    piles: dict[str, list[LabelledPhoto]] = defaultdict(list)
    for photo in sorted(photos, key=lambda p: p.file):
        piles[photo.species].append(photo)
    chance = random.Random(seed)
    for pile in piles.values():
        chance.shuffle(pile)
    chosen: list[LabelledPhoto] = []
    while len(chosen) < min(count, len(photos)):
        for species in sorted(piles):
            if piles[species] and len(chosen) < count:
                chosen.append(piles[species].pop())
    chance.shuffle(chosen)  # ranges are measured in strides, which should each see many species
    return chosen


def read_pictures(
    place: PhotoPlace, photos: Sequence[LabelledPhoto], preprocessing: Preprocessing, progress: StepProgress
) -> NDArray[np.uint8]:
    """Fitted pictures uint8 [N, H, W, 3]. Raises `UsageError` naming the first one that can't be read."""
    shape = (len(photos), preprocessing.height, preprocessing.width, 3)
    images = np.empty(shape, np.uint8)

    def read(photo: LabelledPhoto) -> NDArray[np.uint8]:
        return prepare(place.source(photo.file), preprocessing)[0]

    with closing(each_in_order(photos, read)) as reading:
        try:
            for i, pixels in enumerate(reading):
                images[i] = pixels
                progress("reading photos", i + 1, len(photos))
        except ImageError as error:
            raise UsageError(
                "{error}; the bundle's split lists it: --photos must be the photos that training read", error=error
            ) from error
    return images


BATCH = 8


@dataclass(frozen=True, slots=True)
class Judgement:
    """One side of the gate, with the accuracy that goes into the manifest (fractions, and `photos`)."""

    side: Side
    accuracy: dict[str, float]


def run_all(backend: Backend, images: NDArray[np.uint8], progress: StepProgress, what: str) -> Outputs:
    """Outputs for uint8 [N, H, W, 3], in batches."""
    parts = []
    for start in range(0, len(images), BATCH):
        parts.append(backend.run(images[start : start + BATCH]))
        progress(what, min(start + BATCH, len(images)), len(images))
    return Outputs(np.concatenate([part.logits for part in parts]), np.concatenate([part.embedding for part in parts]))


def judge(name: str, outputs: Outputs, photos: HeldOut, familiarity: Familiarity) -> Judgement:
    """Temperature and familiarity floor from the photos that may choose, accuracy from those that judge.

    `outputs` of the held-out photos, then of the stand-ins, which calibrate and judge nothing, as don't photos whose
    species nobody told. Outputs that aren't numbers get a neutral calibration: the gate names them.
    """
    count = len(photos.files)
    more = outputs.logits[count:]
    outputs = Outputs(outputs.logits[:count], outputs.embedding[:count])
    judgement = _judged(name, outputs, photos, familiarity)
    return replace(judgement, side=replace(judgement.side, stand_ins=more))


def _judged(name: str, outputs: Outputs, photos: HeldOut, familiarity: Familiarity) -> Judgement:
    if not photos.labelled:
        every = np.ones(len(outputs.logits), bool)
        return Judgement(Side(name, outputs, Calibration(calibrated=False), every), {})
    choosing = ~photos.judging
    with np.errstate(invalid="ignore", over="ignore"):
        scores = familiarity(outputs)
    if not (np.isfinite(outputs.logits).all() and np.isfinite(scores).all()):
        return Judgement(Side(name, outputs, Calibration(), np.zeros(len(scores), bool)), {})
    calibration = Calibration(
        fit_temperature(outputs.logits[choosing], photos.truth[choosing]), accepting(scores[choosing])
    )
    report = evaluate(
        outputs.logits[photos.judging], photos.truth[photos.judging], photos.species, calibration.temperature
    )
    kept = ("photos", "top1", "top3", "macro_f1", "calibration_error")
    accuracy = {key: float(value) for key, value in report.summary().items() if key in kept}
    return Judgement(Side(name, outputs, calibration, scores >= calibration.familiarity_floor), accuracy)
