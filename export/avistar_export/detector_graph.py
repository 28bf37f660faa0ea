"""From detectors' exports of several families to the one graph that Avistar runs: uint8 pictures in, fractions out."""

from __future__ import annotations

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

Family = Literal["yolox", "yolov5", "yolov8", "end2end", "nanodet"]
"""What the output means: yolox and yolov5 [N, A, 5 + classes] with centre, size, objectness and classes; yolov8
[N, 4 + classes, A] without objectness; end2end [N, K, 6] with corners, score and class, suppressed already; nanodet
[N, A, classes + 4 bins] with scores and the distances to the four sides as distributions over bins."""

COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant",
    "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard",
    "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli",
    "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet",
    "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
    "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""The classes of COCO in order: what NanoDet's exports, which name none, were trained on."""

NANODET_MEAN, NANODET_DEVIATION = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)
"""What NanoDet subtracts from and divides its colours by, blue first (its own configurations)."""

LONGEST_LITERAL = 20_000
"""Characters of a file's metadata that are read as a literal."""

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
    """A graph in Avistar's form: square input of `side` px, and what each column of its scores stands for.

    `left_out`: the detector's classes that are none of these.
    """

    model: Any
    side: int
    classes: tuple[BoxCategory, ...]
    left_out: tuple[str, ...] = ()


def adopt(data: bytes, source: DetectorSource) -> AdoptedGraph:
    """Bring an ONNX file's bytes to the contract. Raises `BuildFailed` with what doesn't fit, `UsageError`."""
    import onnx
    from onnx import version_converter

    try:
        model = onnx.load_model_from_string(data)
        opsets = {one.domain: one.version for one in model.opset_import}
        if opsets.get("", OPSET) != OPSET:
            model = version_converter.convert_version(model, OPSET)
        freed_batch(model)
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
    shape = [d.dim_value for d in model.graph.output[0].type.tensor_type.shape.dim]
    tail = _Tail(side, shape)
    _FORMS[source.family](tail, model.graph.output[0].name, len(columns))
    groups = [[i for i, one in enumerate(mapped) if one == category] for category in classes]
    tail.grouped(groups)
    made = _joined(model, name, source, tail, classes=len(classes))
    return AdoptedGraph(made, side, classes, tuple(c for c, what in zip(columns, mapped, strict=True) if what is None))


def freed_batch(model: Any) -> None:
    """Let a graph that was exported for one picture take any number, where its shapes alone stand in the way.

    What reshapes one picture to one picture keeps the batch instead. Whether two pictures then give two answers is
    found out by running it.
    """
    import onnx
    from onnx import numpy_helper

    batch = model.graph.input[0].type.tensor_type.shape.dim if len(model.graph.input) else []
    if not len(batch) or batch[0].dim_value != 1:
        return
    shapes = {node.input[1] for node in model.graph.node if node.op_type == "Reshape"}
    others = {name for node in model.graph.node if node.op_type != "Reshape" for name in node.input}
    constants = [node.attribute[0].t for node in model.graph.node if node.op_type == "Constant"
                 and node.output[0] in shapes - others and node.attribute[0].name == "value"]  # fmt: skip
    for tensor in (*constants, *(one for one in model.graph.initializer if one.name in shapes - others)):
        shape = numpy_helper.to_array(tensor)
        if tensor.data_type == onnx.TensorProto.INT64 and shape.size > 1 and shape[0] == 1:
            tensor.CopyFrom(numpy_helper.from_array(np.concatenate([[0], shape[1:]]), tensor.name))
    del model.graph.value_info[:]
    for value in (model.graph.input[0], *model.graph.output):
        if len(value.type.tensor_type.shape.dim):
            value.type.tensor_type.shape.dim[0].dim_param = BATCH


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

    def __init__(self, side: int, shape: Sequence[int]) -> None:
        self.side, self.shape = side, tuple(shape)
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


def _as_distances(tail: _Tail, output: str, classes: int) -> None:
    """Generalized focal loss (Li et al. 2020, arXiv:2006.04388): a distance is the mean of its distribution."""
    points, bins = tail.shape[1], (tail.shape[2] - classes) // 4
    strides = strides_of(tail.side, points)
    tail.split(output, (classes, 4 * bins), "avistar/all", "avistar/bins")
    tail.add("Reshape", ["avistar/bins", tail.constant("rows", np.array([0, points, 4, bins]))], "avistar/sides")
    tail.add("Softmax", ["avistar/sides"], "avistar/shares", axis=3)
    numbers = tail.constant("numbers", np.arange(bins, dtype=np.float32)[:, None])
    tail.add("MatMul", ["avistar/shares", numbers], "avistar/means")
    tail.add("Reshape", ["avistar/means", tail.constant("flat", np.array([0, points, 4]))], "avistar/cells")
    centres, steps = zip(*((centres_of(tail.side, stride), stride) for stride in strides), strict=True)
    sizes = np.concatenate([np.full((len(c), 1), s) for c, s in zip(centres, steps, strict=True)])
    scale = np.concatenate([-sizes, -sizes, sizes, sizes], 1) / tail.side
    tail.add("Mul", ["avistar/cells", tail.constant("scale_out", scale[None].astype(np.float32))], "avistar/away")
    start = np.tile(np.concatenate(centres), 2)[None] / tail.side
    tail.add("Add", ["avistar/away", tail.constant("centres", start.astype(np.float32))], BOXES)


def strides_of(side: int, points: int) -> tuple[int, ...]:
    """The sizes of cells, in px, of a detector with so many points. Raises `BuildFailed` where none fit."""
    for strides in ((8, 16, 32), (8, 16, 32, 64)):
        if sum((-(-side // stride)) ** 2 for stride in strides) == points:
            return strides
    raise BuildFailed(
        "{points} points don't fit an input of {side} px with one for each cell of 8, 16 and 32 px",
        points=points,
        side=side,
    )


def centres_of(side: int, stride: int) -> NDArray[np.float64]:
    """The middles of a level's cells, px [cells, 2], row by row."""
    across = (np.arange(-(-side // stride)) + 0.5) * stride
    return np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)


_FORMS: dict[Family, Callable[[_Tail, str, int], None]] = {
    "yolox": _with_objectness,
    "yolov5": _with_objectness,
    "yolov8": _without_objectness,
    "end2end": _suppressed_already,
    "nanodet": _as_distances,
}


def _input(model: Any) -> tuple[int, str]:
    """Side of the square input, and its name."""
    known = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in known]
    shape = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim] if len(inputs) == 1 else []
    if shape[2:] == [0, 0]:  # exported for any size: the one that it was trained for is told
        shape[2:] = _told_size(model)
    if len(shape) != 4 or shape[1] != 3 or shape[2] != shape[3] or not 32 <= shape[2] <= 4096:
        raise BuildFailed(
            "a detector takes one input [N, 3, side, side]; this file has {found}", found=str(shape or len(inputs))
        )
    if inputs[0].type.tensor_type.elem_type != 1:
        raise BuildFailed("a detector's file takes float32 pictures; export it without half precision")
    return int(shape[2]), inputs[0].name


def _columns(model: Any, source: DetectorSource) -> tuple[str, ...]:
    """The names of its classes, whose number must fit its output."""
    names = source.classes or (COCO if source.family == "nanodet" else _named(model))
    output = model.graph.output[0].type.tensor_type.shape.dim
    width = [d.dim_value for d in output]
    axis = 1 if source.family == "yolov8" else 2
    fixed = 0 if source.family == "end2end" else len(names)
    wanted = {"yolov8": 4, "end2end": 6, "nanodet": 4}.get(source.family, 5) + fixed
    if source.family == "nanodet" and len(width) == 3 and width[2] > wanted and (width[2] - len(names)) % 4 == 0:
        wanted = width[2]  # so many bins as it has
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


def _told(model: Any, key: str) -> Any:
    """A literal that ultralytics writes into its files' metadata; None where there is none."""
    for entry in model.metadata_props:
        if entry.key == key and len(entry.value) <= LONGEST_LITERAL:
            try:
                return literal_eval(entry.value)
            except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
                return None
    return None


def _told_size(model: Any) -> list[int]:
    """Height and width as "[640, 640]" in its metadata; zeros where it doesn't say."""
    size = _told(model, "imgsz")
    sides = [size, size] if isinstance(size, int) else list(size) if isinstance(size, (list, tuple)) else []
    return sides if len(sides) == 2 and all(type(side) is int for side in sides) else [0, 0]


def _named(model: Any) -> tuple[str, ...]:
    """Classes as "{0: 'animal', 1: 'person'}" in its metadata, or as a list."""
    named = _told(model, "names")
    if isinstance(named, dict) and set(named) == set(range(len(named))):
        named = [named[i] for i in range(len(named))]
    if isinstance(named, (list, tuple)) and named:
        return tuple(map(str, named))
    raise UsageError("the file doesn't name its classes: name them in order, such as --classes animal,person,vehicle")


def _joined(model: Any, name: str, source: DetectorSource, tail: _Tail, *, classes: int) -> Any:
    from onnx import TensorProto, helper

    raw = source.family in ("yolox", "nanodet")
    divided = not raw if source.divided is None else source.divided
    head = [helper.make_node("Cast", [INPUT], ["avistar/float"], to=TensorProto.FLOAT)]
    last = "avistar/float"
    if source.bgr or source.family == "nanodet":
        order = tail.constant("order", np.array([2, 1, 0], np.int64))
        head.append(helper.make_node("Gather", [last, order], ["avistar/bgr"], axis=3))
        last = "avistar/bgr"
    if divided:
        scale = tail.constant("scale", np.array(1 / 255, np.float32))
        head.append(helper.make_node("Mul", [last, scale], ["avistar/unit_range"]))
        last = "avistar/unit_range"
    if source.family == "nanodet":
        mean = tail.constant("mean", np.array(NANODET_MEAN, np.float32))
        share = tail.constant("share", 1 / np.array(NANODET_DEVIATION, np.float32))
        head.append(helper.make_node("Sub", [last, mean], ["avistar/centred"]))
        head.append(helper.make_node("Mul", ["avistar/centred", share], ["avistar/normal"]))
        last = "avistar/normal"
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
