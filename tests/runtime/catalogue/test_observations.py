"""What people say is in a photo: several things, on boxes or not, by several people, in species of their own."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avistar import Decision
from avistar.catalogue import CameraFolder, Catalogue, Model, Query
from avistar.errors import UsageError
from avistar.records import Box, Capture, Medium, Observation, Record, Region, Remark, Review, Sighting
from avistar.species import Species
from avistar.standing import standing_of
from records_support import answer, boxed, unknown
from survey_support import WOLF, answered, medium

RELEASED = Path(__file__).parent / "released" / "version_1.avistar"
AT = datetime(2026, 5, 2, tzinfo=UTC)
FOX = Species("", "Red fox", "Zorro", "Vulpes vulpes", "canid")


def whats(record: Record) -> list[str]:
    return [one.what for one in standing_of(record)]


def stored(catalogue: Catalogue, id: int = 1) -> list[str]:
    """What the table that other programs read says counts."""
    with sqlite3.connect(catalogue.path) as connection:
        rows = connection.execute("SELECT species FROM observations WHERE photo = ?", (id,)).fetchall()
    connection.close()
    return [row[0] for row in rows]


@pytest.fixture
def migrated(tmp_path: Path) -> Catalogue:
    path = tmp_path / "old.avistar"
    shutil.copy(RELEASED, path)
    with Catalogue.open(path):
        pass
    return Catalogue.read(path)


def test_a_released_catalogue_keeps_all_it_held(migrated: Catalogue) -> None:
    with migrated as catalogue:
        counts = catalogue.counts()
        assert (counts.total, counts.answered, counts.blank, counts.failed) == (18, 15, 1, 1)
        assert (counts.pending, counts.reviewed, counts.vanished, counts.disagreed) == (1, 7, 1, 0)
        assert counts.findings["wolf"] == 5
        assert counts.findings["vehicle"] == 1
        assert counts.findings["person"] == 1
        ids = catalogue.ids_of(["cam1/group.jpg", "cam1/breed.jpg"])
        assert [one.species for one in catalogue.reviews(ids["cam1/group.jpg"])] == ["collie", "wolf"]
        assert catalogue.rows([ids["cam1/breed.jpg"]])[0].verdict == "empty"
        for record in catalogue.records(Query(present=None)):
            [id] = catalogue.ids_of([record.medium.relative]).values()
            assert record.present is False or stored(catalogue, id) == whats(record)
    connection = sqlite3.connect(migrated.path)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    files = [row[0] for row in connection.execute("SELECT file FROM photos")]
    assert {"cam3/no�name.jpg", "cam3/ardilla_ñ.jpg"} <= set(files)
    connection.close()


def test_a_history_from_before_is_undone_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "old.avistar"
    shutil.copy(RELEASED, path)
    with Catalogue.open(path) as catalogue:
        [accepted] = catalogue.undo()
        assert catalogue.rows([accepted])[0].relative == "cam1/a.jpg"
        assert catalogue.rows([accepted])[0].reviewer == ""


def test_a_photo_has_any_number_of_observations(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, "a.jpg", model)], model)
    doe = Sighting(
        "species", "moose", 2, "female", "adult", "feeding", "M1", ("collar",), "limps", Box(0.1, 0.1, 0.2, 0.3)
    )
    calf = Sighting("species", "moose", 1, life_stage="juvenile")
    hiker = Sighting("person", box=Box(0.5, 0.1, 0.2, 0.3, "person"))
    said = Review.of([doe, calf, hiker], "Ana", AT)
    catalogue.review([1], said)
    [record] = catalogue.records()
    assert record.review == said
    assert whats(record) == stored(catalogue) == ["moose", "moose", "person"]
    assert catalogue.rows([1])[0].animals == 3
    assert catalogue.ids(Query(finding=("person",))) == [1] == catalogue.ids(Query(several=True))
    assert catalogue.ids(Query(number=(3, 3))) == [1]
    assert catalogue.counts().findings == {"moose": 1, "person": 1}
    catalogue.undo()
    assert [one.review for one in catalogue.records()] == [None]
    catalogue.redo()
    assert [one.review for one in catalogue.records()] == [said]


def test_a_word_on_one_box_leaves_the_other_boxes_to_the_machine(catalogue: Catalogue, model: Model) -> None:
    record = boxed()
    assert whats(record) == ["moose", "unknown", "person"]
    catalogue.write([record], model)
    first = record.detections[0]
    moved = Box(first.left + 0.01, first.top, first.width, first.height)
    catalogue.review([1], Review.of([Sighting("species", "wolf", box=moved)], "Ana", AT, whole=False))
    [now] = catalogue.records()
    assert whats(now) == stored(catalogue) == ["wolf", "unknown", "person"]
    catalogue.review([1], Review.of([Sighting("empty", box=first)], "Ana", AT, whole=False))
    assert stored(catalogue) == ["unknown", "person"]
    catalogue.review([1], Review("species", "wolf", "Ana", AT))
    assert stored(catalogue) == ["wolf", "person"]
    catalogue.review([1], Review("empty", "", "Ana", AT))
    assert stored(catalogue) == ["empty"]


def test_a_sure_answer_in_a_burst_of_something_else_stands() -> None:
    photo = Medium("/card/a.jpg", "a.jpg")
    seen = (
        Observation(Region(Box(0, 0, 0.4, 0.4)), answer("moose", 0.95)),
        Observation(Region(Box(0.5, 0.5, 0.4, 0.4)), answer("moose", 0.6)),
    )
    assert whats(Record(photo, seen, sequence="a.jpg", together=answer("wolf", 0.8))) == ["moose", "wolf"]


def test_two_people_disagree_until_they_say_the_same(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, name, model) for name in ("a.jpg", "b.jpg")], model)
    catalogue.review([1, 2], WOLF)
    catalogue.review([1], Review("species", "moose", "Ben", AT))
    assert catalogue.ids(Query(disagreed=True)) == [1]
    assert catalogue.opinions(1) == {"Ana": {"wolf"}, "Ben": {"moose"}}
    assert catalogue.counts().reviewers == {"Ana": 1, "Ben": 1}
    assert catalogue.ids(Query(reviewer=("Ben",))) == [1]
    catalogue.review([1], WOLF)
    assert catalogue.ids(Query(disagreed=True)) == [1]
    catalogue.review([1], Review("species", "wolf", "Ben", AT))
    assert catalogue.ids(Query(disagreed=True)) == []
    assert catalogue.undo() == [1]
    assert catalogue.ids(Query(disagreed=True)) == [1]


def test_comments_and_tags_are_steps_of_the_history(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, name, model) for name in ("a.jpg", "b.jpg")], model)
    catalogue.remark([1, 2], Remark("look again", ("night",), "Ana", AT))
    catalogue.remark([2], Remark("", ("night", "print"), "Ana", AT))
    assert catalogue.ids(Query(commented=True)) == [1]
    assert catalogue.ids(Query(tag=("print", "other"))) == [2]
    assert catalogue.counts().tags == {"night": 2, "print": 1}
    assert [row.tags for row in catalogue.rows([1, 2])] == [("night",), ("night", "print")]
    catalogue.undo()
    assert [record.remark for record in catalogue.records()] == [Remark("look again", ("night",), "Ana", AT)] * 2
    catalogue.undo()
    assert [record.remark for record in catalogue.records()] == [None, None]
    assert not catalogue.counts().reviewed


def test_species_of_ones_own_are_added_renamed_and_merged_as_steps(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    catalogue.write([answered(card, "a.jpg", model)], model)
    [fox] = catalogue.species.add([FOX], "Ana")
    assert fox.id == "red_fox"
    with pytest.raises(UsageError, match="in the survey's list already, as red_fox"):
        catalogue.species.add([Species("", "", "zorro", "", "")], "Ana")
    [other] = catalogue.species.add([Species("", "", "Raposa", "", "")], "Ana")
    catalogue.review([1], Review("species", other.id, "Ana", AT))
    [record] = catalogue.records()
    assert record.species == (other,)
    assert catalogue.species.merge(other.id, "red_fox", "Ana") == [1]
    assert stored(catalogue) == ["red_fox"]
    assert catalogue.rows([1])[0].finding == "red_fox"
    assert other.id not in {one.id for one in catalogue.species.all()}
    assert catalogue.reviews(1)[0].species == other.id
    assert catalogue.species.last_used() == ("red_fox",)
    catalogue.undo()
    assert stored(catalogue) == [other.id] == [catalogue.rows([1])[0].finding]
    catalogue.species.rename(Species("red_fox", "Fox", "Zorro rojo", "Vulpes vulpes", "canid"), "Ana")
    assert catalogue.species.own()["red_fox"].english == "Fox"
    catalogue.undo()
    assert catalogue.species.own()["red_fox"].english == "Red fox"


def test_a_clock_that_was_wrong_is_shifted_beside_what_it_said(catalogue: Catalogue, model: Model, card: Path) -> None:
    noon = datetime(2026, 5, 1, 12)
    photo = medium(card, "cam1/a.jpg", capture=Capture(noon))
    record = Record(photo, answered(card, "cam1/a.jpg", model).observations)
    catalogue.write([record], model)
    catalogue.deployments.replace([CameraFolder("cam1", {"locationName": "Puente"}, timedelta(hours=-2))])
    [shifted] = catalogue.records()
    assert shifted.medium.capture == Capture(noon - timedelta(hours=2), recorded_at=noon)
    catalogue.write([shifted], model)
    catalogue.write([record], model)
    assert [one.medium.capture for one in catalogue.records()] == [shifted.medium.capture]
    catalogue.deployments.replace([])
    assert [one.medium.capture for one in catalogue.records()] == [Capture(noon)]


@pytest.mark.parametrize("table", ["sighting", "remark", "naming", "review", "step"])
def test_what_people_said_cannot_be_deleted(catalogue: Catalogue, model: Model, card: Path, table: str) -> None:
    catalogue.write([answered(card, "a.jpg", model)], model)
    catalogue.review([1], Review.of([Sighting("species", "wolf", 3)], "Ana", AT))
    catalogue.remark([1], Remark("x", (), "Ana", AT))
    catalogue.species.add([FOX], "Ana")
    with sqlite3.connect(catalogue.path) as connection, pytest.raises(sqlite3.IntegrityError, match="never altered"):
        connection.execute(f"DELETE FROM {table}")
    connection.close()


def test_a_count_of_nothing_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="a count of 0"):
        catalogue.review([1], Review.of([Sighting("species", "wolf", 0)], "Ana", AT))


def test_accepting_a_photo_with_two_animals_says_both_and_leaves_one_with_something_unnamed(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    left, right = Box(0.1, 0.1, 0.3, 0.3, "animal", 0.9), Box(0.6, 0.1, 0.3, 0.3, "animal", 0.8)
    seen = (Observation(Region(left), answer("moose", 0.95)), Observation(Region(right), answer("raccoon", 0.99)))
    half = replace(boxed(), medium=medium(card, "half.jpg"))  # a moose, a person and an animal that is unknown
    catalogue.write([Record(medium(card, "both.jpg"), seen, detections=(left, right)), half], model)
    assert catalogue.accept([1, 2], "Ana", AT) == [1]
    [record] = catalogue.records_of([1])
    assert [(one.species, one.count, one.box is not None) for one in record.review.sightings] == [
        ("raccoon", 1, True),
        ("moose", 1, True),
    ]
    row = catalogue.rows([1])[0]
    assert (row.finding, row.things, row.corrected) == ("raccoon", 2, False)
    assert whats(record) == ["raccoon", "moose"]


def test_photos_get_a_review_and_a_remark_each_in_one_step(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, name, model) for name in ("a.jpg", "b.jpg")], model)
    catalogue.review_each([(1, WOLF), (2, Review.of([Sighting("person")], "Ana", AT))])
    assert [row.finding for row in catalogue.rows([1, 2])] == ["wolf", "person"]
    catalogue.review_each((), [(1, Remark("one", (), "Ana", AT)), (2, Remark("two", ("night",), "Ana", AT))])
    assert [(row.comment, row.tags) for row in catalogue.rows([1, 2])] == [("one", ()), ("two", ("night",))]
    assert catalogue.undo() == [1, 2]
    assert [row.comment for row in catalogue.rows([1, 2])] == ["", ""]
    assert catalogue.undo() == [1, 2]
    assert catalogue.counts().reviewed == 0
    with pytest.raises(UsageError, match="can't name"):
        catalogue.review_each([(1, Review("empty", "wolf", "Ana", AT))])


def test_least_sure_begins_with_what_names_nothing(catalogue: Catalogue, model: Model, card: Path) -> None:
    strange = replace(unknown(), decision=Decision("unknown", "", 0.99, reason="unfamiliar"))
    for name, found in (("sure.jpg", answer("wolf", 0.9)), ("strange.jpg", strange), ("half.jpg", answer("wolf", 0.6))):
        catalogue.write([Record(medium(card, name), (Observation(Region(), found),))], model)
    names = lambda order: [row.relative for row in catalogue.rows(catalogue.ids(Query(order=order)))]  # noqa: E731
    assert names("least_sure") == ["strange.jpg", "half.jpg", "sure.jpg"]
    assert names("surest") == ["sure.jpg", "half.jpg", "strange.jpg"]
