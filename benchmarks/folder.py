"""Photos per second from files: each artifact of a bundle against plain Keras on the same photos, in one run.

    python benchmarks/folder.py FOLDER [--bundle models/default] [--photos 200] [--rounds 3]

Keras runs the network of the bundle's Keras artifact where there is one, else the same architecture with
random weights (the speed is the same), fed by a loop such as people write: decode a batch, `predict_on_batch`.
The rounds interleave the contestants; the best of each counts.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from avistar import Classifier, ModelBundle
from avistar.backends.onnx_backend import usable_cpus
from avistar.images import SUFFIXES, prepare

BATCH = 8


def keras_loop(bundle: ModelBundle) -> Callable[[list[Path]], None]:
    """A plain Keras loop over files."""
    import keras

    from avistar_train.backbones import BACKBONES, make_base
    from avistar_train.model import make_network
    from avistar_train.prior import empty_prior

    manifest = bundle.manifest
    if bundle.artifact("keras", "fp32") is not None:
        network = keras.saving.load_model(bundle.folder / "model.keras", compile=False)
    else:
        row = BACKBONES[manifest.architecture]
        network = make_network(row, make_base(row, None), empty_prior(row.features, [s.id for s in manifest.species]))

    def run(files: list[Path]) -> None:
        for start in range(0, len(files), BATCH):
            batch = np.stack([prepare(file, manifest.preprocessing)[0] for file in files[start : start + BATCH]])
            network.predict_on_batch(batch)

    return run


def main() -> None:
    """Print photos per second and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bundle", type=Path, default=Path("models/default"))
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    files = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    files = files[:: max(1, len(files) // arguments.photos)][: arguments.photos]
    bundle = ModelBundle.open(arguments.bundle)
    contestants: dict[str, Callable[[list[Path]], None]] = {"keras predict_on_batch": keras_loop(bundle)}
    for artifact in bundle.manifest.artifacts:
        if artifact.format == "onnx":
            classifier = Classifier.open(arguments.bundle, "cpu", precision=artifact.precision)
            contestants[f"avistar {artifact.precision}"] = lambda some, c=classifier: c.identify_many(some, batch=BATCH)  # type: ignore[misc]
    best = dict.fromkeys(contestants, 0.0)
    for run in contestants.values():
        run(files[: 2 * BATCH])
    for _ in range(arguments.rounds):
        for name, run in contestants.items():
            start = time.perf_counter()
            run(files)
            best[name] = max(best[name], len(files) / (time.perf_counter() - start))
    base = best["keras predict_on_batch"]
    print(f"{len(files)} photos, {usable_cpus()} CPUs, batch {BATCH}, best of {arguments.rounds}")
    for name, rate in best.items():
        print(f"{name:24} {rate:7.1f} photos/s   {rate / base:5.2f} × Keras")


if __name__ == "__main__":
    main()
