"""Accuracy of every artifact on its bundle's untouched photos, and of *unknown* on what is none of the species.

    python benchmarks/accuracy.py --photos PHOTOS [--others OTHERS] [--bundle models/default]

PHOTOS is the folder that training read; the bundle's split says which of its photos were never used.
OTHERS holds photos of other animals. Pictures without animals come from scikit-image and are generated.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from avistar import Classifier
from avistar.evaluation.metrics import accepting, ranking_area, wilson
from avistar.images.geometry import Pixels

SCENES = frozenset(
    (
        "astronaut", "brick", "camera", "cell", "coffee", "coins", "color", "grass", "gravel", "hubble_deep_field",
        "ihc", "logo", "microaneurysms", "moon", "page", "phantom", "retina", "rocket", "text", "motorcycle_left",
    )
)  # fmt: skip


def scenes() -> list[Pixels]:
    """Pictures without animals: photos, textures and drawings from scikit-image, generated ones."""
    import skimage
    from PIL import Image

    folder = Path(skimage.__file__).parent / "data"
    files = [path for path in sorted(folder.iterdir()) if path.stem in SCENES and path.suffix in (".png", ".jpg")]
    found = [np.asarray(Image.open(path).convert("RGB")) for path in files]
    rng = np.random.default_rng(0)
    for i in range(20):  # skies, horizons, foliage-like noise at several scales
        low = rng.integers(0, 256, (2 + i, 3 + i, 3), dtype=np.uint8)
        found.append(np.asarray(Image.fromarray(low).resize((320, 240), Image.Resampling.BICUBIC)))
    return found


def main() -> None:
    """Print one table for all artifacts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--others", type=Path)
    parser.add_argument("--bundle", type=Path, default=Path("models/default"))
    arguments = parser.parse_args()
    split = json.loads((arguments.bundle / "analysis" / "split.json").read_text("utf-8"))
    manifest = Classifier.open(arguments.bundle, "cpu").bundle.manifest
    print(f"{manifest.name}: {len(split['test'])} untouched photos")
    for artifact in manifest.artifacts:
        if artifact.format != "onnx":
            continue
        with Classifier.open(arguments.bundle, "cpu", precision=artifact.precision) as classifier:
            print(f"\n{artifact.precision}")
            judge(classifier, split["test"], arguments.photos, arguments.others)


def judge(classifier: Classifier, rows: list[dict[str, str]], photos: Path, others: Path | None) -> None:
    """Print accuracy and the quality of *unknown*."""
    index = {species.id: i for i, species in enumerate(classifier.species)}
    truth = np.array([index[row["species"]] for row in rows])
    answers = classifier.identify_many([photos / row["file"] for row in rows])
    probabilities = np.stack([answer.probabilities for answer in answers])
    figures(probabilities, truth, [s.id for s in classifier.species])
    true_scores = np.array([answer.familiarity for answer in answers])
    kinds = [answer.decision.kind for answer in answers if answer.decision]
    named = [
        a.decision.id == row["species"] for a, row in zip(answers, rows, strict=True) if a.decision.kind == "species"
    ]
    print(f"  decided: species {kinds.count('species')} ({np.mean(named):.1%} of them right), "
          f"group {kinds.count('group')}, unknown {kinds.count('unknown')}")  # fmt: skip
    negatives: dict[str, list[object]] = {"without animals": list(scenes())}
    if others is not None:
        negatives["other animals"] = sorted(others.rglob("*.jpg"))
    for name, pictures in negatives.items():
        found = classifier.identify_many(pictures)  # type: ignore[arg-type]
        scores = np.array([answer.familiarity for answer in found])
        unknown = np.mean([answer.decision.kind == "unknown" for answer in found if answer.decision])
        print(
            f"  {name} ({len(found)}): area {ranking_area(true_scores, scores):.3f}, below the floor of 95 % of true "
            f"photos {np.mean(scores < accepting(true_scores)):.1%}, decided unknown {unknown:.1%}"
        )


def figures(probabilities: np.ndarray, truth: np.ndarray, names: list[str]) -> None:
    """Print the headline figures of calibrated probabilities [N, species]."""
    from avistar.evaluation.metrics import calibration_error, evaluate

    report = evaluate(np.log(np.clip(probabilities, 1e-12, 1)), truth, names)
    right = round(report.top1 * report.photos)
    low, high = wilson(right, report.photos)
    print(f"  top-1 {report.top1:.2%} ({low:.1%}–{high:.1%}), top-3 {report.top3:.2%}, macro-F1 {report.macro_f1:.3f}, "
          f"calibration error {calibration_error(probabilities, truth):.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
