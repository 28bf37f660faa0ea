"""Photos that hold several things: written in each format, read back, and still all that was said of them."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from avistar.catalogue import Catalogue
from avistar.formats.camtrap_dp import CamtrapDp
from avistar.formats.camtrap_dp.deployments import Deployment, Deployments, Project
from avistar.formats.jsonl import Jsonl
from avistar.formats.megadetector import MegaDetector
from avistar.formats.reviews import ReviewRow, ReviewTable, read_reviews
from avistar.formats.spreadsheet import Csv, Xlsx
from avistar.formats.timelapse import Timelapse
from avistar.formats.timelapse_import import Speaker, read_timelapse
from avistar.formats.xmp import Xmp
from avistar.formats.xmp_packet import Packet
from avistar.records import Box, Medium, Record, Remark, Review, Sighting
from avistar.species import Species, known_species
from records_support import FACTS, NOON, SPECIES, record
from support import encoded, picture
from survey_support import facts, found

AT = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
FOX = Species("red_fox", "Red fox", "Zorro rojo", "Vulpes vulpes", "canid")
LEFT, RIGHT = Box(0.125, 0.25, 0.25, 0.5), Box(0.5, 0.25, 0.375, 0.625)
DOE = Sighting("species", "moose", 2, "female", "juvenile", "feeding, slowly", "M1", ("collar", "wet"), "limps", LEFT)
TWO = (DOE, Sighting("species", "red_fox", 1, "male", "adult", box=RIGHT, comment="zorro ñandú"))
HIKER = (Sighting("species", "wolf", box=LEFT), Sighting("person", "", 3, box=replace(RIGHT, category="person")))
CROWD = (Sighting("species", "wolf", 4), Sighting("species", "red_fox"), Sighting("vehicle"), Sighting("unknown"))
SAID = {
    "cam1/two.jpg": TWO,
    "cam1/hiker.jpg": HIKER,
    "cam1/crowd.jpg": CROWD,
    "cam1/none.jpg": (Sighting("empty"),),
}
REMARK = Remark("look; again", ("night", "print"), "Eva", AT)


def photo(file: str, remark: Remark | None = None) -> Record:
    own = (FOX,) if any(one.species == "red_fox" for one in SAID[file]) else ()
    return record(file, review=Review.of(SAID[file], "Ana Ruiz", AT), species=own, remark=remark)


SURVEY = [photo("cam1/two.jpg", REMARK), *(photo(file) for file in list(SAID)[1:])]
SHOWN = ("kind", "species", "count", "sex", "life_stage", "behavior", "individual", "comment")


def values(one: Sighting, *, boxes: bool = True) -> tuple[Any, ...]:
    sides = (one.box.left, one.box.top, one.box.width, one.box.height) if one.box and boxes else None
    return (*(getattr(one, name) for name in SHOWN), one.tags, sides)


def said(*, boxes: bool = True) -> dict[str, set[tuple[Any, ...]]]:
    return {file: {values(one, boxes=boxes) for one in things} for file, things in SAID.items()}


def of_row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """A row of CSV or of a workbook as what it says of one thing."""
    sides = [row[f"box_{side}"] for side in ("left", "top", "width", "height")]
    box = tuple(map(float, sides)) if sides[0] not in ("", None) else None
    cell = {name: row[name] or "" for name in ("sex", "life_stage", "behavior", "individual", "observation_comment")}
    species = row["result_id"] if row["result"] == "species" else ""
    count = int(row["count"]) if row["count"] not in ("", None) else None
    return (row["result"], species, count, *cell.values(), tuple((row["observation_tags"] or "").split("; "))
            if row["observation_tags"] else (), box)  # fmt: skip


def by_file(rows: list[dict[str, Any]]) -> dict[str, set[tuple[Any, ...]]]:
    told: dict[str, set[tuple[Any, ...]]] = {}
    for row in rows:
        told.setdefault(row["file"], set()).add(of_row(row))
    return told


def test_csv(tmp_path: Path) -> None:
    Csv().write(SURVEY, FACTS, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows: list[dict[str, Any]] = list(csv.DictReader(stream))
    assert by_file(rows) == said()
    assert {(row["comment"], row["tags"], row["reviewer"]) for row in rows if row["file"] == "cam1/two.jpg"} == {
        ("look; again", "night; print", "Ana Ruiz")
    }


def test_a_workbook(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    Xlsx().write(SURVEY, FACTS, tmp_path / "r.xlsx")
    titles, *cells = openpyxl.load_workbook(tmp_path / "r.xlsx")["Results"].iter_rows(values_only=True)
    rows = [dict(zip(titles, row, strict=True)) for row in cells]
    assert by_file(rows) == said()
    assert {row["taken_at"] for row in rows} == {NOON}


def test_json_lines(tmp_path: Path) -> None:
    Jsonl().write(SURVEY, FACTS, tmp_path / "r.jsonl")
    photos = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    found = {
        one["file"]: {
            (*(thing[name] for name in SHOWN), tuple(thing["tags"]), tuple(thing["bbox"]) if thing["bbox"] else None)
            for thing in one["review"]["sightings"]
        }
        for one in photos
    }
    assert found == said() | {"cam1/none.jpg": set()}  # the verdict says all
    assert photos[3]["review"]["verdict"] == "empty"


def test_the_table_of_reviews(tmp_path: Path) -> None:
    ReviewTable().write(SURVEY, FACTS, tmp_path / "r.csv")
    found: dict[str, list[Sighting]] = {}
    for row in read_reviews(tmp_path / "r.csv", [*known_species(), FOX]):
        assert isinstance(row, ReviewRow)
        assert row.sighting is not None
        found.setdefault(row.file, []).append(row.sighting)
    assert {file: tuple(things) for file, things in found.items()} == SAID


def test_timelapse_s_table(tmp_path: Path) -> None:
    Timelapse().write(SURVEY, FACTS, tmp_path / "t.csv")
    files = list(SAID)
    found = read_timelapse(
        tmp_path / "t.csv",
        [*known_species(), FOX],
        lambda file: files.index(file.replace("\\", "/")) + 1,
        lambda ids: [Record(SURVEY[id - 1].medium) for id in ids],
        speaker=Speaker("Ana Ruiz", AT),
    ).said
    assert {files[id - 1]: {values(one) for one in review.statement} for id, review in found.reviews} == said(
        boxes=False
    )
    assert found.remarks == ((1, replace(REMARK, reviewer="Ana Ruiz")),)


def test_megadetector_s_results(tmp_path: Path) -> None:
    MegaDetector().write(SURVEY, FACTS, tmp_path / "r.json")
    results = json.loads((tmp_path / "r.json").read_text("utf-8"))
    categories, classes = results["detection_categories"], results["classification_categories"]
    names = {SPECIES["moose"].english: "moose", SPECIES["wolf"].english: "wolf", FOX.english: "red_fox"}
    names |= {name.lower(): id for name, id in names.items()}
    for image in results["images"]:
        things = set()
        for one in image["detections"]:
            kind = categories[one["category"]]
            species = classes[one["classifications"][0][0]] if "classifications" in one else ""
            kind = "species" if species else kind
            box = tuple(one["bbox"]) if one["bbox"] != [0, 0, 1, 1] else None
            assert one["conf"] == 1
            things.add((kind, names.get(species, species), box))
        expected = {(one[0], one[1], one[-1]) for one in said()[image["file"]] if one[0] != "empty"}
        assert things == expected, image["file"]
    beyond = {image["file"]: image["avistar"] for image in results["images"]}
    assert "limps" in json.dumps(beyond["cam1/two.jpg"])
    assert "look; again" in json.dumps(beyond["cam1/two.jpg"])


def test_camtrap_dp(tmp_path: Path) -> None:
    camera = Deployment(
        "cam1", "cam1", 40.5, -3.25, UTC, datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    )
    project = Project(
        {
            "title": "P",
            "samplingDesign": "targeted",
            "captureMethod": ["activityDetection"],
            "individualAnimals": False,
        },
        ({"title": "Ana"},),
    )
    CamtrapDp(Deployments((camera,)), project).write(SURVEY, FACTS, tmp_path / "package")

    def rows(name: str) -> list[dict[str, str]]:
        with (tmp_path / "package" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    files = {row["mediaID"]: row["filePath"] for row in rows("media")}
    names = {SPECIES["moose"].scientific: "moose", SPECIES["wolf"].scientific: "wolf", FOX.scientific: "red_fox"}
    kinds = {"human": "person", "blank": "empty", "animal": "species"}
    found: dict[str, set[tuple[Any, ...]]] = {}
    for row in rows("observations"):
        if row["observationLevel"] != "media":
            continue
        sides = [row[f"bbox{side}"] for side in ("X", "Y", "Width", "Height")]
        kind = kinds.get(row["observationType"], row["observationType"])
        found.setdefault(files[row["mediaID"]], set()).add((
            kind, names.get(row["scientificName"], ""), int(row["count"]) if row["count"] else None,
            row["sex"], row["lifeStage"], row["behavior"].replace("|", ", "), row["individualID"],
            tuple(map(float, sides)) if all(sides) else None,
        ))  # fmt: skip
    expected = {file: {(*one[:7], one[-1]) for one in things} for file, things in said().items()}
    assert {file: {one[:2] for one in things} for file, things in found.items()} == {
        file: {one[:2] for one in things} for file, things in expected.items()
    }
    assert found["cam1/two.jpg"] == expected["cam1/two.jpg"]
    comments = [row["observationComments"] for row in rows("observations")]
    assert any("limps" in text for text in comments)
    assert any("zorro ñandú" in text for text in comments)


def test_xmp(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded(picture(1, (64, 48))))
    one = replace(SURVEY[0], medium=Medium(str(tmp_path / "a.jpg"), "a.jpg"))
    Xmp().write([one], replace(FACTS, folder=str(tmp_path)), tmp_path)
    packet = Packet((tmp_path / "a.jpg.xmp").read_bytes())
    assert {"Moose", "Red fox", "Vulpes vulpes", "night", "print", "collar", "wet"} <= packet.texts("dc", "subject")
    assert packet.texts("dc", "description") == {"look; again"}


def test_a_catalogue_and_its_views(tmp_path: Path) -> None:
    folder = tmp_path / "card"
    with Catalogue.open(tmp_path / "s.avistar", new=facts(folder)) as catalogue:
        fox = catalogue.species.add([replace(FOX, id="")], "Ana")[0]
        catalogue.reconcile(found(SAID))
        ids_of = catalogue.ids_of(SAID)
        for file, things in SAID.items():
            named = [replace(one, species=fox.id) if one.species == "red_fox" else one for one in things]
            catalogue.review([ids_of[file]], Review.of(named, "Ana Ruiz", AT))
        records = list(catalogue.records())
        path = catalogue.path
    ids = {fox.id: "red_fox"}
    back = {
        one.medium.relative: {
            values(replace(thing, species=ids.get(thing.species, thing.species))) for thing in one.review.statement
        }
        for one in records
        if one.review
    }
    assert back == said()
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    rows = connection.execute(
        'SELECT file, kind, species, count, sex, life_stage, behavior, individual, comment, "left", reviewer '
        "FROM observations ORDER BY file, kind, species"
    ).fetchall()
    photos = dict(connection.execute("SELECT file, animals FROM photos").fetchall())
    connection.close()
    assert len(rows) == sum(map(len, SAID.values()))
    (doe,) = [row for row in rows if row[2] == "moose"]
    assert doe == ("cam1/two.jpg", "species", "moose", 2, "female", "juvenile", "feeding, slowly", "M1", "limps", 0.125,
                   "Ana Ruiz")  # fmt: skip
    assert photos == {"cam1/two.jpg": 3, "cam1/hiker.jpg": 1, "cam1/crowd.jpg": 5, "cam1/none.jpg": 0}
