"""What teaching gains and costs: new species from few photos, camera-trap frames, old species, unknown, time, memory.

    python benchmarks/teach.py --base models/default --shared ../shared [--draws 20] [--large]

Needs the photos beside the repository. Every figure is of photos that were not taught; seeds 0 to draws - 1.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from avistar.adaptation.base_model import BaseModel, familiarity
from avistar.adaptation.embedding_store import Role
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.lesson import CAUTIONS, LearnedHead, Teacher
from avistar.adaptation.material import TaughtPhoto
from avistar.adaptation.photo_views import Looker, Views
from avistar.adaptation.session import plan_lesson, teach
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import ModelBundle
from avistar.decision import softmax
from avistar.evaluation.metrics import accepting, calibration_error, ranking_area, wilson
from avistar.records import Box

TEN = 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, default=Path("models/default"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--large", action="store_true", help="also 20,000 photos at once, the most of a lesson")
    asked = parser.parse_args()
    base = BaseModel.of(ModelBundle.open(asked.base))
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept.sqlite"
        others = look(base, other_animals(asked.shared / "others"), kept)
        for count in (3, 6):
            new_species(base, others, count, asked.draws)
        whole, boxed = trap(asked.shared / "trap", base.ids)
        camera_traps(base, "whole frames", look(base, whole, kept))
        camera_traps(base, "boxes of a detector", look(base, boxed, kept))
        speed(base, asked.shared / "species", Path(folder))
    if asked.large:
        large(base)


def look(base: BaseModel, photos: Sequence[TaughtPhoto], kept: Path) -> Views:
    """The photos as the base's network sees them."""
    with closing(KeptEmbeddings(kept)) as keeping, closing(OnnxBackend(base.model)) as backend:
        looker = Looker(backend, base.bundle.manifest.preprocessing, base.body, keeping, lambda *_: None, lambda: False)
        return looker.look(photos)


def other_animals(folder: Path) -> list[TaughtPhoto]:
    """Every photo of the other animals, each a group of its own."""
    files = sorted(path for path in folder.glob("*/*") if path.suffix == ".jpg")
    return [TaughtPhoto(str(path), path.parent.name, str(path), str(path), str(path)) for path in files]


def trap(folder: Path, ids: Sequence[str]) -> tuple[list[TaughtPhoto], list[TaughtPhoto]]:
    """Camera-trap frames of known species as a whole, and with the box of a detector."""
    whole, boxed = [], []
    with (folder / "SOURCES.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            if row["kind"] == "photo" or row["species"] not in ids:
                continue
            path = folder / row["file"]
            one = TaughtPhoto(str(path), row["species"], row["group"], row["group"], row["file"])
            whole.append(one)
            boxed.append(with_box(one, row["detector_box"]))
    return whole, boxed


def with_box(photo: TaughtPhoto, text: str) -> TaughtPhoto:
    """The photo with a box that is written in pixels."""
    from dataclasses import replace

    from PIL import Image

    if not text:
        return photo
    left, top, right, bottom = json.loads(text)
    with Image.open(photo.path) as image:
        width, height = image.size
    box = Box(max(left / width, 0), max(top / height, 0), (right - left) / width, (bottom - top) / height)
    return replace(photo, box=box)


def chosen(views: Views, wanted: np.ndarray) -> Views:
    """The views of some photos."""
    place = np.full(len(wanted), -1)
    place[np.flatnonzero(wanted)] = np.arange(wanted.sum())
    rows = wanted[views.owners]
    photos = tuple(photo for photo, one in zip(views.photos, wanted, strict=True) if one)
    return Views(photos, views.embedding[rows], place[views.owners[rows]], views.first[rows])


def new_species(base: BaseModel, views: Views, count: int, draws: int) -> None:
    """Ten other animals learned from `count` photos each; the rest of their photos are judged."""
    names = np.array([photo.species for photo in views.photos])
    named = judged = 0
    rows = []
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        picked = rng.choice(np.unique(names), TEN, replace=False)
        taken = chosen(views, np.isin(names, picked))
        own = np.array([photo.species for photo in taken.photos])
        taught = np.zeros(len(own), bool)
        for name in picked:
            taught[rng.permutation(np.flatnonzero(own == name))[:count]] = True
        teacher = Teacher(base, taken, [photo.group for photo in taken.photos], seed)
        head, others = teacher.fit(taught, lambda: False)
        learned = LearnedHead(teacher.ids, head, others, base.calibration)
        truth = np.array([teacher.ids.index(name) for name in own])
        answers = learned.answers(taken.embedding[taken.first][~taught], truth[~taught])
        named, judged = named + int(answers.right.sum()), judged + int((~taught).sum())
        strangers = views.embedding[views.first][~np.isin(names, picked)]
        rows.append((*web(base, learned, strangers), answers.right.mean()))
    low, high = wilson(named, judged)
    before = web(base, LearnedHead(tuple(base.ids), base.head, base.others, base.calibration),
                 views.embedding[views.first])  # fmt: skip
    mean, worst = np.mean(rows, axis=0), min(row[-1] for row in rows)
    print(f"new species from {count} photos each, {draws} draws of {TEN}: {named} of {judged} named,"
          f" {named / judged:.1%} (95 % {low:.1%} to {high:.1%}; worst draw {worst:.0%})")  # fmt: skip
    print(f"  old species top-1 {before[0]:.2%} -> {mean[0]:.2%}, calibration error {before[1]:.3f} -> {mean[1]:.3f},"
          f" animals not taught AUROC {before[2]:.4f} -> {mean[2]:.4f},"
          f" rejected at 95 % {before[3]:.1%} -> {mean[3]:.1%}", flush=True)  # fmt: skip


def web(base: BaseModel, learned: LearnedHead, strangers: np.ndarray) -> tuple[float, float, float, float]:
    """Top-1 and calibration on the base's untouched photos, AUROC against strangers, and strangers rejected."""
    assert base.store is not None
    rows = base.store.rows(Role.TEST)
    truth = base.store.truth(rows, list(learned.ids))
    answers = learned.answers(base.store.embedding(rows), truth)
    other = familiarity(learned.head.logits(strangers), strangers, learned.others)
    error = calibration_error(softmax(answers.logits, learned.calibration.temperature), truth)
    floor = accepting(answers.familiarity)
    return float(answers.right.mean()), error, ranking_area(answers.familiarity, other), float((other < floor).mean())


def camera_traps(base: BaseModel, what: str, views: Views) -> None:
    """Frames of known species, each judged by a layer that saw none of its group."""
    for seed, caution in ((7, CAUTIONS[0]), (8, CAUTIONS[0]), (9, CAUTIONS[0]), *((7, one) for one in CAUTIONS[1:])):
        teacher = Teacher(base, views, [photo.group for photo in views.photos], seed, caution=caution)
        lesson = teacher.teach(lambda *_: None, lambda: False)
        before, after = int(lesson.before.right.sum()), int(lesson.held_out.right.sum())
        count = len(views.photos)
        low, high = wilson(after, count)
        sides = ((lesson.before, base.calibration), (lesson.held_out, lesson.learned.calibration))
        errors = [calibration_error(softmax(one.logits, by.temperature), one.truth) for one, by in sides]
        strangers = base.store.embedding(base.store.rows(Role.OTHER)) if base.store else np.zeros((0, 0))
        figures = web(base, lesson.learned, strangers)
        print(f"{what}, seed {seed}, pull {caution.pull:g}: top-1 {before} -> {after} of {count},"
              f" {before / count:.1%} -> {after / count:.1%}"
              f" (95 % {low:.1%} to {high:.1%}); calibration error {errors[0]:.3f} -> {errors[1]:.3f};"
              f" web photos {figures[0]:.2%}, AUROC {figures[2]:.4f}", flush=True)  # fmt: skip


def speed(base: BaseModel, folder: Path, place: Path) -> None:
    """Seconds for 1,000 photos from files, and again from kept embeddings."""
    root = place / "reviewed"
    files = sorted(folder.glob("*/*.jpg"))
    for path in np.random.default_rng(0).permutation(np.array(files))[:1000]:
        (root / path.parent.name).mkdir(parents=True, exist_ok=True)
        (root / path.parent.name / path.name).symlink_to(path.resolve())
    for what in ("from files", "from kept embeddings"):
        start = time.perf_counter()
        plan = plan_lesson([root], base.bundle)
        outcome = teach(plan, kept=KeptEmbeddings(place / "speed.sqlite"))
        taken = time.perf_counter() - start
        print(f"{len(outcome.views.photos)} photos {what}: {taken:.1f} s", flush=True)


def large(base: BaseModel) -> None:
    """The most photos of one lesson, as made-up embeddings: seconds and memory."""
    assert base.store is not None
    rng = np.random.default_rng(0)
    rows = rng.choice(base.store.rows(Role.TRAIN), 20_000)
    embedding = base.store.embedding(rows)
    embedding += rng.uniform(0, 0.05, embedding.shape).astype(np.float32)
    photos = [TaughtPhoto("", base.store.species[row], f"g{i % 500}", "", str(i)) for i, row in enumerate(rows)]
    views = Views(tuple(photos), embedding, np.arange(len(rows)), np.ones(len(rows), bool))
    start = time.perf_counter()
    Teacher(base, views, [photo.group for photo in photos], 0).teach(lambda *_: None, lambda: False)
    print(f"20,000 photos (what 100,000 reviewed ones are cut to): {time.perf_counter() - start:.0f} s to learn and "
          f"judge, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB at most")  # fmt: skip


if __name__ == "__main__":
    main()
