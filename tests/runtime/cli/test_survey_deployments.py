"""`avistar survey deployments` and `clock`: cameras shown, taken from a table, changed and undone; clocks set right."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from avistar import Classifier
from avistar.catalogue import CameraFolder, Catalogue, Model
from avistar.catalogue.clock_shift import ClockShift, clock_text, offset_text, read_clock, read_offset
from avistar.cli.main import main
from avistar.records import Capture, Record
from avistar.summary import summarised
from survey_support import answered, facts, medium

NOON = datetime(2026, 5, 1, 12)
HALF = timedelta(minutes=30)
PROJECT = (
    '[project]\ntitle = "Lobos"\nsamplingDesign = "targeted"\ncaptureMethod = ["timeLapse"]\n'
    'individualAnimals = false\n[[contributors]]\ntitle = "Ana"\n'
)


@pytest.fixture
def survey(tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cameras, one of which tells where it stood."""
    monkeypatch.setenv("LC_ALL", "C")
    model, path = Model.of(classifier), tmp_path / "survey.avistar"
    placed, other = Capture(NOON, "Reconyx HF2X", "SN1", 40.5, -3.25), Capture(NOON + timedelta(days=2), "Browning")
    names = {"cam1/a.jpg": placed, "cam1/b.jpg": Capture(NOON + timedelta(hours=3)), "niño/a.jpg": other}
    records = [
        Record(medium(tmp_path, name, capture=capture), answered(tmp_path, name, model).observations)
        for name, capture in names.items()
    ]
    with Catalogue.open(path, new=facts(tmp_path)) as catalogue:
        catalogue.write(records, model)
    return path


def run(verb: str, survey: Path, *arguments: object) -> int:
    return main(["survey", verb, str(survey), *map(str, arguments)])


def stored(survey: Path) -> dict[str, CameraFolder]:
    with Catalogue.read(survey) as catalogue:
        return {one.folder: one for one in catalogue.deployments.all()}


def times(survey: Path) -> list[datetime | None]:
    with Catalogue.read(survey) as catalogue:
        return [record.medium.capture.taken_at for record in catalogue.records()]


def test_the_photos_fill_the_table_in_and_what_is_missing_is_told(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("deployments", survey, "--json") == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["folder"], first["latitude"], first["longitude"]) == ("cam1", "40.5", "-3.25")
    assert (first["deploymentStart"], first["deploymentEnd"]) == ("2026-05-01 12:00", "2026-05-01 15:00")
    assert (first["cameraID"], first["cameraModel"], first["media"]) == ("SN1", "Reconyx HF2X", 2)
    assert (second["folder"], second["latitude"], second["stated"]) == ("niño", "", False)
    assert run("deployments", survey) == 0
    assert "Camtrap DP still needs 4 cells, such as timezone of 'cam1'" in capsys.readouterr().err


def test_a_template_filled_in_by_a_spreadsheet_is_taken_and_undone(
    survey: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = survey.parent / "cameras.tsv"
    assert run("deployments", survey, "--template", table) == 0
    assert run("deployments", survey, "--template", table) == 2
    with table.open(encoding="utf-8-sig", newline="") as stream:
        assert [row["folder"] for row in csv.DictReader(stream, delimiter="\t")] == ["cam1", "niño"]
    assert run("deployments", survey, "--import", table) == 0
    assert stored(survey) == {}  # it repeats what the photos tell
    table.write_text(
        "Carpeta;Lugar;Latitud;Longitud;Inicio;Fin;Zona horaria;Reloj;cameraHeight\r\n"
        "niño\\;Río;40,25;-3,5;25/04/2026 9:30;1/5/2026;+02:00;-0:30;0,8\r\n"
        "cam1;Puente;;;;;Europe/Madrid;;\r\n",
        "cp1252",
    )
    assert run("deployments", survey, "--import", table) == 0
    assert "1 photo has another time now" in capsys.readouterr().out
    assert stored(survey) == {
        "cam1": CameraFolder("cam1", {"locationName": "Puente", "timezone": "Europe/Madrid"}),
        "niño": CameraFolder(
            "niño",
            {
                "locationName": "Río", "latitude": "40.25", "longitude": "-3.5", "deploymentStart": "2026-04-25 09:30",
                "deploymentEnd": "2026-05-01", "timezone": "+02:00", "cameraHeight": "0.8",
            },
            timedelta(minutes=-30),
        ),
    }  # fmt: skip
    assert run("reviews", survey, "--undo") == 0
    assert stored(survey) == {}


def test_a_table_that_names_folders_without_photos_is_taken_and_they_are_told(
    survey: Path, classifier: Classifier, capsys: pytest.CaptureFixture[str]
) -> None:
    add(survey, Model.of(classifier), {"site/cam3/a.jpg": Capture(NOON)})
    table = survey.parent / "cameras.csv"
    table.write_text("folder,place\ncam9,Hill\nsite/cam3,Ford\ncam,Bend\ncam1,Bridge\n")
    assert run("deployments", survey, "--import", table) == 0
    told = [line.split("'")[1] for line in capsys.readouterr().err.splitlines() if "is it spelled right?" in line]
    assert told == ["cam9", "cam"]
    assert stored(survey).keys() == {"cam9", "site/cam3", "cam", "cam1"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("cam1,91,1,,,", "row 3, latitude: '91' is no latitude"),
        ("cam1,1,x,,,", "'x' is no longitude"),
        ("cam1,1,1,5/6/2026,,", "day or month first"),
        ("cam1,1,1,soon,,", "'soon' is no time"),
        ("cam1,1,1,2026-05-02,2026-05-01,", "the end is before the start"),
        ("cam1,1,1,,,Marte", "'Marte' is no time zone"),
        ("x,1,1,,,", "the folder 'x' is in row 2 already"),
    ],
)
def test_a_table_that_makes_no_sense_is_told_and_nothing_is_stored(
    survey: Path, row: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = survey.parent / "cameras.csv"
    table.write_text(f"folder,lat,lon,start,end,zone\nx,,,,,\n{row}\n")
    assert run("deployments", survey, "--import", table) == 2
    assert reason in capsys.readouterr().err
    assert stored(survey) == {}
    table.write_text("a,b\n1,2\n")
    assert run("deployments", survey, "--import", table) == 2
    assert "no column 'folder'" in capsys.readouterr().err


def test_single_cells_are_set_and_dropped(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("deployments", survey, "--folder", "cam1", "--set", "place=Puente", "--set", "zone=+02:00") == 0
    assert run("deployments", survey, "--folder", "puente", "--set", "latitude=41", "--reviewer", "Ana") == 0
    assert stored(survey)["cam1"].facts == {"locationName": "Puente", "timezone": "+02:00", "latitude": "41"}
    assert run("deployments", survey, "--folder", "cam1", "--set", "latitude=") == 0
    assert "latitude" not in stored(survey)["cam1"].facts
    assert run("deployments", survey, "--folder", "cam1", "--set", "latitude=north") == 2
    assert run("deployments", survey, "--folder", "cam9", "--set", "latitude=1") == 2
    assert "there is no camera 'cam9': the folders are 'cam1', 'niño'" in capsys.readouterr().err
    assert run("deployments", survey, "--set", "latitude=1") == 2
    assert run("deployments", survey, "--drop", "cam1") == 0
    assert stored(survey) == {}


def test_cameras_inside_the_one_that_is_set_stay_cameras_at_the_depth_that_is_asked_for(
    survey: Path, classifier: Classifier
) -> None:
    names = ("loose.jpg", "site/cam3/a.jpg", "site/cam4/a.jpg")
    add(survey, Model.of(classifier), dict.fromkeys(names, Capture(NOON)))
    assert run("deployments", survey, "--depth", "2", "--folder", "", "--set", "place=Valley") == 0
    assert stored(survey).keys() == {"", "cam1", "niño", "site/cam3", "site/cam4"}


def test_camtrap_dp_needs_no_file_made_by_hand(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = survey.parent / "dp"
    export = (package, "--format", "camtrap-dp")
    assert run("export", survey, *export) == 2
    told = capsys.readouterr().err
    for words in ("camera cam1: timezone is missing", "camera niño: latitude is missing", "whose survey it is"):
        assert words in told
    (survey.parent / "project.toml").write_text(PROJECT)
    assert run("deployments", survey, "--project", survey.parent / "project.toml") == 0
    run("deployments", survey, "--folder", "cam1", "--set", "zone=+02:00", "--set", "clock=1:00:00")
    run("deployments", survey, "--folder", "niño", "--set", "zone=+02:00", "--set", "lat=1", "--set", "lon=2")
    assert run("export", survey, *export) == 0
    with (package / "deployments.csv").open(encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert (first["deploymentID"], first["deploymentStart"]) == ("cam1", "2026-05-01T13:00:00+02:00")
    assert first["deploymentComments"] == "camera clock +1:00:00"
    assert (second["deploymentID"], second["latitude"]) == ("niño", "1.0")
    with (package / "media.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.DictReader(stream))["timestamp"] == "2026-05-01T13:00:00+02:00"


def test_a_clock_is_set_right_by_an_offset_or_by_a_photo(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("clock", survey) == 0
    assert "no camera's clock is shifted" in capsys.readouterr().out
    assert run("clock", survey, "--deployment", "cam1", "--offset", "-1:30:00") == 0
    assert times(survey)[:2] == [NOON - timedelta(hours=1.5), NOON + timedelta(hours=1.5)]
    assert run("clock", survey, "--photo", "cam1/b.jpg", "--taken-at", "2024-05-01 15:10") == 0
    assert times(survey) == [
        datetime(2024, 5, 1, 12, 10), datetime(2024, 5, 1, 15, 10), NOON + timedelta(days=2),
    ]  # fmt: skip
    capsys.readouterr()
    assert run("clock", survey) == 0
    assert capsys.readouterr().out == "cam1\t-729 d 23:50:00\n"
    assert run("reviews", survey, "--undo") == 0
    assert times(survey)[0] == NOON - timedelta(hours=1.5)
    assert run("clock", survey, "--deployment", "cam1", "--offset", "0:00") == 0
    assert times(survey)[0] == NOON
    with Catalogue.read(survey) as catalogue:
        assert all(record.medium.capture.recorded_at is None for record in catalogue.records())


def test_a_clock_that_was_wrong_for_a_part_of_the_time(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = NOON + timedelta(hours=2)
    assert run("clock", survey, "--deployment", "cam1", "--offset", "1:00", "--from", str(late)) == 0
    assert "+1:00:00 from 2026-05-01 14:00 is added" in capsys.readouterr().out
    assert times(survey)[:2] == [NOON, NOON + timedelta(hours=4)]
    assert run("clock", survey, "--deployment", "cam1", "--offset", "-2:00", "--to", "2026-05-01 13:00") == 0
    assert times(survey)[:2] == [NOON - timedelta(hours=2), NOON + timedelta(hours=4)]
    capsys.readouterr()
    assert run("clock", survey) == 0
    assert capsys.readouterr().out == "cam1\t+1:00:00 from 2026-05-01 14:00; -2:00:00 to 2026-05-01 13:00\n"
    assert run("reviews", survey, "--undo") == 0
    assert times(survey)[:2] == [NOON, NOON + timedelta(hours=4)]
    assert run("clock", survey, "--deployment", "cam1", "--offset", "0:00") == 0
    assert times(survey)[:2] == [NOON, NOON + timedelta(hours=3)]


def test_a_clock_that_was_reset_is_set_right_from_the_first_photo_on(
    survey: Path, classifier: Classifier, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reset = datetime(2000, 1, 1)
    names = {f"cam1/r{i}.jpg": Capture(reset + timedelta(days=i)) for i in range(3)}
    add(survey, Model.of(classifier), names)
    assert run("deployments", survey) == 0
    assert "`avistar survey clock CATALOGUE --photo FILE --taken-at TIME --onward`" in capsys.readouterr().err
    true = datetime(2026, 5, 3, 9)
    assert run("clock", survey, "--photo", "cam1/r1.jpg", "--taken-at", "2026-05-03 09:00", "--onward") == 0
    with Catalogue.read(survey) as catalogue:
        captures = {one.medium.relative: one.medium.capture for one in catalogue.records()}
    assert [captures[f"cam1/r{i}.jpg"].taken_at for i in range(3)] == [reset, true, true + timedelta(days=1)]
    assert captures["cam1/r2.jpg"].recorded_at == reset + timedelta(days=2)
    assert (captures["cam1/a.jpg"].taken_at, captures["cam1/a.jpg"].recorded_at) == (NOON, None)
    assert run("clock", survey, "--photo", "cam1/r0.jpg", "--taken-at", "2026-05-02 09:00", "--onward") == 0
    capsys.readouterr()
    assert run("deployments", survey, "--json") == 0
    first, _ = json.loads(capsys.readouterr().out)
    assert (first["deploymentStart"], first["deploymentEnd"]) == ("2026-05-01 12:00", "2026-05-04 09:00")
    table = tmp_path / "t.csv"
    assert run("deployments", survey, "--template", table) == 0
    assert run("deployments", survey, "--import", table) == 0
    assert stored(survey)["cam1"].facts == {}
    with Catalogue.read(survey) as catalogue:
        assert len(catalogue.deployments.all()[0].parts) == 2
    export = tmp_path / "r.csv"
    assert main(["survey", "export", str(survey), str(export)]) == 0
    with export.open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["file"]: row for row in csv.DictReader(stream)}
    assert (rows["cam1/r1.jpg"]["taken_at"], rows["cam1/r1.jpg"]["recorded_at"], rows["cam1/a.jpg"]["recorded_at"]) == (
        "2026-05-03T09:00:00", "2000-01-02T00:00:00", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", (timedelta(), ())),
        ("1:00", (timedelta(hours=1), ())),
        ("-0:30; 1:00 from 2026-03-29 02:00", (-HALF, (ClockShift(2 * HALF, datetime(2026, 3, 29, 2)),))),
        ("1:00 desde 2026-03-29 hasta 2026-03-30", (
            timedelta(), (ClockShift(2 * HALF, datetime(2026, 3, 29), datetime(2026, 3, 31)),)
        )),
        ("9131 d to 2001-02-01T00:00:05", (
            timedelta(), (ClockShift(timedelta(9131), None, datetime(2001, 2, 1, 0, 0, 5)),)
        )),
    ],
)  # fmt: skip
def test_clocks_as_people_write_them(text: str, read: tuple[timedelta, tuple[ClockShift, ...]]) -> None:
    assert read_clock(text) == read
    assert read_clock(clock_text(*read)) == read


@pytest.mark.parametrize(
    "text", ["soon", "1:00; 2:00", "1:00 from", "1:00 from then", "from 2026-01-01",
             "1:00 from 2026-02-01 to 2026-01-01", "1:00;", "1:00 from 2026-01-01T00:00Z"],
)  # fmt: skip
def test_what_is_no_clock_is_none(text: str) -> None:
    assert read_clock(text) is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--offset", "1:00"), "--offset needs --deployment"),
        (("--deployment", "cam1", "--from", "2026-01-01"), "--from and --to need --offset"),
        (("--onward",), "--onward needs --photo"),
        (("--deployment", "cam1", "--offset", "1:00", "--from", "noon"), "'noon' is no time"),
        (
            ("--deployment", "cam1", "--offset", "1:00", "--from", "2026-02-01", "--to", "2026-01-01"),
            "before the start",
        ),
        (("--photo", "cam1/a.jpg"), "--photo with --taken-at"),
        (("--deployment", "cam1", "--offset", "soon"), "is no shift of a clock"),
        (("--photo", "cam9/a.jpg", "--taken-at", "2024-05-01 12:00"), "not in the catalogue"),
        (("--photo", "cam1/a.jpg", "--taken-at", "noon"), "'noon' is no time"),
        (("--photo", "cam1/a.jpg", "--taken-at", "2024-05-01 12:00", "--deployment", "niño"), "not of 'niño'"),
    ],
)
def test_a_clock_that_makes_no_sense_is_told(
    survey: Path, options: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("clock", survey, *options) == 2
    assert reason in capsys.readouterr().err
    assert stored(survey) == {}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("+1:00:00", 3600), ("-0:30", -1800), ("2:05", 7500), ("3 d 0:00", 259_200), ("-2 days", -172_800), ("", 0)],
)
def test_offsets_as_people_write_them(text: str, seconds: int) -> None:
    offset = read_offset(text)
    assert offset == timedelta(seconds=seconds)
    assert read_offset(offset_text(offset)) == offset


@pytest.mark.parametrize("text", ["soon", "+", "1", "1:2:3:4", "d"])
def test_what_is_no_offset_is_none(text: str) -> None:
    assert read_offset(text) is None


def add(survey: Path, model: Model, captures: dict[str, Capture]) -> None:
    folder = survey.parent
    with Catalogue.open(survey) as catalogue:
        catalogue.write(
            [
                Record(medium(folder, name, capture=capture), answered(folder, name, model).observations)
                for name, capture in captures.items()
            ],
            model,
        )


def test_a_reset_clock_is_told_and_makes_no_long_deployment(
    survey: Path, classifier: Classifier, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(survey, Model.of(classifier), {"cam1/r.jpg": Capture(datetime(2000, 1, 1))})
    assert run("deployments", survey) == 0
    said = capsys.readouterr().err
    assert "cam1: 1 photo of 2000-01-01 lies half a year or more from the others: was the camera's clock reset?" in said
    assert run("deployments", survey, "--template", tmp_path / "t.csv", "--language", "es") == 0
    assert "cam1: 1 foto del 2000-01-01 dista medio año o más" in capsys.readouterr().err
    assert run("deployments", survey, "--json") == 0
    first, _ = json.loads(capsys.readouterr().out)
    assert (first["deploymentStart"], first["deploymentEnd"]) == ("2026-05-01 12:00", "2026-05-01 15:00")


def test_cameras_that_share_a_folder_have_rows_of_their_own(
    survey: Path, classifier: Classifier, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = (Capture(NOON, "Reconyx HF2X", serial, place, -3.25) for serial, place in (("A", 40.0), ("B", 41.0)))
    parted = {"card/100/a.jpg": one, "card/101/a.jpg": two, "card/101/b.jpg": Capture(NOON)}
    mixed = {"mixed/a.jpg": one, "mixed/b.jpg": two, "mixed/100/c.jpg": one}
    add(survey, Model.of(classifier), parted | mixed)
    assert run("deployments", survey, "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["folder"], row["cameraID"], row["latitude"], row["media"]) for row in rows] == [
        ("cam1", "SN1", "40.5", 2), ("card/100", "A", "40", 1), ("card/101", "B", "41", 2), ("mixed", "A", "40", 2),
        ("mixed", "B", "41", 1), ("niño", "", "", 1),
    ]  # fmt: skip
    table = tmp_path / "t.csv"
    assert run("deployments", survey, "--template", table) == 0
    text = table.read_text("utf-8-sig")
    assert text.count("\nmixed,,,4") == 2
    table.write_text(text.replace("mixed,,,40", "mixed,Puente,,40").replace("mixed,,,41", "mixed,Río,,41"), "utf-8")
    assert run("deployments", survey, "--import", table) == 0
    assert {name: dict(one.facts) for name, one in stored(survey).items() if one.facts} == {
        "mixed//A": {"locationName": "Puente"}, "mixed//B": {"locationName": "Río"},
    }  # fmt: skip
    assert run("clock", survey, "--deployment", "Río", "--offset", "1:00") == 0
    assert run("clock", survey, "--photo", "mixed/a.jpg", "--taken-at", str(NOON - HALF)) == 0
    with Catalogue.read(survey) as catalogue:
        at = {one.medium.relative: one.medium.capture.taken_at for one in catalogue.records()}
        cameras = {one.name: one.media for one in summarised(catalogue).cameras}  # type: ignore[union-attr]
    assert [at[f"mixed/{name}"] for name in ("a.jpg", "b.jpg", "100/c.jpg")] == [
        NOON - HALF,
        NOON + 2 * HALF,
        NOON - HALF,
    ]
    assert cameras == {"cam1": 2, "card/100": 1, "card/101": 2, "Puente": 2, "Río": 1, "niño": 1}


def test_a_folder_that_was_one_camera_s_stays_so_until_that_is_forgotten(
    survey: Path, classifier: Classifier, capsys: pytest.CaptureFixture[str]
) -> None:
    mixed = {f"mixed/{serial}.jpg": Capture(NOON, serial=serial) for serial in "AB"}
    add(survey, Model.of(classifier), mixed)
    with Catalogue.open(survey) as catalogue:
        catalogue.deployments.change([CameraFolder("mixed", {"locationName": "Puente"})])
    assert run("deployments", survey) == 0
    assert (
        "mixed: photos of 2 cameras lie here (A, B): forget what was written of the folder" in capsys.readouterr().err
    )
    assert run("deployments", survey, "--drop", "mixed") == 0
    assert run("deployments", survey, "--folder", "mixed A", "--set", "latitude=40") == 0
    assert {name: dict(one.facts) for name, one in stored(survey).items()} == {
        "mixed//A": {"latitude": "40"},
        "mixed//B": {},
    }
