"""A picture through a detector of ours: decoded once, its animals each as a crop that is seen with its surroundings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from avistar.boxes import Box
from avistar.detector import Detector
from avistar.errors import ImageError
from avistar.identification import Failure
from avistar.images.decode import DecodedPicture, load
from avistar.images.geometry import Crop, Source
from avistar.media.photo import read_photo
from avistar.message import Message
from avistar.records import Medium, Picture, Region

MARGIN = 0.15
"""Share of a box's sides that is added around an animal: decision record 0110."""

DETAIL = 2
"""How many times the detector's side the shorter side of a decoded photo has at least: crops need more than it."""


def found_in_photo(
    path: str | os.PathLike[str], folder: Path, detector: Detector, zone: tzinfo | None = None
) -> Iterator[Picture]:
    """What `detector` finds in one photo of the survey in `folder`, as `found_in` gives it."""
    medium = read_photo(path, folder, zone)
    yield from found_in_source(medium, medium.path, detector)


def found_in_source(medium: Medium, source: Source, detector: Detector) -> Iterator[Picture]:
    """What `detector` finds in a picture that is to be decoded, as `found_in` gives it."""
    try:
        shown = load(source, at_least=DETAIL * detector.manifest.preprocessing.side)
    except ImageError as error:
        yield Picture(medium, Failure(error.fault, str(error)))
        return
    yield from found_in(medium, shown, detector)


def found_in_frames(frames: Iterable[Picture], detector: Detector) -> Iterator[Picture]:
    """What `detector` finds in the frames of a video; what is no frame comes through as it is."""
    for frame in frames:
        if frame.source is None or isinstance(frame.source, Failure):
            yield frame
            continue
        for picture in found_in(frame.medium, load(frame.source), detector):
            yield replace(picture, region=replace(picture.region, time_s=frame.region.time_s))


def found_in(medium: Medium, shown: DecodedPicture, detector: Detector) -> Iterator[Picture]:
    """Each animal of a decoded picture as a crop with its surroundings; persons and vehicles as boxes alone.

    Without any box, the whole picture tentatively: only a name speaks against a blank.
    """
    found = detector.detect_many([shown.pixels])[0]
    if isinstance(found, ImageError):
        name = medium.path or Message("the picture")
        yield Picture(medium, Failure(found.fault, Message("{name}: {error}", name=name, error=found)))
        return
    if not found:
        yield Picture(medium, shown.pixels, flags=shown.flags, tentative=True)
    for box in found:
        region = Region(box)
        if box.category == "animal":
            yield Picture(medium, _crop(shown, box), region, around=shown.pixels, flags=shown.flags)
        else:
            yield Picture(medium, None, region)


def _crop(shown: DecodedPicture, box: Box) -> Crop:
    wide = box.widened(MARGIN)
    return Crop(shown.pixels, wide.left, wide.top, wide.width, wide.height)
