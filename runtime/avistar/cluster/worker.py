"""What one machine of a cluster does with a piece: read, identify, hand back a Parquet file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Self, cast

import avistar
from avistar.backends.factory import Device
from avistar.bundle import DetectorBundle, ModelBundle, default_bundle
from avistar.catalogue import Model
from avistar.classifier import Classifier
from avistar.cluster.job import Piece
from avistar.cluster.parquet import as_parquet
from avistar.cluster.photo_source import ListedPhoto, is_address, open_store
from avistar.cluster.scheduler import TRIES
from avistar.errors import Fault
from avistar.files import printable
from avistar.identification import Failure
from avistar.manifest import Precision
from avistar.media.detector_pictures import found_in_photo, found_in_source
from avistar.media.photo import photo_pictures, with_header
from avistar.message import Message
from avistar.options import DetectorOptions, Thresholds
from avistar.pipeline import Pace, identify_media
from avistar.records import Medium, Picture, Record

_READERS = 4
"""Threads for each CPU that read from an object store."""


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """What every worker is to do: photos below `root`, answered by the bundle at `bundle` (None: the default).

    A `detector` finds the animals first. On `cpus` CPUs, `batch` pictures at once, decided by `thresholds`.
    """

    root: str
    bundle: str | None = None
    device: str = "auto"
    precision: Precision | None = None
    cpus: int = 1
    batch: int = 8
    thresholds: Thresholds = field(default_factory=Thresholds)
    detector: DetectorOptions | None = None

    def on(self, device: str) -> Self:
        """The same on another device."""
        return replace(self, device=device)


@dataclass(frozen=True, slots=True)
class Identity:
    """What must be equal on all machines: the version of Avistar, and the SHA-256 of the bundle's manifest."""

    version: str
    manifest_sha256: str

    @classmethod
    def of(cls, bundle: ModelBundle, detector: DetectorBundle | None = None) -> Self:
        """What this machine has."""
        both = bundle.sha256 if detector is None else sha256((bundle.sha256 + detector.sha256).encode()).hexdigest()
        return cls(avistar.__version__, both)

    def differs_from(self, expected: Identity) -> str:
        """In words, what another machine has to change."""
        if self.version != expected.version:
            return f"it has Avistar {self.version}, this run uses {expected.version}: install the same"
        return (
            f"its bundle is another one ({self.manifest_sha256[:12]}… instead of {expected.manifest_sha256[:12]}…): "
            "copy the same bundle there"
        )


@dataclass(frozen=True, slots=True)
class Introduction:
    """A worker that has started."""

    identity: Identity
    runs_on: str
    precision: str
    rejected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkerAnswers:
    """The records of a piece as a Parquet file, and how many of its photos failed."""

    parquet: bytes
    failed: int


class Worker:
    """A classifier on one machine; becomes an actor of the cluster, and works without one too."""

    def __init__(self, plan: ClusterPlan) -> None:
        self._plan = plan
        bundle = default_bundle() if plan.bundle is None else Path(plan.bundle)
        device, precision = cast(Device, plan.device), plan.precision
        opened = Classifier.open(bundle, device, precision=precision, threads=1)
        self._classifier = plan.thresholds.applied(opened)
        self._detector = plan.detector.open(device, threads=1) if plan.detector else None
        self._store: Any = open_store(plan.root) if is_address(plan.root) else None

    def introduce(self) -> Introduction:
        """Who this is, and what it truly runs on."""
        classifier = self._classifier
        origin = classifier.provenance
        return Introduction(
            Identity.of(classifier.bundle, self._detector.bundle if self._detector else None),
            origin.runs_on,
            origin.precision,
            classifier.rejected,
        )

    def identify(self, piece: Piece) -> WorkerAnswers:
        """Read and identify the photos of a piece; one that can't be read is a record with its failure."""
        jobs = (partial(self._read, photo) for photo in piece.photos)
        # Each thread computes on one CPU; with a store far away, most of them wait for photos.
        threads = self._plan.cpus * (1 if self._store is None else _READERS)
        pace = Pace(min(self._plan.batch, len(piece.photos)), threads)
        records = [record for batch in identify_media(self._classifier, jobs, pace) for record in batch]
        failed = sum(record.failure is not None for record in records)
        return WorkerAnswers(as_parquet(records, Model.of(self._classifier)), failed)

    def _read(self, photo: ListedPhoto) -> Iterator[Picture]:
        root = self._plan.root
        if self._store is None:
            path = os.path.join(root, *photo.relative.split("/"))  # noqa: PTH118 any bytes
            if self._detector is not None:
                return found_in_photo(path, Path(root), self._detector)
            return photo_pictures(path, Path(root))
        return self._fetch(photo)

    def _fetch(self, photo: ListedPhoto) -> Iterator[Picture]:
        store, top = self._store
        medium = Medium(
            f"{self._plan.root}/{photo.relative}", photo.relative, bytes=photo.bytes, modified_ns=photo.modified_ns
        )
        try:
            data = store.cat_file(f"{top}/{photo.relative}")
        except Exception as error:  # a store's driver raises what it likes; one photo never ends a run
            fault = Fault.MISSING if isinstance(error, FileNotFoundError) else Fault.UNREADABLE
            yield Picture(
                medium, Failure(fault, Message("{path} can't be read ({error})", path=medium.path, error=error))
            )
            return
        medium = with_header(medium, data)
        if self._detector is None:
            yield Picture(medium, data)
        else:
            yield from found_in_source(medium, data, self._detector)


def given_up(piece: Piece, plan: ClusterPlan, model: Model) -> bytes:
    """The file for photos that end every worker that reads them."""
    records = []
    for photo in piece.photos:
        path = f"{plan.root}/{photo.relative}"
        message = f"{printable(path)} ended {TRIES} workers while they read it: look at that file by itself"
        medium = Medium(path, photo.relative, bytes=photo.bytes, modified_ns=photo.modified_ns)
        records.append(Record(medium, failure=Failure(Fault.CRASHED, message)))
    return as_parquet(records, model)
