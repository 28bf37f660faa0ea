"""Photos of persons in what is handed on: left out, or with the persons made unrecognisable."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Literal

from PIL import Image, ImageFilter

from avistar.boxes import Box
from avistar.images.decode import load
from avistar.records import Medium, Record

PersonsChoice = Literal["keep", "blur", "leave_out"]

BLURRED_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
MARGIN = 0.2
"""Share of a person's box that is blurred around it: boxes are rarely exact."""
CELLS = 6
"""A person is first reduced to so many patches along the longer side, which no sharpening brings back."""


def persons_in(record: Record) -> tuple[Box, ...]:
    """The persons that a detector found in a medium."""
    return tuple(box for box in record.detections if box.category == "person")


def can_blur(medium: Medium) -> bool:
    """Whether a medium is in a form that can be written again: JPEG or PNG."""
    return medium.kind == "photo" and Path(medium.path).suffix.lower() in BLURRED_FORMATS


def blurred(photo: Path, persons: tuple[Box, ...]) -> bytes:
    """The photo's file with its persons blurred, upright and without metadata: a thumbnail there would show them.

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
    image.save(stream, BLURRED_FORMATS[photo.suffix.lower()], quality=90)
    return stream.getvalue()
