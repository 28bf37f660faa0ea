"""Pictures made to look like a camera trap's, read back as what was done to them."""

import numpy as np
import pytest

from avistar_train.recipes import TrapLook
from avistar_train.trap_look import (
    TrapCamera,
    compressed,
    infrared,
    motion_blurred,
    night_cast,
    occluded,
    placed,
    stamped,
)

SIDE = 96
PIECES = (infrared, night_cast, motion_blurred, compressed, occluded, stamped)
ALWAYS = TrapLook(small=1, occlusion=1, infrared=1, cast=1, motion=1, jpeg=1, stamp=1)


@pytest.fixture
def picture():
    y, x = np.mgrid[:SIDE, :SIDE]
    colours = np.stack([x * 2, y * 2, 255 - x - y], axis=-1) + 30 * np.sin(x / 3)[..., None]
    return np.clip(colours, 0, 255).astype(np.uint8)


def rngs(count=20):
    return [np.random.default_rng(seed) for seed in range(count)]


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.__name__)
def test_each_piece_changes_a_copy_and_is_the_same_for_the_same_seed(piece, picture):
    before = picture.copy()
    first, again, other = (piece(picture, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.uint8
    assert first.shape == picture.shape
    np.testing.assert_array_equal(picture, before)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, picture)
    assert not np.array_equal(first, other)


def test_infrared_has_no_colour_but_a_faint_tint_and_is_dark_far_from_its_light():
    grey = np.full((SIDE, SIDE, 3), 120, np.uint8)
    grey[..., 0] = 200
    edges, middles = [], []
    for rng in rngs(40):
        out = infrared(grey, rng).astype(np.int64)
        assert np.ptp(out, axis=2).max() <= 0.13 * 255
        edges.append(out[0].mean())
        middles.append(out[SIDE // 3 : 2 * SIDE // 3, SIDE // 3 : 2 * SIDE // 3].mean())
    assert np.mean(edges) < 0.6 * np.mean(middles)


def test_a_small_animal_stands_on_its_background_and_keeps_its_form(picture):
    red = np.zeros_like(picture)
    red[..., 0] = 255
    ground = np.zeros_like(picture)
    shares, touching = [], 0
    for rng in rngs(60):
        out = placed(red, ground, rng)
        there = out[..., 0] > 20
        shares.append(there.mean())
        touching += there[0].any() or there[-1].any() or there[:, 0].any() or there[:, -1].any()
        assert not out[..., 1:].any()
    assert min(shares) > 0.02
    assert max(shares) < 0.5
    assert 10 < touching < 58


def test_motion_keeps_the_mean_and_takes_away_what_is_fine():
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    for rng in rngs():
        out = motion_blurred(noise, rng).astype(float)
        assert out.mean() == pytest.approx(noise.mean(), abs=2)
        assert out.std() < 0.7 * noise.std()


def test_a_night_is_darker(picture):
    assert all(night_cast(picture, rng).mean() < picture.mean() for rng in rngs())


def test_a_stamp_stays_at_the_upper_or_lower_edge(picture):
    for rng in rngs():
        changed = np.flatnonzero((stamped(picture, rng) != picture).any((1, 2)))
        assert changed.size
        assert changed.max() < 0.12 * SIDE or changed.min() > 0.88 * SIDE


def test_low_quality_stays_near_the_picture_and_makes_blocks(picture):
    for rng in rngs(5):
        apart = np.abs(compressed(picture, rng).astype(int) - picture)
        assert 0.5 < apart.mean() < 15


def test_a_share_of_the_pictures_is_changed_and_none_where_all_shares_are_zero(picture):
    idle = TrapCamera(TrapLook())
    assert idle.idle
    np.testing.assert_array_equal(idle(picture, np.random.default_rng(0)), picture)
    camera = TrapCamera(TrapLook(infrared=0.3))
    assert not camera.idle
    changed = sum(not np.array_equal(camera(picture, rng), picture) for rng in rngs(200))
    assert 40 < changed < 80


def test_infrared_pictures_get_no_cast_of_colour(picture):
    camera = TrapCamera(TrapLook(infrared=1, cast=1))
    assert all(np.ptp(camera(picture, rng).astype(int), axis=2).max() <= 0.13 * 255 for rng in rngs())


def test_small_takes_a_given_frame_as_background(picture):
    frames = np.full((3, SIDE, SIDE, 3), 7, np.uint8)
    out = TrapCamera(TrapLook(small=1), frames)(picture, np.random.default_rng(1))
    assert (out == 7).all(axis=2).mean() > 0.3


def test_all_pieces_together_give_pictures(picture):
    for rng in rngs(5):
        out = TrapCamera(ALWAYS)(picture, rng)
        assert out.shape == picture.shape
        assert out.dtype == np.uint8
        assert out.std() > 5
