"""What a run folder remembers: every epoch's figures, and the callbacks that keep a stage resumable."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from avistar.errors import AvistarError
from avistar.progress import StepProgress
from avistar_train.augmentation import begin_random_layers
from avistar_train.recipes import Stage
from avistar_train.sampling import Sampler


class TrainingFailed(AvistarError):
    """Training went wrong in a way that going on would not mend."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The log of a run: `history.jsonl` in `folder`, a row for each epoch and for each blend tried.

    The epochs are also there as `epochs.csv`.
    `tensorboard` also keeps logs for TensorBoard, in `folder`/tensorboard.
    """

    folder: Path
    progress: StepProgress
    tensorboard: bool = False

    def record(self, **facts: Any) -> None:
        """Add a row."""
        with (self.folder / "history.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(facts) + "\n")

    def epochs(self, stage: str) -> list[dict[str, Any]]:
        """The rows of the epochs of `stage`, in order."""
        return [row for row in self._rows() if row.get("stage") == stage]

    def forget_after(self, stage: str, epochs: int) -> None:
        """Drop rows of `stage` past `epochs`: the run was killed before their state was kept."""
        kept = [row for row in self._rows() if row.get("stage") != stage or row["epoch"] <= epochs]
        if len(kept) < len(self._rows()):
            temporary = self.folder / "history.part"
            temporary.write_text("".join(json.dumps(row) + "\n" for row in kept), "utf-8")
            temporary.replace(self.folder / "history.jsonl")

    def tabulate(self) -> None:
        """Write `epochs.csv` anew from all epochs there are."""
        rows = [row for row in self._rows() if "epoch" in row]
        with (self.folder / "epochs.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, list(rows[0]))
            table.writeheader()
            table.writerows(rows)

    def _rows(self) -> list[dict[str, Any]]:
        file = self.folder / "history.jsonl"
        if not file.is_file():
            return []
        lines = file.read_text("utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1] if line]  # a row that was cut off has no line's end


def stopped(rows: list[dict[str, Any]], patience: int) -> bool:
    """Whether `patience` epochs have passed since the best validation loss (0: never)."""
    losses = [row["val_loss"] for row in rows]
    return bool(patience and losses) and len(losses) - 1 - int(np.argmin(losses)) >= patience


class EpochCallback(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Draws each epoch's photos, keeps figures and state after it, reports progress, stops at NaN and by patience."""

    def __init__(self, sampler: Sampler, stage: Stage, label: str, journal: RunFolder) -> None:
        super().__init__()
        self._sampler = sampler
        self._stage = stage
        self._label = label
        self._journal = journal
        self._file = label.replace(" ", "")

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Make the epoch's random choices those of its number, whether or not the run was killed before."""
        self._epoch = epoch
        self._sampler.begin(epoch)
        # A saved model forgets where its random layers were: each epoch starts them anew.
        begin_random_layers(self.model, epoch * 1_000_003)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Report; raise `TrainingFailed` when the loss is no number any more."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise TrainingFailed(
                "the loss became {loss} in {stage}, epoch {epoch}, step {step} of {steps}, at a learning "
                "rate of {rate:.3g}: lower it (--set stages.{index}.learning_rate=…){more}",
                loss=loss,
                stage=self._label,
                epoch=self._epoch + 1,
                step=batch + 1,
                steps=len(self._sampler),
                rate=self._rate(),
                index=int(self._label.split()[1]) - 1,
                more=self._more_bits(),
            )
        what = f"{self._label} epoch {self._epoch + 1} · loss {loss:.3f}"
        self._journal.progress(what, batch + 1, len(self._sampler))

    def _more_bits(self) -> str:
        """The other cure, where the network computes in half precision."""
        halves = {layer.compute_dtype for layer in self.model.layers} - {"float32"}
        return ", or train in float32 (--set precision=float32)" if halves else ""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Keep figures, then state: whatever is killed in between is done again."""
        figures = {key: float(value) for key, value in (logs or {}).items()} | {"learning_rate": self._rate()}
        self._journal.forget_after(self._label, epoch)
        self._journal.record(stage=self._label, epoch=epoch + 1, **figures)
        self._journal.tabulate()
        rows = self._journal.epochs(self._label)
        if self._stage.stop_patience and rows[-1]["val_loss"] == min(row["val_loss"] for row in rows):
            self._keep(self.model.save_weights, "best.weights.h5")
        self._keep(self.model.save, "state.keras")
        if stopped(rows, self._stage.stop_patience):
            self.model.stop_training = True

    def _keep(self, save: Any, ending: str) -> None:
        temporary = self._journal.folder / f"part.{ending}"
        save(temporary)
        temporary.replace(self._journal.folder / f"{self._file}.{ending}")

    def _rate(self) -> float:
        return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))


class Replay(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Shows the epochs before a kill to `plateau`, which would otherwise forget how long it has waited."""

    def __init__(self, plateau: Any, rows: list[dict[str, Any]]) -> None:
        super().__init__()
        self._plateau = plateau
        self._rows = rows

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """The rate itself comes back with the optimiser's state, so it is left as it is."""
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        for row in self._rows:
            self._plateau.on_epoch_end(row["epoch"] - 1, dict(row))
        if self._rows:
            self.model.optimizer.learning_rate = rate
