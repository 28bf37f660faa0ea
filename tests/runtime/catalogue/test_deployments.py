"""What people say of cameras: history like a review, clocks set right beside what they said."""

from __future__ import annotations

import sqlite3
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from avistar.catalogue import CameraFolder, Catalogue, Model, schema
from avistar.catalogue.deployments import FolderIndex, folder_text, shared_folder
from avistar.files import content_key
from avistar.periods import TimeSpan
from avistar.records import Capture, Record, Review
from survey_support import answered, facts, found, medium

NOON = datetime(2026, 5, 1, 12)
HOUR = timedelta(hours=1)
BRIDGE = CameraFolder("cam1", {"locationName": "Puente", "latitude": "40.5"})


def photo(card: Path, model: Model, name: str, capture: Capture = Capture(NOON)) -> Record:  # noqa: B008 frozen
    return Record(medium(card, name, capture=capture, bytes=7, modified_ns=9), answered(card, name, model).observations)


def times(catalogue: Catalogue) -> dict[str, tuple[datetime | None, datetime | None]]:
    captures = {record.medium.relative: record.medium.capture for record in catalogue.records()}
    return {name: (one.taken_at, one.recorded_at) for name, one in captures.items()}


def test_each_change_is_a_step_that_is_undone_and_redone(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([photo(card, model, "cam1/a.jpg"), photo(card, model, "cam2/a.jpg")], model)
    assert catalogue.deployments.change([BRIDGE], reviewer="Ana") == []
    late = CameraFolder("cam1", BRIDGE.facts, HOUR)
    assert catalogue.deployments.change([late], reviewer="Ana") == [1]
    assert times(catalogue) == {"cam1/a.jpg": (NOON + HOUR, NOON), "cam2/a.jpg": (NOON, None)}
    catalogue.review([1], Review("empty", "", "Ana", datetime(2026, 5, 2, tzinfo=UTC)))
    assert catalogue.undo() == [1]
    assert catalogue.deployments.all() == (late,)
    assert catalogue.undo() == [1]
    assert catalogue.deployments.all() == (BRIDGE,)
    assert times(catalogue)["cam1/a.jpg"] == (NOON, None)
    assert catalogue.redo() == [1]
    assert times(catalogue)["cam1/a.jpg"] == (NOON + HOUR, NOON)
    assert catalogue.deployments.change([], ["cam1", "nothing"]) == [1]
    assert catalogue.deployments.all() == ()
    catalogue.undo()
    assert catalogue.deployments.all() == (late,)


def test_what_changes_nothing_is_no_step(catalogue: Catalogue) -> None:
    catalogue.deployments.change([BRIDGE])
    catalogue.deployments.change([BRIDGE], ["cam2"])
    catalogue.deployments.replace([BRIDGE])
    catalogue.deployments.change_project({"title": "T"})
    catalogue.deployments.change_project({"title": "T"})
    assert catalogue.deployments.project == {"title": "T"}
    catalogue.undo()
    assert catalogue.deployments.project == {}
    catalogue.undo()
    assert catalogue.deployments.all() == ()


def test_a_shift_is_for_the_longest_folder_that_holds_a_photo(catalogue: Catalogue, model: Model, card: Path) -> None:
    names = ("a.jpg", "cam1/a.jpg", "cam1/day/a.jpg", "cam10/a.jpg", "niño/a.jpg")
    catalogue.write([photo(card, model, name) for name in names], model)
    accents = unicodedata.normalize("NFD", "niño")
    catalogue.deployments.replace(
        [CameraFolder("", {}, HOUR), CameraFolder("cam1", {}, -HOUR), CameraFolder("cam1/day"), CameraFolder(accents)]
    )
    assert [at for at, _ in times(catalogue).values()] == [NOON + HOUR, NOON - HOUR, NOON, NOON + HOUR, NOON]
    index = FolderIndex(["", "cam1"])
    assert [index.of(name) for name in names[:4]] == ["", "cam1", "cam1", ""]


def test_a_camera_whose_folder_nobody_named_has_the_one_so_many_levels_below_the_survey() -> None:
    index = FolderIndex(["north/cam1", "niño"])
    names = ("a.jpg", "south/a.jpg", "south/cam2/day/a.jpg", "north/cam1/day/a.jpg", "north/cam10/a.jpg")
    assert [index.camera(name) for name in names] == ["", "south", "south", "north/cam1", "north"]
    assert [index.camera(name, 2) for name in names] == ["", "south", "south/cam2", "north/cam1", "north/cam10"]
    assert index.camera(unicodedata.normalize("NFD", "niño/a.jpg"), 2) == "niño"


def test_cameras_that_share_a_folder_have_a_clock_each(catalogue: Catalogue, model: Model, card: Path) -> None:
    files = {"cam1/a.jpg": "SN1", "cam1/b.jpg": "SN2", "cam1/in/c.jpg": "SN1", "cam1/d.jpg": "", "e.jpg": "SN1"}
    catalogue.write([photo(card, model, name, Capture(NOON, serial=one)) for name, one in files.items()], model)
    first, second = shared_folder("cam1", "SN1"), shared_folder("cam1", "SN2")
    catalogue.deployments.change([CameraFolder(first, {}, HOUR), CameraFolder(second)])
    assert [at for at, _ in times(catalogue).values()] == [NOON + HOUR, NOON, NOON + HOUR, NOON, NOON]
    index = FolderIndex([first, second])
    assert [index.of(file, one) for file, one in files.items()] == [first, second, first, None, None]
    assert [index.camera(file, 1, one) for file, one in files.items()] == [first, second, first, "cam1", ""]
    assert catalogue.deployments.clock_spans(first) == (TimeSpan(NOON, NOON, 2),)
    assert [folder_text(one) for one in (first, "cam1", shared_folder("", "SN1"))] == ["cam1 SN1", "cam1", "SN1"]


def test_a_zone_stays_with_a_time_that_is_shifted(catalogue: Catalogue, model: Model, card: Path) -> None:
    noon = NOON.replace(tzinfo=timezone(2 * HOUR), microsecond=250_000)
    catalogue.write([photo(card, model, "a.jpg", Capture(noon))], model)
    catalogue.deployments.change([CameraFolder("", {}, timedelta(seconds=-90.5))])
    assert times(catalogue)["a.jpg"] == (noon - timedelta(seconds=90.5), noon)


def test_a_photo_that_moves_takes_the_time_of_its_new_camera(catalogue: Catalogue, model: Model, card: Path) -> None:
    file = card / "cam2" / "a.jpg"
    file.parent.mkdir()
    file.write_bytes(b"1234567")
    there = medium(card, "cam1/a.jpg", capture=Capture(NOON), bytes=7, modified_ns=9, content=content_key(file, 7))
    catalogue.write([Record(there, answered(card, "cam1/a.jpg", model).observations)], model)
    catalogue.deployments.change([CameraFolder("cam2", {}, HOUR)])
    assert catalogue.reconcile(found(["cam2/a.jpg"], bytes=7, modified_ns=9)).moved == 1
    assert times(catalogue) == {"cam2/a.jpg": (NOON + HOUR, NOON)}


def test_what_the_photos_tell_of_their_cameras(catalogue: Catalogue, model: Model, card: Path) -> None:
    zone = timezone(2 * HOUR)
    catalogue.write(
        [
            photo(card, model, "cam1/a.jpg", Capture(NOON.replace(tzinfo=zone), "Reconyx HF2X", "SN1")),
            photo(card, model, "cam1/x/b.jpg", Capture((NOON - HOUR).replace(tzinfo=zone), "", "", 40.5, -3.25)),
            photo(card, model, "cam1/c.jpg", Capture()),
            photo(card, model, "cam2/a.jpg"),
        ],
        model,
    )
    one, other = catalogue.deployments.photos(lambda file, _: file.split("/")[0])
    assert (one.folder, one.media, one.undated, one.first, one.last) == ("cam1", 3, 1, NOON - HOUR, NOON)
    assert (one.latitude, one.longitude, one.camera, one.serial) == (40.5, -3.25, "Reconyx HF2X", "SN1")
    assert (one.timezone, other.timezone) == ("+02:00", "")


def test_cameras_of_the_version_before_become_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.avistar"
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:2])
        with Catalogue.open(path, new=facts(tmp_path)):
            pass
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO deployment VALUES ('cam1', '{\"locationName\": \"Río\"}', 60)")
    connection.close()
    with Catalogue.open(path) as catalogue:
        assert catalogue.deployments.all() == (CameraFolder("cam1", {"locationName": "Río"}, timedelta(minutes=1)),)
        catalogue.deployments.replace([])
        catalogue.undo()
        assert len(catalogue.deployments.all()) == 1


def test_what_was_said_of_a_camera_cannot_be_altered_and_is_shown_to_other_programs(catalogue: Catalogue) -> None:
    catalogue.deployments.change([CameraFolder("cam1", BRIDGE.facts, HOUR)])
    with sqlite3.connect(catalogue.path) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="never altered"):
            connection.execute("DELETE FROM placement")
        rows = connection.execute("SELECT folder, place, latitude, longitude, shift_s FROM deployments").fetchall()
    connection.close()
    assert rows == [("cam1", "Puente", "40.5", None, 3600.0)]
