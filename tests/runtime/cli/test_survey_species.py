"""`avistar survey species`: a survey's list, shown, added to, renamed and merged from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avistar import Classifier
from avistar.catalogue import Catalogue, Model
from avistar.cli.main import main
from avistar.records import Review
from survey_support import answered, facts

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def survey(tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of one photo that nobody reviewed."""
    monkeypatch.setenv("LC_ALL", "C")
    model, path = Model.of(classifier), tmp_path / "survey.avistar"
    with Catalogue.open(path, new=facts(tmp_path)) as catalogue:
        catalogue.write([answered(tmp_path, "a.jpg", model)], model)
    return path


def run(survey: Path, *arguments: object) -> int:
    return main(["survey", "species", str(survey), *map(str, arguments)])


def own(survey: Path) -> dict[str, tuple[str, ...]]:
    with Catalogue.read(survey) as catalogue:
        return {
            id: (one.english, one.spanish, one.scientific, one.group) for id, one in catalogue.species.own().items()
        }


def test_the_list_is_the_models_and_peoples_own(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (survey.parent / "list.txt").write_text("Red fox\nCorzo\n", "utf-8")
    assert run(survey, "--import", survey.parent / "list.txt") == 0
    assert "2 species added" in capsys.readouterr().out
    assert run(survey) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 32
    assert "wolf\tWolf\tCanis lupus" in lines
    assert lines[-2:] == ["red_fox\tRed fox\t", "corzo\tCorzo\t"]
    assert run(survey, "--json") == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out) if one["own"]] == ["red_fox", "corzo"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Group,Spanish,Scientific,English\nCanidae,Zorro,Vulpes vulpes,Red fox\n", "utf-8-sig"),
        ("sep=;\r\nScientific name;Inglés;Español;Grupo\r\nVulpes vulpes;Red fox;Zorro;cánido\r\n", "utf-16"),
        ("scientificName\tenglish\tspanish\tgroup\tnotes\nVulpes vulpes\tRed fox\tZorro\tcanid\tseen\n", "utf-8"),
    ],
)
def test_a_table_is_read_in_any_order_and_encoding(survey: Path, text: str, encoding: str) -> None:
    table = survey.parent / "list.csv"
    table.write_bytes(text.encode(encoding))
    assert run(survey, "--import", table) == 0
    assert own(survey) == {"red_fox": ("Red fox", "Zorro", "Vulpes vulpes", "canid")}


def test_what_has_a_name_of_the_list_is_passed_over_and_told(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = survey.parent / "list.csv"
    table.write_text("english,scientific\nTimber wolf,Canis lupus\nRed fox,\nred FOX,Vulpes vulpes\n", "utf-8")
    assert run(survey, "--import", table) == 0
    told = capsys.readouterr()
    assert "1 species added" in told.out
    assert "Timber wolf (wolf)" in told.err
    assert "red FOX (Red fox)" in told.err
    assert list(own(survey)) == ["red_fox"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "names no species"),
        ("english,spanish\n", "names no species"),
        ("english,spanish,group\nFox,Zorro,\n,,canid\n", "row 3: no name"),
        ("Fox,Zorro\n", "row 1: several cells"),
        ("Fox\x1b[2J\n", "row 1: the name"),
    ],
)
def test_a_list_that_makes_no_sense_adds_nothing(
    survey: Path, text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = survey.parent / "list.csv"
    table.write_text(text, "utf-8")
    assert run(survey, "--import", table) == 2
    assert reason in capsys.readouterr().err
    assert own(survey) == {}


def test_a_species_is_renamed_and_merged_and_each_undone(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = survey.parent / "list.txt"
    table.write_text("Fox\nRaposa\n", "utf-8")
    run(survey, "--import", table)
    with Catalogue.open(survey) as catalogue:
        catalogue.review([1], Review("species", "raposa", "Ana", AT))
    assert run(survey, "--rename", "FOX", "--spanish", "Zorro", "--group", "Canid", "--reviewer", "Ana") == 0
    assert own(survey)["fox"] == ("Fox", "Zorro", "", "canid")
    capsys.readouterr()
    assert run(survey, "--merge", "raposa", "zorro") == 0
    assert "raposa is fox now in 1 media" in capsys.readouterr().out
    with Catalogue.open(survey) as catalogue:
        assert catalogue.counts().findings == {"fox": 1}
    assert main(["survey", "reviews", str(survey), "--undo"]) == 0
    assert main(["survey", "reviews", str(survey), "--undo"]) == 0
    assert own(survey)["fox"] == ("Fox", "Fox", "", "")
    with Catalogue.read(survey) as catalogue:
        assert "raposa" in {one.id for one in catalogue.species.all()}


def test_what_is_asked_must_be_one_clear_change(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(survey, "--merge", "wolf", "collie", "--rename", "wolf", "--english", "X") == 2
    assert run(survey, "--rename", "wolf") == 2
    assert run(survey, "--english", "X") == 2
    assert run(survey, "--rename", "fox", "--english", "X") == 2
    assert "'fox' is none of the 30 species" in capsys.readouterr().err
    assert run(survey, "--rename", "wolf", "--english", "Collie") == 2
    assert "in the survey's list already" in capsys.readouterr().err
