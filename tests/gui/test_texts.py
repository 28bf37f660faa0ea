"""Sentences in both languages, and translations that are complete."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from avistar import Decision, Failure, Fault, Group, Identification, Provenance, Species
from avistar.identification import Candidate
from avistar.species import known_groups, known_species
from avistar_gui.progress import Progress
from avistar_gui.shell.translation import Translation
from avistar_gui.texts import Names, percent, progress_sentence, verdict

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "gui" / "avistar_gui" / "translations"
NAMES = Names({one.id: one for one in known_species()}, {one.id: one for one in known_groups()})


@pytest.fixture
def speak(qapp):
    translation = Translation(qapp, "en")
    yield translation.use
    translation.use("en")


def identified(decision: Decision) -> Identification:
    first = decision.candidates[0] if decision.candidates else "wolf"
    candidates = (Candidate(NAMES.species[first], 0.6),)
    return Identification("a.jpg", Provenance("", "", "", ""), candidates, decision, np.zeros(30, np.float32))


@pytest.mark.parametrize(
    ("decision", "english", "spanish"),
    [
        (Decision("species", "wolf", 0.93), "Wolf", "Lobo"),
        (
            Decision("group", "canid", 0.9, ("wolf", "german_shepherd")),
            "Dog family, probably wolf or German shepherd",
            "Cánido, probablemente lobo o pastor alemán",
        ),
        (
            Decision("group", "even_toed_ungulate", 0.9, ("moose", "ox")),
            "Even-toed ungulate, probably moose or ox",
            "Ungulado de dedos pares, probablemente alce o buey",
        ),
        (
            Decision("group", "bear", 0.9, ("wolf", "killer_whale")),
            "Bear, probably wolf or killer whale",
            "Oso, probablemente lobo u orca",
        ),
        (Decision("unknown", "", 0.2, reason="unfamiliar"), "Unknown", "Desconocido"),
    ],
)
def test_a_decision_is_said_in_the_readers_language(speak, decision, english, spanish):
    assert verdict(identified(decision), NAMES).headline == english
    speak("es")
    assert verdict(identified(decision), NAMES).headline == spanish


def test_answers_of_another_network_are_named_by_its_own_labels(speak):
    species = [Species(id, name, name, "", "rodent") for id, name in (("vole", "Vole"), ("dormouse", "Dormouse"))]
    group = Group("rodent", "Rodent", "Roedor")
    answer = Identification(
        "a.jpg",
        Provenance("", "", "", ""),
        tuple(Candidate(one, 0.4) for one in species),
        Decision("group", "rodent", 0.8, ("vole", "dormouse")),
        groups=(group,),
    )
    assert verdict(answer, NAMES).headline == "Rodent, probably vole or dormouse"
    strange = replace(answer, decision=Decision("group", "order_x", 0.8, ("a", "b")), groups=())
    assert verdict(strange, NAMES).headline == "order_x"
    named = replace(answer, decision=Decision("species", "vole", 0.9))
    assert verdict(named, NAMES).headline == "Vole"


def test_unknown_says_why(speak):
    unfamiliar = verdict(identified(Decision("unknown", "", 0.9, reason="unfamiliar")), NAMES)
    unsure = verdict(identified(Decision("unknown", "", 0.2, reason="unsure")), NAMES)
    assert unfamiliar.reason == "It looks like none of the 30 species that this model knows."
    assert "different groups" in unsure.reason


def test_a_failure_is_said_in_the_words_of_its_fault(speak):
    failed = Identification("a.jpg", Provenance("", "", "", ""), failure=Failure(Fault.EMPTY, "a.jpg: empty"))
    assert verdict(failed, NAMES).headline == "Not identified"
    assert verdict(failed, NAMES).reason == "The file is empty (0 bytes)."


@pytest.mark.parametrize(
    ("share", "said"), [(0.934, "93 %"), (1.0, "> 99 %"), (0.996, "> 99 %"), (0.0, "< 1 %"), (0.01, "1 %")]
)
def test_nobody_is_ever_wholly_sure(share, said):
    assert percent(share).replace("\u00a0", " ") == said


def test_progress_is_said_with_rate_and_time_left(speak):
    progress = Progress(214, 1204, 0, 12.34, 80.2, running=True)
    assert progress_sentence(progress) == "214 of 1,204 photos  ·  12.3 per second  ·  1 min left"
    speak("es")
    assert progress_sentence(progress) == "214 de 1204 fotos  ·  12,3 por segundo  ·  tiempo restante: 1 min"


def test_a_stopped_run_says_that_it_stopped(speak):
    assert progress_sentence(Progress(3, 10)) == "3 of 10 photos  ·  paused"
    assert progress_sentence(Progress(10, 10)) == "10 of 10 photos"


def messages(code: str) -> list[ElementTree.Element]:
    return list(ElementTree.parse(TRANSLATIONS / f"avistar_{code}.ts").iter("message"))


def translated(message: ElementTree.Element) -> list[str]:
    translation = message.find("translation")
    assert translation is not None
    forms = translation.findall("numerusform")
    return [form.text or "" for form in forms] if forms else [translation.text or ""]


@pytest.mark.parametrize("code", ["en", "es"])
def test_nothing_is_untranslated(code):
    for message in messages(code):
        source, translation = message.findtext("source"), message.find("translation")
        assert translation is not None
        assert translation.get("type") is None, f"unfinished: {source}"
        assert all(translated(message)), f"empty: {source}"


@pytest.mark.parametrize("code", ["en", "es"])
def test_placeholders_and_ends_of_sentences_agree(code):
    pattern = re.compile(r"\{\w+\}|%n")
    for message in messages(code):
        source = message.findtext("source") or ""
        for text in translated(message):
            assert sorted(pattern.findall(text)) == sorted(pattern.findall(source)), source
            assert (text[-1] in ".…:") == (source[-1] in ".…:"), source


def test_no_two_entries_of_a_menu_share_a_letter(speak, controller):
    for code in ("en", "es"):
        controller.use_language(code)
        bar = controller.window.menuBar()
        menus = [[action.text() for action in bar.actions()]]
        menus += [[a.text() for a in action.menu().actions()] for action in bar.actions()]
        for texts in menus:
            letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
            assert len(letters) == len(set(letters)), texts


def test_the_committed_translations_are_those_of_the_code():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import translations

        assert translations.stale() == [], "run python scripts/translations.py"
    finally:
        sys.path.remove(str(ROOT / "scripts"))
