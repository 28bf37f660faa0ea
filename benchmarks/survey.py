"""What a survey of many photos costs: seconds a photo, memory, the catalogue's share, and going on afterwards.

    python benchmarks/survey.py growth [--tiny] [--sizes 100 1000 10000]
    python benchmarks/survey.py soak [--photos 100000]       # memory over time, then resume of the finished catalogue
    python benchmarks/survey.py catalogue                    # the catalogue's cost per photo

Each figure is of `avistar identify FOLDER --catalogue FILE` in a process of its own, start included. `--tiny` (and
`soak`) take a network of one layer instead of the default bundle: then everything but the network is measured, at
the rate at which the rest can go wrong soonest.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from made_photos import SIZES, make_photos

ROOT = Path(__file__).resolve().parent.parent
IDENTIFY = "import sys; from avistar.cli.main import main; sys.exit(main(['identify', *sys.argv[1:]]))"
SAMPLE_S = 1.0


def tiny_model(folder: Path) -> Path:
    """The one-layer bundle of the tests."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support import tiny_bundle

    return tiny_bundle(folder / "tiny").folder


def resident_mb(pid: int) -> float:
    """Memory of a process now."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


def run(card: Path, catalogue: Path, model: Path) -> tuple[float, list[tuple[float, float]]]:
    """Seconds of one run, and (seconds, MB) samples of its memory."""
    words = [str(card), "--catalogue", str(catalogue), "--model", str(model), "--device", "cpu", "--quiet"]
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", IDENTIFY, *words])
    samples = []
    ended = None
    while ended is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            ended = process.wait(min(SAMPLE_S, 0.05 + (time.perf_counter() - start) / 20))
        samples.append((time.perf_counter() - start, resident_mb(process.pid)))
    if ended:
        raise SystemExit(f"identify ended with {ended}")
    return time.perf_counter() - start, [sample for sample in samples if sample[1]]


def growth(sizes: list[int], model: Path, folder: Path) -> None:
    """Cost against number."""
    print(f"bundle {model.name}, {SIZES['small']} px photos, {len(os.sched_getaffinity(0))} CPUs")
    for count in sizes:
        make_photos(folder / str(count), count, SIZES["small"])
        seconds, samples = run(folder / str(count), folder / f"{count}.avistar", model)
        peak = max(memory for _, memory in samples)
        print(f"  {count:7,} photos  {1000 * seconds / count:7.2f} ms a photo  peak {peak:4.0f} MB", flush=True)


def soak(count: int, model: Path, folder: Path) -> None:
    """Memory over a long run, and what it costs to be told that nothing is left to do."""
    card, catalogue = folder / "card", folder / "soak.avistar"
    make_photos(card, count, SIZES["small"])
    seconds, samples = run(card, catalogue, model)
    print(
        f"{count:,} photos in {seconds:.0f} s ({count / seconds:.0f}/s), catalogue {catalogue.stat().st_size >> 20} MB"
    )
    for share in range(0, 101, 10):
        at = samples[min(len(samples) - 1, share * len(samples) // 100)]
        print(f"  after {at[0]:5.0f} s  {at[1]:4.0f} MB")
    later = [sample for sample in samples if sample[0] > seconds / 4]
    slope = statistics.linear_regression([at for at, _ in later], [memory for _, memory in later]).slope
    print(f"  slope over the last three quarters: {slope * seconds / count * 10_000:+.2f} MB for 10,000 photos")
    for _ in range(2):
        print(f"resume of the finished catalogue: {run(card, catalogue, model)[0]:.1f} s", flush=True)


def catalogue_share(folder: Path) -> None:
    """What storing costs a photo in processor time, against all that identifying it with the default bundle takes."""
    from avistar import Classifier
    from avistar.catalogue import Catalogue, Model
    from avistar.media.photo import photo_pictures
    from avistar.pipeline import identify_media, measured_pace
    from avistar.scan import Scan
    from avistar.survey import open_survey, take_in

    for name, count in (("12 MP", 60), ("VGA", 240)):
        card = folder / name
        files = make_photos(card, count, SIZES[name])
        with Classifier.open(device="cpu") as classifier:
            pace, model = measured_pace(classifier), Model.of(classifier)
            with open_survey(folder / f"{name}.avistar", [str(card)], classifier) as catalogue:
                start = time.process_time()
                take_in(catalogue, Scan([str(card)]))
                scanning = time.process_time() - start
                storing, start = 0.0, time.process_time()
                jobs = [partial(photo_pictures, file, card) for file in files]
                for records in identify_media(classifier, jobs, pace):
                    begun = time.thread_time()
                    catalogue.write(records, model)
                    storing += time.thread_time() - begun
                identifying = time.process_time() - start - storing
        with Catalogue.read(folder / f"{name}.avistar") as stored:
            assert stored.counts().answered == count
        each = 1000 / count
        print(f"  {name}: identifying {each * identifying:.2f} ms a photo, storing {each * storing:.3f} ms, or")
        print(f"    {storing / identifying:.2%} of it; taking the folder in {each * scanning:.3f} ms a photo")


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("growth", "soak", "catalogue"))
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keep the photos here, to use them again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        model = tiny_model(Path(temporary)) if arguments.tiny or arguments.what == "soak" else ROOT / "models/default"
        if arguments.what == "growth":
            growth(arguments.sizes, model, folder)
        elif arguments.what == "soak":
            soak(arguments.photos, model, folder)
        else:
            catalogue_share(folder)


if __name__ == "__main__":
    main()
