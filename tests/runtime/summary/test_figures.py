from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from avistar.catalogue import CameraFolder, Catalogue, FoundFile
from avistar.records import Review, Sighting
from avistar.species import Species
from avistar.summary import Gap, SurveySummary, summarised, write_tables
from summary_support import photo, survey

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def figures(catalogue: Catalogue, minutes: float = 30) -> SurveySummary:
    summary = summarised(catalogue, timedelta(minutes=minutes))
    assert summary is not None
    return summary


def by_id(summary: SurveySummary) -> dict[str, tuple[int, int, int]]:
    """(photos, events, animals) of each species."""
    return {one.species.id: (one.photos, one.events, one.animals) for one in summary.species}


def test_photos_events_and_animals_of_two_cameras(tmp_path: Path) -> None:
    with survey(
        tmp_path / "s.avistar",
        [
            photo("a/1.jpg", "2026-05-01T06:00:00"),
            photo("a/2.jpg", "2026-05-01T06:29:59"),
            photo("a/3.jpg", "2026-05-01T06:30:00"),
            photo("b/1.jpg", "2026-05-01T06:10:00"),
            photo("b/2.jpg", "2026-05-02T06:10:00", "moose"),
            photo("b/3.jpg", "2026-05-03T06:10:00", ""),
        ],
    ) as catalogue:
        summary = figures(catalogue)
    assert by_id(summary) == {"wolf": (4, 3, 3), "moose": (1, 1, 1)}
    assert [(one.folder, one.media, one.events, one.species) for one in summary.cameras] == [
        ("a", 3, 2, 1),
        ("b", 3, 2, 2),
    ]
    assert (summary.media, summary.empty, summary.unanswered) == (6, 1, 0)
    assert summary.photos == {(0, 0): 3, (0, 1): 1, (1, 1): 1}
    assert summary.cameras[1].nights == pytest.approx(2.0)
    assert summary.nights == pytest.approx(2.0 + 0.5 / 24)
    assert summary.per_100_nights(3) == pytest.approx(300 / (2 + 0.5 / 24))


def test_people_count_before_the_machine_and_by_the_surveys_names(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", [photo(f"a/{i}.jpg", f"2026-05-01T0{i}:00:00") for i in range(4)]) as catalogue:
        [fox] = catalogue.species.add([Species("", "Red fox", "Zorro rojo", "Vulpes vulpes", "canid")], "Ana")
        one, two, three, _ = catalogue.ids()
        catalogue.review([one], Review.of([Sighting("species", fox.id, 3), Sighting("person")], "Ana", NOW))
        catalogue.review([two], Review("empty", "", "Ana", NOW))
        catalogue.review([three], Review("unknown", "", "Ana", NOW))
        summary = figures(catalogue)
    assert by_id(summary) == {fox.id: (1, 1, 3), "wolf": (1, 1, 1), "person": (1, 1, 1)}
    assert [one.species.spanish for one in summary.species] == ["Zorro rojo", "Lobo", "Persona"]
    assert (summary.reviewed, summary.corrected, summary.empty, summary.unknown) == (3, 3, 1, 1)
    assert summary.reviewers == {"Ana": 3}
    assert summary.cameras[0].events == 2  # animals only


def test_merged_species_are_one(tmp_path: Path) -> None:
    with survey(
        tmp_path / "s.avistar",
        [photo("a/1.jpg", "2026-05-01T06:00:00"), photo("a/2.jpg", "2026-05-01T06:05:00", "moose")],
    ) as catalogue:
        catalogue.species.merge("moose", "wolf", "Ana")
        catalogue.review(catalogue.ids()[1:], Review("species", "moose", "Ana", NOW))
        assert by_id(figures(catalogue)) == {"wolf": (2, 1, 1)}


def test_vanished_photos_do_not_count(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", [photo("a/1.jpg", "2026-05-01T06:00:00"), photo("a/2.jpg")]) as catalogue:
        catalogue.reconcile([FoundFile("a/1.jpg")])
        assert by_id(figures(catalogue)) == {"wolf": (1, 1, 1)}


def test_photos_without_a_time_are_photos_and_no_events(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", [photo("a/1.jpg"), photo("2.jpg")]) as catalogue:
        summary = figures(catalogue)
    [wolf] = summary.species
    assert (wolf.photos, wolf.events, wolf.undated, summary.undated) == (2, 0, 2, 2)
    assert (summary.nights, summary.per_100_nights(0), summary.first) == (None, None, None)
    assert [(one.folder, one.name, one.nights, one.gaps) for one in summary.cameras] == [
        ("", "card", None, ()),
        ("a", "a", None, ()),
    ]


def test_an_empty_survey_has_empty_figures(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", []) as catalogue:
        summary = figures(catalogue)
    assert (summary.media, summary.species, summary.cameras, len(summary.events)) == (0, (), (), 0)


def test_the_deployments_table_says_where_and_how_long(tmp_path: Path) -> None:
    facts = {
        "deploymentID": "C1", "locationName": "Arroyo", "latitude": "40,5", "longitude": "-3.25",
        "deploymentStart": "2026-05-01T12:00:00+02:00", "deploymentEnd": "2026-05-31",
    }  # fmt: skip
    photos = [photo("west/c1/100/1.jpg", "2026-05-03T06:00:00"), photo("west/c1/100/2.jpg", "2026-06-02T06:00:00")]
    with survey(
        tmp_path / "s.avistar", [*photos, photo("east/9.jpg", "2026-05-03T06:00:00", place=(1.0, 2.0))]
    ) as catalogue:
        catalogue.deployments.replace([CameraFolder("west/c1", facts), CameraFolder("west/c2", {})])
        east, c1, c2 = figures(catalogue).cameras
    assert (c1.folder, c1.name, c1.place, c1.latitude, c1.longitude) == ("west/c1", "Arroyo", "Arroyo", 40.5, -3.25)
    assert (c1.stated, c1.nights, c1.outside) == (True, pytest.approx(30.5, abs=1e-4), 1)
    assert c1.gaps == (Gap(date(2026, 5, 4), date(2026, 5, 31), end=True),)
    assert (c2.media, c2.nights, c2.placed) == (0, None, False)
    assert (east.folder, east.stated, east.latitude, east.longitude) == ("east", False, 1.0, 2.0)


def test_a_table_in_another_zone_is_read_by_the_cameras_clock(tmp_path: Path) -> None:
    facts = {"timezone": "+02:00", "deploymentStart": "2026-05-01T22:30:00Z", "deploymentEnd": "2026-05-03 00:30"}
    with survey(tmp_path / "s.avistar", [photo("a/1.jpg", "2026-05-02T12:00:00")]) as catalogue:
        catalogue.deployments.replace([CameraFolder("a", facts)])
        [one] = figures(catalogue).cameras
    assert (one.start, one.end, one.nights) == (datetime(2026, 5, 2, 0, 30), datetime(2026, 5, 3, 0, 30), 1.0)


def test_two_deployments_at_one_place_keep_apart(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", [photo("a/1.jpg"), photo("b/1.jpg"), photo("c/1.jpg")]) as catalogue:
        spring, summer, other = ({"locationName": name} for name in ("Arroyo", "Arroyo", "Cumbre"))
        folders = [
            CameraFolder("a", spring),
            CameraFolder("b", summer | {"deploymentID": "A2"}),
            CameraFolder("c", other),
        ]
        catalogue.deployments.replace(folders)
        assert [one.name for one in figures(catalogue).cameras] == ["a", "A2", "Cumbre"]


def test_a_shifted_clock_shifts_everything(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", [photo("a/1.jpg", "2026-05-01T23:30:00")]) as catalogue:
        catalogue.deployments.replace([CameraFolder("a", {}, timedelta(hours=1))])
        summary = figures(catalogue)
    assert list(summary.cameras[0].by_day) == [date(2026, 5, 2)]
    assert summary.events.seconds.tolist() == [1800]


@pytest.mark.parametrize(("days", "silent"), [(7, []), (8, [7])])
def test_seven_days_without_a_photo_are_silence(tmp_path: Path, days: int, silent: list[int]) -> None:
    later = datetime(2026, 5, 1, 6) + timedelta(days=days)
    photos = [photo("a/1.jpg", "2026-05-01T06:00:00"), photo("a/2.jpg", later.isoformat())]
    with survey(tmp_path / "s.avistar", photos) as catalogue:
        gaps = figures(catalogue).cameras[0].gaps
    assert [gap.days for gap in gaps] == silent
    assert not any(gap.end for gap in gaps)


def test_time_zones_leave_the_cameras_clock_as_it_is(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", [photo("a/1.jpg", "2026-05-01T23:30:00+02:00")]) as catalogue:
        assert figures(catalogue).events.seconds.tolist() == [23 * 3600 + 1800]


def test_a_cancelled_summary_is_none(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", [photo("a/1.jpg")]) as catalogue:
        assert summarised(catalogue, cancelled=lambda: True) is None


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_tables_hold_the_numbers_behind_each_picture(tmp_path: Path) -> None:
    with survey(
        tmp_path / "s.avistar",
        [
            photo("=a/1.jpg", "2026-05-01T06:00:00", place=(40.0, -3.0)),
            photo("=a/2.jpg", "2026-05-01T07:00:00"),
            photo("b/1.jpg", "2026-05-20T06:00:00", "moose"),
            photo("b/2.jpg", "2026-05-01T06:00:00", ""),
        ],
    ) as catalogue:
        files = write_tables(figures(catalogue), tmp_path / "out")
    tables = {file.stem: rows(file) for file in files}
    wolf, moose = tables["species"]
    assert (wolf["species"], wolf["photos"], wolf["events"], wolf["scientific"]) == ("wolf", "2", "2", "Canis lupus")
    assert moose["events_per_100_trap_nights"] == f"{100 / (19 + 1 / 24):.6f}"
    assert [(row["deployment"], row["start"]) for row in tables["events"]] == [
        ("'=a", "2026-05-01T06:00:00"), ("'=a", "2026-05-01T07:00:00"), ("b", "2026-05-20T06:00:00"),
    ]  # fmt: skip
    assert [(row["date"], row["species"], row["events"]) for row in tables["species_by_day"]] == [
        ("2026-05-01", "wolf", "2"), ("2026-05-20", "moose", "1"),
    ]  # fmt: skip
    assert [(row["folder"], row["species"], row["photos"]) for row in tables["species_by_deployment"]] == [
        ("'=a", "wolf", "2"), ("b", "moose", "1"),
    ]  # fmt: skip
    assert [row["hour"] for row in tables["events_by_hour"] if row["events"] == "1"] == ["6", "7", "6"]
    assert [(row["first_day"], row["last_day"], row["days"]) for row in tables["gaps"]] == [
        ("2026-05-02", "2026-05-19", "18")
    ]
    assert [row["dates_from"] for row in tables["effort"]] == ["photos", "photos"]
    assert (tables["effort"][0]["latitude"], tables["effort"][1]["latitude"]) == ("40.000000", "")
    assert tables["activity"] == []


def test_tables_of_nothing_have_their_headings(tmp_path: Path) -> None:
    with survey(tmp_path / "s.avistar", []) as catalogue:
        files = write_tables(figures(catalogue), tmp_path / "out")
    assert all(file.read_text("utf-8-sig").count("\n") == 1 for file in files)
