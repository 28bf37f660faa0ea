"""Camtrap DP 1.0.2 (https://camtrap-dp.tdwg.org): the standard that GBIF and camtrapR's successors read.

A folder of three tables and `datapackage.json`. Nothing in it is made up: what the photos don't tell, the user
gives (`deployments`), and what is missing is an error. One row of `observations.csv` holds one
taxon, so the other likely species go into `observationComments`.
"""

from __future__ import annotations

import csv
import json
import mimetypes
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from avistar.errors import ImageError, UsageError
from avistar.files import path_below, printable, replaced, writing
from avistar.formats.base import WrittenFiles
from avistar.formats.camtrap_dp.cells import OPTIONAL
from avistar.formats.camtrap_dp.deployments import Deployment, Deployments, MissingFacts, Project
from avistar.formats.camtrap_dp.observations import (
    Event,
    Row,
    event_observations,
    event_of,
    media_id,
    media_observations,
    stamp,
)
from avistar.formats.final_answer import Taxon, answers_of, outcome_of, taxon_of
from avistar.formats.persons import blurred, persons_in
from avistar.formats.rows import encodable, reason_of
from avistar.message import Message
from avistar.message import reason_of as why
from avistar.records import Medium, Record, Records, SurveyFacts

VERSION = "1.0.2"
TABLES = ("deployments", "media", "observations")

_BASE = f"https://raw.githubusercontent.com/tdwg/camtrap-dp/{VERSION}"
_COLUMNS = {
    "deployments": (
        "deploymentID", "locationID", "locationName", "latitude", "longitude", "coordinateUncertainty",
        "deploymentStart", "deploymentEnd", *OPTIONAL[OPTIONAL.index("setupBy"):],
    ),
    "media": (
        "mediaID", "deploymentID", "captureMethod", "timestamp", "filePath", "filePublic", "fileName",
        "fileMediatype", "exifData", "favorite", "mediaComments",
    ),
    "observations": (
        "observationID", "deploymentID", "mediaID", "eventID", "eventStart", "eventEnd", "observationLevel",
        "observationType", "cameraSetupType", "scientificName", "count", "lifeStage", "sex", "behavior",
        "individualID", "individualPositionRadius", "individualPositionAngle", "individualSpeed", "bboxX", "bboxY",
        "bboxWidth", "bboxHeight", "classificationMethod", "classifiedBy", "classificationTimestamp",
        "classificationProbability", "observationTags", "observationComments",
    ),
}  # fmt: skip
"""All columns of the standard, in its order: validators want them, those that stay empty too."""

MEDIA_FOLDER = "media"
"""Where a package that holds its media has them."""

_KINDS = {"photo": "image", "video": "video"}


@dataclass(frozen=True, slots=True)
class CamtrapDp:
    """A folder with the package. `media_url` is what precedes each file's path where they are published.

    Media without a time of capture are an error, or left out and counted with `leave_out_undated`. `copies`: the
    package holds its media in `MEDIA_FOLDER`, with `blur` their persons unrecognisable.
    """

    deployments: Deployments
    project: Project
    media_url: str = ""
    leave_out_undated: bool = False
    copies: bool = False
    blur: bool = False

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`. Raises `MissingFacts` for every fact that only the user knows and did not give."""
        if iter(records) is records:
            raise TypeError(Message("Camtrap DP reads the records twice: pass a list or a view, not an iterator"))
        if target.exists() and not target.is_dir():
            raise UsageError("{target} is a file: name a folder", target=target)
        if not target.absolute().parent.is_dir():
            raise UsageError("{parent} does not exist: create it first, or name another folder", parent=target.parent)
        folder = target / MEDIA_FOLDER
        if self.copies and folder.exists() and any(folder.iterdir()):
            raise UsageError("{folder} holds media already: remove it, or name another folder", folder=folder)
        survey = _Survey.read(records, self, facts)
        target.mkdir(exist_ok=True)
        missing: list[Message] = []
        paths = {name: target / f"{name}.csv" for name in TABLES}
        with ExitStack() as stack:
            # Entered first, so put in its place last: where it lies, the tables are whole.
            package = stack.enter_context(writing(target / "datapackage.json"))
            tables = {}
            for name, path in paths.items():
                stream = stack.enter_context(writing(path))
                tables[name] = csv.DictWriter(stream, _COLUMNS[name], restval="")
                tables[name].writeheader()
            tables["deployments"].writerows(_texts(_deployment_row(one)) for one in self.deployments.all)
            for record, deployment in self._dated(records):
                tables["media"].writerow(_texts(self._medium_row(record, deployment)))
                if self.copies and (problem := self._copy(record, folder)):
                    missing.append(problem)
                tables["observations"].writerows(
                    map(_texts, media_observations(record, deployment, survey.events, facts))
                )
                if not record.sequence:
                    single = {media_id(record.medium.relative): event_of(record, deployment, facts)}
                    tables["observations"].writerows(map(_texts, event_observations(single)))
            tables["observations"].writerows(map(_texts, event_observations(survey.events)))
            package.write(encodable(json.dumps(self._package(survey, facts), indent=2, ensure_ascii=False)))
        return WrittenFiles((*paths.values(), target / "datapackage.json"), survey.media, (*survey.notes(), *missing))

    def _dated(self, records: Records) -> Iterator[tuple[Record, Deployment]]:
        for record in records:
            deployment = self.deployments.of(record.medium.relative, record.medium.capture)
            if deployment is not None and record.medium.capture.taken_at is not None:
                yield record, deployment

    def _medium_row(self, record: Record, deployment: Deployment) -> Row:
        medium, taken_at = record.medium, record.medium.capture.taken_at
        return {
            "mediaID": media_id(medium.relative),
            "deploymentID": deployment.id,
            "timestamp": stamp(deployment.at(taken_at)) if taken_at else "",
            "filePath": _path(f"{MEDIA_FOLDER}/{medium.relative}" if self.copies else medium.relative, self.media_url),
            "filePublic": "true" if self.media_url else "false",
            "fileName": encodable(medium.relative.rsplit("/", 1)[-1]),
            "fileMediatype": _media_type(medium),
            "mediaComments": reason_of(record.failure, record) if record.failure else "",
        }

    def _copy(self, record: Record, folder: Path) -> Message | None:
        """Put a medium into the package; why that can't be done."""
        source, place = Path(record.medium.path), path_below(folder, record.medium.relative)
        persons = persons_in(record) if self.blur else ()
        try:
            data = blurred(source, persons) if persons else None
            place.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb"), replaced(place, media=True) as partial:
                shutil.copy2(source, partial) if data is None else partial.write_bytes(data)
        except (ImageError, OSError) as error:
            reason = why(error) if isinstance(error, OSError) else error
            return Message("{file} is not in the package: {reason}", file=printable(source), reason=reason)
        return None

    def _package(self, survey: _Survey, facts: SurveyFacts) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "resources": [_resource(name) for name in TABLES],
            "profile": f"{_BASE}/camtrap-dp-profile.json",
            "name": _slug(str(self.project.project["title"])),
            "id": self.project.package.get("id") or str(uuid4()),
            "created": stamp(now),
            "version": self.project.package.get("version") or f"{now.year}.{now.month}.{now.day}",
            "title": self.project.project["title"],
            "contributors": list(self.project.contributors),
            "sources": [{"title": "Avistar", "version": facts.software}],
            **({"licenses": list(self.project.licenses)} if self.project.licenses else {}),
            "project": {k: v for k, v in self.project.project.items() if v != ""}
            | {"observationLevel": ["media", "event"]},
            # GBIF and camtrapdp's write_dwc take these rows: one for each taxon that an event shows.
            "gbifIngestion": {"observationLevel": "event"},
            "spatial": _area(self.deployments.all),
            "temporal": {
                "start": min(one.start for one in self.deployments.all).date().isoformat(),
                "end": max(one.end for one in self.deployments.all).date().isoformat(),
            },
            "taxonomic": [taxon.described() for _, taxon in sorted(survey.taxa.items())],
            "avistar": {"only": list(facts.only), **facts.published},
        }


@dataclass(slots=True)
class _Survey:
    """What must be known of all media before the first row is written."""

    media: int = 0
    undated: int = 0
    unreadable: int = 0
    outside: int = 0
    events: dict[str, Event] = field(default_factory=dict)
    taxa: dict[str, Taxon] = field(default_factory=dict)

    @classmethod
    def read(cls, records: Records, options: CamtrapDp, facts: SurveyFacts) -> _Survey:
        survey, homeless = cls(), Counter[tuple[str, str]]()
        for record in records:
            deployment = options.deployments.of(record.medium.relative, record.medium.capture)
            if deployment is None:
                known = options.deployments.of(record.medium.relative) is not None
                camera = record.medium.capture.serial if known else ""
                homeless[record.medium.relative.rpartition("/")[0], camera] += 1
            else:
                survey._add(record, deployment, facts)
        problems: list[str] = [
            Message("no row of deployments.csv for the folder '{folder}' ({files})", folder=name, files=_files(number))
            if not camera
            else Message(
                "no row of deployments.csv for the camera '{camera}' in the folder '{folder}' ({files})",
                camera=camera,
                folder=name,
                files=_files(number),
            )
            for (name, camera), number in homeless.items()
        ]
        if survey.undated and not options.leave_out_undated:
            problems.append(
                Message.counted(
                    "{number} medium has no time of capture: leave it out with --leave-out-undated",
                    "{number} media have no time of capture: leave them out with --leave-out-undated",
                    survey.undated,
                )
            )
        if problems:
            raise MissingFacts(problems)
        return survey

    def _add(self, record: Record, deployment: Deployment, facts: SurveyFacts) -> None:
        taken_at, outcome = record.medium.capture.taken_at, outcome_of(record)
        if taken_at is None:
            # What can't be opened has no time either, and nothing to say: it is no loss to the package.
            self.unreadable += outcome.kind == "failed"
            self.undated += outcome.kind != "failed"
            return
        at = deployment.at(taken_at)
        self.media += 1
        self.outside += not deployment.start <= at <= deployment.end
        for one in (outcome, *(answer for answer, _ in answers_of(record))):
            if one.taxon is not None:
                taxon = taxon_of(one.taxon)
                self.taxa[taxon.name] = taxon
        if record.sequence:
            self.events.setdefault(record.sequence, Event(at, at, deployment)).add(at, record, facts)

    def notes(self) -> tuple[str, ...]:
        undated = Message.counted(
            "{number} medium has no time of capture: left out",
            "{number} media have no time of capture: left out",
            self.undated,
        )
        unreadable = Message.counted(
            "{number} file could not be read: left out", "{number} files could not be read: left out", self.unreadable
        )
        outside = Message.counted(
            "{number} medium lies outside its deployment's time: was the camera's clock right?",
            "{number} media lie outside their deployment's time: was the camera's clock right?",
            self.outside,
        )
        numbers = ((self.undated, undated), (self.unreadable, unreadable), (self.outside, outside))
        return tuple(said for number, said in numbers if number)


def _files(number: int) -> Message:
    return Message.counted("{number:,} file", "{number:,} files", number)


def _deployment_row(one: Deployment) -> Row:
    return {
        "deploymentID": one.id,
        "latitude": one.latitude,
        "longitude": one.longitude,
        "locationID": f"{one.latitude:.6f},{one.longitude:.6f}",  # the same place has the same name: camtrapR wants one
        "deploymentStart": stamp(one.start),
        "deploymentEnd": stamp(one.end),
        **one.others,
    }


def _media_type(medium: Medium) -> str:
    """The type by the name's ending; an ending that is some other program's says nothing of a photo or video."""
    guessed = mimetypes.guess_type(medium.relative)[0] or ""
    kind = _KINDS[medium.kind]
    return guessed if guessed.startswith(f"{kind}/") else f"{kind}/unknown"


def _resource(name: str) -> dict[str, str]:
    return {
        "name": name,
        "path": f"{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": f"{_BASE}/{name}-table-schema.json",
    }


def _area(deployments: tuple[Deployment, ...]) -> dict[str, Any]:
    """The deployments' bounding box as GeoJSON; a point where there is but one place."""
    west, east = min(one.longitude for one in deployments), max(one.longitude for one in deployments)
    south, north = min(one.latitude for one in deployments), max(one.latitude for one in deployments)
    if (west, south) == (east, north):
        return {"type": "Point", "coordinates": [west, south]}
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _path(relative: str, media_url: str) -> str:
    """`relative` as the standard's `filePath` takes it; what it can't hold is percent-encoded, as in a URL."""
    if media_url:
        return f"{media_url.rstrip('/')}/{quote(encodable(relative))}"
    text = encodable(relative).replace("..", "%2E%2E").replace("\n", "%0A").replace("\r", "%0D")
    return f"%{ord(text[0]):02X}{text[1:]}" if text[0] in "./~" else text


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "survey"


def _texts(row: Row) -> Mapping[str, str]:
    """Text for `csv`. Not made safe for spreadsheets: an apostrophe would change identifiers and paths."""
    return {name: encodable(value) if isinstance(value, str) else repr(value) for name, value in row.items()}
