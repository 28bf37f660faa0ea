"""Answers of an artifact to some photos, kept on this computer so that they are worked out once. Knows no Qt.

A survey's map, kept beside its file so that it is worked out once. Plain arrays; knows no Qt.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from avistar import ModelBundle
from avistar.arrays import TEXT, ArrayError, array, load_arrays
from avistar.decision import softmax
from avistar.errors import BundleError
from avistar.files import content_key, replaced
from avistar_gui.analysis.data.study import Rows, Study, judged
from avistar_gui.analysis.data.worker import WorkerRequest, WorkerResult


def answers_folder() -> Path:
    """Where answers are kept: a cache, which may be emptied at any time."""
    return Path(platformdirs.user_cache_dir("avistar", appauthor=False)) / "answers"


@dataclass(frozen=True, slots=True, eq=False)
class CachedAnswers:
    """What an artifact answered to N photos: `keys` tell what it saw, `logits` float32 [N, species]."""

    keys: tuple[str, ...]
    logits: NDArray[np.float32]


def answers_file(sha256: str) -> Path:
    """Where the answers of the artifact with this file are kept."""
    return answers_folder() / f"{sha256[:32]}.npz"


def keys_of(study: Study, where: str) -> list[str]:
    """By which each photo of `study`, which lie in `where`, is known again: its content and box; "" if it is gone."""
    survey = study.survey
    if survey is None:
        return [_content(os.path.join(where, name)) for name in study.files]  # noqa: PTH118 - names of any bytes
    return [
        content if box is None else f"{content} {box.left:.6f} {box.top:.6f} {box.width:.6f} {box.height:.6f}"
        for content, box in zip(survey.contents, survey.boxes, strict=True)
    ]


def request_for(study: Study, where: str, rows: Rows, *, folder: str, file: str) -> WorkerRequest:
    """What it takes to have an artifact answer these rows of `study`."""
    boxes = [study.survey.boxes[row] if study.survey is not None else None for row in rows]
    return WorkerRequest(
        folder=folder,
        file=file,
        photos=[os.path.join(where, study.files[row]) for row in rows],  # noqa: PTH118 - names of any bytes
        boxes=[None if box is None else [box.left, box.top, box.width, box.height] for box in boxes],
        result="",
    )


def read_known(path: Path) -> CachedAnswers | None:
    """The answers in `path`, None where there are none that can be read."""
    try:
        stored = load_arrays(path)
        keys = tuple(str(one) for one in array(stored, "keys", TEXT, (None,)))
        logits = array(stored, "logits", "f", (len(keys), None)).astype(np.float32)
    except ArrayError:
        return None
    return CachedAnswers(keys, logits) if np.isfinite(logits).all() else None


def add(path: Path, keys: Sequence[str], looked: WorkerResult) -> CachedAnswers:
    """Keep the answers to photos with these `keys` beside those of earlier. Raises `AvistarError` where it can't."""
    earlier = read_known(path)
    rows = [row for row, key in enumerate(keys) if key and looked.read[row]]
    known = CachedAnswers(tuple(keys[row] for row in rows), looked.logits[rows])
    if earlier is not None and earlier.logits.shape[1] == known.logits.shape[1]:
        fresh = set(known.keys)
        old = [row for row, key in enumerate(earlier.keys) if key not in fresh]
        known = CachedAnswers(
            (*(earlier.keys[row] for row in old), *known.keys), np.concatenate([earlier.logits[old], known.logits])
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as partial, partial.open("xb") as stream:
        np.savez(stream, keys=np.array(known.keys), logits=known.logits)
    return known


def looked_up(known: CachedAnswers | None, keys: Sequence[str]) -> WorkerResult | None:
    """What is known of photos with these `keys`; None where that is nothing."""
    if known is None:
        return None
    place = {key: row for row, key in enumerate(known.keys)}
    rows = np.array([place.get(key, -1) for key in keys], np.int64)
    read = rows >= 0
    if not read.any():
        return None
    logits = np.zeros((len(keys), known.logits.shape[1]), np.float32)
    logits[read] = known.logits[rows[read]]
    return WorkerResult(read, logits, np.zeros((0, 0), np.float16), np.zeros((0, 2), np.float32))


def _content(path: str) -> str:
    try:
        return content_key(path, os.stat(path).st_size)  # noqa: PTH116 - names of any bytes
    except OSError:
        return ""


def answered(study: Study, looked: WorkerResult, folder: str, file: str) -> Study:
    """The photos of `study` as another artifact answers them. Raises `BundleError`.

    Photos that could not be read, and species that its bundle doesn't know, are left out.
    """
    bundle = ModelBundle.open(folder)
    artifact = next((one for one in bundle.manifest.artifacts if one.file == file), None)
    species = bundle.manifest.species
    if artifact is None or looked.logits.shape != (len(study.files), len(species)):
        raise BundleError("the bundle in {folder} is not the one that answered these photos", folder=folder)
    places = {one.id: index for index, one in enumerate(species)}
    known = np.array([places.get(one.id, -1) for one in study.species], np.int64)
    truth = known[study.truth]
    rows: Rows = np.flatnonzero(looked.read & (truth >= 0))
    if not len(rows):
        raise BundleError("none of the {number} photos could be read and judged", number=len(study.files))
    probabilities = softmax(looked.logits[rows], artifact.calibration.temperature)
    return replace(
        study,
        name=bundle.manifest.name,
        artifact=f"{artifact.format} {artifact.precision}",
        species=species,
        files=tuple(study.files[row] for row in rows),
        truth=truth[rows],
        probabilities=probabilities,
        map=np.zeros((0, 2), np.float32),
        report=judged(probabilities, truth[rows], species),
        history=(),
        survey=None,
    ).prepare()


SUFFIX = ".map.npz"

MOST = 5000
"""Photos on a map; t-SNE takes minutes for so many on two cores, and the eye sees clouds, no more with more."""


def wanted_rows(contents: Sequence[str], most: int = MOST) -> NDArray[np.int64]:
    """The rows that belong on the map: all, or of more than `most` those with the least `contents`.

    Contents are hashes, so that is a fair draw, and one that stays the same while more photos are reviewed.
    """
    known = np.array([row for row, content in enumerate(contents) if content], np.int64)
    if len(known) > most:
        first = (int.from_bytes(contents[row].encode()[:7].ljust(7, b"0")) for row in known)
        ranks = np.fromiter(first, np.int64, len(known))  # `sorted` would hold up every other thread
        known = np.sort(known[np.argsort(ranks, kind="stable")[:most]])
    return known


@dataclass(frozen=True, slots=True, eq=False)
class CachedMap:
    """Where N photos lie, by `contents` (`files.content_key`) that outlive a move; `artifact` (SHA-256) saw them.

    `embedding` float16 [N, features] is what the network made of each, so that a renewed map looks only at new
    photos; `places` float32 [N, 2].
    """

    artifact: str
    contents: tuple[str, ...]
    embedding: NDArray[np.float16]
    places: NDArray[np.float32]


def map_file(survey: str) -> Path:
    """Where the map of the catalogue `survey` is kept."""
    return Path(survey + SUFFIX)


def read_map(path: Path) -> CachedMap | None:
    """The map in `path`; None where there is none, or one that can't be read: it is only worked out again."""
    try:
        stored = load_arrays(path)
        artifact = str(array(stored, "artifact", TEXT, ()))
        contents = tuple(str(one) for one in array(stored, "contents", TEXT, (None,)))
        embedding = array(stored, "embedding", "f", (len(contents), None)).astype(np.float16)
        places = array(stored, "places", "f", (len(contents), 2)).astype(np.float32)
    except ArrayError:
        return None
    return CachedMap(artifact, contents, embedding, places) if np.isfinite(places).all() else None


def write_map(path: Path, kept: CachedMap) -> None:
    """Keep a map. Raises `UsageError` and `AvistarError` where it can't be written."""
    with replaced(path) as partial, partial.open("xb") as stream:
        np.savez(
            stream,
            artifact=np.array(kept.artifact),
            contents=np.array(kept.contents),
            embedding=kept.embedding,
            places=kept.places,
        )


def places_of(kept: CachedMap | None, contents: Sequence[str], artifact: str) -> NDArray[np.float32]:
    """Where photos of these `contents` lie, float32 [N, 2], NaN for those that are not on the map.

    [0, 2] without a map of this artifact, and where none of them is on it.
    """
    if kept is None or kept.artifact != artifact:
        return np.zeros((0, 2), np.float32)
    row = {content: i for i, content in enumerate(kept.contents) if content}
    rows = np.array([row.get(content, -1) for content in contents], np.int64)
    if not (rows >= 0).any():
        return np.zeros((0, 2), np.float32)
    places = kept.places[rows]
    places[rows < 0] = np.nan
    return places
