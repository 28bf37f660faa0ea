"""Embeddings of photos that were looked at once, kept for the next time: in the user's cache folder."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

MOST_BYTES = 2_000_000_000


class KeptEmbeddings:
    """A SQLite file of half-precision embeddings by a key of photo, part and network.

    Where the file can't be used (a full disk, another process at work, damage), nothing is kept and nothing is
    found: it only saves time.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._connection: sqlite3.Connection | None = None
        file = file or user_cache_path("avistar") / "embeddings.sqlite"
        with contextlib.suppress(OSError, sqlite3.Error):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, timeout=5)
            self._connection.execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, row BLOB) WITHOUT ROWID")
            if file.stat().st_size > MOST_BYTES:
                self._connection.execute("DELETE FROM kept")
                self._connection.commit()

    def find(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The embeddings float32 [features] of those `keys` that are there."""
        found: dict[str, NDArray[np.float32]] = {}
        if self._connection is None:
            return found
        with contextlib.suppress(sqlite3.Error, ValueError):
            for start in range(0, len(keys), 500):
                some = keys[start : start + 500]
                marks = ",".join("?" * len(some))
                for key, raw in self._connection.execute(f"SELECT key, row FROM kept WHERE key IN ({marks})", some):
                    found[key] = np.frombuffer(raw, "<f2").astype(np.float32)
        return found

    def keep(self, rows: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep embeddings by their keys."""
        if self._connection is not None:
            values = [(key, row.astype("<f2").tobytes()) for key, row in rows.items()]
            with contextlib.suppress(sqlite3.Error), self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", values)

    def close(self) -> None:
        """Free the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
