"""What is known of a photo beside its answer, line by line: when, where and with what it was taken, and its file."""

from __future__ import annotations

import os
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QLocale

from avistar.images import printable
from avistar.media.shot import Shot
from avistar.records import Capture, Record
from avistar_gui.photo.large import LargePhoto
from avistar_gui.wording import count, duration, flag_sentence, locale, moment

translate = QCoreApplication.translate

_UNREADABLE = {"taken_at": "taken", "camera": "camera", "serial": "camera", "latitude": "place", "longitude": "place"}


@dataclass(frozen=True, slots=True)
class Detail:
    """One line: what it is, what it says, and what is put on the clipboard for it, "" for nothing."""

    name: str
    text: str
    copied: str = ""


def details(record: Record, large: LargePhoto | None, together: int = 0) -> list[Detail]:
    """Every line about a photo. `together`: how many photos its burst has, 0 where nobody counted.

    What the camera wrote, but nobody can make sense of, is said to be unreadable.
    """
    capture, shot = record.medium.capture, large.shot if large is not None else Shot()
    lines = [*_when_and_where(capture), *_how(shot), *_burst(record, shot, together), *_file(record, large)]
    return [line for line in lines if line.text]


def place_text(capture: Capture) -> str:
    """The coordinates in degrees, as maps and spreadsheets take them; "" for none."""
    if capture.latitude is None or capture.longitude is None:
        return ""
    return f"{capture.latitude:.5f}, {capture.longitude:.5f}"


def _when_and_where(capture: Capture) -> list[Detail]:
    bad = {_UNREADABLE.get(name, "") for name in capture.unreadable}
    unreadable = translate("Details", "unreadable in this file")
    taken = moment(capture.taken_at, fully=True) if capture.taken_at is not None else ""
    if taken and capture.taken_at is not None and capture.taken_at.tzinfo is not None:
        taken += f" ({capture.taken_at:%z})"
    camera = "  ·  ".join(part for part in (capture.camera, capture.serial) if part)
    place = place_text(capture)
    return [
        Detail(translate("Details", "Taken"), taken or (unreadable if "taken" in bad else "")),
        Detail(translate("Details", "Place"), place or (unreadable if "place" in bad else ""), place),
        Detail(translate("Details", "Camera"), camera or (unreadable if "camera" in bad else "")),
    ]


def _how(shot: Shot) -> list[Detail]:
    parts = []
    if shot.exposure_s is not None:
        seconds = (
            f"1/{round(1 / shot.exposure_s)}" if shot.exposure_s < 0.4 else locale().toString(shot.exposure_s, "g", 3)
        )
        parts.append(f"{seconds}\u00a0s")
    if shot.f_number is not None:
        parts.append(f"f/{locale().toString(shot.f_number, 'g', 3)}")
    if shot.iso is not None:
        parts.append(f"ISO\u00a0{shot.iso}")
    if shot.flash is not None:
        parts.append(translate("Details", "flash") if shot.flash else translate("Details", "no flash"))
    warm = "" if shot.temperature_c is None else f"{locale().toString(shot.temperature_c, 'g', 3)}\u00a0°C"
    return [
        Detail(translate("Details", "Exposure"), "  ·  ".join(parts)),
        Detail(translate("Details", "Temperature"), warm),
    ]


def _burst(record: Record, shot: Shot, together: int) -> list[Detail]:
    parts = []
    if shot.burst is not None:
        text = translate("Details", "{number} of {total} by the camera")
        parts.append(text.format(number=shot.burst[0], total=shot.burst[1]))
    if together > 1:
        parts.append(translate("Details", "{number} photos answered together").format(number=count(together)))
    elif record.sequence:
        parts.append(translate("Details", "answered together with others"))
    return [Detail(translate("Details", "Burst"), "  ·  ".join(parts))]


def _file(record: Record, large: LargePhoto | None) -> list[Detail]:
    medium = record.medium
    width, height = large.full_size if large is not None else (medium.width, medium.height)
    parts = [f"{count(width)} × {count(height)} px"] if width else []
    if medium.duration_s > 0:
        parts.append(duration(medium.duration_s))
    if medium.bytes:
        parts.append(locale().formattedDataSize(medium.bytes, 1, QLocale.DataSizeFormat.DataSizeSIFormat))
    parts.extend(said for said in map(flag_sentence, large.flags if large is not None else ()) if said)
    folder = printable(os.path.dirname(medium.relative))  # noqa: PTH120 - undecodable bytes stay as they are
    path = printable(medium.path)
    return [
        Detail(translate("Details", "Picture"), "  ·  ".join(parts)),
        Detail(translate("Details", "Folder"), folder),
        Detail(translate("Details", "File"), printable(os.path.basename(medium.path)), path),  # noqa: PTH119
    ]
