"""The workers of a Ray cluster, one to every slot of every machine, as machines come and go.

The only module that loads Ray. Actors are placed on their machine outright, so that a machine that joins
late gets its workers within seconds, and one with a GPU gets a worker of another kind than one without.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from avistar.cluster.job import Piece
from avistar.cluster.scheduler import ClusterMember, PieceAnswer, WorkerLoss
from avistar.cluster.worker import ClusterPlan, Identity, Worker
from avistar.errors import MissingExtra, UsageError
from avistar.message import Message
from avistar.telemetry import import_ray_quietly

_IN_HAND = 2
"""Pieces that a worker holds: the second is there when the first is done."""

_LOOK_SECONDS = 2.0
_ANSWER_SECONDS = 5.0
_VERDICT_SECONDS = 60.0
"""By then Ray knows of a dead machine: it looks every 3 seconds and believes it after 5 failures."""


def load_ray() -> Any:
    """Ray, with nothing sent to its makers. Raises `MissingExtra` where it isn't installed."""
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # its coming default, which it warns of
    try:
        ray = import_ray_quietly()
    except ImportError as error:
        raise MissingExtra("cluster", Message("working on a cluster")) from error
    return ray


def connect(address: str, *, cpus: int | None = None) -> Any:
    """Join the cluster at `address`, the one that runs here ("auto"), or one of this machine alone ("local").

    `cpus` are what a local one may use. Raises `UsageError` where no cluster answers.
    """
    ray = load_ray()
    _check_answers(address)
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    ours = signal.getsignal(signal.SIGTERM)
    try:
        if address == "local":
            ray.init(address="local", num_cpus=cpus, include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        raise UsageError(
            "no Ray cluster answers at '{address}' ({reason}): start one with 'ray start --head', or use "
            "--cluster local for this machine alone",
            address=address,
            reason=str(error).splitlines()[0],
        ) from error
    finally:
        # Ray puts a handler of its own there, which ends the process with 15 and without a word.
        if ours is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, ours)
    return ray


def _check_answers(address: str) -> None:
    """Find out in seconds what Ray would try for a quarter of an hour. Raises `UsageError`."""
    place = address.removeprefix("ray://")
    host, _, port = place.rpartition(":")
    if address in ("auto", "local") or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            "nothing answers at {place} ({error}): `ray status` on the cluster's head shows the address; "
            "is the port open to this machine?",
            place=place,
            error=error,
        ) from error


@dataclass(slots=True, eq=False)
class _Slot:
    """Room for one worker on one machine."""

    node: str
    name: str
    gpu: bool
    actor: Any = None
    starting: Any = None
    member: ClusterMember | None = None
    in_hand: deque[tuple[Any, Piece]] = field(default_factory=deque)
    alone: bool = False  # nothing may be added to what is in hand
    undecided: tuple[Piece, float] | None = None  # what the last worker went with, and until when that is looked into
    refused: str = ""

    @property
    def hungry(self) -> bool:
        if self.member is None:
            return False
        return not self.in_hand or (len(self.in_hand) < _IN_HAND and not self.alone)


class RayCrew:
    """Workers on every machine of the cluster that this process has joined.

    `cpus` CPUs go to each worker; those on a GPU run the artifact that suits it. A worker whose bundle or
    version of Avistar is another than `expected` is refused. `worker` is the class of the actors.
    """

    def __init__(
        self, plan: ClusterPlan, expected: Identity, *, cpus: int = 4, worker: Callable[..., Any] = Worker
    ) -> None:
        self.refused: list[tuple[str, str]] = []
        self._ray = load_ray()
        self._plan = plan
        self._expected = expected
        self._cpus = cpus
        self._worker = worker
        self._slots: list[_Slot] = []
        self._nodes: set[str] = set()
        self._looked = -_LOOK_SECONDS

    @property
    def members(self) -> list[ClusterMember]:
        """The workers that are there."""
        return [slot.member for slot in self._slots if slot.member is not None]

    def hungry(self) -> bool:
        """Look for machines that came or went; whether some worker could take a piece now."""
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._look()
        return self._hungriest() is not None

    def give(self, piece: Piece, *, alone: bool) -> bool:
        """Hand a piece to the worker with the least in hand; `alone`: only to one with nothing in hand."""
        slot = self._hungriest()
        if slot is None or (alone and slot.in_hand):
            return False
        slot.in_hand.append((slot.actor.identify.remote(piece), piece))
        slot.alone = alone
        return True

    def wait(self, seconds: float) -> Iterator[PieceAnswer | WorkerLoss]:
        """What came back, or was lost, since the last call."""
        waiting = {slot.starting: slot for slot in self._slots if slot.starting is not None}
        waiting |= {slot.in_hand[0][0]: slot for slot in self._slots if slot.in_hand}
        yield from self._overdue()
        if not waiting:
            time.sleep(min(seconds, 0.2))
            return
        ready, _ = self._ray.wait(list(waiting), num_returns=1, timeout=seconds)
        if ready:
            ready, _ = self._ray.wait(list(waiting), num_returns=len(waiting), timeout=0)
        for reference in ready:
            slot = waiting[reference]
            if reference is slot.starting:
                yield from self._judge(slot, suspect=self._welcome(slot))
            else:
                yield from self._receive(slot)

    def hopeless(self) -> str:
        """Why no worker will come: all were refused, or no machine has room for one."""
        if any(not slot.refused for slot in self._slots):
            return ""
        if self.refused:
            return "no machine can take part: " + "; ".join(f"{name}: {reason}" for name, reason in self.refused)
        return f"no machine of the cluster has room for a worker with {self._cpus} CPUs"

    def close(self) -> None:
        """Send everybody home."""
        for slot in self._slots:
            self._dismiss(slot)
        self._slots = []

    def _hungriest(self) -> _Slot | None:
        return min((slot for slot in self._slots if slot.hungry), key=lambda slot: len(slot.in_hand), default=None)

    def _look(self) -> None:
        self._looked = time.monotonic()
        for node in self._ray.nodes():
            name = node["NodeID"]
            if node["Alive"] and name not in self._nodes:
                self._nodes.add(name)
                for slot in self._room_on(node):
                    self._slots.append(slot)
                    self._hire(slot)

    def _room_on(self, node: dict[str, Any]) -> Iterator[_Slot]:
        """A slot for each GPU, with its CPUs, then one for each `cpus` CPUs that are left."""
        cpus, gpus = int(node["Resources"].get("CPU", 0)), int(node["Resources"].get("GPU", 0))
        name = node["NodeManagerHostname"]
        if self._plan.device != "cpu":
            for _ in range(gpus):
                yield _Slot(node["NodeID"], name, gpu=True)
                cpus -= self._cpus
        if self._plan.device in ("auto", "cpu"):
            for _ in range(cpus // self._cpus):
                yield _Slot(node["NodeID"], name, gpu=False)

    def _hire(self, slot: _Slot) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        actor = self._ray.remote(self._worker).options(
            num_cpus=self._cpus,
            num_gpus=1 if slot.gpu else 0,
            max_restarts=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(slot.node, soft=False),
        )
        slot.member = None
        slot.actor = actor.remote(self._plan.on(self._plan.device if slot.gpu else "cpu"))
        slot.starting = slot.actor.introduce.remote()

    def _welcome(self, slot: _Slot) -> bool:
        """A worker has started, or failed to; whether its machine lives."""
        starting, slot.starting = slot.starting, None
        try:
            introduction = self._ray.get(starting)
        except self._ray.exceptions.RayError as error:
            if alive := self._is_alive(slot.node):
                self._refuse(slot, _last_line(error))
            else:
                self._forget(slot.node)
            return alive
        if introduction.identity == self._expected:
            slot.member = ClusterMember(slot.name, introduction.runs_on, introduction.precision, introduction.rejected)
        else:
            self._refuse(slot, introduction.identity.differs_from(self._expected))
        return True

    def _receive(self, slot: _Slot) -> Iterator[PieceAnswer | WorkerLoss]:
        """The first piece that a worker has in hand came back, or went with it."""
        reference, piece = slot.in_hand[0]
        try:
            answer = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError:  # the worker lives: what it had to do failed, and may again
            slot.in_hand.popleft()
            yield WorkerLoss((piece,), suspect=True)
        except self._ray.exceptions.RayError:
            yield from self._bury(slot)
        else:
            slot.in_hand.popleft()
            yield PieceAnswer(piece, answer.parquet, answer.failed)

    def _bury(self, slot: _Slot) -> Iterator[WorkerLoss]:
        """Hire another in its place. Whether the piece that it worked on may be what it died of is known when that
        one has started, or can't: Ray learns that a machine is gone later than that its workers are.
        """
        (_, first), *others = slot.in_hand
        slot.in_hand.clear()
        slot.undecided = first, time.monotonic() + _VERDICT_SECONDS
        self._dismiss(slot)
        self._hire(slot)
        if others:
            yield WorkerLoss(tuple(piece for _, piece in others), suspect=False)

    def _judge(self, slot: _Slot, *, suspect: bool) -> Iterator[WorkerLoss]:
        if slot.undecided is not None:
            (piece, _), slot.undecided = slot.undecided, None
            yield WorkerLoss((piece,), suspect=suspect)

    def _overdue(self) -> Iterator[WorkerLoss]:
        """What nobody can wait for any longer: the next worker doesn't start on a machine that seems to live."""
        now = time.monotonic()
        for slot in list(self._slots):
            if slot.undecided is not None and now > slot.undecided[1]:
                yield from self._judge(slot, suspect=self._is_alive(slot.node))

    def _is_alive(self, node: str) -> bool:
        return any(one["NodeID"] == node and one["Alive"] for one in self._ray.nodes())

    def _forget(self, node: str) -> None:
        """Nothing will start on a machine that is gone; workers with pieces in hand are told as they end."""
        self._slots = [slot for slot in self._slots if slot.node != node or slot.in_hand or slot.undecided]

    def _refuse(self, slot: _Slot, reason: str) -> None:
        slot.refused = reason
        self._dismiss(slot)
        if (slot.name, reason) not in self.refused:
            self.refused.append((slot.name, reason))

    def _dismiss(self, slot: _Slot) -> None:
        slot.member = None
        if slot.actor is not None:
            self._ray.kill(slot.actor)
            slot.actor = None


def _last_line(error: Exception) -> str:
    """What a person needs of an error that Ray wrapped in the worker's traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
