"""fp32 to fp16 ONNX: weights and activations halve, inputs, outputs and delicate arithmetic stay as they are.

onnxconverter-common 1.16 writes an invalid graph for a uint8 input (it retypes the first Cast), and its
casts depend on node order; a graph of stock layers needs no more than what is here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar_export.onnx_graph import before_first_convolution, canonical, copied

LIMIT = 65504 / 4
"""Largest activation (absolute) that may be stored in half precision: a quarter of its range is left free."""

SMALLEST = 2.0**-24
"""The least half-precision number; smaller weights become zero."""


@dataclass(frozen=True, slots=True)
class HalfFacts:
    """What became of the nodes that compute with floats: how many are half precision, which stayed and why."""

    half_nodes: int
    float_nodes: int
    kept: tuple[str, ...]
    largest_activation: float

    @property
    def share(self) -> float:
        """Share of half-precision nodes, 0 to 1."""
        return self.half_nodes / max(self.half_nodes + self.float_nodes, 1)


def to_half(model: Any, images: NDArray[np.uint8]) -> tuple[Any, HalfFacts]:
    """A half-precision copy of a canonical fp32 `model`.

    Kept in fp32: everything before the first convolution (colour arithmetic: a mean of 123.68 loses its
    digits in half precision), and every node with an activation above `LIMIT` on `images` (uint8
    [N, H, W, 3], calibration photos).
    """
    import onnx

    peaks = activation_peaks(model, images)
    early = before_first_convolution(model)
    loud = {
        node.name
        for node in model.graph.node
        if any(peaks.get(name, 0.0) > LIMIT for name in (*node.input, *node.output))
    }
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    floats = _float_tensors(model)
    computing = {n.name for n in model.graph.node if any(name in floats for name in n.output)}
    half = computing - early - loud
    _rewrite(copy.graph, half, floats)
    made = canonical(onnx.shape_inference.infer_shapes(copy))
    kept = tuple(sorted(loud))
    return made, HalfFacts(len(half), len(computing) - len(half), kept, max(peaks.values(), default=0.0))


def activation_peaks(model: Any, images: NDArray[np.uint8]) -> dict[str, float]:
    """The largest absolute value of each float activation on `images` (uint8 [N, H, W, 3])."""
    import onnx
    from onnx import helper

    from avistar.backends.onnx_backend import import_onnxruntime

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    floats = _float_tensors(model)
    names = [name for node in model.graph.node for name in node.output if name in floats]
    for name in names:
        copy.graph.node.append(helper.make_node("Abs", [name], [f"{name}|abs"]))
        copy.graph.node.append(helper.make_node("ReduceMax", [f"{name}|abs"], [f"{name}|peak"], keepdims=0))
        copy.graph.output.append(helper.make_tensor_value_info(f"{name}|peak", onnx.TensorProto.FLOAT, []))
    ort = import_onnxruntime()
    session = ort.InferenceSession(copy.SerializeToString(), providers=["CPUExecutionProvider"])
    peaks = dict.fromkeys(names, 0.0)
    step = 1 if model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1 else 4
    for start in range(0, len(images), step):
        found = session.run([f"{name}|peak" for name in names], {"image": images[start : start + step]})
        peaks = {name: max(peaks[name], float(value)) for name, value in zip(names, found, strict=True)}
    return peaks


def _float_tensors(model: Any) -> set[str]:
    """Names of the fp32 tensors: activations and constants."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    values = [*inferred.value_info, *inferred.output]
    names = {v.name for v in values if v.type.tensor_type.elem_type == onnx.TensorProto.FLOAT}
    return names | {t.name for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT}


def _rewrite(graph: Any, half: Collection[str], floats: Collection[str]) -> None:
    """Retype the nodes in `half`, with casts wherever a tensor crosses between the two kinds."""
    import onnx
    from onnx import helper, numpy_helper

    weights = {tensor.name: tensor for tensor in graph.initializer}
    halves = {name for node in graph.node if node.name in half for name in node.output if name in floats}
    nodes, made = [], set()
    for node in graph.node:
        inside = node.name in half
        for position, name in enumerate(node.input):
            if name not in floats or (name in halves) == inside:
                continue
            if node.op_type == "Resize" and position:  # its scales are fp32 whatever it resizes
                continue
            turned = f"{name}|{'half' if inside else 'float'}"
            node.input[position] = turned
            if turned in made:
                continue
            made.add(turned)
            if name in weights:
                graph.initializer.append(numpy_helper.from_array(_halved(numpy_helper.to_array(weights[name])), turned))
            else:
                kind = onnx.TensorProto.FLOAT16 if inside else onnx.TensorProto.FLOAT
                nodes.append(helper.make_node("Cast", [name], [turned], name=turned, to=kind))
        if inside and node.op_type == "Cast":
            node.attribute[0].i = onnx.TensorProto.FLOAT16
        nodes.append(node)
    nodes = [copied(node) for node in nodes]
    _restore_outputs(nodes, halves, [output.name for output in graph.output])
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]


def _restore_outputs(nodes: list[Any], halves: Collection[str], outputs: Collection[str]) -> None:
    """Let the graph's outputs be fp32: their half-precision tensors are renamed, a cast takes the name."""
    import onnx
    from onnx import helper

    for output in outputs:
        if output not in halves:
            continue
        inner = f"{output}|half"
        for node in nodes:
            node.input[:] = [inner if name == output else name for name in node.input]
            node.output[:] = [inner if name == output else name for name in node.output]
        nodes.append(helper.make_node("Cast", [inner], [output], name=f"{output}|cast", to=onnx.TensorProto.FLOAT))


def _halved(values: NDArray[np.float32]) -> NDArray[np.float16]:
    return np.where(np.abs(values) < SMALLEST, 0, np.clip(values, -65504, 65504)).astype(np.float16)
