"""`avistar identify --detect`: animals found first, by a detector of ours."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from avistar import ModelBundle
from avistar.catalogue import Catalogue
from avistar.cli.main import main
from detector_support import bright_bundle

Run = Callable[..., int]


@pytest.fixture
def identify(tiny: ModelBundle) -> Run:
    def run(*arguments: object) -> int:
        return main(["identify", *map(str, arguments), "--model", str(tiny.folder), "--language", "en"])

    return run


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A bright photo, in which the tests' detector finds something, a dark one and a broken one."""
    folder = tmp_path / "card"
    folder.mkdir()
    for name, grey in (("bright", 255), ("dark", 0)):
        Image.new("RGB", (64, 64), (grey,) * 3).save(folder / f"{name}.png")
    (folder / "broken.jpg").write_bytes(b"broken")
    return folder


@pytest.fixture
def finder(tmp_path: Path) -> Path:
    return bright_bundle(tmp_path / "finder").folder


def test_a_survey_keeps_boxes_and_blanks_and_a_second_run_has_nothing_to_do(
    tmp_path: Path, card: Path, finder: Path, identify: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "card.avistar"
    command = (card, "--catalogue", file, "--detector", finder, "--familiarity-floor", 1e9)
    assert identify(*command) == 1  # one is broken
    with Catalogue.read(file) as catalogue:
        found = {record.medium.relative: record for record in catalogue.records()}
        assert catalogue.facts.settings["detector"] == "bright"
        assert catalogue.facts.settings["detection_confidence"] == "0.5"
    [box] = found["bright.png"].detections
    assert (box.left, box.width) == (0, pytest.approx(0.5))
    assert found["bright.png"].observations[0].region.box == box
    assert found["dark.png"].blank
    assert found["dark.png"].identification is None
    assert found["broken.jpg"].failure is not None
    capsys.readouterr()
    assert identify(*command) == 0
    assert "0 to identify" in capsys.readouterr().err


def test_answers_alone_have_a_row_for_each_photo(tmp_path: Path, card: Path, finder: Path, identify: Run) -> None:
    out = tmp_path / "out.csv"
    command = (card, "--out", out, "--quiet", "--detector", finder, "--familiarity-floor", 1e9)
    assert identify(*command) == 1
    with out.open(newline="", encoding="utf-8-sig") as stream:
        rows = {Path(row["file"]).name: row for row in csv.DictReader(stream)}
    assert set(rows) == {"bright.png", "dark.png", "broken.jpg"}
    assert rows["bright.png"]["decision"] == "unknown"
    assert rows["dark.png"]["decision"] == ""


def test_the_threshold_of_the_user_counts(tmp_path: Path, card: Path, finder: Path, identify: Run) -> None:
    Image.new("RGB", (64, 64), (100, 100, 100)).save(card / "grey.png")
    for least, boxes in ((0.3, 1), (0.6, 0)):
        file = tmp_path / f"{least}.avistar"
        identify(card, "--catalogue", file, "--detector", finder, "--detection-confidence", least)
        with Catalogue.read(file) as catalogue:
            [grey] = [one for one in catalogue.records() if one.medium.relative == "grey.png"]
        assert len(grey.detections) == boxes


def test_two_ways_to_find_animals_exclude_each_other(
    card: Path, identify: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert identify(card, "--detect", "--detections", card / "md.json") == 2
    assert "leave one of them out" in capsys.readouterr().err
    assert identify(card, "--detection-confidence", 0.5) == 2
    assert "--detect count" in capsys.readouterr().err


def test_a_missing_detector_is_named_before_anything_runs(
    tmp_path: Path, card: Path, identify: Run, tiny: ModelBundle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert identify(card, "--detector", tmp_path / "nothing") != 0
    assert "is no bundle" in capsys.readouterr().err
    assert identify(card, "--detector", tiny.folder) != 0
    assert "give it as --model" in capsys.readouterr().err
