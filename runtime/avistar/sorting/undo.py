"""Taking a sorting run back, finished or killed half-way: from its manifest, last file first."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from avistar.files import printable
from avistar.message import Message, reason_of
from avistar.sorting.apply import move, partial_of
from avistar.sorting.file_index import Index, same_file
from avistar.sorting.undo_log import Entry, read_journal, rewrite


@dataclass(slots=True)
class UndoResult:
    """What was taken back, and (file, reason) of what stays because taking it back could lose something."""

    removed: int = 0
    restored: int = 0
    kept: list[tuple[str, str]] = field(default_factory=list)


def undo(root: Path, progress: Callable[[UndoResult], None] = lambda undone: None) -> UndoResult:
    """Move back what was moved, remove copies and links; what people changed, or whose original is gone, stays.

    May be called again until nothing is left; the manifest then goes. Raises `UsageError` where nothing was
    sorted.
    """
    undone, left, index = UndoResult(), [], Index.of(root)
    for entry in reversed(read_journal(root)):
        target = root.joinpath(*entry.to.split("/"))
        with contextlib.suppress(OSError):
            partial_of(target).unlink()
        reason = _take_back(entry, target, index, undone)
        if reason:
            undone.kept.append((printable(entry.to), reason))
            left.append(entry)
        else:
            _remove_empty(target.parent, root)
        progress(undone)
    rewrite(root, left[::-1])
    return undone


def _take_back(entry: Entry, target: Path, index: Index, undone: UndoResult) -> str:
    """Take one file back; the reason why not, or ""."""
    found = target if os.path.lexists(target) else index.moved(entry)
    source = Path(entry.source)
    if found is None:
        lost = entry.how == "move" and not source.exists()
        return Message("it is neither here nor where it came from") if lost else ""
    try:
        if entry.how == "move":
            return _move_back(entry, found, source, undone)
        return _remove(entry, found, source, undone)
    except OSError as error:
        return reason_of(error)


def _move_back(entry: Entry, found: Path, source: Path, undone: UndoResult) -> str:
    if not os.path.lexists(source):
        source.parent.mkdir(parents=True, exist_ok=True)
        move(found, source)
        undone.restored += 1
        return ""
    # Killed after the copy to another disk, before the original went: the original is still good.
    if source.samefile(found) or (same_file(source, entry) and same_file(found, entry)):
        found.unlink()
        undone.removed += 1
        return ""
    return Message("another file is at {source} now", source=printable(entry.source))


def _remove(entry: Entry, found: Path, source: Path, undone: UndoResult) -> str:
    if entry.how == "symlink":
        if not found.is_symlink() or found.readlink() != source:
            return Message("it is no longer the link that was made")
    elif not source.exists():
        return Message("its original is gone: this is the last copy")
    elif entry.how == "hardlink":
        if not source.samefile(found):
            return Message("it was changed since")
    elif not same_file(found, entry):
        return Message("it was changed since")
    found.unlink()
    undone.removed += 1
    return ""


def _remove_empty(folder: Path, root: Path) -> None:
    with contextlib.suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent
