"""What an animal detector found: MegaDetector batch results, format 1.0 to 1.6.

The format: github.com/agentmorris/MegaDetector, "MegaDetector batch processing output format". Real files
differ in harmless ways (backslashes, numbers for names, sides a hair beyond the edge), which are taken;
everything else is refused before a run begins, with the place in the file.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path, PurePosixPath

import msgspec

from avistar.errors import Fault, UsageError
from avistar.identification import Failure
from avistar.images.geometry import Crop
from avistar.media.photo import read_photo
from avistar.message import Message, reason_of
from avistar.records import Box, BoxCategory, Picture, Region

CONFIDENCE = 0.2
"""The detector's least confidence for a box to count, where the file recommends none itself."""

_SLACK = 0.05  # how far beyond an edge, in fractions of the picture, a box still is a matter of rounding
_MEANINGS: dict[str, BoxCategory] = {
    "animal": "animal",
    "person": "person",
    "human": "person",
    "vehicle": "vehicle",
    "unknown": "animal",  # what converted SpeciesNet results, and ours, say of a picture without a detector's box
}


class _Box(msgspec.Struct):
    bbox: tuple[float, float, float, float]
    conf: float
    category: str | int


class _Image(msgspec.Struct):
    file: str
    detections: list[_Box] | None = None
    failure: str | None = None


class _Info(msgspec.Struct):
    detector: str | None = None
    detector_metadata: dict[str, object] | str | None = None


class _Results(msgspec.Struct):
    images: list[msgspec.Raw]
    detection_categories: dict[str, str]
    info: _Info = msgspec.field(default_factory=_Info)


@dataclass(frozen=True, slots=True)
class Detected:
    """What the detector says of one file: `boxes`, none for a blank; or why it `failed`."""

    boxes: tuple[Box, ...] = ()
    failed: str = ""


class Detections:
    """A detector's results by file, below the folder that it was run on.

    Entries stay encoded until they are asked for: 100,000 of them take little more than the file.
    `recommended` is the least confidence (0 to 1) that the detector's makers advise.
    """

    def __init__(self, entries: dict[str, msgspec.Raw], categories: dict[str, BoxCategory], info: _Info) -> None:
        self._entries = entries
        self._categories = categories
        self.detector = info.detector or ""
        advice = info.detector_metadata
        typical = advice.get("typical_detection_threshold") if isinstance(advice, dict) else None
        self.recommended = float(typical) if isinstance(typical, int | float) and 0 < typical < 1 else CONFIDENCE

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, relative: str) -> bool:
        return _key(relative) in self._entries

    def files(self) -> Iterator[str]:
        """The files that the detector was given, below its folder, with "/" between the parts."""
        yield from self._entries

    def of(self, relative: str, confidence: float | None = None) -> Detected | None:
        """What was found in one file, None if the detector never saw it.

        Boxes count from `confidence` (0 to 1) on; by default from the recommended one.
        """
        raw = self._entries.get(_key(relative))
        if raw is None:
            return None
        image = msgspec.json.decode(raw, type=_Image)
        if image.failure or image.detections is None:
            return Detected(failed=image.failure or "it gave no reason")
        least = self.recommended if confidence is None else confidence
        boxes = (_box(one, self._categories) for one in image.detections if one.conf >= least)
        return Detected(tuple(box for box in boxes if box.width > 0 and box.height > 0))


def read_detections(file: Path, folder: Path) -> Detections:
    """Read and check the results in `file`, whose paths are below `folder` (or absolute, inside it).

    Raises `UsageError` for anything that isn't such a file, naming the place.
    """
    try:
        results = msgspec.json.decode(file.read_bytes().removeprefix(b"\xef\xbb\xbf"), type=_Results)
    except OSError as error:
        raise UsageError("{file} can't be read: {error}", file=file, error=reason_of(error)) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError("{file} holds no MegaDetector results: {error}", file=file, error=error) from error
    categories = _categories(file, results.detection_categories)
    entries: dict[str, msgspec.Raw] = {}
    for index, raw in enumerate(results.images):
        try:
            name = _checked(raw, categories, folder)
        except (ValueError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError("{file}, images[{index}]: {error}", file=file, index=index, error=error) from error
        if name in entries:
            raise UsageError("{file}, images[{index}]: {name} comes twice", file=file, index=index, name=name)
        entries[name] = raw
    return Detections(entries, categories, results.info)


def detected_pictures(
    path: str | os.PathLike[str], folder: Path, detected: Detected, zone: tzinfo | None = None
) -> Iterator[Picture]:
    """A photo's animals, each as a crop of its own; what else was found there; or that it is blank.

    A photo on which the detector failed is a `Failure`: nobody looked whether there is an animal.
    """
    medium = read_photo(path, folder, zone)
    if detected.failed:
        yield Picture(medium, Failure(Fault.UNREADABLE, f"{medium.path}: the detector failed ({detected.failed})"))
    elif not detected.boxes:
        yield Picture(medium, None)
    for box in detected.boxes:
        crop = Crop(medium.path, box.left, box.top, box.width, box.height) if box.category == "animal" else None
        yield Picture(medium, crop, Region(box))


def _categories(file: Path, named: dict[str, str]) -> dict[str, BoxCategory]:
    unknown = sorted(name for name in named.values() if name.casefold() not in _MEANINGS)
    if unknown:
        raise UsageError(
            "{file} has boxes of the categories {unknown}; Avistar knows animal, person and vehicle",
            file=file,
            unknown=", ".join(unknown),
        )
    return {id: _MEANINGS[name.casefold()] for id, name in named.items()}


def _checked(raw: msgspec.Raw, categories: dict[str, BoxCategory], folder: Path) -> str:
    """The entry's key, once all of it makes sense."""
    image = msgspec.json.decode(raw, type=_Image)
    for one in image.detections or ():
        _box(one, categories)
    return _key(_below(image.file, folder))


def _below(name: str, folder: Path) -> str:
    """`name` below `folder`, with "/" between its parts."""
    parts = PurePosixPath(name.replace("\\", "/") if "/" not in name else name)
    root = PurePosixPath(Path(os.path.abspath(folder)).as_posix())  # noqa: PTH100 links stay as the user named them
    if parts.is_relative_to(root):
        parts = parts.relative_to(root)
    if parts.is_absolute() or ".." in parts.parts or not parts.parts:
        raise ValueError(Message("'{name}' is not below {folder}", name=name, folder=folder))
    return parts.as_posix()


def _key(relative: str) -> str:
    # One file's name may be composed or decomposed, depending on the system that listed it.
    return unicodedata.normalize("NFC", relative)


def _box(one: _Box, categories: dict[str, BoxCategory]) -> Box:
    left, top, width, height = one.bbox
    category = categories.get(str(one.category))
    if category is None:
        raise ValueError(Message("category '{category}' is not among detection_categories", category=one.category))
    if not 0 <= one.conf <= 1:
        raise ValueError(Message("conf is {conf}, not from 0 to 1", conf=one.conf))
    if min(left, top) < -_SLACK or min(width, height) < 0 or max(left + width, top + height) > 1 + _SLACK:
        raise ValueError(
            Message("bbox {bbox} is not left, top, width and height in fractions of the picture", bbox=list(one.bbox))
        )
    return _inside(Box(left, top, width, height, category, one.conf))


def _inside(box: Box) -> Box:
    if box.left >= 0 and box.top >= 0 and box.left + box.width <= 1 and box.top + box.height <= 1:
        return box
    left, top = max(box.left, 0.0), max(box.top, 0.0)
    right, bottom = min(box.left + box.width, 1.0), min(box.top + box.height, 1.0)
    return replace(box, left=left, top=top, width=max(right - left, 0.0), height=max(bottom - top, 0.0))
