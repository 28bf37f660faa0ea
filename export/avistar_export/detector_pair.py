"""Two detectors in one graph: each box is judged by both, so that what only one of them sees must be seen well.

The graph keeps a detector's contract, so every backend and the one suppression of boxes run it unchanged. Where a box
of one detector lies, the other's surest score around the box's point is looked up in a field of its scores; both
become one score, the logistic of a weighted sum of their logits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.manifest import BoxCategory
from avistar_export.detector_graph import AdoptedGraph, centres_of, strides_of
from avistar_export.errors import BuildFailed
from avistar_export.onnx_graph import BATCH, BOXES, INPUT, OPSET, SCORES, canonical

LEAST = 1e-3
"""Scores below it, and above 1 minus it, count as it: half precision holds no logits beyond."""


@dataclass(frozen=True, slots=True)
class Fusion:
    """How two detectors' scores become one; the numbers are decision record 0133's.

    Attributes:
        weights: Of the first and the second detector's logit of an animal.
        bias: What is added to their sum.
        reach: Side of the square, in cells of the finest level, in which the other detector's surest score is sought.
        shift: What is added to the logits of persons and vehicles, which one detector judges alone.
    """

    weights: tuple[float, float] = (1 / 3, 2 / 3)
    bias: float = 0.0
    reach: int = 7
    shift: float = 0.0

    @classmethod
    def read(cls, text: str) -> Fusion:
        """From "weight,weight,bias,shift". Raises `UsageError` for anything else."""
        try:
            one, two, bias, shift = (float(part) for part in text.split(","))
        except ValueError as error:
            raise UsageError("'{text}' is no fusion: four numbers, such as 0.3,0.7,0,0", text=text) from error
        return cls((one, two), bias, shift=shift)


@dataclass(frozen=True, slots=True)
class _Member:
    """One of the two: the names of its outputs, its classes, side and number of points."""

    boxes: str
    scores: str
    classes: tuple[BoxCategory, ...]
    side: int
    points: int

    @property
    def strides(self) -> tuple[int, ...]:
        return strides_of(self.side, self.points)

    def grid(self, stride: int) -> int:
        return -(-self.side // stride)


class _Nodes:
    """Nodes and constants of the graph around both networks."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        from onnx import helper

        name = f"pair/{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"pair/constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def column(self, member: _Member, category: BoxCategory) -> str:
        """Scores [N, points] of one category."""
        place = self.constant(np.array(member.classes.index(category), np.int64))
        return self.add("Gather", [member.scores, place], axis=2)

    def logit(self, scores: str) -> str:
        least, most = self.number(LEAST), self.number(1 - LEAST)
        inside = self.add("Min", [self.add("Max", [scores, least]), most])
        rest = self.add("Sub", [self.number(1.0), inside])
        return self.add("Log", [self.add("Div", [inside, rest])])

    def field(self, scores: str, member: _Member, reach: int) -> str:
        """The surest score of any level around each cell of the finest one, [N, cells]."""
        finest, start, parts = member.grid(member.strides[0]), 0, []
        for stride in member.strides:
            grid = member.grid(stride)
            rows = np.arange(finest) * grid // finest
            places = start + (rows[:, None] * grid + rows[None]).reshape(-1)
            parts.append(self.add("Gather", [scores, self.constant(places)], axis=1))
            start += grid * grid
        best = self.add("Max", parts)
        shape = self.constant(np.array([0, 1, finest, finest]))
        square = self.add("Reshape", [best, shape])
        wide = self.add("MaxPool", [square], kernel_shape=[reach] * 2, pads=[reach // 2] * 4, strides=[1, 1])
        return self.add("Reshape", [wide, self.constant(np.array([0, finest * finest]))])

    def beside(self, scores: str, member: _Member, other: _Member, reach: int) -> str:
        """What `other`, with `scores`, says around each point of `member`, [N, points of member]."""
        finest = other.grid(other.strides[0])
        centres = np.concatenate([centres_of(member.side, stride) for stride in member.strides]) / member.side
        cells = np.minimum((centres * finest).astype(np.int64), finest - 1)
        places = self.constant(cells[:, 1] * finest + cells[:, 0])
        return self.add("Gather", [self.field(scores, other, reach), places], axis=1)


def paired(first: AdoptedGraph, second: AdoptedGraph, fusion: Fusion) -> AdoptedGraph:
    """One graph that sees what `first` sees, at its size, and finds what both find.

    Raises `BuildFailed` where one of them finds no animals, or has no cells of 8, 16 and 32 px.
    """
    from onnx import TensorProto, compose, helper

    if "animal" not in first.classes or "animal" not in second.classes:
        raise BuildFailed("two detectors become one where both find animals")
    models = [compose.add_prefix(one.model, prefix) for one, prefix in ((first, "one/"), (second, "two/"))]
    nodes, members = _Nodes(), []
    for one, prefix in ((first, "one/"), (second, "two/")):
        members.append(_Member(f"{prefix}{BOXES}", f"{prefix}{SCORES}", one.classes, one.side, _points(one)))
    resized = _resized(nodes, first.side, second.side)
    head = list(nodes.nodes)
    entry = [helper.make_node("Identity", [INPUT], [f"one/{INPUT}"])]
    entry += [*head, helper.make_node("Identity", [resized], [f"two/{INPUT}"])]
    classes = tuple(one for one in get_args(BoxCategory) if one in (*first.classes, *second.classes))
    columns = [_column(nodes, members, category, fusion) for category in classes]
    last = nodes.constant(np.array([2], np.int64))
    columns = [nodes.add("Unsqueeze", [one, last]) for one in columns]
    tail = [
        *nodes.nodes[len(head) :],
        helper.make_node("Concat", [one.boxes for one in members], [BOXES], axis=1),
        helper.make_node("Concat", columns, [SCORES], axis=2),
    ]
    points = sum(one.points for one in members)
    graph = helper.make_graph(
        [*entry, *(node for model in models for node in model.graph.node), *tail],
        "avistar",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, [BATCH, first.side, first.side, 3])],
        [
            helper.make_tensor_value_info(BOXES, TensorProto.FLOAT, [BATCH, points, 4]),
            helper.make_tensor_value_info(SCORES, TensorProto.FLOAT, [BATCH, points, len(classes)]),
        ],
        [*(tensor for model in models for tensor in model.graph.initializer), *nodes.constants],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    return AdoptedGraph(canonical(made), first.side, classes)


def _points(one: AdoptedGraph) -> int:
    count = int(one.model.graph.output[0].type.tensor_type.shape.dim[1].dim_value)
    strides_of(one.side, count)
    return count


def _resized(nodes: _Nodes, side: int, wanted: int) -> str:
    """The picture as the second detector takes it: float32 [N, wanted, wanted, 3] of 0 to 255."""
    from onnx import TensorProto

    colours = nodes.add("Cast", [INPUT], to=TensorProto.FLOAT)
    if side == wanted:
        return colours
    planes = nodes.add("Transpose", [colours], perm=[0, 3, 1, 2])
    scales = nodes.constant(np.array([1, 1, wanted / side, wanted / side], np.float32))
    smaller = nodes.add("Resize", [planes, "", scales], mode="linear", coordinate_transformation_mode="half_pixel")
    return nodes.add("Transpose", [smaller], perm=[0, 2, 3, 1])


def _column(nodes: _Nodes, members: Sequence[_Member], category: BoxCategory, fusion: Fusion) -> str:
    """Scores [N, points of both] of one category."""
    one, two = members
    if category == "animal":
        scores = [nodes.column(member, category) for member in members]
        around = [
            nodes.beside(scores[1], one, two, fusion.reach),
            nodes.beside(scores[0], two, one, fusion.reach * one.grid(8) // two.grid(8) | 1),
        ]
        pairs = ((scores[0], around[0]), (around[1], scores[1]))
        return nodes.add("Concat", [_fused(nodes, *pair, fusion) for pair in pairs], axis=1)
    parts = []
    for member in members:
        animals = nodes.column(member, "animal")
        if category not in member.classes:
            parts.append(nodes.add("Mul", [animals, nodes.number(0.0)]))
            continue
        scores_of = nodes.column(member, category)
        surest = nodes.add("Cast", [nodes.add("Greater", [scores_of, animals])], to=1)
        shifted = nodes.add("Add", [nodes.logit(scores_of), nodes.number(fusion.shift)])
        parts.append(nodes.add("Mul", [nodes.add("Sigmoid", [shifted]), surest]))
    return nodes.add("Concat", parts, axis=1)


def _fused(nodes: _Nodes, first: str, second: str, fusion: Fusion) -> str:
    weighed = [
        nodes.add("Mul", [nodes.logit(scores), nodes.number(weight)])
        for scores, weight in zip((first, second), fusion.weights, strict=True)
    ]
    total = nodes.add("Add", [nodes.add("Add", weighed), nodes.number(fusion.bias)])
    return nodes.add("Sigmoid", [total])
