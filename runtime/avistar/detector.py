"""Where animals, persons and vehicles are: a detector's bundle and a backend, from pictures to boxes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from avistar.backends import Floats, halved
from avistar.backends.factory import BackendChoice, Device, open_backend
from avistar.boxes import MOST_BOXES, Box, suppressed
from avistar.bundle import DetectorBundle, default_detector
from avistar.errors import BundleError, Fault, ImageError, UsageError
from avistar.images.decode import load
from avistar.images.geometry import Pixels, Source, letterboxed
from avistar.manifest import DetectorManifest, Precision


class BoxBackend(Protocol):
    """What a detector needs of a backend: boxes [N, A, 4] and scores [N, A, classes] of uint8 [N, side, side, 3]."""

    @property
    def runs_on(self) -> str:
        """What it truly runs on, for people."""
        ...

    def arrays(self, images: Pixels) -> tuple[Floats, Floats]:
        """Boxes as left, top, right, bottom in fractions of the input, and scores 0 to 1."""
        ...

    def close(self) -> None:
        """Free what is held."""
        ...


@dataclass(frozen=True, slots=True)
class DetectorProvenance:
    """What gave boxes.

    Attributes:
        bundle: Name of the detector's bundle.
        artifact_sha256: Of the artifact that was executed, "" where none was.
        precision: Of that artifact.
        runs_on: The backend, in words.
    """

    bundle: str
    artifact_sha256: str
    precision: str
    runs_on: str


class Detector:
    """Finds where something is in pictures, not what it is; safe to share between threads.

    Made by `Detector.open`, or from a bundle and any backend (tests).

    Attributes:
        threshold: Least score (0 to 1) of a box that counts.
        provenance: What gives its boxes.
        rejected: One sentence for each better device that was tried in vain.
    """

    def __init__(
        self,
        bundle: DetectorBundle,
        backend: BoxBackend,
        *,
        choice: BackendChoice | None = None,
        threshold: float | None = None,
    ) -> None:
        if threshold is not None and not 0 < threshold < 1:
            raise UsageError("a detection confidence of {threshold:g} is not between 0 and 1", threshold=threshold)
        self.bundle = bundle
        self._backend = backend
        self.threshold = bundle.manifest.threshold if threshold is None else threshold
        sha256 = bundle.manifest.files[choice.artifact.file].sha256 if choice else ""
        precision = choice.artifact.precision if choice else ""
        self.provenance = DetectorProvenance(bundle.manifest.name, sha256, precision, backend.runs_on)
        self.rejected = choice.rejected if choice else ()

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str] | None = None,
        device: Device = "auto",
        *,
        precision: Precision | None = None,
        threads: int | None = None,
        threshold: float | None = None,
    ) -> Detector:
        """Open the detector in `folder` on `device`.

        Args:
            folder: The bundle's folder; None for the one that ships with Avistar.
            device: As for `Classifier.open`.
            precision: Which artifact; None for the device's fastest.
            threads: CPU threads of inference; None for every CPU that the process may use.
            threshold: Least score of a box that counts; None for the bundle's own.

        Raises:
            BundleError: The bundle is missing or altered.
            BackendUnavailable: A device that isn't there.
            UsageError: A threshold outside 0 to 1.
        """
        bundle = DetectorBundle.open(default_detector() if folder is None else folder)
        choice = open_backend(bundle, device, precision=precision, threads=threads)
        return cls(bundle, choice.backend, choice=choice, threshold=threshold)

    @property
    def manifest(self) -> DetectorManifest:
        """What its bundle says of it."""
        return self.bundle.manifest

    def detect(self, picture: Source) -> tuple[Box, ...]:
        """The boxes of one picture, surest first. Raises `ImageError` for one that can't be read or answered."""
        found = self.detect_many([load(picture, at_least=self.manifest.preprocessing.side).pixels])[0]
        if isinstance(found, ImageError):
            raise found
        return found

    def detect_many(self, pictures: Sequence[Pixels]) -> list[tuple[Box, ...] | ImageError]:
        """The boxes of upright uint8 RGB pictures [H, W, 3] of any size; one batch through the network.

        Returns:
            For each picture its boxes, surest first, or why the network gave none.

        Raises:
            BundleError: The network answers in another form than its bundle says.
        """
        if not pictures:
            return []
        boxes, scores = self._outputs(np.stack([letterboxed(one, self.manifest.preprocessing) for one in pictures]))
        self._check(boxes, scores, len(pictures))
        return [self._found(*row) for row in zip(pictures, boxes, scores, strict=True)]

    def close(self) -> None:
        """Free the backend."""
        self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _outputs(self, images: Pixels) -> tuple[Floats, Floats]:
        """What the network says; a device without room for all gets them in halves."""
        return halved(self._backend.arrays, images)

    def _check(self, boxes: Floats, scores: Floats, count: int) -> None:
        wanted = (count, scores.shape[1] if scores.ndim > 1 else 0, len(self.manifest.classes))
        if scores.shape != wanted or boxes.shape != (*wanted[:2], 4):
            raise BundleError(
                "the detector '{name}' answers boxes {boxes} and scores {scores} for {count} pictures and {classes} "
                "classes: export it again",
                name=self.manifest.name,
                boxes=list(boxes.shape),
                scores=list(scores.shape),
                count=count,
                classes=len(self.manifest.classes),
            )

    def _found(self, picture: Pixels, boxes: Floats, scores: Floats) -> tuple[Box, ...] | ImageError:
        # Only what would count is looked at: anchors over the padding may hold anything.
        counting = ~(scores.max(axis=1) < self.threshold) if scores.shape[0] else np.zeros(0, bool)
        boxes, scores = boxes[counting], scores[counting]
        if not (np.isfinite(boxes).all() and np.isfinite(scores).all()):
            return ImageError(Fault.NO_VALID_ANSWER, "the detector gave no valid answer for this picture")
        letterbox, (height, width) = self.manifest.preprocessing, picture.shape[:2]
        share = np.array(letterbox.scaled(width, height), np.float32) / letterbox.side
        inside = np.clip(boxes / np.tile(share, 2), 0, 1).astype(np.float32)
        found: list[Box] = []
        for column, category in enumerate(self.manifest.classes):
            kept = suppressed(inside, scores[:, column], threshold=self.threshold, overlap=self.manifest.overlap)
            for left, top, right, bottom, score in np.c_[inside[kept], scores[kept, column]].tolist():
                if right > left and bottom > top:
                    found.append(Box(left, top, right - left, bottom - top, category, min(score, 1.0)))
        return tuple(sorted(found, key=lambda box: -box.confidence)[:MOST_BOXES])
