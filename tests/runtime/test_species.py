from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import UsageError
from avistar.species import known_groups, known_species, match_species, normalised

SPECIES = known_species()


def test_there_are_thirty_in_alphabetical_order() -> None:
    ids = [species.id for species in SPECIES]
    assert len(ids) == 30
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("species", SPECIES, ids=lambda species: species.id)
def test_each_is_found_by_every_name_that_it_has(species: object) -> None:
    for name in (species.id, species.english, species.spanish, species.scientific):
        assert match_species(name) is species


@given(
    st.sampled_from(SPECIES),
    st.sampled_from(["{}", " {} ", "{}!"]),
    st.sampled_from([str.upper, str.lower, str.title]),
    st.sampled_from(["_", "+", "-", " ", ""]),
)
def test_case_and_separators_do_not_matter(species: object, frame: str, case: object, separator: str) -> None:
    assert match_species(frame.format(case(species.id.replace("_", separator)))) is species


@pytest.mark.parametrize(
    ("spelling", "id"),
    [
        ("pastor aleman", "german_shepherd"),
        ("PASTOR ALEMÁN", "german_shepherd"),
        ("pastor alema\u0301n", "german_shepherd"),
        ("murcielago", "bat"),
        ("gato siamés", "siamese_cat"),
        ("spider+monkey", "spider_monkey"),
        ("canis lupus", "wolf"),
    ],
)
def test_spanish_accents_do_not_matter(spelling: str, id: str) -> None:
    assert match_species(spelling).id == id


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'racoon' is none of the 30 species; the nearest are raccoon"):
        match_species("racoon")


def test_a_name_like_none_gets_no_guess() -> None:
    with pytest.raises(UsageError, match=r"'xyzzy' is none of the 30 species$"):
        match_species("xyzzy")


def test_only_the_given_species_are_searched() -> None:
    with pytest.raises(UsageError, match="none of the 2 species"):
        match_species("wolf", SPECIES[:2])


def test_names_come_in_both_languages() -> None:
    wolf = match_species("wolf")
    assert (wolf.name(), wolf.name("es")) == ("Wolf", "Lobo")
    canid = next(group for group in known_groups() if group.id == wolf.group)
    assert (canid.name(), canid.name("es")) == ("canid", "cánido")


def test_no_two_species_share_a_spelling() -> None:
    keys = [normalised(name) for one in SPECIES for name in {one.id, one.english, one.spanish, one.scientific}]
    by_species = {(normalised(n), s.id) for s in SPECIES for n in (s.id, s.english, s.spanish, s.scientific)}
    assert len(by_species) == len(set(keys))
