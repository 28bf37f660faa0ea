"""What people say of the cameras' folders: place, dates, zone, and how much a clock was wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any

from avistar.catalogue import review_history
from avistar.catalogue.clock import PARTS, FolderIndex, folder_at, folder_parts, folder_text, shared_folder
from avistar.catalogue.clock_shift import ClockShift, clock_text, read_clock
from avistar.catalogue.connection import Store
from avistar.message import Message
from avistar.periods import CapturePeriod, TimeSpan

__all__ = ["CameraFolder", "DeploymentTable", "FolderIndex", "FolderPhotos", "folder_at", "folder_parts",
           "folder_text", "shared_folder"]  # fmt: skip

_NAMED = 5
"""Cameras of one folder that are named."""


@dataclass(frozen=True, slots=True)
class CameraFolder:
    """A folder of one camera.

    Attributes:
        folder: Below the survey's, "/" between its parts; "" for all of it. The longest that holds a photo counts. Of
            a camera that shares it with others as `shared_folder` has it.
        facts: Texts by the names of Camtrap DP's `deployments.csv`, and `timezone`.
        shift: What is added to the camera's clock, for all photos but those of `parts`.
        parts: What is added to it for a part of its time.
    """

    folder: str
    facts: Mapping[str, str] = field(default_factory=dict)
    shift: timedelta = timedelta()
    parts: tuple[ClockShift, ...] = ()

    @property
    def stored_facts(self) -> dict[str, str]:
        """The facts as the catalogue keeps them: with the parts of the clock."""
        return dict(self.facts) | ({PARTS: clock_text(timedelta(), self.parts)} if self.parts else {})

    @classmethod
    def of_row(cls, folder: str, facts: str, shift_s: float) -> CameraFolder:
        """What the catalogue keeps of a folder."""
        known: dict[str, str] = json.loads(facts)
        read = read_clock(known.pop(PARTS, ""))
        return cls(folder, known, timedelta(seconds=shift_s), read[1] if read else ())


@dataclass(slots=True)
class FolderPhotos:
    """What the photos and videos of a folder tell of their camera.

    Attributes:
        folder: Below the survey's.
        media: How many there are.
        undated: Those without a time.
        period: The times, by the camera's clock with its shift; naive.
        latitude: Of the first that tells, in degrees, WGS 84.
        longitude: Likewise.
        camera: Maker and model.
        serial: The camera's number.
        serials: Every camera's, where several shared the folder.
        offsets: The times' offsets from UTC, such as "+02:00", as far as the files name them; "" for one that doesn't.
    """

    folder: str
    media: int = 0
    undated: int = 0
    latitude: float | None = None
    longitude: float | None = None
    camera: str = ""
    serial: str = ""
    serials: set[str] = field(default_factory=set)
    offsets: set[str] = field(default_factory=set)
    period: CapturePeriod = field(default_factory=CapturePeriod)

    @property
    def first(self) -> datetime | None:
        """The earliest time, without those of a clock that was reset."""
        usual = self.period.usual
        return usual.first if usual else None

    @property
    def last(self) -> datetime | None:
        """The latest time, likewise."""
        usual = self.period.usual
        return usual.last if usual else None

    @property
    def outlying_dates(self) -> tuple[Message, ...]:
        """What is said of the times that are not in the period."""
        return tuple(self._apart(one) for one in self.period.outliers)

    @property
    def remarks(self) -> tuple[Message, ...]:
        """What people should know of the folder: dates far from the others, and cameras that share it."""
        if len(self.serials) < 2:
            return self.outlying_dates
        cameras = Message(
            "photos of {number} cameras lie here ({serials}): forget what was written of the folder (`--drop`), and "
            "each has a row of its own",
            number=len(self.serials),
            serials=", ".join(sorted(self.serials)[:_NAMED]),
        )
        return (*self.outlying_dates, cameras)

    @staticmethod
    def _apart(one: TimeSpan) -> Message:
        dates = " – ".join(dict.fromkeys((one.first.date().isoformat(), one.last.date().isoformat())))
        return Message.counted(
            "{number:,} photo of {dates} lies half a year or more from the others: was the camera's clock reset? "
            "It is not in the period that is filled in",
            "{number:,} photos of {dates} lie half a year or more from the others: was the camera's clock reset? "
            "They are not in the period that is filled in",
            one.photos,
            dates=dates,
        )

    @property
    def timezone(self) -> str:
        """The one offset that all times have, "" where they have none, or several."""
        return next(iter(self.offsets)) if len(self.offsets) == 1 else ""

    def add(self, taken_at: str | None, place: tuple[float | None, float | None], camera: str, serial: str) -> None:
        """Take one medium in."""
        self.media += 1
        if taken_at is None:
            self.undated += 1
        else:
            at = datetime.fromisoformat(taken_at)
            self.period.add(at.replace(tzinfo=None, microsecond=0))
            self.offsets.add(_offset_of(at.tzinfo))
        if self.latitude is None:
            self.latitude, self.longitude = place
        self.camera = self.camera or camera
        self.serial = self.serial or serial
        self.serials.update({serial} - {""})


@dataclass(frozen=True, slots=True)
class DeploymentTable:
    """A survey's cameras; every change is one step of the survey's history, undone with `Catalogue.undo`."""

    store: Store

    def all(self) -> tuple[CameraFolder, ...]:
        """Every folder that people spoke of."""
        rows = self.store.rows("SELECT folder, facts, shift_s FROM deployment ORDER BY folder")
        return tuple(CameraFolder.of_row(row[0], row[1], row[2]) for row in rows)

    def change(self, folders: Iterable[CameraFolder], dropped: Iterable[str] = (), *, reviewer: str = "") -> list[int]:
        """Say this of some folders, and that the `dropped` ones are no deployments, as one step.

        Args:
            folders: Each with all its facts: they replace what was said of it.
            dropped: Folders that nobody speaks of any more.
            reviewer: Who says so.

        Returns:
            The media whose time changed. Nothing is stored where nothing changes.
        """
        there = {one.folder: one for one in self.all()}
        said = [one for one in folders if there.get(one.folder) != one]
        gone = [there[folder] for folder in dropped if folder in there]
        return self._add([(one, False) for one in said] + [(one, True) for one in gone], reviewer)

    def replace(self, folders: Iterable[CameraFolder], *, reviewer: str = "") -> list[int]:
        """Say this in place of all there are, as one step; see `change`."""
        said = tuple(folders)
        names = {one.folder for one in said}
        return self.change(said, [one.folder for one in self.all() if one.folder not in names], reviewer=reviewer)

    @property
    def undoable(self) -> bool:
        """Whether the last change that counts is one of cameras or of the project: what `Catalogue.undo` takes back."""
        with self.store.reading() as connection:
            return review_history.undoes_cameras(connection)

    def _add(self, placements: Sequence[tuple[CameraFolder, bool]], reviewer: str) -> list[int]:
        at = datetime.now(UTC).isoformat()
        rows = [
            (one.folder, _json(one.stored_facts), one.shift.total_seconds(), int(dropped), reviewer, at)
            for one, dropped in placements
        ]
        if not rows:
            return []
        with self.store.transaction(durable=True) as connection:
            return review_history.add_placements(connection, rows)

    @property
    def project(self) -> Mapping[str, Any]:
        """What the survey's project is, as Camtrap DP has it; empty where nobody said."""
        rows = self.store.rows("SELECT facts FROM project")
        return dict(json.loads(rows[0][0])) if rows else {}

    def change_project(self, facts: Mapping[str, Any], *, reviewer: str = "") -> None:
        """Say what the survey's project is, as one step."""
        if facts != self.project:
            row = (None, _json(facts), 0.0, 0, reviewer, datetime.now(UTC).isoformat())
            with self.store.transaction(durable=True) as connection:
                review_history.add_placements(connection, [row])

    def clock_spans(self, folder: str) -> tuple[TimeSpan, ...]:
        """The times that a folder's camera wrote, without any shift, in the groups that a reset clock makes; naive.

        Args:
            folder: Below the survey's, "" for all of it.
        """
        period = CapturePeriod()
        sql = (
            "SELECT min(at), max(at) FROM (SELECT coalesce(recorded_at, taken_at) AS at FROM medium "
            "WHERE taken_at IS NOT NULL AND substr(file, 1, length(?1)) = ?1 AND ?2 IN ('', serial)) "
            "GROUP BY substr(at, 1, 10)"
        )
        path, serial = folder_parts(folder)
        for row in self.store.rows(sql, (f"{path}/" if path else "", serial)):
            for at in row:
                period.add(datetime.fromisoformat(at).replace(tzinfo=None))
        return period.spans

    def photos(self, place: Callable[[str, str], str]) -> tuple[FolderPhotos, ...]:
        """What the media tell of their cameras, also those that vanished.

        Args:
            place: The camera's folder of a medium's path and serial number: the same for all of both in one folder.

        Returns:
            The folders that `place` named, in alphabetical order.
        """
        seen: dict[str, FolderPhotos] = {}
        names: dict[tuple[str, str], str] = {}
        sql = "SELECT file, taken_at, latitude, longitude, camera, serial FROM medium"
        for file, taken_at, latitude, longitude, camera, serial in self.store.stream(sql):
            above = file.rpartition("/")[0], serial
            if above not in names:  # as many as there are folders and cameras, not photos
                names[above] = place(file, serial)
            folder = names[above]
            one = seen.get(folder) or seen.setdefault(folder, FolderPhotos(folder))
            one.add(taken_at, (latitude, longitude), camera, serial)
        return tuple(seen[folder] for folder in sorted(seen))


@cache
def _offset_of(zone: tzinfo | None) -> str:
    """The offset of a zone that has one only, such as "+02:00"; "" for none."""
    offset = f"{datetime(1970, 1, 1, tzinfo=zone):%z}"
    return f"{offset[:3]}:{offset[3:5]}" if offset else ""


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(dict(facts), ensure_ascii=False)
