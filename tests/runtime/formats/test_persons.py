from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from avistar.formats.persons import NO_PERSONS, WHOLE_PICTURE, ShareableRecords, blurred, persons_in
from avistar.formats.xmp import Xmp, packet_inside
from avistar.media.exif import read_capture
from avistar.records import Box, Medium, Record, Review, Sighting
from records_support import FACTS, medium, picture_with_thumbnail, record

PERSON = Box(0.25, 0.25, 0.5, 0.5, "person", 0.9)
ANIMAL = Box(0.0, 0.7, 0.2, 0.3, "animal", 0.8)
CORNER = Box(0.8, 0.8, 0.2, 0.2, "person")


def said(*sightings: Sighting, whole: bool = True) -> Review:
    return Review.of(sightings, "Ana", datetime(2026, 3, 3, tzinfo=UTC), whole=whole)


def seen(*boxes: Box, review: Review | None = None) -> tuple[Box, ...]:
    return persons_in(Record(medium(), detections=boxes, review=review))


def test_a_detectors_persons_count_until_somebody_looks() -> None:
    assert seen(PERSON, ANIMAL, CORNER) == (PERSON, CORNER)
    assert seen(ANIMAL) == ()


def test_a_person_whom_people_drew_counts_beside_those_of_the_detector() -> None:
    drawn = said(Sighting("person", box=CORNER), whole=False)
    assert set(seen(PERSON, review=drawn)) == {CORNER, PERSON}
    assert seen(review=drawn) == (CORNER,)


def test_a_person_without_a_box_is_where_the_detector_saw_one_else_anywhere() -> None:
    assert seen(PERSON, review=said(Sighting("person"))) == (PERSON,)
    assert seen(ANIMAL, review=said(Sighting("person"))) == (WHOLE_PICTURE,)
    assert seen(PERSON, review=said(Sighting("person", count=2))) == (WHOLE_PICTURE,)
    both = said(Sighting("species", "wolf"), Sighting("person"))
    assert seen(review=both) == (WHOLE_PICTURE,)


def test_a_box_that_people_call_something_else_is_no_person() -> None:
    assert seen(PERSON, review=said(Sighting("empty", box=PERSON), whole=False)) == ()
    assert seen(PERSON, review=said(Sighting("empty"))) == ()
    assert seen(PERSON, review=said(Sighting("species", "raccoon"))) == ()  # the box was the raccoon
    assert seen(PERSON, ANIMAL, review=said(Sighting("species", "raccoon"))) == (PERSON,)


def test_whoever_named_the_vehicle_said_nothing_of_its_driver() -> None:
    assert seen(PERSON, review=said(Sighting("vehicle"))) == (PERSON,)


def test_a_blurred_photo_keeps_time_place_and_camera_and_no_picture_of_before(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.jpg", tmp_path / "b.jpg"
    picture_with_thumbnail(path)
    assert path.read_bytes().count(b"\xff\xd8\xff") == 2  # the picture, and the one inside its metadata
    copy.write_bytes(blurred(path, (PERSON,)))
    with Image.open(path) as one, Image.open(copy) as other:
        before, after = read_capture(one), read_capture(other)
    assert (after.taken_at, after.camera, after.serial) == (before.taken_at, before.camera, "SN1")
    assert (after.latitude, after.longitude) == (40.5, -3.25)
    assert copy.read_bytes().count(b"\xff\xd8\xff") == 1
    assert b"Juan" not in copy.read_bytes()


def test_nonsense_in_the_metadata_stops_no_blurring(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    picture_with_thumbnail(path)
    data = bytearray(path.read_bytes())
    data[30:60] = b"\xff" * 30
    path.write_bytes(bytes(data))
    with Image.open(io.BytesIO(blurred(path, (PERSON,)))) as image:
        assert image.size == (160, 120)


def test_a_person_anywhere_blurs_the_photo_from_edge_to_edge(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)).save(path)
    shown = np.asarray(Image.open(io.BytesIO(blurred(path, (WHOLE_PICTURE,))))).astype(float)
    for part in (shown[:20], shown[-20:], shown[:, :20], shown[:, -20:]):
        assert np.abs(np.diff(part, axis=0)).mean() < 4  # noise has 85


def test_what_may_be_handed_on_is_counted_at_each_reading() -> None:
    records = [
        record(),
        Record(medium("p.jpg"), detections=(PERSON,)),
        Record(medium("clip.mp4", kind="video"), detections=(PERSON,)),
        Record(medium("whole.jpg"), review=said(Sighting("person"))),
    ]
    everything, some, alone = (ShareableRecords(records, one) for one in ("keep", "blur", "leave_out"))
    assert [len(list(one)) for one in (everything, some, some, alone)] == [4, 3, 3, 1]
    assert (some.left_out, some.whole, alone.left_out, alone.whole) == (1, 1, 3, 0)
    assert [str(note) for note in some.notes] == [
        "1 left out: a person is in it", "1 blurred from edge to edge: a person is in it, but no box says where"
    ]  # fmt: skip
    assert everything.notes == ()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "card" / "cam1" / "a.jpg"
    path.parent.mkdir(parents=True)
    picture_with_thumbnail(path)
    return path


def walker(photo: Path) -> Record:
    return Record(Medium(str(photo), "cam1/a.jpg", capture=medium().capture), detections=(PERSON,))


def part_of(path: Path) -> float:
    return float(np.asarray(Image.open(path)).astype(float)[40:80, 50:110].std())


def test_annotated_copies_are_blurred_and_still_hold_their_keywords(tmp_path: Path, photo: Path) -> None:
    original = photo.read_bytes()
    Xmp(copies=True, blur=True).write([walker(photo)], FACTS, tmp_path / "copies")
    copy = tmp_path / "copies" / "cam1" / "a.jpg"
    assert part_of(photo) > 40 > 25 > part_of(copy)
    assert b"person" in (packet_inside(copy.read_bytes()) or b"")
    assert photo.read_bytes() == original


def test_where_no_person_is_known_it_is_said_that_nothing_was_blurred_or_left_out() -> None:
    animals = [Record(medium("a.jpg"), detections=(ANIMAL,)), Record(medium("b.jpg"))]
    for records, choice, notes in (
        (animals, "keep", ()),
        (animals, "blur", (NO_PERSONS,)),
        (animals, "leave_out", (NO_PERSONS,)),
        ([*animals, Record(medium("c.jpg"), detections=(PERSON,))], "blur", ()),
        ([], "blur", ()),
    ):
        shareable = ShareableRecords(records, choice)
        list(shareable)
        assert shareable.notes == notes
