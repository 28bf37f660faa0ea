"""A TensorRT or TensorRT-RTX engine on an NVIDIA GPU: without torch, safe to share between threads.

An engine is executable code: open one through `avistar.backends.factory`, which asks who built it.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Any, Self

import numpy as np

from avistar.backends import CLASSIFIER, Floats, Outputs, Tensors, portions
from avistar.backends.cuda import Cuda, StagingBuffer
from avistar.backends.tensorrt_library import Library, last_words
from avistar.errors import BackendUnavailable, BundleError
from avistar.images.geometry import Pixels

INPUT = "image"
IN_FLIGHT = 2
"""Batches of one call that are queued at once: the next is copied while one computes."""
_OWN_STREAM = 1  # cudaStreamNonBlocking: it doesn't wait for the default stream


class EngineBackend:
    """One deserialised engine on the first visible GPU.

    A call is split into the three batch sizes of the engine's profile and filled up with black pictures.
    Each size has lanes: an execution context with its own stream, pinned memory and, where the library
    allows it, a CUDA graph. A lane serves one call at a time, so any number of threads may call `run`.
    """

    def __init__(
        self,
        library: Library,
        plan: bytes,
        cuda: Cuda,
        *,
        label: str = "",
        graphs: bool = True,
        outputs: Tensors = CLASSIFIER,
    ) -> None:
        self._library, self._cuda, self._graphs, self._outputs = library, cuda, graphs, outputs
        self.gpu = cuda.gpu()
        cuda.select()
        self._logger, self._heard = library.listener()  # kept: the library calls it as long as the engine lives
        self._runtime: Any = library.module.Runtime(self._logger)
        self._engine: Any = self._runtime.deserialize_cuda_engine(plan)
        if self._engine is None:
            raise BackendUnavailable(
                "{library} {version} can't open the engine on {device}: {words}",
                library=library.name,
                version=library.version,
                device=self.gpu.name,
                words=last_words(self._heard),
            )
        self._shapes = _checked_shapes(library.module, self._engine, outputs)
        profile = self._engine.get_tensor_profile_shape(INPUT, 0)
        self._sizes = sorted({int(batch) for batch, *_ in map(tuple, profile)})
        self._lock = threading.Lock()
        self._idle: defaultdict[int, list[_Lane]] = defaultdict(list)
        batches = f"batch {self._sizes[0]}–{self._sizes[-1]}"
        parts = (f"{library.name} {library.version}", self.gpu.name, label, batches)
        self._runs_on = " · ".join(filter(None, parts))

    @property
    def runs_on(self) -> str:
        """Library, GPU, precision and batch sizes."""
        return self._runs_on

    def run(self, images: Pixels) -> Outputs:
        """Execute on uint8 [N, H, W, 3] RGB. Raises as `arrays` does."""
        return Outputs(*self.arrays(images))

    def arrays(self, images: Pixels) -> tuple[Floats, Floats]:
        """The two outputs for uint8 [N, H, W, 3] RGB.

        Raises `BackendUnavailable` when the GPU fails or after `close`.
        """
        picture = self._shapes[INPUT]
        if images.dtype != np.uint8 or images.shape[1:] != picture:
            raise BackendUnavailable(
                "the engine takes uint8 N × {picture}, not {dtype} {shape}",
                picture=picture,
                dtype=images.dtype,
                shape=list(images.shape),
            )
        self._cuda.select()
        running: list[_Lane] = []
        first, second = (np.empty((len(images), *self._shapes[name]), np.float32) for name in self._outputs)
        outputs = first, second
        try:
            for start, count, size in portions(len(images), self._sizes):
                if len(running) == IN_FLIGHT:
                    self._finish(running, outputs)
                lane = self._taken(size)
                running.append(lane)
                lane.start(images, start, count)
            while running:
                self._finish(running, outputs)
        finally:
            for lane in running:  # none unless something failed: what they hold is not to be trusted
                lane.close()
        return outputs

    def information(self) -> str:
        """The engine inspector's JSON: every layer with its types, if the engine was built to tell them."""
        json = self._library.module.LayerInformationFormat.JSON
        text: str = self._engine.create_engine_inspector().get_engine_information(json)
        return text

    def recorded(self) -> list[int]:
        """The batch sizes that run as CUDA graphs, of those used so far."""
        with self._lock:
            return sorted(size for size, lanes in self._idle.items() if any(lane.is_recorded for lane in lanes))

    def close(self) -> None:
        """Free the engine; calls that are under way end first. Safe to call twice."""
        with self._lock:
            idle = [lane for lanes in self._idle.values() for lane in lanes]
            self._idle.clear()
            self._engine = self._runtime = None  # a lane under way keeps what it needs
        if idle:
            self._cuda.select()
        for lane in idle:
            lane.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _taken(self, size: int) -> _Lane:
        with self._lock:
            if self._engine is None:
                raise BackendUnavailable("this backend was closed")
            if self._idle[size]:
                return self._idle[size].pop()
            # Under the lock: an engine makes one context at a time.
            context = _context(self._library, self._engine, self._heard)
            shapes = {name: (size, *shape) for name, shape in self._shapes.items()}
            return _Lane(self._cuda, context, shapes, self._outputs, graph=self._graphs)

    def _finish(self, running: list[_Lane], outputs: tuple[Floats, Floats]) -> None:
        """Wait for the oldest lane, take its rows, and lay it aside for the next call."""
        lane = running[0]
        lane.finish(outputs)
        running.remove(lane)
        with self._lock:
            if self._engine is not None:
                self._idle[lane.size].append(lane)
                return
        lane.close()


class _Lane:
    """One batch size on one execution context. Its shape and addresses never change: a CUDA graph holds them."""

    def __init__(
        self, cuda: Cuda, context: Any, shapes: dict[str, tuple[int, ...]], outputs: Tensors, *, graph: bool
    ) -> None:
        self._cuda, self._context, self._outputs = cuda, context, outputs
        self.size = shapes[INPUT][0]
        self._rows = (0, 0)
        self._graph: Any = None
        self._held = ExitStack()
        self._stream = cuda.call("cudaStreamCreateWithFlags", _OWN_STREAM)
        self._held.callback(cuda.call, "cudaStreamDestroy", self._stream)
        self._tensors: dict[str, StagingBuffer] = {}
        try:
            self._prepare(shapes)
            self._queue()  # a first run may load and compile, which a graph can't record
            cuda.call("cudaStreamSynchronize", self._stream)
            if graph:
                self._graph = self._record()
        except BaseException:
            self.close()
            raise

    @property
    def is_recorded(self) -> bool:
        """Whether it runs as a CUDA graph."""
        return self._graph is not None

    def start(self, images: Pixels, start: int, count: int) -> None:
        """Queue the pictures from `start` on; `finish` waits for them."""
        self._rows = (start, start + count)
        host = self._tensors[INPUT].host
        host[:count], host[count:] = images[start : start + count], 0
        if self._graph is None:
            self._queue()
        else:
            self._cuda.call("cudaGraphLaunch", self._graph, self._stream)

    def finish(self, outputs: tuple[Floats, Floats]) -> None:
        """Wait, and copy the answers to their rows of `outputs`."""
        self._cuda.call("cudaStreamSynchronize", self._stream)
        start, end = self._rows
        for rows, name in zip(outputs, self._outputs, strict=True):
            rows[start:end] = self._tensors[name].host[: end - start]

    def close(self) -> None:
        """Free everything, also on a GPU that has stopped answering."""
        with suppress(BackendUnavailable):
            self._cuda.call("cudaStreamSynchronize", self._stream)
        with suppress(BackendUnavailable):
            self._held.close()
        self._context = None

    def _prepare(self, shapes: dict[str, tuple[int, ...]]) -> None:
        for name, shape in shapes.items():
            staged = self._cuda.stage(shape, np.uint8 if name == INPUT else np.float32)
            self._held.callback(self._cuda.unstage, staged)
            self._tensors[name] = staged
            if not self._context.set_tensor_address(name, staged.device):
                raise BackendUnavailable("the engine refuses memory for '{name}'", name=name)
        if not self._context.set_input_shape(INPUT, shapes[INPUT]):
            raise BackendUnavailable("the engine refuses pictures of shape {shapes}", shapes=shapes[INPUT])

    def _queue(self) -> None:
        self._cuda.upload(self._tensors[INPUT], self._stream)
        if not self._context.execute_async_v3(int(self._stream)):
            raise BackendUnavailable("the engine refused a batch of {size}", size=self.size)
        for name in self._outputs:
            self._cuda.download(self._tensors[name], self._stream)

    def _record(self) -> Any:
        """The batch as a CUDA graph; None where the library can't be recorded, which only costs speed."""
        try:
            self._cuda.begin_capture(self._stream)
            try:
                self._queue()
            finally:
                graph = self._cuda.call("cudaStreamEndCapture", self._stream)
            try:
                made = self._cuda.call("cudaGraphInstantiate", graph, 0)
            finally:
                self._cuda.call("cudaGraphDestroy", graph)
        except BackendUnavailable:
            self._cuda.forget_error()
            return None
        self._held.callback(self._cuda.call, "cudaGraphExecDestroy", made)
        return made


def _context(library: Library, engine: Any, heard: Sequence[str]) -> Any:
    trt = library.module
    strategies = getattr(trt, "DynamicShapesKernelSpecializationStrategy", None)
    if strategies is None:
        context = engine.create_execution_context()
    else:  # TensorRT-RTX compiles on the device; a lane's shape never changes, so let it do so at once
        config = engine.create_runtime_config()
        config.dynamic_shapes_kernel_specialization_strategy = strategies.EAGER
        context = engine.create_execution_context(config)
    if context is None:
        raise BackendUnavailable("{device} can't run the engine: {words}", device=library.name, words=last_words(heard))
    return context


def _checked_shapes(trt: Any, engine: Any, outputs: Tensors) -> dict[str, tuple[int, ...]]:
    """Each tensor's shape without the batch. Raises `BundleError` unless the engine keeps the graph contract."""
    names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
    kinds = {INPUT: trt.DataType.UINT8, **dict.fromkeys(outputs, trt.DataType.FLOAT)}
    if set(names) != set(kinds) or any(engine.get_tensor_dtype(name) != kind for name, kind in kinds.items()):
        found = ", ".join(f"{name}: {engine.get_tensor_dtype(name)}" for name in names)
        raise BundleError(
            "the engine isn't Avistar's: it has {found}; expected uint8 '{input}', float '{first}' and '{second}'",
            found=found,
            input=INPUT,
            first=outputs[0],
            second=outputs[1],
        )
    return {name: tuple(int(side) for side in tuple(engine.get_tensor_shape(name))[1:]) for name in kinds}
