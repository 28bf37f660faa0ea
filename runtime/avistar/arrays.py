"""Arrays in a bundle's `.npz`: read without unpickling, whatever the file claims of itself."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from avistar.errors import BundleError

Array: TypeAlias = NDArray[Any]
_MOST_BYTES = 2_000_000_000
"""Of all arrays together: a few kilobytes of zeros can claim, and become, any number."""


def read_arrays(data: bytes, where: str) -> dict[str, Array]:
    """Every array of an `.npz`. `where` names its file in errors; raises `BundleError` for what is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > _MOST_BYTES:
            raise ValueError(f"{size:,} bytes of arrays")
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        if not all(isinstance(one, np.ndarray) for one in arrays.values()):
            raise TypeError("it holds files that are no arrays")
        return arrays
    except Exception as error:  # a lying header raises MemoryError, SyntaxError, EOFError, OverflowError, …
        reason = str(error) or type(error).__name__
        raise BundleError("{file} can't be read: {error}", file=where, error=reason) from error


def numbers(arrays: Mapping[str, Array], name: str, where: str, *, axes: int) -> Array:
    """The array `name`, if it has so many `axes` and holds numbers. Raises `BundleError`."""
    array = arrays.get(name)
    if array is None or array.ndim != axes or array.dtype.kind not in "fiu":
        found = "nothing" if array is None else f"{array.dtype} {list(array.shape)}"
        raise BundleError(
            "{file} can't be read: '{name}' is {found}, not numbers along {axes} axes",
            file=where,
            name=name,
            found=found,
            axes=axes,
        )
    return array
