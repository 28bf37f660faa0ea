"""Arrays in `.npz` and `.npy` files: the only reader of them, which believes nothing that a file claims of itself.

Nothing is unpickled, and an array is made only once its header and the room that it takes agree.
"""

from __future__ import annotations

import io
import math
import os
import stat
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from avistar.errors import BundleError

Array: TypeAlias = NDArray[Any]
MOST_BYTES = 2_000_000_000
"""Of all arrays of a file together, if a reader says no more: a few kilobytes of zeros can become any number."""

NUMBERS, TEXT, TRUTH = "fiu", "U", "b"
"""Kinds of arrays: floating-point numbers and integers, text, true and false."""

_PLAIN = frozenset("biufcUS")


class ArrayError(ValueError):
    """A file of arrays that can't be read, or doesn't hold what it should; its text says why, without the file."""


def load_arrays(source: bytes | str | os.PathLike[str], *, most_bytes: int | None = None) -> dict[str, Array]:
    """Every array of an `.npz`.

    Args:
        source: The file's bytes, or its path.
        most_bytes: Largest size of all its arrays together; None for `MOST_BYTES`.

    Returns:
        The arrays by their names.

    Raises:
        ArrayError: It can't be read, is no regular file, or claims what isn't so.
    """
    try:
        with _stream(source) as stream, zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if size > (MOST_BYTES if most_bytes is None else most_bytes):
                raise ArrayError(f"{size:,} bytes of arrays")
            if len({member.filename for member in members}) < len(members):
                raise ArrayError("two arrays have one name")
            return {member.filename.removesuffix(".npy"): _member(archive, member) for member in members}
    except ArrayError:
        raise
    except Exception as error:  # MemoryError, SyntaxError, EOFError, zlib.error, TokenError, …
        raise ArrayError(str(error) or type(error).__name__) from error


def map_array(file: Path) -> Array:
    """The array of an `.npy`, which stays on the disk until its parts are read.

    Args:
        file: Its path.

    Returns:
        The array, not to be written to.

    Raises:
        ArrayError: It can't be read, is no regular file, or is shorter than its header says.
    """
    try:
        with _stream(file) as stream:
            shape, dtype = _header(stream)
            rest = os.fstat(stream.fileno()).st_size - stream.tell()
        if dtype.itemsize * math.prod(shape) != rest:
            raise ArrayError(f"its header promises {dtype} {list(shape)}, which are not {rest:,} bytes")
        found: Array = np.load(file, mmap_mode="r", allow_pickle=False)
        return found
    except ArrayError:
        raise
    except Exception as error:  # MemoryError, SyntaxError, EOFError, zlib.error, TokenError, …
        raise ArrayError(str(error) or type(error).__name__) from error


def array(arrays: Mapping[str, Array], name: str, kinds: str, shape: tuple[int | None, ...]) -> Array:
    """One of a file's arrays, if it is what it should be.

    Args:
        arrays: As `load_arrays` gives them.
        name: Which of them.
        kinds: NumPy's letters of the kinds that it may have, such as `NUMBERS`.
        shape: Its size along each axis; None for any.

    Returns:
        The array.

    Raises:
        ArrayError: There is none, or another; floating-point numbers that are not finite are left as they are.
    """
    one = arrays.get(name)
    fits = one is not None and one.dtype.kind in kinds and len(shape) == one.ndim
    if one is None or not fits or any(side not in (None, real) for side, real in zip(shape, one.shape, strict=True)):
        found = "missing" if one is None else f"{one.dtype} {list(one.shape)}"
        axes = ", ".join("…" if side is None else str(side) for side in shape)
        raise ArrayError(f"'{name}' is {found}, not [{axes}] of kind {kinds}")
    return one


def _stream(source: bytes | str | os.PathLike[str]) -> IO[bytes]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if not stat.S_ISREG(os.stat(source).st_mode):  # noqa: PTH116 - a pipe would be waited for
        raise ArrayError("it is no ordinary file")
    return Path(source).open("rb")


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type that an array claims; no Python objects."""
    version = np.lib.format.read_magic(stream)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ArrayError(f"an array in NumPy's format {version}, which isn't known here")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shape, _, dtype = readers[version](stream)
    if dtype.kind not in _PLAIN or dtype.hasobject or any(side < 0 for side in shape):
        raise ArrayError(f"an array of {dtype}, which is never loaded")
    return shape, dtype


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    if not member.filename.endswith(".npy"):
        raise ArrayError("it holds files that are no arrays")
    with archive.open(member) as stream:
        shape, dtype = _header(stream)
        if dtype.itemsize * math.prod(shape) != member.file_size - stream.tell():
            promise = f"'{member.filename}' promises {dtype} {list(shape)}"
            raise ArrayError(f"{promise}, which are not {member.file_size:,} bytes")
    with archive.open(member) as stream:
        found: Array = np.lib.format.read_array(stream, allow_pickle=False)
        stream.read(1)  # at the end its checksum is looked at
        return found


def read_arrays(data: bytes, where: str) -> dict[str, Array]:
    """Every array of a bundle's `.npz`. `where` names its file in errors; raises `BundleError` for what is none."""
    try:
        return load_arrays(data)
    except ArrayError as error:
        raise BundleError("{file} can't be read: {error}", file=where, error=error) from error


def numbers(arrays: Mapping[str, Array], name: str, where: str, *, axes: int) -> Array:
    """The array `name`, if it has so many `axes` and holds numbers. Raises `BundleError`."""
    found = arrays.get(name)
    if found is None or found.ndim != axes or found.dtype.kind not in NUMBERS:
        given = "nothing" if found is None else f"{found.dtype} {list(found.shape)}"
        raise BundleError(
            "{file} can't be read: '{name}' is {found}, not numbers along {axes} axes",
            file=where,
            name=name,
            found=given,
            axes=axes,
        )
    return found
