"""From somebody else's detector to a bundle: bring to the contract, run once, judge, and only then publish."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.backends.onnx_backend import OnnxBackend
from avistar.boxes import Box
from avistar.bundle import DetectorBundle, commit_detector, draft
from avistar.detector import Detector
from avistar.detector_verification import FILE, FOLDER, rows_of
from avistar.errors import BackendUnavailable, ImageError, UsageError
from avistar.images.decode import SUFFIXES, load
from avistar.images.geometry import letterboxed
from avistar.manifest import Artifact, Calibration, DetectorManifest, Letterbox, Precision
from avistar.message import Message, reason_of
from avistar.scan import Scan
from avistar_export import detector_graph, detector_parity
from avistar_export.detector_graph import AdoptedGraph, DetectorSource
from avistar_export.detector_pair import Fusion, paired
from avistar_export.detector_parity import BoxReport, Content, compare_boxes
from avistar_export.errors import BuildFailed, ParityRefused
from avistar_export.fp16 import to_half
from avistar_export.golden import shipped_pictures
from avistar_export.int8 import LADDER, Quantiser

FILES: dict[Precision, str] = {
    "fp32": "detector.onnx", "fp16": "detector.fp16.onnx", "int8": "detector.int8.onnx",
}  # fmt: skip
OPERATORS = ("Conv", "Add", "Concat", "MaxPool", "Resize", "LeakyRelu")
"""What runs in eight bits. Activations' sigmoids and products don't: a fifth faster, but scores moved by 0.05."""
RANGE_PHOTOS = 150
SHOWN = 8
"""Names of classes that are told."""
PEAK_PHOTOS = 12
BLANK_FOLDERS = frozenset({"blank", "empty", "vacio", "vacía", "vacío"})
OTHER_FOLDERS = frozenset({"person", "human", "vehicle"})


@dataclass(frozen=True, slots=True)
class DetectorPlan:
    """What to make of a detector's file.

    Attributes:
        file: The ONNX file.
        source: What has to be known of it.
        out: The bundle's folder.
        photos: Held-out photos; those in folders named blank or empty show nothing.
        ranges: Photos on which int8 sets its ranges, none of `photos`.
        precisions: What to write.
        architecture: For people, such as "yolox_tiny".
        pad: Grey around a picture, 0 to 255.
        threshold: Least score of a box that counts.
        licence: Whose it is and under which licence, in a sentence.
        second: Another detector's file and source, which judges each box too; None for one detector alone.
        fusion: How the scores of two become one.
    """

    file: Path
    source: DetectorSource
    out: Path
    photos: Path
    ranges: Path | None = None
    precisions: tuple[Precision, ...] = ("fp16", "int8")
    architecture: str = "detector"
    pad: int = 114
    threshold: float = 0.2
    licence: str = ""
    second: tuple[Path, DetectorSource] | None = None
    fusion: Fusion = field(default_factory=Fusion)

    def __post_init__(self) -> None:
        if not self.licence:
            raise UsageError("--licence: say in a sentence whose detector it is and under which licence")
        if "int8" in self.precisions and self.ranges is None:
            raise UsageError("int8 needs --ranges, a folder of other photos than --photos on which to set its ranges")


@dataclass(frozen=True, slots=True, eq=False)
class AdmittedDetector:
    """A judged artifact: its bytes, the boxes of the golden pictures, and the verdict."""

    artifact: Artifact
    data: bytes
    golden: list[tuple[Box, ...]]
    report: BoxReport


@dataclass(slots=True)
class DetectorExport:
    """One run. `progress` hears of long steps, `say` of results, one line each."""

    plan: DetectorPlan
    progress: Callable[[str, int, int], None]
    say: Callable[[str], None]
    made: list[AdmittedDetector] = field(default_factory=list)
    left_out: dict[str, ParityRefused | BuildFailed] = field(default_factory=dict)
    _content: list[Content] = field(default_factory=list)
    _photos: list[Path] = field(default_factory=list)

    def run(self) -> DetectorBundle:
        """Adopt, judge and publish what passes; `left_out` then has what doesn't, and why.

        Raises `ParityRefused` or `BuildFailed` where nothing passes, `UsageError`, `BundleError`.
        """
        graph = self._graph()
        manifest = DetectorManifest(
            self.plan.out.name, self.plan.architecture, graph.classes,
            Letterbox(graph.side, self.plan.pad), (), threshold=self.plan.threshold,
        )  # fmt: skip
        model = graph.model
        detector_graph.check(model, manifest)
        self._photos = photos_in(self.plan.photos)
        self._content = [content_of(path, self.plan.photos) for path in self._photos]
        reference = self._found(model, manifest, "fp32")
        if "fp32" in self.plan.precisions:
            self._admit(model, manifest, "fp32", reference)
        for precision in [one for one in ("fp16", "int8") if one in self.plan.precisions]:
            try:
                self._admit_smaller(precision, model, manifest, reference)
            except (ParityRefused, BuildFailed) as refusal:
                self.left_out[precision] = refusal
                self.say(Message("{precision} is left out: {reason}", precision=precision, reason=refusal))
        if not self.made:
            raise next(iter(self.left_out.values()))
        return self._publish(manifest)

    def _admit_smaller(
        self, precision: str, model: Any, manifest: DetectorManifest, reference: list[tuple[Box, ...]]
    ) -> None:
        if precision == "int8":
            self._climb(model, manifest, reference)
            return
        self.say("converting to half precision")
        half, facts = to_half(model, self._pictures(self._photos[:PEAK_PHOTOS], manifest))
        note = f"{facts.half_nodes} of {facts.half_nodes + facts.float_nodes} nodes are half precision"
        self._admit(half, manifest, "fp16", reference, notes=(note,))

    def _graph(self) -> AdoptedGraph:
        """What is to be judged: the detector, or both in one."""
        files = [(self.plan.file, self.plan.source), *([self.plan.second] if self.plan.second else [])]
        graphs = [_counted(detector_graph.adopt(_bytes(file), source)) for file, source in files]
        for (file, _), graph in zip(files, graphs, strict=True):
            if graph.left_out:
                self.say(_left_out(file, graph.left_out))
        return graphs[0] if len(graphs) == 1 else paired(graphs[0], graphs[1], self.plan.fusion)

    def _climb(self, model: Any, manifest: DetectorManifest, reference: list[tuple[Box, ...]]) -> None:
        assert self.plan.ranges is not None  # noqa: S101 the plan saw to it
        paths = photos_in(self.plan.ranges)
        shared = {path.resolve() for path in paths} & {path.resolve() for path in self._photos}
        if shared:
            raise UsageError(
                "--ranges and --photos share {count} photos, such as {example}", count=len(shared), example=min(shared)
            )
        chosen = np.random.default_rng(0).permutation(len(paths))[:RANGE_PHOTOS]
        images = self._pictures([paths[i] for i in chosen], manifest)
        with closing(Quantiser(model, images, operators=OPERATORS)) as quantiser:
            for rung in LADDER:
                self.say(f"quantising: {rung.name}")
                made, facts = quantiser.quantise(rung)
                kept = ", ".join(facts.kept) or "none"
                note = f"ranges set on {facts.photos} photos; besides the heads' last convolutions in fp32: {kept}"
                try:
                    self._admit(made, manifest, "int8", reference, notes=(note,))
                except ParityRefused as refusal:
                    if rung is LADDER[-1]:
                        raise
                    self.say(str(refusal))
                else:
                    return

    def _admit(
        self,
        model: Any,
        manifest: DetectorManifest,
        precision: Precision,
        reference: list[tuple[Box, ...]],
        *,
        notes: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        found = self._found(model, manifest, precision)
        report = compare_boxes(
            reference, found, self._content, precision=precision, threshold=manifest.threshold, notes=notes
        )
        self.say(report.summary)
        if not report.passed:
            raise ParityRefused("refused: {summary}", summary=report.summary)
        animals, blanks = report.animals, report.blanks
        accuracy = {
            "animals": float(animals[0]), "animals_found": animals[2] / max(animals[0], 1),
            "blanks": float(blanks[0]), "blanks_boxed": blanks[2] / max(blanks[0], 1),
        }  # fmt: skip
        artifact = Artifact(
            "onnx",
            precision,
            FILES[precision],
            Calibration(),
            parity=f"parity/onnx-{precision}.json",
            accuracy=accuracy,
        )
        data = detector_graph.stamp(model, manifest, artifact)
        with _opened(data, manifest, precision) as detector:
            golden = [detector.detect(picture) for _, picture in sorted(shipped_pictures().items())]
        report = replace(report, artifact_sha256=hashlib.sha256(data).hexdigest())
        self.made.append(AdmittedDetector(artifact, data, golden, report))

    def _found(self, model: Any, manifest: DetectorManifest, precision: Precision) -> list[tuple[Box, ...]]:
        """What a graph finds in the held-out photos."""
        found: list[tuple[Box, ...]] = []
        with _opened(model.SerializeToString(), manifest, precision) as detector:
            for number, path in enumerate(self._photos):
                found.append(detector.detect(path))
                self.progress(f"running {precision}", number + 1, len(self._photos))
        return found

    def _pictures(self, paths: list[Path], manifest: DetectorManifest) -> NDArray[np.uint8]:
        letterbox = manifest.preprocessing
        return np.stack([letterboxed(load(path, at_least=letterbox.side).pixels, letterbox) for path in paths])

    def _publish(self, manifest: DetectorManifest) -> DetectorBundle:
        with draft(self.plan.out) as folder:
            (folder / "parity").mkdir()
            (folder / FOLDER).mkdir()
            pictures = shipped_pictures()
            arrays: dict[str, Any] = {"names": np.array(sorted(pictures))}
            for one in self.made:
                (folder / one.artifact.file).write_bytes(one.data)
                stem = folder / "parity" / f"onnx-{one.artifact.precision}"
                stem.with_suffix(".json").write_bytes(detector_parity.as_json(one.report))
                stem.with_suffix(".md").write_text(detector_parity.as_markdown(one.report), "utf-8")
                arrays[f"boxes/{one.artifact.file}"] = rows_of(one.golden)
            for name, data in pictures.items():
                (folder / FOLDER / name).write_bytes(data)
            stream = io.BytesIO()
            np.savez_compressed(stream, **arrays)
            (folder / FILE).write_bytes(stream.getvalue())
            done = replace(
                manifest,
                artifacts=tuple(one.artifact for one in self.made),
                accuracy=self.made[-1].artifact.accuracy,
                provenance=self._provenance(),
            )
            (folder / "README.md").write_text(_card(done, self.plan, folder), "utf-8")
            return commit_detector(folder, done, self.plan.out)

    def _provenance(self) -> dict[str, Any]:
        versions = {name: version(name) for name in ("onnx", "onnxruntime", "numpy", "Pillow")}
        return {
            "licence": self.plan.licence,
            "family": self.plan.source.family,
            "date": datetime.now(UTC).date().isoformat(),
            "versions": versions,
        }


def _opened(data: bytes, manifest: DetectorManifest, precision: Precision) -> Detector:
    backend = OnnxBackend(data, label=precision, outputs=manifest.OUTPUTS)
    return Detector(DetectorBundle(Path(), manifest), backend)


def _left_out(file: Path, names: Sequence[str]) -> Message:
    shown = ", ".join(names[:SHOWN])
    if len(names) <= SHOWN:
        return Message("{file}: classes that are left out: {names}", file=file.name, names=shown)
    more = len(names) - SHOWN
    return Message("{file}: classes that are left out: {names} and {more} more", file=file.name, names=shown, more=more)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError("{file} can't be read: {reason}", file=file, reason=reason_of(error)) from error


def _counted(graph: AdoptedGraph) -> AdoptedGraph:
    """The graph with its number of boxes; runs two pictures at once, which every backend must be able to."""
    side = graph.side
    try:
        with closing(OnnxBackend(graph.model.SerializeToString(), outputs=DetectorManifest.OUTPUTS)) as backend:
            boxes, scores = backend.arrays(np.zeros((2, side, side, 3), np.uint8))
    except BackendUnavailable as error:
        raise BuildFailed(
            "the detector can't look at two pictures at once: export it with a free batch size ({error})", error=error
        ) from error
    if boxes.shape[0] != 2 or scores.shape[:2] != boxes.shape[:2]:
        raise BuildFailed(
            "two pictures give boxes {boxes} and scores {scores}", boxes=list(boxes.shape), scores=list(scores.shape)
        )
    return replace(graph, model=detector_graph.with_anchors(graph.model, boxes.shape[1]))


def photos_in(folder: Path) -> list[Path]:
    """The photos below a folder that can be read. Raises `UsageError` where there is none."""
    found = []
    for path in Scan([str(folder)], SUFFIXES):
        try:
            load(path, at_least=64)
        except ImageError:
            continue
        found.append(Path(path))
    if not found:
        raise UsageError("{folder} holds no photo that can be read", folder=folder)
    return found


def content_of(path: Path, root: Path) -> Content:
    """What a photo shows by the names of its folders below `root`."""
    folders = {part.casefold() for part in path.relative_to(root).parts[:-1]}
    if folders & BLANK_FOLDERS:
        return "blank"
    return "" if folders & OTHER_FOLDERS else "animal"


def _card(manifest: DetectorManifest, plan: DetectorPlan, folder: Path) -> str:
    rows = [
        f"| {one.precision} | `{one.file}` | {(folder / one.file).stat().st_size / 1e6:.1f} "
        f"| {one.accuracy['animals_found']:.1%} of {one.accuracy['animals']:.0f} "
        f"| {one.accuracy['blanks_boxed']:.1%} of {one.accuracy['blanks']:.0f} |"
        for one in manifest.artifacts
    ]
    letterbox = manifest.preprocessing
    return "\n".join(
        [
            f"# {manifest.name}: {manifest.architecture} that finds {', '.join(manifest.classes)}",
            "",
            f"Finds where something is, not what it is. {plan.licence}",
            "",
            f"Sees {letterbox.side}×{letterbox.side} px: the longer side scaled, filled up at the right and below with "
            f"{letterbox.pad}. Boxes count from {manifest.threshold:g} on; of two that overlap by more than "
            f"{manifest.overlap:g} (IoU) the surer one remains.",
            "",
            "| artifact | file | MB | photos with an animal that have a box | blank photos that have a box |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "Each artifact was compared with the network in fp32 on held-out photos before it was written: `parity/`.",
            "",
        ]
    )
