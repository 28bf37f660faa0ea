"""Video files as media of a survey: frames at a steady pace, and what is known of the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from avistar.classifier import Failure
from avistar.errors import Fault, ImageError, UsageError
from avistar.images import Pixels, printable
from avistar.media.filmed import filmed_at
from avistar.media.frames import Frame
from avistar.media.opencv import VideoFile
from avistar.media.photos import file_medium
from avistar.records import Capture, Medium, Picture, Region

VIDEO_SUFFIXES = frozenset(
    (".mp4", ".mov", ".avi", ".m4v", ".mkv", ".webm", ".mts", ".m2ts", ".mpg", ".mpeg", ".3gp", ".wmv")
)
"""What a folder's files must end with to be taken for videos."""


def video_pictures(
    path: str | os.PathLike[str], folder: Path, zone: tzinfo | None = None, *, frames_per_second: float = 1.0
) -> Iterator[Picture]:
    """Frames of one video of the survey in `folder`, as they are decoded, each with its time.

    A file without a single readable frame gives one picture that is a `Failure`. Raises `MissingExtra`
    without OpenCV, `UsageError` for a rate that isn't positive.
    """
    capture = Capture(taken_at=filmed_at(path, zone))
    medium = replace(file_medium(path, folder, "video"), capture=capture)
    try:
        video = VideoFile(path)
    except ImageError as error:
        yield Picture(medium, Failure(error.fault, str(error)))
        return
    try:
        found = False
        for frame in sampled(video, frames_per_second):
            if not found:
                medium = _measured(medium, video, frame)
            found = True
            yield Picture(medium, frame.pixels, Region(time_s=round(frame.time_s, 3)))
        if not found:
            reason = f"{printable(path)}: not one frame of this video can be read"
            yield Picture(medium, Failure(Fault.DAMAGED, reason))
    finally:
        video.close()


def sampled(video: VideoFile, frames_per_second: float) -> Iterator[Frame]:
    """The frames nearest after each 1 / `frames_per_second` seconds, the first one included."""
    if not frames_per_second > 0:
        raise UsageError(f"frames per second must be positive, not {frames_per_second}")
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
        raise ImageError(Fault.DAMAGED, f"{printable(path)}: not one frame of this video can be read")
    return best.pixels


def _measured(medium: Medium, video: VideoFile, frame: Frame) -> Medium:
    height, width = frame.pixels.shape[:2]
    return replace(medium, width=width, height=height, duration_s=round(video.duration_s, 3), frame_rate=video.rate)
