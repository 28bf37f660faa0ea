from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from avistar import ModelBundle
from avistar.bundle import commit, draft
from avistar.cli.main import main
from support import encoded, picture, tiny_graph


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for n, name in enumerate(("wolf", "seal", "ox")):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(4):
            (tmp_path / "photos" / name / f"{i}.jpg").write_bytes(encoded(picture(10 * n + i)))
    return tmp_path / "photos"


def test_accuracy_is_told_with_its_interval_and_its_worst(
    tiny: ModelBundle, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(photos), "--model", str(tiny.folder), "--device", "cpu"]) == 0
    told = capsys.readouterr().out
    assert "12 photos" in told
    assert "top-1" in told
    assert "95 %" in told
    assert "decided:" in told
    assert "wrong: " in told


def test_programs_get_every_figure(tiny: ModelBundle, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", str(photos), "--others", str(photos), "--model", str(tiny.folder), "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["report"]["photos"] == 12
    assert found["others"]["photos"] == 12
    assert found["others"]["auroc"] == 0.5
    assert sum(map(sum, found["report"]["confusion"])) == 12


def test_a_broken_photo_ends_with_1_and_is_named(
    tiny: ModelBundle, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "wolf" / "broken.jpg").write_bytes(b"")
    assert main(["evaluate", str(photos), "--model", str(tiny.folder)]) == 1
    assert "broken.jpg" in capsys.readouterr().err


def test_nothing_to_judge_ends_with_2(tiny: ModelBundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path), "--model", str(tiny.folder)]) == 2
    assert "sub-folder for each species" in capsys.readouterr().err


def test_photos_that_trained_the_bundle_are_told_of_and_can_be_left_out(
    bundle: ModelBundle, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"file": f"wolf/{i}.jpg", "species": "wolf"} for i in range(4)]
    with draft(bundle.folder, bundle) as folder:
        (folder / "analysis").mkdir()
        split = {"seed": 1, "train": rows, "validation": [], "test": []}
        (folder / "analysis" / "split.json").write_text(json.dumps(split), "utf-8")
        commit(folder, bundle.manifest, bundle.folder)
    assert main(["evaluate", str(photos), "--model", str(bundle.folder)]) == 0
    assert "4 of these photos trained this bundle" in capsys.readouterr().err
    assert main(["evaluate", str(photos), "--model", str(bundle.folder), "--held-out"]) == 0
    told = capsys.readouterr()
    assert "8 photos" in told.out
    assert "trained" not in told.err


def test_several_models_are_compared_on_the_same_photos(
    tiny: ModelBundle, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with draft(tmp_path / "other", start_from=tiny) as folder:
        (folder / "model.onnx").write_bytes(tiny_graph(seed=1))
        commit(folder, replace(tiny.manifest, name="other"), tmp_path / "other")
    both = ["evaluate", str(photos), "--model", str(tiny.folder), "--model", str(tmp_path / "other")]
    assert main([*both, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [one["report"]["model"] for one in facts["models"]] == ["tiny", "other"]
    wrong = [{m["file"]: m["called"] for m in one["report"]["mistakes"]} for one in facts["models"]]
    files = wrong[0].keys() | wrong[1].keys()
    (pair,) = facts["pairs"]
    assert pair["differ"] == sum(wrong[0].get(file) != wrong[1].get(file) for file in files) > 0
    assert pair["only_first"] == len(wrong[1].keys() - wrong[0].keys())
    assert main(both) == 0
    told = capsys.readouterr().out
    assert "tiny and other call" in told
    assert "Photos/s here" in told
