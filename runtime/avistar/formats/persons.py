"""Photos of persons in what is handed on: left out, or with the persons made unrecognisable."""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageFilter
from PIL.ExifTags import IFD, Base

from avistar.boxes import Box
from avistar.formats.final_answer import answers_of
from avistar.images.decode import load
from avistar.message import Message
from avistar.records import Medium, Record, Records, Review

PersonsChoice = Literal["keep", "blur", "leave_out"]

BLURRED_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
MARGIN = 0.2
"""Share of a person's box that is blurred around it: boxes are rarely exact."""
CELLS = 6
"""A person is first reduced to so many patches along the longer side, which no sharpening brings back."""
WHOLE_PICTURE = Box(0.0, 0.0, 1.0, 1.0, "person")
"""Where a person is whom nobody drew a box around."""

_FACTS = (Base.Make, Base.Model, Base.DateTime)
_CAPTURE_FACTS = (
    Base.DateTimeOriginal, Base.DateTimeDigitized, Base.OffsetTime, Base.OffsetTimeOriginal, Base.OffsetTimeDigitized,
    Base.SubsecTime, Base.SubsecTimeOriginal, Base.SubsecTimeDigitized, Base.BodySerialNumber, Base.ExposureTime,
    Base.FNumber, Base.ISOSpeedRatings, Base.Flash,
)  # fmt: skip
"""What a blurred copy keeps of its metadata: when, with what, and (all of GPS) where. Thumbnails, the makers' own
notes and other packets may hold the picture as it was."""


NO_PERSONS = Message(
    "no person is known in any of them, and the detector that comes with Avistar finds animals only: name persons in "
    "a review, or use a detector that finds persons, such as MegaDetector"
)
"""What is said where persons were to be blurred or left out, and none are known."""


def persons_choice(*, leave_out: bool, blur: bool) -> PersonsChoice:
    """What two switches come to; leaving out goes before blurring."""
    return "leave_out" if leave_out else "blur" if blur else "keep"


def persons_in(record: Record) -> tuple[Box, ...]:
    """Where persons are in a medium, by people's word before a detector's; `WHOLE_PICTURE` for somewhere in it.

    Of a person whom somebody saw without drawing a box, a detector's boxes tell the place where there are enough.
    """
    said = [one for answer, one in answers_of(record) if answer.kind == "person"]
    found = [box for box in record.detections if box.category == "person"]
    boxes = [one.box for one in said if one.box is not None]
    somewhere = sum(one.count or 1 for one in said if one.box is None)
    if somewhere > len(found):
        return (WHOLE_PICTURE,)
    if somewhere or _beside_a_vehicle(record.review):
        boxes += found
    return tuple(dict.fromkeys(boxes))


def _beside_a_vehicle(review: Review | None) -> bool:
    """Whether somebody named a vehicle and no person: nothing was said of whoever stands beside it."""
    kinds = {one.kind for one in review.statement} if review is not None else set()
    return "vehicle" in kinds and "person" not in kinds


def can_blur(medium: Medium) -> bool:
    """Whether a medium is in a form that can be written again: JPEG or PNG."""
    return medium.kind == "photo" and Path(medium.path).suffix.lower() in BLURRED_FORMATS


@dataclass(slots=True)
class ShareableRecords:
    """Those of `records` that may be handed on by a choice about persons; can be read again and again.

    Attributes:
        records: All records; read anew for each reading.
        persons: "leave_out" drops media of persons, "blur" those of them that can't be blurred, "keep" none.
        left_out: How many the last reading dropped.
        whole: How many photos of the last reading have a person without a place, so that all of them is blurred.
        read: How many records there were in the last reading, `seen` in how many of them persons are.
    """

    records: Records
    persons: PersonsChoice
    left_out: int = field(default=0, init=False)
    whole: int = field(default=0, init=False)
    read: int = field(default=0, init=False)
    seen: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Record]:
        self.left_out = self.whole = self.read = self.seen = 0
        for record in self.records:
            boxes = persons_in(record) if self.persons != "keep" else ()
            self.read += 1
            self.seen += bool(boxes)
            if boxes and (self.persons == "leave_out" or not can_blur(record.medium)):
                self.left_out += 1
                continue
            self.whole += WHOLE_PICTURE in boxes
            yield record

    @property
    def notes(self) -> tuple[Message, ...]:
        """What the user should know of the last reading."""
        said = ((self.left_out, left_out_for_persons(self.left_out)), (self.whole, blurred_whole(self.whole)))
        unseen = self.persons != "keep" and self.read and not self.seen
        return (*(message for number, message in said if number), *([NO_PERSONS] if unseen else []))


def left_out_for_persons(number: int) -> Message:
    """What is said of media that are left out for the persons in them."""
    return Message.counted("{number:,} left out: a person is in it", "{number:,} left out: persons are in them", number)


def blurred_whole(number: int) -> Message:
    """What is said of photos that show a person nobody drew a box around."""
    return Message.counted(
        "{number:,} blurred from edge to edge: a person is in it, but no box says where",
        "{number:,} blurred from edge to edge: persons are in them, but no box says where",
        number,
    )


def blurred(photo: Path, persons: tuple[Box, ...]) -> bytes:
    """The photo's file with its persons blurred, upright, with no metadata but when, where and with what it was taken.

    Raises `ImageError` for a photo that can't be read.
    """
    image = Image.fromarray(load(photo).pixels)
    for box in persons:
        wide = box.widened(2 * MARGIN)
        left, top = math.floor(wide.left * image.width), math.floor(wide.top * image.height)
        right = math.ceil((wide.left + wide.width) * image.width)
        bottom = math.ceil((wide.top + wide.height) * image.height)
        part = image.crop((left, top, right, bottom))
        scale = CELLS / max(part.size)
        patches = part.resize((max(1, round(part.width * scale)), max(1, round(part.height * scale))))
        smooth = patches.resize(part.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2))
        image.paste(smooth, (left, top))
    stream = io.BytesIO()
    image.save(stream, BLURRED_FORMATS[photo.suffix.lower()], quality=90, exif=_facts_of(photo))
    return stream.getvalue()


def _facts_of(photo: Path) -> bytes:
    """The metadata that a blurred copy keeps, as EXIF; empty where there is none, or none that can be written again."""
    kept = Image.Exif()
    try:
        with Image.open(photo) as image:
            exif = image.getexif()
            capture, place = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
        kept.update(_some(exif, _FACTS))
        kept[IFD.Exif] = _some(capture, _CAPTURE_FACTS)
        if place:
            kept[IFD.GPSInfo] = dict(place)
        return kept.tobytes() if len(kept) > 1 or kept[IFD.Exif] else b""
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, OverflowError, struct.error):
        return b""  # Pillow raises any of these for nonsense


def _some(facts: Any, tags: tuple[Base, ...]) -> dict[int, Any]:
    return {int(tag): facts[tag] for tag in tags if tag in facts}
