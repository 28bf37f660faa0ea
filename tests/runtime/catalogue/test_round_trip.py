"""Whatever a survey holds comes back from its file as it was: records of any content, reviews in any order."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avistar import Failure, Fault, Identification
from avistar.catalogue import Catalogue, Model, Query
from avistar.files import printable
from avistar.identification import ranked
from avistar.records import Box, Capture, Observation, Record, Region, Review
from survey_support import answered, contents, facts, medium, plain

FOLDER = Path("/card")
fractions = st.floats(0, 1)
numbers = st.floats(allow_nan=False, allow_infinity=False)
spelt = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20)
any_bytes = st.binary(min_size=1, max_size=20).filter(lambda name: not {0, 47} & {*name}).map(os.fsdecode)
names = (spelt if os.name == "nt" else spelt | any_bytes).filter(lambda name: name.strip(".") != "")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1))
zones = st.sampled_from([None, UTC, timezone(timedelta(hours=-3, minutes=-30))])
captures = st.builds(
    Capture,
    taken_at=st.none() | st.builds(lambda at, zone: at.replace(tzinfo=zone), times, zones),
    camera=texts,
    serial=texts,
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
    unreadable=st.lists(texts, max_size=2).map(tuple),
)
boxes = st.builds(
    Box, fractions, fractions, fractions, fractions, st.sampled_from(["animal", "person", "vehicle"]), fractions
)
regions = st.builds(Region, st.none() | boxes, st.none() | st.floats(0, 1e5))
failures = st.builds(Failure, st.sampled_from(Fault), texts)


@st.composite
def answers(draw: st.DrawFn, model: Model, source: str) -> Identification:
    if draw(st.booleans()) and draw(st.booleans()):
        return Identification(source, model.provenance, failure=draw(failures), elapsed_ms=draw(st.floats(0, 1e4)))
    weights = np.array(draw(st.lists(st.floats(0.0078125, 1, width=32), min_size=30, max_size=30)), np.float32)
    probabilities = weights / weights.sum()
    familiarity = draw(st.floats(-10, 10))
    return Identification(
        source,
        model.provenance,
        candidates=ranked(model.policy, probabilities),
        decision=model.policy.decide(probabilities, familiarity),
        probabilities=probabilities,
        familiarity=familiarity,
        flags=tuple(draw(st.lists(st.sampled_from(["incomplete", "first_frame"]), max_size=2, unique=True))),
        elapsed_ms=draw(st.floats(0, 1e4)),
    )


@st.composite
def records(draw: st.DrawFn, model: Model, relative: str) -> Record:
    photo = medium(
        FOLDER,
        relative,
        kind=draw(st.sampled_from(["photo", "video"])),
        bytes=draw(st.integers(0, 2**62)),
        modified_ns=draw(st.integers(-(2**62), 2**62)),
        width=draw(st.integers(0, 20_000)),
        height=draw(st.integers(0, 20_000)),
        duration_s=draw(st.floats(0, 1e6)),
        capture=draw(captures),
        content=draw(st.sampled_from(["", "0123abcd"])),
    )
    detections = tuple(draw(st.lists(boxes, max_size=3)))
    kind = draw(st.sampled_from(["answered", "answered", "failed", "blank"]))
    if kind == "failed":
        return Record(photo, detections=detections, failure=draw(failures))
    if kind == "blank":
        return Record(photo, detections=detections, blank=True)
    source = printable(photo.path)
    observations = draw(st.lists(st.builds(Observation, regions, answers(model, source)), max_size=3))
    return Record(
        photo,
        tuple(observations),
        detections,
        sequence=draw(texts),
        together=draw(st.none() | answers(model, source)),
        present=draw(st.booleans()),
    )


@contextmanager
def fresh(folder: Path) -> Iterator[Catalogue]:
    path = folder / "survey.avistar"
    path.unlink(missing_ok=True)
    with Catalogue.open(path, new=facts(FOLDER)) as catalogue:
        yield catalogue


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("surveys")


@given(data=st.data())
def test_records_come_back_as_they_were(data: st.DataObject, folder: Path, model: Model) -> None:
    relatives = data.draw(st.lists(names, unique=True, max_size=5))
    written = [data.draw(records(model, relative)) for relative in relatives]
    with fresh(folder) as catalogue:
        catalogue.write(written, model)
        assert [plain(record) for record in catalogue.records(Query(present=None))] == [plain(one) for one in written]


@given(steps=st.lists(st.sampled_from(["review", "undo", "redo"]), max_size=25), data=st.data())
@settings(max_examples=30)
def test_reviews_behave_like_a_list_with_a_cursor(
    steps: list[str], data: st.DataObject, folder: Path, model: Model
) -> None:
    """The model: done steps up to a cursor count, a new one cuts off what was undone."""
    with fresh(folder) as catalogue:
        catalogue.write([answered(FOLDER, name, model) for name in "abc"], model)
        done: list[tuple[list[int], Review]] = []
        cursor = 0
        for number, step in enumerate(steps):
            if step == "review":
                media = data.draw(st.lists(st.integers(1, 3), unique=True, min_size=1))
                review = Review("species", f"species {number}", "Ana", datetime(2026, 1, 1, tzinfo=UTC))
                catalogue.review(media, review)
                done[cursor:] = [(media, review)]
                cursor += 1
            elif step == "undo":
                assert catalogue.undo() == (done[cursor - 1][0] if cursor else [])
                cursor = max(0, cursor - 1)
            else:
                expected = done[cursor][0] if cursor < len(done) else []
                assert catalogue.redo() == expected
                cursor = min(len(done), cursor + 1)
        counted = {id: review for media, review in done[:cursor] for id in media}
        for id, record in enumerate(catalogue.records(), 1):
            assert record.review == counted.get(id)


def test_threads_may_write_read_and_review_at_once(folder: Path, model: Model) -> None:
    with fresh(folder) as catalogue:
        catalogue.write([answered(FOLDER, f"{i}.jpg", model, i) for i in range(50)], model)
        errors: list[BaseException] = []

        def guarded(work: object) -> None:
            try:
                work()  # type: ignore[operator]
            except BaseException as error:
                errors.append(error)

        def write() -> None:
            for i in range(50, 150):
                catalogue.write([answered(FOLDER, f"{i}.jpg", model, i)], model)

        def review() -> None:
            for i in range(1, 51):
                catalogue.review([i], Review("empty", "", "Ana", datetime(2026, 1, 1, tzinfo=UTC)))
                if i % 5 == 0:
                    catalogue.undo()

        def read() -> None:
            for _ in range(20):
                assert len(list(catalogue.records())) >= 50

        threads = [threading.Thread(target=guarded, args=(work,)) for work in (write, review, read, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors
        assert (catalogue.counts().total, catalogue.counts().reviewed) == (150, 40)


def test_a_reader_sees_whole_batches_only(folder: Path, model: Model) -> None:
    with fresh(folder) as catalogue, Catalogue.read(catalogue.path) as reader:
        for i in range(0, 60, 3):
            catalogue.write([answered(FOLDER, f"{j}.jpg", model, j) for j in range(i, i + 3)], model)
            assert reader.counts().total == i + 3
            assert contents(reader)[-1] == contents(catalogue)[-1]


def test_a_rerun_replaces_every_part_of_an_answer(folder: Path, model: Model) -> None:
    first = answered(FOLDER, "a.jpg", model, 1)
    boxes = (Box(0, 0, 0.5, 0.5), Box(0.5, 0.5, 0.5, 0.5))
    with fresh(folder) as catalogue:
        catalogue.write([replace(first, detections=boxes, together=first.observations[0].identification)], model)
        catalogue.write([first], model)
        assert contents(catalogue) == [plain(first)]
