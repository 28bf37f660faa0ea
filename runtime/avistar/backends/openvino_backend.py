"""OpenVINO on the CPU: the same ONNX files, for some networks and processors faster than ONNX Runtime."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from avistar.backends import CLASSIFIER, Floats, Outputs, Tensors
from avistar.backends.forked import HOLDS_LOCK, inert_in_children, nothing
from avistar.backends.int8_overflow import overflows
from avistar.backends.onnx_backend import import_onnxruntime
from avistar.errors import BackendUnavailable, BundleError
from avistar.images.geometry import Pixels
from avistar.message import Message
from avistar.telemetry import import_openvino_quietly

CURE = Message("pip install 'avistar[openvino]'")


class OpenVinoBackend:
    """One compiled graph; safe to use from several threads. `model` is the artifact's content, already checked.

    Arithmetic is fp32 where the graph's is: by itself OpenVINO takes bf16 where the processor has it. Raises
    `BackendUnavailable` where OpenVINO is missing, and for int8 on processors that would overflow unnoticed.
    """

    def __init__(self, model: bytes, *, threads: int, label: str = "", outputs: Tensors = CLASSIFIER) -> None:
        try:
            openvino = import_openvino_quietly()
        except ImportError as error:
            raise BackendUnavailable("OpenVINO can't be loaded ({error}): {cure}", error=error, cure=CURE) from error
        if b"DequantizeLinear" in model and overflows(import_onnxruntime()):
            raise BackendUnavailable("OpenVINO isn't used: this processor's fast int8 products overflow")
        core = openvino.Core()
        options = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
        }
        try:
            self._compiled: Any = core.compile_model(core.read_model(model), "CPU", options)
        except RuntimeError as error:
            raise BundleError("OpenVINO can't load the artifact: {error}", error=error) from error
        named = {name for output in self._compiled.outputs for name in output.get_names()}
        self._outputs = outputs if outputs != CLASSIFIER or "embedding" in named else outputs[:1]
        self._lock = threading.Lock()
        self._idle: list[Any] = []
        inert_in_children(self, {"_compiled": nothing, "_idle": list, **HOLDS_LOCK})
        version = openvino.__version__.partition("-")[0]
        self._runs_on = " · ".join(filter(None, ("cpu", f"openvino {version}", label, f"{threads} threads")))

    @property
    def runs_on(self) -> str:
        """Library, precision and threads."""
        return self._runs_on

    def run(self, images: Pixels) -> Outputs:
        """Execute on uint8 [N, H, W, 3] RGB. Raises as `arrays` does."""
        return Outputs(*self.arrays(images))

    def arrays(self, images: Pixels) -> tuple[Floats, Floats]:
        """The two outputs for uint8 [N, H, W, 3] RGB. Raises `BackendUnavailable` when it fails or was closed."""
        request = self._request()
        try:
            request.infer({"image": images})
            made = [request.get_tensor(name).data.copy() for name in self._outputs]
        except RuntimeError as error:
            raise BackendUnavailable(
                "inference of {shape} failed on {device}: {error}",
                shape=list(images.shape),
                device=self._runs_on,
                error=error,
            ) from error
        with self._lock:
            self._idle.append(request)
        return made[0], made[1] if len(made) > 1 else np.zeros((len(images), 0), np.float32)

    def close(self) -> None:
        """Free the graph."""
        with self._lock:
            self._compiled = None
            self._idle.clear()

    def _request(self) -> Any:
        """A request serves one call at a time."""
        with self._lock:
            if self._compiled is None:
                raise BackendUnavailable("this backend was closed")
            return self._idle.pop() if self._idle else self._compiled.create_infer_request()
