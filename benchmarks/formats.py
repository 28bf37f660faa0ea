"""Exports of a survey: seconds a photo and peak memory against the number of photos, and sorting beside plain copying.

    python benchmarks/formats.py [--photos 2000 20000] [--files 2000]

Each figure is a fresh process. Records are made on the fly, as the catalogue gives them: one answer with 30
probabilities each, a burst of three in ten. "memory" is the peak above the same process with ten photos.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "runtime"), str(ROOT / "tests")]

FORMATS = ("csv", "xlsx", "jsonl", "megadetector", "camtrap-dp", "xmp")


@dataclass(frozen=True)
class Survey:
    """`photos` records, made anew for each iteration."""

    photos: int

    def __iter__(self) -> Iterator[object]:
        from avistar.records import Capture
        from records_support import NOON, answer, medium, record

        answers = [answer(id, 0.9) for id in ("wolf", "seal", "moose")]
        for i in range(self.photos):
            capture = Capture(NOON + timedelta(seconds=i), "Reconyx", "SN", 40.5, -3.25)
            place = medium(f"cam{i % 2 + 1}/{i // 1000:03}/IMG_{i:06}.jpg", capture=capture)
            burst = f"burst{i // 10}" if i % 10 < 3 else ""
            yield record(found=answers[i % 3], medium=place, sequence=burst)


def export(name: str, photos: int, folder: Path) -> float:
    """Seconds to write `photos` records."""
    from avistar.formats.camtrap_dp import CamtrapDp
    from avistar.formats.camtrap_dp.deployments import Deployment, Deployments, Project
    from avistar.formats.jsonl import Jsonl
    from avistar.formats.megadetector import MegaDetector
    from avistar.formats.spreadsheet import Csv, Xlsx
    from avistar.formats.xmp import Xmp
    from records_support import FACTS

    start, end = FACTS.created_at - timedelta(days=90), FACTS.created_at + timedelta(days=90)
    cameras = tuple(Deployment(f"cam{i}", f"C{i}", 1.0, 1.0, start.tzinfo, start, end) for i in (1, 2))
    writers = {
        "csv": Csv(),
        "xlsx": Xlsx(),
        "jsonl": Jsonl(),
        "megadetector": MegaDetector(),
        "camtrap-dp": CamtrapDp(Deployments(cameras), Project({"title": "T"}, ({"title": "A"},))),
        "xmp": Xmp(),
    }
    target = folder if name == "xmp" else folder / f"out.{name}"
    began = time.perf_counter()
    writers[name].write(Survey(photos), FACTS, target)
    return time.perf_counter() - began


def making(photos: int) -> float:
    """Seconds that making the records takes, which is no part of an export."""
    began = time.perf_counter()
    for _ in Survey(photos):
        pass
    return time.perf_counter() - began


def child(name: str, photos: int) -> None:
    """One figure, printed as JSON: making the same records without an export is taken off."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = export(name, photos, Path(folder)) - making(photos)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


def measured(name: str, photos: int) -> tuple[float, float]:
    """Seconds and peak memory in MB of a fresh process."""
    command = [sys.executable, __file__, "--child", name, str(photos)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return told["seconds"], told["peak_mb"]


def sorting(files: int) -> dict[str, float]:
    """Seconds to place `files` photos of 50 kB, by each way, and by plain copying."""
    from avistar.records import Medium
    from avistar.sorting import SortingOptions, carry_out, plan_sorting, undo
    from records_support import FACTS, record

    with tempfile.TemporaryDirectory() as temporary:
        card = Path(temporary, "card")
        card.mkdir()
        survey = []
        for i in range(files):
            (card / f"{i}.jpg").write_bytes(i.to_bytes(4, "big") * 12_500)
            survey.append(record(medium=Medium(str(card / f"{i}.jpg"), f"{i}.jpg")))
        facts = replace(FACTS, folder=str(card))
        seconds = {"plain shutil.copy2": timed(lambda: shutil.copytree(card, Path(temporary, "plain")))}
        for how in ("copy", "hardlink", "symlink", "move"):
            root = Path(temporary, how)
            plan = plan_sorting(survey, facts, root, SortingOptions(how))
            seconds[f"sort, {how}"] = timed(lambda plan=plan: carry_out(plan, facts))
            seconds[f"undo, {how}"] = timed(lambda root=root: undo(root))
    return seconds


def timed(work: Callable[[], object]) -> float:
    """Seconds of `work`."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child[0], int(asked.child[1]))
        return
    print(f"{'format':14}" + "".join(f"{photos:>12,} µs/photo {'memory':>10}" for photos in asked.photos))
    for name in FORMATS:
        _, base = measured(name, 10)
        cells = []
        for photos in asked.photos:
            seconds, peak = measured(name, photos)
            cells.append(f"{1e6 * seconds / photos:21,.0f} {peak - base:7,.1f} MB")
        print(f"{name:14}" + "".join(cells))
    found = sorting(asked.files)
    plain = found["plain shutil.copy2"]
    for what, seconds in found.items():
        print(f"{what:20} {1e3 * seconds / asked.files:8.2f} ms a file  {seconds / plain:6.2f} x plain copying")


if __name__ == "__main__":
    main()
