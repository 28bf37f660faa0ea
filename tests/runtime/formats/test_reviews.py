from __future__ import annotations

import csv
import os
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from avistar import UsageError
from avistar.formats.reviews import BadRow, ReviewRow, ReviewTable, possible_names, read_reviews
from avistar.records import Sighting
from avistar.species import Species, known_species
from records_support import FACTS, record, reviewed

SPECIES = known_species()


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "reviews.csv"
    path.write_text(text, encoding)
    return path


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    survey = [reviewed(), reviewed("=cmd.jpg", "empty"), reviewed("ñ.jpg", "unknown"), record("not-reviewed.jpg")]
    assert ReviewTable().write(survey, FACTS, tmp_path / "r.csv").media == 3
    at = datetime(2026, 3, 3, tzinfo=UTC)
    assert list(read_reviews(tmp_path / "r.csv", SPECIES)) == [
        ReviewRow(2, "cam1/checked.jpg", Sighting("species", "otter"), "Ana Ruiz", at, thing="1"),
        ReviewRow(3, "=cmd.jpg", Sighting("empty"), "Ana Ruiz", at, thing="1"),
        ReviewRow(4, "ñ.jpg", Sighting("unknown"), "Ana Ruiz", at, thing="1"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_of_any_spreadsheet_is_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [("Archivo", "otra", "Especie"), ("año\\a.jpg", "1,5" if delimiter != "," else "1.5", "pastor aleman")]
    path = table(tmp_path, "\r\n".join(delimiter.join(row) for row in rows), encoding)
    assert list(read_reviews(path, SPECIES)) == [ReviewRow(2, r"año\a.jpg", Sighting("species", "german_shepherd"))]


def test_a_row_that_makes_no_sense_is_told_with_its_number_and_the_others_are_read(tmp_path: Path) -> None:
    path = table(tmp_path, "file,review\na.jpg,fox\nb.jpg,\nc.jpg,Wolf,too many\n\nd.jpg,wolv\n")
    fox, wolf, wolv = read_reviews(path, SPECIES)
    assert isinstance(fox, BadRow)
    assert "row" not in fox.reason
    assert (fox.number, "'fox' is none of the 30 species" in fox.reason) == (2, True)
    assert wolf == ReviewRow(4, "c.jpg", Sighting("species", "wolf"))
    assert isinstance(wolv, BadRow)
    assert "nearest are wolf" in wolv.reason


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "file;x\n1;2\n", "\0\0\n1\n"])
def test_a_table_without_the_columns_says_which_it_needs(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"it needs file and review|is no table"):
        list(read_reviews(table(tmp_path, text), SPECIES))


def test_an_empty_file_has_no_rows_and_a_missing_one_is_a_usage_error(tmp_path: Path) -> None:
    assert list(read_reviews(table(tmp_path, ""), SPECIES)) == []
    with pytest.raises(UsageError, match="can't be read"):
        list(read_reviews(tmp_path / "none.csv", SPECIES))


def test_a_long_table_is_read_a_few_rows_at_a_time(tmp_path: Path) -> None:
    path = table(tmp_path, "file,review\n" + "".join(f"cam/{i:06}.jpg,wolf\n" for i in range(50_000)))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_reviews(path, SPECIES)) == 50_000
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_excels_separator_line_and_its_unicode_text_are_read(tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path, "sep=;\r\nfile;review\r\naño.jpg;empty", encoding)
    assert list(read_reviews(path, SPECIES)) == [ReviewRow(3, "año.jpg", Sighting("empty"))]


def test_timelapses_file_and_folder_are_joined(tmp_path: Path) -> None:
    rows = "File,RelativePath,Species\nIMG_1.jpg,cam1\\day 1,empty\nIMG_1.jpg,cam2,unknown\nIMG_1.jpg,,empty"
    names = [row.file for row in read_reviews(table(tmp_path, rows), SPECIES) if isinstance(row, ReviewRow)]
    assert names == [r"cam1\day 1/IMG_1.jpg", "cam2/IMG_1.jpg", "IMG_1.jpg"]
    assert "cam1/day 1/IMG_1.jpg" in possible_names(names[0], "/card")


@pytest.mark.parametrize("name", [" a.jpg", "a.jpg ", r"a\b.jpg", "=a.jpg", "@a.jpg", "+a.jpg", "-a.jpg", 'a,\n".jpg'])
def test_every_name_that_we_wrote_is_read_back_exactly(tmp_path: Path, name: str) -> None:
    ReviewTable().write([reviewed(name)], FACTS, tmp_path / "r.csv")
    [row] = read_reviews(tmp_path / "r.csv", SPECIES)
    assert isinstance(row, ReviewRow)
    assert next(possible_names(row.file, "/card")) == name


NAMES = st.binary(min_size=1, max_size=20).map(
    lambda raw: os.fsdecode(raw.replace(b"\0", b"'").replace(b"/", b"=")) + "x"
) | st.text(st.sampled_from("'=+-@ \t\r\n\\;,\"%E9é\u0301ab\udce9\ufeff"), min_size=1, max_size=8)
"""Names that a file system takes: of any bytes, and of the signs that tables trip over."""


@settings(max_examples=150)
@given(st.lists(NAMES, min_size=1, max_size=4, unique=True))
@example(["'=a.jpg", "=a.jpg", "''=a.jpg"])
@example(["caf\udce9.jpg", "caf%E9.jpg", "caf\udce8.jpg"])
@example([" a.jpg", "a.jpg ", "a.jpg", "\ta.jpg"])
def test_any_name_that_we_wrote_is_read_back_entire(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "names.csv"
    ReviewTable().write([reviewed(name) for name in names], FACTS, path)
    assert [row.file for row in read_reviews(path, SPECIES)] == names
    for delimiter, encoding, first in ((";", "utf-16", "sep=;\r\n"), ("\t", "utf-16-le", ""), (";", "utf-8", "")):
        saved_again(path, delimiter, encoding, first)
        assert [row.file for row in read_reviews(path.with_suffix(".again"), SPECIES)] == names


def saved_again(path: Path, delimiter: str, encoding: str, first: str) -> None:
    """The table as a spreadsheet program saves it."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    with path.with_suffix(".again").open("w", encoding=encoding, newline="") as stream:
        stream.write(first)
        csv.writer(stream, delimiter=delimiter).writerows(rows)


@pytest.mark.parametrize("said", ["./cam/a.jpg", "/card/cam/a.jpg", r"cam\a.jpg", r".\cam/a.jpg", " cam/a.jpg "])
def test_a_file_is_found_by_any_way_of_naming_it(said: str) -> None:
    assert "cam/a.jpg" in possible_names(said, "/card")


@pytest.mark.parametrize(
    ("heading", "cells", "sighting"),
    [
        ("count,sex,lifeStage", "2.0,Hembra,adulta", Sighting("species", "wolf", 2, "female", "adult")),
        ("Cantidad,Sexo,Edad", "3,M,cría", Sighting("species", "wolf", 3, "male", "juvenile")),
        (
            "observationComments,observation tags",
            "limps,a; b",
            Sighting("species", "wolf", tags=("a", "b"), comment="limps"),
        ),
        ("behaviour,individualID", "feeding,F3", Sighting("species", "wolf", behavior="feeding", individual="F3")),
    ],
)
def test_counts_and_details_are_read_as_other_programs_call_them(
    tmp_path: Path, heading: str, cells: str, sighting: Sighting
) -> None:
    path = table(tmp_path, f"file,review,{heading}\na.jpg,Lobo,{cells}\n")
    assert list(read_reviews(path, SPECIES)) == [ReviewRow(2, "a.jpg", sighting)]


@pytest.mark.parametrize(
    ("heading", "cell", "reason"),
    [
        ("count", "0", "a count of 0"),
        ("count", "1.5", "a count of 1.5"),
        ("count", "many", "count 'many' is no number"),
        ("sex", "both", "none of female, male"),
        ("life_stage", "old", "none of adult, subadult, juvenile"),
        ("reviewed_at", "yesterday", "is no time"),
        ("whole", "perhaps", "neither yes nor no"),
        ("box_left", "0.5", "a box needs all of"),
        ("box_left,box_top,box_width,box_height", "0.5,0,0.6,1", "leaves the picture"),
    ],
)
def test_a_cell_that_makes_no_sense_is_told(tmp_path: Path, heading: str, cell: str, reason: str) -> None:
    [bad] = read_reviews(table(tmp_path, f"file,review,{heading}\na.jpg,wolf,{cell}\n"), SPECIES)
    assert isinstance(bad, BadRow)
    assert reason in bad.reason
    assert bad.unlisted == ""


def test_persons_and_vehicles_are_read_unless_a_species_is_called_so(tmp_path: Path) -> None:
    path = table(tmp_path, "file,review\na.jpg,Persona\nb.jpg,vehicle\nc.jpg,human\n")
    said = [row.sighting for row in read_reviews(path, SPECIES) if isinstance(row, ReviewRow)]
    assert said == [Sighting("person"), Sighting("vehicle"), Sighting("person")]
    own = [*SPECIES, Species("human", "Human", "Humano", "Homo sapiens", "")]
    assert [row.sighting for row in read_reviews(path, own) if isinstance(row, ReviewRow)][2] == Sighting(
        "species", "human"
    )
