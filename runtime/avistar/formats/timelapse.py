"""The table that Timelapse exports and imports: a row for each photo, its things in numbered columns.

Columns and forms as Timelapse's own reader and writer have them (saulgreenberg/Timelapse, `CsvReaderWriter.cs`,
`Constant.cs`, 2026-04-26): File, RelativePath, DateTime, DeleteFlag, then the data labels of its user's template.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from avistar.files import portable, writing
from avistar.formats.base import WrittenFiles
from avistar.formats.final_answer import FinalAnswer, answers_of
from avistar.formats.rows import csv_texts
from avistar.message import Message
from avistar.records import Record, Records, Sighting, SurveyFacts
from avistar.species import Language

DELETE_TAG = "delete"
"""The tag that Timelapse's DeleteFlag is."""

THING_COLUMNS = ("Species", "Count", "Sex", "LifeStage", "Behavior", "Individual", "ObservationComment",
                 "ObservationTags")  # fmt: skip
"""Of each thing in a photo; those of the second are called Species2, Count2 and so on."""

_ALWAYS = ("File", "RelativePath", "DateTime", "DeleteFlag", "Species", "Count")
_LAST = ("Comment", "Tags", "Reviewer")

_KIND_NAMES: dict[str, dict[Language, str]] = {
    "person": {"en": "person", "es": "persona"},
    "vehicle": {"en": "vehicle", "es": "vehículo"},
    "unknown": {"en": "unknown", "es": "desconocido"},
    "empty": {"en": "empty", "es": "vacía"},
}


@dataclass(frozen=True, slots=True)
class Timelapse:
    """A row for each photo; of the optional columns only those that hold something."""

    language: Language = "en"

    def write(self, records: Records, facts: SurveyFacts, target: Path) -> WrittenFiles:
        """See `Format.write`."""
        names, undated = self._columns(records)
        media = 0
        with writing(target, encoding="utf-8-sig") as stream:
            table = csv.writer(stream)
            table.writerow(names)
            for media, record in enumerate(records, 1):  # noqa: B007 counted
                row = photo_cells(record, self.language)
                table.writerow(csv_texts({name: row.get(name, "") for name in names}))
        return WrittenFiles((target,), media, _notes(names, undated))

    def _columns(self, records: Records) -> tuple[list[str], int]:
        """What some photo has a word for, in order, and the number of photos without a time of capture."""
        things, used, undated = 1, set[str](), 0
        for record in records:
            cells = photo_cells(record, self.language)
            used.update(cells)
            things = max(things, sum(name.startswith("Species") for name in cells))
            undated += record.medium.capture.taken_at is None
        numbered = [numbered_column(name, i) for i in range(1, things + 1) for name in THING_COLUMNS]
        first = [*_ALWAYS, *(name for name in numbered if name not in _ALWAYS and name in used)]
        return [*first, "Comment", *(name for name in _LAST[1:] if name in used)], undated


def _notes(names: list[str], undated: int) -> tuple[Message, ...]:
    """What the user should know: Timelapse refuses columns that its template lacks."""
    own = ", ".join(name for name in names if name not in _ALWAYS[:4])
    template = Message("Timelapse imports it if its template has a data label for each of: {columns}", columns=own)
    if not undated:
        return (template,)
    return (
        template,
        Message.counted(
            "{number:,} photo tells no time of capture: DateTime is that of its file, as in Timelapse",
            "{number:,} photos tell no time of capture: DateTime is that of their files, as in Timelapse",
            undated,
        ),
    )


def numbered_column(name: str, place: int) -> str:
    """A column of a photo's thing: `Species` of the first, `Species2` of the second."""
    return name if place == 1 else f"{name}{place}"


def photo_cells(record: Record, language: Language) -> dict[str, str]:
    """The cells of a photo's row that hold something."""
    folder, _, file = portable(record.medium.relative).rpartition("/")
    remark, tags = record.remark, remark_tags(record)
    cells = {
        "File": file,
        "RelativePath": folder.replace("/", "\\"),  # as Timelapse, a program for Windows, finds it
        "DateTime": _time_of(record).strftime("%Y-%m-%d %H:%M:%S"),
        "DeleteFlag": "true" if remark and DELETE_TAG in remark.tags else "false",
        "Comment": remark.comment if remark else "",
        "Tags": "; ".join(tags),
        "Reviewer": record.review.reviewer if record.review else "",
    }
    for i, thing in enumerate(thing_cells(record, language), 1):
        cells |= {numbered_column(name, i): value for name, value in thing.items()}
    return {name: value for name, value in cells.items() if value}


def remark_tags(record: Record) -> tuple[str, ...]:
    """The tags of a photo but the one that is Timelapse's DeleteFlag."""
    return tuple(tag for tag in record.remark.tags if tag != DELETE_TAG) if record.remark else ()


def thing_cells(record: Record, language: Language) -> list[dict[str, str]]:
    """The cells of each thing that counts for a photo; the machine's boxes of one species are one thing."""
    things: dict[tuple[str, object], dict[str, str]] = {}
    counts: dict[tuple[str, object], list[int | None]] = {}
    for answer, one in answers_of(record):
        said = one.sighting
        key: tuple[str, object] = ("said", one.place) if said is not None else (answer.kind, answer.id)
        name = {"Species": _name(answer, language)}
        things.setdefault(key, name | (_details(said) if said is not None else {}))
        counts.setdefault(key, []).append(one.count if said is None else said.count)
    for key, cells in things.items():
        number = _sum(counts[key]) if key[0] != "said" else counts[key][0]
        cells |= {"Count": "" if number is None else str(number)}
    return [{name: value for name, value in cells.items() if value} for cells in things.values()]


def _sum(counts: list[int | None]) -> int | None:
    return None if None in counts else sum(one or 0 for one in counts)


def _name(answer: FinalAnswer, language: Language) -> str:
    if answer.taxon is not None:
        return answer.taxon.name(language)
    return _KIND_NAMES.get(answer.kind, {}).get(language, answer.kind)


def _details(said: Sighting) -> dict[str, str]:
    return {
        "Sex": said.sex,
        "LifeStage": said.life_stage,
        "Behavior": said.behavior,
        "Individual": said.individual,
        "ObservationComment": said.comment,
        "ObservationTags": "; ".join(said.tags),
    }


def _time_of(record: Record) -> datetime:
    """When a photo was taken by its camera's clock, else what its file says: Timelapse refuses a row without a time."""
    taken = record.medium.capture.taken_at
    return (taken or datetime.fromtimestamp(record.medium.modified_ns / 1e9)).replace(tzinfo=None)
