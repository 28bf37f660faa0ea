"""Pictures kept of what a camera shows: one when an animal is named, and now and then while it stays."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

from PIL import Image
from PIL.ExifTags import IFD, Base

from avistar.errors import UsageError
from avistar.files import replaced
from avistar.media.live import Moment
from avistar.media.photos import read_photo
from avistar.records import WHOLE, Medium, Observation, Record

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
            raise UsageError(f"{self._folder} can't hold snapshots: {error.strerror or error}") from error
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
        with replaced(target) as partial:
            partial.write_bytes(stream.getvalue())
        return read_photo(target, self._folder)
