"""Answers of an artifact to some photos, kept on this computer so that they are worked out once. Knows no Qt."""

from __future__ import annotations

import hashlib
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs

from avistar import ModelBundle
from avistar.decision import softmax
from avistar.errors import BundleError
from avistar.files import replaced
from avistar_gui.analysis.looking import Looked, Request
from avistar_gui.analysis.study import Rows, Study, judged


def answers_folder() -> Path:
    """Where answers are kept: a cache, which may be emptied at any time."""
    return Path(platformdirs.user_cache_dir("avistar", appauthor=False)) / "answers"


def answers_file(study: Study, where: str, sha256: str) -> Path:
    """Where the answers of the artifact `sha256` to the photos of `study`, which lie in `where`, are kept."""
    digest = hashlib.sha256(sha256.encode())
    survey = study.survey
    for name in (where, *study.files) if survey is None else map("{}{}".format, survey.contents, survey.boxes):
        digest.update(os.fsencode(name) + b"\0")
    return answers_folder() / f"{digest.hexdigest()[:32]}.npz"


def request_for(study: Study, where: str, folder: str, file: str) -> Request:
    """What it takes to have an artifact answer the photos of `study`."""
    boxes = study.survey.boxes if study.survey is not None else (None,) * len(study.files)
    return Request(
        folder=folder,
        file=file,
        photos=[os.path.join(where, name) for name in study.files],  # noqa: PTH118 - names of any bytes
        boxes=[None if box is None else [box.left, box.top, box.width, box.height] for box in boxes],
        result="",
    )


def keep(path: Path, looked: Looked) -> None:
    """Keep answers. Raises `AvistarError` where they can't be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as partial, partial.open("xb") as stream:
        np.savez(stream, read=looked.read, logits=looked.logits)


def kept(path: Path) -> Looked | None:
    """The answers in `path`, None where there are none that can be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            read, logits = stored["read"].astype(bool), stored["logits"].astype(np.float32)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    nothing = np.zeros((0, 0), np.float16)
    return Looked(read, logits, nothing, nothing.astype(np.float32)) if len(read) == len(logits) else None


def answered(study: Study, looked: Looked, folder: str, file: str) -> Study:
    """The photos of `study` as another artifact answers them. Raises `BundleError`.

    Photos that could not be read, and species that its bundle doesn't know, are left out.
    """
    bundle = ModelBundle.open(folder)
    artifact = next((one for one in bundle.manifest.artifacts if one.file == file), None)
    species = bundle.manifest.species
    if artifact is None or looked.logits.shape != (len(study.files), len(species)):
        raise BundleError(f"the bundle in {folder} is not the one that answered these photos")
    places = {one.id: index for index, one in enumerate(species)}
    known = np.array([places.get(one.id, -1) for one in study.species], np.int64)
    truth = known[study.truth]
    rows: Rows = np.flatnonzero(looked.read & (truth >= 0))
    if not len(rows):
        raise BundleError(f"none of the {len(study.files)} photos could be read and judged")
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
