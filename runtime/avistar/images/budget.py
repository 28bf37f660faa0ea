"""How long one picture may take: a file can be made, or damaged, so that decoding it takes minutes."""

from __future__ import annotations

import io
import time

from avistar.errors import Fault, ImageError

DECODING_S = 60.0
"""Seconds of processor time for one picture, waiting for disks and other programs not counted: a picture of 250
megapixels takes a tenth of that on a desktop computer."""

READ_AT_ONCE = 16_384
"""Bytes that a decoder gets at a time; between them the time is looked at."""

MOST_SCANS = 200
"""A progressive JPEG has about ten scans; each passes over the whole picture, and needs a few bytes only."""


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


class BudgetedBytes(io.BytesIO):
    """A picture's bytes, handed to a decoder until `budget` is used up: `read` then raises `ImageError`."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        super().__init__(data)
        self._budget = budget

    def read(self, size: int | None = -1) -> bytes:
        """See `io.BytesIO.read`."""
        self._budget.check()
        return super().read(size)


def check_scans(data: bytes, name: str) -> None:
    """Raise `ImageError` for a JPEG of more scans than any camera or program writes."""
    start = _first_scan(data)
    # Among compressed values 0xFF is never followed by these: what follows the end may be a video, and hold anything.
    if start is not None and data.count(b"\xff\xda", start, data.find(b"\xff\xd9", start)) > MOST_SCANS:
        raise ImageError(
            Fault.TOO_LARGE,
            "{name}: a JPEG of over {most} scans: decoding it takes too long",
            name=name,
            most=MOST_SCANS,
        )


def _first_scan(data: bytes) -> int | None:
    """Where the compressed values of a JPEG begin, thumbnails passed over; None where there are none."""
    position = 2
    while data.startswith(b"\xff\xd8") and position + 4 <= len(data) and data[position] == 0xFF:
        if data[position + 1] == 0xDA:
            return position
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None
