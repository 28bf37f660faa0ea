"""How well animals are found, what it changes about their names, and how fast photos go through.

    python benchmarks/detector.py found FRAMES            # animals found, blanks boxed, thresholds cross-validated
    python benchmarks/detector.py named FRAMES [--web PHOTOS]   # whole photo, crop alone, and both together
    python benchmarks/detector.py speed PHOTOS [--plain FILE.onnx]

FRAMES: a folder with SOURCES.csv (file, species, group, kind, light), species "blank" for nothing; hand-held photos
count for nothing. PHOTOS: labelled photos, of which those that the bundle's split tests count. `--plain` is the
detector in fp32 as its makers export it (yolox, NCHW), for a loop of Pillow and ONNX Runtime alone. `speed` also tells
processor time, which other work on the machine changes little: two idle cores do at most 2 seconds of it a second.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from avistar import Classifier, Identification
from avistar.boxes import Box
from avistar.bursts import averaged
from avistar.detector import Detector
from avistar.images.decode import load
from avistar.images.geometry import Crop, Pixels
from avistar.media.detector_pictures import DETAIL, MARGIN, found_in_photo
from avistar.parallel import usable_cpus
from avistar.pipeline import Pace, identify_media

LOW = 0.05
OTHERS = ("blank", "person", "vehicle", "other")
TARGET = 0.92
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a camera, and what it shows."""

    path: Path
    species: str
    group: str
    light: str


def frames_of(folder: Path) -> list[Frame]:
    """The frames that `SOURCES.csv` lists, without hand-held photos."""
    with (folder / "SOURCES.csv").open(encoding="utf-8") as stream:
        return [
            Frame(folder / row["file"], row["species"], row["group"], row["light"])
            for row in csv.DictReader(stream)
            if row["kind"] != "photo"
        ]


def share(flags: Iterable[bool]) -> str:
    """Count, total, share and Wilson's 95 % interval."""
    values = list(flags)
    hits, total = sum(values), len(values)
    if not total:
        return "none"
    z, rate = 1.96, hits / total
    middle = (rate + z * z / (2 * total)) / (1 + z * z / total)
    half = z * np.sqrt(rate * (1 - rate) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{hits}/{total} = {rate:.1%} ({middle - half:.0%}–{middle + half:.0%})"


def best_scores(frames: list[Frame], precision: str) -> np.ndarray:
    """The score of the surest box in each frame, 0 where there is none."""
    with Detector.open(None, "cpu", precision=precision, threshold=LOW) as detector:
        return np.array([max((b.confidence for b in detector.detect(one.path)), default=0.0) for one in frames])


def found(folder: Path) -> None:
    """Animals found and blanks boxed at several thresholds."""
    frames = frames_of(folder)
    animal = np.array([one.species not in ("blank", "person", "vehicle") for one in frames])
    blank = np.array([one.species == "blank" for one in frames])
    day = np.array([one.light == "day" for one in frames])
    with Detector.open(None, "cpu") as detector:
        shipped = detector.manifest.threshold
    for precision in ("fp16", "int8"):
        best = best_scores(frames, precision)
        print(f"\n{precision}: a box at or above a threshold")
        for least in (0.1, shipped, 0.2, 0.25, 0.3, 0.4):
            mark = " (shipped)" if least == shipped else ""
            sets = {"animals": animal, "by day": animal & day, "infrared and dark": animal & ~day, "blanks": blank}
            figures = (f"{name} {share(best[one] >= least)}" for name, one in sets.items())
            print(f"  {least:.2f}{mark}: {', '.join(figures)}")
        print(f"  largest threshold that finds {TARGET:.0%} elsewhere, judged on the fold's own groups: "
              + cross_validated(frames, best, animal, blank))  # fmt: skip


def cross_validated(frames: list[Frame], best: np.ndarray, animal: np.ndarray, blank: np.ndarray) -> str:
    """What a threshold chosen on other groups of frames does on those that it never saw."""
    groups = sorted({one.group for one in frames})
    fold = dict(zip(groups, np.random.default_rng(0).permutation(len(groups)) % FOLDS, strict=True))
    mine = np.array([fold[one.group] for one in frames])
    hits, alarms, chosen = [], [], []
    for number in range(FOLDS):
        elsewhere = best[animal & (mine != number)]
        least = float(np.quantile(elsewhere, 1 - TARGET))
        chosen.append(least)
        hits += list(best[animal & (mine == number)] >= least)
        alarms += list(best[blank & (mine == number)] >= least)
    return f"{min(chosen):.2f} to {max(chosen):.2f}: animals {share(hits)}, blanks {share(alarms)}"


def ways(classifier: Classifier, detector: Detector, path: Path) -> dict[str, Identification]:
    """The answers to one photo: whole, its surest crop alone, the surest of crops each with the whole."""
    pixels = load(path, at_least=DETAIL * detector.manifest.preprocessing.side).pixels
    [boxes] = detector.detect_many([pixels])
    assert isinstance(boxes, tuple)
    crops = [Crop(pixels, w.left, w.top, w.width, w.height) for w in (box.widened(MARGIN) for box in boxes)]
    whole, *alone = classifier.answer([classifier.prepare(one) for one in (pixels, *crops)])
    both = [averaged([one, whole], classifier.policy) for one in alone]

    def surest(answers: list[Identification]) -> Identification:
        return max(answers, key=lambda one: one.decision.confidence if one.decision else -1, default=whole)

    return {"whole": whole, "crop": surest(alone), "combined": surest(both)}


def named(folder: Path, web: Path | None) -> None:
    """Names given to whole photos, to crops, and to both together."""
    with Classifier.open(None, "cpu") as classifier, Detector.open(None, "cpu") as detector:
        species = {one.id for one in classifier.species}
        sets: dict[str, list[tuple[Path, str]]] = {}
        frames = frames_of(folder)
        sets["trap, species of the bundle"] = [(one.path, one.species) for one in frames if one.species in species]
        sets["… infrared and dark"] = [(o.path, o.species) for o in frames if o.species in species and o.light != "day"]
        sets["trap, other animals"] = [(one.path, "") for one in frames if one.species == "other"]
        sets["trap, blanks, persons, vehicles"] = [(o.path, "") for o in frames if o.species in OTHERS[:3]]
        if web is not None:
            split = json.loads(classifier.bundle.checked("analysis/split.json"))["test"]
            sets["web photos"] = [(web / one["file"], one["species"]) for one in split]
        for name, photos in sets.items():
            answers = [ways(classifier, detector, path) for path, _ in photos]
            print(f"\n{name}: {len(photos)}")
            for way in ("whole", "crop", "combined"):
                print(f"  {way:9}", told([one[way] for one in answers], [truth for _, truth in photos]))


def told(answers: list[Identification], truths: list[str]) -> str:
    """Top-1, how many are named, and how many rightly."""
    first = [one.top(1)[0].species.id == truth for one, truth in zip(answers, truths, strict=True)]
    said = [one.decision is not None and one.decision.kind == "species" for one in answers]
    right = sum(a and b for a, b in zip(first, said, strict=True))
    top = f"top-1 {share(first)}, " if any(truths) else ""
    return f"{top}named {share(said)}" + (f", rightly {right}" if any(truths) else "")


def rate(work: Callable[[Path], object], photos: list[Path], workers: int) -> tuple[float, float]:
    """Photos a second in so many threads, and the processor's seconds for each."""
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, photos[: 2 * workers]))
        start, spent = time.perf_counter(), time.process_time()
        list(pool.map(work, photos))
    return len(photos) / (time.perf_counter() - start), (time.process_time() - spent) / len(photos)


def plain_loop(file: Path) -> Callable[[Path], object]:
    """Detection as it is usually written: Pillow decodes all of a photo, one session, one picture at a time."""
    from avistar.backends.onnx_backend import import_onnxruntime

    onnxruntime = import_onnxruntime()

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    name, side = session.get_inputs()[0].name, session.get_inputs()[0].shape[2]

    def look(path: Path) -> object:
        image = Image.open(path).convert("RGB")
        scale = side / max(image.size)
        small = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
        canvas = np.zeros((side, side, 3), np.float32)
        canvas[: small.height, : small.width] = np.asarray(small)
        return session.run(None, {name: canvas.transpose(2, 0, 1)[None]})

    return look


def speed(folder: Path, plain: Path | None, count: int) -> None:
    """Photos a second from files, and of what is possible."""
    photos = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in (".jpg", ".jpeg", ".png")][:count]
    workers = max(2, usable_cpus())
    with Classifier.open(None, "cpu") as classifier, Detector.open(None, "cpu") as detector:
        least = DETAIL * detector.manifest.preprocessing.side
        decoding, decoding_s = rate(lambda path: load(path, at_least=least), photos, workers)
        ready: dict[Path, Pixels] = {path: load(path, at_least=least).pixels for path in photos[:60]}
        networks, networks_s = rate(lambda path: looked(classifier, detector, ready[path]), list(ready), workers)
        ceiling = 1 / (1 / decoding + 1 / networks)

        def all_of_it() -> tuple[float, float]:
            jobs = [lambda path=path: found_in_photo(path, folder, detector) for path in photos]
            start, spent = time.perf_counter(), time.process_time()
            for _ in identify_media(classifier, jobs, Pace(4, workers)):
                pass
            return len(photos) / (time.perf_counter() - start), (time.process_time() - spent) / len(photos)

        all_of_it()
        whole, whole_s = all_of_it()
    print(f"{len(photos)} photos, {workers} threads, photos a second: decoded {decoding:.1f}; networks alone "
          f"{networks:.1f}; ceiling {ceiling:.1f}; detected and identified from files {whole:.1f} "
          f"({whole / ceiling:.0%} of the ceiling)")  # fmt: skip
    print(f"processor time a photo: decoded {decoding_s * 1e3:.0f} ms, networks {networks_s * 1e3:.0f} ms, from files "
          f"{whole_s * 1e3:.0f} ms ({(decoding_s + networks_s) / whole_s:.0%} of it decoding and networks): at most "
          f"{2 / whole_s:.1f} a second on two idle cores")  # fmt: skip
    if plain is not None:
        loop, loop_s = rate(plain_loop(plain), photos, 1)
        print(f"plain loop, detection alone, fp32: {loop:.1f} ({whole / loop:.1f} times as fast here), "
              f"{loop_s * 1e3:.0f} ms of processor time ({loop_s / whole_s:.1f} times as much)")  # fmt: skip


def looked(classifier: Classifier, detector: Detector, pixels: Pixels) -> list[Identification]:
    """Both networks on a decoded photo."""
    [boxes] = detector.detect_many([pixels])
    crops = [crop_of(pixels, box) for box in boxes] if isinstance(boxes, tuple) else []
    return classifier.answer([classifier.prepare(one) for one in (pixels, *crops)])


def crop_of(pixels: Pixels, box: Box) -> Crop:
    """What is seen of a box."""
    wide = box.widened(MARGIN)
    return Crop(pixels, wide.left, wide.top, wide.width, wide.height)


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("found", "named", "speed"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--web", type=Path)
    parser.add_argument("--plain", type=Path)
    parser.add_argument("--photos", type=int, default=300)
    asked = parser.parse_args()
    if asked.what == "found":
        found(asked.folder)
    elif asked.what == "named":
        named(asked.folder, asked.web)
    else:
        speed(asked.folder, asked.plain, asked.photos)


if __name__ == "__main__":
    main()
