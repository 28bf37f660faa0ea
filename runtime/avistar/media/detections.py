"""What an animal detector found: MegaDetector batch results, format 1.0 to 1.6.

The format: github.com/agentmorris/MegaDetector, "MegaDetector batch processing output format". Real files
differ in harmless ways (backslashes, numbers for names, sides a hair beyond the edge, a confidence a hair above 1),
which are taken. Boxes that the format allows and that say nothing here are counted and passed over: of categories that
are no animal, person or vehicle, and those that repeat-detection elimination removed by a negative confidence.
Everything else is refused before a run begins, with the place in the file.
"""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from pathlib import Path, PurePosixPath

import msgspec

from avistar.errors import Fault, UsageError
from avistar.files import decoded_name
from avistar.identification import Failure
from avistar.images.geometry import Crop
from avistar.media import speciesnet
from avistar.media.photo import read_photo
from avistar.media.speciesnet import OpinionEntry, speciesnet_results
from avistar.media.video import VIDEO_SUFFIXES
from avistar.message import Message, reason_of
from avistar.records import Box, BoxCategory, Picture, Region, SecondOpinion

CONFIDENCE = 0.2
"""The detector's least confidence for a box to count, where the file recommends none itself."""

_SLACK = 0.05  # how far beyond an edge, in fractions of the picture, a box still is a matter of rounding
_ROUNDED = 1e-3  # how far above 1 a confidence still is a matter of rounding
_MEANINGS: dict[str, BoxCategory] = {
    "animal": "animal",
    "large_detection": "animal",  # what MegaDetector's tools call animals apart by size
    "small_detection": "animal",
    "person": "person",
    "human": "person",
    "vehicle": "vehicle",
    "unknown": "animal",  # what converted SpeciesNet results, and ours, say of a picture without a detector's box
}


class _Box(msgspec.Struct):
    bbox: tuple[float, float, float, float]
    conf: float
    category: str | int
    frame_number: int | None = None


class _Ours(msgspec.Struct):
    file_encoded: str = ""


class _Image(msgspec.Struct):
    file: str
    detections: list[_Box] | None = None
    failure: str | None = None
    avistar: _Ours | None = None
    frame_rate: float | None = None
    second_opinion: OpinionEntry | None = None

    @property
    def name(self) -> str:
        """The file's name: our own files keep the true one beside what other programs can read."""
        return decoded_name(self.avistar.file_encoded) if self.avistar and self.avistar.file_encoded else self.file


class _Info(msgspec.Struct):
    detector: str | None = None
    detector_metadata: dict[str, object] | str | None = None


class _Results(msgspec.Struct):
    images: list[msgspec.Raw]
    detection_categories: dict[str, str]
    info: _Info = msgspec.field(default_factory=_Info)
    from_here: bool = False


@dataclass(frozen=True, slots=True)
class Detected:
    """What the detector says of one file: `boxes`, none for a blank; or why it `failed`.

    `times` in seconds of a video's boxes, in their order. `opinion`: what the program that ran the detector says of it.
    """

    boxes: tuple[Box, ...] = ()
    failed: str = ""
    times: tuple[float, ...] = ()
    opinion: SecondOpinion | None = None


class Detections:
    """A detector's results by file, below the folder that it was run on.

    Entries stay encoded until they are asked for: 100,000 of them take little more than the file.
    `recommended` is the least confidence (0 to 1) that the detector's makers advise. `passed_over`: the number of
    boxes that say nothing here, by category; those that a tool removed stand under "removed", and those in videos
    without their frame's number, whose frames are identified as a whole, under "video without frame_number".
    """

    def __init__(
        self,
        entries: dict[str, msgspec.Raw],
        categories: dict[str, BoxCategory],
        info: _Info,
        passed_over: Mapping[str, int] | None = None,
    ) -> None:
        self.passed_over = dict(passed_over or {})
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
        said = image.second_opinion
        opinion = SecondOpinion(said.label, said.confidence, said.source) if said else None
        least = self.recommended if confidence is None else confidence
        counted = [one for one in image.detections if one.conf >= max(least, 0)]
        placed = [(box, one) for one in counted if (box := _box(one, self._categories)) is not None]
        placed = [(box, one) for box, one in placed if box.width > 0 and box.height > 0]
        if not _is_video(image.file):
            return Detected(tuple(box for box, _ in placed), opinion=opinion)
        timed = [(box, time_s) for box, one in placed if (time_s := _time_s(one, image)) is not None]
        if len(timed) < len(placed):  # its frames are looked at as a whole
            return Detected(tuple(box for box, _ in placed), opinion=opinion)
        return Detected(tuple(box for box, _ in timed), times=tuple(time_s for _, time_s in timed), opinion=opinion)


def read_detections(file: Path, folder: Path) -> Detections:
    """Read and check the results in `file`, whose paths are below `folder` (or absolute, inside it).

    Raises `UsageError` for anything that isn't such a file, naming the place.
    """
    results = _decoded(file, folder)
    categories = _categories(file, results.detection_categories)
    passed_over, entries = Counter[str](), dict[str, msgspec.Raw]()
    failed: set[str] = set()
    for index, raw in enumerate(results.images):
        try:
            image = msgspec.json.decode(raw, type=_Image)
            name = _key(_below(os.path.abspath(image.name) if results.from_here else image.name, folder))  # noqa: PTH100
            passed_over.update(_passed_over(image, categories, results.detection_categories))
        except (ValueError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError("{file}, images[{index}]: {error}", file=file, index=index, error=error) from error
        failure = bool(image.failure) or image.detections is None
        if name in entries and not (failure or name in failed):
            raise UsageError("{file}, images[{index}]: {name} comes twice", file=file, index=index, name=name)
        if name not in entries or not failure:  # a file that failed may have been tried again
            entries[name] = raw
            (failed.add if failure else failed.discard)(name)
    return Detections(entries, categories, results.info, passed_over)


def _decoded(file: Path, folder: Path) -> _Results:
    try:
        data = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise UsageError("{file} can't be read: {error}", file=file, error=reason_of(error)) from error
    try:
        return msgspec.json.decode(data, type=_Results)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if (own := _of_speciesnet(file, data, folder)) is not None:
            return own
        raise UsageError("{file} holds no MegaDetector results: {error}", file=file, error=error) from error


def _of_speciesnet(file: Path, data: bytes, folder: Path) -> _Results | None:
    try:
        own = speciesnet_results(data)
    except ValueError as error:
        raise UsageError("{file}, {error}", file=file, error=error) from error
    if own is None:
        return None
    # SpeciesNet writes paths as it was given them, as a rule from where it was started.
    first = msgspec.json.decode(own.entries[0], type=_Image).file if own.entries else ""
    here, root = os.path.abspath(first), os.path.abspath(folder)  # noqa: PTH100 links stay as the user named them
    from_here = not Path(first).is_absolute() and not (folder / first).exists() and Path(here).is_relative_to(root)
    info = _Info(f"SpeciesNet {own.version}".strip())
    return _Results(own.entries, speciesnet.CATEGORIES, info, from_here=from_here and bool(first))


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
        yield Picture(medium, None, opinion=detected.opinion)
    for box in detected.boxes:
        crop = Crop(medium.path, box.left, box.top, box.width, box.height) if box.category == "animal" else None
        yield Picture(medium, crop, Region(box), opinion=detected.opinion)


def _categories(file: Path, named: dict[str, str]) -> dict[str, BoxCategory]:
    """The categories that say something here. Raises `UsageError` where none does: another kind of detector."""
    known = {id: _MEANINGS[name.casefold()] for id, name in named.items() if name.casefold() in _MEANINGS}
    if named and not known:
        raise UsageError(
            "{file} has boxes of the categories {unknown}; Avistar knows animal, person and vehicle",
            file=file,
            unknown=", ".join(sorted(named.values())),
        )
    return known


def _passed_over(image: _Image, categories: dict[str, BoxCategory], named: dict[str, str]) -> Iterator[str]:
    """Of each box that says nothing, why: its category, or "removed". Raises `ValueError` for what makes no sense."""
    for one in image.detections or ():
        if one.conf < 0:
            yield "removed"
        elif (box := _box(one, categories)) is not None and _is_video(image.file):
            yield from () if _time_s(one, image) is not None else ("video without frame_number",)
        elif box is None:
            yield named.get(str(one.category), str(one.category))


def _is_video(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in VIDEO_SUFFIXES


def _time_s(one: _Box, image: _Image) -> float | None:
    """When in its video a box is."""
    if one.frame_number is None or not image.frame_rate or image.frame_rate < 0:
        return None
    return max(one.frame_number, 0) / image.frame_rate


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


def _box(one: _Box, categories: dict[str, BoxCategory]) -> Box | None:
    """The box, None where its category says nothing here. Raises `ValueError` for what makes no sense."""
    left, top, width, height = one.bbox
    category = categories.get(str(one.category))
    if not 0 <= one.conf <= 1 + _ROUNDED:
        raise ValueError(Message("conf is {conf}, not from 0 to 1", conf=one.conf))
    if min(left, top) < -_SLACK or min(width, height) < 0 or max(left + width, top + height) > 1 + _SLACK:
        raise ValueError(
            Message("bbox {bbox} is not left, top, width and height in fractions of the picture", bbox=list(one.bbox))
        )
    if category is None:
        return None
    return _inside(Box(left, top, width, height, category, min(one.conf, 1.0)))


def _inside(box: Box) -> Box:
    if box.left >= 0 and box.top >= 0 and box.left + box.width <= 1 and box.top + box.height <= 1:
        return box
    left, top = max(box.left, 0.0), max(box.top, 0.0)
    right, bottom = min(box.left + box.width, 1.0), min(box.top + box.height, 1.0)
    return replace(box, left=left, top=top, width=max(right - left, 0.0), height=max(bottom - top, 0.0))
