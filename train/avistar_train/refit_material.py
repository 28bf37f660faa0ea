"""What a last layer is fitted to again: the photos of a bundle's split, camera-trap frames, and other animals."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from avistar.boxes import Box
from avistar.bundle import ModelBundle
from avistar.dataset import read_data
from avistar.detector import Detector
from avistar.errors import ImageError, UsageError
from avistar.images.decode import load
from avistar.media.detector_pictures import DETAIL
from avistar.progress import StepProgress
from avistar.species_file import SpeciesList
from avistar.split import required_split
from avistar_train.refit_views import Sample

_COLUMNS = ("file", "species", "group")
_HAND_HELD = "photo"

OTHER = "other"
NO_ANIMALS = frozenset(("blank", "empty", "vehicle", "person"))
"""What tables call frames without an animal that could have a name."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A camera's frame: `sample.species` is a species' id or "other", "blank", …; `exact` names the animal itself.

    `light` as the table says it: day, infrared, dark, or "".
    """

    sample: Sample
    exact: str
    light: str

    @property
    def animal(self) -> str:
        """What is on it by name: its species, or what `exact` says of another animal; "" where there is none."""
        if self.sample.species in NO_ANIMALS:
            return ""
        return self.exact if self.sample.species == OTHER else self.sample.species


@dataclass(frozen=True, slots=True)
class Material:
    """Samples by what they are for.

    `test` as the bundle's split has them, `later` photos that it doesn't list; `frames` of fixed cameras, known species
    and others.
    """

    test: tuple[Sample, ...]
    later: tuple[Sample, ...]
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the material lies.

    `photos` are those that training read, and later ones; `frames` is a CSV table beside its pictures.
    """

    photos: Path
    frames: Path


def read_material(bundle: ModelBundle, places: Places, detector: Path | None, *, progress: StepProgress) -> Material:
    """Find everything. Raises `UsageError` for what is missing or contradicts itself."""
    photos = places.photos
    split = required_split(bundle)
    data = read_data(photos, SpeciesList(bundle.manifest.species, bundle.manifest.groups))
    known = {photo.file for photo in split.photos}
    there = {photo.file: photo for photo in data.photos}
    lacking = sorted(known - set(there))
    if lacking:
        raise UsageError(
            "{file} is not in {folder}, but the bundle's split lists it: give the photos that training read",
            file=lacking[0],
            folder=photos,
        )

    later = tuple(Sample(photos / one.file, one.species, one.group) for one in data.photos if one.file not in known)
    return Material(
        test=tuple(Sample(photos / one.file, one.species, there[one.file].group) for one in split.test),
        later=later,
        frames=tuple(boxed_frames(places.frames, detector, progress=progress)),
    )


def read_frames(table: Path) -> list[Frame]:
    """The frames that a CSV table lists: `file` beside it, `species`, `group`; `exact`, `light` and `kind` if known.

    Rows whose kind is "photo" are hand-held and left out. Raises `UsageError`.
    """
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError("{file} can't be read as a table of frames: {error}", file=table, error=error) from error
    missing = [name for name in _COLUMNS if not rows or rows[0].get(name) is None]
    if missing:
        raise UsageError(
            "{file} needs rows with the columns {columns}: {missing} is missing",
            file=table,
            columns=", ".join(_COLUMNS),
            missing=", ".join(missing),
        )
    found = []
    for row in rows:
        path = table.parent / row["file"]
        if row.get("kind") == _HAND_HELD:
            continue
        if not path.is_file():
            raise UsageError("{file} lists {photo}, which isn't there", file=table, photo=row["file"])
        sample = Sample(path, row["species"], f"frames {row['group']}")
        found.append(Frame(sample, row.get("exact") or row["species"], row.get("light") or ""))
    return found


def boxed_frames(table: Path, detector: Path | None, *, progress: StepProgress) -> list[Frame]:
    """The frames of a table with the boxes of the detector in a folder, None for the one that ships."""
    frames = read_frames(table)
    with Detector.open(detector) as opened:
        return with_boxes(frames, opened, progress=progress)


def with_boxes(frames: Sequence[Frame], detector: Detector, *, progress: StepProgress) -> list[Frame]:
    """The frames with the surest box of an animal, where `detector` finds one. Raises `UsageError`."""
    found = []
    for done, frame in enumerate(frames, 1):
        try:
            pixels = load(frame.sample.path, at_least=DETAIL * detector.manifest.preprocessing.side).pixels
        except ImageError as error:
            raise UsageError("{error}; take it out of the table of frames", error=error) from error
        boxes = detector.detect_many([pixels])[0]
        if isinstance(boxes, ImageError):
            raise UsageError("{error}; take it out of the table of frames", error=boxes) from boxes
        found.append(replace(frame, sample=replace(frame.sample, box=_surest(boxes))))
        progress("looking for animals", done, len(frames))
    return found


def _surest(boxes: Sequence[Box]) -> Box | None:
    animals = [box for box in boxes if box.category == "animal"]
    return max(animals, key=lambda box: box.confidence, default=None)
