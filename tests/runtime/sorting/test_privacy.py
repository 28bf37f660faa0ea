from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import Base

from avistar import UsageError
from avistar.formats.persons import blurred
from avistar.records import Box, Medium, Record, Review, SurveyFacts
from avistar.sorting import SortingOptions, carry_out, plan_sorting

PERSON = Box(0.25, 0.25, 0.5, 0.5, "person", 0.9)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Fine noise, with a camera's name in its metadata."""
    path = tmp_path / "card" / "a.jpg"
    path.parent.mkdir()
    exif = Image.Exif()
    exif[Base.Model] = "Trap 3"
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, quality=95, exif=exif)
    return path


def records(*paths: Path) -> list[Record]:
    return [Record(Medium(str(path), path.name), detections=(PERSON,)) for path in paths]


def facts(photo: Path) -> SurveyFacts:
    return SurveyFacts(str(photo.parent), datetime.now(UTC), "avistar", ("wolf", "moose"))


def test_a_person_is_blurred_and_the_rest_and_the_original_stay(tmp_path: Path, photo: Path) -> None:
    before = photo.read_bytes()
    plan = plan_sorting(records(photo), facts(photo), tmp_path / "out", SortingOptions(persons="blur"))
    done = carry_out(plan, facts(photo))
    assert (done.placed, done.failed) == (1, [])
    copy = tmp_path / "out" / "person" / "a.jpg"
    seen, original = (np.asarray(Image.open(path)).astype(float) for path in (copy, photo))
    assert seen[40:80, 50:110].std() < 25
    assert original[40:80, 50:110].std() > 40
    assert np.abs(seen[:12] - original[:12]).mean() < 12
    with Image.open(copy) as image:
        assert dict(image.getexif())[Base.Model] == "Trap 3"
    assert photo.read_bytes() == before


def test_photos_of_persons_are_left_out_and_counted(tmp_path: Path, photo: Path) -> None:
    plan = plan_sorting(records(photo), facts(photo), tmp_path / "out", SortingOptions(persons="leave_out"))
    assert plan.placements == ()
    assert plan.left_out == {"persons": 1}


def test_what_can_not_be_written_again_is_left_out_instead_of_shown(tmp_path: Path, photo: Path) -> None:
    other = photo.with_suffix(".webp")
    Image.open(photo).save(other)
    plan = plan_sorting(records(other), facts(photo), tmp_path / "out", SortingOptions(persons="blur"))
    assert plan.left_out == {"persons": 1}


def test_a_damaged_photo_of_a_person_is_not_copied(tmp_path: Path, photo: Path) -> None:
    photo.write_bytes(b"broken")
    plan = plan_sorting(records(photo), facts(photo), tmp_path / "out", SortingOptions(persons="blur"))
    done = carry_out(plan, facts(photo))
    assert done.placed == 0
    assert "a.jpg" in done.failed[0][0]
    assert not (tmp_path / "out" / "person" / "a.jpg").exists()


def test_a_second_run_finds_the_blurred_copy_again(tmp_path: Path, photo: Path) -> None:
    options = SortingOptions(persons="blur")
    carry_out(plan_sorting(records(photo), facts(photo), tmp_path / "out", options), facts(photo))
    again = plan_sorting(records(photo), facts(photo), tmp_path / "out", options)
    assert (again.placements, again.left_out) == ((), {"sorted_before": 1})


def test_originals_are_never_blurred() -> None:
    with pytest.raises(UsageError, match="only copies"):
        SortingOptions("move", persons="blur")


def test_a_turned_photo_is_blurred_where_the_person_is(photo: Path) -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 3
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    Image.fromarray(noise).save(photo, quality=95, exif=exif)
    seen = np.asarray(Image.open(io.BytesIO(blurred(photo, (Box(0, 0, 0.4, 0.4, "person"),))))).astype(float)
    assert seen[5:40, 5:50].std() < 25
    assert seen[90:, 120:].std() > 40


def test_a_person_whom_somebody_only_named_blurs_the_whole_photo_and_it_is_said(tmp_path: Path, photo: Path) -> None:
    named = Record(Medium(str(photo), photo.name), review=Review("person", "", "Ana", datetime.now(UTC)))
    plan = plan_sorting([named], facts(photo), tmp_path / "out", SortingOptions(persons="blur"))
    assert plan.blurred_whole == 1
    carry_out(plan, facts(photo))
    shown = np.asarray(Image.open(tmp_path / "out" / "person" / "a.jpg")).astype(float)
    assert np.abs(np.diff(shown, axis=0)).mean() < 4
