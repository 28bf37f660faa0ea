"""Pictures per second on a GPU: Keras, plain ONNX Runtime and ours on the CUDA provider, in one run.

    python benchmarks/cuda.py models/default [--rounds 20] [--photos FOLDER]

Arrays go in, no files are read. The rounds interleave the contestants and the median of each counts. Keras has the
same network with untrained weights, which costs the same, on whatever backend KERAS_BACKEND names; ONNX Runtime
has the bundle's fp16 file, "plain" as its documentation opens and runs one. With `--photos`, a folder of photos is
identified from files too, in batches of 32.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from avistar import Classifier, ModelBundle
from avistar.backends.factory import open_backend
from avistar.backends.onnx_backend import import_onnxruntime
from backends import Contestant, network

BATCHES = (1, 8, 32)


def keras_network(bundle: ModelBundle) -> Contestant:
    """The bundle's network in Keras, untrained, in the precision that a GPU is fastest in."""
    import keras

    from avistar_train.network import computing_in

    with computing_in("mixed_float16"):
        untrained = network(bundle.manifest.architecture, None)
    print(f"Keras {keras.__version__} on {keras.backend.backend()}, mixed_float16")
    run: Contestant = untrained.predict_on_batch
    return run


def plain(model: bytes) -> Contestant:
    """ONNX Runtime as its documentation opens it, arrays in and out."""
    ort = import_onnxruntime()
    session = ort.InferenceSession(model, providers=["CUDAExecutionProvider"])
    assert session.get_providers()[0] == "CUDAExecutionProvider", session.get_providers()
    return lambda images: session.run(None, {"image": images})


def compare(runners: dict[str, Contestant], size: int, rounds: int) -> None:
    """Print milliseconds, pictures a second and ratios to the first contestant."""
    for batch in BATCHES:
        images = np.random.default_rng(batch).integers(0, 256, (batch, size, size, 3), np.uint8)
        taken: dict[str, list[float]] = {name: [] for name in runners}
        for turn in range(rounds + 3):
            for name, run in runners.items():
                start = time.perf_counter()
                run(images)
                if turn >= 3:  # the first rounds warm up
                    taken[name].append(time.perf_counter() - start)
        middle = {name: statistics.median(times) for name, times in taken.items()}
        first = next(iter(middle.values()))
        for name, seconds in middle.items():
            print(
                f"  batch {batch:2}  {name:32}{seconds * 1e3:8.2f} ms{batch / seconds:9.0f} /s{first / seconds:7.2f} x"
            )


def from_files(folder: Path, bundle: Path) -> None:
    """Print photos a second from files, on the GPU and on the CPU, twice each."""
    for device in ("cuda", "cpu") * 2:
        with Classifier.open(bundle, device) as classifier:
            files = sorted(folder.rglob("*.jpg"))
            start = time.perf_counter()
            count = sum(1 for _ in classifier.stream(files, batch=32))
            seconds = time.perf_counter() - start
            print(f"  {count} photos from files on {classifier.info.runs_on}: {count / seconds:.0f} /s")


def main() -> None:
    """Compare what runs here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--photos", type=Path)
    settings = parser.parse_args()
    bundle = ModelBundle.open(settings.bundle)
    choice = open_backend(bundle, "cuda", precision="fp16")
    ours, model = choice.backend, bundle.checked(choice.artifact.file)
    print(ours.runs_on)
    compare(
        {"keras predict_on_batch": keras_network(bundle), "plain onnxruntime": plain(model), "avistar": ours.run},
        bundle.manifest.preprocessing.width,
        settings.rounds,
    )
    if settings.photos is not None:
        from_files(settings.photos, settings.bundle)


if __name__ == "__main__":
    main()
