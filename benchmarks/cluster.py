"""What a cluster costs and gains: against the plain folder pipeline, and as the number of photos grows.

    python benchmarks/cluster.py speed [--photos FOLDER] [--number 400]
    python benchmarks/cluster.py growth [--most 1000000]

`speed`: the default bundle on VGA JPEGs (made from samples/, or yours), the plain pipeline and a cluster,
with one thread each and with two. Rounds alternate; ratios are of medians. Loading the workers is left out.
`growth`: workers that sleep instead of computing and return real Parquet; what the driver itself needs.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from avistar import Classifier
from avistar.bundle import ModelBundle, default_bundle
from avistar.catalogue import Model
from avistar.cluster.job import ClusterJob, Piece
from avistar.cluster.parquet import as_parquet
from avistar.cluster.photo_source import ListedPhoto, open_source
from avistar.cluster.ray_workers import RayCrew, connect
from avistar.cluster.scheduler import Scheduler
from avistar.cluster.worker import ClusterPlan, Identity, Introduction, WorkerAnswers
from avistar.media.photo import photo_pictures
from avistar.pipeline import Pace, identify_media
from avistar.records import WHOLE, Medium, Observation, Record

SAMPLES = Path(__file__).parent.parent / "samples"
SHARD = 64


def vga_photos(folder: Path, number: int) -> None:
    """Different 640×480 JPEGs cut from the sample pictures."""
    rng = np.random.default_rng(0)
    originals = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*.jpg"))]
    for i in range(number):
        image = originals[i % len(originals)]
        side = int(min(image.size) * rng.uniform(0.6, 1))
        left, top = (int(rng.integers(0, full - side + 1)) for full in image.size)
        image.crop((left, top, left + side, top + side)).resize((640, 480)).save(folder / f"{i:05}.jpg", quality=90)


def plain(photos: Path, threads: int) -> float:
    """Photos per second of the folder pipeline with `threads`, each computing on one CPU."""
    with Classifier.open(None, "cpu", threads=1) as classifier:
        classifier.identify(next(photos.iterdir()))
        paths = sorted(photos.iterdir())
        start = time.perf_counter()
        jobs = ((lambda path=path: photo_pictures(path, photos)) for path in paths)
        number = sum(len(batch) for batch in identify_media(classifier, jobs, Pace(8, threads)))
        return number / (time.perf_counter() - start)


def cluster(photos: Path, workers: int) -> float:
    """Photos per second of `workers` workers, once they are there."""
    ray = connect("local", cpus=workers)
    crew = RayCrew(ClusterPlan(str(photos), None, "cpu"), Identity.of(ModelBundle.open(default_bundle())), cpus=1)
    try:
        with tempfile.TemporaryDirectory() as out:
            job = ClusterJob(out, {}, shard=SHARD // 2)
            source = open_source(str(photos))
            while len(crew.members) < workers:
                crew.hungry()
                list(crew.wait(0.1))
            job.list_photos(source)
            start = time.perf_counter()
            done = Scheduler(job, crew, lambda piece: b"").run().done
            return done / (time.perf_counter() - start)
    finally:
        crew.close()
        ray.shutdown()


def speed(folder: Path | None, number: int, rounds: int) -> None:
    """Print the ratios of one run."""
    with tempfile.TemporaryDirectory() as made:
        photos = folder or Path(made)
        if folder is None:
            vga_photos(photos, number)
        rates: dict[str, list[float]] = {
            "plain, 1 thread": [], "cluster, 1 worker": [], "plain, 2 threads": [], "cluster, 2 workers": []
        }  # fmt: skip
        for _ in range(rounds):
            for workers, unit in ((1, ""), (2, "s")):
                rates[f"plain, {workers} thread{unit}"].append(plain(photos, workers))
                rates[f"cluster, {workers} worker{unit}"].append(cluster(photos, workers))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    base = medians["plain, 1 thread"]
    for name, rate in medians.items():
        cost_ms = 1000 / rate - 1000 / base
        print(f"{name:<20} {rate:7.1f} photos/s   {rate / base:5.2f} × plain   {cost_ms:+7.2f} ms a photo")
    print(f"two workers: {medians['cluster, 2 workers'] / medians['cluster, 1 worker']:.2f} × one")


class Sleeper:
    """A worker that sleeps a moment for each photo and returns a real part."""

    def __init__(self, plan: ClusterPlan) -> None:
        with Classifier.open(None, "cpu", threads=1) as classifier:
            self._identity, model = Identity.of(classifier.bundle), Model.of(classifier)
            answer = classifier.identify(np.zeros((64, 64, 3), np.uint8))
        medium = Medium("/photos/0.jpg", "0.jpg")
        self._parquet = as_parquet([Record(medium, (Observation(WHOLE, answer),))] * 256, model)

    def introduce(self) -> Introduction:
        """As a worker does."""
        return Introduction(self._identity, "sleeps", "fp32", ())

    def identify(self, piece: Piece) -> WorkerAnswers:
        """Sleep as long as a fast GPU would compute."""
        time.sleep(len(piece.photos) * 0.0002)
        return WorkerAnswers(self._parquet, 0)


def million(number: int) -> Iterator[ListedPhoto]:
    """A source that holds nothing in memory."""
    for i in range(number):
        yield ListedPhoto(f"camera{i % 997:04}/2026/{i:09}.jpg")


def memory_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth(most: int) -> None:
    """Print what the driver needs for ever more photos."""
    ray = connect("local", cpus=4)
    identity = Identity.of(ModelBundle.open(default_bundle()))
    worst = 0.0
    for number in [n for n in (10_000, 100_000, 1_000_000) if n <= most]:
        crew: Any = RayCrew(ClusterPlan("/photos"), identity, cpus=1, worker=Sleeper)
        with tempfile.TemporaryDirectory() as out:
            while len(crew.members) < 4:
                crew.hungry()
                list(crew.wait(0.1))
            gc.collect()
            before, busy, start = memory_mb(), time.process_time(), time.perf_counter()
            job = ClusterJob(out, {}, shard=256)
            job.list_photos(million(number))
            Scheduler(job, crew, lambda piece: b"").run()
            busy, wall = time.process_time() - busy, time.perf_counter() - start
            worst = max(worst, busy / number)
            print(
                f"{number:>9,} photos: driver {busy / number * 1e6:6.1f} µs a photo, {wall:6.1f} s in all, "
                f"memory {memory_mb() - before:+6.1f} MB (now {memory_mb():.0f} MB)"
            )
        crew.close()
    ray.shutdown()
    limit = 1 / worst
    print(f"the driver's limit: {limit:,.0f} photos/s")
    print(f"that is {limit / 40:,.0f} workers of 40 photos/s or {limit / 1000:,.0f} of 1,000/s")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "growth"))
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--number", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=1_000_000)
    asked = parser.parse_args()
    if asked.what == "speed":
        speed(asked.photos, asked.number, asked.rounds)
    else:
        growth(asked.most)


if __name__ == "__main__":
    main()
