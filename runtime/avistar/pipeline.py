"""From media to records at full speed: decode and identify in threads, in order, with flat memory."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from avistar.backends import Floats
from avistar.boxes import MOST_BOXES
from avistar.bursts import averaged, together
from avistar.classifier import Classifier
from avistar.decision import Policy
from avistar.detector import Detector
from avistar.files import content_key, printable
from avistar.identification import INCOMPLETE, Failure, Identification, PreparedPicture
from avistar.images.geometry import Source
from avistar.media.detector_pictures import found_in_source
from avistar.parallel import in_order, usable_cpus
from avistar.records import Medium, Observation, Picture, Record, Region, SecondOpinion

Job = Callable[[], Iterable[Picture]]
"""One medium, opened by the thread that identifies it: its pictures, one after the other."""

Keeper = Callable[[Record, Sequence["PictureEmbedding"]], None]
"""Called in a worker's thread with each record whose pictures were all answered, and with what the network saw."""

_BATCHES = (4, 8, 16, 32, 64)
MOST_KEPT = 500
"""Pictures of one medium up to which it is told what the network saw; a long video would fill the memory."""
_WORTH_IT = 1.03
_MEASURED = 48
"""Pictures behind each measured rate."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureEmbedding:
    """What the last layer saw of one picture of a medium: `embedding` float32 [features], and that of what lies
    `around` it. `tentative` and `flags` as in `Picture`.
    """

    region: Region
    embedding: Floats
    around: Floats | None = None
    tentative: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run uses the machine: `workers` threads that decode and identify, pictures in a `batch` of each."""

    batch: int = 8
    workers: int = 2

    @classmethod
    def here(cls) -> Pace:
        """A worker for each CPU that this process may use, two at least: one reads while the other computes."""
        return cls(workers=max(2, usable_cpus()))


def measured_pace(classifier: Classifier) -> Pace:
    """The batch beyond which a larger one gains less than 3 %, measured for a second with every worker busy.

    A network keeps the memory of its largest batch, so larger ones are not even tried: two cores are as fast with
    4 pictures as with 32, which take 500 MB more. A GPU goes on to larger ones.
    """
    pace = Pace.here()
    rate, batch = 0.0, _BATCHES[0]
    with ThreadPoolExecutor(pace.workers, thread_name_prefix="avistar-pace") as pool:
        for larger in _BATCHES:
            faster = _rate(classifier, larger, pool, pace.workers)
            if faster < rate * _WORTH_IT:
                break
            rate, batch = faster, larger
    return replace(pace, batch=batch)


def pictures_per_second(classifier: Classifier, pace: Pace | None = None) -> float:
    """How many prepared pictures the network answers in a second with every worker busy, without reading files."""
    pace = pace or Pace.here()
    with ThreadPoolExecutor(pace.workers, thread_name_prefix="avistar-pace") as pool:
        return _rate(classifier, pace.batch, pool, pace.workers)


def _rate(classifier: Classifier, batch: int, pool: Executor, workers: int) -> float:
    """Pictures per second; the first call, which allocates, does not count."""
    size = classifier.bundle.manifest.preprocessing
    noise = np.random.default_rng(0).integers(0, 256, (size.height, size.width, 3), dtype=np.uint8)
    pictures = [[PreparedPicture("", noise, (), None, 0.0)] * batch] * workers
    list(pool.map(classifier.answer, pictures))
    rounds = max(1, _MEASURED // (batch * workers))
    begun = time.perf_counter()
    list(pool.map(classifier.answer, pictures * rounds))
    return rounds * batch * workers / (time.perf_counter() - begun)


def identify_media(
    classifier: Classifier, jobs: Iterable[Job], pace: Pace | None = None, *, keep: Keeper | None = None
) -> Generator[list[Record], None, None]:
    """The records of each batch of media, in order. Close the generator to stop: see `flow.in_order`.

    A medium that can't be read is a record with its failure. `keep` gets what the network saw. Raises what the
    backend raises.
    """
    pace = pace or Pace.here()
    work = partial(_records, classifier, pace.batch, keep=keep)
    return in_order(jobs, work, batch=pace.batch, workers=pace.workers)


@dataclass(slots=True)
class _Part:
    """One picture of a medium on its way: waiting to be answered, answered, or nothing to answer."""

    medium: Medium
    region: Region
    outcome: PreparedPicture | Identification | Failure | None
    around: PreparedPicture | None = None
    tentative: bool = False
    seen: PictureEmbedding | None = None
    opinion: SecondOpinion | None = None


def identify_in_boxes(classifier: Classifier, detector: Detector, picture: Source) -> Record:
    """What is in one picture that belongs to no survey, in the calling thread: its boxes and their answers.

    A picture that can't be read is a record with its failure. Raises what the backends raise.
    """
    name = printable(picture) if isinstance(picture, (str, os.PathLike)) else ""
    medium = Medium(name, name)
    return _records(classifier, MOST_BOXES, iter([partial(found_in_source, medium, picture, detector)]))[0]


def _records(classifier: Classifier, batch: int, jobs: Iterator[Job], *, keep: Keeper | None = None) -> list[Record]:
    """What a worker does: open media, identify their pictures whenever a batch is full, join the answers."""
    media: list[list[_Part]] = []
    waiting: list[_Part] = []
    for job in jobs:
        media.append([])
        for picture in job():
            earlier = media[-1][-1] if media[-1] else None
            part = _part(classifier, picture, earlier)
            media[-1].append(part)
            if isinstance(part.outcome, PreparedPicture):
                waiting.append(part)
            if len(waiting) == batch:  # a video has more pictures than memory should hold
                _answer(classifier, waiting, keeping=keep is not None and len(media[-1]) <= MOST_KEPT)
                waiting = []
    _answer(classifier, waiting, keeping=keep is not None)
    records = [_record(parts, classifier.policy) for parts in media if parts]
    if keep is not None:
        for record, parts in zip(records, (parts for parts in media if parts), strict=True):
            seen = [part.seen for part in parts if part.seen is not None]
            failed = any(isinstance(part.outcome, Failure) for part in parts)
            if seen and not failed and len(parts) <= MOST_KEPT:
                keep(record, seen)
    return records


def _part(classifier: Classifier, picture: Picture, earlier: _Part | None) -> _Part:
    """`earlier` is the part before it, which may have prepared the same surroundings."""
    outcome = _prepared(classifier, picture, picture.source)
    around: PreparedPicture | None = None
    if picture.around is not None:
        same = earlier is not None and earlier.around is not None and earlier.region.time_s == picture.region.time_s
        prepared = earlier.around if same and earlier is not None else _prepared(classifier, picture, picture.around)
        around = prepared if isinstance(prepared, PreparedPicture) else None
    return _Part(picture.medium, picture.region, outcome, around, picture.tentative, opinion=picture.opinion)


def _prepared(
    classifier: Classifier, picture: Picture, source: Source | Failure | None
) -> PreparedPicture | Failure | None:
    if source is None or isinstance(source, Failure):
        return source
    prepared = classifier.prepare(source)
    return replace(prepared, source=printable(picture.medium.path), flags=(*picture.flags, *prepared.flags))


def _answer(classifier: Classifier, parts: Sequence[_Part], *, keeping: bool = False) -> None:
    prepared = [part.outcome for part in parts if isinstance(part.outcome, PreparedPicture)]
    surroundings = list({id(part.around): part.around for part in parts if part.around is not None}.values())
    answers = classifier.answer_with_embeddings([*prepared, *surroundings])
    around = {id(one): answer for one, answer in zip(surroundings, answers[len(parts) :], strict=True)}
    for part, (answer, embedding) in zip(parts, answers, strict=False):
        beside, whole = around.get(id(part.around), (None, None))
        if keeping and embedding is not None:
            part.seen = PictureEmbedding(part.region, embedding, whole, part.tentative, answer.flags)
        part.around = None
        part.outcome = answer_of_looks(answer, beside, classifier.policy, tentative=part.tentative)


def answer_of_looks(
    answer: Identification, around: Identification | None, policy: Policy, *, tentative: bool
) -> Identification | None:
    """What is said of a picture that was looked at alone and with what lies `around` it; None for nothing."""
    if around is not None and around.decision is not None and answer.decision is not None:
        answer = averaged([answer, around], policy)
    return None if tentative and _says_nothing(answer) else answer


def _says_nothing(answer: Identification) -> bool:
    return answer.decision is not None and answer.decision.kind == "unknown"


def _record(parts: Sequence[_Part], policy: Policy) -> Record:
    medium = _recognisable(parts[0].medium)
    answers = [(part.region, part.outcome) for part in parts if isinstance(part.outcome, Identification)]
    failures = [part.outcome for part in parts if isinstance(part.outcome, Failure)]
    failures += [answer.failure for _, answer in answers if answer.failure]
    boxes = tuple(part.region.box for part in parts if part.region.box is not None)
    if failures and all(answer.failure for _, answer in answers) and (answers or not boxes):
        return Record(medium, failure=failures[0])
    if failures and medium.kind == "video":  # a part of it could not be read: what was found in the rest counts
        answers = [
            (region, replace(one, flags=tuple(dict.fromkeys((*one.flags, INCOMPLETE))))) for region, one in answers
        ]
    observations = tuple(Observation(region, answer) for region, answer in answers)
    joined = together((answer for _, answer in answers), policy) if medium.kind == "video" else None
    if joined is not None:
        joined = replace(joined, source=printable(medium.path))
    blank, opinion = not (observations or boxes), parts[0].opinion
    return Record(medium, observations, boxes, blank=blank, together=joined, opinion=opinion)


def _recognisable(medium: Medium) -> Medium:
    """The medium with the key by which it is known again once it moved."""
    with suppress(OSError, ValueError):  # no file, or none that can be read: its answer says so
        return replace(medium, content=content_key(medium.path, medium.bytes))
    return medium
