"""Integer arithmetic on old processors: noticed by a convolution whose answer is known."""

from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from avistar.backends import int8_overflow, onnx_backend
from avistar.backends.onnx_backend import OnnxBackend
from support import tiny_graph


def probe() -> bytes:
    """Two convolutions, 1×1 and 3×3, of 32 channels full of 255 with weights full of 127: both give 200."""
    side, channels, nodes = 4, 32, []
    scales = {"one": np.float32(1), "zero_u8": np.uint8(0)}
    outputs = []
    for kernel in (1, 3):
        inside = 255 * 127 * channels * kernel * kernel
        scales[f"scale_{kernel}"] = np.float32(inside / 200)
        scales[f"zero_{kernel}"] = np.int8(0)  # one each: ONNX Runtime's exact way fails on a shared one
        scales[f"shape_{kernel}"] = np.array([channels, channels, kernel, kernel], np.int64)
        weight = numpy_helper.from_array(np.array([127], np.int8))
        nodes.append(helper.make_node("ConstantOfShape", [f"shape_{kernel}"], [f"weight_{kernel}"], value=weight))
        nodes.append(
            helper.make_node(
                "QLinearConv",
                ["x", "one", "zero_u8", f"weight_{kernel}", "one", f"zero_{kernel}", f"scale_{kernel}", "zero_u8"],
                [f"y_{kernel}"],
            )
        )
        size = side - kernel + 1
        outputs.append(helper.make_tensor_value_info(f"y_{kernel}", TensorProto.UINT8, [1, channels, size, size]))
    inputs = [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, channels, side, side])]
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in scales.items()]
    graph = helper.make_graph(nodes, "probe", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="avistar")
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def test_the_probe_in_the_code_is_the_one_described_here():
    assert probe() == int8_overflow.PROBE


def test_the_exact_way_passes_the_probe_on_every_processor():
    ort = onnx_backend.import_onnxruntime()
    assert int8_overflow.answers_exactly(ort, precise=True)


def fake_runtime(answer):
    """An ONNX Runtime whose every convolution answers `answer`."""

    def session(*_, **__):
        return SimpleNamespace(run=lambda *_: [np.full((1, 32, 4, 4), answer, np.uint8)] * 2)

    options = SimpleNamespace(add_session_config_entry=lambda *_: None)
    return SimpleNamespace(SessionOptions=lambda: options, InferenceSession=session)


@pytest.mark.parametrize(("answer", "exact"), [(200, True), (201, True), (101, False), (255, False)])
def test_a_processor_that_overflows_is_noticed(answer, exact):
    assert int8_overflow.answers_exactly(fake_runtime(answer), precise=False) == exact


def quantised() -> bytes:
    """The tiny graph with a detour through eight bits."""
    model = onnx.load_from_string(tiny_graph())
    model.graph.initializer.append(numpy_helper.from_array(np.float32(1 / 255), "q_scale"))
    model.graph.initializer.append(numpy_helper.from_array(np.uint8(0), "q_zero"))
    model.graph.node.insert(2, helper.make_node("QuantizeLinear", ["scaled", "q_scale", "q_zero"], ["q"]))
    model.graph.node.insert(3, helper.make_node("DequantizeLinear", ["q", "q_scale", "q_zero"], ["rounded"]))
    model.graph.node[4].input[0] = "rounded"
    return model.SerializeToString()


@pytest.mark.parametrize(("exact", "wanted"), [(True, False), (False, True)])
def test_only_a_processor_that_overflows_takes_the_slow_way(monkeypatch, exact, wanted):
    taken = []
    monkeypatch.setattr(onnx_backend, "overflows", lambda ort: not exact)
    monkeypatch.setattr(onnx_backend, "take_exact_way", lambda options: taken.append(options))
    OnnxBackend(quantised()).close()
    assert bool(taken) == wanted


def test_a_graph_without_integers_is_never_probed(monkeypatch):
    def never(ort):
        raise AssertionError

    monkeypatch.setattr(onnx_backend, "overflows", never)
    OnnxBackend(tiny_graph()).close()
