"""What is known of the bundles on this machine. Slow functions for a thread; knows no Qt."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avistar import BundleError, ModelBundle
from avistar.backends import Backend
from avistar.backends.factory import open_artifact
from avistar.bundle import bundle_places, find_bundles
from avistar.errors import AvistarError
from avistar.images.geometry import Pixels
from avistar.message import Message, joined
from avistar.verification import Check, check_artifact, check_decoding, read_golden
from avistar_gui.child_process import avistar_command

ROUNDS = 7
BATCH = 8
PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """One executable form: format, precision, size in bytes, top-1 (fraction, None where unmeasured), target."""

    format: str
    precision: str
    file: str
    bytes: int
    top1: float | None
    built_for: str

    @property
    def is_engine(self) -> bool:
        """Whether only the machine that built it can run it."""
        return self.format.startswith("tensorrt")


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """What a bundle's manifest says; where it can't be read, only `problem` does."""

    folder: str
    name: str
    problem: str = ""
    architecture: str = ""
    species: int = 0
    width: int = 0
    height: int = 0
    bytes: int = 0
    files: int = 0
    accuracy: tuple[tuple[str, float], ...] = ()
    artifacts: tuple[ArtifactFacts, ...] = ()
    sha256s: tuple[str, ...] = ()
    calibrated: bool = True

    def figure(self, name: str) -> float | None:
        """A measured figure by the manifest's name of it."""
        return dict(self.accuracy).get(name)


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One device as tried here: whether it works, what was found or what is missing, ms for one picture.

    `works` is None for a library that isn't there, or has nothing to do for the bundle: no fault.
    """

    name: str
    works: bool | None
    detail: str
    elapsed_ms: float | None


@dataclass(frozen=True, slots=True)
class Speed:
    """Median time of an artifact here, in ms: one picture alone, and one of a batch; or why it can't run."""

    artifact: str
    runs_on: str
    alone_ms: float = 0.0
    batched_ms: float = 0.0
    problem: str = ""


def bundles(more: Iterable[str] = ()) -> list[BundleFacts]:
    """The bundles that ship, and those in the folders `more`."""
    return [facts(folder) for folder in find_bundles([*bundle_places(), *map(Path, more)])]


def facts(folder: Path) -> BundleFacts:
    """What the bundle in `folder` says of itself."""
    try:
        bundle = ModelBundle.open(folder)
    except BundleError as error:
        return BundleFacts(str(folder), folder.name, problem=str(error))
    manifest = bundle.manifest
    return BundleFacts(
        folder=str(folder),
        name=manifest.name,
        architecture=manifest.architecture,
        species=len(manifest.species),
        width=manifest.preprocessing.width,
        height=manifest.preprocessing.height,
        bytes=sum(record.bytes for record in manifest.files.values()),
        files=len(manifest.files),
        accuracy=tuple(sorted(manifest.accuracy.items())),
        artifacts=tuple(
            ArtifactFacts(
                one.format,
                one.precision,
                one.file,
                manifest.files[one.file].bytes if one.file in manifest.files else 0,
                one.accuracy.get("top1"),
                ", ".join(one.built_for.values()),
            )
            for one in manifest.artifacts
        ),
        calibrated=all(one.calibration.calibrated for one in manifest.artifacts),
        sha256s=tuple(manifest.files[one.file].sha256 for one in manifest.artifacts if one.file in manifest.files),
    )


def damaged(folder: str) -> list[str]:
    """A sentence for each file that is missing or altered. Raises `BundleError`."""
    return ModelBundle.open(folder).damaged_files()


def devices(folder: str) -> list[DeviceFacts]:
    """What this machine can run the bundle on, tried in a process of its own: drivers may take theirs down.

    Raises `OSError` where it can't be tried.
    """
    command = avistar_command("doctor", "--json", "--model", folder)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        checks: list[dict[str, Any]] = json.loads(done.stdout)["checks"]
    except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
        raise OSError(Message("`avistar doctor` gave no answer: {error}", error=error)) from error
    known = {"cpu", "cuda", "tensorrt", "tensorrt-rtx", "openvino"}
    return [
        DeviceFacts(one["name"], one["ok"], one["detail"], one["elapsed_ms"]) for one in checks if one["name"] in known
    ]


def verify(folder: str, cancelled: Callable[[], bool]) -> list[Check]:
    """Whether this machine decodes and answers the golden pictures as the exporting one did.

    Raises `BundleError` for a damaged bundle or one without golden pictures.
    """
    bundle = ModelBundle.open(folder)
    problems = bundle.damaged_files()
    if problems:
        raise BundleError(joined("; ", problems))
    golden = read_golden(bundle)
    checks = [check_decoding(bundle, golden)]
    for artifact in bundle.manifest.artifacts:
        if artifact.format == "keras" or cancelled():
            continue
        name = f"{artifact.format} {artifact.precision}"
        try:
            with closing(open_artifact(bundle, artifact)) as backend:
                checks.append(check_artifact(bundle, artifact, backend, golden))
        except AvistarError as error:
            checks.append(Check(name, "", float("nan"), 0.0, str(error)))
    return checks


def benchmark(folder: str, cancelled: Callable[[], bool]) -> list[Speed]:
    """A short look at how fast each artifact is where it belongs, without decoding."""
    bundle = ModelBundle.open(folder)
    shape = bundle.manifest.preprocessing
    pictures = np.random.default_rng(0).integers(0, 256, (BATCH, shape.height, shape.width, 3), dtype=np.uint8)
    speeds = []
    for artifact in bundle.manifest.artifacts:
        name = f"{artifact.format} {artifact.precision}"
        if cancelled():
            break
        if artifact.format == "keras":
            continue
        try:
            with closing(open_artifact(bundle, artifact)) as backend:
                alone, batched = _median_ms(backend, pictures[:1]), _median_ms(backend, pictures) / BATCH
                speeds.append(Speed(name, backend.runs_on, alone, batched))
        except AvistarError as error:
            speeds.append(Speed(name, "", problem=str(error)))
    return speeds


def _median_ms(backend: Backend, pictures: Pixels) -> float:
    backend.run(pictures)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        backend.run(pictures)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
