from __future__ import annotations

import pytest

from avistar import Decision, Failure, Fault, Identification, Provenance
from avistar.cli import texts as module
from avistar.cli.texts import Sentences, folders, locale_language, pictures
from avistar.species import known_groups, known_species

SPECIES = {species.id: species for species in known_species()}
GROUPS = {group.id: group for group in known_groups()}
ENGLISH, SPANISH = Sentences("en", SPECIES, GROUPS), Sentences("es", SPECIES, GROUPS)
ORIGIN = Provenance("field", "", "int8", "cpu")


def decided(*decision: object) -> Identification:
    return Identification("a.jpg", ORIGIN, decision=Decision(*decision))


def test_every_fault_is_said_in_spanish_without_the_files_name() -> None:
    answer = Identification("a.jpg", ORIGIN, failure=Failure(Fault.MISSING, "a.jpg: there is no such file"))
    assert SPANISH.failure(answer) == "no existe ese archivo"


def test_a_group_names_its_likeliest_species() -> None:
    answer = decided("group", "canid", 0.84, ("wolf", "german_shepherd"))
    assert ENGLISH.decision(answer) == "a canid, probably wolf or German shepherd (84.0%)"
    assert SPANISH.decision(answer) == "un cánido, probablemente lobo o pastor alemán (84,0 %)"


def test_a_vowel_takes_an() -> None:
    answer = decided("group", "even_toed_ungulate", 0.84, ("ox", "buffalo"))
    assert ENGLISH.decision(answer).startswith("an even-toed ungulate, probably ox or buffalo")


@pytest.mark.parametrize(
    ("reason", "text"),
    [("unfamiliar", "unknown: looks like none of the 30 species"), ("unsure", "unknown: could be several species")],
)
def test_unknown_says_why(reason: str, text: str) -> None:
    assert ENGLISH.decision(decided("unknown", "", 0.3, (), reason)) == text


@pytest.mark.parametrize(("share", "text"), [(0.999999, "99.9%"), (1.0, "99.9%"), (0.5, "50.0%"), (0.0, "0.0%")])
def test_no_confidence_is_shown_as_certainty(share: float, text: str) -> None:
    assert ENGLISH.percent(share) == text


def test_a_failure_does_not_repeat_the_files_name() -> None:
    answer = Identification("a.jpg", ORIGIN, failure=Failure(Fault.EMPTY, "a.jpg: the file is empty (0 bytes)"))
    assert ENGLISH.failure(answer) == "the file is empty (0 bytes)"
    assert SPANISH.failure(answer) == "el archivo está vacío (0 bytes)"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LC_ALL": "es_MX.UTF-8"}, "es"),
        ({"LANG": "es_ES"}, "es"),
        ({"LC_ALL": "C", "LANG": "es_ES"}, "en"),
        ({"LC_MESSAGES": "es", "LANG": "en_US.UTF-8"}, "es"),
        ({"LANG": "de_DE"}, "en"),
    ],
)
def test_the_environment_decides_the_language(environment: dict[str, str], language: str) -> None:
    assert locale_language(environment) == language


@pytest.mark.parametrize(
    ("name", "language"), [("Spanish_Mexico", "es"), ("es_ES", "es"), ("Estonian", "en"), (None, "en")]
)
def test_without_an_environment_the_users_settings_do(
    name: str | None, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.locale, "getlocale", lambda: (name, None))
    assert locale_language({}) == language


def test_numbers_agree_with_their_nouns() -> None:
    assert folders(1) == "1 folder"
    assert folders(0) == "0 folders"
    assert pictures(1).to("es") == "1 imagen"
    assert pictures(1200).to("es") == "1,200 imágenes"
    assert pictures(2_000_000).to("es") == "2,000,000 de imágenes"
