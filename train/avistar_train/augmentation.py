"""How training pictures are varied: one resampling for all linear transformations, one matrix for all colours.

A chain of Keras' own layers resamples a picture once for each transformation, which blurs it each time and costs
four times as much (docs/decisions/0082). Random numbers come from Keras' generators, so that they can be started
anew; everything runs on any backend.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

LUMA = (0.2989, 0.587, 0.114)
"""Shares of R, G and B in brightness: ITU-R BT.601."""


class Varying(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A layer that changes pictures in training, where `varied` says so.

    Attributes:
        always: Changes them in inference too.
    """

    def __init__(self, *, seed: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.seed = seed
        self.always = False
        self.generator = keras.random.SeedGenerator(seed)
        # TensorFlow's resampling has no XLA kernel; JAX must compile the step, or it is slower by far.
        self.supports_jit = keras.backend.backend() != "tensorflow"

    def compute_output_shape(self, picture_shape: Any, varied_shape: Any) -> Any:
        """Pictures keep their size."""
        return picture_shape

    def _draw(self, pictures: Any, low: float, high: float) -> Any:
        """A number for each picture, float32 [N, 1]."""
        return keras.random.uniform((ops.shape(pictures)[0], 1), low, high, seed=self.generator)


@keras.saving.register_keras_serializable("avistar")
class RandomAffine(Varying):
    """Mirrored, turned, enlarged and shifted in one bilinear resampling; what comes from outside is reflected.

    `flip`: half of the pictures, left and right; `rotation_degrees`: at most, either way; `zoom_in`: up to this share
    of the side is cut away, for width and height alike; `translation`: at most, as a share of the side.
    """

    def __init__(
        self, *, flip: bool, rotation_degrees: float, zoom_in: float, translation: float, seed: int, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.amounts = {
            "flip": flip,
            "rotation_degrees": rotation_degrees,
            "zoom_in": zoom_in,
            "translation": translation,
        }

    def call(self, picture: Any, varied: Any, training: bool | None = None) -> Any:
        """Float32 [N, H, W, 3] and bool [N, 1] to float32 [N, H, W, 3]."""
        if not (training or self.always):
            return picture
        height, width = picture.shape[1:3]
        unchanged = ops.convert_to_tensor([[1.0, 0, 0, 0, 1, 0, 0, 0]])
        transform = ops.where(varied, self._transform(picture, height, width), unchanged)
        return ops.image.affine_transform(picture, transform, interpolation="bilinear", fill_mode="reflect")

    def _transform(self, picture: Any, height: int, width: int) -> Any:
        """Where each pixel comes from: x' = a x + b y + c, y' = d x + e y + f, as rows of [N, 8]."""
        how = self.amounts
        angle = math.radians(how["rotation_degrees"])
        angle = self._draw(picture, -angle, angle)
        scale = self._draw(picture, 1 - how["zoom_in"], 1.0)
        mirrored = ops.where(self._draw(picture, -1.0 if how["flip"] else 0.0, 1.0) < 0, -1.0, 1.0)
        shift_x, shift_y = (
            self._draw(picture, -how["translation"], how["translation"]) * side for side in (width, height)
        )
        cos, sin = scale * ops.cos(angle), scale * ops.sin(angle)
        a, b, d, e = cos * mirrored, -sin, sin * mirrored, cos
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        c = middle_x - a * middle_x - b * middle_y + shift_x
        f = middle_y - d * middle_x - e * middle_y + shift_y
        nothing = ops.zeros_like(a)
        return ops.concatenate([a, b, c, d, e, f, nothing, nothing], axis=1)

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer again."""
        return {**super().get_config(), **self.amounts, "seed": self.seed}


@keras.saving.register_keras_serializable("avistar")
class RandomColour(Varying):
    """Brightness, contrast and saturation changed, some pictures without colour; values stay in 0-255.

    `jitter`: brightness by at most half this share of 255, contrast (around each channel's mean) and saturation
    (against the grey picture) by a factor within 1 ± `jitter`; `grey`: share of pictures that lose their colour.
    """

    def __init__(self, *, jitter: float, grey: float, seed: int, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.amounts = {"jitter": jitter, "grey": grey}

    def call(self, picture: Any, varied: Any, training: bool | None = None) -> Any:
        """Float32 [N, H, W, 3] in 0-255 and bool [N, 1] to the same."""
        if not (training or self.always):
            return picture
        jitter, grey = self.amounts["jitter"], self.amounts["grey"]
        brighter = 255 * self._draw(picture, -jitter / 2, jitter / 2)
        contrast, saturation = (self._draw(picture, 1 - jitter, 1 + jitter) for _ in range(2))
        saturation = ops.where(self._draw(picture, 0.0, 1.0) < grey, 0.0, saturation)
        contrast, saturation = (ops.where(varied, x, 1.0) for x in (contrast, saturation))
        # Rows of colours times matrix: each colour drawn towards its grey, [N, 3, 3].
        grey_of = ops.convert_to_tensor([[[share] * 3 for share in LUMA]])
        matrix = saturation[:, :, None] * ops.eye(3)[None] + (1 - saturation)[:, :, None] * grey_of
        mean = ops.mean(picture, axis=(1, 2))[:, None] @ matrix
        rows = ops.reshape(picture, (ops.shape(picture)[0], -1, 3)) @ (contrast[:, :, None] * matrix)
        rows = rows + (1 - contrast)[:, :, None] * mean + ops.where(varied, brighter, 0.0)[:, :, None]
        return ops.reshape(ops.clip(rows, 0, 255), ops.shape(picture))

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer again."""
        return {**super().get_config(), **self.amounts, "seed": self.seed}


def begin_random_layers(model: Any, place: int) -> None:
    """Let the random layers of `model` go on as they do at `place`, whatever they drew before."""
    for variable in model.non_trainable_variables:
        if variable.name == "seed_generator_state":
            seed = np.asarray(keras.ops.convert_to_numpy(variable.value))[0]
            variable.assign(np.array([seed, place], dtype=variable.dtype))
