"""Gives pieces to workers as they come and go, so that every photo is answered once.

Knows workers only by `Crew`, and nothing of Ray.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from avistar.cluster.job import ClusterJob, Piece

TRIES = 2
"""Workers that a piece may cost before it is taken apart, or, with one photo left, given up."""

_PARTS = 8


@dataclass(frozen=True, slots=True)
class PieceAnswer:
    """A piece came back: its records as a Parquet file, the number of photos in it that failed."""

    piece: Piece
    parquet: bytes
    failed: int


@dataclass(frozen=True, slots=True)
class WorkerLoss:
    """A worker went with these pieces in hand, the one that it worked on first.

    `suspect`: the worker died of its own, which that piece may have caused; False where its machine is gone.
    """

    pieces: tuple[Piece, ...]
    suspect: bool


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """A worker in words: the machine that it is on, what executes the artifact, and why not something better."""

    node: str
    runs_on: str
    precision: str
    rejected: tuple[str, ...] = ()


class Crew(Protocol):
    """Workers that come and go; `refused` holds (machine, reason) of those that may not take part."""

    refused: list[tuple[str, str]]

    @property
    def members(self) -> list[ClusterMember]:
        """The workers that are there."""
        ...

    def hungry(self) -> bool:
        """Look after comings and goings; whether some worker could take a piece now."""
        ...

    def give(self, piece: Piece, *, alone: bool) -> bool:
        """Hand a piece to the hungriest worker; `alone`: to one with nothing else in hand, before or after.

        False where no such worker is there at the moment.
        """
        ...

    def wait(self, seconds: float) -> Iterable[PieceAnswer | WorkerLoss]:
        """What happened since; returns as soon as something did, at the latest after `seconds`."""
        ...

    def hopeless(self) -> str:
        """Why no worker will ever come, "" while one is there or may come."""
        ...


@dataclass(slots=True)
class ClusterProgress:
    """Where a run is. `listed` grows until `complete`; `rate` is in photos per second over the last minute."""

    done: int = 0
    failed: int = 0
    listed: int = 0
    complete: bool = False
    retried: int = 0
    given_up: int = 0
    rate: float = 0.0
    workers: int = 0

    @property
    def seconds_left(self) -> float | None:
        """None while the listing grows or nothing came back yet."""
        return (self.listed - self.done) / self.rate if self.complete and self.rate > 0 else None


class Retries:
    """The pieces to be done: new ones, and those that lost their worker."""

    def __init__(self, fresh: Iterator[Piece | None]) -> None:
        self._fresh = fresh
        self._again: deque[Piece] = deque()
        self._tries: dict[str, int] = {}
        self.ended = False

    def next(self) -> Piece | None:
        """The next piece; None if there is none at the moment, for ever once `ended`."""
        if self._again:
            return self._again.popleft()
        if self.ended:
            return None
        try:
            return next(self._fresh)
        except StopIteration:
            self.ended = True
            return None

    @property
    def waiting(self) -> bool:
        """Whether there is or may come more to do."""
        return bool(self._again) or not self.ended

    def is_suspect(self, piece: Piece) -> bool:
        """Whether it cost a worker before. A worker's death may swallow its last answer, so that the piece
        before the guilty one seems lost: only one that is worked on alone can be judged.
        """
        return piece.name in self._tries

    def put_back(self, piece: Piece) -> None:
        """It comes next again."""
        self._again.appendleft(piece)

    def lost(self, lost: WorkerLoss) -> Piece | None:
        """Put pieces back; the one that is given up: a single photo that cost `TRIES` workers."""
        first, *others = lost.pieces
        self._again.extendleft(reversed(others))
        tries = self._tries.pop(first.name, 0) + int(lost.suspect)
        if tries < TRIES:
            self._try_again([first], tries)
        elif len(first.photos) > 1:
            self._try_again(first.split(_PARTS), TRIES - 1)  # the next death takes a part of it apart
        else:
            return first
        return None

    def _try_again(self, pieces: list[Piece], tries: int) -> None:
        for piece in reversed(pieces):
            self._again.appendleft(piece)
            if tries:
                self._tries[piece.name] = tries


class NoWorker(Exception):
    """No worker will ever come; says why."""


@dataclass(slots=True)
class Scheduler:
    """One run: the pieces of `job`, done by `crew`. `gave_up` makes the file for a photo that kills workers."""

    job: ClusterJob
    crew: Crew
    gave_up: Callable[[Piece], bytes]
    progress: ClusterProgress = field(default_factory=ClusterProgress)
    _in_hand: int = 0
    _history: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=600))

    def run(self, report: Callable[[ClusterProgress], None] = lambda progress: None) -> ClusterProgress:
        """Until every listed photo has an answer. Raises `NoWorker` when no worker can do it.

        Pieces are taken from the listing only as workers have room: memory doesn't grow with the source.
        """
        todo = Retries(self.job.pending())
        while todo.waiting or self._in_hand:
            self._feed(todo)
            for event in self.crew.wait(0.5):
                self._take(event, todo)
            self._look()
            report(self.progress)
            if not self._in_hand and todo.waiting and (reason := self.crew.hopeless()):
                raise NoWorker(reason)
        return self.progress

    def _feed(self, todo: Retries) -> None:
        while self.crew.hungry():
            piece = todo.next()
            if piece is None:
                return
            if not self.crew.give(piece, alone=todo.is_suspect(piece)):
                todo.put_back(piece)
                return
            self._in_hand += 1

    def _take(self, event: PieceAnswer | WorkerLoss, todo: Retries) -> None:
        if isinstance(event, PieceAnswer):
            self._in_hand -= 1
            self.job.deliver(event.piece, event.parquet, event.failed)
            return
        self._in_hand -= len(event.pieces)
        self.progress.retried += sum(len(piece.photos) for piece in event.pieces)
        if event.pieces and (poisonous := todo.lost(event)):
            self.progress.given_up += 1
            self.job.deliver(poisonous, self.gave_up(poisonous), len(poisonous.photos))

    def _look(self) -> None:
        progress, now = self.progress, time.monotonic()
        progress.done, progress.failed = self.job.done, self.job.failed
        progress.listed, progress.complete = self.job.listed, self.job.complete
        progress.workers = len(self.crew.members)
        self._history.append((now, progress.done))
        while now - self._history[0][0] > 60:
            self._history.popleft()
        seconds = now - self._history[0][0]
        progress.rate = (progress.done - self._history[0][1]) / seconds if seconds else 0.0
