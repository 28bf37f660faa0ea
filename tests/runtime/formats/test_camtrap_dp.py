from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from avistar import Candidate, Decision, UsageError
from avistar.formats.camtrap_dp import CamtrapDp, write_template
from avistar.formats.camtrap_dp.cells import read_zone
from avistar.formats.camtrap_dp.deployments import (
    Deployment,
    Deployments,
    MissingFacts,
    Project,
    read_deployments,
    read_project,
)
from avistar.formats.camtrap_dp.observations import media_id
from avistar.formats.camtrap_dp.package import TABLES
from avistar.records import Box, Capture, Medium, Observation, Record, Region, Review, Sighting, SurveyFacts
from avistar.species import Species
from records_support import (
    FACTS,
    NOON,
    answer,
    boxed,
    everything,
    failed,
    medium,
    picture_with_thumbnail,
    record,
    reviewed,
    video,
)

SCHEMAS = Path(__file__).parent / "camtrap_dp_1.0.2"
SUMMER = timezone(timedelta(hours=2))
PERIOD = (datetime(2026, 2, 1, tzinfo=SUMMER), datetime(2026, 4, 1, tzinfo=SUMMER))
CAMERAS = Deployments(
    (
        Deployment(
            "cam1", "C1-2026", 40.5, -3.25, SUMMER, *PERIOD, {"locationName": "Río, orilla", "baitUse": "false"}
        ),
        Deployment("cam2", "C2-2026", 40.6, -3.30, SUMMER, *PERIOD),
    )
)
PROJECT = Project(
    {
        "title": "Lobos de la Sierra",
        "samplingDesign": "targeted",
        "captureMethod": ["activityDetection"],
        "individualAnimals": False,
    },
    ({"title": "Ana Ruiz", "role": "contact"},),
)


def package(folder: Path, survey: Sequence[Record], **options: Any) -> dict[str, list[dict[str, str]]]:
    target = folder / "package"
    CamtrapDp(CAMERAS, PROJECT, **options).write(survey, FACTS, target)
    found = {}
    for name in TABLES:
        with (target / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            found[name] = list(csv.DictReader(stream))
    return found


def observed(folder: Path, survey: Sequence[Record], **options: Any) -> list[dict[str, str]]:
    """The rows of what was seen in each medium, without those of events."""
    return [row for row in package(folder, survey, **options)["observations"] if row["observationLevel"] == "media"]


def judged(target: Path) -> list[str]:
    """What frictionless and the profile have against the package in `target`, judged without a network."""
    frictionless = pytest.importorskip("frictionless")
    jsonschema = pytest.importorskip("jsonschema")
    descriptor = json.loads((target / "datapackage.json").read_text("utf-8"))
    profile = json.loads((SCHEMAS / "camtrap-dp-profile.json").read_text("utf-8"))
    referencing = pytest.importorskip("referencing")
    # What the profile takes from other addresses (GeoJSON, Data Package) is not judged here.
    anything = referencing.Resource(contents={}, specification=referencing.jsonschema.DRAFT4)
    elsewhere = referencing.Registry(retrieve=lambda _: anything)
    checker = jsonschema.Draft4Validator(profile, format_checker=jsonschema.FormatChecker(), registry=elsewhere)
    problems = [error.message for error in checker.iter_errors(descriptor)]
    for resource in descriptor["resources"]:
        resource["schema"] = json.loads((SCHEMAS / resource["schema"].rsplit("/", 1)[-1]).read_text("utf-8"))
        del resource["profile"]
    del descriptor["profile"]
    local = frictionless.Package.from_descriptor(descriptor, basepath=str(target))
    report = local.validate()
    return problems + [row[-1] for row in report.flatten(["rowNumber", "fieldNumber", "message"])]


def test_a_survey_of_every_kind_is_accepted_by_frictionless(tmp_path: Path) -> None:
    tables = package(tmp_path, everything(), leave_out_undated=True)
    assert judged(tmp_path / "package") == []
    assert len(tables["deployments"]) == 2
    assert len(tables["media"]) == len(everything()) - 1  # the unreadable file has no time


def test_the_judges_of_these_tests_do_find_faults(tmp_path: Path) -> None:
    package(tmp_path, [record()])
    observations = tmp_path / "package" / "observations.csv"
    observations.write_text(observations.read_text().replace("animal", "beast", 1))
    descriptor = tmp_path / "package" / "datapackage.json"
    descriptor.write_text(descriptor.read_text().replace("targeted", "guessed"))
    assert len(judged(tmp_path / "package")) == 2


def test_times_carry_the_offset_of_the_cameras_clock(tmp_path: Path) -> None:
    aware = medium("cam1/b.jpg", capture=Capture(NOON.replace(tzinfo=UTC)))
    tables = package(tmp_path, [record(), record(medium=aware)])
    assert [row["timestamp"] for row in tables["media"]] == ["2026-03-01T12:00:05+02:00", "2026-03-01T12:00:05+00:00"]
    assert tables["observations"][0]["eventStart"] == "2026-03-01T12:00:05+02:00"


def test_each_thing_seen_is_an_observation_with_its_taxon_and_box(tmp_path: Path) -> None:
    rows = observed(tmp_path, [boxed()])
    moose, unsure, person = rows
    assert (moose["observationType"], moose["scientificName"], moose["bboxWidth"]) == ("animal", "Alces alces", "0.3")
    assert (moose["classificationMethod"], moose["classificationProbability"]) == ("machine", "0.8")
    assert moose["classifiedBy"] == "Avistar 9.9, field int8"
    assert (unsure["observationType"], unsure["scientificName"]) == ("unknown", "")
    assert person["observationType"] == "human"
    assert {row["mediaID"] for row in rows} == {media_id("cam1/boxes.jpg")}


def test_a_persons_word_stands_as_a_human_classification(tmp_path: Path) -> None:
    survey = [reviewed(), reviewed("cam1/b.jpg", "empty"), reviewed("cam1/c.jpg", "unknown")]
    otter, empty, what = observed(tmp_path, survey)
    assert (otter["scientificName"], otter["classificationMethod"], otter["classifiedBy"]) == (
        "Lutrinae", "human", "Ana Ruiz",
    )  # fmt: skip
    assert otter["classificationTimestamp"] == "2026-03-03T00:00:00+00:00"
    assert otter["observationComments"].startswith("machine: Canis lupus 0.900")
    assert (empty["observationType"], what["observationType"]) == ("blank", "unknown")


def test_blanks_waiting_and_groups_have_their_types(tmp_path: Path) -> None:
    survey = [one for one in everything() if one.medium.capture.taken_at]
    tables = package(tmp_path, survey)
    types = {row["mediaID"]: row for row in tables["observations"] if row["observationLevel"] == "media"}
    assert types[media_id("cam1/empty.jpg")]["observationType"] == "blank"
    assert types[media_id("cam1/car.jpg")]["observationType"] == "vehicle"
    assert types[media_id("cam2/waiting.jpg")]["observationType"] == "unclassified"
    assert types[media_id("cam1/group.jpg")]["scientificName"] == "Canidae"


def test_a_breed_is_its_species_with_a_tag(tmp_path: Path) -> None:
    (row,) = observed(tmp_path, [record(found=answer("german_shepherd"))])
    assert (row["scientificName"], row["observationTags"]) == ("Canis familiaris", "breed:German shepherd")
    descriptor = json.loads((tmp_path / "package" / "datapackage.json").read_text("utf-8"))
    assert descriptor["taxonomic"] == [{"scientificName": "Canis familiaris", "taxonRank": "species"}]


def test_a_burst_is_an_event_that_counts_each_taxon_once(tmp_path: Path) -> None:
    def shot(i: int) -> Record:
        at = medium(f"cam1/{i}.jpg", capture=Capture(NOON + timedelta(seconds=i)))
        return replace(boxed(), medium=at, sequence="cam1/1", together=answer("moose", 0.9))

    rows = package(tmp_path, [shot(0), record("cam1/alone.jpg"), shot(1), shot(2)])["observations"]
    events = [row for row in rows if row["observationLevel"] == "event"]
    alone, burst, hiker = events
    assert (hiker["observationType"], hiker["count"]) == ("human", "1")
    assert (burst["eventID"], burst["scientificName"], burst["count"]) == ("cam1/1", "Alces alces", "2")
    assert (burst["eventStart"][11:19], burst["eventEnd"][11:19]) == ("12:00:05", "12:00:07")
    assert (alone["scientificName"], alone["eventID"]) == ("Canis lupus", media_id("cam1/alone.jpg"))
    members = {row["eventStart"] for row in rows if row["eventID"] == "cam1/1"}
    assert members == {"2026-03-01T12:00:05+02:00"}


def events_of(tmp_path: Path, records: list[Record]) -> set[tuple[str, str, str]]:
    rows = package(tmp_path, records)["observations"]
    assert judged(tmp_path / "package") == []
    return {
        (row["observationType"], row["scientificName"], row["count"])
        for row in rows
        if row["observationLevel"] == "event" and row["eventID"] != media_id("cam1/alone.jpg")
    }


def shot(i: int, *, said: Review | None = None, **changes: Any) -> Record:
    at = medium(f"cam1/{i}.jpg", capture=Capture(NOON + timedelta(seconds=i)))
    return replace(record(medium=at, sequence="cam1/1"), review=said, **changes)


def seen(*answers: tuple[str, float], persons: int = 0) -> dict[str, Any]:
    places = [Box(0.1 + i / 5, 0.1, 0.15, 0.2, "animal", 0.9) for i in range(len(answers))]
    people = tuple(Box(0.1 + i / 5, 0.6, 0.1, 0.3, "person", 0.9) for i in range(persons))
    found = (Observation(Region(box), answer(*one)) for box, one in zip(places, answers, strict=True))
    return {"observations": tuple(found), "detections": (*places, *people)}


def test_a_photo_with_three_species_is_an_event_with_a_row_for_each(tmp_path: Path) -> None:
    three = shot(0, **seen(("raccoon", 0.95), ("moose", 0.95), ("moose", 0.92), persons=1))
    assert events_of(tmp_path, [three, record("cam1/alone.jpg")]) == {
        ("animal", "Procyon lotor", "1"), ("animal", "Alces alces", "2"), ("human", "", "1"),
    }  # fmt: skip


def test_a_burst_of_two_species_keeps_both_with_their_own_counts(tmp_path: Path) -> None:
    burst = [shot(i, together=answer("moose", 0.7), **seen(("raccoon", 0.95), ("raccoon", 0.95))) for i in range(2)]
    burst += [shot(i, together=answer("moose", 0.7), **seen(("moose", 0.97))) for i in (2, 3)]
    assert events_of(tmp_path, burst) == {("animal", "Procyon lotor", "2"), ("animal", "Alces alces", "1")}


def test_a_reviewed_photo_keeps_its_boxes_and_what_was_said_of_each(tmp_path: Path) -> None:
    said = Review("species", "otter", "Ana", datetime(2026, 3, 3, tzinfo=UTC))
    photo = shot(0, said=said, **seen(("raccoon", 0.95), ("moose", 0.4), persons=1))
    assert events_of(tmp_path, [photo]) == {("animal", "Lutrinae", "2"), ("human", "", "1")}
    rows = csv.DictReader((tmp_path / "package" / "observations.csv").read_text("utf-8").splitlines())
    media = [row for row in rows if row["observationLevel"] == "media"]
    assert [row["bboxX"] for row in media] == ["0.1", "0.3", "0.1"]
    assert [row["classificationMethod"] for row in media] == ["human", "human", "machine"]


def test_what_a_person_says_of_an_animal_has_its_columns(tmp_path: Path) -> None:
    fox = Species("red_fox", "Red fox", "Zorro", "Vulpes vulpes", "canid")
    doe = Sighting("species", "red_fox", 2, "female", "adult", "hunting", "F1", ("collar",), "limps")
    said = Review.of([doe, Sighting("person", count=3)], "Ana", datetime(2026, 3, 3, tzinfo=UTC))
    first, second = observed(tmp_path, [replace(record(review=said), species=(fox,))])
    assert judged(tmp_path / "package") == []
    told = [first[name] for name in ("scientificName", "count", "sex", "lifeStage", "behavior", "individualID")]
    assert told == ["Vulpes vulpes", "2", "female", "adult", "hunting", "F1"]
    assert first["observationTags"] == "collar"
    assert first["observationComments"].startswith("limps | machine: ")
    assert (second["observationType"], second["count"]) == ("human", "3")


def test_without_bursts_each_photo_is_an_event_with_a_row_for_each_thing_in_it(tmp_path: Path) -> None:
    rows = package(tmp_path, [boxed(), record(), Record(medium("cam1/empty.jpg"), blank=True), video()])["observations"]
    assert judged(tmp_path / "package") == []
    events = [row for row in rows if row["observationLevel"] == "event"]
    assert [(row["eventID"], row["observationType"], row["scientificName"], row["count"]) for row in events] == [
        (media_id("cam1/boxes.jpg"), "animal", "Alces alces", "1"),
        (media_id("cam1/boxes.jpg"), "human", "", "1"),
        (media_id("cam1/a.jpg"), "animal", "Canis lupus", ""),
        (media_id("cam1/empty.jpg"), "blank", "", ""),
        (media_id("cam2/clip.mp4"), "animal", "Phocidae", ""),
    ]
    assert {row["eventID"] for row in rows if row["observationLevel"] == "media"} == {row["eventID"] for row in events}
    descriptor = json.loads((tmp_path / "package" / "datapackage.json").read_text("utf-8"))
    assert descriptor["project"]["observationLevel"] == ["media", "event"]
    assert descriptor["gbifIngestion"] == {"observationLevel": "event"}


def test_a_package_is_named_and_dated_by_its_export(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    told = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        package(tmp_path / name, [record()])
        told.append(json.loads((tmp_path / name / "package" / "datapackage.json").read_text("utf-8")))
    first, second = told
    created = datetime.fromisoformat(first["created"])
    assert before <= created <= datetime.now(UTC)
    assert first["version"] == f"{created.year}.{created.month}.{created.day}"
    assert str(UUID(first["id"])) == first["id"] != second["id"]
    named = replace(PROJECT, package={"id": "https://doi.org/10.1/x", "version": "2.0"})
    CamtrapDp(CAMERAS, named).write([record()], FACTS, tmp_path / "named")
    descriptor = json.loads((tmp_path / "named" / "datapackage.json").read_text("utf-8"))
    assert (descriptor["id"], descriptor["version"]) == ("https://doi.org/10.1/x", "2.0")


def origins(tmp_path: Path, one: Record, facts: SurveyFacts) -> set[tuple[str, str, str, str]]:
    """Of the media row and the event row alike: type, by whom, when and how surely."""
    CamtrapDp(CAMERAS, PROJECT).write([one], facts, tmp_path / "package")
    rows = list(csv.DictReader((tmp_path / "package" / "observations.csv").read_text("utf-8").splitlines()))
    names = ("observationType", "classifiedBy", "classificationTimestamp", "classificationProbability")
    media, events = ({tuple(row[name] for name in names) for row in rows if row["observationLevel"] == level}
                     for level in ("media", "event"))  # fmt: skip
    assert judged(tmp_path / "package") == []
    assert media == events
    return media


LATER = datetime(2026, 5, 6, 7, 8, tzinfo=UTC)


def test_who_answered_and_when_is_told_of_each_thing(tmp_path: Path) -> None:
    facts = replace(FACTS, settings={"detector": "md_v5a"})
    network, person = "Avistar 9.9, field int8", Box(0, 0.5, 0.2, 0.5, "person", 0.75)
    hiker = replace(shot(0, **seen(("moose", 0.95))), sequence="", answered_at=LATER)
    hiker = replace(hiker, detections=(*hiker.detections, person))
    assert origins(tmp_path, hiker, facts) == {
        ("animal", network, "2026-05-06T07:08:00+00:00", "0.95"),
        ("human", "md_v5a", "2026-05-06T07:08:00+00:00", "0.75"),
    }
    blank = Record(medium(), blank=True, answered_at=LATER)
    assert origins(tmp_path, blank, facts) == {("blank", "md_v5a", "2026-05-06T07:08:00+00:00", "")}
    assert origins(tmp_path, record(), facts) == {("animal", network, "", "0.9")}, "nobody knows when"
    said = reviewed()
    assert origins(tmp_path, said, facts) == {("animal", "Ana Ruiz", "2026-03-03T00:00:00+00:00", "")}


def test_a_network_that_names_people_is_who_named_them(tmp_path: Path) -> None:
    human = Species("human", "human", "humano", "Homo sapiens", "", kind="human")
    found = answer("wolf", 0.9)
    candidates = (Candidate(human, 0.9), *found.candidates[1:])
    found = replace(found, candidates=candidates, decision=Decision("species", "human", 0.9))
    facts = replace(FACTS, settings={"detector": "md_v5a"})
    assert origins(tmp_path, record(found=found), facts) == {("human", "Avistar 9.9, field int8", "", "0.9")}


def test_a_place_without_a_name_is_named_by_where_it_is(tmp_path: Path) -> None:
    named = Deployment("cam3", "C3", 40.6, -3.30, SUMMER, *PERIOD, {"locationID": "river"})
    twin = Deployment("cam4", "C4", 40.6, -3.30, SUMMER, *PERIOD)
    CamtrapDp(Deployments((*CAMERAS.all, named, twin)), PROJECT).write([record()], FACTS, tmp_path / "package")
    rows = csv.DictReader((tmp_path / "package" / "deployments.csv").read_text("utf-8").splitlines())
    places = ["40.500000,-3.250000", "40.600000,-3.300000", "river", "40.600000,-3.300000"]
    assert [row["locationID"] for row in rows] == places


def test_video_frames_say_when_they_were(tmp_path: Path) -> None:
    rows = observed(tmp_path, [video()])
    assert [row["observationTags"] for row in rows] == [f"videoTime:{t}.00" for t in range(3)]


def test_what_is_published_has_an_address_and_is_public(tmp_path: Path) -> None:
    (row,) = package(tmp_path, [record("cam1/año 1.jpg")], media_url="https://example.org/m/")["media"]
    assert (row["filePath"], row["filePublic"]) == ("https://example.org/m/cam1/a%C3%B1o%201.jpg", "true")


@settings(max_examples=30)
@example("0.M")  # an ending that belongs to another program
@given(st.text(st.characters(exclude_characters="\0/") | st.sampled_from("..\n\r~,=\udcffé"), min_size=1, max_size=40))
def test_any_name_gives_a_valid_package(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("dp")
    (row,) = package(folder, [record(f"cam1/{name}")])["media"]
    assert row["mediaID"] == media_id(f"cam1/{name}")
    assert judged(folder / "package") == []


def test_media_of_no_deployment_are_listed_by_folder_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(MissingFacts) as caught:
        package(tmp_path, [record(), record("cam9/a.jpg"), record("cam9/b.jpg")])
    assert caught.value.problems == ("no row of deployments.csv for the folder 'cam9' (2 files)",)
    assert not (tmp_path / "package").exists()


def test_photos_without_a_time_are_an_error_unless_left_out(tmp_path: Path) -> None:
    survey = [record(), record(medium=medium("cam1/b.jpg", capture=Capture())), failed()]
    with pytest.raises(MissingFacts, match="1 medium has no time of capture"):
        package(tmp_path, survey)
    written = CamtrapDp(CAMERAS, PROJECT, leave_out_undated=True).write(survey, FACTS, tmp_path / "package")
    assert written.media == 1
    assert written.notes == ("1 medium has no time of capture: left out", "1 file could not be read: left out")


def test_a_clock_that_was_wrong_is_noticed(tmp_path: Path) -> None:
    late = record(medium=medium(capture=Capture(NOON.replace(year=2019))))
    written = CamtrapDp(CAMERAS, PROJECT).write([late], FACTS, tmp_path / "package")
    assert "outside its deployment's time" in written.notes[0]


def test_a_target_that_is_no_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        CamtrapDp(CAMERAS, PROJECT).write([record()], FACTS, tmp_path / "file")
    with pytest.raises(UsageError, match="create it first"):
        CamtrapDp(CAMERAS, PROJECT).write([record()], FACTS, tmp_path / "none" / "package")


def test_an_iterator_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="twice"):
        CamtrapDp(CAMERAS, PROJECT).write(iter([record()]), FACTS, tmp_path / "package")


def test_the_longest_folder_decides_the_deployment() -> None:
    wide, narrow = (replace(CAMERAS.all[0], folder=folder) for folder in ("", "cam1/100RECNX"))
    both = Deployments((wide, narrow))
    assert both.of("cam1/100RECNX/a.jpg") is narrow
    assert both.of("cam1/100RECNX2/a.jpg") is wide


FILLED = "folder;deploymentID;latitude;longitude;timezone;deploymentStart;deploymentEnd;cameraID\n"


def table(folder: Path, *lines: str, heading: str = FILLED, encoding: str = "utf-8") -> Path:
    path = folder / "deployments.csv"
    path.write_text(heading + "\n".join(lines), encoding)
    return path


def test_a_table_from_a_spanish_spreadsheet_is_read(tmp_path: Path) -> None:
    line = "cam1;Río;40,5;-3,25;+01:00;01/02/2026 10:30;2026-04-01;SN"
    for encoding in ("cp1252", "utf-8-sig"):
        (one,) = read_deployments(table(tmp_path, line, encoding=encoding)).all
        assert (one.id, one.latitude, one.longitude, one.others) == ("Río", 40.5, -3.25, {"cameraID": "SN"})
        assert one.start.isoformat() == "2026-02-01T10:30:00+01:00"


def test_a_date_that_may_begin_with_day_or_month_is_asked_about(tmp_path: Path) -> None:
    unclear = "cam1;A;40.5;-3.25;+01:00;6/1/2024 9:30;7/2/2024 9:30;SN"
    with pytest.raises(MissingFacts, match=r"row 2: '6/1/2024 9:30': day or month first\?"):
        read_deployments(table(tmp_path, unclear))
    clear = "cam2;B;40.5;-3.25;+01:00;20/1/2024 9:30;21/2/2024;SN"
    first, second = read_deployments(table(tmp_path, unclear, clear)).all
    assert (first.start.month, first.end.month) == (1, 2)
    assert second.end.isoformat() == "2024-02-21T23:59:59+01:00"  # a day without a time ends when the day does


def test_folders_are_found_however_accents_apostrophes_and_dots_are_written(tmp_path: Path) -> None:
    rest = ";40.5;-3.25;+01:00;2024-01-06;2024-02-07;SN"
    deployments = read_deployments(table(tmp_path, f"./ni\u00f1o;A{rest}", f"'=cam;B{rest}"))
    assert [one.id for name in ("nin\u0303o/a.jpg", "=cam/a.jpg") if (one := deployments.of(name))] == ["A", "B"]


def test_each_missing_or_senseless_fact_is_named_with_its_row(tmp_path: Path) -> None:
    lines = ("cam1;A;;200;Marte;2026-02-01;2026-01-01;", "cam2;A;1;1;+01:00;2026-02-01;2026-01-01;")
    with pytest.raises(MissingFacts) as caught:
        read_deployments(table(tmp_path, *lines))
    listed = "\n".join(caught.value.problems)
    for words in (
        "row 2: latitude is missing", "row 2: longitude '200' makes no sense", "row 2: timezone 'Marte' makes no sense",
        "row 3: deploymentEnd is before",
    ):  # fmt: skip
        assert words in listed
    assert isinstance(caught.value, UsageError)
    assert "`avistar survey deployments`" in str(caught.value)


def test_optional_columns_are_brought_into_the_standards_form_or_told(tmp_path: Path) -> None:
    heading = FILLED.strip() + ";cameraHeight;cameraHeading;baitUse;featureType\n"
    line = "cam1;A;1;1;+01:00;2026-02-01;2026-03-01;SN"
    (one,) = read_deployments(table(tmp_path, f"{line};0,8;90,0;Sí;culvert", heading=heading)).all
    wanted = {"cameraHeight": "0.8", "cameraHeading": "90", "baitUse": "true", "featureType": "culvert"}
    assert one.others == {"cameraID": "SN", **wanted}
    with pytest.raises(MissingFacts) as caught:
        read_deployments(table(tmp_path, f"{line};-1;400;maybe;tree", heading=heading))
    assert [problem.split()[3] for problem in caught.value.problems] == list(wanted)


def test_a_deployment_named_twice_is_refused(tmp_path: Path) -> None:
    line = ";1;1;+01:00;2026-02-01;2026-03-01;"
    with pytest.raises(MissingFacts, match="'A' is there twice"):
        read_deployments(table(tmp_path, f"cam1;A{line}", f"cam2;A{line}"))


def test_a_table_without_the_columns_says_which(tmp_path: Path) -> None:
    with pytest.raises(MissingFacts, match="no column 'latitude'"):
        read_deployments(table(tmp_path, "x", heading="folder\n"))


@pytest.mark.parametrize(
    ("text", "hours"), [("+02:00", 2), ("-0530", -5.5), ("UTC+1", 1), ("Z", 0), ("Europe/Madrid", 1)]
)
def test_time_zones_in_the_ways_people_write_them(text: str, hours: float) -> None:
    zone = read_zone(text)
    assert zone is not None
    assert zone.utcoffset(datetime(2026, 1, 1)) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "CEST?", "+99:00", "Europe/Nowhere", "../etc/passwd", "/etc/localtime"])
def test_what_is_no_time_zone_is_none(text: str) -> None:
    assert read_zone(text) is None


def test_the_template_holds_what_the_photos_tell_and_nothing_else(tmp_path: Path) -> None:
    later = record("cam1/b.jpg", medium=medium("cam1/b.jpg", capture=Capture(NOON + timedelta(days=3))))
    blind = record("cam3/x.jpg", medium=medium("cam3/x.jpg", capture=Capture()))
    deployments, project = write_template([record(), later, blind], tmp_path)
    with deployments.open(encoding="utf-8-sig", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert (first["folder"], first["latitude"], first["cameraID"]) == ("cam1", "40.500000", "SN1")
    assert (first["deploymentStart"], first["deploymentEnd"]) == ("2026-03-01T12:00:05", "2026-03-04T12:00:05")
    assert first["timezone"] == first["deploymentID"] == ""
    assert set(second.values()) == {"cam3", ""}
    with pytest.raises(MissingFacts, match="timezone is missing"):
        read_deployments(deployments)
    with pytest.raises(MissingFacts, match=r"project\.title is missing"):
        read_project(project)
    with pytest.raises(UsageError, match="exists: fill it in"):
        write_template([record()], tmp_path)


FOLDERS = st.text(st.sampled_from("'=+-@ \t\r\n\\;,\"%E9éab.\udce9"), min_size=1, max_size=8)


@settings(max_examples=80)
@given(FOLDERS)
@example("'=cam")
@example(" cam ")
@example("a\\b")
@example("caf\udce9")
def test_a_filled_template_finds_its_photos_whatever_the_folder_is_called(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("template")
    deployments, _ = write_template([record(f"{name}x/a.jpg")], folder)
    with deployments.open(encoding="utf-8-sig", newline="") as stream:
        heading, row = csv.reader(stream)
    filled = dict(zip(heading, row, strict=True)) | {"deploymentID": "C1", "timezone": "+01:00"}
    with deployments.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([heading, filled.values()])
    found = read_deployments(deployments)
    assert found.of(f"{name}x/b/c.jpg") == found.all[0]
    assert found.of(f"{name}xy/c.jpg") is None


def template_rows(folder: Path, survey: list[Record], zone: str = "") -> tuple[list[dict[str, str]], list[str]]:
    told: list[str] = []
    deployments, _ = write_template(survey, folder, zone, tell=told.append)
    with deployments.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream)), told


def dated(name: str, at: datetime, **capture: Any) -> Record:
    return record(
        name, medium=medium(name, capture=replace(Capture(at, "Reconyx HF2X", "SN1", 40.5, -3.25), **capture))
    )


def test_a_date_far_from_the_others_is_told_and_kept_out_of_the_period(tmp_path: Path) -> None:
    photos = [dated(f"cam1/{i}.jpg", NOON + timedelta(days=i)) for i in range(5)]
    reset = [dated(f"cam1/r{i}.jpg", datetime(2000, 1, 1 + i)) for i in range(2)]
    (row,), told = template_rows(tmp_path, [*reset[:1], *photos, *reset[1:], dated("cam1/x.jpg", NOON.replace(2030))])
    assert (row["deploymentStart"], row["deploymentEnd"]) == ("2026-03-01T12:00:05", "2026-03-05T12:00:05")
    assert told[0].startswith("cam1: 2 photos of 2000-01-01 – 2000-01-02 lie half a year or more from the others")
    assert told[1].startswith("cam1: 1 photo of 2030-03-01 lies half a year or more from the others")


def test_the_template_knows_the_zone_where_the_times_do(tmp_path: Path) -> None:
    winter, summer = (timezone(timedelta(hours=hours)) for hours in (1, 2))
    survey = [
        dated("one/a.jpg", NOON.replace(tzinfo=winter)), dated("both/a.jpg", NOON.replace(tzinfo=winter)),
        dated("both/b.jpg", NOON.replace(tzinfo=summer)), dated("naive/a.jpg", NOON),
        dated("part/a.jpg", NOON), dated("part/b.jpg", NOON.replace(tzinfo=winter)),
    ]  # fmt: skip
    rows, _ = template_rows(tmp_path, survey, "Europe/Madrid")
    zones = {row["folder"]: row["timezone"].lstrip("'") for row in rows}
    assert zones == {"one": "+01:00", "both": "Europe/Madrid", "naive": "", "part": ""}
    assert {row["locationID"] for row in rows} == {""}


def test_cameras_that_share_a_folder_have_a_row_each_by_their_serial_numbers(tmp_path: Path) -> None:
    survey = [
        dated("card/1.jpg", NOON), dated("card/2.jpg", NOON + timedelta(days=1), serial="007", latitude=41.0),
        dated("card/3.jpg", NOON + timedelta(days=2), serial="007", latitude=41.0), dated("single/1.jpg", NOON),
        dated("single/2.jpg", NOON, serial=""),
    ]  # fmt: skip
    rows, _ = template_rows(tmp_path, survey)
    assert [(row["folder"], row["cameraID"], row["latitude"], row["deploymentEnd"][:10]) for row in rows] == [
        ("card", "007", "41.000000", "2026-03-03"), ("card", "SN1", "40.500000", "2026-03-01"),
        ("single", "SN1", "40.500000", "2026-03-01"),
    ]  # fmt: skip
    path = tmp_path / "filled.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, rows[0].keys())
        table.writeheader()
        for i, row in enumerate(rows):  # a spreadsheet takes 007 for a number
            filled = {"deploymentID": f"D{i}", "timezone": "+01:00", "cameraID": row["cameraID"].lstrip("0")}
            table.writerow(row | filled)
    CamtrapDp(read_deployments(path), PROJECT).write(survey, FACTS, tmp_path / "package")
    assert judged(tmp_path / "package") == []
    media = csv.DictReader((tmp_path / "package" / "media.csv").read_text("utf-8").splitlines())
    assert [row["deploymentID"] for row in media] == ["D1", "D0", "D0", "D2", "D2"]
    stranger = dated("card/9.jpg", NOON, serial="X9")
    with pytest.raises(MissingFacts) as caught:
        CamtrapDp(read_deployments(path), PROJECT).write([stranger], FACTS, tmp_path / "other")
    assert caught.value.problems == (
        "no row of deployments.csv for the camera 'X9' in the folder 'card' (1 file)",
    )  # fmt: skip


def test_deployments_that_follow_each_other_in_one_folder_are_told_apart_by_time() -> None:
    first = replace(CAMERAS.all[0], end=datetime(2026, 2, 20, tzinfo=SUMMER))
    second = replace(first, id="later", start=datetime(2026, 2, 25, tzinfo=SUMMER), end=PERIOD[1])
    both = Deployments((first, second))
    for day, found in ((10, first), (22, first), (24, second), (28, second)):
        assert both.of("cam1/a.jpg", Capture(datetime(2026, 2, day))) is found


def test_a_filled_project_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "project.toml"
    path.write_text(
        '[project]\ntitle = "Lobos"\nsamplingDesign = "targeted"\ncaptureMethod = ["timeLapse"]\n'
        'individualAnimals = false\n[[contributors]]\ntitle = "Ana"\nemail = ""\nrole = "contact"\n'
        '[licenses]\ndata = "CC0-1.0"\nmedia = "CC-BY-4.0"\n'
    )
    project = read_project(path)
    assert project.contributors == ({"title": "Ana", "role": "contact"},)
    assert project.licenses == ({"name": "CC0-1.0", "scope": "data"}, {"name": "CC-BY-4.0", "scope": "media"})
    CamtrapDp(CAMERAS, project).write([record()], FACTS, tmp_path / "package")
    assert judged(tmp_path / "package") == []


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "card" / "cam1" / "a.jpg"
    path.parent.mkdir(parents=True)
    picture_with_thumbnail(path)
    return path


def walker(photo: Path) -> Record:
    """A person in the middle of a photo."""
    person = Box(0.25, 0.25, 0.5, 0.5, "person", 0.9)
    return Record(Medium(str(photo), "cam1/a.jpg", capture=medium().capture), detections=(person,))


def test_a_package_with_its_media_is_valid_and_shows_no_person(tmp_path: Path, photo: Path) -> None:
    other = photo.with_name("b.jpg")
    other.write_bytes(photo.read_bytes())
    wolf = record(medium=Medium(str(other), "cam1/b.jpg", capture=medium().capture))
    tables = package(tmp_path, [walker(photo), wolf], copies=True, blur=True)
    media = tmp_path / "package" / "media" / "cam1"
    assert [row["filePath"] for row in tables["media"]] == ["media/cam1/a.jpg", "media/cam1/b.jpg"]
    assert judged(tmp_path / "package") == []
    assert np.asarray(Image.open(media / "a.jpg")).astype(float)[40:80, 50:110].std() < 25
    assert (media / "b.jpg").read_bytes() == other.read_bytes()
    with pytest.raises(UsageError, match="holds media already"):
        package(tmp_path, [walker(photo)], copies=True)


def test_a_medium_that_is_gone_is_told_and_stops_no_package(tmp_path: Path, photo: Path) -> None:
    gone = walker(photo)
    photo.unlink()
    for blur in (False, True):
        written = CamtrapDp(CAMERAS, PROJECT, copies=True, blur=blur).write([gone], FACTS, tmp_path / f"dp{blur}")
        assert written.media == 1
        assert len(written.notes) == 1
        assert str(photo) in written.notes[0]
