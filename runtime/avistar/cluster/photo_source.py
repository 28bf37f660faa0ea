"""The photos of a source that may hold millions: listed lazily, in the same order every time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any

from avistar.errors import MissingExtra, UsageError
from avistar.files import printable
from avistar.images.decode import SUFFIXES
from avistar.message import Message, reason_of
from avistar.scan import Scan, natural

LIST_SUFFIXES = (".txt", ".lst")


@dataclass(frozen=True, slots=True)
class ListedPhoto:
    """One photo: its path below the source's root, with "/" between its parts.

    `bytes` and `modified_ns` (Unix time) as an object store's listing tells them; 0 for a local file, whose
    worker looks for itself.
    """

    relative: str
    bytes: int = 0
    modified_ns: int = 0


@dataclass(slots=True)
class PhotoSource:
    """A source of photos; `root` is an absolute folder or an fsspec address without a final "/".

    Iterate for the photos. `unreadable` then holds (folder, reason) of what could not be looked into.
    """

    root: str
    _list_file: Path | None = None
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[ListedPhoto]:
        if self._list_file is not None:
            return self._from_list(self._list_file)
        return self._from_store() if is_address(self.root) else self._from_folder()

    def _from_folder(self) -> Iterator[ListedPhoto]:
        scan = Scan([self.root])
        for path in scan:
            yield ListedPhoto(os.path.relpath(path, self.root).replace(os.sep, "/"))
        self.unreadable.extend(scan.unreadable)

    def _from_list(self, file: Path) -> Iterator[ListedPhoto]:
        for entry in _entries(file):
            yield ListedPhoto(entry[len(self.root) :].lstrip("/"))

    def _from_store(self) -> Iterator[ListedPhoto]:
        store, top = open_store(self.root)
        for folder, below, files in store.walk(top, detail=True, on_error=self._note):
            for name in [name for name in below if name.startswith(".")]:
                del below[name]  # a walk goes down into what is left
            for name in sorted(files, key=natural):
                if PurePosixPath(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                    facts = files[name]
                    relative = f"{folder}/{name}"[len(top) :].lstrip("/")
                    yield ListedPhoto(relative, int(facts.get("size") or 0), _modified_ns(facts))

    def _note(self, error: OSError) -> None:
        self.unreadable.append((printable(str(error.filename or self.root)), reason_of(error)))


def open_source(name: str) -> PhotoSource:
    """The source that a user names: a folder, a list (.txt, a path or address a line) or an fsspec address.

    Raises `UsageError` for what is none of them, `MissingExtra` where fsspec is needed and not installed.
    """
    if name.startswith("file://"):
        name = name.removeprefix("file://")
    if is_address(name):
        store, top = open_store(name)
        if not store.isdir(top):
            raise UsageError(
                "{name}: there is no such folder in that store; check the address and your access", name=name
            )
        return PhotoSource(name.rstrip("/"))
    path = Path(name).expanduser().absolute()
    if path.is_dir():
        return PhotoSource(str(path))
    if path.suffix.lower() in LIST_SUFFIXES and path.is_file():
        return PhotoSource(_common_root(path), path)
    raise UsageError(
        "{name} is no folder, no list of photos ({suffixes}) and no address such as s3://bucket/folder",
        name=printable(name),
        suffixes=" or ".join(LIST_SUFFIXES),
    )


def is_address(name: str) -> bool:
    """Whether `name` is an fsspec address rather than a path."""
    return "://" in name


def open_store(address: str) -> tuple[Any, str]:
    """The fsspec file system of an address and the path in it.

    Raises `MissingExtra` without fsspec, `UsageError` for a protocol that isn't known or installed.
    """
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtra("cluster", Message("reading from an object store")) from error
    try:
        store, path = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise UsageError("{address}: {error}", address=address, error=error) from error
    return store, str(path).rstrip("/")


def _entries(file: Path) -> Iterator[str]:
    """The lines of a list: addresses as they are, paths made absolute against the list's folder."""
    with file.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        for line in lines:
            entry = line.rstrip("\r\n")
            if entry:
                yield entry if is_address(entry) else os.path.normpath(file.parent / entry).replace(os.sep, "/")


def _common_root(file: Path) -> str:
    """The deepest folder that all entries of a list lie in; one pass, so that memory stays flat."""
    common: list[str] | None = None
    for entry in _entries(file):
        parts = entry.split("/")[:-1]
        if common is None:
            common = parts
        else:
            common = [
                mine for mine, theirs in takewhile(lambda pair: pair[0] == pair[1], zip(common, parts, strict=False))
            ]
    if common is None:
        raise UsageError("{file} lists no photos", file=file)
    if not common or (common[1:] == [""] and common[0].endswith(":")):  # nothing, or a protocol alone
        raise UsageError("{file} names several stores or drives: make one list, and one run, for each", file=file)
    return "/".join(common) or "/"


def _modified_ns(facts: dict[str, Any]) -> int:
    """When a store says that a file was altered: fsspec's file systems name and type it differently."""
    for key in ("mtime", "LastModified", "last_modified", "modified", "created"):
        value = facts.get(key)
        if isinstance(value, datetime):
            return int(value.timestamp() * 1_000_000_000)
        if isinstance(value, int | float):
            return int(value * 1_000_000_000)
    return 0
