"""One lesson: the last layer fitted to the base's photos and the user's, and what it says of photos it never saw."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.base_model import Array, BaseModel, OtherClasses, familiarity
from avistar.adaptation.cross_validation import FOLDS, folds
from avistar.adaptation.embedding_store import Role
from avistar.adaptation.last_layer import Lessons, fit_head
from avistar.adaptation.onnx_head import Head
from avistar.adaptation.photo_views import Cancelled, Views
from avistar.decision import softmax
from avistar.evaluation.metrics import accepting, fit_temperature
from avistar.manifest import Calibration
from avistar.progress import StepProgress

LEARNING = "learning"


@dataclass(frozen=True, slots=True)
class Caution:
    """How far a lesson may go: `pull` holds the layer at the base's, `local` is what one of the user's photos weighs
    against one of the base's.
    """

    pull: float
    local: float


CAUTIONS = (Caution(1e-2, 3.0), Caution(3e-2, 1.5), Caution(1e-1, 1.0))
"""From bold to careful: the next is tried where a lesson costs the base's species too much."""

_RARE = -0.5  # weights of species and of groups: one over the root of how many photos there are
_UNSEEN = 4.0
"""What a photo weighs that chose the base and trained it not: those that trained it are right whatever comes."""
_LIKELIEST = 3
_TAKEN = 0.25
"""Mean probability from which one of the other classes is the new species, and leaves the background."""
_NEVER_SEEN = -30.0


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was said of N photos: `logits` [N, species], `familiarity` [N], and the truth's index [N]."""

    logits: Array
    familiarity: Array
    truth: NDArray[np.int64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which likeliest species are true."""
        right: NDArray[np.bool_] = self.logits.argmax(axis=1) == self.truth
        return right

    def chosen(self, rows: NDArray[np.bool_]) -> Answers:
        """Those of some photos."""
        return Answers(self.logits[rows], self.familiarity[rows], self.truth[rows])


@dataclass(frozen=True, slots=True, eq=False)
class LearnedHead:
    """A fitted layer, the background that is left, and its calibration for the artifact that was looked with."""

    ids: tuple[str, ...]
    head: Head
    others: OtherClasses | None
    calibration: Calibration

    def answers(self, embedding: Array, truth: NDArray[np.int64]) -> Answers:
        """What it says of these embeddings."""
        logits = self.head.logits(embedding)
        return Answers(logits, familiarity(logits, embedding, self.others), truth)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What was learned: the layer, and the user's photos answered by layers that never saw them (`held_out`).

    `judged` tells which photos could be judged so: a new species needs photos of two groups, and what taught the base
    itself says nothing of it.
    """

    learned: LearnedHead
    before: Answers
    held_out: Answers
    judged: NDArray[np.bool_]


class Teacher:
    """Fits layers of one base to one set of photos. `groups` are those of `views.photos`, parted nowhere."""

    def __init__(
        self, base: BaseModel, views: Views, groups: Sequence[str], seed: int, *, caution: Caution = CAUTIONS[0]
    ) -> None:
        self._base, self._views, self._groups, self._seed = base, views, list(groups), seed
        self._caution = caution
        known = base.ids
        new = sorted({photo.species for photo in views.photos} - set(known))
        self.ids = (*known, *new)
        place = {id: i for i, id in enumerate(self.ids)}
        self._truth = np.array([place[photo.species] for photo in views.photos], np.int64)
        self._hashed = np.array([hashed(group) for group in groups])
        store = base.store
        contents = {photo.content for photo in views.photos}
        self._store = store.without(contents) if store is not None else None
        taught = set(store.photos) if store is not None else set[str]()
        self._repeated = np.array([photo.content in taught for photo in views.photos], bool)

    def teach(self, progress: StepProgress, cancelled: Callable[[], bool]) -> Lesson:
        """Judge by cross-validation, then fit to everything. Raises `Cancelled`."""
        views, truth = self._views, self._truth
        looked = views.embedding[views.first]
        before = self._base_answers(looked)
        fold = folds([photo.species for photo in views.photos], self._groups, self._seed)
        logits = np.zeros((len(truth), len(self.ids)), np.float32)
        scores = np.zeros(len(truth), np.float32)
        judged = np.zeros(len(truth), bool)
        chosen = self._choosing()
        for number in range(FOLDS):
            held = fold == number
            progress(LEARNING, number, FOLDS + 1)
            if held.any() and not held.all():
                head, others = self.fit(~held, cancelled, apart=number)
                chosen.judge(number, head, others)
                logits[held] = head.logits(looked[held])
                scores[held] = familiarity(logits[held], looked[held], others)
                learnable = set(truth[~held]) | set(range(len(self._base.ids)))
                judged |= held & np.isin(truth, sorted(learnable))
            if cancelled():
                raise Cancelled
        judged &= ~self._repeated
        held_out = Answers(logits, scores, truth)
        head, others = self.fit(np.ones(len(truth), bool), cancelled)
        if cancelled():
            raise Cancelled
        progress(LEARNING, FOLDS + 1, FOLDS + 1)
        calibration = self._calibrated(held_out.chosen(judged), chosen)
        return Lesson(LearnedHead(self.ids, head, others, calibration), before, held_out, judged)

    def _base_answers(self, looked: Array) -> Answers:
        logits = self._base.head.logits(looked)
        return Answers(logits, familiarity(logits, looked, self._base.others), self._truth)

    def fit(
        self, taught: NDArray[np.bool_], cancelled: Callable[[], bool], *, apart: int | None = None
    ) -> tuple[Head, OtherClasses | None]:
        """The layer fitted to the base's photos and those that are `taught`, and the background that is left.

        `apart`: the fold of the base's choosing photos that is not learned from.
        """
        views = self._views
        start, others = self._start(taught)
        use = taught[views.owners]
        parts = [Lessons(views.embedding[use], self._truth[views.owners[use]], self._weights(taught)[use])]
        if self._store is not None:
            parts += self._from_store(set(self._hashed[~taught]), apart)
            room = sum(float(part.weight.sum()) for part in parts[1:])
            total = float(parts[0].weight.sum())
            parts[0].weight[:] *= min(1.0, room / total) if total else 1.0
        joined = Lessons(
            np.concatenate([part.embedding for part in parts]),
            np.concatenate([part.truth for part in parts]),
            np.concatenate([part.weight for part in parts]),
        )
        fixed = 0 if self._store is not None else len(self._base.ids)
        return fit_head(joined, start, pull=self._caution.pull, fixed=fixed, cancelled=cancelled), others

    def _from_store(self, held_groups: set[str], apart: int | None) -> list[Lessons]:
        store = self._store
        assert store is not None  # noqa: S101 asked by the caller
        found = []
        for role, weigh in ((Role.TRAIN, 1.0), (Role.VALIDATION, _UNSEEN), (Role.TAUGHT, self._caution.local)):
            rows = store.rows(role)
            if role == Role.VALIDATION and apart is not None:
                rows = rows[np.arange(len(rows)) % FOLDS != apart]
            rows = np.array([row for row in rows if not store.groups[row] or store.groups[row] not in held_groups], int)
            truth = store.truth(rows, list(self.ids))
            rows, truth = rows[truth >= 0], truth[truth >= 0]
            if len(rows):
                found.append(Lessons(store.embedding(rows), truth, weigh * _mean_one(_rarity(truth))))
        return found

    def _weights(self, taught: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What each view weighs: less in a large group or a common species, shared among a photo's views."""
        pairs = list(zip(self._hashed, self._truth, strict=True))
        in_group = Counter(pair for pair, use in zip(pairs, taught, strict=True) if use)
        each = np.array([max(in_group[pair], 1) ** _RARE for pair in pairs])
        per_species = np.zeros(len(self.ids))
        np.add.at(per_species, self._truth[taught], each[taught])
        weights = each * np.maximum(per_species[self._truth], 1e-9) ** _RARE
        weights *= self._caution.local * taught.sum() / max(weights[taught].sum(), 1e-9)
        views = np.bincount(self._views.owners, minlength=len(weights))
        shared: NDArray[np.float64] = (weights / np.maximum(views, 1))[self._views.owners]
        return shared

    def _start(self, taught: NDArray[np.bool_]) -> tuple[Head, OtherClasses | None]:
        """The base's layer, and for each new species what the other classes know of its photos."""
        base, views = self._base, self._views
        kernels, biases, gone = [base.head.kernel], [base.head.bias], set[int]()
        for index in range(len(base.ids), len(self.ids)):
            own = views.embedding[views.first & (taught & (self._truth == index))[views.owners]]
            kernel, bias, taken = _likeness(own, base.others, len(base.head.kernel))
            kernels.append(kernel)
            biases.append(bias)
            gone |= taken
        others = base.others.without(gone) if base.others is not None else None
        return Head(np.hstack(kernels).astype(np.float32), np.concatenate(biases).astype(np.float32)), others

    def _choosing(self) -> _Choosing:
        if self._store is None:
            return _Choosing(None, None)
        rows = self._store.rows(Role.VALIDATION)
        return _Choosing(self._store.embedding(rows), self._store.truth(rows, list(self.ids)))

    def _calibrated(self, held_out: Answers, chosen: _Choosing) -> Calibration:
        """Temperature and floor from photos that no layer saw that answers them: the base's, and the user's."""
        answers = [one for one in (held_out, chosen.answers()) if one is not None and len(one.truth)]
        if self._store is None or not answers:
            return self._base.calibration
        logits = np.concatenate([one.logits for one in answers])
        scores = np.concatenate([one.familiarity for one in answers])
        truth = np.concatenate([one.truth for one in answers])
        return Calibration(fit_temperature(logits, truth), float(accepting(scores)))


class _Choosing:
    """The base's photos for choosing, answered fold by fold by layers that didn't learn from them."""

    def __init__(self, embedding: Array | None, truth: NDArray[np.int64] | None) -> None:
        self._embedding, self._truth = embedding, truth
        self._answers: list[tuple[NDArray[np.intp], Array, Array]] = []

    def judge(self, fold: int, head: Head, others: OtherClasses | None) -> None:
        """Answer the photos of `fold`."""
        if self._embedding is not None:
            rows = np.flatnonzero(np.arange(len(self._embedding)) % FOLDS == fold)
            logits = head.logits(self._embedding[rows])
            self._answers.append((rows, logits, familiarity(logits, self._embedding[rows], others)))

    def answers(self) -> Answers | None:
        """All that was said."""
        if self._truth is None or not self._answers:
            return None
        rows = np.concatenate([rows for rows, _, _ in self._answers])
        logits = np.concatenate([logits for _, logits, _ in self._answers])
        return Answers(logits, np.concatenate([scores for _, _, scores in self._answers]), self._truth[rows])


def hashed(group: str) -> str:
    """A name for a group from which neither camera, day nor path can be read."""
    return hashlib.blake2b(group.encode("utf-8", "surrogateescape"), digest_size=8, person=b"avistar").hexdigest()


def _likeness(own: Array, others: OtherClasses | None, features: int) -> tuple[Array, Array, set[int]]:
    """Where a new species starts: the other classes that its photos look like, by their probability."""
    if not len(own):
        return np.zeros((features, 1), np.float32), np.array([_NEVER_SEEN], np.float32), set()
    if others is None or not len(others.bias):
        return np.zeros((features, 1), np.float32), np.array([-1.0], np.float32), set()
    shares = softmax(own @ others.kernel + others.bias).mean(axis=0)
    top = np.argsort(-shares, kind="stable")[:_LIKELIEST]
    part = shares[top] / shares[top].sum()
    kernel = others.kernel[:, top] @ part
    bias = np.array([others.bias[top] @ part], np.float32)
    return kernel[:, None].astype(np.float32), bias, {int(i) for i in top if shares[i] > _TAKEN}


def _rarity(truth: NDArray[np.int64]) -> NDArray[np.float64]:
    counts = np.bincount(truth)
    rare: NDArray[np.float64] = counts[truth].astype(np.float64) ** _RARE
    return rare


def _mean_one(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return weights / weights.mean() if len(weights) else weights
