"""A survey is answered again by a model with the same network and another last layer: no photo is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np

from avistar.adaptation.onnx_head import Head, read_head
from avistar.adaptation.survey_embeddings import SurveyEmbeddings
from avistar.backends import Outputs
from avistar.bursts import together
from avistar.catalogue import Catalogue, Model, Query
from avistar.classifier import Classifier
from avistar.files import printable
from avistar.identification import Identification, PreparedPicture
from avistar.pipeline import PictureEmbedding, answer_of_looks
from avistar.records import Observation, Record

_PAGE = 500


def answered_otherwise(catalogue: Catalogue, classifier: Classifier, *, unreviewed: bool = False) -> list[int]:
    """The media whose answers another network gave; `unreviewed`: none of which people said anything."""
    model = Model.of(classifier)
    ids = catalogue.ids_answered_by(lambda one: not one.sees_like(model))
    if unreviewed and ids:
        waiting = set(catalogue.ids(Query(reviewed=False)))
        ids = [id for id in ids if id in waiting]
    return ids


def answer_again(
    catalogue: Catalogue,
    classifier: Classifier,
    ids: Sequence[int],
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[int]:
    """Answer these media from what was kept of them, and return those of which nothing was.

    Photos in which a detector found nothing are looked through for what is named now, unless people said something
    of them. Each page is stored whole; reviews stay. Photos of bursts are single ones afterwards:
    `survey.join_bursts` joins them. Once `cancelled`, those that were not reached are returned too. Raises what the
    catalogue raises.
    """
    blanks = set(catalogue.ids(Query(state=("blank",), reviewed=False))) if ids else set[int]()
    wanted = [*ids, *sorted(blanks.difference(ids))]
    left: list[int] = []
    with closing(SurveyEmbeddings.of(catalogue.path, classifier)) as kept:
        head = _head(classifier) if kept.body else None
        for start in range(0, len(wanted), _PAGE):
            some = wanted[start : start + _PAGE]
            if head is None or cancelled():
                left += wanted[start:]
                break
            records = dict(zip(some, catalogue.records_of(some), strict=True))
            looks = kept.find(records)
            answered = _answered([(records[id], seen) for id, seen in looks.items()], head, classifier)
            if answered:
                catalogue.write(answered, Model.of(classifier))
            left += [id for id in some if id not in looks]
            progress(start + len(some), len(wanted))
    return [id for id in left if id not in blanks]


def _head(classifier: Classifier) -> Head:
    artifact = classifier.info.executed
    assert artifact is not None  # noqa: S101 it has a body
    return read_head(classifier.bundle.checked(artifact.file))


def _answered(
    media: Sequence[tuple[Record, Sequence[PictureEmbedding]]], head: Head, classifier: Classifier
) -> list[Record]:
    looks = [look for _, seen in media for look in seen]
    if not looks:
        return []
    rows = [row for look in looks for row in (look.embedding, look.around) if row is not None]
    embedding = np.stack(rows)
    sources = [printable(record.medium.path) for record, seen in media for _ in seen]
    pictures = [
        PreparedPicture(source, None, look.flags, None, 0.0)
        for source, look in zip(sources, looks, strict=True)
        for _ in range(1 if look.around is None else 2)
    ]
    answers = iter(classifier.answer_outputs(pictures, Outputs(head.logits(embedding), embedding)))
    return [_record(record, seen, [_look(answers, one, classifier) for one in seen], classifier)
            for record, seen in media]  # fmt: skip


def _look(answers: Iterator[Identification], one: PictureEmbedding, classifier: Classifier) -> Identification | None:
    answer = next(answers)
    around = next(answers) if one.around is not None else None
    return answer_of_looks(answer, around, classifier.policy, tentative=one.tentative)


def _record(
    record: Record, seen: Sequence[PictureEmbedding], said: Sequence[Identification | None], classifier: Classifier
) -> Record:
    observations = tuple(
        Observation(look.region, answer) for look, answer in zip(seen, said, strict=True) if answer is not None
    )
    joined = None
    if record.medium.kind == "video":
        joined = together((one.identification for one in observations), classifier.policy)
        joined = replace(joined, source=printable(record.medium.path)) if joined is not None else None
    blank = not (observations or record.detections)
    return replace(
        record, observations=observations, blank=blank, together=joined, sequence="", failure=None, answered_at=None
    )
