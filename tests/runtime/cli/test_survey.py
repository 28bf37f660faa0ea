from __future__ import annotations

import csv
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from avistar import Classifier
from avistar.catalogue import Catalogue, Model, Query
from avistar.cli.main import main
from avistar.records import Box, Capture, Record
from avistar.sorting import JOURNAL
from survey_support import WOLF, answered, facts, failed, medium


@pytest.fixture
def survey(tmp_path: Path, classifier: Classifier) -> Path:
    """A catalogue of three photos and a broken one, of which one was reviewed."""
    model, card = Model.of(classifier), tmp_path / "card"
    names = ("cam1/a.jpg", "cam1/b.jpg", "cam2/a.jpg")
    for name in (*names, "cam2/broken.jpg"):
        (card / name).parent.mkdir(parents=True, exist_ok=True)
        (card / name).write_text(name)
    path = tmp_path / "survey.avistar"
    with Catalogue.open(path, new=facts(card)) as catalogue:
        records = [answered(card, name, model, seed) for seed, name in enumerate(names)]
        catalogue.write([*records, failed(card, "cam2/broken.jpg")], model)
        catalogue.review([1], WOLF)
    return path


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


def run(*arguments: object) -> int:
    return main(["survey", *map(str, arguments)])


def test_info_says_what_the_catalogue_holds(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("info", survey) == 0
    out = capsys.readouterr().out
    assert "4 media: 3 identified, 0 empty, 1 failed, 0 waiting" in out
    assert "1 reviewed by people" in out
    assert run("info", survey, "--language", "es") == 0
    assert "4 medios" in capsys.readouterr().out
    assert run("info", survey, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["counts"]["total"], told["models"][0]["bundle"]) == (4, "tiny")


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx", "r.jsonl", "r.json"])
def test_the_suffix_says_what_to_write(survey: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    target = survey.parent / name
    assert run("export", survey, target) == 0
    assert target.stat().st_size > 100
    assert "4 media written" in capsys.readouterr().err


def test_what_makes_no_sense_is_a_usage_error(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", survey, "r.doc") == 2
    assert "no format is known by '.doc'" in capsys.readouterr().err
    assert run("export", survey) == 2
    assert "name what to write" in capsys.readouterr().err
    assert run("export", survey.with_name("none.avistar"), "r.csv") == 1
    assert "there is no such catalogue" in capsys.readouterr().err


def test_sidecars_go_beside_the_photos_unless_told_otherwise(survey: Path) -> None:
    assert run("export", survey, "--format", "xmp", "-q") == 0
    assert (survey.parent / "card" / "cam1" / "a.jpg.xmp").exists()
    assert not (survey.parent / "card" / "cam2" / "broken.jpg.xmp").exists()


def test_camtrap_dp_lists_what_is_missing_and_takes_it_from_the_filled_template(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = survey.parent
    assert run("export", survey, folder / "dp", "--format", "camtrap-dp") == 2
    assert "camera cam1: latitude is missing" in capsys.readouterr().err
    assert run("deployments-template", survey, folder) == 0
    given = ("--deployments", folder / "deployments.csv", "--project", folder / "project.toml")
    assert run("export", survey, folder / "dp", "--format", "camtrap-dp", *given) == 2
    assert "row 2: latitude is missing" in capsys.readouterr().err
    (folder / "deployments.csv").write_text(
        "folder,deploymentID,latitude,longitude,timezone,deploymentStart,deploymentEnd\n"
        ",A,1,1,+01:00,2026-01-01,2026-02-01\n"
    )
    (folder / "project.toml").write_text(
        '[project]\ntitle = "T"\nsamplingDesign = "targeted"\ncaptureMethod = ["timeLapse"]\n'
        'individualAnimals = false\n[[contributors]]\ntitle = "Ana"\n'
    )
    assert run("export", survey, folder / "dp", "--format", "camtrap-dp", *given) == 2
    assert "3 media have no time of capture" in capsys.readouterr().err
    assert run("export", survey, folder / "dp", "--format", "camtrap-dp", *given, "--leave-out-undated") == 0
    assert sorted(path.name for path in (folder / "dp").iterdir()) == [
        "datapackage.json", "deployments.csv", "media.csv", "observations.csv",
    ]  # fmt: skip


def test_sorting_is_shown_first_done_with_yes_and_taken_back(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = survey.parent / "sorted"
    assert run("sort", survey, root) == 0
    assert "nothing was done" in capsys.readouterr().err
    assert not root.exists()
    assert run("sort", survey, root, "--yes") == 0
    assert "3 files placed" in capsys.readouterr().out
    assert (root / "wolf" / "cam1" / "a.jpg").read_text() == "cam1/a.jpg"
    assert run("undo", root) == 0
    assert list(root.iterdir()) == []
    assert run("undo", root) == 2
    assert JOURNAL in capsys.readouterr().err


def test_a_photo_moved_between_species_folders_becomes_a_review(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = survey.parent / "sorted"
    run("sort", survey, root, "--yes")
    (root / "Nutria").mkdir()
    (root / "wolf" / "cam1" / "a.jpg").rename(root / "Nutria" / "a.jpg")
    capsys.readouterr()
    assert run("corrections", survey, root) == 0
    out = capsys.readouterr().out
    assert "wolf → Nutria: 1" in out
    assert "nothing was stored" in out
    assert run("corrections", survey, root, "--apply", "--reviewer", "Ana") == 0
    with Catalogue.read(survey) as catalogue:
        review = next(iter(catalogue.records())).review
    assert review is not None
    assert (review.species, review.reviewer) == ("otter", "Ana")
    assert run("corrections", survey, root, "--apply") == 0
    assert run("undo", root) == 0


def test_reviews_go_out_to_a_table_and_come_in_from_one(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = survey.parent / "reviews.csv"
    assert run("reviews", survey, "--out", table) == 0
    with table.open(encoding="utf-8-sig", newline="") as stream:
        assert [(row["file"], row["review"]) for row in csv.DictReader(stream)] == [("cam1/a.jpg", "wolf")]
    table.write_text("file;review\ncam1/a.jpg;seal\ncam1/b.jpg;fox\ncam9/z.jpg;seal\n")
    assert run("reviews", survey, "--import", table) == 1
    out, err = capsys.readouterr()
    assert "seal: 1" in out
    assert "row 3: 'fox' is none of the 30 species" in err
    assert "1 rows name files that are not in the catalogue, such as cam9/z.jpg" in err
    with Catalogue.read(survey) as catalogue:
        assert catalogue.reviews(1) == [WOLF]
    assert run("reviews", survey, "--import", table, "--apply", "--reviewer", "Eva") == 1
    assert run("reviews", survey) == 0
    assert "seal: 1 (Eva)" in capsys.readouterr().out
    assert run("reviews", survey, "--undo") == 0
    assert run("reviews", survey) == 0
    assert "wolf: 1 (Ana)" in capsys.readouterr().out


def test_the_help_loads_nothing_that_takes_time() -> None:
    code = (
        "import sys; from avistar.cli.main import main; main(['survey', 'export', '--help']); "
        "print(sorted({'numpy', 'PIL', 'sqlite3', 'rich', 'onnxruntime'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().endswith("[]")


def contents(target: Path) -> str:
    """All that an export left, workbooks unpacked."""
    files = [target] if target.is_file() else sorted(path for path in target.rglob("*") if path.is_file())
    texts = [str(path) for path in files]
    for path in files:
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                texts += [parts.read(name).decode("utf-8", "replace") for name in parts.namelist()]
        else:
            texts.append(path.read_text("utf-8"))
    return "\n".join(texts)


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx", "r.jsonl", "r.json", "camtrap-dp", "xmp"])
def test_a_photo_that_somebody_deleted_is_handed_on_only_when_asked(
    survey: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, target = survey.parent, survey.parent / name
    with Catalogue.open(survey) as catalogue:
        photos = [replace(one, medium=replace(one.medium, capture=TAKEN)) for one in catalogue.records()]
        catalogue.write(photos, catalogue.models()[0][0])
        (folder / "card" / "cam2" / "a.jpg").rename(folder / "aside")
        catalogue.reconcile([], below=("cam2/a.jpg",))
    (folder / "deployments.csv").write_text(DEPLOYMENTS, "utf-8")
    (folder / "project.toml").write_text(PROJECT, "utf-8")
    options = ["--deployments", folder / "deployments.csv", "--project", folder / "project.toml"]
    command = ["export", survey, target, *(["--format", name] if "." not in name else [])]
    if name == "camtrap-dp":
        command += options
    if name == "xmp":
        target.mkdir()
    run(*command)
    assert "1 file is no longer in the folder: left out" in capsys.readouterr().err
    assert "cam1/a.jpg" in contents(target)
    assert "cam2/a.jpg" not in contents(target)
    if name != "xmp":  # a sidecar belongs to a photo
        run(*command, "--overwrite", "--include-vanished")
        assert "left out" not in capsys.readouterr().err
        assert "cam2/a.jpg" in contents(target)


TAKEN = Capture(datetime(2026, 3, 1, 12, 0, 5))
DEPLOYMENTS = """folder,deploymentID,latitude,longitude,timezone,deploymentStart,deploymentEnd
,C1,40.5,-3.25,+01:00,2026-02-01,2026-04-01
"""
PROJECT = """[project]
title = "Wolves"
samplingDesign = "targeted"
captureMethod = ["activityDetection"]
individualAnimals = false
[[contributors]]
title = "Ana"
"""


def test_counts_leave_out_what_vanished_and_know_people_and_vehicles(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = survey.parent / "card"
    person, car = Box(0, 0, 0.2, 0.5, "person", 0.9), Box(0.5, 0, 0.2, 0.5, "vehicle", 0.8)
    with Catalogue.open(survey) as catalogue:
        model = catalogue.models()[0][0]
        [two] = catalogue.records_of([2])
        both = replace(two, detections=(person, car))
        catalogue.write([both, Record(medium(card, "cam3/hiker.jpg"), detections=(person,))], model)
        catalogue.reconcile([], below=("cam2/a.jpg",))
    assert run("info", survey) == 0
    out = capsys.readouterr().out
    assert "2 answered by tiny" in out
    assert "        2  person\n" in out
    assert "        1  vehicle\n" in out
    assert run("info", survey, "--language", "es") == 0
    assert "        2  persona\n" in capsys.readouterr().out
    with Catalogue.read(survey) as catalogue:
        [row] = catalogue.rows(catalogue.ids_of(["cam3/hiker.jpg"]).values())
        assert row.finding == "person"
        assert len(catalogue.ids(Query(finding=("person",)))) == 2


def test_keywords_changed_elsewhere_are_shown_stored_and_taken_out_again(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = survey.parent / "card"
    before = {path for path in card.rglob("*") if path.is_file()}
    assert run("export", survey, "--format", "xmp", "--quiet") == 0
    assert run("keywords", survey) == 0
    assert "no keyword was changed" in capsys.readouterr().out
    sidecar = card / "cam1/a.jpg.xmp"
    theirs, mark, ours = sidecar.read_text("utf-8").partition("<avistar:keywords")
    changed = theirs.replace("<rdf:li>Wolf</rdf:li>", "<rdf:li>Moose</rdf:li>").replace("Canis lupus", "trip 3")
    sidecar.write_text(changed + mark + ours, "utf-8")
    assert run("keywords", survey) == 0
    out = capsys.readouterr().out
    assert "moose: 1" in out
    assert "nothing was stored: add --apply" in out
    assert run("keywords", survey, "--apply", "--reviewer", "Ana") == 0
    with Catalogue.read(survey) as catalogue:
        review = next(iter(catalogue.records())).review
    assert (review.species, review.reviewer) == ("moose", "Ana")
    assert run("keywords", survey, "--remove") == 0
    assert "3 sidecars are without Avistar's keywords now" in capsys.readouterr().out
    assert {path for path in card.rglob("*") if path.is_file()} == before | {sidecar}
    assert "Avistar" not in sidecar.read_text("utf-8")


def test_persons_are_left_out_of_any_export_and_blurred_only_in_copies(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Catalogue.open(survey) as catalogue:
        catalogue.review([2], replace(WOLF, verdict="person", species=""))
    target = survey.parent / "r.csv"
    assert run("export", survey, target, "--leave-out-persons") == 0
    assert "1 left out: a person is in it" in capsys.readouterr().err
    with target.open(encoding="utf-8-sig", newline="") as stream:
        assert [row["file"] for row in csv.DictReader(stream)] == ["cam1/a.jpg", "cam2/a.jpg", "cam2/broken.jpg"]
    assert run("export", survey, survey.parent / "x.csv", "--blur-persons") == 2
    assert "only copies can be blurred: add --copies" in capsys.readouterr().err
    assert run("export", survey, survey.parent / "x.csv", "--copies") == 2
    assert "carries no pictures" in capsys.readouterr().err
