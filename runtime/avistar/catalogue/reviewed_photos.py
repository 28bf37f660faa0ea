"""What people said of photos beside what a network had said of them: the material to judge it by."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from avistar.catalogue.codec import Model
from avistar.records import Box

SQL = """SELECT medium.id, path, kind, verdict, verdict_species, content, model, probabilities, observation.decision,
        box_left, box_top, box_width, box_height
    FROM medium LEFT JOIN observation ON observation.medium = medium.id AND observation.fault IS NULL
    WHERE review IS NOT NULL AND present
    ORDER BY medium.id, observation.confidence IS NULL, observation.confidence DESC, observation.position"""


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedPhotos:
    """N reviewed photos that one network answered, in the order of their ids.

    `verdicts` and `species` are what people say; `probabilities` float32 [N, species] are the network's own answer
    to the photo, in the order of `model.policy.species`, before a site's list, a burst or a review changed anything;
    `decisions` what was decided of it ("species", "group", "unknown"). Of several boxes the surest counts, in
    `boxes`; None for a whole photo. `contents` are `files.content_key`s.
    """

    model: Model
    ids: tuple[int, ...]
    relatives: tuple[str, ...]
    verdicts: tuple[str, ...]
    species: tuple[str, ...]
    contents: tuple[str, ...]
    probabilities: NDArray[np.float32]
    decisions: tuple[str, ...]
    boxes: tuple[Box | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedSurvey:
    """Everything in a survey that was reviewed: photos by the network that answered, the one with most first.

    `unanswered` photos have no answer that could be judged; `videos` are counted, and judged nowhere.
    """

    photos: tuple[ReviewedPhotos, ...]
    unanswered: int
    videos: int


@dataclass(slots=True)
class _Columns:
    """What is read of one network's photos, growing; plain texts and bytes, which cost Python's memory little work."""

    ids: list[int] = field(default_factory=list)
    relatives: list[str] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    species: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    probabilities: list[bytes] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    boxes: list[Box | None] = field(default_factory=list)

    def add(self, row: sqlite3.Row) -> None:
        self.ids.append(row["id"])
        self.relatives.append(os.fsdecode(row["path"]))
        self.verdicts.append(row["verdict"])
        self.species.append(row["verdict_species"] or "")
        self.contents.append(row["content"])
        self.probabilities.append(row["probabilities"])
        self.decisions.append(row["decision"] or "")
        self.boxes.append(_box(row))

    def of(self, model: Model) -> ReviewedPhotos:
        raw = np.frombuffer(b"".join(self.probabilities), "<f4")
        return ReviewedPhotos(
            model=model,
            ids=tuple(self.ids),
            relatives=tuple(self.relatives),
            verdicts=tuple(self.verdicts),
            species=tuple(self.species),
            contents=tuple(self.contents),
            probabilities=raw.reshape(len(self.ids), len(model.policy.species)).astype(np.float32),
            decisions=tuple(self.decisions),
            boxes=tuple(self.boxes),
        )


def read(rows: Iterable[sqlite3.Row], models: Mapping[int, Model], cancelled: Callable[[], bool]) -> ReviewedSurvey:
    """Sort the `rows` of `SQL` by network; none of them is kept. What was read until `cancelled` is returned."""
    alike: list[Model] = []
    place: dict[int, int] = {}
    for id, model in models.items():
        at = next((i for i, one in enumerate(alike) if one.sees_like(model)), len(alike))
        if at == len(alike):
            alike.append(model)
        place[id] = at
    columns = [_Columns() for _ in alike]
    unanswered = videos = 0
    last = None
    for row in rows:
        if cancelled():
            break
        if row["id"] == last:  # a less sure box of the same photo
            continue
        last = row["id"]
        if row["kind"] == "video":
            videos += 1
        elif row["model"] is None or not row["probabilities"]:
            unanswered += 1
        else:
            columns[place[row["model"]]].add(row)
    found = [some.of(model) for model, some in zip(alike, columns, strict=True) if some.ids]
    return ReviewedSurvey(tuple(sorted(found, key=lambda one: -len(one.ids))), unanswered, videos)


def _box(row: sqlite3.Row) -> Box | None:
    if row["box_left"] is None:
        return None
    return Box(row["box_left"], row["box_top"], row["box_width"], row["box_height"])
