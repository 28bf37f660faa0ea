from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import UsageError
from avistar.species import Species, known_groups, known_species, match_species, normalised, species_list

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


def test_a_name_of_two_species_is_refused_unless_it_is_spelled_as_one_of_them() -> None:
    among = [Species(id, english, english, "", id) for id, english in (("ñandú", "Ñandú"), ("nandu", "Nandu"))]
    assert match_species("Ñandú", among).id == "ñandú"
    assert match_species("NANDU", among).id == "nandu"
    with pytest.raises(UsageError, match="'nandú' may mean ñandú, nandu"):
        match_species("nandú", among)


@pytest.mark.parametrize(("one", "other"), [("หมี", "หมู"), ("शेर", "शीरा"), ("タカ", "ダカ")])
def test_marks_that_make_another_letter_are_kept(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


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


def test_a_list_takes_any_spelling_language_and_separator() -> None:
    found = species_list("Wolf, pastor alemán; german+shepherd\nALCE")
    assert [species.id for species in found] == ["german_shepherd", "moose", "wolf"]


def test_a_list_may_be_a_file_with_comments(tmp_path: Path) -> None:
    file = tmp_path / "site.txt"
    file.write_text("\ufeff# seen here\nwolf  # in winter\n\nnutria\n", "utf-8")
    assert [species.id for species in species_list(str(file))] == ["otter", "wolf"]


def test_a_list_names_its_file_and_the_nearest_species_of_a_wrong_name(tmp_path: Path) -> None:
    file = tmp_path / "site.txt"
    file.write_text("wolf\nracoon\n", "utf-8")
    with pytest.raises(UsageError, match=r"site\.txt: 'racoon' is none of the 30 species; the nearest are raccoon"):
        species_list(str(file))


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("# nothing\n", "utf-8")
    for text in ("", " , ;", str(tmp_path / "empty.txt")):
        with pytest.raises(UsageError, match="at least one name"):
            species_list(text)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.bin").write_bytes(b"\xff\xfe\x00wolf")
    with pytest.raises(UsageError, match="no list of species in UTF-8"):
        species_list(str(tmp_path / "list.bin"))


def test_a_list_of_any_length_is_no_file_name() -> None:
    assert len(species_list(",".join(["wolf"] * 5000))) == 1
