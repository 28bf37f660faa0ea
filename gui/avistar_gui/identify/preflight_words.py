"""What the sheet before a run says. Knows no widget."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication

from avistar.images import printable
from avistar_gui.identify.preflight import Preflight, videos_can_be_read
from avistar_gui.wording import count, duration, locale

translate = QCoreApplication.translate
MOST_FOLDERS = 4
"""Unreadable folders named on the sheet; the problems panel lists all of them."""


def headline(preflight: Preflight) -> str:
    """'8,012 photos and 14 videos in DCIM'."""
    folder = printable(os.path.basename(preflight.folder) or preflight.folder)  # noqa: PTH119 any bytes
    photos = translate("Preflight", "%n photo(s)", "", preflight.photos)
    if not preflight.videos:
        return translate("Preflight", "{photos} in {folder}").format(photos=photos, folder=folder)
    videos = translate("Preflight", "%n video(s)", "", preflight.videos)
    text = translate("Preflight", "{photos} and {videos} in {folder}")
    return text.format(photos=photos, videos=videos, folder=folder)


def facts(preflight: Preflight, engine: str) -> str:
    """What is done, what identifies, how fast, and how long it will take."""
    parts = []
    if preflight.done:
        parts.append(translate("Preflight", "%n identified already", "", preflight.done))
    if engine:
        parts.append(engine)
    if preflight.pending_photos:
        parts.append(_speed(preflight))
    return "   ·   ".join(parts)


def _speed(preflight: Preflight) -> str:
    seconds = preflight.seconds
    if seconds is None:
        return translate("Preflight", "measuring the speed with the first photos…")
    rate = locale().toString(preflight.per_second, "f", 1)
    text = translate("Preflight", "{rate} photos a second, measured here: {time} for the {number} that wait")
    said = text.format(rate=rate, time=duration(seconds), number=count(preflight.pending_photos))
    if preflight.counts.pending_videos:
        said += translate("Preflight", ", and the videos on top")
    return said


def warnings(preflight: Preflight) -> list[str]:
    """What the user should know before it begins: folders that can't be opened, videos that can't be read, space."""
    said = []
    closed = preflight.seen.unreadable
    if closed:
        shown = "\n".join(f"    {folder}: {reason}" for folder, reason in closed[:MOST_FOLDERS])
        text = translate(
            "Preflight", "%n folder(s) can't be opened; the photos in there are not counted:", "", len(closed)
        )
        said.append(f"{text}\n{shown}")
        if len(closed) > MOST_FOLDERS:
            more = translate("Preflight", "and %n more, listed under Problems", "", len(closed) - MOST_FOLDERS)
            said[-1] += f"\n    {more}"
    if preflight.videos and not videos_can_be_read():
        text = translate(
            "Preflight",
            "%n video(s) can't be read, since the extra “live” is not installed. It is with:",
            "",
            preflight.videos,
        )
        said.append(f"{text} pip install 'avistar[live]'")
    if preflight.lacking_bytes:
        text = translate("Preflight", "The disk that keeps the survey lacks {size}: make room, or the run will stop.")
        said.append(text.format(size=locale().formattedDataSize(preflight.lacking_bytes)))
    return said


def again(preflight: Preflight) -> str:
    """What another detector's file costs once photos are identified."""
    return translate("Preflight", "%n photo(s) will be identified again.", "", preflight.done)
