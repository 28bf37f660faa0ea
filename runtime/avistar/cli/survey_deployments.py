"""`avistar survey deployments` and `clock`: where the cameras stood, and clocks that were wrong."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avistar.cli.console import note, rich_console, tell, visible
from avistar.cli.options import CatalogueArgument, JsonOption, LanguageOption, OverwriteOption
from avistar.cli.texts import locale_language
from avistar.errors import UsageError
from avistar.message import Message

if TYPE_CHECKING:
    from avistar.catalogue import CameraFolder, Catalogue
    from avistar.catalogue.clock_shift import ClockShift
    from avistar.formats.deployment_table import DeploymentRow
    from avistar.species import Language

_SHOWN = 40

ReviewerOption = Annotated[str, typer.Option(help="Who says so. Default: you.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Make the commands part of `avistar survey`."""
    app.command()(deployments)
    app.command()(clock)


def deployments(
    catalogue: CatalogueArgument,
    *,
    template: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Write the table, with all that the photos tell in it.")
    ] = None,
    read: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Take such a table, as CSV or with tabs, filled in.")
    ] = None,
    folder: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="The camera's folder that --set is about; '' for all of it.")
    ] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="COLUMN=TEXT", help="Fill in a cell; may be given again.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(metavar="FOLDER", help="Forget what was said of a folder.")] = None,
    project: Annotated[
        Path | None, typer.Option(metavar="TOML", help="Keep whose survey it is, for Camtrap DP.")
    ] = None,
    depth: Annotated[
        int, typer.Option(min=1, max=20, help="How many levels below the survey's folder a camera's folder lies.")
    ] = 1,
    reviewer: ReviewerOption = "",
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
    language: LanguageOption = None,
) -> None:
    """The survey's cameras: where and when each stood. Shown, written as a table, taken from one, or changed.

    What the photos tell is filled in. Each change is one step: `avistar survey reviews CATALOGUE --undo` takes it back.
    """
    from avistar.catalogue import Catalogue
    from avistar.files import check_new
    from avistar.formats.deployment_table import deployment_rows, write_table

    spoken = language.value if language else locale_language()
    if [bool(read), bool(change), bool(drop), bool(project), bool(template)].count(True) > 1:
        raise UsageError("one change at a time: --template, --import, --set, --drop or --project")
    if bool(change) != (folder is not None):
        raise UsageError("--set COLUMN=TEXT needs --folder FOLDER, and --folder a --set")
    if template is not None:
        check_new(template, overwrite=overwrite)
    writing = bool(read or change or drop or project)
    with Catalogue.open(catalogue) if writing else Catalogue.read(catalogue) as opened:
        who = reviewer or (getpass.getuser() if writing else "")
        rows = deployment_rows(opened, depth)
        if template is not None:
            write_table(rows, template)
            _tell_remarks(rows, spoken)
            filled = Message(
                "fill in {file}, then: avistar survey deployments {catalogue} --import {file}",
                file=template,
                catalogue=catalogue,
            )
            tell(filled.to(spoken))
        elif project is not None:
            _keep_project(opened, project, who, spoken)
        elif drop:
            _store(opened, [], who, spoken, dropped=[_row_called(name, rows).folder for name in drop])
        elif read is not None:
            _take_in(opened, read, rows, who, spoken)
        elif change:
            _change(opened, folder or "", rows, change, who, spoken)
        else:
            _show(rows, spoken, as_json=as_json)


def _show(rows: Sequence[DeploymentRow], language: Language, *, as_json: bool) -> None:
    from rich.table import Table

    from avistar.formats.deployment_table import NEEDED, problems_of

    if as_json:
        facts = [
            {**row.cells, "media": row.media, "stated": row.is_stated, "clockShift_s": row.shift.total_seconds()}
            for row in rows
        ]
        tell(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    titles = (
        Message("Folder"), Message("Place"), Message("Latitude"), Message("Longitude"), Message("Start"),
        Message("End"), Message("Time zone"), Message("Camera"), Message("Clock"), Message("Photos"),
    )  # fmt: skip
    columns = (
        "folder", "locationName", "latitude", "longitude", "deploymentStart", "deploymentEnd", "timezone", "cameraID",
        "clockShift",
    )  # fmt: skip
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title.to(language))
    for row in rows:
        table.add_row(*(visible(row.cells[name]) or "–" for name in columns), f"{row.media:,}")
    rich_console().print(table)
    _tell_remarks(rows, language)
    found = problems_of(rows)
    for (folder, column), problem in list(found.items())[:_SHOWN]:
        note(Message("{folder}, {column}: {problem}", folder=folder, column=column, problem=problem).to(language))
    lacking = [(row, name) for row in rows for name in NEEDED if row.media and not row.cells[name]]
    if lacking:
        said = Message("Camtrap DP still needs {number:,} cells, such as {column} of '{folder}'",
                       number=len(lacking), column=lacking[0][1], folder=lacking[0][0].folder)  # fmt: skip
        note(said.to(language))


def _tell_remarks(rows: Sequence[DeploymentRow], language: Language) -> None:
    for row in rows:
        for said in row.remarks:
            note(Message("{folder}: {problem}", folder=visible(row.folder) or ".", problem=said).to(language))
    if any(row.outliers for row in rows):
        cure = Message(
            "where a clock was reset: `avistar survey clock CATALOGUE --photo FILE --taken-at TIME --onward` with the "
            "first photo after that, of which you know the true time"
        )
        note(cure.to(language))


def _row_called(name: str, rows: Sequence[DeploymentRow]) -> DeploymentRow:
    """The camera of a folder, a place or a deploymentID. Raises `UsageError` where it may be none, or several."""
    from avistar.catalogue.deployments import folder_text
    from avistar.formats.deployment_table import folder_name
    from avistar.species import normalised

    for row in rows:
        if row.folder == folder_name(name):
            return row
    called = [
        (row, (folder_text(row.folder), *(row.cells[one] for one in ("locationName", "deploymentID")))) for row in rows
    ]
    keys = [(row, set(map(normalised, names))) for row, names in called]
    found = [row for row, names in keys if normalised(name) in names] if normalised(name) else []
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(folder_text(row.folder) for row in found)
        raise UsageError("'{name}' may be {folders}: name the folder", name=name, folders=several)
    known = ", ".join(f"'{folder_text(row.folder)}'" for row in rows[:_SHOWN])
    raise UsageError("there is no camera '{name}': the folders are {known}", name=name, known=known)


def _change(
    catalogue: Catalogue,
    folder: str,
    rows: Sequence[DeploymentRow],
    change: Sequence[str],
    reviewer: str,
    language: Language,
) -> None:
    from avistar.formats.deployment_table import COLUMNS, canonical, cell_problem, column_named, with_inner

    row = _row_called(folder, rows)
    cells: dict[str, str] = {}
    for one in change:
        title, sign, text = one.partition("=")
        name = column_named(title)
        if not sign or name in ("", "folder"):
            raise UsageError(
                "--set {text}: write COLUMN=TEXT; the columns are {columns}", text=one, columns=", ".join(COLUMNS[1:])
            )
        cells[name] = text
    cells = canonical(cells)
    for name in cells:
        if problem := cell_problem(name, row.cells | cells):
            raise UsageError("{name}: {problem}", name=name, problem=problem)
    _store(catalogue, with_inner(row.changed(cells), rows), reviewer, language)


def _take_in(
    catalogue: Catalogue, path: Path, rows: Sequence[DeploymentRow], reviewer: str, language: Language
) -> None:
    from avistar.catalogue import CameraFolder
    from avistar.formats.deployment_table import DeploymentRow, cell_problem, read_table

    there = {row.folder: row for row in rows}
    read = [(number, _keyed(cells, rows)) for number, cells in read_table(path)]
    bad = [
        Message("row {number:,}, {column}: {problem}", number=number, column=name, problem=problem)
        for number, cells in read
        for name in cells
        if (problem := cell_problem(name, cells))
    ]
    for one in bad[:_SHOWN]:
        note(one.to(language))
    if bad:
        raise UsageError("{file}: {number:,} cells make no sense; nothing was stored", file=path, number=len(bad))
    empty = _without_photos(catalogue, [cells["folder"] for _, cells in read if cells["folder"] not in there])
    folders = []
    for _, cells in read:
        row = there.get(cells["folder"])
        if cells["folder"] in empty:
            said = Message("no photo lies in the folder '{folder}': is it spelled right?", folder=cells["folder"])
            note(said.to(language))
        changed = (row or DeploymentRow(cells["folder"], {}, {})).changed(cells)
        if row is None or row.is_stated or changed != CameraFolder(row.folder):
            folders.append(changed)
    _store(catalogue, folders, reviewer, language)


def _keyed(cells: dict[str, str], rows: Sequence[DeploymentRow]) -> dict[str, str]:
    """A table's row with the folder of the camera that it is about: one that shares its folder goes by its number."""
    from avistar.formats.deployment_table import row_called

    row = row_called(cells["folder"], cells.get("cameraID", ""), rows)
    return cells | {"folder": row.folder if row else cells["folder"]}


def _without_photos(catalogue: Catalogue, folders: Sequence[str]) -> set[str]:
    """Those of `folders` in which no photo lies, found in one pass over the survey."""
    from avistar.catalogue.deployments import folder_parts
    from avistar.formats.camtrap_dp.deployments import holds

    if not folders:
        return set()
    some = [f"{one.folder}/" for one in catalogue.deployments.photos(lambda file, _: file.rpartition("/")[0])]
    return {folder for folder in folders if not any(holds(folder_parts(folder)[0], each) for each in some)}


def _store(
    catalogue: Catalogue,
    folders: Sequence[CameraFolder],
    reviewer: str,
    language: Language,
    *,
    dropped: Sequence[str] = (),
) -> None:
    media = catalogue.deployments.change(folders, dropped, reviewer=reviewer)
    stored = Message.counted(
        "{number:,} camera stored; `avistar survey reviews {catalogue} --undo` takes that back",
        "{number:,} cameras stored; `avistar survey reviews {catalogue} --undo` takes that back",
        len(folders) + len(dropped),
        catalogue=catalogue.path,
    )
    tell(stored.to(language))
    if media:
        moved = Message.counted(
            "{number:,} photo has another time now", "{number:,} photos have another time now", len(media)
        )
        tell(moved.to(language))


def _keep_project(catalogue: Catalogue, path: Path, reviewer: str, language: Language) -> None:
    from avistar.formats.camtrap_dp.deployments import checked_project, project_values

    values: Mapping[str, Any] = project_values(path)
    checked_project(values, path.name)
    try:
        plain = json.loads(json.dumps(values))
    except TypeError as error:
        raise UsageError("{path}: write dates in quotation marks ({error})", path=path, error=error) from error
    catalogue.deployments.change_project(plain, reviewer=reviewer)
    tell(Message("the project is kept: '{title}'", title=values["project"]["title"]).to(language))


def clock(
    catalogue: CatalogueArgument,
    *,
    deployment: Annotated[
        str | None, typer.Option(metavar="NAME", help="The camera: its folder, place or deploymentID.")
    ] = None,
    offset: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="What is added to its clock: +1:00:00, -0:30, '3 d 0:00'; 0:00 for nothing."),
    ] = None,
    photo: Annotated[str | None, typer.Option(metavar="FILE", help="A photo whose true time is known.")] = None,
    taken_at: Annotated[
        str | None, typer.Option("--taken-at", metavar="TIME", help="--photo: when it was taken, 2024-05-01 12:00.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="--offset: only for photos from this time on, by the camera."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="--offset: only for photos before this time, likewise.")
    ] = None,
    onward: Annotated[
        bool,
        typer.Option("--onward", help="--photo: only for it and those after it, until the clock jumps once more."),
    ] = False,
    reviewer: ReviewerOption = "",
    language: LanguageOption = None,
) -> None:
    """Set a camera's clock that was wrong right: by how much, or by one photo's true time.

    For all its photos, or for some where the clock was reset in between. What the camera said is kept. Without
    options, it shows which clocks are set right. `avistar survey reviews CATALOGUE --undo` takes the last step back.
    """
    from avistar.catalogue import Catalogue
    from avistar.formats.deployment_table import deployment_rows

    spoken = language.value if language else locale_language()
    if (photo is None) != (taken_at is None) or (photo is not None and offset is not None):
        raise UsageError("give --offset, or --photo with --taken-at")
    if offset is not None and deployment is None:
        raise UsageError("--offset needs --deployment: which camera's clock was wrong")
    if (since or until) and offset is None:
        raise UsageError("--from and --to need --offset; for a photo and those after it, say --onward")
    if onward and photo is None:
        raise UsageError("--onward needs --photo: the first of which the clock was wrong")
    if offset is None and photo is None:
        with Catalogue.read(catalogue) as opened:
            _show_clocks(deployment_rows(opened), spoken)
        return
    with Catalogue.open(catalogue) as opened:
        rows = deployment_rows(opened)
        if photo is not None:
            row, shift = _shift_by_photo(opened, rows, photo, taken_at or "", onward=onward)
        else:
            row, shift = _row_called(deployment or "", rows), _shift(offset or "", since, until)
        if photo is not None and deployment is not None and _row_called(deployment, rows) != row:
            raise UsageError("{photo} is of the camera '{folder}', not of '{name}'",
                             photo=photo, folder=row.cells["deploymentID"], name=deployment)  # fmt: skip
        _set_right(opened, row, shift, rows, reviewer or getpass.getuser(), spoken)


def _show_clocks(rows: Sequence[DeploymentRow], language: Language) -> None:
    from avistar.catalogue.deployments import folder_text
    from avistar.formats.deployment_table import SHIFT

    shifted = [row for row in rows if row.cells[SHIFT]]
    for row in shifted:
        tell(f"{folder_text(row.folder)}\t{row.cells[SHIFT]}")
    if not shifted:
        tell(Message("no camera's clock is shifted").to(language))


def _set_right(
    catalogue: Catalogue,
    row: DeploymentRow,
    shift: ClockShift,
    rows: Sequence[DeploymentRow],
    reviewer: str,
    language: Language,
) -> None:
    from avistar.catalogue.deployments import folder_text
    from avistar.formats.deployment_table import with_inner

    said = Message(
        "camera '{folder}': {offset} is added to what its clock said", folder=folder_text(row.folder), offset=shift.text
    )
    tell(said.to(language))
    _store(catalogue, with_inner(row.set_right(shift), rows), reviewer, language)


def _shift(offset: str, since: str | None, until: str | None) -> ClockShift:
    """Raises `UsageError` for what is no offset, or no time."""
    from avistar.catalogue.clock_shift import ClockShift, read_offset, read_time
    from avistar.formats.deployment_table import SHIFT, cell_problem

    if (added := read_offset(offset)) is None or not offset.strip():
        raise UsageError("--offset: {problem}", problem=cell_problem(SHIFT, {SHIFT: offset or "-"}))
    times: list[datetime | None] = []
    for text, end in ((since, False), (until, True)):
        try:
            times.append(read_time(text, end=end) if text else None)
        except (ValueError, OverflowError) as error:
            raise UsageError("'{text}' is no time: write 2026-05-01 12:00", text=text) from error
    first, last = times
    if first and last and first >= last:
        raise UsageError("the end is before the start")
    return ClockShift(added, first, last)


def _shift_by_photo(
    catalogue: Catalogue, rows: Sequence[DeploymentRow], photo: str, taken_at: str, *, onward: bool
) -> tuple[DeploymentRow, ClockShift]:
    """The photo's camera, and what must be added to its clock."""
    from avistar.catalogue.clock_shift import ClockShift, shift_onward
    from avistar.formats.camtrap_dp.cells import moment_of
    from avistar.formats.deployment_table import row_of, shift_for
    from avistar.formats.reviews import possible_names

    ids = catalogue.ids_of(possible_names(photo, catalogue.facts.folder))
    if not ids:
        raise UsageError("{photo} is not in the catalogue: name it as it lies below {folder}",
                         photo=photo, folder=catalogue.facts.folder)  # fmt: skip
    at: datetime | None = moment_of(taken_at, None)
    if at is None:
        raise UsageError("'{text}' is no time: write 2026-05-01 12:00", text=taken_at)
    [record] = catalogue.records_of([next(iter(ids.values()))])
    row, offset = row_of(record.medium, rows), shift_for(record.medium, at)
    said = record.medium.capture.recorded_at or record.medium.capture.taken_at
    if not onward or said is None:
        return row, ClockShift(offset)
    return row, shift_onward(offset, said.replace(tzinfo=None), catalogue.deployments.clock_spans(row.folder))
