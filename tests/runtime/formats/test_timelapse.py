"""Timelapse's table: written as its reader takes it, read in every form in which it writes it."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avistar.formats.timelapse import Timelapse
from avistar.formats.timelapse_import import Speaker, TimelapseImport, is_timelapse, moment_in, read_timelapse, told_of
from avistar.records import Box, Capture, Record, Remark, Review, Sighting
from avistar.species import Species, known_species
from records_support import FACTS, NOON, boxed, everything, group, medium, record, reviewed

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FOX = Species("red_fox", "Red fox", "Zorro rojo", "Vulpes vulpes", "canid")
DOE = Sighting("species", "moose", 2, "female", "juvenile", "feeding", "M1", ("collar",), "limps", Box(0, 0, 0.5, 0.5))
SEVERAL = Review.of([DOE, Sighting("species", "red_fox"), Sighting("person", "", 3)], "Ana", AT)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def written(survey: Sequence[Record], folder: Path, language: str = "en") -> list[dict[str, str]]:
    Timelapse(language).write(survey, FACTS, folder / "t.csv")  # type: ignore[arg-type]
    return rows(folder / "t.csv")


def read(path: Path, survey: Sequence[Record], reviewer: str = "") -> TimelapseImport:
    """What a table says of records whose ids are their places, counted from 1."""
    places = {one.medium.relative: i for i, one in enumerate(survey, 1)}
    speaker = Speaker(reviewer or "Eva", NOW, alone=bool(reviewer))
    return read_timelapse(
        path,
        [*known_species(), FOX],
        lambda file: places.get(file.replace("\\", "/")),
        lambda ids: [survey[id - 1] for id in ids],
        speaker=speaker,
    )


def table(folder: Path, text: str) -> Path:
    path = folder / "ImageData.csv"
    path.write_text(text.replace("\n", "\r\n"), "utf-8-sig", newline="")
    return path


def test_a_photo_is_a_row_with_its_things_in_numbered_columns(tmp_path: Path) -> None:
    remark = Remark("look", ("night", "delete"), "Ana", AT)
    survey = [record("a/b/one.jpg", review=SEVERAL, species=(FOX,), remark=remark), reviewed("two.jpg")]
    first, second = written(survey, tmp_path)
    assert list(first) == [
        "File", "RelativePath", "DateTime", "DeleteFlag", "Species", "Count", "Sex", "LifeStage", "Behavior",
        "Individual", "ObservationComment", "ObservationTags", "Species2", "Species3", "Count3", "Comment", "Tags",
        "Reviewer",
    ]  # fmt: skip
    assert list(first.values()) == [
        "one.jpg", "a\\b", "2026-03-01 12:00:05", "true", "Moose", "2", "female", "juvenile", "feeding", "M1", "limps",
        "collar", "Red fox", "person", "3", "look", "night", "Ana",
    ]  # fmt: skip
    assert [second[name] for name in ("File", "RelativePath", "DeleteFlag", "Species", "Count", "Reviewer")] == [
        "two.jpg", "", "false", "Otter", "", "Ana Ruiz",
    ]  # fmt: skip


def test_the_machine_s_answers_are_there_and_its_boxes_are_counted(tmp_path: Path) -> None:
    two = boxed()
    same = replace(
        two, observations=(two.observations[0], replace(two.observations[0], region=two.observations[1].region))
    )
    cells = {row["File"]: row for row in written([same, *everything()[:4]], tmp_path)}
    assert [cells["boxes.jpg"][name] for name in ("Species", "Count", "Species2", "Count2")] == [
        "Moose", "2", "person", "1",
    ]  # fmt: skip
    found = {file: row["Species"] for file, row in cells.items()}
    assert found == {
        "boxes.jpg": "Moose",
        "a.jpg": "Wolf",
        "group.jpg": "canid",
        "unknown.jpg": "unknown",
        "empty.jpg": "empty",
    }
    assert written([reviewed()], tmp_path, "es")[0]["Species"] == "Nutria"


def test_every_cell_that_timelapse_checks_is_as_it_wants_it(tmp_path: Path) -> None:
    for row in written(everything(), tmp_path):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["DateTime"])
        assert row["DeleteFlag"] in ("true", "false")
        assert all(value.isdigit() or not value for name, value in row.items() if name.startswith("Count"))
        assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) for name in row)


def test_a_photo_without_a_time_gets_its_file_s_and_that_is_said(tmp_path: Path) -> None:
    at = datetime(2026, 2, 3, 4, 5, 6)
    undated = record(medium=medium("x.jpg", capture=Capture(), modified_ns=int(at.timestamp() * 1e9)))
    template, said = Timelapse().write([undated, record()], FACTS, tmp_path / "t.csv").notes
    assert rows(tmp_path / "t.csv")[0]["DateTime"] == "2026-02-03 04:05:06"
    assert said.startswith("1 photo tells no time of capture")
    assert template.endswith("for each of: Species, Count, Comment")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_table_that_comes_back_unchanged_says_nothing_new(tmp_path: Path, language: str) -> None:
    several = record("many.jpg", review=SEVERAL, species=(FOX,), remark=Remark("a\nb", ("x", "delete"), "Ana", AT))
    survey = [*everything(), several]
    written(survey, tmp_path, language)
    found = read(tmp_path / "t.csv", survey)
    assert (found.said.reviews, found.said.remarks, found.said.bad, found.said.unlisted) == ((), (), (), ())
    assert (found.unchanged, found.passed_over) == (len(survey), ())


def test_what_was_written_is_read_into_an_empty_survey_as_it_was(tmp_path: Path) -> None:
    remark = Remark("look", ("night", "delete"), "Ana", AT)
    survey = [
        record("a/one.jpg", review=SEVERAL, species=(FOX,), remark=remark),
        reviewed("nothing.jpg", "empty"),
        reviewed("what.jpg", "unknown"),
    ]
    written(survey, tmp_path)
    found = read(tmp_path / "t.csv", [Record(one.medium) for one in survey]).said
    unboxed = replace(SEVERAL, at=NOW, sightings=(replace(DOE, box=None), *SEVERAL.sightings[1:]))
    assert [review for _, review in found.reviews] == [
        unboxed,
        Review("empty", "", "Ana Ruiz", NOW),
        Review("unknown", "", "Ana Ruiz", NOW),
    ]
    assert found.remarks == ((1, replace(remark, at=NOW)),)


def test_what_was_changed_is_new_and_keeps_the_boxes_of_the_rest(tmp_path: Path) -> None:
    survey = [record("a/one.jpg", review=SEVERAL, species=(FOX,)), record("b.jpg"), record("c.jpg", group())]
    written(survey, tmp_path)
    text = (tmp_path / "t.csv").read_text("utf-8-sig").replace("Red fox", "zorro rojo;").replace(",canid", ",Collie")
    text = text.replace("zorro rojo;", "Wolf")
    found = read(table(tmp_path, text.replace("\r\n", "\n")), survey).said
    (first, said), (third, collie) = found.reviews
    assert (first, third, collie.species) == (1, 3, "collie")
    assert said.sightings == (DOE, Sighting("species", "wolf"), Sighting("person", "", 3))


TIMELAPSE = """\
RootFolder,File,RelativePath,DateTime,DeleteFlag,Species,Count,Species1,Comments,Moon
Card,IMG_1.JPG,st1\\day 2,2026-03-01 12:00:05,false,Moose,2,,"two, calm",full
Card,IMG_1.JPG,st1\\day 2,2026-03-01 12:00:05,false,Red fox,1,,,full
Card,IMG_2.JPG,st1,2026-03-01T13:00:05,TRUE,,0,,,full
Card,IMG_3.JPG,st1,01-Mar-2026 12:00:05,false,Wolv,0,,,full
Card,IMG_4.JPG,st1,2026-03-01 12:00:05,false,,4,,,full
Card,IMG_5.JPG,st1,2026-03-01 12:00:05,maybe,empty,0,,,full
Card,gone.JPG,st1,2026-03-01 12:00:05,false,Wolf,1,,,full
"""


def test_timelapse_s_own_export_is_understood(tmp_path: Path) -> None:
    names = ["st1/day 2/IMG_1.JPG", *(f"st1/IMG_{i}.JPG" for i in range(2, 6))]
    survey = [Record(medium(name)) for name in names]
    path = table(tmp_path, TIMELAPSE)
    assert is_timelapse(path)
    found = read(path, survey)
    things = [Sighting("species", "moose", 2), Sighting("species", "red_fox", 1)]
    assert found.said.reviews == ((1, Review.of(things, "Eva", NOW)),)
    assert found.said.remarks == (
        (1, Remark("two, calm", (), "Eva", NOW)),
        (2, Remark("", ("delete",), "Eva", NOW)),
    )
    assert [(row.number, row.unlisted) for row in found.said.bad] == [(5, "Wolv"), (6, ""), (7, "")]
    assert [str(row.reason) for row in found.said.bad][1:] == [
        "it says how many, but not of which species",
        "'maybe' is neither yes nor no",
    ]
    assert found.said.unlisted == ("st1/gone.JPG",)
    assert (found.passed_over, found.other_times) == (("Moon",), (("st1/IMG_2.JPG", 3600.0),))
    assert any("first" not in said and "+3,600 s" in said for said in told_of(found))


def test_a_reviewer_that_is_named_for_all_counts_more_than_the_table_s(tmp_path: Path) -> None:
    path = table(tmp_path, "File,RelativePath,Analyst,Species\na.jpg,cam1,Bob,wolf\n")
    assert [read(path, [Record(medium())], name).said.reviews[0][1].reviewer for name in ("", "Zoe")] == ["Bob", "Zoe"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 12:00:05",
        "2026-03-01T12:00:05",
        "01-Mar-2026 12:00:05",
        "1-mar-2026 12:00:05",
        " 2026-03-01 12:00:05",
    ],
)
def test_each_of_timelapse_s_times_is_read(text: str) -> None:
    assert moment_in(text) == NOON


@pytest.mark.parametrize("text", ["", " ", "03/01/2026 12:00", "2026-03-01T12:00:05.000Z", "31-Feb-2026 1:00:00"])
def test_a_time_that_can_t_be_told_is_none(text: str) -> None:
    assert moment_in(text) is None


def test_date_and_time_in_columns_of_their_own(tmp_path: Path) -> None:
    path = table(tmp_path, "File,RelativePath,Date,Time,Species\na.jpg,cam1,1-Mar-2026,9:00:05,wolf\n")
    assert read(path, [Record(medium())]).other_times == (("cam1/a.jpg", -10800.0),)


def test_our_table_of_reviews_is_none_of_timelapse_s(tmp_path: Path) -> None:
    assert not is_timelapse(table(tmp_path, "file,RelativePath,review\na.jpg,cam1,wolf\n"))
    assert not is_timelapse(table(tmp_path, "file,species\na.jpg,wolf\n"))
