"""The graph contract: every ONNX file that Avistar writes has one form, and equal networks equal bytes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from avistar.manifest import Artifact, DetectorManifest, Manifest
from avistar_export.errors import BuildFailed

INPUT, LOGITS, EMBEDDING, BATCH = "image", "logits", "embedding", "batch"
BOXES, SCORES = DetectorManifest.OUTPUTS

OPSET = 18

IR_VERSION = 8

METADATA_KEY = "avistar"


def canonical(model: Any) -> Any:
    """A copy of `model` with names, order and producer that depend on nothing but the computation.

    Nodes keep the order of a depth-first walk from the outputs; nodes and tensors are named by operator
    and number ('conv_007', 'conv_007.1' is its second input's constant). Constants become initializers.
    """
    import onnx

    source = model.graph
    constants = _constants(source)
    ordered = _in_order(source, outputs_of(model))
    names = {name: name for name in (INPUT, *outputs_of(model), "")}
    counts: Counter[str] = Counter()
    nodes, initializers = [], []
    for node in ordered:
        counts[node.op_type] += 1
        label = f"{node.op_type.lower()}_{counts[node.op_type]:03d}"
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name, copy.doc_string = label, ""
        for position, name in enumerate(node.input):
            if name in constants and name not in names:
                names[name] = f"{label}.{position}"
                tensor = onnx.TensorProto()
                tensor.CopyFrom(constants[name])
                tensor.name, tensor.doc_string = names[name], ""
                initializers.append(tensor)
        for position, name in enumerate(node.output):
            names.setdefault(name, label if position == 0 else f"{label}:{position}")
        copy.input[:] = [names[name] for name in node.input]
        copy.output[:] = [names[name] for name in node.output]
        attributes = sorted(node.attribute, key=lambda attribute: attribute.name)
        del copy.attribute[:]
        copy.attribute.extend(attributes)
        nodes.append(copy)
    return _assembled(model, outputs_of(model), nodes, initializers)


def outputs_of(model: Any) -> tuple[str, str]:
    """The names of the two outputs that a graph of its kind, classifier or detector, has by contract."""
    names = {output.name for output in model.graph.output}
    return (BOXES, SCORES) if BOXES in names else (LOGITS, EMBEDDING)


def _assembled(model: Any, named: tuple[str, str], nodes: list[Any], initializers: list[Any]) -> Any:
    """Opset and format stay those of `model`, ours at least: a network that others trained keeps its own."""
    from onnx import helper

    source = model.graph
    outputs = {output.name: output for output in source.output}
    opset = next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), OPSET)
    version = max(IR_VERSION, helper.find_min_ir_version_for([helper.make_opsetid("", opset)], ignore_unknown=True))
    graph = helper.make_graph(
        nodes,
        "avistar",
        [_with_batch(source.input[0], INPUT)],
        [_with_batch(outputs[name], name) for name in named if name in outputs],
        initializers,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=version)
    made.producer_name = "avistar"
    return made


def _constants(graph: Any) -> dict[str, Any]:
    from onnx import helper, numpy_helper

    found = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            value = helper.get_attribute_value(node.attribute[0])
            name = node.attribute[0].name
            if name != "value":
                import numpy as np

                value = numpy_helper.from_array(np.asarray(value, np.float32 if "float" in name else np.int64))
            found[node.output[0]] = value
    return found


def _in_order(graph: Any, outputs: tuple[str, str]) -> list[Any]:
    """Nodes that the outputs need, inputs before users, independent of the order in the file."""
    makers = {name: node for node in graph.node if node.op_type != "Constant" for name in node.output}
    ordered: list[Any] = []
    done: set[str] = set()
    stack: list[tuple[str, bool]] = [(name, False) for name in outputs]
    while stack:
        name, ready = stack.pop()
        node = makers.get(name)
        if node is None or node.output[0] in done:
            continue
        if ready:
            done.add(node.output[0])
            ordered.append(node)
        else:
            stack.append((name, True))
            stack.extend((source, False) for source in reversed(node.input))
    return ordered


def _with_batch(value: Any, name: str) -> Any:
    import onnx

    copy = onnx.ValueInfoProto()
    copy.CopyFrom(value)
    copy.name = name
    dimension = copy.type.tensor_type.shape.dim[0]
    if dimension.dim_value != 1:  # a graph for one picture at a time stays one
        dimension.Clear()
        dimension.dim_param = BATCH
    return copy


def check(model: Any, manifest: Manifest) -> None:
    """Raise `BuildFailed` unless `model` keeps the graph contract for `manifest`."""
    import onnx

    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise BuildFailed("the ONNX graph is not valid: {error}", error=error) from error
    size = manifest.preprocessing
    float32, uint8 = onnx.TensorProto.FLOAT, onnx.TensorProto.UINT8
    signature = [_described(value) for value in (*model.graph.input, *model.graph.output)]
    features = signature[-1][2][-1]
    batch = 1 if single(model) else BATCH
    wanted = [
        (INPUT, uint8, (batch, size.height, size.width, 3)),
        (LOGITS, float32, (batch, len(manifest.species))),
        (EMBEDDING, float32, (batch, features)),
    ][: max(2, len(signature))]  # what others trained may have no embedding
    if signature != wanted or not isinstance(features, int):
        raise BuildFailed(
            "the graph's inputs and outputs are {signature}; the contract is {wanted}",
            signature=signature,
            wanted=wanted,
        )
    forbidden = {node.op_type for node in model.graph.node} & {"Resize", "Upsample", "If", "Loop", "Scan"}
    domains = {node.domain for node in model.graph.node} - {"", "ai.onnx"}
    if forbidden or domains:
        raise BuildFailed(
            "the graph may hold neither {forbidden} nor operators of {domains}",
            forbidden=sorted(forbidden),
            domains=sorted(domains),
        )
    outside = [t.name for t in model.graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL]
    if outside:
        raise BuildFailed("the weights {names} lie outside the file; an artifact is one file", names=outside[:3])


def single(model: Any) -> bool:
    """Whether the graph takes one picture at a time."""
    return bool(model.graph.input[0].type.tensor_type.shape.dim[0].dim_value == 1)


def _described(value: Any) -> tuple[str, int, tuple[int | str, ...]]:
    tensor = value.type.tensor_type
    shape = tuple(d.dim_param if d.HasField("dim_param") else int(d.dim_value) for d in tensor.shape.dim)
    return value.name, tensor.elem_type, shape


def stamp(model: Any, manifest: Manifest, artifact: Artifact) -> bytes:
    """The file's bytes, with what a lone file needs to be used, as JSON in its metadata.

    Key 'avistar': name, architecture, precision, species, preprocessing, calibration.
    """
    facts = {
        "name": manifest.name,
        "architecture": manifest.architecture,
        "precision": artifact.precision,
        "species": [asdict(species) for species in manifest.species],
        "groups": [asdict(group) for group in manifest.groups],
        "preprocessing": asdict(manifest.preprocessing),
        "temperature": artifact.calibration.temperature,
        "familiarity_floor": artifact.calibration.familiarity_floor,
        "input": "image: uint8 [batch, height, width, 3] RGB",
        "confidence": "softmax(logits / temperature)",
    }
    return with_facts(model, facts)


def with_facts(model: Any, facts: Mapping[str, Any]) -> bytes:
    """The file of `model` with `facts` as its only metadata; equal models and facts give equal bytes."""
    del model.metadata_props[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, json.dumps(facts, ensure_ascii=False, sort_keys=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def before_first_convolution(model: Any) -> set[str]:
    """Names of the nodes that lie before the first convolution: the colour arithmetic."""
    makers = {name: node for node in model.graph.node for name in node.output}
    first = next((node for node in model.graph.node if node.op_type == "Conv"), None)
    names: set[str] = set()
    waiting = list(first.input) if first is not None else []
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.name not in names:
            names.add(node.name)
            waiting.extend(node.input)
    return names


def copied(node: Any) -> Any:
    """A node that survives the emptying of its graph."""
    import onnx

    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    return copy
