"""Photos as a network sees them: whole or around a box, and mirrored; each looked at once, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.material import TaughtPhoto
from avistar.adaptation.survey_embeddings import SurveyEmbeddings, place_of
from avistar.backends import Backend
from avistar.boxes import Box
from avistar.errors import ImageError
from avistar.images.decode import prepare
from avistar.images.geometry import Crop, Source
from avistar.manifest import Preprocessing
from avistar.parallel import in_order, usable_cpus
from avistar.progress import StepProgress

MIRRORED_UP_TO = 5_000
"""Photos up to which mirrored copies are learned from too: beyond, there is enough to learn from."""

LOOKING = "looking at photos"
_BATCH, _PAGE = 8, 500


class Cancelled(Exception):
    """Somebody ended the work; nothing was written."""


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Embeddings float32 [N, features] of views; the n-th is one of the photo `photos[owners[n]]`.

    The first view of a photo is what a survey identifies: its box, or all of it. `unread` are (path, reason).
    """

    photos: tuple[TaughtPhoto, ...]
    embedding: NDArray[np.float32]
    owners: NDArray[np.intp]
    first: NDArray[np.bool_]
    unread: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Looker:
    """How photos are looked at: by which network, of which body, and where what was seen is kept."""

    backend: Backend
    preprocessing: Preprocessing
    body: str
    kept: KeptEmbeddings
    progress: StepProgress
    cancelled: Callable[[], bool]

    def look(self, photos: Sequence[TaughtPhoto]) -> Views:
        """Every view of `photos`; those that can't be read are listed and left out. Raises `Cancelled`."""
        mirrored = len(photos) <= MIRRORED_UP_TO
        keys = [[_key(self.body, photo, name) for name in _names(photo, mirrored)] for photo in photos]
        seen = self.kept.find([key for some in keys for key in some])
        seen |= _seen_by_surveys(photos, self.body)
        lacking = [[key for key in some if key not in seen] for some in keys]
        missing = [i for i, some in enumerate(lacking) if some]
        unread = self._see([photos[i] for i in missing], [lacking[i] for i in missing], seen)
        readable = [i for i in range(len(photos)) if photos[i].path not in unread]
        rows = [seen[key] for i in readable for key in keys[i]]
        owners = [n for n, i in enumerate(readable) for _ in keys[i]]
        first = [place == 0 for i in readable for place in range(len(keys[i]))]
        features = len(rows[0]) if rows else 0
        embedding = np.stack(rows) if rows else np.zeros((0, features), np.float32)
        chosen = tuple(photos[i] for i in readable)
        return Views(chosen, embedding, np.array(owners, np.intp), np.array(first, bool), tuple(unread.items()))

    def _see(
        self, photos: Sequence[TaughtPhoto], keys: Sequence[Sequence[str]], seen: dict[str, NDArray[np.float32]]
    ) -> dict[str, str]:
        unread: dict[str, str] = {}
        done = 0
        work = zip(photos, keys, strict=True)
        with closing(in_order(work, self._batch, batch=_BATCH, workers=usable_cpus())) as batches:
            for rows, failures, count in batches:
                done += count
                seen.update(rows)
                unread.update(failures)
                self.kept.keep(rows)
                self.progress(LOOKING, done, len(photos))
                if self.cancelled():
                    raise Cancelled
        return unread

    def _batch(
        self, work: Iterator[tuple[TaughtPhoto, Sequence[str]]]
    ) -> tuple[dict[str, NDArray[np.float32]], dict[str, str], int]:
        pixels, names, failures, count = [], [], dict[str, str](), 0
        for photo, keys in work:
            count += 1
            try:
                views = dict.fromkeys(key.split(":")[2].removeprefix("mirrored ") for key in keys)
                shown = {view: prepare(_source(photo, view), self.preprocessing)[0] for view in views}
            except ImageError as error:
                failures[photo.path] = str(error)
                continue
            for key in keys:
                view = key.split(":")[2]
                one = shown[view.removeprefix("mirrored ")]
                pixels.append(np.ascontiguousarray(one[:, ::-1]) if view.startswith("mirrored") else one)
                names.append(key)
        rows = self.backend.run(np.stack(pixels)).embedding if pixels else np.zeros((0, 0), np.float32)
        return dict(zip(names, rows, strict=True)), failures, count


def kept_views(photos: Sequence[TaughtPhoto], body: str) -> tuple[tuple[TaughtPhoto, ...], NDArray[np.float32]]:
    """The photos that the network `body` saw while surveys were identified, and the first view of each."""
    seen = _seen_by_surveys(photos, body)
    keys = [_key(body, photo, _plain(photo)[0]) for photo in photos]
    there = [(photo, seen[key]) for photo, key in zip(photos, keys, strict=True) if key in seen]
    embedding = np.stack([row for _, row in there]) if there else np.zeros((0, 0), np.float32)
    return tuple(photo for photo, _ in there), embedding


def _key(body: str, photo: TaughtPhoto, view: str) -> str:
    box = photo.box
    part = f"{box.left:.4f},{box.top:.4f},{box.width:.4f},{box.height:.4f}" if box and "box" in view else ""
    return f"{body[:16]}:{photo.content}:{view}:{part}"


def _seen_by_surveys(photos: Sequence[TaughtPhoto], body: str) -> dict[str, NDArray[np.float32]]:
    """What identifying saw of them with this network, by the key of the view."""
    found: dict[str, NDArray[np.float32]] = {}
    for survey in {photo.survey for photo in photos} - {""}:
        own = [photo for photo in photos if photo.survey == survey]
        with closing(SurveyEmbeddings(place_of(Path(survey)), body)) as kept:
            for start in range(0, len(own), _PAGE):
                some = own[start : start + _PAGE]
                looks = kept.of_media([photo.kept for photo in some])
                for photo, look in ((one, look) for one in some for look in looks.get(one.kept, ())):
                    if look.region.box is None and photo.box is None:
                        found[_key(body, photo, "whole")] = look.embedding
                    elif look.region.box is not None and photo.box is not None and _same(look.region.box, photo.box):
                        found[_key(body, photo, "box")] = look.embedding
                        if look.around is not None:
                            found[_key(body, photo, "whole")] = look.around
    return found


def _same(one: Box, other: Box) -> bool:
    """Whether both lie at the same place: a person's box speaks of a detector's by its sides."""
    return (one.left, one.top, one.width, one.height) == (other.left, other.top, other.width, other.height)


def _plain(photo: TaughtPhoto) -> tuple[str, ...]:
    return ("box", "whole") if photo.box else ("whole",)


def _names(photo: TaughtPhoto, mirrored: bool) -> list[str]:
    plain = list(_plain(photo))
    return plain + [f"mirrored {one}" for one in plain] if mirrored else plain


def _source(photo: TaughtPhoto, view: str) -> Source:
    box = photo.box
    if view == "whole" or box is None:
        return photo.path
    return Crop(photo.path, box.left, box.top, box.width, box.height)
