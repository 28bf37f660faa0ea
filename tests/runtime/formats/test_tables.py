from __future__ import annotations

import csv
import json
import string
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avistar import AvistarError, UsageError
from avistar.formats.jsonl import Jsonl
from avistar.formats.rows import record_columns
from avistar.formats.spreadsheet import Csv, Xlsx
from avistar.records import Box, Remark, Review, Sighting
from avistar.species import Species
from records_support import FACTS, answer, boxed, everything, failed, record, reviewed

NAMES = st.text(st.characters(exclude_characters="\0", codec="utf-8") | st.sampled_from("=+-@\n\r\t,;\"'é\u0301"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def sheets(path: Path) -> dict[str, list[tuple[object, ...]]]:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_a_photo_is_a_row_with_what_counts_and_what_the_machine_said(tmp_path: Path) -> None:
    written = Csv(top=2).write([reviewed()], FACTS, tmp_path / "r.csv")
    (row,) = rows(tmp_path / "r.csv")
    assert written.media == 1
    assert list(row) == record_columns(2)
    assert (row["file"], row["result"], row["result_id"], row["reviewer"]) == (
        "cam1/checked.jpg", "species", "otter", "Ana Ruiz",
    )  # fmt: skip
    assert (row["decision_id"], row["top1"], row["top1_confidence"]) == ("wolf", "wolf", "0.900000")
    assert (row["taken_at"], row["bundle"], row["precision"]) == ("2026-03-01T12:00:05", "field", "int8")


def test_each_thing_that_a_person_says_is_a_row(tmp_path: Path) -> None:
    fox = Species("red_fox", "Red fox", "Zorro", "Vulpes vulpes", "canid")
    at = datetime(2026, 3, 3, tzinfo=UTC)
    two = Sighting("species", "red_fox", 2, "female", "juvenile", "playing", "F1", ("den",), "wet", Box(0, 0, 0.5, 0.5))
    said = Review.of([two, Sighting("person")], "Ana", at)
    photo = replace(record(review=said), species=(fox,), remark=Remark("look", ("night", "print"), "Ana", at))
    Csv().write([photo], FACTS, tmp_path / "r.csv")
    Jsonl().write([photo], FACTS, tmp_path / "r.jsonl")
    first, second = rows(tmp_path / "r.csv")
    names = ("result_scientific", "count", "sex", "life_stage", "behavior", "individual", "observation_comment")
    assert [first[name] for name in names] == ["Vulpes vulpes", "2", "female", "juvenile", "playing", "F1", "wet"]
    assert (first["observation_tags"], first["box_width"], first["reviewer"]) == ("den", "0.500000", "Ana")
    assert (second["result"], second["count"], second["comment"], second["tags"]) == (
        "person", "", "look", "night; print",
    )  # fmt: skip
    line = json.loads((tmp_path / "r.jsonl").read_text("utf-8"))
    assert line["review"]["sightings"][0]["bbox"] == [0, 0, 0.5, 0.5]
    assert (line["comment"], line["tags"]) == ("look", ["night", "print"])


def test_every_animal_box_and_person_of_a_photo_has_its_row(tmp_path: Path) -> None:
    Csv().write([boxed()], FACTS, tmp_path / "r.csv")
    moose, unsure, person = rows(tmp_path / "r.csv")
    assert (moose["decision_id"], moose["box_width"], moose["detection_confidence"]) == (
        "moose",
        "0.300000",
        "0.950000",
    )
    assert unsure["decision"] == "unknown"
    assert (person["detection"], person["decision"]) == ("person", "")
    assert {row["result_id"] for row in (moose, unsure, person)} == {"moose"}


def test_a_failure_is_a_row_with_its_reason(tmp_path: Path) -> None:
    Csv().write([failed()], FACTS, tmp_path / "r.csv")
    (row,) = rows(tmp_path / "r.csv")
    assert (row["result"], row["failure"]) == ("failed", "damaged")


@settings(max_examples=30)
@given(name=NAMES, species=st.sampled_from(["wolf", "seal"]), confidence=st.floats(0.05, 1.0))
def test_any_name_and_confidence_survive_csv_and_xlsx(
    tmp_path_factory: pytest.TempPathFactory, name: str, species: str, confidence: float
) -> None:
    folder = tmp_path_factory.mktemp("r")
    survey = [record(f"a/{name}", answer(species, confidence))]
    Csv().write(survey, FACTS, folder / "r.csv")
    (row,) = rows(folder / "r.csv")
    assert row["file"] == f"a/{name}"
    assert float(row["top1_confidence"]) == pytest.approx(max(confidence, (1 - confidence) / 29), abs=1e-6)
    Xlsx().write(survey, FACTS, folder / "r.xlsx")
    table = sheets(folder / "r.xlsx")["Results"]
    cells = dict(zip(table[0], table[1], strict=True))
    unescape = pytest.importorskip("openpyxl.utils.escape").unescape
    assert unescape(cells["file"]) == f"a/{name}"
    assert cells["top1_confidence"] == pytest.approx(float(row["top1_confidence"]), abs=1e-6)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_name_that_a_spreadsheet_would_run_is_text_in_both(tmp_path: Path, start: str) -> None:
    survey = [record(f"{start}cmd|' /C calc'!A0.jpg")]
    Csv().write(survey, FACTS, tmp_path / "r.csv")
    Xlsx().write(survey, FACTS, tmp_path / "r.xlsx")
    assert rows(tmp_path / "r.csv")[0]["file"].startswith(f"'{start}")
    openpyxl = pytest.importorskip("openpyxl")
    cell = openpyxl.load_workbook(tmp_path / "r.xlsx")["Results"]["A2"]
    assert (cell.data_type, cell.value) == ("s", f"{start}cmd|' /C calc'!A0.jpg")


def test_a_name_that_is_no_utf8_is_shown_with_a_mark_in_each_table(tmp_path: Path) -> None:
    survey = [record("cam/a\udcff.jpg")]
    Csv().write(survey, FACTS, tmp_path / "r.csv")
    Jsonl().write(survey, FACTS, tmp_path / "r.jsonl")
    Xlsx().write(survey, FACTS, tmp_path / "r.xlsx")
    assert rows(tmp_path / "r.csv")[0]["file"] == "cam/a\ufffd.jpg"
    assert "\ufffd" in json.loads((tmp_path / "r.jsonl").read_text("utf-8"))["file"]
    assert "\ufffd" in str(sheets(tmp_path / "r.xlsx")["Results"][1][0])


def test_two_names_that_look_alike_stay_two(tmp_path: Path) -> None:
    names = ["a/\u00f1.jpg", "a/n\u0303.jpg"]
    Csv().write([record(name) for name in names], FACTS, tmp_path / "r.csv")
    assert [row["file"] for row in rows(tmp_path / "r.csv")] == names


def test_a_workbook_counts_what_was_found_and_says_where_it_comes_from(tmp_path: Path) -> None:
    Xlsx().write(everything(), FACTS, tmp_path / "r.xlsx")
    book = sheets(tmp_path / "r.xlsx")
    assert ("species", "wolf", 4) in book["Counts"]
    assert ("software", "Avistar 9.9") in book["About"]
    assert ("gap_s", "60") in book["About"]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next_and_that_is_said(tmp_path: Path) -> None:
    written = Xlsx(sheet_rows=4).write([record(f"{i}.jpg") for i in range(7)], FACTS, tmp_path / "r.xlsx")
    book = sheets(tmp_path / "r.xlsx")
    files = [row[0] for name in ("Results", "Results 2", "Results 3") for row in book[name][1:]]
    assert files == [f"{i}.jpg" for i in range(7)]
    assert "3 sheets" in written.notes[0]


def test_json_lines_hold_the_whole_probability_vectors(tmp_path: Path) -> None:
    written = Jsonl().write(everything(), FACTS, tmp_path / "r.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    assert written.media == len(lines) == len(everything())
    first = lines[0]
    assert len(first["observations"][0]["probabilities"]) == 30
    assert first["observations"][0]["provenance"]["artifact_sha256"] == "ab" * 32
    by_file = {line["file"]: line for line in lines}
    assert by_file["cam1/checked.jpg"]["review"] == {
        "verdict": "species", "species": "otter", "reviewer": "Ana Ruiz", "at": "2026-03-03T00:00:00+00:00",
        "whole": True, "sightings": []
    }  # fmt: skip
    assert by_file["cam1/broken.jpg"]["failure"]["fault"] == "damaged"
    assert by_file["cam2/burst1.jpg"]["together"]["decision"]["id"] == "wolf"
    assert by_file["cam1/boxes.jpg"]["observations"][0]["region"]["bbox"] == [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(("writer", "name"), [(Csv(), "r.csv"), (Xlsx(), "r.xlsx"), (Jsonl(), "r.jsonl")])
def test_an_export_that_breaks_leaves_the_earlier_file_and_nothing_else(
    tmp_path: Path, writer: Csv | Xlsx | Jsonl, name: str
) -> None:
    (tmp_path / name).write_text("earlier")

    def breaking() -> object:
        yield record()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        writer.write(breaking(), FACTS, tmp_path / name)  # type: ignore[arg-type]
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "earlier")]


def test_an_empty_survey_is_a_table_with_a_heading(tmp_path: Path) -> None:
    assert Csv().write([], FACTS, tmp_path / "r.csv").media == 0
    assert Xlsx().write([], FACTS, tmp_path / "r.xlsx").media == 0
    assert rows(tmp_path / "r.csv") == []
    assert len(sheets(tmp_path / "r.xlsx")["Results"]) == 1


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="create it first"):
        Csv().write([record()], FACTS, tmp_path / "none" / "r.csv")


def test_a_name_of_255_bytes_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / f"{'x' * (255 - 4)}.csv"
    Csv().write([record(string.ascii_letters)], FACTS, target)
    assert len(rows(target)) == 1


def test_a_full_disk_is_a_readable_error_and_the_earlier_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.csv").write_text("earlier")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("avistar.files.os.fsync", full)
    with pytest.raises(
        AvistarError, match=r"\(No space left on device\): at least .*B are needed, .*B are free. It was left as it was"
    ):
        Csv().write([record()], FACTS, tmp_path / "r.csv")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("r.csv", "earlier")]


def test_times_in_a_workbook_are_dates(tmp_path: Path) -> None:
    Xlsx().write([reviewed()], FACTS, tmp_path / "r.xlsx")
    heading, row = sheets(tmp_path / "r.xlsx")["Results"]
    cells = dict(zip(heading, row, strict=True))
    assert (cells["taken_at"], cells["reviewed_at"]) == (datetime(2026, 3, 1, 12, 0, 5), datetime(2026, 3, 3))
