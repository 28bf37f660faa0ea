"""What a count of photos proves: exact one-sided bounds and tests. Plain numbers only."""

from __future__ import annotations

from collections.abc import Sequence

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


def photos_needed(tolerance: float, confidence: float = CONFIDENCE) -> int:
    """How many photos without any event prove a share below `tolerance` (0 to 1)."""
    from math import ceil, log

    return ceil(log(1 - confidence) / log(1 - tolerance))


def photos_needed_for_loss(tolerance: float, confidence: float = CONFIDENCE) -> int:
    """How many photos that all keep their answer prove a net loss below `tolerance`, as `net_loss_bound` bounds it."""
    return photos_needed(tolerance, 1 - (1 - confidence) / 2)
