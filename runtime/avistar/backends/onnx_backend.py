"""ONNX Runtime: CPU, CUDA and TensorRT execution providers, never one for another."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Literal

import numpy as np

from avistar.backends import CLASSIFIER, Floats, Outputs, Tensors
from avistar.backends.forked import inert_in_children, nothing
from avistar.backends.int8_overflow import overflows, take_exact_way
from avistar.backends.onnx_io_binding import BoundSession
from avistar.errors import BackendUnavailable, BundleError, DeviceMemoryFull
from avistar.images.geometry import Pixels
from avistar.message import Message
from avistar.parallel import usable_cpus
from avistar.telemetry import import_onnxruntime_quietly

Provider = Literal["cpu", "cuda", "tensorrt"]

_PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}

_CURE = {
    "cuda": Message(
        "it needs an NVIDIA GPU with a driver for CUDA 13 and, instead of onnxruntime, the GPU "
        "build: pip uninstall onnxruntime; pip install 'avistar[gpu]' 'onnxruntime-gpu[cuda,cudnn]'"
    ),
    "tensorrt": Message(
        "it needs an NVIDIA GPU, the GPU build of ONNX Runtime (pip uninstall onnxruntime; pip "
        "install 'avistar[gpu]') and TensorRT 10 libraries (pip install 'tensorrt-cu13==10.16.*')"
    ),
}

# How a tensor says that its values lie in another file: key (field 1) "location", then the value (field 2).
_EXTERNAL = b"\x0a\x08location\x12"


def import_onnxruntime() -> Any:
    """The `onnxruntime` module. Raises `BackendUnavailable` with the cure where it can't be loaded."""
    try:
        onnxruntime = import_onnxruntime_quietly()
    except ImportError as error:
        raise BackendUnavailable(
            "ONNX Runtime can't be loaded ({error}): pip install 'avistar[cpu]' (or 'avistar[gpu]', never both)",
            error=error,
        ) from error
    if not hasattr(onnxruntime, "InferenceSession"):
        raise BackendUnavailable(
            "ONNX Runtime is broken, as after uninstalling one of its two packages: pip uninstall "
            "onnxruntime onnxruntime-gpu; pip install 'avistar[cpu]'"
        )
    onnxruntime.set_default_logger_severity(4)  # its warnings on stderr are ours to word
    return onnxruntime


class OnnxBackend:
    """One ONNX Runtime session; safe to use from several threads.

    `model` is the artifact's content, already checked against the manifest.
    """

    def __init__(
        self,
        model: bytes,
        *,
        provider: Provider = "cpu",
        threads: int | None = None,
        label: str = "",
        outputs: Tensors = CLASSIFIER,
    ) -> None:
        ort = import_onnxruntime()
        if _EXTERNAL in model:
            raise BundleError("the ONNX file refers to a file outside of it, which is never followed: export it whole")
        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads or usable_cpus()
        options.inter_op_num_threads = 1
        # Spinning threads would take the CPU from the decoders between two batches.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if provider == "cpu" and b"DequantizeLinear" in model and overflows(ort):
            take_exact_way(options)
        self._session: Any = _session(ort, model, provider, options)
        names = {output.name for output in self._session.get_outputs()}
        # Networks that others trained may have no embedding.
        self._outputs = outputs if outputs != CLASSIFIER or "embedding" in names else outputs[:1]
        if not set(self._outputs) <= names or [i.name for i in self._session.get_inputs()] != ["image"]:
            raise BundleError(
                "the ONNX file isn't an Avistar graph: it needs input 'image', outputs '{first}' and '{second}'",
                first=outputs[0],
                second=outputs[1],
            )
        self._single = self._session.get_inputs()[0].shape[0] == 1
        # Fixed places on the GPU spare a copy and allow CUDA graphs; TensorRT's provider holds its own.
        bindable = provider == "cuda" and not self._single and len(self._outputs) == 2
        self._bound = BoundSession(ort, self._session, "cuda", outputs) if bindable else None
        inert_in_children(self, {"_session": nothing, "_bound": nothing})
        threads_text = f" · {options.intra_op_num_threads} threads" if provider == "cpu" else ""
        self._runs_on = " · ".join(filter(None, (provider, f"onnxruntime {ort.__version__}", label))) + threads_text

    @property
    def runs_on(self) -> str:
        """Provider, library and precision in use."""
        return self._runs_on

    def run(self, images: Pixels) -> Outputs:
        """Execute on uint8 [N, H, W, 3] RGB. Raises as `arrays` does."""
        return Outputs(*self.arrays(images))

    def arrays(self, images: Pixels) -> tuple[Floats, Floats]:
        """The two outputs for uint8 [N, H, W, 3] RGB.

        Raises `DeviceMemoryFull` where the device has no room, `BackendUnavailable` when it fails otherwise.
        """
        if self._session is None:
            raise BackendUnavailable("this backend was closed")
        try:
            if self._bound is not None:
                return self._bound.arrays(images)
            step = 1 if self._single else max(len(images), 1)
            batches = (images[start : start + step] for start in range(0, max(len(images), 1), step))
            parts: list[list[Floats]] = [self._session.run(list(self._outputs), {"image": one}) for one in batches]
            made = parts[0] if len(parts) == 1 else [np.concatenate(some) for some in zip(*parts, strict=True)]
        except Exception as error:  # out of memory, a lost device, a shape that the graph refuses
            shape, device = list(images.shape), self._runs_on
            if _NO_ROOM.search(str(error)):
                raise DeviceMemoryFull(
                    "inference of {shape} failed on {device} ({error}): give it a smaller batch, close other programs, "
                    "or take --device cpu",
                    shape=shape,
                    device=device,
                    error=error,
                ) from error
            raise BackendUnavailable(
                "inference of {shape} failed on {device} ({error})", shape=shape, device=device, error=error
            ) from error
        return made[0], made[1] if len(made) > 1 else np.zeros((len(images), 0), np.float32)

    def close(self) -> None:
        """Free the session."""
        self._session = self._bound = None


_NO_ROOM = re.compile(
    "out of memory|failed to allocate memory|bad allocation|bad_alloc|memoryallocation|alloc_failed", re.IGNORECASE
)
"""What CUDA, cuBLAS and ONNX Runtime's allocators say when a device is full: it has no error type for that."""


def _session(ort: Any, model: bytes, provider: Provider, options: Any) -> Any:
    if provider != "cpu":
        if hasattr(ort, "preload_dlls"):
            ort.preload_dlls()
        if _PROVIDERS[provider] not in ort.get_available_providers():
            raise BackendUnavailable(
                "{provider} isn't in the installed ONNX Runtime {version}: {cure}",
                provider=provider,
                version=ort.__version__,
                cure=_CURE[provider],
            )
    try:
        session = _opened(ort, model, provider, options)
    except Exception as error:  # onnxruntime raises a dozen types of its own for a bad file
        if provider == "cpu":
            raise BundleError("ONNX Runtime can't load the artifact: {error}", error=error) from error
        raise BackendUnavailable(
            "{provider} failed to start ({error}): {cure}", provider=provider, error=error, cure=_CURE[provider]
        ) from error
    # The list of available providers only says what was compiled in; this one says what was loaded.
    if session.get_providers()[0] != _PROVIDERS[provider]:
        raise BackendUnavailable(
            "{provider} didn't load on this machine, only {loaded}: {cure}",
            provider=provider,
            loaded=session.get_providers(),
            cure=_CURE[provider],
        )
    return session


def _opened(ort: Any, model: bytes, provider: Provider, options: Any) -> Any:
    """A session with the provider's best options: CUDA graphs, unless the graph has nodes that CUDA can't run."""
    name = _PROVIDERS[provider]
    # With its fallback on, ONNX Runtime prints what went wrong and goes on with the CPU.
    opened = partial(ort.InferenceSession, model, options, enable_fallback=0)
    if provider == "cuda":
        settings = {
            "cudnn_conv_algo_search": "HEURISTIC",
            "arena_extend_strategy": "kSameAsRequested",
            "use_tf32": "0",  # fp32 is fp32: TF32 keeps ten bits of it
        }
        try:
            recorded = {**settings, "enable_cuda_graph": "1"}
            return opened(providers=[(name, recorded)])
        except Exception:  # it names no type of its own for this; a real fault comes again below
            return opened(providers=[(name, settings)])
    return opened(providers=[name])
