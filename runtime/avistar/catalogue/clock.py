"""Cameras' folders and clocks: which folder holds a file, and times set right beside what the camera said."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from avistar.catalogue.clock_shift import ClockShift, read_clock, shift_at
from avistar.catalogue.sql import AMONG

PARTS = "clockShift"
"""The fact of a camera's folder that says how much its clock was wrong for a part of the time."""


_BETWEEN = "//"
"""Between a folder and the serial number of one of the cameras that share it: no path holds it."""


def shared_folder(folder: str, serial: str) -> str:
    """What the folder of one camera is called that shares it with others: "cam1//SN1"."""
    return f"{folder}{_BETWEEN}{serial}"


def folder_parts(folder: str) -> tuple[str, str]:
    """A camera's folder, and the serial number that it goes by where it shares that with others, else ""."""
    path, _, serial = folder.partition(_BETWEEN)
    return path, serial


def folder_text(folder: str) -> str:
    """A camera's folder as people read it: "cam1 SN1"."""
    return " ".join(filter(None, folder_parts(folder)))


class FolderIndex:
    """Which of some folders holds a file: the longest. Accents may be composed in either way.

    Of cameras that share a folder, see `shared_folder`, each has the files with its serial number.
    """

    def __init__(self, folders: Iterable[str]) -> None:
        self._known = {unicodedata.normalize("NFC", folder): folder for folder in folders}
        self._shared = {path for path, serial in map(folder_parts, self._known) if serial}

    def of(self, file: str, serial: str = "") -> str | None:
        """The folder that holds `file` at any depth, None where none does; "" holds everything."""
        folder = unicodedata.normalize("NFC", file).rpartition("/")[0]
        while True:
            if folder in self._shared and (own := shared_folder(folder, serial)) in self._known:
                return self._known[own]
            if folder in self._known or not folder:
                return self._known.get(folder)
            folder = folder.rpartition("/")[0]

    def camera(self, file: str, depth: int = 1, serial: str = "") -> str:
        """The camera's folder of `file`: the one that holds it, else as `folder_at` has it."""
        known = self.of(file, serial)
        return folder_at(file, depth) if known is None else known


def folder_at(file: str, depth: int = 1) -> str:
    """The folder of `file` that is `depth` levels below the survey's, as far as it goes; "" for that itself."""
    return "/".join(file.split("/")[:-1][:depth])


def shift(connection: sqlite3.Connection, media: Sequence[int]) -> list[int]:
    """Set the times of `media` by their folders' shifts, and keep what the camera said where they differ.

    Args:
        connection: Within the caller's transaction.
        media: The ids of media.

    Returns:
        Those whose time changed.
    """
    shifts = {folder: _clock(seconds, parts) for folder, seconds, parts in _shifts(connection)}
    index = FolderIndex(shifts)
    rows = connection.execute(
        f"SELECT id, file, serial, taken_at, coalesce(recorded_at, taken_at) AS at FROM medium WHERE id {AMONG}"
        " AND taken_at IS NOT NULL",
        (json.dumps(list(media)),),
    )
    changed = []
    for id, file, serial, taken, at in rows.fetchall():
        said = datetime.fromisoformat(at)
        folder = index.of(file, serial)
        offset = shift_at(() if folder is None else shifts[folder], said.replace(tzinfo=None))
        now = (said + offset).isoformat() if offset else at
        if now != taken:
            changed.append((now, at if offset else None, id))
    connection.executemany("UPDATE medium SET taken_at = ?, recorded_at = ? WHERE id = ?", changed)
    return [row[2] for row in changed]


def settle_cameras(connection: sqlite3.Connection, undone: str) -> list[int]:
    """Let the tables of cameras and of the project show what was said of them last and is not `undone`.

    Args:
        connection: Within the caller's transaction.
        undone: An SQL expression that is true of a step that is undone.

    Returns:
        The media whose time changed.
    """
    before = _shifts(connection)
    connection.execute("DELETE FROM deployment")
    connection.execute("DELETE FROM project")
    standing = f"""(SELECT max(placement.id) FROM placement JOIN step ON step.id = placement.step
        WHERE NOT coalesce({undone}, 0) GROUP BY folder)"""
    connection.execute(
        f"INSERT INTO deployment SELECT folder, facts, shift_s FROM placement "
        f"WHERE id IN {standing} AND folder IS NOT NULL AND NOT dropped"
    )
    connection.execute(f"INSERT INTO project SELECT 1, facts FROM placement WHERE id IN {standing} AND folder IS NULL")
    changed = {folder for folder, *_ in before ^ _shifts(connection)}
    return shift(connection, _media_below(connection, changed)) if changed else []


def _media_below(connection: sqlite3.Connection, folders: set[str]) -> list[int]:
    """The media in any of `folders`; all of them where a name may be spelled in two ways."""
    folders = {folder_parts(folder)[0] for folder in folders}
    if not all(folder and folder.isascii() for folder in folders):
        return [row[0] for row in connection.execute("SELECT id FROM medium")]
    sql = "SELECT id FROM medium WHERE substr(file, 1, length(?1)) = ?1"
    return [row[0] for folder in folders for row in connection.execute(sql, (f"{folder}/",))]


def _shifts(connection: sqlite3.Connection) -> set[tuple[str, float, str]]:
    """Folder, shift for all its photos, and shifts for some.

    Folders count too: one inside another that is shifted keeps its own time.
    """
    sql = f"SELECT folder, shift_s, coalesce(json_extract(facts, '$.{PARTS}'), '') FROM deployment"
    return {(row[0], row[1], row[2]) for row in connection.execute(sql)}


def _clock(seconds: float, parts: str) -> tuple[ClockShift, ...]:
    read = read_clock(parts)
    return (ClockShift(timedelta(seconds=seconds)), *(read[1] if read else ()))
