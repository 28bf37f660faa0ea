"""Fine-tuning: the last layer on frozen features, then the upper blocks, stage by stage, resumable.

Written against Keras 3 alone, so that TensorFlow, JAX and PyTorch can all run it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from avistar.backends import Outputs
from avistar.errors import AvistarError
from avistar.images import Pixels
from avistar_train.backbones import unfreeze
from avistar_train.model import make_trainer
from avistar_train.pixels import Progress
from avistar_train.prior import Prior
from avistar_train.recipes import Head, Recipe, Stage

Labels = NDArray[np.int64]


class TrainingFailed(AvistarError):
    """Training went wrong in a way that going on would not mend."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Photos that train: `pixels` uint8 [N, cache, cache, 3] RGB and `truth` int64 [N]."""

    pixels: Pixels
    truth: Labels


def predict(network: Any, pixels: Pixels, *, batch: int = 32, progress: Progress | None = None) -> Outputs:
    """Run the network on uint8 [N, H, W, 3]; logits and embedding as numpy arrays."""
    logits, embedding = [], []
    for start in range(0, len(pixels), batch):
        out = network.predict_on_batch(np.asarray(pixels[start : start + batch]))
        logits.append(out["logits"])
        embedding.append(out["embedding"])
        if progress is not None:
            progress("looking at photos", min(start + batch, len(pixels)), len(pixels))
    return Outputs(np.concatenate(logits), np.concatenate(embedding))


class _Pull(keras.regularizers.Regularizer):  # type: ignore[misc]  # Keras has no types
    """L2 towards given weights instead of zero (Li et al. 2018, L2-SP, arXiv:1802.01483)."""

    def __init__(self, target: NDArray[np.float32], strength: float) -> None:
        self._target = target
        self._strength = strength

    def __call__(self, x: Any) -> Any:
        return self._strength * keras.ops.sum(keras.ops.square(x - self._target))


def fit_head(
    embedding: NDArray[np.float32], truth: Labels, prior: Prior, head: Head, *, balance: float, seed: int
) -> Prior:
    """Train the last layer on features float32 [N, features]; returns it as a `Prior`."""
    keras.utils.set_random_seed(seed)
    dense = keras.layers.Dense(prior.bias.size, kernel_regularizer=_Pull(prior.kernel, head.prior_strength))
    inputs = keras.Input((embedding.shape[1],))
    model = keras.Model(inputs, dense(inputs))
    dense.set_weights([prior.kernel, prior.bias])
    rate = keras.optimizers.schedules.CosineDecay(head.learning_rate, head.epochs * math.ceil(len(truth) / head.batch))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss)
    weights = sampling_weights(truth, prior.bias.size, balance)
    weights = weights / weights.mean()
    model.fit(embedding, truth, batch_size=head.batch, epochs=head.epochs, sample_weight=weights, verbose=0)
    kernel, bias = dense.get_weights()
    return Prior(kernel, bias, prior.other_kernel, prior.other_bias)


def sampling_weights(truth: Labels, species: int, balance: float) -> NDArray[np.float64]:
    """How often to draw each photo, float64 [N] adding up to 1: ~ photos of its species ^ -balance."""
    counts = np.maximum(np.bincount(truth, minlength=species), 1)
    weights = counts[truth].astype(np.float64) ** -balance
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


class Sampler(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Batches for one epoch, drawn with the recipe's balance; the same for the same seed and epoch."""

    def __init__(self, data: TrainingData, weights: NDArray[np.float64], *, batch: int, seed: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self._data = data
        self._weights = weights
        self._batch = batch
        self._seed = seed
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Draw the photos of `epoch`."""
        count = len(self._data.truth)
        rng = np.random.default_rng((self._seed, epoch))
        self._order = rng.choice(count, size=count, p=self._weights)

    def __len__(self) -> int:
        """Whole batches in an epoch."""
        return max(1, len(self._order) // self._batch)

    def __getitem__(self, index: int) -> tuple[Pixels, Labels]:
        chosen = np.sort(self._order[index * self._batch : (index + 1) * self._batch])
        return self._data.pixels[chosen], self._data.truth[chosen]


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Draws each epoch's photos, saves the state after it, reports progress, stops at NaN."""

    def __init__(self, sampler: Sampler, folder: Path, label: str, progress: Progress) -> None:
        super().__init__()
        self._sampler = sampler
        self._folder = folder
        self._label = label
        self._progress = progress

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._epoch = epoch
        self._sampler.begin(epoch)
        # A saved model forgets where its random layers were: each epoch starts them anew.
        for variable in self.model.non_trainable_variables:
            if variable.name == "seed_generator_state":
                seed = np.asarray(variable.value)[0]
                variable.assign(np.array([seed, epoch * 1_000_003], dtype=variable.dtype))

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise TrainingFailed(
                f"the loss became {loss} in {self._label}, epoch {self._epoch + 1}, step {batch + 1}:"
                " lower the learning rate (--set stages.N.learning_rate=…)"
            )
        self._progress(f"{self._label} epoch {self._epoch + 1} · loss {loss:.3f}", batch + 1, len(self._sampler))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        temporary = self._folder / "state.part.keras"
        self.model.save(temporary)
        temporary.replace(self._folder / "state.keras")
        facts = {key: float(value) for key, value in (logs or {}).items()}
        with (self._folder / "history.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"stage": self._label, "epoch": epoch + 1, **facts}) + "\n")
        _note(self._folder, stage=self._label, epochs_done=epoch + 1)


def fit_stages(
    network: Any, data: TrainingData, recipe: Recipe, *, folder: Path, seed: int, progress: Progress
) -> None:
    """Train `network` in place through all stages of `recipe`; continues where `folder` says it stopped."""
    base = next(layer for layer in network.layers if isinstance(layer, keras.Model))
    for number, stage in enumerate(recipe.stages, 1):
        label = f"stage {number}"
        final = folder / f"stage{number}.weights.h5"
        if final.is_file():
            network.load_weights(final)
            continue
        unfreeze(base, stage.unfreeze_from)
        trainer = _compiled(network, data, recipe, stage, seed=seed + number)
        done = _done(folder, label)
        if done:
            _restore(trainer, folder / "state.keras")
        sampler = Sampler(
            data,
            sampling_weights(data.truth, network.get_layer("logits").units, recipe.training.balance),
            batch=stage.batch,
            seed=seed + number,
        )
        watch = _Watch(sampler, folder, label, progress)
        if done < stage.epochs:
            trainer.fit(sampler, initial_epoch=done, epochs=stage.epochs, verbose=0, shuffle=False, callbacks=[watch])
        temporary = folder / "stage.part.weights.h5"
        network.save_weights(temporary)
        temporary.replace(final)


def _compiled(network: Any, data: TrainingData, recipe: Recipe, stage: Stage, *, seed: int) -> Any:
    keras.utils.set_random_seed(seed)
    trainer = make_trainer(network, recipe, size=stage.size, seed=seed)
    steps = stage.epochs * max(1, len(data.truth) // stage.batch)
    warm = round(stage.warmup * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warm else stage.learning_rate,
        max(1, steps - warm),
        warmup_target=stage.learning_rate if warm else None,
        warmup_steps=warm,
    )
    average = recipe.training.average
    optimizer = keras.optimizers.AdamW(
        rate,
        weight_decay=recipe.training.weight_decay,
        use_ema=average > 0,
        ema_momentum=average or 0.99,
    )
    trainer.compile(optimizer, SmoothedCrossentropy(recipe.training.label_smoothing), metrics=["accuracy"])
    return trainer


@keras.saving.register_keras_serializable("avistar")
class SmoothedCrossentropy(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """Cross-entropy of logits with sparse labels and label smoothing (Szegedy et al. 2016, arXiv:1512.00567)."""

    def __init__(self, smoothing: float = 0.0, name: str = "smoothed_crossentropy", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Loss [N] of labels int [N] or [N, 1] and logits [N, species]."""
        log_p = keras.ops.log_softmax(y_pred, axis=-1)
        wanted = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32"), y_pred.shape[-1])
        wanted = wanted * (1 - self.smoothing) + self.smoothing / y_pred.shape[-1]
        return -keras.ops.sum(wanted * log_p, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What Keras stores."""
        return {**super().get_config(), "smoothing": self.smoothing}


def _restore(trainer: Any, file: Path) -> None:
    """Take over weights and optimiser of an interrupted stage."""
    saved = keras.models.load_model(file, safe_mode=True)
    trainer.optimizer.build(trainer.trainable_variables)
    trainer.set_weights(saved.get_weights())
    for mine, theirs in zip(trainer.optimizer.variables, saved.optimizer.variables, strict=True):
        mine.assign(theirs)


def blend(network: Any, start: Sequence[NDArray[Any]], tuned: Sequence[NDArray[Any]], share: float) -> None:
    """Set `network` to `share` of the tuned weights and the rest of the starting ones.

    Interpolating between pre-trained and fine-tuned weights keeps what the base knew of other things
    (Wortsman et al. 2022, WiSE-FT, arXiv:2109.01903).
    """
    network.set_weights([(1 - share) * a + share * b for a, b in zip(start, tuned, strict=True)])


def _note(folder: Path, **facts: Any) -> None:
    temporary = folder / "progress.part"
    temporary.write_text(json.dumps(facts), "utf-8")
    Path(temporary).replace(folder / "progress.json")


def _done(folder: Path, label: str) -> int:
    """Epochs of the stage called `label` that were saved."""
    path = folder / "progress.json"
    if not path.is_file():
        return 0
    facts = json.loads(path.read_text("utf-8"))
    return int(facts["epochs_done"]) if facts["stage"] == label else 0
