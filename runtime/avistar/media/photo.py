"""Photo files as media of a survey."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from avistar.errors import ImageError
from avistar.images.decode import opened, upright_size
from avistar.media.exif import read_capture
from avistar.records import Medium, MediumKind, Picture


def photo_pictures(path: str | os.PathLike[str], folder: Path, zone: tzinfo | None = None) -> Iterator[Picture]:
    """One photo of the survey in `folder`, to be identified as a whole."""
    medium = read_photo(path, folder, zone)
    yield Picture(medium, medium.path)


def read_photo(path: str | os.PathLike[str], folder: Path, zone: tzinfo | None = None) -> Medium:
    """The photo at `path` with its size and what its camera wrote, read from its header alone.

    `zone` is where the camera's clock was set, for photos that don't say. Never raises for a bad file:
    what can't be read stays empty, and identifying it says why.
    """
    return with_header(file_medium(path, folder, "photo"), path, zone)


def with_header(medium: Medium, source: str | os.PathLike[str] | bytes, zone: tzinfo | None = None) -> Medium:
    """`medium` with the size and the capture that the header of `source`, a path or a file's bytes, tells."""
    try:
        with opened(source) as image:
            width, height = upright_size(image)
            return replace(medium, width=width, height=height, capture=read_capture(image, zone=zone))
    except ImageError:
        return medium


def file_medium(path: str | os.PathLike[str], folder: Path, kind: MediumKind) -> Medium:
    """The file at `path` in the survey's `folder`, with what the file system says of it.

    A file outside the folder is named by its whole path.
    """
    absolute = os.path.abspath(path)  # noqa: PTH100 resolving links would rename what the user pointed at
    relative = Path(absolute)
    root = os.path.abspath(folder)  # noqa: PTH100
    if relative.is_relative_to(root):
        relative = relative.relative_to(root)
    try:
        status = os.stat(absolute)  # noqa: PTH116 takes names that are no valid text
    except (OSError, ValueError):
        size = modified = 0
    else:
        size, modified = status.st_size, status.st_mtime_ns
    return Medium(absolute, relative.as_posix(), kind, size, modified)
