from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avistar import Classifier, Fault, ImageError, MissingExtra, UsageError
from avistar.identification import Failure
from avistar.media.opencv import CameraFrames, VideoFile
from avistar.media.video import filmed_at, still, video_pictures
from avistar.pipeline import identify_media
from avistar.records import Picture
from media_support import write_video

pytest.importorskip("cv2", reason="needs the extra 'live'")


def pictures(path: Path, rate: float = 1.0) -> list[Picture]:
    return list(video_pictures(path, path.parent, frames_per_second=rate))


def brightness(picture: Picture) -> float:
    return float(picture.source[30:, 40:].mean())


@pytest.mark.parametrize("suffix", [".avi", ".mp4"])
def test_a_video_gives_frames_at_the_pace_asked_for(tmp_path: Path, suffix: str) -> None:
    found = pictures(write_video(tmp_path / f"clip{suffix}"), rate=2.0)
    assert [one.region.time_s for one in found] == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert [brightness(one) for one in found] == pytest.approx([0, 25, 50, 75, 100, 125], abs=4)
    assert found[0].medium.kind == "video"
    assert found[0].medium.duration_s == pytest.approx(3.0, abs=0.2)
    assert (found[0].medium.width, found[0].medium.height) == (64, 48)


def test_colours_are_red_green_blue(tmp_path: Path) -> None:
    [first, *_] = pictures(write_video(tmp_path / "clip.avi"))
    red, green, blue = first.source[5, 5]
    assert red > 150
    assert max(green, blue) < 80


def test_asking_for_more_frames_than_there_are_gives_them_all(tmp_path: Path) -> None:
    assert len(pictures(write_video(tmp_path / "clip.avi"), rate=1000.0)) == 30


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_pace_that_makes_no_sense_is_refused(tmp_path: Path, rate: float) -> None:
    with pytest.raises(UsageError, match="must be positive"):
        pictures(write_video(tmp_path / "clip.avi"), rate)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as a name")
def test_a_name_that_is_no_text_does_not_end_the_process(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 \xff.avi"))
    assert len(pictures(write_video(path))) == 3


@pytest.mark.parametrize(("keep", "least"), [(0.5, 1), (0.7, 1)])
def test_a_cut_video_is_read_as_far_as_it_goes(tmp_path: Path, keep: float, least: int) -> None:
    path = write_video(tmp_path / "clip.avi")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    *found, rest = pictures(path)
    assert least <= len(found) < 3 + 1
    assert all(isinstance(one.source, np.ndarray) for one in found)
    assert isinstance(rest.source, Failure)


def test_a_video_damaged_inside_still_ends(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.avi")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(data)
    assert 1 <= len(pictures(path, rate=10.0)) <= 31


def damaged(folder: Path, *frames: int) -> Path:
    """An MP4 of 3 s whose `frames`, by their number, are zeros: what a card with bad blocks leaves."""
    path = write_video(folder / "clip.mp4")
    data = bytearray(path.read_bytes())
    at = data.index(b"stsz") + 12  # 14496-12, 8.7.3.2: the frames' number, then their sizes
    (number,) = struct.unpack(">I", data[at : at + 4])
    sizes = struct.unpack(f">{number}I", data[at + 4 : at + 4 + 4 * number])
    start = data.index(b"mdat") + 4
    for i in frames:
        begin = start + sum(sizes[:i])
        data[begin : begin + sizes[i]] = bytes(sizes[i])
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("broken", "times"),
    [([10], [0, 0.5, 1.1, 1.6, 2.1, 2.6]), ([0], [0.1, 0.6, 1.1, 1.6, 2.1, 2.6]), (range(3, 17), [0, 1.7, 2.0, 2.5])],
)
def test_a_video_goes_on_behind_a_broken_frame(tmp_path: Path, broken: Sequence[int], times: list[float]) -> None:
    *frames, rest = pictures(damaged(tmp_path, *broken), rate=2.0)
    assert [one.region.time_s for one in frames] == pytest.approx(times, abs=0.11)
    assert isinstance(rest.source, Failure)
    assert rest.source.fault is Fault.DAMAGED


def test_a_gap_that_the_decoder_passes_over_by_itself_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video, times = VideoFile(write_video(tmp_path / "clip.avi")), iter([0.0, 0.1, 0.9, 2.0, 2.1])
    monkeypatch.setattr(video, "_time_s", lambda: next(times))
    seen = [(video.skip(), video.incomplete) for _ in range(5)]
    assert seen == [(0.0, False), (0.1, False), (0.9, False), (2.0, True), (2.1, True)]
    video.close()


def test_the_first_frame_of_a_damaged_video_is_no_reason_to_give_it_up(tmp_path: Path) -> None:
    assert still(damaged(tmp_path, 0), 0.0).shape == (48, 64, 3)


def test_a_damaged_video_is_answered_and_says_so(tmp_path: Path, classifier: Classifier) -> None:
    [[found]] = identify_media(classifier, [partial(pictures, damaged(tmp_path, 10))])
    assert found.failure is None
    assert found.incomplete
    assert found.identification.flags == ("incomplete",)
    [[whole]] = identify_media(classifier, [partial(pictures, write_video(tmp_path / "whole.mp4"))])
    assert not whole.incomplete


def test_a_damaged_video_in_which_nothing_is_found_is_not_called_empty(tmp_path: Path, classifier: Classifier) -> None:
    def job() -> Iterator[Picture]:
        for one in pictures(damaged(tmp_path, 10)):
            yield one if isinstance(one.source, Failure) else replace(one, source=None)

    [[found]] = identify_media(classifier, [job])
    assert (found.blank, found.failure.fault) == (False, Fault.DAMAGED)


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"", Fault.EMPTY), (b"<html>" * 100, Fault.DAMAGED), (b"RIFF\xff\xff\xff\xffAVI LIST", Fault.DAMAGED)],
)
def test_what_is_no_video_is_one_failure_with_a_reason(tmp_path: Path, content: bytes, fault: Fault) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    [one] = pictures(path)
    assert isinstance(one.source, Failure)
    assert one.source.fault is fault
    assert one.source.message.startswith(str(path))


def test_a_vanished_video_is_one_failure(tmp_path: Path) -> None:
    [one] = pictures(tmp_path / "gone.mp4")
    assert isinstance(one.source, Failure)
    assert one.source.fault is Fault.MISSING


def test_an_mp4_without_its_index_is_a_failure(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    [one] = pictures(path)
    assert isinstance(one.source, Failure)


def test_a_video_filmed_upright_comes_out_upright(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", frames=4)
    data = bytearray(path.read_bytes())
    # The track header's matrix (ISO/IEC 14496-12, 8.3.2), 40 bytes into the box's contents: a quarter turn.
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    [first, *_] = pictures(path)
    assert first.source.shape == (64, 48, 3)
    red = first.source[5, -5]
    assert red[0] > 150  # the upper left went to the upper right
    assert red[1] < 100


def test_closing_a_video_half_way_frees_the_file(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.avi")
    frames = video_pictures(path, tmp_path)
    next(frames)
    frames.close()
    path.unlink()


def test_without_the_library_people_are_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "clip.avi")
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MissingExtra, match=r"avistar\[live\]"):
        pictures(path)


def test_a_camera_that_is_not_there_is_named_with_what_else_would_do() -> None:
    from avistar import BackendUnavailable

    with pytest.raises(BackendUnavailable, match=r"camera 99 is not there.*a video file works too"):
        CameraFrames(99)
    with pytest.raises(BackendUnavailable, match="doesn't answer"):
        CameraFrames("rtsp://127.0.0.1:9/nothing")


def set_clock(path: Path, moment: datetime) -> None:
    data = bytearray(path.read_bytes())
    at = data.index(b"mvhd") + 8
    seconds = int((moment - datetime(1904, 1, 1, tzinfo=UTC)).total_seconds())
    data[at : at + 4] = struct.pack(">I", seconds)
    path.write_bytes(data)


def test_an_mp4_says_when_it_was_filmed(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", frames=3)
    set_clock(path, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC))
    [first, *_] = pictures(path)
    assert first.medium.capture.taken_at == datetime(2024, 5, 6, 7, 8, 9)
    assert filmed_at(path, EAST) == datetime(2024, 5, 6, 7, 8, 9, tzinfo=EAST)


EAST = timezone(timedelta(hours=2))


def atom(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


@pytest.mark.parametrize(
    ("facts", "moment"),
    [
        (b"", datetime(2024, 5, 6, 7, 8, 9, tzinfo=EAST)),
        (atom(b"meta", b"com.android.version\x0012"), datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        (atom(b"meta", b"com.apple.quicktime.creationdate\x002024-05-06T09:08:07+0200"),
         datetime(2024, 5, 6, 9, 8, 7, tzinfo=EAST)),
        (atom(b"udta", b"\xa9day\x00\x18\x00\x002024-05-06T09:08:07+02:00"),
         datetime(2024, 5, 6, 9, 8, 7, tzinfo=EAST)),
    ],
)  # fmt: skip
def test_a_cameras_clock_is_its_own_and_a_telephones_utc(tmp_path: Path, facts: bytes, moment: datetime) -> None:
    seconds = int((datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC) - datetime(1904, 1, 1, tzinfo=UTC)).total_seconds())
    path = tmp_path / "clip.mp4"
    path.write_bytes(atom(b"moov", atom(b"mvhd", struct.pack(">II", 0, seconds) + bytes(92)) + facts))
    assert filmed_at(path, EAST) == moment


@pytest.mark.parametrize("text", [b"Mon May 06 07:08:09 2024\n\x00", b"2024-05-06 07:08:09\x00\x00"])
def test_an_avi_says_when_it_was_filmed_in_the_cameras_time(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "clip.avi"
    path.write_bytes(b"RIFF\x00\x01\x00\x00AVI LIST" + b"IDIT" + struct.pack("<I", len(text)) + text)
    east = timezone(timedelta(hours=2))
    assert filmed_at(path) == datetime(2024, 5, 6, 7, 8, 9)
    assert filmed_at(path, east) == datetime(2024, 5, 6, 7, 8, 9, tzinfo=east)


def test_a_film_from_1904_or_the_future_has_no_date(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", frames=3)
    for moment in (datetime(1904, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=400)):
        set_clock(path, moment)
        assert filmed_at(path) is None


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"RIFF", b"RIFF\0\0\0\0AVI IDIT", b"\0\0\0\x20moov\0\0\0\x18mvhd"])
)
def test_no_bytes_stop_the_search_for_a_date(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes, head: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.mp4"
    path.write_bytes(head + rest)
    moment = filmed_at(path)
    assert moment is None or moment.year >= 1990


def test_a_video_file_is_read_to_its_end_and_then_stays_there(tmp_path: Path) -> None:
    video = VideoFile(write_video(tmp_path / "clip.avi", frames=3))
    times = []
    while (frame := video.read()) is not None:
        times.append(frame.time_s)
    assert times == pytest.approx([0, 0.1, 0.2])
    assert video.read() is None
    video.close()
    with pytest.raises(ImageError):
        VideoFile(tmp_path / "none.avi")


def test_a_still_is_the_frame_asked_for_or_the_last_that_there_is(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.avi")
    assert still(path)[30:, 40:].mean() == pytest.approx(50, abs=4)
    assert still(path, 0.0)[30:, 40:].mean() == pytest.approx(0, abs=4)
    short = write_video(tmp_path / "short.avi", frames=3)
    assert still(short).shape == (48, 64, 3)


def test_there_is_no_still_of_what_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "clip.avi").write_bytes(b"nothing of the kind")
    with pytest.raises(ImageError, match=r"clip\.avi"):
        still(tmp_path / "clip.avi")
