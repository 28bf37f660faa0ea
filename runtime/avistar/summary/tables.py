"""The numbers behind each picture, as tables for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from avistar.catalogue.deployments import folder_parts
from avistar.errors import UsageError
from avistar.files import check_new, writing
from avistar.formats.rows import Cell, csv_texts
from avistar.message import reason_of
from avistar.summary.events import Integers, day_of, moment_of
from avistar.summary.figures import SpeciesFigures, SurveySummary

Table = Iterator[Mapping[str, Cell]]


def species_table(summary: SurveySummary) -> Table:
    """A row for each species, group, persons and vehicles."""
    for one in summary.species:
        rate = summary.per_100_nights(one.events)
        yield _named(one) | {
            "photos": one.photos,
            "events": one.events,
            "animals": one.animals,
            "events_per_100_trap_nights": "" if rate is None else rate,
            "deployments": one.cameras,
            "undated_photos": one.undated,
        }


def by_deployment_table(summary: SurveySummary) -> Table:
    """A row for each species at each deployment that saw it."""
    events = summary.events
    seen = {(one, other): both for one, other, both in _grouped(events.species, events.camera, events.animals)}
    for (species, camera), photos in sorted(summary.photos.items()):
        number, animals = seen.get((species, camera), (0, 0))
        yield (
            _camera(summary, camera)
            | _named(summary.species[species])
            | {
                "photos": photos,
                "events": number,
                "animals": animals,
            }
        )


def by_day_table(summary: SurveySummary) -> Table:
    """A row for each species on each day that saw it; an event belongs to the day on which it begins."""
    events = summary.events
    for day, species, (number, animals) in _grouped(events.days, events.species, events.animals):
        named = _named(summary.species[species])
        yield {"date": day_of(day).isoformat()} | named | {"events": number, "animals": animals}


def events_table(summary: SurveySummary) -> Table:
    """A row for each independent event: what camtrapR calls a record table."""
    events = summary.events
    for i in range(len(events)):
        yield (
            _camera(summary, int(events.camera[i]))
            | _named(summary.species[int(events.species[i])])
            | {
                "start": moment_of(int(events.start[i])).isoformat(),
                "end": moment_of(int(events.end[i])).isoformat(),
                "photos": int(events.photos[i]),
                "animals": int(events.animals[i]),
            }
        )


def activity_table(summary: SurveySummary) -> Table:
    """For each species with a curve, its density every ten minutes of the day."""
    for index, one in enumerate(summary.species):
        curve = summary.curves[index]
        for hour, value in zip(curve.hours.tolist(), curve.density.tolist(), strict=False):
            yield _named(one) | {
                "events": curve.events,
                "kernel_concentration": curve.concentration,
                "hour": hour,
                "density_per_hour": value,
            }


def hours_table(summary: SurveySummary) -> Table:
    """For each species, the events that begin in each hour of the day."""
    for index, one in enumerate(summary.species):
        for hour, number in enumerate(summary.curves[index].by_hour.tolist()):
            yield _named(one) | {"hour": hour, "events": number}


def photos_table(summary: SurveySummary) -> Table:
    """A row for each day of each deployment that has photos."""
    for place, one in enumerate(summary.cameras):
        for day, number in one.by_day.items():
            yield _camera(summary, place) | {"date": day.isoformat(), "photos": number}


def effort_table(summary: SurveySummary) -> Table:
    """A row for each deployment: where, how long, and what it saw."""
    for place, one in enumerate(summary.cameras):
        yield _camera(summary, place) | {
            "place": one.place,
            "latitude": "" if one.latitude is None else one.latitude,
            "longitude": "" if one.longitude is None else one.longitude,
            "start": one.start.isoformat() if one.start else "",
            "end": one.end.isoformat() if one.end else "",
            "dates_from": "deployments" if one.stated else "photos",
            "trap_nights": "" if one.nights is None else one.nights,
            "media": one.media,
            "undated_media": one.undated,
            "media_outside_dates": one.outside,
            "events": one.events,
            "species": one.species,
            "reviewed_media": one.reviewed,
        }


def gaps_table(summary: SurveySummary) -> Table:
    """A row for each time that a camera was silent."""
    for place, one in enumerate(summary.cameras):
        for gap in one.gaps:
            yield _camera(summary, place) | {
                "first_day": gap.first.isoformat(),
                "last_day": gap.last.isoformat(),
                "days": gap.days,
                "until_end": str(gap.end).lower(),
            }


TABLES = {
    "species": species_table,
    "species_by_deployment": by_deployment_table,
    "species_by_day": by_day_table,
    "events": events_table,
    "activity": activity_table,
    "events_by_hour": hours_table,
    "photos_by_day": photos_table,
    "effort": effort_table,
    "gaps": gaps_table,
}
"""Every table by its file's name without the suffix."""

_SPECIES = ("species", "english", "spanish", "scientific", "kind")
_CAMERA = ("deployment", "folder")
COLUMNS: Mapping[str, Sequence[str]] = {
    "species": (
        *_SPECIES, "photos", "events", "animals", "events_per_100_trap_nights", "deployments", "undated_photos",
    ),
    "species_by_deployment": (*_CAMERA, *_SPECIES, "photos", "events", "animals"),
    "species_by_day": ("date", *_SPECIES, "events", "animals"),
    "events": (*_CAMERA, *_SPECIES, "start", "end", "photos", "animals"),
    "activity": (*_SPECIES, "events", "kernel_concentration", "hour", "density_per_hour"),
    "events_by_hour": (*_SPECIES, "hour", "events"),
    "photos_by_day": (*_CAMERA, "date", "photos"),
    "effort": (
        *_CAMERA, "place", "latitude", "longitude", "start", "end", "dates_from", "trap_nights", "media",
        "undated_media", "media_outside_dates", "events", "species", "reviewed_media",
    ),
    "gaps": (*_CAMERA, "first_day", "last_day", "days", "until_end"),
}  # fmt: skip
"""The columns of each, so that an empty table has its heading too."""


def table_text(summary: SurveySummary, name: str) -> str:
    """The table of this name as CSV."""
    stream = io.StringIO(newline="")
    _write(csv.writer(stream), summary, name)
    return stream.getvalue()


def write_tables(summary: SurveySummary, folder: Path, *, overwrite: bool = False) -> tuple[Path, ...]:
    """Write every table into `folder`, which is made; the files.

    Raises `UsageError` where one of them is there already and nobody said that it may be replaced, `AvistarError`
    when the disk fails.
    """
    targets = {name: folder / f"{name}.csv" for name in TABLES}
    for target in targets.values():
        check_new(target, overwrite=overwrite)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError("{folder} can't be made ({reason})", folder=folder, reason=reason_of(error)) from error
    for name, target in targets.items():
        with writing(target, encoding="utf-8-sig") as stream:
            _write(csv.writer(stream), summary, name)
    return tuple(targets.values())


def _grouped(one: Integers, other: Integers, animals: Integers) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Each pair that occurs, in order, with how many events and animals it has."""
    pairs, places = np.unique(np.stack([one, other], axis=1), axis=0, return_inverse=True)
    numbers = np.bincount(places.reshape(-1), minlength=len(pairs))
    sums = np.bincount(places.reshape(-1), animals, minlength=len(pairs))
    for (first, second), number, total in zip(pairs.tolist(), numbers.tolist(), sums.tolist(), strict=True):
        yield first, second, (number, int(total))


def _write(writer: _Writer, summary: SurveySummary, name: str) -> None:
    writer.writerow(COLUMNS[name])
    for row in TABLES[name](summary):
        writer.writerow(csv_texts(row))


class _Writer(Protocol):
    def writerow(self, row: Sequence[str], /) -> object: ...


def _named(one: SpeciesFigures) -> dict[str, Cell]:
    species = one.species
    values = (species.id, species.english, species.spanish, species.scientific, one.kind)
    return dict(zip(_SPECIES, values, strict=True))


def _camera(summary: SurveySummary, place: int) -> dict[str, Cell]:
    one = summary.cameras[place]
    return dict(zip(_CAMERA, (one.name, folder_parts(one.folder)[0]), strict=True))
