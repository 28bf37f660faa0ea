"""One training run from a folder of photos to a bundle."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from avistar.backends import Outputs
from avistar.bundle import ModelBundle
from avistar.errors import UsageError
from avistar.evaluation import evaluate
from avistar.manifest import Preprocessing
from avistar.split import LabelledPhoto, Split
from avistar_train.backbones import BACKBONES, make_base, unfreeze, weights_file
from avistar_train.fitting import TrainingData, blend, fit_head, fit_stages, predict
from avistar_train.judging import Answers
from avistar_train.model import make_network
from avistar_train.photos import PhotoSet, SpeciesList, paper_species, unlabelled
from avistar_train.pixels import Progress, labels, load_pixels
from avistar_train.prior import Prior, empty_prior, read_prior
from avistar_train.publishing import RESULT, TrainedModel, assemble, learning_curves, publish
from avistar_train.readers import read_data
from avistar_train.recipes import Recipe, read_recipe
from avistar_train.split import divide


@dataclass(frozen=True, slots=True)
class Plan:
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


def fit(plan: Plan, *, progress: Progress) -> ModelBundle:
    """Train, judge and publish; continues a killed run of the same plan.

    Raises `UsageError` for a plan that makes no sense, `TrainingFailed` when the loss explodes.
    """
    recipe = read_recipe(plan.recipe, plan.changes)
    data = read_data(plan.data, paper_species())
    species = data.species
    if len(species) < 2:
        raise UsageError(f"the photos show only {species[0].id}: a classifier needs two species at least")
    divided = divide(data.photos, plan.seed)
    fingerprint = data.fingerprint()
    _claim(plan.run, {"recipe": msgspec.to_builtins(recipe), "seed": plan.seed, "data": fingerprint})
    steps = _Run(plan, recipe, data, tuple(one.id for one in species), divided, progress)
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
    return publish(plan.run, plan.out)


@dataclass(frozen=True, slots=True)
class _Run:
    """The steps of one run, with what they share."""

    plan: Plan
    recipe: Recipe
    data: PhotoSet
    names: tuple[str, ...]
    split: Split
    progress: Progress

    @property
    def preprocessing(self) -> Preprocessing:
        """What the deployed network sees."""
        return Preprocessing(self.recipe.size, self.recipe.size, self.recipe.fit)

    def train(self) -> tuple[Any, Prior, float]:
        """The network with the blend that validation prefers, its prior, and that blend."""
        row = BACKBONES[self.recipe.backbone]
        base = make_base(row, weights_file(row, self.plan.weights))
        unfreeze(base, None)
        prior = empty_prior(row.features, self.names)
        if self.plan.imagenet_layer is not None:
            prior = read_prior(self.plan.imagenet_layer, row.features, self.names)
        network = make_network(row, base, prior)
        head = self._head(network, prior)
        network.get_layer("logits").set_weights([head.kernel, head.bias])
        start = network.get_weights()
        fit_stages(
            network, self._data(), self.recipe, folder=self.plan.run, seed=self.plan.seed, progress=self.progress
        )
        share = self._best_blend(network, start)
        return network, prior, share

    def _head(self, network: Any, prior: Prior) -> Prior:
        file = self.plan.run / "head.npz"
        if not file.is_file():
            pixels = self._pixels(self.split.train, self.preprocessing)
            outputs = predict(network, pixels, progress=self.progress)
            truth = labels(self.split.train, self.names)
            settings = self.recipe
            head = fit_head(
                outputs.embedding, truth, prior, settings.head, balance=settings.training.balance, seed=self.plan.seed
            )
            np.savez(file, kernel=head.kernel, bias=head.bias)
        with np.load(file, allow_pickle=False) as arrays:
            return replace(prior, kernel=arrays["kernel"], bias=arrays["bias"])

    def _best_blend(self, network: Any, start: list[Any]) -> float:
        """Try the recipe's blends; the one with the best top-1 on validation photos, then the least loss, stays."""
        tuned = network.get_weights()
        tried = []
        for share in self.recipe.training.blends:
            blend(network, start, tuned, share)
            answers = self.answers(network, self.split.validation)
            report = evaluate(answers.outputs.logits, answers.truth(self.names), self.names)
            tried.append((round(report.top1, 4), -report.loss, share))
            self._record({"blend": share, **report.summary()})
        share = max(tried)[2]
        blend(network, start, tuned, share)
        return share

    def answers(self, network: Any, photos: tuple[LabelledPhoto, ...]) -> Answers:
        """Outputs on photos as the runtime would see them."""
        return Answers(photos, predict(network, self._pixels(photos, self.preprocessing), progress=self.progress))

    def others(self, network: Any) -> Outputs | None:
        """Outputs on photos of other animals, if there are any."""
        if self.plan.others is None:
            return None
        files = sorted(path.relative_to(self.plan.others).as_posix() for path in self.plan.others.rglob("*.jpg"))
        if not files:
            raise UsageError(f"{self.plan.others} holds no .jpg photos of other animals")
        others = unlabelled(self.plan.others, files)
        pixels = load_pixels(others, others.photos, self.preprocessing, self.plan.run, progress=self.progress)
        return predict(network, pixels, progress=self.progress)

    def _data(self) -> TrainingData:
        size = self.recipe.cache_size
        pixels = self._pixels(self.split.train, Preprocessing(size, size, self.recipe.fit))
        return TrainingData(pixels, labels(self.split.train, self.names))

    def _pixels(self, photos: tuple[LabelledPhoto, ...], preprocessing: Preprocessing) -> Any:
        return load_pixels(self.data, photos, preprocessing, self.plan.run, progress=self.progress)

    def _record(self, facts: dict[str, Any]) -> None:
        with (self.plan.run / "history.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(facts) + "\n")


def _claim(run: Path, facts: dict[str, Any]) -> None:
    """Make `run` this plan's, or refuse one that holds another plan's checkpoints."""
    run.mkdir(parents=True, exist_ok=True)
    file = run / "plan.json"
    text = json.dumps(facts, sort_keys=True, indent=1)
    if file.is_file() and file.read_text("utf-8") != text:
        raise UsageError(f"{run} holds a run of another recipe, seed or data: give another --run, or remove it")
    file.write_text(text, "utf-8")


def _provenance(plan: Plan, recipe: Recipe, fingerprint: str, photos: tuple[LabelledPhoto, ...]) -> dict[str, Any]:
    return {
        "recipe": Path(plan.recipe).stem,
        "changes": list(plan.changes),
        "seed": plan.seed,
        "data_sha256": fingerprint,
        "base_weights": "ImageNet",
        "about": plan.about or f"{len(photos)} labelled photos; nothing is written of where they come from.",
        "settings": msgspec.to_builtins(recipe),
    }
