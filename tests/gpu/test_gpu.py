"""On a real GPU: ONNX Runtime's CUDA provider with the shipped bundle, and the CUDA calls that engines stand on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from avistar import BackendUnavailable, Classifier
from avistar.backends.cuda import Cuda
from avistar.backends.onnx_backend import OnnxBackend
from support import images, tiny_graph

DEFAULT = Path(__file__).parents[2] / "models" / "default"
pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def provider() -> Iterator[OnnxBackend]:
    """The tiny graph under the CUDA provider."""
    try:
        backend = OnnxBackend(tiny_graph(), provider="cuda", label="fp32")
    except BackendUnavailable as error:
        pytest.skip(str(error))
    yield backend
    backend.close()


@pytest.mark.parametrize("count", [1, 2, 8, 9, 32, 41])
def test_every_batch_gets_the_answers_of_the_cpu_in_its_order(provider: OnnxBackend, count: int) -> None:
    expected = OnnxBackend(tiny_graph(), threads=1).run(images(count))
    for _ in range(3):  # recorded at the first run, replayed at the others
        found = provider.run(images(count))
        np.testing.assert_allclose(found.logits, expected.logits, rtol=1e-3, atol=1e-3)
        np.testing.assert_allclose(found.embedding, expected.embedding, rtol=1e-3, atol=1e-3)


def test_threads_that_share_a_session_get_their_own_answers(provider: OnnxBackend) -> None:
    batches = [images(count, seed) for seed, count in enumerate([1, 8, 3, 32, 1, 17] * 8)]
    reference = OnnxBackend(tiny_graph(), threads=1)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(provider.run, batches))
    for batch, answer in zip(batches, answers, strict=True):
        np.testing.assert_allclose(answer.logits, reference.run(batch).logits, rtol=1e-3, atol=1e-3)


def test_the_default_bundle_answers_on_the_gpu_as_where_it_was_exported(provider: OnnxBackend) -> None:
    with Classifier.open(DEFAULT, "cuda") as classifier:
        assert classifier.info.runs_on.startswith("cuda · onnxruntime")
        assert "fp16" in classifier.info.runs_on
        assert classifier.verify().problems == ()


def test_the_gpu_tells_what_it_is(cuda: Cuda) -> None:
    gpu = cuda.gpu()
    assert gpu.name
    assert gpu.multiprocessors > 0
    assert gpu.driver.startswith("for CUDA ")


def test_memory_goes_to_the_gpu_and_comes_back(cuda: Cuda) -> None:
    cuda.select()
    staged = cuda.stage((3, 5), np.float32)
    stream = cuda.call("cudaStreamCreate")
    wanted = np.arange(15, dtype=np.float32).reshape(3, 5)
    staged.host[...] = wanted
    cuda.upload(staged, stream)
    cuda.call("cudaStreamSynchronize", stream)
    staged.host[...] = 0
    cuda.download(staged, stream)
    cuda.call("cudaStreamSynchronize", stream)
    np.testing.assert_array_equal(staged.host, wanted)
    cuda.call("cudaStreamDestroy", stream)
    cuda.unstage(staged)


def test_recorded_copies_are_replayed_with_what_lies_there_then(cuda: Cuda) -> None:
    cuda.select()
    staged = cuda.stage((4,), np.float32)
    stream = cuda.call("cudaStreamCreate")
    cuda.begin_capture(stream)
    cuda.upload(staged, stream)
    cuda.download(staged, stream)
    graph = cuda.call("cudaStreamEndCapture", stream)
    recorded = cuda.call("cudaGraphInstantiate", graph, 0)
    for value in (1, 2, 3):
        staged.host[...] = value
        cuda.call("cudaGraphLaunch", recorded, stream)
        cuda.call("cudaStreamSynchronize", stream)
        assert staged.host.tolist() == [value] * 4
    cuda.call("cudaGraphExecDestroy", recorded)
    cuda.call("cudaGraphDestroy", graph)
    cuda.call("cudaStreamDestroy", stream)
    cuda.unstage(staged)


def test_more_memory_than_the_gpu_has_is_refused_in_cudas_words_and_leaves_it_usable(cuda: Cuda) -> None:
    with pytest.raises(BackendUnavailable, match="cudaMalloc failed"):
        cuda.call("cudaMalloc", 1 << 46)
    cuda.forget_error()
    cuda.unstage(cuda.stage((8,), np.uint8))
