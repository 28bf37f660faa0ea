"""Files that are either whole or not there: written beside their place, moved there in one step."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote_to_bytes

from avistar.errors import AvistarError, UsageError
from avistar.message import Message, reason_of

_LOCKED_WAITS_S = (0.1, 0.2, 0.4, 0.8, 1.0)
"""A virus scanner or a preview lets go of a file within this; a spreadsheet program does not."""

_SAMPLE_BYTES = 16_384
_COMPARED = 1 << 20

_DISK_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})


def partial_beside(target: Path) -> Path:
    """A new name beside `target`, so that moving it there is one step; named, so that a leftover is found.

    The name stays below the 255 bytes that file systems allow, however long the target's is.
    """
    return target.with_name(f"{target.name[:50]}.{secrets.token_hex(4)}.partial")


def settle(partial: Path, target: Path) -> None:
    """Put `partial` on disk for good and move it to `target`, waiting a little where another program holds it.

    Raises `OSError`; `target` is then what it was before.
    """
    with partial.open("rb+") as stream:
        os.fsync(stream.fileno())
    for wait_s in _LOCKED_WAITS_S:
        try:
            partial.replace(target)
            break
        except PermissionError:
            time.sleep(wait_s)
    else:
        partial.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Let a new or moved name in `folder` survive a power cut; nothing where the system can't."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def replaced(target: Path, *, media: bool = False) -> Iterator[Path]:
    """Give a path to write to; move it to `target` when the block ends well, else leave `target` alone.

    `media`: what is written is itself a photo, which may take the place of one. Raises `UsageError` where nothing can
    be written there or where something irreplaceable lies, `AvistarError` when the disk fails or is full.
    """
    check_writable(target)
    if not (media and irreplaceable(target) == MEDIA):
        check_expendable(target)
    partial = partial_beside(target)
    try:
        yield partial
        settle(partial, target)
    except OSError as error:
        raise failure(target, error, size_of(partial)) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def write_whole(target: Path, data: bytes, *, media: bool = False) -> None:
    """Make `data` the file `target`, whole or not at all. `media` and what it raises: as in `replaced`."""
    with replaced(target, media=media) as partial:
        partial.write_bytes(data)


@contextmanager
def writing(target: Path, *, encoding: str = "utf-8") -> Iterator[IO[str]]:
    """Give a text stream; what was written becomes `target` when the block ends well. See `replaced`."""
    with replaced(target) as partial, partial.open("x", encoding=encoding, newline="") as stream:
        yield stream


_MEDIA_MARKS = (
    (0, b"\xff\xd8\xff"), (0, b"\x89PNG\r\n"), (0, b"GIF8"), (0, b"BM"), (0, b"II*\0"), (0, b"MM\0*"), (0, b"IIU\0"),
    (8, b"WEBP"), (8, b"AVI "), (4, b"ftyp"), (4, b"moov"), (0, b"\x1aE\xdf\xa3"), (0, b"FUJIFILM"), (0, b"\0\0\1\xba"),
)  # fmt: skip
"""Where the formats of photos and videos, raw ones included, say in their first bytes what they are."""

MEDIA = Message("a photo or a video")
_SQLITE = b"SQLite format 3\0"
_MANIFEST = "manifest.json"


def irreplaceable(target: Path) -> str:
    """What lies at `target` and is nobody's export: a photo or a video, a catalogue, part of a model; "" else."""
    try:
        with target.open("rb") as stream:
            head = stream.read(32)
    except OSError:
        return ""
    if head.startswith(_SQLITE):
        return Message("a catalogue")
    if any(head[at : at + len(mark)] == mark for at, mark in _MEDIA_MARKS):
        return MEDIA
    manifests = (folder / _MANIFEST for folder in (target.parent, target.parent.parent))
    if any(manifest.is_file() and b'"artifacts"' in manifest.read_bytes() for manifest in manifests):
        return Message("part of a model")
    return ""


def check_expendable(target: Path) -> None:
    """Raise `UsageError` where `target` is a photo, a video, a catalogue or part of a model: never overwritten."""
    what = irreplaceable(target) if target.is_file() else ""
    if what:
        raise UsageError(
            "{target} is {what}, which an export never overwrites: name another file",
            target=target,
            what=what,
        )


def check_new(target: Path, *, overwrite: bool) -> None:
    """Raise `UsageError` where something is at `target` already and nobody said that it may be replaced."""
    check_expendable(target)
    if target.exists() and not overwrite:
        raise UsageError(
            "{target} is there already: name another file, or add --overwrite to replace it", target=target
        )


def check_writable(target: Path) -> None:
    """Raise `UsageError` where `target` can't become a file: it is a folder, or its folder is missing or closed."""
    if target.is_dir():
        raise UsageError("{target} is a folder: name a file", target=target)
    if not target.parent.is_dir():
        raise UsageError("{parent} does not exist: create it first, or name another folder", parent=target.parent)
    if not os.access(target.parent, os.W_OK):
        raise UsageError("{parent} can't be written to: choose another folder", parent=target.parent)


def is_of_the_disk(error: OSError) -> bool:
    """Whether a disk that is full, lost or closed to writing is the matter."""
    return error.errno in _DISK_FAULTS


def check_room(target: Path, size: int) -> None:
    """Raise `OSError` (no space left) where a file of `size` bytes surely doesn't fit beside `target`."""
    if shutil.disk_usage(target.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(target))


def failure(target: Path, error: OSError, needed: int = 0) -> AvistarError:
    """What to tell the user of `error`, which kept `target` from being written; `needed` bytes were there, or asked."""
    if isinstance(error, PermissionError):
        return AvistarError(
            "{target} is in use or protected: close it in the other program, or choose another name", target=target
        )
    if error.errno in _DISK_FAULTS and not needed:
        return AvistarError(
            "{target} can't be written ({reason}): {free} are free. It was left as it was: make room, or name another "
            "disk",
            target=target,
            reason=reason_of(error),
            free=_free(target),
        )
    if error.errno in _DISK_FAULTS:
        return AvistarError(
            "{target} can't be written ({reason}): at least {needed} are needed, {free} are free. It was left as it "
            "was: make room, or name another disk",
            target=target,
            reason=reason_of(error),
            needed=in_megabytes(needed),
            free=_free(target),
        )
    return AvistarError(
        "{target} can't be written ({reason}): nothing was changed", target=target, reason=reason_of(error)
    )


def size_of(file: Path) -> int:
    """A file's bytes; 0 where there is none, or none that can be looked at."""
    with contextlib.suppress(OSError):
        return file.stat().st_size
    return 0


def _free(target: Path) -> str:
    try:
        return in_megabytes(shutil.disk_usage(target.parent).free)
    except OSError:
        return Message("unknown space")


def in_megabytes(size: int) -> str:
    """A number of bytes for people."""
    if size >= 1e9:
        return f"{size / 1e9:,.1f} GB"
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 or not size else f"{max(size / 1e3, 0.1):,.1f} kB"


def path_below(root: Path, relative: str) -> Path:
    """Where `relative`, a name made of data ("/" between its parts), lies below `root`; links are not looked through.

    Raises `UsageError` for one that leads elsewhere: "..", an absolute path, a drive, an empty part, a NUL.
    """
    parts = relative.split("/")
    strange = os.sep == "\\" and any(sign in relative for sign in "\\:")
    if strange or "\0" in relative or any(part in ("", ".", "..") for part in parts):
        raise UsageError("'{path}' leads outside of {root}: nothing is done there", path=printable(relative), root=root)
    return root.joinpath(*parts)


def contained(root: Path, relative: str) -> Path:
    """`path_below`, which no link on the way may lead out of `root` either: what programs remove or make there."""
    path = path_below(root, relative)
    if not path.parent.resolve().is_relative_to(root.resolve()):
        raise UsageError("'{path}' leads outside of {root}: nothing is done there", path=printable(relative), root=root)
    return path


def same_content(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes, all of them compared. Raises `OSError`."""
    with one.open("rb") as first, other.open("rb") as second:
        if os.fstat(first.fileno()).st_size != os.fstat(second.fileno()).st_size:
            return False
        while chunk := first.read(_COMPARED):
            if chunk != second.read(_COMPARED):
                return False
        return not second.read(1)


def is_another_copy(other: Path, file: Path) -> bool:
    """Whether `file` can go because `other` stays: a regular file of the same content, once links are followed.

    Two names of one file count as two as long as both are real; a link to `file` is none. Raises `OSError`.
    """
    kept, going = other.resolve(), file.resolve()
    if kept == going or not (stat.S_ISREG(kept.stat().st_mode) and stat.S_ISREG(going.stat().st_mode)):
        return False
    if kept.samefile(going):
        # A folder that is mounted twice shows one name twice.
        one_name = kept.name == going.name and kept.parent.samefile(going.parent)
        return not one_name and going.stat().st_nlink > 1
    return same_content(kept, going)


def content_key(path: str | os.PathLike[str], size: int) -> str:
    """32 hexadecimal digits by which a file is known again: a hash of its size, its first and its last 16 KiB.

    Enough for photos and videos (capture time and compressed pixels differ), at a hundredth of the cost of
    reading them whole. Raises `OSError`.
    """
    digest = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=16)
    with Path(path).open("rb") as stream:
        digest.update(stream.read(_SAMPLE_BYTES))
        if size > _SAMPLE_BYTES:
            stream.seek(max(_SAMPLE_BYTES, size - _SAMPLE_BYTES))
            digest.update(stream.read(_SAMPLE_BYTES))
    return digest.hexdigest()


def printable(path: str | os.PathLike[str]) -> str:
    """`path` as text that any terminal, file or database takes, undecodable bytes shown as �."""
    return os.fsencode(path).decode("utf-8", "replace")


_NO_TEXT = re.compile("[\ud800-\udfff]")


def portable(path: str | os.PathLike[str]) -> str:
    """`path` as text that every program reads; bytes of it that are no text as "%E9", so that names stay apart."""
    return _NO_TEXT.sub(lambda found: quote(os.fsencode(found[0])), os.fspath(path))


def encoded_name(path: str | os.PathLike[str]) -> str:
    """The true name of a `path` that is no text, percent-encoded (RFC 3986); "" where `path` itself can be written."""
    return quote(os.fsencode(path)) if _NO_TEXT.search(os.fspath(path)) else ""


def decoded_name(encoded: str) -> str:
    """The path that `encoded_name` made this of, as `os.fsdecode` gives it."""
    return os.fsdecode(unquote_to_bytes(encoded))
