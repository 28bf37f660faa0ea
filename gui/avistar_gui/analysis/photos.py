"""Where the judged photos lie on this machine, and their thumbnails by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avistar.analysis import photo_path


@dataclass(frozen=True, slots=True)
class Located:
    """The folder below which `found` of `asked` photos lie, by their relative names."""

    folder: str
    found: int
    asked: int


def locate(folder: Path, files: Sequence[str]) -> Located:
    """Look for `files` below `folder`, else right below one of its folders, else beside it; where most are, counts."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    best = Located(str(folder), 0, len(files))
    for candidate in (folder, *inside, folder.parent):
        # A look at a few first: a disk with 100,000 folders must not be asked for each photo.
        if not any(photo_path(candidate, file) for file in files[:: max(1, len(files) // 20)]):
            continue
        found = sum(photo_path(candidate, file) is not None for file in files)
        if found > best.found:
            best = Located(str(candidate), found, len(files))
    return best
