"""What a count of photos proves: exact one-sided bounds and tests. Plain numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

CONFIDENCE = 0.95


def upper_bound(events: int, photos: int, confidence: float = CONFIDENCE) -> float:
    """Clopper–Pearson: the largest share (0 to 1) that `events` among `photos` leaves possible.

    Clopper and Pearson 1934, one-sided. 1.0 without photos.
    """
    from scipy.stats import beta

    if events >= photos:
        return 1.0
    return float(beta.ppf(confidence, events + 1, photos - events))


def lower_bound(events: int, photos: int, confidence: float = CONFIDENCE) -> float:
    """Clopper–Pearson: the smallest share (0 to 1) that `events` among `photos` leaves possible."""
    from scipy.stats import beta

    if events <= 0:
        return 0.0
    return float(beta.ppf(1 - confidence, events, photos - events + 1))


def net_loss_bound(lost: int, gained: int, photos: int, confidence: float = CONFIDENCE) -> float:
    """The largest loss of accuracy (fraction) that paired answers leave possible.

    `lost` photos were right and became wrong, `gained` the reverse. Conservative: both shares are
    bounded exactly at half the risk (Bonferroni), so the truth is below in at least `confidence` of cases.
    """
    half = 1 - (1 - confidence) / 2
    return upper_bound(lost, photos, half) - lower_bound(gained, photos, half)


def significant(p_values: Sequence[float], risk: float = 1 - CONFIDENCE) -> list[bool]:
    """Which tests stay significant together (Holm 1979: step down, any dependence)."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    kept = [False] * len(p_values)
    for rank, i in enumerate(order):
        if p_values[i] > risk / (len(p_values) - rank):
            break
        kept[i] = True
    return kept


MOST_PHOTOS = 100_000
"""Photos above which nobody is asked for more."""


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """Of so many `photos`: answers that `differ`, that were right and got `lost`, that were wrong and are `gained`."""

    photos: int
    differ: int = 0
    lost: int = 0
    gained: int = 0

    def of(self, photos: int) -> AnswerCounts:
        """The same shares among more photos, rounded to the worse."""
        factor = photos / max(self.photos, 1)
        return AnswerCounts(photos, ceil(self.differ * factor), ceil(self.lost * factor), int(self.gained * factor))

    def proves(self, disagreement: float | None, loss: float | None) -> bool:
        """Whether both shares stay below what is allowed (0 to 1; None: anything is)."""
        return (disagreement is None or upper_bound(self.differ, self.photos) <= disagreement) and (
            loss is None or net_loss_bound(self.lost, self.gained, self.photos) <= loss
        )

    def needed(self, disagreement: float | None, loss: float | None) -> int | None:
        """The least number of photos, with answers that differ as often, that proves both; None: no number does."""
        low, high = 0, max(self.photos, 1)
        while not self.of(high).proves(disagreement, loss):
            low, high = high, 2 * high
            if low > MOST_PHOTOS:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.of(middle).proves(disagreement, loss) else (middle, high)
        return high
