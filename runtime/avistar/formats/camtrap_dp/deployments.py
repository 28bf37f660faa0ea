"""What a survey's photos can't tell and Camtrap DP demands: where and when each camera stood, and whose survey it is.

People say it in the survey's table of deployments, or in two small files: `deployments.csv`, a row for each folder of
a camera, and `project.toml`.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from avistar.errors import UsageError
from avistar.files import portable
from avistar.formats.camtrap_dp.cells import (
    OPTIONAL,
    REQUIRED,
    SLASHED,
    end_of,
    moment_of,
    number_of,
    optional_cell,
    read_zone,
)  # fmt: skip
from avistar.formats.csv_reader import table_rows
from avistar.message import Message, joined, reason_of
from avistar.records import Capture

DEPLOYMENTS_FILE = "deployments.csv"
PROJECT_FILE = "project.toml"

_SAMPLING = ("simpleRandom", "systematicRandom", "clusteredRandom", "experimental", "targeted", "opportunistic")
_CAPTURE = ("activityDetection", "timeLapse")
_ROLES = ("contact", "principalInvestigator", "rightsHolder", "publisher", "contributor")


class MissingFacts(UsageError):
    """Facts that Camtrap DP demands were not given, or make no sense: `problems` says which, one sentence each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            Message(
                "Camtrap DP needs facts that only you know: {problems}. `avistar survey deployments` shows what is "
                "missing and takes it",
                problems=joined("; ", self.problems),
            )
        )


@dataclass(frozen=True, slots=True)
class Deployment:
    """One camera at one place for one time. `folder` is below the survey's folder, "" for all of it."""

    folder: str
    id: str
    latitude: float
    longitude: float
    zone: tzinfo
    start: datetime
    end: datetime
    others: Mapping[str, str] = field(default_factory=dict)

    def at(self, taken_at: datetime) -> datetime:
        """When that was: a time without a zone is this camera's own clock."""
        return taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=self.zone)

    @property
    def camera(self) -> str:
        """The camera's serial number without what spreadsheets change; "" where it isn't given."""
        return _number_alone(self.others.get("cameraID", ""))

    def distance(self, taken_at: datetime | None) -> timedelta:
        """How far a time is from the deployment's; none for one within it, or an unknown one."""
        if taken_at is None:
            return timedelta()
        at = self.at(taken_at)
        return max(self.start - at, at - self.end, timedelta())


@dataclass(frozen=True, slots=True)
class Project:
    """Camtrap DP's `project`, `contributors` and `licenses`, as `project.toml` gives them, checked.

    `package`: `id` and `version` of the package, where somebody gives it those.
    """

    project: Mapping[str, Any]
    contributors: tuple[Mapping[str, str], ...]
    licenses: tuple[Mapping[str, str], ...] = ()
    package: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deployments:
    """Every deployment of a survey; `of` finds a medium's by the longest folder that holds it."""

    all: tuple[Deployment, ...]
    _by_folder: dict[str, list[Deployment]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of(self, relative: str, capture: Capture | None = None) -> Deployment | None:
        """The deployment of the medium at `relative`, or None.

        Where several have its folder, it is the one whose `cameraID` is the serial number that the camera wrote
        into the medium, else one without `cameraID`; of several, the one whose time is nearest to its own.
        """
        above = relative.rpartition("/")[0]
        if above not in self._by_folder:  # as many as there are folders, not photos
            self._by_folder[above] = self._nearest(relative)
        there = self._by_folder[above]
        if len(there) < 2 or capture is None:
            return there[0] if there else None
        same = [one for one in there if capture.serial and one.camera == _number_alone(capture.serial)]
        same = same or [one for one in there if not one.camera]
        return min(same, key=lambda one: one.distance(capture.taken_at), default=None)

    def _nearest(self, relative: str) -> list[Deployment]:
        """Those of the longest folder that holds the medium at `relative`."""
        holding = [one for one in self.all if holds(one.folder, relative)]
        longest = max((len(one.folder) for one in holding), default=0)
        return [one for one in holding if len(one.folder) == longest]


def _number_alone(serial: str) -> str:
    """A serial number as spreadsheets leave it."""
    return serial.strip().casefold().lstrip("0")


def holds(folder: str, relative: str) -> bool:
    """Whether the medium at `relative` lies in `folder`, at any depth: as a table names it, in any system's way."""
    other = folder.strip().replace("\\", "/").strip("/").removeprefix("./")
    return other in ("", ".") or _begins(relative, folder) or _begins(relative, other)


def _begins(relative: str, folder: str) -> bool:
    path, name = (unicodedata.normalize("NFC", portable(one)) for one in (relative, folder))
    return path.startswith(f"{name.rstrip('/')}/")


def read_deployments(path: Path) -> Deployments:
    """Read the user's table, with whatever delimiter and decimal sign a spreadsheet gave it.

    Raises `MissingFacts` with one sentence for each cell that is missing or makes no sense.
    """
    rows = list(table_rows(path, exact=("folder",)))
    if not rows:
        raise MissingFacts([Message("{file} has no rows", file=path.name)])
    problems: list[str] = [
        Message("{file} has no column '{column}'", file=path.name, column=name)
        for name in REQUIRED
        if name not in rows[0][1]
    ]
    if problems:
        raise MissingFacts(problems)
    problems += _unclear_dates(path.name, rows)
    if problems:
        raise MissingFacts(problems)
    return checked_deployments(
        [(row, Message("{file}, row {number}", file=path.name, number=number)) for number, row in rows]
    )


def checked_deployments(rows: Sequence[tuple[Mapping[str, str], str]]) -> Deployments:
    """Each row of cells by the standard's names, with what it is called in messages.

    Raises `MissingFacts` with one sentence for each cell that is missing or makes no sense.
    """
    problems: list[str] = []
    found = [_deployment(row, where, problems) for row, where in rows]
    ids = [one.id for one in found if one]
    twice = sorted(id for id, times in Counter(ids).items() if times > 1)
    problems += [Message("the deploymentID '{id}' is there twice", id=id) for id in twice]
    if problems:
        raise MissingFacts(problems)
    return Deployments(tuple(one for one in found if one))


def _deployment(row: Mapping[str, str], where: str, problems: list[str]) -> Deployment | None:
    before = len(problems)

    def told(name: str, value: object, hint: str) -> None:
        if value is None and row[name]:
            problems.append(
                Message(
                    "{where}: {name} '{text}' makes no sense ({hint})",
                    where=where,
                    name=name,
                    text=row[name],
                    hint=hint,
                )
            )
        elif value is None:
            problems.append(Message("{where}: {name} is missing ({hint})", where=where, name=name, hint=hint))

    latitude = number_of(row["latitude"], 90)
    longitude = number_of(row["longitude"], 180)
    zone = read_zone(row["timezone"])
    start, end = moment_of(row["deploymentStart"], zone), end_of(row["deploymentEnd"], zone)
    told("deploymentID", row["deploymentID"] or None, Message("a name for this camera at this place"))
    told("latitude", latitude, Message("degrees, WGS 84, such as 40.4168"))
    told("longitude", longitude, Message("degrees, WGS 84, such as -3.7038"))
    told("timezone", zone, Message("the camera clock's, such as +02:00; or Europe/Madrid if it follows summer time"))
    told("deploymentStart", start, Message("such as 2026-03-01 09:30"))
    told("deploymentEnd", end, Message("such as 2026-04-01 18:00"))
    if start and end and end < start:
        problems.append(Message("{where}: deploymentEnd is before deploymentStart", where=where))
    if len(problems) > before or latitude is None or longitude is None or not (zone and start and end):
        return None
    others = {name: text for name in OPTIONAL if (text := _optional(name, row.get(name, ""), where, problems))}
    return Deployment(row["folder"], row["deploymentID"], latitude, longitude, zone, start, end, others)


def _optional(name: str, text: str, where: str, problems: list[str]) -> str:
    cell, problem = optional_cell(name, text)
    if problem is not None:
        problems.append(Message("{where}: {problem}", where=where, problem=problem))
    return cell


def _unclear_dates(name: str, rows: list[tuple[int, dict[str, str]]]) -> list[Message]:
    """Ask where no date with slashes in the whole table tells whether day or month comes first."""
    cells = [(number, row[column]) for number, row in rows for column in ("deploymentStart", "deploymentEnd")]
    slashed = [(number, text, found) for number, text in cells if (found := SLASHED.match(text))]
    comma = any("," in row["latitude"] + row["longitude"] for _, row in rows)  # nobody who writes so puts months first
    if comma or any(int(found[1]) > 12 for _, _, found in slashed):
        return []  # the day comes first, as the patterns read it; a month of 13 is refused with its row
    return [
        Message(
            "{file}, row {number}: '{text}': day or month first? Write 2026-03-01", file=name, number=number, text=text
        )
        for number, text, found in slashed
        if found[1] != found[2]
    ]


def read_project(path: Path) -> Project:
    """Read the user's `project.toml`. Raises `MissingFacts` for what is missing or none of the standard's words."""
    return checked_project(project_values(path), path.name)


def project_values(path: Path) -> Mapping[str, Any]:
    """What `project.toml` holds, unchecked. Raises `UsageError` where it can't be read."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError("{path} can't be read ({error})", path=path, error=reason_of(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("{path} is no TOML: {error}", path=path, error=error) from error


def checked_project(given: Mapping[str, Any], name: str) -> Project:
    """What `project.toml` holds, as plain values. Raises `MissingFacts` as `read_project` does, calling it `name`."""
    project, contributors, licenses = given.get("project", {}), given.get("contributors", []), given.get("licenses", {})
    problems = list(_project_problems(given, name))
    if problems:
        raise MissingFacts(problems)
    people = tuple({name: str(value) for name, value in one.items() if value} for one in contributors)
    scopes = [scope for scope in ("data", "media") if licenses.get(scope)]
    granted = tuple({"name": str(licenses[scope]), "scope": scope} for scope in scopes)
    package = {name: str(value) for name, value in given.get("package", {}).items() if value}
    return Project(project, people, granted, package)


def _project_problems(given: Mapping[str, Any], name: str) -> Iterable[str]:
    project, contributors, licenses = given.get("project", {}), given.get("contributors", []), given.get("licenses")
    if not project.get("title"):
        yield Message("{name}: project.title is missing", name=name)
    if project.get("samplingDesign") not in _SAMPLING:
        yield Message(
            "{name}: project.samplingDesign must be one of {sampling}", name=name, sampling=", ".join(_SAMPLING)
        )
    capture = project.get("captureMethod")
    if not capture or not set(capture) <= set(_CAPTURE):
        yield Message(
            "{name}: project.captureMethod must be a list of {capture}", name=name, capture=" and/or ".join(_CAPTURE)
        )
    if not isinstance(project.get("individualAnimals"), bool):
        yield Message(
            "{name}: project.individualAnimals must be true or false (are animals marked or recognised one by one?)",
            name=name,
        )
    if not contributors or not all(one.get("title") for one in contributors):
        yield Message(
            "{name}: at least one [[contributors]] with a title (a person's or organisation's name)", name=name
        )
    if licenses and not (licenses.get("data") and licenses.get("media")):
        yield Message(
            "{name}: [licenses] needs both data and media, such as CC0-1.0 and CC-BY-4.0, or neither", name=name
        )
    for one in contributors:
        if one.get("role") and one["role"] not in _ROLES:
            yield Message(
                "{name}: the role '{one}' is none of {roles}", name=name, one=one["role"], roles=", ".join(_ROLES)
            )
