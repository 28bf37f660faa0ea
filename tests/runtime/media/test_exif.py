from __future__ import annotations

import io
import struct
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from avistar import UsageError
from avistar.media.exif import read_capture, time_zone
from avistar.media.photo import photo_pictures, read_photo
from avistar.records import Capture
from support import encoded, picture

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EXIF, POSITION = 0x8769, 0x8825
Ratio = TiffImagePlugin.IFDRational


def with_exif(main: dict[int, object] | None = None, details: dict[int, object] | None = None,
              position: dict[int, object] | None = None, format: str = "JPEG") -> bytes:  # fmt: skip
    exif = Image.Exif()
    exif.update(main or {})
    for tag, block in ((EXIF, details), (POSITION, position)):
        if block:
            exif.get_ifd(tag).update(block)
    return encoded(picture(1), format, exif=exif)


def capture_of(data: bytes, zone: str | None = None) -> Capture:
    with Image.open(io.BytesIO(data)) as image:
        return read_capture(image, zone=time_zone(zone) if zone else None, now=NOW)


def taken(text: object, zone: str | None = None, **more: object) -> Capture:
    tags = {0x9003: text, **{int(tag[1:], 16): value for tag, value in more.items()}}
    return capture_of(with_exif(details=tags), zone)


def place(latitude: object, north: object, longitude: object, east: object) -> Capture:
    return capture_of(with_exif(position={1: north, 2: latitude, 3: east, 4: longitude}))


def test_a_camera_trap_photo_says_when_where_and_with_what() -> None:
    capture = capture_of(
        with_exif(
            {0x010F: "RECONYX\x00\x00", 0x0110: "HYPERFIRE 2 "},
            {0x9003: "2024:05:06 07:08:09", 0x9291: "25", 0x9011: "+02:00", 0xA431: "H2X123"},
            {1: "S", 2: (33.0, 30.0, 36.0), 3: "E", 4: (151.0, 12.0, 0.0)},
        )
    )
    east = timezone(timedelta(hours=2))
    assert capture.taken_at == datetime(2024, 5, 6, 7, 8, 9, 250_000, tzinfo=east)
    assert capture.taken_at.isoformat() == "2024-05-06T07:08:09.250000+02:00"
    assert (capture.camera, capture.serial) == ("RECONYX HYPERFIRE 2", "H2X123")
    assert capture.latitude == pytest.approx(-33.51)
    assert capture.longitude == pytest.approx(151.2)
    assert capture.unreadable == ()


def test_without_a_zone_the_time_is_the_cameras_own() -> None:
    assert taken("2024:05:06 07:08:09").taken_at == datetime(2024, 5, 6, 7, 8, 9)


@pytest.mark.parametrize(
    ("zone", "month", "iso"),
    [("Europe/Madrid", "07", "+02:00"), ("Europe/Madrid", "01", "+01:00"), ("-05:30", "07", "-05:30"),
     ("UTC", "07", "+00:00")],
)  # fmt: skip
def test_the_users_zone_completes_the_time_with_summer_time(zone: str, month: str, iso: str) -> None:
    assert taken(f"2024:{month}:06 07:08:09", zone).taken_at.isoformat() == f"2024-{month}-06T07:08:09{iso}"


def test_the_files_own_zone_goes_before_the_users() -> None:
    assert taken("2024:05:06 07:08:09", "Europe/Madrid", x9011="-03:00").taken_at.utcoffset() == timedelta(hours=-3)


@pytest.mark.parametrize("offset", ["", "   ", "nonsense", "+99:00", "+02:75", "\x00"])
def test_a_zone_that_makes_no_sense_is_as_good_as_none(offset: str) -> None:
    capture = taken("2024:05:06 07:08:09", x9011=offset)
    assert capture.taken_at == datetime(2024, 5, 6, 7, 8, 9)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "+25:00", "../../etc/passwd", "Europe/Madrid\x00", "Europe"])
def test_an_unknown_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(UsageError, match="such as Europe/Madrid"):
        time_zone(name)


def test_a_zone_may_be_a_name_or_an_offset() -> None:
    assert time_zone("Europe/Madrid") == ZoneInfo("Europe/Madrid")
    assert time_zone("+05:45") == timezone(timedelta(hours=5, minutes=45))


@pytest.mark.parametrize(
    "text",
    ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024:13:01 00:00:00", "2024:02:30 10:00:00", "yesterday",
     "2024:05:06 25:00:00", "2031:01:01 00:00:00", "1066:10:14 09:00:00", b"\xff\xfe\xff", 20240506, (1, 2)],
)  # fmt: skip
def test_a_time_that_cannot_be_true_is_named_not_believed(text: object) -> None:
    capture = taken(text)
    assert capture.taken_at is None
    assert capture.unreadable == ("taken_at",)


def test_of_three_clocks_the_exposures_counts() -> None:
    data = with_exif({0x0132: "2025:01:01 00:00:00"}, {0x9004: "2024:01:01 00:00:00"})
    assert capture_of(data).taken_at == datetime(2024, 1, 1)
    assert capture_of(with_exif({0x0132: "2025:01:01 00:00:00"})).taken_at == datetime(2025, 1, 1)


@pytest.mark.parametrize(
    "blank", ["    :  :     :  :  ", "0000:00:00 00:00:00", " ", "\0" * 19, "0000-00-00T00:00:00Z"]
)
def test_a_blank_date_does_not_hide_the_good_one_in_the_next_field(blank: str) -> None:
    capture = capture_of(with_exif({0x0132: "2025:01:01 00:00:00"}, {0x9003: blank, 0x9004: "2024:01:01 08:00:00"}))
    assert (capture.taken_at, capture.unreadable) == (datetime(2024, 1, 1, 8), ())
    assert capture_of(with_exif({0x0132: "2025:01:01 00:00:00"}, {0x9003: blank})).taken_at == datetime(2025, 1, 1)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("06:00:00 PM", 18), ("06:00:00 AM", 6), ("12:00:00 AM", 0), ("12:00:00 p.m.", 12), ("18:00:00 PM", 18),
     (" 6: 0: 0", 6)],
)  # fmt: skip
def test_clocks_of_twelve_hours_and_spaces_for_zeros_are_read(text: str, hour: int) -> None:
    assert taken(f"2024: 6: 1 {text}").taken_at == datetime(2024, 6, 1, hour)


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_only_time_of_a_hyperfire_is_in_its_maker_note(order: str) -> None:
    note = struct.pack("<H", 0xF101) + bytes(0x14) + struct.pack(f"{order}6H", 9, 8, 7, 6, 5, 2024) + bytes(40)
    assert capture_of(with_exif(details={0x927C: note}), "+02:00").taken_at.isoformat() == "2024-06-05T07:08:09+02:00"
    assert taken("2023:01:01 00:00:00", x927C=note).taken_at == datetime(2023, 1, 1)
    broken = note[:0x16] + bytes([99] * 12) + note[0x22:]
    assert capture_of(with_exif(details={0x927C: broken})).taken_at is None


def test_a_nonsense_exposure_time_is_not_replaced_by_the_time_of_editing() -> None:
    capture = capture_of(with_exif({0x0132: "2025:01:01 00:00:00"}, {0x9003: "2024:13:01 00:00:00"}))
    assert (capture.taken_at, capture.unreadable) == (None, ("taken_at",))


@pytest.mark.parametrize(
    ("latitude", "north", "longitude", "east"),
    [
        ((200.0, 0.0, 0.0), "N", (10.0, 0.0, 0.0), "E"),
        ((Ratio(1, 0), 0.0, 0.0), "N", (10.0, 0.0, 0.0), "E"),
        ((Ratio(0, 0), Ratio(0, 0), Ratio(0, 0)), "N", (Ratio(0, 0), 0.0, 0.0), "E"),
        ((0.0, 0.0, 0.0), "N", (0.0, 0.0, 0.0), "E"),
        ((10.0, 75.0, 0.0), "N", (10.0, 0.0, 0.0), "E"),
        ((10.0, 0.0, 0.0), "", (10.0, 0.0, 0.0), "E"),
        ((10.0, 0.0, 0.0), "X", (10.0, 0.0, 0.0), "E"),
        ((10.0, 0.0, 0.0), "N", (181.0, 0.0, 0.0), "W"),
    ],
)
def test_a_position_that_is_none_on_earth_is_named(
    latitude: object, north: object, longitude: object, east: object
) -> None:
    capture = place(latitude, north, longitude, east)
    assert (capture.latitude, capture.longitude) == (None, None)
    assert set(capture.unreadable) == {"latitude", "longitude"}


def test_half_a_position_is_none() -> None:
    capture = capture_of(with_exif(position={1: "N", 2: (10.0, 0.0, 0.0)}))
    assert (capture.latitude, capture.longitude) == (None, None)
    assert "longitude" in capture.unreadable


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_position_comes_back_within_a_metre(latitude: float, longitude: float) -> None:
    def parts(degrees: float) -> tuple[Ratio, Ratio, Ratio]:
        whole, rest = divmod(abs(degrees) * 3600, 3600)
        return Ratio(int(whole), 1), Ratio(int(rest // 60), 1), Ratio(round(rest % 60 * 10_000), 10_000)

    capture = place(parts(latitude), "S" if latitude < 0 else "N", parts(longitude), "W" if longitude < 0 else "E")
    if capture.latitude is None:  # at the very origin
        assert abs(latitude) < 1e-5
        assert abs(longitude) < 1e-5
    else:
        assert capture.latitude == pytest.approx(latitude, abs=1e-5)
        assert capture.longitude == pytest.approx(longitude, abs=1e-5)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2026, 5, 31)).map(lambda t: t.replace(microsecond=0)))
def test_every_time_comes_back(moment: datetime) -> None:
    assert taken(moment.strftime("%Y:%m:%d %H:%M:%S").rjust(19, "0")).taken_at == moment


@given(st.binary(max_size=300))
def test_no_block_however_damaged_stops_us(block: bytes) -> None:
    image = picture(1)
    image.info["exif"] = b"Exif\x00\x00" + block
    image.format = "JPEG"
    assert isinstance(read_capture(image, now=NOW), Capture)


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_altered_byte_stops_us(at: int, value: int) -> None:
    data = with_exif(
        {0x010F: "Maker", 0x0110: "Model"}, {0x9003: "2024:05:06 07:08:09", 0x9011: "+02:00"},
        {1: "N", 2: (10.0, 20.0, 30.0), 3: "W", 4: (10.0, 20.0, 30.0)},
    )  # fmt: skip
    block = bytearray(Image.open(io.BytesIO(data)).info["exif"])
    block[6 + at % (len(block) - 6)] = value
    image = picture(1)
    image.info["exif"] = bytes(block)
    capture = read_capture(image, now=NOW)
    assert capture.latitude is None or -90 <= capture.latitude <= 90
    assert capture.taken_at is None or capture.taken_at.replace(tzinfo=UTC) < NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64)), (0, (64, 48)), (99, (64, 48))]
)
def test_a_photo_is_measured_upright(tmp_path: Path, orientation: int, size: tuple[int, int]) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(with_exif({0x0112: orientation}))
    medium = read_photo(path, tmp_path)
    assert (medium.width, medium.height) == size


def test_a_medium_says_where_its_file_lies(tmp_path: Path) -> None:
    path = tmp_path / "DCIM" / "100" / "photo.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(with_exif(details={0x9003: "2024:05:06 07:08:09"}))
    medium = read_photo(path, tmp_path, time_zone("+01:00"))
    assert medium.path == str(path)
    assert medium.relative == "DCIM/100/photo.jpg"
    assert medium.bytes == path.stat().st_size
    assert medium.modified_ns == path.stat().st_mtime_ns
    assert medium.capture.taken_at.utcoffset() == timedelta(hours=1)


def test_files_that_are_no_photos_still_are_media(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "page.jpg").write_text("<html>")
    for name in ("empty.jpg", "page.jpg", "gone.jpg"):
        [one] = photo_pictures(tmp_path / name, tmp_path)
        assert one.medium.relative == name
        assert (one.medium.width, one.medium.capture) == (0, Capture())
        assert one.source == str(tmp_path / name)


def test_reading_the_header_decodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, format in (("a.jpg", "JPEG"), ("b.png", "PNG"), ("c.webp", "WEBP")):
        (tmp_path / name).write_bytes(with_exif({0x010F: "Maker"}, format=format))

    def refuse(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", refuse)
    monkeypatch.setattr("PIL.WebPImagePlugin.WebPImageFile.load", refuse)
    for name in ("a.jpg", "b.png", "c.webp"):
        assert read_photo(tmp_path / name, tmp_path).capture.camera == "Maker"


def test_the_process_zone_plays_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    if hasattr(time, "tzset"):
        time.tzset()
    assert taken("2024:05:06 07:08:09").taken_at.tzinfo is None
    monkeypatch.undo()
    if hasattr(time, "tzset"):
        time.tzset()
