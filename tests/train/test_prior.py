import numpy as np
import pytest

from avistar import UsageError
from avistar_train.imagenet_head import read_prior

NAMES = ["tench", "lynx", "bison", "water_buffalo"]


@pytest.fixture
def layer(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {"kernel": rng.normal(size=(5, 4)).astype(np.float32), "bias": np.arange(4, dtype=np.float32)}
    np.savez(tmp_path / "layer.npz", names=np.array(NAMES), **arrays)
    return tmp_path / "layer.npz", arrays


def test_a_species_starts_from_the_mean_of_its_imagenet_classes(layer):
    file, arrays = layer
    prior = read_prior(file, 5, ["bobcat", "buffalo", "mole"])
    np.testing.assert_allclose(prior.kernel[:, 0], arrays["kernel"][:, 1])
    np.testing.assert_allclose(prior.kernel[:, 1], arrays["kernel"][:, 2:4].mean(axis=1))
    assert prior.bias.tolist() == [1.0, 2.5, 0.0]
    assert not prior.kernel[:, 2].any()


def test_the_other_classes_are_the_background(layer):
    file, arrays = layer
    prior = read_prior(file, 5, ["bobcat", "buffalo", "mole"])
    np.testing.assert_allclose(prior.other_kernel, arrays["kernel"][:, :1])


def test_a_layer_of_another_backbone_is_refused(layer, tmp_path):
    with pytest.raises(UsageError, match="this backbone needs"):
        read_prior(layer[0], 7, ["bobcat"])
    (tmp_path / "bad.npz").write_bytes(b"no archive")
    with pytest.raises(UsageError, match="no ImageNet layer"):
        read_prior(tmp_path / "bad.npz", 5, ["bobcat"])
