"""Pieces of SQL that several of a catalogue's tables need: columns, an insertion, a choice of rows."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

Verb: TypeAlias = Literal["INSERT", "INSERT OR REPLACE"]

AMONG = "IN (SELECT value FROM json_each(?))"
"""Among the values of a JSON array that is bound."""


def named(columns: Iterable[str]) -> str:
    """Columns, quoted."""
    return ", ".join(f'"{name}"' for name in columns)


def insertion(table: str, columns: Sequence[str], verb: Verb = "INSERT") -> str:
    """The statement that inserts a row with these `columns`, in their order."""
    return f"{verb} INTO {table} ({named(columns)}) VALUES ({', '.join('?' * len(columns))})"


def insert(connection: sqlite3.Connection, table: str, values: Mapping[str, Any], verb: Verb = "INSERT") -> int:
    """Insert a row; its number."""
    return int(connection.execute(insertion(table, tuple(values), verb), tuple(values.values())).lastrowid or 0)


def by_medium(rows: Iterable[sqlite3.Row]) -> Mapping[int, list[sqlite3.Row]]:
    """Rows of a table by the medium that they belong to."""
    grouped: dict[int, list[sqlite3.Row]] = defaultdict(list)
    for row in rows:
        grouped[row["medium"]].append(row)
    return grouped
