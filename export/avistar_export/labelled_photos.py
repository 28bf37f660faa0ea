"""A user's photos as the material of an adoption: some set ranges, some calibrate, some judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.dataset import PhotoPlace, relative_name
from avistar.errors import ImageError, UsageError
from avistar.images.decode import prepare
from avistar.manifest import Manifest, Preprocessing
from avistar.progress import StepProgress
from avistar.scan import Scan, sub_folders
from avistar.species import Species, match_species
from avistar.split import LabelledPhoto, Split
from avistar_export.held_out import Gallery, choose_balanced, labelled_gallery, read_pictures
from avistar_export.int8 import CALIBRATION_PHOTOS
from avistar_export.parity import HeldOut

MOST_PHOTOS = 1000
"""Photos that are taken of a folder, evenly from its species."""
SAMPLE = 120
"""Photos on which presets are compared."""
LEAST = 20
SEED = 20260
UNLABELLED_BASIS = "photos whose species nobody told: what the original answers counts as true"


@dataclass(frozen=True, slots=True)
class PhotoMaterial:
    """Photos below `folder` in three parts: `split.train` sets ranges, the others calibrate and judge.

    Not `labelled`: nobody told what they show, and all but those for ranges judge.
    """

    folder: Path
    species: tuple[Species, ...]
    photos: tuple[LabelledPhoto, ...]
    parts: Split
    labelled: bool

    @property
    def split(self) -> Split | None:
        """What the bundle keeps: which photos set ranges, which calibrated, which judged."""
        return self.parts if self.labelled else None

    def gallery(self, manifest: Manifest, progress: StepProgress) -> Gallery:
        """The photos that calibrate and judge."""
        place, names = PhotoPlace(self.folder), tuple(species.id for species in manifest.species)
        if self.labelled:
            return labelled_gallery(place, self.parts, names, manifest.preprocessing, progress=progress)
        photos = (*self.parts.validation, *self.parts.test)
        images = read_pictures(place, photos, manifest.preprocessing, progress)
        files = tuple(photo.file for photo in photos)
        truth, judging = np.zeros(len(photos), np.int64), np.ones(len(photos), bool)
        return Gallery(images, HeldOut(files, truth, names, judging, UNLABELLED_BASIS, labelled=False))

    def range_pictures(self, preprocessing: Preprocessing, progress: StepProgress) -> NDArray[np.uint8]:
        """Pictures on which the ranges of activations are measured; none of them judges."""
        chosen = choose_balanced(self.parts.train, CALIBRATION_PHOTOS, SEED)
        return read_pictures(PhotoPlace(self.folder), chosen, preprocessing, progress)

    def sample(self, preprocessing: Preprocessing) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Some photos with the numbers of their species: presets are compared on them."""
        chosen = choose_balanced(self.photos, SAMPLE, SEED)
        names = [species.id for species in self.species]
        images = read_pictures(PhotoPlace(self.folder), chosen, preprocessing, lambda *_: None)
        return images, np.array([names.index(photo.species) for photo in chosen], np.int64)


def photo_material(folder: Path, species: Sequence[Species], say: Callable[[str], None]) -> PhotoMaterial:
    """The photos below `folder`. Raises `UsageError` where there are too few to tell anything."""
    if not folder.is_dir():
        raise UsageError(
            "{folder} is no folder: --photos names one with a sub-folder of photos for each species", folder=folder
        )
    found, strange = _labelled(folder, species)
    labelled = bool(found)
    if strange and labelled:
        say(f"{len(strange)} folders name none of the labels and are left out: {', '.join(strange[:5])}")
    if not labelled:
        say(f"no sub-folder of {folder} is named by a label: its photos compare, but calibrate nothing")
        found = [LabelledPhoto(relative_name(file, folder), "") for file in Scan([str(folder)])]
    photos = _readable(folder, choose_balanced(found, MOST_PHOTOS, SEED), say)
    if len(photos) < LEAST:
        raise UsageError(
            "{folder} holds {photos} photos that can be read; at least {least} tell something",
            folder=folder,
            photos=len(photos),
            least=LEAST,
        )
    return PhotoMaterial(folder, tuple(species), photos, _parts(photos, labelled=labelled), labelled)


def _labelled(folder: Path, species: Sequence[Species]) -> tuple[list[LabelledPhoto], list[str]]:
    found, strange = [], []
    for sub in sub_folders(folder):
        try:
            own = match_species(sub.name, species).id
        except UsageError:
            strange.append(sub.name)
            continue
        found += [LabelledPhoto(relative_name(file, folder), own) for file in Scan([str(sub)])]
    return found, strange


def _readable(folder: Path, photos: Sequence[LabelledPhoto], say: Callable[[str], None]) -> tuple[LabelledPhoto, ...]:
    """Those that can be decoded, at a size that costs next to nothing."""
    kept = []
    for photo in photos:
        try:
            prepare(PhotoPlace(folder).path(photo.file), Preprocessing(16, 16))
        except ImageError as error:
            say(f"left out: {error}")
            continue
        kept.append(photo)
    return tuple(kept)


def _parts(photos: Sequence[LabelledPhoto], *, labelled: bool) -> Split:
    """Of five photos of a species, one sets ranges, two calibrate, two judge."""
    places: dict[str, int] = {}
    parts: tuple[list[LabelledPhoto], list[LabelledPhoto], list[LabelledPhoto]] = ([], [], [])
    for photo in photos:
        place = places[photo.species] = places.get(photo.species, -1) + 1
        parts[(1, 2, 0, 1, 2)[place % 5] if labelled else (2, 2, 0)[place % 3]].append(photo)
    return Split(SEED, *map(tuple, parts))
