"""How a photo was taken, read from real files; nonsense is simply not there."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from avistar.images.decode import opened
from avistar.media.exif import Shot, read_shot
from support import encoded, picture

EXIF = 0x8769
TEMPERATURE = 0x9400


def written(tags: dict[int, object]) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(EXIF).update(tags)
    return encoded(picture(0), exif=exif)


def shot(tags: dict[int, object]) -> Shot:
    with opened(written(tags)) as image:
        return read_shot(image)


def hyperfire(number: int, of: int, temperature_c: int) -> bytes:
    note = bytearray(80)
    struct.pack_into("<HH", note, 0, 0xF101, 3)
    struct.pack_into("<HH", note, 0x0E, number, of)
    struct.pack_into("<h", note, 0x28, temperature_c)
    return bytes(note)


def hyperfire_2(number: int, of: int, temperature_c: int) -> bytes:
    note = bytearray(b"RECONYXH2\0") + bytearray(120)
    struct.pack_into("<HH", note, 0x36, number, of)
    struct.pack_into("<h", note, 0x50, temperature_c)
    return bytes(note)


def test_exposure_flash_and_temperature_are_read() -> None:
    found = shot(
        {
            0x829A: IFDRational(1, 60),
            0x829D: IFDRational(28, 10),
            0x8827: 800,
            0x9209: 0x19,
            TEMPERATURE: IFDRational(-35, 10),
        }
    )
    assert found == Shot(pytest.approx(1 / 60), pytest.approx(2.8), 800, True, pytest.approx(-3.5))


@pytest.mark.parametrize("note", [hyperfire(2, 3, -7), hyperfire_2(2, 3, -7)], ids=["first", "second"])
def test_reconyx_writes_temperature_and_burst_into_its_own_block(note: bytes) -> None:
    found = shot({0x927C: note})
    assert found.temperature_c == -7
    assert found.burst == (2, 3)


def test_the_standard_temperature_counts_before_the_makers() -> None:
    assert shot({0x927C: hyperfire(1, 1, 20), TEMPERATURE: IFDRational(21, 1)}).temperature_c == 21


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {0x829A: IFDRational(0, 1), 0x829D: IFDRational(1, 0), 0x8827: 0},
        {TEMPERATURE: IFDRational(999, 1)},
        {TEMPERATURE: IFDRational(1, 0)},
        {0x927C: hyperfire(5, 3, 900)},
        {0x927C: hyperfire(1, 3, 20)[:30]},
        {0x927C: b"\x01"},
        {0x927C: b"Another maker's note"},
        {0x829A: "soon", 0x8827: "many"},
    ],
)
def test_what_makes_no_sense_is_not_there(tags: dict[int, object]) -> None:
    assert shot(tags) == Shot()


def test_a_file_without_exif_says_nothing() -> None:
    for format in ("JPEG", "PNG", "BMP"):
        with opened(encoded(picture(0), format)) as image:
            assert read_shot(image) == Shot()


def test_a_cut_exif_block_costs_nothing_but_itself() -> None:
    data = written({0x829A: IFDRational(1, 60)})
    start = data.index(b"Exif\0\0")
    broken = data[: start + 12] + b"\xff" * 30 + data[start + 42 :]
    with opened(io.BytesIO(broken).getvalue()) as image:
        assert read_shot(image) == Shot()
