"""Labelled photos: what every reader gives and training, inspection and judging take."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from avistar.images import Pixels, Source
from avistar.species import Group, Species, known_groups, known_species
from avistar.split import LabelledPhoto


@dataclass(frozen=True, slots=True)
class Photo(LabelledPhoto):
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
    photos: tuple[Photo, ...]
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
    return PhotoSet(folder, tuple(Photo(file, "", file) for file in files), paper_species())
