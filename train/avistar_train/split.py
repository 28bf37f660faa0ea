"""Dividing photos so that no scene is on two sides, and taking a stored split back."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from avistar.dataset import GROUPS, DatasetPhoto
from avistar.errors import UsageError
from avistar.message import Message, reason_of
from avistar.split import LabelledPhoto, Split, decode_split

TEST_SHARE = 0.15
"""Share of each species that is kept for the test: the paper's 85/15."""

VALIDATION_SHARE = 0.10
"""Share of each species, out of the 85 %, that chooses temperature, thresholds and blend."""


FEW_CHOOSING = 50
"""Validation photos below which confidences rest on little."""


def divide(photos: Sequence[DatasetPhoto], seed: int) -> Split:
    """Divide `photos` per species, whole groups at a time, the same for the same `seed`.

    The test gets 15 % of each species, in all as many photos as 15 % of everything (largest remainder);
    a group that spans two species trains. Species with three photos or more have one in the test.
    """
    spanning = _spanning_groups(photos)
    free: dict[str, dict[str, list[DatasetPhoto]]] = defaultdict(lambda: defaultdict(list))
    for photo in photos:
        if photo.group not in spanning:
            free[photo.species][photo.group].append(photo)
    counts = {name: sum(map(len, groups.values())) for name, groups in free.items()}
    test_quota = _quotas(counts, TEST_SHARE)
    validation_quota = _quotas(counts, VALIDATION_SHARE)
    parts: dict[str, list[DatasetPhoto]] = {
        "train": [p for p in photos if p.group in spanning],
        "validation": [],
        "test": [],
    }
    for name in sorted(free):
        groups = [free[name][key] for key in sorted(free[name])]
        random.Random(f"{seed}/{name}").shuffle(groups)
        for group in groups:
            parts[_part(test_quota, validation_quota, group)].extend(group)
    by_file = {key: sorted(value, key=lambda p: p.file) for key, value in parts.items()}
    return Split(seed, **{key: tuple(LabelledPhoto(p.file, p.species) for p in part) for key, part in by_file.items()})


def check_parts(split: Split) -> list[Message]:
    """Sentences on species that lack photos to choose or to judge by.

    Raises `UsageError` where none at all is set aside for one of both: nothing could be calibrated, or judged.
    """
    if not split.validation or not split.test:
        raise UsageError(
            "of {number} photos, {validation} are left to choose temperature and threshold and {test} to judge: more "
            "photos of each species are needed, or smaller scenes in {groups}",
            number=len(split.photos), validation=len(split.validation), test=len(split.test), groups=GROUPS,
        )  # fmt: skip
    parts = (split.train, split.validation, split.test)
    listed = {photo.species for photo in split.photos}
    train, choose, judge = (", ".join(sorted(listed - {photo.species for photo in part})) for part in parts)
    if train:
        raise UsageError("no photo of {species} trains: a split needs some of each species there", species=train)
    sentences = []
    if len(split.validation) < FEW_CHOOSING:
        sentences.append(
            Message("only {number} photos calibrate: don't trust the confidences much", number=len(split.validation))
        )
    if choose:
        sentences.append(Message("too few photos, or one scene: no photo of {species} chooses", species=choose))
    if judge:
        sentences.append(
            Message(
                "too few photos, or one scene: no photo of {species} judges, so nobody will know how well the network "
                "tells it",
                species=judge,
            )
        )
    return sentences


def _part(test: dict[str, int], validation: dict[str, int], group: list[DatasetPhoto]) -> str:
    """Take from the quotas of the group's species, test first."""
    name = group[0].species
    for part, quota in (("test", test), ("validation", validation)):
        if quota[name] >= len(group):
            quota[name] -= len(group)
            return part
    return "train"


def _spanning_groups(photos: Sequence[DatasetPhoto]) -> set[str]:
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


def load_split(file: Path, photos: Sequence[LabelledPhoto]) -> Split:
    """The split in `file`, which must divide exactly `photos` under their labels. Raises `UsageError`."""
    try:
        stored = decode_split(file.read_bytes(), str(file))
    except OSError as error:
        raise UsageError("the split {file} can't be read ({reason})", file=file, reason=reason_of(error)) from error
    known = {photo.file: photo.species for photo in photos}
    listed = {photo.file for photo in stored.photos}
    unlisted, vanished = sorted(known.keys() - listed), sorted(listed - known.keys())
    if unlisted or vanished:
        raise UsageError(
            "{file} belongs to other photos: {unlisted} of these aren't in it, {vanished} of its own "
            "aren't here, such as {photo}",
            file=file,
            unlisted=len(unlisted),
            vanished=len(vanished),
            photo=(unlisted + vanished)[0],
        )
    for photo in stored.photos:
        if photo.species != known[photo.file]:
            raise UsageError(
                "{file} says that {photo} shows {species}, its label says {label}",
                file=file,
                photo=photo.file,
                species=photo.species,
                label=known[photo.file],
            )
    return stored
