"""From a trained bundle to one with ONNX artifacts: build, run once, judge, and only then publish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from avistar import verification
from avistar.backends import Backend, Outputs
from avistar.backends.onnx_backend import OnnxBackend
from avistar.backends.openvino_backend import OpenVinoBackend
from avistar.bundle import ModelBundle, commit, draft
from avistar.card import with_artifacts
from avistar.dataset import photo_place
from avistar.errors import BackendUnavailable, UsageError
from avistar.familiarity import familiarity_of
from avistar.manifest import Artifact, Calibration, Precision
from avistar.message import Message
from avistar.parallel import usable_cpus
from avistar.progress import StepProgress
from avistar_export import golden, onnx_graph, parity_report
from avistar_export.errors import BuildFailed, ParityRefused
from avistar_export.fp16 import to_half
from avistar_export.held_out import (
    Gallery,
    Judgement,
    choose_balanced,
    judge,
    read_held_out,
    read_pictures,
    run_all,
    trustworthy_split,
)
from avistar_export.int8 import CALIBRATION_PHOTOS, LADDER, Quantiser
from avistar_export.keras_network import TrainedNetwork
from avistar_export.parity import INVARIANCE_PHOTOS, ParityReport, batch_invariance, compare

FILES: dict[Precision, str] = {"fp32": "model.onnx", "fp16": "model.fp16.onnx", "int8": "model.int8.onnx"}

PEAK_PHOTOS = 24
"""Calibration photos on which the largest activations are looked for."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What to export: `drop` names artifacts ('keras', 'fp32', …) that the new bundle leaves out."""

    bundle: Path
    photos: Path
    precisions: tuple[Precision, ...]
    drop: frozenset[str] = frozenset()
    out: Path | None = None

    def __post_init__(self) -> None:
        strange = self.drop - {"keras", *FILES}
        if strange:
            raise UsageError(
                "--drop knows keras, {known}, not {strange}", known=", ".join(FILES), strange=", ".join(sorted(strange))
            )
        if not self.precisions or not set(self.precisions) - self.drop:
            raise UsageError("nothing would be left: name a --precision that isn't dropped")


@dataclass(frozen=True, slots=True, eq=False)
class AdmittedArtifact:
    """A judged artifact: its bytes, outputs on the held-out photos and the golden pictures, and the verdict."""

    artifact: Artifact
    data: bytes
    judgement: Judgement
    golden: Outputs
    report: ParityReport


class Reference(Protocol):
    """What artifacts are made of and judged by: the trained network."""

    name: str

    def backend(self) -> Backend:
        """The network as it was trained."""
        ...

    def to_onnx(self) -> Any:
        """The canonical fp32 graph. Raises `BuildFailed`."""
        ...


@dataclass(slots=True)
class Export:
    """One run. `progress` hears of long steps, `say` of results, one line each."""

    plan: ExportPlan
    progress: StepProgress
    say: Callable[[str], None]
    passed: list[AdmittedArtifact] = field(default_factory=list)
    left_out: dict[Precision, ParityRefused | BuildFailed] = field(default_factory=dict)

    def run(self) -> ModelBundle:
        """Export, judge and publish what passes; `left_out` then has what doesn't, and why.

        Raises `ParityRefused` or `BuildFailed` where fp32 fails or nothing that was asked for is left, `UsageError`,
        `BundleError`; nothing is written then.
        """
        bundle = ModelBundle.open(self.plan.bundle)
        network = self._network(bundle)
        gallery = self._gallery(bundle)
        self.say("converting the network to ONNX")
        model = network.to_onnx()
        with closing(network.backend()) as backend:
            trained = run_all(backend, gallery.images, self.progress, f"running {network.name}")
        if not gallery.held_out.labelled:
            gallery = replace(gallery, held_out=replace(gallery.held_out, truth=trained.logits.argmax(axis=1)))
        gate = _Gate(bundle, gallery, self.progress, self.say)
        reference = judge(network.name, trained, gallery.held_out, gate.familiarity)
        full = gate.admit("fp32", model, reference)
        smaller = [precision for precision in self.plan.precisions if precision != "fp32"]
        images = self._calibration_pictures(bundle) if smaller else gallery.images[:0]
        for precision in smaller:
            try:
                self._admit_smaller(precision, gate, full.judgement, model=model, images=images)
            except (ParityRefused, BuildFailed) as refusal:
                self.left_out[precision] = refusal
                self.say(Message("{precision} is left out: {reason}", precision=precision, reason=refusal))
        self.passed = gate.passed
        if self.left_out and not any(self._ships(made.artifact.precision) for made in self.passed):
            raise next(iter(self.left_out.values()))
        return self._publish(bundle)

    def _admit_smaller(
        self,
        precision: Precision,
        gate: _Gate,
        reference: Judgement,
        *,
        model: Any,
        images: NDArray[np.uint8],
    ) -> None:
        """Make fp16 or int8 of the fp32 `model` with `images` to measure ranges on, and judge it."""
        if precision == "fp16":
            self.say("converting to half precision")
            half, facts = to_half(model, images[:PEAK_PHOTOS])
            gate.admit("fp16", half, reference, notes=_half_notes(facts, len(images[:PEAK_PHOTOS])))
        else:
            made = self._climb(gate, Quantiser(model, images), reference)
            gate.try_openvino(made, reference)

    def _gallery(self, bundle: ModelBundle) -> Gallery:
        return read_held_out(bundle, trustworthy_split(bundle), self.plan.photos, self.progress)

    def _network(self, bundle: ModelBundle) -> Reference:
        artifact = bundle.artifact("keras", "fp32")
        if artifact is None:
            raise UsageError(
                "{folder} no longer holds the trained network (keras fp32), so nothing can be compared with it",
                folder=bundle.folder,
            )
        self.say("loading the trained network")
        return TrainedNetwork(bundle, artifact)

    def _calibration_pictures(self, bundle: ModelBundle) -> NDArray[np.uint8]:
        split = trustworthy_split(bundle)
        chosen = choose_balanced(split.train, CALIBRATION_PHOTOS, split.seed)
        return read_pictures(photo_place(self.plan.photos), chosen, bundle.manifest.preprocessing, self.progress)

    def _climb(self, gate: _Gate, quantiser: Quantiser, reference: Judgement) -> AdmittedArtifact:
        """Quantise, keeping more in fp32 at each step until the gate lets it pass."""
        with closing(quantiser):
            for rung in LADDER:
                self.say(f"quantising: {rung.name}")
                model, facts = quantiser.quantise(rung)
                kept = ", ".join(facts.kept) or "none"
                notes = (
                    f"ranges set on {facts.photos} training photos; {facts.convolutions} convolutions, in fp32: {kept}",
                )
                try:
                    return gate.admit("int8", model, reference, notes=notes)
                except ParityRefused as refusal:
                    if rung is LADDER[-1] or parity_report.hopeless(refusal):
                        raise
                    self.say(str(refusal))
        raise AssertionError("the last rung returns or raises")

    def _publish(self, bundle: ModelBundle) -> ModelBundle:
        target = self.plan.out or self.plan.bundle
        with draft(target, start_from=bundle) as folder:
            kept = [a for a in bundle.manifest.artifacts if not self._replaced(a)]
            self._tell_kept(kept)
            for artifact in bundle.manifest.artifacts:
                if artifact not in kept:
                    (folder / artifact.file).unlink(missing_ok=True)  # OpenVINO shares ONNX Runtime's
            shipped = [made for made in self.passed if self._ships(made.artifact.precision)]
            for made in shipped:
                (folder / made.artifact.file).write_bytes(made.data)
            (folder / "parity").mkdir(exist_ok=True)
            for made in self.passed:
                stem = folder / "parity" / f"{made.artifact.format}-{made.artifact.precision}"
                stem.with_suffix(".json").write_bytes(parity_report.as_json(made.report))
                stem.with_suffix(".md").write_text(parity_report.as_markdown(made.report), "utf-8")
            _write_golden(folder, bundle, shipped)
            artifacts = (*kept, *(made.artifact for made in shipped))
            manifest = replace(
                bundle.manifest,
                artifacts=artifacts,
                provenance=bundle.manifest.provenance | {"export": _provenance()},
            )
            card = folder / "README.md"
            before = card.read_text("utf-8") if card.is_file() else f"# {manifest.name}\n"
            card.write_text(with_artifacts(before, folder, artifacts), "utf-8")
            return commit(folder, manifest, target)

    def _replaced(self, artifact: Artifact) -> bool:
        """Whether the new bundle lacks `artifact`; what wasn't made anew stays as it was judged before."""
        if artifact.format == "keras":  # where it would go for good, it stays as long as something of it is missing
            return "keras" in self.plan.drop and not (self.left_out and self.plan.out is None)
        made = {*self.plan.precisions, *self.plan.drop} - (self.left_out.keys() - self.plan.drop)
        return artifact.format in ("onnx", "openvino") and artifact.precision in made

    def _tell_kept(self, kept: Sequence[Artifact]) -> None:
        for artifact in kept:
            if artifact.format == "keras" and "keras" in self.plan.drop:
                self.say(Message("the trained network stays, so that you can try again what is left out"))
            elif artifact.format == "onnx" and artifact.precision in self.left_out:
                self.say(Message("{file} of an earlier export stays, with its own parity report", file=artifact.file))

    def _ships(self, precision: Precision) -> bool:
        return precision in self.plan.precisions and precision not in self.plan.drop


class _Gate:
    """What every artifact is judged with, and those that passed."""

    def __init__(
        self, bundle: ModelBundle, gallery: Gallery, progress: StepProgress, say: Callable[[str], None]
    ) -> None:
        self._bundle, self._gallery, self._progress, self._say = bundle, gallery, progress, say
        self.passed: list[AdmittedArtifact] = []
        self.familiarity = familiarity_of(bundle)
        self._golden = golden.fitted(golden.shipped_pictures(), bundle.manifest.preprocessing)

    def admit(
        self, precision: Precision, model: Any, reference: Judgement, *, notes: tuple[str, ...] = ()
    ) -> AdmittedArtifact:
        """Judge `model` by `reference` and keep it. Raises `ParityRefused`, or `BuildFailed` for a bad graph."""
        manifest, photos = self._bundle.manifest, self._gallery.held_out
        onnx_graph.check(model, manifest)
        artifact = Artifact(
            "onnx", precision, FILES[precision], Calibration(),
            batch=(1, 1, 1) if onnx_graph.single(model) else None, parity=f"parity/onnx-{precision}.json",
        )  # fmt: skip
        with closing(OnnxBackend(onnx_graph.stamp(model, manifest, artifact), label=precision)) as backend:
            what = f"running ONNX {precision}"
            outputs = run_all(backend, self._gallery.images, self._progress, what)
        verdict = judge(f"ONNX {precision}", outputs, photos, self.familiarity)
        artifact = replace(artifact, calibration=verdict.side.calibration, accuracy=verdict.accuracy)
        data = onnx_graph.stamp(model, manifest, artifact)
        # The file that ships, with its metadata: it must give the rows that were measured.
        with closing(OnnxBackend(data, label=precision)) as backend:
            made = self._compared(backend, artifact, data, sides=(reference, verdict), notes=notes)
        if not made.report.passed:
            raise parity_report.refusal(made.report)
        self.passed.append(made)
        return made

    def try_openvino(self, made: AdmittedArtifact, reference: Judgement) -> None:
        """Judge the same file under OpenVINO, where that is installed; without a pass it stays ONNX Runtime's."""
        threads = usable_cpus()
        try:
            backend = OpenVinoBackend(made.data, threads=threads, label=made.artifact.precision)
        except BackendUnavailable as error:
            self._say(f"not judged under OpenVINO: {error}")
            return
        with closing(backend):
            name = f"OpenVINO {made.artifact.precision}"
            outputs = run_all(backend, self._gallery.images, self._progress, f"running {name}")
            verdict = judge(name, outputs, self._gallery.held_out, self.familiarity)
            artifact = replace(
                made.artifact,
                format="openvino",
                calibration=verdict.side.calibration,
                accuracy=verdict.accuracy,
                parity=f"parity/openvino-{made.artifact.precision}.json",
            )
            twin = self._compared(backend, artifact, made.data, sides=(reference, verdict), notes=())
        if twin.report.passed:
            self.passed.append(twin)
        else:
            self._say("OpenVINO is not used for this bundle; ONNX Runtime is")

    def _compared(
        self,
        backend: Backend,
        artifact: Artifact,
        data: bytes,
        *,
        sides: tuple[Judgement, Judgement],
        notes: tuple[str, ...],
    ) -> AdmittedArtifact:
        """What was measured of an artifact, with the gate's verdict; `sides`: reference and candidate."""
        reference, verdict = sides
        few = self._gallery.images[:INVARIANCE_PHOTOS]
        invariance = batch_invariance(backend.run, few, verdict.side.outputs.logits[:INVARIANCE_PHOTOS])
        expected = backend.run(self._golden)
        notes = (*notes, f"ran on {backend.runs_on}")
        judged = compare(
            reference.side, verdict.side, self._gallery.held_out, artifact.precision,
            invariance=invariance, notes=notes,
        )  # fmt: skip
        self._say(f"{artifact.format}: {parity_report.summary(judged)}")
        return AdmittedArtifact(artifact, data, verdict, expected, parity_report.bound(judged, data))


def _half_notes(facts: Any, photos: int) -> tuple[str, ...]:
    kept = ", ".join(facts.kept) or "none"
    return (
        f"{facts.half_nodes} of {facts.half_nodes + facts.float_nodes} nodes ({facts.share:.0%}) are half precision",
        f"largest activation on {photos} training photos: {facts.largest_activation:.0f} of 65504; "
        f"nodes kept in fp32 for their size: {kept}",
        "ONNX Runtime's CPU computes half-precision graphs in fp32 between rounded values: a GPU rounds more",
    )


def _write_golden(folder: Path, bundle: ModelBundle, shipped: list[AdmittedArtifact]) -> None:
    """Expectations of the new artifacts, beside those of artifacts that stay as they are."""
    pictures = golden.shipped_pictures()
    images = golden.fitted(pictures, bundle.manifest.preprocessing)
    outputs = {verification.golden_key(made.artifact): made.golden for made in shipped}
    if verification.FILE in bundle.manifest.files:
        earlier = verification.read_golden(bundle).logits
        for file, logits in earlier.items():
            if (folder / file.partition("@")[0]).is_file():
                outputs.setdefault(file, Outputs(logits, np.zeros((len(logits), 0), np.float32)))
    golden.write(folder, pictures, images, outputs)


def _provenance() -> dict[str, object]:
    names = ("avistar", "keras", "tensorflow", "tensorflow-cpu", "tf2onnx", "onnx", "onnxruntime", "numpy", "Pillow")
    versions = {}
    for name in names:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {"date": datetime.now(UTC).date().isoformat(), "opset": onnx_graph.OPSET, "versions": versions}
