"""What part of a picture a network sees, and at which size: crops, squares around boxes, fit and resampling."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avistar.manifest import Letterbox, Preprocessing

Pixels: TypeAlias = NDArray[np.uint8]

Whole: TypeAlias = "str | os.PathLike[str] | bytes | Image.Image | Pixels"

Source: TypeAlias = "Whole | Crop"

MIN_SIDE = 8
"""Smallest side read, in pixels; nothing is recognised below."""

_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """The part of a picture that is to be identified: a rectangle in fractions (0 to 1) of the upright picture."""

    whole: Whole
    left: float
    top: float
    width: float
    height: float


def square_around(crop: Crop, width: int, height: int) -> tuple[int, int, int, int]:
    """The pixels (left, top, right, bottom) of a picture of `width` × `height` px that show the crop's animal.

    A square over the rectangle's longer side, moved and, where it must be, cut to lie inside the picture:
    networks see a square, and a long animal squeezed or with its ends cut off looks like another one. At
    least `MIN_SIDE` px a side where the picture has them.
    """
    longer = max(crop.width * width, crop.height * height, MIN_SIDE)

    def span(middle: float, whole: int) -> tuple[int, int]:
        length = min(math.ceil(longer), whole)
        start = min(max(round(middle - length / 2), 0), whole - length)
        return start, start + length

    left, right = span((crop.left + crop.width / 2) * width, width)
    top, bottom = span((crop.top + crop.height / 2) * height, height)
    return left, top, right, bottom


def fit(pixels: Pixels, preprocessing: Preprocessing) -> Pixels:
    """Bring uint8 RGB [H, W, 3] to the network's uint8 [height, width, 3].

    Crop and resize are one resampling step over the box that survives, with antialiasing.
    """
    height, width = pixels.shape[:2]
    target = (preprocessing.width, preprocessing.height)
    if (width, height) == target:
        return pixels
    box = preprocessing.seen(width, height)
    resized = Image.fromarray(pixels).resize(target, _RESAMPLING[preprocessing.resampling], box=box)
    return np.asarray(resized)


def letterboxed(pixels: Pixels, letterbox: Letterbox) -> Pixels:
    """Bring uint8 RGB [H, W, 3] to a detector's uint8 [side, side, 3]: all of it, filled up at the right and below."""
    height, width = pixels.shape[:2]
    scaled = letterbox.scaled(width, height)
    if scaled != (width, height):
        pixels = np.asarray(Image.fromarray(pixels).resize(scaled, _RESAMPLING[letterbox.resampling]))
    filled: Pixels = np.full((letterbox.side, letterbox.side, 3), letterbox.pad, np.uint8)
    filled[: scaled[1], : scaled[0]] = pixels
    return filled
