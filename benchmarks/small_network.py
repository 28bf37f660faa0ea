"""Photos of both worlds for training a small network, and what it and the default know of them, at which speed.

    python benchmarks/small_network.py prepare OUT --species ../shared/species --trap ../shared/trap
    avistar train fit OUT/photos --split OUT/split.json --backgrounds OUT/blanks --recipe efficientnet_lite0_field …
    python benchmarks/small_network.py judge models/mine --species ../shared/species --trap ../shared/trap

`prepare` puts the default bundle's web photos, parted as its split says, beside the camera-trap frames of some cameras,
whole and as two crops around the animal. About a third of each species' frames, whole cameras, train nothing: `judge`
measures with them, with the web photos that judge, and with the frames of other animals, and times both networks.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import Counter, defaultdict
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from avistar.backends import Outputs
from avistar.backends.factory import open_backend
from avistar.bundle import ModelBundle
from avistar.evaluation.metrics import wilson
from avistar.images.decode import prepare_batch
from avistar.split import LabelledPhoto, Split, encode_split, required_split

JUDGING = 0.4
"""Share of a species' frames that judging cameras may take at most."""

SURE = 0.15
"""Detector score from which on a box is cut out."""

MARGINS = {"tight": 0.05, "loose": 0.35}

Row = dict[str, str]


def frames(trap: Path) -> list[Row]:
    """The rows of genuine camera-trap and fixed-camera frames."""
    with (trap / "SOURCES.csv").open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row["kind"] != "photo"]


def judging_cameras(rows: list[Row]) -> set[str]:
    """Groups that train nothing, in an order that their names decide, while every species keeps most of its frames."""
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        groups[row["group"]][row["species"]] += 1
    total = Counter(row["species"] for row in rows)
    taken: Counter[str] = Counter()
    chosen = set()
    for group in sorted(groups, key=lambda name: sha256(f"judge{name}".encode()).hexdigest()):
        if all(taken[name] + number <= total[name] * JUDGING for name, number in groups[group].items()):
            chosen.add(group)
            taken.update(groups[group])
    return chosen


def prepare(out: Path, species: Path, trap: Path, bundle: Path) -> None:
    """Write `photos`, `blanks` and `split.json` below `out`; links where a file stays as it is."""
    split = required_split(ModelBundle.open(bundle))
    with (species / "SOURCES.csv").open(encoding="utf-8", newline="") as stream:
        scenes = {row["file"]: row["group"] for row in csv.DictReader(stream)}
    for photo in split.photos:
        _link(species / photo.file, out / "photos" / photo.file)
    grouped = [(photo.file, scenes[photo.file]) for photo in split.photos]
    rows = frames(trap)
    known = {photo.species for photo in split.photos}
    own = [row for row in rows if row["species"] in known]
    judging = judging_cameras(own)
    train = list(split.train)
    for row in own:
        if row["group"] not in judging:
            names = _pictures_of(row, trap, out / "photos")
            train += [LabelledPhoto(name, row["species"]) for name in names]
            grouped += [(name, f"trap_{row['group']}") for name in names]
    for row in rows:
        if row["species"] == "blank" and int(sha256(row["group"].encode()).hexdigest(), 16) % 2 == 0:
            _link(trap / row["file"], out / "blanks" / Path(row["file"]).name)
    with (out / "photos" / "SOURCES.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("file", "group"), *grouped])
    (out / "split.json").write_bytes(encode_split(Split(split.seed, tuple(train), split.validation, split.test)))
    added = len(train) - len(split.train)
    print(f"{len(train)} pictures train, {added} of them of camera traps; {len(judging)} cameras judge")


def _link(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        place.symlink_to(source.resolve())


def _pictures_of(row: Row, trap: Path, photos: Path) -> list[str]:
    """The frame, and its animal cut out with little and with more around it."""
    stem = f"{row['species']}/trap_{Path(row['file']).stem}"
    _link(trap / row["file"], photos / f"{stem}.jpg")
    names = [f"{stem}.jpg"]
    if not row["detector_box"] or float(row["detector_score"] or 0) < SURE:
        return names
    left, top, right, bottom = json.loads(row["detector_box"])
    picture = Image.open(trap / row["file"]).convert("RGB")
    for name, margin in MARGINS.items():
        x, y, half = (left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top) * (0.5 + margin)
        box = (max(0, x - half), max(0, y - half), min(picture.width, x + half), min(picture.height, y + half))
        cut = picture.crop(tuple(round(v) for v in box))
        if min(cut.size) >= 20:
            cut.save(photos / f"{stem}_{name}.jpg", quality=95)
            names.append(f"{stem}_{name}.jpg")
    return names


class Network:
    """A bundle on two threads of the CPU."""

    def __init__(self, folder: Path) -> None:
        self.bundle = ModelBundle.open(folder)
        self.ids = [one.id for one in self.bundle.manifest.species]
        self.choice = open_backend(self.bundle, "cpu", threads=2)

    def logits(self, files: list[Path]) -> np.ndarray:
        """Float32 [N, species]."""
        return np.concatenate([self.run(files[i : i + 16]).logits for i in range(0, len(files), 16)])

    def run(self, files: list[Path]) -> Outputs:
        """Logits and embeddings of some files."""
        return self.choice.backend.run(prepare_batch(files, self.bundle.manifest.preprocessing))

    def known(self, files: list[Path], species: list[str]) -> np.ndarray:
        """Whether the first species is the right one, bool [N]."""
        return np.array([self.ids[i] for i in self.logits(files).argmax(axis=1)]) == np.array(species)

    def milliseconds(self, rounds: int = 30) -> tuple[float, float]:
        """Of one picture: wall time and processor time, the least of `rounds`."""
        pixels = np.zeros(
            (1, *(getattr(self.bundle.manifest.preprocessing, n) for n in ("height", "width")), 3), np.uint8
        )
        times = []
        for _ in range(rounds):
            wall, used = time.perf_counter(), time.process_time()
            self.choice.backend.run(pixels)
            times.append((time.perf_counter() - wall, time.process_time() - used))
        return tuple(1000 * min(column) for column in zip(*times, strict=True))


def judge(bundle: Path, against: Path, species: Path, trap: Path) -> None:
    """Print what both bundles know of photos that trained neither, and how long each takes."""
    split = required_split(ModelBundle.open(bundle))
    own = [row for row in frames(trap) if row["species"] in {photo.species for photo in split.photos}]
    cameras = judging_cameras(own)
    kept = [row for row in own if row["group"] in cameras]
    sets = {
        "web": ([species / p.file for p in split.test], [p.species for p in split.test]),
        "traps": ([trap / r["file"] for r in kept], [r["species"] for r in kept]),
        "traps at night": _some(trap, [r for r in kept if r["light"] != "day"]),
    }
    for folder in (bundle, against):
        network = Network(folder)
        with closing(network.choice.backend):
            print(f"{network.bundle.manifest.name}, {network.choice.artifact.file}")
            for name, (files, truth) in sets.items():
                right = network.known(files, truth)
                low, high = wilson(int(right.sum()), len(right))
                print(f"  {name}: {right.sum()} of {len(right)}, {right.mean():.1%} [{low:.1%}–{high:.1%}]")
            wall, used = network.milliseconds()
            print(f"  one picture on two threads: {wall:.1f} ms, {used:.1f} ms of processor")


def _some(trap: Path, rows: list[Row]) -> tuple[list[Path], list[str]]:
    return [trap / row["file"] for row in rows], [row["species"] for row in rows]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("prepare", "judge"))
    parser.add_argument("place", type=Path, help="the folder to write, or the bundle to judge")
    parser.add_argument("--species", type=Path, required=True, help="web photos, as the default's split names them")
    parser.add_argument("--trap", type=Path, required=True, help="camera-trap frames with SOURCES.csv")
    parser.add_argument("--against", type=Path, default=Path("models/default"))
    given = parser.parse_args()
    if given.verb == "prepare":
        prepare(given.place, given.species, given.trap, given.against)
    else:
        judge(given.place, given.against, given.species, given.trap)


if __name__ == "__main__":
    main()
