"""Photos per second from files, against the ceiling and against what people would otherwise write, in one run.

    python benchmarks/folder.py [--bundle models/default] [--photos 60] [--rounds 3] [--torch-python PYTHON]

The ceiling: each core decodes or infers all the time, 1 / (1 / decoding + 1 / inference), both measured alone with
every core busy. The other loops are the usual ones: Pillow decodes the whole photo, then a batch goes through the
network. PyTorch is measured where a Python that has it is named. Rounds interleave the contestants; the best counts.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from avistar import Classifier, ModelBundle
from avistar.backends.onnx_backend import import_onnxruntime
from avistar.parallel import usable_cpus
from avistar.pipeline import Pace, measured_pace
from made_photos import SIZES, make_photos

BATCH = 8
Loop = Callable[[Sequence[Path]], float]


def timed(run: Callable[[Sequence[Path]], object]) -> Loop:
    """`run` as photos per second."""

    def rate(files: Sequence[Path]) -> float:
        start = time.perf_counter()
        run(files)
        return len(files) / (time.perf_counter() - start)

    return rate


def as_people_decode(files: Sequence[Path], side: int) -> np.ndarray:
    """Whole photos through Pillow, squeezed to the network's size."""
    pictures = []
    for file in files:
        with Image.open(file) as image:
            pictures.append(np.asarray(image.convert("RGB").resize((side, side))))
    return np.stack(pictures)


def batches(files: Sequence[Path]) -> list[Sequence[Path]]:
    """`files` in batches."""
    return [files[i : i + BATCH] for i in range(0, len(files), BATCH)]


def keras_loop(bundle: ModelBundle) -> Loop:
    """Keras' `predict_on_batch`; with random weights, which are as fast."""
    from avistar_train.backbones import BACKBONES, make_base
    from avistar_train.imagenet_head import empty_prior
    from avistar_train.network import make_network

    manifest, row = bundle.manifest, BACKBONES[bundle.manifest.architecture]
    network = make_network(row, make_base(row, None), empty_prior(row.features, [s.id for s in manifest.species]))
    side = manifest.preprocessing.width
    network.predict_on_batch(np.zeros((BATCH, side, side, 3), np.uint8))
    return timed(lambda files: [network.predict_on_batch(as_people_decode(some, side)) for some in batches(files)])


def onnx_loop(bundle: ModelBundle, precision: str) -> Loop:
    """ONNX Runtime with its own defaults."""
    onnxruntime = import_onnxruntime()
    session = onnxruntime.InferenceSession(bundle.checked(bundle.artifact("onnx", precision).file))
    side = bundle.manifest.preprocessing.width
    return timed(lambda files: [session.run(None, {"image": as_people_decode(some, side)}) for some in batches(files)])


def torch_loop(python: str) -> Loop:
    """PyTorch's DataLoader, in a process of its own; its start does not count."""
    command = [python, str(Path(__file__).with_name("torch_loop.py")), str(BATCH), str(usable_cpus())]

    def rate(files: Sequence[Path]) -> float:
        names = "\n".join(map(str, files))
        return float(subprocess.run(command, input=names, capture_output=True, text=True, check=True).stdout)

    return rate


def our_loop(classifier: Classifier, pace: Pace, files: Sequence[Path]) -> None:
    """Avistar's own way."""
    answers = list(classifier.stream(files, batch=pace.batch, workers=pace.workers))
    assert all(answer.failure is None for answer in answers)


def alone(work: Callable[[object], object], items: Sequence[object], each: int) -> float:
    """Pictures per second with every core at it; `each` pictures an item."""
    with ThreadPoolExecutor(usable_cpus()) as pool:
        list(pool.map(work, items[: usable_cpus()]))
        start = time.perf_counter()
        list(pool.map(work, items))
    return each * len(items) / (time.perf_counter() - start)


def ceiling(classifier: Classifier, files: Sequence[Path], pace: Pace) -> tuple[float, float, float]:
    """Decoding alone, inference alone, and what both together can reach, in photos per second."""
    decoding = max(alone(classifier.prepare, files, 1) for _ in range(2))
    prepared = [classifier.prepare(files[0])] * pace.batch
    inference = max(alone(classifier.answer, [prepared] * (48 // pace.batch), pace.batch) for _ in range(2))
    return decoding, inference, 1 / (1 / decoding + 1 / inference)


def measure(ours: dict[str, Loop], others: dict[str, Loop], files: Sequence[Path], rounds: int) -> dict[str, float]:
    """The best rate of each, rounds interleaved; the others get a quarter of the files, for they take long."""
    best = dict.fromkeys([*others, *ours], 0.0)
    for _ in range(rounds):
        for name in best:
            rate = ours[name](files) if name in ours else others[name](files[: len(files) // 4])
            best[name] = max(best[name], rate)
    return best


def main() -> None:
    """Print photos per second and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, default=Path("models/default"))
    parser.add_argument("--photos", type=int, default=160)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--torch-python")
    arguments = parser.parse_args()
    bundle = ModelBundle.open(arguments.bundle)
    others: dict[str, Loop] = {"Keras predict_on_batch": keras_loop(bundle)}
    if arguments.torch_python:
        others["PyTorch DataLoader"] = torch_loop(arguments.torch_python)
    else:
        print("PyTorch DataLoader: skipped, no --torch-python was named")
    classifiers = {}
    for artifact in bundle.manifest.artifacts:
        if artifact.format == "onnx":
            classifier = Classifier.open(arguments.bundle, "cpu", precision=artifact.precision)
            classifiers[artifact.precision] = (classifier, measured_pace(classifier))
            others[f"ONNX Runtime {artifact.precision}"] = onnx_loop(bundle, artifact.precision)
    with tempfile.TemporaryDirectory() as folder:
        for name, size in list(SIZES.items())[:2]:
            # Small photos are decoded quickly: more of them, so that start and end weigh as little.
            files = make_photos(Path(folder, name), arguments.photos * (1 if size[0] > 2000 else 3), size)
            report(name, files, classifiers, others, rounds=arguments.rounds)


def report(
    name: str,
    files: Sequence[Path],
    classifiers: dict[str, tuple[Classifier, Pace]],
    others: dict[str, Loop],
    *,
    rounds: int,
) -> None:
    """Print what was measured on one size of photos."""
    ours: dict[str, Loop] = {
        f"avistar {precision}": timed(partial(our_loop, classifier, pace))
        for precision, (classifier, pace) in classifiers.items()
    }
    best = measure(ours, others, files, rounds)
    keras, rival = best["Keras predict_on_batch"], max(best[one] for one in others)
    print(f"\n{name}: {len(files)} photos, {usable_cpus()} CPUs, best of {rounds}")
    for precision, (classifier, pace) in classifiers.items():
        decoding, inference, most = ceiling(classifier, files, pace)
        reached = best[f"avistar {precision}"] / most
        print(
            f"  {precision}: decoding alone {decoding:.1f}/s, inference alone {inference:.1f}/s, ceiling {most:.1f}/s, "
            f"reached {reached:.1%} with batches of {pace.batch} in {pace.workers} workers"
        )
    for one, rate in best.items():
        print(f"  {one:24} {rate:7.1f} photos/s  {rate / keras:5.2f} × Keras  {rate / rival:5.2f} × best other")


if __name__ == "__main__":
    main()
