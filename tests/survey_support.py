"""Surveys for tests: records of any content, and how two of them are compared."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from avistar import Failure, Fault, Identification
from avistar.catalogue import Catalogue, FoundFile, Model
from avistar.files import printable
from avistar.identification import ranked
from avistar.records import Medium, Observation, Record, Region, Review, SurveyFacts
from avistar.species import known_species

WOLF = Review("species", "wolf", "Ana", datetime(2026, 5, 1, 12, tzinfo=UTC))
EMPTY = Review("empty", "", "Ana", datetime(2026, 5, 1, 13, tzinfo=UTC))


def facts(folder: Path) -> SurveyFacts:
    """Facts of a survey of `folder`."""
    species = tuple(one.id for one in known_species())
    return SurveyFacts(str(folder), datetime(2026, 5, 1, tzinfo=UTC), "avistar 0", species)


def medium(folder: Path, relative: str, **facts: Any) -> Medium:
    """A photo at `relative` below `folder`, which need not exist."""
    return Medium(os.path.join(folder, relative), relative, **facts)  # noqa: PTH118 names of any bytes


def answer(model: Model, source: str, seed: int = 0, *, sure: float = 4.0) -> Identification:
    """An answer with random probabilities; the larger `sure`, the surer."""
    logits = np.random.default_rng(seed).normal(0, sure, len(model.policy.species))
    probabilities = (np.exp(logits) / np.exp(logits).sum()).astype(np.float32)
    return Identification(
        source,
        model.provenance,
        candidates=ranked(model.policy, probabilities),
        decision=model.policy.decide(probabilities, 1.5),
        probabilities=probabilities,
        familiarity=1.5,
        flags=("incomplete",) if seed % 2 else (),
        elapsed_ms=12.5,
    )


def answered(folder: Path, relative: str, model: Model, seed: int = 0, *, sure: float = 4.0) -> Record:
    """A photo that was identified as a whole."""
    photo = medium(folder, relative)
    return Record(photo, (Observation(Region(), answer(model, printable(photo.path), seed, sure=sure)),))


def failed(folder: Path, relative: str) -> Record:
    """A photo that could not be read."""
    return Record(medium(folder, relative), failure=Failure(Fault.EMPTY, f"{relative}: the file is empty (0 bytes)"))


def found(relatives: Iterable[str], **facts: Any) -> list[FoundFile]:
    """What a scan meets."""
    return [FoundFile(relative, **facts) for relative in relatives]


def plain(record: Record) -> Any:
    """A record as values that compare: arrays as bytes, nan as None."""
    return (
        record.medium,
        [(one.region, _plain(one.identification)) for one in record.observations],
        record.detections,
        record.failure,
        record.blank,
        record.sequence,
        _plain(record.together) if record.together else None,
        record.review,
        record.present,
    )


def _plain(answer: Identification) -> Any:
    return (
        answer.source,
        answer.provenance,
        answer.candidates,
        answer.decision,
        answer.probabilities.tobytes(),
        None if math.isnan(answer.familiarity) else answer.familiarity,
        answer.flags,
        answer.elapsed_ms,
        answer.failure,
    )


def contents(catalogue: Catalogue) -> list[Any]:
    """Every record of a catalogue, comparable."""
    return [plain(record) for record in catalogue.records()]
