"""Writing a survey. Slow functions for a thread; knows no Qt."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from avistar.catalogue import Catalogue, Query
from avistar.formats.base import Format, WrittenFiles, without_vanished
from avistar.formats.persons import PersonsChoice, ShareableRecords
from avistar.sorting import How, SortingOptions, SortingPlan, SortingResult, UndoResult, carry_out, plan_sorting, undo
from avistar.species import Language

Form = Literal["csv", "xlsx", "jsonl", "megadetector", "timelapse", "camtrap-dp", "xmp", "folders"]
Scope = Literal["all", "reviewed", "shown"]
FORMS: tuple[Form, ...] = get_args(Form)
FILES: dict[Form, str] = {
    "csv": ".csv", "xlsx": ".xlsx", "jsonl": ".jsonl", "megadetector": ".json", "timelapse": ".csv",
}  # fmt: skip
"""Forms that are one file, and how its name ends; the others are folders."""

SAMPLED, LINES = 20, 200
"""Photos in a preview, and lines of one that is no table."""

TOP = 3
PROJECT = "project.toml"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to write: the survey's catalogue, the form, where to, which photos, how files get into folders, and whether
    those of persons are kept, blurred (copies in folders) or left out.
    """

    catalogue: str
    form: Form
    target: str
    how: How = "copy"
    language: Language = "en"
    query: Query = field(default_factory=Query)
    persons: PersonsChoice = "keep"


def suggestions(folder: str) -> dict[Form, str]:
    """Where each form goes if nobody says otherwise: beside the survey's folder, under its name; none without one."""
    if not folder:
        return {}
    beside, name = Path(folder).parent, Path(folder).name or "survey"
    files: dict[Form, str] = {form: str(beside / f"{name}{ending}") for form, ending in FILES.items()}
    files["timelapse"] = str(beside / f"{name}-timelapse.csv")
    return {**files, "camtrap-dp": str(beside / f"{name}-camtrap-dp"), "folders": str(beside / f"{name}-sorted")}


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of an export under their `header`, and how many photos it is of."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    photos: int


class WriteCancelled(Exception):
    """The user does not want it any more."""


def write(request: ExportRequest) -> WrittenFiles:
    """Write the survey. Raises what the formats raise: `MissingFacts` where Camtrap DP needs more of people."""
    with Catalogue.read(request.catalogue) as catalogue:
        records, target = ShareableRecords(catalogue.records(request.query), request.persons), Path(request.target)
        if request.form == "camtrap-dp":
            written = _camtrap_dp(target, catalogue).write(records, catalogue.facts, target)
        else:
            written = _writer(request).write(records, catalogue.facts, target)
        vanished = catalogue.counts().vanished
    gone = (without_vanished(vanished),) if vanished else ()
    return replace(written, notes=(*written.notes, *records.notes, *gone))


def sample(request: ExportRequest) -> Sample:
    """The first lines of what would be written; nothing is."""
    with Catalogue.read(request.catalogue) as catalogue, tempfile.TemporaryDirectory(prefix="avistar-") as folder:
        ids = catalogue.ids(request.query)
        table = request.form in ("csv", "xlsx", "timelapse")
        form = replace(request, form="csv") if request.form == "xlsx" else request
        target = Path(folder, f"sample{FILES[form.form]}")
        records = list(ShareableRecords(catalogue.records_of(ids[:SAMPLED]), request.persons))
        _writer(form).write(records, catalogue.facts, target)
        text = target.read_text("utf-8-sig")
    if table:
        rows = list(csv.reader(io.StringIO(text, newline="")))
        return Sample(tuple(rows[0]), tuple(map(tuple, rows[1:])), len(ids))
    lines = text.splitlines()[:LINES]
    return Sample(("",), tuple((line,) for line in lines), len(ids))


def plan(request: ExportRequest) -> SortingPlan:
    """What sorting into folders would do."""
    with Catalogue.read(request.catalogue) as catalogue:
        options = SortingOptions(how=request.how, names="common", language=request.language, persons=request.persons)
        return plan_sorting(catalogue.records(request.query), catalogue.facts, Path(request.target), options)


def sort(
    request: ExportRequest, planned: SortingPlan, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> SortingResult:
    """Carry `planned` out. Raises `WriteCancelled` between two files; what was placed can be undone."""
    total = len(planned.placements)

    def step(done: SortingResult) -> None:
        progress(done.placed + len(done.failed), total)
        if cancelled():
            raise WriteCancelled

    with Catalogue.read(request.catalogue) as catalogue:
        return carry_out(planned, catalogue.facts, step)


def take_back(folder: str) -> UndoResult:
    """Undo what was sorted into `folder`."""
    return undo(Path(folder))


def take_keywords(request: ExportRequest) -> WrittenFiles:
    """Take the keywords beside the photos out again; what others wrote there stays."""
    from avistar.formats.xmp import take_keywords_out

    with Catalogue.read(request.catalogue) as catalogue:
        return take_keywords_out(catalogue.records(Query(present=None)), Path(request.target))


def _writer(request: ExportRequest) -> Format:
    from avistar.formats.jsonl import Jsonl
    from avistar.formats.megadetector import MegaDetector
    from avistar.formats.spreadsheet import Csv, Xlsx
    from avistar.formats.timelapse import Timelapse
    from avistar.formats.xmp import Xmp

    writers: dict[str, Callable[[], Format]] = {
        "csv": lambda: Csv(TOP),
        "xlsx": lambda: Xlsx(TOP),
        "jsonl": lambda: Jsonl(TOP),
        "megadetector": lambda: MegaDetector(TOP),
        "timelapse": lambda: Timelapse(request.language),
        "xmp": lambda: Xmp(request.language, False),
    }
    return writers[request.form]()


def _camtrap_dp(folder: Path, catalogue: Catalogue) -> Format:
    """What the survey keeps of its cameras and project; a `project.toml` in the folder, where it keeps no project."""
    from avistar.formats.camtrap_dp import CamtrapDp
    from avistar.formats.deployment_table import cameras_of

    project = folder / PROJECT
    given = cameras_of(catalogue, None, project if project.is_file() and not catalogue.deployments.project else None)
    # What has no time can't be in the standard: left out and said, since the screen has no option for it.
    return CamtrapDp(*given, "", True)
