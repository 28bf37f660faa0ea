"""What the sheet before a run says. Knows no widget."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication

from avistar.images import printable
from avistar_gui.identify.numbers import Numbers
from avistar_gui.identify.preflight.facts import Preflight, videos_can_be_read
from avistar_gui.wording import count, duration, locale

translate = QCoreApplication.translate
MOST_FOLDERS = 4
"""Unreadable folders named on the sheet; the problems panel lists all of them."""


def headline(preflight: Preflight) -> str:
    """'8,012 photos and 14 videos in DCIM'."""
    folder = printable(os.path.basename(preflight.folder) or preflight.folder)  # noqa: PTH119 any bytes
    photos = Numbers().photos(preflight.photos)
    if not preflight.videos:
        return translate("Preflight", "{photos} in {folder}").format(photos=photos, folder=folder)
    text = translate("Preflight", "{photos} and {videos} in {folder}")
    return text.format(photos=photos, videos=Numbers().videos(preflight.videos), folder=folder)


def facts(preflight: Preflight, engine: str) -> str:
    """What is done, what identifies, how fast, and how long it will take."""
    parts = []
    if preflight.done:
        parts.append(Numbers().identified(preflight.done))
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
        lines = [Numbers().not_counted(len(closed))]
        lines += [f"    {folder}: {reason}" for folder, reason in closed[:MOST_FOLDERS]]
        if len(closed) > MOST_FOLDERS:
            lines.append(f"    {Numbers().more_closed(len(closed) - MOST_FOLDERS)}")
        said.append("\n".join(lines))
    if preflight.videos and not videos_can_be_read():
        said.append(f"{Numbers().unread_videos(preflight.videos)} pip install 'avistar[live]'")
    if preflight.lacking_bytes:
        text = translate("Preflight", "The disk that keeps the survey lacks {size}: make room, or the run will stop.")
        said.append(text.format(size=locale().formattedDataSize(preflight.lacking_bytes)))
    return said


def again(preflight: Preflight) -> str:
    """What another detector's file costs once photos are identified."""
    return Numbers().identified_again(preflight.done)
