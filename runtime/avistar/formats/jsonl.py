"""JSON Lines: all that the catalogue holds of a medium in one line, the whole probability vectors too."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from avistar.files import encoded_name, writing
from avistar.formats.base import WrittenFiles
from avistar.formats.final_answer import outcome_of
from avistar.formats.rows import as_record, box_values, encodable, moment, other_values, reason_of
from avistar.identification import Identification
from avistar.records import Capture, Record, Records, Region, Review, Sighting, SurveyFacts


@dataclass(frozen=True, slots=True)
class Jsonl:
    """One JSON object a medium, UTF-8."""

    top: int = 3

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`."""
        media = 0
        with writing(target) as stream:
            for media, record in enumerate(records, 1):  # noqa: B007 counted
                line = json.dumps(self._line(record, facts), ensure_ascii=False, allow_nan=False)
                stream.write(encodable(line) + "\n")
        return WrittenFiles((target,), media)

    def _line(self, record: Record, facts: SurveyFacts) -> dict[str, Any]:
        medium, outcome, together = record.medium, outcome_of(record), record.together
        return {
            "file": medium.relative,
            "file_encoded": encoded_name(medium.relative),
            "kind": medium.kind,
            "bytes": medium.bytes,
            "width": medium.width,
            "height": medium.height,
            "duration_s": medium.duration_s,
            "capture": _capture(medium.capture),
            "present": record.present,
            "sequence": record.sequence,
            "second_opinion": asdict(record.opinion) if record.opinion else None,
            "other_models": other_values(record),
            "result": {"kind": outcome.kind, "id": outcome.id, "confidence": outcome.confidence},
            "review": _review(record.review),
            "comment": record.remark.comment if record.remark else "",
            "tags": list(record.remark.tags) if record.remark else [],
            "blank": record.blank,
            "failure": None
            if record.failure is None
            else {"fault": record.failure.fault.value, "message": reason_of(record.failure, record)},
            "detections": [
                {"bbox": box_values(box), "category": box.category, "confidence": box.confidence}
                for box in record.detections
            ],
            "observations": [
                {"region": _region(one.region)} | self._answer(one.identification, record)
                for one in record.observations
            ],
            "together": None if together is None else self._answer(together, record),
            "software": facts.software,
        }

    def _answer(self, answer: Identification, record: Record) -> dict[str, Any]:
        """An answer without where the survey lies on the machine that gave it."""
        why = reason_of(answer.failure, record) if answer.failure else None
        return as_record(answer, self.top, why) | {"file": record.medium.relative}


def _review(review: Review | None) -> dict[str, Any] | None:
    if review is None:
        return None
    return {
        "verdict": review.verdict,
        "species": review.species,
        "reviewer": review.reviewer,
        "at": moment(review.at),
        "whole": review.whole,
        "sightings": [sighting_values(one) for one in review.sightings],
    }


def _capture(capture: Capture) -> dict[str, Any]:
    return {
        "taken_at": moment(capture.taken_at) or None,
        "recorded_at": moment(capture.recorded_at) or None,
        "camera": capture.camera,
        "serial": capture.serial,
        "latitude": capture.latitude,
        "longitude": capture.longitude,
        "unreadable": list(capture.unreadable),
    }


def sighting_values(one: Sighting) -> dict[str, Any]:
    """What a person says of one thing, as plain values."""
    return {
        "kind": one.kind,
        "species": one.species,
        "count": one.count,
        "sex": one.sex,
        "life_stage": one.life_stage,
        "behavior": one.behavior,
        "individual": one.individual,
        "tags": list(one.tags),
        "comment": one.comment,
        "bbox": box_values(one.box) if one.box else None,
        "time_s": one.time_s,
    }


def _region(region: Region) -> dict[str, Any]:
    return {"bbox": None if region.box is None else box_values(region.box), "time_s": region.time_s}
