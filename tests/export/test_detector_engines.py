"""Engines of detectors on a GPU made of host memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from avistar import installation
from avistar.backends import Outputs, factory
from avistar.backends.cuda import Cuda
from avistar.backends.tensorrt_library import Library
from avistar.bundle import DetectorBundle
from avistar.detector import Detector
from avistar.detector_verification import problems
from avistar.errors import UsageError
from avistar_export import detector_engine, engine_export
from avistar_export.cli import app
from avistar_export.detector_engine import DetectorEngineRun
from avistar_export.engine_export import EngineOptions
from avistar_export.errors import ParityRefused
from avistar_export.tensorrt_builder import BuildOptions, BuiltEngine
from export_support import contents
from fake_gpu import FakeCudart, FakeTensorRT, plan_of
from support import encoded

FLOAT = [{"Name": "a", "Outputs": [{"Name": "x", "Format/Datatype": "Channel major FP32 format"}]}] * 9


class Workshop:
    """A machine with a fake GPU and library, on which engines of detectors can be "built" and run."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.cudart, self.builds = FakeCudart(), 0
        self.trt = FakeTensorRT(self.cudart)
        for module in (engine_export, detector_engine, factory):
            patch.setattr(module, "find_library", lambda _: Library("tensorrt", "10.16.1", self.trt))
            patch.setattr(module, "load_cuda", lambda: Cuda(self.cudart))
        patch.setattr(engine_export, "build", self.build)
        patch.setattr(installation, "key_file", lambda: folder / "data" / "engine.key")

    def build(self, library: Any, model: bytes, preprocessing: Any, request: Any, *, watch: Any) -> BuiltEngine:
        self.builds += 1
        assert preprocessing.side == 64
        profile = (1, request.opt_batch, request.max_batch)
        return BuiltEngine(plan_of(model, profile, layers=FLOAT), {"FLOAT": 9}, 1.5)

    def run(self, bundle: DetectorBundle, photos: Path | None = None, **options: Any) -> Any:
        wish = EngineOptions(bundle.folder, photos, "fp32", request=BuildOptions(2, 4), **options)
        return DetectorEngineRun(wish, lambda *_: None, lambda _: None).run()


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workshop:
    return Workshop(monkeypatch, tmp_path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for i in range(5):
        path = tmp_path / "photos" / ("blank" if i == 4 else "wolf") / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shown = np.full((64, 64, 3), 10 if i == 4 else 230, np.uint8)
        path.write_bytes(encoded(Image.fromarray(shown), "PNG"))
    return tmp_path / "photos"


@pytest.fixture
def bundle(tmp_path: Path, photos: Path) -> DetectorBundle:
    """A bundle with golden pictures, made by the product's own command of a graph that finds what is bright."""
    file = tmp_path / "bright.onnx"
    file.write_bytes(foreign_bright())
    given = ["--family", "yolox", "--classes", "animal", "--not-divided", "--precision", "fp32"]
    given += ["--licence", "MIT, me."]
    done = CliRunner().invoke(
        app, ["adopt-detector", str(file), *given, "--photos", str(photos), "--out", str(tmp_path / "mine")]
    )
    assert done.exit_code == 0, done.output
    return DetectorBundle.open(tmp_path / "mine")


def foreign_bright() -> bytes:
    """A file of YOLOX's form: one box, the left half, as sure as the picture is bright."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Conv", ["images", "kernel"], ["seen"]),
        helper.make_node("GlobalAveragePool", ["seen"], ["mean"]),
        helper.make_node("Reshape", ["mean", "shape"], ["score"]),
        helper.make_node("Mul", ["score", "column"], ["scored"]),
        helper.make_node("Add", ["scored", "box"], ["output"]),
    ]
    constants = {
        "kernel": np.full((1, 3, 1, 1), 1 / 765, np.float32),
        "shape": np.array([-1, 1, 1]),
        "column": np.array([[[0, 0, 0, 0, 1, 0]]], np.float32),
        "box": np.array([[[16, 32, 32, 64, 0, 1]]], np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "bright",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["N", 3, 64, 64])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 1, 6])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString()
    return data


@pytest.mark.parametrize("judged", ["photos", "golden"])
def test_an_engine_that_finds_the_same_enters_the_bundle_and_runs(
    workshop: Workshop, bundle: DetectorBundle, photos: Path, judged: str
) -> None:
    done, artifact = workshop.run(bundle, photos if judged == "photos" else None)
    assert artifact == done.artifact("tensorrt", "fp32")
    assert artifact.batch == (1, 2, 4)
    assert artifact.built_for["library"] == "tensorrt 10.16.1"
    report = json.loads(done.checked(artifact.parity))
    assert report["passed"] is True
    if judged == "photos":
        assert (report["animals"], report["blanks"]) == ([4, 4, 4], [1, 0, 0])
        assert artifact.accuracy == {"animals": 4.0, "animals_found": 1.0, "blanks": 1.0, "blanks_boxed": 0.0}
    assert "ran on tensorrt 10.16.1 · Fake GPU" in report["notes"][0]
    with Detector.open(done.folder, "tensorrt") as detector:
        assert detector.provenance.runs_on.startswith("tensorrt 10.16.1 · Fake GPU · fp32")
        assert problems(detector, artifact.file) == []
        [box] = detector.detect(np.full((64, 64, 3), 255, np.uint8))
        assert (box.left, box.width) == pytest.approx((0, 0.5))
    with Detector.open(done.folder, "auto") as detector:
        assert detector.provenance.runs_on.startswith("tensorrt")


def moved(outputs: Outputs) -> Outputs:
    return Outputs(outputs.logits + np.float32(0.4), outputs.embedding)


def blind(outputs: Outputs) -> Outputs:
    return Outputs(outputs.logits, outputs.embedding * 0)


def no_number(outputs: Outputs) -> Outputs:
    return Outputs(outputs.logits, outputs.embedding * np.float32("nan"))


@pytest.mark.parametrize("change", [moved, blind, no_number])
def test_an_engine_that_finds_otherwise_leaves_nothing(
    workshop: Workshop, bundle: DetectorBundle, photos: Path, change: Any
) -> None:
    before = contents(bundle.folder)
    workshop.trt.change = change
    with pytest.raises(ParityRefused, match="refused"):
        workshop.run(bundle, photos)
    assert contents(bundle.folder) == before
    assert not workshop.cudart.memory


def test_an_engine_that_is_up_to_date_is_not_built_again(workshop: Workshop, bundle: DetectorBundle) -> None:
    first = workshop.run(bundle)
    assert workshop.run(bundle)[1] == first[1]
    assert workshop.builds == 1
    workshop.run(bundle, rebuild=True)
    assert workshop.builds == 2


def test_an_engine_needs_an_onnx_file_of_its_precision(workshop: Workshop, bundle: DetectorBundle) -> None:
    with pytest.raises(UsageError, match="no ONNX fp16: avistar export adopt-detector"):
        DetectorEngineRun(EngineOptions(bundle.folder), lambda *_: None, lambda _: None).run()


def test_the_command_builds_for_either_kind_of_bundle(workshop: Workshop, bundle: DetectorBundle, photos: Path) -> None:
    given = ["--bundle", str(bundle.folder), "--photos", str(photos), "--precision", "fp32", "--max-batch", "4"]
    done = CliRunner().invoke(app, ["engine", *given, "--opt-batch", "2"])
    assert done.exit_code == 0, done.output
    assert "engines/tensorrt-fp32.plan" in done.output
    assert "animals_found 1.0000" in done.output
