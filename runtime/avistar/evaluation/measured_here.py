"""What was measured of models on this computer and on its user's photos, kept so that models stand side by side.

A small JSON file of the user's data, by the SHA-256 of the artifact that was measured. It only saves time: deleting
it costs nothing else, and one that can't be read counts as empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from avistar.evaluation.metrics import wilson
from avistar.files import write_whole

_MOST_PLACES = 20
"""Sets of photos that are remembered of one artifact: the last ones."""


@dataclass(frozen=True, slots=True)
class SpeedHere:
    """How fast an artifact is on this computer: pictures a second without reading files, on what, and when."""

    per_second: float
    runs_on: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AccuracyHere:
    """How many of some photos of known species a model called rightly: `place` is the survey or folder, and when."""

    place: str
    photos: int
    right: int
    at: datetime

    @property
    def share(self) -> float:
        """The fraction that was right, 0 to 1."""
        return self.right / self.photos if self.photos else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % Wilson interval."""
        return wilson(self.right, self.photos)


@dataclass(frozen=True, slots=True)
class MeasuredHere:
    """All that is kept, by the SHA-256 of the artifact's file; of accuracies the last one of each place."""

    speeds: dict[str, SpeedHere] = field(default_factory=dict)
    accuracies: dict[str, tuple[AccuracyHere, ...]] = field(default_factory=dict)

    @property
    def last_place(self) -> str:
        """The survey or folder by whose photos models were judged last, "" for none."""
        last = max((one for some in self.accuracies.values() for one in some), key=lambda one: one.at, default=None)
        return "" if last is None else last.place

    def speed(self, artifacts: Iterable[str]) -> SpeedHere | None:
        """The last speed of any of these artifacts."""
        found = [self.speeds[one] for one in artifacts if one in self.speeds]
        return max(found, key=lambda one: one.at, default=None)

    def accuracy(self, artifacts: Iterable[str], place: str) -> AccuracyHere | None:
        """The last accuracy of any of these artifacts on the photos of `place`."""
        found = [one for sha256 in artifacts for one in self.accuracies.get(sha256, ()) if one.place == place]
        return max(found, key=lambda one: one.at, default=None)


def measurements_file() -> Path:
    """Where measurements are kept."""
    from platformdirs import user_data_path

    return user_data_path("avistar", appauthor=False) / "measured.json"


def read_measured() -> MeasuredHere:
    """What was kept; nothing where there is none, or none that can be read."""
    try:
        return msgspec.json.decode(measurements_file().read_bytes(), type=MeasuredHere)
    except (OSError, msgspec.MsgspecError):
        return MeasuredHere()


def keep_speed(sha256: str, per_second: float, runs_on: str) -> None:
    """Keep a measured speed. Raises `AvistarError` where it can't be written."""
    known = read_measured()
    _write(replace(known, speeds=known.speeds | {sha256: SpeedHere(per_second, runs_on, datetime.now(UTC))}))


def keep_accuracy(sha256: str, place: str, photos: int, right: int) -> None:
    """Keep a measured accuracy. Raises `AvistarError` where it can't be written."""
    known = read_measured()
    others = [one for one in known.accuracies.get(sha256, ()) if one.place != place]
    some = (*others[1 - _MOST_PLACES :], AccuracyHere(place, photos, right, datetime.now(UTC)))
    _write(replace(known, accuracies=known.accuracies | {sha256: some}))


def _write(measured: MeasuredHere) -> None:
    file = measurements_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, msgspec.json.format(msgspec.json.encode(measured), indent=1))
