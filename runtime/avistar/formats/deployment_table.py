"""A survey's cameras as a table: what the photos tell of each, what people say of it, and what is wrong with that."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from avistar.catalogue import CameraFolder, Catalogue, FolderPhotos
from avistar.catalogue.clock_shift import ClockShift, clock_text, read_clock
from avistar.catalogue.deployments import FolderIndex, folder_parts, folder_text, shared_folder
from avistar.errors import UsageError
from avistar.files import printable, writing
from avistar.formats.camtrap_dp.cells import OPTIONAL, SLASHED, end_of, moment_of, number_of, optional_cell, read_zone
from avistar.formats.camtrap_dp.deployments import (
    Deployments,
    MissingFacts,
    Project,
    checked_deployments,
    checked_project,
    read_deployments,
    read_project,
)  # fmt: skip
from avistar.formats.csv_reader import table_rows
from avistar.formats.rows import csv_texts
from avistar.message import Message
from avistar.periods import TimeSpan
from avistar.records import Medium
from avistar.species import normalised

MAIN = (
    "folder", "locationName", "locationID", "latitude", "longitude", "deploymentStart", "deploymentEnd", "timezone",
    "cameraID", "cameraModel",
)  # fmt: skip
"""The columns that everybody fills in."""

SHIFT = "clockShift"
COLUMNS = (*MAIN, SHIFT, "deploymentID", *(name for name in OPTIONAL if name not in MAIN))
"""All columns: Camtrap DP's, the camera's folder, its clock's zone, and what is added to its clock."""

NEEDED = ("latitude", "longitude", "deploymentStart", "deploymentEnd", "timezone")
"""What Camtrap DP needs, and photos don't always tell."""

_ALIASES: dict[str, tuple[str, ...]] = {
    "folder": ("carpeta", "directory"),
    "locationName": ("place", "location", "site", "station", "lugar", "nombre del lugar", "sitio", "estación"),
    "locationID": ("place id", "site id", "station id"),
    "latitude": ("lat", "latitud"),
    "longitude": ("lon", "long", "lng", "longitud"),
    "deploymentStart": ("start", "setup date", "inicio", "desde"),
    "deploymentEnd": ("end", "retrieval date", "fin", "hasta"),
    "timezone": ("time zone", "zone", "zona horaria", "huso horario"),
    "cameraID": ("camera", "serial", "camera id", "cámara", "número de serie"),
    "cameraModel": ("model", "modelo"),
    SHIFT: ("clock shift", "clock", "shift", "offset", "reloj", "desfase"),
    "deploymentID": ("deployment", "despliegue"),
    "deploymentComments": ("comments", "comment", "comentarios", "notas", "notes"),
}


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """One camera's folder.

    Attributes:
        folder: Below the survey's, "" for all of it; of a camera that shares it see `shared_folder`.
        stated: What people say, by the names of `COLUMNS`.
        prefilled: What the photos tell, and a name, likewise; it counts where people say nothing.
        shift: What is added to the camera's clock, for all photos but those of `parts`.
        media: How many photos and videos lie in the folder.
        undated: How many of them have no time.
        is_stated: Whether people spoke of the folder; else it is one that photos lie in.
        remarks: What is odd about its photos: dates far from the others, several cameras.
        parts: What is added to the clock for a part of its time.
        outliers: The dates far from the others.
    """

    folder: str
    stated: Mapping[str, str]
    prefilled: Mapping[str, str]
    shift: timedelta = timedelta()
    media: int = 0
    undated: int = 0
    is_stated: bool = False
    remarks: tuple[Message, ...] = ()
    parts: tuple[ClockShift, ...] = ()
    outliers: tuple[TimeSpan, ...] = ()

    @property
    def cells(self) -> dict[str, str]:
        """Every column, people's word before what the photos tell; "" where nothing is known."""
        known = {
            **self.prefilled,
            **self.stated,
            "folder": folder_parts(self.folder)[0],
            SHIFT: clock_text(self.shift, self.parts),
        }
        return {name: known.get(name, "") for name in COLUMNS}

    @property
    def name(self) -> str:
        """What it is called: its place, else its deploymentID."""
        cells = self.cells
        return cells["locationName"] or cells["deploymentID"]

    def changed(self, cells: Mapping[str, str]) -> CameraFolder:
        """What is to be stored where people fill in `cells`: what only repeats the photos is left to them."""
        facts = {name: text for name in COLUMNS if name not in ("folder", SHIFT) and (text := self.stated.get(name))}
        for name, text in cells.items():
            if name not in ("folder", SHIFT):
                facts.pop(name, None)
                facts |= {name: text} if text and not self._repeats(name, text) else {}
        clock = read_clock(cells[SHIFT]) if SHIFT in cells else (self.shift, self.parts)
        folder = cells.get("folder", self.folder)
        here = folder == folder_parts(self.folder)[0]
        return CameraFolder(self.folder if here else folder, facts, *(clock or (timedelta(), ())))

    def set_right(self, shift: ClockShift) -> CameraFolder:
        """What is to be stored where the clock is shifted: one for all photos replaces those for some."""
        camera = self.changed({})
        if shift.is_whole:
            return replace(camera, shift=shift.offset, parts=())
        others = (one for one in camera.parts if (one.since, one.until) != (shift.since, shift.until))
        return replace(camera, parts=(*others, shift))

    def _repeats(self, name: str, text: str) -> bool:
        """Whether a cell says what the photos tell; spreadsheets drop the seconds of times."""
        told = self.prefilled.get(name, "")
        return text == told or (name in ("deploymentStart", "deploymentEnd") and len(text) > 10 and text == told[:16])


def deployment_rows(catalogue: Catalogue, depth: int = 1) -> tuple[DeploymentRow, ...]:
    """A row for each folder that people spoke of, and for each other that photos lie in, by name.

    Args:
        catalogue: The survey.
        depth: How many levels below the survey's folder a camera's folder lies where nobody says; from 1. One more
            where cameras share a folder, and each has one of its own in that. Where they lie mixed, each camera has
            a row by its serial number.

    Returns:
        Each medium lies in exactly one of them.
    """
    stated = {one.folder: one for one in catalogue.deployments.all()}
    index = FolderIndex(stated)

    def seen_at(levels: int, mixed: frozenset[str] = frozenset()) -> dict[str, FolderPhotos]:
        def place(file: str, serial: str) -> str:
            folder = index.camera(file, levels, serial)
            return shared_folder(folder, serial) if serial and folder in mixed else folder

        return {one.folder: one for one in catalogue.deployments.photos(place)}

    seen = seen_at(depth)
    shared = {folder for folder, one in seen.items() if folder not in stated and len(one.serials) > 1}
    deeper = seen_at(depth + 1) if shared else {}
    inside = {
        folder: {name: one for name, one in deeper.items() if name.rpartition("/")[0] == folder or name == folder}
        for folder in shared
    }
    mixed = frozenset(f for f, some in inside.items() if any(len(one.serials) > 1 for one in some.values()))
    apart = seen_at(depth, mixed) if mixed else {}
    for folder, some in inside.items():
        del seen[folder]
        seen |= {n: o for n, o in apart.items() if folder_parts(n)[0] == folder} if folder in mixed else some
    survey = Path(printable(catalogue.facts.folder)).name
    return tuple(
        _row(folder, stated.get(folder), seen.get(folder, FolderPhotos(folder)), survey)
        for folder in sorted({*stated, *seen})
    )


def row_of(medium: Medium, rows: Sequence[DeploymentRow]) -> DeploymentRow:
    """The camera whose folder holds `medium`: the longest. Raises `UsageError` where none does."""
    found = FolderIndex(row.folder for row in rows).of(medium.relative, medium.capture.serial)
    if found is None:
        raise UsageError("{file} lies in no camera's folder", file=printable(medium.relative))
    return next(row for row in rows if row.folder == found)


def shift_for(medium: Medium, taken_at: datetime) -> timedelta:
    """What must be added to a camera's clock for `medium` to be of `taken_at`; of a time without a zone, by its clock.

    Raises `UsageError` for a medium without a time.
    """
    said = medium.capture.recorded_at or medium.capture.taken_at
    if said is None:
        raise UsageError("{file} has no time of capture to set right", file=printable(medium.relative))
    if said.tzinfo is None:
        return taken_at.replace(tzinfo=None) - said
    return (taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=said.tzinfo)) - said


def _row(folder: str, said: CameraFolder | None, seen: FolderPhotos, survey: str) -> DeploymentRow:
    told = {
        "deploymentID": folder_text(folder) or survey,
        "latitude": _degrees(seen.latitude),
        "longitude": _degrees(seen.longitude),
        "deploymentStart": _moment(seen.first),
        "deploymentEnd": _moment(seen.last),
        "timezone": seen.timezone,
        "cameraID": seen.serial,
        "cameraModel": seen.camera,
    }
    return DeploymentRow(
        folder,
        dict(said.facts) if said else {},
        {name: text for name, text in told.items() if text},
        said.shift if said else timedelta(),
        seen.media,
        seen.undated,
        said is not None,
        seen.remarks,
        said.parts if said else (),
        seen.period.outliers,
    )


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(" ", "seconds" if at.second else "minutes")


def folder_name(text: str) -> str:
    """A folder as people write it, as the catalogue has it."""
    return text.replace("\\", "/").removeprefix("./").strip("/").removesuffix("/.") if text != "." else ""


def canonical(cells: Mapping[str, str], *, day_first: bool = False) -> dict[str, str]:
    """`cells` as they are stored: times and numbers in one form each; what makes no sense as it is."""
    return {name: _canonical(name, text.strip(), day_first=day_first) for name, text in cells.items()}


def _canonical(name: str, text: str, *, day_first: bool) -> str:
    if name == "folder":
        return folder_name(text)
    if name == SHIFT:
        clock = read_clock(text)
        return text if clock is None else clock_text(*clock)
    if name in ("latitude", "longitude"):
        return text.replace(",", ".") if number_of(text, 180) is not None else text
    if name in ("deploymentStart", "deploymentEnd"):
        at = moment_of(text, None)
        if at is None or (not day_first and _unclear(text)):
            return text
        return at.date().isoformat() if ":" not in text else _moment(at)
    return optional_cell(name, text)[0] if name in OPTIONAL else text


def _unclear(text: str) -> bool:
    """Whether day and month may be told in either order."""
    found = SLASHED.match(text)
    return found is not None and int(found[1]) <= 12 and found[1] != found[2]


def cell_problem(name: str, cells: Mapping[str, str]) -> Message | None:
    """What is wrong with the cell `name` of a row, None where nothing is, or it is empty."""
    text = cells.get(name, "")
    if not text:
        return None
    if name in ("latitude", "longitude"):
        limit, example = (90, "40.4168") if name == "latitude" else (180, "-3.7038")
        if number_of(text, limit) is None:
            return Message("'{text}' is no {name}: degrees, such as {example}", text=text, name=name, example=example)
    elif name in ("deploymentStart", "deploymentEnd"):
        return _moment_problem(name, cells)
    elif name == "timezone" and read_zone(text) is None:
        return Message("'{text}' is no time zone: such as +02:00 or Europe/Madrid", text=text)
    elif name == SHIFT and read_clock(text) is None:
        return Message(
            "'{text}' is no shift of a clock: such as +1:00:00, -0:30, 3 d 0:00, or +1:00:00 from 2026-03-29 02:00",
            text=text,
        )
    elif name in OPTIONAL:
        return optional_cell(name, text)[1]
    return None


def _moment_problem(name: str, cells: Mapping[str, str]) -> Message | None:
    text, zone = cells[name], read_zone(cells.get("timezone", ""))
    if moment_of(text, zone) is None:
        return Message("'{text}' is no time: write 2026-03-01 09:30", text=text)
    if _unclear(text):
        return Message("'{text}': day or month first? Write 2026-03-01", text=text)
    start, end = moment_of(cells.get("deploymentStart", ""), zone), end_of(cells.get("deploymentEnd", ""), zone)
    if name == "deploymentEnd" and start and end and end.replace(tzinfo=None) < start.replace(tzinfo=None):
        return Message("the end is before the start")
    return None


def problems_of(rows: Sequence[DeploymentRow]) -> dict[tuple[str, str], Message]:
    """What is wrong in a table, by folder and column; empty cells are not wrong."""
    found: dict[tuple[str, str], Message] = {}
    ids = Counter(row.cells["deploymentID"] for row in rows)
    for row in rows:
        cells = row.cells
        found |= {(row.folder, name): said for name in COLUMNS if (said := cell_problem(name, cells))}
        if not row.media:
            found[row.folder, "folder"] = Message("no photo lies in this folder")
        if ids[cells["deploymentID"]] > 1:
            found[row.folder, "deploymentID"] = Message(
                "the deploymentID '{id}' is there twice", id=cells["deploymentID"]
            )
    return found


def deployments_of(rows: Iterable[DeploymentRow]) -> Deployments:
    """The table as Camtrap DP takes it. Raises `MissingFacts` for what is missing or makes no sense."""
    named = [(row, Message("camera {name}", name=folder_text(row.folder) or row.name)) for row in rows]
    unclear = [
        Message("{where}: {problem}", where=where, problem=problem)
        for row, where in named
        for name in ("deploymentStart", "deploymentEnd")
        if _unclear(row.cells[name]) and (problem := cell_problem(name, row.cells))
    ]
    if unclear:
        raise MissingFacts(unclear)
    return checked_deployments([(_standard(row), where) for row, where in named])


def with_inner(camera: CameraFolder, rows: Iterable[DeploymentRow]) -> list[CameraFolder]:
    """`camera`, and the cameras of folders in its own that nobody spoke of yet: they stay cameras of their own.

    So do those that share its folder.
    """
    path, serial = folder_parts(camera.folder)
    above = f"{path}/" if path else ""
    others = (row for row in rows if not row.is_stated and row.folder != camera.folder)
    kept = [
        row for row in others if folder_parts(row.folder)[0] == path or (not serial and row.folder.startswith(above))
    ]
    return [camera, *(CameraFolder(row.folder) for row in kept)]


def cameras_of(
    catalogue: Catalogue, deployments: Path | None = None, project: Path | None = None
) -> tuple[Deployments, Project]:
    """What Camtrap DP needs to know of a survey: from the tables of people's own that are given, else as it keeps it.

    Raises `MissingFacts` for everything that is missing or makes no sense, of both together.
    """
    problems: list[str] = []
    cameras: Deployments | None = None
    kept: Project | None = None
    try:
        cameras = read_deployments(deployments) if deployments else deployments_of(deployment_rows(catalogue))
    except MissingFacts as missing:
        problems += missing.problems
    try:
        stated = catalogue.deployments.project
        if project is None and not stated:
            raise MissingFacts([Message("whose survey it is: `avistar survey deployments --project project.toml`")])
        kept = read_project(project) if project else checked_project(stated, Message("the survey's project"))
    except MissingFacts as missing:
        problems += missing.problems
    if cameras is None or kept is None:
        raise MissingFacts(problems)
    return cameras, kept


def _standard(row: DeploymentRow) -> dict[str, str]:
    cells = row.cells
    if serial := folder_parts(row.folder)[1]:
        cells["cameraID"] = serial  # by which photos find their deployment
    if cells[SHIFT]:
        said = f"camera clock {cells[SHIFT]}"
        cells["deploymentComments"] = "; ".join(filter(None, (cells["deploymentComments"], said)))
    return cells


def write_table(rows: Iterable[DeploymentRow], target: Path) -> None:
    """Write the table for a spreadsheet, with tabs where the name ends in .tsv; `read_table` takes it back."""
    listed = list(rows)
    used = {name for row in listed for name, text in row.cells.items() if text}
    columns = [name for name in COLUMNS if name in MAIN or name == SHIFT or (name in used and name != "deploymentID")]
    if any(row.stated.get("deploymentID") for row in listed):
        columns.append("deploymentID")
    with writing(target, encoding="utf-8-sig") as stream:
        table = csv.writer(stream, delimiter="\t" if target.suffix.lower() in (".tsv", ".txt") else ",")
        table.writerow(columns)
        table.writerows(csv_texts({name: row.cells[name] for name in columns}) for row in listed)


def read_table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table that people filled in, each with its line's number, in the forms that are stored.

    Raises `UsageError` where it can't be read, has no column `folder`, or names a folder twice.
    """
    return named_cells(list(table_rows(path)), path.name)


def named_cells(rows: Sequence[tuple[int, Mapping[str, str]]], name: str) -> list[tuple[int, dict[str, str]]]:
    """`rows` with the standard's names for their columns; `name` is what the table is called in messages.

    Raises `UsageError` as `read_table` does.
    """
    columns = {title: column for title in (rows[0][1] if rows else ()) if (column := column_named(title))}
    if "folder" not in columns.values():
        raise UsageError("{file} has no column 'folder': it says which photos a row is about", file=name)
    day_first = any(_says_day_first(text) for _, row in rows for text in row.values())
    found = [
        (
            number,
            canonical({columns[title]: text for title, text in row.items() if title in columns}, day_first=day_first),
        )
        for number, row in rows
    ]
    times = Counter(cells["folder"] for _, cells in found)
    for _, cells in found:
        if times[cells["folder"]] > 1 and cells.get("cameraID"):  # cameras that share a folder have a row each
            cells["folder"] = shared_folder(cells["folder"], cells["cameraID"])
    first: dict[str, int] = {}
    for number, cells in found:
        if first.setdefault(cells["folder"], number) != number:
            raise UsageError(
                "{file}, row {number}: the folder '{folder}' is in row {first} already",
                file=name,
                number=number,
                folder=folder_text(cells["folder"]),
                first=first[cells["folder"]],
            )
    return found


def row_called(folder: str, camera: str, rows: Iterable[DeploymentRow]) -> DeploymentRow | None:
    """The row of a folder that a table names, and of the camera in it where cameras share it; None for a new one."""
    listed = {row.folder: row for row in rows}
    path, serial = folder_parts(folder)
    camera = camera or serial
    own = (row for name, row in listed.items() if folder_parts(name)[0] == path and folder_parts(name)[1])
    same = [row for row in own if camera and _alike(camera, (folder_parts(row.folder)[1], row.cells["cameraID"]))]
    return same[0] if len(same) == 1 else listed.get(folder)


def _alike(camera: str, serials: Iterable[str]) -> bool:
    """Whether a camera is one of these, but for what spreadsheets do to numbers."""
    return camera.casefold().lstrip("0") in {one.casefold().lstrip("0") for one in serials}


def column_named(title: str) -> str:
    """The standard's name of a column that people call `title`, "" for none."""
    key = normalised(title)
    for column in COLUMNS:
        if key in (normalised(column), *map(normalised, _ALIASES.get(column, ()))):
            return column
    return ""


def _says_day_first(text: str) -> bool:
    found = SLASHED.match(text)
    return found is not None and int(found[1]) > 12
