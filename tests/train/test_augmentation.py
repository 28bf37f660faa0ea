"""Varied pictures, read back as the transformations that made them."""

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="the train extra isn't installed")

from avistar_train.augmentation import LUMA, RandomAffine, RandomColour  # noqa: E402

SIDE, COUNT = 41, 64
YES = np.ones((COUNT, 1), bool)
NOTHING = {"flip": False, "rotation_degrees": 0.0, "zoom_in": 0.0, "translation": 0.0}


def places():
    """Pictures whose first two channels say where each pixel lies."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    return np.repeat(np.stack([x, y, x + y], axis=-1)[None], COUNT, axis=0)


def seen(varied=YES, **amounts):
    """For each picture the matrix [2, 2] and the middle [2] that the transformation has, as its pixels tell."""
    out = np.asarray(RandomAffine(**{**NOTHING, **amounts}, seed=5)(places(), varied, training=True))
    m = SIDE // 2
    matrix = np.stack([out[:, m, m + 1] - out[:, m, m], out[:, m + 1, m] - out[:, m, m]], axis=-1)[:, :2]
    return matrix, out[:, m, m, :2] - m


def test_half_of_the_pictures_are_mirrored_and_nothing_else_happens_to_them():
    matrix, middle = seen(flip=True)
    np.testing.assert_allclose(np.abs(matrix), np.broadcast_to(np.eye(2), matrix.shape), atol=1e-4)
    np.testing.assert_allclose(middle, 0, atol=1e-4)
    np.testing.assert_allclose(matrix[:, 1, 1], 1, atol=1e-4)
    assert 0.3 < (matrix[:, 0, 0] < 0).mean() < 0.7


def test_turning_stays_within_its_angle_both_ways_around_the_middle():
    matrix, middle = seen(rotation_degrees=20)
    angle = np.degrees(np.arctan2(matrix[:, 1, 0], matrix[:, 0, 0]))
    assert np.abs(angle).max() <= 20.01
    assert angle.min() < -15
    assert angle.max() > 15
    np.testing.assert_allclose(np.linalg.det(matrix), 1, atol=1e-3)
    np.testing.assert_allclose(middle, 0, atol=1e-3)


def test_enlarging_cuts_away_at_most_its_share_and_never_shows_more_than_there_is():
    matrix, middle = seen(zoom_in=0.4)
    scale = matrix[:, 0, 0]
    assert scale.min() >= 0.6 - 1e-4
    assert scale.max() <= 1 + 1e-4
    assert scale.max() - scale.min() > 0.3
    np.testing.assert_allclose(scale, matrix[:, 1, 1], atol=1e-4)
    np.testing.assert_allclose(middle, 0, atol=1e-3)


def test_shifting_stays_within_its_share_of_the_side_in_both_directions():
    matrix, middle = seen(translation=0.1)
    np.testing.assert_allclose(matrix, np.broadcast_to(np.eye(2), matrix.shape), atol=1e-4)
    assert np.abs(middle).max() <= 0.1 * SIDE + 1e-3
    assert np.abs(middle).max(axis=0).min() > 0.06 * SIDE
    assert abs(np.corrcoef(middle.T)[0, 1]) < 0.5


def test_pictures_that_shall_stay_stay_to_the_bit_beside_varied_ones():
    varied = YES.copy()
    varied[::2] = False
    everything = {"flip": True, "rotation_degrees": 20.0, "zoom_in": 0.3, "translation": 0.1}
    noise = np.random.default_rng(0).integers(0, 256, (COUNT, SIDE, SIDE, 3)).astype(np.float32)
    for layer in (RandomAffine(**everything, seed=1), RandomColour(jitter=0.3, grey=0.2, seed=1)):
        out = np.asarray(layer(noise, varied, training=True))
        np.testing.assert_allclose(out[::2], noise[::2], atol=1e-3)
        assert np.abs(out[1::2] - noise[1::2]).mean(axis=(1, 2, 3)).min() > 1
        np.testing.assert_array_equal(np.asarray(layer(noise, varied, training=False)), noise)


def colours():
    """Pictures of a few unsaturated colours, so that nothing is clipped."""
    return np.random.default_rng(1).uniform(100, 150, (COUNT, 6, 6, 3)).astype(np.float32)


def test_a_picture_without_colour_has_the_brightness_that_it_had():
    pictures = colours()
    out = np.asarray(RandomColour(jitter=0.0, grey=1.0, seed=2)(pictures, YES, training=True))
    luma = pictures @ np.array(LUMA, np.float32)
    np.testing.assert_allclose(out, np.repeat(luma[..., None], 3, axis=-1), atol=0.05)


def test_the_share_of_grey_pictures_is_the_one_asked_for():
    out = np.asarray(RandomColour(jitter=0.0, grey=0.25, seed=3)(colours(), YES, training=True))
    grey = np.ptp(out, axis=-1).max(axis=(1, 2)) < 0.1
    assert 0.1 < grey.mean() < 0.45


def test_brightness_contrast_and_saturation_stay_within_their_amounts():
    pictures = colours()
    out = np.asarray(RandomColour(jitter=0.2, grey=0.0, seed=4)(pictures, YES, training=True))
    luma = np.array(LUMA, np.float32)
    before, after = pictures @ luma, out @ luma
    brighter = after.mean(axis=(1, 2)) - before.mean(axis=(1, 2))
    contrast = after.std(axis=(1, 2)) / before.std(axis=(1, 2))
    # What is left of the colours, contrast taken out: the distance from grey.
    saturation = [np.ptp(x - x.mean(axis=(1, 2), keepdims=True), axis=-1).mean(axis=(1, 2)) for x in (pictures, out)]
    saturation = saturation[1] / saturation[0] / contrast
    assert np.abs(brighter).max() <= 255 * 0.1 + 0.1
    assert np.abs(brighter).max() > 15
    for factor in (contrast, saturation):
        assert factor.min() >= 0.8 - 0.02
        assert factor.max() <= 1.2 + 0.02
        assert np.ptp(factor) > 0.25


def test_values_never_leave_0_to_255():
    extreme = np.random.default_rng(0).choice([0.0, 255.0], (COUNT, 6, 6, 3)).astype(np.float32)
    out = np.asarray(RandomColour(jitter=0.5, grey=0.1, seed=5)(extreme, YES, training=True))
    assert out.min() >= 0
    assert out.max() <= 255


def test_a_saved_layer_draws_what_the_first_one_draws():
    noise = np.random.default_rng(0).integers(0, 256, (COUNT, SIDE, SIDE, 3)).astype(np.float32)
    linear = RandomAffine(flip=True, rotation_degrees=9.0, zoom_in=0.2, translation=0.05, seed=8)
    for layer in (linear, RandomColour(jitter=0.2, grey=0.1, seed=8)):
        again = type(layer).from_config(layer.get_config())
        np.testing.assert_array_equal(*(np.asarray(one(noise, YES, training=True)) for one in (layer, again)))
