"""What the service answers with, as OpenAPI describes it: JSON Lines' records, with names for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from avistar.boxes import Box
from avistar.classifier import Classifier
from avistar.cli.texts import Sentences
from avistar.formats.rows import as_record
from avistar.identification import Identification
from avistar.message import Message


class Ranked(BaseModel):
    """One species and how sure it is."""

    species: str
    name: str = Field(description="Its common name in the language asked for.")
    confidence: float = Field(ge=0, le=1.000001, description="Calibrated probability.")


class DecisionOut(BaseModel):
    """What is said of a picture: a species, a group, or unknown."""

    kind: str
    id: str = Field(description="Of the species or the group; empty for unknown.")
    confidence: float
    candidates: list[str]
    reason: str


class FailureOut(BaseModel):
    """Why a picture was not identified."""

    fault: str = Field(description="A stable name for programs.")
    message: str


class ProvenanceOut(BaseModel):
    """What gave an answer."""

    bundle: str
    artifact_sha256: str
    precision: str
    runs_on: str


class BoxOut(BaseModel):
    """What a detector found, in fractions of the upright picture."""

    left: float
    top: float
    width: float
    height: float
    category: str
    confidence: float


class Answer(BaseModel):
    """The answer to one picture: a row of `avistar identify --out x.jsonl`, with `text` and names added."""

    model_config = ConfigDict(extra="allow")

    file: str = Field(description="The file's name as it was sent, if it was.")
    text: str = Field(description="The answer in a few words, in the language asked for.")
    decision: DecisionOut | None
    top: list[Ranked]
    probabilities: dict[str, float]
    familiarity: float | None
    flags: list[str]
    failure: FailureOut | None
    elapsed_ms: float
    provenance: ProvenanceOut
    boxes: list[BoxOut] = Field(default=[], description="With --detect: where something is, surest first.")


class Answers(BaseModel):
    """One answer for each picture sent, in their order."""

    request_id: str
    answers: list[Answer]


class SpeciesOut(BaseModel):
    """A species that the model knows."""

    id: str
    english: str
    spanish: str
    scientific: str
    group: str


class ModelOut(BaseModel):
    """The model in use, what it runs on, and what it decides by."""

    bundle: str
    architecture: str
    artifact: str = Field(description="Format and precision.")
    artifact_sha256: str
    device: str
    runs_on: str
    rejected: list[str] = Field(description="Why each better device is not used.")
    threads: int | None
    width: int
    height: int
    species_confidence: float
    group_confidence: float
    familiarity_floor: float
    species: list[SpeciesOut]


class Health(BaseModel):
    """How the service is."""

    status: str
    waiting: int = Field(description="Pictures that are being worked on.")


def answer_out(answer: Identification, words: Sentences, top: int, boxes: tuple[Box, ...] = ()) -> dict[str, Any]:
    """`answer` in the form of `Answer`."""
    record = as_record(answer, top, words.failure(answer) or None)
    for one in record["top"]:
        one["name"] = words.species_name(one["species"])
    return record | {"text": _text(answer, words), "boxes": [asdict(box) for box in boxes]}


def _text(answer: Identification, words: Sentences) -> str:
    if answer.decision is None:
        return words.failure(answer) or Message("no animal").to(words.language)
    if answer.decision.kind != "species":
        return words.decision(answer)
    return f"{words.species_name(answer.decision.id)} ({words.percent(answer.decision.confidence)})"


def model_out(classifier: Classifier) -> ModelOut:
    """What `classifier` is made of."""
    info = classifier.info
    return ModelOut(
        bundle=info.bundle,
        architecture=info.architecture,
        artifact=f"{info.executed.format} {info.executed.precision}" if info.executed else "",
        artifact_sha256=info.artifact_sha256,
        device=info.device,
        runs_on=info.runs_on,
        rejected=list(info.rejected),
        threads=info.threads,
        width=info.preprocessing.width,
        height=info.preprocessing.height,
        species_confidence=info.policy.rule.species_confidence,
        group_confidence=info.policy.rule.group_confidence,
        familiarity_floor=info.policy.familiarity_floor,
        species=[
            SpeciesOut(id=s.id, english=s.english, spanish=s.spanish, scientific=s.scientific, group=s.group)
            for s in info.policy.species
        ],
    )
