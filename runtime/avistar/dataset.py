"""Readers of labelled photos: folders by species, the paper's list, AwA2, NumPy arrays.

Labelled photos: what every reader gives and training, inspection and judging take.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avistar.arrays import ArrayError, load_arrays, map_array
from avistar.errors import UsageError
from avistar.images.geometry import Pixels, Source
from avistar.photo_list import PhotoFinder, listed_photos, root_of, table_rows
from avistar.scan import Scan, sub_folders
from avistar.species import Species, normalised
from avistar.species_file import SpeciesList, paper_species, species_called
from avistar.split import LabelledPhoto

GROUPS = "SOURCES.csv"

LABELS = "train.csv"

AWA2 = "JPEGImages"

TRAIN = "train"
"""Where Kaggle's sets have their labelled photos, beside a `test` without labels."""

PARTS = {TRAIN, "test", "val", "valid", "validation"}

AWA2_OTHERS = (
    "blue+whale", "cow", "deer", "dolphin", "elephant", "fox", "giant+panda", "giraffe", "gorilla", "hamster",
    "humpback+whale", "leopard", "lion", "pig", "polar+bear", "rabbit", "sheep", "skunk", "tiger", "zebra",
)  # fmt: skip
"""AwA2's 50 classes without the paper's 30 (Xian et al. 2018, arXiv:1707.00600)."""


def read_data(path: Path, listed: SpeciesList) -> PhotoSet:
    """Read labelled photos, by what `path` holds.

    A folder with sub-folders named by species in any spelling, or with such a folder `train`; a folder with a
    `train.csv`, or a `.csv` file (`Image_id,Animal`), with the pictures beside or below it; AwA2's `JPEGImages`; an
    `.npz` with `pictures` and `labels`, or `pictures.npy` beside `labels.npy`. A `SOURCES.csv` with `file` and
    `group` names photos that a split must keep together. Raises `UsageError`: nothing there, an unknown species, a
    bad array.
    """
    form, place = _form(path)
    if form == "arrays":
        return _read_arrays(place, listed)
    if form == "list":
        return _read_list(place, listed)
    if not place.is_dir():
        raise UsageError("{path} is no folder of photos, and no .csv, .npz or .npy file", path=path)
    return _read_folders(place, listed, AWA2_OTHERS if place.name == AWA2 else ())


def photo_place(path: Path) -> PhotoPlace:
    """Where the photos of the set `path` lie, whatever they show: `read_data` names photos relative to it.

    Raises `UsageError` where there is nothing.
    """
    form, place = _form(path)
    if form == "arrays":
        return PhotoPlace(place, _loaded(place)[0])
    if form == "list":
        return PhotoPlace(root_of(place, (name for name, _ in listed_photos(place))))
    if not place.is_dir():
        raise UsageError("{path} is no folder of photos, and no .csv, .npz or .npy file", path=path)
    return PhotoPlace(place)


def _form(path: Path) -> tuple[Literal["arrays", "list", "folders"], Path]:
    """What kind of set `path` is, and the file or folder that holds it."""
    if path.suffix.lower() in (".npz", ".npy") and path.is_file():
        return "arrays", path
    if path.suffix.lower() == ".csv" and path.is_file():
        return "list", path
    if (path / LABELS).is_file():
        return "list", path / LABELS
    if (path / "pictures.npy").is_file():
        return "arrays", path / "pictures.npy"
    if (path / AWA2).is_dir():
        return "folders", path / AWA2
    parted = path.is_dir() and {one.name.lower() for one in sub_folders(path)} <= PARTS
    return "folders", path / TRAIN if parted and (path / TRAIN).is_dir() else path


def _read_folders(folder: Path, listed: SpeciesList, others: tuple[str, ...] = ()) -> PhotoSet:
    groups = _groups(folder)
    unwanted = set(map(normalised, others)) - {normalised(one.id) for one in listed.species}
    photos, passed_over = [], {}
    for sub in sub_folders(folder):
        files = [relative_name(path, folder) for path in _pictures(sub)]
        if normalised(sub.name) in unwanted:
            passed_over[sub.name] = len(files)
        elif files:
            name = species_called(sub.name, listed)
            photos += [DatasetPhoto(file, name, groups.get(file, file)) for file in files]
    if not photos:
        raise UsageError("{folder} holds no photos: it needs a sub-folder for each species", folder=folder)
    return PhotoSet(folder, tuple(photos), listed, passed_over=passed_over)


def _pictures(folder: Path) -> list[str]:
    """Paths of the pictures below `folder`, as `avistar identify` finds them.

    Raises `UsageError` for a folder that can't be opened.
    """
    scan = Scan([str(folder)])
    found = list(scan)
    if scan.unreadable:
        closed, reason = scan.unreadable[0]
        raise UsageError(
            "{folder} can't be opened ({reason}), so its photos would be missing", folder=closed, reason=reason
        )
    return found


def relative_name(path: str, folder: Path) -> str:
    """The name of a photo relative to its set's folder, as text that every file can hold: see `PhotoPlace`."""
    relative = Path(path).relative_to(folder).as_posix()
    return relative.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _read_list(file: Path, listed: SpeciesList) -> PhotoSet:
    """The paper's form. A listed photo that isn't there is kept: whoever loads it says that it is missing."""
    folder, groups, rows = file.parent, _groups(file.parent), listed_photos(file)
    matched = {animal: species_called(animal, listed) for animal in {animal for _, animal in rows}}
    root = root_of(file, (name for name, _ in rows))
    finder = PhotoFinder(file, (relative_name(path, folder) for path in _pictures(folder)))
    photos: dict[str, DatasetPhoto] = {}
    for name, animal in rows:
        found = finder.find(name)
        path = found if root == folder else _rebased(found, folder, root)
        one = DatasetPhoto(path, matched[animal], groups.get(found, found))
        if photos.setdefault(path, one) is not one:
            raise UsageError(
                "{file} lists {photo} more than once, in several spellings: keep one row", file=file, photo=path
            )
    return PhotoSet(root, tuple(photos.values()), listed)


def _rebased(file: str, folder: Path, root: Path) -> str:
    path = Path(os.path.normpath(Path(os.path.abspath(folder)) / file))  # noqa: PTH100 links stay
    return path.relative_to(root).as_posix()


def _groups(folder: Path) -> dict[str, str]:
    file = folder / GROUPS
    return dict(table_rows(file, "file", "group")) if file.is_file() else {}


_MOST_BYTES = 64_000_000_000
"""Of pictures in one `.npz`, which all go into memory; an `.npy` may be larger."""


def _read_arrays(file: Path, listed: SpeciesList) -> PhotoSet:
    pictures, labels = _loaded(file)
    if pictures.ndim != 4 or pictures.shape[-1] != 3 or pictures.dtype != np.uint8:
        raise UsageError(
            "{file} holds pictures {dtype} {shape}; they must be uint8 [N, H, W, 3], RGB",
            file=file,
            dtype=pictures.dtype,
            shape=pictures.shape,
        )
    if labels.shape != (len(pictures),) or not len(pictures):
        raise UsageError(
            "{file} holds {number} pictures and labels {shape}: each picture needs one",
            file=file,
            number=len(pictures),
            shape=labels.shape,
        )
    if labels.dtype.kind not in "US":
        raise UsageError(
            "{file} has labels of type {dtype}: give the species' names, as np.array(names, dtype=str)",
            file=file,
            dtype=labels.dtype,
        )
    names = [label.decode("utf-8") if isinstance(label, bytes) else str(label) for label in labels]
    matched = {name: species_called(name, listed) for name in set(names)}
    photos = tuple(DatasetPhoto(f"#{i}", matched[name], f"#{i}") for i, name in enumerate(names))
    return PhotoSet(file, photos, listed, array=pictures)


def _loaded(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.generic]]:
    """Pictures and labels; an `.npy` stays on disk, mapped into memory."""
    try:
        if file.suffix.lower() == ".npz":
            arrays = load_arrays(file, most_bytes=_MOST_BYTES)
        else:
            arrays = {"pictures": map_array(file), "labels": np.array(map_array(file.with_name("labels.npy")))}
    except ArrayError as error:
        raise UsageError(
            "{file} can't be read as NumPy arrays ({error}); an .npy of pictures needs a labels.npy "
            "beside it, and Python objects (pickles) are never loaded",
            file=file,
            error=error,
        ) from error
    missing = {"pictures", "labels"} - arrays.keys()
    if missing:
        raise UsageError(
            "{file} needs the arrays 'pictures' and 'labels': {missing} is missing", file=file, missing=min(missing)
        )
    return arrays["pictures"], arrays["labels"]


@dataclass(frozen=True, slots=True)
class DatasetPhoto(LabelledPhoto):
    """One labelled photo with its scene: photos of one `group` must not be parted."""

    group: str


@dataclass(frozen=True, slots=True, eq=False)
class PhotoPlace:
    """Where photos lie: `place` is the folder that their names are relative to, or the file of an array.

    `array` uint8 [N, H, W, 3] RGB where the photos are its rows, named "#0" and on. Bytes of a name that are no
    UTF-8 are written as `\\xff`, since no JSON could hold them.
    """

    place: Path
    array: Pixels | None = None

    def source(self, file: str) -> Source:
        """What `avistar.images` reads the photo called `file` from. Raises `UsageError` for a name that leads out."""
        if self.array is not None:
            number = file.removeprefix("#")
            if not number.isdecimal() or int(number) >= len(self.array):
                raise UsageError("{place} has no picture {file}", place=self.place, file=file)
            row: Pixels = self.array[int(number)]
            return row
        return self.path(file)

    def path(self, file: str) -> Path:
        """The path of the photo called `file`. Raises `UsageError` for a name that leads out of the folder."""
        if Path(file).is_absolute() or ".." in Path(file).parts:
            raise UsageError("the split lists '{name}', which points outside the photo folder", name=file)
        path = self.place / file
        if "\\x" not in file or path.exists():
            return path
        spelled = re.sub(rb"\\x([89a-f][0-9a-f])", lambda found: bytes.fromhex(found[1].decode()), os.fsencode(file))
        return self.place / os.fsdecode(spelled)

    def holds(self, file: str) -> bool:
        """Whether the photo called `file` is there."""
        if self.array is not None:
            return file.removeprefix("#").isdecimal() and int(file.removeprefix("#")) < len(self.array)
        return self.path(file).is_file()


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSet:
    """A set of labelled photos, and how to load each.

    `place` and `array` as in `PhotoPlace`. `passed_over` counts photos of species that the source is known to hold
    beside the wanted ones, by name.
    """

    place: Path
    photos: tuple[DatasetPhoto, ...]
    listed: SpeciesList
    array: Pixels | None = None
    passed_over: dict[str, int] = field(default_factory=dict)

    @property
    def species(self) -> tuple[Species, ...]:
        """The listed species that occur, in the list's order."""
        present = {photo.species for photo in self.photos}
        return tuple(one for one in self.listed.species if one.id in present)

    def source(self, photo: LabelledPhoto) -> Source:
        """What `avistar.images` reads the photo from."""
        return PhotoPlace(self.place, self.array).source(photo.file)

    def content(self, photo: LabelledPhoto) -> bytes:
        """The photo's bytes: its file's, or its row's. Raises `OSError`."""
        if self.array is None:
            return PhotoPlace(self.place).path(photo.file).read_bytes()
        row: Pixels = self.array[int(photo.file.removeprefix("#"))]
        return row.tobytes()

    def fingerprint(self) -> str:
        """SHA-256 over names, species and contents of all photos: what a bundle was trained on. Raises `OSError`."""
        digest = hashlib.sha256()
        for photo in sorted(self.photos, key=lambda p: p.file):
            content = hashlib.sha256(self.content(photo)).hexdigest()
            digest.update(f"{photo.file}\t{photo.species}\t{content}\n".encode())
        return digest.hexdigest()


def unlabelled(folder: Path, files: Sequence[str]) -> PhotoSet:
    """Photos of other animals, which show none of the species; `files` relative to `folder`."""
    return PhotoSet(folder, tuple(DatasetPhoto(file, "", file) for file in files), paper_species())
