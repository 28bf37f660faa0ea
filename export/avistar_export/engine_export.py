"""From a bundle to an engine in it: built, read back, judged on the device; refused at any doubt."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from avistar import verification
from avistar.backends.cuda import load_cuda
from avistar.backends.engine_backend import EngineBackend
from avistar.backends.engine_seal import SOURCE, sealed, source_fact
from avistar.backends.factory import open_artifact
from avistar.backends.tensorrt_library import Library, LibraryName, find_library
from avistar.bundle import Bundle, ModelBundle, commit, draft
from avistar.errors import BackendUnavailable, UsageError
from avistar.manifest import Artifact, Calibration, Precision
from avistar.progress import StepProgress
from avistar_export import golden, parity_report
from avistar_export.errors import ParityRefused
from avistar_export.held_out import Judgement, run_all
from avistar_export.int8 import to_symmetric
from avistar_export.parity import INVARIANCE_PHOTOS, ParityReport, batch_invariance, compare
from avistar_export.progress import BuildMonitor
from avistar_export.reference_set import ReferenceSet, gather
from avistar_export.tensorrt_builder import BuildOptions, BuiltEngine, build, inspected_types

LEAST_SHARE: dict[Precision, tuple[str, float]] = {"fp16": ("HALF", 0.5), "int8": ("INT8", 0.5)}
"""What an engine's layers must mostly be to deserve the name: type, and least share of the layers that compute.
VGG16, which has the fewest and keeps its loudest in fp32, has 71 % half ones before fusion; without half
precision there are none.
No device was at hand to measure an int8 engine; its half is a guess that refuses one that fell back to floats."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What engine to build. `photos`: held-out photos, any photos, or None for the bundle's golden pictures."""

    bundle: Path
    photos: Path | None = None
    precision: Precision = "fp16"
    library: Literal["auto"] | LibraryName = "auto"
    request: BuildOptions = field(default_factory=BuildOptions)
    rebuild: bool = False


@dataclass(slots=True)
class EngineWork:
    """What building an engine is for any bundle. `progress` hears of long steps, `say` of results."""

    options: EngineOptions
    progress: StepProgress
    say: Callable[[str], None]

    def _facts(self, bundle: Bundle[Any], source: Artifact) -> dict[str, str]:
        request = self.options.request
        return {
            SOURCE: source_fact(bundle, source.file),
            "precision": self.options.precision,
            "batch": f"1 to {request.max_batch}, best at {request.opt_batch}",
            "workspace": f"{request.workspace_mb} MB",
        }

    def _present(self, bundle: Bundle[Any], library: Library, facts: dict[str, str]) -> Artifact | None:
        """The engine that was asked for, if the bundle has it and it may be opened; else says why it must be built."""
        present = bundle.artifact(library.name, self.options.precision)
        if present is None or self.options.rebuild:
            return None
        built_for = present.built_for
        changed = [f"{name} was {built_for.get(name)}" for name in facts if built_for.get(name) != facts[name]]
        try:
            open_artifact(bundle, present).close()
        except BackendUnavailable as error:
            self.say(f"building anew: {str(error).partition('. Build it here')[0]}")
            return None
        if changed:
            self.say(f"building anew: {'; '.join(changed)}")
            return None
        self.say(f"{present.file} is up to date: --rebuild builds it anyway")
        return present

    def _built(self, bundle: Bundle[Any], source: Artifact, library: Library) -> BuiltEngine:
        model = bundle.checked(source.file)
        if self.options.precision == "int8":
            import onnx

            model = to_symmetric(onnx.load_from_string(model)).SerializeToString()
        self.say(f"building with {library.name} {library.version}; this takes seconds to minutes")
        watch = BuildMonitor(self.progress, self.say)
        plan = build(library, model, bundle.manifest.preprocessing, self.options.request, watch=watch)
        self.say(f"built in {plan.elapsed_s:.1f} s, {len(plan.data) / 1e6:.1f} MB, layers {plan.layer_types}")
        if self.options.precision != "int8":  # before fusion, int8 is in pairs around layers that are still floats
            check_precision(plan.layer_types, self.options.precision, f"the network given to {library.name}")
        return plan

    def _named(self, library: Library, built_for: dict[str, str]) -> Artifact:
        """The engine's entry in the manifest, without what it was judged to be."""
        stem, request = f"{library.name}-{self.options.precision}", self.options.request
        return Artifact(
            format=library.name,
            precision=self.options.precision,
            file=f"engines/{stem}.plan",
            calibration=Calibration(),
            batch=(1, request.opt_batch, request.max_batch),
            built_for=built_for,
            parity=f"parity/{stem}.json",
        )


class EngineRun(EngineWork):
    """One run for a classifier's bundle."""

    def run(self) -> tuple[ModelBundle, Artifact]:
        """The bundle with its engine: the one that is there if it may still be opened, else a new one.

        Raises `BackendUnavailable` without library or GPU, `BuildFailed`, `ParityRefused`, `UsageError`,
        `Cancelled`. Whatever it raises, the bundle stays as it was.
        """
        bundle = ModelBundle.open(self.options.bundle)
        source = source_of(bundle, self.options.precision)
        library, cuda = find_library(self.options.library), load_cuda()
        facts = self._facts(bundle, source) | library.facts() | cuda.gpu().facts()
        present = self._present(bundle, library, facts)
        if present is not None:
            return bundle, present
        plan = self._built(bundle, source, library)
        evidence = gather(bundle, self.options.photos, self.progress)
        with closing(EngineBackend(library, plan.data, cuda, label=self.options.precision)) as engine:
            check_precision(inspected_types(engine.information()), self.options.precision, "the engine")
            judged, verdict = self._judged(evidence, engine, source)
            self.say(parity_report.summary(verdict))
            if not verdict.passed:
                raise parity_report.refusal(verdict)
            named = self._named(library, sealed(facts, plan.data))
            artifact = replace(named, calibration=judged.side.calibration, accuracy=judged.accuracy)
            proof = _written(parity_report.bound(verdict, plan.data), artifact)
            files = {artifact.file: plan.data, **proof, **_expectations(bundle, artifact, engine)}
        return self._publish(bundle, artifact, files), artifact

    def _judged(
        self, evidence: ReferenceSet, engine: EngineBackend, source: Artifact
    ) -> tuple[Judgement, ParityReport]:
        name = f"{engine.runs_on.partition(' ·')[0]} {self.options.precision}"
        outputs = run_all(engine, evidence.images, self.progress, f"running {name}")
        judged = evidence.judged(name, outputs, source.calibration)
        few = evidence.images[:INVARIANCE_PHOTOS]
        invariance = batch_invariance(engine.run, few, outputs.logits[: len(few)])
        notes = (
            f"ran on {engine.runs_on}",
            f"batches that ran as CUDA graphs: {', '.join(map(str, engine.recorded())) or 'none'}",
        )
        verdict = compare(
            evidence.reference, judged.side, evidence.photos, self.options.precision,
            invariance=invariance, notes=notes,
        )  # fmt: skip
        return judged, verdict

    def _publish(self, bundle: ModelBundle, artifact: Artifact, files: dict[str, bytes]) -> ModelBundle:
        others = [a for a in bundle.manifest.artifacts if a.file != artifact.file]
        with draft(self.options.bundle, start_from=bundle) as folder:
            for name, data in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(data)
            return commit(folder, replace(bundle.manifest, artifacts=(*others, artifact)), self.options.bundle)


def check_precision(types: dict[str, int], precision: Precision, what: str) -> None:
    """Raise `ParityRefused` unless layers of `types` (counts) are what `precision` promises."""
    computing = sum(types.get(kind, 0) for kind in ("FLOAT", "HALF", "INT8"))
    if not computing:
        raise ParityRefused(
            "{what} doesn't tell its layers' types, so nobody can say that it is {precision}",
            what=what,
            precision=precision,
        )
    if precision == "fp32":
        lower = computing - types.get("FLOAT", 0)
        if lower:
            raise ParityRefused(
                "{what} has {number} layers of lower precision, but fp32 was asked for", what=what, number=lower
            )
        return
    kind, least = LEAST_SHARE[precision]
    share = types.get(kind, 0) / computing
    if share < least:
        raise ParityRefused(
            "{what} has {share:.0%} {precision} layers; {precision} means at least {least:.0%}",
            what=what,
            share=share,
            precision=precision,
            least=least,
        )


def _written(verdict: ParityReport, artifact: Artifact) -> dict[str, bytes]:
    stem = f"parity/{artifact.format}-{artifact.precision}"
    return {f"{stem}.json": parity_report.as_json(verdict), f"{stem}.md": parity_report.as_markdown(verdict).encode()}


def _expectations(bundle: ModelBundle, artifact: Artifact, engine: EngineBackend) -> dict[str, bytes]:
    """The golden file with what the admitted engine answers, so that `verify` notices when that changes."""
    if verification.FILE not in bundle.manifest.files:
        return {}
    outputs = engine.run(verification.read_golden(bundle).images)
    data = golden.with_expected(bundle.checked(verification.FILE), artifact.file, outputs)
    return {verification.FILE: data}


def source_of(bundle: Bundle[Any], precision: Precision) -> Artifact:
    """The ONNX artifact that an engine is built from. Raises `UsageError` where the bundle has none."""
    artifact = bundle.artifact("onnx", precision)
    if artifact is None:
        raise UsageError(
            "{folder} has no ONNX {precision}: avistar export {verb} {folder} --precision {precision}",
            folder=bundle.folder,
            verb=bundle.manifest.EXPORT,
            precision=precision,
        )
    return artifact
