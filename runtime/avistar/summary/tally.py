"""What is counted while a survey's media pass by, one after the other."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from avistar.catalogue import CameraFolder, Occurrence
from avistar.catalogue.deployments import FolderIndex, folder_text
from avistar.formats.camtrap_dp.cells import number_of
from avistar.summary.effort import CameraFigures, stated_moment
from avistar.summary.events import day_of, moment_of

ANIMALS = ("species", "group")
"""Kinds that are animals."""

_KINDS = (*ANIMALS, "person", "vehicle")
_DAY_S = 86_400


@dataclass(slots=True)
class _Camera:
    number: int
    media: int = 0
    undated: int = 0
    reviewed: int = 0
    latitude: float | None = None
    longitude: float | None = None
    ends: tuple[int, int] | None = None
    by_day: Counter[int] = field(default_factory=Counter)

    def add(self, one: Occurrence) -> None:
        self.media += 1
        self.reviewed += one.reviewed
        if self.latitude is None:
            self.latitude, self.longitude = one.latitude, one.longitude
        if one.at is None:
            self.undated += 1
            return
        self.by_day[one.at // _DAY_S] += 1
        first, last = self.ends or (one.at, one.at)
        self.ends = min(first, one.at), max(last, one.at)

    def figures(self, folder: str, stated: CameraFolder | None, survey: str) -> CameraFigures:
        facts = stated.facts if stated else {}
        start, end = (stated_moment(facts, name) for name in ("deploymentStart", "deploymentEnd"))
        latitude, longitude = number_of(facts.get("latitude", ""), 90), number_of(facts.get("longitude", ""), 180)
        known = latitude is not None and longitude is not None
        first, last = map(moment_of, self.ends) if self.ends else (None, None)
        by_day = {day_of(day): number for day, number in sorted(self.by_day.items())}
        outside = sum(
            number for day, number in by_day.items() if (start and day < start.date()) or (end and day > end.date())
        )
        return CameraFigures(
            folder=folder,
            name=facts.get("locationName") or facts.get("deploymentID") or folder_text(folder) or survey,
            place=facts.get("locationName", ""),
            latitude=latitude if known else self.latitude,
            longitude=longitude if known else self.longitude,
            start=start or first,
            end=end or last,
            stated=start is not None and end is not None,
            media=self.media,
            undated=self.undated,
            outside=outside,
            reviewed=self.reviewed,
            by_day=by_day,
        )


@dataclass(slots=True)
class Tally:
    """Sums that grow with species, cameras and days, and four numbers for each species of a photo.

    Attributes:
        stated: The cameras' folders that people spoke of, by folder.
        folders: Those of the other cameras.
        whats: A number for each (kind, id) that was seen.
        numbers: Media: all ("media"), "empty", "unknown", "unanswered".
        columns: Number of the species, number of the camera, seconds of the clock since 1970, how many animals.
        photos: Media by (number of the species, number of the camera).
        undated: Media without a time by the number of the species.
    """

    stated: Mapping[str, CameraFolder]
    folders: Sequence[str] = ()
    whats: dict[tuple[str, str], int] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)
    columns: tuple[array[int], ...] = field(default_factory=lambda: tuple(array("q") for _ in range(4)))
    photos: Counter[tuple[int, int]] = field(default_factory=Counter)
    undated: Counter[int] = field(default_factory=Counter)
    _index: FolderIndex = field(init=False)
    _cameras: dict[str, _Camera] = field(default_factory=dict)
    _things: dict[tuple[str, str], int] = field(default_factory=dict)
    _last: Occurrence | None = None

    def __post_init__(self) -> None:
        self._index = FolderIndex([*self.stated, *self.folders])
        for folder in self.stated:
            self._camera(folder)

    def add(self, one: Occurrence) -> None:
        """Take in one thing of a medium; those of one medium follow each other."""
        if self._last is None or one.medium != self._last.medium:
            self.close()
            self._last = one
        if one.kind:
            key = (one.kind, one.what)
            self._things[key] = self._things.get(key, 0) + one.number

    def close(self) -> None:
        """Count the medium whose things have passed by."""
        one, things = self._last, self._things
        self._last, self._things = None, {}
        if one is None:
            return
        camera = self._camera(self._index.camera(one.file, 1, one.serial))
        camera.add(one)
        kinds = {kind for kind, _ in things}
        self.numbers["media"] += 1
        for name in kinds & {"empty", "unknown"} or ({"unanswered"} if not kinds else ()):
            self.numbers[name] += 1
        for key, count in things.items():
            if key[0] in _KINDS:
                self._count(self.whats.setdefault(key, len(self.whats)), camera.number, one.at, count)

    def cameras_of(self, survey: str) -> list[CameraFigures]:
        """The cameras in the order of their numbers; `survey` is the name of the survey's folder."""
        found = [one.figures(folder, self.stated.get(folder), survey) for folder, one in self._cameras.items()]
        times = Counter(one.name for one in found)
        return [one if times[one.name] == 1 else replace(one, name=self._other_name(one)) for one in found]

    def _other_name(self, one: CameraFigures) -> str:
        """What sets a deployment apart from another one at the same place."""
        stated = self.stated.get(one.folder)
        return (stated.facts.get("deploymentID") if stated else "") or folder_text(one.folder) or one.name

    def _camera(self, folder: str) -> _Camera:
        if folder not in self._cameras:
            self._cameras[folder] = _Camera(len(self._cameras))
        return self._cameras[folder]

    def _count(self, what: int, camera: int, at: int | None, count: int) -> None:
        self.photos[what, camera] += 1
        if at is None:
            self.undated[what] += 1
            return
        for column, value in zip(self.columns, (what, camera, at, count), strict=True):
            column.append(value)
