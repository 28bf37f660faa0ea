"""The paper's questions, asked where they are cheap: new dense layers on features of untouched ImageNet bases.

    python benchmarks/frozen_features.py pictures PHOTOS --split models/default/analysis/split.json --cache FOLDER
    KERAS_BACKEND=openvino python benchmarks/frozen_features.py features --weights WEIGHTS --cache FOLDER
    python benchmarks/frozen_features.py learn --cache FOLDER --out docs/results/frozen_features.json
    python benchmarks/frozen_features.py tables docs/results/frozen_features.json --out docs/results/frozen_features.md

Each base looks once at each picture; what follows is a small network that learns in seconds, so that every
question can be asked with three seeds. Crop or stretch, how many pixels, augmentation or oversampling, L1/L2 or
none: all on one split, judged on the test photos at the end of a fixed number of steps, nothing chosen by them.
`features` runs on any Keras backend; OpenVINO is several times faster than TensorFlow on a processor with bfloat16.
A command that was stopped goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.dataset import read_data
from avistar.evaluation.metrics import evaluate, wilson
from avistar.manifest import Preprocessing
from avistar.species_file import paper_species
from avistar_train.backbones import BACKBONES, make_base, weights_file
from avistar_train.pixel_cache import labels, load_pixels
from avistar_train.sampling import oversample
from avistar_train.split import load_split

PARTS = ("train", "test")
GEOMETRIES = (("crop", 64), ("stretch", 64), ("crop", 128), ("stretch", 128), ("crop", 224))
SMALLEST = {"vgg16": 32, "resnet50": 32, "inception_v3": 75}
COPIES = 1
VARIED = ("vgg16", "resnet50")
MIXED5 = "inception_v3 to mixed5"
STEPS, BATCH, WIDTH, RATE = 700, 128, 256, 1e-3
SEEDS = (1, 2, 3)
RARE = 50


@dataclass(frozen=True)
class Trial:
    """One small network: what it learns from, how, with which seed."""

    question: str
    base: str
    fit: str
    size: int
    data: str = "as they are"
    l1: float = 0.0
    l2: float = 0.0
    seed: int = 1


def trials() -> Iterator[Trial]:
    """All questions, the most telling first."""
    for seed in SEEDS:
        for fit, size in GEOMETRIES:
            for base in (*BACKBONES, MIXED5):
                if size >= SMALLEST[base.split()[0]]:
                    yield Trial("picture", base, fit, size, seed=seed)
        for base in VARIED:
            for data in ("as they are", "augmentation", "oversampling", "both"):
                yield Trial("data", base, "crop", 128, data, seed=seed)
            for l1, l2 in ((0.0, 0.0), (1e-4, 0.0), (0.0, 1e-3), (1e-4, 1e-3)):
                yield Trial("penalty", base, "crop", 128, "as they are", l1, l2, seed)


def say(what: str, done: int, total: int) -> None:
    """Progress, now and then."""
    if done == total or done % 640 == 0:
        print(time.strftime("%T"), what, f"{done}/{total}", flush=True)


def make_pictures(options: argparse.Namespace) -> None:
    """Decode at each geometry; vary the training pictures."""
    data = read_data(options.photos, paper_species())
    split = load_split(options.split, data.photos)
    names = [species.id for species in data.species]
    options.cache.mkdir(parents=True, exist_ok=True)
    (options.cache / "species.json").write_text(json.dumps(names))
    for part in PARTS:
        photos = getattr(split, part)
        np.save(options.cache / f"truth-{part}.npy", labels(photos, names))
        for fit, size in GEOMETRIES:
            target = options.cache / f"pictures-{fit}-{size}-{part}.npy"
            if not target.exists():
                pixels = load_pixels(data, photos, Preprocessing(size, size, fit), options.cache, progress=say)
                np.save(target, pixels)
    pixels = np.load(options.cache / "pictures-crop-128-train.npy")
    for copy in range(1, COPIES + 1):
        target = options.cache / f"pictures-crop-128-varied{copy}.npy"
        if not target.exists():
            np.save(target, vary(pixels, seed=copy))


def vary(pixels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """The linear transformations of the paper's kind, by Keras layers: uint8 [N, H, W, 3] to the same."""
    import keras

    common: dict[str, Any] = {"fill_mode": "reflect", "interpolation": "bilinear"}
    steps = [
        keras.layers.RandomFlip("horizontal", seed=seed),
        keras.layers.RandomRotation(15 / 360, seed=seed + 10, **common),
        keras.layers.RandomZoom((-0.15, 0.0), (-0.15, 0.0), seed=seed + 20, **common),
        keras.layers.RandomTranslation(0.1, 0.1, seed=seed + 30, **common),
    ]
    out = np.empty_like(pixels)
    for start in range(0, len(pixels), 64):
        x: Any = pixels[start : start + 64].astype(np.float32)
        for step in steps:
            x = step(x, training=True)
        out[start : start + 64] = np.clip(np.rint(np.asarray(x)), 0, 255)
    return out


def make_features(options: argparse.Namespace) -> None:
    """What each untouched base makes of each picture: float32 [N, features], one file a base and geometry."""
    for fit, size in GEOMETRIES:
        for name in ("resnet50", "vgg16", "inception_v3"):
            if size >= SMALLEST[name]:
                _features_of(name, fit, size, options)


def _features_of(name: str, fit: str, size: int, options: argparse.Namespace) -> None:
    import keras

    varied = [f"varied{i + 1}" for i in range(COPIES)] if (fit, size) == ("crop", 128) and name in VARIED else []
    missing = [
        part for part in [*PARTS, *varied] if not _features(options.cache, name, fit=fit, size=size, part=part).exists()
    ]
    if not missing:
        return
    row = BACKBONES[name]
    base = make_base(row, weights_file(row, str(options.weights)))
    outputs = {name: base.output}
    if name == "inception_v3":
        outputs[MIXED5] = keras.layers.GlobalAveragePooling2D()(base.get_layer("mixed5").output)
    network = keras.Model(base.input, list(outputs.values()))
    for part in missing:
        pixels = np.load(options.cache / f"pictures-{fit}-{size}-{part}.npy", mmap_mode="r")
        made = _look(network, row, pixels, f"{name} {fit} {size} {part}")
        for key, features in zip(reversed(outputs), reversed(made), strict=True):
            np.save(_features(options.cache, key, fit=fit, size=size, part=part), features)


def _features(cache: Path, base: str, *, fit: str, size: int, part: str) -> Path:
    return cache / f"features-{base}-{fit}-{size}-{part}.npy"


def _look(network: Any, row: Any, pixels: NDArray[np.uint8], what: str) -> list[NDArray[np.float32]]:
    batches = []
    for start in range(0, len(pixels), 32):
        x = pixels[start : start + 32].astype(np.float32) * row.scale + np.array(row.offset, np.float32)
        made = network.predict_on_batch(x)
        batches.append(made if isinstance(made, list) else [made])
        say(what, min(start + 32, len(pixels)), len(pixels))
    return [np.concatenate(column) for column in zip(*batches, strict=True)]


def entries(trial: Trial, truth: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Photo and copy of each entry of the training set; copy 0 is the photo as it is."""
    rng = np.random.default_rng(trial.seed)
    if trial.data in ("oversampling", "both"):
        lifted = oversample(truth, seed=trial.seed)
        index, varies = lifted.index, lifted.copy
    else:
        index, varies = np.arange(len(truth)), np.zeros(len(truth), bool)
    if trial.data in ("augmentation", "both"):
        # Each photo once as it is and once as each varied copy: what an epoch draws from.
        copies = np.tile(np.arange(COPIES + 1), (len(index), 1))
        return np.repeat(index, COPIES + 1), copies.ravel()
    return index, np.where(varies, rng.integers(1, COPIES + 1, len(index)), 0)


def run(trial: Trial, cache: Path) -> dict[str, Any]:
    """Learn for a fixed number of steps, judge once."""
    import keras

    keras.utils.set_random_seed(trial.seed)
    names = json.loads((cache / "species.json").read_text())
    truth = {part: np.load(cache / f"truth-{part}.npy") for part in PARTS}

    def features(part: str) -> NDArray[np.float32]:
        return np.load(_features(cache, trial.base, fit=trial.fit, size=trial.size, part=part))

    parts = ["train"]
    if trial.data != "as they are":
        parts += [f"varied{i + 1}" for i in range(COPIES)]
    views = np.stack([features(part) for part in parts])
    test = features("test")
    mean, scale = views[0].mean(axis=0), views[0].std(axis=0) + 1e-6
    views, test = (views - mean) / scale, (test - mean) / scale
    network = _small_network(trial, test.shape[1], len(names))
    photo, copy = entries(trial, truth["train"])
    rng = np.random.default_rng(trial.seed)
    order = np.concatenate([rng.permutation(len(photo)) for _ in range(-(-STEPS * BATCH // len(photo)))])
    for step in range(STEPS):
        chosen = order[step * BATCH : (step + 1) * BATCH]
        network.train_on_batch(views[copy[chosen], photo[chosen]], truth["train"][photo[chosen]])
    logits = network.predict(test, verbose=0)
    report = evaluate(logits, truth["test"], names)
    counts = np.bincount(truth["train"], minlength=len(names))
    seen = (network.predict(views[0], verbose=0).argmax(axis=1) == truth["train"]).mean()
    rare = np.mean([s.recall for i, s in enumerate(report.species) if s.photos and counts[i] < RARE])
    return {**asdict(trial), **report.summary(), "train_top1": float(seen), "rare_recall": float(rare)}


def _small_network(trial: Trial, features: int, species: int) -> Any:
    import keras

    penalty = keras.regularizers.L1L2(trial.l1, trial.l2)
    network = keras.Sequential(
        [
            keras.Input((features,)),
            keras.layers.Dropout(0.5, seed=trial.seed),
            keras.layers.Dense(WIDTH, "relu", kernel_regularizer=penalty),
            keras.layers.Dropout(0.5, seed=trial.seed + 10),
            keras.layers.Dense(species, kernel_regularizer=penalty),
        ]
    )
    network.compile(keras.optimizers.Adam(RATE), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return network


def learn(options: argparse.Namespace) -> None:
    """All trials whose features are there and that weren't run yet."""
    import keras

    done = json.loads(options.out.read_text()) if options.out.exists() else []
    known = {tuple(row[key] for key in Trial.__dataclass_fields__) for row in done}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for trial in trials():
        last = "test" if trial.data == "as they are" else f"varied{COPIES}"
        there = _features(options.cache, trial.base, fit=trial.fit, size=trial.size, part=last).exists()
        if tuple(asdict(trial).values()) in known or not there:
            continue
        done.append(run(trial, options.cache))
        print(time.strftime("%T"), trial, f"{done[-1]['top1']:.3f}", flush=True)
        options.out.write_text(json.dumps(done, indent=0) + "\n")
        keras.backend.clear_session()


HEADS = {
    "picture": ("Crop or stretch, and how many pixels", ("base", "fit", "size")),
    "data": ("Augmentation or oversampling (128 px crop)", ("base", "data")),
    "penalty": ("L1 and L2 (128 px crop, pictures as they are)", ("base", "l1", "l2")),
}
INTRODUCTION = f"""# The paper's questions on frozen features

Made by `benchmarks/frozen_features.py`. A dense layer of {WIDTH} units and the layer of species, with dropout 0.5,
learn from features of untouched bases for {STEPS} steps of {BATCH} (Adam, {RATE:g}); every trial on the same split,
judged on its test photos. ± is the deviation over seeds, which vary the layers' start, order and dropout; the
interval is Wilson's for one seed's share of the test photos. Rare species have fewer than {RARE} training photos.
Varied copies of a photo: {COPIES}."""
FIGURES = ("top1", "top3", "macro_f1", "rare_recall", "train_top1")


def tables(options: argparse.Namespace) -> None:
    """The results as Markdown tables."""
    rows = json.loads(options.results.read_text())
    lines = [INTRODUCTION, ""]
    for question, (title, keys) in HEADS.items():
        chosen = [row for row in rows if row["question"] == question]
        lines += [f"## {title}", "", _line([*keys, "seeds", "top-1 %", "95 % interval", "top-3 %", "macro-F1"])]
        lines[-1] += f" recall of rare species % | top-1 on training photos % |\n|{'---|' * (len(keys) + 7)}"
        groups = {tuple(row[key] for key in keys): [] for row in chosen}
        for row in chosen:
            groups[tuple(row[key] for key in keys)].append(row)
        lines += [_summary(key, group) for key, group in sorted(groups.items())] + [""]
    options.out.write_text("\n".join(lines))


def _summary(key: Sequence[Any], rows: Sequence[dict[str, Any]]) -> str:
    mean = {name: float(np.mean([row[name] for row in rows])) for name in FIGURES}
    photos = round(rows[0]["photos"])
    low, high = wilson(round(mean["top1"] * photos), photos)
    spread = np.std([row["top1"] for row in rows], ddof=1) if len(rows) > 1 else float("nan")
    cells = [*key, len(rows), f"{mean['top1']:.1%} ± {spread:.1%}", f"{low:.1%}–{high:.1%}", f"{mean['top3']:.1%}"]
    cells += [f"{mean['macro_f1']:.3f}", f"{mean['rare_recall']:.1%}", f"{mean['train_top1']:.1%}"]
    return _line([str(cell).replace(" %", "").replace("%", "") for cell in cells])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    pictures = commands.add_parser("pictures")
    pictures.add_argument("photos", type=Path)
    pictures.add_argument("--split", type=Path, required=True)
    pictures.set_defaults(do=make_pictures)
    features = commands.add_parser("features")
    features.add_argument("--weights", default="imagenet", help="a folder, or 'imagenet' to download")
    features.set_defaults(do=make_features)
    learning = commands.add_parser("learn")
    learning.add_argument("--out", type=Path, required=True)
    learning.set_defaults(do=learn)
    for command in (pictures, features, learning):
        command.add_argument("--cache", type=Path, required=True)
    written = commands.add_parser("tables")
    written.add_argument("results", type=Path)
    written.add_argument("--out", type=Path, required=True)
    written.set_defaults(do=tables)
    options = parser.parse_args()
    options.do(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
