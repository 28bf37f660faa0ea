"""Pictures that are made to take minutes, or more memory than there is, cost one failure and no worker."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from avistar import Classifier, Fault, ImageError
from avistar.images import budget, raw_preview
from avistar.images.decode import load


def picture(format: str, **options: object) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, format, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def many_pages(count: int) -> bytes:
    """A TIFF whose pages all show the pixels of the first."""
    first = bytearray(picture("TIFF"))
    at = int.from_bytes(first[4:8], "little")
    entries = int.from_bytes(first[at : at + 2], "little")
    directory = bytes(first[at : at + 2 + 12 * entries])
    data = bytearray(first)
    data[at + len(directory) : at + len(directory) + 4] = len(data).to_bytes(4, "little")
    for number in range(count):
        following = len(data) + len(directory) + 4 if number < count - 1 else 0
        data += directory + following.to_bytes(4, "little")
    return bytes(data)


def test_only_the_first_of_many_pages_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    seeks = []
    real = Image.Image.seek
    plugin = type(Image.open(io.BytesIO(picture("TIFF"))))
    monkeypatch.setattr(plugin, "seek", lambda self, frame: (seeks.append(frame), real(self, frame)))
    found = load(many_pages(500))
    assert (found.flags, max(seeks, default=0)) == (("first_frame",), 0)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF"])
def test_a_picture_whose_time_is_over_is_a_failed_photo(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "DECODING_S", 0.0)
    with pytest.raises(ImageError, match="takes too long") as caught:
        load(picture(format))
    assert caught.value.fault is Fault.TOO_LARGE


def test_a_jpeg_of_endless_scans_is_refused_and_one_with_a_video_behind_it_is_not() -> None:
    progressive = picture("JPEG", progressive=True)
    last = progressive.rfind(b"\xff\xda")
    scan = progressive[last:-2]
    with pytest.raises(ImageError, match="over 200 scans"):
        load(progressive[:-2] + scan * 300 + b"\xff\xd9")
    assert load(progressive + b"\xff\xda" * 1000).flags == ()


def progressive(comment: bytes = b"", scans: int = 300) -> bytes:
    data = picture("JPEG", progressive=True)
    scan = data[data.rfind(b"\xff\xda") : -2]
    return data[:-2] + comment + scan * scans + b"\xff\xd9"


def test_an_end_inside_a_comment_hides_no_scans() -> None:
    text = b"\xff\xd9 and more"
    with pytest.raises(ImageError, match="over 200 scans"):
        load(progressive(b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text))
    thumbnail = b"\xff\xda" * 300
    fine = progressive(b"\xff\xfe" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail, scans=1)
    assert load(fine).flags == ()


def test_a_large_jpeg_may_have_fewer_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(progressive(scans=30)).flags == ()
    monkeypatch.setattr(budget, "MOST_SCANNED", 64 * 64 * 25)
    with pytest.raises(ImageError, match="over 25 scans"):
        load(progressive(scans=30))
    assert load(picture("JPEG", progressive=True)).flags == ()  # up to sixteen at any size


def test_a_preview_inside_a_raw_photo_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    preview = raw_preview.Preview(progressive(), 1)
    monkeypatch.setattr(raw_preview, "preview", lambda data: preview)
    with pytest.raises(ImageError, match="over 200 scans"):
        load(b"II*\0 a raw photo")


def test_a_png_of_endless_chunks_is_refused() -> None:
    data = picture("PNG")
    end = data.rfind(b"IEND") - 4
    body = b"tEXta\0b"
    chunk = (3).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    with pytest.raises(ImageError, match="over 10,000 chunks"):
        load(data[:end] + chunk * 10_001 + data[end:])
    assert load(data[:end] + chunk * 1000 + data[end:]).flags == ()


def moving(format: str) -> bytes:
    """Twenty pictures, each of another colour."""
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (64, 64), (10 * number, 90, 255 - 10 * number)) for number in range(20)]
    frames[0].save(buffer, format, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["WEBP", "AVIF", "GIF", "PNG", "TIFF"])
def test_of_moving_pictures_only_the_first_is_decoded(format: str) -> None:
    found = load(moving(format))
    assert found.flags == ("first_frame",)
    assert np.abs(found.pixels.astype(int) - (0, 90, 255)).max() < 12


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_deflate"])
def test_a_tiff_is_held_against_our_bound_and_not_pillows(compression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert load(picture("TIFF", compression=compression)).pixels.shape == (64, 64, 3)
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_a_file_that_does_not_fit_into_memory_is_a_failed_photo(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(picture("JPEG"))

    def full(_: Path) -> bytes:
        raise MemoryError

    monkeypatch.setattr(Path, "read_bytes", full)
    failure = classifier.identify(str(file)).failure
    assert failure is not None
    assert (failure.fault, failure.message) == (Fault.TOO_LARGE, f"{file}: too large for the memory")
