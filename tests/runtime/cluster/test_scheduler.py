"""Every photo is answered once, whatever becomes of the workers."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar.cluster.job import ClusterJob, Piece
from avistar.cluster.photo_source import ListedPhoto
from avistar.cluster.scheduler import ClusterMember, NoWorker, PieceAnswer, Retries, Scheduler, WorkerLoss


class FakeCrew:
    """One worker at a time: `poison` kills it, and on the turns in `accidents` its machine goes."""

    def __init__(self, poison: frozenset[str] = frozenset(), accidents: tuple[int, ...] = ()) -> None:
        self.members = [ClusterMember("here", "a function", "fp32")]
        self.refused: list[tuple[str, str]] = []
        self.deaths = 0
        self._poison = poison
        self._accidents = set(accidents)
        self._turn = 0
        self._alone = False
        self._hands: deque[Piece] = deque()

    def hungry(self) -> bool:
        return not self._hands or (len(self._hands) < 2 and not self._alone)

    def give(self, piece: Piece, *, alone: bool) -> bool:
        assert self.hungry()
        if alone and self._hands:
            return False
        self._hands.append(piece)
        self._alone = alone
        return True

    def wait(self, seconds: float) -> Iterator[PieceAnswer | WorkerLoss]:
        if not self._hands:
            return
        self._turn += 1
        accident = self._turn in self._accidents
        if len(self._hands) == 2 and self._kills(self._hands[1]) and not self._kills(self._hands[0]):
            accident, deadly = False, True  # the first was answered, but its answer went with the worker
        else:
            deadly = self._kills(self._hands[0])
        if accident or deadly:
            lost, self._hands = tuple(self._hands), deque()
            self.deaths += not accident
            yield WorkerLoss(lost, suspect=not accident)
            return
        piece = self._hands.popleft()
        yield PieceAnswer(piece, "\n".join(photo.relative for photo in piece.photos).encode(), 0)

    def _kills(self, piece: Piece) -> bool:
        return any(photo.relative in self._poison for photo in piece.photos)

    def hopeless(self) -> str:
        return ""


def run(folder: Path, crew: FakeCrew, number: int, shard: int = 16) -> tuple[Scheduler, list[str]]:
    job = ClusterJob(folder, {}, shard=shard)
    job.list_photos(ListedPhoto(f"{i}.jpg") for i in range(number))
    dispatch = Scheduler(job, crew, lambda piece: f"GIVEN UP {piece.photos[0].relative}".encode())
    dispatch.run()
    return dispatch, sorted(line for path in job.parts for line in path.read_text().splitlines())


def test_all_photos_are_answered_once(tmp_path: Path) -> None:
    dispatch, answers = run(tmp_path, FakeCrew(), 100)
    assert answers == sorted(f"{i}.jpg" for i in range(100))
    assert (dispatch.progress.done, dispatch.progress.listed, dispatch.progress.given_up) == (100, 100, 0)


def test_a_poisonous_photo_is_isolated_and_the_others_are_answered(tmp_path: Path) -> None:
    crew = FakeCrew(frozenset({"37.jpg"}))
    dispatch, answers = run(tmp_path, crew, 100)
    assert answers == sorted("GIVEN UP 37.jpg" if i == 37 else f"{i}.jpg" for i in range(100))
    assert (dispatch.progress.given_up, dispatch.progress.failed) == (1, 1)
    assert crew.deaths <= 12


def test_a_machine_that_goes_is_no_photos_fault(tmp_path: Path) -> None:
    crew = FakeCrew(accidents=tuple(range(1, 12)))
    dispatch, answers = run(tmp_path, crew, 40)
    assert answers == sorted(f"{i}.jpg" for i in range(40))
    assert dispatch.progress.given_up == 0
    assert dispatch.progress.retried > 0


@given(st.sets(st.integers(0, 59), max_size=5), st.sets(st.integers(1, 60), max_size=20), st.integers(1, 20))
def test_none_is_lost_and_none_answered_twice(poison: set[int], accidents: set[int], shard: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        crew = FakeCrew(frozenset(f"{i}.jpg" for i in poison), tuple(accidents))
        _, answers = run(Path(folder), crew, 60, shard)
    assert answers == sorted(f"GIVEN UP {i}.jpg" if i in poison else f"{i}.jpg" for i in range(60))


def test_a_cluster_without_a_single_fit_worker_is_an_error(tmp_path: Path) -> None:
    class Refused(FakeCrew):
        def hungry(self) -> bool:
            return False

        def hopeless(self) -> str:
            return "no machine can take part: attic: its bundle is another one"

    with pytest.raises(NoWorker, match="attic"):
        run(tmp_path, Refused(), 3)


def test_only_the_piece_that_was_worked_on_is_taken_apart() -> None:
    first = Piece(0, 0, (ListedPhoto("a"), ListedPhoto("b")))
    second = Piece(1, 0, (ListedPhoto("c"), ListedPhoto("d")))
    todo = Retries(iter([first, second]))
    for _ in range(2):
        assert [todo.next(), todo.next()] == [first, second]
        assert todo.lost(WorkerLoss((first, second), suspect=True)) is None
    assert [todo.next() for _ in range(4)] == [*first.split(2), second, None]
