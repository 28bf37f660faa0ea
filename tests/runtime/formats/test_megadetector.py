from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avistar.formats.megadetector import MegaDetector
from avistar.media.detections import read_detections
from avistar.records import Box, Observation, Record, Region, Remark, Review, Sighting
from avistar.species import Species
from records_support import FACTS, answer, boxed, everything, failed, group, record, reviewed, unknown, video


def written(folder: Path, survey: list[Record]) -> dict[str, Any]:
    assert MegaDetector().write(survey, FACTS, folder / "md.json").media == len(survey)
    results: dict[str, Any] = json.loads((folder / "md.json").read_text("ascii"))
    return results


def named(results: dict[str, Any], classifications: list[list[Any]]) -> list[tuple[str, float]]:
    return [(results["classification_categories"][id], confidence) for id, confidence in classifications]


def test_an_answer_about_a_whole_photo_is_an_animal_in_a_box_of_the_whole_photo(tmp_path: Path) -> None:
    results = written(tmp_path, [record()])
    (image,) = results["images"]
    (detection,) = image["detections"]
    assert image["file"] == "cam1/a.jpg"
    assert image["datetime"] == "2026:03:01 12:00:05"
    assert (results["detection_categories"][detection["category"]], detection["bbox"]) == ("animal", [0, 0, 1, 1])
    assert detection["conf"] == 0.9
    ranked = named(results, detection["classifications"])
    assert ranked[0] == ("Wolf", 0.9)
    assert [confidence for _, confidence in ranked] == sorted((c for _, c in ranked), reverse=True)


def test_boxes_keep_their_classifications_and_people_are_kept(tmp_path: Path) -> None:
    results = written(tmp_path, [boxed()])
    moose, unsure, person = results["images"][0]["detections"]
    assert (moose["bbox"], moose["conf"]) == ([0.1, 0.2, 0.3, 0.4], 0.95)
    assert named(results, moose["classifications"])[0] == ("Moose", 0.8)
    assert "classifications" not in unsure
    assert unsure["raw_classifications"][0][1] == pytest.approx(0.3)
    assert results["detection_categories"][person["category"]] == "person"


def test_what_is_not_recognised_is_unknown_not_an_animal(tmp_path: Path) -> None:
    results = written(tmp_path, [record(found=unknown())])
    (detection,) = results["images"][0]["detections"]
    assert results["detection_categories"][detection["category"]] == "unknown"
    assert "classifications" not in detection


def test_a_group_leads_its_species(tmp_path: Path) -> None:
    results = written(tmp_path, [record(found=group())])
    ranked = named(results, results["images"][0]["detections"][0]["classifications"])
    assert ranked[:2] == [("canid", 0.8), ("Wolf", 0.5)]


def test_a_persons_word_replaces_the_machines(tmp_path: Path) -> None:
    results = written(tmp_path, [reviewed(), reviewed(verdict="empty"), reviewed(verdict="unknown")])
    otter, empty, what = results["images"]
    assert named(results, otter["detections"][0]["classifications"]) == [("Otter", 1.0)]
    assert otter["avistar"]["reviewer"] == "Ana Ruiz"
    assert empty["detections"] == []
    assert results["detection_categories"][what["detections"][0]["category"]] == "unknown"


def test_a_failure_has_its_reason_and_no_detections(tmp_path: Path) -> None:
    (image,) = written(tmp_path, [failed()])["images"]
    assert image["detections"] is None
    assert "too damaged" in image["failure"]


@pytest.mark.parametrize(("rate", "frames"), [(25.0, [0, 25, 50]), (0.0, [0, 1000, 2000])])
def test_a_videos_frames_are_counted_so_that_their_moments_are_right(
    tmp_path: Path, rate: float, frames: list[int]
) -> None:
    (image,) = written(tmp_path, [video(rate=rate)])["images"]
    assert image["frames_processed"] == frames
    assert [detection["frame_number"] for detection in image["detections"]] == frames
    assert [number / image["frame_rate"] for number in frames] == [0.0, 1.0, 2.0]


def test_the_file_says_what_gave_its_answers(tmp_path: Path) -> None:
    info = written(tmp_path, [record()])["info"]
    assert info["format_version"] == "1.6"
    assert info["classifier"] == "avistar:field:int8"
    assert info["classifier_metadata"]["artifact_sha256"] == "ab" * 32
    assert info["classifier_metadata"]["only"] == ["wolf", "moose"]


def test_the_classification_ended_with_the_last_answer(tmp_path: Path) -> None:
    times = [datetime(2026, 5, day, 7, 8, 9, tzinfo=UTC) for day in (6, 7, 5)]
    survey = [replace(record(f"cam1/{i}.jpg"), answered_at=at) for i, at in enumerate(times)]
    assert written(tmp_path, [*survey, record()])["info"]["classification_completion_time"] == "2026-05-07 07:08:09"
    assert "classification_completion_time" not in written(tmp_path, [record()])["info"], "nobody knows when"


def test_an_empty_survey_is_a_results_file_too(tmp_path: Path) -> None:
    assert written(tmp_path, [])["images"] == []


fractions = st.floats(0, 1, width=32)


@settings(max_examples=60)
@given(
    name=st.binary(min_size=1, max_size=30).map(lambda raw: os.fsdecode(raw.replace(b"\0", b"0").replace(b"/", b"-"))),
    sides=st.tuples(fractions, fractions, fractions, fractions),
    confidence=fractions,
)
def test_any_name_and_box_survive(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    sides: tuple[float, float, float, float],
    confidence: float,
) -> None:
    box = Box(*sides, "animal", confidence)
    found = record(f"a/{name}x", observations=(Observation(Region(box), answer()),), detections=(box,))
    folder = tmp_path_factory.mktemp("md")
    (image,) = written(folder, [found])["images"]
    image["file"].encode("utf-8")
    assert image["detections"][0]["bbox"] == pytest.approx(sides, abs=1e-6)
    assert image["detections"][0]["conf"] == pytest.approx(confidence, abs=1e-5)
    if "\\" not in name:
        assert outside(sides) or f"a/{name}x" in read_detections(folder / "md.json", Path("/card"))


def outside(sides: tuple[float, ...]) -> bool:
    return sides[0] + sides[2] > 1 or sides[1] + sides[3] > 1


def test_names_that_are_no_text_stay_apart_and_are_found_again(tmp_path: Path) -> None:
    names = ["cam1/caf\udce9.jpg", "cam1/caf\udce8.jpg", "cam1/café.jpg"]
    images = written(tmp_path, [record(name) for name in names])["images"]
    assert [image["file"] for image in images] == ["cam1/caf%E9.jpg", "cam1/caf%E8.jpg", "cam1/café.jpg"]
    assert [image["avistar"].get("file_encoded") for image in images[1:]] == ["cam1/caf%E8.jpg", None]
    assert r"\ud" not in (tmp_path / "md.json").read_text("ascii")
    assert list(read_detections(tmp_path / "md.json", Path("/card")).files()) == names


def test_categories_are_described_in_seven_parts_as_megadetectors_smoothing_reads_them(tmp_path: Path) -> None:
    fox = Species("red_fox", "Red fox", "Zorro", "Vulpes vulpes", "canid")
    said = Review("species", "red_fox", "Ana", datetime(2026, 3, 3, tzinfo=UTC))
    results = written(tmp_path, [record(review=said, species=(fox,))])
    parts = {
        results["classification_categories"][id]: text.split(";")[1:]
        for id, text in results["classification_category_descriptions"].items()
    }
    assert parts["Red fox"] == ["mammalia", "carnivora", "canidae", "vulpes", "vulpes", "red fox"]
    assert parts["Wolf"] == ["mammalia", "carnivora", "canidae", "canis", "lupus", "wolf"]
    assert parts["canid"] == ["mammalia", "carnivora", "canidae", "", "", "canid"]
    assert len(parts) == len(results["classification_categories"])


def test_everything_that_a_person_saw_is_a_detection_with_its_own_box(tmp_path: Path) -> None:
    at, box = datetime(2026, 3, 3, tzinfo=UTC), Box(0.5, 0.5, 0.25, 0.5)
    things = [
        Sighting("species", "moose", count=3, sex="female"),
        Sighting("species", "wolf", box=box),
        Sighting("person"),
    ]
    survey = [record(review=Review.of(things, "Ana", at), remark=Remark("at dusk", ("calf",), "Ana", at))]
    results = written(tmp_path, survey)
    (image,) = results["images"]
    kinds = [results["detection_categories"][one["category"]] for one in image["detections"]]
    moose, wolf, _ = image["detections"]
    assert kinds == ["animal", "animal", "person"]
    assert (named(results, moose["classifications"]), moose["bbox"]) == ([("Moose", 1.0)], [0, 0, 1, 1])
    assert (named(results, wolf["classifications"]), wolf["bbox"]) == ([("Wolf", 1.0)], [0.5, 0.5, 0.25, 0.5])
    said = image["avistar"]["observations"]
    assert next((one["species"], one["count"], one["sex"]) for one in said) == ("moose", 3, "female")
    assert (image["avistar"]["comment"], image["avistar"]["tags"]) == ("at dusk", ["calf"])


def test_boxes_are_read_back_by_our_own_reader(tmp_path: Path) -> None:
    written(tmp_path, [boxed("cam1/boxes.jpg"), failed("cam1/broken.jpg"), reviewed("cam1/none.jpg", "empty")])
    found = read_detections(tmp_path / "md.json", Path("/card"))
    boxes = found.of("cam1/boxes.jpg")
    assert boxes is not None
    assert set(boxes.boxes) == set(boxed().detections)
    empty, broken = found.of("cam1/none.jpg"), found.of("cam1/broken.jpg")
    assert empty is not None
    assert empty.boxes == ()
    assert broken is not None
    assert "too damaged" in broken.failed


def test_megadetectors_own_validator_accepts_a_survey_of_every_kind(tmp_path: Path) -> None:
    pytest.importorskip("megadetector", reason="needs the package megadetector (pip install megadetector)")
    from megadetector.postprocessing.validate_batch_results import ValidateBatchResultsOptions, validate_batch_results

    written(tmp_path, everything())
    options = ValidateBatchResultsOptions()
    options.raise_errors = True
    found = validate_batch_results(str(tmp_path / "md.json"), options)["validation_results"]
    assert (found["errors"], found["warnings"]) == ([], [])


def test_megadetectors_smoothing_takes_our_file(tmp_path: Path) -> None:
    pytest.importorskip("megadetector", reason="needs the package megadetector (pip install megadetector)")
    from megadetector.postprocessing.classification_postprocessing import smooth_classification_results_image_level

    written(tmp_path, everything())
    smooth_classification_results_image_level(str(tmp_path / "md.json"), str(tmp_path / "smoothed.json"))
    assert (tmp_path / "smoothed.json").is_file()
