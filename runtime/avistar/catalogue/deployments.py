"""What people say of the cameras' folders: place, dates, zone, and how much a clock was wrong."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from avistar.catalogue.connection import Store

_EACH = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class CameraFolder:
    """A folder of one camera.

    Attributes:
        folder: Below the survey's, "/" between its parts; "" for all of it. The longest that holds a photo counts.
        facts: Texts by the names of Camtrap DP's `deployments.csv`, and `timezone`.
        shift: What is added to the camera's clock.
    """

    folder: str
    facts: Mapping[str, str] = field(default_factory=dict)
    shift: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class DeploymentTable:
    """A survey's cameras."""

    store: Store

    def all(self) -> tuple[CameraFolder, ...]:
        """Every folder that people spoke of."""
        rows = self.store.rows("SELECT folder, facts, shift_s FROM deployment ORDER BY folder")
        return tuple(CameraFolder(row[0], json.loads(row[1]), timedelta(seconds=row[2])) for row in rows)

    def replace(self, folders: Iterable[CameraFolder]) -> None:
        """Store these in place of all there are, and set the times of their media by their shifts."""
        with self.store.transaction(durable=True) as connection:
            connection.execute("DELETE FROM deployment")
            connection.executemany(
                "INSERT INTO deployment VALUES (?, ?, ?)",
                ((one.folder, json.dumps(dict(one.facts)), one.shift.total_seconds()) for one in folders),
            )
            media = [row[0] for row in connection.execute("SELECT id FROM medium")]
            self.shift(connection, media)

    def shift(self, connection: sqlite3.Connection, media: Sequence[int]) -> None:
        """Set the times of `media` by their folders' shifts, and keep what the camera said where they differ."""
        shifts = dict(map(tuple, connection.execute("SELECT folder, shift_s FROM deployment")))
        rows = connection.execute(
            f"SELECT id, file, coalesce(recorded_at, taken_at) AS at, recorded_at FROM medium WHERE id {_EACH}"
            " AND taken_at IS NOT NULL",
            (json.dumps(list(media)),),
        ).fetchall()
        changed = []
        for id, file, at, recorded in rows:
            seconds = shifts.get(folder_of(file, shifts), 0.0)
            if seconds:
                changed.append(((datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat(), at, id))
            elif recorded is not None:
                changed.append((at, None, id))
        connection.executemany("UPDATE medium SET taken_at = ?, recorded_at = ? WHERE id = ?", changed)


def folder_of(file: str, folders: Iterable[str]) -> str:
    """Which of `folders` holds `file`: the longest, "" where it is none of them."""
    known = set(folders)
    folder = file.rpartition("/")[0]
    while folder and folder not in known:
        folder = folder.rpartition("/")[0]
    return folder
