"""Photos per second on the CPU alone: Keras, ONNX Runtime and OpenVINO on the three networks, in one run.

    python benchmarks/backends.py --prepare FOLDER [--weights imagenet|FOLDER]   # minutes: converts the networks
    python benchmarks/backends.py FOLDER [--threads 2] [--rounds 5] [--network resnet50]

Arrays go in, no files are read. The rounds interleave the contestants and the least time of each counts.
The networks carry ImageNet's convolutions and an untrained layer of 30 species: the speed is the same.
`--threads` binds every contestant; OpenVINO is told to compute in fp32, or it takes bf16 where it can.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIZES = {"resnet50": 224, "vgg16": 224, "inception_v3": 299}
BATCHES = (1, 8)
Contestant = Callable[[np.ndarray], object]


def network(name: str, weights: str | None) -> Any:
    """The trained form of a network, untrained."""
    from avistar.species import known_species
    from avistar_train.backbones import BACKBONES, make_base, weights_file
    from avistar_train.imagenet_head import empty_prior
    from avistar_train.network import make_network

    row = BACKBONES[name]
    base = make_base(row, None if weights is None else weights_file(row, weights))
    return make_network(row, base, empty_prior(row.features, [species.id for species in known_species()]))


def prepare(folder: Path, name: str, weights: str | None) -> None:
    """Write the network's ONNX files in three precisions; ranges are set on noise, which speed doesn't mind."""
    import tensorflow as tf
    import tf2onnx

    from avistar_export.fp16 import to_half
    from avistar_export.int8 import LADDER, Quantiser
    from avistar_export.onnx_graph import OPSET, canonical

    model, size = network(name, weights), SIZES[name]
    signature = [tf.TensorSpec((None, size, size, 3), tf.uint8, name="image")]

    @tf.function(input_signature=signature)
    def call(image: Any) -> Any:
        return model(tf.cast(image, model.inputs[0].dtype), training=False)

    full = canonical(tf2onnx.convert.from_function(call, input_signature=signature, opset=OPSET)[0])
    noise = np.random.default_rng(0).integers(0, 256, (7, size, size, 3), np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.fp32.onnx").write_bytes(full.SerializeToString())
    (folder / f"{name}.fp16.onnx").write_bytes(to_half(full, noise)[0].SerializeToString())
    (folder / f"{name}.int8.onnx").write_bytes(Quantiser(full, noise).quantise(LADDER[0])[0].SerializeToString())


def contestants(folder: Path, name: str, threads: int) -> dict[str, Contestant]:
    """What runs, by name, Keras first."""
    from avistar.backends.onnx_backend import OnnxBackend

    found: dict[str, Contestant] = {"keras predict_on_batch": network(name, None).predict_on_batch}
    for precision in ("fp32", "int8"):
        data = (folder / f"{name}.{precision}.onnx").read_bytes()
        found[f"onnxruntime {precision}"] = OnnxBackend(data, threads=threads).run
        found[f"openvino {precision}"] = openvino(data, threads)
    return found


def openvino(data: bytes, threads: int) -> Contestant:
    """A graph compiled by OpenVINO for latency, in fp32 arithmetic where the graph is."""
    from avistar.telemetry import import_openvino_quietly

    ov = import_openvino_quietly()
    core = ov.Core()
    options = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    compiled = core.compile_model(core.read_model(data), "CPU", options)
    return lambda images: compiled(images)


def main() -> None:
    """Print milliseconds, pictures a second and the ratio to Keras."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--weights")
    parser.add_argument("--network", action="append", choices=SIZES)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    os.environ.update(TF_NUM_INTRAOP_THREADS=str(arguments.threads), TF_NUM_INTEROP_THREADS="1")
    for name in arguments.network or SIZES:
        if arguments.prepare:
            prepare(arguments.folder, name, arguments.weights)
        else:
            compare(arguments.folder, name, arguments.threads, arguments.rounds)


def compare(folder: Path, name: str, threads: int, rounds: int) -> None:
    """One network's table."""
    runners, size = contestants(folder, name, threads), SIZES[name]
    print(f"\n{name}, {size}×{size} px, {threads} threads, least of {rounds} rounds")
    for batch in BATCHES:
        images = np.random.default_rng(1).integers(0, 256, (batch, size, size, 3), np.uint8)
        best = dict.fromkeys(runners, float("inf"))
        for turn in range(rounds + 1):
            for contestant, run in runners.items():
                start = time.perf_counter()
                run(images)
                if turn:  # the first round warms up
                    best[contestant] = min(best[contestant], time.perf_counter() - start)
                time.sleep(0.05)  # threads that spin after their work must not disturb the next
        keras = best["keras predict_on_batch"]
        for contestant, seconds in best.items():
            rate, ratio = batch / seconds, keras / seconds
            print(f"  batch {batch}  {contestant:24}{seconds * 1e3:8.1f} ms{rate:8.1f} /s{ratio:7.2f} × Keras")


if __name__ == "__main__":
    main()
