"""The trained Keras network: as the reference that everything is judged by, and as an ONNX graph."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.backends import FunctionBackend, Outputs
from avistar.bundle import ModelBundle
from avistar.errors import BundleError, MissingExtra
from avistar.manifest import Artifact, Preprocessing
from avistar.message import Message
from avistar_export.errors import BuildFailed
from avistar_export.onnx_graph import EMBEDDING, INPUT, LOGITS, OPSET, canonical


class TrainedNetwork:
    """The bundle's Keras network, at the bundle's picture size.

    The contract: one input `image` (uint8 or float32 [N, H, W, 3] RGB, 0 to 255), outputs `logits`
    [N, species] and `embedding` [N, features], colour arithmetic inside. Raises `MissingExtra` where
    TensorFlow isn't installed, `BundleError` where the network keeps no contract.
    """

    name = "the trained network"

    def __init__(self, bundle: ModelBundle, artifact: Artifact) -> None:
        self._tensorflow, keras = _libraries()
        with tempfile.TemporaryDirectory(prefix="avistar-keras-") as folder:
            path = Path(folder) / "model.keras"
            path.write_bytes(bundle.checked(artifact.file))  # a copy: what was checked is what is loaded
            try:
                self._model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)
            except (ValueError, TypeError, OSError, KeyError) as error:
                raise BundleError(
                    "{file} can't be loaded by Keras: {error}", file=bundle.folder / artifact.file, error=error
                ) from error
        self._name = artifact.file
        self._kind = _input_type(self._model, self._name)
        self._signature = [_specification(self._tensorflow, bundle.manifest.preprocessing)]
        self._function: Any = self._tensorflow.function(self._call, input_signature=self._signature)

    def backend(self) -> FunctionBackend:
        """The network as a backend."""
        return FunctionBackend(self._run, f"keras · {self._name}")

    def to_onnx(self) -> Any:
        """The network as a canonical ONNX graph. Raises `BuildFailed`."""
        import tf2onnx

        try:
            model, _ = tf2onnx.convert.from_function(self._function, input_signature=self._signature, opset=OPSET)
        except (ValueError, RuntimeError, KeyError, NotImplementedError) as error:
            raise BuildFailed("tf2onnx could not convert {name}: {error}", name=self._name, error=error) from error
        return canonical(model)

    def _call(self, image: Any) -> dict[str, Any]:
        outputs = self._model(self._tensorflow.cast(image, self._kind), training=False)
        if not isinstance(outputs, dict):
            outputs = dict(zip(self._model.output_names, outputs, strict=True))
        float32 = self._tensorflow.float32
        return {name: self._tensorflow.cast(outputs[name], float32) for name in (EMBEDDING, LOGITS)}

    def _run(self, images: NDArray[np.uint8]) -> Outputs:
        outputs = self._function(self._tensorflow.constant(images))
        return Outputs(outputs[LOGITS].numpy(), outputs[EMBEDDING].numpy())


def _libraries() -> tuple[Any, Any]:
    try:
        import keras
        import tensorflow
        import tf2onnx  # noqa: F401
    except ImportError as error:
        raise MissingExtra("export", Message("Converting a trained network ({error})", error=error)) from error
    if keras.backend.backend() != "tensorflow":
        raise MissingExtra("export", Message("Converting a trained network with KERAS_BACKEND=tensorflow"))
    return tensorflow, keras


def _input_type(model: Any, name: str) -> str:
    inputs, outputs = list(getattr(model, "inputs", [])), set(getattr(model, "output_names", ()))
    if len(inputs) != 1 or inputs[0].name != INPUT or not {LOGITS, EMBEDDING} <= outputs:
        raise BundleError(
            "{name} has inputs {inputs} and outputs {outputs}; an Avistar network has the input "
            "'{input}' and the outputs '{logits}' and '{embedding}'",
            name=name,
            inputs=[i.name for i in inputs],
            outputs=sorted(outputs),
            input=INPUT,
            logits=LOGITS,
            embedding=EMBEDDING,
        )
    kind = str(inputs[0].dtype)
    if kind not in ("uint8", "float32"):
        raise BundleError(
            "{name} takes {kind} pictures; an Avistar network takes uint8 or float32", name=name, kind=kind
        )
    return kind


def _specification(tensorflow: Any, size: Preprocessing) -> Any:
    return tensorflow.TensorSpec((None, size.height, size.width, 3), tensorflow.uint8, name=INPUT)
