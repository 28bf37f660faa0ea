"""What the pictures speak of: one species of a survey's summary, or all its animals. Knows no widget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from avistar.summary import ActivityCurve, Events, SurveySummary, activity_curve
from avistar.summary.layout import column_counts, strip_days
from avistar.summary.pictures import shade

ALL = -1
"""In place of a species' index: all animals together."""


@dataclass(frozen=True)
class Choice:
    """One species, or all animals.

    Attributes:
        summary: Of the survey.
        species: An index of its species, or `ALL`.
    """

    summary: SurveySummary
    species: int = ALL

    def made(self) -> Choice:
        """Itself, with everything computed: what a hundred thousand events take is no work for the window's thread."""
        assert None not in (self.by_camera, self.curve, self.shades)  # noqa: S101 computed once, then kept
        return self

    @cached_property
    def events(self) -> Events:
        """Its independent events."""
        return self.summary.events.of(self.species) if self.species != ALL else self.summary.animal_events

    @cached_property
    def shades(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Of each camera, the columns of `strip_days` that have photos, with their shades; whatever was chosen."""
        strip = strip_days(self.summary)
        rows = [column_counts(one, *strip) for one in self.summary.cameras]
        most = max((max(row, default=0) for row in rows), default=0) or 1
        return tuple(tuple((i, shade(number, most)) for i, number in enumerate(row) if number) for row in rows)

    @cached_property
    def curve(self) -> ActivityCurve:
        """Its activity over the day."""
        return self.summary.curves[self.species] if self.species != ALL else activity_curve(self.events.seconds)

    @cached_property
    def by_camera(self) -> tuple[int, ...]:
        """Its events at each camera."""
        return tuple(np.bincount(self.events.camera, minlength=len(self.summary.cameras)).tolist())
