"""The gate: does an artifact still see the same as its reference? Arrays and plain values only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from avistar.backends import Floats, Outputs
from avistar.decision import softmax
from avistar.evaluation.metrics import calibration_error
from avistar.evaluation.significance import margins, sign_test
from avistar.manifest import Calibration, Precision
from avistar_export import statistics
from avistar_export.logit_parity import LogitChange, logit_changes

Flags = NDArray[np.bool_]

HELD_OUT_BASIS = "photos that neither trained the network nor set its ranges"

FLIPS_LISTED = 50
"""Most flipped photos that a report lists; the counts are always whole."""


@dataclass(frozen=True, slots=True)
class Tolerances:
    """The most that each measure may reach, inclusive; None: not asked. Shares and probabilities are fractions.

    `probability`: largest change of any probability. `firm_margin`: the reference's lead over its second
    answer above which no top answer may flip. `disagreement`: upper bound on the share of flipped answers.
    `loss` and `loss_bound`: measured net loss of top-1, and its upper bound. `calibration`: growth of the
    calibration error. `embedding`: mean relative distance of embeddings. `familiar`: share of photos whose
    known/unknown verdict changes. `invariance`: change of a probability by batch size or position. `logit`: steady
    shift of a species' logit on all photos, and `own_logit` its mean change on the species' own, in spreads.
    """

    probability: float | None
    firm_margin: float
    disagreement: float | None
    loss: float
    loss_bound: float | None
    calibration: float | None
    embedding: float | None
    familiar: float | None
    invariance: float
    logit: float
    own_logit: float


# A bound can't be met with few photos, however equal the answers: disagreement and loss together take
# 368 photos at fp16's, 146 at int8's.
TOLERANCES: dict[Precision, Tolerances] = {
    # The same arithmetic in another order: ResNet50 measured 3e-6, so above 1e-4 it is another network.
    "fp32": Tolerances(
        probability=1e-4, firm_margin=1e-3, disagreement=None, loss=0.002, loss_bound=None,
        calibration=0.005, embedding=1e-4, familiar=0.005, invariance=1e-4, logit=1e-3, own_logit=1e-3,
    ),
    # Eleven bits of mantissa: single answers flip only between near ties. ResNet50 on 874 photos: no flip.
    "fp16": Tolerances(
        probability=0.1, firm_margin=0.2, disagreement=0.01, loss=0.002, loss_bound=0.01,
        calibration=0.005, embedding=0.02, familiar=0.01, invariance=2e-3, logit=0.01, own_logit=0.05,
    ),
    # Eight bits: a tie may fall the other way, a firm answer may not. The shipped ResNet50 on 874 photos: 4 flips
    # with leads up to 0.17, embeddings moved by 8 %, calibration error grew by 0.001. A species' logit shifted by
    # 0.02 spreads on all photos, by 0.14 on two to five of its own (0.31 on one), where an answer leads by 3.6.
    "int8": Tolerances(
        probability=None, firm_margin=0.2, disagreement=0.03, loss=0.005, loss_bound=0.025,
        calibration=0.005, embedding=0.3, familiar=0.04, invariance=2e-3, logit=0.1, own_logit=0.5,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of the comparison: raw outputs on the photos, its own calibration, and for each photo
    whether it looks like any of the species at all (bool [N]). `stand_ins`: its logits [M, species] on training
    photos of species with few held-out ones.
    """

    name: str
    outputs: Outputs
    calibration: Calibration
    familiar: Flags
    stand_ins: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Photos that neither training nor quantisation saw.

    `files` [N] names them, `truth` int [N] indexes `species`; `judging` bool [N] marks those that chose no
    temperature either: calibration is compared on them alone. `basis` says in words what photos they are.
    Not `labelled`, the reference's answers count as the truth; not `embedded`, it kept only its logits.
    `stand_ins` int [M]: the species of training photos that stand in where few are held out. They say whether both
    sides answer alike, never whether they are right.
    """

    files: tuple[str, ...]
    truth: NDArray[np.int64]
    species: tuple[str, ...]
    judging: Flags
    basis: str = HELD_OUT_BASIS
    labelled: bool = True
    embedded: bool = True
    stand_ins: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the verdict: passed if `measured` is at most `tolerance`.

    `would_pass` is the least tolerance that would have let it pass; None if none would.
    """

    name: str
    question: str
    measured: float
    tolerance: float
    passed: bool
    would_pass: float | None


@dataclass(frozen=True, slots=True)
class Flip:
    """A photo whose top answer changed. `margin` is the reference's lead, confidences are 0 to 1."""

    file: str
    truth: str
    reference: str
    reference_confidence: float
    candidate: str
    candidate_confidence: float
    margin: float


@dataclass(frozen=True, slots=True)
class SpeciesChange:
    """Photos of one species that became wrong (`lost`) or right (`gained`), and the sign test of it.

    `stand_ins` of its training photos were compared, too; `shift`, `own_logit` and `vanished`: see `LogitChange`.
    """

    species: str
    photos: int
    lost: int
    gained: int
    p_value: float
    significant: bool
    stand_ins: int = 0
    shift: float | None = None
    own_logit: float | None = None
    vanished: bool = False


@dataclass(frozen=True, slots=True)
class ParityReport:
    """The verdict on one artifact. Figures are fractions; `flips` are the firmest first.

    `artifact_sha256` binds it to the file that was judged: it says nothing of any other.
    """

    precision: str
    reference: str
    candidate: str
    photos: int
    top1_reference: float
    top1_candidate: float
    flipped: int
    disagreement_bound: float
    mean_probability_change: float
    criteria: tuple[Criterion, ...]
    flips: tuple[Flip, ...]
    species: tuple[SpeciesChange, ...]
    notes: tuple[str, ...] = ()
    basis: str = HELD_OUT_BASIS
    artifact_sha256: str = ""

    @property
    def unjudged(self) -> tuple[SpeciesChange, ...]:
        """Species of which no photo was held out: nobody knows how right their answers are."""
        return tuple(one for one in self.species if not one.photos)

    @property
    def counts(self) -> statistics.AnswerCounts:
        """How many answers differ, and how many photos became wrong or right."""
        lost, gained = (sum(getattr(one, way) for one in self.species) for way in ("lost", "gained"))
        return statistics.AnswerCounts(self.photos, self.flipped, lost, gained)

    @property
    def passed(self) -> bool:
        """Whether every criterion is met."""
        return all(criterion.passed for criterion in self.criteria)

    def failed(self) -> tuple[Criterion, ...]:
        """The criteria that are not met."""
        return tuple(criterion for criterion in self.criteria if not criterion.passed)


def compare(
    reference: Side,
    candidate: Side,
    photos: HeldOut,
    precision: Precision,
    *,
    invariance: float,
    notes: Sequence[str] = (),
) -> ParityReport:
    """Judge `candidate` against `reference` on the same photos, by the frozen tolerances of `precision`.

    `invariance`: the largest change of a probability by batch size or position, from `batch_invariance`.
    """
    tolerances = _provable(TOLERANCES[precision], photos)
    before, after = _probabilities(reference), _probabilities(candidate)
    top_before, top_after = _answers(before), _answers(after)
    flipped = top_before != top_after
    logits = _logit_changes(reference, candidate, photos)
    changes = _by_species(photos, top_before, top_after, logits)
    answers = _Answers(before, after, flipped, sum(c.lost for c in changes), sum(c.gained for c in changes))
    criteria = (
        *_numbers(reference, candidate, answers, tolerances),
        *_answers_kept(answers, changes, tolerances),
        *_logits_kept(logits, tolerances),
        *_certainty((reference, candidate), answers, photos, tolerances),
        _criterion("batch", "change of a probability by batch size or position", invariance, tolerances.invariance),
    )
    return ParityReport(
        precision=precision,
        reference=reference.name,
        candidate=candidate.name,
        photos=len(photos.files),
        top1_reference=float((top_before == photos.truth).mean()),
        top1_candidate=float((top_after == photos.truth).mean()),
        flipped=int(flipped.sum()),
        disagreement_bound=statistics.upper_bound(int(flipped.sum()), len(flipped)),
        mean_probability_change=float(np.abs(after - before).max(axis=1).mean()),
        criteria=criteria,
        flips=_flips(photos, before, after, flipped),
        species=changes,
        notes=tuple(notes),
        basis=photos.basis,
    )


def batch_invariance(
    run: Callable[[NDArray[np.uint8]], Outputs],
    images: NDArray[np.uint8],
    whole: Floats,
    *,
    sizes: Sequence[int] = (1, 3),
) -> float:
    """The largest change of a probability when the same pictures come in other company.

    `images` uint8 [N, H, W, 3]; `whole` the logits [N, species] measured for them. They run in batches of
    `sizes`, all at once, and all in reverse order.
    """
    orders = [(slice(None), size) for size in (*sizes, len(images))] + [(slice(None, None, -1), len(images))]
    worst = 0.0
    for order, size in orders:
        turned = np.ascontiguousarray(images[order])
        parts = [run(turned[start : start + size]).logits for start in range(0, len(turned), size)]
        change = np.abs(softmax(np.concatenate(parts)[order]) - softmax(whole)).max()
        worst = max(worst, float(change) if np.isfinite(change) else np.inf)
    return worst


def _provable(usual: Tolerances, photos: HeldOut) -> Tolerances:
    """What these photos can be asked for: without labels every changed answer counts as a loss, and a share is
    asked for, since few photos can't prove a bound.
    """
    if not photos.labelled:
        loss = usual.disagreement or usual.loss
        usual = replace(usual, disagreement=None, loss=loss, loss_bound=None, calibration=None)
    return usual if photos.embedded else replace(usual, embedding=None, familiar=None)


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    before: Floats
    after: Floats
    flipped: Flags
    lost: int
    gained: int


def _probabilities(side: Side) -> Floats:
    with np.errstate(invalid="ignore", over="ignore"):
        return softmax(side.outputs.logits, side.calibration.temperature)


def _answers(probabilities: Floats) -> NDArray[np.int64]:
    """The top answer of each row, -1 where the row holds no valid answer."""
    valid = np.isfinite(probabilities).all(axis=1)
    return np.where(valid, np.nan_to_num(probabilities).argmax(axis=1), -1)


def _asked(name: str, question: str, measured: float, tolerance: float | None) -> list[Criterion]:
    return [] if tolerance is None else [_criterion(name, question, measured, tolerance)]


def _criterion(name: str, question: str, measured: float, tolerance: float) -> Criterion:
    usable = bool(np.isfinite(measured))
    return Criterion(
        name, question, measured if usable else 1e30, tolerance, usable and measured <= tolerance,
        measured if usable else None,
    )  # fmt: skip


def _numbers(reference: Side, candidate: Side, answers: _Answers, tolerances: Tolerances) -> list[Criterion]:
    invalid = sum(int((~np.isfinite(a)).sum()) for a in (candidate.outputs.logits, candidate.outputs.embedding))
    change = float(np.abs(answers.after - answers.before).max())
    finite = Criterion("finite", "values that are NaN or infinite", float(invalid), 0.0, invalid == 0, None)
    return [
        finite if invalid else Criterion(finite.name, finite.question, 0.0, 0.0, True, 0.0),
        *_asked("probability", "largest change of any probability", change, tolerances.probability),
        *_embedding(reference.outputs.embedding, candidate.outputs.embedding, tolerances.embedding),
    ]


def _embedding(before: Floats, after: Floats, tolerance: float | None) -> list[Criterion]:
    if tolerance is None or not before.shape[1]:  # not every reference kept its embeddings, or has any
        return []
    length = np.maximum(np.linalg.norm(before, axis=1), 1e-12)
    moved = float((np.linalg.norm(after - before, axis=1) / length).mean())
    return [_criterion("embedding", "mean relative change of the embedding", moved, tolerance)]


def _answers_kept(answers: _Answers, changes: Sequence[SpeciesChange], tolerances: Tolerances) -> list[Criterion]:
    photos, flips = len(answers.flipped), int(answers.flipped.sum())
    firmest = float(margins(answers.before)[answers.flipped].max(initial=0.0))
    loss = (answers.lost - answers.gained) / photos
    hurt = sum(change.significant for change in changes)
    return [
        *_asked(
            "disagreement", "share of top answers that differ: 95 % upper bound",
            statistics.upper_bound(flips, photos), tolerances.disagreement,
        ),
        _criterion("firm answers", "largest lead of a top answer that flipped", firmest, tolerances.firm_margin),
        _criterion("accuracy", "net loss of top-1 accuracy", max(loss, 0.0), tolerances.loss),
        *_asked(
            "accuracy bound", "net loss of top-1 accuracy: 95 % upper bound",
            statistics.net_loss_bound(answers.lost, answers.gained, photos), tolerances.loss_bound,
        ),
        Criterion(
            "species", "species with a significant loss (sign test, Holm)", float(hurt), 0.0, hurt == 0, float(hurt)
        ),
    ]  # fmt: skip


def _certainty(sides: tuple[Side, Side], answers: _Answers, photos: HeldOut, tolerances: Tolerances) -> list[Criterion]:
    judging = photos.judging if photos.judging.any() else np.ones_like(photos.judging)
    before, after = (
        calibration_error(np.nan_to_num(side[judging]), photos.truth[judging])
        for side in (answers.before, answers.after)
    )
    changed = float((sides[0].familiar != sides[1].familiar).mean())
    return [
        *_asked(
            "calibration",
            "growth of the calibration error, each with its own temperature",
            max(after - before, 0.0),
            tolerances.calibration,
        ),
        *_asked("familiar", "share of photos that change between known and unknown", changed, tolerances.familiar),
    ]


def _logit_changes(reference: Side, candidate: Side, photos: HeldOut) -> list[LogitChange]:
    """What probabilities hide, with the stand-ins where both sides saw them."""
    sides = [one.outputs.logits / one.calibration.temperature for one in (reference, candidate)]
    truth = photos.truth
    rows = [one.stand_ins for one in (reference, candidate) if one.stand_ins is not None]
    if len(rows) == 2 and len(photos.stand_ins):
        more = (one / side.calibration.temperature for one, side in zip(rows, (reference, candidate), strict=True))
        sides = [np.concatenate(both) for both in zip(sides, more, strict=True)]
        truth = np.concatenate([truth, photos.stand_ins])
    return logit_changes(sides[0], sides[1], truth)


def _logits_kept(changes: Sequence[LogitChange], tolerances: Tolerances) -> list[Criterion]:
    shift, own = (float(np.max([getattr(one, name) for one in changes])) for name in ("shift", "own"))
    vanished = sum(one.vanished for one in changes)
    return [
        _criterion("logits", "steady shift of a species' logit, in spreads of all logits", shift, tolerances.logit),
        _criterion(
            "own logits", "mean change of a species' logit on its own photos, in spreads", own, tolerances.own_logit
        ),
        Criterion(
            "vanished", "species that were known on several photos and now on none", float(vanished), 0.0,
            vanished == 0, float(vanished),
        ),
    ]  # fmt: skip


def _by_species(
    photos: HeldOut, before: NDArray[np.int64], after: NDArray[np.int64], logits: Sequence[LogitChange]
) -> tuple[SpeciesChange, ...]:
    right, still = before == photos.truth, after == photos.truth
    rows = []
    for i, species in enumerate(photos.species):
        own = photos.truth == i
        lost, gained = int((own & right & ~still).sum()), int((own & ~right & still).sum())
        rows.append((species, int(own.sum()), lost, gained, sign_test(lost, gained, two_sided=False)))
    kept = statistics.significant([row[4] for row in rows])
    stand_ins = np.bincount(photos.stand_ins, minlength=len(photos.species))
    return tuple(
        SpeciesChange(*row, hurt, int(few), _finite(moved.shift), _finite(moved.own), moved.vanished)
        for row, hurt, few, moved in zip(rows, kept, stand_ins, logits, strict=True)
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _flips(photos: HeldOut, before: Floats, after: Floats, flipped: Flags) -> tuple[Flip, ...]:
    leads = margins(before)
    rows = sorted(np.flatnonzero(flipped), key=lambda i: -float(leads[i]))[:FLIPS_LISTED]
    made = []
    for i in rows:
        old = int(before[i].argmax())
        valid = bool(np.isfinite(after[i]).all())
        new = int(after[i].argmax()) if valid else -1
        made.append(
            Flip(
                file=photos.files[i],
                truth=photos.species[photos.truth[i]],
                reference=photos.species[old],
                reference_confidence=float(before[i, old]),
                candidate=photos.species[new] if valid else "(no valid answer)",
                candidate_confidence=float(after[i, new]) if valid else 0.0,
                margin=float(leads[i]),
            )
        )
    return tuple(made)


INVARIANCE_PHOTOS = 11
"""Photos for the check of batch sizes: batches of 1, of 3 with a remainder of 2, and all at once."""
