"""Photos and camera-trap frames as a network sees them: whole, around a box, and varied; each looked at once and kept.

The varied views are what a camera trap makes of a picture (`avistar_train.trap_look`), the same for the same photo.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avistar.adaptation.base_model import BaseModel
from avistar.adaptation.kept_embeddings import KeptEmbeddings
from avistar.adaptation.onnx_head import body_sha256
from avistar.backends import Backend
from avistar.backends.onnx_backend import OnnxBackend
from avistar.boxes import Box
from avistar.files import content_key
from avistar.images.decode import load
from avistar.images.geometry import Crop, Pixels, fit, square_around
from avistar.manifest import Artifact, Preprocessing
from avistar.media.detector_pictures import MARGIN
from avistar.progress import StepProgress
from avistar_train.recipes import TrapLook
from avistar_train.trap_look import TrapCamera

Array = NDArray[np.float32]

WHOLE, BOX = "whole", "box"
"""What identifying sees: a photo, and an animal in a detector's box."""

INFRARED = TrapLook(small=0.35, occlusion=0.15, infrared=1.0, motion=0.25, jpeg=0.35, stamp=0.2)
FIELD = TrapLook(small=0.6, occlusion=0.25, cast=0.4, motion=0.3, jpeg=0.5, stamp=0.25)

_WIDE = 0.5
"""Share of a box's sides added around it for a looser crop; `MARGIN` is what identifying adds."""

_BATCH = 16
_DECODED = 640


@dataclass(frozen=True, slots=True)
class Sample:
    """A photo or frame: `species` an id or another animal's name; `box` where an animal was found in it.

    `group` names what no split parts: a camera, a sequence, a scene.
    """

    path: Path
    species: str
    group: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class ViewLooker:
    """Looks at samples through `backend`, whose network below the last layer is `body`; `kept` saves repeating it."""

    backend: Backend
    preprocessing: Preprocessing
    body: str
    kept: KeptEmbeddings
    progress: StepProgress = field(default=lambda what, done, total: None)

    def look(self, samples: Sequence[Sample], views: Sequence[str]) -> dict[str, Array]:
        """Embeddings float32 [samples, features] by view; a box's views of a sample without one are its whole ones.

        Raises `ImageError` for a photo that can't be read.
        """
        keys = [[self._key(sample, view) for view in views] for sample in samples]
        seen = self.kept.find([key for some in keys for key in some])
        waiting = [i for i, some in enumerate(keys) if any(key not in seen for key in some)]
        pending: list[tuple[str, Pixels]] = []
        for done, i in enumerate(waiting, 1):
            pending += [(key, shown) for key, shown in self._shown(samples[i], views, keys[i]) if key not in seen]
            if pending and (len(pending) >= _BATCH or done == len(waiting)):
                rows = self.backend.run(np.stack([shown for _, shown in pending])).embedding
                found = {key: row for (key, _), row in zip(pending, rows, strict=True)}
                seen |= found
                self.kept.keep(found)
                self.progress("looking at photos", done, len(waiting))
                pending = []
        return {view: np.stack([seen[some[n]] for some in keys]) for n, view in enumerate(views)}

    def close(self) -> None:
        """Free the network and the file; safe to call twice."""
        self.backend.close()
        self.kept.close()

    def _key(self, sample: Sample, view: str) -> str:
        content = content_key(sample.path, sample.path.stat().st_size)
        if sample.box is None:
            view = view.replace(BOX, WHOLE)
        box = sample.box if view.startswith(BOX) else None
        part = f"{box.left:.4f},{box.top:.4f},{box.width:.4f},{box.height:.4f}" if box else ""
        return f"{self.body[:16]}:{content}:refit {view}:{part}"

    def _shown(self, sample: Sample, views: Sequence[str], keys: Sequence[str]) -> Iterator[tuple[str, Pixels]]:
        pixels = load(sample.path, at_least=_DECODED).pixels
        for view, key in zip(views, keys, strict=True):
            box = sample.box if view.startswith(BOX) else None
            rng = np.random.default_rng(int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()))
            yield key, varied(shown(pixels, view, box, self.preprocessing), view, rng)


def looker_of(base: BaseModel, artifact: Artifact, kept: Path | None, progress: StepProgress) -> ViewLooker:
    """Looks through one of a base's artifacts; `kept` is a file, None for the user's cache."""
    model = base.bundle.checked(artifact.file)
    backend = OnnxBackend(model, label=artifact.precision)
    preprocessing = base.bundle.manifest.preprocessing
    return ViewLooker(backend, preprocessing, body_sha256(model), KeptEmbeddings(kept), progress)


def shown(pixels: Pixels, view: str, box: Box | None, preprocessing: Preprocessing) -> Pixels:
    """The network's input uint8 [height, width, 3] for a view of an upright picture, nothing varied yet."""
    if box is not None:
        wide = box.widened(_WIDE if "wide" in view else MARGIN)
        height, width = pixels.shape[:2]
        crop = Crop(pixels, wide.left, wide.top, wide.width, wide.height)
        left, top, right, bottom = square_around(crop, width, height)
        pixels = pixels[top:bottom, left:right]
    return fit(pixels, preprocessing)


def varied(seen: Pixels, view: str, rng: np.random.Generator) -> Pixels:
    """What the view's name asks for: mirrored, by infrared, in the field, or as it is."""
    if "mirrored" in view:
        return np.ascontiguousarray(seen[:, ::-1])
    if "infrared" in view:
        return TrapCamera(INFRARED)(seen, rng)
    return TrapCamera(FIELD)(seen, rng) if "field" in view else seen
