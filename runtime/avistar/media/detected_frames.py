"""A video's frames that a detector of somebody else's found something in, by their moments."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path

from avistar.boxes import Box
from avistar.errors import Fault
from avistar.files import printable
from avistar.identification import Failure
from avistar.images.geometry import Crop
from avistar.media.detections import Detected
from avistar.media.frame_source import Frame
from avistar.media.opencv import VideoFile
from avistar.media.video import measured, pictures_of
from avistar.message import Message
from avistar.records import Medium, Picture, Region


def boxes_in_video(
    path: str | os.PathLike[str],
    folder: Path,
    detected: Detected,
    zone: tzinfo | None = None,
    *,
    frames_per_second: float = 1.0,
) -> Iterator[Picture]:
    """The animals of one video of the survey in `folder`, each as a crop with its moment, and what else is there.

    Of the frames with boxes in each 1 / `frames_per_second` seconds, the one with the surest box is looked at. A
    damaged video gives a `Failure` after what could be read. Raises `MissingExtra` without OpenCV.
    """

    def look(video: VideoFile, medium: Medium) -> Iterator[Picture]:
        found = False
        for frame, boxes in _frames(video, _chosen(detected, frames_per_second)):
            medium, found = measured(medium, video, frame), True
            for box in boxes:
                crop = Crop(frame.pixels, box.left, box.top, box.width, box.height)
                region = Region(box, round(frame.time_s, 3))
                yield Picture(medium, crop if box.category == "animal" else None, region, opinion=detected.opinion)
        if video.incomplete or not found:
            reason = Message("{path}: the frames of the detector's boxes can't be read", path=printable(path))
            yield Picture(medium, Failure(Fault.DAMAGED, reason))

    return pictures_of(path, folder, zone, look)


def _chosen(detected: Detected, frames_per_second: float) -> list[tuple[float, list[Box]]]:
    """The moments that are looked at, in order, each with its boxes."""
    moments: dict[float, list[Box]] = {}
    for box, time_s in zip(detected.boxes, detected.times, strict=True):
        moments.setdefault(time_s, []).append(box)
    windows: dict[int, float] = {}
    for time_s, boxes in moments.items():
        window = int(time_s * frames_per_second + 1e-6)
        if window not in windows or _surest(boxes) > _surest(moments[windows[window]]):
            windows[window] = time_s
    return [(time_s, moments[time_s]) for time_s in sorted(windows.values())]


def _surest(boxes: Sequence[Box]) -> float:
    return max(box.confidence for box in boxes)


def _frames(video: VideoFile, wanted: Sequence[tuple[float, list[Box]]]) -> Iterator[tuple[Frame, list[Box]]]:
    """The frame of each moment; of one that can't be read, none: its boxes would lie beside their animals."""
    half_s = 0.5 / (video.rate or 25.0)
    waiting = list(wanted)
    while waiting and (time_s := video.skip()) is not None:
        while waiting and waiting[0][0] < time_s - half_s:
            waiting.pop(0)
            video.incomplete = True
        if waiting and waiting[0][0] <= time_s + half_s:
            _, boxes = waiting.pop(0)
            if (frame := video.take(time_s)) is not None:
                yield frame, boxes
    video.incomplete |= bool(waiting)
