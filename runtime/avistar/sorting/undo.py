"""Taking a sorting run back, finished or killed half-way: from its manifest, last file first."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from avistar.errors import UsageError
from avistar.files import contained, is_another_copy, printable
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
        reason = _taken_back(root, entry, index, undone)
        if reason:
            undone.kept.append((printable(entry.to), reason))
            left.append(entry)
        progress(undone)
    rewrite(root, left[::-1])
    return undone


def _taken_back(root: Path, entry: Entry, index: Index, undone: UndoResult) -> str:
    """Take one file back; the reason why not, or ""."""
    try:
        target = contained(root, entry.to)
        with contextlib.suppress(OSError):
            partial_of(target).unlink()
        reason = _take_back(entry, target, index, undone)
    except UsageError as error:
        return str(error)
    except OSError as error:
        return reason_of(error)
    if not reason:
        _remove_empty(target.parent, root)
    return reason


def _take_back(entry: Entry, target: Path, index: Index, undone: UndoResult) -> str:
    found = target if os.path.lexists(target) else index.moved(entry)
    source = Path(entry.source)
    if found is None:
        lost = entry.how == "move" and not source.exists()
        return Message("it is neither here nor where it came from") if lost else ""
    if entry.how == "move":
        return _move_back(entry, found, source, undone)
    return _remove(entry, found, source, undone)


def _move_back(entry: Entry, found: Path, source: Path, undone: UndoResult) -> str:
    if not entry.ours:
        return Message("another installation says that it was moved here: move it back by hand, or undo it there")
    if not os.path.lexists(source):
        source.parent.mkdir(parents=True, exist_ok=True)
        move(found, source)
        undone.restored += 1
        return ""
    # Killed before the original went: it is still good.
    both_links = found.is_symlink() and source.is_symlink() and found.resolve() == source.resolve()
    if both_links or (source.exists() and is_another_copy(source, found)):
        found.unlink()
        undone.removed += 1
        return ""
    return Message("another file is at {source} now", source=printable(entry.source))


def _remove(entry: Entry, found: Path, source: Path, undone: UndoResult) -> str:
    if entry.how == "symlink":
        if not found.is_symlink() or found.readlink() != source:
            return Message("it is no longer the link that was made")
    elif found.is_symlink():
        return Message("it was changed since")
    elif not source.exists():
        return Message("its original is gone: this is the last copy")
    elif not is_another_copy(source, found):
        return _difference(entry, found, source)
    found.unlink()
    undone.removed += 1
    return ""


def _difference(entry: Entry, found: Path, source: Path) -> str:
    """Why a file that can't be removed can't, though something is where it came from."""
    if source.resolve() == found.resolve():
        return Message("what is in its original's place leads here: this is the last copy")
    if same_file(found, entry) and not same_file(source, entry):
        return Message("its original holds something else by now: this is the last copy")
    return Message("it was changed since")


def _remove_empty(folder: Path, root: Path) -> None:
    with contextlib.suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent
