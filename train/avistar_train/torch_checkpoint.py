"""PyTorch's older checkpoint files read without PyTorch, and without running anything that is in them.

The form before PyTorch 1.6: pickles of a magic number, a protocol, facts of the machine, the tensors with the keys of
their storages, and those keys; then each storage as its number of items, int64, and its bytes. A pickle is a program;
this reads its steps as data (`pickletools`), knows those that build tensors, and refuses every other one.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping
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
        if _unpacked(stream) != MAGIC:
            raise ValueError("no magic number")
        _protocol, _machine, tensors = (_unpacked(stream) for _ in range(3))
        described = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
        storages = {key: _items(stream, described[key].dtype) for key in _unpacked(stream)}
        return {key: tensor.of(storages[tensor.storage.key]) for key, tensor in tensors.items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UsageError("{file} is no checkpoint of PyTorch's older form ({error})", file=name, error=error) from error


def _items(stream: BytesIO, dtype: str) -> NDArray[Any]:
    """The next storage."""
    number = int(np.frombuffer(stream.read(8), "<i8")[0])
    if number < 0:
        raise ValueError(f"a storage of {number} items")
    return np.frombuffer(stream.read(number * np.dtype(dtype).itemsize), dtype, number)


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
        """The tensor's own items. Raises `ValueError` where they lie outside the storage."""
        if min((self.offset, *self.shape, *self.strides)) < 0:
            raise ValueError("a tensor of negative size")
        last = self.offset + sum((size - 1) * step for size, step in zip(self.shape, self.strides, strict=True))
        if last >= items.size and 0 not in self.shape:
            raise ValueError(f"a tensor ends at {last} of {items.size} items")
        steps = tuple(step * items.itemsize for step in self.strides)
        return np.lib.stride_tricks.as_strided(items[self.offset :], self.shape, steps).copy()


_MARK = object()

_PUSHED = {
    "BINUNICODE", "SHORT_BINUNICODE", "BINSTRING", "SHORT_BINSTRING", "BININT", "BININT1", "BININT2", "LONG1",
    "BINFLOAT",
}  # fmt: skip
_CONSTANTS: Mapping[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "NONE": lambda: None, "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False, "MARK": lambda: _MARK,
}  # fmt: skip


def _unpacked(stream: BytesIO) -> Any:
    """The value that the next pickle describes; the stream stands behind it. Raises `ValueError`."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    for step, given, _ in pickletools.genops(stream):
        name = step.name
        if name in ("PROTO", "FRAME"):
            continue
        if name in _CONSTANTS:
            stack.append(_CONSTANTS[name]())
        elif name in _PUSHED:
            stack.append(given)
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[int(given or 0)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[int(given or 0)])
        elif name == "GLOBAL":
            stack.append(str(given))
        elif name == "STOP":
            return stack.pop()
        else:
            _combine(name, stack)
    raise ValueError("a pickle without an end")


def _combine(name: str, stack: list[Any]) -> None:
    """Carry out a step that makes one value of the uppermost ones."""
    if name in ("TUPLE1", "TUPLE2", "TUPLE3"):
        number = int(name[-1])
        stack[-number:] = [tuple(stack[-number:])]
    elif name == "TUPLE":
        stack.append(tuple(_since_mark(stack)))
    elif name in ("SETITEM", "SETITEMS"):
        pairs = _since_mark(stack) if name == "SETITEMS" else [stack.pop() for _ in range(2)][::-1]
        stack[-1].update(zip(pairs[::2], pairs[1::2], strict=True))
    elif name in ("APPEND", "APPENDS"):
        items = _since_mark(stack) if name == "APPENDS" else [stack.pop()]
        stack[-1].extend(items)
    elif name == "BINPERSID":
        _, kind, key, *_ = stack.pop()
        stack.append(_Storage(key, TYPES[kind.removeprefix("torch ")]))
    elif name == "BUILD":
        stack.pop()  # attributes of the dictionary, such as versions of modules
    elif name == "REDUCE":
        given = stack.pop()
        stack.append(_made(stack.pop(), given))
    else:
        raise ValueError(f"a step {name}")


def _made(what: str, given: tuple[Any, ...]) -> Any:
    """What a call in the file stands for: an empty dictionary or a tensor."""
    if what == "collections OrderedDict" and not given:
        return {}
    if what == "torch._utils _rebuild_tensor_v2":
        storage, offset, shape, strides, *_ = given
        if not isinstance(storage, _Storage):
            raise ValueError("a tensor without a storage")
        return _Tensor(storage, offset, shape, strides)
    raise ValueError(f"it asks for {what.replace(' ', '.')}")


def _since_mark(stack: list[Any]) -> list[Any]:
    """Take the values above the uppermost mark, and the mark."""
    place = max(i for i, value in enumerate(stack) if value is _MARK)
    values = stack[place + 1 :]
    del stack[place:]
    return values
