"""A crew on a Ray that is made up: what happens in an order that real machines show once in a thousand runs."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from avistar.cluster import ray_workers as crews
from avistar.cluster.job import Piece
from avistar.cluster.photo_source import ListedPhoto
from avistar.cluster.ray_workers import RayCrew
from avistar.cluster.scheduler import WorkerLoss
from avistar.cluster.worker import ClusterPlan, Identity

ray = pytest.importorskip("ray", reason="needs the extra 'cluster'")

IDENTITY = Identity("1", "0" * 64)
NODE: dict[str, Any] = {"NodeID": "ab" * 28, "Alive": True, "NodeManagerHostname": "far", "Resources": {"CPU": 2}}


@dataclass(frozen=True, eq=False)
class Reference:
    """What a call will give."""

    method: str


class Remote:
    """An actor's class, an actor and its methods: how a call ends is up to the Ray that is made up."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def options(self, **_: Any) -> Remote:
        return self

    def remote(self, *_: Any) -> Any:
        return Reference(self.name) if self.name else Remote("actor")

    def __getattr__(self, name: str) -> Remote:
        return Remote(name)


class MadeUpRay:
    """Ends calls as `ends` says by the method's name: a value, or an error to raise."""

    exceptions: ClassVar[Any] = ray.exceptions

    def __init__(self) -> None:
        self.node = dict(NODE)
        introduction = SimpleNamespace(identity=IDENTITY, runs_on="cpu", precision="fp32", rejected=())
        self.ends: dict[str, Any] = {"introduce": introduction}

    def nodes(self) -> list[dict[str, Any]]:
        return [self.node]

    def remote(self, cls: Any) -> Remote:
        return Remote()

    def wait(self, references: list[Any], *, num_returns: int, timeout: float) -> tuple[list[Any], list[Any]]:
        return [one for one in references if one.method in self.ends], []

    def get(self, reference: Any) -> Any:
        end = self.ends[reference.method]
        if isinstance(end, Exception):
            raise end
        return end

    def kill(self, actor: Any) -> None:
        """Nothing to end."""


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> MadeUpRay:
    fake = MadeUpRay()
    monkeypatch.setattr(crews, "load_ray", lambda: fake)
    return fake


def started() -> RayCrew:
    """Two workers on the one machine, ready for work."""
    crew = RayCrew(ClusterPlan("photos", "bundle", "cpu"), IDENTITY, cpus=1)
    crew.hungry()
    assert list(crew.wait(0)) == []
    assert len(crew.members) == 2
    return crew


def piece(name: str) -> Piece:
    return Piece(0, "abcd".index(name), (ListedPhoto(f"{name}.jpg"),))


def dead() -> Exception:
    return ray.exceptions.ActorUnavailableError("its process doesn't answer", None)


def test_a_piece_is_not_suspect_while_ray_has_yet_to_learn_that_its_machine_is_gone(made_up: MadeUpRay) -> None:
    crew = started()
    assert crew.give(piece("a"), alone=False)
    made_up.ends = {"identify": dead()}
    assert list(crew.wait(0)) == []  # Ray says that the machine lives: nobody knows yet
    made_up.node["Alive"] = False
    made_up.ends = {"introduce": ray.exceptions.ActorUnschedulableError("no such machine")}
    assert list(crew.wait(0)) == [WorkerLoss((piece("a"),), suspect=False)]


def test_a_piece_is_suspect_once_another_worker_starts_on_the_same_machine(made_up: MadeUpRay) -> None:
    crew = started()
    for name in "abcd":
        assert crew.give(piece(name), alone=False)
    introduction, made_up.ends = made_up.ends, {"identify": dead()}
    behind = list(crew.wait(0))  # what the two had not begun is free at once
    assert [lost.suspect for lost in behind] == [False, False]
    assert [lost.pieces for lost in behind] == [(piece("c"),), (piece("d"),)]
    made_up.ends = introduction
    assert list(crew.wait(0)) == [WorkerLoss((piece("a"),), suspect=True), WorkerLoss((piece("b"),), suspect=True)]
    assert len(crew.members) == 2


@pytest.mark.parametrize("alive", [True, False])
def test_nobody_waits_for_ever_for_a_worker_that_does_not_start(
    made_up: MadeUpRay, monkeypatch: pytest.MonkeyPatch, *, alive: bool
) -> None:
    monkeypatch.setattr(crews, "_VERDICT_SECONDS", 0.0)
    crew = started()
    assert crew.give(piece("a"), alone=True)
    made_up.ends = {"identify": dead()}
    assert list(crew.wait(0)) == []
    made_up.ends = {}
    made_up.node["Alive"] = alive
    assert list(crew.wait(0)) == [WorkerLoss((piece("a"),), suspect=alive)]
    assert list(crew.wait(0)) == []
