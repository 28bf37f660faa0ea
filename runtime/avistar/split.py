"""Which photos trained a bundle, which chose, which judge: the file `analysis/split.json`, and a user's own."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from avistar.bundle import ModelBundle
from avistar.errors import UsageError

SPLIT_FILE = "analysis/split.json"


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo: `file` relative to the photo folder (forward slashes; "#" and the row in an array), `species` by id."""

    file: str
    species: str


@dataclass(frozen=True, slots=True)
class Split:
    """Which photos trained, which chose (validation), which judge (test); `seed` decided."""

    seed: int
    train: tuple[LabelledPhoto, ...]
    validation: tuple[LabelledPhoto, ...]
    test: tuple[LabelledPhoto, ...]

    @property
    def photos(self) -> tuple[LabelledPhoto, ...]:
        """All photos."""
        return (*self.train, *self.validation, *self.test)


def encode_split(split: Split) -> bytes:
    """The split as indented UTF-8 JSON."""
    return msgspec.json.format(msgspec.json.encode(split), indent=1) + b"\n"


def decode_split(raw: bytes, where: str) -> Split:
    """Read a split; `where` names its file in errors.

    Raises `UsageError` for what is none, or lets a photo be on two sides.
    """
    try:
        split = msgspec.json.decode(raw, type=Split)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError("{where} is no split: {error}", where=where, error=error) from error
    if len({photo.file for photo in split.photos}) < len(split.photos):
        raise UsageError("{where} lists a photo twice: what judges must not have trained", where=where)
    return split


def seen_files(bundle: ModelBundle) -> frozenset[str]:
    """The files of photos that trained `bundle`, or chose it; none where nobody knows. Raises as `read_split`."""
    split = read_split(bundle)
    return frozenset(photo.file for photo in (*split.train, *split.validation)) if split else frozenset()


def required_split(bundle: ModelBundle) -> Split:
    """The split that training left in the bundle. Raises as `read_split`, and `UsageError` where it has none."""
    split = read_split(bundle)
    if split is None:
        raise UsageError(
            "{folder} has no {split_file}, so nobody knows which photos are held out: use avistar train",
            folder=bundle.folder,
            split_file=SPLIT_FILE,
        )
    return split


def read_split(bundle: ModelBundle) -> Split | None:
    """The split that training left in `bundle`, None where it left none.

    Raises `BundleError` for a damaged file, `UsageError` for one that is no split or names other species.
    """
    if SPLIT_FILE not in bundle.manifest.files:
        return None
    split = decode_split(bundle.checked(SPLIT_FILE), str(bundle.folder / SPLIT_FILE))
    strange = sorted({photo.species for photo in split.photos} - {species.id for species in bundle.manifest.species})
    if strange:
        raise UsageError(
            "{file} names {names}, which the bundle doesn't know",
            file=bundle.folder / SPLIT_FILE,
            names=", ".join(strange[:3]),
        )
    return split
