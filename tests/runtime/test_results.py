from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import (
    AvistarError,
    Candidate,
    Decision,
    Failure,
    Fault,
    Identification,
    Provenance,
    UsageError,
)
from avistar.formats.answers import ResultsFile
from avistar.formats.rows import columns
from avistar.species import known_species

ORIGIN = Provenance("field", "ab" * 32, "int8", "cpu · onnxruntime 1.99 · int8 · 2 threads")
WOLF, SEAL = known_species()[29], known_species()[23]


def answered(source: str = "wolf.jpg") -> Identification:
    return Identification(
        source,
        ORIGIN,
        candidates=(Candidate(WOLF, 0.875), Candidate(SEAL, 0.125)),
        decision=Decision("species", "wolf", 0.875),
        probabilities=np.array([0.125, 0.875], np.float32),
        familiarity=-3.5,
        flags=("incomplete", "first_frame"),
        elapsed_ms=12.34,
    )


def failed(source: str = "bad.jpg", message: str = "bad.jpg: damaged") -> Identification:
    return Identification(source, ORIGIN, failure=Failure(Fault.DAMAGED, message))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_csv_row_says_all_that_was_found(tmp_path: Path) -> None:
    with ResultsFile(tmp_path / "r.csv", top=2) as results:
        results.write(answered())
    (row,) = read(tmp_path / "r.csv")
    assert list(row) == columns(2)
    assert row == {
        "file": "wolf.jpg",
        "decision": "species",
        "decision_id": "wolf",
        "decision_confidence": "0.875000",
        "decision_reason": "",
        "top1": "wolf",
        "top1_confidence": "0.875000",
        "top2": "seal",
        "top2_confidence": "0.125000",
        "familiarity": "-3.500000",
        "flags": "incomplete first_frame",
        "failure": "",
        "failure_message": "",
        "elapsed_ms": "12.3",
        "bundle": "field",
        "artifact_sha256": "ab" * 32,
        "precision": "int8",
        "runs_on": "cpu · onnxruntime 1.99 · int8 · 2 threads",
    }


def test_a_failure_is_a_row_with_its_reason(tmp_path: Path) -> None:
    with ResultsFile(tmp_path / "r.csv") as results:
        results.write(failed(), "dañada")
    (row,) = read(tmp_path / "r.csv")
    assert (row["failure"], row["failure_message"]) == ("damaged", "dañada")
    assert row["decision"] == row["top1"] == row["familiarity"] == ""


def test_json_lines_also_hold_every_probability_by_species(tmp_path: Path) -> None:
    with ResultsFile(tmp_path / "r.jsonl", top=1) as results:
        results.write(answered("ñandú.jpg"))
        results.write(failed())
    first, second = map(json.loads, (tmp_path / "r.jsonl").read_text("utf-8").splitlines())
    assert first["file"] == "ñandú.jpg"
    assert first["top"] == [{"species": "wolf", "confidence": 0.875}]
    assert first["probabilities"] == {"wolf": 0.875, "seal": 0.125}
    assert first["decision"]["kind"] == "species"
    assert first["provenance"]["artifact_sha256"] == "ab" * 32
    assert first["failure"] is None
    assert second["failure"] == {"fault": "damaged", "message": "bad.jpg: damaged"}
    assert second["decision"] is second["familiarity"] is None


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_name_that_a_spreadsheet_would_run_is_made_text(tmp_path: Path, start: str) -> None:
    with ResultsFile(tmp_path / "r.csv") as results:
        results.write(failed(f"{start}cmd|' /C calc'!A0.jpg", f"{start}1+1"))
    (row,) = read(tmp_path / "r.csv")
    assert row["file"] == f"'{start}cmd|' /C calc'!A0.jpg"
    assert row["failure_message"] == f"'{start}1+1"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_name_survives_the_csv(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("csv") / "r.csv"
    with ResultsFile(path) as results:
        results.write(failed(name))
        results.write(failed("last"))
    first, last = read(path)
    assert first["file"].removeprefix("'") == name.removeprefix("'")
    assert last["file"] == "last"


def test_a_csv_starts_with_the_mark_that_excel_needs(tmp_path: Path) -> None:
    with ResultsFile(tmp_path / "r.csv") as results:
        results.write(answered())
    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbffile,")


def test_rows_are_on_disk_while_the_run_goes_on_and_in_place_at_its_end(tmp_path: Path) -> None:
    with ResultsFile(tmp_path / "r.csv") as results:
        results.write(answered())
        (partial,) = tmp_path.iterdir()
        assert partial.name.startswith("r.csv.")
        assert partial.name.endswith(".partial")
        assert len(read(partial)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


def interrupt(path: Path, rows: int) -> None:
    with ResultsFile(path) as results:
        for _ in range(rows):
            results.write(answered())
        raise KeyboardInterrupt


def test_an_interrupted_run_keeps_what_is_done(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt(tmp_path / "r.csv", 3)
    assert len(read(tmp_path / "r.csv")) == 3


def test_a_run_that_fails_before_its_first_row_leaves_the_earlier_file(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("earlier")
    with pytest.raises(KeyboardInterrupt):
        interrupt(tmp_path / "r.csv", 0)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("r.csv", "earlier")]


@pytest.mark.parametrize("name", ["r.xlsx", "r", "csv"])
def test_another_suffix_is_a_usage_error_that_names_the_two(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"\.csv or \.jsonl"):
        ResultsFile(tmp_path / name)


def test_a_folder_or_a_missing_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "r.csv").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        ResultsFile(tmp_path / "r.csv")
    with pytest.raises(UsageError, match="create it first"):
        ResultsFile(tmp_path / "none" / "r.csv")


def test_a_full_disk_is_a_readable_error_that_says_where_the_rows_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = ResultsFile(tmp_path / "r.csv")
    results.write(answered())

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("avistar.files.os.fsync", full)
    with pytest.raises(AvistarError, match=r"No space left.*1 rows are in .*partial"):
        results.close()
