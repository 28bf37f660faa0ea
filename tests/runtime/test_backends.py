from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest

from avistar import BackendUnavailable, BundleError, Classifier, FunctionBackend, ModelBundle, Outputs, UsageError
from avistar.backends import onnx_backend, openvino_backend
from avistar.backends.factory import open_backend
from avistar.backends.onnx_backend import OnnxBackend, import_onnxruntime
from avistar.backends.onnx_io_binding import BoundSession
from avistar.backends.openvino_backend import OpenVinoBackend
from avistar.manifest import Artifact, Calibration
from avistar.parallel import usable_cpus
from support import FEATURES, images, tiny_graph

no_gpu_build = pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(), reason="this ONNX Runtime was built for a GPU"
)


def with_output_called(name: str) -> bytes:
    model = onnx.load_from_string(tiny_graph())
    model.graph.node[-1].output[0] = name
    model.graph.output[0].name = name
    return model.SerializeToString()


def test_a_real_graph_answers_with_logits_and_embedding() -> None:
    backend = OnnxBackend(tiny_graph(), threads=1, label="fp32")
    outputs = backend.run(images())
    assert outputs.logits.shape == (3, 30)
    assert outputs.embedding.shape == (3, FEATURES)
    assert outputs.logits.dtype == np.float32
    quarters = images().reshape(3, 2, 16, 2, 16, 3).mean(axis=(2, 4)) / 255
    np.testing.assert_allclose(outputs.embedding, quarters.transpose(0, 3, 1, 2).reshape(3, -1), atol=1e-6)


def test_it_says_what_it_runs_on() -> None:
    text = OnnxBackend(tiny_graph(), threads=1, label="fp32").runs_on
    assert text == f"cpu · onnxruntime {onnxruntime.__version__} · fp32 · 1 threads"


def test_a_graph_with_other_names_is_refused() -> None:
    with pytest.raises(BundleError, match="isn't an Avistar graph"):
        OnnxBackend(with_output_called("softmax"), threads=1)


def test_bytes_that_are_no_graph_are_refused() -> None:
    with pytest.raises(BundleError, match="can't load the artifact"):
        OnnxBackend(b"no graph", threads=1)


def test_a_shape_that_the_graph_refuses_is_a_readable_error() -> None:
    backend = OnnxBackend(tiny_graph(), threads=1)
    with pytest.raises(BackendUnavailable, match=r"inference of \[1, 8, 8, 3\] failed on cpu"):
        backend.run(np.zeros((1, 8, 8, 3), np.uint8))


def test_a_closed_backend_refuses_and_closes_again() -> None:
    backend = OnnxBackend(tiny_graph(), threads=1)
    backend.close()
    backend.close()
    with pytest.raises(BackendUnavailable, match="was closed"):
        backend.run(images())


@no_gpu_build
@pytest.mark.parametrize("device", ["cuda", "tensorrt"])
def test_a_gpu_that_is_not_there_is_refused_with_the_cure(tiny: ModelBundle, device: str) -> None:
    with pytest.raises(BackendUnavailable, match=r"pip install 'avistar\[gpu\]'"):
        open_backend(tiny, device)


@no_gpu_build
def test_auto_falls_back_to_the_cpu_and_says_why(tiny: ModelBundle) -> None:
    with Classifier.open(tiny.folder) as classifier:
        assert classifier.provenance.runs_on.startswith("cpu")
        (reason,) = classifier.rejected
    assert "cuda" in reason
    assert "pip install" in reason


def test_a_provider_that_loads_only_in_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What onnxruntime-gpu does without a driver: lists CUDA as available, then quietly runs on the CPU."""

    def session(*_: object, **__: object) -> SimpleNamespace:
        return SimpleNamespace(get_providers=lambda: ["CPUExecutionProvider"])

    fake = SimpleNamespace(
        __version__="1.99",
        SessionOptions=onnxruntime.SessionOptions,
        InferenceSession=session,
        get_available_providers=lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"],
    )
    monkeypatch.setattr(onnx_backend, "import_onnxruntime", lambda: fake)
    with pytest.raises(BackendUnavailable, match="didn't load on this machine"):
        OnnxBackend(b"", provider="cuda")


def test_a_library_broken_by_uninstalling_its_twin_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", SimpleNamespace())
    with pytest.raises(BackendUnavailable, match="ONNX Runtime is broken"):
        import_onnxruntime()


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'avistar\[cpu\]'"):
        import_onnxruntime()


def test_an_unknown_device_is_a_usage_error(tiny: ModelBundle) -> None:
    with pytest.raises(UsageError, match="choose one of auto, cpu, cuda, tensorrt"):
        open_backend(tiny, "tpu")


def test_a_precision_that_the_bundle_lacks_is_refused_with_the_command_that_makes_it(tiny: ModelBundle) -> None:
    with pytest.raises(BackendUnavailable, match=r"no ONNX artifact in int8, only onnx fp32: avistar export"):
        open_backend(tiny, "cpu", precision="int8")


def test_a_bundle_without_a_network_for_us_is_refused(tiny: ModelBundle) -> None:
    engine = Artifact("tensorrt", "fp16", "model.onnx", Calibration())
    bundle = ModelBundle(tiny.folder, replace(tiny.manifest, artifacts=(engine,)))
    with pytest.raises(BundleError, match="has no ONNX artifact, only tensorrt fp16"):
        open_backend(bundle, "cpu")


def test_the_cpu_prefers_int8(tiny: ModelBundle) -> None:
    quick = Artifact("onnx", "int8", "model.onnx", Calibration())
    bundle = ModelBundle(tiny.folder, replace(tiny.manifest, artifacts=(*tiny.manifest.artifacts, quick)))
    assert open_backend(bundle, "cpu", threads=1).artifact is quick
    assert open_backend(bundle, "cpu", precision="fp32", threads=1).artifact.precision == "fp32"


def test_a_function_is_a_backend() -> None:
    def answer(batch: np.ndarray) -> Outputs:
        return Outputs(np.full((len(batch), 30), 2, np.float32), np.zeros((len(batch), 4), np.float32))

    with FunctionBackend(answer, "a fake") as backend:
        assert backend.runs_on == "a fake"
        assert (backend.run(images(2)).logits == 2).all()


def test_at_least_one_cpu_is_usable() -> None:
    assert usable_cpus() >= 1


class TestOpenVino:
    """The same files under another library, used only where a bundle has an artifact that was judged under it."""

    @pytest.fixture
    def judged(self, tiny: ModelBundle) -> ModelBundle:
        twin = replace(tiny.manifest.artifacts[0], format="openvino", calibration=Calibration(2.0))
        return ModelBundle(tiny.folder, replace(tiny.manifest, artifacts=(*tiny.manifest.artifacts, twin)))

    def test_it_is_what_the_cpu_means_for_such_a_bundle(self, judged: ModelBundle) -> None:
        pytest.importorskip("openvino", reason="openvino isn't installed")
        choice = open_backend(judged, "cpu", threads=1)
        assert choice.backend.runs_on.startswith("cpu · openvino ")
        assert choice.artifact.calibration.temperature == 2.0
        expected = OnnxBackend(tiny_graph(), threads=1).run(images())
        outputs = choice.backend.run(images())
        np.testing.assert_allclose(outputs.logits, expected.logits, atol=1e-5)
        np.testing.assert_allclose(outputs.embedding, expected.embedding, atol=1e-5)
        choice.backend.close()
        with pytest.raises(BackendUnavailable, match="was closed"):
            choice.backend.run(images())

    def test_threads_get_their_own_answers(self, judged: ModelBundle) -> None:
        pytest.importorskip("openvino", reason="openvino isn't installed")
        backend = open_backend(judged, "cpu", threads=1).backend
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda n: backend.run(images(n)).logits, [1, 2, 3] * 10))
        for count, logits in zip([1, 2, 3] * 10, found, strict=True):
            np.testing.assert_allclose(logits, found[2][:count], atol=1e-5)

    def test_without_it_onnx_runtime_runs_the_same_file_and_says_so(
        self, judged: ModelBundle, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "openvino", None)
        choice = open_backend(judged, "cpu", threads=1)
        assert choice.backend.runs_on.startswith("cpu · onnxruntime")
        assert choice.artifact.format == "onnx"
        assert "avistar[openvino]" in choice.rejected[0]

    def test_int8_stays_onnx_runtime_s_where_the_processor_overflows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("openvino", reason="openvino isn't installed")
        int8 = onnx.load_from_string(tiny_graph())
        int8.doc_string = "DequantizeLinear"  # what tells graphs of int8 from others
        monkeypatch.setattr(openvino_backend, "overflows", lambda ort: True)
        with pytest.raises(BackendUnavailable, match="overflow"):
            OpenVinoBackend(int8.SerializeToString(), threads=1)
        OpenVinoBackend(tiny_graph(), threads=1).close()
        monkeypatch.setattr(openvino_backend, "overflows", lambda ort: False)
        OpenVinoBackend(int8.SerializeToString(), threads=1).close()

    def test_bytes_that_are_no_graph_are_refused(self) -> None:
        pytest.importorskip("openvino", reason="openvino isn't installed")
        with pytest.raises(BundleError, match="OpenVINO can't load the artifact"):
            OpenVinoBackend(b"no graph", threads=1)


class TestBoundSession:
    """What the CUDA provider runs through; on the CPU here, which keeps the same places for its tensors."""

    def session(self) -> BoundSession:
        session = onnxruntime.InferenceSession(tiny_graph(), providers=["CPUExecutionProvider"])
        return BoundSession(onnxruntime, session, "cpu")

    @pytest.mark.parametrize("count", [0, 1, 3, 7, 8, 40])
    def test_any_number_of_pictures_gets_its_own_answers(self, count: int) -> None:
        expected = OnnxBackend(tiny_graph(), threads=1).run(images(40))
        outputs = self.session().run(images(40)[:count])
        np.testing.assert_allclose(outputs.logits, expected.logits[:count], atol=1e-5)
        np.testing.assert_allclose(outputs.embedding, expected.embedding[:count], atol=1e-5)

    def test_threads_take_turns(self) -> None:
        session, expected = self.session(), OnnxBackend(tiny_graph(), threads=1).run(images(9)).logits
        with ThreadPoolExecutor(4) as pool:
            for count, outputs in pool.map(lambda n: (n, session.run(images(9)[:n])), [1, 5, 9] * 8):
                np.testing.assert_allclose(outputs.logits, expected[:count], atol=1e-5)


def test_cuda_runs_without_graphs_where_the_network_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def session(
        model: bytes, options: object, providers: list[tuple[str, dict[str, str]]], enable_fallback: int
    ) -> object:
        assert not enable_fallback  # ONNX Runtime would print what is wrong and take the CPU
        opened.append(providers[0][1])
        if "enable_cuda_graph" in providers[0][1]:
            raise RuntimeError("not all nodes are on the CUDA provider")
        real = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        monkeypatch.setattr(real, "get_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
        return real

    fake = SimpleNamespace(
        __version__="1.99",
        SessionOptions=onnxruntime.SessionOptions,
        InferenceSession=session,
        get_available_providers=lambda: ["CUDAExecutionProvider"],
    )
    monkeypatch.setattr(onnx_backend, "import_onnxruntime", lambda: fake)
    assert OnnxBackend(tiny_graph(), provider="cuda").runs_on == "cuda · onnxruntime 1.99"
    assert [sorted(options) for options in opened] == [
        ["arena_extend_strategy", "cudnn_conv_algo_search", "enable_cuda_graph", "use_tf32"],
        ["arena_extend_strategy", "cudnn_conv_algo_search", "use_tf32"],
    ]
