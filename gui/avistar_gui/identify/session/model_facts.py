"""What identifies, as the screen tells it. Plain values; knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from avistar import Classifier
from avistar_gui.texts import Names, not_calibrated


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What identifies: the bundle's name and folder, the precision, what it runs on and what was rejected.

    `accuracy` as in the bundle's manifest (fractions, 0 to 1). `calibrated`: whether its confidences were held against
    photos.
    """

    bundle: str
    folder: str
    precision: str
    runs_on: str
    rejected: tuple[str, ...]
    accuracy: dict[str, float]
    names: Names
    calibrated: bool = True

    @property
    def short(self) -> str:
        """What runs where, in a few words: 'CPU · int8 · default'."""
        device = self.runs_on.split(" ")[0]
        parts = [device.upper() if len(device) <= 4 else device, self.precision, self.bundle]
        if not self.calibrated:
            parts.append(not_calibrated())
        return "  ·  ".join(part for part in parts if part)

    @classmethod
    def of(cls, classifier: Classifier) -> EngineFacts:
        """The facts of an open classifier."""
        provenance, manifest = classifier.provenance, classifier.bundle.manifest
        return cls(
            bundle=provenance.bundle,
            folder=str(classifier.bundle.folder),
            precision=provenance.precision,
            runs_on=provenance.runs_on,
            rejected=tuple(classifier.rejected),
            accuracy=manifest.accuracy,
            names=Names.of(classifier),
            calibrated=classifier.info.calibration.calibrated,
        )
