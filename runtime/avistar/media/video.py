"""Video files as media of a survey: frames at a steady pace, and what is known of the file.

When a video was filmed: MP4 and MOV (ISO/IEC 14496-12, `mvhd`), AVI (RIFF, `IDIT`).
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import BinaryIO

from avistar.errors import Fault, ImageError, UsageError
from avistar.files import printable
from avistar.identification import Failure
from avistar.images.geometry import Pixels
from avistar.media.frame_source import Frame
from avistar.media.opencv import VideoFile
from avistar.media.photo import file_medium
from avistar.message import Message
from avistar.records import Capture, Medium, Picture, Region

VIDEO_SUFFIXES = frozenset(
    (".mp4", ".mov", ".avi", ".m4v", ".mkv", ".webm", ".mts", ".m2ts", ".mpg", ".mpeg", ".3gp", ".wmv")
)
"""What a folder's files must end with to be taken for videos."""


def video_pictures(
    path: str | os.PathLike[str], folder: Path, zone: tzinfo | None = None, *, frames_per_second: float = 1.0
) -> Iterator[Picture]:
    """Frames of one video of the survey in `folder`, as they are decoded, each with its time.

    A file without a single readable frame gives one picture that is a `Failure`; one that is damaged or ends early
    gives a `Failure` after the frames that could be read. Raises `MissingExtra` without OpenCV, `UsageError` for a
    rate that isn't positive.
    """

    def look(video: VideoFile, medium: Medium) -> Iterator[Picture]:
        found = False
        for frame in sampled(video, frames_per_second):
            if not found:
                medium = measured(medium, video, frame)
            found = True
            yield Picture(medium, frame.pixels, Region(time_s=round(frame.time_s, 3)))
        if not found:
            reason = Message("{path}: not one frame of this video can be read", path=printable(path))
            yield Picture(medium, Failure(Fault.DAMAGED, reason))
        elif video.incomplete:
            reason = Message(
                "{path}: this video is damaged, and nothing is in the part that can be read", path=printable(path)
            )
            yield Picture(medium, Failure(Fault.DAMAGED, reason))

    return pictures_of(path, folder, zone, look)


def pictures_of(
    path: str | os.PathLike[str],
    folder: Path,
    zone: tzinfo | None,
    look: Callable[[VideoFile, Medium], Iterator[Picture]],
) -> Iterator[Picture]:
    """What `look` finds in one video, which is closed afterwards; a `Failure` where the file is none."""
    medium = video_medium(path, folder, zone)
    try:
        video = VideoFile(path)
    except ImageError as error:
        yield Picture(medium, Failure(error.fault, str(error)))
        return
    with closing(video):
        yield from look(video, medium)


def sampled(video: VideoFile, frames_per_second: float) -> Iterator[Frame]:
    """The frames nearest after each 1 / `frames_per_second` seconds, the first one included."""
    if not frames_per_second > 0:
        raise UsageError(
            "frames per second must be positive, not {frames_per_second}", frames_per_second=frames_per_second
        )
    due = 0.0
    while (time_s := video.skip()) is not None:
        if time_s + 1e-6 < due:
            continue
        frame = video.take(time_s)
        if frame is None:
            continue
        yield frame
        # From the last sample on, so that a jump in a damaged file's times brings no rush of frames.
        due = max(due + 1 / frames_per_second, time_s + 0.5 / frames_per_second)


def still(path: str | os.PathLike[str], time_s: float = 1.0) -> Pixels:
    """The frame at `time_s` (seconds from the start), else the last before it: uint8 [H, W, 3] RGB, upright.

    A second after the start, what set the camera off is in the picture as a rule. Raises `ImageError` for a
    video without a readable frame, `MissingExtra` without OpenCV.
    """
    video = VideoFile(path)
    try:
        best: Frame | None = None
        while (moment := video.skip()) is not None:
            if best is not None and moment + 1e-6 < time_s:
                continue
            best = video.take(moment) or best
            if best is not None and moment + 1e-6 >= time_s:
                break
    finally:
        video.close()
    if best is None:
        raise ImageError(Fault.DAMAGED, "{path}: not one frame of this video can be read", path=printable(path))
    return best.pixels


def video_medium(path: str | os.PathLike[str], folder: Path, zone: tzinfo | None = None) -> Medium:
    """The video at `path` of the survey in `folder`, with what its header tells of its moment."""
    return replace(file_medium(path, folder, "video"), capture=Capture(taken_at=filmed_at(path, zone)))


def measured(medium: Medium, video: VideoFile, frame: Frame) -> Medium:
    """`medium` with the size, length and rate that its first frame and its header tell."""
    height, width = frame.pixels.shape[:2]
    return replace(medium, width=width, height=height, duration_s=round(video.duration_s, 3), frame_rate=video.rate)


_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the first digital video camera

_SEARCHED = 65536  # bytes at the start of an AVI, where its list of facts is

_MOST_BOXES = 1000

_TELEPHONE = b"com.android."
"""Telephones know their zone and do count in UTC; Apple's also write the offset."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def filmed_at(path: str | os.PathLike[str], zone: tzinfo | None = None) -> datetime | None:
    """When the video at `path` was begun, as far as the file says; None where it says nothing that can be true.

    AVI has the camera's own clock, which was set in `zone` if that is known. MP4 and MOV should count in UTC, but
    cameras without a zone of their own write their clock there as it is: it is UTC only where the file comes from a
    telephone, and an entry that names its offset goes before it.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(_SEARCHED)
            moment = _in_avi(head, zone) if head[:4] == b"RIFF" else _in_mp4(file, zone)
    except (OSError, ValueError, OverflowError, struct.error):
        return None
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if _EARLIEST <= aware <= datetime.now(UTC) + timedelta(days=1) else None


def _in_mp4(file: BinaryIO, zone: tzinfo | None) -> datetime | None:
    counted, facts = None, b""
    for kind, start, stop in _boxes(file, 0, file.seek(0, os.SEEK_END)):
        if kind != b"moov":
            continue
        for inner, begin, end in _boxes(file, start, stop):
            file.seek(begin)
            if inner == b"mvhd":
                wide = file.read(4)[:1] == b"\x01"  # version 1 counts in 64 bits
                (seconds,) = struct.unpack(">Q", file.read(8)) if wide else struct.unpack(">I", file.read(4))
                counted = _EPOCH + timedelta(seconds=seconds)
            elif inner in (b"meta", b"udta"):
                facts += file.read(min(end - begin, _SEARCHED))
    if (told := _with_offset(facts)) is not None or counted is None:
        return told
    return counted if _TELEPHONE in facts else counted.replace(tzinfo=zone)


def _with_offset(facts: bytes) -> datetime | None:
    """The moment in QuickTime's `creationdate` or `\u00a9day`, where it names its offset."""
    if b"creationdate" not in facts and b"\xa9day" not in facts:
        return None
    found = re.search(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:?\d\d|Z)", facts)
    return datetime.fromisoformat(found[0].decode("ascii")) if found else None


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
