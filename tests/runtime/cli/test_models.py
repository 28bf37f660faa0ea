from __future__ import annotations

import json
from pathlib import Path

import pytest

from avistar import ModelBundle
from avistar.cli.main import main
from detector_support import bright_bundle
from support import tiny_bundle


def test_a_bundle_is_listed_with_its_figures(bundle: ModelBundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", str(bundle.folder)]) == 0
    out = capsys.readouterr().out
    for text in ("tiny", "onnx fp32", "50.0%", "80.0%", "100", "intact"):
        assert text in out


def test_a_folder_of_bundles_gives_each_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        tiny_bundle(tmp_path / name, name=name)
    (tmp_path / "other").mkdir()
    assert main(["models", str(tmp_path), str(tmp_path / "one"), "--json"]) == 0
    assert [fact["name"] for fact in json.loads(capsys.readouterr().out)] == ["one", "two"]


def test_a_damaged_bundle_is_listed_as_damaged(bundle: ModelBundle, capsys: pytest.CaptureFixture[str]) -> None:
    (bundle.folder / "model.onnx").write_bytes(b"x")
    assert main(["models", str(bundle.folder)]) == 0
    out, err = capsys.readouterr()
    assert "damaged" in out
    assert "model.onnx" in err


def test_an_unreadable_manifest_does_not_hide_the_other_bundles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_bundle(tmp_path / "good", name="good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "manifest.json").write_text("{")
    assert main(["models", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert "good" in out
    assert "is not a manifest" in err


def test_json_has_sizes_and_accuracy(bundle: ModelBundle, capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", str(bundle.folder), "--json"])
    (fact,) = json.loads(capsys.readouterr().out)
    assert fact["intact"] is True
    assert fact["accuracy"] == {"photos": 100.0, "top1": 0.5, "top3": 0.8}
    (artifact,) = fact["artifacts"]
    assert artifact["bytes"] == (bundle.folder / "model.onnx").stat().st_size


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_no_bundle_is_said_so(as_json: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", str(tmp_path), *as_json]) == 1
    assert f"no bundle in {tmp_path}" in capsys.readouterr().err


def test_detectors_are_listed_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = bright_bundle(tmp_path / "bright").folder
    assert main(["models", str(tmp_path), "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)
    assert (one["kind"], one["classes"], one["intact"]) == ("detector", ["animal"], True)
    (folder / "detector.onnx").write_bytes(b"other")
    assert main(["models", str(tmp_path), "--json"]) == 0
    [one] = json.loads(capsys.readouterr().out)
    assert not one["intact"]
