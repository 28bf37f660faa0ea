"""Carrying out a plan: announced first, never over an existing file, whole or not there."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from avistar.errors import AvistarError, ImageError, UsageError
from avistar.files import contained, is_another_copy, path_below, printable, sync_folder
from avistar.formats.persons import blurred
from avistar.message import Message, reason_of
from avistar.records import SurveyFacts
from avistar.sorting.plan import Placement, SortingPlan
from avistar.sorting.undo_log import JOURNAL, PARTIAL, Entry, How, UndoLog, read_journal

_AHEAD = 64
"""Files that are announced at once: one wait for the disk for all of them."""

_CHUNK = 1 << 20
_DISK_IS_THE_MATTER = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENODEV})
_NO_LINKS_HERE = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES})


@dataclass(slots=True)
class SortingResult:
    """What became of a plan: how many files were placed, and (file, reason) of those that could not be."""

    placed: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


class SortingStopped(AvistarError):
    """The disk gave up half-way: `done` says what was placed; `undo` takes it back."""

    def __init__(self, message: str, done: SortingResult) -> None:
        super().__init__(message)
        self.done = done


def carry_out(
    plan: SortingPlan, facts: SurveyFacts, progress: Callable[[SortingResult], None] = lambda done: None
) -> SortingResult:
    """Place every file of `plan`, calling `progress` after each; an exception from it stops between two files.

    A file that can't be read is noted and passed over. Raises `SortingStopped` when the disk fails or is
    full, `UsageError` where `plan.root` can't be written.
    """
    done = SortingResult()
    try:
        plan.root.mkdir(parents=True, exist_ok=True)
        _sweep(plan.root)
        journal = UndoLog(plan.root, facts)
    except OSError as error:
        raise UsageError(
            "{root} can't be written to ({reason}): choose another folder", root=plan.root, reason=reason_of(error)
        ) from error
    with contextlib.closing(journal):
        try:
            for group in _groups(plan.placements):
                journal.announce(_entry(one, plan.how) for one in group)
                for one in group:
                    _place_one(plan, one, done)
                    progress(done)
        except OSError as error:
            raise _stopped(plan, done, error) from error
    return done


def _groups(placements: Sequence[Placement]) -> Iterator[list[Placement]]:
    left = iter(placements)
    while group := list(islice(left, _AHEAD)):
        yield group


def _entry(one: Placement, how: How) -> Entry:
    entry = Entry(one.medium, one.source, one.to, how, one.bytes, one.modified_ns)
    return entry.sealed() if how == "move" else entry


def _place_one(plan: SortingPlan, one: Placement, done: SortingResult) -> None:
    target = path_below(plan.root, one.to)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        contained(plan.root, one.to)
        if one.blurred:
            _write(blurred(Path(one.source), one.blurred), target)
        else:
            place(Path(one.source), target, plan.how)
    except (UsageError, ImageError) as error:
        done.failed.append((printable(one.medium), str(error)))
    except OSError as error:
        if error.errno in _DISK_IS_THE_MATTER:
            raise
        done.failed.append((printable(one.medium), _reason(error, plan.how)))
    else:
        done.placed += 1


def _reason(error: OSError, how: How) -> str:
    if error.errno == errno.EXDEV and how == "hardlink":
        return Message("hard links can't lead to another disk: copy instead")
    return reason_of(error)


def _stopped(plan: SortingPlan, done: SortingResult, error: OSError) -> SortingStopped:
    left = len(plan.placements) - done.placed - len(done.failed)
    return SortingStopped(
        Message(
            "{root}: stopped ({reason}) after {placed} files, {left} are left. {journal} lists what was done: go on "
            "with the same command, or take it back with `avistar survey undo`",
            root=plan.root,
            reason=reason_of(error),
            placed=done.placed,
            left=left,
            journal=JOURNAL,
        ),
        done,
    )


def place(source: Path, target: Path, how: How) -> None:
    """Bring `source` to `target`, where nothing may be. Raises `OSError`; `target` is then not there."""
    if how == "symlink":
        target.symlink_to(source)
    elif how == "hardlink":
        os.link(source, target)
    elif how == "copy":
        _copy(source, target)
    else:
        move(source, target)


def _write(data: bytes, target: Path) -> None:
    """Bring `data` to `target`, where nothing may be."""
    partial = partial_of(target)
    partial.unlink(missing_ok=True)
    try:
        with partial.open("xb") as writer:
            writer.write(data)
            writer.flush()
            os.fsync(writer.fileno())
        claim(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def move(source: Path, target: Path) -> None:
    """Move a file over no other; to another disk by a copy that is compared before the source goes.

    Where `target` already is that very file, as a move that was killed leaves it, only the source goes.
    """
    if source.is_symlink():
        _move_link(source, target)
        return
    try:
        claim(source, target)
    except FileExistsError:
        if not is_another_copy(target, source):
            raise
        source.unlink()
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        digest = _copy(source, target)
        if _digest(target) != digest:
            target.unlink()
            raise OSError(errno.EIO, Message("the copy differs from the original")) from error
        source.unlink()
    sync_folder(target.parent)


def _move_link(source: Path, target: Path) -> None:
    """Move a link so that it still leads where it led; `FileExistsError` rather than replace anything."""
    leads = source.readlink()
    if not leads.is_absolute():
        leads = Path(os.path.relpath(source.parent.resolve() / leads, target.parent.resolve()))
    try:
        target.symlink_to(leads)
    except FileExistsError:  # as a move that was killed leaves it
        if not target.is_symlink() or target.resolve() != source.resolve():
            raise
    source.unlink()
    sync_folder(target.parent)


def claim(file: Path, target: Path) -> None:
    """Give `file` the name `target` on the same disk. Raises `FileExistsError` rather than replace anything."""
    try:
        os.link(file, target)
    except OSError as error:
        if error.errno not in _NO_LINKS_HERE:
            raise
        if os.path.lexists(target):  # FAT has no links: what is left is to look first
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        file.rename(target)
    else:
        file.unlink()


def _sweep(root: Path) -> None:
    """Remove what a killed run left of its last copy."""
    if (root / JOURNAL).is_file():
        for entry in read_journal(root):
            with contextlib.suppress(UsageError, OSError):
                partial_of(contained(root, entry.to)).unlink()


def partial_of(target: Path) -> Path:
    """Where a copy grows before it gets its name: known from the name, so that a leftover is found."""
    return target.with_name(f".{target.name[:50]}{PARTIAL}")


def _copy(source: Path, target: Path) -> str:
    """Copy with times; the SHA-256 of what was read."""
    partial = partial_of(target)
    digest = hashlib.sha256()
    partial.unlink(missing_ok=True)  # a leftover may be a second name of a finished file: never write into it
    try:
        with source.open("rb") as reader, partial.open("xb") as writer:
            while chunk := reader.read(_CHUNK):
                digest.update(chunk)
                writer.write(chunk)
            writer.flush()
            os.fsync(writer.fileno())
        shutil.copystat(source, partial)
        claim(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
