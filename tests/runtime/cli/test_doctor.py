from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from avistar import BackendUnavailable, ModelBundle, Outputs
from avistar.backends import onnx_backend
from avistar.cli import doctor
from avistar.cli.main import main
from avistar.manifest import Format


def checks(bundle: ModelBundle, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, object]]]:
    code = main(["doctor", "--model", str(bundle.folder), "--json"])
    return code, {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}


def test_a_healthy_machine_ends_with_zero(tiny: ModelBundle, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = checks(tiny, capsys)
    assert code == 0
    assert found["cpu"]["ok"] is True
    assert found["cpu"]["elapsed_ms"] >= 0
    assert found["bundle"]["ok"] is True
    assert list(found) == [
        "avistar", "python", "system", "cpus", "onnxruntime", "cpu", "cuda", "tensorrt", "tensorrt-rtx",
        "openvino", "bundle", "gui", "train", "export", "engine",
    ]  # fmt: skip


def test_a_provider_that_is_not_there_says_what_to_do(tiny: ModelBundle, capsys: pytest.CaptureFixture[str]) -> None:
    _, found = checks(tiny, capsys)
    for name in ("cuda", "tensorrt"):
        assert found[name]["ok"] or "pip install" in found[name]["detail"]


def test_a_damaged_bundle_ends_with_five_and_names_the_file(
    bundle: ModelBundle, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle.folder / "model.onnx").write_bytes(b"x")
    code, found = checks(bundle, capsys)
    assert code == 5
    assert "model.onnx" in found["bundle"]["detail"]


def test_no_bundle_ends_with_five(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--model", str(tmp_path)]) == 5
    out = capsys.readouterr().out
    assert "is no bundle" in out
    assert "there is no bundle to run" in out


def test_two_onnxruntimes_at_once_are_a_fault_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"onnxruntime": "1.2", "onnxruntime-gpu": "1.3"}
    monkeypatch.setattr(doctor, "_version", lambda name: versions.get(name, ""))
    check = doctor.check_onnxruntime()
    assert check.ok is False
    assert "overwrite each other: pip uninstall -y onnxruntime onnxruntime-gpu" in check.detail


def test_a_library_that_does_not_load_is_a_fault(
    tiny: ModelBundle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> object:
        raise BackendUnavailable("ONNX Runtime can't be loaded: pip install 'avistar[cpu]'")

    monkeypatch.setattr(onnx_backend, "import_onnxruntime", broken)
    code, found = checks(tiny, capsys)
    assert code == 5
    assert found["onnxruntime"]["ok"] is False
    assert found["cpu"]["ok"] is False


def test_a_driver_that_fails_in_any_way_does_not_hide_the_rest(
    tiny: ModelBundle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def exploding(*_: object, **__: object) -> object:
        raise RuntimeError("CUDA error 999")

    monkeypatch.setattr("avistar.backends.factory.open_backend", exploding)
    code, found = checks(tiny, capsys)
    assert code == 5
    assert "CUDA error 999" in found["cuda"]["detail"]
    assert found["bundle"]["ok"] is True


@pytest.mark.parametrize(("logits", "reason"), [((1, 1000), "for 30 species"), ((1, 30), "NaN")])
def test_a_provider_that_gives_no_valid_answer_does_not_work(
    logits: tuple[int, int],
    reason: str,
    tiny: ModelBundle,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    outputs = Outputs(np.full(logits, np.nan, np.float32), np.zeros((1, 4), np.float32))
    monkeypatch.setattr(onnx_backend.OnnxBackend, "run", lambda self, images: outputs)
    code, found = checks(tiny, capsys)
    assert code == 5
    assert reason in found["cpu"]["detail"]


def test_a_part_that_is_not_installed_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    check = doctor.check_extra("train")
    assert check.ok is None
    assert "pip install 'avistar[train]'" in check.detail


@pytest.mark.parametrize(
    ("format", "cure"), [("tensorrt-rtx", "pip install tensorrt-rtx"), ("openvino", "pip install 'avistar[openvino]'")]
)
def test_a_library_for_artifacts_that_is_not_installed_says_how_to_get_it(
    format: Format, cure: str, tiny: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    check = doctor.check_library(tiny, format)
    assert check.ok is None
    assert "this bundle has nothing for it" in check.detail
    assert cure in check.detail


@pytest.mark.parametrize("format", ["tensorrt-rtx", "openvino"])
def test_a_library_without_an_artifact_says_how_one_is_made(
    format: Format, tiny: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: object())
    monkeypatch.setattr(doctor, "_version", lambda name: "1.4")
    check = doctor.check_library(tiny, format)
    assert check.ok is None
    assert "1.4 is installed" in check.detail
    assert "avistar export" in check.detail


@pytest.mark.parametrize("format", ["tensorrt-rtx", "openvino"])
def test_a_librarys_artifact_is_named_and_tried(
    format: Format, tiny: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    kin = replace(tiny.manifest.artifacts[0], format=format, file="model.special")
    manifest = replace(tiny.manifest, artifacts=(*tiny.manifest.artifacts, kin))
    other = replace(tiny, manifest=manifest)
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert "model.special would run on it" in doctor.check_library(other, format).detail

    def refused(*_: object) -> object:
        raise BackendUnavailable("no GPU is visible")

    monkeypatch.setattr(doctor, "find_spec", lambda name: object())
    monkeypatch.setattr("avistar.backends.factory.open_artifact", refused)
    check = doctor.check_library(other, format)
    assert check.ok is False
    assert check.detail == "no GPU is visible"


def test_people_get_a_line_for_each_check(tiny: ModelBundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--model", str(tiny.folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 15
    assert any(line.startswith("ok  cpu") and "ms for one picture" in line for line in lines)
