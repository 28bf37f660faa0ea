"""The whole network around a base: colour arithmetic, features, the layer of species; and its augmented twin."""

from __future__ import annotations

from typing import Any

from avistar_train.backbones import Backbone
from avistar_train.prior import Prior
from avistar_train.recipes import Augmentation, Recipe


def make_network(backbone: Backbone, base: Any, prior: Prior) -> Any:
    """The deployable Keras model: `image` uint8 [N, H, W, 3] RGB to `logits` and `embedding`, float32.

    Made of stock layers only, so that whoever loads the file needs no code of ours.
    """
    import keras

    image = keras.Input((None, None, 3), dtype="uint8", name="image")
    scaled = keras.layers.Rescaling(backbone.scale, list(backbone.offset), name="arithmetic")(image)
    embedding = keras.layers.Identity(name="embedding", dtype="float32")(base(scaled))
    head = keras.layers.Dense(prior.bias.size, name="logits", dtype="float32")
    logits = head(embedding)
    head.set_weights([prior.kernel, prior.bias])
    return keras.Model(image, {"logits": logits, "embedding": embedding}, name="avistar")


def make_trainer(network: Any, recipe: Recipe, *, size: int, seed: int) -> Any:
    """A model for `fit`: uint8 [N, cache, cache, 3] is augmented, cut to `size` px, and classified.

    Shares its layers with `network`; returns the logits only.
    """
    import keras

    picture = keras.Input((recipe.cache_size, recipe.cache_size, 3), dtype="uint8", name="picture")
    x = keras.layers.Rescaling(1.0, dtype="float32", name="as_float")(picture)
    for layer in _augmentation(recipe.augmentation, seed):
        x = layer(x)
    x = keras.layers.Resizing(size, size, interpolation="bilinear", antialias=True)(x)
    x = network.get_layer("arithmetic")(x)
    base = next(layer for layer in network.layers if isinstance(layer, keras.Model))
    x = network.get_layer("embedding")(base(x, training=False))
    x = keras.layers.Dropout(recipe.dropout, seed=seed)(x)
    return keras.Model(picture, network.get_layer("logits")(x), name="trainer")


def _augmentation(how: Augmentation, seed: int) -> list[Any]:
    import keras

    rotation = how.rotation_degrees / 360
    lighting = (1 - how.jitter, 1 + how.jitter)
    layers = keras.layers
    common: dict[str, Any] = {"fill_mode": "reflect", "interpolation": "bilinear"}
    made = [layers.RandomFlip("horizontal", seed=seed)]
    if rotation:
        made.append(layers.RandomRotation(rotation, seed=seed + 1, **common))
    if how.zoom_in:
        zoom = (-how.zoom_in, 0.0)
        made.append(layers.RandomZoom(zoom, zoom, seed=seed + 2, **common))
    if how.translation:
        made.append(layers.RandomTranslation(how.translation, how.translation, seed=seed + 3, **common))
    if how.jitter:
        made.append(layers.RandomBrightness(how.jitter / 2, value_range=(0, 255), seed=seed + 4))
        made.append(layers.RandomContrast(how.jitter, value_range=(0, 255), seed=seed + 5))
        saturation = tuple(0.5 * factor for factor in lighting)  # 0.5 leaves the colours as they are
        made.append(layers.RandomSaturation(saturation, value_range=(0, 255), seed=seed + 6))
    if how.grey:
        made.append(layers.RandomGrayscale(how.grey, seed=seed + 7))
    return made
