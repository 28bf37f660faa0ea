"""Which photos to review next, so that a lesson learns most from them: uncertain ones, and none like another.

BADGE (Ash et al. 2020, arXiv:1906.03671): each photo stands for the change that it would make to the last layer if its
likeliest species were true, and k-means++, weighted by how large they are, picks changes that differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avistar.catalogue import Catalogue, Query
from avistar.records import Record

MOST_CANDIDATES = 5_000
"""Least sure photos among which is picked."""


def review_next(catalogue: Catalogue, count: int = 50, *, seed: int = 0) -> list[int]:
    """The ids of up to `count` unreviewed photos, the most telling first; a burst gives one of its photos.

    From the probabilities that the catalogue holds: nothing is looked at again.
    """
    ids = catalogue.ids(Query(state=("answered",), kind=("photo",), reviewed=False, order="least_sure"))
    found: list[int] = []
    rows: list[NDArray[np.float32]] = []
    bursts: set[str] = set()
    for start in range(0, min(len(ids), MOST_CANDIDATES), 500):
        page = ids[start : start + 500]
        for id, record in zip(page, catalogue.records_of(page), strict=True):
            probabilities = _probabilities(record)
            if probabilities is None or record.sequence in bursts or (rows and len(probabilities) != len(rows[0])):
                continue
            if record.sequence:
                bursts.add(record.sequence)
            found.append(id)
            rows.append(probabilities)
    if not found:
        return []
    return [found[i] for i in telling(np.stack(rows), count=count, seed=seed)]


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
