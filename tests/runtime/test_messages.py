"""Every sentence that says what is wrong has its Spanish, and is recognised by its form."""

from __future__ import annotations

import ast
import json
import re

import pytest

from avistar.catalogue import Catalogue
from avistar.errors import AvistarError, MissingExtra
from avistar.spanish import told
from message_forms import ROOT, forms, modules

LISTED = json.loads((ROOT / "runtime" / "avistar" / "messages_es.json").read_text("utf-8"))
SAID, BY_OTHERS = LISTED["said"], LISTED["by_others"]
ALL = SAID | BY_OTHERS


def test_every_sentence_that_the_app_can_show_has_spanish():
    lacking = {form: module for form, module in forms().items() if form not in SAID}
    assert not lacking, "write their Spanish into runtime/avistar/messages_es.json"


def test_nothing_is_listed_that_nobody_says_any_more():
    said = " ".join(forms())
    parts = {
        node.value
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    stale = [form for form in SAID if form not in said and form not in parts]
    assert not stale


@pytest.mark.parametrize("english", sorted(ALL))
def test_the_spanish_has_the_same_holes(english):
    holes = {int(number) for number in re.findall(r"\{(\d+)\}", ALL[english])}
    assert holes == set(range(english.count("{}")))


@pytest.mark.parametrize("english", sorted(ALL))
def test_a_sentence_is_taken_for_no_other(english):
    values = [f"x{number}" for number in range(english.count("{}"))]
    assert told(english.format(*values), "es") == ALL[english].format(*values)


def test_english_stays_as_it_is():
    assert told("a.jpg: the file is empty (0 bytes)", "en") == "a.jpg: the file is empty (0 bytes)"


def test_what_somebody_else_said_stays_as_it_is():
    assert told("CUDNN_STATUS_NOT_INITIALIZED at line 7", "es") == "CUDNN_STATUS_NOT_INITIALIZED at line 7"


def test_a_cause_inside_a_sentence_is_translated_too(tmp_path):
    (tmp_path / "survey.avistar").write_bytes(b"this is no database, only text" * 100)
    with pytest.raises(AvistarError) as raised:
        Catalogue.open(tmp_path / "survey.avistar")
    spanish = told(str(raised.value), "es")
    assert "no es un catálogo: indique otro archivo (el archivo no es una base de datos)" in spanish


def test_several_reasons_are_translated_one_by_one():
    reasons = "it was changed since; its original is gone: this is the last copy"
    assert told(reasons, "es") == "se ha cambiado desde entonces; su original ya no está: esta es la última copia"


def test_a_missing_part_is_told_with_its_cure():
    spanish = told(str(MissingExtra("live", "Watching a camera")), "es")
    assert spanish.endswith("necesita una parte opcional: pip install 'avistar[live]'")


def test_a_path_of_windows_is_kept_whole():
    said = r"D:\DCIM\IMG 1.JPG: can't be opened (Permission denied)"
    assert told(said, "es") == r"D:\DCIM\IMG 1.JPG: no se puede abrir (permiso denegado)"
