"""One answer, or one part of a medium, as a flat row for tables and as plain values for JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from avistar.files import printable
from avistar.formats.final_answer import FinalAnswer, answers_of, outcome_of
from avistar.identification import Failure, Identification
from avistar.records import Box, Record, Region
from avistar.standing import Standing

Cell: TypeAlias = str | float | int

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"-\d+(\.\d+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECIMALS = {"elapsed_ms": 1}

RECORD_COLUMNS = (
    "file", "kind", "taken_at", "recorded_at", "camera", "latitude", "longitude", "sequence", "present", "result",
    "result_id", "result_english", "result_scientific", "result_confidence", "count", "sex", "life_stage", "behavior",
    "individual", "observation_comment", "observation_tags", "comment", "tags", "reviewer", "reviewed_at",
    "second_opinion", "second_opinion_confidence", "other_model", "other_answer", "other_confidence",
    "models_differ", "detection", "detection_confidence",
    "box_left", "box_top", "box_width", "box_height", "time_s",
)  # fmt: skip


def columns(top: int) -> list[str]:
    """The columns of one answer with its `top` likeliest species."""
    ranked = [name for i in range(1, top + 1) for name in (f"top{i}", f"top{i}_confidence")]
    return [
        "file", "decision", "decision_id", "decision_confidence", "decision_reason", *ranked, "familiarity", "flags",
        "failure", "failure_message", "elapsed_ms", "bundle", "artifact_sha256", "precision", "runs_on",
    ]  # fmt: skip


def record_columns(top: int) -> list[str]:
    """The columns of `record_rows`: of the medium, then of the answer."""
    return [*RECORD_COLUMNS, *columns(top)[1:]]


def answer_row(answer: Identification, top: int, message: str | None = None) -> dict[str, Cell]:
    """One answer as a row with the keys of `columns(top)`; "" where there is nothing to say."""
    row: dict[str, Cell] = dict.fromkeys(columns(top), "")
    row |= {"file": answer.source, "flags": " ".join(answer.flags), "elapsed_ms": answer.elapsed_ms}
    if answer.failure is not None:
        row |= {"failure": answer.failure.fault.value, "failure_message": message or answer.failure.message}
    if answer.decision is not None:
        decision = answer.decision
        row |= {"decision": decision.kind, "decision_id": decision.id, "decision_reason": decision.reason}
        row |= {"decision_confidence": decision.confidence, "familiarity": answer.familiarity}
    for i, candidate in enumerate(answer.top(top), 1):
        row |= {f"top{i}": candidate.species.id, f"top{i}_confidence": candidate.confidence}
    row.update(provenance(answer))
    return row


def record_rows(record: Record, top: int) -> Iterator[dict[str, Cell]]:
    """A row for each answer to `record`, each box without one, and one row where there is neither.

    `result…` repeats what counts for the whole medium; the columns from `decision` on are the part's own. Where a
    person said more than one word, there is a row for each thing that counts, and `result…` is that thing.
    """
    medium = _medium_cells(record)
    empty: dict[str, Cell] = dict.fromkeys(record_columns(top), "")
    if record.review is not None and record.review.sightings:
        for answer, thing in answers_of(record):
            by_machine = thing.place is not None and thing.sighting is None
            cells = (
                _answer_cells(record.observations[thing.place or 0].identification, record, top) if by_machine else {}
            )
            yield empty | cells | medium | _thing_cells(answer, thing) | _region_cells(Region(thing.box, thing.time_s))
        return
    answered = {one.region.box for one in record.observations}
    for one in record.observations:
        cells = _answer_cells(one.identification, record, top)
        yield empty | cells | medium | _region_cells(one.region)
    for box in record.detections:
        if box not in answered:
            yield empty | medium | _region_cells(Region(box))
    if not record.observations and not record.detections:
        failure = record.failure
        if failure is not None:
            empty |= {"failure": failure.fault.value, "failure_message": reason_of(failure, record)}
        yield empty | medium


def _answer_cells(answer: Identification, record: Record, top: int) -> dict[str, Cell]:
    return answer_row(answer, top, reason_of(answer.failure, record) if answer.failure else None)


def reason_of(failure: Failure, record: Record) -> str:
    """Why a medium failed, without its place on the machine that tried."""
    return failure.message.removeprefix(f"{printable(record.medium.path)}: ")


def _medium_cells(record: Record) -> dict[str, Cell]:
    medium, capture, outcome, review = record.medium, record.medium.capture, outcome_of(record), record.review
    remark, confidence = record.remark, record.opinion.confidence if record.opinion else None
    return {
        "file": printable(medium.relative),
        "kind": medium.kind,
        "taken_at": moment(capture.taken_at),
        "recorded_at": moment(capture.recorded_at),
        "camera": capture.camera,
        "latitude": "" if capture.latitude is None else capture.latitude,
        "longitude": "" if capture.longitude is None else capture.longitude,
        "sequence": record.sequence,
        "present": int(record.present),
        **_outcome_cells(outcome),
        "comment": remark.comment if remark else "",
        "tags": "; ".join(remark.tags) if remark else "",
        "reviewer": outcome.reviewer,
        "reviewed_at": moment(review.at if review else None),
        "second_opinion": record.opinion.name if record.opinion else "",
        "second_opinion_confidence": confidence if confidence is not None else "",
        **_other_cells(record),
    }


def _other_cells(record: Record) -> dict[str, Cell]:
    """What the last other network answers; "" where none did."""
    if not record.others:
        return {}
    other = record.others[-1]
    return {
        "other_model": other.bundle,
        "other_answer": other.decision.id or other.decision.kind,
        "other_confidence": other.decision.confidence,
        "models_differ": int(other.differs),
    }


def other_values(record: Record) -> list[dict[str, Any]]:
    """What other networks answer, as plain values for JSON."""
    return [
        {
            "bundle": one.bundle,
            "precision": one.precision,
            "kind": one.decision.kind,
            "id": one.decision.id,
            "english": one.taxon.english if one.taxon else "",
            "scientific": one.taxon.scientific if one.taxon else "",
            "confidence": round(one.decision.confidence, 6),
            "differs": one.differs,
        }
        for one in record.others
    ]


def _outcome_cells(outcome: FinalAnswer) -> dict[str, Cell]:
    return {
        "result": outcome.kind,
        "result_id": outcome.taxon.id if outcome.taxon else "",
        "result_english": outcome.taxon.english if outcome.taxon else "",
        "result_scientific": outcome.taxon.scientific if outcome.taxon else "",
        "result_confidence": "" if outcome.confidence is None else outcome.confidence,
    }


def _thing_cells(outcome: FinalAnswer, one: Standing) -> dict[str, Cell]:
    said = one.sighting
    details: dict[str, Cell] = {}
    if said is not None:
        details = {
            "sex": said.sex,
            "life_stage": said.life_stage,
            "behavior": said.behavior,
            "individual": said.individual,
            "observation_comment": said.comment,
            "observation_tags": "; ".join(said.tags),
        }
    count: Cell = "" if one.count is None else one.count
    reviewer: dict[str, Cell] = {} if said is not None else {"reviewer": "", "reviewed_at": ""}
    return _outcome_cells(outcome) | {"count": count} | details | reviewer


def _region_cells(region: Region) -> dict[str, Cell]:
    cells: dict[str, Cell] = {} if region.time_s is None else {"time_s": region.time_s}
    if region.box is not None:
        cells |= {"detection": region.box.category, "detection_confidence": region.box.confidence}
        cells |= {f"box_{side}": getattr(region.box, side) for side in ("left", "top", "width", "height")}
    return cells


def as_record(answer: Identification, top: int, message: str | None = None) -> dict[str, Any]:
    """One answer as plain values for JSON, with every species' probability by id."""
    decision, failure = answer.decision, answer.failure
    return {
        "file": answer.source,
        "decision": None
        if decision is None
        else {
            "kind": decision.kind,
            "id": decision.id,
            "confidence": round(decision.confidence, 6),
            "candidates": list(decision.candidates),
            "reason": decision.reason,
        },
        "top": [{"species": one.species.id, "confidence": round(one.confidence, 6)} for one in answer.top(top)],
        "probabilities": {one.species.id: one.confidence for one in answer.candidates},
        "familiarity": answer.familiarity if math.isfinite(answer.familiarity) else None,
        "flags": list(answer.flags),
        "failure": None if failure is None else {"fault": failure.fault.value, "message": message or failure.message},
        "elapsed_ms": round(answer.elapsed_ms, 1),
        "provenance": provenance(answer),
    }


def provenance(answer: Identification) -> dict[str, str]:
    """What gave `answer`."""
    origin = answer.provenance
    return {
        "bundle": origin.bundle,
        "artifact_sha256": origin.artifact_sha256,
        "precision": origin.precision,
        "runs_on": origin.runs_on,
    }


def box_values(box: Box) -> list[float]:
    """[left, top, width, height] in fractions of the oriented picture."""
    return [round(side, 6) for side in (box.left, box.top, box.width, box.height)]


def moment(at: datetime | None) -> str:
    """A time to the second in ISO 8601, with its offset where it has one; "" for none."""
    return "" if at is None else at.isoformat(timespec="seconds")


def csv_texts(row: Mapping[str, Cell]) -> list[str]:
    """The row's cells as a CSV file holds them: nothing that a spreadsheet would run."""
    return [_safe(_text(name, value)) for name, value in row.items()]


def _text(name: str, value: Cell) -> str:
    return f"{value:.{_DECIMALS.get(name, 6)}f}" if isinstance(value, float) else encodable(str(value))


def encodable(text: str) -> str:
    """`text` as UTF-8 can hold it: bytes of a name that were no text are shown as �."""
    return _SURROGATE.sub("\ufffd", text)


def _safe(text: str) -> str:
    """`text` as a spreadsheet takes it for text: OWASP's list of what starts a formula; numbers stay.

    What begins with such an apostrophe itself gets another: reading takes one off.
    """
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
