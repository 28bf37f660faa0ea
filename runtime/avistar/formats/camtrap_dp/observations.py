"""The rows of `observations.csv`: of each medium, and of each burst as one event."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

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
    seen: dict[str, tuple[FinalAnswer, int]] = field(default_factory=dict)
    when: datetime | None = None

    def add(self, at: datetime, record: Record) -> None:
        """Count in a medium taken at `at`: of each taxon the most that one medium shows, and its weightiest answer."""
        self.start, self.end = min(self.start, at), max(self.end, at)
        self.when = max(self.when or answered_at(record), answered_at(record), key=lambda one: one or _NEVER)
        things = [(answer, one.count) for answer, one in answers_of(record)] or [(outcome_of(record), None)]
        numbers: dict[str, int] = {}
        for answer, count in things:
            seen_before = answer.id in numbers
            numbers[answer.id] = numbers.get(answer.id, 0) + (count or int(seen_before or len(things) > 1))
            earlier, most = self.seen.get(answer.id, (answer, 0))
            self.seen[answer.id] = (max(earlier, answer, key=_weight), max(numbers[answer.id], most))

    def observed(self) -> list[tuple[FinalAnswer, int]]:
        """What the event as a whole shows: animals, people, vehicles; else unknown; else that it is empty."""
        for kinds in (("species", "group", "person", "vehicle"), ("unknown",), ("empty",)):
            if found := [pair for pair in self.seen.values() if pair[0].kind in kinds]:
                return found
        return list(self.seen.values())


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
        "eventID": record.sequence or (medium if events else ""),
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
        row = _classified(answer, record, facts)
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
                yield _classified(FinalAnswer("unidentified", confidence=box.confidence), record, facts) | _box(box)
                things.append((FinalAnswer("unidentified"), Standing("unknown", "unknown")))
    if not things:
        yield _classified(outcome_of(record), record, facts) | {"observationComments": _alternatives(record)}


def _frames(record: Record, facts: SurveyFacts) -> Iterator[Row]:
    """A row for each answer to a moment of a video that nobody reviewed."""
    for one in record.observations:
        ranked = "; ".join(f"{c.species.scientific} {c.confidence:.3f}" for c in one.identification.top(3))
        row = _classified(outcome_of_answer(one.identification), record, facts)
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


_NEVER = datetime.min.replace(tzinfo=UTC)


def answered_at(record: Record) -> datetime | None:
    """When what counts was said: by a person, else by the machine; None where that is not known."""
    return record.review.at if record.review else record.answered_at


def _classified(outcome: FinalAnswer, record: Record, facts: SurveyFacts) -> Row:
    row: Row = {"observationType": _TYPES[outcome.kind]}
    if outcome.taxon is not None:
        taxon = taxon_of(outcome.taxon)
        row |= {"scientificName": taxon.name, "observationTags": f"breed:{taxon.breed}" if taxon.breed else ""}
    if outcome.kind in ("failed", "unidentified"):
        return row
    if outcome.reviewer:
        at = record.review.at if record.review else facts.created_at
        return row | {
            "classificationMethod": "human",
            "classifiedBy": encodable(outcome.reviewer),
            "classificationTimestamp": stamp(at),
        }
    return row | {
        "classificationMethod": "machine",
        "classifiedBy": _detector(facts) if outcome.kind in ("person", "vehicle") else _machine(record, facts),
        "classificationTimestamp": stamp(record.answered_at or facts.created_at),
        "classificationProbability": "" if outcome.confidence is None else round(min(outcome.confidence, 1.0), 6),
    }


def event_of(record: Record, deployment: Deployment) -> Event:
    """A medium outside any burst as an event of its own: events together hold every medium once."""
    taken_at = record.medium.capture.taken_at
    if taken_at is None:
        raise ValueError(Message("a medium without a time is no event"))
    event = Event(deployment.at(taken_at), deployment.at(taken_at), deployment)
    event.add(event.start, record)
    return event


def event_observations(events: Mapping[str, Event], facts: SurveyFacts) -> Iterator[Row]:
    """What each event shows, every taxon once, so that counts may be added up."""
    for id, event in events.items():
        for i, (outcome, boxes) in enumerate(event.observed(), 1):
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
                row["count"] = boxes or ""
            if outcome.kind not in ("failed", "unidentified"):
                row["classificationMethod"] = "human" if outcome.reviewer else "machine"
                by = _detector(facts) if outcome.kind in ("person", "vehicle") else facts.software
                row["classifiedBy"] = encodable(outcome.reviewer or by)
                row["classificationTimestamp"] = stamp(event.when or facts.created_at)
                if outcome.confidence is not None:
                    row["classificationProbability"] = round(min(outcome.confidence, 1.0), 6)
            yield row


def _detector(facts: SurveyFacts) -> str:
    """Who found persons and vehicles."""
    return encodable(facts.settings.get("detector", "") or facts.software)


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
