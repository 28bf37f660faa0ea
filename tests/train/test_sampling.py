import numpy as np
import pytest

pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar_train.recipes import read_recipe
from avistar_train.sampling import LabelledArrays, Sampler, sampling_weights, whole


@pytest.fixture
def photos():
    pixels = np.zeros((20, 4, 4, 3), np.uint8)
    pixels += np.arange(20, dtype=np.uint8)[:, None, None, None]
    return LabelledArrays(pixels, np.array([0] * 14 + [1] * 4 + [2] * 2))


def epoch(photos, changes, seed=1, number=0, batch=7):
    sampler = Sampler(photos, 3, read_recipe("resnet50_field", changes), batch=batch, seed=seed)
    sampler.begin(number)
    return [sampler[i] for i in range(len(sampler))]


def numbers(batches):
    return np.concatenate([inputs["picture"][:, 0, 0, 0] for inputs, _ in batches])


def test_rare_species_are_drawn_as_often_as_the_balance_says():
    truth = np.array([0] * 90 + [1] * 10)
    weights = sampling_weights(truth, 2, 1.0)
    assert weights[truth == 1].sum() == pytest.approx(0.5)
    assert sampling_weights(truth, 2, 0.0)[truth == 1].sum() == pytest.approx(0.1)


def test_an_epoch_is_the_same_for_the_same_seed_and_another_for_the_next(photos):
    np.testing.assert_array_equal(numbers(epoch(photos, ())), numbers(epoch(photos, ())))
    assert not np.array_equal(numbers(epoch(photos, ())), numbers(epoch(photos, (), number=1)))


def test_without_balance_an_epoch_shows_every_photo_once(photos):
    shown = numbers(epoch(photos, ("training.balance=0",), batch=5))
    assert sorted(shown) == list(range(20))


def test_oversampling_shows_every_species_equally_often_and_varies_only_the_copies(photos):
    changes = ("training.balance=0", "training.oversampling=true", "augmentation.varies=copies")
    batches = epoch(photos, changes, batch=6)
    assert sum(wanted.sum(axis=0) for _, wanted in batches).tolist() == [14, 14, 14]
    varied = np.concatenate([inputs["varied"][:, 0] for inputs, _ in batches])
    shown = numbers(batches)
    assert sorted(shown[~varied]) == list(range(20))
    assert set(shown[varied]) == {14, 15, 16, 17, 18, 19}


def test_mixed_pictures_carry_their_labels_in_the_same_shares(photos):
    striped = LabelledArrays(np.zeros((3, 4, 4, 3), np.uint8), np.arange(3))
    for i in range(3):
        striped.pixels[i, ..., i] = 200
    (inputs, wanted), *_ = epoch(striped, ("training.balance=0", "training.mixup=1.0"), batch=3)
    np.testing.assert_allclose(inputs["picture"][:, 0, 0] / 200, wanted, atol=0.003)
    np.testing.assert_allclose(wanted.sum(axis=1), 1, atol=1e-6)


def test_photos_that_are_only_watched_are_neither_varied_nor_mixed(photos):
    inputs, wanted = whole(photos, 3)
    np.testing.assert_array_equal(inputs["picture"], photos.pixels)
    assert not inputs["varied"].any()
    np.testing.assert_array_equal(wanted.argmax(axis=1), photos.truth)


def test_only_varied_pictures_look_like_a_trap_s_and_the_same_epoch_looks_the_same(photos):
    changes = ("training.balance=0", "trap.infrared=1.0")
    first, again = (epoch(photos, changes) for _ in range(2))
    for (one, _), (other, _) in zip(first, again, strict=True):
        np.testing.assert_array_equal(one["picture"], other["picture"])
    assert not np.array_equal(first[0][0]["picture"], epoch(photos, ("training.balance=0",))[0][0]["picture"])
    copies = ("training.balance=0", "training.oversampling=true", "augmentation.varies=copies", "trap.infrared=1.0")
    for inputs, _ in epoch(photos, copies):
        plain = ~inputs["varied"][:, 0]
        assert plain.any()
        assert (np.ptp(inputs["picture"][plain], axis=(1, 2, 3)) == 0).all()


def test_targets_are_learned_in_place_of_the_labels_and_mixed_as_they_are(photos):
    targets = np.random.default_rng(0).dirichlet((1, 1, 1), 20).astype(np.float32)
    taught = LabelledArrays(photos.pixels, photos.truth, targets)
    for inputs, wanted in epoch(taught, ("training.balance=0",), batch=5):
        np.testing.assert_array_equal(wanted, targets[inputs["picture"][:, 0, 0, 0]])
