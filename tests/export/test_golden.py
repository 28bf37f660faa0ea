"""Expected outputs: a device that answers otherwise is found out, a refused report is kept where it was asked for."""

import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("tensorflow", reason="the export extra isn't installed")

from avistar import ModelBundle, verification
from avistar.backends import Outputs
from avistar.backends.onnx_backend import OnnxBackend
from avistar.errors import BundleError
from avistar_export import golden, keras_network
from avistar_export.cli import app
from export_support import contents


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def copy(exported, tmp_path):
    shutil.copytree(exported.folder, tmp_path / "copy")
    return ModelBundle.open(tmp_path / "copy")


def test_the_exporting_machine_answers_as_expected(exported):
    checks = list(golden.verify(exported))
    names = [check.artifact for check in checks if "openvino" not in check.artifact]
    assert names == ["decoding and geometry", "onnx fp32", "onnx fp16", "onnx int8"]
    assert not any(check.problem for check in checks)
    assert max(check.change for check in checks[1:]) < 1e-5


def test_verify_reports_each_artifact(exported):
    result = run("verify", exported.folder)
    assert result.exit_code == 0, result.output
    assert "onnx int8 (cpu · onnxruntime" in result.output


@pytest.mark.parametrize("broken", ["logits", "nan"])
def test_a_machine_that_answers_otherwise_is_found_out(copy, monkeypatch, broken):
    honest = OnnxBackend.run

    def dishonest(self, images):
        outputs = honest(self, images)
        wrong = outputs.logits[:, ::-1].copy() if broken == "logits" else outputs.logits * np.nan
        return Outputs(wrong, outputs.embedding)

    monkeypatch.setattr(OnnxBackend, "run", dishonest)
    result = run("verify", copy.folder)
    assert result.exit_code == 3
    assert "onnx fp32 (" in result.output
    assert "WRONG" in result.output


def test_a_machine_that_decodes_otherwise_is_found_out(copy, monkeypatch):
    prepare = verification.prepare

    def shifted(source, preprocessing):
        pixels, flags = prepare(source, preprocessing)
        return np.roll(pixels, 3, axis=1), flags

    monkeypatch.setattr(verification, "prepare", shifted)
    first = next(iter(golden.verify(copy)))
    assert "decoded differently" in first.problem


def test_a_bundle_without_expectations_says_how_to_get_them(trained):
    with pytest.raises(BundleError, match="export it again"):
        list(golden.verify(trained))
    assert run("verify", trained.folder).exit_code == 2


def test_the_command_exports_and_lists(own, photos, tmp_path):
    result = run(
        "onnx", own.folder, "--photos", photos, "--precision", "fp32", "--drop-keras", "--report", tmp_path / "r.md"
    )
    assert result.exit_code == 0, result.output
    assert "model.onnx: onnx fp32" in result.output
    assert "**Passed.**" in (tmp_path / "r.md").read_text("utf-8")
    assert [a.format for a in ModelBundle.open(own.folder).manifest.artifacts] == ["onnx"]


def test_a_refusal_has_exit_code_3_and_keeps_only_the_report(own, photos, tmp_path, monkeypatch):
    before = contents(own.folder)
    honest = OnnxBackend.run
    monkeypatch.setattr(OnnxBackend, "run", lambda self, images: honest(self, np.ascontiguousarray(images[..., ::-1])))
    arguments = ("onnx", own.folder, "--photos", photos, "--precision", "fp32")
    result = run(*arguments, "--report", tmp_path / "refused.md")
    assert result.exit_code == 3
    assert "refused" in result.output
    assert "## Photos whose answer differs" in (tmp_path / "refused.md").read_text("utf-8")
    assert contents(own.folder) == before
    assert "--report FILE" in run(*arguments).output


def test_no_bundle_and_no_photos_have_exit_code_2(own, tmp_path):
    assert run("onnx", tmp_path, "--photos", tmp_path).exit_code == 2
    assert run("onnx", own.folder, "--photos", tmp_path / "none").exit_code == 2


def test_without_tensorflow_the_cure_is_named_with_exit_code_5(own, photos, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tf2onnx", None)
    result = run("onnx", own.folder, "--photos", photos)
    assert result.exit_code == 5
    assert "pip install 'avistar[export]'" in result.output


def test_a_graph_that_cannot_be_converted_has_exit_code_4(own, photos, monkeypatch):
    def broken(*_, **__):
        raise ValueError("no such operator: Sparkle")

    tf2onnx = pytest.importorskip("tf2onnx")
    monkeypatch.setattr(tf2onnx.convert, "from_function", broken)
    result = run("onnx", own.folder, "--photos", photos, "--precision", "fp32")
    assert result.exit_code == 4
    assert "Sparkle" in result.output
    assert keras_network.OPSET == 18


def test_the_pictures_are_small_and_listed():
    pictures = golden.shipped_pictures()
    assert len(pictures) == 6
    assert sum(map(len, pictures.values())) < 400_000


def test_one_precision_alone_is_verified_where_it_is_there(exported, tiny):
    result = run("verify", exported.folder, "--precision", "int8")
    assert result.exit_code == 0, result.output
    assert "onnx int8 (" in result.output
    assert "fp32" not in result.output
    there = {artifact.precision for artifact in tiny.manifest.artifacts}
    refused = run("verify", tiny.folder, "--precision", "int8")
    assert there == {"fp32"}
    assert refused.exit_code == 2
    assert "has no artifact in int8: it has fp32" in refused.output
