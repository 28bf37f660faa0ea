"""Reviews as a table: written for a spreadsheet, read back with every row that makes no sense told, none applied."""

from __future__ import annotations

import csv
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from avistar.errors import UsageError
from avistar.files import decoded_name, encoded_name, portable, writing
from avistar.formats.base import WrittenFiles
from avistar.formats.csv_reader import table_rows
from avistar.formats.review_cells import SIDES, moment_of, sighting_of, truth_of, words
from avistar.formats.rows import csv_texts
from avistar.message import message_of
from avistar.records import Record, Records, Remark, Sighting, SurveyFacts, Verdict
from avistar.species import Species, match_species, normalised

COLUMNS = (
    "file", "thing", "review", "count", "sex", "life_stage", "behavior", "individual", "observation_comment",
    "observation_tags", *SIDES, "time_s", "whole", "reviewer", "reviewed_at", "comment", "tags", "commenter",
    "commented_at", "file_encoded",
)  # fmt: skip

_NAMES: dict[str, tuple[str, ...]] = {
    "file": ("file", "archivo"),
    "folder": ("relativepath",),  # Timelapse keeps a file's folder in a column of its own
    "review": ("review", "species", "revisión", "especie"),
    "count": ("count", "number", "cantidad", "número", "ejemplares"),
    "sex": ("sex", "sexo"),
    "life_stage": ("life_stage", "age", "edad", "clase de edad"),
    "behavior": ("behavior", "behaviour", "comportamiento"),
    "individual": ("individual", "individualID", "individuo"),
    "reviewer": ("reviewer", "revisor"),
    "comment": ("comment", "comments", "comentario", "comentarios"),
    "tags": ("tags", "etiquetas"),
    "observation_comment": ("observation_comment", "observationComments"),
    "observation_tags": ("observation_tags", "observationTags"),
}
"""What a column may be called, in any spelling; the others of `COLUMNS` go by their own names."""

VERDICT_NAMES: dict[Verdict, tuple[str, ...]] = {
    "unknown": ("unknown", "other", "desconocido", "otro"),
    "empty": ("empty", "blank", "vacía", "vacío"),
    "person": ("person", "persons", "people", "human", "persona", "personas", "humano"),
    "vehicle": ("vehicle", "vehicles", "vehículo", "vehículos"),
}


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One row that was understood.

    Attributes:
        number: Its line in the table.
        file: As the table names it.
        sighting: What is there; None where the row only comments.
        reviewer: Who says so, "" where the table doesn't say.
        at: When, aware; None where the table doesn't say.
        whole: Whether it speaks of the whole medium, see `Review.whole`.
        thing: The number of the thing in its photo, "" where things aren't numbered.
        remark: Comment and tags on the photo, and by whom and when as above; None for none.
    """

    number: int
    file: str
    sighting: Sighting | None
    reviewer: str = ""
    at: datetime | None = None
    whole: bool = True
    thing: str = ""
    remark: RowRemark | None = None


@dataclass(frozen=True, slots=True)
class RowRemark:
    """What a row says of its photo: comment, tags, who said so ("" where the table doesn't say) and when."""

    comment: str
    tags: tuple[str, ...]
    reviewer: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was not; `unlisted` is the name in it that no species has, "" where something else is wrong."""

    number: int
    reason: str
    unlisted: str = ""


@dataclass(frozen=True, slots=True)
class ReviewTable:
    """A CSV of what people said, a row for each thing: what `read_reviews` takes, and nothing is lost on the way."""

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`; media of which nobody said anything are left out."""
        media = 0
        with writing(target, encoding="utf-8-sig") as stream:
            table = csv.writer(stream)
            table.writerow(COLUMNS)
            for record in records:
                rows = list(_rows_of(record))
                table.writerows(csv_texts(dict.fromkeys(COLUMNS, "") | row) for row in rows)
                media += bool(rows)
        return WrittenFiles((target,), media)


def _rows_of(record: Record) -> Iterator[dict[str, str]]:
    relative = record.medium.relative
    review, file = record.review, {"file": portable(relative), "file_encoded": encoded_name(relative)}
    noted = _remark_cells(record.remark)
    if review is None:
        yield from [file | noted] if noted else []
        return
    said = {"whole": str(int(review.whole)), "reviewer": review.reviewer, "reviewed_at": review.at.isoformat()}
    for i, one in enumerate(review.statement, 1):
        yield file | {"thing": str(i)} | _sighting_cells(one) | said | noted


def _sighting_cells(one: Sighting) -> dict[str, str]:
    box = {name: repr(float(getattr(one.box, name.removeprefix("box_")))) for name in SIDES} if one.box else {}
    return box | {
        "review": one.species or one.kind,
        "count": "" if one.count is None else str(one.count),
        "sex": one.sex,
        "life_stage": one.life_stage,
        "behavior": one.behavior,
        "individual": one.individual,
        "observation_comment": one.comment,
        "observation_tags": "; ".join(one.tags),
        "time_s": "" if one.time_s is None else repr(float(one.time_s)),
    }


def _remark_cells(remark: Remark | None) -> dict[str, str]:
    if remark is None:
        return {}
    cells = {"comment": remark.comment, "tags": "; ".join(remark.tags)}
    return cells | {"commenter": remark.reviewer, "commented_at": remark.at.isoformat()}


def read_reviews(path: Path, species: Sequence[Species]) -> Iterator[ReviewRow | BadRow]:
    """Each row of a table with a column `file` and a column `review`: one of `species` in any spelling, or empty,
    unknown, person, vehicle. The other columns of `COLUMNS` may be there.

    Rows that say nothing are passed over. Raises `UsageError` where the columns are not there.
    """
    names: dict[str, str] | None = None
    verdicts: dict[str, tuple[Verdict, str] | None] = {"": None}
    refused: dict[str, tuple[str, str]] = {}
    for number, row in table_rows(path, exact=(*_NAMES["file"], *_NAMES["folder"])):
        names = names or _columns(row, path)
        cells = {name: row.get(column, "") for name, column in names.items()}
        said = cells["review"]
        try:
            if said not in verdicts and said not in refused:  # a million rows name few species
                verdicts[said] = verdict_of(said, species)
        except UsageError as error:
            refused[said] = message_of(error), "" if is_listed(said, species) else said
        if said in refused:
            yield BadRow(number, *refused[said])
            continue
        try:
            understood = _row_of(number, cells, verdicts[said])
        except UsageError as error:
            yield BadRow(number, message_of(error))
            continue
        if understood.sighting is not None or understood.remark is not None:
            yield understood


def is_listed(name: str, species: Sequence[Species]) -> bool:
    """Whether some species has that name; one that has not may be added, one that several have may not."""
    key = normalised(name)
    return any(key in map(normalised, (one.id, one.english, one.spanish, one.scientific)) for one in species)


def _row_of(number: int, cells: Mapping[str, str], verdict: tuple[Verdict, str] | None) -> ReviewRow:
    """Raises `UsageError` for a cell that makes no sense."""
    noted = RowRemark(
        cells["comment"],
        words(cells["tags"]),
        cells["commenter"] or cells["reviewer"],
        moment_of(cells["commented_at"]),
    )
    file = f"{cells['folder']}/{cells['file']}" if cells["folder"] else cells["file"]
    file = (
        decoded_name(cells["file_encoded"]) if cells["file_encoded"] else file
    )  # the true name of one that is no text
    return ReviewRow(
        number,
        file,
        sighting_of(verdict, cells) if verdict else None,
        cells["reviewer"],
        moment_of(cells["reviewed_at"]),
        truth_of(cells["whole"]),
        cells["thing"],
        noted if noted.comment or noted.tags or noted.at else None,
    )


def possible_names(file: str, folder: str) -> Iterator[str]:
    """What a file that a table names may be called below the survey's `folder`: first exactly as it says, then with
    another system's separators, without a leading "./", without the folder, and without spaces around it.
    """
    slashes = file.replace("\\", "/")
    plain = posixpath.normpath(slashes)
    root = posixpath.normpath(folder.replace("\\", "/")) + "/"
    yield from dict.fromkeys((file, slashes, plain, plain.removeprefix(root), plain.strip()))


def verdict_of(name: str, species: Sequence[Species]) -> tuple[Verdict, str]:
    """What a cell's or a folder's name means as a review: a verdict and a species' id.

    Raises `UsageError` naming the nearest species where it means none.
    """
    if name not in VERDICT_NAMES and any(one.id == name for one in species):
        return "species", name  # a survey may have a species of its own that is called "human"
    for verdict, names in VERDICT_NAMES.items():
        if normalised(name) in map(normalised, names):
            return verdict, ""
    return "species", match_species(name, species).id


def _columns(row: dict[str, str], path: Path) -> dict[str, str]:
    """The table's name of each column, "" for one that isn't there."""
    by_name = {normalised(name): name for name in row}
    possible = {name: (name,) for name in COLUMNS} | _NAMES
    found = {
        wanted: next((by_name[key] for key in map(normalised, names) if key in by_name), "")
        for wanted, names in possible.items()
    }
    lacking = [name for name in ("file", "review") if not found[name]]
    if lacking:
        raise UsageError(
            "{path} has no column '{column}': it needs {first} and {second}",
            path=path,
            column=lacking[0],
            first="file",
            second="review",
        )
    return found
