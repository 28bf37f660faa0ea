from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from avistar import Classifier, Preprocessing
from avistar.images.decode import load, prepare
from avistar.images.geometry import MIN_SIDE, Crop, square_around
from support import encoded

sides = st.integers(MIN_SIDE, 3000)
fractions = st.floats(0, 1)


@given(fractions, fractions, fractions, fractions, sides, sides)
def test_the_square_lies_inside_the_picture_and_covers_the_rectangle(
    left: float, top: float, right: float, bottom: float, width: int, height: int
) -> None:
    left, right = sorted((left, right))
    top, bottom = sorted((top, bottom))
    x0, y0, x1, y1 = square_around(Crop(b"", left, top, right - left, bottom - top), width, height)
    assert 0 <= x0 <= x1 <= width
    assert 0 <= y0 <= y1 <= height
    assert min(x1 - x0, y1 - y0) >= MIN_SIDE
    if x1 - x0 < width and y1 - y0 < height:
        assert x1 - x0 == y1 - y0
    # Rounding to whole pixels may cost one at an edge.
    assert x0 <= left * width + 1
    assert x1 >= right * width - 1
    assert y0 <= top * height + 1
    assert y1 >= bottom * height - 1


def test_a_long_animal_gets_its_surroundings_not_a_squeeze() -> None:
    assert square_around(Crop(b"", 0.2, 0.4, 0.5, 0.1), 1000, 800) == (200, 110, 700, 610)


def test_at_an_edge_the_square_moves_inwards() -> None:
    assert square_around(Crop(b"", 0.9, 0.0, 0.1, 0.2), 1000, 1000) == (800, 0, 1000, 200)


def quarters() -> Image.Image:
    """1600 × 1200 px: red, green, blue and white quarters, each with a black dot in its upper left."""
    pixels = np.zeros((1200, 1600, 3), np.uint8)
    for (y, x), colour in zip(
        ((0, 0), (0, 800), (600, 0), (600, 800)),
        ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)),
        strict=True,
    ):
        pixels[y : y + 600, x : x + 800] = colour
    return Image.fromarray(pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_crop_is_cut_from_the_upright_picture(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(quarters(), quality=95, exif=exif)
    whole = load(data).pixels
    height, width = whole.shape[:2]
    part = load(Crop(data, 0.55, 0.55, 0.4, 0.4))
    x0, y0, x1, y1 = square_around(Crop(data, 0.55, 0.55, 0.4, 0.4), width, height)
    np.testing.assert_array_equal(part.pixels, whole[y0:y1, x0:x1])
    assert part.full_size == (x1 - x0, y1 - y0)


def test_a_crop_is_decoded_no_larger_than_needed_and_looks_the_same() -> None:
    data = encoded(quarters(), quality=95)
    crop = Crop(data, 0.05, 0.05, 0.9, 0.9)
    reduced = load(crop, at_least=64)
    assert max(reduced.pixels.shape) < 400
    assert abs(reduced.full_size[0] - load(crop).full_size[0]) <= 16
    full, _ = prepare(load(crop).pixels, Preprocessing(32, 32))
    fast, _ = prepare(crop, Preprocessing(32, 32))
    assert np.abs(full.astype(int) - fast.astype(int)).mean() < 3


def test_a_small_crop_of_a_large_photo_keeps_its_pixels() -> None:
    data = encoded(quarters(), quality=95)
    assert min(load(Crop(data, 0.4, 0.4, 0.1, 0.1), at_least=64).pixels.shape[:2]) >= 64


@pytest.mark.parametrize(
    "box", [(0.5, 0.5, 0.0, 0.0), (1.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0), (0.2, 0.2, 5.0, 5.0)]
)
def test_an_odd_rectangle_still_gives_pixels(box: tuple[float, float, float, float]) -> None:
    assert min(load(Crop(encoded(quarters()), *box), at_least=64).pixels.shape[:2]) >= MIN_SIDE


def test_a_crop_is_identified_and_named_by_its_photo(classifier: Classifier, tmp_path: object) -> None:
    path = tmp_path / "photo.jpg"  # type: ignore[operator]
    path.write_bytes(encoded(quarters()))
    red = classifier.identify(Crop(str(path), 0.0, 0.0, 0.3, 0.3))
    blue = classifier.identify(Crop(str(path), 0.0, 0.7, 0.3, 0.3))
    assert red.source == str(path)
    assert red.failure is None
    assert not np.array_equal(red.probabilities, blue.probabilities)
    gone = classifier.identify(Crop(str(tmp_path / "gone.jpg"), 0, 0, 1, 1))  # type: ignore[operator]
    assert gone.failure is not None
