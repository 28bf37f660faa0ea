"""What can be shown and compared: bundles with their artifacts, and surveys. Knows no Qt.

A survey's reviewed photos as a study: what people say is the truth, what the model had said is judged. Knows no Qt.

The model's own answer counts, as it was stored when the photo was identified: never what a review made of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np

from avistar import ModelBundle, Species
from avistar.bundle import bundle_places, find_bundles
from avistar.catalogue import Catalogue, ReviewedPhotos, ReviewedSurvey
from avistar.errors import AvistarError, BundleError
from avistar.evaluation.stored import has_analysis, read_analysis
from avistar.files import printable
from avistar.message import Message
from avistar.split import read_split
from avistar_gui.analysis.data.cache import map_file, places_of, read_map, wanted_rows
from avistar_gui.analysis.data.study import Exclusions, Rows, Study, StudyFacts, judged


@dataclass(frozen=True, slots=True)
class ArtifactChoice:
    """An executable form of a bundle: its `form` ("onnx int8"), its file in the bundle and that file's SHA-256."""

    form: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class BundleChoice:
    """A bundle on this computer; `recorded`: its own answers to its test photos are kept in it."""

    name: str
    folder: str
    artifacts: tuple[ArtifactChoice, ...] = ()
    recorded: bool = True

    def with_sha(self, sha256: str) -> ArtifactChoice | None:
        """The artifact with this file, None where the bundle has none such."""
        return next((one for one in self.artifacts if one.sha256 == sha256), None)


@dataclass(frozen=True, slots=True)
class StudyRequest:
    """What the user chose from a list: a kind, and what it takes to open it."""

    kind: Literal["bundle", "artifact", "survey", "none", "ask"]
    place: str = ""
    file: str = ""

    @property
    def key(self) -> str:
        """The wish as text, for lists that hold only that."""
        return json.dumps((self.kind, self.place, self.file))

    @classmethod
    def of(cls, key: str) -> StudyRequest:
        """The wish with this `key`."""
        kind, place, file = json.loads(key)
        return cls(kind, place, file)


@dataclass(frozen=True, slots=True)
class SurveyPlace:
    """The survey that is open elsewhere in the app: its file, and the folder that it is of."""

    path: str
    folder: str

    @property
    def name(self) -> str:
        """What people call it: the folder's name."""
        return printable(os.path.basename(self.folder) or self.folder)  # noqa: PTH119 - bytes stay as they are


def known_bundles(more: Iterable[str] = ()) -> list[BundleChoice]:
    """Every bundle that ships or lies in the folders `more`; one that can't be opened is passed over."""
    found = []
    for folder in find_bundles([*bundle_places(), *map(Path, more)]):
        try:
            found.append(choice_of(ModelBundle.open(folder)))
        except BundleError:  # the Models screen says what is wrong with it
            continue
    return found


def choice_of(bundle: ModelBundle) -> BundleChoice:
    """`bundle` as it is offered."""
    manifest = bundle.manifest
    artifacts = tuple(
        ArtifactChoice(f"{one.format} {one.precision}", one.file, manifest.files[one.file].sha256)
        for one in manifest.artifacts
        if one.format != "keras" and one.file in manifest.files
    )
    return BundleChoice(manifest.name, str(bundle.folder), artifacts, has_analysis(bundle))


def read_study(folder: Path) -> Study:
    """The study of the test photos of the bundle in `folder`. Raises `BundleError`."""
    bundle = ModelBundle.open(folder)
    return Study.of(bundle, read_analysis(bundle)).prepare()


def read_survey(path: Path, bundles: Iterable[BundleChoice], cancelled: Callable[[], bool]) -> Study:
    """The study of the photos reviewed in the survey at `path`. Raises `CatalogueError`, `NothingToJudge`.

    Ends soon, without one, once it is `cancelled`: closing the window must not wait for a hundred thousand photos.
    """
    if not path.is_file():
        raise AvistarError("{path}: there is no such survey", path=path)
    return read_reviewed(path, [Path(one.folder) for one in bundles], cancelled)


NONE = Species("", "None of the species", "Ninguna de las especies", "", "")
"""What a photo shows that people reviewed as unknown or without an animal."""


class StudyCancelled(Exception):
    """Nobody waits for the study any more."""


class NothingToJudge(AvistarError):
    """No photo of a survey was both answered and reviewed as one of the species; `apart` says what there is."""

    def __init__(self, survey: str, apart: Exclusions) -> None:
        super().__init__(
            Message("{survey}: no photo was both answered and reviewed as one of the species", survey=survey)
        )
        self.apart = apart


def read_reviewed(path: Path, bundles: Sequence[Path] = (), cancelled: Callable[[], bool] = lambda: False) -> Study:
    """The study of the catalogue at `path`; one of `bundles` may tell which photos trained the model.

    Of several models the one that answered most of the reviewed photos is judged. Raises `CatalogueError`,
    `NothingToJudge`.
    """
    with Catalogue.read(path) as catalogue:
        found, folder = catalogue.reviewed(cancelled), catalogue.facts.folder
    if cancelled():
        raise StudyCancelled
    if not found.photos:
        raise NothingToJudge(str(path), Exclusions(unanswered=found.unanswered, videos=found.videos))
    photos, others = found.photos[0], sum(len(one.ids) for one in found.photos[1:])
    return _study(str(path), folder, photos, apart=_apart(found, photos, others), bundles=bundles)


def _study(path: str, folder: str, photos: ReviewedPhotos, *, apart: Exclusions, bundles: Sequence[Path]) -> Study:
    model = photos.model
    truth = _truth(photos)
    rows = np.flatnonzero(truth >= 0)
    if not len(rows):
        raise NothingToJudge(path, apart)
    files = tuple(photos.relatives[row] for row in rows)
    probabilities = photos.probabilities[rows]
    contents = tuple(photos.contents[row] for row in rows)
    apart = replace(apart, trained=_trained(folder, files, model.provenance.bundle, bundles))
    survey = StudyFacts(
        path,
        folder,
        model.provenance.artifact_sha256,
        tuple(photos.boxes[row] for row in rows),
        contents,
        wanted_rows(contents),
        apart,
        _named(photos, truth),
    )
    return Study(
        name=model.provenance.bundle,
        artifact=model.provenance.precision,
        species=model.policy.species,
        groups={group.id: group for group in model.groups},
        files=files,
        truth=truth[rows],
        probabilities=probabilities,
        map=places_of(read_map(map_file(path)), contents, model.provenance.artifact_sha256),
        report=judged(probabilities, truth[rows], model.policy.species),
        survey=survey,
    ).prepare()


def _named(photos: ReviewedPhotos, truth: Rows) -> Study | None:
    """The photos of none of the species that were called one, or a group; to be listed, never to be counted."""
    named = np.array([decision in ("species", "group") for decision in photos.decisions], bool)
    rows = np.flatnonzero((truth < 0) & named)
    if not len(rows):
        return None
    species = (*photos.model.policy.species, NONE)
    probabilities = np.pad(photos.probabilities[rows], ((0, 0), (0, 1)))
    all_none = np.full(len(rows), len(species) - 1, np.int64)
    return Study(
        name=photos.model.provenance.bundle,
        artifact=photos.model.provenance.precision,
        species=species,
        groups={},
        files=tuple(photos.relatives[row] for row in rows),
        truth=all_none,
        probabilities=probabilities,
        map=np.zeros((0, 2), np.float32),
        report=judged(probabilities, all_none, species),
    )


def _truth(photos: ReviewedPhotos) -> Rows:
    """The index of the species that people saw, -1 where it is none of the model's; int64 [N]."""
    places = {species.id: index for index, species in enumerate(photos.model.policy.species)}
    return np.array([places.get(species, -1) for species in photos.species], np.int64)


def _apart(found: ReviewedSurvey, photos: ReviewedPhotos, others: int) -> Exclusions:
    strange = _truth(photos) < 0
    unknown = np.array([decision == "unknown" for decision in photos.decisions], bool)
    return Exclusions(int(strange.sum()), int((strange & unknown).sum()), found.unanswered, others, found.videos)


def _trained(folder: str, files: Sequence[str], name: str, bundles: Sequence[Path]) -> int:
    """How many of `files` end like a photo that trained, or chose, the bundle `name`; 0 where nobody knows."""
    seen: set[str] = set()
    for place in bundles:
        try:
            bundle = ModelBundle.open(place)
            split = read_split(bundle) if bundle.manifest.name == name else None
        except AvistarError:  # its own screen says what is wrong with it
            continue
        if split is not None:
            seen.update(photo.file for photo in (*split.train, *split.validation))
    if not seen:
        return 0
    parts = len(PurePosixPath(next(iter(seen))).parts)
    above = tuple(PurePosixPath(folder.replace("\\", "/")).parts)
    return sum("/".join((*above, *file.split("/"))[-parts:]) in seen for file in files)
