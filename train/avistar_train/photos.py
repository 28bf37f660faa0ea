"""Labelled photos: a folder named by species, and the split that never shares a scene."""

from __future__ import annotations

import csv
import hashlib
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avistar.errors import UsageError
from avistar.images import SUFFIXES
from avistar.species import Species, match_species

TEST_SHARE = 0.15
"""Share of each species that is kept for the test: the paper's 85/15."""

VALIDATION_SHARE = 0.10
"""Share of each species, out of the 85 %, that chooses temperature, thresholds and blend."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One labelled photo: `file` relative to the data folder (forward slashes), `group` its scene."""

    file: str
    species: str
    group: str


@dataclass(frozen=True, slots=True)
class Split:
    """Which photos train, which choose (validation), which judge (test)."""

    seed: int
    train: tuple[Photo, ...]
    validation: tuple[Photo, ...]
    test: tuple[Photo, ...]

    def as_data(self) -> dict[str, object]:
        """Plain JSON data: the seed, and file and species of each photo by part."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        rows = {name: [{"file": p.file, "species": p.species} for p in part] for name, part in parts.items()}
        return {"seed": self.seed, **rows}


def read_folder(folder: Path, species: Sequence[Species]) -> tuple[Photo, ...]:
    """List the photos of `folder`, whose sub-folders are named by species in any spelling.

    A `SOURCES.csv` with columns `file` and `group` names the scenes; without one each photo is its own.
    Raises `UsageError` for an unknown name, a missing folder, or a folder without photos.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: give one with a sub-folder of photos for each species")
    groups = _groups(folder / "SOURCES.csv")
    photos = []
    for sub in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        name = match_species(sub.name, species).id
        for path in sorted(sub.rglob("*")):
            if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
                file = path.relative_to(folder).as_posix()
                photos.append(Photo(file, name, groups.get(file, file)))
    if not photos:
        raise UsageError(f"{folder} holds no photos: it needs a sub-folder for each species")
    return tuple(photos)


def _groups(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if not {"file", "group"} <= set(reader.fieldnames or ()):
            raise UsageError(f"{path} needs the columns 'file' and 'group', it has {reader.fieldnames}")
        return {row["file"]: row["group"] for row in reader}


def split(photos: Sequence[Photo], seed: int) -> Split:
    """Divide `photos` per species, whole groups at a time, the same for the same `seed`.

    The test gets 15 % of each species, in all as many photos as 15 % of everything (largest remainder);
    a group that spans two species trains. Species with three photos or more have one in the test.
    """
    spanning = _spanning_groups(photos)
    free: dict[str, dict[str, list[Photo]]] = defaultdict(lambda: defaultdict(list))
    for photo in photos:
        if photo.group not in spanning:
            free[photo.species][photo.group].append(photo)
    counts = {name: sum(map(len, groups.values())) for name, groups in free.items()}
    test_quota = _quotas(counts, TEST_SHARE)
    validation_quota = _quotas(counts, VALIDATION_SHARE)
    parts: dict[str, list[Photo]] = {"train": [p for p in photos if p.group in spanning], "validation": [], "test": []}
    for name in sorted(free):
        groups = [free[name][key] for key in sorted(free[name])]
        random.Random(f"{seed}/{name}").shuffle(groups)
        for group in groups:
            parts[_part(parts, test_quota, validation_quota, group)].extend(group)
    by_file = {key: tuple(sorted(value, key=lambda p: p.file)) for key, value in parts.items()}
    return Split(seed, **by_file)


def _part(parts: dict[str, list[Photo]], test: dict[str, int], validation: dict[str, int], group: list[Photo]) -> str:
    """Take from the quotas of the group's species, test first."""
    name = group[0].species
    for part, quota in (("test", test), ("validation", validation)):
        if quota[name] >= len(group):
            quota[name] -= len(group)
            return part
    return "train"


def _spanning_groups(photos: Sequence[Photo]) -> set[str]:
    species: dict[str, set[str]] = defaultdict(set)
    for photo in photos:
        species[photo.group].add(photo.species)
    return {group for group, names in species.items() if len(names) > 1}


def _quotas(counts: dict[str, int], share: float) -> dict[str, int]:
    """Whole numbers near `share` of each count that add up to `share` of the total (Hamilton's method)."""
    quotas = {name: int(count * share) for name, count in counts.items()}
    missing = round(sum(counts.values()) * share) - sum(quotas.values())
    by_remainder = sorted(counts, key=lambda name: (-(counts[name] * share - quotas[name]), name))
    for name in by_remainder[:missing]:
        quotas[name] += 1
    return {name: max(quota, 1) if counts[name] >= 3 else 0 for name, quota in quotas.items()}


def data_hash(folder: Path, photos: Sequence[Photo]) -> str:
    """SHA-256 over names, species and contents of all photos: what a bundle was trained on."""
    digest = hashlib.sha256()
    for photo in sorted(photos, key=lambda p: p.file):
        content = hashlib.sha256((folder / photo.file).read_bytes()).hexdigest()
        digest.update(f"{photo.file}\t{photo.species}\t{content}\n".encode())
    return digest.hexdigest()
