"""Backups of a catalogue, few and beside it: made while it is written to, checked, and brought back.

daily_backup(path)              # once a day at most: <name>.backups/2026-03-01T120000.avistar
restore(path, backups(path)[0]) # the present file steps aside, nothing is deleted
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from avistar.errors import CatalogueBusy, CatalogueError
from avistar.files import check_room, failure, partial_beside, printable, settle, size_of

KEPT = 7
"""Backups of one catalogue that are kept, the newest."""

_FORM = "%Y-%m-%dT%H%M%S"
_EACH = timedelta(days=1)


def backups(path: Path) -> list[Path]:
    """The backups of the catalogue at `path`, newest first."""
    return sorted(_folder(path).glob(f"*{path.suffix}"), reverse=True)


def daily_backup(path: Path, now: datetime | None = None) -> Path | None:
    """`backup`, unless there is one that is younger than a day: then None."""
    now = now or datetime.now(UTC)
    return backup(path, now) if backup_due(path, now) else None


def backup_due(path: Path, now: datetime | None = None) -> bool:
    """Whether no backup of the catalogue at `path` is younger than a day."""
    newest = next(iter(backups(path)), None)
    with contextlib.suppress(ValueError):  # a file that somebody else put there
        return newest is None or (now or datetime.now(UTC)) - _made_at(newest) >= _EACH
    return True


def backup(path: Path, now: datetime | None = None) -> Path:
    """Copy the catalogue at `path`, whole as it is at one moment, and keep the newest `KEPT`.

    May be called while it is read or written. Raises `CatalogueError` where it is damaged, or the disk fails or is
    full; earlier backups are then left as they are.
    """
    target = _folder(path) / f"{(now or datetime.now(UTC)).strftime(_FORM)}{path.suffix}"
    partial = partial_beside(target)
    try:
        target.parent.mkdir(exist_ok=True)
        copy_whole(path, partial)
        settle(partial, target)
    except OSError as error:
        raise CatalogueError(failure(target, error, path.stat().st_size).args[0]) from error
    except sqlite3.Error as error:
        raise CatalogueError(
            "{where} can't be backed up ({error}): earlier backups are kept", where=printable(path), error=error
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    for old in backups(path)[KEPT:]:
        old.unlink(missing_ok=True)
    return target


def restore(path: Path, chosen: Path) -> Path | None:
    """Put the backup `chosen` in the catalogue's place; where the present file stepped aside to, None if there is none.

    Nobody may be writing to the catalogue. Raises `CatalogueError` for a backup that is damaged, `CatalogueBusy` while
    somebody writes; all is then as it was.
    """
    partial = partial_beside(path)
    try:
        with writer_lock(path, printable(path)):
            try:
                copy_whole(chosen, partial)
            except sqlite3.Error as error:
                raise CatalogueError(
                    "{backup} is damaged ({error}): choose another backup", backup=printable(chosen), error=error
                ) from error
            aside = take_place(partial, path)
    except OSError as error:
        raise CatalogueError(failure(path, error, size_of(chosen)).args[0]) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    return aside


def take_place(partial: Path, path: Path) -> Path | None:
    """Move a new catalogue to `path`; where the one before stepped aside to. Raises `OSError`, all as it was."""
    aside = set_aside(path) if path.exists() else None
    try:
        settle(partial, path)
    except BaseException:
        if aside is not None:
            for end in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.rename(f"{aside}{end}", f"{path}{end}")  # noqa: PTH104 as in `set_aside`
        raise
    return aside


def set_aside(path: Path) -> Path:
    """Rename a catalogue, with what SQLite keeps beside it, to a name that says when. Raises `OSError`."""
    aside = path.with_name(f"{path.stem}.before-{datetime.now(UTC).strftime(_FORM)}{path.suffix}")
    path.rename(aside)
    for end in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}{end}", f"{aside}{end}")  # noqa: PTH104 names with an end, no paths below
    return aside


@contextlib.contextmanager
def writer_lock(path: Path, where: str) -> Iterator[None]:
    """Be the one writer of the catalogue at `path`: see `hold_lock`. Raises `OSError` where no lock can be made."""
    try:
        lock = hold_lock(path, where)
    except sqlite3.Error as error:
        full = getattr(error, "sqlite_errorname", "").startswith("SQLITE_FULL")
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error), os.fspath(path)) from error
    with contextlib.closing(lock):
        yield


def hold_lock(path: Path, where: str) -> sqlite3.Connection:
    """Hold `<catalogue>.lock`: SQLite's own file lock, which every system frees when a process dies.

    Raises `CatalogueBusy` while another process holds it, `sqlite3.Error` where no lock can be made.
    """
    file = path.with_name(f"{path.name}.lock").absolute().as_uri()
    lock = sqlite3.connect(f"{file}?mode=rwc", uri=True, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("PRAGMA busy_timeout = 0")
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise CatalogueBusy(
                "{where} is being written by another Avistar (a run, or the desktop app): wait for it or close it",
                where=where,
            ) from error
        raise
    return lock


def _folder(path: Path) -> Path:
    return path.with_name(f"{path.name}.backups")


def _made_at(backup: Path) -> datetime:
    return datetime.strptime(backup.stem, _FORM).replace(tzinfo=UTC)


def copy_whole(path: Path, target: Path) -> None:
    """Copy a catalogue as it is at one moment, checked.

    Raises `sqlite3.Error`, also where the copy is damaged, and `OSError`, also where the copy has no room.
    """
    check_room(target, path.stat().st_size)  # SQLite would make a file that is missing
    try:
        _copy(path, target)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(target)) from error
        raise


def _copy(path: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)
