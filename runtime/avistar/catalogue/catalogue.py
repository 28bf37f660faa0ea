"""The one door to a survey's file."""

from __future__ import annotations

import json
import os
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from avistar.catalogue import (
    clock,
    codec,
    found,
    occurrences,
    other_answers,
    people_counts,
    reconcile,
    review_history,
    reviewed_photos,
)
from avistar.catalogue.codec import Model
from avistar.catalogue.connection import Store, decoding
from avistar.catalogue.deployments import DeploymentTable
from avistar.catalogue.occurrences import Occurrence
from avistar.catalogue.query import CORRECTED, Counts, Query, Row
from avistar.catalogue.reconcile import Changes, FoundFile
from avistar.catalogue.reviewed_photos import ReviewedSurvey
from avistar.catalogue.sql import AMONG, by_medium, insert
from avistar.catalogue.survey_species import SurveySpecies
from avistar.decision import Decision
from avistar.errors import CatalogueError, UsageError
from avistar.identification import Identification
from avistar.records import Medium, MediumKind, Record, Remark, Review, Sighting, SurveyFacts

T = TypeVar("T")
_PAGE = 256
"""Media that are read at once: few enough for flat memory, enough for speed."""


class Catalogue:
    """A survey's SQLite file; safe to share between threads.

    `Catalogue.open` is for the one process that writes, `Catalogue.read` for any number beside it. Every
    change is a transaction: stored whole, or not at all. Media are named by `id`, a number that a medium
    keeps when its file moves. Every method raises `CatalogueError` when the disk fails or is full.
    """

    def __init__(self, store: Store, facts: SurveyFacts) -> None:
        self._store = store
        self._facts = facts
        self._decoded: Mapping[tuple[Any, ...], Model] = {}

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, new: SurveyFacts | None = None) -> Catalogue:
        """Open the catalogue at `path` for writing; where there is none, make it with the facts `new`.

        An older version is brought up to date. Raises `CatalogueBusy` when another process writes to it,
        `CatalogueError` for a file that is none, is damaged or comes from a newer Avistar.
        """
        store = Store(Path(path), write=True)
        try:
            if not store.rows("SELECT 1 FROM survey"):
                if new is None:
                    raise CatalogueError("{where}: there is no catalogue yet", where=store.where)
                with store.transaction() as connection:
                    _insert(connection, "survey", {"id": 1} | codec.facts_values(new))
            return cls(store, _facts_of(store))
        except BaseException:
            store.close()
            raise

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Catalogue:
        """Open the catalogue at `path` for reading, also while another process writes to it."""
        return cls._reading(Store(Path(path), write=False))

    def reader(self) -> Catalogue:
        """The same file once more, for reading. It was checked when this one was opened, and is not checked again."""
        return self._reading(Store(self.path, write=False, checked=True))

    @classmethod
    def _reading(cls, store: Store) -> Catalogue:
        try:
            return cls(store, _facts_of(store))
        except BaseException:
            store.close()
            raise

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    @property
    def facts(self) -> SurveyFacts:
        """What holds for the whole survey."""
        return self._facts

    def change_facts(self, facts: SurveyFacts) -> None:
        """Store other facts: a folder that lies elsewhere by now, other settings."""
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM survey")
            _insert(connection, "survey", {"id": 1} | codec.facts_values(facts))
        self._facts = facts

    def reconcile(
        self, found: Iterable[FoundFile], *, below: Sequence[str] = ("",), unread: Sequence[str] = ()
    ) -> Changes:
        """Take in what a scan `found`: new, changed and moved files become pending or keep their answers.

        `below`: the paths below the survey's folder that were scanned ("" for all of it); only there can
        files have vanished, and not in `unread`, the folders that could not be looked into. A vanished
        medium keeps its answers and reviews, and counts again once its file is back.
        """
        with self._store.transaction() as connection:
            return reconcile.reconcile(connection, self._facts.folder, found, below=below, unread=unread)

    def pending(self, kinds: tuple[MediumKind, ...] = ()) -> Iterator[Medium]:
        """The media that await identification, in the order of the listing; of these `kinds`, by default of all."""
        for ids in _pages(self.ids(Query(state=("pending",), kind=kinds))):
            by_id = {row["id"]: row for row in self._media(ids)}
            for id in ids:
                yield codec.medium_of(by_id[id], self._facts.folder)

    def forget_answers(self, ids: Sequence[int]) -> None:
        """Make media pending again; what people said of them stays, and what was answered as another network's."""
        with self._store.transaction() as connection:
            other_answers.keep(connection, ids)
            reconcile.forget_answers(connection, ids)

    def write(self, records: Sequence[Record], model: Model) -> None:
        """Store what became of some media, all in one transaction; reviews are left as they are.

        Each record replaces what an earlier run said of its medium; a medium that is not there is added.
        """
        with self._store.transaction() as connection:
            model_id = _model_id(connection, model)
            now = datetime.now(UTC).isoformat()
            ids = [_write_record(connection, record, model_id, now) for record in records]
            clock.shift(connection, ids)
            found.settle(connection, ids)
            other_answers.settle(connection, ids)

    def write_others(self, answers: Sequence[tuple[int, Decision]], model: Model) -> None:
        """Store what `model` answers to some media beside the answers that stand; nothing else changes."""
        with self._store.transaction() as connection:
            other_answers.write(connection, answers, _model_id(connection, model))
            other_answers.settle(connection, [id for id, _ in answers])

    def write_sequence(self, name: str, ids: Sequence[int], together: Identification, model: Model) -> None:
        """Join media to the burst `name`, with the answer to it as a whole."""
        with self._store.transaction() as connection:
            answer = codec.answer_values(together, _model_id(connection, model))
            standing = codec.standing_values(together) | {"sequence": name}
            for id in ids:
                _insert(connection, "together", {"medium": id} | answer)
                _update(connection, "medium", standing, id)
            found.settle(connection, ids)
            other_answers.settle(connection, ids)

    def review(self, ids: Sequence[int], review: Review) -> None:
        """Say what is in some media, as one step of the history; on the disk when this returns."""
        self.review_each([(id, review) for id in ids])

    def review_each(self, said: Sequence[tuple[int, Review]], remarks: Sequence[tuple[int, Remark]] = ()) -> None:
        """Say of each medium what its own review and remark say, all as one step."""
        for review in dict.fromkeys(review for _, review in said):
            check_review(review)
        with self._store.transaction(durable=True) as connection:
            review_history.add_each(connection, said, remarks)

    def accept(self, ids: Sequence[int], reviewer: str, at: datetime) -> list[int]:
        """Say of each of some media what the answers said, as one step; those of which it was said.

        Only of media that are answered with a species, with nothing unnamed beside it, and not reviewed: the others
        need a look. Where several things count, each is said, in its box.
        """
        with self._store.transaction(durable=True) as connection:
            return review_history.accept(connection, ids, reviewer, at)

    def remark(self, ids: Sequence[int], remark: Remark) -> None:
        """Give some media a comment and tags, in place of those that they have, as one step of the history."""
        self.review_each((), [(id, remark) for id in ids])

    def opinions(self, id: int) -> dict[str, frozenset[str]]:
        """What each person said last of a medium: species' ids, "unknown", "empty", "person", "vehicle"."""
        with self._store.reading() as connection:
            return review_history.opinions(connection, id)

    @property
    def species(self) -> SurveySpecies:
        """The survey's own list of species: the model's and those that people add."""
        return SurveySpecies(self._store, lambda: self._facts)

    @property
    def deployments(self) -> DeploymentTable:
        """The cameras' folders, with what people say of each."""
        return DeploymentTable(self._store)

    def undo(self) -> list[int]:
        """Undo the last step of reviewing that counts; the media it was about, none if there is none."""
        with self._store.transaction(durable=True) as connection:
            return review_history.undo(connection)

    def redo(self) -> list[int]:
        """Redo what was undone last, unless something was reviewed since; the media it was about."""
        with self._store.transaction(durable=True) as connection:
            return review_history.redo(connection)

    @decoding
    def reviews(self, id: int) -> list[Review]:
        """Everything that people ever said of a medium, oldest first, undone or not."""
        with self._store.reading() as connection:
            rows = connection.execute("SELECT * FROM review WHERE medium = ? ORDER BY id", (id,)).fetchall()
            sightings = found.sightings_of(connection, [row["id"] for row in rows])
        return [codec.review_of(row, sightings.get(row["id"], ())) for row in rows]

    def reviewed(self, cancelled: Callable[[], bool] = lambda: False) -> ReviewedSurvey:
        """What people said of photos beside the networks' own answers to them; a part of it once `cancelled`."""
        return reviewed_photos.read(self._store.stream(reviewed_photos.SQL), self._models(), cancelled)

    def occurrences(self) -> Iterator[Occurrence]:
        """Everything that counts in the media that are in the folder, in one pass and flat memory."""
        return occurrences.read(self._store.stream(occurrences.SQL))

    def ids(self, query: Query = Query()) -> list[int]:  # noqa: B008 frozen
        """The chosen media, in order: what a grid of 100,000 holds, and asks `rows` for a page of."""
        chosen, values = query.sql("id")
        # One row, in SQLite's own time: a hundred thousand would each take the lock from the thread that draws.
        found: list[int] = json.loads(self._store.rows(f"SELECT json_group_array(id) FROM ({chosen})", values)[0][0])
        return found

    def contents(self) -> list[str]:
        """The content keys of all media that were read, those that vanished too."""
        return [row[0] for row in self._store.rows("SELECT DISTINCT content FROM medium WHERE content <> ''")]

    @decoding
    def rows(self, ids: Sequence[int]) -> list[Row]:
        """What a grid shows of some media, in the order of `ids`."""
        media = self._media(ids)
        sizes = self._burst_sizes({row["sequence"] for row in media})
        folder = self._facts.folder
        by_id = {row["id"]: Row.of(row, codec.medium_of(row, folder), sizes.get(row["sequence"], 0)) for row in media}
        return [by_id[id] for id in ids if id in by_id]

    def records(self, query: Query = Query()) -> RecordView:  # noqa: B008 frozen
        """Everything about the chosen media, in order; only a page of them is in memory at a time."""
        return RecordView(self, query)

    @decoding
    def records_of(self, ids: Sequence[int]) -> list[Record]:
        """Everything about some media, in the order of `ids`."""
        chosen = (json.dumps(list(ids)),)
        models = self._models()
        detections = by_medium(self._store.rows(f"SELECT * FROM detection WHERE {_CHOSEN} ORDER BY position", chosen))
        answers = by_medium(self._store.rows(f"SELECT * FROM observation WHERE {_CHOSEN} ORDER BY position", chosen))
        together = by_medium(self._store.rows(f"SELECT * FROM together WHERE {_CHOSEN}", chosen))
        remarks = self._store.rows(
            "SELECT medium.id AS of_medium, remark.* FROM remark JOIN medium ON medium.remark = remark.id "
            "WHERE medium.id IN (SELECT value FROM json_each(?))",
            chosen,
        )
        noted = {row["of_medium"]: codec.remark_of(row) for row in remarks}
        with self._store.reading() as connection:
            said = found.reviews_that_count(connection, ids, found.merges(connection))
            others = other_answers.read(connection, ids)
        own = self.species.own()
        records = {}
        for row in self._media(ids):
            id, medium = row["id"], codec.medium_of(row, self._facts.folder)
            source = codec.source_of(medium)
            records[id] = Record(
                medium,
                tuple(codec.observation_of(one, source, models) for one in answers[id]),
                tuple(codec.detection_of(one) for one in detections[id]),
                codec.failure_of(row),
                row["state"] == "blank",
                row["sequence"],
                next((codec.answer_of(one, source, models) for one in together[id]), None),
                review := said.get(id, (None, 0))[0],
                bool(row["present"]),
                noted.get(id),
                tuple(own[one.species] for one in review.statement if one.species in own) if review else (),
                datetime.fromisoformat(row["answered_at"]) if row["answered_at"] else None,
                codec.opinion_of(row),
                others.get(id, ()),
            )
        return [records[id] for id in ids if id in records]

    def ids_of(self, relatives: Iterable[str]) -> dict[str, int]:
        """The ids of media by their path below the survey's folder; those that are not there are left out.

        A name whose accents are composed in another way, as another system lists it, is found too.
        """
        wanted = {relative: [codec.path_bytes(one) for one in _spellings(relative)] for relative in relatives}
        there: dict[bytes, int] = {}
        for some in _pages(list(dict.fromkeys(path for paths in wanted.values() for path in paths))):
            marks = ", ".join("?" * len(some))
            there |= dict(map(tuple, self._store.rows(f"SELECT path, id FROM medium WHERE path IN ({marks})", some)))
        ids = {
            relative: next((there[path] for path in paths if path in there), 0) for relative, paths in wanted.items()
        }
        return {relative: id for relative, id in ids.items() if id}

    @decoding
    def counts(self) -> Counts:
        """How many media there are, by state and by what counts for them."""
        groups = self._store.rows(
            "SELECT state, kind, count(*) AS number, count(review) AS reviewed FROM medium "
            "WHERE present GROUP BY state, kind"
        )
        times = "SELECT min(substr(taken_at, 1, 19)), max(substr(taken_at, 1, 19)) FROM medium WHERE present"
        first, last = (datetime.fromisoformat(at) if at else None for at in self._store.rows(times)[0])

        by_state: Counter[str] = Counter()
        for row in groups:
            by_state[row["state"]] += row["number"]
        videos = [row for row in groups if row["kind"] == "video"]
        numbers: dict[str, Any] = {**people_counts.read(self._store), **self._models_at_odds(), **by_state}
        return Counts(
            total=by_state.total(),
            reviewed=sum(row["reviewed"] for row in groups),
            vanished=self._store.rows("SELECT count(*) FROM medium WHERE NOT present")[0][0],
            videos=sum(row["number"] for row in videos),
            pending_videos=sum(row["number"] for row in videos if row["state"] == "pending"),
            first=first,
            last=last,
            **numbers,
        )

    def _models_at_odds(self) -> dict[str, int]:
        sql = """SELECT count(DISTINCT medium), count(DISTINCT CASE WHEN differs THEN medium END)
            FROM other_answer JOIN medium ON medium.id = other_answer.medium WHERE present"""
        compared, differing = self._store.rows(sql)[0]
        return {"compared": compared, "models_differ": differing}

    @decoding
    def models(self) -> list[tuple[Model, int]]:
        """What gave the answers that are stored, with the number of media that each answered and are present."""
        numbers = self._store.rows(
            "SELECT model, count(DISTINCT CASE WHEN present THEN medium END) FROM observation "
            "JOIN medium ON medium.id = medium GROUP BY model"
        )
        models = self._models()
        return [(models[id], number) for id, number in numbers]

    def ids_answered_by(self, chosen: Callable[[Model], bool], *, beside: bool = False) -> list[int]:
        """The media that are present and whose answers, or those `beside` them, came from a model that is `chosen`."""
        models = [id for id, one in self._models().items() if chosen(one)]
        table = "other_answer" if beside else "observation"
        sql = f"""SELECT DISTINCT medium FROM {table} JOIN medium ON medium.id = medium
            WHERE present AND model IN (SELECT value FROM json_each(?)) ORDER BY medium"""
        return [row[0] for row in self._store.rows(sql, (json.dumps(models),))]

    def close(self) -> None:
        """Free the file. Safe to call twice."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _media(self, ids: Sequence[int]) -> list[sqlite3.Row]:
        return self._store.rows(
            f"SELECT *, {CORRECTED} AS corrected, "
            "(SELECT count(*) FROM found WHERE found.medium = medium.id) AS things "
            "FROM medium WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )

    def _models(self) -> Mapping[int, Model]:
        """Every model by its id; one whose row is as it was is not decoded again, for each page of records asks."""
        known, rows = self._decoded, {tuple(row): row for row in self._store.rows("SELECT * FROM model")}
        self._decoded = found = {key: known.get(key) or codec.model_of(row) for key, row in rows.items()}
        return {rows[key]["id"]: model for key, model in found.items()}

    def _burst_sizes(self, names: set[str]) -> Mapping[str, int]:
        sql = """SELECT sequence, count(*) FROM medium WHERE present AND sequence <> ''
            AND sequence IN (SELECT value FROM json_each(?)) GROUP BY sequence"""
        return dict(map(tuple, self._store.rows(sql, (json.dumps(sorted(names - {""})),)))) if any(names) else {}


@dataclass(frozen=True, slots=True)
class RecordView:
    """The records that a query chooses; each iteration reads them anew."""

    catalogue: Catalogue
    query: Query

    def __iter__(self) -> Iterator[Record]:
        for ids in _pages(self.catalogue.ids(self.query)):
            yield from self.catalogue.records_of(ids)

    def __len__(self) -> int:
        return len(self.catalogue.ids(self.query))


def check_review(review: Review) -> None:
    """Raise `UsageError` for a review that contradicts itself."""
    for one in (Sighting(review.verdict, review.species), *review.sightings):
        if bool(one.species) != (one.kind == "species"):
            raise UsageError(
                "a review that says '{verdict}' can't name the species '{species}'",
                verdict=one.kind,
                species=one.species,
            )
        if one.count is not None and one.count < 1:
            raise UsageError("a count of {count} makes no sense: say a whole number, 1 or more", count=one.count)


_CHOSEN = f"medium {AMONG}"


def _facts_of(store: Store) -> SurveyFacts:
    rows = store.rows("SELECT * FROM survey")
    if not rows:
        raise CatalogueError("{where}: there is no catalogue yet", where=store.where)
    with store.decoding():
        return codec.facts_of(rows[0])


def _model_id(connection: sqlite3.Connection, model: Model) -> int:
    values = codec.model_values(model)
    same = " AND ".join(f'"{name}" IS ?' for name in values)
    row = connection.execute(f"SELECT id FROM model WHERE {same}", list(values.values())).fetchone()
    return int(row[0]) if row else _insert(connection, "model", values)


def _write_record(connection: sqlite3.Connection, record: Record, model: int, now: str) -> int:
    path = codec.path_bytes(record.medium.relative)
    values = codec.medium_values(record.medium) | codec.state_values(record) | {"present": int(record.present)}
    values["answered_at"] = record.answered_at.isoformat() if record.answered_at else now
    row = connection.execute("SELECT id, state FROM medium WHERE path = ?", (path,)).fetchone()
    if row is None:
        last = connection.execute("SELECT coalesce(max(position), -1) FROM medium").fetchone()[0]
        id = _insert(connection, "medium", values | {"position": last + 1})
    else:
        id = int(row[0])
        if row["state"] == "answered":
            other_answers.keep(connection, [id], model)
        for table in () if row["state"] == "pending" else ("observation", "detection", "together"):
            connection.execute(f"DELETE FROM {table} WHERE medium = ?", (id,))
        _update(connection, "medium", values, id)
    for i, box in enumerate(record.detections):
        _insert(connection, "detection", {"medium": id, "position": i} | codec.detection_values(box))
    for i, one in enumerate(record.observations):
        place = {"medium": id, "position": i} | codec.region_values(one.region)
        _insert(connection, "observation", place | codec.answer_values(one.identification, model))
    if record.together is not None:
        _insert(connection, "together", {"medium": id} | codec.answer_values(record.together, model))
    return id


def _insert(connection: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> int:
    return insert(connection, table, values, "INSERT OR REPLACE")


def _update(connection: sqlite3.Connection, table: str, values: Mapping[str, Any], id: int) -> None:
    assigned = ", ".join(f'"{name}" = ?' for name in values)
    connection.execute(f"UPDATE {table} SET {assigned} WHERE id = ?", [*values.values(), id])


def _spellings(path: str) -> Iterator[str]:
    """`path` as it is, then with its accents composed and decomposed."""
    yield from dict.fromkeys((path, unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)))


def _pages(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(ids), _PAGE):
        yield ids[start : start + _PAGE]
