"""Two catalogues of the same photos made one: nothing that was said is lost, and who said it stays known."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avistar import UsageError
from avistar.catalogue import CameraFolder, Catalogue, Model, Query
from avistar.catalogue.backup import copy_whole
from avistar.catalogue.merge import merge
from avistar.errors import CatalogueError
from avistar.records import Record, Remark, Review, Sighting
from avistar.species import Species
from survey_support import answered, facts, found, medium

AT = datetime(2026, 5, 1, tzinfo=UTC)


def said(species: str, who: str) -> Review:
    return Review("species", species, who, AT)


def survey(path: Path, card: Path, model: Model, names: list[str]) -> Catalogue:
    catalogue = Catalogue.open(path, new=facts(card))
    catalogue.write([answered(card, name, model, number) for number, name in enumerate(names)], model)
    return catalogue


def steps(path: Path) -> list[tuple[str, int | None]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT action, target FROM step ORDER BY id").fetchall()


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path, Path]:
    return tmp_path / "one.avistar", tmp_path / "other.avistar", tmp_path / "both.avistar"


def test_the_last_word_counts_whichever_catalogue_has_it(
    paths: tuple[Path, Path, Path], card: Path, model: Model
) -> None:
    one, other, both = paths
    names = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    with survey(one, card, model, names) as ana, survey(other, card, model, names) as ben:
        ana.review(list(ana.ids_of(["a.jpg", "b.jpg"]).values()), said("wolf", "Ana"))
        ben.review(list(ben.ids_of(["b.jpg", "c.jpg"]).values()), said("fox", "Ben"))
        ana.review(list(ana.ids_of(["c.jpg"]).values()), said("mouse", "Ana"))
        ben.remark(list(ben.ids_of(["d.jpg"]).values()), Remark("at the den", ("night",), "Ben", AT))
    before = one.read_bytes(), other.read_bytes()
    done = merge(one, other, both)
    assert (done.media, done.shared, done.added, done.steps, done.disagreed) == (4, 4, 0, 2, 2)
    assert (one.read_bytes(), other.read_bytes()) == before
    with Catalogue.open(both) as merged:
        rows = merged.rows(merged.ids(Query()))
        assert [(row.finding, row.reviewer) for row in rows[:3]] == [("wolf", "Ana"), ("fox", "Ben"), ("mouse", "Ana")]
        assert (rows[3].comment, rows[3].tags) == ("at the den", ("night",))
        assert [row.disagreed for row in rows] == [False, True, True, False]
        assert [(one.species, one.reviewer) for one in merged.reviews(rows[1].id)] == [("wolf", "Ana"), ("fox", "Ben")]
        assert merged.counts().findings["wolf"] == 1
        merged.undo()  # the remark
        merged.undo()
        assert merged.rows([rows[2].id])[0].finding == "fox"
        with pytest.raises(CatalogueError, match="never altered"), merged._store.transaction() as connection:
            connection.execute("DELETE FROM review")


def test_a_history_that_both_share_is_there_once(paths: tuple[Path, Path, Path], card: Path, model: Model) -> None:
    one, other, both = paths
    with survey(one, card, model, ["a.jpg", "b.jpg"]) as ana:
        ana.review([1], said("wolf", "Ana"))
        ana.undo()
        ana.redo()
    copy_whole(one, other)
    with Catalogue.open(one) as ana, Catalogue.open(other) as ben:
        ana.review([2], said("fox", "Ana"))
        ben.review([1], Review("species", "mouse", "Ben", AT, (Sighting("species", "mouse", 3),)))
    assert merge(one, other, both).steps == 1
    assert steps(both) == [("review", None), ("undo", 1), ("redo", 1), ("review", None), ("review", None)]
    with Catalogue.read(both) as merged:
        assert [row.finding for row in merged.rows([1, 2])] == ["mouse", "fox"]
        assert merged.rows([1])[0].animals == 3


def test_files_are_known_again_by_content_and_new_ones_wait_for_their_file(
    paths: tuple[Path, Path, Path], card: Path, model: Model
) -> None:
    one, other, both = paths
    photo = medium(card, "a.jpg", bytes=10, content="k1")
    moved = medium(card, "DCIM/a.jpg", bytes=10, content="k1")
    another = medium(card, "b.jpg", bytes=12, content="k3")
    of = answered(card, "x", model, 3).observations
    with Catalogue.open(one, new=facts(card)) as ana, Catalogue.open(other, new=facts(card)) as ben:
        ana.reconcile(found(["a.jpg"], bytes=10))
        ana.write([Record(photo, of), Record(replace(another, content="k2"), of)], model)
        ben.write([Record(moved, of), Record(another, of), Record(medium(card, "c.jpg", bytes=5), of)], model)
        ben.review([1, 2, 3], said("wolf", "Ben"))
    done = merge(one, other, both)
    assert (done.media, done.shared, done.added) == (4, 1, 2)
    with Catalogue.open(both) as merged:
        assert merged.counts().total == 2
        everything = merged.rows(merged.ids(Query(present=None)))
        assert [(row.relative, row.finding, row.present) for row in everything] == [
            ("a.jpg", "wolf", True),
            ("b.jpg", everything[1].finding, True),
            ("b (2).jpg", "wolf", False),
            ("c.jpg", "wolf", False),
        ]
        assert everything[1].verdict == ""
        merged.reconcile(found(["a.jpg"], bytes=10) + found(["b.jpg"], bytes=12) + found(["c.jpg"], bytes=5))
        assert merged.counts().total == 3


def test_answers_fill_gaps_and_never_replace_any(paths: tuple[Path, Path, Path], card: Path, model: Model) -> None:
    one, other, both = paths
    with Catalogue.open(one, new=facts(card)) as ana, survey(other, card, model, ["a.jpg", "b.jpg"]) as ben:
        ana.reconcile(found(["a.jpg", "b.jpg"]))
        ana.write([answered(card, "b.jpg", model, 9)], model)
        theirs, ours = ben.records_of([1])[0], ana.records_of([2])[0]
        ana.deployments.replace([CameraFolder("", {"locationName": "Ford"})])
        ben.deployments.replace([CameraFolder("", {"locationName": "Hill"}, timedelta(hours=1)), CameraFolder("x")])
    merge(one, other, both)
    with Catalogue.read(both) as merged:
        assert merged.counts().pending == 0
        taken, stayed = merged.records_of([1, 2])
        assert taken.identification is not None
        assert theirs.identification is not None
        assert taken.identification.probabilities.tobytes() == theirs.identification.probabilities.tobytes()
        assert stayed.identification is not None
        assert ours.identification is not None
        assert stayed.identification.probabilities.tobytes() == ours.identification.probabilities.tobytes()
        assert [one.facts.get("locationName") for one in merged.deployments.all()] == ["Hill", None]  # said last
        assert len(merged.models()) == 1


def test_two_species_under_one_id_stay_two(paths: tuple[Path, Path, Path], card: Path, model: Model) -> None:
    one, other, both = paths
    with survey(one, card, model, ["a.jpg", "b.jpg"]) as ana, survey(other, card, model, ["a.jpg", "b.jpg"]) as ben:
        ana.species.add(
            [Species("own", "Marten", "Marta", "", ""), Species("lynx2", "Iberian lynx", "", "", "")], "Ana"
        )
        ben.species.add(
            [Species("own", "Genet", "Gineta", "", ""), Species("lynx2", "Iberian Lynx", "", "", "")], "Ben"
        )
        ana.review([1], said("own", "Ana"))
        ben.review([2], said("own", "Ben"))
        ben.review([1], said("lynx2", "Ben"))
    merge(one, other, both)
    with Catalogue.read(both) as merged:
        own = merged.species.own()
        assert {id: one.english for id, one in own.items()} == {
            "own": "Marten", "own_2": "Genet", "lynx2": "Iberian Lynx"
        }  # fmt: skip
        assert [row.finding for row in merged.rows([1, 2])] == ["lynx2", "own_2"]
        assert merged.opinions(1) == {"Ana": frozenset({"own"}), "Ben": frozenset({"lynx2"})}


def test_what_has_nothing_in_common_is_not_merged_and_nothing_is_left_behind(
    paths: tuple[Path, Path, Path], card: Path, model: Model
) -> None:
    one, other, both = paths
    survey(one, card, model, ["a.jpg"]).close()
    survey(other, card, model, ["b.jpg"]).close()
    with pytest.raises(UsageError, match="no photo in common"):
        merge(one, other, both)
    with pytest.raises(CatalogueError, match="no such catalogue"):
        merge(one, other.with_name("gone.avistar"), both)
    other.write_bytes(b"SQLite format 3\0" + bytes(5000))
    with pytest.raises(CatalogueError):
        merge(one, other, both)
    with pytest.raises(UsageError, match="exists"):
        merge(one, other, one)
    left = {path.name for path in one.parent.iterdir() if not path.name.endswith((".lock", "-wal", "-shm"))}
    assert left == {"card", "one.avistar", "other.avistar"}
