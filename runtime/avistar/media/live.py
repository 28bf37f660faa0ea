"""A camera's newest frame, identified again and again: what a terminal or a window shows of it.

Pictures kept of what a camera shows: one when an animal is named, and now and then while it stays.
"""

from __future__ import annotations

import io
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import Image
from PIL.ExifTags import IFD, Base

from avistar.boxes import Box
from avistar.bursts import Smoother
from avistar.classifier import Classifier
from avistar.errors import UsageError
from avistar.files import write_whole
from avistar.identification import Identification
from avistar.images.geometry import Pixels
from avistar.media.camera import Camera, CameraShot, CameraState
from avistar.media.photo import read_photo
from avistar.message import reason_of
from avistar.records import WHOLE, Medium, Observation, Record

_RATED = 30
"""Answers over which the rate is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What is known now. `shot`, `answer` and `smoothed` are None while no new frame comes.

    `age_s`: seconds from the frame's arrival to its answer. `rate`: answers per second lately.
    """

    state: CameraState
    reason: str
    shot: CameraShot | None = None
    answer: Identification | None = None
    smoothed: Identification | None = None
    age_s: float = 0.0
    rate: float = 0.0
    boxes: tuple[Box, ...] = ()


def watch(
    camera: Camera,
    classifier: Classifier,
    *,
    look: Callable[[Pixels], Record] | None = None,
    half_life_s: float = 0.7,
    patience_s: float = 0.5,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Moment]:
    """Identify the newest frame, then the one that is newest by then, until the camera ends.

    Frames that come while the network works are never seen. Without a new frame, a `Moment` without an
    answer comes every `patience_s` seconds, so that a caller can say what the camera is doing. `clock` is
    the camera's. `look` finds animals first: their `boxes` come with the answer.
    """
    smoother, finished = Smoother(classifier.policy, half_life_s), deque[float](maxlen=_RATED)
    number = 0
    while True:
        shot = camera.newest(after=number, timeout_s=patience_s)
        if shot is None:
            state = camera.state
            if state == "ended":
                return
            if state == "lost":
                smoother.reset()
                finished.clear()
            yield Moment(state, camera.reason)
            continue
        number = shot.number
        answer, boxes = _moment(classifier, look, shot.frame.pixels)
        smoothed = smoother.add(answer, shot.arrived_s)
        finished.append(clock())
        yield Moment("live", "", shot, answer, smoothed, finished[-1] - shot.arrived_s, _rate(finished), boxes)


def _moment(
    classifier: Classifier, look: Callable[[Pixels], Record] | None, pixels: Pixels
) -> tuple[Identification, tuple[Box, ...]]:
    """The answer to a frame: its surest box's, or the whole's where there is none."""
    record = None if look is None else look(pixels)
    found = None if record is None else record.identification
    return found or classifier.identify(pixels), () if record is None else record.detections


def _rate(finished: deque[float]) -> float:
    """Answers per second over the last few; 0 before there are two."""
    passed = finished[-1] - finished[0]
    return (len(finished) - 1) / passed if passed > 0 else 0.0


_QUALITY = 90


class Snapshots:
    """Writes JPEG files, which carry their time, into `folder`; never over one that is there.

    The same answer is kept again after `apart_s` seconds at the soonest.
    """

    def __init__(self, folder: Path, apart_s: float = 10.0) -> None:
        self._folder = folder
        self._apart_s = apart_s
        self._last: tuple[str, float] | None = None

    def keep(self, moment: Moment, now: datetime) -> Record | None:
        """The record of a new snapshot if `moment` is worth one; `now` is aware.

        Raises `UsageError` or `AvistarError` where nothing can be written.
        """
        shot, smoothed = moment.shot, moment.smoothed
        if shot is None or smoothed is None or smoothed.decision is None or smoothed.decision.kind == "unknown":
            return None
        name = smoothed.decision.id
        if self._last and self._last[0] == name and shot.arrived_s - self._last[1] < self._apart_s:
            return None
        self._last = (name, shot.arrived_s)
        medium = self._write(Image.fromarray(shot.frame.pixels), name, now)
        return Record(medium, (Observation(WHOLE, smoothed),))

    def _write(self, image: Image.Image, name: str, now: datetime) -> Medium:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                "{folder} can't hold snapshots: {reason}", folder=self._folder, reason=reason_of(error)
            ) from error
        exif = Image.Exif()
        exif[Base.Software] = "Avistar"
        # Given as a whole: Pillow writes no block that was changed in place.
        exif[IFD.Exif] = {
            Base.DateTimeOriginal: now.strftime("%Y:%m:%d %H:%M:%S"),
            Base.SubsecTimeOriginal: f"{now.microsecond // 1000:03}",
            Base.OffsetTimeOriginal: now.isoformat()[-6:],
        }
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=_QUALITY, exif=exif)
        stem = f"{now:%Y-%m-%d_%H-%M-%S}-{now.microsecond // 1000:03}_{name}"
        target = self._folder / f"{stem}.jpg"
        number = 2
        while target.exists():  # two cameras, or a clock that was set back
            target = self._folder / f"{stem}_{number}.jpg"
            number += 1
        write_whole(target, stream.getvalue())
        return read_photo(target, self._folder)
