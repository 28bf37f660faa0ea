"""Does an artifact answer on another processor as it does here? On held-out photos, by the parity gate.

    python benchmarks/other_processor.py answers ANSWERS.npz --photos PHOTOS [--bundle BUNDLE] [--count 150]
    python benchmarks/other_processor.py compare HERE.npz THERE.npz [--bundle BUNDLE]

`answers` runs on either machine (`--precision fp16` makes the reference) and keeps logits and embeddings of the same
untouched test photos, evenly picked from the bundle's split. `compare` judges the second file by the first.
scripts/try_arm.sh calls both.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from avistar.arrays import read_arrays
from avistar.backends import Outputs
from avistar.backends.factory import open_artifact
from avistar.bundle import ModelBundle
from avistar.dataset import photo_place
from avistar.familiarity import familiarity_of
from avistar.images.decode import prepare
from avistar.images.geometry import Pixels
from avistar.split import LabelledPhoto, required_split
from avistar_export import parity


def picked(bundle: ModelBundle, count: int) -> list[LabelledPhoto]:
    """`count` untouched test photos, or all, evenly spread over the sorted split."""
    photos = sorted(required_split(bundle).test, key=lambda photo: photo.file)
    return [photos[i] for i in np.linspace(0, len(photos) - 1, min(count, len(photos))).astype(int)]


def pictures(bundle: ModelBundle, folder: Path, photos: list[LabelledPhoto]) -> Iterator[Pixels]:
    """Each photo as the network sees it."""
    place = photo_place(folder)
    for photo in photos:
        yield prepare(place.source(photo.file), bundle.manifest.preprocessing)[0]


def answers(arguments: argparse.Namespace) -> None:
    """Run one artifact and keep what it says."""
    bundle = ModelBundle.open(arguments.bundle)
    artifact = bundle.artifact("onnx", arguments.precision)
    if artifact is None:
        raise SystemExit(f"{arguments.bundle} has no onnx {arguments.precision}")
    photos = picked(bundle, arguments.count)
    found: list[Outputs] = []
    with closing(open_artifact(bundle, artifact)) as backend:
        few = []
        for done, image in enumerate(pictures(bundle, arguments.photos, photos), 1):
            found.append(backend.run(image[None]))
            few = [*few, image][:4]
            print(f"\r{done} of {len(photos)}", end="", flush=True)
        whole = np.concatenate([one.logits for one in found[: len(few)]])
        invariance = parity.batch_invariance(backend.run, np.stack(few), whole, sizes=(1,))
    np.savez_compressed(
        arguments.file,
        files=np.array([photo.file for photo in photos]),
        species=np.array([photo.species for photo in photos]),
        logits=np.concatenate([one.logits for one in found]),
        embedding=np.concatenate([one.embedding for one in found]),
        invariance=np.array(invariance),
        precision=np.array(arguments.precision),
        processor=np.array(platform.machine()),
    )
    print()


def side(bundle: ModelBundle, file: Path) -> tuple[parity.Side, dict[str, np.ndarray]]:
    """What `answers` kept in `file`, as one side of the gate."""
    arrays = dict(read_arrays(file.read_bytes(), str(file)))
    artifact = bundle.artifact("onnx", str(arrays["precision"]))  # type: ignore[arg-type]
    if artifact is None:
        raise SystemExit(f"{file} is of another bundle")
    outputs = Outputs(arrays["logits"], arrays["embedding"])
    familiar = familiarity_of(bundle)(outputs) >= artifact.calibration.familiarity_floor
    return parity.Side(
        f"{arrays['precision']} on {arrays['processor']}", outputs, artifact.calibration, familiar
    ), arrays


def compare(arguments: argparse.Namespace) -> None:
    """Print the gate's verdict of the second file by the first."""
    bundle = ModelBundle.open(arguments.bundle)
    reference, here = side(bundle, arguments.file)
    candidate, there = side(bundle, arguments.other)
    if not np.array_equal(here["files"], there["files"]):
        raise SystemExit("these are answers to other photos")
    names = tuple(species.id for species in bundle.manifest.species)
    truth = np.array([names.index(name) for name in here["species"]], np.int64)
    photos = parity.HeldOut(tuple(here["files"]), truth, names, np.ones(len(truth), bool))
    precision = str(there["precision"])
    report = parity.compare(reference, candidate, photos, precision, invariance=float(there["invariance"]))  # type: ignore[arg-type]
    print(f"{bundle.manifest.name}: {report.candidate} judged by {report.reference}, {report.photos} test photos")
    print(f"top-1 {report.top1_reference:.1%} and {report.top1_candidate:.1%}; {report.flipped} answers differ")
    same = int((reference.familiar == candidate.familiar).sum())
    print(f"known or unknown: {same} of {report.photos} alike; mean change {report.mean_probability_change:.4f}")
    for one in report.criteria:
        print(
            f"  {'ok    ' if one.passed else 'FAILED'} {one.question}: {one.measured:.4g} (allowed {one.tolerance:.4g})"
        )


def main() -> None:
    """Keep answers, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    one, two = verbs.add_parser("answers"), verbs.add_parser("compare")
    for verb, work in ((one, answers), (two, compare)):
        verb.set_defaults(work=work)
        verb.add_argument("file", type=Path)
        verb.add_argument("--bundle", type=Path, default=Path("models/default"))
    one.add_argument("--photos", type=Path, required=True)
    one.add_argument("--count", type=int, default=150)
    one.add_argument("--precision", default="int8")
    two.add_argument("other", type=Path)
    arguments = parser.parse_args()
    arguments.work(arguments)


if __name__ == "__main__":
    main()
