"""Several pictures of one moment: bursts of a camera trap, frames of a video, the last seconds of a camera.

Logits are averaged, since that keeps confidences calibrated where averaging probabilities doesn't. A
logarithm of calibrated probabilities is such a logit, divided by the temperature, up to a constant that
softmax ignores: no more than an `Identification` is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from avistar.decision import Policy, softmax
from avistar.identification import Identification
from avistar.records import Medium

_TINY = 1e-30  # where single precision rounded a probability to nothing

_Taken = TypeVar("_Taken")


def together(answers: Iterable[Identification], policy: Policy) -> Identification | None:
    """One answer to several pictures of the same animal; None without any that was answered.

    Pictures that look like none of the species (the animal has left, or is hidden) count only if all do.
    """
    answered = [one for one in answers if one.decision is not None]
    if not answered:
        return None
    familiar = [one for one in answered if one.familiarity >= policy.familiarity_floor]
    elapsed_ms = sum(one.elapsed_ms for one in answered)
    joined = averaged(familiar or answered, policy)
    return replace(joined, source="", flags=_flags(answered), elapsed_ms=elapsed_ms)


def averaged(answers: Sequence[Identification], policy: Policy) -> Identification:
    """One answer to several looks at the same picture, each of which was answered: their logits' mean."""
    logits = np.mean([_logits(one) for one in answers], axis=0)
    familiarity = float(np.mean([one.familiarity for one in answers]))
    joined = replace(answers[0], flags=_flags(answers), elapsed_ms=sum(one.elapsed_ms for one in answers))
    return _with(joined, logits, familiarity, policy)


class Smoother:
    """Answers that follow each other in time, averaged with weights that halve every `half_life_s` seconds.

    A single odd frame then changes nothing, and a new animal is named after about one half-life.
    """

    def __init__(self, policy: Policy, half_life_s: float = 0.7) -> None:
        self._policy = policy
        self._half_life_s = half_life_s
        self._logits: NDArray[np.float64] | None = None
        self._familiarity = 0.0
        self._time_s = 0.0

    def add(self, answer: Identification, time_s: float) -> Identification:
        """The smoothed answer at `time_s` (seconds, any origin); a failure comes back as it is."""
        if answer.decision is None:
            return answer
        logits, familiarity = _logits(answer), answer.familiarity
        if self._logits is not None and self._half_life_s > 0:
            kept = 0.5 ** (max(time_s - self._time_s, 0.0) / self._half_life_s)
            logits = kept * self._logits + (1 - kept) * logits
            familiarity = kept * self._familiarity + (1 - kept) * familiarity
        self._logits, self._familiarity, self._time_s = logits, familiarity, time_s
        return _with(answer, logits, familiarity, self._policy)

    def reset(self) -> None:
        """Forget what was: another camera, or the same one after it was lost."""
        self._logits = None


@dataclass(frozen=True, slots=True)
class Burst:
    """Photos of one camera that follow each other: `name` is the first one's, `indices` in order of time."""

    name: str
    indices: tuple[int, ...]


def bursts(media: Sequence[Medium], gap: timedelta) -> list[Burst]:
    """Photos of one camera in one folder, each within `gap` of the one before; single ones are no burst.

    A camera is told by its maker, model and serial number. Photos without a time, and videos, belong to
    none. Equal times keep the order of the files' names.
    """
    by_camera: dict[tuple[str, str, str], list[int]] = {}
    for index, medium in enumerate(media):
        if medium.kind == "photo" and medium.capture.taken_at is not None:
            folder = medium.relative.rpartition("/")[0]
            by_camera.setdefault((folder, medium.capture.camera, medium.capture.serial), []).append(index)
    found = []
    for indices in by_camera.values():
        timed = [(_moment(media[i]), media[i].relative, i) for i in indices]
        for run in _runs(sorted(timed), gap):
            if len(run) > 1:
                found.append(Burst(media[run[0]].relative, tuple(run)))
    return sorted(found, key=lambda burst: burst.indices)


def _runs(timed: Sequence[tuple[datetime, str, int]], gap: timedelta) -> Iterator[list[int]]:
    run: list[int] = []
    last: datetime | None = None
    for moment, _, index in timed:
        if last is not None and moment - last > gap:
            yield run
            run = []
        run.append(index)
        last = moment
    yield run


def _moment(medium: Medium) -> datetime:
    """Comparable among photos of one camera, which either all know their zone or none does."""
    taken_at = medium.capture.taken_at
    assert taken_at is not None  # noqa: S101 only called for photos with a time
    return taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=UTC)


def _logits(answer: Identification) -> NDArray[np.float64]:
    logits: NDArray[np.float64] = np.log(np.maximum(answer.probabilities.astype(np.float64), _TINY))
    return logits


def _with(answer: Identification, logits: NDArray[np.float64], familiarity: float, policy: Policy) -> Identification:
    probabilities = softmax(logits[None])[0]
    return replace(answer, probabilities=probabilities, familiarity=familiarity).under(policy)


def _flags(answers: Sequence[Identification]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag for one in answers for flag in one.flags))
