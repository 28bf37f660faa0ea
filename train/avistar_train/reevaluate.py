"""The analysis of a bundle renewed from its photos, for any ONNX artifact; needs no training library."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from avistar.backends import Backend, Outputs
from avistar.backends.factory import open_backend
from avistar.bundle import ModelBundle, commit, draft
from avistar.dataset import PhotoSet, read_data
from avistar.errors import ImageError, UsageError
from avistar.evaluation.metrics import evaluate
from avistar.evaluation.stored import JudgedArtifact, has_analysis, read_analysis, write_analysis
from avistar.familiarity import familiarity_of
from avistar.images.decode import prepare_batch
from avistar.manifest import Precision
from avistar.progress import StepProgress
from avistar.species_file import SpeciesList
from avistar.split import LabelledPhoto, required_split
from avistar_train.evaluate import TestAnswers, analyse
from avistar_train.publish import write_card

BATCH = 16


def rejudge(folder: Path, photos: Path, precision: Precision | None = None, *, progress: StepProgress) -> ModelBundle:
    """Judge an artifact of the bundle in `folder` (default: what a CPU runs) on the test photos of its split.

    Renews `analysis/`, the validation figures and the model card; learning curves stay as they were. Raises
    `UsageError` where photos of the split are missing, `BundleError` for a bundle without ONNX artifacts.
    """
    bundle = ModelBundle.open(folder)
    manifest, divided = bundle.manifest, required_split(bundle)
    data = read_data(photos, SpeciesList(manifest.species, manifest.groups))
    choice = open_backend(bundle, "cpu", precision=precision)
    with closing(choice.backend):
        validation = _answers(choice.backend, data, divided.validation, bundle, progress=progress)
        test = _answers(choice.backend, data, divided.test, bundle, progress=progress)
    artifact, names = choice.artifact, [species.id for species in manifest.species]
    judged = JudgedArtifact(
        f"{artifact.format} {artifact.precision}",
        manifest.files[artifact.file].sha256,
        artifact.calibration.temperature,
        artifact.calibration.familiarity_floor,
    )
    analysis = analyse(
        test,
        names,
        familiarity_of(bundle),
        judged=judged,
        history=read_analysis(bundle).history if has_analysis(bundle) else (),
    )
    chosen_by = evaluate(validation.outputs.logits, validation.truth(names), names, judged.temperature)
    manifest = replace(manifest, provenance=manifest.provenance | {"validation": chosen_by.summary()})
    with draft(folder, bundle) as temporary:
        write_analysis(temporary, analysis)
        write_card(temporary, manifest, divided, analysis)
        return commit(temporary, manifest, folder)


def _answers(
    backend: Backend, data: PhotoSet, photos: tuple[LabelledPhoto, ...], bundle: ModelBundle, *, progress: StepProgress
) -> TestAnswers:
    if not photos:
        raise UsageError("the split of {folder} sets no photos aside, so nothing can be judged", folder=bundle.folder)
    parts = []
    for start in range(0, len(photos), BATCH):
        some = photos[start : start + BATCH]
        try:
            pixels = prepare_batch([data.source(photo) for photo in some], bundle.manifest.preprocessing)
        except ImageError as error:
            raise UsageError(
                "{error}; the bundle's split lists it: give the photos that training read", error=error
            ) from error
        parts.append(backend.run(pixels))
        progress("looking at photos", start + len(some), len(photos))
    outputs = Outputs(np.concatenate([p.logits for p in parts]), np.concatenate([p.embedding for p in parts]))
    return TestAnswers(photos, outputs)
