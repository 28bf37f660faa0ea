"""What the Teach screen does off the UI thread, and where taught models are kept. Knows no Qt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from avistar.adaptation.derived_bundle import TAUGHT
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.material import NothingReviewed
from avistar.adaptation.session import LessonPlan, Outcome, take_stock, teach
from avistar.bundle import ModelBundle, bundle_places, find_bundles
from avistar.errors import BundleError, UsageError
from avistar.message import Message


@dataclass(frozen=True, slots=True)
class ReviewedSurvey:
    """A survey to learn from: its file, the folder that it is of, how many photos were reviewed."""

    path: str
    folder: str
    reviewed: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What the model in use was taught: its last lesson's facts, and the folder of the model before it, "" if gone."""

    name: str
    species: int
    before: str
    before_folder: str
    date: str
    photos: int
    cameras: int
    taught: tuple[str, ...]


def models_folder(surveys_folder: str) -> Path:
    """Where taught models are kept: beside the surveys."""
    if surveys_folder:
        return Path(surveys_folder).parent / "models"
    return Path(platformdirs.user_data_dir("avistar", appauthor=False)) / "models"


def free_name(folder: Path, wanted: str) -> str:
    """`wanted` as a name that no model in `folder` has: 'Card A', 'Card A 2'."""
    plain = re.sub(r"[^\w .-]+", "_", wanted).strip(" ._")[:60] or "taught"
    number = 1
    while (folder / (name := plain if number == 1 else f"{plain} {number}")).exists():
        number += 1
    return name


def origin_of(folder: str, places: Iterable[str]) -> Origin:
    """What the bundle in `folder` was taught; the one before is looked for in `places`. Raises `BundleError`."""
    manifest = ModelBundle.open(folder).manifest
    lessons: Sequence[dict[str, Any]] = manifest.provenance.get(TAUGHT, ())
    if not lessons:
        return Origin(manifest.name, len(manifest.species), "", "", "", 0, 0, ())
    last = lessons[-1]
    before = _bundle_with(str(last.get("base_sha256", "")), places)
    return Origin(
        manifest.name,
        len(manifest.species),
        str(last.get("base", "")),
        before,
        str(last.get("date", "")),
        int(last.get("photos", 0)),
        int(last.get("cameras", 0)),
        tuple(map(str, last.get("species", ()))),
    )


def _bundle_with(sha256: str, places: Iterable[str]) -> str:
    for folder in find_bundles([*bundle_places(), *map(Path, places)]):
        try:
            if ModelBundle.open(folder).sha256 == sha256:
                return str(folder)
        except (BundleError, OSError):
            continue
    return ""


def stock(surveys: Sequence[str], model: str) -> LessonPlan:
    """What there is to learn from `surveys` for the bundle in `model`. Raises `UsageError` and `BundleError`."""
    try:
        return take_stock([Path(one) for one in surveys], ModelBundle.open(model))
    except NothingReviewed as error:
        raise UsageError("no photo is reviewed yet: say on Identify what is there, and it is learned here") from error


def learn(
    plan: LessonPlan, progress: Callable[[str, int, int], None], cancelled: Callable[[], bool], kept: Path | None = None
) -> Outcome:
    """Learn and judge; nothing is written. Raises what `teach` raises."""
    if not plan.material.photos:
        raise UsageError("there is too little to learn from: review more photos")
    return teach(plan, progress=progress, cancelled=cancelled, kept=KeptEmbeddings(kept) if kept else None)


def write(outcome: Outcome, folder: Path, name: str) -> str:
    """Write the taught model into `folder`, over nothing that is there; where it lies. Raises what `write` raises."""
    target = folder / free_name(folder, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BundleError(Message("{folder} can't be made: {error}", folder=folder, error=error)) from error
    return str(outcome.write(target).folder)
