"""What became of a folder since a catalogue last saw it: new, changed, moved and vanished files."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avistar.catalogue import other_answers
from avistar.catalogue.clock import shift
from avistar.catalogue.codec import path_bytes
from avistar.catalogue.found import settle
from avistar.catalogue.sql import AMONG
from avistar.files import content_key, printable
from avistar.records import MediumKind


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that a scan met; `relative` to the survey's folder, with "/" between its parts.

    `seen`: whether its size and time could be asked; a link to a disk that is not there is met and not seen.
    """

    relative: str
    kind: MediumKind = "photo"
    bytes: int = 0
    modified_ns: int = 0
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Changes:
    """Numbers of files: `known` as they were (also those that came back), `changed` ones to be read again."""

    new: int = 0
    known: int = 0
    changed: int = 0
    moved: int = 0
    vanished: int = 0


def reconcile(
    connection: sqlite3.Connection,
    folder: str,
    found: Iterable[FoundFile],
    *,
    below: Sequence[str],
    unread: Sequence[str],
) -> Changes:
    """Bring the table of media in line with what a scan `found`, within the caller's transaction.

    `below`: the paths that were scanned, "" for everything; what lies elsewhere stays as it is. `unread`:
    folders that could not be looked into: nothing in them has vanished.
    """
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS scanned (path BLOB PRIMARY KEY, position INTEGER, kind TEXT, "
        "bytes INTEGER, modified_ns INTEGER, seen INTEGER)"
    )
    connection.execute("DELETE FROM scanned")
    connection.executemany(
        "INSERT OR IGNORE INTO scanned VALUES (?, ?, ?, ?, ?, ?)",
        ((path_bytes(one.relative), i, one.kind, one.bytes, one.modified_ns, one.seen) for i, one in enumerate(found)),
    )
    # What was seen once and can't be looked at now has vanished for the moment; a new one will fail, and say why.
    connection.execute(
        "DELETE FROM scanned WHERE NOT seen AND path IN (SELECT path FROM medium WHERE bytes <> 0 OR modified_ns <> 0)"
    )
    vanishing = _vanishing(connection, below, unread)
    moved = _follow_moved(connection, folder, vanishing)
    gone = [id for id in vanishing if id not in moved]
    connection.execute(f"UPDATE medium SET present = 0 WHERE id {AMONG}", (json.dumps(gone),))
    changed = _reset_changed(connection, folder)
    new = connection.execute(_INSERT_NEW).rowcount
    connection.execute(
        """UPDATE medium SET present = 1, position = scanned.position FROM scanned
           WHERE scanned.path = medium.path AND (present <> 1 OR medium.position <> scanned.position)"""
    )
    settle_paths(connection)
    if moved:  # into another camera's folder, whose clock was wrong, or wasn't
        shift(connection, sorted(moved))
    total: int = connection.execute("SELECT count(*) FROM scanned").fetchone()[0]
    connection.execute("DELETE FROM scanned")
    return Changes(new, total - new - changed - len(moved), changed, len(moved), len(gone))


_INSERT_NEW = """INSERT INTO medium (path, file, position, kind, bytes, modified_ns, content, width, height, duration_s,
        frame_rate, camera, serial, unreadable, present, state, message, sequence)
    SELECT path, '', position, kind, bytes, modified_ns, '', 0, 0, 0, 0, '', '', '[]', 1, 'pending', '', ''
    FROM scanned WHERE path NOT IN (SELECT path FROM medium) ORDER BY position"""


def _vanishing(connection: sqlite3.Connection, below: Sequence[str], unread: Sequence[str]) -> list[int]:
    """Media that were present, lie where somebody looked, and were not found."""
    rows = connection.execute(
        "SELECT id, path FROM medium WHERE present AND path NOT IN (SELECT path FROM scanned) ORDER BY id"
    )
    looked, closed = [path_bytes(one) for one in below], [path_bytes(one) for one in unread]
    return [id for id, path in rows if _lies_in(path, looked) and not _lies_in(path, closed)]


def _lies_in(path: bytes, folders: Sequence[bytes]) -> bool:
    return any(not folder or path == folder or path.startswith(folder + b"/") for folder in folders)


def _follow_moved(connection: sqlite3.Connection, folder: str, vanishing: Sequence[int]) -> set[int]:
    """Give media whose content turned up under a new path that path, answers and reviews included."""
    gone: dict[int, list[tuple[int, str]]] = {}
    earlier = connection.execute(
        f"SELECT id, bytes, content FROM medium WHERE content <> '' AND (NOT present OR id {AMONG}) "
        "AND path NOT IN (SELECT path FROM scanned) ORDER BY id",
        (json.dumps(list(vanishing)),),
    )
    for id, size, content in earlier:
        gone.setdefault(size, []).append((id, content))
    moved: set[int] = set()
    fresh = connection.execute(
        "SELECT path, bytes, modified_ns FROM scanned WHERE path NOT IN (SELECT path FROM medium) ORDER BY position"
    ).fetchall()
    for path, size, modified_ns in fresh:
        candidates = gone.get(size, [])
        key = _key_of(folder, path, size) if candidates else None
        match = next((one for one in candidates if one[1] == key), None)
        if match is not None:
            candidates.remove(match)
            connection.execute(
                "UPDATE medium SET path = ?, file = '', modified_ns = ? WHERE id = ?", (path, modified_ns, match[0])
            )
            moved.add(match[0])
    return moved


def _reset_changed(connection: sqlite3.Connection, folder: str) -> int:
    """Files that were seen to hold something else are to be identified again; a new date alone changes nothing."""
    touched = connection.execute(
        """SELECT medium.id, medium.path, scanned.bytes, scanned.modified_ns, medium.bytes, content, state FROM medium
           JOIN scanned USING (path) WHERE medium.bytes <> scanned.bytes OR medium.modified_ns <> scanned.modified_ns"""
    ).fetchall()
    changed = []
    for id, path, size, modified_ns, earlier_size, content, state in touched:
        key = _key_of(folder, path, size) if size == earlier_size and content else ""
        if key is None:  # it can't be read now, and was not seen to differ: it is asked again next time
            continue
        connection.execute("UPDATE medium SET bytes = ?, modified_ns = ? WHERE id = ?", (size, modified_ns, id))
        same = size == earlier_size and content and content == key
        if not same and state != "pending":
            changed.append(id)
    forget_answers(connection, changed)
    other_answers.forget(connection, changed)
    return len(changed)


def forget_answers(connection: sqlite3.Connection, media: Sequence[int]) -> None:
    """Make `media` pending again; what people said of them stays."""
    chosen = (json.dumps(list(media)),)
    for table in ("observation", "detection", "together"):
        connection.execute(f"DELETE FROM {table} WHERE medium {AMONG}", chosen)
    connection.execute(
        f"""UPDATE medium SET state = 'pending', fault = NULL, message = '', sequence = '', content = '',
            decision = NULL, decided = NULL, confidence = NULL, answered_at = NULL WHERE id {AMONG}""",
        chosen,
    )
    settle(connection, media)


def settle_paths(connection: sqlite3.Connection) -> None:
    """Write new and changed paths as text too, � for what is no UTF-8: what other programs show."""
    paths = connection.execute("SELECT path, id FROM medium WHERE file = ''").fetchall()
    connection.executemany(
        "UPDATE medium SET file = ? WHERE id = ?", ((printable(os.fsdecode(path)), id) for path, id in paths)
    )


def _key_of(folder: str, path: bytes, size: int) -> str | None:
    try:
        return content_key(Path(folder, os.fsdecode(path)), size)
    except OSError:
        return None
