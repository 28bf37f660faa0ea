"""`avistar identify` on what camera traps make: boxes, bursts, videos, clocks, a site's species."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from avistar import ModelBundle
from avistar.catalogue import Catalogue
from avistar.cli.main import main
from avistar.records import Record, SecondOpinion
from media_support import write_video
from support import encoded, picture

Run = Callable[..., int]


@pytest.fixture
def identify(tiny: ModelBundle) -> Run:
    def run(*arguments: object) -> int:
        return main(["identify", *map(str, arguments), "--model", str(tiny.folder), "--language", "en"])

    return run


def photo(path: Path, seed: int, taken: str = "") -> Path:
    exif = Image.Exif()
    exif[0x0110] = "Trap 3"
    if taken:
        exif[0x8769] = {0x9003: taken}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(picture(seed, (200, 150)), exif=exif))
    return path


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    for i, second in enumerate((0, 1, 30)):
        photo(folder / "100" / f"IMG_{i}.jpg", i, f"2024:07:06 07:08:{second:02}")
    return folder


def detections(card: Path, images: list[dict]) -> Path:
    file = card.parent / "md.json"
    whole = {
        "info": {"format_version": "1.6", "detector": "md_v5a"},
        "detection_categories": {"1": "animal", "2": "person"},
    }
    file.write_text(json.dumps(whole | {"images": images}))
    return file


def box(conf: float = 0.9, category: str = "1", left: float = 0.1) -> dict:
    return {"category": category, "conf": conf, "bbox": [left, 0.1, 0.3, 0.3]}


def stored(path: Path) -> dict[str, Record]:
    with Catalogue.read(path) as catalogue:
        return {record.medium.relative: record for record in catalogue.records()}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_speciesnets_classification_is_a_second_opinion_in_catalogue_and_tables(
    identify: Run, card: Path, tmp_path: Path
) -> None:
    raccoon = "f73c7ef6-bc2d-4f9f-9ab5-14b8ea8e2e6c;mammalia;carnivora;procyonidae;procyon;lotor;northern raccoon"
    first = {
        "filepath": "100/IMG_0.jpg",
        "country": "USA",
        "model_version": "4.0.1a",
        "prediction_source": "classifier",
    }
    first |= {"classifications": {"classes": [raccoon], "scores": [0.97]}, "prediction": raccoon}
    first |= {"prediction_score": 0.97, "detections": [box() | {"label": "animal"}]}
    other = {"filepath": "100/IMG_1.jpg", "detections": [], "prediction": "f;;;;;;blank", "prediction_score": 0.8}
    (tmp_path / "sn.json").write_text(json.dumps({"predictions": [first, other]}))
    catalogue, table = tmp_path / "s.avistar", tmp_path / "s.csv"
    assert identify(card, "--catalogue", catalogue, "--detections", tmp_path / "sn.json", "--quiet") == 0
    found = stored(catalogue)
    assert found["100/IMG_0.jpg"].opinion == SecondOpinion(raccoon, 0.97, "SpeciesNet 4.0.1a")
    assert found["100/IMG_1.jpg"].blank
    assert main(["survey", "export", str(catalogue), str(table), "--quiet"]) == 0
    said = [(row["second_opinion"], row["second_opinion_confidence"]) for row in rows(table)]
    assert said == [("northern raccoon", "0.970000"), ("blank", "0.800000"), ("", "")]
    assert main(["survey", "export", str(catalogue), str(tmp_path / "s.json"), "--quiet"]) == 0
    image = json.loads((tmp_path / "s.json").read_text())["images"][0]
    assert image["avistar"]["second_opinion"]["label"] == raccoon


def test_boxes_blanks_and_people_of_a_detector_are_kept(identify: Run, card: Path, tmp_path: Path) -> None:
    file = detections(
        card,
        [
            {"file": "100/IMG_0.jpg", "detections": [box(), box(left=0.6), box(0.05)]},
            {"file": "100/IMG_1.jpg", "detections": []},
            {"file": "100/IMG_2.jpg", "detections": [box(category="2")]},
        ],
    )
    assert identify(card, "--catalogue", tmp_path / "a.avistar", "--detections", file) == 0
    found = stored(tmp_path / "a.avistar")
    two, blank, person = (found[f"100/IMG_{i}.jpg"] for i in range(3))
    assert [one.region.box.left for one in two.observations] == [0.1, 0.6]
    assert len(two.detections) == 2
    assert (blank.blank, blank.observations, blank.detections) == (True, (), ())
    assert (person.blank, person.observations) == (False, ())
    assert [one.category for one in person.detections] == ["person"]
    with Catalogue.read(tmp_path / "a.avistar") as catalogue:
        assert catalogue.facts.settings["detector"] == "md_v5a"


def test_people_and_vehicles_are_counted_and_said_of_each_photo(
    identify: Run, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = detections(
        card,
        [
            {"file": "100/IMG_0.jpg", "detections": [box(), box(category="2", left=0.6)]},
            {"file": "100/IMG_1.jpg", "detections": []},
            {"file": "100/IMG_2.jpg", "detections": [box(category="2")]},
        ],
    )
    for more in ((), ("--catalogue", tmp_path / "a.avistar")):
        assert identify(card, "--detections", file, *more) == 0
        out, err = capsys.readouterr()
        assert "1 species, 0 group, 0 unknown, 0 failed; 1 empty, people in 2" in err
        said = {line.split()[0][-9:]: line.split()[-1] for line in out.splitlines()[1:]}
        assert said == {"IMG_0.jpg": "species", "IMG_1.jpg": "animal", "IMG_2.jpg": "person"}


def test_a_detectors_failure_is_a_failure_and_what_it_never_saw_is_said(
    identify: Run, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = detections(card, [{"file": "100/IMG_0.jpg", "detections": None, "failure": "Failure image access"}])
    assert identify(card, "--catalogue", tmp_path / "a.avistar", "--detections", file) == 1
    found = stored(tmp_path / "a.avistar")
    assert "detector failed" in found["100/IMG_0.jpg"].failure.message
    assert found["100/IMG_1.jpg"].observations[0].region.box is None
    assert "the detector never saw 2 pictures: identified as a whole" in capsys.readouterr().err


def test_boxes_work_without_a_catalogue_too(identify: Run, card: Path, tmp_path: Path) -> None:
    file = detections(card, [{"file": f"100/IMG_{i}.jpg", "detections": [box()] * i} for i in range(3)])
    assert identify(card, "--detections", file, "--out", tmp_path / "out.csv") == 0
    assert len(rows(tmp_path / "out.csv")) == 3


def test_detections_of_another_folder_are_refused(
    identify: Run, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = detections(card, [{"file": "elsewhere/IMG_0.jpg", "detections": []}])
    assert identify(card, "--detections", file) == 2
    assert identify(card, "--detections", file, "--catalogue", tmp_path / "a.avistar") == 2
    assert "they speak of elsewhere/IMG_0.jpg below" in capsys.readouterr().err


def test_a_burst_is_answered_together_and_each_photo_keeps_its_answer(
    identify: Run, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.avistar"
    assert identify(card, "--catalogue", path, "--burst-gap", 2) == 0
    found = stored(path)
    first, second, alone = (found[f"100/IMG_{i}.jpg"] for i in range(3))
    assert first.sequence == second.sequence == "100/IMG_0.jpg"
    assert (alone.sequence, alone.together) == ("", None)
    assert first.together.decision == second.together.decision
    assert first.identification is first.together
    ours, theirs = (one.observations[0].identification.probabilities for one in (first, second))
    assert not (ours == theirs).all()
    assert "1 burst answered together" in capsys.readouterr().err


def test_a_smaller_gap_undoes_bursts_and_a_larger_one_widens_them(identify: Run, card: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.avistar"
    for gap, sequences in ((60, ["100/IMG_0.jpg"] * 3), (2, ["100/IMG_0.jpg"] * 2 + [""]), (0.5, [""] * 3)):
        assert identify(card, "--catalogue", path, "--burst-gap", gap) == 0
        found = stored(path)
        assert [found[f"100/IMG_{i}.jpg"].sequence for i in range(3)] == sequences
        assert [found[f"100/IMG_{i}.jpg"].together is None for i in range(3)] == [not one for one in sequences]


def test_the_cameras_zone_goes_into_the_catalogue(identify: Run, card: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.avistar"
    assert identify(card, "--catalogue", path, "--timezone", "Europe/Madrid") == 0
    found = stored(path)
    assert found["100/IMG_0.jpg"].medium.capture.taken_at.isoformat() == "2024-07-06T07:08:00+02:00"
    assert found["100/IMG_0.jpg"].medium.capture.camera == "Trap 3"


def test_a_sites_list_holds_and_the_raw_scores_stay(identify: Run, card: Path, tmp_path: Path) -> None:
    assert identify(card, "--catalogue", tmp_path / "all.avistar") == 0
    assert identify(card, "--catalogue", tmp_path / "site.avistar", "--only", "lobo; german+shepherd, Moose") == 0
    everything, site = stored(tmp_path / "all.avistar"), stored(tmp_path / "site.avistar")
    for name, record in site.items():
        answer = record.identification
        assert {one.species.id for one in answer.candidates} == {"wolf", "german_shepherd", "moose"}
        assert answer.probabilities == pytest.approx(everything[name].identification.probabilities, abs=1e-6)
    with Catalogue.read(tmp_path / "site.avistar") as catalogue:
        assert catalogue.facts.only == ("german_shepherd", "moose", "wolf")


def test_a_list_may_come_from_a_file_and_a_typing_error_is_caught(
    identify: Run, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site.txt").write_text("wolf\nmoose # in summer\n", "utf-8")
    assert identify(card, "--only", tmp_path / "site.txt", "--out", tmp_path / "out.csv") == 0
    assert identify(card, "--only", "wolff") == 2
    assert "'wolff' is none of the 30 species; the nearest are wolf" in capsys.readouterr().err


def test_thresholds_may_be_the_users(identify: Run, card: Path, tmp_path: Path) -> None:
    def decisions(*options: object) -> set[str]:
        out = tmp_path / "out.csv"
        assert identify(card, "--out", out, "--overwrite", *options) == 0
        return {row["decision"] for row in rows(out)}

    assert decisions("--species-confidence", 0, "--familiarity-floor", -1e30) == {"species"}
    assert decisions("--species-confidence", 1, "--group-confidence", 1) == {"unknown"}
    assert decisions("--familiarity-floor", 1e9) == {"unknown"}


def test_videos_in_a_folder_are_found_and_identified(identify: Run, card: Path, tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="needs the extra 'live'")
    write_video(card / "clip.avi")
    (card / "broken.mp4").write_bytes(b"<html>")
    path = tmp_path / "a.avistar"
    assert identify(card, "--catalogue", path, "--frames-per-second", 2) == 1
    found = stored(path)
    clip = found["clip.avi"]
    assert [one.region.time_s for one in clip.observations] == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert clip.identification is clip.together
    assert clip.medium.kind == "video"
    assert "not a video" in found["broken.mp4"].failure.message
    assert identify(card, "--out", tmp_path / "out.csv") == 1
    assert len(rows(tmp_path / "out.csv")) == 5


def test_without_the_extra_videos_are_skipped_and_counted(
    identify: Run, card: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (card / "clip.avi").write_bytes(b"RIFF")
    monkeypatch.setattr("avistar.media.reader.find_spec", lambda name: None)
    assert identify(card) == 0
    assert "1 other file skipped" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--burst-gap", "2"], "--catalogue"),
        (["--timezone", "UTC"], "--catalogue"),
        (["--detection-confidence", "0.5"], "--detections"),
        (["--detections", "none.json"], "can't be read"),
        (["--catalogue", "new.avistar", "--timezone", "Mars"], "is no time zone"),
        (["--cluster", "auto", "--only", "wolf"], "--cluster"),
    ],
)
def test_choices_that_make_no_sense_are_wrong_usage(
    identify: Run, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    options: list[str], reason: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert identify(card, *options) == 2
    assert reason in capsys.readouterr().err
