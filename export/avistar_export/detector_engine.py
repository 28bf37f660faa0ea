"""From a detector's bundle to an engine in it: built, and judged by what its ONNX file finds in the same pictures."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avistar.arrays import read_arrays
from avistar.backends.cuda import load_cuda
from avistar.backends.engine_backend import EngineBackend
from avistar.backends.engine_seal import sealed
from avistar.backends.factory import open_artifact
from avistar.backends.tensorrt_library import find_library
from avistar.boxes import Box
from avistar.bundle import DetectorBundle, commit_detector, draft
from avistar.detector import Detector
from avistar.detector_verification import FILE, FOLDER, read_expected, rows_of
from avistar.errors import ImageError
from avistar.images.decode import load
from avistar.images.geometry import Pixels
from avistar.manifest import Artifact
from avistar_export import detector_parity
from avistar_export.detector_export import content_of, photos_in
from avistar_export.detector_parity import BoxReport, Content, compare_boxes
from avistar_export.engine_export import EngineWork, check_precision, source_of
from avistar_export.errors import ParityRefused
from avistar_export.tensorrt_builder import inspected_types

Found = list[tuple[Box, ...]]


class DetectorEngineRun(EngineWork):
    """One run for a detector's bundle."""

    def run(self) -> tuple[DetectorBundle, Artifact]:
        """The bundle with its engine: the one that is there if it may still be opened, else a new one.

        Raises as `EngineRun.run` does; whatever it raises, the bundle stays as it was.
        """
        bundle = DetectorBundle.open(self.options.bundle)
        source = source_of(bundle, self.options.precision)
        library, cuda = find_library(self.options.library), load_cuda()
        facts = self._facts(bundle, source) | library.facts() | cuda.gpu().facts()
        present = self._present(bundle, library, facts)
        if present is not None:
            return bundle, present
        plan = self._built(bundle, source, library)
        pictures, content = self._pictures(bundle)
        with closing(open_artifact(bundle, source)) as judge:
            reference = self._found(Detector(bundle, judge), pictures, f"running the {source.precision} ONNX file")
        label, outputs = self.options.precision, bundle.manifest.OUTPUTS
        with closing(EngineBackend(library, plan.data, cuda, label=label, outputs=outputs)) as engine:
            check_precision(inspected_types(engine.information()), label, "the engine")
            detector = Detector(bundle, engine)
            report = self._judged(detector, pictures, content, reference)
            report = replace(report, artifact_sha256=hashlib.sha256(plan.data).hexdigest())
            artifact = replace(self._named(library, sealed(facts, plan.data)), accuracy=_accuracy(report))
            files = {artifact.file: plan.data, **_proof(report, artifact), **_expectations(bundle, artifact, detector)}
        return self._publish(bundle, artifact, files), artifact

    def _pictures(self, bundle: DetectorBundle) -> tuple[list[Pixels], list[Content]]:
        """What the engine is judged on, and what it shows: "" of the golden pictures, where nobody told."""
        side = bundle.manifest.preprocessing.side
        if self.options.photos is None:
            names, _ = read_expected(bundle, source_of(bundle, self.options.precision).file)
            golden = [load(bundle.checked(f"{FOLDER}/{name}"), at_least=side).pixels for name in names]
            return golden, [""] * len(golden)
        paths = photos_in(self.options.photos)
        content = [content_of(path, self.options.photos) for path in paths]
        return [load(path, at_least=side).pixels for path in paths], content

    def _found(self, detector: Detector, pictures: Sequence[Pixels], doing: str, batch: int = 1) -> Found:
        found: Found = []
        for start in range(0, len(pictures), batch):
            for boxes in detector.detect_many(pictures[start : start + batch]):
                if isinstance(boxes, ImageError):
                    raise ParityRefused("refused: the engine gives no numbers for a picture")
                found.append(boxes)
            self.progress(doing, len(found), len(pictures))
        return found

    def _judged(
        self, detector: Detector, pictures: Sequence[Pixels], content: Sequence[Content], reference: Found
    ) -> BoxReport:
        """The verdict on what it finds one by one; in batches it must find the same. Raises `ParityRefused`."""
        precision, threshold = self.options.precision, detector.threshold
        alone = self._found(detector, pictures, "running the engine")
        notes = (f"ran on {detector.provenance.runs_on}", f"compared with the {precision} ONNX file on the CPU")
        report = compare_boxes(reference, alone, content, precision=precision, threshold=threshold, notes=notes)
        self.say(report.summary)
        if not report.passed:
            raise ParityRefused("refused: {summary}", summary=report.summary)
        together = self._found(detector, pictures, "running batches", self.options.request.opt_batch)
        batches = compare_boxes(alone, together, content, precision="fp16", threshold=threshold)
        if not batches.passed:
            raise ParityRefused("refused: batches find other boxes than single pictures: {summary}",
                                summary=batches.summary)  # fmt: skip
        return report

    def _publish(self, bundle: DetectorBundle, artifact: Artifact, files: dict[str, bytes]) -> DetectorBundle:
        others = [a for a in bundle.manifest.artifacts if a.file != artifact.file]
        with draft(self.options.bundle, start_from=bundle) as folder:
            for name, data in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(data)
            made = replace(bundle.manifest, artifacts=(*others, artifact))
            return commit_detector(folder, made, self.options.bundle)


def _accuracy(report: BoxReport) -> dict[str, float]:
    animals, blanks = report.animals, report.blanks
    return {
        "animals": float(animals[0]), "animals_found": animals[2] / max(animals[0], 1),
        "blanks": float(blanks[0]), "blanks_boxed": blanks[2] / max(blanks[0], 1),
    }  # fmt: skip


def _proof(report: BoxReport, artifact: Artifact) -> dict[str, bytes]:
    stem = f"parity/{artifact.format}-{artifact.precision}"
    text = detector_parity.as_markdown(report).encode()
    return {f"{stem}.json": detector_parity.as_json(report), f"{stem}.md": text}


def _expectations(bundle: DetectorBundle, artifact: Artifact, detector: Detector) -> dict[str, bytes]:
    """The golden file with what the admitted engine finds, so that `verify` notices when that changes."""
    if FILE not in bundle.manifest.files:
        return {}
    arrays: dict[str, NDArray[Any]] = dict(read_arrays(bundle.checked(FILE), FILE))
    names = map(str, arrays["names"])
    found = [detector.detect(bundle.checked(f"{FOLDER}/{name}")) for name in names]
    stream = io.BytesIO()
    np.savez_compressed(stream, **{**arrays, f"boxes/{artifact.file}": rows_of(found)})  # type: ignore[arg-type]
    return {FILE: stream.getvalue()}
