"""How fresh live answers are: answers per second, and the age of each when it comes.

    python benchmarks/live.py [--bundle models/default] [--seconds 20] [--precision int8]

A made-up camera gives 1280 × 720 frames of moving noise, at 30 per second, at 1,000 per second, and with stalls
of half a second: age must not depend on it, since frames that come while the network works are never seen.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from avistar import Classifier
from avistar.media.camera import Camera
from avistar.media.frame_source import Frame
from avistar.media.live import watch
from avistar.parallel import usable_cpus


class NoiseCamera:
    """Frames at `rate` per second; every `stall_every` frames it stops for half a second (0: never)."""

    endless = True

    def __init__(self, rate: float, stall_every: int = 0) -> None:
        rng = np.random.default_rng(0)
        self._frames = [rng.integers(0, 256, (720, 1280, 3), dtype=np.uint8) for _ in range(8)]
        self._script = self._paced(rate, stall_every)

    def _paced(self, rate: float, stall_every: int) -> Iterator[Frame]:
        start = time.monotonic()
        for i in itertools.count():
            if stall_every and i and i % stall_every == 0:
                time.sleep(0.5)
                start += 0.5
            time.sleep(max(0.0, start + i / rate - time.monotonic()))
            yield Frame(self._frames[i % len(self._frames)], i / rate)

    def read(self) -> Frame | None:
        """The next frame at its time."""
        return next(self._script)

    def close(self) -> None:
        """Nothing to free."""


def main() -> None:
    """Print one line for each camera."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=Path("models/default"))
    parser.add_argument("--precision", default="int8", choices=("fp32", "fp16", "int8"))
    parser.add_argument("--seconds", type=float, default=20.0, help="for each camera")
    arguments = parser.parse_args()
    cameras = {"30 frames/s": (30.0, 0), "1,000 frames/s": (1000.0, 0), "30 frames/s with stalls": (30.0, 45)}
    with Classifier.open(arguments.bundle, "cpu", precision=arguments.precision) as classifier:
        print(f"{classifier.bundle.manifest.name} {arguments.precision}, {usable_cpus()} CPUs")
        for name, (rate, stalls) in cameras.items():
            look(classifier, name, lambda rate=rate, stalls=stalls: NoiseCamera(rate, stalls), arguments.seconds)


def look(classifier: Classifier, name: str, opened: object, seconds: float) -> None:
    """Watch one camera for `seconds` and print how fresh its answers were."""
    camera = Camera(opened)  # type: ignore[arg-type]
    ages, numbers, start = [], [], time.monotonic()
    for moment in watch(camera, classifier):
        if moment.shot is not None:
            ages.append(1000 * moment.age_s)
            numbers.append(moment.shot.number)
        if time.monotonic() - start > seconds:
            break
    camera.close()
    passed = time.monotonic() - start
    middle, late = np.percentile(ages, (50, 95))
    print(f"  {name}: {len(ages) / passed:.1f} answers/s, {numbers[-1] / passed:.1f} frames/s read, "
          f"age of an answer {middle:.0f} ms in the middle, {late:.0f} ms at the 95th percentile")  # fmt: skip


if __name__ == "__main__":
    main()
