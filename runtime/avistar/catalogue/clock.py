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


class FolderIndex:
    """Which of some folders holds a file: the longest. Accents may be composed in either way."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._known = {unicodedata.normalize("NFC", folder): folder for folder in folders}

    def of(self, file: str) -> str | None:
        """The folder that holds `file` at any depth, None where none does; "" holds everything."""
        folder = unicodedata.normalize("NFC", file).rpartition("/")[0]
        while folder and folder not in self._known:
            folder = folder.rpartition("/")[0]
        return self._known.get(folder)

    def camera(self, file: str, depth: int = 1) -> str:
        """The camera's folder of `file`: the one that holds it, else as `folder_at` has it."""
        known = self.of(file)
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
        f"SELECT id, file, taken_at, coalesce(recorded_at, taken_at) AS at FROM medium WHERE id {AMONG}"
        " AND taken_at IS NOT NULL",
        (json.dumps(list(media)),),
    )
    changed = []
    for id, file, taken, at in rows.fetchall():
        said = datetime.fromisoformat(at)
        folder = index.of(file)
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
