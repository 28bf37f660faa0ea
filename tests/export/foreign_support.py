"""Small networks as others export them, in every form that an adoption must understand, and photos for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tests.export_support import COLOURS, photo

NAMES = tuple(COLOURS)
IMAGENET_MEAN, IMAGENET_STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@dataclass(slots=True)
class Form:
    """How a network is written down; the default is what torchvision's export looks like."""

    labels: int = len(NAMES)
    side: tuple[Any, Any] = (32, 32)
    layout: str = "nchw"
    batch: int | str = "n"
    softmax: int = 0
    opset: int = 17
    kind: int = TensorProto.FLOAT
    decomposed: bool = False
    end: Sequence[Any] = ()
    more_inputs: Sequence[Any] = ()
    outputs: Sequence[Any] | None = None
    fixed_reshape: bool = False
    caffe: bool = False
    weights: dict[str, np.ndarray] = field(default_factory=dict)


def foreign(form: Form | None = None, seed: int = 0) -> Any:
    """An ONNX model: a 1×1 convolution, ReLU, pooling, a linear layer that tells the four colours apart."""
    form = form or Form()
    width, height = form.side
    shape = [form.batch, 3, height, width] if form.layout == "nchw" else [form.batch, height, width, 3]
    nodes = []
    x = "pictures"
    if form.kind == TensorProto.FLOAT16:
        nodes.append(helper.make_node("Cast", [x], ["exact"], to=TensorProto.FLOAT))
        x = "exact"
    if form.layout == "nhwc":
        nodes.append(helper.make_node("Transpose", [x], ["turned"], perm=[0, 3, 1, 2]))
        x = "turned"
    nodes += [
        helper.make_node("Conv", [x, "kernel", "offset"], ["conv"]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("GlobalAveragePool", ["relu"], ["pooled"]),
    ]
    if form.fixed_reshape:
        nodes.append(helper.make_node("Reshape", ["pooled", "flat_shape"], ["features"]))
    else:
        nodes.append(helper.make_node("Flatten", ["pooled"], ["features"], axis=1))
    nodes.append(helper.make_node("Gemm", ["features", "linear", "bias"], ["scores"]))
    last = "scores"
    for i in range(form.softmax):
        nodes.append(helper.make_node("Softmax", [last], [f"softmax{i}"], axis=1))
        last = f"softmax{i}"
    if form.decomposed:
        nodes += [
            helper.make_node("Exp", [last], ["exp"]),
            helper.make_node("ReduceSum", ["exp", "axis"], ["sum"], keepdims=1),
            helper.make_node("Div", ["exp", "sum"], ["share"]),
        ]
        last = "share"
    nodes += list(form.end)
    outputs = form.outputs or [helper.make_tensor_value_info(last, TensorProto.FLOAT, [form.batch, form.labels])]
    values = _weights(form, seed) | form.weights
    graph = helper.make_graph(
        nodes,
        "foreign",
        [helper.make_tensor_value_info("pictures", form.kind, shape), *form.more_inputs],
        list(outputs),
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", form.opset)], ir_version=8)


def _weights(form: Form, seed: int) -> dict[str, np.ndarray]:
    """Of normalised pixels: channels above and below zero, so that a linear layer tells colours apart."""
    rng = np.random.default_rng(seed)
    kernel = np.concatenate([np.eye(3), -np.eye(3)]).reshape(6, 3, 1, 1).astype(np.float32)
    colours = np.array([COLOURS[name] for name in NAMES], float)
    if form.caffe:
        inside = colours[:, ::-1] - np.array([103.939, 116.779, 123.68])
        inside, kernel = inside / 60, kernel / 60
    else:
        inside = (colours / 255 - IMAGENET_MEAN) / IMAGENET_STD
    linear = 3 * np.concatenate([inside, -inside], axis=1).T
    if form.labels != len(NAMES):
        linear = np.concatenate([linear, rng.normal(0, 1, (6, max(0, form.labels - len(NAMES))))], axis=1)
    linear = linear[:, : form.labels]
    bias = np.zeros(form.labels)
    bias[: len(NAMES)] = (-1.5 * (inside**2).sum(axis=1))[: form.labels]
    bias[len(NAMES) :] = -8
    return {
        "kernel": kernel, "offset": np.zeros(6, np.float32), "linear": linear.astype(np.float32),
        "bias": bias.astype(np.float32), "axis": np.array([1], np.int64), "flat_shape": np.array([1, 6], np.int64),
    }  # fmt: skip


def write_network(folder: Path, form: Form | None = None, *, name: str = "theirs.onnx", **metadata: str) -> Path:
    """The network as a file."""
    model = foreign(form)
    onnx.helper.set_model_props(model, metadata)
    path = folder / name
    onnx.save(model, path)
    return path


def write_labels(folder: Path, names: Sequence[str] = NAMES) -> Path:
    """A label in each line."""
    path = folder / "labels.txt"
    path.write_text("".join(f"{name}\n" for name in names), "utf-8")
    return path


def write_their_photos(folder: Path, each: int) -> Path:
    """Photos in folders named by species."""
    for name in NAMES:
        (folder / name).mkdir(parents=True)
        for number in range(each):
            photo(name, number).save(folder / name / f"{number:03}.png")
    return folder
