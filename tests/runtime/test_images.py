from __future__ import annotations

import io
import os
import struct
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from avistar import Fault, ImageError, Preprocessing
from avistar.images.decode import BACKDROP, load, prepare, prepare_batch
from avistar.images.geometry import Pixels, fit
from support import encoded, picture

# What a camera's orientation tag asks a viewer to do, written with numpy rather than Pillow.
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


def fault_of(source: object) -> Fault:
    with pytest.raises(ImageError) as caught:
        load(source)
    return caught.value.fault


def outcome(data: bytes) -> tuple[str, ...] | Fault:
    """The flags of a picture that can be read, else its fault."""
    try:
        return load(data).flags
    except ImageError as error:
        return error.fault


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG written by hand: `rows` are raw samples with a filter byte before each row."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_each_orientation_comes_out_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(picture(1), "JPEG", exif=exif, quality=95)
    plain = np.asarray(Image.open(io.BytesIO(data)))

    read = load(data)

    np.testing.assert_array_equal(read.pixels, UPRIGHT[orientation](plain))
    assert read.full_size == (read.pixels.shape[1], read.pixels.shape[0])


def test_orientation_and_reduced_decoding_together_keep_the_full_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    read = load(encoded(picture(1, (1600, 1200)), "JPEG", exif=exif), at_least=64)
    assert read.full_size == (1200, 1600)
    assert 64 <= min(read.pixels.shape[:2]) < 1200
    assert read.pixels.shape[0] > read.pixels.shape[1]


def test_an_orientation_outside_one_to_eight_is_ignored() -> None:
    exif = Image.Exif()
    exif[0x0112] = 77
    assert load(encoded(picture(1), "JPEG", exif=exif)).pixels.shape == (48, 64, 3)


def test_a_broken_exif_block_does_not_cost_the_picture() -> None:
    data = encoded(picture(1), "JPEG", exif=b"Exif\x00\x00" + b"II*\x00\xff\xff\xff\x7f" + b"\xff" * 40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert load(data).pixels.shape == (48, 64, 3)


def test_cmyk_is_read_as_the_colours_that_it_prints() -> None:
    original = picture(2)
    read = load(encoded(original.convert("CMYK"), "JPEG", quality=95)).pixels
    assert np.abs(read.astype(int) - np.asarray(original)).mean() < 6


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    values = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    read = load(encoded(Image.fromarray(values), "PNG")).pixels
    expected = np.round(values / 257.0)
    assert np.abs(read.astype(float) - expected[..., None]).max() <= 1


def test_sixteen_bit_rgb_keeps_its_colours() -> None:
    samples = np.random.default_rng(0).integers(0, 65536, (16, 20, 3)).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    read = load(png(20, 16, rows, depth=16)).pixels
    assert np.abs(read.astype(float) - samples / 257.0).max() <= 1


def test_a_palette_is_looked_up() -> None:
    image = picture(3).quantize(32)
    np.testing.assert_array_equal(load(encoded(image, "PNG")).pixels, np.asarray(image.convert("RGB")))


def test_transparent_palette_entries_show_the_backdrop() -> None:
    image = Image.new("P", (16, 16), 0)
    image.putpalette([200, 10, 10, 10, 200, 10])
    image.paste(1, (0, 0, 8, 16))
    read = load(encoded(image, "PNG", transparency=0)).pixels
    assert tuple(read[8, 12]) == BACKDROP
    assert tuple(read[8, 4]) == (10, 200, 10)


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (250, 50, 0, 128)), ("LA", (250, 128))])
def test_half_transparent_pixels_blend_with_the_backdrop(mode: str, colour: tuple[int, ...]) -> None:
    read = load(encoded(Image.new(mode, (16, 16), colour), "PNG")).pixels[8, 8].astype(float)
    own = np.array(colour[:-1] if mode == "RGBA" else colour[:1] * 3, float)
    expected = own * 128 / 255 + np.array(BACKDROP) * 127 / 255
    assert np.abs(read - expected).max() <= 1.5


@pytest.mark.parametrize("mode", ["1", "L"])
def test_one_channel_becomes_three_equal_ones(mode: str) -> None:
    image = picture(4).convert(mode)
    read = load(encoded(image, "PNG")).pixels
    np.testing.assert_array_equal(read, np.asarray(image.convert("L"))[..., None].repeat(3, axis=2))


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM", "GIF", "WEBP", "AVIF"])
def test_every_format_is_read(format: str) -> None:
    read = load(encoded(picture(5), format)).pixels
    assert np.abs(read.astype(int) - np.asarray(picture(5))).mean() < 8


def test_an_animation_gives_its_first_frame_and_says_so() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    read = load(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert read.flags == ("first_frame",)
    assert tuple(read.pixels[8, 8]) == (255, 0, 0)


def noisy_jpeg() -> bytes:
    return encoded(Image.fromarray(skimage.data.astronaut()), "JPEG", quality=90)


@pytest.mark.parametrize("percent", [66, 99])
def test_a_jpeg_cut_late_is_read_and_flagged(percent: int) -> None:
    data = noisy_jpeg()
    whole, cut = load(data), load(data[: len(data) * percent // 100])
    assert cut.flags == ("incomplete",)
    upper = whole.pixels.shape[0] // 4
    np.testing.assert_array_equal(cut.pixels[:upper], whole.pixels[:upper])


def test_a_jpeg_cut_early_is_damaged() -> None:
    data = noisy_jpeg()
    assert fault_of(data[: len(data) // 10]) is Fault.DAMAGED


def test_a_jpeg_cut_near_the_bound_is_either_flagged_or_damaged() -> None:
    data = noisy_jpeg()
    assert outcome(data[: len(data) * 30 // 100]) in {("incomplete",), Fault.DAMAGED}


@pytest.mark.parametrize("percent", range(2, 100, 7))
@pytest.mark.parametrize("options", [("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {}), ("TIFF", {})])
def test_any_cut_file_is_a_picture_or_an_image_error(percent: int, options: tuple[str, dict[str, object]]) -> None:
    data = encoded(picture(1, (200, 150)), options[0], **options[1])
    cut = data[: len(data) * percent // 100]
    assert outcome(cut) in {(), ("incomplete",), Fault.DAMAGED, Fault.NOT_AN_IMAGE}


@given(position=st.integers(0, 2000), value=st.integers(0, 255))
def test_a_changed_byte_never_raises_anything_else(position: int, value: int) -> None:
    data = bytearray(encoded(picture(1)))
    data[position % len(data)] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert outcome(bytes(data)) is not None


def test_zero_bytes_are_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.write_bytes(b"")
    assert fault_of(path) is Fault.EMPTY


def test_a_web_page_named_jpg_is_no_image() -> None:
    assert fault_of(b"<!doctype html><html>not found</html>") is Fault.NOT_AN_IMAGE


def test_heic_says_what_to_do() -> None:
    with pytest.raises(ImageError, match="HEIC"):
        load(b"\0\0\0\x18ftypheic" + b"\0" * 40)


def test_a_header_bomb_is_refused_before_memory_is_taken() -> None:
    assert fault_of(png(100_000, 100_000, b"\0")) is Fault.TOO_LARGE


def test_a_picture_under_our_bound_is_read_whatever_pillow_thinks_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert load(encoded(picture(1))).pixels.shape == (48, 64, 3)
    assert Image.MAX_IMAGE_PIXELS == 100


def test_a_picture_over_our_bound_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.images.decode.MAX_PIXELS", 3000)
    assert fault_of(encoded(picture(1))) is Fault.TOO_LARGE


def test_a_file_of_many_bytes_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avistar.images.decode.MAX_BYTES", 100)
    path = tmp_path / "large.jpg"
    path.write_bytes(encoded(picture(1)))
    assert fault_of(path) is Fault.TOO_LARGE


def test_a_floating_point_tiff_is_unsupported() -> None:
    image = Image.fromarray(np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20))
    assert fault_of(encoded(image, "TIFF")) is Fault.UNSUPPORTED


def test_a_line_of_pixels_is_too_small() -> None:
    assert fault_of(encoded(Image.new("RGB", (1, 5000)), "PNG")) is Fault.TOO_SMALL


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "none.jpg") is Fault.MISSING


def test_a_folder_and_a_path_with_a_zero_byte_are_unreadable(tmp_path: Path) -> None:
    assert fault_of(tmp_path) is Fault.UNREADABLE
    assert fault_of("a\0b.jpg") is Fault.UNREADABLE


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert fault_of(tmp_path / "pipe.jpg") is Fault.UNREADABLE


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="file names are Unicode on this system")
def test_a_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    path.write_bytes(encoded(picture(1)))
    assert load(path).pixels.shape == (48, 64, 3)
    path.write_bytes(b"no")
    with pytest.raises(ImageError, match=r"caf�\.jpg"):
        load(str(path))


@pytest.mark.parametrize(
    "array",
    [np.zeros((20, 20), np.uint8), np.zeros((20, 20, 4), np.uint8), np.zeros((20, 20, 3), np.float32)],
    ids=["grey", "alpha", "float"],
)
def test_an_array_of_another_kind_is_unsupported(array: Pixels) -> None:
    assert fault_of(array) is Fault.UNSUPPORTED


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket"])
def test_a_reduced_decode_agrees_with_a_full_one(name: str) -> None:
    data = encoded(Image.fromarray(getattr(skimage.data, name)()), "JPEG", quality=92)
    shape = Preprocessing(48, 48)
    reduced, _ = prepare(data, shape)
    full = fit(load(data).pixels, shape)
    assert load(data, at_least=96).pixels.shape != load(data).pixels.shape
    difference = np.abs(reduced.astype(int) - full)
    assert difference.mean() < 1.0
    assert difference.max() < 40


def tent_resize(pixels: Pixels, box: tuple[float, float, float, float], width: int, height: int) -> np.ndarray:
    """Antialiased bilinear resampling of `box` by its definition: a tent as wide as the scale, normalised."""

    def weights(start: float, stop: float, source: int, target: int) -> np.ndarray:
        scale = (stop - start) / target
        support = max(scale, 1.0)
        centres = start + (np.arange(target) + 0.5) * scale
        distance = np.abs(np.arange(source) + 0.5 - centres[:, None]) / support
        tent = np.clip(1 - distance, 0, None)
        return tent / tent.sum(axis=1, keepdims=True)

    rows = weights(box[1], box[3], pixels.shape[0], height)
    columns = weights(box[0], box[2], pixels.shape[1], width)
    return np.einsum("yh,xw,hwc->yxc", rows, columns, pixels.astype(float))


@pytest.mark.parametrize("size", [(100, 60), (60, 100), (37, 91), (20, 20)])
def test_stretch_equals_the_formula(size: tuple[int, int]) -> None:
    pixels = np.asarray(picture(1, size))
    expected = tent_resize(pixels, (0, 0, *size), 24, 16)
    assert np.abs(fit(pixels, Preprocessing(24, 16, "stretch")) - expected).max() <= 1.01


@pytest.mark.parametrize("size", [(100, 60), (60, 100), (37, 91)])
def test_crop_equals_shorter_side_to_size_then_the_centre(size: tuple[int, int]) -> None:
    pixels = np.asarray(picture(1, size))
    width, height = size
    short = min(size)
    left, top = (width - short) / 2, (height - short) / 2
    inside = (
        slice(int(np.floor(top)), int(np.ceil(top + short))),
        slice(int(np.floor(left)), int(np.ceil(left + short))),
    )
    cut = pixels[inside]
    box = (left % 1, top % 1, left % 1 + short, top % 1 + short)
    expected = tent_resize(cut, box, 16, 16)
    # Pillow reads a little beyond the box at its edge, as a resize before the crop would.
    assert np.abs(fit(pixels, Preprocessing(16, 16)) - expected)[2:-2, 2:-2].max() <= 1.5


@given(
    width=st.integers(8, 300),
    height=st.integers(8, 300),
    to_width=st.integers(1, 90),
    to_height=st.integers(1, 90),
    how=st.sampled_from(["crop", "stretch"]),
    resampling=st.sampled_from(["bilinear", "bicubic", "lanczos"]),
    colour=st.tuples(*[st.integers(0, 255)] * 3),
)
def test_any_geometry_gives_the_asked_size_and_keeps_a_constant_picture(
    width: int, height: int, to_width: int, to_height: int, how: str, resampling: str, colour: tuple[int, int, int]
) -> None:
    pixels = np.full((height, width, 3), colour, np.uint8)
    fitted = fit(pixels, Preprocessing(to_width, to_height, how, resampling))
    assert fitted.shape == (to_height, to_width, 3)
    assert fitted.dtype == np.uint8
    assert (fitted == np.array(colour, np.uint8)).all()


def test_a_path_bytes_an_image_and_an_array_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture(1).save(path)
    sources = [path, str(path), path.read_bytes(), picture(1), np.asarray(picture(1))]
    batch = prepare_batch(sources, Preprocessing(24, 24))
    assert batch.shape == (5, 24, 24, 3)
    assert (batch == batch[0]).all()


def test_reading_leaves_the_callers_image_as_it_was() -> None:
    image = Image.open(io.BytesIO(encoded(picture(1, (640, 480)))))
    load(image, at_least=64)
    assert image.mode == "RGB"
    assert image.size == (640, 480)
