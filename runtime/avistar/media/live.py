"""A camera's newest frame, identified again and again: what a terminal or a window shows of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from avistar.classifier import Classifier, Identification
from avistar.decision import Policy
from avistar.media.camera import Camera, CameraState, Shot
from avistar.sequences import Smoother

_RATED = 30
"""Answers over which the rate is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What is known now. `shot`, `answer` and `smoothed` are None while no new frame comes.

    `age_s`: seconds from the frame's arrival to its answer. `rate`: answers per second lately.
    """

    state: CameraState
    reason: str
    shot: Shot | None = None
    answer: Identification | None = None
    smoothed: Identification | None = None
    age_s: float = 0.0
    rate: float = 0.0


def watch(
    camera: Camera,
    classifier: Classifier,
    *,
    policy: Policy | None = None,
    half_life_s: float = 0.7,
    patience_s: float = 0.5,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Moment]:
    """Identify the newest frame, then the one that is newest by then, until the camera ends.

    Frames that come while the network works are never seen. Without a new frame, a `Moment` without an
    answer comes every `patience_s` seconds, so that a caller can say what the camera is doing. `clock` is
    the camera's.
    """
    policy = policy or classifier.policy
    smoother, finished = Smoother(policy, half_life_s), deque[float](maxlen=_RATED)
    number = 0
    while True:
        shot = camera.newest(after=number, timeout_s=patience_s)
        if shot is None:
            state = camera.state
            if state == "ended":
                return
            if state == "lost":
                smoother.reset()
                finished.clear()
            yield Moment(state, camera.reason)
            continue
        number = shot.number
        answer = classifier.identify(shot.frame.pixels).under(policy)
        smoothed = smoother.add(answer, shot.arrived_s)
        finished.append(clock())
        yield Moment("live", "", shot, answer, smoothed, finished[-1] - shot.arrived_s, _rate(finished))


def _rate(finished: deque[float]) -> float:
    """Answers per second over the last few; 0 before there are two."""
    passed = finished[-1] - finished[0]
    return (len(finished) - 1) / passed if passed > 0 else 0.0
