"""Pictures that are made to take minutes, or more memory than there is, cost one failure and no worker."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from avistar import Classifier, Fault, ImageError
from avistar.images import budget
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
