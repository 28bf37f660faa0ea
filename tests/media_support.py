"""Videos made on the spot, and cameras that do what they are told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from avistar.media.frame_source import Frame


def write_video(path: Path, frames: int = 30, rate: float = 10.0, size: tuple[int, int] = (64, 48)) -> Path:
    """A video whose frame i is grey with brightness 5 i, red in its upper left quarter; AVI or MP4 by its name."""
    import cv2

    codec = "MJPG" if path.suffix == ".avi" else "mp4v"
    plain = path.parent / f"plain{path.suffix}"  # OpenCV writes only to names that are UTF-8
    writer = cv2.VideoWriter(str(plain), cv2.VideoWriter_fourcc(*codec), rate, size)
    assert writer.isOpened()
    for i in range(frames):
        pixels = np.full((size[1], size[0], 3), min(5 * i, 255), np.uint8)
        pixels[: size[1] // 2, : size[0] // 2] = (0, 0, 200)  # blue, green, red
        writer.write(pixels)
    writer.release()
    plain.rename(path)
    return path


def frame(seed: int, time_s: float = 0.0) -> Frame:
    """A frame of noise."""
    return Frame(np.random.default_rng(seed).integers(0, 256, (48, 64, 3), dtype=np.uint8), time_s)


class FakeSource:
    """Plays a script: frames are given, None means "no more", "hang" blocks until it is closed or released."""

    def __init__(self, script: Iterator[Frame | str | None], *, endless: bool = True, pause_s: float = 0.002) -> None:
        self._script = script
        self._pause_s = pause_s
        self.endless = endless
        self.closed = False
        self.released = threading.Event()

    def read(self) -> Frame | None:
        time.sleep(self._pause_s)
        step = next(self._script, None)
        if step == "hang":
            self.released.wait(10)
            return None
        assert not isinstance(step, str)
        return step

    def close(self) -> None:
        self.closed = True


def eventually(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    """Whether `condition` comes true before `timeout_s` seconds have passed."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True
