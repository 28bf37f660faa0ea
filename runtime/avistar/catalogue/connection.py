"""The SQLite file: opening, the lock of the one writer, transactions, and errors that people understand."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from avistar.catalogue import codec, schema
from avistar.catalogue.backup import backup, backups, hold_lock
from avistar.catalogue.repair import check_whole
from avistar.errors import CatalogueDamaged, CatalogueError, UsageError
from avistar.files import printable
from avistar.message import Message

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_BUSY_MS = 5_000
"""How long to wait for another process' checkpoint; a second writer is refused at once, by its lock."""

_CHECKED_BYTES = 200_000_000
"""Of a catalogue that is checked whenever it is opened: some 100,000 photos."""

_CURES = {
    "SQLITE_FULL": Message("the disk is full: free some space and start again, nothing that was stored is lost"),
    "SQLITE_IOERR": Message(
        "the disk doesn't answer, or is full: check it and start again, nothing that was stored is lost"
    ),
    "SQLITE_BUSY": Message("another program holds it: close that one and start again"),
    "SQLITE_LOCKED": Message("another program holds it: close that one and start again"),
    "SQLITE_READONLY": Message("it can't be written here: check the folder's rights, or name a file elsewhere"),
    "SQLITE_CANTOPEN": Message("it can't be opened or made here: check the folder and its rights"),
    "SQLITE_NOTADB": Message("it is no catalogue: name another file"),
    "SQLITE_CORRUPT": Message("it is damaged: `avistar survey repair` rebuilds what can be read, or restore a backup"),
}

_DAMAGED = Message(
    "{where} is damaged ({found}): `avistar survey repair` rebuilds what can be read, or restore a backup"
)


class Store:
    """One connection, safe to share between threads; `write` also takes the lock of the one writer.

    `checked`: it was found whole by this process, and is not read through again for that.
    Raises `CatalogueError` when the file can't be opened, `CatalogueBusy` when another process writes to it.
    """

    def __init__(self, path: Path, *, write: bool, checked: bool = False) -> None:
        self.path, self._checked = path, checked
        self.where = printable(path)
        self._mutex = threading.RLock()
        self._lock: sqlite3.Connection | None = None
        self._connection: sqlite3.Connection | None = None
        try:
            with self._errors():
                if write:
                    self._open_to_write()
                else:
                    self._open_to_read()
        except BaseException:
            self.close()
            raise

    def _open_to_write(self) -> None:
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise UsageError("{where} can't be a catalogue: name a file in a folder that exists", where=self.where)
        self._lock = hold_lock(self.path, self.where)
        connection = self._connection = _connect(self.path, "rwc")
        version = schema.checked_version(connection, self.where)  # before anything is written to what isn't ours
        self._check_whole()
        if 0 < version < len(schema.MIGRATIONS):
            backup(self.path)
        connection.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing that was committed; a power cut may lose the last commits, but reviews.
        connection.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():  # before foreign keys count: a table that is made anew is dropped in between
            schema.bring_up_to_date(connection, self.where)
        connection.execute("PRAGMA foreign_keys = ON")

    def _open_to_read(self) -> None:
        if not self.path.is_file():
            raise CatalogueError("{where}: there is no such catalogue", where=self.where)
        self._connection = _connect(self.path, "ro")
        try:
            version = schema.checked_version(self._connection, self.where)
        except sqlite3.OperationalError:  # a folder, or a full disk, where SQLite can't put its shared memory
            journal = self.path.with_name(f"{self.path.name}-wal")
            if journal.exists() and journal.stat().st_size:
                raise
            self._connection.close()
            self._connection = _connect(self.path, "ro&immutable=1")
            version = schema.checked_version(self._connection, self.where)
        if version < len(schema.MIGRATIONS):
            raise CatalogueError(
                "{where} is empty or from an older Avistar: `avistar identify --catalogue` brings it up to date",
                where=self.where,
            )
        self._check_whole()

    def _check_whole(self) -> None:
        """Refuse a damaged file where looking costs less than a second."""
        if not self._checked and self.path.stat().st_size <= _CHECKED_BYTES:
            check_whole(self._open, self.where)

    @contextlib.contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """All of the block or nothing; `durable`: on the disk, power cut or not, when the block ends."""
        with self._mutex, self._errors():
            connection = self._open
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Several questions, with no other thread's in between."""
        with self._mutex, self._errors():
            yield self._open

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Every row of a query."""
        with self._mutex, self._errors():
            return self._open.execute(sql, values).fetchall()

    def stream(self, sql: str, size: int = 500) -> Iterator[sqlite3.Row]:
        """The rows of a query, `size` of them in memory at a time."""
        with self._mutex, self._errors():
            cursor = self._open.execute(sql)
        while True:
            with self._mutex, self._errors():
                some = cursor.fetchmany(size)
            if not some:
                return
            yield from some

    @contextlib.contextmanager
    def decoding(self) -> Iterator[None]:
        """Rows are made into what they mean; one that means nothing is damage that SQLite can't see."""
        try:
            yield
        except codec.MEANINGLESS as error:
            raise CatalogueDamaged(_DAMAGED, where=self.where, found=str(error) or type(error).__name__) from error

    def close(self) -> None:
        """Free the file and the lock. Safe to call twice."""
        with self._mutex:
            for connection in (self._connection, self._lock):
                if connection is not None:
                    connection.close()
            self._connection = self._lock = None

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise CatalogueError("{where} was closed", where=self.where)
        return self._connection

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError as error:  # what SQLite says of a damaged table names it as it is
            raise CatalogueDamaged(_DAMAGED, where=self.where, found=error) from error
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            cure = next((text for key, text in _CURES.items() if name.startswith(key)), str(error))
            # What has backups was a catalogue once, whatever is left of it.
            damaged = name.startswith("SQLITE_CORRUPT") or (name.startswith("SQLITE_NOTADB") and backups(self.path))
            kind = CatalogueDamaged if damaged else CatalogueError
            raise kind(Message("{where}: {cure} ({error})", where=self.where, cure=cure, error=error)) from error


def decoding(method: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """A method of an object with a `_store`, whose rows are made into what they mean: see `Store.decoding`."""

    @functools.wraps(method)
    def checked(*args: Parameters.args, **named: Parameters.kwargs) -> Result:
        with args[0]._store.decoding():  # type: ignore[attr-defined]  # the object itself
            return method(*args, **named)

    return checked


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,  # transactions begin where we say so
        check_same_thread=False,  # `Store` lets one thread in at a time
        timeout=_BUSY_MS / 1000,
    )
    connection.row_factory = sqlite3.Row
    return connection
