"""CUDA's runtime library through cuda-python: every status is checked, and memory comes as numpy sees it."""

from __future__ import annotations

import ctypes
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from avistar.errors import BackendUnavailable
from avistar.message import Message

CURE = Message(
    "it needs an NVIDIA GPU, its driver, and cuda-python of the driver's generation (nvidia-smi "
    "names it; pip install 'avistar[engine]', for CUDA 12 also 'cuda-python<13')"
)
_TEGRA_RELEASE = Path("/etc/nv_tegra_release")


@dataclass(frozen=True, slots=True)
class Gpu:
    """The GPU in use, and the driver that speaks to it."""

    name: str
    compute_capability: str
    multiprocessors: int
    driver: str

    def facts(self) -> dict[str, str]:
        """What a compiled engine depends on, for people and for comparison."""
        system = f"{platform.system()} {platform.machine()}"
        if _TEGRA_RELEASE.is_file():
            system += f", L4T {_TEGRA_RELEASE.read_text('utf-8', 'replace').partition(',')[0].lstrip('# ')}"
        return {
            "gpu": f"{self.name}, compute capability {self.compute_capability}, {self.multiprocessors} multiprocessors",
            "driver": self.driver,
            "system": system,
        }


@dataclass(frozen=True, slots=True, eq=False)
class StagingBuffer:
    """One tensor's memory: a pinned array on the host, and as many bytes at the address `device`."""

    host: NDArray[Any]
    device: int


class Cuda:
    """The functions of `cuda.bindings.runtime` that a backend needs; the first visible GPU is used.

    A status other than success raises `BackendUnavailable` with CUDA's own words.
    """

    def __init__(self, library: Any) -> None:
        self._library = library

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function by its CUDA name; its one result, or None."""
        status, *results = getattr(self._library, name)(*arguments)
        if int(status) != 0:
            raise BackendUnavailable("{what} failed: {reason}", what=name, reason=self._described(status))
        return results[0] if results else None

    def select(self) -> None:
        """Let the calling thread use the first GPU. CUDA keeps this choice for each thread."""
        self.call("cudaSetDevice", 0)

    def gpu(self) -> Gpu:
        """The GPU in use. Raises `BackendUnavailable` with the cure where there is none."""
        try:
            count = self.call("cudaGetDeviceCount")
        except BackendUnavailable as error:
            raise BackendUnavailable("no GPU can be used ({error}): {cure}", error=error, cure=CURE) from error
        if not count:
            raise BackendUnavailable("no GPU is visible: {cure}", cure=CURE)
        facts = self.call("cudaGetDeviceProperties", 0)
        name = facts.name.decode("utf-8", "replace") if isinstance(facts.name, bytes) else str(facts.name)
        version = int(self.call("cudaDriverGetVersion"))
        return Gpu(
            name.rstrip("\0"),
            f"{facts.major}.{facts.minor}",
            int(facts.multiProcessorCount),
            f"for CUDA {version // 1000}.{version % 1000 // 10}",
        )

    def stage(self, shape: tuple[int, ...], kind: DTypeLike) -> StagingBuffer:
        """Pinned and device memory for an array, zeroed on the host."""
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        pinned = int(self.call("cudaMallocHost", size))
        try:
            device = int(self.call("cudaMalloc", size))
        except BackendUnavailable:
            self.call("cudaFreeHost", pinned)
            raise
        memory = (ctypes.c_uint8 * size).from_address(pinned)
        host: NDArray[Any] = np.ctypeslib.as_array(memory).view(np.dtype(kind)).reshape(shape)
        host[...] = 0
        return StagingBuffer(host, device)

    def unstage(self, staged: StagingBuffer) -> None:
        """Free both sides; the array must not be used any more."""
        self.call("cudaFree", staged.device)
        self.call("cudaFreeHost", staged.host.ctypes.data)

    def upload(self, staged: StagingBuffer, stream: Any) -> None:
        """Queue the copy from host to device."""
        kind = self._library.cudaMemcpyKind.cudaMemcpyHostToDevice
        self.call("cudaMemcpyAsync", staged.device, staged.host.ctypes.data, staged.host.nbytes, kind, stream)

    def download(self, staged: StagingBuffer, stream: Any) -> None:
        """Queue the copy from device to host."""
        kind = self._library.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self.call("cudaMemcpyAsync", staged.host.ctypes.data, staged.device, staged.host.nbytes, kind, stream)

    def begin_capture(self, stream: Any) -> None:
        """Record what is queued on `stream` instead of running it; other threads are not held up by it."""
        mode = self._library.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        self.call("cudaStreamBeginCapture", stream, mode)

    def forget_error(self) -> None:
        """Clear the calling thread's last error, after one that was dealt with."""
        self._library.cudaGetLastError()

    def _described(self, status: Any) -> str:
        _, text = self._library.cudaGetErrorString(status)
        words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        return f"{words} ({getattr(status, 'name', int(status))})"


def load_cuda() -> Cuda:
    """CUDA's runtime library. Raises `BackendUnavailable` with the cure where cuda-python is missing."""
    try:
        from cuda.bindings import runtime
    except (ImportError, OSError, RuntimeError) as error:
        raise BackendUnavailable("cuda-python can't be loaded ({error}): {cure}", error=error, cure=CURE) from error
    return Cuda(runtime)
