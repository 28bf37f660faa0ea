"""How long one picture may take: a file can be made, or damaged, so that decoding it takes minutes."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator

from avistar.errors import Fault, ImageError

DECODING_S = 60.0
"""Seconds of processor time for one picture, waiting for disks and other programs not counted: a picture of 250
megapixels takes a tenth of that on a desktop computer."""

READ_AT_ONCE = 16_384
"""Bytes that a decoder gets at a time; between them the time is looked at."""

MOST_SCANS = 200
"""A progressive JPEG has about ten scans; each passes over the whole picture, and needs a few bytes only."""

MOST_SCANNED = 4_000_000_000
"""Pixels that all scans may pass over together: a nanosecond each, and the time can't be looked at in between."""

MOST_CHUNKS = 10_000
"""Chunks of a PNG beside those that hold its pixels: programs write about ten."""

_USUAL_SCANS = 16
"""Taken at any size."""


class Budget:
    """The time that the picture called `name` may still take; it begins when this is made."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._end = time.thread_time() + DECODING_S

    def check(self) -> None:
        """Raise `ImageError` where the time is over."""
        if time.thread_time() >= self._end:
            raise ImageError(
                Fault.TOO_LARGE,
                "{name}: decoding it takes too long (over {most:g} s)",
                name=self._name,
                most=DECODING_S,
            )

    def check_chunks(self, others: int) -> None:
        """Raise `ImageError` where the time is over, or a PNG has so many chunks that hold no pixels."""
        self.check()
        if others > MOST_CHUNKS:
            raise ImageError(
                Fault.TOO_LARGE,
                "{name}: a PNG of over {most:,} chunks without pixels: decoding it takes too long",
                name=self._name,
                most=MOST_CHUNKS,
            )


class BudgetedBytes(io.BytesIO):
    """A picture's bytes, handed to a decoder until `budget` is used up: `read` then raises `ImageError`."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        super().__init__(data)
        self._budget = budget

    def read(self, size: int | None = -1) -> bytes:
        """See `io.BytesIO.read`."""
        self._budget.check()
        return super().read(size)


def check_scans(data: bytes, name: str, budget: Budget) -> None:
    """Raise `ImageError` for a JPEG of more scans than any camera or program writes, for its size."""
    scans, pixels, components = 0, 0, b""
    for marker, position in _segments(data):
        budget.check()
        if marker in _FRAMES:
            height, width = data[position + 3 : position + 5], data[position + 5 : position + 7]
            pixels = max(pixels, int.from_bytes(height, "big") * int.from_bytes(width, "big"))
            components = b"" if marker in _PROGRESSIVE else data[position + 7 : position + 8]
        if marker == _SCAN and components and components == data[position + 2 : position + 3]:
            return  # all of the picture lies in this one scan, as in most photos
        scans += marker == _SCAN
        if scans > MOST_SCANS or (scans > _USUAL_SCANS and scans * pixels > MOST_SCANNED):
            most = MOST_SCANS if scans > MOST_SCANS else max(_USUAL_SCANS, MOST_SCANNED // pixels)
            raise ImageError(
                Fault.TOO_LARGE,
                "{name}: a JPEG of over {most} scans: decoding it takes too long",
                name=name,
                most=most,
            )


_SCAN, _END = 0xDA, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of what says a picture's size (ITU-T T.81, table B.1)."""

_PROGRESSIVE = frozenset((0xC2, 0xC6, 0xCA, 0xCE))

_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
"""What begins a segment: among compressed values 0xFF is followed by 0 or by a restart's number."""


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place (of the length) of each segment of a JPEG, until its end; what lies inside one is passed over.

    What follows the end may be a video, and hold anything.
    """
    found = _MARKER.search(data, 2) if data.startswith(b"\xff\xd8") else None
    while found is not None and (marker := found[1][0]) != _END:
        position = found.end()
        yield marker, position
        found = _MARKER.search(data, position + max(2, int.from_bytes(data[position : position + 2], "big")))
