"""What is known and chosen before a run: plain values; knows no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from importlib.util import find_spec

from avistar.catalogue import Counts
from avistar.options import MediaChoices
from avistar_gui.identify.session.survey import ScanSummary

FEW = 24
"""So few photos are done before anyone has read a sheet about them."""

USUAL_GAP_S = 2.0
"""How close together, in seconds, the photos of a burst are, unless the user says otherwise."""


def usual_choices(gap_s: float | None = USUAL_GAP_S, *, videos: bool = True, detect: bool = False) -> MediaChoices:
    """What a survey begins with, unless its user chooses otherwise."""
    return MediaChoices(burst_gap=gap_s, videos=videos, detect=detect)


@dataclass(frozen=True, slots=True)
class Preflight:
    """A survey before its run, or with it, as the sheet shows it.

    `first`: nothing was begun yet, and the run waits. `per_second`: photos, 0 while it is being measured.
    `lacking_bytes`: what the disk of the survey's file lacks. `only`: ids of the site's species, empty for all.
    """

    folder: str
    counts: Counts
    seen: ScanSummary
    choices: MediaChoices
    only: tuple[str, ...] = ()
    first: bool = True
    per_second: float = 0.0
    lacking_bytes: int = 0

    @property
    def photos(self) -> int:
        """How many photos the survey has."""
        return self.counts.total - self.counts.videos

    @property
    def videos(self) -> int:
        """How many videos there are, also those that are passed over."""
        return self.counts.videos + self.seen.unread_videos

    @property
    def done(self) -> int:
        """How many media were identified or tried."""
        return self.counts.total - self.counts.pending

    @property
    def pending_photos(self) -> int:
        """How many photos wait."""
        return self.counts.pending - self.counts.pending_videos

    @property
    def seconds(self) -> float | None:
        """How long the photos that wait will take; None while unknown."""
        return self.pending_photos / self.per_second if self.per_second > 0 else None

    @property
    def worth_asking(self) -> bool:
        """Whether there is more to do than is done before anyone has read about it."""
        return self.pending_photos > FEW or self.videos > 0

    def now(self, counts: Counts) -> Preflight:
        """The same with other counts."""
        return replace(self, counts=counts)


def videos_can_be_read() -> bool:
    """Whether this installation has what reads videos, the extra `live`."""
    return find_spec("cv2") is not None


def rounded_minutes(seconds: float) -> int:
    """Whole minutes, one at least."""
    return max(1, math.ceil(seconds / 60))
