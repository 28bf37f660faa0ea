"""When animals are active: the density of events over the clock, which has neither beginning nor end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

FEWEST = 10
"""Events from which on a curve is drawn: with fewer it shows the kernel rather than the animal."""

POINTS = 145
"""Of a curve: every ten minutes, midnight at both ends."""

_MOMENTS = 3
_HIGHEST = 345.0
"""A concentration that nothing in nature has, half of all events within 17 minutes: where `overlap` gives up."""

_CIRCLE = np.linspace(0, 2 * np.pi, 1024, endpoint=False)
_CHUNK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class ActivityCurve:
    """The density of E events over the clock.

    Attributes:
        events: How many there are.
        by_hour: int64 [24], events that begin in each hour.
        hours: float64 [145], 0 to 24.
        density: float64 [145], the share of events in an hour around; its integral over the day is 1. Empty where
            there are fewer than `FEWEST` events.
        concentration: Of the kernel, kappa; 0.0 without a curve.
    """

    events: int
    by_hour: NDArray[np.int64]
    hours: Reals
    density: Reals
    concentration: float


def activity_curve(seconds: NDArray[np.int64]) -> ActivityCurve:
    """The activity of events that begin at `seconds` (int64 [E], 0 to 86399) of the day.

    A kernel density with von Mises kernels, after Ridout & Linkie (2009), Estimating overlap of daily activity
    patterns from camera trap data, JABES 14:322-337; see `density` and `kernel_concentration`.
    """
    by_hour = np.bincount(seconds // 3600, minlength=24).astype(np.int64)
    hours = np.linspace(0, 24, POINTS)
    if len(seconds) < FEWEST:
        return ActivityCurve(len(seconds), by_hour, hours, np.empty(0), 0.0)
    angles = seconds.astype(np.float64) * (2 * np.pi / 86_400)
    kappa = kernel_concentration(angles)
    per_hour = density(angles, hours * (2 * np.pi / 24), kappa) * (2 * np.pi / 24)
    return ActivityCurve(len(seconds), by_hour, hours, per_hour, kappa)


def density(angles: Reals, at: Reals, kappa: float) -> Reals:
    """The density of `angles` (float64 [E], radians) at some points of the circle, per radian.

    Args:
        angles: float64 [E], radians.
        at: float64 [P], radians.
        kappa: The concentration of the von Mises kernel.

    Returns:
        float64 [P]: the mean of exp(kappa cos(at - angle)) / (2 pi I0(kappa)).
    """
    total = np.zeros(len(at))
    for start in range(0, len(angles), _CHUNK):
        some = angles[start : start + _CHUNK]
        total += np.exp(kappa * (np.cos(at[:, None] - some[None, :]) - 1)).sum(axis=1)
    return total / (len(angles) * 2 * np.pi * _scaled_bessel(0, kappa))


def kernel_concentration(angles: Reals) -> float:
    """The kernel's concentration for a sample of angles (float64 [E], radians); the larger, the narrower.

    Taylor (2008), Automatic bandwidth selection for circular density estimation, CSDA 52:3493-3500, as R's `overlap`
    uses it (`getBandWidth`): (3 E k^2 I2(2k) / (4 sqrt(pi) I0(k)^2))^(2/5), where k is the largest concentration
    that the first three trigonometric moments of the sample suggest. A moment that would need more than 345 is passed
    over; where all do, k is 345.
    """
    suggested = [_concentration(float(abs(np.exp(1j * p * angles).mean())), p) for p in range(1, _MOMENTS + 1)]
    k = max((one for one in suggested if one < _HIGHEST), default=_HIGHEST)
    scaled = _scaled_bessel(2, 2 * k) / _scaled_bessel(0, k) ** 2  # the exponents cancel: 2k - 2k
    return float((3 * len(angles) * k**2 * scaled / (4 * np.sqrt(np.pi))) ** 0.4)


def _concentration(length: float, moment: int) -> float:
    """The k at which a von Mises distribution's moment has this length: I_p(k) / I_0(k) grows with k."""
    low, high = 0.0, _HIGHEST
    for _ in range(45):
        middle = (low + high) / 2
        if _scaled_bessel(moment, middle) / _scaled_bessel(0, middle) < length:
            low = middle
        else:
            high = middle
    return low if high < _HIGHEST else _HIGHEST


def _scaled_bessel(order: int, k: float) -> float:
    """I_order(k) exp(-k), the modified Bessel function, by its integral over the circle."""
    return float((np.exp(k * (np.cos(_CIRCLE) - 1)) * np.cos(order * _CIRCLE)).mean())
