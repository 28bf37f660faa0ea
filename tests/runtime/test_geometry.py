"""What must hold of the geometry for every picture: no side is preferred, and nothing depends on who reads it."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from avistar import Preprocessing
from avistar.images.decode import load
from avistar.images.geometry import fit
from support import encoded

sides = st.integers(8, 120)
shapes = st.builds(
    Preprocessing,
    width=st.integers(4, 60),
    height=st.integers(4, 60),
    fit=st.sampled_from(["crop", "stretch"]),
    resampling=st.sampled_from(["bilinear", "bicubic", "lanczos"]),
)


def pixels_of(width: int, height: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def close(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal but for rounding."""
    return int(np.abs(one.astype(int) - other).max()) <= 2


@given(sides, sides, shapes, st.integers(0, 99))
def test_left_and_right_above_and_below_are_treated_alike(
    width: int, height: int, to: Preprocessing, seed: int
) -> None:
    pixels = pixels_of(width, height, seed)
    fitted = fit(pixels, to)
    assert close(fit(np.ascontiguousarray(pixels[:, ::-1]), to), fitted[:, ::-1])
    assert close(fit(np.ascontiguousarray(pixels[::-1]), to), fitted[::-1])


@settings(max_examples=25)
@given(sides, sides, shapes, st.integers(0, 99))
def test_turning_the_picture_and_the_target_turns_the_result(
    width: int, height: int, to: Preprocessing, seed: int
) -> None:
    pixels = pixels_of(width, height, seed)
    # The other kinds overshoot, and Pillow clips between its two passes.
    to, turned = Preprocessing(to.width, to.height, to.fit), Preprocessing(to.height, to.width, to.fit)
    assert close(fit(np.ascontiguousarray(pixels.transpose(1, 0, 2)), turned), fit(pixels, to).transpose(1, 0, 2))


@settings(max_examples=25)
@given(sides, sides, st.integers(0, 99))
def test_a_picture_of_the_size_asked_for_is_left_as_it_is(width: int, height: int, seed: int) -> None:
    pixels = pixels_of(width, height, seed)
    for how in ("crop", "stretch"):
        np.testing.assert_array_equal(fit(pixels, Preprocessing(width, height, how)), pixels)


@settings(max_examples=25)
@given(sides, sides, st.integers(1, 8), st.integers(0, 99))
def test_an_orientation_moves_pixels_and_alters_none(width: int, height: int, orientation: int, seed: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = pixels_of(width, height, seed)
    read = load(encoded(Image.fromarray(pixels), "PNG", exif=exif))
    assert read.full_size == (read.pixels.shape[1], read.pixels.shape[0])
    assert sorted(read.full_size) == sorted((width, height))
    np.testing.assert_array_equal(np.sort(read.pixels.reshape(-1, 3), axis=0), np.sort(pixels.reshape(-1, 3), axis=0))
