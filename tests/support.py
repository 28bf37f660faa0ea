"""What several test folders share: a tiny real bundle, and pictures made on the spot."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from avistar import ModelBundle, Preprocessing
from avistar.bundle import commit, draft
from avistar.manifest import Artifact, Calibration, DecisionRule, Manifest
from avistar.species import known_groups, known_species

FEATURES = 12


def tiny_graph(species: int = 30, seed: int = 0) -> bytes:
    """A real ONNX file with the graph contract: colour statistics, then a linear layer.

    Input `image` uint8 [batch, H, W, 3]; outputs `logits` [batch, species], `embedding` [batch, 12]:
    the means of the four quarters' colours, so that different pictures get different answers.
    """
    rng = np.random.default_rng(seed)
    weights = {
        "scale": np.float32(1 / 255).reshape(()),
        "kernel": rng.normal(0, 4, (FEATURES, species)).astype(np.float32),
        "bias": np.zeros(species, np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float", "scale"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["nchw"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["nchw"], ["quarters"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Flatten", ["quarters"], ["embedding"]),
        helper.make_node("Gemm", ["embedding", "kernel", "bias"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", 32, 32, 3])],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", species]),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", FEATURES]),
        ],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def tiny_bundle(folder: Path, name: str = "tiny") -> ModelBundle:
    """A complete bundle of 32×32 px at `folder`, with one fp32 ONNX artifact."""
    manifest = Manifest(
        name=name,
        architecture="tiny",
        species=known_species(),
        groups=known_groups(),
        preprocessing=Preprocessing(32, 32),
        artifacts=(Artifact("onnx", "fp32", "model.onnx", Calibration(1.0)),),
        decision=DecisionRule(species_confidence=0.3, group_confidence=0.5),
        accuracy={"photos": 100.0, "top1": 0.5, "top3": 0.8},
    )
    with draft(folder) as temporary:
        (temporary / "model.onnx").write_bytes(tiny_graph())
        return commit(temporary, manifest, folder)


def images(count: int = 3, seed: int = 0) -> np.ndarray:
    """Noise for `tiny_graph`, uint8 [count, 32, 32, 3]."""
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def picture(seed: int = 0, size: tuple[int, int] = (64, 48)) -> Image.Image:
    """A smooth coloured RGB picture of `size` (width, height), different for each seed."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def encoded(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:
    """`image` as the bytes of a file."""
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()
