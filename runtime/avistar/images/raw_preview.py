"""Raw photos (CR2, CR3, NEF, ARW, DNG, ORF, RW2, RAF, PEF): the JPEG that the camera put inside for viewing.

What a sensor saw needs each camera's own recipe to become a picture; the preview is the camera's own rendering,
and mostly of full size. TIFF 6.0 describes the container that most of them share.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

SUFFIXES = (".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".raf", ".pef")

_TIFF = (b"II*\0", b"MM\0*")
# Olympus and Panasonic altered the two bytes that say TIFF.
_TIFF_LIKE = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
_FUJI = b"FUJIFILMCCD-RAW"
_CANON_3 = b"ftypcrx "

_REDUCED, _ORIENTATION, _PARTS, _DNG_VERSION = 0x00FE, 0x0112, 0x014A, 0xC612
_MOST_TAGS, _MOST_JPEGS = 512, 64
_BASELINE_OR_PROGRESSIVE = (0xC0, 0xC1, 0xC2)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Preview:
    """The largest JPEG inside a raw photo (b"" if it has none), and the photo's EXIF orientation, 1 to 8."""

    jpeg: bytes
    orientation: int


def preview(data: bytes) -> Preview | None:
    """The preview of a raw photo; None where `data` is none. Reads no more than headers."""
    tags = _first_tags(data) if data[:4] in (*_TIFF, *_TIFF_LIKE) else {}
    known = data.startswith((*_TIFF_LIKE, _FUJI)) or data[4:12] == _CANON_3 or data[8:10] == b"CR"
    # A TIFF whose first page is a small one of several parts: so cameras and no scanners write.
    if not (known or _DNG_VERSION in tags or (_PARTS in tags and tags.get(_REDUCED) == 1)):
        return None
    start = _largest_jpeg(data)
    orientation = tags.get(_ORIENTATION, 1)
    return Preview(b"" if start is None else data[start:], orientation if 1 <= orientation <= 8 else 1)


def _first_tags(data: bytes) -> dict[int, int]:
    """The tags of a TIFF's first directory; values only of those that hold one short or long number."""
    order = "<" if data[:2] == b"II" else ">"
    try:
        (offset,) = struct.unpack_from(f"{order}I", data, 4)
        (count,) = struct.unpack_from(f"{order}H", data, offset)
        tags = {}
        for i in range(min(count, _MOST_TAGS)):
            tag, kind = struct.unpack_from(f"{order}HH", data, offset + 2 + 12 * i)
            (tags[tag],) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", data, offset + 10 + 12 * i)
    except struct.error:  # cut off, or offsets that lead nowhere
        return {}
    return tags


def _largest_jpeg(data: bytes) -> int | None:
    """Where the JPEG with the most pixels starts; a sensor's own values, as lossless JPEG, are none."""
    best, most, start = None, 0, -1
    for _ in range(_MOST_JPEGS):
        start = data.find(b"\xff\xd8\xff", start + 1)
        if start < 0:
            break
        pixels = _pixels(data, start)
        if pixels > most:
            best, most = start, pixels
    return best


def _pixels(data: bytes, start: int) -> int:
    """How many pixels the JPEG at `start` has; 0 where none starts there, or one that isn't for viewing."""
    position = start + 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return int(height * width) if marker in _BASELINE_OR_PROGRESSIVE else 0
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return 0
