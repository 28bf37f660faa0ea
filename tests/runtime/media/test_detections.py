from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from avistar import Classifier, UsageError
from avistar.identification import Failure
from avistar.images.geometry import Crop
from avistar.media.detected_frames import boxes_in_video
from avistar.media.detections import Detected, Detections, detected_pictures, read_detections
from avistar.records import Box, Region, SecondOpinion
from media_support import write_video
from support import encoded, picture

CATEGORIES = {"1": "animal", "2": "person", "3": "vehicle"}


def found(conf: float = 0.9, bbox: object = (0.1, 0.2, 0.3, 0.4), category: object = "1", **more: object) -> dict:
    return {"category": category, "conf": conf, "bbox": bbox, **more}


def results(*images: dict, **top: object) -> bytes:
    whole = {"info": {"format_version": "1.6"}, "detection_categories": CATEGORIES, "images": list(images), **top}
    return json.dumps(whole).encode()


def read(tmp_path: Path, data: bytes) -> Detections:
    file = tmp_path / "md.json"
    file.write_bytes(data)
    return read_detections(file, tmp_path)


def refusal(tmp_path: Path, data: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, data)
    return str(caught.value)


def test_boxes_blanks_people_and_failures_are_kept_apart(tmp_path: Path) -> None:
    detections = read(
        tmp_path,
        results(
            {"file": "a/two.jpg", "max_detection_conf": 0.9, "detections": [found(), found(0.8, category="2")]},
            {"file": "a/blank.jpg", "detections": []},
            {"file": "a/faint.jpg", "detections": [found(0.05)]},
            {"file": "a/bad.jpg", "detections": None, "failure": "Failure image access"},
            {"file": "a/worse.jpg", "failure": "Failure inference"},
        ),
    )
    assert len(detections) == 5
    assert detections.of("a/two.jpg").boxes == (
        Box(0.1, 0.2, 0.3, 0.4, "animal", 0.9), Box(0.1, 0.2, 0.3, 0.4, "person", 0.8)
    )  # fmt: skip
    assert detections.of("a/blank.jpg") == detections.of("a/faint.jpg") == Detected()
    assert detections.of("a/bad.jpg").failed == "Failure image access"
    assert detections.of("a/worse.jpg").failed == "Failure inference"
    assert detections.of("a/never_seen.jpg") is None
    assert "a/blank.jpg" in detections
    assert next(detections.files()) == "a/two.jpg"


def test_the_least_confidence_is_the_callers_the_files_or_the_usual(tmp_path: Path) -> None:
    image = {"file": "a.jpg", "detections": [found(0.05), found(0.15), found(0.25)]}
    assert len(read(tmp_path, results(image)).of("a.jpg").boxes) == 1
    info = {"format_version": "1.3", "detector_metadata": {"typical_detection_threshold": 0.1}}
    advised = read(tmp_path, results(image, info=info))
    assert len(advised.of("a.jpg").boxes) == 2
    assert len(advised.of("a.jpg", 0.01).boxes) == 3


@pytest.mark.parametrize(
    "info",
    [
        {"format_version": "1.0", "detector": "md_v4"},
        {"format_version": 1.2, "detector_metadata": "unknown"},
        {"format_version": "1.5", "detector": None, "detector_metadata": {"typical_detection_threshold": "high"}},
        {},
    ],
)
def test_every_version_of_the_format_is_read(tmp_path: Path, info: dict) -> None:
    image = {"file": "a.jpg", "detections": [found(classifications=[["0", 0.9]])], "width": 10, "datetime": "x"}
    detections = read(tmp_path, results(image, info=info, classification_categories={"0": "fox"}))
    assert detections.of("a.jpg").boxes[0].confidence == 0.9
    assert detections.recommended == 0.2


def test_what_real_files_differ_in_is_taken(tmp_path: Path) -> None:
    data = results(
        {"file": "DCIM\\100\\a.jpg", "detections": [found(category=1, bbox=[-0.001, 0, 1.002, 1])]},
        {"file": f"{tmp_path}/b.jpg", "detections": [found(bbox=[0.5, 0.5, 0, 0.1])]},
        {"file": "./c/café.jpg", "detections": [], "frame_number": 3},
        detection_categories={"1": "Animal", "2": "Human"},
    )
    detections = read(tmp_path, b"\xef\xbb\xbf" + data)
    [box] = detections.of("DCIM/100/a.jpg").boxes
    assert (box.left, box.top, box.height) == (0.0, 0.0, 1.0)
    assert box.width == pytest.approx(1.0)
    assert detections.of("b.jpg").boxes == ()  # a box without a width shows nothing
    assert "c/cafe\u0301.jpg" in detections


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ({"detections": []}, "missing required field `file`"),
        ({"file": 3}, "Expected `str`, got `int`"),
        ({"file": "a.jpg", "detections": [{"conf": 1, "category": "1"}]}, "missing required field `bbox`"),
        ({"file": "a.jpg", "detections": [found(bbox=[0, 0, 1])]}, "length 4"),
        ({"file": "a.jpg", "detections": [found(bbox=[10, 20, 300, 400])]}, "in fractions of the picture"),
        ({"file": "a.jpg", "detections": [found(bbox=[0, 0, -0.1, 0.1])]}, "in fractions of the picture"),
        ({"file": "a.jpg", "detections": [found(conf=1.5)]}, "not from 0 to 1"),
        ({"file": "../../etc/passwd", "detections": []}, "is not below"),
        ({"file": "/etc/passwd", "detections": []}, "is not below"),
        ({"file": "", "detections": []}, "is not below"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(tmp_path: Path, image: dict, reason: str) -> None:
    message = refusal(tmp_path, results({"file": "fine.jpg", "detections": []}, image))
    assert "md.json, images[1]: " in message
    assert reason in message


def test_a_file_listed_twice_is_refused(tmp_path: Path) -> None:
    one = {"file": "a.jpg", "detections": []}
    assert "images[1]: a.jpg comes twice" in refusal(tmp_path, results(one, one))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "truncated"),
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `images`"),
        (b'{"images": []}', "missing required field `detection_categories`"),
        (results() + b"x", "trailing characters"),
        (results()[:-5], "truncated"),
        (b"\xff\xfe" + results(), "malformed"),
        (b"[" * 100_000, ""),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    message = refusal(tmp_path, data)
    assert "md.json holds no MegaDetector results" in message
    assert reason in message


def test_what_the_format_allows_is_read_and_what_says_nothing_is_counted(tmp_path: Path) -> None:
    boxes = [found(), found(category="0"), found(category="2"), found(category="9"), found(-0.9), found(1.0000001)]
    data = results(
        {"file": "a.jpg", "detections": boxes},
        detection_categories={"0": "empty", "1": "animal", "2": "bicycle", "3": "large_detection"},
    )
    detections = read(tmp_path, data)
    assert [box.confidence for box in detections.of("a.jpg", 0.0).boxes] == [0.9, 1.0]
    assert detections.passed_over == {"empty": 1, "bicycle": 1, "9": 1, "removed": 1}


def test_boxes_in_videos_are_placed_in_time_or_passed_over_with_a_word(tmp_path: Path) -> None:
    placed = {"file": "a.MP4", "frame_rate": 30.0, "detections": [found(frame_number=3), found(frame_number=60)]}
    detections = read(tmp_path, results(placed))
    assert detections.of("a.MP4").times == (0.1, 2.0)
    assert detections.passed_over == {}
    lost = {"file": "a.MP4", "frame_rate": 30.0, "detections": [found(frame_number=3), found()]}
    detections = read(tmp_path, results(lost))
    assert (len(detections.of("a.MP4").boxes), detections.of("a.MP4").times) == (2, ())
    assert detections.passed_over == {"video without frame_number": 1}


def test_animals_told_apart_by_size_are_animals(tmp_path: Path) -> None:
    image = {"file": "a.jpg", "detections": [found(category="3")]}
    detections = read(tmp_path, results(image, detection_categories={"1": "animal", "3": "large_detection"}))
    assert detections.of("a.jpg").boxes[0].category == "animal"
    assert detections.passed_over == {}


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0, 1)])
def test_a_failure_gives_way_to_the_success_of_another_try(tmp_path: Path, order: tuple[int, ...]) -> None:
    tries = ({"file": "a.jpg", "failure": "Failure image access"}, {"file": "a.jpg", "detections": [found()]})
    detections = read(tmp_path, results(*(tries[i] for i in order)))
    assert len(detections.of("a.jpg").boxes) == 1


RACCOON = "f73c7ef6-bc2d-4f9f-9ab5-14b8ea8e2e6c;mammalia;carnivora;procyonidae;procyon;lotor;northern raccoon"
BLANK = "f1856211-cfb7-4a5b-9158-c0f72fd09ee6;;;;;;blank"


def predictions(*some: dict) -> bytes:
    return json.dumps({"predictions": list(some)}).encode()


def test_speciesnets_boxes_and_its_opinion_are_read(tmp_path: Path) -> None:
    more = {
        "classifications": {"classes": [RACCOON], "scores": [0.97]},
        "country": "USA",
        "prediction_source": "classifier",
    }
    detections = read(
        tmp_path,
        predictions(
            {"filepath": f"{tmp_path}/a.jpg", "detections": [found() | {"label": "animal"}, found(0.7, category="2")],
             "prediction": RACCOON, "prediction_score": 0.97, "model_version": "4.0.1a", **more},
            {"filepath": "b.jpg", "detections": [], "prediction": BLANK, "prediction_score": 0.9},
            {"filepath": "c.jpg", "detections": [], "prediction": RACCOON, "prediction_score": 0.6},
            {"filepath": "d.jpg", "failures": ["DETECTOR", "CLASSIFIER"]},
            {"filepath": "e.jpg", "failures": ["CLASSIFIER"], "detections": [found()]},
        ),
    )  # fmt: skip
    a = detections.of("a.jpg")
    assert [box.category for box in a.boxes] == ["animal", "person"]
    assert a.opinion == SecondOpinion(RACCOON, 0.97, "SpeciesNet 4.0.1a")
    assert a.opinion.name == "northern raccoon"
    assert detections.of("b.jpg").boxes == ()
    assert detections.of("b.jpg").opinion.name == "blank"
    [whole] = detections.of("c.jpg").boxes
    assert (whole.left, whole.top, whole.width, whole.height, whole.category) == (0, 0, 1, 1, "animal")
    assert detections.of("d.jpg").failed == "DETECTOR, CLASSIFIER"
    assert (len(detections.of("e.jpg").boxes), detections.of("e.jpg").opinion) == (1, None)
    assert detections.detector == "SpeciesNet 4.0.1a"


def test_speciesnets_paths_may_start_where_it_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo(tmp_path)
    monkeypatch.chdir(tmp_path.parent)
    data = predictions({"filepath": f"{tmp_path.name}/photo.jpg", "detections": []})
    assert list(read(tmp_path, data).files()) == ["photo.jpg"]
    monkeypatch.chdir(tmp_path)
    assert list(read(tmp_path, predictions({"filepath": "photo.jpg", "detections": []})).files()) == ["photo.jpg"]
    assert list(read(tmp_path, predictions({"filepath": "gone/x.jpg", "detections": []})).files()) == ["gone/x.jpg"]


def test_the_opinion_of_later_versions_of_speciesnet_is_the_whole_pictures_else_the_surest_boxes(
    tmp_path: Path,
) -> None:
    said = {"processed_classification": {"class": RACCOON, "score": 0.9}}
    other = {"processed_classification": {"class": BLANK, "score": 0.4}}
    whole = found(1.0, [0, 0, 1, 1], "0", label="whole_image_classification", **said)
    detections = read(
        tmp_path,
        predictions(
            {"filepath": "a.jpg", "detections": [found(0.95, **other), whole]},
            {"filepath": "b.jpg", "detections": [found(0.5, **other), found(0.8, **said)]},
        ),
    )
    assert [detections.of(name).opinion.name for name in ("a.jpg", "b.jpg")] == ["northern raccoon"] * 2
    assert len(detections.of("a.jpg").boxes) == 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"filepath": "b.jpg", "classifications": {"classes": [], "scores": []}}, "let SpeciesNet's detector run too"),
        ({"filepath": 3}, "Expected `str`, got `int`"),
    ],
)
def test_what_says_nothing_of_animals_in_speciesnets_file_is_refused_with_its_place(
    tmp_path: Path, entry: dict, reason: str
) -> None:
    message = refusal(tmp_path, predictions({"filepath": "a.jpg", "detections": []}, entry))
    assert "md.json, predictions[1]: " in message
    assert reason in message


def test_the_frames_of_a_detectors_boxes_are_looked_at(tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="needs the extra 'live'")
    write_video(tmp_path / "a.mp4")
    boxes = [found(0.5, frame_number=3), found(0.9, frame_number=7), found(0.8, category="2", frame_number=20)]
    image = {"file": "a.mp4", "frame_rate": 10.0, "frames_processed": [3, 7, 20], "detections": boxes}
    detected = read(tmp_path, results(image)).of("a.mp4")
    animal, person = boxes_in_video(tmp_path / "a.mp4", tmp_path, detected)
    assert animal.region == Region(Box(0.1, 0.2, 0.3, 0.4, "animal", 0.9), 0.7)
    assert isinstance(animal.source, Crop)
    assert animal.source.whole[30:, 40:].mean() == pytest.approx(35, abs=4)
    assert (person.source, person.region.time_s) == (None, 2.0)
    assert animal.medium.duration_s == 3.0
    every = list(boxes_in_video(tmp_path / "a.mp4", tmp_path, detected, frames_per_second=10))
    assert [one.region.time_s for one in every] == [0.3, 0.7, 2.0]


def test_boxes_beyond_a_videos_end_are_told(tmp_path: Path) -> None:
    pytest.importorskip("cv2", reason="needs the extra 'live'")
    write_video(tmp_path / "a.mp4", frames=5)
    image = {"file": "a.mp4", "frame_rate": 10.0, "detections": [found(frame_number=3), found(frame_number=300)]}
    *_, last = boxes_in_video(tmp_path / "a.mp4", tmp_path, read(tmp_path, results(image)).of("a.mp4"))
    assert isinstance(last.source, Failure)


def test_boxes_of_other_things_alone_are_refused_by_name(tmp_path: Path) -> None:
    data = results(detection_categories={"2": "bicycle"})
    assert "categories bicycle; Avistar knows animal, person and vehicle" in refusal(tmp_path, data)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json can't be read"):
        read_detections(tmp_path / "none.json", tmp_path)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
                        ("file", "detections", "bbox", "conf", "category", "failure", "x")), inner, max_size=4),
                    max_leaves=12))  # fmt: skip
def test_any_entry_is_either_read_or_refused(tmp_path_factory: pytest.TempPathFactory, entry: object) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        detections = read(folder, results(entry))
    except UsageError:
        return
    for name in detections.files():
        for box in detections.of(name, 0.0).boxes:
            assert 0 <= box.left <= box.left + box.width <= 1 + 1e-9


unit = st.floats(0, 1)
side = st.floats(0.001, 1)


@given(st.lists(st.tuples(unit, unit, unit, side, side), max_size=5))
def test_every_box_that_is_written_comes_back(
    tmp_path_factory: pytest.TempPathFactory, boxes: list[tuple[float, ...]]
) -> None:
    written = [found(conf, (x * (1 - w), y * (1 - h), w, h)) for conf, x, y, w, h in boxes]
    detections = read(tmp_path_factory.getbasetemp(), results({"file": "a.jpg", "detections": written}))
    for one, box in zip(written, detections.of("a.jpg", 0.0).boxes, strict=True):
        assert (box.left, box.top, box.width, box.height) == pytest.approx(one["bbox"], abs=1e-9)
        assert box.confidence == one["conf"]


def photo(tmp_path: Path, name: str = "photo.jpg") -> Path:
    path = tmp_path / name
    path.write_bytes(encoded(picture(1, (400, 300))))
    return path


def test_each_animal_becomes_a_crop_and_people_are_not_looked_at(tmp_path: Path) -> None:
    animal, person = Box(0.1, 0.1, 0.2, 0.2), Box(0.5, 0.5, 0.2, 0.2, "person")
    first, second, third = detected_pictures(photo(tmp_path), tmp_path, Detected((animal, person, animal)))
    assert isinstance(first.source, Crop)
    assert first.region.box == animal
    assert (second.source, second.region.box) == (None, person)
    assert isinstance(third.source, Crop)
    assert first.medium.relative == third.medium.relative == "photo.jpg"


def test_a_blank_stays_a_blank_and_a_failure_a_failure(tmp_path: Path) -> None:
    [blank] = detected_pictures(photo(tmp_path), tmp_path, Detected())
    assert (blank.source, blank.region.box) == (None, None)
    [failed] = detected_pictures(photo(tmp_path), tmp_path, Detected(failed="Failure image access"))
    assert isinstance(failed.source, Failure)
    assert "the detector failed (Failure image access)" in failed.source.message


def test_two_animals_in_a_turned_photo_are_told_apart(tmp_path: Path, classifier: Classifier) -> None:
    wide = Image.new("RGB", (400, 200), (200, 0, 0))
    wide.paste((0, 0, 200), (200, 0, 400, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by a quarter: red above, blue below
    path = tmp_path / "turned.jpg"
    path.write_bytes(encoded(wide, quality=95, exif=exif))
    boxes = Box(0.1, 0.05, 0.3, 0.3), Box(0.1, 0.65, 0.3, 0.3)
    above, below = (classifier.identify(one.source) for one in detected_pictures(path, tmp_path, Detected(boxes)))
    red, blue = (classifier.identify(Image.new("RGB", (64, 64), c)) for c in ((200, 0, 0), (0, 0, 200)))
    assert above.candidates[0].species == red.candidates[0].species
    assert below.candidates[0].species == blue.candidates[0].species
    assert red.candidates[0].species != blue.candidates[0].species
