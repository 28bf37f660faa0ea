"""From a bundle to an engine in it: built, read back, judged on the device; refused at any doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from avistar.backends import Backend
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import ModelBundle, commit, draft
from avistar.errors import BackendUnavailable, UsageError
from avistar.familiarity import familiarity_of
from avistar.manifest import Artifact, Precision
from avistar_export import report
from avistar_export.builder import (
    CURE,
    Library,
    LibraryName,
    Plan,
    Request,
    build,
    differences,
    find_library,
    inspected_types,
    machine_facts,
)
from avistar_export.failures import ParityRefused
from avistar_export.judging import Judgement, judge, run_all
from avistar_export.parity import ParityReport, batch_invariance, compare
from avistar_export.photos import Progress, read_held_out, read_split
from avistar_export.session import INVARIANCE_PHOTOS

LEAST_HALF = 0.8
"""Share of half-precision layers below which an engine is not what 'fp16' promises."""


class Engine(Backend, Protocol):
    """A deserialised engine on its device."""

    @property
    def gpu(self) -> str:
        """The GPU's name."""
        ...

    def information(self) -> str:
        """The inspector's JSON, in detail."""
        ...


Opener = Callable[[Library, bytes], Engine]
"""Deserialises a plan on the device; raises `BackendUnavailable`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What engine to build. `photos`: the folder that training read."""

    bundle: Path
    photos: Path
    precision: Precision = "fp16"
    library: Literal["auto"] | LibraryName = "auto"
    request: Request = field(default_factory=Request)


@dataclass(slots=True)
class EngineRun:
    """One run. `progress` hears of long steps, `say` of results; `open_engine` runs a plan on the device."""

    wish: Wish
    progress: Progress
    say: Callable[[str], None]
    open_engine: Opener

    def run(self) -> ModelBundle:
        """Build, judge on the device, publish.

        Raises `BackendUnavailable` without library or GPU, `BuildFailed`, `ParityRefused`, `UsageError`.
        """
        bundle = ModelBundle.open(self.wish.bundle)
        source = _source(bundle, self.wish.precision)
        library = find_library(self.wish.library)
        model = bundle.checked(source.file)
        self.say(f"building with {library.name} {library.version}; this takes seconds to minutes")
        plan = build(library, model, bundle.manifest.preprocessing, self.wish.request)
        self.say(f"built in {plan.elapsed_s:.1f} s, {len(plan.data) / 1e6:.1f} MB, layers {plan.layer_types}")
        _check_share(plan.layer_types, self.wish.precision, f"the network given to {library.name}")
        with closing(self.open_engine(library, plan.data)) as engine:
            _check_share(inspected_types(engine.information()), self.wish.precision, "the engine")
            return self._admit(bundle, source, (library, plan), engine)

    def _admit(self, bundle: ModelBundle, source: Artifact, built: tuple[Library, Plan], engine: Engine) -> ModelBundle:
        library, plan = built
        judged, verdict = self._judged(bundle, source, library, engine)
        self.say(report.summary(verdict))
        if not verdict.passed:
            raise ParityRefused(f"refused: {report.summary(verdict)}", verdict)
        stem, request = f"{library.name}-{self.wish.precision}", self.wish.request
        artifact = Artifact(
            format=library.name,
            precision=self.wish.precision,
            file=f"engines/{stem}.plan",
            calibration=judged.side.calibration,
            batch=(1, request.opt_batch, request.max_batch),
            built_for=machine_facts(library, engine.gpu, request, bundle.manifest.files[source.file].sha256),
            parity=f"parity/{stem}.json",
            accuracy=judged.accuracy,
        )
        others = [a for a in bundle.manifest.artifacts if a.file != artifact.file]
        files = {
            artifact.file: plan.data,
            f"parity/{stem}.json": report.as_json(verdict),
            f"parity/{stem}.md": report.as_markdown(verdict).encode(),
        }
        with draft(self.wish.bundle, start_from=bundle) as folder:
            for name, data in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(data)
            return commit(folder, replace(bundle.manifest, artifacts=(*others, artifact)), self.wish.bundle)

    def _judged(
        self, bundle: ModelBundle, source: Artifact, library: Library, engine: Engine
    ) -> tuple[Judgement, ParityReport]:
        gallery = read_held_out(bundle, read_split(bundle), self.wish.photos, self.progress)
        photos, familiarity = gallery.held_out, familiarity_of(bundle)
        reference = bundle.artifact("onnx", "fp32") or source  # a dropped fp32 was the measure of what is left
        with closing(OnnxBackend(bundle.checked(reference.file))) as backend:
            expected = run_all(backend, gallery.images, self.progress, f"running ONNX {reference.precision}")
        name = f"{library.name} {self.wish.precision}"
        outputs = run_all(engine, gallery.images, self.progress, f"running {name}")
        before = judge(f"ONNX {reference.precision}", expected, photos, familiarity)
        after = judge(name, outputs, photos, familiarity)
        few = gallery.images[:INVARIANCE_PHOTOS]
        invariance = batch_invariance(engine.run, few, outputs.logits[:INVARIANCE_PHOTOS])
        notes = (f"ran on {engine.runs_on}",)
        verdict = compare(
            before.side, after.side, photos, self.wish.precision, invariance=invariance, notes=notes
        )  # fmt: skip
        return after, verdict


def no_device(library: Library, plan: bytes) -> Engine:
    """The opener of this version: it has no way to run an engine, so it can't let one into a bundle."""
    trt = library.module
    runtime = trt.Runtime(trt.Logger(trt.Logger.INTERNAL_ERROR))
    if runtime is None or runtime.deserialize_cuda_engine(plan) is None:
        raise BackendUnavailable(
            f"the engine was built but can't be opened here, so nobody can say whether it still sees the same, and "
            f"it is not kept: {library.name} finds no GPU that it supports. {CURE}"
        )
    raise BackendUnavailable(
        "the engine was built and opens here, but this version of Avistar can't run one to compare it, so it is not "
        "kept. ONNX Runtime runs the bundle on this GPU: avistar identify --device cuda"
    )


def stale(bundle: ModelBundle, artifact: Artifact, now: dict[str, str]) -> list[str]:
    """Why `artifact`, an engine, may not be opened under the facts `now`: damaged, foreign or out of date."""
    return [*differences(artifact.built_for, now), *_damage(bundle, artifact)]


def _damage(bundle: ModelBundle, artifact: Artifact) -> list[str]:
    record, path = bundle.manifest.files.get(artifact.file), bundle.folder / artifact.file
    if record is None or not path.is_file():
        return [f"{artifact.file} is missing"]
    same = hashlib.sha256(path.read_bytes()).hexdigest() == record.sha256
    return [] if same else [f"{artifact.file} was altered"]


def _source(bundle: ModelBundle, precision: Precision) -> Artifact:
    if precision == "int8":
        raise UsageError(
            "int8 engines need a graph with symmetric ranges, which this version doesn't write: use --precision fp16"
        )
    artifact = bundle.artifact("onnx", precision)
    if artifact is None:
        raise UsageError(
            f"{bundle.folder} has no ONNX {precision}: avistar export onnx {bundle.folder} --precision {precision}"
        )
    return artifact


def _check_share(types: dict[str, int], precision: Precision, what: str) -> None:
    half, full = types.get("HALF", 0), types.get("FLOAT", 0)
    share = half / max(half + full, 1)
    if precision == "fp16" and share < LEAST_HALF:
        raise ParityRefused(f"{what} has {share:.0%} half-precision layers; fp16 means at least {LEAST_HALF:.0%}")
    if precision == "fp32" and half:
        raise ParityRefused(f"{what} has {half} half-precision layers, but fp32 was asked for")
