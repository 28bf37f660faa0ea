"""From `avistar.images` to Qt. Qt never decodes a file itself: it would see other pixels than the model."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from avistar.images import Picture, Pixels, load
from avistar.media.opening import kind_of
from avistar.media.video import still

BYTES_PER_PIXEL = 4
SHORTER = 0.7
"""Least shorter side asked of the decoder, as a share of the longer one wanted: lets a JPEG of 4:3 be read
at the next reduced size, a quarter of the work, and stays sharp."""


def to_image(pixels: Pixels) -> QImage:
    """A `QImage` that owns a copy of `pixels` (uint8 RGB [H, W, 3])."""
    contiguous = np.ascontiguousarray(pixels)
    height, width = contiguous.shape[:2]
    return QImage(contiguous.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def read_within(path: str, side: int) -> tuple[QImage, Picture]:
    """Decode `path` and shrink it to at most `side` px in either direction; safe on any thread.

    Of a video, the frame a second after its start. Raises `ImageError`, and `MissingExtra` for a video where
    nothing can read it.
    """
    picture = _frame(path) if kind_of(path) == "video" else load(path, at_least=round(SHORTER * side))
    image = to_image(picture.pixels)
    if max(image.width(), image.height()) > side:
        image = image.scaled(
            QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return image.convertToFormat(QImage.Format.Format_RGB32), picture


def _frame(path: str) -> Picture:
    pixels = still(path)
    height, width = pixels.shape[:2]
    return Picture(pixels, (width, height), ("video_frame",))


def size_bytes(image: QImage) -> int:
    """What `image` occupies as a pixmap."""
    return image.width() * image.height() * BYTES_PER_PIXEL
