"""The compact store of a bundle's photos as its network sees them: what it takes to fit the last layer again.

`embeddings.npz` holds no picture, no file's name and no path: an embedding's square root in sixteen steps a feature,
and what the photo shows. Decision record 0096 says what that costs.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from avistar.arrays import read_arrays
from avistar.bundle import ModelBundle
from avistar.errors import BundleError
from avistar.manifest import Precision

STORE_FILE = "embeddings.npz"
_LEVELS = 15
_OTHER = -1


class Role(IntEnum):
    """What a photo was for: training, choosing, judging, another animal, or taught by a user."""

    TRAIN = 0
    VALIDATION = 1
    TEST = 2
    OTHER = 3
    TAUGHT = 4


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddingStore:
    """N photos of a bundle as one of its artifacts sees them.

    `codes` uint8 [N, features / 2] hold two features each, first the high four bits; `scale` float32 [features] is
    what the highest code stands for. `species` names each photo's: an id, or what its
    folder calls another animal; `roles` are `Role`s.
    `groups` keep photos together in every split, `photos` are content hashes: both "" for the base's own.
    `body` is `onnx_head.body_sha256` of the artifact in `precision`.
    """

    codes: NDArray[np.uint8]
    scale: NDArray[np.float32]
    species: tuple[str, ...]
    roles: NDArray[np.uint8]
    groups: tuple[str, ...]
    photos: tuple[str, ...]
    precision: Precision
    body: str

    def rows(self, *roles: Role) -> NDArray[np.intp]:
        """Where the photos with these roles are."""
        return np.flatnonzero(np.isin(self.roles, [int(role) for role in roles]))

    def embedding(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Embeddings float32 [rows, features], as exact as the store keeps them."""
        return decoded(self.codes[rows], self.scale)

    def truth(self, rows: NDArray[np.intp], ids: list[str]) -> NDArray[np.int64]:
        """The index in `ids` of what each photo shows, -1 for what isn't there."""
        place = {id: i for i, id in enumerate(ids)}
        return np.array([place.get(self.species[row], _OTHER) for row in rows], np.int64)

    def without(self, photos: set[str]) -> EmbeddingStore:
        """The store without the photos of these hashes."""
        kept = np.array([i for i, one in enumerate(self.photos) if not one or one not in photos], np.intp)
        return self.chosen(kept)

    def chosen(self, rows: NDArray[np.intp]) -> EmbeddingStore:
        """The store with these rows only."""
        species, groups, photos = (
            tuple(column[i] for i in rows) for column in (self.species, self.groups, self.photos)
        )
        return replace(
            self, codes=self.codes[rows], roles=self.roles[rows], species=species, groups=groups, photos=photos
        )

    def joined(self, other: EmbeddingStore) -> EmbeddingStore:
        """Both, on this one's scale."""
        return replace(
            self,
            codes=np.concatenate([self.codes, other.codes]),
            roles=np.concatenate([self.roles, other.roles]),
            species=self.species + other.species,
            groups=self.groups + other.groups,
            photos=self.photos + other.photos,
        )


def scale_of(embedding: NDArray[np.float32]) -> NDArray[np.float32]:
    """A scale for embeddings [N, features]: outliers, one value in two thousand, are cut off."""
    return (np.quantile(np.maximum(embedding, 0), 0.9995, axis=0) + 1e-6).astype(np.float32)


def encoded(embedding: NDArray[np.float32], scale: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Codes uint8 [N, features / 2] of embeddings [N, features], none of them negative."""
    steps = np.rint(np.sqrt(np.clip(embedding / scale, 0, 1)) * _LEVELS).astype(np.uint8)
    if steps.shape[1] % 2:
        steps = np.pad(steps, ((0, 0), (0, 1)))
    codes: NDArray[np.uint8] = steps[:, ::2] << 4 | steps[:, 1::2]
    return codes


def decoded(codes: NDArray[np.uint8], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """The embeddings float32 [N, features] that `codes` stand for."""
    steps = np.empty((len(codes), 2 * codes.shape[1]), np.float32)
    steps[:, ::2], steps[:, 1::2] = codes >> 4, codes & 15
    found: NDArray[np.float32] = np.square(steps[:, : len(scale)] / np.float32(_LEVELS)) * scale
    return found


def encode_store(store: EmbeddingStore) -> bytes:
    """The store as a compressed `.npz`; equal stores give equal bytes."""
    ids = sorted({*store.species, *store.groups})
    place = {id: i for i, id in enumerate(ids)}
    taught = store.rows(Role.TAUGHT)
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        codes=np.ascontiguousarray(store.codes.T),  # a feature's codes beside each other compress better
        scale=store.scale,
        names=np.array(ids, np.str_),
        species=np.array([place[one] for one in store.species], np.int32),
        roles=store.roles,
        groups=np.array([place[store.groups[i]] for i in taught], np.int32),
        photos=np.array([store.photos[i] for i in taught], np.str_),
        artifact=np.array([store.precision, store.body], np.str_),
    )
    return stream.getvalue()


def decode_store(data: bytes, where: str) -> EmbeddingStore:
    """Read a store; `where` names its file in errors. Raises `BundleError` for what is none."""
    held = read_arrays(data, where)
    try:
        names = [str(name) for name in held["names"]]
        roles = held["roles"].astype(np.uint8)
        groups, photos = [""] * len(roles), [""] * len(roles)
        taught = np.flatnonzero(roles == Role.TAUGHT)
        for row, group, photo in zip(taught, held["groups"], held["photos"], strict=True):
            groups[row], photos[row] = names[group], str(photo)
        species = tuple(names[i] for i in held["species"])
        codes = np.ascontiguousarray(held["codes"].T)
        scale = held["scale"].astype(np.float32)
        precision, body = (str(one) for one in held["artifact"])
        if codes.shape != (len(species), (len(scale) + 1) // 2) or len(roles) != len(species):
            raise ValueError(f"{len(species)} photos, {codes.shape} codes")
        if not np.isfinite(scale).all() or precision not in ("fp32", "fp16", "int8"):
            raise ValueError("values that make no sense")
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, zipfile.BadZipFile) as error:
        raise BundleError(
            "{where} is no store of embeddings ({error}): copy the bundle again", where=where, error=error
        ) from error
    return EmbeddingStore(codes, scale, species, roles, tuple(groups), tuple(photos), _precision(precision), body)


def read_store(bundle: ModelBundle) -> EmbeddingStore | None:
    """The store of `bundle`, None where it has none. Raises `BundleError` where it is damaged."""
    if STORE_FILE not in bundle.manifest.files:
        return None
    return decode_store(bundle.checked(STORE_FILE), str(bundle.folder / STORE_FILE))


def _precision(name: str) -> Precision:
    return "int8" if name == "int8" else "fp16" if name == "fp16" else "fp32"
