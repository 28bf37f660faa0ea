"""The network against an independent oracle: plain `keras.applications` with its own preprocessing."""

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar import AvistarError, UsageError  # noqa: E402
from avistar_train.backbones import BACKBONES, make_base, unfreeze, weights_file  # noqa: E402
from avistar_train.imagenet_head import empty_prior  # noqa: E402
from avistar_train.network import make_network, make_trainer  # noqa: E402
from avistar_train.recipes import read_recipe  # noqa: E402

ORACLES = {
    "resnet50": (keras.applications.ResNet50, keras.applications.resnet50.preprocess_input),
    "vgg16": (keras.applications.VGG16, keras.applications.vgg16.preprocess_input),
    "inception_v3": (keras.applications.InceptionV3, keras.applications.inception_v3.preprocess_input),
}


@pytest.mark.parametrize("name", ORACLES)
def test_the_network_sees_what_plain_keras_sees(name, tmp_path):
    keras.utils.set_random_seed(1)
    maker, preprocess = ORACLES[name]
    plain = maker(include_top=False, weights=None, input_shape=(96, 96, 3), pooling="avg")
    plain.save_weights(tmp_path / f"{name}_notop.weights.h5")
    row = BACKBONES[name]
    network = make_network(row, make_base(row, weights_file(row, str(tmp_path))), empty_prior(row.features, ["a", "b"]))
    images = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3), dtype=np.uint8)
    wanted = plain.predict_on_batch(preprocess(images.astype(np.float32)))
    got = network.predict_on_batch(images)
    assert got["embedding"].shape == (2, row.features)
    np.testing.assert_allclose(got["embedding"], wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max())


def test_a_saved_network_needs_no_code_of_ours(tmp_path):
    row = BACKBONES["vgg16"]
    network = make_network(row, make_base(row, None), empty_prior(row.features, ["a", "b"]))
    network.save(tmp_path / "model.keras")
    config = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True).get_config()
    assert "avistar_train" not in str(config)


def test_unfreezing_starts_where_it_is_told_and_leaves_normalisation_alone():
    base = make_base(BACKBONES["resnet50"], None)
    unfreeze(base, "conv5_block1")
    learning = [layer.name for layer in base.layers if layer.trainable and layer.weights]
    assert learning[0].startswith("conv5_block1")
    assert not any(name.endswith("_bn") for name in learning)
    with pytest.raises(UsageError, match="conv1_conv"):
        unfreeze(base, "conv9")


def test_missing_weights_are_answered_with_advice(tmp_path):
    with pytest.raises(UsageError, match="--weights imagenet"):
        weights_file(BACKBONES["resnet50"], str(tmp_path))
    assert weights_file(BACKBONES["resnet50"], "imagenet") == "imagenet"


def test_augmentation_varies_training_pictures_only():
    recipe = read_recipe("resnet50_field", ("cache_size=40",))
    row = BACKBONES["vgg16"]
    network = make_network(row, make_base(row, None), empty_prior(row.features, ["a", "b"]))
    network.get_layer("logits").set_weights([np.ones((row.features, 2), np.float32) * 1e3, np.zeros(2, np.float32)])
    trainer = make_trainer(network, recipe, size=32, seed=3)
    images = np.random.default_rng(0).integers(0, 256, (2, 40, 40, 3), dtype=np.uint8)
    given = {"picture": images, "varied": np.array([[True], [False]])}
    calm = [np.asarray(trainer(given, training=False)) for _ in range(2)]
    np.testing.assert_array_equal(*calm)
    varied = [np.asarray(trainer(given, training=True)) for _ in range(2)]
    assert not np.allclose(varied[0][0], varied[1][0])


def test_weights_that_cannot_be_downloaded_or_read_are_said_in_a_sentence(tmp_path, monkeypatch):
    def unreachable(**_):
        raise Exception("URL fetch failure on https://example.org: None -- no route")

    monkeypatch.setattr(keras.applications, "VGG16", unreachable)
    with pytest.raises(AvistarError, match=r"vgg16 can't be downloaded .*no route.*--weights"):
        make_base(BACKBONES["vgg16"], "imagenet")
    monkeypatch.undo()
    (tmp_path / "vgg16_notop.weights.h5").write_bytes(b"no weights")
    with pytest.raises(UsageError, match=r"vgg16_notop\.weights\.h5 can't be read as the weights of vgg16"):
        make_base(BACKBONES["vgg16"], str(tmp_path / "vgg16_notop.weights.h5"))
