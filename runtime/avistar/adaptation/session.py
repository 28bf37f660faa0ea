"""Teaching from beginning to end: what the command and the app call.

plan = plan_lesson(sources, base)      # counts, and what is too little: before anything is computed
outcome = teach(plan, ...)             # learned and judged; nothing is written
outcome.write(target)                  # raises `NotBetter` where the gate refuses
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from avistar.adaptation.base_model import BaseModel
from avistar.adaptation.cross_validation import alike, merged_groups
from avistar.adaptation.derived_bundle import TaughtModel, write_bundle
from avistar.adaptation.gate import Verdict, judge
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.lesson import CAUTIONS, Lesson, Teacher
from avistar.adaptation.material import Material, TaughtPhoto, cameras_of, read_material
from avistar.adaptation.photo_views import Looker, Views, kept_views
from avistar.backends.onnx_backend import OnnxBackend
from avistar.bundle import ModelBundle
from avistar.errors import AvistarError, UsageError
from avistar.files import printable
from avistar.message import Message, joined
from avistar.progress import StepProgress
from avistar.species import Species, name_of

LEAST_PHOTOS = 3
"""Photos of a new species from which it can be taught at all."""
LEAST_NO_ANIMALS = 20
"""Photos of *empty*, *person* or *vehicle* from which these become classes."""
SEED = 7


class NotBetter(AvistarError):
    """The gate refuses a lesson: nothing was written. `verdict` says all that was measured."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        failed = ", ".join(one.name for one in verdict.criteria if not one.passed)
        if verdict.advice:
            super().__init__(
                "not better, so nothing was written ({failed}); what would help: {advice}",
                failed=failed,
                advice=verdict.advice[0],
            )
        else:
            super().__init__("not better, so nothing was written ({failed})", failed=failed)


@dataclass(frozen=True, slots=True)
class SpeciesStock:
    """How much there is to learn of one species; `lacking` says what is too little, "" if nothing."""

    species: Species
    new: bool
    photos: int
    cameras: int
    lacking: str


@dataclass(frozen=True, slots=True, eq=False)
class LessonPlan:
    """What a lesson will be: the base, the photos, and for each species how much there is.

    Species that lack too much are in `stock` and not in `material`.
    """

    base: BaseModel
    material: Material
    stock: tuple[SpeciesStock, ...]
    warnings: tuple[str, ...]
    seed: int = SEED


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A lesson that was learned and judged; nothing of it is on disk yet."""

    plan: LessonPlan
    views: Views
    groups: tuple[str, ...]
    lesson: Lesson
    verdict: Verdict
    warnings: tuple[str, ...]

    def write(self, target: Path) -> ModelBundle:
        """Write the taught bundle to `target`, whole or not at all.

        Raises `NotBetter` where the gate refused, `UsageError` where another lesson is writing there, `AvistarError`
        where the disk is full.
        """
        if not self.verdict.passed:
            raise NotBetter(self.verdict)
        plan = self.plan
        material = replace(plan.material, photos=self.views.photos)
        model = TaughtModel(plan.base, material, self.views, self.groups, self.lesson.learned, self.verdict, plan.seed)
        with writing_alone(target):
            try:
                return write_bundle(model, target)
            except OSError as error:
                raise AvistarError(
                    "{file} can't be written ({strerror}): nothing was changed",
                    file=printable(target),
                    strerror=error.strerror or error,
                ) from error


def plan_lesson(
    sources: Sequence[Path], base: ModelBundle, *, listed: Sequence[Species] = (), seed: int = SEED
) -> LessonPlan:
    """`take_stock` for who wants to learn: raises `UsageError` where nothing can be learned."""
    plan = take_stock(sources, base, listed=listed, seed=seed)
    if not plan.material.photos:
        lacking = (
            Message("{name}: {reason}", name=name_of(one.species.id, [one.species]), reason=one.lacking)
            for one in plan.stock
        )
        reasons = joined("; ", lacking)
        raise UsageError("there is too little to learn from: {reasons}", reasons=reasons)
    return plan


def take_stock(
    sources: Sequence[Path], base: ModelBundle, *, listed: Sequence[Species] = (), seed: int = SEED
) -> LessonPlan:
    """Read what there is to learn from, and say what is too little, before anything is computed.

    Near-duplicates with different reviews are told as far as the network has seen the photos. Raises `UsageError`
    where nothing was reviewed, `BundleError` for a base that is damaged or can't be taught.
    """
    model = BaseModel.of(base)
    material = read_material(sources, base.manifest.species, listed)
    known = set(model.ids)
    cameras = cameras_of(material.photos)
    groups = Counter(species for species, _ in {(photo.species, photo.group) for photo in material.photos})
    counts = Counter(photo.species for photo in material.photos)
    stock = tuple(
        SpeciesStock(one, one.id not in known, counts[one.id], cameras[one.id],
                     _lacking(one, counts[one.id], groups[one.id], new=one.id not in known))
        for one in material.species
    )  # fmt: skip
    taught = {one.species.id for one in stock if not one.lacking}
    photos = tuple(photo for photo in material.photos if photo.species in taught)
    left = replace(material, photos=photos, species=tuple(one for one in material.species if one.id in taught))
    return LessonPlan(model, left, stock, (*material.notes, *_warnings(model, left, groups), *_seen(model, left)), seed)


def _seen(base: BaseModel, material: Material) -> Iterator[str]:
    """Contradictions among the photos that the network has seen already."""
    photos, embedding = kept_views(material.photos, base.body)
    if len(photos) > 1:
        yield from _contradictions(photos, alike(embedding), (*material.species, *base.bundle.manifest.species))


def teach(
    plan: LessonPlan,
    *,
    progress: StepProgress = lambda what, done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
    kept: KeptEmbeddings | None = None,
) -> Outcome:
    """Look at the photos, learn, and judge; nothing is written.

    `kept`: where embeddings are kept between lessons, by default in the user's cache folder. Raises
    `photo_views.Cancelled`, and `UsageError` where no photo can be read.
    """
    base, preprocessing = plan.base, plan.base.bundle.manifest.preprocessing
    with closing(kept or KeptEmbeddings()) as keeping, closing(_backend(base)) as backend:
        looker = Looker(backend, preprocessing, base.body, keeping, progress, cancelled)
        views = looker.look(plan.material.photos)
    if not len(views.owners):
        path, reason = views.unread[0]
        raise UsageError(
            "none of the {number:,} photos can be read, such as {path}: {reason}",
            number=len(views.unread),
            path=path,
            reason=reason,
        )
    pairs = alike(views.embedding[views.first])
    groups = merged_groups([photo.group for photo in views.photos], pairs)
    listed = (*plan.material.species, *base.bundle.manifest.species)
    notes = [*_contradictions(views.photos, pairs, listed)]
    if views.unread:
        notes.append(
            Message(
                "{number:,} photos can't be read, such as {file}",
                number=len(views.unread),
                file=printable(views.unread[0][0]),
            )
        )
    material = replace(plan.material, photos=views.photos)
    for caution in CAUTIONS:
        lesson = Teacher(base, views, groups, plan.seed, caution=caution).teach(progress, cancelled)
        verdict = judge(base, material, lesson)
        if all(one.passed for one in verdict.criteria if one.name in ("base", "unknown")):
            break
    return Outcome(plan, views, tuple(groups), lesson, verdict, tuple(notes))


@contextmanager
def writing_alone(target: Path) -> Iterator[None]:
    """One lesson writes to `target` at a time. Raises `UsageError` where another does; a killed one holds nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    file = target.parent / f".{target.name}.lesson"
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise UsageError(
                "another lesson is being written to {file}: wait for it", file=printable(target)
            ) from error
        yield
    finally:
        connection.close()
        with contextlib.suppress(OSError):
            file.unlink()


def _backend(base: BaseModel) -> OnnxBackend:
    return OnnxBackend(base.model, label=base.artifact.precision)


def _lacking(species: Species, photos: int, groups: int, *, new: bool) -> str:
    if species.id in ("empty", "person", "vehicle") and new and photos < LEAST_NO_ANIMALS:
        return Message("{photos} of {least} photos needed", photos=photos, least=LEAST_NO_ANIMALS)
    if new and photos < LEAST_PHOTOS:
        return Message("{photos} of {least} photos needed", photos=photos, least=LEAST_PHOTOS)
    if new and groups < 2:
        return Message("all photos are of one camera and day, so nothing could be proven: add some of another")
    return ""


def _warnings(base: BaseModel, material: Material, groups: Counter[str]) -> list[str]:
    notes: list[str] = []
    if len(material.species) == 1:
        notes.append(Message("all photos are of one species: what else is here can't be learned"))
    if len({photo.camera for photo in material.photos}) == 1:
        notes.append(Message("all photos are of one camera: elsewhere, expect less"))
    if base.store is None:
        notes.append(
            Message(
                "the bundle '{name}' carries no embeddings: only new species are added, its own are left as they are",
                name=base.bundle.manifest.name,
            )
        )
    known = set() if base.store is None else set(base.store.photos)
    repeated = sum(photo.content in known for photo in material.photos)
    if repeated:
        notes.append(
            Message(
                "{number:,} of these photos taught this model before: only the others tell whether it gets better",
                number=repeated,
            )
        )
    few = [one for one in material.species if groups[one.id] == 1]
    if few:
        names = joined(", ", (name_of(one.id, [one]) for one in few))
        notes.append(Message("of one camera's day only, so judged by the base's knowledge alone: {names}", names=names))
    return notes


def _contradictions(
    photos: Sequence[TaughtPhoto], pairs: Sequence[tuple[int, int]], species: Sequence[Species]
) -> Iterator[str]:
    """Near-duplicates that were reviewed as different species."""
    for one, other in pairs:
        first, second = photos[one], photos[other]
        if first.species != second.species:
            yield (
                Message(
                    "{file} and {file2} look alike, but are reviewed as {species} and {species2}",
                    file=printable(first.path),
                    file2=printable(second.path),
                    species=name_of(first.species, species),
                    species2=name_of(second.species, species),
                )
            )
