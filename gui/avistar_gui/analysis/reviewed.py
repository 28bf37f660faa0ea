"""A survey's reviewed photos as a study: what people say is the truth, what the model had said is judged. Knows no Qt.

The model's own answer counts, as it was stored when the photo was identified: never what a review made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from avistar import ModelBundle, Species
from avistar.catalogue import Catalogue, Reviewed, ReviewedPhotos
from avistar.errors import AvistarError
from avistar.split import read_split
from avistar_gui.analysis.kept_map import map_file, places_of, read_map, wanted_rows
from avistar_gui.analysis.study import Apart, Rows, Study, SurveyFacts, judged

NONE = Species("", "None of the species", "Ninguna de las especies", "", "")
"""What a photo shows that people reviewed as unknown or without an animal."""


class Cancelled(Exception):
    """Nobody waits for the study any more."""


class NothingToJudge(AvistarError):
    """No photo of a survey was both answered and reviewed as one of the species; `apart` says what there is."""

    def __init__(self, survey: str, apart: Apart) -> None:
        super().__init__(f"{survey}: no photo was both answered and reviewed as one of the species")
        self.apart = apart


def read_reviewed(path: Path, bundles: Sequence[Path] = (), cancelled: Callable[[], bool] = lambda: False) -> Study:
    """The study of the catalogue at `path`; one of `bundles` may tell which photos trained the model.

    Of several models the one that answered most of the reviewed photos is judged. Raises `CatalogueError`,
    `NothingToJudge`.
    """
    with Catalogue.read(path) as catalogue:
        found, folder = catalogue.reviewed(cancelled), catalogue.facts.folder
    if cancelled():
        raise Cancelled
    if not found.photos:
        raise NothingToJudge(str(path), Apart(unanswered=found.unanswered, videos=found.videos))
    photos, others = found.photos[0], sum(len(one.ids) for one in found.photos[1:])
    return _study(str(path), folder, photos, apart=_apart(found, photos, others), bundles=bundles)


def _study(path: str, folder: str, photos: ReviewedPhotos, *, apart: Apart, bundles: Sequence[Path]) -> Study:
    model = photos.model
    truth = _truth(photos)
    rows = np.flatnonzero(truth >= 0)
    if not len(rows):
        raise NothingToJudge(path, apart)
    files = tuple(photos.relatives[row] for row in rows)
    probabilities = photos.probabilities[rows]
    contents = tuple(photos.contents[row] for row in rows)
    apart = replace(apart, trained=_trained(folder, files, model.provenance.bundle, bundles))
    survey = SurveyFacts(
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


def _apart(found: Reviewed, photos: ReviewedPhotos, others: int) -> Apart:
    strange = _truth(photos) < 0
    unknown = np.array([decision == "unknown" for decision in photos.decisions], bool)
    return Apart(int(strange.sum()), int((strange & unknown).sum()), found.unanswered, others, found.videos)


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
