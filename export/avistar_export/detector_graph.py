"""From detectors' exports of several families to the one graph that Avistar runs: uint8 pictures in, fractions out."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.manifest import Artifact, BoxCategory, DetectorManifest
from avistar_export.errors import BuildFailed
from avistar_export.onnx_graph import BATCH, BOXES, INPUT, OPSET, SCORES, canonical, with_facts

Family = Literal["yolox", "yolov5", "yolov8", "end2end"]
"""What the output means: yolox and yolov5 [N, A, 5 + classes] with centre, size, objectness and classes; yolov8
[N, 4 + classes, A] without objectness; end2end [N, K, 6] with corners, score and class, suppressed already."""

MEANINGS: dict[str, BoxCategory] = {
    "animal": "animal",
    "person": "person",
    "human": "person",
    "vehicle": "vehicle",
    **dict.fromkeys(("bicycle", "car", "motorcycle", "bus", "truck"), "vehicle"),
    **dict.fromkeys(
        ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"), "animal"
    ),
}  # fmt: skip
"""What a detector's class counts as; classes of other names are left out."""


@dataclass(frozen=True, slots=True)
class DetectorSource:
    """What has to be known of somebody else's detector.

    Attributes:
        family: What its output means.
        classes: Names of its classes in order; empty to read them from the file's metadata.
        bgr: Whether it takes blue first.
        divided: Whether it takes 0 to 1 instead of 0 to 255; None: as its family does.
    """

    family: Family
    classes: tuple[str, ...] = ()
    bgr: bool = False
    divided: bool | None = None


def family_named(name: str) -> Family:
    """The family of this name. Raises `UsageError` for another one."""
    for family in get_args(Family):
        if family == name:
            found: Family = family
            return found
    raise UsageError(
        "'{name}' is no family of detectors: choose one of {families}", name=name, families=", ".join(get_args(Family))
    )


@dataclass(frozen=True, slots=True)
class AdoptedGraph:
    """A graph in Avistar's form: square input of `side` px, and what each column of its scores stands for."""

    model: Any
    side: int
    classes: tuple[BoxCategory, ...]


def adopt(data: bytes, source: DetectorSource) -> AdoptedGraph:
    """Bring an ONNX file's bytes to the contract. Raises `BuildFailed` with what doesn't fit, `UsageError`."""
    import onnx
    from onnx import version_converter

    try:
        model = onnx.load_model_from_string(data)
        opsets = {one.domain: one.version for one in model.opset_import}
        if opsets.get("", OPSET) != OPSET:
            model = version_converter.convert_version(model, OPSET)
        model = onnx.shape_inference.infer_shapes(model)
    except Exception as error:  # protobuf's, the converter's and the checker's own types
        raise BuildFailed("this is no ONNX file that can be read: {error}", error=error) from error
    side, name = _input(model)
    columns = _columns(model, source)
    mapped = [MEANINGS.get(one.casefold()) for one in columns]
    classes = tuple(one for one in get_args(BoxCategory) if one in mapped)
    if not classes:
        raise UsageError(
            "none of the classes {classes} is an animal, a person or a vehicle", classes=", ".join(columns)
        )
    tail = _Tail(side)
    _FORMS[source.family](tail, model.graph.output[0].name, len(columns))
    groups = [[i for i, one in enumerate(mapped) if one == category] for category in classes]
    tail.grouped(groups)
    made = _joined(model, name, source, tail, classes=len(classes))
    return AdoptedGraph(made, side, classes)


def check(model: Any, manifest: DetectorManifest) -> None:
    """Raise `BuildFailed` unless `model` keeps a detector's contract for `manifest`."""
    import onnx

    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise BuildFailed("the ONNX graph is not valid: {error}", error=error) from error
    outside = {node.domain for node in model.graph.node} - {"", "ai.onnx"}
    if outside:
        raise BuildFailed(
            "the graph holds operators of {domains}, which not every backend has", domains=sorted(outside)
        )
    names = [value.name for value in (*model.graph.input, *model.graph.output)]
    if names != [INPUT, *manifest.OUTPUTS]:
        raise BuildFailed(
            "the graph's inputs and outputs are {signature}; the contract is {wanted}",
            signature=names,
            wanted=[INPUT, *manifest.OUTPUTS],
        )


def stamp(model: Any, manifest: DetectorManifest, artifact: Artifact) -> bytes:
    """The file's bytes, with what a lone file needs to be used, as JSON in its metadata (key 'avistar')."""
    facts = {
        "name": manifest.name,
        "architecture": manifest.architecture,
        "precision": artifact.precision,
        "classes": list(manifest.classes),
        "side": manifest.preprocessing.side,
        "pad": manifest.preprocessing.pad,
        "threshold": manifest.threshold,
        "overlap": manifest.overlap,
        "input": "image: uint8 [batch, side, side, 3] RGB, longer side scaled to side, filled up at right and below",
        "boxes": "left, top, right, bottom in fractions of the input, not suppressed",
    }
    return with_facts(model, facts)


class _Tail:
    """Nodes after somebody else's output, and their constants."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, list(inputs), list(outputs), **attributes))

    def constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(value, f"avistar/{name}"))
        return f"avistar/{name}"

    def split(self, name: str, sizes: Sequence[int], *outputs: str) -> None:
        self.add("Split", [name, self.constant("sizes", np.array(sizes, np.int64))], *outputs, axis=2)

    def corners(self, centre: str, size: str) -> None:
        """`BOXES` from centres and sizes in px of the input."""
        half = self.constant("half", np.array(0.5, np.float32))
        unit = self.constant("unit", np.array(1 / self.side, np.float32))
        self.add("Mul", [size, half], "avistar/half_size")
        self.add("Sub", [centre, "avistar/half_size"], "avistar/first")
        self.add("Add", [centre, "avistar/half_size"], "avistar/last")
        self.add("Concat", ["avistar/first", "avistar/last"], "avistar/px", axis=2)
        self.add("Mul", ["avistar/px", unit], BOXES)

    def grouped(self, groups: Sequence[Sequence[int]]) -> None:
        """`SCORES` from the classes' scores "avistar/all": the surest class of each category."""
        parts = []
        for number, group in enumerate(groups):
            columns = self.constant(f"columns_{number}", np.array(group, np.int64))
            self.add("Gather", ["avistar/all", columns], f"avistar/of_{number}", axis=2)
            axis = self.constant(f"axis_{number}", np.array([2], np.int64))
            self.add("ReduceMax", [f"avistar/of_{number}", axis], f"avistar/best_{number}", keepdims=1)
            parts.append(f"avistar/best_{number}")
        self.add("Concat", parts, SCORES, axis=2)


def _with_objectness(tail: _Tail, output: str, classes: int) -> None:
    tail.split(output, (2, 2, 1, classes), "avistar/centre", "avistar/size", "avistar/object", "avistar/class")
    tail.corners("avistar/centre", "avistar/size")
    tail.add("Mul", ["avistar/object", "avistar/class"], "avistar/all")


def _without_objectness(tail: _Tail, output: str, classes: int) -> None:
    tail.add("Transpose", [output], "avistar/rows", perm=[0, 2, 1])
    tail.split("avistar/rows", (2, 2, classes), "avistar/centre", "avistar/size", "avistar/all")
    tail.corners("avistar/centre", "avistar/size")


def _suppressed_already(tail: _Tail, output: str, classes: int) -> None:
    tail.split(output, (4, 1, 1), "avistar/px", "avistar/score", "avistar/number")
    tail.add("Mul", ["avistar/px", tail.constant("unit", np.array(1 / tail.side, np.float32))], BOXES)
    numbers = tail.constant("numbers", np.arange(classes, dtype=np.float32)[None, None])
    tail.add("Equal", ["avistar/number", numbers], "avistar/same")
    tail.add("Cast", ["avistar/same"], "avistar/is", to=1)
    tail.add("Mul", ["avistar/is", "avistar/score"], "avistar/all")


_FORMS: dict[Family, Callable[[_Tail, str, int], None]] = {
    "yolox": _with_objectness,
    "yolov5": _with_objectness,
    "yolov8": _without_objectness,
    "end2end": _suppressed_already,
}


def _input(model: Any) -> tuple[int, str]:
    """Side of the square input, and its name."""
    known = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in known]
    shape = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim] if len(inputs) == 1 else []
    if len(shape) != 4 or shape[1] != 3 or shape[2] != shape[3] or not 32 <= shape[2] <= 4096:
        raise BuildFailed(
            "a detector takes one input [N, 3, side, side]; this file has {found}", found=str(shape or len(inputs))
        )
    if inputs[0].type.tensor_type.elem_type != 1:
        raise BuildFailed("a detector's file takes float32 pictures; export it without half precision")
    return int(shape[2]), inputs[0].name


def _columns(model: Any, source: DetectorSource) -> tuple[str, ...]:
    """The names of its classes, whose number must fit its output."""
    names = source.classes or _named(model)
    output = model.graph.output[0].type.tensor_type.shape.dim
    width = [d.dim_value for d in output]
    axis = 1 if source.family == "yolov8" else 2
    fixed = 0 if source.family == "end2end" else len(names)
    wanted = {"yolov8": 4, "end2end": 6}.get(source.family, 5) + fixed
    if len(width) != 3 or (width[axis] and width[axis] != wanted):
        raise BuildFailed(
            "the output is {shape}, but {family} with {count} classes has {wanted} values a box: "
            "name the classes in order with --classes, or choose another --family",
            shape=width,
            family=source.family,
            count=len(names),
            wanted=wanted,
        )
    return names


def _named(model: Any) -> tuple[str, ...]:
    """Classes as ultralytics writes them into its files: "{0: 'animal', 1: 'person'}"."""
    for entry in model.metadata_props:
        if entry.key == "names" and re.fullmatch(r"\{.{1,20000}\}", entry.value, re.DOTALL):
            try:
                named = literal_eval(entry.value)
                return tuple(str(named[i]) for i in range(len(named)))
            except (ValueError, SyntaxError, KeyError, RecursionError, MemoryError):
                break
    raise UsageError("the file doesn't name its classes: name them in order, such as --classes animal,person,vehicle")


def _joined(model: Any, name: str, source: DetectorSource, tail: _Tail, *, classes: int) -> Any:
    from onnx import TensorProto, helper

    divided = source.family != "yolox" if source.divided is None else source.divided
    head = [helper.make_node("Cast", [INPUT], ["avistar/float"], to=TensorProto.FLOAT)]
    last = "avistar/float"
    if source.bgr:
        order = tail.constant("order", np.array([2, 1, 0], np.int64))
        head.append(helper.make_node("Gather", [last, order], ["avistar/bgr"], axis=3))
        last = "avistar/bgr"
    if divided:
        scale = tail.constant("scale", np.array(1 / 255, np.float32))
        head.append(helper.make_node("Mul", [last, scale], ["avistar/unit_range"]))
        last = "avistar/unit_range"
    head.append(helper.make_node("Transpose", [last], [name], perm=[0, 3, 1, 2]))
    graph = helper.make_graph(
        [*head, *model.graph.node, *tail.nodes],
        "avistar",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [BATCH, tail.side, tail.side, 3])],
        [
            helper.make_tensor_value_info(BOXES, TensorProto.FLOAT, [BATCH, None, 4]),
            helper.make_tensor_value_info(SCORES, TensorProto.FLOAT, [BATCH, None, classes]),
        ],
        [*model.graph.initializer, *tail.constants],
    )
    return canonical(helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8))


def with_anchors(model: Any, count: int) -> Any:
    """The graph with its number of boxes written down, which backends with fixed memory need."""
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[1].Clear()
        output.type.tensor_type.shape.dim[1].dim_value = count
    return model
