"""The program that looks at photos for the Analysis screen, in a process of its own. Knows no Qt.

`avistar gui --work REQUEST` runs it: it answers photos with one artifact and, if asked, lays their embeddings out
on a map. It writes JSON lines about its progress to standard output, and the result to the file that the request
names; ended before that, it leaves nothing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from avistar import ModelBundle
from avistar.arrays import TRUTH, ArrayError, array, load_arrays
from avistar.backends import Backend
from avistar.backends.factory import open_artifact
from avistar.errors import AvistarError, BundleError, ImageError
from avistar.evaluation.embedding_map import embedding_map
from avistar.files import printable
from avistar.images.decode import prepare
from avistar.images.geometry import Crop, Pixels
from avistar.manifest import Preprocessing
from avistar.parallel import in_order, usable_cpus

BATCH = 8


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """Which artifact `file` of the bundle in `folder` looks at which `photos`, and where the `result` goes.

    `boxes`: left, top, width and height as fractions where only a part of a photo counts, else None. `known`: a file
    with `rows` and float16 `embedding` of photos that need no look, "" for none. `on_map`: lay them out.
    """

    folder: str
    file: str
    photos: list[str]
    boxes: list[list[float] | None]
    result: str
    known: str = ""
    on_map: bool = False

    def write(self, path: Path) -> None:
        """Write it for `read`; names keep whatever bytes they have."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=True), "ascii")

    @classmethod
    def read(cls, path: Path) -> WorkerRequest:
        """The request in `path`."""
        return cls(**json.loads(path.read_text("ascii")))


@dataclass(frozen=True, slots=True, eq=False)
class WorkerResult:
    """What came of N photos: `read` bool [N]; `logits` float32 [N, species] and `embedding` [N, features], else 0.

    `places` float32 [N, 2] on the map, NaN for those that could not be read; [0, 2] where there is none.
    """

    read: NDArray[np.bool_]
    logits: NDArray[np.float32]
    embedding: NDArray[np.float16]
    places: NDArray[np.float32]

    @classmethod
    def load(cls, path: Path) -> WorkerResult:
        """The result in `path`. Raises `AvistarError` where it is none."""
        try:
            stored = load_arrays(path)
            read = array(stored, "read", TRUTH, (None,))
            logits = array(stored, "logits", "f", (len(read), None))
            embedding, places = (array(stored, name, "f", (None, None)) for name in ("embedding", "places"))
            if not {len(embedding), len(places)} <= {0, len(read)} or places.shape[1] != 2:
                raise ArrayError("its arrays speak of different photos")
        except ArrayError as error:
            raise AvistarError("{file} can't be read: {error}", file=path, error=error) from error
        return cls(read, logits, embedding, places)


def run(request: Path) -> int:
    """Do what is asked for in `request`, giving way to the window; the exit code."""
    if hasattr(os, "nice"):
        os.nice(5)
    return look(request, sys.stdout)


def look(request: Path, out: TextIO) -> int:
    """Do what is asked for in `request`; 0 done, 1 failed, and told `out` why."""
    try:
        _look(WorkerRequest.read(request), out)
    except (AvistarError, OSError, ValueError) as error:
        _tell(out, event="failed", text=str(error))
        return 1
    _tell(out, event="done")
    return 0


def _tell(out: TextIO, **facts: str | int) -> None:
    print(json.dumps(facts), file=out, flush=True)


def _look(request: WorkerRequest, out: TextIO) -> None:
    bundle = ModelBundle.open(request.folder)
    artifact = next((one for one in bundle.manifest.artifacts if one.file == request.file), None)
    if artifact is None:
        raise BundleError("the bundle '{name}' has no artifact {file}", name=bundle.manifest.name, file=request.file)
    total, species = len(request.photos), len(bundle.manifest.species)
    read, logits = np.zeros(total, bool), np.zeros((total, species), np.float32)
    embedding = _known(request, total)
    if len(embedding) == total:
        read |= np.isfinite(embedding[:, 0])
    waiting = np.flatnonzero(~read)

    def tell(done: int) -> None:
        _tell(out, event="progress", what="look", done=done, total=len(waiting))

    tell(0)
    with closing(open_artifact(bundle, artifact)) as backend:
        for done, (rows, some_logits, some_embedding) in enumerate(_answers(request, waiting, bundle, backend), 1):
            if len(rows):
                if len(embedding) != total:
                    embedding = np.zeros((total, some_embedding.shape[1]), np.float16)
                read[rows], logits[rows], embedding[rows] = True, some_logits, some_embedding
            tell(min(done * BATCH, len(waiting)))
    if total and not read.any():
        raise AvistarError(
            "none of the {number} photos could be read, such as {file}", number=total, file=printable(request.photos[0])
        )
    places = _places(embedding, read, out) if request.on_map else np.zeros((0, 2), np.float32)
    embedding = np.where(read[:, None], embedding, 0) if len(embedding) == total else np.zeros((0, 0), np.float16)
    with Path(request.result).open("xb") as file:
        np.savez(file, read=read, logits=logits, embedding=embedding.astype(np.float16), places=places)


def _known(request: WorkerRequest, total: int) -> NDArray[np.float16]:
    """Embeddings that need no look, NaN for the others; [0, 0] where none is known."""
    if not request.known:
        return np.zeros((0, 0), np.float16)
    try:
        stored = load_arrays(request.known)
        rows = array(stored, "rows", "i", (None,))
        some = array(stored, "embedding", "f", (len(rows), None))
        if len(rows) and not 0 <= rows.min() <= rows.max() < total:
            raise ArrayError("it speaks of photos that aren't asked for")
    except ArrayError as error:
        raise AvistarError("{file} can't be read: {error}", file=request.known, error=error) from error
    embedding = np.full((total, some.shape[1]), np.nan, np.float16)
    embedding[rows] = some
    return embedding


_Answer = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]


def _answers(
    request: WorkerRequest, rows: NDArray[np.int64], bundle: ModelBundle, backend: Backend
) -> Iterator[_Answer]:  # fmt: skip
    """Rows that could be read, with their logits and embeddings, a batch at a time."""
    work = partial(_batch, request, bundle.manifest.preprocessing, backend)
    with closing(in_order(iter(rows.tolist()), work, batch=BATCH, workers=usable_cpus())) as batches:
        yield from batches


def _batch(request: WorkerRequest, shape: Preprocessing, backend: Backend, rows: Iterator[int]) -> _Answer:
    pixels: list[Pixels] = []
    seen: list[int] = []
    for row in rows:
        box = request.boxes[row]
        try:
            pixels.append(prepare(request.photos[row] if box is None else _crop(request.photos[row], box), shape)[0])
        except ImageError:  # it is not on the map, and not among the answers
            continue
        seen.append(row)
    if not seen:
        return np.zeros(0, np.int64), np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32)
    outputs = backend.run(np.stack(pixels))
    valid = np.isfinite(outputs.logits).all(axis=1) & np.isfinite(outputs.embedding).all(axis=1)
    return np.array(seen)[valid], outputs.logits[valid], outputs.embedding[valid]


def _crop(photo: str, box: Sequence[float]) -> Crop:
    left, top, width, height = box
    return Crop(photo, left, top, width, height)


def _places(embedding: NDArray[np.float16], read: NDArray[np.bool_], out: TextIO) -> NDArray[np.float32]:
    def tell(done: int, total: int) -> None:
        _tell(out, event="progress", what="layout" if total else "neighbours", done=done, total=total)

    try:
        laid = embedding_map(embedding[read].astype(np.float32), tell)
    except ImportError as error:
        raise AvistarError("scikit-learn can't be loaded ({error}): pip install 'avistar[gui]'", error=error) from error
    if not len(laid):
        raise AvistarError("a map needs at least four photos that differ")
    places = np.full((len(read), 2), np.nan, np.float32)
    places[read] = laid
    return places
