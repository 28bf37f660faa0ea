"""A network small enough to be trained in a test; import it only where Keras is installed."""

import keras

from avistar_train.backbones import Backbone
from avistar_train.imagenet_head import empty_prior
from avistar_train.network import make_network
from avistar_train.recipes import LINEAR

ROW = Backbone("tiny", "", 8, 1 / 255, (0.0, 0.0, 0.0), None)
SHORT = (
    "cache_size=24", "stages.0.size=16", "stages.1.size=20", "stages.0.epochs=2", "stages.1.epochs=2",
    "stages.0.batch=8", "stages.1.batch=8", "stages.0.unfreeze_from=block", "stages.1.unfreeze_from=block",
)  # fmt: skip


def tiny_network(top=LINEAR):
    keras.utils.set_random_seed(5)
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu", name="block")(image)
    base = keras.Model(image, keras.layers.GlobalAveragePooling2D()(x), name="tiny")
    prior = empty_prior(8, ["a", "b", "c"])
    return make_network(ROW, base, prior, top)
