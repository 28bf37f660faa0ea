"""The two files that Camtrap DP's facts go into, with all that the photos themselves tell already filled in."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from avistar.errors import UsageError
from avistar.files import portable, writing
from avistar.formats.camtrap_dp.deployments import DEPLOYMENTS_FILE, PROJECT_FILE, REQUIRED
from avistar.formats.rows import csv_texts, moment
from avistar.records import Capture, Records

_COLUMNS = (*REQUIRED, "locationName", "cameraID", "cameraModel")

_PROJECT = """\
# What Camtrap DP must know of the survey as a whole. Nothing here is guessed for you.

[project]
title = ""
# simpleRandom, systematicRandom, clusteredRandom, experimental, targeted or opportunistic
samplingDesign = ""
# "activityDetection" (a sensor releases the camera) and/or "timeLapse"
captureMethod = []
# true if animals are marked or recognised one by one:
# individualAnimals = false
description = ""

[[contributors]]
title = ""      # a person's or an organisation's name
email = ""
role = ""       # contact, principalInvestigator, rightsHolder, publisher or contributor

# What the package is called by others, where it has such names: a DOI, a version. Without, each export gets new ones.
# [package]
# id = ""
# version = "1.0"

# Both or neither; identifiers from https://opendefinition.org/licenses/
# [licenses]
# data = "CC0-1.0"
# media = "CC-BY-4.0"
"""


def write_template(records: Records, folder: Path) -> tuple[Path, Path]:
    """Write `deployments.csv`, a row for each folder right below the survey's, and `project.toml` into `folder`.

    Raises `UsageError` where one of them exists: the user's entries are never overwritten.
    """
    targets = (folder / DEPLOYMENTS_FILE, folder / PROJECT_FILE)
    for target in targets:
        if target.exists():
            raise UsageError("{target} exists: fill it in, or choose another folder", target=target)
    seen: dict[str, _Seen] = {}
    for record in records:
        relative = record.medium.relative
        top = relative.split("/", 1)[0] if "/" in relative else ""
        seen.setdefault(top, _Seen()).add(record.medium.capture)
    with writing(targets[0], encoding="utf-8-sig") as stream:
        table = csv.writer(stream)
        table.writerow(_COLUMNS)
        table.writerows(csv_texts(one.row(name)) for name, one in sorted(seen.items()))
    with writing(targets[1]) as stream:
        stream.write(_PROJECT)
    return targets


@dataclass(slots=True)
class _Seen:
    """What the media of one folder agree on: times of the camera's clock, and the first place and camera told."""

    first: datetime | None = None
    last: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera: str = ""
    serial: str = ""

    def add(self, capture: Capture) -> None:
        if capture.taken_at is not None:
            at = capture.taken_at.replace(tzinfo=None)
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)
        if self.latitude is None:
            self.latitude, self.longitude = capture.latitude, capture.longitude
        self.camera = self.camera or capture.camera
        self.serial = self.serial or capture.serial

    def row(self, folder: str) -> dict[str, str | float | int]:
        return dict.fromkeys(_COLUMNS, "") | {
            "folder": portable(folder),
            "latitude": "" if self.latitude is None else self.latitude,
            "longitude": "" if self.longitude is None else self.longitude,
            "deploymentStart": moment(self.first),
            "deploymentEnd": moment(self.last),
            "cameraID": self.serial,
            "cameraModel": self.camera,
        }
