"""What counts for a medium: each thing in it, by people's word before the machine's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from avistar.boxes import Box, iou
from avistar.records import WHOLE, Record, Region, Review, Sighting

StandingKind = Literal["species", "group", "unknown", "empty", "person", "vehicle"]

SURE = 0.9
"""From this confidence on, an answer that differs from its burst's stands for itself."""

_SAME = 0.5
"""Boxes that share this part of their union are the same animal: a person's box speaks of the detector's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a machine said of one region of a medium, or of a burst or video as a whole."""

    kind: StandingKind
    id: str
    confidence: float
    region: Region = WHOLE


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing that counts for a medium.

    Attributes:
        kind: What it is.
        what: A species' or group's id, else the kind.
        count: How many; None where nobody counted.
        confidence: Of the machine, 0 to 1; None for a person's word.
        box: Where it is, None for somewhere in the picture.
        time_s: When in a video.
        sighting: The person's word, None for a machine's.
        place: The position of the sighting in its review, or of the answer among the medium's observations; None for a
            detector's box alone, and for an answer to a burst or video as a whole.
    """

    kind: StandingKind
    what: str
    count: int | None = None
    confidence: float | None = None
    box: Box | None = None
    time_s: float | None = None
    sighting: Sighting | None = None
    place: int | None = None


def standing_of(record: Record) -> tuple[Standing, ...]:
    """What counts for `record`'s medium; empty where nothing is known."""
    answers = [
        Answer(decision.kind, decision.id, decision.confidence, one.region) if decision else None
        for one in record.observations
        for decision in (one.identification.decision,)
    ]
    decision = record.together.decision if record.together else None
    together = Answer(decision.kind, decision.id, decision.confidence) if decision else None
    machine = machine_says(
        answers, together, record.detections, blank=record.blank, video=record.medium.kind == "video"
    )
    return what_counts(machine, record.detections, record.review)


def machine_says(
    answers: Sequence[Answer | None],
    together: Answer | None,
    detections: Sequence[Box],
    *,
    blank: bool,
    video: bool,
) -> list[Standing]:
    """What a machine says of a medium: `answers` to its regions, `together` to its burst or to all of a video."""
    if blank:
        return [Standing("empty", "empty")]
    if together is not None and video:
        said = [_standing(together, None)]
    else:
        said = [_standing(_joined(one, together), i) for i, one in enumerate(answers) if one is not None]
        if not said and together is not None:
            said = [_standing(together, None)]
    answered = {one.region.box for one in answers if one is not None}
    for box in detections:
        if box.category == "animal" or box in answered:
            continue
        said.append(Standing(box.category, box.category, 1, box.confidence, box))
    return said


def _joined(one: Answer, together: Answer | None) -> Answer:
    if together is None or (one.kind == "species" and one.id != together.id and one.confidence >= SURE):
        return one
    return Answer(together.kind, together.id, together.confidence, one.region)


def _standing(answer: Answer, place: int | None) -> Standing:
    box, known = answer.region.box, answer.kind in ("species", "group")
    count = 1 if box is not None else None
    what = answer.id if known else answer.kind
    return Standing(answer.kind, what, count, answer.confidence, box, answer.region.time_s, place=place)


def what_counts(machine: Sequence[Standing], detections: Sequence[Box], review: Review | None) -> tuple[Standing, ...]:
    """What counts when a person has said `review` of what the `machine` says.

    A review of the whole medium replaces the machine's animals, and its persons and vehicles too where the detector
    saw no animal beside them. One of some boxes replaces what the machine says of these.
    """
    if review is None:
        return tuple(machine)
    said = [_standing_of_sighting(one, i) for i, one in enumerate(review.statement) if one.kind != "empty"]
    if review.whole:
        animals = any(box.category == "animal" for box in detections)
        kinds = {one.kind for one in said}
        keeps = animals and said and not kinds & {"person", "vehicle"}
        rest = [one for one in machine if keeps and one.kind in ("person", "vehicle")]
    else:
        spoken = [one.box for one in review.statement if one.box is not None]
        rest = _without(machine, spoken)
    # A person's boxes speak also of persons and vehicles that lie there.
    rest = _without(rest, [one.box for one in said if one.box is not None]) if review.whole else rest
    return (*said, *rest) or (Standing("empty", "empty", sighting=review.statement[0], place=0),)


def _standing_of_sighting(one: Sighting, place: int) -> Standing:
    what = one.species if one.kind == "species" else one.kind
    return Standing(one.kind, what, one.count, box=one.box, time_s=one.time_s, sighting=one, place=place)


def _without(machine: Iterable[Standing], boxes: Sequence[Box]) -> list[Standing]:
    """The `machine`'s things but those that `boxes` speak of: each of the one that it overlaps most, if by half."""
    left = list(machine)
    for box in boxes:
        overlaps = [_overlap(box, one.box) for one in left]
        best = max(range(len(left)), key=overlaps.__getitem__, default=None)
        if best is not None and overlaps[best] >= _SAME:
            del left[best]
    return [one for one in left if one.kind != "empty" or not boxes]


def _overlap(one: Box, other: Box | None) -> float:
    if other is None:
        return 0.0
    corners = [[box.left, box.top, box.left + box.width, box.top + box.height] for box in (one, other)]
    return float(iou(np.array(corners[0]), np.array(corners[1:]))[0])
