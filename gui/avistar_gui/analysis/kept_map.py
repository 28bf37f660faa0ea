"""A survey's map, kept beside its file so that it is worked out once. Plain arrays; knows no Qt."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.files import replaced

SUFFIX = ".map.npz"
MOST = 5000
"""Photos on a map; t-SNE takes minutes for so many on two cores, and the eye sees clouds, no more with more."""


def wanted_rows(contents: Sequence[str], most: int = MOST) -> NDArray[np.int64]:
    """The rows that belong on the map: all, or of more than `most` those with the least `contents`.

    Contents are hashes, so that is a fair draw, and one that stays the same while more photos are reviewed.
    """
    known = np.array([row for row, content in enumerate(contents) if content], np.int64)
    if len(known) > most:
        first = (int.from_bytes(contents[row].encode()[:7].ljust(7, b"0")) for row in known)
        ranks = np.fromiter(first, np.int64, len(known))  # `sorted` would hold up every other thread
        known = np.sort(known[np.argsort(ranks, kind="stable")[:most]])
    return known


@dataclass(frozen=True, slots=True, eq=False)
class KeptMap:
    """Where N photos lie, by `contents` (`files.content_key`) that outlive a move; `artifact` (SHA-256) saw them.

    `embedding` float16 [N, features] is what the network made of each, so that a renewed map looks only at new
    photos; `places` float32 [N, 2].
    """

    artifact: str
    contents: tuple[str, ...]
    embedding: NDArray[np.float16]
    places: NDArray[np.float32]


def map_file(survey: str) -> Path:
    """Where the map of the catalogue `survey` is kept."""
    return Path(survey + SUFFIX)


def read_map(path: Path) -> KeptMap | None:
    """The map in `path`; None where there is none, or one that can't be read: it is only worked out again."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            artifact, contents = str(stored["artifact"]), tuple(str(one) for one in stored["contents"])
            embedding, places = stored["embedding"].astype(np.float16), stored["places"].astype(np.float32)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    fits = embedding.ndim == 2 and len(embedding) == len(contents) and places.shape == (len(contents), 2)
    return KeptMap(artifact, contents, embedding, places) if fits and np.isfinite(places).all() else None


def write_map(path: Path, kept: KeptMap) -> None:
    """Keep a map. Raises `UsageError` and `AvistarError` where it can't be written."""
    with replaced(path) as partial, partial.open("xb") as stream:
        np.savez(
            stream,
            artifact=np.array(kept.artifact),
            contents=np.array(kept.contents),
            embedding=kept.embedding,
            places=kept.places,
        )


def places_of(kept: KeptMap | None, contents: Sequence[str], artifact: str) -> NDArray[np.float32]:
    """Where photos of these `contents` lie, float32 [N, 2], NaN for those that are not on the map.

    [0, 2] without a map of this artifact, and where none of them is on it.
    """
    if kept is None or kept.artifact != artifact:
        return np.zeros((0, 2), np.float32)
    row = {content: i for i, content in enumerate(kept.contents) if content}
    rows = np.array([row.get(content, -1) for content in contents], np.int64)
    if not (rows >= 0).any():
        return np.zeros((0, 2), np.float32)
    places = kept.places[rows]
    places[rows < 0] = np.nan
    return places
