"""Is a lesson worth using? Better where it was taught, and no worse elsewhere, or nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.base_model import BaseModel, familiarity
from avistar.adaptation.embedding_store import Role
from avistar.adaptation.lesson import Answers, LearnedHead, Lesson
from avistar.adaptation.material import Material, TaughtPhoto, cameras_of
from avistar.decision import softmax
from avistar.evaluation.metrics import calibration_error, ranking_area, top_k, wilson
from avistar.evaluation.significance import sign_test
from avistar.manifest import Calibration
from avistar.message import Message
from avistar.species import Species, name_of, normalised

MOST_LOSS = 0.005
"""Top-1 on the base's own species that a lesson may cost."""
MOST_UNKNOWN_LOSS = 0.02
"""Area under the ROC curve of *unknown* that it may cost."""
CHANCE = 0.05
ENOUGH = 15
"""Photos of a species from which more of them help little."""
_FEW_CAMERAS = 2
_POOR = 0.8
_LEAST_KNOWN = 60
"""Photos of known species without which a base that carries no embeddings can't be shown to lose nothing."""


@dataclass(frozen=True, slots=True)
class TaughtCriterion:
    """One thing that is asked of a lesson."""

    name: str
    question: str
    measured: float
    allowed: float
    passed: bool


@dataclass(frozen=True, slots=True)
class Side:
    """Figures of some photos before and after: fractions from 0 to 1; `photos` judged them."""

    photos: int
    top1: float
    top3: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class SpeciesProgress:
    """How one taught species fared on photos that were kept apart; `low` and `high` bound 95 % of `after`."""

    id: str
    new: bool
    photos: int
    cameras: int
    judged: int
    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ChangedPhoto:
    """A photo whose answer changed, with what it shows, and the ids and confidences of both answers."""

    path: str
    species: str
    before: str
    before_confidence: float
    after: str
    after_confidence: float

    @property
    def better(self) -> bool:
        """Whether the new answer is right."""
        return self.after == self.species


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured, and whether it is enough. `advice` says what would help, a sentence each."""

    criteria: tuple[TaughtCriterion, ...]
    here: tuple[Side, Side]
    base: tuple[Side, Side] | None
    unknown: tuple[float, float] | None
    species: tuple[SpeciesProgress, ...]
    changed: tuple[ChangedPhoto, ...]
    advice: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the lesson may be used."""
        return all(one.passed for one in self.criteria)


def judge(base: BaseModel, material: Material, lesson: Lesson) -> Verdict:
    """Judge a lesson on the user's photos, each kept apart once, and on the base's own that trained nothing."""
    judged, photos = lesson.judged, material.photos
    before, after = lesson.before.chosen(judged), lesson.held_out.chosen(judged)
    criteria = [_gain(before, after), *_known(base, before, after)]
    sides = unknown = None
    if base.store is not None:
        rows = base.store.rows(Role.TEST)
        truth = base.store.truth(rows, list(lesson.learned.ids))
        embedding = base.store.embedding(rows)
        old = _as_answers(base, embedding, truth)
        new = lesson.learned.answers(embedding, truth)
        sides = (_side(old, base.calibration), _side(new, lesson.learned.calibration))
        loss = float(old.right.sum() - new.right.sum()) / max(len(truth), 1)
        criteria.append(_criterion("base", "top-1 lost on the base's own species", max(loss, 0.0), MOST_LOSS))
        unknown = _unknown(base, lesson.learned, (old, new), material.species)
        if unknown is not None:
            lost = max(unknown[0] - unknown[1], 0.0)
            criteria.append(_criterion("unknown", "area lost in telling other animals", lost, MOST_UNKNOWN_LOSS))
    elif int((before.truth < len(base.ids)).sum()) < _LEAST_KNOWN:
        known = int((before.truth < len(base.ids)).sum())
        criteria.append(
            TaughtCriterion("proof", "photos of known species, without which no loss is proven", known, _LEAST_KNOWN,
                            passed=False)
        )  # fmt: skip
    species = _by_species(base, photos, lesson)
    here = (_side(before, base.calibration), _side(after, lesson.learned.calibration))
    shown = [photo for photo, one in zip(photos, judged, strict=True) if one]
    confidences = [softmax(before.logits, base.calibration.temperature),
                   softmax(after.logits, lesson.learned.calibration.temperature)]  # fmt: skip
    changed = _changed(shown, confidences, lesson.learned.ids)
    return Verdict(
        tuple(criteria),
        here,
        sides,
        unknown,
        species,
        changed,
        _advice(species, (*material.species, *base.bundle.manifest.species)),
    )


def _gain(before: Answers, after: Answers) -> TaughtCriterion:
    gained = int((after.right & ~before.right).sum())
    lost = int((before.right & ~after.right).sum())
    chance = sign_test(gained, lost, two_sided=False)
    return TaughtCriterion("gain", "chance that the gain on photos kept apart is none", chance, CHANCE,
                           passed=gained > lost and chance <= CHANCE)  # fmt: skip


def _known(base: BaseModel, before: Answers, after: Answers) -> list[TaughtCriterion]:
    """Old species at this place must not be worse than chance would have it."""
    known = before.truth < len(base.ids)
    if not known.any():
        return []
    old, new = before.chosen(known), after.chosen(known)
    lost = int((old.right & ~new.right).sum())
    chance = sign_test(lost, int((new.right & ~old.right).sum()), two_sided=False)
    return [TaughtCriterion("known", "chance that known species lose nothing here", chance, CHANCE,
                            passed=chance > CHANCE)]  # fmt: skip


def _criterion(name: str, question: str, measured: float, allowed: float) -> TaughtCriterion:
    return TaughtCriterion(name, question, measured, allowed, bool(measured <= allowed + 1e-12))


def _as_answers(base: BaseModel, embedding: NDArray[np.float32], truth: NDArray[np.int64]) -> Answers:
    logits = base.head.logits(embedding)
    return Answers(logits, familiarity(logits, embedding, base.others), truth)


def _side(answers: Answers, calibration: Calibration) -> Side:
    count = len(answers.truth)
    if not count:
        return Side(0, 0.0, 0.0, 0.0)
    width = answers.logits.shape[1]
    inside = answers.truth < width
    top3 = top_k(answers.logits[inside], answers.truth[inside], 3) * inside.mean() if inside.any() else 0.0
    error = calibration_error(softmax(answers.logits, calibration.temperature), answers.truth)
    return Side(count, float(answers.right.mean()), float(top3), error)


def _unknown(
    base: BaseModel, learned: LearnedHead, true: tuple[Answers, Answers], taught: Sequence[Species]
) -> tuple[float, float] | None:
    """Area before and after, of the base's own photos against other animals; None where it carries none."""
    assert base.store is not None  # noqa: S101 asked by the caller
    # What has just become a species is no other animal any more.
    names = {normalised(name) for one in taught for name in (one.id, one.english, one.spanish, one.scientific)}
    rows = [row for row in base.store.rows(Role.OTHER) if normalised(base.store.species[row]) not in names]
    if not rows:
        return None
    embedding = base.store.embedding(np.array(rows))
    strangers = np.full(len(rows), -1)
    before = _as_answers(base, embedding, strangers)
    after = learned.answers(embedding, strangers)
    old, new = (
        ranking_area(one.familiarity, other.familiarity) for one, other in zip(true, (before, after), strict=True)
    )
    return old, new


def _by_species(base: BaseModel, photos: Sequence[TaughtPhoto], lesson: Lesson) -> tuple[SpeciesProgress, ...]:
    cameras = cameras_of(photos)
    rows = []
    for index, id in enumerate(lesson.learned.ids):
        own = lesson.before.truth == index
        if not own.any():
            continue
        both = own & lesson.judged
        count = int(both.sum())
        right = int(lesson.held_out.right[both].sum())
        low, high = wilson(right, count) if count else (0.0, 1.0)
        old = int(lesson.before.right[both].sum())
        rows.append(
            SpeciesProgress(id, index >= len(base.ids), int(own.sum()), cameras[id], count,
                            old / count if count else 0.0, right / count if count else 0.0, low, high)
        )  # fmt: skip
    return tuple(rows)


def _changed(
    photos: Sequence[TaughtPhoto], confidences: Sequence[NDArray[np.float32]], ids: Sequence[str]
) -> tuple[ChangedPhoto, ...]:
    """The photos whose answer changed, worse ones first, then by how sure the new answer is."""
    found = []
    for photo, one, other in zip(photos, *confidences, strict=True):
        was, now = ids[int(one.argmax())], ids[int(other.argmax())]
        if was != now:
            found.append(ChangedPhoto(photo.path, photo.species, was, float(one.max()), now, float(other.max())))
    return tuple(sorted(found, key=lambda one: (one.better, -one.after_confidence)))


def _advice(species: Sequence[SpeciesProgress], listed: Sequence[Species]) -> tuple[str, ...]:
    notes = []
    for one in sorted(species, key=lambda one: (one.after, one.photos)):
        more, name = max(ENOUGH - one.photos, 3), name_of(one.id, listed)
        if one.cameras < _FEW_CAMERAS:
            notes.append(Message("{more} more photos of {name}, from another camera or day", more=more, name=name))
        elif one.after < _POOR:
            notes.append(Message("{more} more photos of {name}", more=more, name=name))
    return tuple(notes)
