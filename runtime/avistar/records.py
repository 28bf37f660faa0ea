"""What a survey is made of: media, the regions that were identified in them, and what people say of them.

Plain values that the catalogue stores, the formats write and the desktop app shows. Touches no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from avistar.boxes import Box as Box
from avistar.decision import Decision
from avistar.identification import INCOMPLETE, Failure, Identification
from avistar.images.geometry import Source
from avistar.manifest import BoxCategory as BoxCategory
from avistar.species import Group, Species

MediumKind = Literal["photo", "video"]
Verdict = Literal["species", "unknown", "empty", "person", "vehicle"]
Sex = Literal["", "female", "male"]
LifeStage = Literal["", "adult", "subadult", "juvenile"]


@dataclass(frozen=True, slots=True)
class Capture:
    """What the camera wrote into a medium (EXIF 2.32); every field is empty where it wrote nothing usable.

    `taken_at` is naive (the camera's own clock) unless the file or the user gave a time zone. `latitude`
    and `longitude` in degrees, WGS 84. `unreadable` names the fields that held nonsense.
    `recorded_at` is what the camera's clock said where its deployment shifts it, so that `taken_at` differs.
    """

    taken_at: datetime | None = None
    camera: str = ""
    serial: str = ""
    latitude: float | None = None
    longitude: float | None = None
    unreadable: tuple[str, ...] = ()
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Medium:
    """One photo or video file of a survey.

    `path` is absolute, as `os.fsdecode` gives it; `relative` is below the survey's folder, with "/" between
    its parts. `bytes` and `modified_ns` as the file system says; `content` is the key by which a moved file
    is known again (`files.content_key`), empty where nobody read it; `width` and `height` in pixels after
    orientation, 0 where unknown; `duration_s` in seconds and `frame_rate` in frames a second for videos.
    """

    path: str
    relative: str
    kind: MediumKind = "photo"
    bytes: int = 0
    modified_ns: int = 0
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    capture: Capture = Capture()
    content: str = ""
    frame_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a medium that an answer is about: all of it, a box, a moment of a video, or both.

    `time_s` in seconds from the video's start; None for a photo, and for the answer about a whole video.
    """

    box: Box | None = None
    time_s: float | None = None


WHOLE = Region()


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What another program says of a medium, kept beside our answer and never in its place.

    `label` in its own words: SpeciesNet's has seven parts, `id;class;order;family;genus;species;common name`.
    `confidence` from 0 to 1, None where it names none; `source` is the program and its version.
    """

    label: str
    confidence: float | None
    source: str

    @property
    def name(self) -> str:
        """The last part of the label that says something: as a rule the common name."""
        return next((part for part in reversed(self.label.split(";")) if part.strip()), self.label)


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """What another network answers to a medium, kept beside the answer that stands and never in its place.

    Attributes:
        bundle: The name of the other model's bundle.
        precision: Of the artifact that answered.
        decision: What it decided, with its confidence (0 to 1).
        taxon: The species or group as that model names it, None for unknown.
        differs: Whether the answer that stands names something else.
    """

    bundle: str
    precision: str
    decision: Decision
    taxon: Species | Group | None
    differs: bool


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One thing to identify: where it comes from, which part of it, and its pixels or how to get them.

    The pictures of one medium follow each other. `source` None: a detector looked, and there is nothing to
    identify: a blank, or where `region` has a box, a person or a vehicle. A `Failure`: already known to be
    unreadable. `around`: what lies around `source`, whose answer is averaged with it. `flags` are what is known
    of pixels that were decoded before. `tentative`: no detector found anything, so that only a name counts.
    `opinion`: what another program says of the medium.
    """

    medium: Medium
    source: Source | Failure | None
    region: Region = WHOLE
    around: Source | None = None
    flags: tuple[str, ...] = ()
    tentative: bool = False
    opinion: SecondOpinion | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """The answer to one region of a medium."""

    region: Region
    identification: Identification


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that a person says is in a medium: an animal or several alike, a person, a vehicle, or nothing.

    Attributes:
        kind: What it is; "empty" on a box says that nothing is there.
        species: The species' id where `kind` is "species", else "".
        count: How many; None where nobody counted, which is at least one.
        sex: Of the animals, "" where not said.
        life_stage: Of the animals, "" where not said.
        behavior: What they do, in any words.
        individual: The name of one that is known.
        tags: Whatever else it is to be found by.
        comment: In any words.
        box: Where it is, None for somewhere in the picture.
        time_s: When in a video, in seconds from its start.
    """

    kind: Verdict
    species: str = ""
    count: int | None = None
    sex: Sex = ""
    life_stage: LifeStage = ""
    behavior: str = ""
    individual: str = ""
    tags: tuple[str, ...] = ()
    comment: str = ""
    box: Box | None = None
    time_s: float | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What a person says of a medium. Reviews are never altered: a later one counts, and undoing adds to the history.

    Attributes:
        verdict: What it comes to.
        species: A species' id where the verdict is "species", else "".
        reviewer: Who says so.
        at: When; aware, UTC.
        sightings: Each thing that is there; () where the verdict says all there is to say.
        whole: Whether it speaks of the whole medium. If not, what the machine says of other boxes counts too.
    """

    verdict: Verdict
    species: str
    reviewer: str
    at: datetime
    sightings: tuple[Sighting, ...] = ()
    whole: bool = True

    @classmethod
    def of(cls, sightings: Iterable[Sighting], reviewer: str, at: datetime, *, whole: bool = True) -> Review:
        """The review that says `sightings`: its verdict is the first animal, else person, vehicle, unknown, empty."""
        said = tuple(sightings)
        order: tuple[Verdict, ...] = ("species", "person", "vehicle", "unknown", "empty")
        first = min(said, key=lambda one: order.index(one.kind), default=Sighting("empty"))
        plain = whole and said in ((), (Sighting(first.kind, first.species),))
        return cls(first.kind, first.species, reviewer, at, () if plain else said, whole)

    @property
    def statement(self) -> tuple[Sighting, ...]:
        """Each thing that the review says is there, also where that is only its verdict."""
        return self.sightings or (Sighting(self.verdict, self.species),)


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment and tags on a whole medium; the last one counts.

    Attributes:
        comment: In any words, "" for none.
        tags: What the medium is to be found by.
        reviewer: Who says so.
        at: When; aware, UTC.
    """

    comment: str
    tags: tuple[str, ...]
    reviewer: str
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One medium with everything known of it.

    `observations` in the order of their regions; empty where `failure` is set or the medium is a blank
    (`blank`). `sequence` names the burst that it belongs to, "" for none, and `together` is the answer to
    the burst, or to the video, as a whole. `review` is the review that counts. `present` is False once the
    file vanished. `remark` is the comment that counts. `species` are the survey's own among those that are named.
    `answered_at` is when the machine answered (aware), None where that is not known. `opinion` is another program's,
    `others` are what other networks answer.
    """

    medium: Medium
    observations: tuple[Observation, ...] = ()
    detections: tuple[Box, ...] = ()
    failure: Failure | None = None
    blank: bool = False
    sequence: str = ""
    together: Identification | None = None
    review: Review | None = None
    present: bool = True
    remark: Remark | None = None
    species: tuple[Species, ...] = ()
    answered_at: datetime | None = None
    opinion: SecondOpinion | None = None
    others: tuple[OtherAnswer, ...] = ()

    @property
    def identification(self) -> Identification | None:
        """The answer that stands for the medium: its burst's or video's, else its surest region's."""
        if self.together is not None:
            return self.together
        return max((one.identification for one in self.observations), key=_confidence, default=None)

    @property
    def incomplete(self) -> bool:
        """Whether only a part of the file could be read and identified."""
        return any(INCOMPLETE in one.identification.flags for one in self.observations)


def _confidence(identification: Identification) -> float:
    return identification.decision.confidence if identification.decision else -1.0


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """What holds for every record of a survey: provenance that every format carries.

    `species` and `groups` ids in the order of `Identification.probabilities`; `only` the site's list, empty
    for all; `settings` everything else that a run needs to be repeated, as text.
    """

    folder: str
    created_at: datetime
    software: str
    species: tuple[str, ...]
    only: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def folder_name(self) -> str:
        """`folder` as it may leave this computer: its name, without where it lies."""
        return _last_part(self.folder)

    @property
    def published(self) -> dict[str, str]:
        """`settings` as they may leave this computer: files and folders by their names alone."""
        told = {name: value for name, value in self.settings.items() if name != UNJOINED}
        return {name: _last_part(value) if name in _PATHS else value for name, value in told.items()}


UNJOINED = "bursts_to_join"
"""A survey's setting while a run has answered photos whose bursts it has not joined yet."""

_PATHS = ("detections", "detector_folder")


def _last_part(path: str) -> str:
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


Records = Iterable[Record]
