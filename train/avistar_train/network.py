"""The whole network around a base: colour arithmetic, features, the layers of species; and its augmented twin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from avistar_train.backbones import Backbone
from avistar_train.imagenet_head import Prior
from avistar_train.recipes import LINEAR, Recipe, Top


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """What is built inside computes in `precision`, a Keras dtype policy; its weights stay float32."""
    import keras

    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(usual)


def make_network(backbone: Backbone, base: Any, prior: Prior, top: Top = LINEAR) -> Any:
    """The deployable Keras model: `image` uint8 [N, H, W, 3] RGB to `logits` and `embedding`, float32.

    `embedding` is what the last layer sees. Made of stock layers only, so that whoever loads the file needs no code
    of ours.
    """
    import keras

    image = keras.Input((None, None, 3), dtype="uint8", name="image")
    scaled = keras.layers.Rescaling(backbone.scale, list(backbone.offset), name="arithmetic")(image)
    x = keras.layers.Identity(name="features", dtype="float32")(base(scaled))
    *dense, last = make_top(top, prior.bias.size)
    for layer in dense:
        x = layer(x)
    embedding = keras.layers.Identity(name="embedding", dtype="float32")(x)
    logits = last(embedding)
    if not dense:
        last.set_weights([prior.kernel, prior.bias])
    return keras.Model(image, {"logits": logits, "embedding": embedding}, name="avistar")


def make_top(top: Top, species: int) -> list[Any]:
    """The new layers, not yet connected; the last gives logits of `species`."""
    import keras

    def dense(width: int, name: str, activation: str | None) -> Any:
        penalty = keras.regularizers.L1L2(top.l1, top.l2) if top.l1 or top.l2 else None
        return keras.layers.Dense(width, activation, kernel_regularizer=penalty, name=name, dtype="float32")

    hidden = [dense(width, f"dense_{number}", "relu") for number, width in enumerate(top.dense, 1)]
    return [*hidden, dense(species, "logits", None)]


def top_of(network: Any, top: Top) -> list[Any]:
    """The new layers of a network that `make_network` made."""
    return [network.get_layer(name) for name in (*(f"dense_{i}" for i, _ in enumerate(top.dense, 1)), "logits")]


def base_of(network: Any) -> Any:
    """The convolutional base of a network that `make_network` made."""
    import keras

    return next(layer for layer in network.layers if isinstance(layer, keras.Model))


def with_dropout(layers: Sequence[Any], x: Any, rate: float, *, seed: int) -> Any:
    """`x` through `layers`, in training a share of the inputs dropped: the base's only where one layer sees them."""
    import keras

    for number, layer in enumerate(layers):
        if number or len(layers) == 1:
            x = keras.layers.Dropout(rate, seed=seed + number)(x)
        x = layer(x)
    return x


def varied_pictures(recipe: Recipe, *, size: int, seed: int) -> tuple[dict[str, Any], Any]:
    """The inputs `picture` uint8 [N, cache, cache, 3] and `varied` bool [N, 1], and the pictures they make: varied
    where `varied` says so, brought to `size` px, float32 in 0-255.
    """
    import keras

    from avistar_train.augmentation import RandomAffine, RandomColour

    picture = keras.Input((recipe.cache_size, recipe.cache_size, 3), dtype="uint8", name="picture")
    varied = keras.Input((1,), dtype="bool", name="varied")
    x = keras.layers.Rescaling(1.0, dtype="float32", name="as_float")(picture)
    how = recipe.augmentation
    if how.flip or how.rotation_degrees or how.zoom_in or how.translation:
        linear = {name: getattr(how, name) for name in ("flip", "rotation_degrees", "zoom_in", "translation")}
        x = RandomAffine(**linear, seed=seed + 11)(x, varied)
    if size != recipe.cache_size:
        x = keras.layers.Resizing(size, size, interpolation="bilinear", antialias=True)(x)
    if how.jitter or how.grey:
        x = RandomColour(jitter=how.jitter, grey=how.grey, seed=seed + 12)(x, varied)
    return {"picture": picture, "varied": varied}, x


def make_trainer(network: Any, recipe: Recipe, *, size: int, seed: int) -> Any:
    """A model for `fit`: pictures as `varied_pictures` makes them, classified.

    Shares its layers with `network`; returns the logits only.
    """
    import keras

    inputs, x = varied_pictures(recipe, size=size, seed=seed)
    x = network.get_layer("arithmetic")(x)
    x = network.get_layer("features")(base_of(network)(x, training=False))
    logits = with_dropout(top_of(network, recipe.top), x, recipe.top.dropout, seed=seed)
    return keras.Model(inputs, logits, name="trainer")
