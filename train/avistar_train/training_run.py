"""One training run from a folder of photos to a bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np

from avistar.arrays import ArrayError, array, load_arrays
from avistar.backends import Outputs
from avistar.bundle import MANIFEST, ModelBundle, check_vacant
from avistar.dataset import PhotoSet, read_data, relative_name, unlabelled
from avistar.errors import AvistarError, UsageError
from avistar.evaluation.labelled_folder import other_photos
from avistar.evaluation.metrics import evaluate
from avistar.images.geometry import Pixels
from avistar.manifest import Fit, Preprocessing
from avistar.message import Message, reason_of
from avistar.progress import StepProgress
from avistar.species_file import SpeciesList, read_species
from avistar.split import LabelledPhoto, Split, encode_split
from avistar_train.backbones import BACKBONES, Backbone, make_base, unfreeze, weights_file
from avistar_train.evaluate import TestAnswers
from avistar_train.finetune import blend, features_of, fit_head, fit_stages, predict, shared
from avistar_train.imagenet_classes import classes_of, read_map
from avistar_train.imagenet_head import Prior, empty_prior, prior_of, read_layer
from avistar_train.network import base_of, computing_in, make_network, top_of
from avistar_train.pixel_cache import PixelDemand, decode_all, labels, load_pixels
from avistar_train.plan_record import PLAN, PlanRecord, claim, content_hash, run_of
from avistar_train.publish import RESULT, TrainedModel, assemble, finished, learning_curves, publish
from avistar_train.recipes import Recipe, read_recipe
from avistar_train.report import write_report
from avistar_train.run_folder import RunFolder
from avistar_train.sampling import LabelledArrays, TrainingData
from avistar_train.scenes import SCENES, Scenes, not_looked_for, with_scenes
from avistar_train.split import check_parts, divide, load_split
from avistar_train.teacher import answers_of, check_teacher, targets

RUNS = Path("runs")
"""Where runs are kept, in the folder in which training is started."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What to train, from what, to where; the fields are the options of `avistar train fit`.

    Without `run`, it is kept in `runs/` under the name of `out`.
    """

    data: Path
    out: Path
    recipe: str
    changes: tuple[str, ...]
    weights: str
    seed: int
    imagenet_layer: Path | None
    others: Path | None
    run: Path | None = None
    about: str = ""
    split: Path | None = None
    species: Path | None = None
    imagenet_map: Path | None = None
    duplicates: bool = True
    tensorboard: bool = False
    devices: int = 1
    backgrounds: Path | None = None
    teacher: Path | None = None


def fit(plan: TrainingPlan, *, progress: StepProgress, say: Callable[[str], None] = lambda text: None) -> ModelBundle:
    """Train, judge and publish; continues a killed run of the same plan. `say` hears what should be known before.

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
    fingerprint = data.fingerprint()
    divided, scenes, found = _divided(plan, data, fingerprint, progress)
    for sentence in (scenes, *check_parts(divided)):
        say(sentence)
    names = tuple(one.id for one in species)
    record = _record(plan, recipe, names, data=fingerprint, split=divided)
    folder = _run_folder(plan, record, say)
    provenance = _provenance(plan, recipe, fingerprint, data.photos) | {"scenes": str(scenes)}
    _claim(folder, record, found)
    _check_out(plan.out, provenance)
    steps = _Run(plan, recipe, data, names, divided, RunFolder(folder, progress, plan.tensorboard))
    steps.tell_classes(say)
    steps.decode()
    with _disk_faults(folder):
        network, prior, share = steps.train()
    model = TrainedModel(
        name=plan.out.name,
        architecture=recipe.backbone,
        network=network,
        listed=SpeciesList(species, data.listed.groups),
        preprocessing=steps.preprocessing,
        prior=prior,
        split=divided,
        provenance=provenance | {"blend": share},
        history=learning_curves(folder),
    )
    _assemble(model, steps)
    return publish(folder, plan.out)


@contextmanager
def _disk_faults(folder: Path) -> Iterator[None]:
    """Say in a sentence that a checkpoint can't be written; the run goes on from the one before."""
    try:
        yield
    except OSError as error:
        raise AvistarError(
            "{folder} can't be written ({reason}): make room, then the same command goes on from the last checkpoint",
            folder=folder,
            reason=reason_of(error),
        ) from error


def _claim(folder: Path, record: PlanRecord, scenes: Scenes | None) -> None:
    """Make the run folder this plan's, with what was found of the photos' scenes."""
    claim(folder, record)
    if scenes is not None:
        scenes.keep(folder)


def _divided(
    plan: TrainingPlan, data: PhotoSet, fingerprint: str, progress: StepProgress
) -> tuple[Split, Message, Scenes | None]:
    """The split, what was done so that no scene is on two sides, and the scenes where they were searched for."""
    if plan.split is not None:
        return load_split(plan.split, data.photos), Message("The split was given: scenes are where it puts them."), None
    if not plan.duplicates:
        return divide(data.photos, plan.seed), not_looked_for(), None
    folders = [plan.run or RUNS / plan.out.name, *sorted(RUNS.glob("*"))]
    known = (folder / SCENES for folder in folders)
    grouped, sentence, scenes = with_scenes(data, progress=progress, fingerprint=fingerprint, known=known)
    return divide(grouped.photos, plan.seed), sentence, scenes


def _assemble(model: TrainedModel, steps: _Run) -> None:
    """The run's own bundle and its report."""
    folder = steps.journal.folder
    assemble(
        model,
        folder / RESULT,
        validation=steps.answers(model.network, model.split.validation),
        test=steps.answers(model.network, model.split.test),
        others=steps.others(model.network),
    )
    write_report(finished(folder), folder / "report")


def _run_folder(plan: TrainingPlan, record: PlanRecord, say: Callable[[str], None]) -> Path:
    """Where the run is kept: as was said, or where the same plan was begun for another --out."""
    if plan.run is not None:
        return plan.run
    own = RUNS / plan.out.name
    begun = run_of(record, RUNS) if not (own / PLAN).exists() else None
    if begun is None:
        return own
    say(Message("going on with {run}, a run of the same plan", run=begun))
    return begun


def _check_out(out: Path, provenance: dict[str, Any]) -> None:
    """Refuse to train for a folder that holds somebody's bundle: found out after the last epoch, it would be late."""
    if not (out / MANIFEST).is_file():
        return
    manifest = ModelBundle.open(out).manifest
    same = all(manifest.provenance.get(key) == provenance[key] for key in ("data_sha256", "seed", "settings"))
    if not same or any(one.format != "keras" for one in manifest.artifacts):
        raise UsageError("{out} holds a bundle already: name another folder with --out, or move it away first", out=out)


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
        prior = self._prior(row.features)
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

    def _prior(self, features: int) -> Prior:
        """What the base's own last layer knows of the species, nothing without it."""
        if self.plan.imagenet_layer is None:
            return empty_prior(features, self.names)
        layer = read_layer(self.plan.imagenet_layer, features)
        return prior_of(layer, self.imagenet_classes(layer.names))

    def imagenet_classes(self, names: Sequence[str]) -> list[list[str]]:
        """The classes of ImageNet that are each of the species, as the user or their names say."""
        said = read_map(self.plan.imagenet_map, self.data.species, names) if self.plan.imagenet_map else None
        return classes_of(self.data.species, names, said)

    def tell_classes(self, say: Callable[[str], None]) -> None:
        """What each species starts from; which have nothing to start from."""
        if self.plan.imagenet_layer is None:
            return
        layer = read_layer(self.plan.imagenet_layer, BACKBONES[self.recipe.backbone].features)
        found = dict(zip(self.names, self.imagenet_classes(layer.names), strict=True))
        taken = [f"{name} ({', '.join(some)})" for name, some in found.items() if some]
        lacking = [name for name, some in found.items() if not some]
        if taken:
            say(Message("species that start from ImageNet's classes: {species}", species=", ".join(taken)))
        if lacking:
            say(
                Message(
                    "no class of ImageNet is named like {species}: if some are, say so with --imagenet-map FILE",
                    species=", ".join(lacking),
                )
            )

    def _network(self, row: Backbone, prior: Prior, weights: str | None) -> Any:
        keras.utils.set_random_seed(self.plan.seed)
        network = make_network(row, make_base(row, weights), prior, self.recipe.top)
        unfreeze(base_of(network), "none")
        return network

    def _head(self, network: Any, prior: Prior) -> None:
        file = self.journal.folder / "head.npz"
        layers = top_of(network, self.recipe.top)
        weights = _head_weights(file, [weight.shape for layer in layers for weight in layer.get_weights()])
        if weights is None:
            pixels = self._pixels(self.split.train, self.preprocessing)
            features = features_of(network, pixels, progress=self.journal.progress)
            truth = labels(self.split.train, self.names)
            temporary = file.with_name("head.part.npz")
            weights = fit_head(features, truth, prior, self.recipe, seed=self.plan.seed)
            np.savez(temporary, *weights)
            temporary.replace(file)
        for number, layer in enumerate(layers):
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

    def _backgrounds(self) -> Pixels | None:
        """Frames without an animal at the cache's size, if there are any."""
        wanted = self._frames_without_animals()
        return None if wanted is None else self._loaded(wanted)

    def _frames_without_animals(self) -> PixelDemand | None:
        """All of each frame: none of it is cropped."""
        return _unlabelled(self.plan.backgrounds, self._stored("stretch"))

    def _stored(self, fit: Fit) -> Preprocessing:
        """How pictures are stored for training."""
        return Preprocessing(self.recipe.cache_size, self.recipe.cache_size, fit)

    @property
    def _watched(self) -> tuple[LabelledPhoto, ...]:
        """The validation photos that training watches: as many as the devices share evenly."""
        return self.split.validation[: len(self.split.validation) // self.plan.devices * self.plan.devices]

    def others(self, network: Any) -> Outputs | None:
        """Outputs on photos of other animals, if there are any."""
        wanted = _unlabelled(self.plan.others, self.preprocessing)
        if wanted is None:
            return None
        return predict(network, self._loaded(wanted), progress=self.journal.progress)

    def decode(self) -> None:
        """Read every photo at the sizes that are wanted, so that a broken one is found before the first epoch."""
        training = self._stored(self.recipe.fit)
        parts = [(part, self.preprocessing) for part in (self.split.test, self.split.validation)]
        if self.recipe.head.epochs:
            parts.append((self.split.train, self.preprocessing))
        if self.recipe.stages:
            parts += [(self.split.train, training), (self._watched, training)]
        demands = [PixelDemand(self.data, *part) for part in parts]
        others = (_unlabelled(self.plan.others, self.preprocessing), self._frames_without_animals())
        demands += [one for one in others if one is not None]
        decode_all(demands, self.journal.folder, progress=self.journal.progress)

    def _data(self) -> TrainingData:
        preprocessing = self._stored(self.recipe.fit)

        def labelled(photos: tuple[LabelledPhoto, ...]) -> LabelledArrays:
            return LabelledArrays(self._pixels(photos, preprocessing), labels(photos, self.names))

        train = labelled(self.split.train)
        return TrainingData(replace(train, targets=self._targets()), labelled(self._watched), self._backgrounds())

    def _targets(self) -> Any:
        """The labels of the training photos with the teacher's answers in them, None without a teacher."""
        if self.plan.teacher is None:
            return None
        bundle = check_teacher(self.plan.teacher, self.names)
        logits = answers_of(
            bundle,
            self.names,
            lambda preprocessing: self._pixels(self.split.train, preprocessing),
            self.journal.folder / "teacher.npy",
            progress=self.journal.progress,
        )
        return targets(logits, labels(self.split.train, self.names), self.recipe.teacher)

    def _pixels(self, photos: tuple[LabelledPhoto, ...], preprocessing: Preprocessing) -> Any:
        return self._loaded(PixelDemand(self.data, photos, preprocessing))

    def _loaded(self, wanted: PixelDemand) -> Any:
        photos, folder, progress = wanted.photos, self.journal.folder, self.journal.progress
        return load_pixels(wanted.data, photos, wanted.preprocessing, folder, progress=progress)


def _head_weights(file: Path, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray[Any, Any]] | None:
    """The weights that an interrupted run fitted; None where there are none of these shapes, so that they are made."""
    try:
        arrays = load_arrays(file)
        return [array(arrays, f"arr_{number}", "f", shape) for number, shape in enumerate(shapes)]
    except ArrayError:
        return None


def _unlabelled(folder: Path | None, preprocessing: Preprocessing) -> PixelDemand | None:
    """The photos in `folder`, if there is one, at a size."""
    if folder is None:
        return None
    frames = _frames(folder)
    return PixelDemand(frames, frames.photos, preprocessing)


def _frames(folder: Path) -> PhotoSet:
    """The photos in `folder`, which show none of the species."""
    return unlabelled(folder, [relative_name(one.file, folder) for one in other_photos(folder)])


def _check(plan: TrainingPlan, recipe: Recipe) -> None:
    """Refuse what can't work before anything is trained."""
    check_vacant(plan.out)
    if plan.others is not None:
        other_photos(plan.others)
    if plan.backgrounds is not None:
        if not recipe.trap.small:
            raise UsageError("--backgrounds are for photos that are placed into them: set trap.small in the recipe")
        other_photos(plan.backgrounds)
    if plan.teacher is None and recipe.teacher.share:
        raise UsageError("the recipe learns from a teacher: give its bundle as --teacher, or --set teacher.share=0")
    if plan.teacher is not None and not recipe.teacher.share:
        raise UsageError("--teacher is for a recipe that learns from one: set teacher.share in it")
    if any(stage.batch % plan.devices for stage in recipe.stages):
        raise UsageError("{number} devices can't share batches evenly: change stages.N.batch", number=plan.devices)
    if plan.tensorboard and find_spec("tensorboard") is None:
        raise UsageError("logs for TensorBoard need it installed: pip install tensorboard")
    if plan.imagenet_map is not None and plan.imagenet_layer is None:
        raise UsageError("--imagenet-map says which classes of an ImageNet layer are which: add --imagenet-layer")
    if plan.imagenet_layer is not None and recipe.top.dense:
        raise UsageError("an ImageNet layer gives vectors for the base's features: it needs top.dense = []")


def _record(plan: TrainingPlan, recipe: Recipe, names: tuple[str, ...], *, data: str, split: Split) -> PlanRecord:
    """Everything that decides what the run ends with. Raises `UsageError` for a teacher that lacks a species."""
    teacher = None if plan.teacher is None else check_teacher(plan.teacher, names)
    weights = weights_file(BACKBONES[recipe.backbone], plan.weights)
    return PlanRecord(
        recipe=msgspec.to_builtins(recipe),
        seed=plan.seed,
        data=data,
        split=hashlib.sha256(encode_split(split)).hexdigest(),
        species=names,
        weights=weights if weights == "imagenet" else content_hash(weights),
        prior=" ".join(content_hash(file) for file in (plan.imagenet_layer, plan.imagenet_map) if file) or None,
        backgrounds=None if plan.backgrounds is None else _frames(plan.backgrounds).fingerprint(),
        teacher=None if teacher is None else content_hash(teacher.folder / MANIFEST),
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
        "teacher": None if plan.teacher is None else ModelBundle.open(plan.teacher).manifest.name,
        "about": plan.about or f"{len(photos)} labelled photos; nothing is written of where they come from.",
        "settings": msgspec.to_builtins(recipe),
    }
