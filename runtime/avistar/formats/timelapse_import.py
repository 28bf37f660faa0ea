"""What people wrote in Timelapse, taken from the table that it exports.

Two rows of one photo, as Timelapse's duplicates are, and numbered columns are several things in it. Where a row says
what is known already, nobody has said it anew: the machine's answer that came back unchanged is no review.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import get_args

from avistar.errors import UsageError
from avistar.formats.csv_reader import table_cells, table_rows
from avistar.formats.review_cells import SIDES, sighting_of, truth_of, words
from avistar.formats.review_import import ReviewImport
from avistar.formats.reviews import BadRow, is_listed, verdict_of
from avistar.formats.timelapse import DELETE_TAG, remark_tags, thing_cells
from avistar.message import Language, Message, message_of
from avistar.records import Record, Remark, Review, Sighting, Verdict
from avistar.species import Species, normalised

_THING_NAMES: dict[str, tuple[str, ...]] = {
    "Species": ("species", "animal", "common name", "especie"),
    "Count": ("count", "number", "quantity", "cantidad", "número", "ejemplares"),
    "Sex": ("sex", "sexo"),
    "LifeStage": ("life stage", "age", "edad"),
    "Behavior": ("behavior", "behaviour", "comportamiento"),
    "Individual": ("individual", "individualID", "individuo"),
    "ObservationComment": ("observation comment", "observation comments"),
    "ObservationTags": ("observation tags",),
}
"""What people call the fields of a thing in their templates."""

_PHOTO_NAMES: dict[str, tuple[str, ...]] = {
    "File": ("file",),
    "RelativePath": ("relative path",),
    "DateTime": ("datetime",),
    "Date": ("date",),
    "Time": ("time",),
    "DeleteFlag": ("delete flag", "delete"),
    "Comment": ("comment", "comments", "note", "notes", "comentario", "comentarios", "nota", "notas"),
    "Tags": ("tags", "etiquetas"),
    "Reviewer": ("reviewer", "analyst", "observer", "revisor"),
}
_THING_KEYS = {normalised(name): own for own, names in _THING_NAMES.items() for name in names}
_PHOTO_KEYS = {normalised(name): own for own, names in _PHOTO_NAMES.items() for name in names}
_PASSED_OVER = frozenset(map(normalised, ("root folder", "folder", "image quality", "UtcOffset")))
"""What Timelapse itself writes and nobody fills in."""

_NUMBERED = re.compile(r"(.*?)(\d*)", re.DOTALL)
_CELLS = {"Count": "count", "Sex": "sex", "LifeStage": "life_stage", "Behavior": "behavior",
          "Individual": "individual", "ObservationComment": "observation_comment",
          "ObservationTags": "observation_tags"}  # fmt: skip
"""What the columns are called in a table of reviews."""

_FIELDS = {"Count": "count", "Sex": "sex", "LifeStage": "life_stage", "Behavior": "behavior",
           "Individual": "individual", "ObservationComment": "comment", "ObservationTags": "tags"}  # fmt: skip
"""What they are in a `Sighting`."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHOWN = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{1,2}:\d\d:\d\d)")
_PAGE = 500


@dataclass(frozen=True, slots=True)
class TimelapseImport:
    """What a table says, and what else there is to tell of it.

    Attributes:
        said: What can be stored, and what can't.
        unchanged: How many photos it says nothing new of.
        passed_over: The columns that mean nothing here.
        other_times: The photos that Timelapse has another time for, and by how many seconds it is later.
    """

    said: ReviewImport
    unchanged: int
    passed_over: tuple[str, ...]
    other_times: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who says what a table says.

    Attributes:
        name: Who.
        at: When; aware.
        alone: Whether it is this person's word also where the table names somebody else.
    """

    name: str
    at: datetime
    alone: bool = False


@dataclass(slots=True)
class _Photo:
    """The rows of one photo, put together: its things, and each text of the columns that speak of all of it."""

    number: int
    things: list[dict[str, str]] = field(default_factory=list)
    cells: dict[str, list[str]] = field(default_factory=dict)

    def joined(self, name: str) -> str:
        """What the rows say in a column, each text once."""
        return ("; " if name == "Tags" else "\n").join(self.cells.get(name, ()))


@dataclass(frozen=True, slots=True)
class _Columns:
    """The table's name of each column that means something: of the photo, and of each thing in it."""

    photo: Mapping[str, str]
    things: Sequence[Mapping[str, str]]
    passed_over: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Columns:
        """What a table's headings mean."""
        photo: dict[str, str] = {}
        things: dict[int, dict[str, str]] = {}
        passed_over: list[str] = []
        for column in names:
            key = normalised(column)
            match = _NUMBERED.fullmatch(key)
            bare, number = (match[1], int(match[2] or 1)) if match else (key, 1)
            if own := _PHOTO_KEYS.get(key):
                photo.setdefault(own, column)
            elif thing := _THING_KEYS.get(bare):
                things.setdefault(number, {}).setdefault(thing, column)
            elif column and key not in _PASSED_OVER:
                passed_over.append(column)
        return cls(photo, [things[number] for number in sorted(things)], tuple(passed_over))


@dataclass(slots=True)
class _Comparison:
    """Photos of a table against what is known of them, and what of it is new."""

    columns: _Columns
    species: Sequence[Species]
    speaker: Speaker
    reviews: list[tuple[int, Review]] = field(default_factory=list)
    remarks: list[tuple[int, Remark]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    other_times: list[tuple[str, float]] = field(default_factory=list)
    unchanged: int = 0

    def take(self, id: int, photo: _Photo, record: Record) -> None:
        """What a photo's rows say beyond `record`."""
        told = any(_alike(photo.things, thing_cells(record, language)) for language in get_args(Language))
        names = [] if told else [thing.get("Species", "") for thing in photo.things]
        try:
            verdicts = [self._verdict(name, photo) for name in names]
            if None in verdicts:
                return
            said = [_sighting(one, cells) for one, cells in zip(verdicts, photo.things, strict=False) if one]
            if len(said) > 1 and any(one.kind == "empty" for one in said):
                raise UsageError("it says that nothing is there, and what is there")
            remark = self._remark(photo, record)
        except UsageError as error:
            self.bad.append(BadRow(photo.number, message_of(error)))
            return
        if said:
            before = record.review.statement if record.review else ()
            things = [_as_before(one, before, cells) for one, cells in zip(said, photo.things, strict=True)]
            self.reviews.append((id, Review.of(things, self._name(photo), self.speaker.at)))
        if remark is not None:
            self.remarks.append((id, remark))
        self.unchanged += not said and remark is None
        if later := _later(photo, record):
            self.other_times.append((record.medium.relative, later))

    def _verdict(self, name: str, photo: _Photo) -> tuple[Verdict, str] | None:
        """What a species' name means; None where it is told as unknown. Raises `UsageError` where there is none."""
        if not name:
            raise UsageError("it says how many, but not of which species")
        try:
            return verdict_of(name, self.species)
        except UsageError as error:
            self.bad.append(BadRow(photo.number, message_of(error), "" if is_listed(name, self.species) else name))
            return None

    def _name(self, photo: _Photo) -> str:
        told = photo.joined("Reviewer")
        return self.speaker.name if self.speaker.alone or not told else told

    def _remark(self, photo: _Photo, record: Record) -> Remark | None:
        """What is said of the photo where it isn't said yet. Raises `UsageError` for a flag that is none."""
        before, columns = record.remark, self.columns.photo
        comment = photo.joined("Comment") if "Comment" in columns else before.comment if before else ""
        tags = words(photo.joined("Tags")) if "Tags" in columns else remark_tags(record)
        delete = DELETE_TAG in before.tags if before else False
        if "DeleteFlag" in columns:
            delete = any(truth_of(flag) for flag in photo.cells.get("DeleteFlag", ()))
        tags = (*tags, *([DELETE_TAG] if delete else []))
        if (comment, set(tags)) == ((before.comment, set(before.tags)) if before else ("", set())):
            return None
        return Remark(comment, tags, self._name(photo), self.speaker.at)


def is_timelapse(path: Path) -> bool:
    """Whether a table is Timelapse's: it has a file's folder in a column of its own, and no column `review`.

    Raises `UsageError` where the file can't be read.
    """
    first = next(table_cells(path), (0, []))[1]
    names = set(map(normalised, first))
    return {"file", "relativepath"} <= names and not names & {"review", "revision"}


def read_timelapse(
    path: Path,
    species: Sequence[Species],
    place: Callable[[str], int | None],
    records: Callable[[Sequence[int]], Iterable[Record]],
    *,
    speaker: Speaker,
) -> TimelapseImport:
    """What a table of Timelapse's says beyond what is known.

    Args:
        path: The table.
        species: The survey's.
        place: The id of the medium that a table names, None where there is none.
        records: What is known of media, in the order of their ids.
        speaker: Who says so.

    Returns:
        What can be stored, and what can't.

    Raises:
        UsageError: The file can't be read.
    """
    columns, photos, unlisted = _photos(path, place)
    found, ids = _Comparison(columns, species, speaker), list(photos)
    for start in range(0, len(ids), _PAGE):
        some = ids[start : start + _PAGE]
        for id, record in zip(some, records(some), strict=True):
            found.take(id, photos[id], record)
    said = ReviewImport(tuple(found.reviews), tuple(found.remarks), tuple(found.bad), tuple(unlisted))
    return TimelapseImport(said, found.unchanged, columns.passed_over, tuple(found.other_times))


def _photos(path: Path, place: Callable[[str], int | None]) -> tuple[_Columns, dict[int, _Photo], list[str]]:
    columns = _Columns({}, (), ())
    photos: dict[int, _Photo] = {}
    unlisted: list[str] = []
    for number, row in table_rows(path, exact=("file", "relativepath")):
        columns = columns if columns.photo else _Columns.of(row)
        file = "/".join(part for name in ("RelativePath", "File") if (part := row[columns.photo[name]]))
        if not (id := place(file)):
            unlisted.append(file)
            continue
        photo = photos.setdefault(id, _Photo(number))
        for name, column in columns.photo.items():
            if row[column] and row[column] not in photo.cells.setdefault(name, []):
                photo.cells[name].append(row[column])
        for thing in columns.things:
            cells = {name: row[column] for name, column in thing.items()}
            if any(value not in ("", "0") for value in cells.values()):  # Timelapse's counters start at 0
                photo.things.append(cells)
    return columns, photos, unlisted


def _alike(told: Sequence[Mapping[str, str]], known: Sequence[Mapping[str, str]]) -> bool:
    """Whether a photo's things are what is known; a column that the table lacks says nothing."""
    same = (
        _plain(name, value) == _plain(name, other.get(name, ""))
        for one, other in zip(told, known, strict=False)
        for name, value in one.items()
    )
    return len(told) == len(known) and all(same)


def _plain(name: str, value: str) -> str:
    return "" if name == "Count" and value == "0" else normalised(value) if name == "Species" else value


def _sighting(verdict: tuple[Verdict, str], told: Mapping[str, str]) -> Sighting:
    """Raises `UsageError` for a cell that makes no sense."""
    cells = dict.fromkeys((*_CELLS.values(), *SIDES, "time_s"), "")
    cells |= {_CELLS[name]: value for name, value in told.items() if name in _CELLS}
    return sighting_of(verdict, cells | {"count": "" if cells["count"] == "0" else cells["count"]})


def _as_before(one: Sighting, before: Sequence[Sighting], cells: Mapping[str, str]) -> Sighting:
    """What was said of the same thing before, box and all, where the table has nothing else to say of it."""
    names = ["kind", "species", *(_FIELDS[name] for name in cells if name in _FIELDS)]
    same = [former for former in before if all(getattr(former, name) == getattr(one, name) for name in names)]
    return same[0] if len(same) == 1 else one


def _later(photo: _Photo, record: Record) -> float:
    """By how many seconds Timelapse has the photo later than its camera, 0 where it can't be said."""
    taken = record.medium.capture.taken_at
    told = moment_in(photo.joined("DateTime") or f"{photo.joined('Date')} {photo.joined('Time')}")
    return (told - taken.replace(tzinfo=None)).total_seconds() if told and taken else 0.0


def moment_in(text: str) -> datetime | None:
    """A time in any form of Timelapse's, with or without a T, or "3-Jul-2017 2:23:33"; None for anything else.

    Its first versions wrote UTC ("2017-07-03T12:30:57.000Z") with the zone in a column of its own: no camera's clock.
    """
    shown = _SHOWN.fullmatch(text.strip())
    if shown and shown[2].title() in _MONTHS:
        day, month, year, clock = shown.groups()
        text = f"{year}-{_MONTHS.index(month.title()) + 1:02}-{int(day):02} {clock:0>8}"
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return None if at.tzinfo else at


def told_of(found: TimelapseImport) -> Iterator[Message]:
    """What is to be said of a table beside its rows."""
    if found.unchanged:
        yield Message.counted("{number:,} photo: nothing new", "{number:,} photos: nothing new", found.unchanged)
    if found.passed_over:
        yield Message("columns that were passed over: {columns}", columns=", ".join(found.passed_over))
    if found.other_times:
        file, seconds = found.other_times[0]
        yield Message.counted(
            "{number:,} photo has another time in the table than in the survey ({file}: {seconds:+,.0f} s): times "
            "aren't taken over, `avistar survey clock` sets a camera's clock right",
            "{number:,} photos have another time in the table than in the survey (first {file}: {seconds:+,.0f} s): "
            "times aren't taken over, `avistar survey clock` sets a camera's clock right",
            len(found.other_times),
            file=file,
            seconds=seconds,
        )
