"""Files that are damaged, odd or hostile: each is answered, or fails with a reason, and never stops the others."""

from __future__ import annotations

import io
import os
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image, features

from avistar import Classifier, Fault, ImageError
from avistar.images import decode as avistar_images
from avistar.images.decode import load, prepare
from avistar.manifest import Preprocessing
from support import encoded, picture


def fault_of(source: object) -> Fault:
    with pytest.raises(ImageError) as caught:
        load(source)
    return caught.value.fault


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def astronaut(**options: object) -> bytes:
    return encoded(Image.fromarray(skimage.data.astronaut()), "JPEG", quality=90, **options)


def test_a_jpeg_with_zeros_inside_is_still_identified(classifier: Classifier) -> None:
    # Pillow says nothing of libjpeg's warnings, so this damage can't be flagged (docs/embedding.md says so).
    data = bytearray(astronaut())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    answer = classifier.identify(bytes(data))
    assert answer.failure is None or answer.failure.fault is Fault.DAMAGED


@pytest.mark.parametrize("part", ["cut", "crc", "header", "pixels"])
def test_a_damaged_png_is_damaged(part: str) -> None:
    data = bytearray(encoded(picture(1, (200, 150)), "PNG"))
    if part == "cut":
        del data[len(data) // 2 :]
    else:
        data[{"crc": 30, "header": 17, "pixels": len(data) // 2}[part]] ^= 0x40
    assert fault_of(bytes(data)) is Fault.DAMAGED


def test_a_picture_of_144_megapixels_is_read() -> None:
    rows = zlib.compressobj(1)
    raw = b"".join(rows.compress(bytes([0]) + bytes([200]) * 12_000) for _ in range(12_000)) + rows.flush()
    head = struct.pack(">IIBBBBB", 12_000, 12_000, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")
    pixels, _ = prepare(data, Preprocessing(32, 32))
    assert pixels.shape == (32, 32, 3)
    assert (pixels == 200).all()


def test_huge_pictures_are_decoded_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avistar_images, "LARGE_PIXELS", 100)
    inside, most = 0, 0

    def slow(image: Image.Image, name: str) -> Image.Image:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.01)
        inside -= 1
        return image

    monkeypatch.setattr(avistar_images, "to_rgb", slow)
    threads = [threading.Thread(target=load, args=(encoded(picture(seed)),)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_picture_for_which_there_is_no_memory_fails_alone(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scarce(image: Image.Image, name: str) -> Image.Image:
        if image.width > 100:
            raise MemoryError
        return image

    monkeypatch.setattr(avistar_images, "to_rgb", scarce)
    small, large = classifier.identify_many([encoded(picture(1)), encoded(picture(1, (200, 150)), "PNG")])
    assert small.failure is None
    assert large.failure is not None
    assert large.failure.fault is Fault.TOO_LARGE


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (7, 8)])
def test_a_picture_of_next_to_nothing_is_too_small(size: tuple[int, int]) -> None:
    assert fault_of(encoded(Image.new("RGB", size), "PNG")) is Fault.TOO_SMALL


@pytest.mark.parametrize("size", [(8, 8), (8, 3000), (3000, 8)])
def test_the_smallest_pictures_that_are_read_come_through_the_geometry(size: tuple[int, int]) -> None:
    for how in ("crop", "stretch"):
        assert prepare(encoded(Image.new("RGB", size), "PNG"), Preprocessing(32, 24, how))[0].shape == (24, 32, 3)


@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_a_sixteen_bit_tiff_of_either_byte_order_keeps_its_brightness(order: str) -> None:
    values = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(order)
    body = values.tobytes()
    mark = "<" if order[0] == "<" else ">"
    tags = [(256, 64), (257, 48), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, 48), (279, len(body))]
    directory = struct.pack(f"{mark}H", len(tags)) + b"".join(struct.pack(f"{mark}HHII", t, 4, 1, v) for t, v in tags)
    head = (b"II*\0" if mark == "<" else b"MM\0*") + struct.pack(f"{mark}I", 8 + len(body))
    read = load(head + body + directory + bytes(4)).pixels
    assert np.abs(read.astype(float) - np.round(values / 257.0)[..., None]).max() <= 1


def test_of_a_tiff_with_several_pages_the_first_is_read_and_that_is_said() -> None:
    pages = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    read = load(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert read.flags == ("first_frame",)
    assert tuple(read.pixels[8, 8]) == (255, 0, 0)


def test_a_profile_changes_nothing_that_is_seen_or_identified() -> None:
    with_profile = load(astronaut(icc_profile=b"no profile at all" * 10)).pixels
    np.testing.assert_array_equal(with_profile, load(astronaut()).pixels)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"hevc", b"mif1"])
def test_heic_is_a_kind_of_picture_that_is_not_supported(brand: bytes) -> None:
    with pytest.raises(ImageError, match="HEIC pictures can't be read: save it as JPEG") as caught:
        load(b"\0\0\0\x18ftyp" + brand + b"\0" * 40)
    assert caught.value.fault is Fault.UNSUPPORTED


def test_without_avif_in_pillow_the_others_go_on(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    if not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    data = encoded(picture(1), "AVIF")
    monkeypatch.setattr(avistar_images, "FORMATS", ("JPEG", "PNG"))
    failed, answered = classifier.identify_many([data, encoded(picture(1))])
    assert failed.failure is not None
    assert answered.failure is None


def raw_photo(kind: str, jpegs: list[bytes], orientation: int = 6) -> bytes:
    """What holds for raw photos: a TIFF directory with a small page, and JPEGs somewhere behind it."""
    order = ">" if kind == "nef" else "<"
    tags = {0x00FE: 1, 0x0100: 16, 0x0101: 12, 0x0112: orientation, 0x014A: 400}
    if kind == "dng":
        tags[0xC612] = 0x01040000
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, 3 if tag == 0x0112 else 4, 1)
        + (struct.pack(f"{order}HH", value, 0) if tag == 0x0112 else struct.pack(f"{order}I", value))
        for tag, value in sorted(tags.items())
    )
    start = 16
    head = {"nef": b"MM\0*", "orf": b"IIRO"}.get(kind, b"II*\0") + struct.pack(f"{order}I", start)
    head += b"CR\x02\0" if kind == "cr2" else bytes(4)
    directory = struct.pack(f"{order}H", len(tags)) + entries + bytes(4)
    return (head.ljust(start, b"\0") + directory).ljust(500, b"\0") + b"\xff\xd8\xff\0".join([b"", *jpegs]) + bytes(99)


def lossless() -> bytes:
    """The header of the JPEG in which sensors' values lie: more pixels than any preview."""
    return b"\xff\xd8\xff\xc3" + struct.pack(">HBHHB", 11, 14, 4000, 6000, 1) + bytes(50)


@pytest.mark.parametrize("kind", ["nef", "dng", "cr2", "orf"])
def test_a_raw_photo_is_identified_by_its_largest_preview_and_that_is_said(kind: str) -> None:
    shown = picture(3, (320, 240))
    small, large = encoded(picture(4, (32, 24))), encoded(shown, quality=95)
    read = load(raw_photo(kind, [small, lossless(), large]))
    assert read.flags == ("preview",)
    expected = np.rot90(np.asarray(shown), -1).astype(int)
    assert np.abs(read.pixels.astype(int) - expected).mean() < 4


def test_a_raw_photo_of_fuji_or_canons_newest_kind_is_read_too() -> None:
    data = encoded(picture(3, (320, 240)))
    assert load(b"FUJIFILMCCD-RAW 0201" + bytes(80) + data).flags == ("preview",)
    assert load(b"\0\0\0\x18ftypcrx " + bytes(80) + data).flags == ("preview",)


def test_a_raw_photo_without_a_preview_says_what_to_do() -> None:
    with pytest.raises(ImageError, match="save it as JPEG") as caught:
        load(raw_photo("nef", [lossless()]))
    assert caught.value.fault is Fault.UNSUPPORTED


def test_an_ordinary_tiff_is_no_raw_photo() -> None:
    assert load(encoded(picture(1), "TIFF")).flags == ()


@pytest.mark.parametrize("name", ["photo.jpg", "photo", "photo.JPG.JPEG", "photo.txt", "photo.heic"])
def test_the_content_decides_not_the_suffix(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(encoded(picture(1), "PNG"))
    assert load(path).pixels.shape == (48, 64, 3)


def test_a_socket_is_refused_rather_than_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(socket, "AF_UNIX"):
        pytest.skip("no Unix sockets on this system")
    monkeypatch.chdir(tmp_path)  # the name of a socket may be short only
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.jpg")
        assert fault_of("s.jpg") is Fault.UNREADABLE


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices on this system")
def test_a_device_is_refused_rather_than_read_for_ever() -> None:
    assert fault_of("/dev/zero") is Fault.UNREADABLE


def reading(monkeypatch: pytest.MonkeyPatch, instead: Callable[[Path], bytes], victim: str) -> None:
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: instead(self) if self.name == victim else read(self))


@pytest.mark.parametrize(
    ("number", "words"), [(13, "Permission denied"), (5, "Input/output error"), (116, "Stale file handle")]
)
def test_a_file_that_the_disk_refuses_fails_with_the_reason_and_the_others_go_on(
    classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(encoded(picture(1)))

    def refused(path: Path) -> bytes:
        raise OSError(number, words)

    reading(monkeypatch, refused, "b.jpg")
    first, second, third = classifier.identify_many(sorted(tmp_path.iterdir()))
    assert second.failure is not None
    assert second.failure.fault is Fault.UNREADABLE
    assert words in second.failure.message
    assert first.failure is None is third.failure


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be read by this user")
def test_a_file_without_rights_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "locked.jpg"
    path.write_bytes(encoded(picture(1)))
    path.chmod(0)
    assert fault_of(path) is Fault.UNREADABLE


def test_a_file_that_vanishes_while_it_waits_is_missing(classifier: Classifier, tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.jpg" for i in range(4)]
    for path in paths:
        path.write_bytes(encoded(picture(1)))

    def listed() -> object:
        for path in paths:
            if path == paths[2]:
                path.unlink()
            yield path

    answers = classifier.identify_many(listed(), batch=2)
    assert [a.failure.fault if a.failure else None for a in answers] == [None, None, Fault.MISSING, None]


def test_a_file_that_grows_while_it_is_read_is_not_taken_for_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "arriving.jpg"
    whole = astronaut()
    path.write_bytes(whole[: len(whole) * 9 // 10])

    def arriving(path: Path) -> bytes:
        with path.open("rb") as stream:
            data = stream.read()
        path.write_bytes(whole)
        return data

    with monkeypatch.context() as patch:
        reading(patch, arriving, "arriving.jpg")
        with pytest.raises(ImageError, match="is being written just now") as caught:
            load(path)
    assert caught.value.fault is Fault.UNREADABLE
    assert load(path).flags == ()


@pytest.mark.parametrize("source", [None, 7, ["a.jpg"], object(), bytearray(b"x")])
def test_what_is_no_picture_at_all_fails_in_its_place(classifier: Classifier, source: object) -> None:
    answer, after = classifier.identify_many([source, picture(1)])  # type: ignore[list-item]
    assert answer.failure is not None
    assert answer.failure.fault is Fault.UNSUPPORTED
    assert after.failure is None


def test_a_jpeg_with_another_file_behind_it_is_read() -> None:
    archive = io.BytesIO()
    import zipfile

    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", "x")
    np.testing.assert_array_equal(load(astronaut() + archive.getvalue()).pixels, load(astronaut()).pixels)


def test_a_jpeg_that_stops_before_its_first_row_is_damaged() -> None:
    """Found by fuzzing: Pillow then has no picture at all, and asserts that it has."""
    data = encoded(picture(1), "MPO", save_all=True, append_images=[picture(2)])
    for end in range(100, len(data), 7):
        try:
            found: object = load(data[:end]).flags
        except ImageError as error:
            found = error.fault
        assert found in {(), ("incomplete",), Fault.DAMAGED, Fault.NOT_AN_IMAGE}
