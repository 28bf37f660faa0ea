"""`avistar identify --catalogue` once more, with other options: applied, or refused with the cure; not only written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from avistar import ModelBundle
from avistar.bundle import commit, draft
from avistar.catalogue import Catalogue
from avistar.cli.main import main
from avistar.records import UNJOINED, Record
from detector_support import bright_bundle
from media_support import write_video
from support import encoded, picture, tiny_graph
from survey_support import WOLF, contents

Run = Callable[..., int]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    for second in range(3):
        exif = Image.Exif()
        exif[0x8769] = {0x9003: f"2024:07:06 07:08:{second:02}"}
        (folder / f"IMG_{second}.jpg").write_bytes(encoded(picture(second), exif=exif))
    return folder


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    return tmp_path / "survey.avistar"


@pytest.fixture
def identify(tiny: ModelBundle, card: Path, survey: Path) -> Run:
    def run(*options: object, model: Path = tiny.folder) -> int:
        words = ["identify", str(card), "--model", str(model), "--catalogue", str(survey), "--language", "en"]
        return main([*words, *map(str, options)])

    return run


@pytest.fixture
def values(tmp_path: Path, card: Path) -> dict[str, Path]:
    """Files that options name: two detectors' results, of a box in each photo, and a detector of the tests'."""
    found = {"finder": bright_bundle(tmp_path / "finder").folder}
    for name, left in (("one", 0.1), ("two", 0.5)):
        boxes = [{"category": "1", "conf": 0.9, "bbox": [left, 0.1, 0.3, 0.3]}]
        images = [{"file": f"IMG_{i}.jpg", "detections": boxes} for i in range(3)]
        info = {"format_version": "1.6", "detector": f"detector {name}"}
        found[name] = tmp_path / f"{name}.json"
        found[name].write_text(
            json.dumps({"info": info, "detection_categories": {"1": "animal"}, "images": images}), encoding="utf-8"
        )
    return found


def settings(survey: Path) -> dict[str, str]:
    with Catalogue.read(survey) as catalogue:
        return catalogue.facts.settings


def state(survey: Path) -> list[Any]:
    with Catalogue.read(survey) as catalogue:
        return [catalogue.facts, contents(catalogue)]


def first(survey: Path) -> Record:
    with Catalogue.read(survey) as catalogue:
        return next(iter(catalogue.records()))


def lefts(record: Record) -> list[float]:
    return [one.region.box.left for one in record.observations if one.region.box is not None]


OTHERWISE = [
    ((), ("--timezone", "+02:00"), "identified with no --timezone, and this run says --timezone +02:00"),
    (("--timezone", "+01:00"), ("--timezone", "+02:00"), "with --timezone +01:00, and this run says --timezone +02:00"),
    ((), ("--detections", "{one}"), "with no detector, and this run says --detections {one} (detector one)"),
    (("--detections", "{one}"), ("--detections", "{two}"), "this run says --detections {two} (detector two)"),
    (("--detections", "{one}"), ("--detector", "{finder}"), "this run says --detector {finder} (bright)"),
    (("--detections", "{one}"), ("--no-detect",), "--detection-confidence 0.2, and this run says no detector"),
    (("--detections", "{one}"), ("--detection-confidence", 0.95), "this run says --detections {one}"),
    (("--detector", "{finder}"), ("--detector", "{finder}", "--detection-confidence", 0.25), "0.5, and this run says"),
]


def filled(words: tuple[object, ...], values: dict[str, Path]) -> list[str]:
    return [str(word).format(**values) for word in words]


@pytest.mark.parametrize(("before", "now", "said"), OTHERWISE)
def test_an_option_that_the_answers_contradict_is_refused_with_the_cure_and_nothing_is_recorded(
    identify: Run,
    survey: Path,
    values: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    before: tuple[object, ...],
    now: tuple[object, ...],
    said: str,
) -> None:
    assert identify(*filled(before, values)) == 0
    stored = state(survey)
    capsys.readouterr()
    for more in ((), ("--other-model", "keep"), ("--only", "wolf")):
        assert identify(*filled(now, values), *more) == 2
        told = capsys.readouterr().err
        assert said.format(**values) in told
        assert "3 pictures in" in told
        assert "or say --other-model again to identify them again (what people said stays)" in told
        assert state(survey) == stored


@pytest.mark.parametrize(("before", "now", "said"), OTHERWISE)
def test_again_applies_the_option_to_every_answer_and_keeps_what_people_said(
    identify: Run,
    survey: Path,
    values: dict[str, Path],
    tmp_path: Path,
    tiny: ModelBundle,
    card: Path,
    before: tuple[object, ...],
    now: tuple[object, ...],
    said: str,
) -> None:
    assert identify(*filled(before, values)) == 0
    with Catalogue.open(survey) as catalogue:
        catalogue.review([1], WOLF)
    assert identify(*filled(now, values), "--other-model", "again") == 0
    fresh = tmp_path / "fresh.avistar"
    kept = filled(before, values) if now[0] == "--detection-confidence" else []
    words = ["identify", str(card), "--model", str(tiny.folder), "--catalogue", str(fresh)]
    assert main([*words, *kept, *filled(now, values)]) == 0
    ours, theirs = first(survey), first(fresh)
    assert ours.review == WOLF
    assert (ours.detections, lefts(ours), ours.medium.capture) == (
        theirs.detections, lefts(theirs), theirs.medium.capture,
    )  # fmt: skip
    assert settings(survey) == settings(fresh)


@pytest.mark.parametrize("before", [("--timezone", "+01:00"), ("--detections", "{one}"), ("--detector", "{finder}")])
def test_an_earlier_choice_holds_where_nothing_else_is_said(
    identify: Run, survey: Path, card: Path, values: dict[str, Path], before: tuple[str, ...]
) -> None:
    assert identify(*filled(before, values)) == 0
    chosen, known = settings(survey), first(survey)
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2024:07:06 07:08:00"}
    (card / "IMG_0.jpg").write_bytes(encoded(picture(7), exif=exif))
    assert identify() == 0
    assert settings(survey) == chosen
    replaced = first(survey)
    assert replaced.medium.bytes != known.medium.bytes
    assert (len(replaced.detections), replaced.blank) == (len(known.detections), known.blank)
    assert replaced.medium.capture == known.medium.capture


def test_frames_concern_videos_alone(
    identify: Run, survey: Path, card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("cv2", reason="needs the extra 'live'")
    assert identify() == 0
    assert identify("--frames-per-second", 2) == 0, "no video has an answer yet"
    assert settings(survey)["frames_per_second"] == "2"
    write_video(card / "VID_1.avi")
    assert identify() == 0
    capsys.readouterr()
    assert identify("--frames-per-second", 1) == 2
    assert "1 picture in" in capsys.readouterr().err
    with Catalogue.read(survey) as catalogue:
        [video] = [len(one.observations) for one in catalogue.records() if one.medium.kind == "video"]
    assert identify("--frames-per-second", 1, "--other-model", "again", "-v") == 0
    assert "1 to identify" in capsys.readouterr().err
    with Catalogue.read(survey) as catalogue:
        [fewer] = [len(one.observations) for one in catalogue.records() if one.medium.kind == "video"]
    assert fewer < video


def test_a_run_that_another_model_stops_has_recorded_nothing(
    identify: Run, survey: Path, tiny: ModelBundle, tmp_path: Path
) -> None:
    with draft(tmp_path / "other") as temporary:
        (temporary / "model.onnx").write_bytes(tiny_graph(seed=1))
        other = commit(temporary, tiny.manifest, tmp_path / "other").folder
    assert identify() == 0
    stored = state(survey)
    assert identify("--only", "wolf", "--burst-gap", 2, model=other) == 2
    assert state(survey) == stored


def test_detections_of_other_photos_are_refused_and_nothing_is_recorded(
    identify: Run, survey: Path, values: dict[str, Path]
) -> None:
    assert identify() == 0
    stored = state(survey)
    values["one"].write_text(values["one"].read_text("utf-8").replace("IMG_", "elsewhere/IMG_"), "utf-8")
    assert identify("--detections", values["one"], "--other-model", "again") == 2
    assert state(survey) == stored


def test_a_file_of_detections_may_move(identify: Run, survey: Path, values: dict[str, Path], tmp_path: Path) -> None:
    assert identify("--detections", values["one"]) == 0
    (tmp_path / "notes").mkdir()
    there = values["one"].rename(tmp_path / "notes" / "one.json")
    assert identify("--detections", there) == 0
    assert settings(survey)["detections"] == str(there)


def test_bursts_follow_another_gap_and_are_joined_by_later_runs_too(identify: Run, survey: Path, card: Path) -> None:
    assert identify("--burst-gap", 2) == 0
    (card / "IMG_3.jpg").write_bytes((card / "IMG_2.jpg").read_bytes() + b"\0")
    assert identify() == 0
    with Catalogue.read(survey) as catalogue:
        assert [row.burst for row in catalogue.rows(catalogue.ids())] == [4] * 4
    assert identify("--burst-gap", 0.5) == 0
    assert settings(survey)["burst_gap_s"] == "0.5"
    assert UNJOINED not in settings(survey)


def test_a_detector_that_came_with_another_avistar_is_a_question_like_another_model(
    identify: Run, survey: Path, values: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert identify("--detections", values["one"]) == 0
    text = values["one"].read_text("utf-8").replace("detector one", "detector 1b")
    values["one"].write_text(text, "utf-8")
    assert identify() == 2
    said = capsys.readouterr().err
    assert "(detector one)" in said
    assert "say --other-model keep to leave those answers" in said
    assert identify("--other-model", "keep") == 0
    assert settings(survey)["detector"] == "detector one, detector 1b"
    assert identify() == 0
    assert identify("--no-detect", "--detections", values["one"]) == 2
    assert "leave out --detections" in capsys.readouterr().err
