"""MegaDetector's batch results, version 1.6: what Timelapse and AddaxAI read beside the photos.

Format: https://lila.science/megadetector-output-format. It knows boxes with classifications, nothing else.
An answer about a whole picture therefore becomes a box of the whole picture, as MegaDetector's own converter
of SpeciesNet results does it; where nothing was recognised, its category is "unknown", and the raw scores
stand in `raw_classifications`, which that converter writes too. A group leads the `classifications`, before its
species. What the format has no place for is in each image's own object `avistar`: also the percent-encoded true name
of a file whose name is no UTF-8, which neither Python nor R could write or find as an escape.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from avistar.files import encoded_name, portable, writing
from avistar.formats.base import WrittenFiles
from avistar.formats.final_answer import FinalAnswer, answers_of, outcome_of, outcome_of_answer
from avistar.formats.jsonl import sighting_values
from avistar.formats.rows import box_values, encodable, other_values, provenance, reason_of
from avistar.formats.taxonomy import taxonomy_string
from avistar.identification import Identification, Provenance
from avistar.records import Box, Record, Records, Region, SurveyFacts
from avistar.species import Group, Species, known_groups, species_known_as
from avistar.standing import Standing

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
        media, origin, answered_at = 0, None, None
        with writing(target) as stream:
            # Line by line: a survey needs not fit into memory.
            stream.write('{"images": [')
            for media, record in enumerate(records, 1):
                origin = origin or _origin(record)
                answered_at = max(filter(None, (answered_at, record.answered_at)), default=None)
                stream.write(("\n" if media == 1 else ",\n") + _dumped(self._image(record, classes)))
            rest = {
                "detection_categories": CATEGORIES,
                "classification_categories": classes.names,
                "classification_category_descriptions": classes.descriptions,
                "info": _info(facts, origin, answered_at),
            }
            stream.write("\n], " + _dumped(rest, 1)[1:] + "\n")
        return WrittenFiles((target,), media)

    def _image(self, record: Record, classes: _Classes) -> dict[str, Any]:
        medium, outcome = record.medium, outcome_of(record)
        image: dict[str, Any] = {"file": portable(medium.relative)}
        if outcome.kind == "failed":
            image |= {"failure": _failure(record), "detections": None}
        else:
            image["detections"] = self._detections(record, classes)
        if medium.kind == "video":
            image |= _frames(record)
        if medium.capture.taken_at is not None:
            image["datetime"] = medium.capture.taken_at.strftime("%Y:%m:%d %H:%M:%S")
        if medium.width and medium.height:
            image |= {"width": medium.width, "height": medium.height}
        return image | {"avistar": _beyond_the_format(record, outcome)}

    def _detections(self, record: Record, classes: _Classes) -> list[dict[str, Any]]:
        if record.review is not None:
            things = [(answer, one) for answer, one in answers_of(record) if answer.kind != "empty"]
            return [entry for answer, one in things for entry in self._things(answer, one, record, classes)]
        parts = [
            one
            for one in record.observations
            if one.region.box is not None or outcome_of_answer(one.identification).kind != "empty"
        ]
        found = [self._detection(one.region, one.identification, record, classes) for one in parts]
        answered = {one.region.box for one in parts}
        return found + [_box(box, record, None) for box in record.detections if box not in answered]

    def _things(
        self, answer: FinalAnswer, one: Standing, record: Record, classes: _Classes
    ) -> Iterator[dict[str, Any]]:
        """The detections of one thing that counts beside a person's word."""
        if one.sighting is None and one.place is not None:
            part = record.observations[one.place]
            yield self._detection(part.region, part.identification, record, classes)
            return
        animals = [box for box in record.detections if box.category == "animal"]
        unsaid = answer.kind == "unknown" and one.box is None and record.review and not record.review.sightings
        for box in animals if unsaid and animals else [one.box or _WHOLE]:
            entry = _box(box, record, one.time_s)
            entry["category"] = _IDS.get(answer.kind, _IDS["animal"])
            if answer.taxon is not None:
                confidence = 1.0 if answer.confidence is None else round(answer.confidence, 5)
                entry["classifications"] = [[classes.id(answer.taxon), confidence]]
            yield entry

    def _detection(self, region: Region, answer: Identification, record: Record, classes: _Classes) -> dict[str, Any]:
        ranked = [[classes.id(one.species, answer.groups), round(one.confidence, 5)] for one in answer.top(self.top)]
        outcome = outcome_of_answer(answer)
        confidence = outcome.confidence if outcome.confidence is not None else 0.0
        entry = _box(region.box or replace(_WHOLE, confidence=confidence), record, region.time_s)
        if outcome.kind in ("person", "vehicle") or (outcome.kind == "unknown" and region.box is None):
            entry["category"] = _IDS[outcome.kind]
        if isinstance(outcome.taxon, Group):
            ranked = [[classes.id(outcome.taxon, answer.groups), round(confidence, 5)], *ranked]
        if ranked:
            entry["raw_classifications" if outcome.taxon is None else "classifications"] = ranked
        return entry


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
    if name := encoded_name(record.medium.relative):
        facts["file_encoded"] = name
    if record.review is not None:
        facts["reviewer"] = outcome.reviewer
        if record.review.sightings:
            facts["observations"] = [sighting_values(one) for one in record.review.sightings]
    if record.remark is not None:
        facts |= {"comment": record.remark.comment, "tags": list(record.remark.tags)}
    if record.incomplete:
        facts["incomplete"] = True
    if record.opinion is not None:
        facts["second_opinion"] = asdict(record.opinion)
    if record.others:
        facts["other_models"] = other_values(record)
    if record.sequence:
        facts["sequence"] = record.sequence
    if record.identification is not None:
        facts["provenance"] = provenance(record.identification)
    return facts


def _origin(record: Record) -> Provenance | None:
    return record.identification.provenance if record.identification else None


def _info(facts: SurveyFacts, origin: Provenance | None, answered_at: datetime | None) -> dict[str, Any]:
    classifier = f"avistar:{origin.bundle}:{origin.precision}" if origin else "avistar"
    return {
        "format_version": "1.6",
        # Required by nobody, but without it tools take the boxes for MegaDetector 4's.
        "detector": facts.settings.get("detector", "none (whole pictures)"),
        "classifier": classifier,
        **({} if answered_at is None else {"classification_completion_time": f"{answered_at:%Y-%m-%d %H:%M:%S}"}),
        "classifier_metadata": {
            "software": facts.software,
            "folder": portable(facts.folder_name),
            "only": list(facts.only),
            "artifact_sha256": origin.artifact_sha256 if origin else "",
            "runs_on": origin.runs_on if origin else "",
            **facts.published,
        },
    }


@dataclass(frozen=True, slots=True)
class _Classes:
    """The numbers that stand for species and groups, their names, and their taxonomy in seven parts."""

    ids: dict[str, str]
    names: dict[str, str]
    descriptions: dict[str, str]

    @classmethod
    def of(cls, facts: SurveyFacts) -> _Classes:
        classes = cls({}, {}, {})
        taxa: list[Species | Group] = [*species_known_as(facts.species), *known_groups()]
        for taxon in taxa:
            if taxon.id not in classes.ids:  # the group "bat" has one species, "bat"
                classes.id(taxon)
        return classes

    def id(self, taxon: Species | Group, groups: Iterable[Group] = ()) -> str:
        """The number of a species or group; one that the facts don't list gets the next.

        `taxon` and `groups` are as the bundle names them: Avistar's own table has no names of other people's labels.
        """
        number = self.ids.setdefault(taxon.id, str(len(self.ids)))
        if number not in self.names or (self.names[number] == taxon.id and taxon.english != taxon.id):
            self.names.pop(number, None)
            self.names[number] = self._free_name(taxon)
            self.descriptions[number] = taxonomy_string(taxon, groups)
        return number

    def _free_name(self, taxon: Species | Group) -> str:
        """The taxon's name, which no other has: tools look categories up by it."""
        name, taken = encodable(taxon.english.strip() or taxon.id), set(self.names.values())
        further = [f"{name} ({more})" for more in (taxon.scientific, taxon.id) if more]
        return next((one for one in (name, *further) if one not in taken), f"{further[-1]} {len(taken)}")


def _dumped(value: object, indent: int | None = None) -> str:
    """`value` in ASCII; what is no text as �: half of a character is an escape that R and others refuse."""
    text = json.dumps(value, indent=indent)
    if "\\ud" not in text:
        return text
    return json.dumps(json.loads(encodable(json.dumps(value, ensure_ascii=False))), indent=indent)
