"""What can be watched: cameras of this machine, an address in the network, a video file. Opens nothing by itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from avistar.media.camera import Camera
from avistar.media.frame_source import FrameSource, PacedFrames

OFFERED = 4
"""Cameras offered where the system can't be asked which there are."""

OpenSource = Callable[["Source"], FrameSource]


@dataclass(frozen=True, slots=True)
class Source:
    """A camera's number, an address such as rtsp://…, or a video file's path."""

    camera: int | None = None
    address: str = ""
    video: str = ""


def cameras(folder: Path = Path("/sys/class/video4linux")) -> list[tuple[int, str]]:
    """Number and name of the cameras of this machine; names are empty where only numbers can be tried."""
    if sys.platform != "linux":
        return [(number, "") for number in range(OFFERED)]
    found = []
    for entry in sorted(folder.glob("video*")) if folder.is_dir() else []:
        number = entry.name.removeprefix("video")
        # The second node of a camera gives metadata, no pictures.
        if number.isdigit() and _text(entry / "index") in ("", "0"):
            found.append((int(number), _text(entry / "name")))
    return found


def open_source(source: Source) -> FrameSource:
    """Open `source`. Raises `BackendUnavailable`, `ImageError`, or `MissingExtra` without OpenCV."""
    from avistar.media.opencv import CameraFrames, VideoFile

    if source.video:
        return PacedFrames(VideoFile(source.video))
    return CameraFrames(source.address or source.camera or 0)


def camera_for(source: Source, opener: OpenSource = open_source) -> Camera:
    """The camera that reads `source` in a thread of its own."""
    return Camera(lambda: opener(source))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
