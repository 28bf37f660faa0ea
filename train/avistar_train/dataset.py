"""Readers of labelled photos: folders by species, the paper's list, AwA2, NumPy arrays.

Labelled photos: what every reader gives and training, inspection and judging take.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.images.decode import SUFFIXES
from avistar.images.geometry import Pixels, Source
from avistar.message import reason_of
from avistar.species import Group, Species, known_groups, known_species, match_species, normalised, plain_id, tell_apart
from avistar.split import LabelledPhoto

GROUPS = "SOURCES.csv"

LABELS = "train.csv"

AWA2 = "JPEGImages"

AWA2_OTHERS = (
    "blue+whale", "cow", "deer", "dolphin", "elephant", "fox", "giant+panda", "giraffe", "gorilla", "hamster",
    "humpback+whale", "leopard", "lion", "pig", "polar+bear", "rabbit", "sheep", "skunk", "tiger", "zebra",
)  # fmt: skip
"""AwA2's 50 classes without the paper's 30 (Xian et al. 2018, arXiv:1707.00600)."""


def read_data(path: Path, listed: SpeciesList) -> PhotoSet:
    """Read labelled photos, by what `path` holds.

    A folder with sub-folders named by species in any spelling; a folder with a `train.csv`, or a `.csv` file
    (`Image_id,Animal`), with the pictures beside or below it; AwA2's `JPEGImages`; an `.npz` with `pictures`
    and `labels`, or `pictures.npy` beside `labels.npy`. A `SOURCES.csv` with `file` and `group` names photos
    that a split must keep together. Raises `UsageError`: nothing there, an unknown species, a bad array.
    """
    if path.suffix.lower() in (".npz", ".npy") and path.is_file():
        return _read_arrays(path, listed)
    if path.suffix.lower() == ".csv" and path.is_file():
        return _read_list(path, listed)
    if not path.is_dir():
        raise UsageError("{path} is no folder of photos, and no .csv, .npz or .npy file", path=path)
    if (path / LABELS).is_file():
        return _read_list(path / LABELS, listed)
    if (path / "pictures.npy").is_file():
        return _read_arrays(path / "pictures.npy", listed)
    if path.name == AWA2:
        return _read_folders(path, listed, AWA2_OTHERS)
    return _read_folders(path / AWA2, listed, AWA2_OTHERS) if (path / AWA2).is_dir() else _read_folders(path, listed)


def read_species(file: Path | None) -> SpeciesList:
    """The species to tell apart: the paper's 30 without a `file`, else those that it lists.

    A `.json` file holds `species` and `groups` as `avistar/species.json` does. Any other holds one name a line;
    each is then a group of its own. Raises `UsageError`.
    """
    if file is None:
        return paper_species()
    try:
        raw = file.read_bytes()
        if file.suffix.lower() == ".json":
            listed = msgspec.json.decode(raw, type=SpeciesList)
        else:
            names = [line.strip() for line in raw.decode("utf-8-sig").splitlines() if line.strip()]
            listed = _named_only(names)
    except OSError as error:
        raise UsageError(
            "the species file {file} can't be read ({reason})", file=file, reason=reason_of(error)
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError("{file} is no list of species: {error}", file=file, error=error) from error
    ids = [one.id for one in listed.species]
    strange = {one.group for one in listed.species} - {group.id for group in listed.groups}
    if len(ids) < 2 or len(set(ids)) < len(ids) or strange:
        raise UsageError(
            "{file} lists {number} species, {different} of them different, and {groups} groups that it "
            "doesn't describe: it needs two species at least, each once, with their groups",
            file=file,
            number=len(ids),
            different=len(set(ids)),
            groups=len(strange),
        )
    tell_apart(listed.species, str(file))
    return listed


def _named_only(names: list[str]) -> SpeciesList:
    ids = [plain_id(name) for name in names]
    species = tuple(Species(id, name, name, name, id) for id, name in zip(ids, names, strict=True))
    return SpeciesList(species, tuple(Group(id, name, name) for id, name in zip(ids, names, strict=True)))


def _read_folders(folder: Path, listed: SpeciesList, others: tuple[str, ...] = ()) -> PhotoSet:
    groups = _groups(folder)
    unwanted = set(map(normalised, others)) - {normalised(one.id) for one in listed.species}
    photos, passed_over = [], {}
    for sub in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        files = [path.relative_to(folder).as_posix() for path in _pictures(sub)]
        if normalised(sub.name) in unwanted:
            passed_over[sub.name] = len(files)
            continue
        name = match_species(sub.name, listed.species).id
        photos += [DatasetPhoto(file, name, groups.get(file, file)) for file in files]
    if not photos:
        raise UsageError("{folder} holds no photos: it needs a sub-folder for each species", folder=folder)
    return PhotoSet(folder, tuple(photos), listed, passed_over=passed_over)


def _pictures(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            yield path


def _read_list(file: Path, listed: SpeciesList) -> PhotoSet:
    """The paper's form. A listed photo that isn't there is kept: whoever loads it says that it is missing."""
    folder, groups = file.parent, _groups(file.parent)
    rows = _rows(file, "Image_id", "Animal")
    twice = [name for name, count in Counter(name for name, _ in rows).items() if count > 1]
    if twice:
        raise UsageError(
            "{file} lists {number} photos more than once, such as {photo}: keep one row of each",
            file=file,
            number=len(twice),
            photo=twice[0],
        )
    matched = {animal: match_species(animal, listed.species).id for _, animal in rows}
    where = _places(folder, file.stem, {name for name, _ in rows})
    photos = [(where.get(name, name), matched[animal]) for name, animal in rows]
    return PhotoSet(folder, tuple(DatasetPhoto(path, one, groups.get(path, path)) for path, one in photos), listed)


def _places(folder: Path, stem: str, names: set[str]) -> dict[str, str]:
    """Paths of the named pictures relative to `folder`: beside the list, in a folder of its name, anywhere below."""
    found: dict[str, str] = {}
    # The list's own folder first: the paper's set has the same names again in a folder `test`.
    for root in (folder / stem, folder):
        for path in _pictures(root) if root.is_dir() else ():
            if path.name in names:
                found.setdefault(path.name, path.relative_to(folder).as_posix())
    return found


def _rows(file: Path, first: str, second: str) -> list[tuple[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if not {first, second} <= set(reader.fieldnames or ()):
                raise UsageError(
                    "{file} needs the columns '{first}' and '{second}', it has {found}",
                    file=file,
                    first=first,
                    second=second,
                    found=reader.fieldnames,
                )
            rows = [((row[first] or "").strip(), (row[second] or "").strip()) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError("{file} is no table in UTF-8: {error}", file=file, error=error) from error
    if not rows:
        raise UsageError("{file} has no rows", file=file)
    return rows


def _groups(folder: Path) -> dict[str, str]:
    file = folder / GROUPS
    return dict(_rows(file, "file", "group")) if file.is_file() else {}


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
    matched = {name: match_species(name, listed.species).id for name in set(names)}
    photos = tuple(DatasetPhoto(f"#{i}", matched[name], f"#{i}") for i, name in enumerate(names))
    return PhotoSet(file, photos, listed, array=pictures)


def _loaded(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.generic]]:
    """Pictures and labels; an `.npy` stays on disk, mapped into memory."""
    try:
        if file.suffix.lower() == ".npz":
            with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
                return arrays["pictures"], arrays["labels"]
        beside = file.with_name("labels.npy")
        return np.load(file, mmap_mode="r", allow_pickle=False), np.load(beside, allow_pickle=False)
    except KeyError as error:
        raise UsageError("{file} needs the arrays 'pictures' and 'labels': {error}", file=file, error=error) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(
            "{file} can't be read as NumPy arrays ({error}); an .npy of pictures needs a labels.npy "
            "beside it, and Python objects (pickles) are never loaded",
            file=file,
            error=error,
        ) from error


@dataclass(frozen=True, slots=True)
class DatasetPhoto(LabelledPhoto):
    """One labelled photo with its scene: photos of one `group` must not be parted."""

    group: str


@dataclass(frozen=True, slots=True)
class SpeciesList:
    """The species that labels may name, in the order of the network's outputs, and their groups."""

    species: tuple[Species, ...]
    groups: tuple[Group, ...]


def paper_species() -> SpeciesList:
    """The paper's 30 species."""
    return SpeciesList(known_species(), known_groups())


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSet:
    """A set of labelled photos, and how to load each.

    `place` is the folder that `Photo.file` is relative to, or the file of an array; `array` uint8
    [N, H, W, 3] RGB where the photos are its rows. `passed_over` counts photos of species that the source
    is known to hold beside the wanted ones, by name.
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
        return self.place / photo.file if self.array is None else self.array[int(photo.file.removeprefix("#"))]

    def content(self, photo: LabelledPhoto) -> bytes:
        """The photo's bytes: its file's, or its row's. Raises `OSError`."""
        if self.array is None:
            return (self.place / photo.file).read_bytes()
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
