"""How good and how fast the evidence for an answer is: other ways of hiding and of reckoning, on the same photos.

    python benchmarks/evidence.py [--photos FOLDER] [--count 10] [--seed 1] [--device cpu]

FOLDER holds a folder for each species (its id); without one, only samples/raccoon.jpg is used. For each way the
hottest 10, 20, 30 and 40 % of the picture are replaced (by the picture's mean colour), and the species' confidence is
averaged: *deletion*, less is better. Then only those are kept, the rest blurred: *insertion*, more is better
(Petsiuk et al. 2018, arXiv:1806.07421). The last line says how long one photo takes, against one of a batch.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "runtime")]

from avistar import Classifier  # noqa: E402
from avistar.images.decode import prepare  # noqa: E402
from avistar.occlusion import BLUR, GRID, HIDDEN, enlarged, heat_of, log_odds, windows  # noqa: E402

SHARES = (0.1, 0.2, 0.3, 0.4)
RISE = 62
"""Random masks, as many as there are windows: the same time for each way."""


def blurred(pixels: np.ndarray) -> np.ndarray:
    """What hides: the picture without its forms."""
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR * max(pixels.shape))), np.float32)


def mean_colour(pixels: np.ndarray) -> np.ndarray:
    """What hides: one colour."""
    return np.broadcast_to(pixels.reshape(-1, 3).mean(axis=0), pixels.shape).astype(np.float32)


class Judge:
    """Asks the network about one picture with parts replaced."""

    def __init__(self, classifier: Classifier, pixels: np.ndarray, species: int) -> None:
        self._classifier, self._species = classifier, species
        self.pixels, self.height, self.width = pixels, pixels.shape[0], pixels.shape[1]

    def odds(self, pictures: list[np.ndarray]) -> np.ndarray:
        """The species' log-odds for uint8 pictures."""
        logits = [
            self._classifier._checked_outputs(np.stack(pictures[at : at + 8])).logits
            for at in range(0, len(pictures), 8)
        ]
        return log_odds(np.concatenate(logits) / self._classifier.temperature)[:, self._species]

    def seen(self, masks: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """The log-odds where `masks` [N, GRID, GRID] (1 visible) leave something and `hidden` replaces the rest."""
        shares = [enlarged(mask, self.width, self.height)[..., None] for mask in masks.astype(np.float32)]
        return self.odds([np.rint(hidden + (self.pixels - hidden) * share).astype(np.uint8) for share in shares])

    def deletion_insertion(self, heat: np.ndarray) -> tuple[float, float]:
        """Mean confidence without the hottest parts, and with nothing but them."""
        scaled = (heat - heat.min()) / max(float(np.ptp(heat)), 1e-9)
        large = enlarged(scaled.astype(np.float32), self.width, self.height)
        without, alone = mean_colour(self.pixels), blurred(self.pixels)
        pictures = []
        for share in SHARES:
            hot = (large >= np.quantile(large, 1 - share))[..., None]
            pictures += [np.where(hot, without, self.pixels), np.where(hot, self.pixels, alone)]
        sure = 1 / (1 + np.exp(-self.odds([np.rint(one).astype(np.uint8) for one in pictures])))
        return float(sure[::2].mean()), float(sure[1::2].mean())


def heats(judge: Judge, hidden: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The heat by every way of reckoning, with one way of hiding."""
    shown = windows()
    hiding = (GRID - HIDDEN + 1) ** 2
    whole = judge.odds([judge.pixels])[0]
    told = judge.seen(shown, hidden)
    masks = (rng.random((RISE, GRID, GRID)) < 0.5).astype(np.float32)
    random_told = judge.seen(masks, hidden)
    covered = 1 - shown[:hiding]
    return {
        "ours: ridge over windows that hide and that keep": heat_of(told),
        "mean fall where hidden (Zeiler & Fergus)": np.tensordot(whole - told[:hiding], covered, 1)
        / covered.sum(axis=0),
        "mean height where kept": np.tensordot(told[hiding:], shown[hiding:], 1) / shown[hiding:].sum(axis=0),
        "mean height of random masks (RISE)": np.tensordot(random_told, masks, 1) / masks.sum(axis=0),
    }


def compare(classifier: Classifier, photos: list[tuple[Path, str]]) -> None:
    """Print deletion and insertion of every way, over all photos that are identified rightly."""
    ids = [one.id for one in classifier.species]
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    rng = np.random.default_rng(0)
    middle = np.add.outer(*[-np.abs(np.arange(GRID) - GRID // 2.0)] * 2)
    for path, species in photos:
        pixels, _ = prepare(path, classifier.bundle.manifest.preprocessing)
        judge = Judge(classifier, pixels, ids.index(species))
        if judge.odds([pixels])[0] < 0:
            continue
        hiders: dict[str, Callable[[np.ndarray], np.ndarray]] = {"blur": blurred, "colour": mean_colour}
        for name, hide in hiders.items():
            for way, heat in heats(judge, hide(pixels), rng).items():
                scores[f"{name:<7} {way}"].append(judge.deletion_insertion(heat))
        scores["        the middle, whatever is in it"].append(judge.deletion_insertion(middle))
        scores["        at random"].append(judge.deletion_insertion(rng.random((GRID, GRID))))
    print(f"{len(scores['        at random'])} photos; deletion (less is better), insertion (more is better)")
    for way, pairs in scores.items():
        deletion, insertion = (statistics.mean(one) for one in zip(*pairs, strict=True))
        print(f"{way:<62} {deletion:.3f}  {insertion:.3f}  difference {insertion - deletion:+.3f}")


def time_one(classifier: Classifier, photo: Path) -> None:
    """Print how long one photo takes, as seconds and in pictures of a batch."""
    batch = [photo] * 8
    classifier.identify_many(batch)
    start = time.perf_counter()
    for _ in range(3):
        classifier.answer([classifier.prepare(one) for one in batch])
    one_s = (time.perf_counter() - start) / 24
    start = time.perf_counter()
    found = classifier.evidence(photo, [one.species.id for one in classifier.identify(photo).top(3)])
    seconds = time.perf_counter() - start
    clear = ", ".join(f"{one.species.id} {'clear' if one.clear else 'not clear'}" for one in found)
    print(f"one photo, three species: {seconds:.1f} s, as long as {seconds / one_s:.0f} of a batch of 8 ({clear})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    photos = [(ROOT / "samples" / "raccoon.jpg", "raccoon")]
    if options.photos is not None:
        choose = random.Random(options.seed)
        folders = [folder for folder in sorted(options.photos.iterdir()) if folder.is_dir()]
        chosen = choose.sample(folders, min(options.count, len(folders)))
        photos += [(choose.choice(sorted(folder.glob("*.jpg"))), folder.name) for folder in chosen]
    with Classifier.open(device=options.device) as classifier:
        print(classifier.provenance.runs_on)
        compare(classifier, photos)
        time_one(classifier, photos[0][0])


if __name__ == "__main__":
    main()
