"""MegaDetector's batch results, version 1.6: what Timelapse and AddaxAI read beside the photos.

Format: https://lila.science/megadetector-output-format. It knows boxes with classifications, nothing else.
An answer about a whole picture therefore becomes a box of the whole picture, as MegaDetector's own converter
of SpeciesNet results does it; where nothing was recognised, its category is "unknown", and the raw scores
stand in `raw_classifications`, which that converter writes too. A group leads the `classifications`, before its
species. What the format has no place for is in each image's own object `avistar`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from avistar.files import writing
from avistar.formats.base import WrittenFiles
from avistar.formats.final_answer import FinalAnswer, outcome_of, outcome_of_answer, species_called
from avistar.formats.rows import box_values, provenance, reason_of
from avistar.identification import Identification, Provenance
from avistar.records import Box, Record, Records, Region, SurveyFacts
from avistar.species import Group, Species, known_groups

CATEGORIES = {"1": "animal", "2": "person", "3": "vehicle", "4": "unknown"}
"""MegaDetector's own three, and the one that its converter adds for what is not known to be an animal."""

_IDS = {name: id for id, name in CATEGORIES.items()}
_WHOLE = Box(0.0, 0.0, 1.0, 1.0)
_TICKS_PER_S = 1000
"""Frames are counted in milliseconds where the video's own rate is not known: the moments stay right."""


@dataclass(frozen=True, slots=True)
class MegaDetector:
    """A `.json` of the whole survey; `top` classifications a box."""

    top: int = 5

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`."""
        classes = _Classes.of(facts)
        media, origin = 0, None
        with writing(target) as stream:
            # Line by line: a survey needs not fit into memory. ASCII: names that are no UTF-8 survive as escapes.
            stream.write('{"images": [')
            for media, record in enumerate(records, 1):
                origin = origin or _origin(record)
                stream.write(("\n" if media == 1 else ",\n") + json.dumps(self._image(record, classes)))
            rest = {
                "detection_categories": CATEGORIES,
                "classification_categories": classes.names,
                "classification_category_descriptions": classes.descriptions,
                "info": _info(facts, origin),
            }
            stream.write("\n], " + json.dumps(rest, indent=1)[1:] + "\n")
        return WrittenFiles((target,), media)

    def _image(self, record: Record, classes: _Classes) -> dict[str, Any]:
        medium, outcome = record.medium, outcome_of(record)
        image: dict[str, Any] = {"file": medium.relative}
        if outcome.kind == "failed":
            image |= {"failure": _failure(record), "detections": None}
        else:
            image["detections"] = self._detections(record, outcome, classes)
        if medium.kind == "video":
            image |= _frames(record)
        if medium.capture.taken_at is not None:
            image["datetime"] = medium.capture.taken_at.strftime("%Y:%m:%d %H:%M:%S")
        if medium.width and medium.height:
            image |= {"width": medium.width, "height": medium.height}
        return image | {"avistar": _beyond_the_format(record, outcome)}

    def _detections(self, record: Record, outcome: FinalAnswer, classes: _Classes) -> list[dict[str, Any]]:
        if outcome.reviewer:
            return _reviewed(record, outcome, classes)
        parts = list(record.observations)
        found = [self._detection(one.region, one.identification, record, classes) for one in parts]
        answered = {one.region.box for one in parts}
        return found + [_box(box, record, None) for box in record.detections if box not in answered]

    def _detection(self, region: Region, answer: Identification, record: Record, classes: _Classes) -> dict[str, Any]:
        ranked = [[classes.id(one.species.id, one.species), round(one.confidence, 5)] for one in answer.top(self.top)]
        outcome = outcome_of_answer(answer)
        confidence = outcome.confidence if outcome.confidence is not None else 0.0
        entry = _box(region.box or replace(_WHOLE, confidence=confidence), record, region.time_s)
        if outcome.kind == "unknown" and region.box is None:
            entry["category"] = _IDS["unknown"]
        if outcome.kind == "group":
            ranked = [[classes.id(outcome.id, outcome.taxon), round(confidence, 5)], *ranked]
        if ranked:
            entry["raw_classifications" if outcome.taxon is None else "classifications"] = ranked
        return entry


def _reviewed(record: Record, outcome: FinalAnswer, classes: _Classes) -> list[dict[str, Any]]:
    """A person's word stands for the whole medium: on each animal's box, or on one of the whole picture."""
    if outcome.kind == "empty":
        return []
    animals = [box for box in record.detections if box.category == "animal"] or [_WHOLE]
    entries = [_box(box, record, None) for box in animals]
    for entry in entries:
        if outcome.taxon is None:
            entry["category"] = _IDS["unknown"]
        else:
            entry["classifications"] = [[classes.id(outcome.id, outcome.taxon), 1.0]]
    return entries


def _box(box: Box, record: Record, time_s: float | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "category": _IDS[box.category],
        "conf": round(float(box.confidence), 5),
        "bbox": box_values(box),
    }
    if record.medium.kind == "video":
        entry["frame_number"] = round((time_s or 0.0) * _rate(record))
    return entry


def _frames(record: Record) -> dict[str, Any]:
    times = {one.region.time_s for one in record.observations if one.region.time_s is not None}
    return {
        "frame_rate": _rate(record),
        "frames_processed": sorted(round(time_s * _rate(record)) for time_s in times),
    }


def _rate(record: Record) -> float:
    return record.medium.frame_rate or _TICKS_PER_S


def _failure(record: Record) -> str:
    failures = [record.failure, *(one.identification.failure for one in record.observations)]
    return next((reason_of(one, record) for one in failures if one is not None), "not identified")


def _beyond_the_format(record: Record, outcome: FinalAnswer) -> dict[str, Any]:
    facts: dict[str, Any] = {"result": outcome.kind, "id": outcome.id}
    if outcome.reviewer:
        facts["reviewer"] = outcome.reviewer
    if record.sequence:
        facts["sequence"] = record.sequence
    if record.identification is not None:
        facts["provenance"] = provenance(record.identification)
    return facts


def _origin(record: Record) -> Provenance | None:
    return record.identification.provenance if record.identification else None


def _info(facts: SurveyFacts, origin: Provenance | None) -> dict[str, Any]:
    classifier = f"avistar:{origin.bundle}:{origin.precision}" if origin else "avistar"
    return {
        "format_version": "1.6",
        # Required by nobody, but without it tools take the boxes for MegaDetector 4's.
        "detector": facts.settings.get("detector", "none (whole pictures)"),
        "classifier": classifier,
        "classification_completion_time": facts.created_at.strftime("%Y-%m-%d %H:%M:%S"),
        "classifier_metadata": {
            "software": facts.software,
            "folder": facts.folder,
            "only": list(facts.only),
            "artifact_sha256": origin.artifact_sha256 if origin else "",
            "runs_on": origin.runs_on if origin else "",
            **facts.settings,
        },
    }


@dataclass(frozen=True, slots=True)
class _Classes:
    """The numbers that stand for species and groups, their names, and searchable scientific names."""

    ids: dict[str, str]
    names: dict[str, str]
    descriptions: dict[str, str]

    @classmethod
    def of(cls, facts: SurveyFacts) -> _Classes:
        classes = cls({}, {}, {})
        for id in facts.species:
            classes.id(id)
        for group in known_groups():
            classes._add(group.id, group.english, group.scientific)
        return classes

    def id(self, taxon: str, known: Species | Group | None = None) -> str:
        """The number of a species or group; one that the facts don't list gets the next.

        `known` is as the bundle names it: Avistar's own table has no names of other people's labels.
        """
        if taxon not in self.ids:
            named = known or species_called(taxon)
            self._add(taxon, named.english, named.scientific)
        number = self.ids[taxon]
        if known is not None and self.names[number] == taxon:
            self.names[number], self.descriptions[number] = known.english or taxon, known.scientific or taxon
        return number

    def _add(self, taxon: str, english: str, scientific: str) -> None:
        if taxon in self.ids:  # the group "bat" has one species, "bat"
            return
        number = str(len(self.ids))
        self.ids[taxon] = number
        self.names[number] = english or taxon
        self.descriptions[number] = scientific or taxon
