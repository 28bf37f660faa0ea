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
from avistar.media.detections import Detected, Detections, detected_pictures, read_detections
from avistar.records import Box
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


def test_boxes_in_videos_are_never_dropped_without_a_word(tmp_path: Path) -> None:
    image = {"file": "a.MP4", "frame_rate": 30.0, "detections": [found() | {"frame_number": 3}, found()]}
    assert read(tmp_path, results(image)).passed_over == {"video": 2}


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


def test_speciesnets_own_file_is_told_with_its_cure(tmp_path: Path) -> None:
    data = json.dumps({"predictions": [{"filepath": "a.jpg", "detections": [], "prediction": "x;;;;;;blank"}]})
    assert "speciesnet_to_md" in refusal(tmp_path, data.encode())


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
