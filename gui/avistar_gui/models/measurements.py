"""Bundles side by side: what was measured of each here, and measuring it. Slow functions for a thread; knows no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avistar import Classifier
from avistar.comparison import reviewed_labels
from avistar.errors import AvistarError
from avistar.evaluation.labelled_folder import judge
from avistar.evaluation.measured_here import AccuracyHere, SpeedHere, keep_accuracy, keep_speed, read_measured
from avistar.pipeline import pictures_per_second
from avistar_gui.models.bundle_facts import BundleFacts

Told = Callable[[str, int, int], None]
"""Hears of a bundle's name, and how many of how many photos it has answered; 0 of 0 for its speed."""


@dataclass(frozen=True, slots=True)
class MeasuredBundle:
    """A bundle with its speed on this computer and its accuracy on the user's reviewed photos; None where unknown."""

    facts: BundleFacts
    speed: SpeedHere | None
    own: AccuracyHere | None


class MeasuringCancelled(Exception):
    """Nobody waits for the figures any more; those that were measured are kept."""


def side_by_side(bundles: Sequence[BundleFacts], survey: str) -> list[MeasuredBundle]:
    """What was measured of each bundle that can be read; on the photos of `survey`, else where it was done last."""
    measured = read_measured()
    place = _place(survey) if survey else measured.last_place
    return [
        MeasuredBundle(one, measured.speed(one.sha256s), measured.accuracy(one.sha256s, place))
        for one in bundles
        if not one.problem
    ]


def measure(
    bundles: Sequence[BundleFacts], survey: str, told: Told, cancelled: Callable[[], bool]
) -> list[tuple[str, str]]:
    """Measure each bundle as it would identify here, and on the reviewed photos of `survey`, "" for none.

    Returns the names of those that could not be measured, and why. Raises `MeasuringCancelled`.
    """
    problems = []
    for one in bundles:
        try:
            with Classifier.open(one.folder) as classifier:
                told(one.name, 0, 0)
                speed = pictures_per_second(classifier)
                keep_speed(classifier.provenance.artifact_sha256, speed, classifier.provenance.runs_on)
                if cancelled():
                    raise MeasuringCancelled
                if survey:
                    _judge(classifier, survey, one.name, told=told, cancelled=cancelled)
        except (AvistarError, OSError) as error:
            problems.append((one.name, str(error)))
    return problems


def _judge(classifier: Classifier, survey: str, name: str, *, told: Told, cancelled: Callable[[], bool]) -> None:
    photos = [one for one in reviewed_labels(Path(survey), classifier).labelled if not one.trained]
    if not photos:
        return
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if cancelled():
            raise MeasuringCancelled
        told(name, done, len(photos))

    found = judge(classifier, photos, advance=advance)
    right = sum(one.right for one in found.photos)
    keep_accuracy(classifier.provenance.artifact_sha256, _place(survey), len(found.photos), right)


def _place(survey: str) -> str:
    return str(Path(survey).resolve())
