"""What *unknown* compares with, fitted to other animals that were shown: a class more for each of them.

Read off the same embedding as the species, by the fit that teaches new species, with the species held as they are.
How well it does is measured on animals that it never met: decision record 0132.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.base_model import BaseModel, OtherClasses, familiarity
from avistar.adaptation.cross_validation import FOLDS
from avistar.adaptation.embedding_store import Role
from avistar.adaptation.last_layer import Lessons, fit_head
from avistar.adaptation.onnx_head import Head, read_head, with_head
from avistar.bundle import ModelBundle, commit, draft
from avistar.errors import UsageError
from avistar.evaluation.metrics import accepting, ranking_area
from avistar.evaluation.stored import read_analysis, write_analysis
from avistar.manifest import Artifact, Manifest
from avistar.progress import StepProgress
from avistar.split import required_split
from avistar_train.publish import BACKGROUND_FILE, write_card
from avistar_train.refit_examples import ALWAYS, Array, Examples, joined, row_folds

PULL = 3e-3
"""How strongly the new classes are held at nothing, as `last_layer.PULL` counts."""

STRANGER, UNSEEN = 4.0, 4.0
"""What a photo of another animal, and one that only chose, weigh against one that the network learned by heart."""

_AT_FIRST = -1.0
"""Bias of a class that nothing is known of."""


def fit_background(
    head: Head, known: Lessons, strange: Lessons, others: OtherClasses | None = None, *, pull: float = PULL
) -> OtherClasses:
    """A class more in `others` for each kind of animal in `strange`, told from the species of `head` by `known`.

    The truth of `known` counts the species of `head`; that of `strange` are any numbers, one a kind. The species stay
    as they are.
    """
    features, species = head.kernel.shape
    before = others or OtherClasses(np.zeros((features, 0), np.float32), np.zeros(0, np.float32))
    kinds, place = np.unique(strange.truth, return_inverse=True)
    start = Head(
        np.hstack([head.kernel, np.zeros((features, len(kinds)), np.float32)]),
        np.concatenate([head.bias, np.full(len(kinds), _AT_FIRST, np.float32)]),
    )
    both = Lessons(
        np.concatenate([known.embedding, strange.embedding]),
        np.concatenate([known.truth, species + place]),
        np.concatenate([known.weight, strange.weight]),
    )
    fitted = fit_head(both, start, pull=pull, fixed=species)
    return OtherClasses(
        np.hstack([before.kernel, fitted.kernel[:, species:]]).astype(np.float32),
        np.concatenate([before.bias, fitted.bias[species:]]).astype(np.float32),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A background, the floor that lets 95 % of validation photos pass, and figures on animals that no fit had met.

    `test` float32 [N, features] are the test photos' embeddings, `scores` [N] what the background makes of them.
    """

    others: OtherClasses
    floor: float
    figures: dict[str, float]
    test: Array
    scores: Array


def fit_from_store(base: BaseModel, progress: StepProgress = lambda *_: None) -> Fitted:
    """The background of a bundle from its store of embeddings, cross-fitted over animals and validation photos.

    Raises `UsageError` where the store holds too few other animals.
    """
    photos = _Photos.of(base)
    validation, strange = photos.validation, photos.strange
    floors, areas, rejected = np.zeros(len(validation.fold), np.float32), [], []
    strange_scores = np.zeros(len(strange.fold), np.float32)
    for fold in range(FOLDS):
        others = photos.fit(base, fold)
        held, chosen = strange.fold == fold, validation.fold == fold
        floors[chosen] = _scores(base, validation.embedding[chosen], others)
        strange_scores[held] = _scores(base, strange.embedding[held], others)
        test = _scores(base, photos.test, others)
        areas.append(ranking_area(test, strange_scores[held]))
        rejected.append(float((strange_scores[held] < accepting(test)).mean()))
        progress("fitting", fold + 1, FOLDS + 1)
    others = photos.fit(base, None).rounded()
    floor, scores = accepting(floors), _scores(base, photos.test, others)
    figures = {
        "unknown_auroc": float(np.mean(areas)),
        "unknown_rejected_at_95": float(np.mean(rejected)),
        "unknown_rejected": float((strange_scores < floor).mean()),
        "true_accepted": float((scores >= floor).mean()),
        "other_photos": float(len(strange_scores)),
        "other_animals": float(len(np.unique(strange.truth))),
    }
    progress("fitting", FOLDS + 1, FOLDS + 1)
    return Fitted(others, floor, figures, photos.test, scores)


@dataclass(frozen=True, slots=True, eq=False)
class _Photos:
    """The photos of a store by what they are for: `known` train or, as `validation` again, chose.

    The truth of `strange` numbers the other animals, each of which is whole in one fold.
    """

    known: Examples
    validation: Examples
    test: Array
    strange: Examples

    @classmethod
    def of(cls, base: BaseModel) -> _Photos:
        store = base.store
        if store is None:
            raise UsageError(
                "{folder} holds no embeddings to fit with: avistar train embeddings {folder} --photos DATA --others "
                "FOLDER",
                folder=base.bundle.folder,
            )
        train, validation, test, strange = (
            store.rows(role) for role in (Role.TRAIN, Role.VALIDATION, Role.TEST, Role.OTHER)
        )
        names, kind = np.unique([store.species[row] for row in strange], return_inverse=True)
        if len(names) < FOLDS or not len(validation) or not len(test):
            raise UsageError(
                "{folder} holds photos of {number} other animals and {chosen} validation photos; it takes {needed} "
                "animals at least, and photos of the species that choose and judge. Photos of other animals, a folder "
                "each, are added by: avistar train embeddings {folder} --photos DATA --others FOLDER",
                folder=base.bundle.folder,
                number=len(names),
                chosen=len(validation),
                needed=FOLDS,
            )
        shuffled = np.random.default_rng(0).permutation(len(names))

        def examples(
            rows: NDArray[np.intp], truth: NDArray[np.int64], weight: float, fold: NDArray[np.int64]
        ) -> Examples:
            return Examples(store.embedding(rows), truth, np.full(len(rows), weight), fold)

        chosen = examples(validation, store.truth(validation, base.ids), UNSEEN, row_folds(len(validation)))
        return cls(
            joined([examples(train, store.truth(train, base.ids), 1.0, np.full(len(train), ALWAYS)), chosen]),
            chosen,
            store.embedding(test),
            examples(strange, kind.astype(np.int64), STRANGER, (shuffled % FOLDS)[kind]),
        )

    def fit(self, base: BaseModel, apart: int | None) -> OtherClasses:
        """The background; `apart` is the fold that isn't learned from."""
        return fit_background(base.head, self.known.lessons(apart), self.strange.lessons(apart))


def _scores(base: BaseModel, embedding: Array, others: OtherClasses) -> Array:
    return familiarity(base.head.logits(embedding), embedding, others)


def add_background(folder: Path, progress: StepProgress = lambda *_: None) -> ModelBundle:
    """Fit the background of the bundle in `folder` and write it, with floors, figures, analysis and card.

    Logits stay as they are: of the ONNX files only the floor that is written into them changes. Raises `UsageError`
    for a bundle without embeddings of other animals, or with engines, which hold the floor too.
    """
    bundle = ModelBundle.open(folder)
    if any(one.format not in ("onnx", "openvino", "keras") for one in bundle.manifest.artifacts):
        raise UsageError(
            "{folder} holds engines, which were sealed with the floor that they have: take them out, and build them "
            "again afterwards",
            folder=folder,
        )
    base = BaseModel.of(bundle)
    fitted = fit_from_store(base, progress)
    with draft(folder, bundle) as temporary:
        fitted.others.write(temporary / BACKGROUND_FILE)
        manifest = _manifest(base, fitted)
        _restamp(temporary, manifest)
        analysis = read_analysis(bundle)
        judged = analysis.judged
        own = next((one for one in manifest.artifacts if f"{one.format} {one.precision}" == judged.artifact), None)
        if own is not None:
            sha256 = hashlib.sha256((temporary / own.file).read_bytes()).hexdigest()
            judged = replace(judged, sha256=sha256, familiarity_floor=own.calibration.familiarity_floor)
        scores = familiarity(analysis.logits, fitted.test, fitted.others).astype(np.float32)
        analysis = replace(analysis, judged=judged, familiarity=scores)
        write_analysis(temporary, analysis)
        write_card(temporary, manifest, required_split(bundle), analysis)
        return commit(temporary, manifest, folder)


def _manifest(base: BaseModel, fitted: Fitted) -> Manifest:
    """Floors of all artifacts, moved as the fitted one's; figures; how it was fitted."""
    manifest = base.bundle.manifest
    before = base.calibration.familiarity_floor

    def moved(one: Artifact) -> Artifact:
        floor = fitted.floor + (one.calibration.familiarity_floor - before)
        return replace(one, calibration=replace(one.calibration, familiarity_floor=floor))

    artifacts = tuple(moved(one) for one in manifest.artifacts)
    how = {"animals": int(fitted.figures["other_animals"]), "photos": int(fitted.figures["other_photos"])}
    return replace(
        manifest,
        artifacts=artifacts,
        accuracy=manifest.accuracy | fitted.figures,
        decision=replace(manifest.decision, familiarity="background", reference=BACKGROUND_FILE),
        provenance=manifest.provenance | {"unknown": {**how, "folds": FOLDS, "pull": PULL, "weight": STRANGER}},
    )


def _restamp(folder: Path, manifest: Manifest) -> None:
    """Write the new floor into the ONNX files, and their new hashes into the reports that admitted them."""
    stamped: set[str] = set()
    for artifact in manifest.artifacts:
        if artifact.format == "keras":
            continue
        path = folder / artifact.file
        if artifact.file not in stamped:  # OpenVINO shares its file with ONNX Runtime
            model, floor = path.read_bytes(), artifact.calibration.familiarity_floor
            path.write_bytes(with_head(model, read_head(model), {"familiarity_floor": floor}))
            stamped.add(artifact.file)
        if artifact.parity is not None and (folder / artifact.parity).is_file():
            report = msgspec.json.decode((folder / artifact.parity).read_bytes(), type=dict[str, Any])
            report["artifact_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
            report["changed_since"] = "only the floor of familiarity that is written into the file"
            (folder / artifact.parity).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")
