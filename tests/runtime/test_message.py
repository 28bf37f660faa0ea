"""What Avistar says has its Spanish, and keeps it across causes, processes and files."""

from __future__ import annotations

import ast
import importlib.util
import multiprocessing
import string
from pathlib import Path

import pytest

from avistar.catalogue import Catalogue
from avistar.errors import AvistarError, BundleError, Fault, ImageError, MissingExtra, UsageError
from avistar.message import Message, joined, localized, reason_of

ROOT = Path(__file__).resolve().parents[2]


def load_script():
    spec = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = load_script()
CATALOGUE = script.catalogue()
SENTENCES = sorted(one.id for one in CATALOGUE if one.id and isinstance(one.id, str))


def test_every_sentence_has_spanish_with_the_same_fields():
    assert not list(script.lacking(CATALOGUE)), "write it into the .po, then: python scripts/translations.py"


def test_the_files_are_as_the_code_asks_and_hold_nothing_else():
    for path, data in script.written(CATALOGUE).items():
        assert path.read_bytes() == data, "python scripts/translations.py"


def errors_made_of_finished_text():
    for source in script.SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                called = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
                if called in script.KEYWORDS and any(isinstance(one, ast.JoinedStr) for one in node.args):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_no_error_is_made_of_a_finished_text():
    assert not list(errors_made_of_finished_text()), "give the sentence with fields, and the values apart"


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_that_comes_back_as_a_text_is_known_again(sentence):
    parts = [(name, form) for _, name, form, _ in string.Formatter().parse(sentence) if name]
    values = {name: 1234.5 if form else f"x{number}" for number, (name, form) in enumerate(parts)}
    said = Message(sentence, **values)
    assert localized(str(said), "es") == (said.to("es") if values or said.to("es") != sentence else sentence)


def test_english_stays_as_it_is():
    error = ImageError(Fault.EMPTY, "{name}: the file is empty (0 bytes)", name="a.jpg")
    assert str(error) == error.text("en") == "a.jpg: the file is empty (0 bytes)"
    assert error.text("es") == "a.jpg: el archivo está vacío (0 bytes)"


def test_braces_in_a_finished_text_or_in_a_value_are_kept():
    assert str(UsageError("{a} of {b}")) == "{a} of {b}"
    assert str(UsageError("{file} lists no photos", file="{a}.csv")) == "{a}.csv lists no photos"


def test_what_somebody_else_said_stays_as_it_is():
    assert localized("CUDNN_STATUS_NOT_INITIALIZED at line 7", "es") == "CUDNN_STATUS_NOT_INITIALIZED at line 7"


def test_a_cause_inside_a_sentence_is_translated_too(tmp_path):
    (tmp_path / "survey.avistar").write_bytes(b"this is no database, only text" * 100)
    with pytest.raises(AvistarError) as raised:
        Catalogue.open(tmp_path / "survey.avistar")
    wanted = "no es un catálogo: indique otro archivo (el archivo no es una base de datos)"
    assert wanted in raised.value.text("es")
    assert wanted in localized(str(raised.value), "es")


def test_an_error_inside_an_error_is_translated_once_it_is_a_value():
    inner = BundleError("{path} can't be read ({error})", path="m.json", error=PermissionError(13, "Permission denied"))
    outer = UsageError("recipe '{recipe}': {error}", recipe="lean", error=inner)
    assert str(outer) == "recipe 'lean': m.json can't be read ([Errno 13] Permission denied)"
    assert outer.text("es") == "receta 'lean': no se puede leer m.json (permiso denegado (error 13))"


def test_a_value_that_looks_like_a_sentence_is_left_alone():
    assert Message("{file} lists no photos", file="installed").to("es") == "installed no lista ninguna foto"


def test_several_reasons_are_translated_one_by_one():
    reasons = [Message("it was changed since"), Message("its original is gone: this is the last copy")]
    spanish = "se ha cambiado desde entonces; su original ya no está: esta es la última copia"
    assert joined("; ", reasons).to("es") == spanish
    assert localized("; ".join(reasons), "es") == spanish


def test_a_missing_part_is_told_with_its_cure():
    spanish = MissingExtra("live", Message("reading videos and cameras")).text("es")
    assert spanish == "leer vídeos y cámaras necesita una parte opcional: pip install 'avistar[live]'"


def test_a_path_of_windows_is_kept_whole():
    said = r"D:\DCIM\IMG 1.JPG: can't be opened (Permission denied)"
    assert localized(said, "es") == r"D:\DCIM\IMG 1.JPG: no se puede abrir (permiso denegado)"


def test_a_reason_of_the_system_is_told_without_the_files_name():
    error = FileNotFoundError(2, "No such file or directory", "a.jpg")
    assert reason_of(error) == "No such file or directory"
    assert reason_of(error).to("es") == "no existe el archivo o la carpeta"
    assert localized(error, "es") == "no existe el archivo o la carpeta (error 2): 'a.jpg'"


def test_a_message_goes_to_another_process_with_its_values():
    said = Message("{file} can't be read: {error}", file="a", error=UsageError("{file} lists no photos", file="b"))
    sender, receiver = multiprocessing.Pipe()
    sender.send(said)
    there = receiver.recv()
    assert there == said
    assert there.to("es") == said.to("es") == "no se puede leer a: b no lista ninguna foto"
