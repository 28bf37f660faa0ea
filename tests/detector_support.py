"""Detectors for tests: made of a function, or a tiny real graph that finds what is bright."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from avistar.boxes import Floats
from avistar.bundle import DetectorBundle, commit_detector, draft
from avistar.detector import Detector
from avistar.images.geometry import Pixels
from avistar.manifest import Artifact, BoxCategory, Calibration, DetectorManifest, Letterbox

SIDE = 64


class BoxFunction:
    """A backend made of a function from pictures to (boxes, scores)."""

    runs_on = "function"

    def __init__(self, function: Callable[[Pixels], tuple[Floats, Floats]]) -> None:
        self.arrays = function
        self.closed = False

    def close(self) -> None:
        self.closed = True


def manifest(*classes: BoxCategory, **changes: Any) -> DetectorManifest:
    return DetectorManifest("finder", "tiny", classes or ("animal",), Letterbox(SIDE), (), **changes)


def detector_of(
    rows: list[tuple[float, ...]], *classes: BoxCategory, folder: Path = Path(), **changes: Any
) -> Detector:
    """A detector that finds the same in every picture: rows of left, top, right, bottom, then a score a class."""
    found = np.array(rows, np.float32).reshape(len(rows), -1)

    def answer(images: Pixels) -> tuple[Floats, Floats]:
        both = np.repeat(found[None], len(images), axis=0)
        return both[..., :4], both[..., 4:]

    return Detector(DetectorBundle(folder, manifest(*classes, **changes)), BoxFunction(answer))


def bright_graph() -> bytes:
    """A real graph with one box, the picture's left half, whose score is its mean brightness (0 to 1)."""
    from onnx import TensorProto, helper, numpy_helper

    box = numpy_helper.from_array(np.array([[[0, 0, 0.5, 1]]], np.float32), "box")
    scale = numpy_helper.from_array(np.array(1 / 255, np.float32), "scale")
    zero = numpy_helper.from_array(np.array(0, np.float32), "zero")
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float", "scale"], ["unit"]),
        helper.make_node("GlobalAveragePool", ["chw"], ["mean"]),
        helper.make_node("ReduceMean", ["mean", "axes"], ["scores"], keepdims=0),
        helper.make_node("Mul", ["scores", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "box"], ["boxes"]),
    ]
    nodes.insert(2, helper.make_node("Transpose", ["unit"], ["chw"], perm=[0, 3, 1, 2]))
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    graph = helper.make_graph(
        nodes,
        "bright",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", SIDE, SIDE, 3])],
        [
            helper.make_tensor_value_info("boxes", TensorProto.FLOAT, ["batch", 1, 4]),
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 1, 1]),
        ],
        [box, scale, zero, axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def bright_bundle(folder: Path, **changes: Any) -> DetectorBundle:
    """A bundle on disk with that graph: bright pictures have an animal in their left half, dark ones nothing."""
    with draft(folder) as temporary:
        (temporary / "detector.onnx").write_bytes(bright_graph())
        artifact = Artifact("onnx", "fp32", "detector.onnx", Calibration())
        made = DetectorManifest(
            "bright", "tiny", ("animal",), Letterbox(SIDE), (artifact,), **{"threshold": 0.5, **changes}
        )
        return commit_detector(temporary, made, folder)
