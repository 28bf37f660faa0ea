"""Several models on the same photos: a survey's reviewed ones judge them, and any of its photos get a second answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path

from avistar.adaptation.embedding_store import read_store
from avistar.adaptation.material import NO_ANIMALS, read_material
from avistar.bursts import together
from avistar.catalogue import Catalogue, Model, Query
from avistar.classifier import Classifier
from avistar.decision import Decision
from avistar.errors import UsageError
from avistar.evaluation.labelled_folder import JudgedPhoto, LabelledFile, LabelledReport
from avistar.evaluation.significance import sign_test
from avistar.files import printable
from avistar.identification import Identification
from avistar.images.geometry import Crop
from avistar.media.detector_pictures import MARGIN
from avistar.pipeline import identify_media
from avistar.records import OtherAnswer, Picture, Record
from avistar.species import LabelKind, Species, name_keys, normalised
from avistar.split import seen_files

_PAGE = 500
_KINDS: dict[str, LabelKind] = {"empty": "blank", "person": "human", "vehicle": "vehicle"}


@dataclass(frozen=True, slots=True)
class ReviewedLabels:
    """A survey's reviewed photos as a model can be judged by: `labelled` show one of its species, `others` none."""

    labelled: tuple[LabelledFile, ...]
    others: tuple[LabelledFile, ...]


def reviewed_labels(survey: Path, classifier: Classifier) -> ReviewedLabels:
    """What people say of the photos in `survey`, as labels of `classifier`: its species by any of their names.

    Photos of several animals count by their boxes. Those that trained the bundle (by name), or taught it, are marked.
    Raises `UsageError` where none shows a species that it knows, and what a damaged catalogue raises.
    """
    known = {species.id: species for species in classifier.species}
    by_kind = {species.kind: species.id for species in reversed(classifier.species)}
    seen, store = seen_files(classifier.bundle), read_store(classifier.bundle)
    taught = {photo for photo in store.photos if photo} if store is not None else set[str]()
    depth = next((file.count("/") + 1 for file in seen), 1)
    labelled: list[LabelledFile] = []
    others: list[LabelledFile] = []
    for photo in read_material([survey], classifier.species).photos:
        id = by_kind.get(_KINDS[photo.species], "") if photo.species in NO_ANIMALS else photo.species
        box = photo.box.widened(MARGIN) if photo.box is not None else None
        source = None if box is None else Crop(photo.path, box.left, box.top, box.width, box.height)
        trained = photo.content in taught or "/".join(Path(photo.path).parts[-depth:]) in seen
        one = LabelledFile(photo.path, id if id in known else "", trained, source)
        (labelled if one.species else others).append(one)
    if not labelled:
        raise UsageError(
            "{survey}: no reviewed photo shows one of the {number:,} species that {model} knows",
            survey=printable(survey),
            number=len(known),
            model=classifier.provenance.bundle,
        )
    return ReviewedLabels(tuple(labelled), tuple(others))


@dataclass(frozen=True, slots=True)
class DifferingPhoto:
    """A photo that two models call otherwise: what it shows by the first one's id, and what each calls it."""

    file: str
    species: str
    first: str
    second: str
    first_right: bool
    second_right: bool


@dataclass(frozen=True, slots=True)
class PairOfModels:
    """Two models on the `common` photos that both were judged by.

    How many they call otherwise, which only one calls rightly, the sign test's chance of that (0 to 1), and `photos`,
    those that are called otherwise.
    """

    first: str
    second: str
    common: int
    differ: int
    only_first: int
    only_second: int
    chance: float
    photos: tuple[DifferingPhoto, ...]


@dataclass(frozen=True, slots=True)
class JudgedModel:
    """One model's judgement, its species by id, and how many photos a second it took here, from files."""

    report: LabelledReport
    species: dict[str, Species]
    photos_per_s: float


def pairs_of(found: Sequence[JudgedModel]) -> list[PairOfModels]:
    """Every two of the models, compared photo by photo."""
    return [_pair(one, other) for one, other in combinations(found, 2)]


def _pair(first: JudgedModel, second: JudgedModel) -> PairOfModels:
    there = {_place(one.photo): one for one in second.report.photos}
    both = [(one, there[place]) for one in first.report.photos if (place := _place(one.photo)) in there]
    differing = tuple(
        DifferingPhoto(one.photo.file, one.photo.species, one.called, other.called, one.right, other.right)
        for one, other in both
        if not _call_alike(one, other, first, second)
    )
    only_first = sum(one.right and not other.right for one, other in both)
    only_second = sum(other.right and not one.right for one, other in both)
    return PairOfModels(
        first.report.model, second.report.model, len(both), len(differing), only_first, only_second,
        sign_test(only_first, only_second), differing,
    )  # fmt: skip


def _place(photo: LabelledFile) -> tuple[str, tuple[float, ...]]:
    """The file and the part of it that a model is judged by, () for all of it: a `Crop` equals itself alone."""
    part = photo.source
    return photo.file, (part.left, part.top, part.width, part.height) if isinstance(part, Crop) else ()


def _call_alike(one: JudgedPhoto, other: JudgedPhoto, first: JudgedModel, second: JudgedModel) -> bool:
    """Whether two models call a photo the same, whose ids for it may be two."""
    if one.right or other.right:
        return one.right and other.right
    if one.called == other.called:
        return True
    if one.called in second.species or other.called in first.species:
        return False
    return bool(name_keys(first.species[one.called]) & name_keys(second.species[other.called]))


@dataclass(frozen=True, slots=True)
class AnsweredBeside:
    """What a second model said of a survey: `photos` answered now, `unread` ones left out."""

    photos: int
    unread: int


def answer_beside(
    catalogue: Catalogue,
    classifier: Classifier,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> AnsweredBeside:
    """Let `classifier` answer the photos that another model answered; its answers are kept beside those that stand.

    At the same boxes, and bursts together; a site's list holds for species that it knows too. Photos that it answered
    before are passed over, so that a run that was `cancelled` goes on. Raises `UsageError` where all that is answered
    was answered by `classifier` itself.
    """
    model = Model.of(classifier)
    own = catalogue.ids_answered_by(lambda one: one.sees_like(model))
    known = catalogue.ids_answered_by(lambda one: one.sees_like(model), beside=True)
    answered = catalogue.ids(Query(decision=("species", "group", "unknown"), kind=("photo",)))
    if answered and set(answered) <= set(own):
        raise UsageError(
            "{catalogue} was answered by {model} itself: name another model to compare it with",
            catalogue=printable(catalogue.path),
            model=classifier.provenance.bundle,
        )
    before = {*own, *known}
    left = [id for id in answered if id not in before]
    listed = {species.id for species in classifier.species}
    only = [id for id in catalogue.facts.only if id in listed]
    classifier = classifier.under(classifier.policy.limited(only)) if only else classifier
    return _Second(catalogue, classifier, model).answer(left, progress, cancelled)


@dataclass(slots=True)
class _Second:
    """A second model at work; the photos of a burst wait for its last one."""

    catalogue: Catalogue
    classifier: Classifier
    model: Model

    def answer(
        self, ids: Sequence[int], progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> AnsweredBeside:
        done = unread = 0
        burst: list[tuple[int, str, Identification]] = []
        records = self._records(ids)
        jobs = (partial(self._pictures, record) for record in records)
        with closing(identify_media(self.classifier, jobs)) as batches:
            for batch in batches:
                if cancelled():
                    break
                places = self.catalogue.ids_of(record.medium.relative for record in batch)
                said: list[tuple[int, Decision]] = []
                for record in batch:
                    answer, done = record.identification, done + 1
                    if answer is None or answer.decision is None:
                        unread += 1
                        continue
                    if burst and burst[-1][1] != record.sequence:
                        said += self._decisions(burst)
                        burst = []
                    burst.append((places[record.medium.relative], record.sequence, answer))
                    if not record.sequence:
                        said += self._decisions(burst)
                        burst = []
                self._keep(said)
                progress(done, len(ids))
            else:
                self._keep(self._decisions(burst))
        return AnsweredBeside(done - unread, unread)

    def _decisions(self, burst: Sequence[tuple[int, str, Identification]]) -> list[tuple[int, Decision]]:
        joined = together((answer for _, _, answer in burst), self.classifier.policy) if len(burst) > 1 else None
        said = ((id, (joined or answer).decision) for id, _, answer in burst)
        return [(id, decision) for id, decision in said if decision is not None]

    def _keep(self, said: Sequence[tuple[int, Decision]]) -> None:
        if said:
            self.catalogue.write_others(said, self.model)

    def _records(self, ids: Sequence[int]) -> Iterator[Record]:
        for start in range(0, len(ids), _PAGE):
            yield from self.catalogue.records_of(ids[start : start + _PAGE])

    def _pictures(self, record: Record) -> Iterator[Picture]:
        own = self.catalogue.facts.settings.get("detect") == "yes"
        path = record.medium.path
        for one in record.observations:
            box = one.region.box
            if box is None:
                yield Picture(record.medium, path, one.region)
                continue
            wide = box.widened(MARGIN) if own else box
            crop = Crop(path, wide.left, wide.top, wide.width, wide.height)
            yield Picture(record.medium, crop, one.region, around=path if own else None)


@dataclass(frozen=True, slots=True)
class TwoAnswers:
    """A photo to which two models answer otherwise: ids of what each decided ("unknown" too), and a person's word."""

    file: str
    first: str
    second: str
    reviewed: str


@dataclass(frozen=True, slots=True)
class StoredComparison:
    """What a survey holds of two models' answers: `first` gave those that stand, `second` those beside them.

    Of `photos` that both answered, `differing` are those of which they name something else. Of `reviewed` ones that
    people called a species, `only_first` and `only_second` are those that only one model named rightly, and `chance` is
    the sign test's (0 to 1) of that.
    """

    first: str
    second: str
    photos: int
    differing: tuple[TwoAnswers, ...]
    reviewed: int
    only_first: int
    only_second: int
    chance: float


def stored_comparisons(catalogue: Catalogue) -> list[StoredComparison]:
    """Every two models of which a survey holds answers to the same photos, those with most photos first."""
    tallies: dict[tuple[str, str], _Tally] = {}
    listed = _Listed.of(catalogue.species.all())
    ids = catalogue.ids_answered_by(lambda _: True, beside=True)
    for start in range(0, len(ids), _PAGE):
        for record in catalogue.records_of(ids[start : start + _PAGE]):
            standing = record.identification
            if standing is None or standing.decision is None:
                continue
            for other in record.others:
                tally = tallies.setdefault((standing.provenance.bundle, other.bundle), _Tally())
                tally.add(record, standing.decision, other, listed)
    found = [tally.comparison(*names) for names, tally in tallies.items()]
    return sorted(found, key=lambda one: -one.photos)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The survey's list of species, to know an answer of another model as one of them."""

    by_id: Mapping[str, Species]
    scientific: Counter[str]

    @classmethod
    def of(cls, species: Iterable[Species]) -> _Listed:
        by_id = {one.id: one for one in species}
        return cls(by_id, Counter(one.scientific for one in by_id.values()))

    def is_called(self, id: str, other: OtherAnswer) -> bool:
        """Whether what `other` names is the listed species `id`: a scientific name that two breeds share tells none."""
        if other.decision.kind != "species" or other.decision.id == id:
            return other.decision.id == id
        own = self.by_id.get(id)
        if own is None or not isinstance(other.taxon, Species) or other.taxon.id in self.by_id:
            return False
        keys = set(name_keys(own) & name_keys(other.taxon))
        if self.scientific[own.scientific] > 1:
            keys.discard(normalised(own.scientific))
        return bool(keys)


@dataclass(slots=True)
class _Tally:
    photos: int = 0
    reviewed: int = 0
    only_first: int = 0
    only_second: int = 0
    differing: list[TwoAnswers] = field(default_factory=list)

    def add(self, record: Record, standing: Decision, other: OtherAnswer, listed: _Listed) -> None:
        self.photos += 1
        review = record.review
        species = review.species if review is not None and review.verdict == "species" else ""
        if species:
            first, second = standing.id == species, listed.is_called(species, other)
            self.reviewed += 1
            self.only_first += first and not second
            self.only_second += second and not first
        if other.differs:
            said = species or (review.verdict if review is not None else "")
            names = (standing.id or "unknown", other.decision.id or "unknown")
            self.differing.append(TwoAnswers(record.medium.path, *names, said))

    def comparison(self, first: str, second: str) -> StoredComparison:
        return StoredComparison(
            first, second, self.photos, tuple(self.differing), self.reviewed, self.only_first, self.only_second,
            sign_test(self.only_first, self.only_second),
        )  # fmt: skip


def is_survey(path: Path) -> bool:
    """Whether `path` is a survey's file rather than a set of photos."""
    return path.is_file() and path.suffix.lower() not in (".csv", ".npz", ".npy")
