"""Engines on a GPU made of host memory: the same calls as on a real one, checked one by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import BackendUnavailable, BundleError
from avistar.backends import engine_backend, portions
from avistar.backends.cuda import Cuda
from avistar.backends.engine_backend import EngineBackend
from avistar.backends.onnx_backend import OnnxBackend
from avistar.backends.tensorrt_library import Library
from fake_gpu import SIGNATURE, FakeCudart, FakeTensorRT, plan_of
from support import FEATURES, images, tiny_graph


class Device:
    """A fake GPU with an engine of the tiny graph."""

    def __init__(self, *, profile: tuple[int, int, int] = (1, 4, 16), rtx: bool = False) -> None:
        self.cudart = FakeCudart()
        self.trt = FakeTensorRT(self.cudart, rtx=rtx)
        self.library = Library("tensorrt-rtx" if rtx else "tensorrt", "10.16.1", self.trt)
        self.plan = plan_of(tiny_graph(), profile)

    def open(self, **options: object) -> EngineBackend:
        return EngineBackend(self.library, self.plan, Cuda(self.cudart), label="fp16", **options)


@pytest.fixture
def device() -> Device:
    return Device()


@pytest.fixture(scope="module")
def network() -> OnnxBackend:
    return OnnxBackend(tiny_graph(), threads=1)


@given(count=st.integers(0, 40), graphs=st.booleans(), rtx=st.booleans())
def test_any_number_of_pictures_gets_the_answers_of_the_network_in_order(network, count, graphs, rtx) -> None:
    with Device(rtx=rtx).open(graphs=graphs) as engine:
        outputs = engine.run(images(count))
        assert outputs.logits.shape == (count, 30)
        assert outputs.embedding.shape == (count, FEATURES)
        if count:
            np.testing.assert_allclose(outputs.logits, network.run(images(count)).logits, atol=1e-5)


@given(count=st.integers(0, 200), sizes=st.sets(st.integers(1, 64), min_size=1, max_size=3).map(sorted))
def test_every_picture_is_in_one_batch_and_at_least_half_of_a_batch_is_filled(count, sizes) -> None:
    batches = list(portions(count, sizes))
    assert [row for start, held, _ in batches for row in range(start, start + held)] == list(range(count))
    for _, held, size in batches:
        assert size in sizes
        assert held <= size
        assert 2 * held > size or size == sizes[0]


def test_it_says_what_it_runs_on_and_that_it_runs_as_a_graph(device) -> None:
    engine = device.open()
    assert engine.runs_on == "tensorrt 10.16.1 · Fake GPU · fp16 · batch 1–16"
    engine.run(images(5))
    assert engine.recorded() == [1, 4]
    engine.run(images(5))
    assert device.cudart.calls.count("cudaGraphLaunch") == 4


def test_an_engine_that_cannot_be_recorded_runs_without_a_graph(device, network) -> None:
    device.trt.recordable = False
    engine = device.open()
    np.testing.assert_allclose(engine.run(images(3)).logits, network.run(images(3)).logits, atol=1e-5)
    assert engine.recorded() == []


def test_threads_never_share_a_context_and_get_their_own_answers(device, network) -> None:
    engine = device.open()
    wanted = {seed: network.run(images(7, seed)).logits for seed in range(8)}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda seed: engine.run(images(7, seed)).logits, [*range(8)] * 4))
    for seed, logits in zip([*range(8)] * 4, found, strict=True):
        np.testing.assert_allclose(logits, wanted[seed], atol=1e-5)


def test_close_frees_every_byte_and_may_be_called_twice(device) -> None:
    engine = device.open()
    engine.run(images(21))
    assert device.cudart.memory
    engine.close()
    engine.close()
    assert not device.cudart.memory
    with pytest.raises(BackendUnavailable, match="was closed"):
        engine.run(images(1))


def test_a_call_under_way_ends_before_a_closed_engine_is_freed(device, network, monkeypatch) -> None:
    engine = device.open()
    finish = engine_backend._Lane.finish

    def closing(self, outputs):
        engine.close()
        finish(self, outputs)

    monkeypatch.setattr(engine_backend._Lane, "finish", closing)
    np.testing.assert_allclose(engine.run(images(1)).logits, network.run(images(1)).logits, atol=1e-5)
    assert not device.cudart.memory


FUNCTIONS = [
    "cudaSetDevice",
    "cudaStreamCreateWithFlags",
    "cudaMallocHost",
    "cudaMalloc",
    "cudaMemcpyAsync",
    "cudaStreamSynchronize",
    "cudaGraphLaunch",
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("before", [0, 1, 2])
def test_no_failure_of_cuda_is_overlooked_and_none_leaks(device, network, function, before) -> None:
    engine = device.open()
    device.cudart.failing[function] = before
    with pytest.raises(BackendUnavailable, match=rf"{function} failed: cudaErrorMemoryAllocation"):
        [engine.run(images(21)) for _ in range(4)]
    device.cudart.failing.clear()
    np.testing.assert_allclose(engine.run(images(9)).logits, network.run(images(9)).logits, atol=1e-5)
    engine.close()
    assert not device.cudart.memory


def test_a_graph_that_cannot_be_made_costs_only_speed(device, network) -> None:
    for function in ("cudaStreamBeginCapture", "cudaStreamEndCapture", "cudaGraphInstantiate"):
        device.cudart.failing = {function: 0}
        engine = device.open()
        np.testing.assert_allclose(engine.run(images(2)).logits, network.run(images(2)).logits, atol=1e-5)
        assert engine.recorded() == []


def test_an_engine_that_refuses_to_run_is_an_error(device) -> None:
    device.trt.broken = True
    with pytest.raises(BackendUnavailable, match="refused a batch of 1"):
        device.open().run(images(1))
    assert not device.cudart.memory


def test_a_plan_that_cannot_be_read_is_an_error_with_the_library_s_words(device) -> None:
    device.plan = b"damaged"
    with pytest.raises(BackendUnavailable, match=r"tensorrt 10.16.1 can't open the engine on Fake GPU: the plan's"):
        device.open()


def test_an_engine_of_other_tensors_is_not_ours(device) -> None:
    device.plan = plan_of(tiny_graph(), signature=SIGNATURE | {"logits": "HALF"})
    with pytest.raises(BundleError, match="the engine isn't Avistar's"):
        device.open()


@pytest.mark.parametrize("wrong", [np.zeros((1, 8, 8, 3), np.uint8), np.zeros((1, 32, 32, 3), np.float32)])
def test_other_pictures_are_refused_before_they_reach_the_gpu(device, wrong) -> None:
    with pytest.raises(BackendUnavailable, match=r"takes uint8 N × \(32, 32, 3\)"):
        device.open().run(wrong)


def test_without_a_gpu_the_cure_is_named() -> None:
    device = Device()
    device.cudart.gpus = 0
    with pytest.raises(BackendUnavailable, match=r"no GPU is visible.*avistar\[engine\]"):
        device.open()
    device.cudart.failing["cudaGetDeviceCount"] = 0
    with pytest.raises(BackendUnavailable, match=r"no GPU can be used \(cudaGetDeviceCount failed"):
        device.open()


def test_tensorrt_rtx_compiles_for_the_shapes_of_a_lane_at_once() -> None:
    device = Device(rtx=True)
    device.open().run(images(1))
    assert device.trt.contexts[0].config.dynamic_shapes_kernel_specialization_strategy == "eager"
