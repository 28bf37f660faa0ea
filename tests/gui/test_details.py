"""What is told of a photo beside its answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from PySide6.QtGui import QImage

from avistar.media.exif import Shot
from avistar.records import Capture, Medium, Record
from avistar_gui.photo.details import details, place_text
from avistar_gui.photo.photo_loader import LargePhoto
from avistar_gui.shell.translation import Translation


def record(**capture: object) -> Record:
    medium = Medium("/card/DCIM/IMG_1.jpg", "DCIM/IMG_1.jpg", bytes=3_456_789, capture=Capture(**capture))
    return Record(medium, sequence="burst 7")


def large(shot: Shot) -> LargePhoto:
    return LargePhoto("/card/DCIM/IMG_1.jpg", QImage(), (4000, 3000), ("incomplete",), shot)


def told(one: Record, photo: LargePhoto | None = None, together: int = 0) -> dict[str, str]:
    return {line.name: line.text.replace("\u00a0", " ") for line in details(one, photo, together)}


def test_everything_that_is_known_is_told(qapp):
    full = record(
        taken_at=datetime(2026, 5, 12, 3, 14, 7),
        camera="RECONYX HF2",
        serial="H600",
        latitude=40.416750,
        longitude=-3.7,
    )
    said = told(full, large(Shot(1 / 60, 2.8, 800, True, -3.5, (2, 3))), 3)
    assert said == {
        "Taken": "Tuesday, May 12, 2026 3:14:07",
        "Place": "40.41675, -3.70000",
        "Camera": "RECONYX HF2  ·  H600",
        "Exposure": "1/60 s  ·  f/2.8  ·  ISO 800  ·  flash",
        "Temperature": "-3.5 °C",
        "Burst": "2 of 3 by the camera  ·  3 photos answered together",
        "Picture": "4,000 × 3,000 px  ·  3.5 MB  ·  incomplete file",
        "Folder": "DCIM",
        "File": "IMG_1.jpg",
    }


def test_a_clock_that_was_set_right_says_what_the_camera_wrote(qapp):
    noon = datetime(2026, 5, 12, 12)
    said = told(record(taken_at=noon, recorded_at=noon - timedelta(hours=1)))
    assert said["Taken"] == "Tuesday, May 12, 2026 12:00:00"
    assert said["Camera's clock"] == "Tuesday, May 12, 2026 11:00:00"
    assert "Camera's clock" not in told(record(taken_at=noon, recorded_at=noon))


def test_the_place_is_copied_as_maps_take_it(qapp):
    lines = {line.name: line for line in details(record(latitude=-33.5, longitude=151.25), None)}
    assert lines["Place"].copied == "-33.50000, 151.25000"
    assert lines["File"].copied == "/card/DCIM/IMG_1.jpg"
    assert place_text(Capture(latitude=1.0)) == ""


def test_lines_without_anything_to_say_are_left_out(qapp):
    assert set(told(record())) == {"Burst", "Picture", "Folder", "File"}
    assert set(told(Record(Medium("/a.jpg", "a.jpg")))) == {"File"}


def test_what_the_camera_wrote_but_nobody_understands_is_said_to_be_so(qapp):
    said = told(record(unreadable=("taken_at", "latitude", "longitude")))
    assert said["Taken"] == said["Place"] == "unreadable in this file"
    assert "Camera" not in said


def test_a_time_is_shown_as_the_cameras_clock_had_it(qapp):
    spring = datetime(2026, 3, 29, 2, 30)  # an hour that many clocks skip that night
    assert told(record(taken_at=spring))["Taken"] == "Sunday, March 29, 2026 2:30:00"
    zoned = spring.replace(tzinfo=timezone(timedelta(hours=-7)))
    assert told(record(taken_at=zoned))["Taken"].endswith("2:30:00 (-0700)")
    assert told(record(taken_at=spring.replace(tzinfo=UTC)))["Taken"].endswith("(+0000)")


def test_numbers_and_days_follow_the_language(qapp):
    translation = Translation(qapp, "es")
    try:
        taken = told(record(taken_at=datetime(2026, 5, 12, 3, 14, 7)), large(Shot(2.5, 2.8, None, None, 11.5)))
    finally:
        translation.use("en")
    said = list(taken.values())
    assert said[0] == "martes, 12 de mayo de 2026 3:14:07"
    assert "2,5 s  ·  f/2,8" in said
    assert "11,5 °C" in said
