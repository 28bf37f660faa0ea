from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avistar.catalogue import Catalogue, Model, Query, schema
from avistar.errors import CatalogueBusy, CatalogueError, UsageError
from avistar.records import Box, Capture, Record, Review
from survey_support import EMPTY, WOLF, answer, answered, contents, facts, failed, found, medium, plain


def test_what_is_written_is_read_back(catalogue: Catalogue, model: Model, card: Path) -> None:
    records = [answered(card, "a.jpg", model, 1), failed(card, "sub/b.jpg")]
    catalogue.write(records, model)
    assert contents(catalogue) == [plain(record) for record in records]
    with Catalogue.read(catalogue.path) as reader:
        assert contents(reader) == [plain(record) for record in records]
        assert reader.facts == facts(card)


def test_records_can_be_read_twice(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, "a.jpg", model)], model)
    records = catalogue.records()
    assert len(records) == len(list(records)) == len(list(records)) == 1


def test_a_second_answer_replaces_the_first_but_not_what_a_person_said(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    catalogue.write([answered(card, "a.jpg", model, 1)], model)
    catalogue.review([1], WOLF)
    again = answered(card, "a.jpg", model, 2)
    catalogue.write([again], model)
    [record] = catalogue.records()
    assert plain(record) == plain(replace(again, review=WOLF))
    assert catalogue.counts().findings == {"wolf": 1}


def test_a_reader_sees_models_that_are_added_and_altered_meanwhile(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    def bundle_and_rule(reader: Catalogue) -> list[tuple[str, float]]:
        return [(one.provenance.bundle, one.policy.rule.species_confidence) for one, _ in reader.models()]

    rule = model.policy.rule
    catalogue.write([answered(card, "a.jpg", model)], model)
    with Catalogue.read(catalogue.path) as reader:
        assert bundle_and_rule(reader) == [(model.provenance.bundle, rule.species_confidence)]
        assert reader.models()[0][0] is reader.models()[0][0]  # decoded once
        other = replace(model, provenance=replace(model.provenance, bundle="other"))
        catalogue.write([answered(card, "b.jpg", other)], other)
        assert bundle_and_rule(reader)[1:] == [("other", rule.species_confidence)]
        with sqlite3.connect(catalogue.path) as connection:
            connection.execute("UPDATE model SET species_confidence = 0.125 WHERE bundle = 'other'")
        connection.close()
        assert bundle_and_rule(reader)[1:] == [("other", 0.125)]


def test_undo_and_redo_walk_through_the_steps(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, name, model) for name in ("a.jpg", "b.jpg")], model)
    catalogue.review([1, 2], WOLF)
    catalogue.review([2], EMPTY)
    assert catalogue.undo() == [2]
    assert [record.review for record in catalogue.records()] == [WOLF, WOLF]
    assert catalogue.undo() == [1, 2]
    assert [record.review for record in catalogue.records()] == [None, None]
    assert catalogue.undo() == []
    assert catalogue.redo() == [1, 2]
    assert catalogue.redo() == [2]
    assert catalogue.redo() == []
    assert [record.review for record in catalogue.records()] == [WOLF, EMPTY]
    assert catalogue.reviews(2) == [WOLF, EMPTY]


def test_a_new_review_ends_what_can_be_redone(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, "a.jpg", model)], model)
    catalogue.review([1], WOLF)
    catalogue.undo()
    catalogue.review([1], EMPTY)
    assert catalogue.redo() == []
    assert catalogue.undo() == [1]
    assert catalogue.undo() == []


def test_several_answers_are_accepted_as_one_step_each_with_its_own_species(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    names = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    records = [answered(card, name, model, seed) for seed, name in enumerate(names)]
    catalogue.write([*records, failed(card, "broken.jpg")], model)
    catalogue.review([2], EMPTY)
    rows = {row.id: row for row in catalogue.rows(catalogue.ids())}
    wanted = [id for id, row in rows.items() if row.decision == "species" and not row.verdict]
    assert wanted
    assert catalogue.accept([*rows], "Ana", EMPTY.at) == wanted
    after = {row.id: row for row in catalogue.rows(catalogue.ids())}
    assert all(after[id].verdict == "species" and after[id].finding == rows[id].decided for id in wanted)
    assert all(len(catalogue.reviews(id)) == 1 for id in wanted)
    assert after[2].verdict == "empty"
    assert catalogue.undo() == wanted
    assert catalogue.counts().reviewed == 1
    assert catalogue.redo() == wanted
    assert catalogue.accept([*rows], "Ana", EMPTY.at) == []


def test_history_cannot_be_altered_even_with_sql(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, "a.jpg", model)], model)
    catalogue.review([1], WOLF)
    with sqlite3.connect(catalogue.path) as connection, pytest.raises(sqlite3.IntegrityError, match="never altered"):
        connection.execute("UPDATE review SET species = 'moose'")
    connection.close()


def test_a_review_must_make_sense(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="can't name the species 'wolf'"):
        catalogue.review([1], replace(WOLF, verdict="empty"))
    with pytest.raises(CatalogueError, match="FOREIGN KEY"):
        catalogue.review([99], WOLF)


def test_a_blank_is_accepted_as_no_animal_whatever_the_network_thought(
    catalogue: Catalogue, model: Model, card: Path
) -> None:
    thought = answered(card, "thought.jpg", model, 1, sure=9)
    blanks = [replace(thought, blank=True), Record(medium(card, "blank.jpg"), blank=True)]
    catalogue.write([*blanks, failed(card, "broken.jpg")], model)
    assert catalogue.accept([1, 2, 3], "Ana", EMPTY.at) == [1, 2]
    assert [(row.verdict, row.finding) for row in catalogue.rows([1, 2])] == [("empty", "empty")] * 2
    assert not catalogue.rows([2])[0].corrected


def test_questions_choose_and_order(catalogue: Catalogue, model: Model, card: Path) -> None:
    noon = datetime(2026, 5, 1, 12)
    sure, unsure = answered(card, "sure.jpg", model, 1, sure=9), answered(card, "b/unsure.jpg", model, 2, sure=0.1)
    late = replace(sure, medium=replace(sure.medium, capture=Capture(taken_at=noon + timedelta(hours=1))))
    early = replace(unsure, medium=replace(unsure.medium, capture=Capture(taken_at=noon)))
    blank = Record(medium(card, "blank.jpg"), blank=True)
    catalogue.write([late, early, blank, failed(card, "broken.jpg")], model)
    catalogue.review([3], WOLF)

    def chosen(**question: object) -> list[int]:
        return catalogue.ids(Query(**question))  # type: ignore[arg-type]

    assert chosen() == [1, 2, 3, 4]
    assert chosen(order="least_sure")[:2] == [2, 1]
    assert chosen(order="surest")[:2] == [1, 2]
    assert chosen(order="newest")[:2] == [1, 2]
    assert chosen(order="oldest")[:2] == [2, 1]
    assert chosen(state=("failed",)) == [4]
    assert chosen(finding=("wolf",)) == [3] == chosen(reviewed=True)
    assert chosen(decision=("unknown",)) == [2]
    assert chosen(text="B/UN") == [2]
    assert chosen(taken=(noon, noon + timedelta(minutes=5))) == [2]
    assert chosen(confidence=(0.5, 1.0)) == [1]
    rows = catalogue.rows([3, 1])
    assert [(row.relative, row.verdict, row.state) for row in rows] == [
        ("blank.jpg", "species", "blank"),
        ("sure.jpg", "", "answered"),
    ]
    counts = catalogue.counts()
    assert (counts.total, counts.answered, counts.blank, counts.failed, counts.reviewed) == (4, 2, 1, 1, 1)
    assert sum(counts.findings.values()) == 3
    assert (counts.first, counts.last) == (noon, noon + timedelta(hours=1))


def test_files_that_could_be_read_in_part_only_are_found(catalogue: Catalogue, model: Model, card: Path) -> None:
    cut = answered(card, "cut.mp4", model)
    marked = replace(cut.observations[0].identification, flags=("incomplete",))
    cut = replace(cut, observations=(replace(cut.observations[0], identification=marked),))
    catalogue.write([answered(card, "whole.jpg", model), cut], model)
    assert catalogue.ids(Query(flag="incomplete")) == [2]
    assert [record.incomplete for record in catalogue.records()] == [False, True]


def test_videos_are_counted_apart_and_can_be_asked_for(catalogue: Catalogue) -> None:
    catalogue.reconcile([*found(["a.jpg", "b.jpg"]), *found(["c.mp4"], kind="video")])
    counts = catalogue.counts()
    assert (counts.total, counts.pending, counts.videos, counts.pending_videos) == (3, 3, 1, 1)
    assert [one.relative for one in catalogue.pending(("photo",))] == ["a.jpg", "b.jpg"]
    assert [row.relative for row in catalogue.rows(catalogue.ids(Query(kind=("video",))))] == ["c.mp4"]


def test_bursts_decide_together_and_keep_single_answers(catalogue: Catalogue, model: Model, card: Path) -> None:
    records = [answered(card, name, model, i) for i, name in enumerate(("a.jpg", "b.jpg"))]
    catalogue.write(records, model)
    together = answer(model, "", 7, sure=9)
    catalogue.write_sequence("burst 1", [1, 2], together, model)
    stored = list(catalogue.records(Query(sequence="burst 1")))
    assert [record.observations[0].identification.decision for record in stored] == [
        record.observations[0].identification.decision for record in records
    ]
    assert together.decision is not None
    assert catalogue.counts().findings == {together.decision.id or "unknown": 2}
    assert [row.burst for row in catalogue.rows([1, 2])] == [2, 2]


def test_detections_and_boxes_are_kept(catalogue: Catalogue, model: Model, card: Path) -> None:
    record = answered(card, "a.jpg", model)
    boxes = (Box(0.1, 0.2, 0.3, 0.4, "animal", 0.9), Box(0, 0, 1, 1, "person", 0.5))
    in_box = replace(record.observations[0], region=replace(record.observations[0].region, box=boxes[0], time_s=1.5))
    record = replace(record, detections=boxes, observations=(in_box,))
    catalogue.write([record], model)
    assert contents(catalogue) == [plain(record)]


def test_a_second_writer_is_refused_and_a_reader_is_not(catalogue: Catalogue) -> None:
    code = "import sys; from avistar.catalogue import Catalogue; Catalogue.{}(sys.argv[1])"
    for way, ending in (("open", 1), ("read", 0)):
        command = [sys.executable, "-c", code.format(way), str(catalogue.path)]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        assert process.returncode == ending, process.stderr
        assert ("being written by another Avistar" in process.stderr) == bool(ending)
    with pytest.raises(CatalogueBusy):
        Catalogue.open(catalogue.path)


def test_the_next_writer_is_let_in(catalogue: Catalogue) -> None:
    catalogue.close()
    catalogue.close()
    with Catalogue.open(catalogue.path) as again:
        assert again.facts == catalogue.facts
    with pytest.raises(CatalogueError, match="was closed"):
        again.counts()


def test_a_catalogue_from_a_newer_avistar_is_refused_and_left_alone(catalogue: Catalogue) -> None:
    catalogue.close()
    connection = sqlite3.connect(catalogue.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = catalogue.path.read_bytes()
    for way in (Catalogue.open, Catalogue.read):
        with pytest.raises(CatalogueError, match=r"newer Avistar .*99.*update Avistar"):
            way(catalogue.path)
    assert catalogue.path.read_bytes() == before


def test_an_older_catalogue_is_brought_up_to_date(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.close()
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, ["ALTER TABLE survey ADD COLUMN place TEXT"]])
    with pytest.raises(CatalogueError, match="older Avistar"):
        Catalogue.read(catalogue.path)
    with Catalogue.open(catalogue.path) as migrated:
        assert migrated.facts == catalogue.facts
    connection = sqlite3.connect(catalogue.path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
    assert connection.execute("SELECT place FROM survey").fetchall() == [(None,)]
    connection.close()


def test_a_migration_that_fails_changes_nothing(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.close()
    steps = ["ALTER TABLE survey ADD COLUMN place TEXT", "ALTER TABLE nothing ADD COLUMN place TEXT"]
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, steps])
        with pytest.raises(CatalogueError, match="nothing"):
            Catalogue.open(catalogue.path)
    with Catalogue.open(catalogue.path) as opened:
        assert opened.facts == catalogue.facts


@pytest.mark.parametrize("content", [b"Image_id,Animal\n" * 100, b"SQLite format 3\0" + b"\1" * 4000])
def test_a_file_that_is_no_catalogue_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    for way in (Catalogue.open, Catalogue.read):
        with pytest.raises(CatalogueError, match=r"labels\.csv: it is no catalogue"):
            way(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(CatalogueError, match="no catalogue of Avistar's"):
        Catalogue.open(path, new=facts(tmp_path))
    assert path.read_bytes() == before


def test_a_missing_catalogue_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="there is no"):
        Catalogue.open(tmp_path / "none.avistar")
    with pytest.raises(CatalogueError, match="there is no such catalogue"):
        Catalogue.read(tmp_path / "nowhere.avistar")
    with pytest.raises(UsageError, match="name a file in a folder that exists"):
        Catalogue.open(tmp_path / "none" / "x.avistar")


def test_names_of_any_bytes_are_kept(catalogue: Catalogue, model: Model, card: Path) -> None:
    names = ["ñ/日本.jpg", "\udcff\udcfe.jpg", "=cmd,\n\"'.jpg"]
    catalogue.write([answered(card, name, model) for name in names], model)
    assert [record.medium.relative for record in catalogue.records()] == names
    assert catalogue.ids_of([*names, "none"]) == {name: i for i, name in enumerate(names, 1)}


def test_a_name_is_found_however_its_accents_are_composed(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, "cam/ni\u00f1o.jpg", model), answered(card, "cafe\u0301.jpg", model)], model)
    assert catalogue.ids_of(["cam/nin\u0303o.jpg", "caf\u00e9.jpg"]) == {"cam/nin\u0303o.jpg": 1, "caf\u00e9.jpg": 2}


def test_nothing_is_written_when_a_part_of_it_fails(catalogue: Catalogue, model: Model, card: Path) -> None:
    good = answered(card, "a.jpg", model)
    bad = replace(good, medium=replace(good.medium, relative="b.jpg", kind="sound"))  # type: ignore[arg-type]
    with pytest.raises(CatalogueError):
        catalogue.write([good, bad], model)
    assert contents(catalogue) == []


def test_what_answers_otherwise_is_found(catalogue: Catalogue, model: Model, card: Path) -> None:
    other = replace(model, provenance=replace(model.provenance, artifact_sha256="else"))
    same = replace(model, provenance=replace(model.provenance, runs_on="another processor"))
    for name, one in (("a.jpg", model), ("b.jpg", other), ("c.jpg", same)):
        catalogue.write([answered(card, name, one)], one)
    assert catalogue.ids_answered_by(lambda one: not one.sees_like(model)) == [2]
    assert {one.provenance.runs_on: number for one, number in catalogue.models()}["another processor"] == 1


def test_reviews_are_said_to_be_utc(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.write([answered(card, "a.jpg", model)], model)
    catalogue.review([1], Review("unknown", "", "Ana", datetime(2026, 5, 1, tzinfo=UTC)))
    [record] = catalogue.records()
    assert record.review is not None
    assert record.review.at == datetime(2026, 5, 1, tzinfo=UTC)


def test_pending_media_come_in_the_order_of_the_listing(catalogue: Catalogue, model: Model, card: Path) -> None:
    catalogue.reconcile(found(["b.jpg", "a.jpg", "c.jpg"]))
    catalogue.write([answered(card, "a.jpg", model)], model)
    assert [one.relative for one in catalogue.pending()] == ["b.jpg", "c.jpg"]
    assert catalogue.counts().pending == 2
