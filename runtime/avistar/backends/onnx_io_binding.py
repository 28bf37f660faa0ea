"""An ONNX Runtime session on a GPU, with pictures and answers at fixed places on it for each batch size."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from avistar.backends import CLASSIFIER, Floats, Outputs, Tensors, portions
from avistar.images.geometry import Pixels

SIZES = (1, 8, 32)
"""Batch sizes that are bound, and recorded as CUDA graphs where the session was opened for that."""


@dataclass(frozen=True, slots=True)
class _Binding:
    image: Any
    outputs: tuple[Any, Any]
    bound: Any
    options: Any


class BoundSession:
    """One call at a time: a recorded graph has one set of addresses. `device`: 'cuda' ('cpu' in tests)."""

    def __init__(self, ort: Any, session: Any, device: str, outputs: Tensors = CLASSIFIER) -> None:
        self._outputs = outputs
        self._ort, self._session, self._device = ort, session, device
        tensors = (*session.get_inputs(), *session.get_outputs())
        self._shapes = {one.name: tuple(one.shape[1:]) for one in tensors}
        self._lock = threading.Lock()
        self._bindings: dict[int, _Binding] = {}

    def run(self, images: Pixels) -> Outputs:
        """Execute on uint8 [N, H, W, 3] RGB; batches are filled up with black pictures."""
        return Outputs(*self.arrays(images))

    def arrays(self, images: Pixels) -> tuple[Floats, Floats]:
        """The two outputs for uint8 [N, H, W, 3] RGB."""
        first, second = (np.empty((len(images), *self._shapes[name]), np.float32) for name in self._outputs)
        with self._lock:
            for start, count, size in portions(len(images), SIZES):
                at = self._bindings.get(size) or self._bind(size)
                batch = np.zeros((size, *images.shape[1:]), np.uint8)
                batch[:count] = images[start : start + count]
                at.image.update_inplace(batch)
                self._session.run_with_iobinding(at.bound, at.options)
                first[start : start + count] = at.outputs[0].numpy()[:count]
                second[start : start + count] = at.outputs[1].numpy()[:count]
        return first, second

    def _bind(self, size: int) -> _Binding:
        def place(name: str, kind: type[np.generic]) -> Any:
            shape = (size, *self._shapes[name])
            return self._ort.OrtValue.ortvalue_from_shape_and_type(shape, kind, self._device, 0)

        image = place("image", np.uint8)
        first, second = (place(name, np.float32) for name in self._outputs)
        bound = self._session.io_binding()
        bound.bind_ortvalue_input("image", image)
        for name, value in zip(self._outputs, (first, second), strict=True):
            bound.bind_ortvalue_output(name, value)
        options = self._ort.RunOptions()
        options.add_run_config_entry("gpu_graph_id", str(size))  # one recorded graph for each batch size
        made = self._bindings[size] = _Binding(image, (first, second), bound, options)
        return made
