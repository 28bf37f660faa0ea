"""What the user says of the pictures themselves: the site's species, thresholds, a detector's boxes, clocks, videos.

What a user decides by instead of a model's own thresholds; crosses to other machines as plain values.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from avistar.errors import UsageError
from avistar.species import Species, species_list

if TYPE_CHECKING:
    from avistar.backends.factory import Device
    from avistar.classifier import Classifier
    from avistar.decision import Policy
    from avistar.detector import Detector
    from avistar.media.reader import MediumReader


@dataclass(frozen=True, slots=True)
class MediaChoices:
    """How photos and videos are looked at; `videos`: whether a survey takes them in."""

    detections: Path | None = None
    detection_confidence: float | None = None
    burst_gap: float | None = None
    timezone: str | None = None
    frames_per_second: float = 1.0
    videos: bool = True
    detect: bool = False
    detector: Path | None = None

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self:
        """What a survey remembers, as `settings` wrote it; what is missing or nonsense counts as not said."""
        detections = settings.get("detections")
        return cls(
            Path(detections) if detections else None,
            _number(settings, "detection_confidence"),
            _number(settings, "burst_gap_s"),
            settings.get("timezone"),
            _number(settings, "frames_per_second") or 1.0,
            settings.get("videos") != "no",
            settings.get("detect") == "yes",
            Path(settings["detector_folder"]) if settings.get("detector_folder") else None,
        )

    @property
    def gap(self) -> timedelta | None:
        """How close together the photos of a burst are; None for no bursts."""
        return None if self.burst_gap is None else timedelta(seconds=self.burst_gap)

    def opening(self, folder: Path, device: Device = "auto") -> MediumReader:
        """How the media of the survey in `folder` are opened; a detector of ours runs on `device`.

        Raises `UsageError` for an unknown time zone and for detections that can't be read, and what
        `Detector.open` raises.
        """
        from avistar.media.detections import read_detections
        from avistar.media.exif import time_zone
        from avistar.media.reader import MediumReader

        return MediumReader(
            time_zone(self.timezone) if self.timezone is not None else None,
            read_detections(self.detections, folder) if self.detections else None,
            self.detection_confidence,
            self.frames_per_second,
            None if (own := self.own_detector) is None else own.open(device),
        )

    @property
    def own_detector(self) -> DetectorOptions | None:
        """The detector that looks itself, if one shall."""
        if not self.detect:
            return None
        return DetectorOptions(None if self.detector is None else str(self.detector), self.detection_confidence)

    def settings(self, opening: MediumReader) -> dict[str, str]:
        """What a survey must remember to be repeated, as text."""
        found = {"frames_per_second": f"{self.frames_per_second:g}"}
        if opening.detections is not None:
            least = self.detection_confidence
            found["detector"] = opening.detections.detector or "MegaDetector"
            found["detections"] = str(self.detections)
            found["detection_confidence"] = f"{opening.detections.recommended if least is None else least:g}"
        elif opening.detector is not None:
            found |= {"detector": opening.detector.provenance.bundle, "detect": "yes"}
            found["detection_confidence"] = f"{opening.detector.threshold:g}"
            if self.detector is not None:
                found["detector_folder"] = str(self.detector)
        if self.burst_gap is not None:
            found["burst_gap_s"] = f"{self.burst_gap:g}"
        if self.timezone is not None:
            found["timezone"] = self.timezone
        if not self.videos:
            found["videos"] = "no"
        return found


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """What a command line says of photos and videos: as in `MediaChoices`, and None for what it doesn't speak of.

    `detect` False: photos are identified whole, whatever an earlier run did.
    """

    detections: Path | None = None
    detection_confidence: float | None = None
    burst_gap: float | None = None
    timezone: str | None = None
    frames_per_second: float | None = None
    detect: bool | None = None
    detector: Path | None = None

    def over(self, earlier: MediaChoices) -> MediaChoices:
        """What holds when `earlier` held before: what isn't spoken of stays."""
        return replace(
            self._boxes(earlier),
            burst_gap=earlier.burst_gap if self.burst_gap is None else self.burst_gap,
            timezone=earlier.timezone if self.timezone is None else self.timezone,
            frames_per_second=self.frames_per_second or earlier.frames_per_second,
        )

    def _boxes(self, earlier: MediaChoices) -> MediaChoices:
        """`earlier` with the detector that is spoken of; another one comes with a least confidence of its own."""
        detections = None if self.detections is None else Path(os.path.abspath(self.detections))  # noqa: PTH100
        detector = None if self.detector is None else Path(os.path.abspath(self.detector))  # noqa: PTH100
        if detections is not None:
            chosen = replace(earlier, detections=detections, detect=False, detector=None)
        elif self.detect or detector is not None:
            chosen = replace(earlier, detections=None, detect=True, detector=detector or earlier.detector)
        elif self.detect is False:
            chosen = replace(earlier, detections=None, detect=False, detector=None)
        else:
            chosen = earlier
        ways = [(one.detections, one.detect, one.detector) for one in (chosen, earlier)]
        known = earlier.detection_confidence if ways[0] == ways[1] else None
        least = known if self.detection_confidence is None else self.detection_confidence
        return replace(chosen, detection_confidence=least)


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """A detector of ours, as plain values that cross to other machines.

    Attributes:
        folder: Its bundle; None for the one that ships with Avistar.
        threshold: Least score of a box that counts; None for the bundle's own.
    """

    folder: str | None = None
    threshold: float | None = None

    def open(self, device: Device = "auto", *, threads: int | None = None) -> Detector:
        """The detector. Raises what `Detector.open` raises."""
        from avistar.detector import Detector

        return Detector.open(self.folder, device, threads=threads, threshold=self.threshold)


def _number(settings: Mapping[str, str], name: str) -> float | None:
    try:
        return float(settings[name])
    except (KeyError, ValueError):
        return None


def check_coverage(opening: MediumReader, seen: int, total: int, folder: str) -> int:
    """How many of `total` pictures the detector never saw, when it saw `seen` of them.

    Raises `UsageError` if it saw none: then its paths are not below the folder.
    """
    detections = opening.detections
    if detections is None or not total:
        return 0
    if not seen and len(detections):
        example = next(detections.files())
        raise UsageError(
            "none of the pictures is in the detector's results: they speak of {example} below {folder}",
            example=example,
            folder=folder,
        )
    return total - seen


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What decides instead of the model's own thresholds; None leaves one as it is.

    `only`: the species of a site, as `species_list` reads them: names in any language, or a file of them.
    """

    only: str | None = None
    species_confidence: float | None = None
    group_confidence: float | None = None
    familiarity_floor: float | None = None

    def applied(self, classifier: Classifier) -> Classifier:
        """The classifier as the user wants it to decide. Raises `UsageError` for an unknown species."""
        return classifier.under(self._policy(classifier.policy))

    def resolved(self, species: Sequence[Species]) -> Self:
        """The same with ids for names, so that no file is needed where it goes. Raises `UsageError` as above."""
        if self.only is None:
            return self
        return replace(self, only=",".join(one.id for one in species_list(self.only, species)))

    def _policy(self, policy: Policy) -> Policy:
        rule, floor = policy.rule, self.familiarity_floor
        if self.species_confidence is not None:
            rule = replace(rule, species_confidence=self.species_confidence)
        if self.group_confidence is not None:
            rule = replace(rule, group_confidence=self.group_confidence)
        policy = replace(policy, rule=rule, familiarity_floor=policy.familiarity_floor if floor is None else floor)
        if self.only is None:
            return policy
        return policy.limited(species.id for species in species_list(self.only, policy.species))
