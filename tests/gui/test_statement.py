"""What a photo holds once a person spoke of one thing in it: plain values, no window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from avistar.boxes import Box
from avistar.records import Observation, Record, Region, Review, Sighting
from avistar.standing import standing_of
from avistar_gui.identify.session.favourites import PLACES, Favourites
from avistar_gui.identify.session.statement import (
    Change,
    addition,
    correction,
    located,
    naming,
    rejected,
    removal,
    shape,
    sighting_of,
    things_of,
)
from records_support import answer, boxed, group, medium, record, unknown

AT = datetime(2026, 5, 2, tzinfo=UTC)
LEFT, RIGHT = Box(0.1, 0.1, 0.3, 0.3, "animal", 0.9), Box(0.6, 0.1, 0.3, 0.3, "animal", 0.8)
FOX = Sighting("species", "fox")


def two(first: str = "moose", second: str = "raccoon") -> Record:
    """A photo in which a detector saw two animals."""
    seen = (Observation(Region(LEFT), answer(first, 0.95)), Observation(Region(RIGHT), answer(second, 0.99)))
    return Record(medium(), seen, detections=(LEFT, RIGHT))


def said(before: Record, *changes: Change) -> Record:
    """The record once a person said all of this, one after the other."""
    for change in changes:
        statement = change(before)
        assert statement is not None
        before = replace(before, review=Review.of(statement.sightings, "Ana", AT, whole=statement.whole))
    return before


def whats(one: Record) -> list[str]:
    return [thing.what for thing in standing_of(one)]


def test_a_name_for_the_whole_photo_replaces_what_was_there():
    after = said(record(), naming(FOX))
    assert whats(after) == ["fox"]
    assert after.review is not None
    assert after.review.sightings == ()  # nothing but its verdict is to be said
    assert [one.counts for one in things_of(after)] == [True, False]  # the model's word is still to be seen


def test_the_name_of_one_of_several_accepts_all_of_them_unless_a_person_spoke():
    after = said(two(), naming(Sighting("species", "moose")))
    assert whats(after) == ["raccoon", "moose"]
    assert whats(said(after, naming(Sighting("species", "moose")))) == ["moose"]
    assert whats(said(two(), naming(FOX))) == ["fox"]


def test_a_count_goes_with_the_name():
    [thing] = standing_of(said(record(), naming(Sighting("species", "wolf", 3))))
    assert (thing.what, thing.count) == ("wolf", 3)


def test_the_name_of_a_box_leaves_the_other_one_to_the_machine():
    before = two()
    after = said(before, naming(FOX, things_of(before)[1]))
    assert whats(after) == ["fox", "moose"]
    assert after.review is not None
    assert not after.review.whole
    again = said(after, naming(Sighting("species", "wolf"), things_of(after)[0]))
    assert whats(again) == ["wolf", "moose"]
    assert again.detections == before.detections  # a detector's boxes are never altered


def test_a_word_on_the_whole_photo_speaks_of_its_only_box():
    before = replace(two(), observations=two().observations[:1], detections=(LEFT,))
    after = said(before, naming(FOX))
    [thing] = [one for one in things_of(after) if one.counts]
    assert shape(thing.box) == shape(LEFT)
    assert whats(said(after, naming(Sighting("species", "wolf"), thing))) == ["wolf"]


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (record(), ["wolf", "fox"]),
        (record("a.jpg", unknown()), ["fox"]),
        (record("a.jpg", group()), ["fox"]),
        (two(), ["raccoon", "moose", "fox"]),
        (boxed(), ["person", "moose", "unknown", "fox"]),
    ],
)
def test_an_addition_keeps_what_is_there_but_an_answer_that_names_nothing(before: Record, wanted: list[str]):
    assert whats(said(before, addition(FOX))) == wanted
    assert whats(said(before, addition(FOX), addition(Sighting("person")))) == [*wanted, "person"]


def test_details_of_one_thing_leave_the_others():
    after = said(record(), addition(FOX))
    wolf = things_of(after)[0]
    detailed = replace(sighting_of(wolf), count=2, sex="female", behavior="foraging")
    after = said(after, correction(wolf, detailed))
    assert [(one.what, one.count) for one in standing_of(after)] == [("wolf", 2), ("fox", None)]
    changed = things_of(after)[0]
    after = said(after, correction(changed, replace(sighting_of(changed), life_stage="adult")))
    assert after.review is not None
    assert after.review.sightings[0] == Sighting("species", "wolf", 2, "female", "adult", "foraging")


def test_a_correction_of_what_is_no_longer_said_changes_nothing():
    wolf = things_of(record())[0]
    assert correction(wolf, Sighting("species", "wolf", 2))(said(record(), naming(FOX), naming(FOX))) is not None
    gone = things_of(said(record(), naming(FOX)))[0]
    assert correction(gone, FOX)(record()) is None


def test_what_a_detector_saw_and_a_person_does_not_is_kept_in_mind():
    before = two()
    after = said(before, removal(things_of(before)[0]))
    assert whats(after) == ["raccoon"]
    assert rejected(after) == {shape(LEFT)}
    assert whats(said(after, addition(FOX))) == ["raccoon", "fox"]
    empty = said(after, removal(things_of(after)[0]))
    assert whats(empty) == ["empty"]
    assert empty.review is not None
    assert empty.review.verdict == "empty"


def test_removing_the_only_animal_leaves_no_animal():
    assert whats(said(record(), removal(things_of(record())[0]))) == ["empty"]


def test_a_drawn_box_is_where_the_one_animal_lies_else_something_new():
    box = Box(0.2, 0.2, 0.4, 0.4)
    [thing] = standing_of(said(record(), located(box)))
    assert (thing.what, shape(thing.box)) == ("wolf", shape(box))
    after = said(two(), located(Box(0.3, 0.6, 0.2, 0.2)))
    assert whats(after) == ["raccoon", "moose", "unknown"]
    assert whats(said(after, removal(things_of(after)[2]))) == ["raccoon", "moose"]
    assert rejected(said(after, removal(things_of(after)[2]))) == frozenset()


def test_favourites_keep_their_places():
    favourites = Favourites()
    for species in ("wolf", "fox", "deer", "fox"):
        favourites.use(species)
    assert favourites.all == ("wolf", "fox", "deer")
    for number in range(PLACES - 3):
        favourites.use(f"species{number}")
    assert len(favourites.all) == PLACES
    favourites.use("boar")
    assert favourites[0] == "boar"  # the wolf was not used for longest
    assert favourites[1] == "fox"
    favourites.keep(["fox", "boar"])
    assert favourites.all == ("boar", "fox")
    assert favourites[7] == ""
