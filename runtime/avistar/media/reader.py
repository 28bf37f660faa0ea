"""How the media of a survey are opened: photos whole or box by box, videos frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from avistar.detector import Detector
from avistar.images.decode import SUFFIXES
from avistar.media.detected_frames import boxes_in_video
from avistar.media.detections import Detections, detected_pictures
from avistar.media.detector_pictures import found_in_frames, found_in_photo
from avistar.media.photo import photo_pictures
from avistar.media.video import VIDEO_SUFFIXES, video_pictures
from avistar.records import Medium, MediumKind, Picture


@dataclass(frozen=True, slots=True)
class MediumReader:
    """What to identify of each medium; called with one and its survey's folder.

    With `detections`, a photo that the detector saw is identified box by box, boxes counting from
    `least_confidence` (0 to 1; None: as the detector's makers advise); of a video, the frames in which it places
    boxes are seen. A photo that it never saw is identified as a whole, and so is a video without such frames, unless
    the detector found nothing in it. `detector` looks itself, at photos that those detections don't hold and at
    frames. `zone` is where the cameras' clocks were set.
    """

    zone: tzinfo | None = None
    detections: Detections | None = None
    least_confidence: float | None = None
    frames_per_second: float = 1.0
    detector: Detector | None = None

    def __call__(self, medium: Medium, folder: Path) -> Callable[[], Iterable[Picture]]:
        """The medium's pictures, opened by whoever calls for them."""
        detected = self.detections.of(medium.relative, self.least_confidence) if self.detections else None
        if medium.kind == "video":
            if detected is not None and not detected.boxes and not detected.failed:
                return lambda: (Picture(medium, None, opinion=detected.opinion),)
            if detected is not None and detected.times:
                rate = self.frames_per_second
                return partial(boxes_in_video, medium.path, folder, detected, self.zone, frames_per_second=rate)
            return partial(self._video, medium.path, folder)
        if detected is not None:
            return partial(detected_pictures, medium.path, folder, detected, self.zone)
        if self.detector is not None:
            return partial(found_in_photo, medium.path, folder, self.detector, self.zone)
        return partial(photo_pictures, medium.path, folder, self.zone)

    def _video(self, path: str, folder: Path) -> Iterable[Picture]:
        frames = video_pictures(path, folder, self.zone, frames_per_second=self.frames_per_second)
        return frames if self.detector is None else found_in_frames(frames, self.detector)


def kind_of(path: str) -> MediumKind:
    """What a file is taken for, by the end of its name."""
    return "video" if Path(path).suffix.lower() in VIDEO_SUFFIXES else "photo"


def readable_suffixes() -> frozenset[str]:
    """The ends of names, in small letters, of what can be identified here: videos only with the extra 'live'."""
    return SUFFIXES | VIDEO_SUFFIXES if find_spec("cv2") else SUFFIXES
