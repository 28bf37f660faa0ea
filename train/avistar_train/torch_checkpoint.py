"""PyTorch's older checkpoint files read without PyTorch, and without running what a pickle may hold.

The form before PyTorch 1.6 (torch.save with `_use_new_zipfile_serialization=False`): pickles of a magic number, a
protocol, facts of the machine, the tensors with their storages by key, and the keys; then each storage as its number
of items, int64, and its bytes.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError

MAGIC = 0x1950A86A20F9469CFC6C
TYPES = {"FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "LongStorage": "<i8"}


def read_checkpoint(content: bytes, name: str) -> dict[str, NDArray[Any]]:
    """The tensors of a checkpoint by their names.

    Args:
        content: The file's bytes.
        name: What the file is called in errors.

    Returns:
        Arrays as the file has them: convolutions [out, in / groups, height, width], layers [out, in].

    Raises:
        UsageError: It is no such checkpoint, is cut off, or asks for anything but tensors.
    """
    stream = BytesIO(content)
    try:
        if pickle.Unpickler(stream).load() != MAGIC:
            raise pickle.UnpicklingError("no magic number")
        for _ in ("protocol", "machine"):
            _TensorUnpickler(stream).load()
        tensors = _TensorUnpickler(stream).load()
        storages = {}
        described = _described(tensors)
        for key in _TensorUnpickler(stream).load():
            number = int(np.frombuffer(stream.read(8), "<i8")[0])
            dtype = np.dtype(described[key].dtype)
            storages[key] = np.frombuffer(stream.read(number * dtype.itemsize), dtype, number)
        return {key: tensor.of(storages[tensor.storage.key]) for key, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UsageError("{file} is no checkpoint of PyTorch's older form ({error})", file=name, error=error) from error


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    dtype: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor lies in its storage; offsets and strides in items."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def of(self, items: NDArray[Any]) -> NDArray[Any]:
        last = self.offset + sum((size - 1) * step for size, step in zip(self.shape, self.strides, strict=True))
        if min(self.shape, default=1) and not 0 <= last < items.size:
            raise ValueError(f"a tensor ends at {last} of {items.size} items")
        steps = tuple(step * items.itemsize for step in self.strides)
        return np.lib.stride_tricks.as_strided(items[self.offset :], self.shape, steps).copy()


def _described(tensors: Mapping[str, _Tensor]) -> dict[str, _Storage]:
    return {tensor.storage.key: tensor.storage for tensor in tensors.values()}


def _rebuilt(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


class _TensorUnpickler(pickle.Unpickler):
    """Knows tensors, storages and ordered dictionaries; every other name in the file is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """What a name in the file stands for."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuilt
        if module == "torch" and name in TYPES:
            return TYPES[name]
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        """A storage: ("storage", type, key, device, items, view)."""
        return _Storage(pid[2], pid[1])
