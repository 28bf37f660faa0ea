"""A foreign network's graph in the form of Avistar's own: uint8 pictures in, logits and embedding out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.backends.onnx_backend import OnnxBackend
from avistar.errors import AvistarError
from avistar_export.foreign_network import ForeignNetwork, opset_of
from avistar_export.network_anatomy import Anatomy, unexplained
from avistar_export.onnx_graph import BATCH, EMBEDDING, INPUT, LOGITS, canonical
from avistar_export.preset import Arithmetic

LEAST_OPSET = 13
"""What the quantiser needs for a scale for each channel; older graphs are converted to it."""
_OWN = "own/"
LEAST_PROBABILITY = 1e-30


def adopted_graph(
    network: ForeignNetwork,
    anatomy: Anatomy,
    arithmetic: Arithmetic,
    *,
    size: tuple[int, int],
    outputs: Sequence[Sequence[int]],
    single: bool = False,
) -> Any:
    """The canonical graph; `size` is (width, height), `outputs` the network's numbers for each species.

    `single`: for one picture at a time. Raises `BuildFailed` where the graph can't be rewritten.
    """
    import onnx

    try:
        model = _modern(network)
        graph = model.graph
        _renamed_apart(graph)
        if not single:
            _opened(graph)
        width, height = size
        image = onnx.helper.make_tensor_value_info(
            INPUT, onnx.TensorProto.UINT8, [1 if single else BATCH, height, width, 3]
        )
        before = _prefix(network, arithmetic)
        _replace(graph.node, [*before, *graph.node])
        _replace(graph.input, [image])
        _finish(graph, anatomy, outputs)
        _replace(graph.output, _outputs(anatomy, len(outputs), single=single))
        del graph.value_info[:]
        inferred = onnx.shape_inference.infer_shapes(canonical(model), strict_mode=True, data_prop=True)
        return _measured(inferred, single=single)
    except AvistarError:
        raise
    except Exception as error:  # onnx raises what it likes
        raise unexplained(network, error) from error


def takes_any_batch(model: Any, images: NDArray[np.uint8]) -> bool:
    """Whether the graph runs on several pictures at once and answers as to each alone."""
    try:
        backend = OnnxBackend(model.SerializeToString())
        together = backend.run(images).logits
        alone = np.concatenate([backend.run(images[i : i + 1]).logits for i in range(len(images))])
    except AvistarError:
        return False
    return together.shape == alone.shape and bool(np.allclose(together, alone, rtol=1e-3, atol=1e-3))


def _modern(network: ForeignNetwork) -> Any:
    import onnx

    model = onnx.ModelProto()
    model.CopyFrom(network.model)
    if opset_of(model) < LEAST_OPSET:
        model = onnx.version_converter.convert_version(model, LEAST_OPSET)
    constants = {tensor.name for tensor in model.graph.initializer}
    _replace(model.graph.input, [value for value in model.graph.input if value.name not in constants])
    return model


def _renamed_apart(graph: Any) -> None:
    """Give every tensor a name that is none of ours."""
    for node in graph.node:
        node.input[:] = [f"{_OWN}{name}" if name else "" for name in node.input]
        node.output[:] = [f"{_OWN}{name}" if name else "" for name in node.output]
    for tensor in graph.initializer:
        tensor.name = f"{_OWN}{tensor.name}"


def _opened(graph: Any) -> None:
    """Let shapes that were written for one picture be those of any number."""
    from onnx import numpy_helper

    values = {tensor.name: tensor for tensor in graph.initializer}
    values |= {node.output[0]: node.attribute[0].t for node in graph.node if node.op_type == "Constant"}
    for node in graph.node:
        tensor = values.get(node.input[1]) if node.op_type == "Reshape" else None
        if tensor is None:
            continue
        shape = numpy_helper.to_array(tensor).copy()
        if shape.size > 1 and shape[0] == 1:
            shape[0] = 0 if (shape[1:] == -1).any() else -1
            tensor.CopyFrom(numpy_helper.from_array(shape, tensor.name))


def _prefix(network: ForeignNetwork, arithmetic: Arithmetic) -> list[Any]:
    """From uint8 [batch, H, W, 3] RGB to what the network takes, under its input's name."""
    from onnx import TensorProto, helper

    nodes: list[Any] = []
    last = INPUT

    def add(operator: str, *more: str, **attributes: Any) -> None:
        nonlocal last
        made = f"prefix/{len(nodes)}"
        nodes.append(helper.make_node(operator, [last, *more], [made], **attributes))
        last = made

    def constant(value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"prefix/constant{len(nodes)}"
        nodes.append(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value)))
        return name

    if network.kind != "uint8":
        add("Cast", to=TensorProto.FLOAT)
    if arithmetic.channels == "bgr":
        add("Gather", constant(np.array([2, 1, 0], np.int64)), axis=3)
    if network.layout == "nchw":
        add("Transpose", perm=[0, 3, 1, 2])
    if network.kind != "uint8":
        shape = (1, 3, 1, 1) if network.layout == "nchw" else (1, 1, 1, 3)
        mean, std = (np.asarray(numbers, np.float64) for numbers in (arithmetic.mean, arithmetic.std))
        factor, offset = arithmetic.scale / std, -mean / std
        if (factor != 1).any():
            add("Mul", constant(factor.astype(np.float32).reshape(shape)))
        if offset.any():
            add("Add", constant(offset.astype(np.float32).reshape(shape)))
        if network.kind == "float16":
            add("Cast", to=TensorProto.FLOAT16)
    nodes.append(helper.make_node("Identity", [last], [f"{_OWN}{network.input}"]))
    return nodes


def _finish(graph: Any, anatomy: Anatomy, outputs: Sequence[Sequence[int]]) -> None:
    """Bring scores and embedding to float32 [batch, labels] and [batch, features] under our names."""
    from onnx import TensorProto, helper, numpy_helper

    def add(operator: str, inputs: Sequence[str], made: str, **attributes: Any) -> str:
        graph.node.append(helper.make_node(operator, list(inputs), [made], **attributes))
        return made

    scores = f"{_OWN}{anatomy.scores}"
    if not anatomy.flat:
        scores = add("Flatten", [add("Cast", [scores], "end/float", to=TensorProto.FLOAT)], "end/flat", axis=1)
    if anatomy.head == "logarithm of probabilities":
        least = numpy_helper.from_array(np.array(LEAST_PROBABILITY, np.float32))
        add("Constant", [], "end/least", value=least)
        scores = add("Log", [add("Max", [scores, "end/least"], "end/kept")], "end/log")
    _called(graph, _merged(add, scores, outputs), LOGITS)
    if anatomy.embedding is None:
        return
    features = f"{_OWN}{anatomy.embedding}"
    if anatomy.rank == 3:
        features = add("Transpose", [features], "end/turned", perm=[0, 2, 1])
    elif anatomy.rank == 4 and not anatomy.convolved:
        features = add("Transpose", [features], "end/turned", perm=[0, 3, 1, 2])
    if anatomy.rank > 2:
        features = add("Flatten", [add("GlobalAveragePool", [features], "end/pooled")], "end/features", axis=1)
    if not anatomy.exact:
        features = add("Cast", [features], "end/exact", to=TensorProto.FLOAT)
    _called(graph, features, EMBEDDING)


def _called(graph: Any, name: str, now: str) -> None:
    """Rename a tensor, wherever it is made and used."""
    for node in graph.node:
        node.input[:] = [now if one == name else one for one in node.input]
        node.output[:] = [now if one == name else one for one in node.output]


def _merged(add: Any, scores: str, outputs: Sequence[Sequence[int]]) -> str:
    """Labels that mean the same species: their probabilities add up, which is a log-sum-exp of their logits."""
    if all(len(numbers) == 1 and numbers[0] == place for place, numbers in enumerate(outputs)):
        return scores
    from onnx import numpy_helper

    def gathered(numbers: Sequence[int], name: str) -> str:
        add("Constant", [], f"{name}/numbers", value=numpy_helper.from_array(np.array(numbers, np.int64)))
        return str(add("Gather", [scores, f"{name}/numbers"], name, axis=1))

    parts = [gathered([numbers[0] for numbers in outputs if len(numbers) == 1], "end/single")]
    repeated = [numbers for numbers in outputs if len(numbers) > 1]
    for place, numbers in enumerate(repeated):
        some = gathered(numbers, f"end/repeated{place}")
        columns = [gathered_one(add, some, i) for i in range(len(numbers))]
        parts.append(_log_sum(add, columns, f"end/sum{place}"))
    joined = add("Concat", parts, "end/joined", axis=1)
    alone = sum(len(numbers) == 1 for numbers in outputs)
    order, next_single, next_repeated = [], 0, alone
    for numbers in outputs:
        order.append(next_single if len(numbers) == 1 else next_repeated)
        next_single, next_repeated = next_single + (len(numbers) == 1), next_repeated + (len(numbers) > 1)
    add("Constant", [], "end/order", value=numpy_helper.from_array(np.array(order, np.int64)))
    return str(add("Gather", [joined, "end/order"], "end/merged", axis=1))


def gathered_one(add: Any, some: str, number: int) -> str:
    """One column, still with two dimensions."""
    from onnx import numpy_helper

    add("Constant", [], f"{some}/{number}/n", value=numpy_helper.from_array(np.array([number], np.int64)))
    return str(add("Gather", [some, f"{some}/{number}/n"], f"{some}/{number}", axis=1))


def _log_sum(add: Any, columns: Sequence[str], name: str) -> str:
    """Log Σ exp of columns, safe for large logits: the largest is taken out first."""
    top = add("Max", columns, f"{name}/top")
    terms = [
        add("Exp", [add("Sub", [column, top], f"{name}/{i}/less")], f"{name}/{i}/exp")
        for i, column in enumerate(columns)
    ]
    total = add("Log", [add("Sum", terms, f"{name}/total")], f"{name}/log")
    return str(add("Add", [total, top], name))


def _outputs(anatomy: Anatomy, species: int, *, single: bool) -> list[Any]:
    from onnx import TensorProto, helper

    batch = 1 if single else BATCH
    made = [helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, [batch, species])]
    if anatomy.embedding is not None:
        made.append(helper.make_tensor_value_info(EMBEDDING, TensorProto.FLOAT, [batch, anatomy.features]))
    return made


def _measured(model: Any, *, single: bool) -> Any:
    """Let inference's word on the batch be ours."""
    for value in model.graph.output:
        first = value.type.tensor_type.shape.dim[0]
        first.Clear()
        if single:
            first.dim_value = 1
        else:
            first.dim_param = BATCH
    return model


def _replace(field: Any, values: Sequence[Any]) -> None:
    """Set a repeated field of a message to copies of `values`, some of which may be in it."""
    kept = []
    for value in values:
        copy = type(value)()
        copy.CopyFrom(value)
        kept.append(copy)
    del field[:]
    field.extend(kept)
