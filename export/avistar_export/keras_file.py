"""A Keras file that others trained, as ONNX: by the same converter as Avistar's own networks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from avistar.errors import MissingExtra, UsageError
from avistar_export.errors import BuildFailed
from avistar_export.onnx_graph import OPSET

SUFFIXES = frozenset({".keras", ".h5", ".hdf5"})


@contextmanager
def as_onnx(file: Path) -> Iterator[Path]:
    """The network in `file` as an ONNX file: itself, or converted into a temporary folder.

    Raises `UsageError` for a Keras file that can't be loaded, `BuildFailed` for one that can't be converted.
    """
    if file.suffix.lower() not in SUFFIXES or not file.is_file():
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="avistar-keras-") as folder:
        target = Path(folder) / f"{file.stem}.onnx"
        _convert(file, target)
        yield target


def _convert(file: Path, target: Path) -> None:
    try:
        import keras
        import tensorflow
        import tf2onnx
    except ImportError as error:
        raise MissingExtra("export", f"Converting {file.name} ({error})") from error
    try:
        model: Any = keras.saving.load_model(file, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise UsageError(
            "{file} can't be loaded by Keras ({error}); a file of weights alone needs its network: "
            "build it, load the weights, and save it whole as .keras",
            file=file,
            error=error,
        ) from error
    if len(model.inputs) != 1 or len(model.inputs[0].shape) != 4:
        raise UsageError(
            "{file} has inputs {inputs}; a classifier takes one picture",
            file=file,
            inputs=[tuple(one.shape) for one in model.inputs],
        )
    shape, kind = model.inputs[0].shape, model.inputs[0].dtype
    signature = [tensorflow.TensorSpec((None, *shape[1:]), kind, name="pictures")]

    def answers(pictures: Any) -> Any:
        return tensorflow.identity(model(pictures, training=False), name="answers")

    try:
        tf2onnx.convert.from_function(
            tensorflow.function(answers, input_signature=signature), input_signature=signature, opset=OPSET,
            output_path=str(target),
        )  # fmt: skip
    except (ValueError, RuntimeError, KeyError, NotImplementedError) as error:
        raise BuildFailed("tf2onnx could not convert {name}: {error}", name=file, error=error) from error
