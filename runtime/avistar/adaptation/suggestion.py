"""Which photos to review next, so that a lesson learns most from them: uncertain ones, and none like another.

BADGE (Ash et al. 2020, arXiv:1906.03671): each photo stands for the change that it would make to the last layer if its
likeliest species were true, and k-means++, weighted by how large they are, picks changes that differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.survey_embeddings import SurveyEmbeddings
from avistar.catalogue import Catalogue, Query
from avistar.pipeline import PictureEmbedding
from avistar.records import Record

MOST_CANDIDATES = 5_000
"""Least sure photos among which is picked."""


def review_next(catalogue: Catalogue, count: int = 50, *, seed: int = 0) -> list[int]:
    """The ids of up to `count` unreviewed photos, the most telling first; a burst gives one of its photos.

    From the probabilities that the catalogue holds, and from what the network saw, as far as that was kept: nothing is
    looked at again.
    """
    ids = catalogue.ids(Query(state=("answered",), kind=("photo",), reviewed=False, order="least_sure"))
    found: list[int] = []
    rows: list[NDArray[np.float32]] = []
    seen: list[NDArray[np.float32] | None] = []
    bursts: set[str] = set()
    with closing(SurveyEmbeddings.of_catalogue(catalogue.path)) as kept:
        for start in range(0, min(len(ids), MOST_CANDIDATES), 500):
            page = ids[start : start + 500]
            candidates: dict[int, Record] = {}
            for id, record in zip(page, catalogue.records_of(page), strict=True):
                probabilities = _probabilities(record)
                if probabilities is None or record.sequence in bursts or (rows and len(probabilities) != len(rows[0])):
                    continue
                if record.sequence:
                    bursts.add(record.sequence)
                candidates[id] = record
                rows.append(probabilities)
            looks = kept.find(candidates)
            found += candidates
            seen += [_embedding(record, looks.get(id, ())) for id, record in candidates.items()]
    if not found:
        return []
    return [found[i] for i in telling(np.stack(rows), _stacked(seen), count=count, seed=seed)]


def _embedding(record: Record, looks: Sequence[PictureEmbedding]) -> NDArray[np.float32] | None:
    """What the network saw of the region whose answer stands for the photo; None where it wasn't kept."""
    answer = record.identification
    region = next((one.region for one in record.observations if one.identification is answer), None)
    return next((one.embedding for one in looks if one.region == region), looks[0].embedding if looks else None)


def _stacked(seen: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32] | None:
    """All of them [N, features], their mean where one is missing; None where none was kept."""
    known = [one for one in seen if one is not None]
    if not known or any(len(one) != len(known[0]) for one in known):
        return None
    mean = np.mean(known, axis=0, dtype=np.float32)
    return np.stack([mean if one is None else one for one in seen])


def telling(
    probabilities: NDArray[np.float32], embedding: NDArray[np.float32] | None = None, *, count: int, seed: int = 0
) -> list[int]:
    """Up to `count` rows of `probabilities` [N, species], the most telling first.

    `embedding` [N, features], where it was kept, also tells photos apart that get the same answer.
    """
    residual = probabilities.astype(np.float64).copy()
    residual[np.arange(len(residual)), probabilities.argmax(axis=1)] -= 1
    features = np.ones((len(residual), 1)) if embedding is None else embedding.astype(np.float64)
    size = (residual**2).sum(axis=1) * (features**2).sum(axis=1)
    rng = np.random.default_rng(seed)
    picked = [int(size.argmax())]
    # The product of two changes is that of their residuals times that of their features: no outer product is made.
    away = np.full(len(residual), np.inf)
    while len(picked) < min(count, len(residual)):
        last = picked[-1]
        product = (residual @ residual[last]) * (features @ features[last])
        away = np.minimum(away, np.maximum(size + size[last] - 2 * product, 0))
        away[picked] = 0
        chance = away * size  # sure photos also differ from unsure ones, and would teach nothing
        if chance.sum() <= 0:
            break
        picked.append(int(rng.choice(len(chance), p=chance / chance.sum())))
    return picked


def _probabilities(record: Record) -> NDArray[np.float32] | None:
    answer = record.identification
    return answer.probabilities if answer is not None and len(answer.probabilities) else None
