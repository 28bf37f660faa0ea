"""One training run from a folder of photos to a bundle."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np

from avistar.backends import Outputs
from avistar.bundle import ModelBundle
from avistar.errors import UsageError
from avistar.evaluation.labelled_folder import other_photos
from avistar.evaluation.metrics import evaluate
from avistar.manifest import Preprocessing
from avistar.progress import StepProgress
from avistar.split import LabelledPhoto, Split, encode_split
from avistar_train.backbones import BACKBONES, Backbone, make_base, unfreeze, weights_file
from avistar_train.dataset import PhotoSet, SpeciesList, read_data, read_species, unlabelled
from avistar_train.evaluate import TestAnswers
from avistar_train.finetune import blend, features_of, fit_head, fit_stages, predict, shared
from avistar_train.imagenet_head import Prior, empty_prior, read_prior
from avistar_train.network import base_of, computing_in, make_network, top_of
from avistar_train.pixel_cache import labels, load_pixels
from avistar_train.plan_record import PlanRecord, claim, content_hash
from avistar_train.publish import RESULT, TrainedModel, assemble, finished, learning_curves, publish
from avistar_train.recipes import Recipe, read_recipe
from avistar_train.report import write_report
from avistar_train.run_folder import RunFolder
from avistar_train.sampling import LabelledArrays, TrainingData
from avistar_train.split import divide, load_split


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What to train, from what, to where; the fields are the options of `avistar train fit`."""

    data: Path
    out: Path
    recipe: str
    changes: tuple[str, ...]
    weights: str
    seed: int
    imagenet_layer: Path | None
    others: Path | None
    run: Path
    about: str = ""
    split: Path | None = None
    species: Path | None = None
    tensorboard: bool = False
    devices: int = 1


def fit(plan: TrainingPlan, *, progress: StepProgress) -> ModelBundle:
    """Train, judge and publish; continues a killed run of the same plan.

    Raises `UsageError` for a plan that makes no sense, `TrainingFailed` when the loss explodes.
    """
    recipe = read_recipe(plan.recipe, plan.changes)
    _check(plan, recipe)
    data = read_data(plan.data, read_species(plan.species))
    species = data.species
    if len(species) < 2:
        raise UsageError(
            "the photos show only {species}: a classifier needs two species at least", species=species[0].id
        )
    divided = divide(data.photos, plan.seed) if plan.split is None else load_split(plan.split, data.photos)
    fingerprint = data.fingerprint()
    names = tuple(one.id for one in species)
    claim(plan.run, _record(plan, recipe, names, data=fingerprint, split=divided))
    journal = RunFolder(plan.run, progress, plan.tensorboard)
    steps = _Run(plan, recipe, data, names, divided, journal)
    network, prior, share = steps.train()
    model = TrainedModel(
        name=plan.out.name,
        architecture=recipe.backbone,
        network=network,
        listed=SpeciesList(species, data.listed.groups),
        preprocessing=steps.preprocessing,
        prior=prior,
        split=divided,
        provenance=_provenance(plan, recipe, fingerprint, data.photos) | {"blend": share},
        history=learning_curves(plan.run),
    )
    assemble(
        model,
        plan.run / RESULT,
        validation=steps.answers(network, divided.validation),
        test=steps.answers(network, divided.test),
        others=steps.others(network),
    )
    write_report(finished(plan.run), plan.run / "report")
    return publish(plan.run, plan.out)


@dataclass(frozen=True, slots=True)
class _Run:
    """The steps of one run, with what they share."""

    plan: TrainingPlan
    recipe: Recipe
    data: PhotoSet
    names: tuple[str, ...]
    split: Split
    journal: RunFolder

    @property
    def preprocessing(self) -> Preprocessing:
        """What the deployed network sees."""
        return Preprocessing(self.recipe.size, self.recipe.size, self.recipe.fit)

    def train(self) -> tuple[Any, Prior, float]:
        """The network with the blend that validation prefers, its prior, and that blend."""
        row = BACKBONES[self.recipe.backbone]
        prior = empty_prior(row.features, self.names)
        if self.plan.imagenet_layer is not None:
            prior = read_prior(self.plan.imagenet_layer, row.features, self.names)
        with computing_in(self.recipe.precision), shared(self.plan.devices):
            learner = self._network(row, prior, weights_file(row, self.plan.weights))
        if self.recipe.head.epochs:
            self._head(learner, prior)
        start = learner.get_weights()
        with shared(self.plan.devices):
            fit_stages(learner, self._data(), self.recipe, self.journal, seed=self.plan.seed)
        network = learner
        if self.recipe.precision != "float32" or self.plan.devices > 1:  # one device judges, in float32
            network = self._network(row, prior, None)
            network.set_weights(learner.get_weights())
        return network, prior, self._best_blend(network, start)

    def _network(self, row: Backbone, prior: Prior, weights: str | None) -> Any:
        keras.utils.set_random_seed(self.plan.seed)
        network = make_network(row, make_base(row, weights), prior, self.recipe.top)
        unfreeze(base_of(network), "none")
        return network

    def _head(self, network: Any, prior: Prior) -> None:
        file = self.plan.run / "head.npz"
        if not file.is_file():
            pixels = self._pixels(self.split.train, self.preprocessing)
            features = features_of(network, pixels, progress=self.journal.progress)
            truth = labels(self.split.train, self.names)
            temporary = file.with_name("head.part.npz")
            np.savez(temporary, *fit_head(features, truth, prior, self.recipe, seed=self.plan.seed))
            temporary.replace(file)
        with np.load(file, allow_pickle=False) as arrays:
            weights = [arrays[name] for name in arrays.files]
        for number, layer in enumerate(top_of(network, self.recipe.top)):
            layer.set_weights(weights[2 * number : 2 * number + 2])

    def _best_blend(self, network: Any, start: list[Any]) -> float:
        """Try the recipe's blends; the one with the best top-1 on validation photos, then the least loss, stays."""
        tuned = network.get_weights()
        tried = []
        for share in self.recipe.training.blends:
            blend(network, start, tuned, share)
            answers = self.answers(network, self.split.validation)
            report = evaluate(answers.outputs.logits, answers.truth(self.names), self.names)
            tried.append((round(report.top1, 4), -report.loss, share))
            self.journal.record(blend=share, **report.summary())
        share = max(tried)[2]
        blend(network, start, tuned, share)
        return share

    def answers(self, network: Any, photos: tuple[LabelledPhoto, ...]) -> TestAnswers:
        """Outputs on photos as the runtime would see them."""
        return TestAnswers(
            photos, predict(network, self._pixels(photos, self.preprocessing), progress=self.journal.progress)
        )

    def others(self, network: Any) -> Outputs | None:
        """Outputs on photos of other animals, if there are any."""
        if self.plan.others is None:
            return None
        folder = self.plan.others
        others = unlabelled(folder, [Path(one.file).relative_to(folder).as_posix() for one in other_photos(folder)])
        pixels = load_pixels(others, others.photos, self.preprocessing, self.plan.run, progress=self.journal.progress)
        return predict(network, pixels, progress=self.journal.progress)

    def _data(self) -> TrainingData:
        size = self.recipe.cache_size
        preprocessing = Preprocessing(size, size, self.recipe.fit)

        def labelled(photos: tuple[LabelledPhoto, ...]) -> LabelledArrays:
            return LabelledArrays(self._pixels(photos, preprocessing), labels(photos, self.names))

        even = len(self.split.validation) // self.plan.devices * self.plan.devices
        return TrainingData(labelled(self.split.train), labelled(self.split.validation[:even]))

    def _pixels(self, photos: tuple[LabelledPhoto, ...], preprocessing: Preprocessing) -> Any:
        return load_pixels(self.data, photos, preprocessing, self.plan.run, progress=self.journal.progress)


def _check(plan: TrainingPlan, recipe: Recipe) -> None:
    """Refuse what can't work before anything is trained."""
    if plan.others is not None:
        other_photos(plan.others)
    if any(stage.batch % plan.devices for stage in recipe.stages):
        raise UsageError("{number} devices can't share batches evenly: change stages.N.batch", number=plan.devices)
    if plan.tensorboard and find_spec("tensorboard") is None:
        raise UsageError("logs for TensorBoard need it installed: pip install tensorboard")
    if plan.imagenet_layer is not None and recipe.top.dense:
        raise UsageError("an ImageNet layer gives vectors for the base's features: it needs top.dense = []")


def _record(plan: TrainingPlan, recipe: Recipe, names: tuple[str, ...], *, data: str, split: Split) -> PlanRecord:
    """Everything that decides what the run ends with."""
    weights = weights_file(BACKBONES[recipe.backbone], plan.weights)
    return PlanRecord(
        recipe=msgspec.to_builtins(recipe),
        seed=plan.seed,
        data=data,
        split=hashlib.sha256(encode_split(split)).hexdigest(),
        species=names,
        weights=weights if weights == "imagenet" else content_hash(weights),
        prior=None if plan.imagenet_layer is None else content_hash(plan.imagenet_layer),
    )


def _origin(weights: str) -> str:
    """What is known of the base's weights: Keras' own download, or a file that says nothing of where it comes from."""
    if weights == "imagenet":
        return "ImageNet, as Keras has them"
    file = Path(weights)
    return f"{file.name}, SHA-256 {content_hash(file)}"


def _provenance(
    plan: TrainingPlan, recipe: Recipe, fingerprint: str, photos: tuple[LabelledPhoto, ...]
) -> dict[str, Any]:
    return {
        "recipe": Path(plan.recipe).stem,
        "changes": list(plan.changes),
        "seed": plan.seed,
        "data_sha256": fingerprint,
        "base_weights": _origin(weights_file(BACKBONES[recipe.backbone], plan.weights)),
        "about": plan.about or f"{len(photos)} labelled photos; nothing is written of where they come from.",
        "settings": msgspec.to_builtins(recipe),
    }
