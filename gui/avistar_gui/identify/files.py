"""Finds the photos in what was dropped or opened, in chunks, so that the first ones show at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from avistar.scan import Scan

CHUNK = 200
"""Photos reported together: few enough to be shown at once, enough not to flood the UI thread."""


@dataclass(frozen=True, slots=True)
class ScanSummary:
    """What a scan saw: photos and folders counted, and (folder, reason) of those that could not be opened."""

    photos: int
    folders: int
    unreadable: tuple[tuple[str, str], ...]


def scan(paths: Sequence[str], report: Callable[[list[str]], None], cancelled: Callable[[], bool]) -> ScanSummary:
    """Walk `paths` (files and folders) and hand photos to `report` in chunks, in natural order."""
    walk = Scan(paths)
    chunk: list[str] = []
    photos = 0
    for photo in walk:
        chunk.append(photo)
        photos += 1
        if len(chunk) >= CHUNK:
            report(chunk)
            chunk = []
        if cancelled():
            break
    if chunk:
        report(chunk)
    return ScanSummary(photos, walk.folders, tuple(walk.unreadable))
