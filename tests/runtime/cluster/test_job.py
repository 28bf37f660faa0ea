"""What a run on a cluster leaves, and where the next one takes it up."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar.cluster.job import ClusterJob, Piece
from avistar.cluster.photo_source import ListedPhoto
from avistar.errors import UsageError

QUESTION = {"source": "/photos", "bundle": "abc"}


def photos(*names: str) -> list[ListedPhoto]:
    return [ListedPhoto(name) for name in names]


def pending(job: ClusterJob) -> list[Piece]:
    return [piece for piece in job.pending() if piece is not None]


def names(pieces: list[Piece]) -> list[str]:
    return [photo.relative for piece in pieces for photo in piece.photos]


def test_a_listing_comes_back_in_shards(tmp_path: Path) -> None:
    job = ClusterJob(tmp_path, QUESTION, shard=2)
    job.list_photos(photos("a", "b", "c\n\udcff"))
    pieces = pending(job)
    assert [[photo.relative for photo in piece.photos] for piece in pieces] == [["a", "b"], ["c\n\udcff"]]
    assert (job.listed, job.done, job.complete) == (3, 0, True)


def test_only_what_has_no_answer_is_pending_again(tmp_path: Path) -> None:
    first = ClusterJob(tmp_path, QUESTION, shard=4)
    first.list_photos(photos(*"abcdefgh"))
    whole, part = pending(first)
    first.deliver(whole, b"parquet", 3)
    first.deliver(part.split(4)[1], b"parquet", 0)

    again = ClusterJob(tmp_path, QUESTION, shard=4)
    again.list_photos(photos(*"abcdefgh"))
    assert names(pending(again)) == ["e", "g", "h"]
    assert (again.listed, again.done, again.failed) == (8, 5, 3)


def test_photos_that_came_since_are_listed_after_the_others(tmp_path: Path) -> None:
    ClusterJob(tmp_path, QUESTION, shard=2).list_photos(photos("a", "c"))
    again = ClusterJob(tmp_path, QUESTION, shard=2)
    again.list_photos(photos("a", "b", "c", "d"))
    assert names(pending(again)) == ["a", "c", "b", "d"]


def test_a_line_that_a_crash_cut_is_listed_anew(tmp_path: Path) -> None:
    ClusterJob(tmp_path, QUESTION, shard=2).list_photos(photos("a", "b", "c", "d"))
    listing = tmp_path / "listing.jsonl"
    listing.write_bytes(listing.read_bytes()[:-3])
    again = ClusterJob(tmp_path, QUESTION, shard=2)
    assert again.listed == 2
    again.list_photos(photos("a", "b", "c", "d"))
    assert names(pending(again)) == ["a", "b", "c", "d"]


def test_another_question_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    ClusterJob(tmp_path, QUESTION)
    with pytest.raises(UsageError, match=r"bundle: abc then, xyz now"):
        ClusterJob(tmp_path, QUESTION | {"bundle": "xyz"})


def test_a_damaged_job_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text("{")
    with pytest.raises(UsageError, match=r"job\.json is damaged"):
        ClusterJob(tmp_path, QUESTION)


def test_a_file_instead_of_a_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    file.write_text("")
    with pytest.raises(UsageError, match="can't be used for results"):
        ClusterJob(file, QUESTION)


def test_a_listing_that_is_behind_says_so_instead_of_blocking(tmp_path: Path) -> None:
    job = ClusterJob(tmp_path, QUESTION)
    coming = job.pending()
    assert next(coming) is None
    job.list_photos(photos("a"))
    piece = next(coming)
    assert piece is not None
    assert names([piece]) == ["a"]


@given(st.integers(1, 40), st.integers(1, 9), st.sets(st.integers(0, 39)))
def test_every_photo_is_in_one_piece_or_in_one_part(number: int, shard: int, answered: set[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listed = photos(*(f"{i}.jpg" for i in range(number)))
        first = ClusterJob(folder, QUESTION, shard=shard)
        first.list_photos(listed)
        for piece in pending(first):
            for one in piece.split(len(piece.photos)):
                if int(Path(one.photos[0].relative).stem) in answered:
                    first.deliver(one, b"parquet", 0)
        again = ClusterJob(folder, QUESTION, shard=shard)
        again.list_photos(listed)
        assert names(pending(again)) == [f"{i}.jpg" for i in range(number) if i not in answered]


def test_the_listing_is_plain_json(tmp_path: Path) -> None:
    ClusterJob(tmp_path, QUESTION).list_photos([ListedPhoto("a", 5, 7)])
    assert json.loads((tmp_path / "listing.jsonl").read_text()) == [["a", 5, 7]]
