"""A frozen frame as a photo file of a survey."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path

from PIL import Image

from avistar.files import replaced
from avistar.images import Pixels

QUALITY = 95
TAKEN_AT = 0x9003  # EXIF 2.32: DateTimeOriginal
EXIF_TIMES = 0x8769


def save_frame(pixels: Pixels, folder: Path, now: datetime) -> Path:
    """Write `pixels` (uint8 RGB [H, W, 3]) as a JPEG with its moment, under a name that is free in `folder`.

    Raises `OSError` or `AvistarError` where it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = f"camera_{now:%Y-%m-%d_%H%M%S}"
    target = folder / f"{name}.jpg"
    number = 1
    while target.exists():
        number += 1
        target = folder / f"{name}_{number}.jpg"
    exif = Image.Exif()
    exif.get_ifd(EXIF_TIMES)[TAKEN_AT] = f"{now:%Y:%m:%d %H:%M:%S}"
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=QUALITY, exif=exif)
    with replaced(target) as partial:
        partial.write_bytes(stream.getvalue())
    return target
