from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from avistar import ModelBundle
from avistar.bundle import commit, draft
from avistar.catalogue import Catalogue, Query
from avistar.cli.main import main
from support import picture, tiny_graph
from survey_support import WOLF

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    for seed in range(4):
        picture(seed).save(folder / f"IMG_{seed}.jpg")
    (folder / "broken.jpg").write_bytes(b"<html>")
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "survey.avistar"


@pytest.fixture
def identify(tiny: ModelBundle, path: Path) -> Run:
    def run(*arguments: object, model: Path = tiny.folder) -> int:
        return main(["identify", "--model", str(model), "--catalogue", str(path), *map(str, arguments)])

    return run


def test_the_same_command_again_answers_only_what_is_new(identify: Run, card: Path, capsys: Captured) -> None:
    assert identify(card) == 1
    out, err = capsys.readouterr()
    assert "5 new, 0 changed, 0 moved, 0 vanished, 0 as before; 5 to identify" in err
    assert "holds 5 pictures: 0 to identify, 1 failed, 0 reviewed" in err
    assert len(out.splitlines()) == 6
    picture(9).save(card / "IMG_9.jpg")
    (card / "IMG_0.jpg").unlink()
    (card / "IMG_1.jpg").rename(card / "wolf.jpg")
    assert identify(card) == 0
    out, err = capsys.readouterr()
    assert "1 new, 0 changed, 1 moved, 1 vanished, 3 as before; 1 to identify" in err
    assert len(out.splitlines()) == 2


def test_results_hold_every_picture_whichever_run_answered_it(identify: Run, card: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.csv"
    assert identify(card, "--quiet") == 1
    assert identify(card, "--quiet", "--out", out) == 0
    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [Path(row["file"]).name for row in rows] == ["broken.jpg", *(f"IMG_{i}.jpg" for i in range(4))]
    assert [bool(row["failure"]) for row in rows] == [True, False, False, False, False]


def test_failures_are_kept_until_somebody_asks(identify: Run, card: Path, path: Path, capsys: Captured) -> None:
    assert identify(card) == 1
    assert identify(card) == 0
    assert identify(card, "--retry-failed") == 1
    assert "4 as before; 1 to identify" in capsys.readouterr().err or path.exists()
    picture(9).save(card / "broken.jpg")
    assert identify(card) == 0
    with Catalogue.read(path) as catalogue:
        assert catalogue.counts().failed == 0


def test_another_model_is_the_users_choice_and_never_touches_reviews(
    identify: Run, card: Path, path: Path, tmp_path: Path, tiny: ModelBundle, capsys: Captured
) -> None:
    with draft(tmp_path / "other") as temporary:
        (temporary / "model.onnx").write_bytes(tiny_graph(seed=1))
        other = commit(temporary, tiny.manifest, tmp_path / "other").folder
    assert identify(card) == 1
    with Catalogue.open(path) as catalogue:
        [first] = catalogue.ids_of(["IMG_0.jpg"]).values()
        catalogue.review([first], WOLF)
    capsys.readouterr()
    assert identify(card, model=other) == 2
    err = capsys.readouterr().err
    assert "4 pictures in" in err
    assert "--other-model keep" in err
    assert "--other-model again" in err
    assert identify(card, "--other-model", "keep", model=other) == 0
    assert identify(card, "--other-model", "again", model=other) == 0
    with Catalogue.read(path) as catalogue:
        assert [number for _, number in catalogue.models()] == [4]
        [record] = catalogue.records_of([first])
        assert record.review == WOLF
        assert catalogue.ids(Query(finding=("wolf",), reviewed=True)) == [first]


def test_a_catalogue_from_a_newer_avistar_is_refused(identify: Run, card: Path, path: Path, capsys: Captured) -> None:
    identify(card)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    capsys.readouterr()
    assert identify(card) == 1
    assert "written by a newer Avistar (catalogue version 7" in capsys.readouterr().err


def test_a_second_run_is_refused_politely(identify: Run, card: Path, path: Path, capsys: Captured) -> None:
    identify(card)
    capsys.readouterr()
    with Catalogue.open(path):
        assert identify(card) == 1
    assert "being written by another Avistar (a run, or the desktop app): wait for it" in capsys.readouterr().err


def test_a_file_that_is_no_catalogue_is_left_alone(identify: Run, card: Path, path: Path, capsys: Captured) -> None:
    path.write_text("notes")
    assert identify(card) == 1
    assert "it is no catalogue: name another file" in capsys.readouterr().err
    assert path.read_text() == "notes"


def test_a_missing_folder_is_wrong_usage_and_nothing_vanishes(
    identify: Run, card: Path, path: Path, capsys: Captured
) -> None:
    identify(card)
    card.rename(card.with_name("gone"))
    assert identify(card) == 2
    assert "there is no such file or folder" in capsys.readouterr().err
    with Catalogue.read(path) as catalogue:
        assert catalogue.counts().vanished == 0


def test_an_empty_folder_is_said(identify: Run, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "empty").mkdir()
    assert identify(tmp_path / "empty") == 0
    assert "no pictures in" in capsys.readouterr().err


def test_options_of_the_catalogue_need_one(tiny: ModelBundle, card: Path, capsys: Captured) -> None:
    assert main(["identify", "--model", str(tiny.folder), str(card), "--retry-failed"]) == 2
    assert "--catalogue" in capsys.readouterr().err


def test_workers_and_batch_can_be_chosen(identify: Run, card: Path, capsys: Captured) -> None:
    assert identify(card, "--workers", 3, "--batch", 2, "-v") == 1
    assert "3 workers, batches of 2" in capsys.readouterr().err
