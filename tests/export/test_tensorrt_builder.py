"""Building: real engines where TensorRT-RTX can be had (it needs no GPU for that), fakes for what it can't show."""

import json
import sys
from contextlib import closing
from types import SimpleNamespace

import pytest

pytest.importorskip("tensorflow", reason="the export extra isn't installed")

import numpy as np
import onnx

from avistar.backends import tensorrt_library
from avistar.backends.tensorrt_library import find_library
from avistar.errors import BackendUnavailable, UsageError
from avistar.manifest import Preprocessing
from avistar_export import tensorrt_builder
from avistar_export.engine_export import check_precision
from avistar_export.errors import BuildFailed
from avistar_export.fp16 import to_half
from avistar_export.int8 import LADDER, Quantiser, to_symmetric
from avistar_export.keras_network import TrainedNetwork
from avistar_export.progress import BuildMonitor, ExportCancelled
from avistar_export.tensorrt_builder import BuildOptions, inspected_types
from export_support import SPECIES, publish


def watch(**options):
    return BuildMonitor(lambda *_: None, lambda line: None, **options)


def build(library, model, watched=None, size=32, batches=(2, 4)):
    return tensorrt_builder.build(
        library, model, Preprocessing(size, size), BuildOptions(*batches), watch=watched or watch()
    )


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
        BuildOptions(*request_)


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
    plan = build(rtx, model, watched=BuildMonitor(lambda *step: steps.append(step), lambda line: None))
    assert len(plan.data) > 1000
    assert plan.layer_types[kind] > 5
    assert (plan.layer_types.get("HALF", 0) > 5) == (precision == "fp16")
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
    with pytest.raises(ExportCancelled):
        build(rtx, exported.checked("model.onnx"), watched=watched)


SIZE = 96
"""Pixels: InceptionV3 takes no fewer than 75, and small ones keep the test short."""


@pytest.fixture(scope="module", params=["resnet50", "vgg16", "inception_v3"])
def backbone(request, tmp_path_factory, rtx):
    """One of the three networks with random weights: its features, and its ONNX graph in three precisions."""
    from avistar_train.backbones import BACKBONES, make_base
    from avistar_train.imagenet_head import empty_prior
    from avistar_train.network import make_network

    row = BACKBONES[request.param]
    network = make_network(row, make_base(row, None), empty_prior(row.features, [s.id for s in SPECIES]))
    bundle = publish(network, tmp_path_factory.mktemp(request.param) / "bundle", {}, size=SIZE)
    full = TrainedNetwork(bundle, bundle.artifact("keras", "fp32")).to_onnx()
    noise = np.random.default_rng(0).integers(0, 256, (2, SIZE, SIZE, 3), np.uint8)
    with closing(Quantiser(full, noise)) as quantiser:
        integer = to_symmetric(quantiser.quantise(LADDER[0])[0])
    return row.features, {"fp32": full, "fp16": to_half(full, noise)[0], "int8": integer}


def test_real_engines_of_all_three_networks_have_our_tensors_profile_and_precision(rtx, backbone):
    features, graphs = backbone
    for precision, model in graphs.items():
        plan = build(rtx, model.SerializeToString(), size=SIZE, batches=(8, 32))
        assert plan.tensors == {
            "image": ("UINT8", (-1, SIZE, SIZE, 3)),
            "logits": ("FLOAT", (-1, len(SPECIES))),
            "embedding": ("FLOAT", (-1, features)),
        }
        assert plan.profile == (1, 8, 32)
        assert len(plan.data) > 1_000_000
        if precision == "int8":
            assert plan.layer_types["INT8"] > 20
        else:
            check_precision(plan.layer_types, precision, "the network")
