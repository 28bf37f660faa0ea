"""A GPU made of host memory, behind the very functions that Avistar calls of cuda-python and TensorRT.

Worst-case order: nothing that is queued on a stream happens before the stream is synchronised. Memory is
filled with garbage, a freed address can't be used, and every function can be told to fail.
"""

from __future__ import annotations

import ctypes
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from types import SimpleNamespace
from typing import Any

import numpy as np

from avistar.backends import Outputs
from avistar.backends.onnx_backend import OnnxBackend

SIGNATURE = {"image": "UINT8", "logits": "FLOAT", "embedding": "FLOAT", "boxes": "FLOAT", "scores": "FLOAT"}


class Status(IntEnum):
    cudaSuccess = 0
    cudaErrorMemoryAllocation = 2
    cudaErrorStreamCaptureUnsupported = 900


class Handle:
    """A stream or graph: work that is still to be done."""

    def __init__(self, number: int) -> None:
        self.number, self.queued = number, list[Callable[[], None]]()
        self.recording: list[Callable[[], None]] | None = None

    def __int__(self) -> int:
        return self.number

    def add(self, work: Callable[[], None]) -> None:
        (self.queued if self.recording is None else self.recording).append(work)


@dataclass
class FakeCudart:
    """What `cuda.bindings.runtime` is to Avistar. `failing`: calls of a function that succeed before it fails."""

    gpus: int = 1
    name: bytes = b"Fake GPU"
    driver: int = 13000
    failing: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    memory: dict[int, Any] = field(default_factory=dict)
    handles: dict[int, Handle] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1000))
    cudaMemcpyKind = SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)
    cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not name.startswith("cuda"):
            raise AttributeError(name)
        function = getattr(self, f"_{name[4:].lower()}")

        def call(*arguments: Any) -> tuple[Any, ...]:
            self.calls.append(name)
            if name in self.failing:
                self.failing[name] -= 1
                if self.failing[name] < 0:
                    if name == "cudaStreamEndCapture":  # ends the capture also when it fails
                        arguments[0].recording = None
                    return (Status.cudaErrorMemoryAllocation, None)
            result = function(*arguments)
            return (Status.cudaSuccess,) if result is None else (Status.cudaSuccess, result)

        return call

    def _geterrorstring(self, status: Status) -> bytes:
        return status.name.encode()

    def _getlasterror(self) -> None: ...

    def _setdevice(self, number: int) -> None:
        assert number == 0

    def _getdevicecount(self) -> int:
        return self.gpus

    def _getdeviceproperties(self, number: int) -> Any:
        return SimpleNamespace(name=self.name, major=8, minor=9, multiProcessorCount=46)

    def _drivergetversion(self) -> int:
        return self.driver

    def _malloc(self, size: int) -> int:
        held = (ctypes.c_uint8 * max(size, 1))(*b"\xab" * min(size, 64))
        address = ctypes.addressof(held)
        self.memory[address] = held
        return address

    _mallochost = _malloc

    def _free(self, address: int) -> None:
        del self.memory[address]

    _freehost = _free

    def _handle(self, *_: Any) -> Handle:
        handle = Handle(next(self.numbers))
        self.handles[handle.number] = handle
        return handle

    _streamcreatewithflags = _handle

    def _streamdestroy(self, stream: Handle) -> None:
        assert not stream.queued or "cudaStreamSynchronize" in self.failing, "a stream at work was destroyed"
        del self.handles[stream.number]

    def _streamsynchronize(self, stream: Handle) -> None:
        assert stream.recording is None
        while stream.queued:
            stream.queued.pop(0)()

    def _memcpyasync(self, target: int, source: int, size: int, kind: int, stream: Handle) -> None:
        def copy() -> None:
            assert target in self.memory, "a copy to freed memory"
            assert source in self.memory, "a copy from freed memory"
            ctypes.memmove(target, source, size)

        stream.add(copy)

    def _streambegincapture(self, stream: Handle, mode: int) -> None:
        stream.recording = []

    def _streamendcapture(self, stream: Handle) -> Handle:
        graph = self._handle()
        graph.queued, stream.recording = stream.recording or [], None
        return graph

    def _graphinstantiate(self, graph: Handle, flags: int) -> Handle:
        made = self._handle()
        made.queued = list(graph.queued)
        return made

    def _graphlaunch(self, graph: Handle, stream: Handle) -> None:
        stream.queued.extend(graph.queued)

    def _graphdestroy(self, graph: Handle) -> None:
        self.handles.pop(graph.number)

    _graphexecdestroy = _graphdestroy


def plan_of(model: bytes, profile: tuple[int, int, int] = (1, 4, 16), **facts: Any) -> bytes:
    """The plan of a fake engine: an ONNX file and the batches it takes. `facts`: 'layers' for the inspector."""
    return json.dumps({"profile": profile, **facts}).encode() + b"\0" + model


class FakeTensorRT(SimpleNamespace):
    """What `tensorrt` is to the runtime. `recordable`: whether an engine can be captured in a CUDA graph."""

    def __init__(self, cudart: FakeCudart, *, version: str = "10.16.1", rtx: bool = False) -> None:
        super().__init__(cudart=cudart, __version__=version, recordable=True, broken=False, change=None, contexts=[])
        self.DataType = Enum("DataType", "UINT8 FLOAT HALF INT8")
        self.LayerInformationFormat = SimpleNamespace(JSON="json")
        if rtx:
            self.DynamicShapesKernelSpecializationStrategy = SimpleNamespace(EAGER="eager")

        class ILogger:
            ERROR, INTERNAL_ERROR = "error", "internal error"

        self.ILogger = ILogger

    def Runtime(self, logger: Any) -> Any:
        return SimpleNamespace(deserialize_cuda_engine=lambda plan: self._engine(plan, logger))

    def _engine(self, plan: bytes, logger: Any) -> Any:
        head, separator, model = plan.partition(b"\0")
        if not separator:
            logger.log("error", "the plan's magic tag does not match")
            return None
        return FakeEngine(self, json.loads(head), model)


class FakeEngine:
    """What an `ICudaEngine` is to the runtime."""

    def __init__(self, trt: FakeTensorRT, facts: dict[str, Any], model: bytes) -> None:
        self.trt, self.facts = trt, facts
        finds = b"scores" in model and b"logits" not in model
        self.outputs = ("boxes", "scores") if finds else ("logits", "embedding")
        self.network = OnnxBackend(model, threads=1, outputs=self.outputs)
        session = self.network._session
        tensors = [*session.get_inputs(), *session.get_outputs()]
        self.shapes = {one.name: (-1, *one.shape[1:]) for one in tensors}
        self.num_io_tensors = len(tensors)

    def get_tensor_name(self, number: int) -> str:
        return list(self.shapes)[number]

    def get_tensor_dtype(self, name: str) -> Any:
        return self.trt.DataType[self.facts.get("signature", SIGNATURE)[name]]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self.shapes[name]

    def get_tensor_profile_shape(self, name: str, profile: int) -> list[tuple[int, ...]]:
        return [(size, *self.shapes[name][1:]) for size in self.facts["profile"]]

    def create_runtime_config(self) -> Any:
        return SimpleNamespace()

    def create_execution_context(self, config: Any = None) -> Any:
        context = FakeContext(self, config)
        self.trt.contexts.append(context)
        return context

    def create_engine_inspector(self) -> Any:
        layers = {"Layers": self.facts.get("layers", [])}
        return SimpleNamespace(get_engine_information=lambda form: json.dumps(layers))


class FakeContext:
    """What an `IExecutionContext` is to the runtime."""

    def __init__(self, engine: FakeEngine, config: Any) -> None:
        self.engine, self.config = engine, config
        self.addresses: dict[str, int] = {}
        self.shape: tuple[int, ...] = ()

    def set_tensor_address(self, name: str, address: int) -> bool:
        self.addresses[name] = address
        return name in self.engine.shapes

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self.shape = shape
        return self.engine.facts["profile"][0] <= shape[0] <= self.engine.facts["profile"][2]

    def execute_async_v3(self, number: int) -> bool:
        trt = self.engine.trt
        stream = trt.cudart.handles[number]
        if trt.broken or (stream.recording is not None and not trt.recordable):
            return False
        stream.add(self._compute)
        return True

    def _compute(self) -> None:
        outputs = Outputs(*self.engine.network.arrays(self._array("image", self.shape, np.uint8)))
        if self.engine.trt.change is not None:
            outputs = self.engine.trt.change(outputs)
        for name, values in zip(self.engine.outputs, (outputs.logits, outputs.embedding), strict=True):
            self._array(name, values.shape, np.float32)[...] = values

    def _array(self, name: str, shape: tuple[int, ...], kind: Any) -> np.ndarray:
        address = self.addresses[name]
        held = self.engine.trt.cudart.memory[address]  # fails for freed memory
        return np.frombuffer(held, dtype=kind, count=int(np.prod(shape))).reshape(shape)
