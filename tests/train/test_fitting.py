import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar_train.backbones import Backbone  # noqa: E402
from avistar_train.fitting import (  # noqa: E402
    Sampler,
    SmoothedCrossentropy,
    TrainingData,
    TrainingFailed,
    blend,
    fit_head,
    fit_stages,
    sampling_weights,
)
from avistar_train.model import make_network  # noqa: E402
from avistar_train.prior import Prior, empty_prior  # noqa: E402
from avistar_train.recipes import Head, read_recipe  # noqa: E402

ROW = Backbone("tiny", "", 8, 1 / 255, (0.0, 0.0, 0.0), None)
SHORT = (
    "cache_size=24", "stages.0.size=16", "stages.1.size=20", "stages.0.epochs=2", "stages.1.epochs=2",
    "stages.0.batch=8", "stages.1.batch=8", "stages.0.unfreeze_from=block", "stages.1.unfreeze_from=block",
)  # fmt: skip


def tiny_network():
    keras.utils.set_random_seed(5)
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu", name="block")(image)
    base = keras.Model(image, keras.layers.GlobalAveragePooling2D()(x), name="tiny")
    prior = empty_prior(8, ["a", "b", "c"])
    return make_network(ROW, base, prior)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    truth = np.arange(32) % 3
    pixels = rng.integers(0, 90, (32, 24, 24, 3), dtype=np.uint8)
    pixels[np.arange(32), :, :, truth] += 120
    return TrainingData(pixels, truth.astype(np.int64))


def run(data, folder, progress=lambda *_: None, changes=()):
    folder.mkdir(exist_ok=True)
    network = tiny_network()
    recipe = read_recipe("resnet50_field", SHORT + changes)
    fit_stages(network, data, recipe, folder=folder, seed=3, progress=progress)
    return network.get_weights()


class Killed(Exception):
    pass


@pytest.mark.parametrize("stop", ["stage 1 epoch 2", "stage 2 epoch 2"])
def test_a_killed_run_ends_where_an_uninterrupted_one_ends(data, tmp_path, stop):
    whole = run(data, tmp_path / "whole")

    def kill(what, done, total):
        if what.startswith(stop) and done == 2:
            raise Killed

    with pytest.raises(Killed):
        run(data, tmp_path / "killed", kill)
    resumed = run(data, tmp_path / "killed")
    for a, b in zip(whole, resumed, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_finished_run_is_not_run_again(data, tmp_path):
    first = run(data, tmp_path / "run")
    steps = []
    second = run(data, tmp_path / "run", lambda *facts: steps.append(facts))
    assert steps == []
    np.testing.assert_array_equal(first[0], second[0])


def test_an_exploding_loss_stops_with_the_epochs_facts(data, tmp_path):
    with pytest.raises(TrainingFailed, match=r"stage 1, epoch 1, step \d+.*learning rate"):
        run(data, tmp_path / "run", changes=("stages.0.learning_rate=1e38", "stages.0.warmup=0"))


def test_rare_species_are_drawn_as_often_as_the_balance_says():
    truth = np.array([0] * 90 + [1] * 10)
    weights = sampling_weights(truth, 2, 1.0)
    assert weights[truth == 1].sum() == pytest.approx(0.5)
    assert sampling_weights(truth, 2, 0.0)[truth == 1].sum() == pytest.approx(0.1)


def test_an_epoch_is_the_same_for_the_same_seed(data):
    weights = sampling_weights(data.truth, 3, 0.5)
    one, two = (Sampler(data, weights, batch=8, seed=1) for _ in range(2))
    np.testing.assert_array_equal(one[1][0], two[1][0])
    two.begin(1)
    assert not np.array_equal(one[1][0], two[1][0])


def test_the_head_learns_and_keeps_its_prior_for_what_it_never_saw():
    rng = np.random.default_rng(0)
    truth = np.arange(60) % 2
    features = rng.normal(0, 0.1, (60, 4)).astype(np.float32)
    features[np.arange(60), truth] += 1
    start = np.zeros((4, 3), np.float32)
    start[2, 2] = 5.0
    prior = Prior(start, np.zeros(3, np.float32), np.zeros((4, 0), np.float32), np.zeros(0, np.float32))
    head = fit_head(features, truth, prior, Head(40, 16, 0.02, 1e-3), balance=0.5, seed=1)
    assert ((features @ head.kernel + head.bias).argmax(axis=1) == truth).all()
    unseen = np.array([[0, 0, 2, 0]], np.float32)
    assert (unseen @ head.kernel + head.bias).argmax() == 2


def test_smoothed_crossentropy_agrees_with_keras():
    logits = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    truth = np.array([0, 1, 2, 3, 0])
    wanted = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)(np.eye(4)[truth], logits)
    assert float(SmoothedCrossentropy(0.1)(truth, logits)) == pytest.approx(float(wanted), rel=1e-5)


def test_a_blend_lies_between_its_ends():
    network = tiny_network()
    start = network.get_weights()
    tuned = [w + 1 for w in start]
    blend(network, start, tuned, 0.25)
    np.testing.assert_allclose(network.get_weights()[0], start[0] + 0.25, atol=1e-6)
