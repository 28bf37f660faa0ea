"""Memory cards in the slots of this computer that look like a camera's. Knows no widget."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStorageInfo

_REMOVABLE = ("/media/", "/run/media/", "/mnt/", "/Volumes/")
"""Where Linux and macOS mount cards."""

_FAR = frozenset((b"nfs", b"nfs4", b"cifs", b"smb3", b"smbfs", b"fuse.sshfs", b"9p", b"afpfs", b"webdav"))
"""File systems of other computers: asking one that is lost takes its time."""

_CAMERA_FOLDERS = ("DCIM", "dcim")


@dataclass(frozen=True, slots=True)
class Card:
    """A mounted card: its folder, its name, and how much is on it."""

    folder: str
    name: str
    used_bytes: int


@dataclass(frozen=True, slots=True)
class Volume:
    """A mounted volume, as the system tells of it."""

    root: str
    name: str
    file_system: bytes
    used_bytes: int


def mounted_volumes() -> list[Volume]:
    """Every volume that is ready, other computers' aside."""
    return [
        Volume(one.rootPath(), one.name(), _text_of(one), max(0, one.bytesTotal() - one.bytesFree()))
        for one in QStorageInfo.mountedVolumes()
        if one.isReady() and _text_of(one) not in _FAR
    ]


def _text_of(volume: QStorageInfo) -> bytes:
    return bytes(volume.fileSystemType().data())


def camera_cards(volumes: Iterable[Volume] | None = None) -> list[Card]:
    """The volumes with a camera's folder at their root; by default, of those that are mounted now."""
    found = []
    for one in mounted_volumes() if volumes is None else volumes:
        if one.file_system in _FAR or not _may_be_card(one.root):
            continue
        if any(os.path.isdir(os.path.join(one.root, name)) for name in _CAMERA_FOLDERS):  # noqa: PTH112, PTH118
            found.append(Card(one.root, one.name or Path(one.root).name or one.root, one.used_bytes))
    return found


def _may_be_card(root: str) -> bool:
    windows_drive = len(root) <= 3 and root[1:2] == ":"
    return windows_drive or root.startswith(_REMOVABLE)
