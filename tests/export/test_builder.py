"""Building: real engines where TensorRT-RTX can be had (it needs no GPU for that), fakes for what it can't show."""

import json
import sys
from types import SimpleNamespace

import pytest

pytest.importorskip("tensorflow", reason="the export extra isn't installed")

import onnx

from avistar.backends import tensorrt_library
from avistar.backends.tensorrt_library import find_library
from avistar.errors import BackendUnavailable, UsageError
from avistar.manifest import Preprocessing
from avistar_export import builder
from avistar_export.builder import Request, inspected_types
from avistar_export.failures import BuildFailed
from avistar_export.integer import to_symmetric
from avistar_export.watching import Cancelled, Watch


def watch(**options):
    return Watch(lambda *_: None, lambda line: None, **options)


def build(library, model, watched=None, size=32):
    return builder.build(library, model, Preprocessing(size, size), Request(2, 4), watch=watched or watch())


def test_an_old_tensorrt_is_passed_over_with_the_reason(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorrt", SimpleNamespace(__version__="10.3.0"))
    monkeypatch.setitem(sys.modules, "tensorrt_rtx", SimpleNamespace(__version__="1.7.1"))
    assert find_library("auto").name == "tensorrt-rtx"
    with pytest.raises(BackendUnavailable, match=r"10\.3\.0 is older than 10\.12"):
        find_library("tensorrt")
    assert "JetPack" in tensorrt_library.CURE


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Channel major FP16 format", "HALF"), ("Half", "HALF"), ("Row major linear FP32", "FLOAT"), ("Int64", "OTHER")],
)
def test_the_inspector_is_read_in_its_old_and_new_wording(text, kind):
    for key in ("Format/Datatype", "Datatype"):
        information = json.dumps({"Layers": [{"Name": "a", "Outputs": [{"Name": "x", key: text}]}, "plain name"]})
        assert inspected_types(information) == {kind: 1}


@pytest.mark.parametrize("request_", [(0, 4, 1), (5, 4, 1), (1, 4, 0)])
def test_an_impossible_profile_is_a_usage_error(request_):
    with pytest.raises(UsageError):
        Request(*request_)


@pytest.fixture(scope="module")
def rtx():
    pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx isn't installed")
    return find_library("tensorrt-rtx")


@pytest.mark.parametrize(("precision", "kind"), [("fp32", "FLOAT"), ("fp16", "HALF"), ("int8", "INT8")])
def test_a_real_library_builds_what_was_exported_in_its_precision(exported, rtx, precision, kind):
    model = exported.checked(exported.artifact("onnx", precision).file)
    if precision == "int8":
        model = to_symmetric(onnx.load_from_string(model)).SerializeToString()
    steps = []
    plan = build(rtx, model, watched=Watch(lambda *step: steps.append(step), lambda line: None))
    assert len(plan.data) > 1000
    assert plan.layer_types[kind] > 5
    assert (plan.half_share > 0.5) == (precision == "fp16")
    assert steps[0][0] == "Building engine"


def test_the_uint8_form_that_a_cpu_is_fast_with_is_refused_by_the_library(exported, rtx):
    with pytest.raises(BuildFailed, match=r"node '\w+_\d+'.*zero point"):
        build(rtx, exported.checked("model.int8.onnx"))


def test_a_real_library_names_the_node_that_it_cannot_read(exported, rtx):
    model = onnx.load_from_string(exported.checked("model.onnx"))
    model.graph.node[-1].op_type = "Sparkle"
    with pytest.raises(BuildFailed, match=r"node '\w+_\d+'"):
        build(rtx, model.SerializeToString())


def test_bytes_that_are_no_graph_are_a_failed_build(rtx):
    with pytest.raises(BuildFailed, match="can't read the graph"):
        build(rtx, b"no graph")


def test_a_real_build_stops_when_it_is_asked_to(exported, rtx):
    watched = watch()

    def stop(*_):
        watched._stop.set()

    watched._progress = stop
    with pytest.raises(Cancelled):
        build(rtx, exported.checked("model.onnx"), watched=watched)
