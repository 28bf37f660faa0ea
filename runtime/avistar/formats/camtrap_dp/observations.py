"""The rows of `observations.csv`: of each medium, and of each burst as one event."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from avistar.formats.camtrap_dp.deployments import Deployment
from avistar.formats.final_answer import FinalAnswer, answers_of, outcome_of, outcome_of_answer, taxon_of
from avistar.formats.rows import encodable
from avistar.message import Message
from avistar.records import Box, Record, Sighting, SurveyFacts
from avistar.standing import Standing

_TYPES = {
    "species": "animal", "group": "animal", "unknown": "unknown", "empty": "blank", "person": "human",
    "vehicle": "vehicle", "failed": "unclassified", "unidentified": "unclassified",
}  # fmt: skip

Row = dict[str, str | int | float]


@dataclass(slots=True)
class Event:
    """A burst, or one medium that is none: what was seen in it, each taxon once."""

    start: datetime
    end: datetime
    deployment: Deployment
    seen: dict[str, _Seen] = field(default_factory=dict)

    def add(self, at: datetime, record: Record, facts: SurveyFacts) -> None:
        """Count in a medium taken at `at`: of each taxon the most that one medium shows, and its weightiest answer."""
        self.start, self.end = min(self.start, at), max(self.end, at)
        things: list[tuple[FinalAnswer, Standing | None]] = [*answers_of(record)] or [(outcome_of(record), None)]
        numbers: dict[str, int] = {}
        for answer, one in things:
            seen_before, count = answer.id in numbers, one.count if one else None
            numbers[answer.id] = numbers.get(answer.id, 0) + (count or int(seen_before or len(things) > 1))
            known = self.seen.get(answer.id)
            most = max(numbers[answer.id], known.count if known else 0)
            if known is None or _weight(answer) > _weight(known.answer):
                known = _Seen(answer, most, _origin(answer, one, record, facts))
            known.count = most
            self.seen[answer.id] = known

    def observed(self) -> list[_Seen]:
        """What the event as a whole shows: animals, people, vehicles; else unknown; else that it is empty."""
        for kinds in (("species", "group", "person", "vehicle"), ("unknown",), ("empty",)):
            if found := [one for one in self.seen.values() if one.answer.kind in kinds]:
                return found
        return list(self.seen.values())


@dataclass(slots=True)
class _Seen:
    """One taxon of an event: its weightiest answer, how many there were, and who gave the answer when."""

    answer: FinalAnswer
    count: int
    origin: Row


def _weight(outcome: FinalAnswer) -> tuple[bool, float]:
    return bool(outcome.reviewer), outcome.confidence or 0.0


def media_observations(
    record: Record, deployment: Deployment, events: Mapping[str, Event], facts: SurveyFacts
) -> Iterator[Row]:
    """A row for each thing seen in one medium; `events` are the survey's bursts by their name."""
    taken_at = record.medium.capture.taken_at
    if taken_at is None:
        return
    at, event = deployment.at(taken_at), events.get(record.sequence)
    medium = media_id(record.medium.relative)
    base: Row = {
        "deploymentID": deployment.id,
        "mediaID": medium,
        "eventID": record.sequence or medium,
        "eventStart": stamp(event.start if event else at),
        "eventEnd": stamp(event.end if event else at),
        "observationLevel": "media",
    }
    for i, row in enumerate(_parts(record, facts), 1):
        yield {"observationID": f"{medium}-{i}"} | base | row


def _parts(record: Record, facts: SurveyFacts) -> Iterator[Row]:
    """A row for each thing that counts, and for each animal's box that nothing is known of."""
    things = answers_of(record)
    if record.review is None and record.medium.kind == "video" and record.observations:
        yield from _frames(record, facts)
        return
    for answer, one in things:
        row = _classified(answer, one, record, facts)
        if one.sighting is not None:
            row |= _details(one.sighting, record)
        elif one.place is not None:
            ranked = record.observations[one.place].identification.top(3)
            row["observationComments"] = "; ".join(f"{c.species.scientific} {c.confidence:.3f}" for c in ranked)
        count: Row = {"count": one.count} if one.count else {}
        yield row | count | _box(one.box) | _moment_tag(row, one.time_s)
    shown = {one.box for _, one in things} | {one.region.box for one in record.observations}
    if record.review is None:
        for box in record.detections:
            if box not in shown:
                yield _classified(FinalAnswer("unidentified", confidence=box.confidence), None, record, facts) | _box(
                    box
                )
                things.append((FinalAnswer("unidentified"), Standing("unknown", "unknown")))
    if not things:
        yield _classified(outcome_of(record), None, record, facts) | {"observationComments": _alternatives(record)}


def _frames(record: Record, facts: SurveyFacts) -> Iterator[Row]:
    """A row for each answer to a moment of a video that nobody reviewed."""
    for i, one in enumerate(record.observations):
        ranked = "; ".join(f"{c.species.scientific} {c.confidence:.3f}" for c in one.identification.top(3))
        standing = Standing("unknown", "unknown", place=i)
        row = _classified(outcome_of_answer(one.identification), standing, record, facts)
        yield row | _box(one.region.box) | {"observationComments": ranked} | _moment_tag(row, one.region.time_s)


def _details(said: Sighting, record: Record) -> Row:
    """What a person said of the animals; "limping | machine: …" where the machine had said something too."""
    comments = (said.comment, record.remark.comment if record.remark else "", _alternatives(record))
    tags = (*said.tags, *(record.remark.tags if record.remark else ()))
    return {
        "sex": said.sex,
        "lifeStage": said.life_stage,
        "behavior": encodable(said.behavior),
        "individualID": encodable(said.individual),
        "observationComments": encodable(" | ".join(one for one in comments if one)),
        **({"observationTags": encodable(" | ".join(tags))} if tags else {}),
    }


def _classified(outcome: FinalAnswer, one: Standing | None, record: Record, facts: SurveyFacts) -> Row:
    row: Row = {"observationType": _TYPES[outcome.kind]}
    if outcome.taxon is not None:
        taxon = taxon_of(outcome.taxon)
        row |= {"scientificName": taxon.name, "observationTags": f"breed:{taxon.breed}" if taxon.breed else ""}
    return row | _origin(outcome, one, record, facts)


def _origin(outcome: FinalAnswer, one: Standing | None, record: Record, facts: SurveyFacts) -> Row:
    """Who gave an answer to `one` thing in a medium, when, and how surely; nothing where there is no answer."""
    if outcome.kind in ("failed", "unidentified"):
        return {}
    if outcome.reviewer:
        at = record.review.at if record.review else None
        return {
            "classificationMethod": "human",
            "classifiedBy": encodable(outcome.reviewer),
            "classificationTimestamp": stamp(at) if at else "",
        }
    # What no network looked at is the detector's: persons, vehicles, and that a photo is empty.
    detected = outcome.kind in ("person", "vehicle", "empty") and (one is None or one.place is None)
    return {
        "classificationMethod": "machine",
        "classifiedBy": (_detector(facts) if detected else "") or _machine(record, facts),
        "classificationTimestamp": stamp(record.answered_at) if record.answered_at else "",
        "classificationProbability": "" if outcome.confidence is None else round(min(outcome.confidence, 1.0), 6),
    }


def event_of(record: Record, deployment: Deployment, facts: SurveyFacts) -> Event:
    """A medium outside any burst as an event of its own: events together hold every medium once."""
    taken_at = record.medium.capture.taken_at
    if taken_at is None:
        raise ValueError(Message("a medium without a time is no event"))
    event = Event(deployment.at(taken_at), deployment.at(taken_at), deployment)
    event.add(event.start, record, facts)
    return event


def event_observations(events: Mapping[str, Event]) -> Iterator[Row]:
    """What each event shows, every taxon once, so that counts may be added up."""
    for id, event in events.items():
        for i, one in enumerate(event.observed(), 1):
            outcome = one.answer
            row: Row = {
                "observationID": f"{_short(id)}-event-{i}",
                "deploymentID": event.deployment.id,
                "eventID": id,
                "eventStart": stamp(event.start),
                "eventEnd": stamp(event.end),
                "observationLevel": "event",
                "observationType": _TYPES[outcome.kind],
            }
            if outcome.taxon is not None:
                row["scientificName"] = taxon_of(outcome.taxon).name
            if outcome.kind in ("species", "group", "person", "vehicle"):
                row["count"] = one.count or ""
            yield row | one.origin


def _detector(facts: SurveyFacts) -> str:
    """What found persons and vehicles, "" where nothing looked for them."""
    return encodable(facts.settings.get("detector", ""))


def _machine(record: Record, facts: SurveyFacts) -> str:
    origin = record.identification.provenance if record.identification else None
    return f"{facts.software}, {origin.bundle} {origin.precision}" if origin else facts.software


def _alternatives(record: Record) -> str:
    answer = record.identification
    ranked = "; ".join(f"{c.species.scientific} {c.confidence:.3f}" for c in answer.top(3)) if answer else ""
    return f"machine: {ranked}" if ranked else ""


def _moment_tag(row: Row, time_s: float | None) -> Row:
    if time_s is None:
        return {}
    tags = [tag for tag in (row.get("observationTags"), f"videoTime:{time_s:.2f}") if tag]
    return {"observationTags": " | ".join(map(str, tags))}


def _box(box: Box | None) -> Row:
    if box is None:
        return {}
    values = (box.left, box.top, box.width, box.height)
    # The schema wants sides above 0, and nothing beyond 1.
    left, top, width, height = (min(max(round(float(value), 6), 0.0), 1.0) for value in values)
    names = ("bboxX", "bboxY", "bboxWidth", "bboxHeight")
    return dict(zip(names, (left, top, max(width, 1e-6), max(height, 1e-6)), strict=True))


def media_id(relative: str) -> str:
    """A medium's identifier: the same in every export of the survey, different for each file."""
    return _short(relative)


def _short(id: str) -> str:
    return hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def stamp(at: datetime) -> str:
    """`%Y-%m-%dT%H:%M:%S%z`, which the standard demands."""
    return at.isoformat(timespec="seconds")
