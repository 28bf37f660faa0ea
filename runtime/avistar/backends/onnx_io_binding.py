"""An ONNX Runtime session on a GPU, with pictures and answers at fixed places on it for each batch size."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from avistar.backends import Outputs, portions
from avistar.images.geometry import Pixels

SIZES = (1, 8, 32)
"""Batch sizes that are bound, and recorded as CUDA graphs where the session was opened for that."""


@dataclass(frozen=True, slots=True)
class _Binding:
    image: Any
    logits: Any
    embedding: Any
    bound: Any
    options: Any


class BoundSession:
    """One call at a time: a recorded graph has one set of addresses. `device`: 'cuda' ('cpu' in tests)."""

    def __init__(self, ort: Any, session: Any, device: str) -> None:
        self._ort, self._session, self._device = ort, session, device
        tensors = (*session.get_inputs(), *session.get_outputs())
        self._shapes = {one.name: tuple(one.shape[1:]) for one in tensors}
        self._lock = threading.Lock()
        self._bindings: dict[int, _Binding] = {}

    def run(self, images: Pixels) -> Outputs:
        """Execute on uint8 [N, H, W, 3] RGB; batches are filled up with black pictures."""
        outputs = Outputs(
            np.empty((len(images), *self._shapes["logits"]), np.float32),
            np.empty((len(images), *self._shapes["embedding"]), np.float32),
        )
        with self._lock:
            for start, count, size in portions(len(images), SIZES):
                at = self._bindings.get(size) or self._bind(size)
                batch = np.zeros((size, *images.shape[1:]), np.uint8)
                batch[:count] = images[start : start + count]
                at.image.update_inplace(batch)
                self._session.run_with_iobinding(at.bound, at.options)
                outputs.logits[start : start + count] = at.logits.numpy()[:count]
                outputs.embedding[start : start + count] = at.embedding.numpy()[:count]
        return outputs

    def _bind(self, size: int) -> _Binding:
        def place(name: str, kind: type[np.generic]) -> Any:
            shape = (size, *self._shapes[name])
            return self._ort.OrtValue.ortvalue_from_shape_and_type(shape, kind, self._device, 0)

        image, logits, embedding = (
            place("image", np.uint8),
            place("logits", np.float32),
            place("embedding", np.float32),
        )
        bound = self._session.io_binding()
        bound.bind_ortvalue_input("image", image)
        bound.bind_ortvalue_output("logits", logits)
        bound.bind_ortvalue_output("embedding", embedding)
        options = self._ort.RunOptions()
        options.add_run_config_entry("gpu_graph_id", str(size))  # one recorded graph for each batch size
        made = self._bindings[size] = _Binding(image, logits, embedding, bound, options)
        return made
