"""The two files that Camtrap DP's facts go into, with all that the photos themselves tell already filled in."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from avistar.catalogue import FolderPhotos
from avistar.catalogue.deployments import folder_at
from avistar.errors import UsageError
from avistar.files import portable, writing
from avistar.formats.camtrap_dp.cells import REQUIRED
from avistar.formats.camtrap_dp.deployments import DEPLOYMENTS_FILE, PROJECT_FILE
from avistar.formats.rows import csv_texts, moment
from avistar.message import Message
from avistar.records import Records

_COLUMNS = (*REQUIRED, "locationID", "locationName", "cameraID", "cameraModel")

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


def write_template(
    records: Records, folder: Path, zone: str = "", *, tell: Callable[[Message], object] = lambda said: None
) -> tuple[Path, Path]:
    """Write `deployments.csv`, a row for each camera of each folder right below the survey's, and `project.toml`.

    `zone` is where the clocks were set by all that is known, for times of more than one offset. `tell` gets what the
    user should know: photos whose dates lie far from the others'. Raises `UsageError` where one of the files exists:
    the user's entries are never overwritten.
    """
    targets = (folder / DEPLOYMENTS_FILE, folder / PROJECT_FILE)
    for target in targets:
        if target.exists():
            raise UsageError("{target} exists: fill it in, or choose another folder", target=target)
    cameras = _cameras(records)
    for one in cameras:
        for said in one.outlying_dates:
            tell(Message("{folder}: {problem}", folder=portable(one.folder or "."), problem=said))
    with writing(targets[0], encoding="utf-8-sig") as stream:
        table = csv.writer(stream)
        table.writerow(_COLUMNS)
        table.writerows(csv_texts(_row(one, zone)) for one in cameras)
    with writing(targets[1]) as stream:
        stream.write(_PROJECT)
    return targets


def _cameras(records: Records) -> list[FolderPhotos]:
    """What the media tell of each camera: by folder, and by serial number where cameras share a folder."""
    seen: dict[tuple[str, str], FolderPhotos] = {}
    for record in records:
        relative, capture = record.medium.relative, record.medium.capture
        top = folder_at(relative)
        at = capture.taken_at.isoformat() if capture.taken_at else None
        for serial in {"", capture.serial}:  # "" for the folder as a whole
            one = seen.setdefault((top, serial), FolderPhotos(top))
            one.add(at, (capture.latitude, capture.longitude), capture.camera, capture.serial)
    cameras = []
    for top in sorted({top for top, _ in seen}):
        each = [seen[key] for key in sorted(seen) if key[0] == top and key[1]]
        cameras += each if len(each) > 1 else [seen[top, ""]]
    return cameras


def _row(one: FolderPhotos, zone: str) -> dict[str, str | float | int]:
    known = one.offsets != {""} and one.offsets != set()
    return dict.fromkeys(_COLUMNS, "") | {
        "folder": portable(one.folder),
        "latitude": "" if one.latitude is None else one.latitude,
        "longitude": "" if one.longitude is None else one.longitude,
        "timezone": one.timezone or (zone if known and "" not in one.offsets else ""),
        "deploymentStart": moment(one.first),
        "deploymentEnd": moment(one.last),
        "cameraID": one.serial,
        "cameraModel": one.camera,
    }
