from __future__ import annotations

import re
from collections import Counter

import pytest

from avistar.checklist import Match, checklist, search, taxon_of
from avistar.species import Species, known_species


def latin(matches: list[Match]) -> list[str]:
    return [one.species.scientific for one in matches]


def test_the_list_holds_the_worlds_mammals_and_birds() -> None:
    orders = Counter(one.order for one in checklist())
    assert len(checklist()) == 16_175
    assert (orders["Carnivora"], orders["Galliformes"]) == (310, 293)
    assert len({one.scientific for one in checklist()}) == len(checklist())
    assert all(re.fullmatch("[A-Z][a-z]+ [a-z-]+", one.scientific) for one in checklist())
    assert sum(bool(one.english) for one in checklist()) > 9_000
    assert sum(bool(one.spanish) for one in checklist()) == 451


def test_other_names_are_of_one_species_each() -> None:
    named = {one.scientific for one in checklist()}
    latin_others = [name for one in checklist() for name in one.others if re.fullmatch("[A-Z][a-z]+ [a-z]+", name)]
    assert "Herpailurus yagouaroundi" in latin_others
    assert not named & set(latin_others)


@pytest.mark.parametrize("text", ["zorro", "ZORRO", "Vulpes", "vulpes vulpes", "fox", "red  fox", "rojo zorro"])
def test_a_fox_is_found_by_any_name(text: str) -> None:
    fox = search(text, language="es" if "orro" in text else "en")[0]
    assert (fox.species.english, fox.species.spanish, fox.family) == ("Red fox", "Zorro rojo", "Canidae")
    assert (fox.species.scientific, fox.species.group, fox.species.id) == ("Vulpes vulpes", "canid", "")
    assert not fox.listed


def test_a_word_said_twice_is_there_twice() -> None:
    assert latin(search("Vulpes vulpes")) == ["Vulpes vulpes"]


def test_accents_hyphens_and_apostrophes_do_not_matter() -> None:
    assert latin(search("jabali"))[0] == "Sus scrofa"
    assert latin(search("white tailed deer")) == latin(search("White-tailed deer"))
    assert latin(search("rüppell’s fox")) == latin(search("ruppells fox")) == ["Vulpes rueppellii"]


def test_whole_words_come_before_beginnings_and_parts() -> None:
    found = search("rat", most=5000)
    names = [one.species.english.casefold() for one in found]
    words = [bool(re.search(r"\brat\b", name)) for name in names]
    assert words.index(False) > 20
    assert names.index("muskrat") > names.index("brown rat")


def test_a_family_finds_its_species() -> None:
    assert {one.family for one in search("Felidae")} == {"Felidae"}


def test_what_a_name_was_found_by_is_told() -> None:
    [jaguarundi] = search("herpailurus")
    assert (jaguarundi.species.scientific, jaguarundi.other) == ("Puma yagouaroundi", "Herpailurus yagouaroundi")
    assert search("jaguarundi")[0].other == ""


def test_the_surveys_own_species_come_first_and_once() -> None:
    fox = Species("fox", "Our fox", "Nuestro zorro", "Vulpes vulpes", "canid")
    found = search("fox", [*known_species(), fox])
    assert (found[0].species, found[0].listed, found[0].family) == (fox, True, "Canidae")
    assert latin(found).count("Vulpes vulpes") == 1
    assert search("lince", known_species(), "es")[0].species.id == "bobcat"


def test_a_shared_common_name_merges_nothing() -> None:
    ours = Species("red_fox", "Red fox", "Red fox", "", "")
    assert [one.species.id for one in search("red fox", [ours])[:2]] == ["red_fox", ""]


def test_nothing_typed_shows_the_surveys_list_alone() -> None:
    assert [one.species.id for one in search("", known_species()[:2])] == [one.id for one in known_species()[:2]]
    assert search("") == []


def test_what_nobody_knows_finds_nothing_and_one_letter_no_parts() -> None:
    assert search("xyzzy") == []
    assert all(
        re.search(r"\bq", " ".join((m.species.english, m.species.scientific, m.other)).casefold()) for m in search("q")
    )


def test_no_more_than_wanted() -> None:
    assert len(search("a", most=7)) == 7


def test_groups_are_avistars_where_it_has_them() -> None:
    groups = {name: taxon.group for name in ("Phoca vitulina", "Megaptera novaeangliae", "Cervus elaphus", "Tyto alba",
              "Talpa europaea") if (taxon := taxon_of(name))}  # fmt: skip
    assert groups == {
        "Phoca vitulina": "pinniped", "Megaptera novaeangliae": "cetacean", "Cervus elaphus": "even_toed_ungulate",
        "Tyto alba": "Tytonidae", "Talpa europaea": "mole",
    }  # fmt: skip


def test_a_species_without_common_names_goes_by_its_latin_one() -> None:
    taxon = next(one for one in checklist() if not one.english and not one.spanish)
    assert taxon.species.name("es") == taxon.scientific
    assert taxon_of("Pecari tajacu") is taxon_of("Dicotyles tajacu")
    assert taxon_of("Nemo nullus") is None
