"""Logs for TensorBoard by its own library: Keras' callback asks TensorFlow to write, and other backends have none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras


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
