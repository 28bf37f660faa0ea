"""Fine-tuning: the new layers on frozen features, then more of the base, stage by stage, resumable.

Written against Keras 3 alone, so that TensorFlow, JAX and PyTorch can all run it.

More than one GPU: each batch divided among them, by Keras' own distribution.

Logs for TensorBoard by its own library: Keras' callback asks TensorFlow to write, and other backends have none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from avistar.backends import Outputs
from avistar.errors import UsageError
from avistar.images.geometry import Pixels
from avistar.progress import StepProgress
from avistar_train.backbones import unfreeze
from avistar_train.frozen_part import upper_trainer
from avistar_train.imagenet_head import Prior
from avistar_train.network import base_of, make_top, make_trainer, with_dropout
from avistar_train.recipes import Recipe, Stage
from avistar_train.run_folder import EpochCallback, Replay, RunFolder, stopped
from avistar_train.sampling import Batch, Labels, Sampler, TrainingData, one_hot, sampling_weights, whole
from avistar_train.view_cache import ViewSampler, forget_views, keep_views


def predict(network: Any, pixels: Pixels, *, batch: int = 32, progress: StepProgress | None = None) -> Outputs:
    """Run the network on uint8 [N, H, W, 3]; logits and embedding as numpy arrays."""
    logits, embedding = [], []
    for start in range(0, len(pixels), batch):
        out = network.predict_on_batch(np.asarray(pixels[start : start + batch]))
        logits.append(out["logits"])
        embedding.append(out["embedding"])
        if progress is not None:
            progress("looking at photos", min(start + batch, len(pixels)), len(pixels))
    return Outputs(np.concatenate(logits), np.concatenate(embedding))


def features_of(network: Any, pixels: Pixels, *, batch: int = 32, progress: StepProgress) -> NDArray[np.float32]:
    """What the base gives for uint8 [N, H, W, 3]: float32 [N, features]."""
    base = keras.Model(network.inputs, network.get_layer("features").output)
    rows = []
    for start in range(0, len(pixels), batch):
        rows.append(base.predict_on_batch(np.asarray(pixels[start : start + batch])))
        progress("looking at photos", min(start + batch, len(pixels)), len(pixels))
    return np.concatenate(rows)


class _Pull(keras.regularizers.Regularizer):  # type: ignore[misc]  # Keras has no types
    """L2 towards given weights instead of zero (Li et al. 2018, L2-SP, arXiv:1802.01483)."""

    def __init__(self, target: NDArray[np.float32], strength: float) -> None:
        self._target = target
        self._strength = strength

    def __call__(self, x: Any) -> Any:
        return self._strength * keras.ops.sum(keras.ops.square(x - self._target))


def fit_head(
    features: NDArray[np.float32], truth: Labels, prior: Prior, recipe: Recipe, *, seed: int
) -> list[NDArray[np.float32]]:
    """Train the new layers on features float32 [N, features]; returns their weights, kernel and bias in turn."""
    keras.utils.set_random_seed(seed)
    head = recipe.head
    layers = make_top(recipe.top, prior.bias.size)
    inputs = keras.Input((features.shape[1],))
    model = keras.Model(inputs, with_dropout(layers, inputs, head.dropout, seed=seed))
    if not recipe.top.dense:
        layers[-1].set_weights([prior.kernel, prior.bias])
        if head.prior_strength:
            layers[-1].kernel_regularizer = _Pull(prior.kernel, head.prior_strength)
    rate = keras.optimizers.schedules.CosineDecay(head.learning_rate, head.epochs * math.ceil(len(truth) / head.batch))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss)
    weights = sampling_weights(truth, prior.bias.size, recipe.training.balance)
    weights = weights / weights.mean()
    model.fit(features, truth, batch_size=head.batch, epochs=head.epochs, sample_weight=weights, verbose=0)
    return [array for layer in layers for array in layer.get_weights()]


def fit_stages(network: Any, data: TrainingData, recipe: Recipe, journal: RunFolder, *, seed: int) -> None:
    """Train `network` in place through all stages of `recipe`; continues where the journal's folder says it stopped.

    Raises `TrainingFailed` when the loss is no number any more.
    """
    for number, stage in enumerate(recipe.stages, 1):
        final = journal.folder / f"stage{number}.weights.h5"
        if not final.is_file():
            unfreeze(base_of(network), stage.unfreeze_from)
            _fit_stage(network, data, recipe, journal, number=number, seed=seed + number)
            temporary = journal.folder / "part.weights.h5"
            network.save_weights(temporary)
            temporary.replace(final)
            (journal.folder / f"stage{number}.state.keras").unlink()
            forget_views(journal.folder, number)
        else:
            network.load_weights(final)


def _fit_stage(network: Any, data: TrainingData, recipe: Recipe, journal: RunFolder, *, number: int, seed: int) -> None:
    stage, label = recipe.stages[number - 1], f"stage {number}"
    sampler, watched, trainer = _lesson(network, data, recipe, journal, number=number, seed=seed)
    state = journal.folder / f"stage{number}.state.keras"
    done = _restore(trainer, state) // len(sampler) if state.is_file() else 0
    journal.forget_after(label, done)
    if done < stage.epochs and not stopped(journal.epochs(label), stage.stop_patience):
        trainer.fit(
            sampler,
            validation_data=watched,
            validation_batch_size=stage.batch,
            initial_epoch=done,
            epochs=stage.epochs,
            verbose=0,
            shuffle=False,
            callbacks=[*_callbacks(stage, label, len(sampler), journal), EpochCallback(sampler, stage, label, journal)],
        )
    elif recipe.training.average:  # killed between the last epoch and what `fit` does at its end
        trainer.optimizer.finalize_variable_values(trainer.trainable_variables)
    if stage.stop_patience:
        trainer.load_weights(journal.folder / f"stage{number}.best.weights.h5")


def _lesson(
    network: Any, data: TrainingData, recipe: Recipe, journal: RunFolder, *, number: int, seed: int
) -> tuple[Sampler, Batch, Any]:
    """The batches of a stage, the photos that it watches, and the compiled model that learns from them."""
    stage, species = recipe.stages[number - 1], network.get_layer("logits").units
    if not stage.views:
        sampler = Sampler(data.train, species, recipe, batch=stage.batch, seed=seed, backgrounds=data.backgrounds)
        return sampler, whole(data.validation, species), compiled(network, recipe, stage, len(sampler), seed=seed)
    kept = keep_views(network, data, recipe, journal, number=number, seed=seed)
    views = ViewSampler(kept, data.train, species, recipe, stage=stage, seed=seed)
    keras.utils.set_random_seed(seed)
    trainer = upper_trainer(network, recipe, seed=seed)
    watched: Batch = {"kept": kept.watched.astype(np.float32)}, one_hot(data.validation.truth, species)
    return views, watched, compiled_trainer(trainer, recipe, stage, len(views))


def compiled(network: Any, recipe: Recipe, stage: Stage, steps: int, *, seed: int) -> Any:
    """A model for `fit` that trains `network` as the recipe's `stage` of so many `steps` an epoch says."""
    keras.utils.set_random_seed(seed)
    return compiled_trainer(make_trainer(network, recipe, size=stage.size, seed=seed), recipe, stage, steps)


def compiled_trainer(trainer: Any, recipe: Recipe, stage: Stage, steps: int) -> Any:
    """`trainer`, a model from a sampler's inputs to logits, ready for `fit`: optimiser and loss as the recipe says."""
    average = recipe.training.average
    optimizer = keras.optimizers.AdamW(
        _rate(stage, stage.epochs * steps),
        weight_decay=recipe.training.weight_decay,
        use_ema=average > 0,
        ema_momentum=average or 0.99,
    )
    if recipe.precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.training.label_smoothing)
    trainer.compile(optimizer, loss, metrics=["accuracy"], auto_scale_loss=False)
    return trainer


def _rate(stage: Stage, steps: int) -> Any:
    if stage.schedule == "constant":
        return stage.learning_rate
    warm = round(stage.warmup * steps)
    return keras.optimizers.schedules.CosineDecay(
        0.0 if warm else stage.learning_rate,
        max(1, steps - warm),
        warmup_target=stage.learning_rate if warm else None,
        warmup_steps=warm,
    )


def _callbacks(stage: Stage, label: str, steps: int, journal: RunFolder) -> list[Any]:
    """Keras' own: decay, plateau and logs, in the order in which they must act."""
    made: list[Any] = []
    if stage.decay:

        def decayed(epoch: int, rate: float) -> float:
            return float(rate) * (1 + stage.decay * steps * max(epoch - 1, 0)) / (1 + stage.decay * steps * epoch)

        made.append(keras.callbacks.LearningRateScheduler(decayed))
    if stage.plateau_factor:
        plateau = keras.callbacks.ReduceLROnPlateau(
            "val_loss", factor=stage.plateau_factor, patience=stage.plateau_patience
        )
        made += [plateau, Replay(plateau, journal.epochs(label))]
    if journal.tensorboard:
        made.append(TensorBoardLog(journal.folder / "tensorboard" / label.replace(" ", "")))
    return made


def _restore(trainer: Any, file: Any) -> int:
    """Take over weights and optimiser of an interrupted stage; the steps that it had done."""
    saved = keras.models.load_model(file, safe_mode=True)
    trainer.optimizer.build(trainer.trainable_variables)
    trainer.set_weights(saved.get_weights())
    for mine, theirs in zip(trainer.optimizer.variables, saved.optimizer.variables, strict=True):
        mine.assign(theirs)
    return int(keras.ops.convert_to_numpy(trainer.optimizer.iterations))


def blend(network: Any, start: Sequence[NDArray[Any]], tuned: Sequence[NDArray[Any]], share: float) -> None:
    """Set `network` to `share` of the tuned weights and the rest of the starting ones.

    Interpolating between pre-trained and fine-tuned weights keeps what the base knew of other things
    (Wortsman et al. 2022, WiSE-FT, arXiv:2109.01903).
    """
    network.set_weights([(1 - share) * a + share * b for a, b in zip(start, tuned, strict=True)])


def shared(devices: int) -> AbstractContextManager[Any]:
    """Inside it, networks live on the first `devices` of this machine, and `fit` divides its batches among them.

    Batches must be multiples of `devices`. One device is what Keras uses anyway. Raises `UsageError` where there are
    fewer, or where Keras can't divide.
    """
    if devices == 1:
        return nullcontext()
    backend = keras.backend.backend()
    if backend != "jax":
        raise UsageError(
            "Keras divides batches among devices with JAX only, and it runs on {backend} here: pip "
            "install jax[cuda12] and set KERAS_BACKEND=jax",
            backend=backend,
        )
    found = keras.distribution.list_devices()
    if len(found) < devices:
        raise UsageError(
            "{number} devices are asked for; JAX sees {seen}: {devices}",
            number=devices,
            seen=len(found),
            devices=", ".join(found),
        )
    scope: AbstractContextManager[Any] = keras.distribution.DataParallel(devices=found[:devices]).scope()
    return scope


class TensorBoardLog(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Each epoch's figures as scalars: runs `train` and `validation` in `folder`, named alike to share charts."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._writers: dict[str, Any] = {}

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write and flush: a run that is killed keeps what it had."""
        figures = {**(logs or {}), "learning_rate": keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)}
        for name, value in figures.items():
            run = "validation" if name.startswith("val_") else "train"
            self._writer(run).add_scalar(name.removeprefix("val_"), float(value), epoch + 1)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _writer(self, run: str) -> Any:
        if run not in self._writers:
            from tensorboard.summary import Writer

            self._writers[run] = Writer(str(self._folder / run))
        return self._writers[run]
