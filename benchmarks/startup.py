"""How long a user waits: importing, asking for help, and the first answer; each in fresh processes.

python benchmarks/startup.py [--rounds 9] [--model FOLDER]

Prints the median of some rounds beside a bare interpreter's start. The photo is a generated 12-megapixel JPEG.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from avistar import AvistarError
from avistar.bundle import default_bundle

RUN = "from avistar.cli.main import run; run()"
MEGAPIXELS_12 = (4000, 3000)


def median_s(command: list[str], rounds: int) -> float:
    """The median wall time of `command` in seconds, after one run that fills the file cache."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def write_photo(path: Path) -> None:
    """A 12-megapixel JPEG with the detail, and so about the size (4 MB), of a camera's."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)).resize(MEGAPIXELS_12)
    grain = Image.fromarray(rng.integers(0, 256, (*MEGAPIXELS_12[::-1], 3), dtype=np.uint8))
    Image.blend(coarse, grain.filter(ImageFilter.GaussianBlur(1)), 0.2).save(path, quality=92)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--model", type=Path, help="bundle to identify with (default: the one with Avistar)")
    options = parser.parse_args()

    python = [sys.executable, "-c"]
    bare = median_s([*python, "pass"], options.rounds)
    print(f"{'bare python':34} {bare:6.3f} s")
    steps = {"import avistar": "import avistar", "from avistar import Classifier": "from avistar import Classifier"}
    for name, code in steps.items():
        report(name, median_s([*python, code], options.rounds), bare)
    report("avistar --help", median_s([*python, RUN, "--help"], options.rounds), bare)

    try:
        model = options.model or default_bundle()
    except AvistarError as error:
        print(f"avistar identify: not measured, {error}")
        return
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.jpg"
        write_photo(photo)
        command = [*python, RUN, "identify", str(photo), "--model", str(model)]
        name = f"avistar identify, 12 MP, {photo.stat().st_size / 1e6:.1f} MB"
        report(name, median_s(command, options.rounds), bare)


def report(name: str, seconds: float, bare: float) -> None:
    """One line of the result."""
    print(f"{name:34} {seconds:6.3f} s  {seconds / bare:5.1f} × bare python")


if __name__ == "__main__":
    main()
