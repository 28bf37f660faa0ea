"""What executes an artifact: one protocol, and the function-backed form of it.

A backend knows arrays only: no files of pictures, no species, no temperature.

Any number of pictures, in a few fixed batch sizes: what is compiled or recorded once serves every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from avistar.errors import DeviceMemoryFull
from avistar.images.geometry import Pixels

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the network says of N pictures.

    Attributes:
        logits: float32 [N, species], before temperature and softmax.
        embedding: float32 [N, features], the input of the last layer; [N, 0] from a network that gives none.
    """

    logits: Floats
    embedding: Floats


class Backend(Protocol):
    """Something that executes one artifact; the seam for other accelerators."""

    @property
    def runs_on(self) -> str:
        """What it truly runs on, for people: 'cpu · onnxruntime 1.32.0 · int8 · 2 threads'."""
        ...

    def run(self, images: Pixels) -> Outputs:
        """Execute on N pictures.

        Args:
            images: uint8 [N, H, W, 3] RGB, 0 to 255, at the bundle's size; N is 1 or more.

        Returns:
            Rows that line up with the rows of the input.

        Raises:
            DeviceMemoryFull: The device has no room for N pictures; fewer may fit.
            BackendUnavailable: The device was lost.
        """
        ...

    def close(self) -> None:
        """Free what is held; safe to call twice."""
        ...


Tensors = tuple[str, str]
"""The names of a graph's two outputs: a classifier's "logits" and "embedding", a detector's "boxes" and "scores"."""

CLASSIFIER: Tensors = ("logits", "embedding")


class ArrayBackend(Backend, Protocol):
    """A backend that executes any graph with two outputs."""

    def arrays(self, images: Pixels) -> tuple[Floats, Floats]:
        """The two outputs for uint8 [N, H, W, 3] RGB; rows line up with rows of the input."""
        ...


class FunctionBackend:
    """A backend made of a function: Keras during training and parity, a fake in tests.

    Args:
        function: Gets uint8 [N, H, W, 3] RGB and returns `Outputs` whose rows line up.
        runs_on: What `runs_on` says.
    """

    def __init__(self, function: Callable[[Pixels], Outputs], runs_on: str = "function") -> None:
        self._function = function
        self._runs_on = runs_on

    @property
    def runs_on(self) -> str:
        """The name given at construction."""
        return self._runs_on

    def run(self, images: Pixels) -> Outputs:
        """Call the function.

        Args:
            images: uint8 [N, H, W, 3] RGB, 0 to 255.

        Returns:
            What the function returned.
        """
        return self._function(images)

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def halved(run: Callable[[Pixels], tuple[Floats, Floats]], images: Pixels) -> tuple[Floats, Floats]:
    """`run` on all of `images`, or on ever smaller parts of them while the device has no room.

    The rows are the same: parity proves that they don't depend on the batch. Raises `DeviceMemoryFull` where the
    device has no room for a single picture.
    """
    try:
        return run(images)
    except DeviceMemoryFull:
        if len(images) == 1:
            raise
        half = len(images) // 2
        parts = halved(run, images[:half]), halved(run, images[half:])
        return np.concatenate([parts[0][0], parts[1][0]]), np.concatenate([parts[0][1], parts[1][1]])


def portions(count: int, sizes: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Cut `count` pictures into batches: where each starts, how many it holds, and the size it is filled up to.

    `sizes` ascend. A size is taken where more than half of it is filled, or where there is no smaller one.
    """
    start = 0
    while start < count:
        rest = count - start
        fitting = [size for i, size in enumerate(sizes) if i == 0 or 2 * rest > size]
        size = next((size for size in fitting if size >= rest), fitting[-1])
        yield start, min(rest, size), size
        start += size
