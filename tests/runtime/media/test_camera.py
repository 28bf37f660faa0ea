from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator

import pytest

from avistar import BackendUnavailable, Classifier, MissingExtra
from avistar.media.camera import Camera
from avistar.media.frame_source import Frame, FrameSource, PacedFrames
from avistar.media.live import watch
from media_support import FakeSource, eventually, frame

FAST = {"patience_s": 0.15, "retry_s": (0.01,)}


def noise() -> Iterator[Frame]:
    return (frame(i, i / 30) for i in itertools.count())


def openings(*sources: Callable[[], FrameSource]) -> Callable[[], FrameSource]:
    """Opens the first source first, then the next; the last one again and again."""
    waiting = list(sources)
    return lambda: (waiting.pop(0) if len(waiting) > 1 else waiting[0])()


def missing() -> FrameSource:
    raise BackendUnavailable("camera 0 is not there")


def states(camera: Camera) -> set[str]:
    seen: set[str] = set()
    eventually(lambda: seen.add(camera.state) or {"live", "lost"} <= seen, 3.0)
    return seen


def test_only_the_newest_frame_is_kept() -> None:
    camera = Camera(lambda: FakeSource(noise()), **FAST)
    first = camera.newest(timeout_s=5)
    assert first is not None
    assert eventually(lambda: camera.newest().number >= first.number + 10)
    later = camera.newest(after=first.number)
    assert later.number >= first.number + 10
    camera.close()


def test_nothing_is_given_twice() -> None:
    camera = Camera(lambda: FakeSource(iter([frame(1), None]), endless=False), **FAST)
    assert camera.newest(timeout_s=5).number == 1
    assert camera.newest(after=1, timeout_s=5) is None
    assert camera.state == "ended"
    camera.close()


def test_a_camera_that_gives_no_more_is_lost_and_found_again() -> None:
    camera = Camera(openings(lambda: FakeSource(iter([frame(1), None])), missing, lambda: FakeSource(noise())), **FAST)
    assert eventually(lambda: camera.newest(timeout_s=0) is not None and camera.newest(timeout_s=0).number > 5)
    assert camera.state == "live"
    assert camera.reason == ""
    camera.close()


def test_a_camera_that_is_not_there_is_lost_with_the_reason_and_looked_for() -> None:
    camera = Camera(openings(missing, missing, missing, lambda: FakeSource(noise())), **FAST)
    assert states(camera) >= {"lost", "live"}
    camera.close()
    forever = Camera(missing, **FAST)
    assert eventually(lambda: forever.state == "lost")
    assert "not there" in forever.reason
    assert forever.newest(timeout_s=0.01) is None
    forever.close()


def test_a_camera_that_repeats_its_last_picture_is_lost() -> None:
    still = frame(1)
    camera = Camera(openings(lambda: FakeSource(itertools.repeat(still)), missing), **FAST)
    assert camera.newest(timeout_s=5) is not None
    assert eventually(lambda: camera.state == "lost")
    camera.close()


def test_a_driver_that_hangs_is_left_and_the_camera_opened_anew() -> None:
    hanging = FakeSource(iter([frame(1), "hang"]))
    camera = Camera(openings(lambda: hanging, lambda: FakeSource(noise())), **FAST)
    assert eventually(lambda: camera.newest(timeout_s=0) is not None and camera.newest(timeout_s=0).number > 5)
    assert camera.state == "live"
    assert not hanging.closed  # nobody may close it while it is being read
    hanging.released.set()
    assert eventually(lambda: hanging.closed)
    assert camera.state == "live"  # what the old reader says is not heard any more
    camera.close()


def test_drivers_that_always_hang_do_not_pile_up_threads() -> None:
    sources: list[FakeSource] = []

    def hang() -> FrameSource:
        sources.append(FakeSource(iter(["hang"])))
        return sources[-1]

    camera = Camera(hang, patience_s=0.01, retry_s=(0.0,))
    eventually(lambda: camera.newest(timeout_s=0) is not None, 1.0)
    assert camera.state == "lost"
    assert len(sources) <= 6
    for source in list(sources):
        source.released.set()
    camera.close()


def test_a_driver_that_raises_is_a_lost_camera() -> None:
    def explode() -> Iterator[Frame]:
        yield frame(1)
        raise RuntimeError("VIDIOC_DQBUF: no such device")

    camera = Camera(openings(lambda: FakeSource(explode()), missing), retry_s=(10.0,))
    assert eventually(lambda: camera.state == "lost")
    assert "VIDIOC_DQBUF" in camera.reason
    camera.close()


def test_a_stream_that_opens_slowly_is_waited_for_and_then_counted_from_its_opening() -> None:
    now, opened = [0.0], threading.Event()
    frames = FakeSource(iter([frame(1), "hang"]))

    def slow() -> FrameSource:
        opened.wait(10)
        return frames

    camera = Camera(slow, opening_s=12.0, clock=lambda: now[0])
    for now[0] in (3.0, 11.0):
        assert camera.state == "opening"
    opened.set()
    assert eventually(lambda: camera.state == "live")
    now[0] += 3.0
    assert camera.state == "lost"
    frames.released.set()
    camera.close()


def test_a_stream_that_never_opens_is_lost_and_opened_anew() -> None:
    now, never, openings = [0.0], threading.Event(), []

    def hang() -> FrameSource:
        openings.append(1)
        never.wait(10)
        raise BackendUnavailable("camera 0 is not there")

    camera = Camera(hang, opening_s=12.0, clock=lambda: now[0])
    assert eventually(lambda: bool(openings))
    now[0] = 13.0
    assert camera.state == "lost"
    assert camera.reason == "it doesn't open"
    assert eventually(lambda: len(openings) == 2)
    never.set()
    camera.close()


def test_frames_may_change_their_size() -> None:
    import numpy as np

    sizes = itertools.cycle([(48, 64, 3), (100, 20, 3), (8, 8, 3)])
    rng = np.random.default_rng(0)
    changing = (Frame(rng.integers(0, 256, size, dtype=np.uint8), 0.0) for size in sizes)
    camera = Camera(lambda: FakeSource(changing), **FAST)
    seen: set[tuple[int, ...]] = set()
    number = 0

    def look() -> bool:
        nonlocal number
        shot = camera.newest(after=number)
        number = shot.number
        seen.add(shot.frame.pixels.shape)
        return len(seen) == 3

    assert eventually(look)
    camera.close()


def test_a_missing_library_is_an_error_not_a_lost_camera() -> None:
    def lacking() -> FrameSource:
        raise MissingExtra("live", "reading cameras")

    camera = Camera(lacking)
    with pytest.raises(MissingExtra):
        camera.newest(timeout_s=5)
    assert camera.state == "ended"


def test_closing_ends_the_thread_and_frees_the_source() -> None:
    before = set(threading.enumerate())
    source = FakeSource(noise())
    camera = Camera(lambda: source, **FAST)
    camera.newest(timeout_s=5)
    assert set(threading.enumerate()) - before
    camera.close()
    assert source.closed
    assert camera.state == "ended"
    assert not set(threading.enumerate()) - before


def test_a_file_plays_at_the_speed_at_which_it_was_filmed() -> None:
    now = 100.0
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        naps.append(seconds)
        now += seconds

    frames = iter([frame(1, 0.0), frame(2, 0.5), frame(3, 0.6)])
    paced = PacedFrames(FakeSource(frames, endless=False, pause_s=0), clock=lambda: now, sleep=sleep)
    times = [paced.read().time_s for _ in range(3)]
    assert times == [0.0, 0.5, 0.6]
    assert naps == pytest.approx([0.5, 0.1])
    assert paced.read() is None
    assert not paced.endless


def test_watching_identifies_the_newest_frame_until_the_end(classifier: Classifier) -> None:
    frames = iter([frame(i, i / 10) for i in range(60)])
    camera = Camera(lambda: FakeSource(frames, endless=False), **FAST)
    moments = list(watch(camera, classifier))
    answered = [one for one in moments if one.answer is not None]
    assert answered
    numbers = [one.shot.number for one in answered]
    assert numbers == sorted(set(numbers))
    assert all(one.answer.decision is not None and one.smoothed.decision is not None for one in answered)
    assert all(one.age_s >= 0 for one in answered)
    assert answered[-1].rate > 0
    camera.close()


def test_watching_says_that_the_camera_is_lost(classifier: Classifier) -> None:
    camera = Camera(openings(lambda: FakeSource(iter([frame(1), None])), missing), **FAST)
    for moment in watch(camera, classifier, patience_s=0.05):
        if moment.state == "lost":
            assert moment.reason
            assert moment.answer is None
            break
    camera.close()


def test_a_camera_with_a_detector_shows_boxes_and_the_answer_of_the_surest(classifier: Classifier) -> None:
    from functools import partial

    from avistar.pipeline import identify_in_boxes
    from detector_support import detector_of

    camera = Camera(lambda: FakeSource(iter([frame(1)]), endless=False), **FAST)
    look = partial(identify_in_boxes, classifier, detector_of([(0, 0, 0.5, 0.5, 0.9)]))
    [moment] = [one for one in watch(camera, classifier, look=look) if one.answer is not None]
    assert len(moment.boxes) == 1
    assert moment.answer.decision is not None
    camera.close()
