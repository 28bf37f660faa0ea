"""A bundle's last layer fitted again for web photos and camera-trap frames alike; the network below it stays.

Everything is chosen and calibrated by layers that met neither the frame's camera nor the animal; decision record 0127
says what was compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.base_model import BaseModel
from avistar.adaptation.embedding_store import EmbeddingStore, Role
from avistar.adaptation.lesson import LearnedHead
from avistar.bundle import ModelBundle
from avistar.errors import UsageError
from avistar.evaluation.metrics import accepting, fit_temperature
from avistar.manifest import Artifact, Calibration
from avistar.progress import StepProgress
from avistar_train.refit_examples import (
    ALWAYS,
    Array,
    Examples,
    frame_folds,
    frame_weights,
    joined,
    kind_of,
    of_views,
    rarity,
    row_folds,
)
from avistar_train.refit_fit import Held, Judged, RefitSettings, Refitting, judge
from avistar_train.refit_material import Material, Places, read_material
from avistar_train.refit_views import BOX, WHOLE, Sample, looker_of

KNOWN_VIEWS = (WHOLE, "whole mirrored", BOX, "box mirrored")
"""How frames of known species are seen while the layer is fitted."""

STRANGE_VIEWS = (WHOLE, BOX)
"""How frames of all else are seen."""


@dataclass(frozen=True, slots=True)
class RefitPlan:
    """What `refitted` is asked for: `kept` is a file in which embeddings wait for the next run."""

    bundle: Path
    places: Places
    detector: Path | None = None
    kept: Path | None = None
    seed: int = 7
    settings: RefitSettings = field(default_factory=RefitSettings)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Embeddings float32 [N, features]: of the frames by view, and of photos that the split doesn't list."""

    frames: dict[str, Array]
    later: Array


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is fitted to and judged on: a base with its store, material, and how its network sees that."""

    base: BaseModel
    material: Material
    seen: Seen
    seed: int

    @property
    def store(self) -> EmbeddingStore:
        """The embeddings of the base's own photos."""
        assert self.base.store is not None  # noqa: S101 `refitted` asks for one
        return self.base.store

    @property
    def truth(self) -> NDArray[np.int64]:
        """What each frame shows, int64 [frames], -1 for none of the species."""
        return self.indices([frame.sample for frame in self.material.frames])

    @property
    def animals(self) -> list[str]:
        """The name of each frame's animal, then of each photo of another one; "" where there is none."""
        strangers = [self.store.species[row] for row in self.store.rows(Role.OTHER)]
        return [frame.animal for frame in self.material.frames] + strangers

    @property
    def folds(self) -> NDArray[np.int64]:
        """The fold of each frame, then of each photo of another animal, int64 [frames + others]."""
        names, groups = self.animals, [frame.sample.group for frame in self.material.frames]
        strangers = len(names) - len(groups)
        known = np.concatenate([self.truth >= 0, np.zeros(strangers, bool)])
        return frame_folds(known, names, [*groups, *(f"stranger {i}" for i in range(strangers))], self.seed)

    def indices(self, samples: Sequence[Sample]) -> NDArray[np.int64]:
        """The index of each sample's species, -1 for none of them."""
        place = {id: i for i, id in enumerate(self.base.ids)}
        return np.array([place.get(sample.species, -1) for sample in samples], np.int64)

    def refitting(self, settings: RefitSettings) -> Refitting:
        """The examples with their weights and folds."""
        parts = []
        for role, weigh in ((Role.TRAIN, 1.0), (Role.VALIDATION, settings.unseen)):
            rows = self.store.rows(role)
            truth = self.store.truth(rows, self.base.ids)
            fold = row_folds(len(rows)) if role == Role.VALIDATION else np.full(len(rows), ALWAYS)
            parts.append(Examples(self.store.embedding(rows), truth, weigh * rarity(truth), fold))
        later = self.indices(self.material.later)
        if len(later):
            weight = np.full(len(later), settings.unseen)
            parts.append(Examples(self.seen.later, later, weight, np.full(len(later), ALWAYS)))
        parts.append(self._known_frames(settings))
        return Refitting(self.base, joined(parts), self._strange(), settings)

    def _known_frames(self, settings: RefitSettings) -> Examples:
        truth = self.truth
        rows = np.flatnonzero(truth >= 0)
        groups = [self.material.frames[i].sample.group for i in rows]
        weight = settings.frame * frame_weights(truth[rows], groups)
        return of_views([self.seen.frames[view][rows] for view in KNOWN_VIEWS], truth[rows], weight, self.folds[rows])

    def _strange(self) -> Examples:
        """What is none of the species: a class for each kind of animal, and one for blanks, vehicles and persons."""
        kinds = [kind_of(name) for name in self.animals]
        place = {name: i for i, name in enumerate(sorted(set(kinds)))}
        classes = np.array([place[name] for name in kinds], np.int64)
        truth, fold = self.truth, self.folds
        rows = np.flatnonzero(truth < 0)
        groups = [self.material.frames[i].sample.group for i in rows]
        weight = frame_weights(classes[rows], groups)
        parts = [of_views([self.seen.frames[view][rows] for view in STRANGE_VIEWS], classes[rows], weight, fold[rows])]
        photos = classes[len(truth) :]
        if len(photos):
            parts.append(Examples(self._strangers(), photos, rarity(photos), fold[len(truth) :]))
        return joined(parts)

    def _strangers(self) -> Array:
        return self.store.embedding(self.store.rows(Role.OTHER))

    def judged(self, refitting: Refitting, progress: StepProgress) -> Judged:
        """Frames, validation photos and other animals answered by layers that met none of them."""
        rows = self.store.rows(Role.VALIDATION)
        truth, fold = self.truth, self.folds
        whole, boxes = (Held(self.seen.frames[view], truth, fold[: len(truth)]) for view in (WHOLE, BOX))
        chosen = Held(self.store.embedding(rows), self.store.truth(rows, self.base.ids), row_folds(len(rows)))
        strangers = self._strangers()
        others = Held(strangers, np.full(len(strangers), -1), fold[len(truth) :])
        return Judged(*judge(refitting, (whole, boxes, chosen, others), progress))


@dataclass(frozen=True, slots=True, eq=False)
class Refitted:
    """A base's new layer, what judged it, and what it was fitted to."""

    ground: Ground
    learned: LearnedHead
    judged: Judged


def refitted(plan: RefitPlan, *, progress: StepProgress) -> Refitted:
    """Look at everything, judge by cross-validation, and fit to all of it. Raises `UsageError`, `BundleError`."""
    ground = ground_of(plan, progress=progress)
    refitting = ground.refitting(plan.settings)
    judged = ground.judged(refitting, progress)
    head, others = refitting.fit()
    return Refitted(
        ground, LearnedHead(tuple(ground.base.ids), head, others, calibrated(judged, plan.settings)), judged
    )


def ground_of(plan: RefitPlan, *, progress: StepProgress) -> Ground:
    """Read the material and look at it. Raises `UsageError`, `BundleError`."""
    base = BaseModel.of(ModelBundle.open(plan.bundle))
    if base.store is None:
        raise UsageError(
            "{folder} carries no embeddings: avistar train embeddings {folder} adds them", folder=plan.bundle
        )
    material = read_material(base.bundle, plan.places, plan.detector, progress=progress)
    return Ground(base, material, _seen(base, material, plan, progress), plan.seed)


def calibrated(judged: Judged, settings: RefitSettings) -> Calibration:
    """Temperature and floor from validation photos, which layers answered that didn't learn from them."""
    chosen = judged.validation
    return Calibration(fit_temperature(chosen.logits, chosen.truth), accepting(chosen.familiarity, settings.accepted))


def test_photos(ground: Ground, artifact: Artifact, kept: Path | None, progress: StepProgress) -> Array:
    """The test photos of the split as `artifact` sees them, float32 [N, features]."""
    with closing(looker_of(ground.base, artifact, kept, progress)) as looker:
        return looker.look(ground.material.test, (WHOLE,))[WHOLE]


def _seen(base: BaseModel, material: Material, plan: RefitPlan, progress: StepProgress) -> Seen:
    samples = [frame.sample for frame in material.frames]
    known = [i for i, sample in enumerate(samples) if sample.species in base.ids]
    with closing(looker_of(base, base.artifact, plan.kept, progress)) as looker:
        frames = looker.look(samples, STRANGE_VIEWS)
        more = looker.look([samples[i] for i in known], [view for view in KNOWN_VIEWS if view not in STRANGE_VIEWS])
        for view, some in more.items():
            frames[view] = np.zeros_like(frames[WHOLE])
            frames[view][known] = some
        later = looker.look(material.later, (WHOLE,))[WHOLE] if material.later else np.zeros((0, 0), np.float32)
        return Seen(frames, later)
