"""Reviews as a table: written for a spreadsheet, read back with every row that makes no sense told, none applied."""

from __future__ import annotations

import csv
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from avistar.errors import UsageError
from avistar.files import printable, writing
from avistar.formats.base import WrittenFiles
from avistar.formats.csv_reader import table_rows
from avistar.formats.rows import csv_texts, moment
from avistar.records import Records, SurveyFacts, Verdict
from avistar.species import Species, match_species, normalised

COLUMNS = ("file", "review", "reviewer", "reviewed_at")

_FILE = ("file", "archivo")
_FOLDER = ("relativepath",)
"""Timelapse keeps a file's folder in a column of its own."""
_REVIEW = ("review", "species", "revisión", "especie")
_REVIEWER = ("reviewer", "revisor")

_VERDICTS: dict[Verdict, tuple[str, ...]] = {
    "unknown": ("unknown", "other", "desconocido", "otro"),
    "empty": ("empty", "blank", "vacía", "vacío"),
}


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One row that was understood; `reviewer` "" where the table doesn't say."""

    number: int
    file: str
    verdict: Verdict
    species: str
    reviewer: str

    @property
    def says(self) -> tuple[Verdict, str]:
        """What is in the file."""
        return self.verdict, self.species


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that was not."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewTable:
    """A CSV of what people said: `file` and `review`, the columns that `read_reviews` takes."""

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`; media without a review are left out."""
        media = 0
        with writing(target, encoding="utf-8-sig") as stream:
            table = csv.writer(stream)
            table.writerow(COLUMNS)
            for record in records:
                if (review := record.review) is not None:
                    said = review.species or review.verdict
                    cells = (printable(record.medium.relative), said, review.reviewer, moment(review.at))
                    table.writerow(csv_texts(dict(zip(COLUMNS, cells, strict=True))))
                    media += 1
        return WrittenFiles((target,), media)


def read_reviews(path: Path, species: Sequence[Species]) -> Iterator[ReviewRow | BadRow]:
    """Each row of a table with a column `file` and a column `review` (a species in any spelling, or empty, unknown).

    Rows without a review are passed over. Raises `UsageError` where the columns are not there.
    """
    names: dict[str, str] | None = None
    understood: dict[str, tuple[Verdict, str]] = {}
    for number, row in table_rows(path, exact=(*_FILE, *_FOLDER)):
        names = names or _columns(row, path)
        said, file = row[names["review"]], row[names["file"]]
        if folder := row.get(names["folder"], ""):
            file = f"{folder}/{file}"
        if not said:
            continue
        try:
            if said not in understood:  # a million rows name few species
                understood[said] = verdict_of(said, species)
        except UsageError as error:
            yield BadRow(number, str(error))
            continue
        verdict, id = understood[said]
        yield ReviewRow(number, file, verdict, id, row.get(names["reviewer"], ""))


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
    for verdict, names in _VERDICTS.items():
        if normalised(name) in map(normalised, names):
            return verdict, ""
    return "species", match_species(name, species).id


def _columns(row: dict[str, str], path: Path) -> dict[str, str]:
    by_name = {name.casefold(): name for name in row}
    found = {}
    for wanted, names in (("file", _FILE), ("folder", _FOLDER), ("review", _REVIEW), ("reviewer", _REVIEWER)):
        found[wanted] = next((by_name[name] for name in names if name in by_name), "")
    lacking = [name for name in ("file", "review") if not found[name]]
    if lacking:
        raise UsageError(
            "{path} has no column '{column}': it needs {first} and {second}",
            path=path,
            column=lacking[0],
            first=COLUMNS[0],
            second=COLUMNS[1],
        )
    return found
