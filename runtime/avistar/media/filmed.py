"""When a video was filmed: MP4 and MOV (ISO/IEC 14496-12, `mvhd`), AVI (RIFF, `IDIT`)."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import BinaryIO

_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the first digital video camera
_SEARCHED = 65536  # bytes at the start of an AVI, where its list of facts is
_MOST_BOXES = 1000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def filmed_at(path: str | os.PathLike[str], zone: tzinfo | None = None) -> datetime | None:
    """When the video at `path` was begun, as far as the file says; None where it says nothing that can be true.

    MP4 counts in UTC. AVI has the camera's own clock, which was set in `zone` if that is known.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(_SEARCHED)
            moment = _in_avi(head, zone) if head[:4] == b"RIFF" else _in_mp4(file)
    except (OSError, ValueError, OverflowError, struct.error):
        return None
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if _EARLIEST <= aware <= datetime.now(UTC) + timedelta(days=1) else None


def _in_mp4(file: BinaryIO) -> datetime | None:
    end = file.seek(0, os.SEEK_END)
    for kind, start, stop in _boxes(file, 0, end):
        if kind == b"moov":
            for inner, begin, _ in _boxes(file, start, stop):
                if inner == b"mvhd":
                    file.seek(begin)
                    wide = file.read(4)[:1] == b"\x01"  # version 1 counts in 64 bits
                    (seconds,) = struct.unpack(">Q", file.read(8)) if wide else struct.unpack(">I", file.read(4))
                    return _EPOCH + timedelta(seconds=seconds)
    return None


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Each box's kind and where its contents begin and end."""
    for _ in range(_MOST_BOXES):
        file.seek(start)
        header = file.read(16)
        if len(header) < 8 or start >= stop:
            return
        size, kind = struct.unpack(">I4s", header[:8])
        content = start + 8
        if size == 1 and len(header) == 16:
            (size,) = struct.unpack(">Q", header[8:])
            content += 8
        size = size or stop - start  # 0: up to the end
        if size < content - start:
            return
        yield kind, content, min(start + size, stop)
        start += size


def _in_avi(head: bytes, zone: tzinfo | None) -> datetime | None:
    """The time in words, as digitisers write it ('Wed May 06 07:08:09 2024'), or in figures."""
    found = re.search(rb"IDIT.{4}([\x20-\x7e]{10,40})", head, re.DOTALL)
    if not found:
        return None
    text = found[1].decode("ascii").lower()
    words = re.search(r"([a-z]{3})\s+(\d{1,2})\s+(\d\d):(\d\d):(\d\d)\s+(\d{4})", text)
    figures = re.search(r"(\d{4})[-/:](\d\d)[-/:](\d\d)[ t]+(\d\d):(\d\d):(\d\d)", text)
    if words and words[1] in _MONTHS:
        day, hour, minute, second, year = (int(part) for part in words.groups()[1:])
        month = _MONTHS.index(words[1]) + 1
    elif figures:
        year, month, day, hour, minute, second = (int(part) for part in figures.groups())
    else:
        return None
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)
