"""Everything that counts in a survey, photo by photo, in one pass: what figures of a survey are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

SQL = """SELECT medium.id, file, serial, CAST(strftime('%s', substr(taken_at, 1, 19)) AS INTEGER),
        medium.review IS NOT NULL, medium.latitude, medium.longitude, coalesce(found.kind, ''), coalesce(what, ''),
        coalesce(found.count, 1)
    FROM medium LEFT JOIN found ON found.medium = medium.id
    WHERE present ORDER BY medium.id, found.position"""


class Occurrence(NamedTuple):
    """One thing that counts in one medium; one of the `kind` "" stands for a medium of which nothing is known.

    Attributes:
        medium: The medium's id; its things follow each other.
        file: Its path below the survey's folder, "/" between the parts.
        serial: The number of its camera, "" where it doesn't tell.
        at: When it was taken, in seconds since 1970-01-01T00:00 of the camera's clock, with its deployment's shift;
            None where that is not known.
        reviewed: Whether a person said what is there.
        latitude: Of the camera as the medium tells it, in degrees, WGS 84.
        longitude: Likewise.
        kind: species, group, unknown, empty, person or vehicle: people's word before the machine's.
        what: A species' or group's id, else the kind.
        number: How many; 1 where nobody counted.
    """

    medium: int
    file: str
    serial: str
    at: int | None
    reviewed: bool
    latitude: float | None
    longitude: float | None
    kind: str
    what: str
    number: int


def read(rows: Iterable[sqlite3.Row]) -> Iterator[Occurrence]:
    """What the rows of `SQL` say."""
    for id, file, serial, at, reviewed, *others in rows:
        yield Occurrence(id, file, serial, at, bool(reviewed), *others)
