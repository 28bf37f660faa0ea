"""Engines: real ones where TensorRT-RTX can be had, and fakes at the seam where a device would be."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("tensorflow", reason="the export extra isn't installed")

from avistar import ModelBundle
from avistar.backends import Outputs
from avistar.backends.onnx_backend import OnnxBackend
from avistar.errors import BackendUnavailable, UsageError
from avistar.manifest import Preprocessing
from avistar_export import builder, engines
from avistar_export.builder import Library, Plan, Request
from avistar_export.cli import app
from avistar_export.failures import BuildFailed, ParityRefused
from export_support import contents

HALF = json.dumps(
    {"Layers": [{"Name": "a", "Outputs": [{"Name": "x", "Format/Datatype": "Channel major FP16 format"}]}] * 9}
)
FLOAT = HALF.replace("FP16", "FP32")
SCRIPT = Path(__file__).parents[2] / "export" / "build_engine.py"


@dataclass
class FakeEngine:
    """An engine that answers as the ONNX artifact does, after `change`."""

    backend: OnnxBackend
    types: str = HALF
    gpu: str = "Fake GPU"
    runs_on: str = "tensorrt · fake"
    change: object = None
    closed: list[bool] = field(default_factory=list)

    def run(self, images):
        outputs = self.backend.run(images)
        return outputs if self.change is None else self.change(outputs)

    def information(self):
        return self.types

    def close(self):
        self.closed.append(True)


@pytest.fixture
def bundle(exported, tmp_path):
    shutil.copytree(exported.folder, tmp_path / "copy")
    return ModelBundle.open(tmp_path / "copy")


@pytest.fixture
def library(monkeypatch):
    """TensorRT as far as a build: its plan is a few bytes."""
    found = Library("tensorrt", "10.16.1", SimpleNamespace())
    monkeypatch.setattr(engines, "find_library", lambda wanted: found)
    monkeypatch.setattr(engines, "build", lambda *_: Plan(b"plan", {"HALF": 40, "FLOAT": 4}, 1.5))
    return found


def build(bundle, photos, **options):
    engine = FakeEngine(OnnxBackend(bundle.checked("model.fp16.onnx")), **options)
    wish = engines.Wish(bundle.folder, photos, "fp16", "auto", Request(4, 16))
    run = engines.EngineRun(wish, lambda *_: None, lambda line: None, lambda library, plan: engine)
    try:
        return run.run()
    finally:
        assert engine.closed


def test_an_engine_that_sees_the_same_enters_the_bundle_with_its_facts(bundle, photos, library):
    done = build(bundle, photos)
    artifact = done.artifact("tensorrt", "fp16")
    assert artifact.batch == (1, 4, 16)
    assert artifact.built_for["gpu"] == "Fake GPU"
    assert artifact.built_for["library"] == "tensorrt 10.16.1"
    assert done.checked(artifact.file) == b"plan"
    assert json.loads(done.checked(artifact.parity))["passed"] is True
    assert len(build(done, photos).manifest.artifacts) == len(done.manifest.artifacts)


def reversed_species(outputs):
    return Outputs(outputs.logits[:, ::-1].copy(), outputs.embedding)


def not_a_number(outputs):
    return Outputs(outputs.logits * np.float32("nan"), outputs.embedding)


@pytest.mark.parametrize("change", [reversed_species, not_a_number])
def test_an_engine_that_answers_otherwise_leaves_nothing(bundle, photos, library, change):
    before = contents(bundle.folder)
    with pytest.raises(ParityRefused) as refusal:
        build(bundle, photos, change=change)
    assert refusal.value.report is not None
    assert contents(bundle.folder) == before


def test_an_engine_that_is_not_half_precision_is_refused(bundle, photos, library):
    with pytest.raises(ParityRefused, match="the engine has 0% half-precision layers"):
        build(bundle, photos, types=FLOAT)


def test_int8_and_missing_graphs_are_usage_errors(bundle, photos, trained):
    for folder, precision, words in (
        (bundle.folder, "int8", "symmetric"),
        (trained.folder, "fp16", "has no ONNX fp16"),
    ):
        wish = engines.Wish(folder, photos, precision)
        with pytest.raises(UsageError, match=words):
            engines.EngineRun(wish, lambda *_: None, lambda line: None, engines.no_device).run()


def test_without_a_library_the_cure_names_pc_and_jetson_with_exit_code_5(bundle, photos, monkeypatch):
    for module in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, module, None)
    result = CliRunner().invoke(app, ["engine", "--bundle", str(bundle.folder), "--photos", str(photos)])
    assert result.exit_code == 5
    assert "pip install" in result.output
    assert "JetPack" in result.output


def test_the_script_says_the_same_as_the_verb(bundle, photos):
    command = [
        sys.executable,
        str(SCRIPT),
        "--bundle",
        str(bundle.folder),
        "--photos",
        str(photos),
        "--opt-batch",
        "99",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--opt-batch 99 must lie between 1 and --max-batch 32" in done.stderr


def test_an_old_tensorrt_is_passed_over_with_the_reason(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorrt", SimpleNamespace(__version__="10.3.0"))
    monkeypatch.setitem(sys.modules, "tensorrt_rtx", SimpleNamespace(__version__="1.7.1"))
    assert builder.find_library("auto").name == "tensorrt-rtx"
    with pytest.raises(BackendUnavailable, match=r"10\.3\.0 is older than 10\.12"):
        builder.find_library("tensorrt")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("Channel major FP16 format", "HALF"), ("Half", "HALF"), ("Row major linear FP32", "FLOAT"), ("Int64", "OTHER")],
)
def test_the_inspector_is_read_in_its_old_and_new_wording(text, kind):
    for key in ("Format/Datatype", "Datatype"):
        information = json.dumps({"Layers": [{"Name": "a", "Outputs": [{"Name": "x", key: text}]}, "plain name"]})
        assert builder.inspected_types(information) == {kind: 1}


def test_any_change_of_machine_library_network_or_profile_makes_an_engine_stale():
    library = Library("tensorrt", "10.16.1", None)
    facts = builder.machine_facts(library, "Orin", Request(), "abc")
    assert builder.differences(facts, dict(facts)) == []
    for other in (
        builder.machine_facts(Library("tensorrt", "11.4.0", None), "Orin", Request(), "abc"),
        builder.machine_facts(library, "RTX 4070", Request(), "abc"),
        builder.machine_facts(library, "Orin", Request(8, 64), "abc"),
        builder.machine_facts(library, "Orin", Request(), "def"),
    ):
        assert len(builder.differences(facts, other)) == 1


def test_an_altered_engine_is_stale(bundle, photos, library):
    done = build(bundle, photos)
    artifact = done.artifact("tensorrt", "fp16")
    assert engines.stale(done, artifact, artifact.built_for) == []
    (done.folder / artifact.file).write_bytes(b"plam")
    assert engines.stale(done, artifact, artifact.built_for) == ["engines/tensorrt-fp16.plan was altered"]


@pytest.fixture
def rtx():
    pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx isn't installed")
    return builder.find_library("tensorrt-rtx")


def test_a_real_library_builds_what_was_exported(exported, rtx):
    for precision, half in (("fp32", False), ("fp16", True)):
        model = exported.checked(exported.artifact("onnx", precision).file)
        plan = builder.build(rtx, model, exported.manifest.preprocessing, Request(2, 4))
        assert len(plan.data) > 1000
        assert (plan.half_share > 0.5) == half


def test_a_real_library_names_the_node_that_it_cannot_read(exported, rtx):
    import onnx

    model = onnx.load_from_string(exported.checked("model.onnx"))
    model.graph.node[-1].op_type = "Sparkle"
    with pytest.raises(BuildFailed, match=r"node '\w+_\d+'"):
        builder.build(rtx, model.SerializeToString(), Preprocessing(32, 32), Request())


def test_without_a_device_a_real_engine_is_not_kept(bundle, photos, rtx):
    before = contents(bundle.folder)
    arguments = ["engine", "--bundle", str(bundle.folder), "--photos", str(photos), "--library", "tensorrt-rtx"]
    result = CliRunner().invoke(app, [*arguments, "--precision", "fp32"])
    assert result.exit_code == 5, result.output
    assert "not kept" in result.output.replace("\n", " ")
    assert contents(bundle.folder) == before
