"""fp32 to int8 ONNX: Q/DQ pairs around what is worth it, ranges from training photos.

Form and settings were chosen by measurement: docs/decisions/0003-int8-form.md.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.backends.onnx_backend import import_onnxruntime
from avistar_export.errors import BuildFailed
from avistar_export.onnx_graph import (
    BOXES,
    EMBEDDING,
    SCORES,
    before_first_convolution,
    canonical,
    copied,
    outputs_of,
)

CALIBRATION_PHOTOS = 196
"""Photos that set the ranges. 98 and 49 agreed on 2 and 5 of 300 photos less, which may be chance."""

STEP = 7
"""Photos whose intermediate results are held in memory at once; divides `CALIBRATION_PHOTOS`."""

OPERATORS = (
    "Conv",
    "MatMul",
    "Gemm",
    "Add",
    "Mul",
    "Relu",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "Concat",
    "Pad",
)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder that quantisation climbs while the gate refuses: more stays in fp32."""

    name: str
    first_convolutions: int
    last_convolutions: int


LADDER = (
    Rung("all convolutions in int8", 0, 0),
    Rung("first and last convolution in fp32", 1, 1),
    Rung("first and last three convolutions in fp32", 3, 3),
)


@dataclass(frozen=True, slots=True)
class IntegerFacts:
    """How an int8 graph was made: what stayed in fp32 and on how many photos ranges were set."""

    kept: tuple[str, ...]
    convolutions: int
    photos: int


class Quantiser:
    """Quantises one canonical fp32 `model`; the ranges of activations are measured once for all rungs.

    `images` uint8 [N, H, W, 3]: calibration photos, none of them held out. Raises `BuildFailed`.
    """

    def __init__(self, model: Any, images: NDArray[np.uint8], *, operators: tuple[str, ...] = OPERATORS) -> None:
        self._operators = operators
        if not len(images):
            raise BuildFailed("int8 needs training photos to set its ranges; there are none")
        self._model = _folded(model)
        self._images = images
        self._cache = tempfile.TemporaryDirectory(prefix="avistar-ranges-")
        # As a file: given a model in memory, the quantiser moves its weights outside and loses them.
        self._file = Path(self._cache.name) / "folded.onnx"
        self._file.write_bytes(self._model.SerializeToString())

    def quantise(self, rung: Rung) -> tuple[Any, IntegerFacts]:
        """The canonical int8 graph of one rung."""
        import_onnxruntime()  # which sends nothing: the quantiser would load it as it is
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

        convolutions = [node.name for node in self._model.graph.node if node.op_type == "Conv"]
        last = convolutions[-rung.last_convolutions :] if rung.last_convolutions else []
        kept = [*convolutions[: rung.first_convolutions], *last]
        folder = Path(self._cache.name)
        with _quiet(), _explained():
            quantize_static(
                self._file,
                folder / "int8.onnx",
                _Photos(self._images),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(self._operators),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=[*kept, *_edges(self._model), *_after_heads(self._model)],
                calibration_cache_path=folder / "ranges.json",
                extra_options={
                    # ONNX Runtime rounds biases itself; TensorRT refuses int32 ones.
                    "QuantizeBias": False,
                    "CalibStridedMinMax": min(STEP, len(self._images)),
                },
            )
        import onnx

        made = canonical(onnx.load(folder / "int8.onnx"))
        return made, IntegerFacts(tuple(kept), len(convolutions), len(self._images))

    def close(self) -> None:
        """Remove the measured ranges."""
        self._cache.cleanup()


def to_symmetric(model: Any) -> Any:
    """A copy of an int8 `model` with int8 activations around a zero point of 0: the one form that TensorRT parses.

    The ranges stay; half of the steps go where a range has one sign only, as after a ReLU. ONNX Runtime's CPU
    runs this form no faster than fp32: docs/decisions/0041-int8-for-tensorrt.md.
    """
    import onnx
    from onnx import numpy_helper

    made = onnx.ModelProto()
    made.CopyFrom(model)
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in made.graph.initializer}
    zeros: dict[str, str] = {}
    nodes = []
    for node in made.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear") and tensors[node.input[2]].dtype == np.uint8:
            scale, zero = node.input[1:3]
            if zeros.setdefault(scale, zero) != zero:
                raise BuildFailed(
                    "{name} shares its scale with another zero point: export the bundle again", name=node.name
                )
            node.input[1:3] = [f"{scale}|symmetric", f"{scale}|zero"]
            if node.op_type == "QuantizeLinear" and not tensors[zero].any():
                # The quantiser left out ReLUs, since unsigned numbers from 0 cut off what is negative.
                nodes.append(onnx.helper.make_node("Relu", [node.input[0]], [f"{node.name}|relu"], name=node.name))
                node.input[0] = f"{node.name}|relu"
        nodes.append(node)
    nodes = [copied(node) for node in nodes]
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    for scale, zero in zeros.items():
        step, offset = (tensors[name].astype(np.float32) for name in (scale, zero))
        reach = np.asarray(np.maximum(offset, 255 - offset) * step / 127, np.float32)
        made.graph.initializer.append(numpy_helper.from_array(reach, f"{scale}|symmetric"))
        made.graph.initializer.append(numpy_helper.from_array(np.zeros(reach.shape, np.int8), f"{scale}|zero"))
    return canonical(made)


class _Photos:
    """What `quantize_static` reads from: one photo at a time, in strides."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self._images = images[: len(images) - len(images) % min(STEP, len(images))]
        self._next, self._end = 0, len(self._images)

    def __len__(self) -> int:
        return len(self._images)

    def set_range(self, start_index: int, end_index: int) -> None:
        """Choose the photos that `get_next` gives."""
        self._next, self._end = start_index, end_index

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """The next photo as the graph's input, None at the end."""
        if self._next >= self._end:
            return None
        self._next += 1
        return {"image": self._images[self._next - 1 : self._next]}

    def __iter__(self) -> Iterator[dict[str, NDArray[np.uint8]]]:
        while (item := self.get_next()) is not None:
            yield item


def _edges(model: Any) -> list[str]:
    """Nodes that stay in fp32 on every rung: colour arithmetic, and everything from the embedding on.

    The layer of species costs nothing, and 8-bit logits would round confidences.
    """
    if EMBEDDING not in outputs_of(model):
        return sorted(before_first_convolution(model))
    after = {EMBEDDING}
    names = before_first_convolution(model)
    for node in model.graph.node:
        if after & set(node.input):
            after |= set(node.output)
            names.add(node.name)
        elif EMBEDDING in node.output:
            names.add(node.name)
    return sorted(names)


def _after_heads(model: Any) -> list[str]:
    """A detector's last convolutions and all that follows: places, sizes and scores need more than eight bits."""
    if BOXES not in outputs_of(model):
        return []
    makers = {name: node for node in model.graph.node for name in node.output}
    names: list[str] = []
    seen: set[str] = set()
    waiting = [BOXES, SCORES]
    while waiting:
        node = makers.get(waiting.pop())
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        names.append(node.name)
        if node.op_type != "Conv":
            waiting.extend(node.input)
    return sorted(names)


def _folded(model: Any) -> Any:
    """The graph with constants folded and normalisation merged into convolutions (plain ONNX operators)."""
    import onnx

    ort = import_onnxruntime()
    with tempfile.TemporaryDirectory(prefix="avistar-fold-") as folder:
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(Path(folder) / "folded.onnx")
        options.log_severity_level = 4
        try:
            ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a dozen types of its own
            raise BuildFailed("ONNX Runtime can't load the fp32 graph: {error}", error=error) from error
        return _marked(canonical(onnx.load(Path(folder) / "folded.onnx")))


def _marked(model: Any) -> Any:
    """Say that pre-processing ran, or the quantiser warns that it did not."""
    entry = model.metadata_props.add()
    entry.key, entry.value = "onnx.quant.pre_process", "onnxruntime.quant"
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    """The quantiser logs to the root logger; its advice is not for our users."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (ValueError, RuntimeError, TypeError, KeyError) as error:
        raise BuildFailed("ONNX Runtime's quantiser refused the graph: {error}", error=error) from error
