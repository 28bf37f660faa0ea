"""What a later run of a survey would do otherwise than the runs that gave the answers its catalogue holds.

A survey's settings say how its answers came about. So another value is settled first: the answers that it concerns
are given again, or it is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from avistar.catalogue import Catalogue, Query
from avistar.message import Message, joined
from avistar.records import MediumKind

Settings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OutdatedAnswers:
    """Answers that came about otherwise than a run would give them.

    Attributes:
        ids: The media that are concerned, those that failed among them.
        number: How many of them have an answer.
        before: What the answers came about by, as options.
        now: What the run would use instead.
    """

    ids: tuple[int, ...]
    number: int
    before: Message
    now: Message


def outdated_answers(
    catalogue: Catalogue, settings: Settings, earlier: Settings, *, any_detector: bool = False
) -> OutdatedAnswers | None:
    """What of `catalogue` a run by `settings` would have answered otherwise; None where that is nothing.

    `earlier`: what its answers came about by. `any_detector`: a detector of another name, chosen by the same
    options, makes no difference.
    """
    ids: dict[int, None] = {}
    answered, before, now = set[int](), list[str](), list[str]()
    for one in _ASPECTS:
        if one.same(earlier, settings) and (any_detector or one.same_detector(earlier, settings)):
            continue
        known = catalogue.ids(Query(state=("answered", "blank"), kind=one.kinds))
        ids |= dict.fromkeys(known) | dict.fromkeys(catalogue.ids(Query(state=("failed",), kind=one.kinds)))
        answered.update(known)
        if known:
            before.append(one.words(earlier))
            now.append(one.words(settings))
    if not ids:
        return None
    return OutdatedAnswers(tuple(ids), len(answered), joined(", ", before), joined(", ", now))


def with_detectors(earlier: Settings, settings: Settings) -> dict[str, str]:
    """`settings`, with every detector that found something where answers of `earlier` stay."""
    names = [*_detectors(earlier), *_detectors(settings)]
    if "detector" not in settings or "detector" not in earlier:
        return dict(settings)
    return dict(settings) | {"detector": ", ".join(dict.fromkeys(names))}


def _detectors(settings: Settings) -> list[str]:
    return settings["detector"].split(", ") if settings.get("detector") else []


@dataclass(frozen=True, slots=True)
class _Aspect:
    """One thing that settings say: whether two say the same, in which words, and which media it concerns."""

    same: Callable[[Settings, Settings], bool]
    words: Callable[[Settings], str]
    kinds: tuple[MediumKind, ...] = ()
    detector: bool = False

    def same_detector(self, one: Settings, other: Settings) -> bool:
        return not self.detector or set(_detectors(other)) <= set(_detectors(one))


def _zone(settings: Settings) -> str:
    zone = settings.get("timezone")
    return f"--timezone {zone}" if zone else Message("no --timezone")


def _rate(settings: Settings) -> str:
    return f"--frames-per-second {settings.get('frames_per_second', '1')}"


def _boxes(settings: Settings) -> str:
    """How animals are found, in the words of the command line."""
    if settings.get("detections"):
        way = f"--detections {settings['detections']}"
    elif settings.get("detect") == "yes":
        folder = settings.get("detector_folder")
        way = f"--detector {folder}" if folder else "--detect"
    else:
        return Message("no detector")
    named = f" ({settings['detector']})" if settings.get("detector") else ""
    return f"{way}{named} --detection-confidence {settings.get('detection_confidence', '')}".rstrip()


def _same_boxes(one: Settings, other: Settings) -> bool:
    if any(one.get(name) != other.get(name) for name in ("detect", "detection_confidence")):
        return False
    return all(_same_path(one.get(name, ""), other.get(name, "")) for name in ("detections", "detector_folder"))


def _same_path(one: str, other: str) -> bool:
    """Whether two paths are of one file: it may have been moved since, but not be there twice."""
    if not one or not other:
        return one == other
    if os.path.abspath(one) == os.path.abspath(other):  # noqa: PTH100 links stay as they are
        return True
    return Path(one).name == Path(other).name and not os.path.lexists(one)


_ASPECTS = (
    _Aspect(lambda one, other: _zone(one) == _zone(other), _zone),
    _Aspect(_same_boxes, _boxes, detector=True),
    _Aspect(lambda one, other: _rate(one) == _rate(other), _rate, ("video",)),
)
