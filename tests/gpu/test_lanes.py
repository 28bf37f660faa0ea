"""The engine backend on a real GPU: its streams, pinned memory and graphs, around a kernel in place of TensorRT."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from avistar import Outputs
from avistar.backends.cuda import Cuda
from avistar.backends.engine_backend import EngineBackend
from avistar.backends.tensorrt_library import Library
from fake_gpu import FakeCudart, FakeEngine, FakeTensorRT, plan_of
from support import FEATURES, images, tiny_graph

cupy = pytest.importorskip("cupy", reason="cupy compiles the kernel that stands in for an engine")
pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("ignore:ExternalStream:DeprecationWarning")]

SPECIES, PIXELS = 30, 32 * 32 * 3
KERNEL = """
extern "C" __global__ void answers(const unsigned char* image, float* logits, float* embedding, int rows) {
    int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at < rows * SPECIES) {
        int row = at / SPECIES, species = at % SPECIES;
        float sum = 0;
        for (int pixel = 0; pixel < PIXELS; pixel++)
            sum += image[row * PIXELS + pixel] * (float)((pixel * 7 + species * 13) % 5);
        logits[at] = sum;
    }
    if (at < rows * FEATURES) embedding[at] = image[at / FEATURES * PIXELS + at % FEATURES];
}
"""
MOST = max(SPECIES, FEATURES)


def expected(images: np.ndarray) -> Outputs:
    """What the kernel computes: sums of integers, exact in float32."""
    flat = images.reshape(len(images), PIXELS).astype(np.float32)
    pixels, species = np.arange(PIXELS)[:, None], np.arange(SPECIES)
    return Outputs(flat @ ((pixels * 7 + species * 13) % 5).astype(np.float32), flat[:, :FEATURES])


class KernelContext:
    """An execution context that queues the kernel where TensorRT would queue an engine's."""

    def __init__(self, engine: FakeEngine, kernel: Any) -> None:
        self.engine, self.kernel = engine, kernel
        self.addresses: dict[str, int] = {}
        self.rows = 0

    def set_tensor_address(self, name: str, address: int) -> bool:
        self.addresses[name] = address
        return True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self.rows = shape[0]
        return True

    def execute_async_v3(self, stream: int) -> bool:
        if not self.engine.trt.recordable and cupy.cuda.runtime.streamIsCapturing(stream):
            return False
        pointers = [np.uint64(self.addresses[name]) for name in ("image", "logits", "embedding")]
        with cupy.cuda.ExternalStream(stream):
            self.kernel((self.rows * MOST // 64 + 1,), (64,), (*pointers, np.int32(self.rows)))
        return True


class KernelTensorRT(FakeTensorRT):
    """The library, on real memory and streams."""

    def __init__(self) -> None:
        super().__init__(FakeCudart())
        source = KERNEL
        for name, number in (("SPECIES", SPECIES), ("PIXELS", PIXELS), ("FEATURES", FEATURES)):
            source = source.replace(name, str(number))
        self.kernel = cupy.RawKernel(source, "answers")
        self.kernel.compile()

    def _engine(self, plan: bytes, logger: Any) -> Any:
        engine = super()._engine(plan, logger)
        engine.create_execution_context = lambda config=None: KernelContext(engine, self.kernel)
        return engine


def opened(cuda: Cuda, *, recordable: bool = True, **options: Any) -> EngineBackend:
    trt = KernelTensorRT()
    trt.recordable = recordable
    return EngineBackend(Library("tensorrt", "10.16.1", trt), plan_of(tiny_graph(), (1, 4, 16)), cuda, **options)


def assert_right(found: Outputs, batch: np.ndarray) -> None:
    wanted = expected(batch)
    np.testing.assert_array_equal(found.logits, wanted.logits)
    np.testing.assert_array_equal(found.embedding, wanted.embedding)


@pytest.mark.parametrize("graphs", [True, False])
def test_every_batch_gets_its_answers_in_order(cuda: Cuda, graphs: bool) -> None:
    with opened(cuda, graphs=graphs) as engine:
        for count in (0, 1, 3, 4, 16, 17, 100):
            batch = images(count, count)
            assert_right(engine.run(batch), batch)
        assert engine.recorded() == ([1, 4, 16] if graphs else [])


def test_an_engine_that_cant_be_recorded_runs_without_graphs(cuda: Cuda) -> None:
    with opened(cuda, recordable=False) as engine:
        assert_right(engine.run(images(20)), images(20))
        assert engine.recorded() == []


def test_threads_that_share_an_engine_get_their_own_answers(cuda: Cuda) -> None:
    batches = [images(count, seed) for seed, count in enumerate([1, 16, 3, 40, 1, 17, 5, 64] * 25)]
    with opened(cuda) as engine, ThreadPoolExecutor(8) as pool:
        for batch, found in zip(batches, pool.map(engine.run, batches), strict=True):
            assert_right(found, batch)


def test_opening_and_closing_many_times_gives_the_memory_back(cuda: Cuda) -> None:
    def free() -> int:
        return int(cupy.cuda.runtime.memGetInfo()[0])

    with opened(cuda) as engine:
        engine.run(images(40))
    before = free()
    for _ in range(20):
        with opened(cuda) as engine:
            engine.run(images(40))
    assert free() >= before - (8 << 20)
