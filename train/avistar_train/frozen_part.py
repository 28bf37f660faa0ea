"""A base parted in two: what is frozen and looks at each picture once, and what learns from the outputs of that.

Where a stage leaves the lower blocks as they are, their outputs for one picture never change: computing them once
for a few varied views of each photo leaves an epoch with the cost of the upper blocks alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from avistar.errors import UsageError
from avistar_train.augmentation import Varying
from avistar_train.network import base_of, top_of, varied_pictures, with_dropout
from avistar_train.recipes import Recipe


def last_frozen(base: Any) -> Any:
    """The uppermost layer of `base` below all that learns through whose outputs everything above it goes.

    Raises `UsageError` where there is none.
    """
    layers: Sequence[Any] = base.layers
    learning = [i for i, layer in enumerate(layers) if layer.trainable and layer.weights]
    place = {id(layer): i for i, layer in enumerate(layers)}
    lowest = len(layers)  # of the inputs of all layers above
    best = None
    for i in range(len(layers) - 1, 0, -1):
        if i < min(learning, default=len(layers)) and lowest >= i:
            best = layers[i]
            break
        parents = [tensor._keras_history.operation for tensor in _node(layers[i]).input_tensors]
        lowest = min([lowest, *(place[id(parent)] for parent in parents)])
    if best is None:
        raise UsageError(
            "views need frozen layers below those that learn, and {name} has none: name a later layer in "
            "unfreeze_from, or set views=0",
            name=base.name,
        )
    return best


def _node(layer: Any) -> Any:
    """The first place of a layer in the graph, which is that in its base."""
    return layer._inbound_nodes[0]


def _outputs(layer: Any) -> Any:
    return _node(layer).output_tensors[0]


def lower_part(network: Any, recipe: Recipe, *, size: int, seed: int) -> Any:
    """A model from `picture` and `varied`, as in training, to what the frozen part of the base makes of them.

    Pictures are varied in inference too. Call it before `upper_part`, with what learns unfrozen already.
    """
    inputs, x = varied_pictures(recipe, size=size, seed=seed)
    base = base_of(network)
    frozen = keras.Model(base.inputs, _outputs(last_frozen(base)), name="frozen")
    model = keras.Model(inputs, frozen(network.get_layer("arithmetic")(x), training=False), name="lower")
    for layer in model.layers:
        if isinstance(layer, Varying):
            layer.always = True
    return model


def upper_trainer(network: Any, recipe: Recipe, *, seed: int) -> Any:
    """A model for `fit` from `kept`, outputs of the frozen part float32 [N, ...], to logits.

    Shares its layers with `network`.
    """
    base = base_of(network)
    cut = _outputs(last_frozen(base))
    kept = keras.Input(cut.shape[1:], name="kept")
    x = kept
    if cut is not base.outputs[0]:
        x = keras.Model(cut, base.outputs[0], name="upper")(kept, training=False)
    x = network.get_layer("features")(x)
    logits = with_dropout(top_of(network, recipe.top), x, recipe.top.dropout, seed=seed)
    return keras.Model({"kept": kept}, logits, name="trainer")
