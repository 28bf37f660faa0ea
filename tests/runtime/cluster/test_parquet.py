"""Records as Parquet and back, and into a catalogue."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from avistar import Classifier
from avistar.catalogue import Catalogue, Model, Query
from avistar.errors import AvistarError, UsageError
from avistar.files import printable
from avistar.records import Box, Capture, Observation, Record, Region
from survey_support import WOLF, answer, answered, facts, failed, medium, plain

pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra 'cluster'")

from avistar.cluster.job import ClusterJob  # noqa: E402
from avistar.cluster.parquet import SCHEMA, as_parquet, read_parquet  # noqa: E402
from avistar.cluster.photo_source import ListedPhoto  # noqa: E402
from avistar.cluster.run import import_parts  # noqa: E402


@pytest.fixture
def model(classifier: Classifier) -> Model:
    return Model.of(classifier)


def some_records(folder: Path, model: Model) -> list[Record]:
    capture = Capture(datetime(2026, 5, 1, 12, 30), "Reconyx", "77", 40.5, -3.25, ("taken_at",))
    photo = medium(folder, "b/ñ,\n\udcff.jpg", bytes=7, modified_ns=9, width=64, height=48, capture=capture)
    return [
        answered(folder, "a.jpg", model, 1),
        Record(
            photo,
            (Observation(Region(Box(0, 0, 0.5, 0.5), 1.5), answer(model, printable(photo.path), 2)),),
            (Box(0, 0, 0.5, 0.5),),
            sequence="s1",
            together=answer(model, printable(photo.path), 3),
        ),
        failed(folder, "d.jpg"),
        Record(medium(folder, "e.jpg"), detections=(Box(0.1, 0.2, 0.3, 0.4, "person", 0.9),)),
        Record(medium(folder, "f.jpg"), blank=True),
    ]


def test_records_come_back_as_they_were(tmp_path: Path, model: Model) -> None:
    records = some_records(tmp_path, model)
    part = tmp_path / "part.parquet"
    part.write_bytes(as_parquet(records, model))
    read_model, back = read_parquet(part, str(tmp_path))
    assert read_model == model
    assert [plain(record) for record in back] == [plain(record) for record in records]


def test_the_columns_are_the_catalogues(tmp_path: Path, model: Model) -> None:
    file = tmp_path / "survey.avistar"
    with Catalogue.open(file, new=facts(tmp_path)) as catalogue:
        catalogue.write(some_records(tmp_path, model), model)
    with sqlite3.connect(file) as connection:
        tables = {
            name: {row[1] for row in connection.execute(f"PRAGMA table_xinfo({name})")}
            for name in ("medium", "observation", "detection", "together", "model")
        }
    connection.close()
    people = {"id", "position", "present", "review", "verdict", "verdict_species", "finding"}
    people |= {"answered_at", "seen", "reviewer", "disagreed", "animals", "remark", "comment", "tags"}
    of_medium = {name for name in SCHEMA.names if name not in ("detections", "observations", "together")}
    assert of_medium - {"bundle", "artifact_sha256", "precision", "runs_on"} == tables["medium"] - people
    nested = {
        name: {field.name for field in SCHEMA.field(name).type.value_type} for name in ("observations", "detections")
    }
    assert nested["observations"] == tables["observation"] - {"medium", "position"}
    assert nested["detections"] == tables["detection"] - {"medium", "position"}
    assert {field.name for field in SCHEMA.field("together").type} == tables["together"] - {"medium"}


def test_another_programs_parquet_is_named(tmp_path: Path) -> None:
    part = tmp_path / "part.parquet"
    part.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(AvistarError, match=r"part\.parquet is damaged"):
        read_parquet(part, str(tmp_path))


def finished_job(tmp_path: Path, model: Model) -> Path:
    job = ClusterJob(tmp_path / "out", {"root": str(tmp_path)}, shard=3)
    records = some_records(tmp_path, model)
    job.list_photos(ListedPhoto(record.medium.relative) for record in records)
    for piece in job.pending():
        assert piece is not None
        mine = [record for record in records if record.medium.relative in {one.relative for one in piece.photos}]
        job.deliver(piece, as_parquet(mine, model), 0)
    return job.folder


def test_parts_become_a_catalogue_and_reviews_survive_a_second_import(tmp_path: Path, model: Model) -> None:
    out, file = finished_job(tmp_path, model), tmp_path / "survey.avistar"
    assert import_parts(out, file) == (2, 5)
    with Catalogue.open(file) as catalogue:
        counts = catalogue.counts()
        assert (counts.total, counts.failed, counts.blank) == (5, 1, 1)
        first = catalogue.ids_of(["a.jpg"])["a.jpg"]
        catalogue.review([first], WOLF)
    import_parts(out, file)
    with Catalogue.read(file) as catalogue:
        assert catalogue.ids(Query(finding=("wolf",))) == [first]
        assert catalogue.counts().total == 5
        assert catalogue.facts.folder == str(tmp_path)


def test_a_survey_remembers_what_found_the_animals_of_a_run(tmp_path: Path, model: Model) -> None:
    out, file = finished_job(tmp_path, model), tmp_path / "survey.avistar"
    job = json.loads((out / "job.json").read_text())
    (out / "job.json").write_text(json.dumps(job | {"detector_name": "finder", "detection_confidence": "0.15"}))
    import_parts(out, file)
    with Catalogue.read(file) as catalogue:
        assert catalogue.facts.settings == {
            "frames_per_second": "1", "detect": "yes", "detector": "finder", "detection_confidence": "0.15",
        }  # fmt: skip


def test_answers_that_came_about_otherwise_are_not_mixed(tmp_path: Path, model: Model) -> None:
    out, file = finished_job(tmp_path, model), tmp_path / "survey.avistar"
    import_parts(out, file)
    with Catalogue.open(file) as catalogue:
        catalogue.change_facts(replace(catalogue.facts, settings={"timezone": "+02:00"}))
        before = [record.medium.capture for record in catalogue.records()]
    with pytest.raises(UsageError, match=r"came about by --timezone \+02:00, these by no --timezone: name another"):
        import_parts(out, file)
    with Catalogue.read(file) as catalogue:
        assert [record.medium.capture for record in catalogue.records()] == before


def test_a_catalogue_of_other_photos_is_left_alone(tmp_path: Path, model: Model) -> None:
    out, file = finished_job(tmp_path, model), tmp_path / "survey.avistar"
    import_parts(out, file)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    job = json.loads((out / "job.json").read_text()) | {"root": str(elsewhere)}
    (out / "job.json").write_text(json.dumps(job))
    with pytest.raises(UsageError, match="is the catalogue of"):
        import_parts(out, file)


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no results"):
        import_parts(tmp_path, tmp_path / "survey.avistar")
