"""Between the types of a survey and rows of the catalogue's tables, or of another table with the same columns."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from avistar.classifier import Classifier
from avistar.decision import Decision, Policy
from avistar.errors import Fault
from avistar.files import printable
from avistar.identification import Failure, Identification, Provenance, ranked
from avistar.manifest import DecisionRule
from avistar.records import (
    Box,
    BoxCategory,
    Capture,
    Medium,
    Observation,
    Record,
    Region,
    Remark,
    Review,
    SecondOpinion,
    Sighting,
    SurveyFacts,
)
from avistar.species import Group, Species

Values = dict[str, Any]

MEANINGLESS = (ValueError, KeyError, TypeError, IndexError, msgspec.MsgspecError)
"""What these functions raise of a row that SQLite can read, and that means nothing."""


class Columns(Protocol):
    """A row: `sqlite3.Row`, or a mapping with the same keys."""

    def __getitem__(self, key: str, /) -> Any:
        """The value of the column `key`."""
        ...


_FLOATS = np.dtype("<f4")
_UNMERGED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Model:
    """What gave the answers of a run: the artifact and what executed it, its calibration, and the policy."""

    provenance: Provenance
    policy: Policy
    groups: tuple[Group, ...]
    temperature: float = 1.0

    @classmethod
    def of(cls, classifier: Classifier) -> Model:
        """What `classifier` answers with."""
        return cls(classifier.provenance, classifier.policy, classifier.groups, classifier.temperature)

    def answers_like(self, other: Model) -> bool:
        """Whether both give the same answers, on whatever they run."""
        return self.sees_like(other) and self.policy == other.policy

    def sees_like(self, other: Model) -> bool:
        """Whether both give the same probabilities, so that only the policy can make a difference."""
        return _network(self) == _network(other)


def _network(model: Model) -> tuple[object, ...]:
    origin = model.provenance
    rule = model.policy.rule
    return origin.bundle, origin.artifact_sha256, origin.precision, model.temperature, rule.familiarity, rule.reference


def model_values(model: Model) -> Values:
    """A model as columns."""
    policy = model.policy
    return {
        "bundle": model.provenance.bundle,
        "artifact_sha256": model.provenance.artifact_sha256,
        "precision": model.provenance.precision,
        "runs_on": model.provenance.runs_on,
        "temperature": model.temperature,
        "familiarity_floor": policy.familiarity_floor,
        "species_confidence": policy.rule.species_confidence,
        "group_confidence": policy.rule.group_confidence,
        "familiarity": policy.rule.familiarity,
        "reference": policy.rule.reference,
        "only": _listed(sorted(policy.only)),
        "species": msgspec.json.encode(policy.species).decode(),
        "groups": msgspec.json.encode(model.groups).decode(),
    }


def model_of(row: Columns) -> Model:
    """A model from its row."""
    rule = DecisionRule(row["species_confidence"], row["group_confidence"], row["familiarity"], row["reference"])
    species = msgspec.json.decode(row["species"], type=tuple[Species, ...])
    groups = msgspec.json.decode(row["groups"], type=tuple[Group, ...])
    return Model(
        Provenance(row["bundle"], row["artifact_sha256"], row["precision"], row["runs_on"]),
        Policy(species, rule, row["familiarity_floor"], frozenset(json.loads(row["only"])), groups),
        groups,
        row["temperature"],
    )


def facts_values(facts: SurveyFacts) -> Values:
    """Facts as columns of `survey`."""
    return {
        "folder": os.fsencode(facts.folder),
        "created_at": facts.created_at.isoformat(),
        "software": facts.software,
        "species": json.dumps(facts.species),
        "only": json.dumps(facts.only),
        "settings": json.dumps(facts.settings),
    }


def facts_of(row: Columns) -> SurveyFacts:
    """Facts from their row of `survey`."""
    return SurveyFacts(
        os.fsdecode(row["folder"]),
        datetime.fromisoformat(row["created_at"]),
        row["software"],
        tuple(json.loads(row["species"])),
        tuple(json.loads(row["only"])),
        json.loads(row["settings"]),
    )


def path_bytes(relative: str) -> bytes:
    """A path below the survey's folder as the catalogue keeps it: any name that a file system allows."""
    return os.fsencode(relative)


def medium_values(medium: Medium) -> Values:
    """A medium as columns of `medium`."""
    capture = medium.capture
    return {
        "path": path_bytes(medium.relative),
        "file": printable(medium.relative),
        "kind": medium.kind,
        "bytes": medium.bytes,
        "modified_ns": medium.modified_ns,
        "content": medium.content,
        "width": medium.width,
        "height": medium.height,
        "duration_s": medium.duration_s,
        "frame_rate": medium.frame_rate,
        "taken_at": capture.taken_at.isoformat() if capture.taken_at else None,
        "recorded_at": capture.recorded_at.isoformat() if capture.recorded_at else None,
        "camera": _text(capture.camera),
        "serial": _text(capture.serial),
        "latitude": capture.latitude,
        "longitude": capture.longitude,
        "unreadable": _listed(capture.unreadable),
    }


def medium_of(row: Columns, folder: str) -> Medium:
    """A medium from its row; `folder` is the survey's."""
    relative = os.fsdecode(row["path"])
    taken_at = row["taken_at"]
    return Medium(
        path=os.path.join(folder, *relative.split("/")),  # noqa: PTH118 a Path would normalise the name
        relative=relative,
        kind=row["kind"],
        bytes=row["bytes"],
        modified_ns=row["modified_ns"],
        content=row["content"],
        width=row["width"],
        height=row["height"],
        duration_s=row["duration_s"],
        frame_rate=row["frame_rate"],
        capture=Capture(
            datetime.fromisoformat(taken_at) if taken_at else None,
            row["camera"],
            row["serial"],
            row["latitude"],
            row["longitude"],
            tuple(json.loads(row["unreadable"])),
            _time(row["recorded_at"]),
        ),
    )


def state_values(record: Record) -> Values:
    """What became of a medium, and the answer that stands, as columns of `medium`."""
    state = "failed" if record.failure else "blank" if record.blank else "answered"
    standing = standing_values(record.identification)
    opinion = "" if record.opinion is None else msgspec.json.encode(record.opinion).decode()
    rest = {"sequence": _text(record.sequence), "second_opinion": _text(opinion)}
    return {"state": state, **rest, **_failure(record.failure), **standing}


def opinion_of(row: Columns) -> SecondOpinion | None:
    """What another program says of the medium of a row, if there is something."""
    text = row["second_opinion"]
    return msgspec.json.decode(text, type=SecondOpinion) if text else None


def standing_values(answer: Identification | None) -> Values:
    """The answer that stands for a medium, as columns of `medium`."""
    decision = answer.decision if answer else None
    return {
        "decision": decision.kind if decision else None,
        "decided": decision.id if decision else None,
        "confidence": decision.confidence if decision else None,
    }


def detection_values(box: Box) -> Values:
    """A detector's box as columns of `detection`."""
    return {
        "left": box.left,
        "top": box.top,
        "width": box.width,
        "height": box.height,
        "category": box.category,
        "confidence": box.confidence,
    }


def detection_of(row: Columns) -> Box:
    """A box from its row of `detection`."""
    return Box(row["left"], row["top"], row["width"], row["height"], row["category"], row["confidence"])


def region_values(region: Region) -> Values:
    """A region as columns of `observation`."""
    box = detection_values(region.box) if region.box else dict.fromkeys(_BOX)
    return {f"box_{name}": box[name] for name in _BOX} | {"time_s": region.time_s}


_BOX = ("left", "top", "width", "height", "category", "confidence")


def region_of(row: Columns) -> Region:
    """A region from its row of `observation`."""
    box = None if row["box_left"] is None else Box(*(row[f"box_{name}"] for name in _BOX))
    return Region(box, row["time_s"])


def answer_values(answer: Identification, model: int) -> Values:
    """An identification as columns of `observation` and `together`; `model` is the id of its row."""
    decision = answer.decision
    return {
        "model": model,
        "probabilities": answer.probabilities.astype(_FLOATS).tobytes(),
        "familiarity": answer.familiarity if math.isfinite(answer.familiarity) else None,
        "decision": decision.kind if decision else None,
        "decided": decision.id if decision else "",
        "confidence": decision.confidence if decision else None,
        "candidates": _listed(decision.candidates if decision else ()),
        "reason": decision.reason if decision else "",
        "flags": _listed(answer.flags),
        "elapsed_ms": answer.elapsed_ms,
        **_failure(answer.failure),
    }


def answer_of(row: Columns, source: str, models: Mapping[int, Model]) -> Identification:
    """An identification from its row; `source` is its medium's path as text."""
    model = models[row["model"]]
    probabilities = _floats(row["probabilities"])
    decision = None
    if row["decision"]:
        candidates = tuple(json.loads(row["candidates"]))
        decision = Decision(row["decision"], row["decided"], row["confidence"], candidates, row["reason"])
    return Identification(
        source=source,
        provenance=model.provenance,
        candidates=ranked(model.policy, probabilities) if len(probabilities) else (),
        decision=decision,
        probabilities=probabilities,
        familiarity=math.nan if row["familiarity"] is None else row["familiarity"],
        flags=tuple(json.loads(row["flags"])),
        elapsed_ms=row["elapsed_ms"],
        failure=failure_of(row),
        groups=model.policy.groups,
    )


def observation_of(row: Columns, source: str, models: Mapping[int, Model]) -> Observation:
    """An observation from its row."""
    return Observation(region_of(row), answer_of(row, source, models))


def review_of(row: Columns, sightings: Sequence[Columns] = (), into: Mapping[str, str] = _UNMERGED) -> Review:
    """A review from its row and those of its sightings; species that were merged `into` others under their ids."""
    species = row["species"]
    said = tuple(_sighting_of(one, into) for one in sightings)
    at = datetime.fromisoformat(row["at"])
    return Review(row["verdict"], into.get(species, species), row["reviewer"], at, said, bool(row["whole"]))


def _sighting_of(row: Columns, into: Mapping[str, str]) -> Sighting:
    category: BoxCategory = row["kind"] if row["kind"] in ("person", "vehicle") else "animal"
    sides = None if row["left"] is None else Box(row["left"], row["top"], row["width"], row["height"], category)
    return Sighting(
        row["kind"],
        into.get(row["species"], row["species"]),
        row["count"],
        row["sex"],
        row["life_stage"],
        row["behavior"],
        row["individual"],
        tuple(json.loads(row["tags"])),
        row["comment"],
        sides,
        row["time_s"],
    )


def sighting_values(one: Sighting) -> Values:
    """A sighting as columns of `sighting`."""
    box = one.box
    return {
        "kind": one.kind,
        "species": one.species,
        "count": one.count,
        "sex": one.sex,
        "life_stage": one.life_stage,
        "behavior": _text(one.behavior),
        "individual": _text(one.individual),
        "tags": _listed(one.tags),
        "comment": _text(one.comment),
        "left": box.left if box else None,
        "top": box.top if box else None,
        "width": box.width if box else None,
        "height": box.height if box else None,
        "time_s": one.time_s,
    }


def remark_of(row: Columns) -> Remark:
    """A remark from its row."""
    tags = tuple(json.loads(row["tags"]))
    return Remark(row["comment"], tags, row["reviewer"], datetime.fromisoformat(row["at"]))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def failure_of(row: Columns) -> Failure | None:
    """The failure in a row, if there is one."""
    return Failure(Fault(row["fault"]), row["message"]) if row["fault"] else None


def source_of(medium: Medium) -> str:
    """The source of the identifications of a medium."""
    return printable(medium.path)


def _failure(failure: Failure | None) -> Values:
    return {
        "fault": failure.fault.value if failure else None,
        "message": _text(failure.message) if failure else "",
    }


def _floats(blob: bytes) -> NDArray[np.float32]:
    return np.frombuffer(blob, _FLOATS).astype(np.float32)


def _listed(texts: Sequence[str]) -> str:
    return json.dumps([_text(text) for text in texts], ensure_ascii=False) if texts else "[]"


def _text(text: str) -> str:
    """Text that SQLite takes: what a camera wrote may hold halves of characters."""
    return text.encode("utf-8", "replace").decode("utf-8")
