"""What an engine is judged by on its device: held-out photos, any photos, or the bundle's golden pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Outputs
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import ModelBundle
from avistar.dataset import photo_place, relative_name
from avistar.errors import ImageError, UsageError
from avistar.familiarity import Familiarity, familiarity_of
from avistar.images.decode import prepare
from avistar.manifest import Artifact, Calibration, Precision
from avistar.progress import StepProgress
from avistar.scan import Scan
from avistar.split import SPLIT_FILE
from avistar.verification import read_golden
from avistar_export.held_out import Judgement, judge, read_held_out, run_all, trustworthy_split
from avistar_export.parity import HeldOut, Side

MOST_PHOTOS = 1000
"""Photos of a folder that are read: they prove 0.3 %, and a device's CPU runs the reference on each."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceSet:
    """Pictures uint8 [N, H, W, 3], and what the reference answers to them."""

    images: NDArray[np.uint8]
    photos: HeldOut
    reference: Side
    familiarity: Familiarity | None

    def judged(self, name: str, outputs: Outputs, calibration: Calibration) -> Judgement:
        """The engine's side of the gate; without labels it keeps its ONNX artifact's `calibration`."""
        if self.photos.labelled and self.familiarity is not None:
            return judge(name, outputs, self.photos, self.familiarity)
        return Judgement(_side(name, outputs, calibration, self.familiarity), {})


def gather(bundle: ModelBundle, folder: Path | None, progress: StepProgress) -> ReferenceSet:
    """The best that there is: held-out photos if `folder` has them, else its pictures, else the golden ones.

    Raises `UsageError` for a folder without pictures, `BundleError` where the bundle has no golden ones.
    """
    if folder is None:
        return _golden(bundle)
    if not folder.exists():
        raise UsageError("{folder} isn't there: --photos names the photos of the training, or a folder", folder=folder)
    reference = _reference(bundle)
    if _holds_split(bundle, folder):
        gallery = read_held_out(bundle, trustworthy_split(bundle), folder, progress)
        images, photos = gallery.images, gallery.held_out
    else:
        images, photos = _pictures(bundle, folder, progress)
    name, familiarity = f"ONNX {reference.precision}", familiarity_of(bundle)
    with closing(OnnxBackend(bundle.checked(reference.file))) as backend:
        outputs = run_all(backend, images, progress, f"running {name}")
    if photos.labelled:
        return ReferenceSet(images, photos, judge(name, outputs, photos, familiarity).side, familiarity)
    photos = replace(photos, truth=outputs.logits.argmax(axis=1))
    return ReferenceSet(images, photos, _side(name, outputs, reference.calibration, familiarity), familiarity)


def _golden(bundle: ModelBundle) -> ReferenceSet:
    expected = read_golden(bundle)
    known = [a for a in _by_exactness(bundle) if a.file in expected.logits]
    if not known:
        raise UsageError(
            "{folder} expects nothing of its golden pictures: name photos with --photos FOLDER", folder=bundle.folder
        )
    logits = expected.logits[known[0].file]
    outputs = Outputs(logits, np.zeros((len(logits), 0), np.float32))
    photos = HeldOut(
        files=expected.names,
        truth=logits.argmax(axis=1),
        species=tuple(species.id for species in bundle.manifest.species),
        judging=np.ones(len(logits), bool),
        basis="pictures of the bundle, whose expected answers came with it",
        labelled=False,
        embedded=False,
    )
    side = _side(f"the expected answers of ONNX {known[0].precision}", outputs, known[0].calibration, None)
    return ReferenceSet(expected.images, photos, side, None)


def _reference(bundle: ModelBundle) -> Artifact:
    artifacts = _by_exactness(bundle)
    if not artifacts:
        raise UsageError(
            "{folder} has no ONNX artifact to compare with: avistar export onnx {folder}", folder=bundle.folder
        )
    return artifacts[0]


def _by_exactness(bundle: ModelBundle) -> list[Artifact]:
    """ONNX artifacts, the most exact first: where fp32 was left out, what was judged by it stands in for it."""
    precisions: tuple[Precision, ...] = ("fp32", "fp16", "int8")
    found = [bundle.artifact("onnx", precision) for precision in precisions]
    return [artifact for artifact in found if artifact is not None]


def _holds_split(bundle: ModelBundle, folder: Path) -> bool:
    if SPLIT_FILE not in bundle.manifest.files:
        return False
    split, place = trustworthy_split(bundle), photo_place(folder)
    return all(place.holds(photo.file) for photo in (*split.validation, *split.test))


def _pictures(bundle: ModelBundle, folder: Path, progress: StepProgress) -> tuple[NDArray[np.uint8], HeldOut]:
    """Pictures under `folder`, evenly picked; those that can't be read are left out."""
    files = [Path(path) for path in Scan([str(folder)])] if folder.is_dir() else []
    files = files[:: max(1, -(-len(files) // MOST_PHOTOS))]
    read = list(_readable(bundle, files, progress))
    if not read:
        raise UsageError("{folder} holds no picture that can be read", folder=folder)
    names = tuple(relative_name(str(path), folder) for path, _ in read)
    photos = HeldOut(
        files=names,
        truth=np.zeros(len(read), np.int64),
        species=tuple(species.id for species in bundle.manifest.species),
        judging=np.ones(len(read), bool),
        basis="photos whose species nobody told: what the reference answers counts as true",
        labelled=False,
    )
    return np.stack([pixels for _, pixels in read]), photos


def _readable(
    bundle: ModelBundle, files: list[Path], progress: StepProgress
) -> Iterator[tuple[Path, NDArray[np.uint8]]]:
    for done, path in enumerate(files, 1):
        progress("reading photos", done, len(files))
        try:
            yield path, prepare(path, bundle.manifest.preprocessing)[0]
        except ImageError:
            continue


def _side(name: str, outputs: Outputs, calibration: Calibration, familiarity: Familiarity | None) -> Side:
    familiar = np.ones(len(outputs.logits), bool)
    if familiarity is not None:
        with np.errstate(invalid="ignore", over="ignore"):
            familiar = familiarity(outputs) >= calibration.familiarity_floor
    return Side(name, outputs, calibration, familiar)
