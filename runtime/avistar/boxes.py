"""Rectangles around what a detector found: their form, and how overlapping ones become one.

Arrays and plain values only; knows nothing of files, models or devices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avistar.manifest import BoxCategory

Floats = NDArray[np.float32]

CONSIDERED = 1000
"""Boxes of a picture, the surest first, among which overlaps are looked for: a detector gone wild stays fast."""

MOST_BOXES = 50
"""Boxes that are kept of one picture."""


@dataclass(frozen=True, slots=True)
class Box:
    """A detector's rectangle, in fractions (0 to 1) of the upright picture.

    Attributes:
        left: Left edge.
        top: Upper edge.
        width: Its width.
        height: Its height.
        category: What it holds.
        confidence: How sure the detector is, 0 to 1.
    """

    left: float
    top: float
    width: float
    height: float
    category: BoxCategory = "animal"
    confidence: float = 1.0

    def widened(self, margin: float) -> Box:
        """The same box with `margin` of its sides added, half of it on each side, inside the picture."""
        left, top = max(self.left - self.width * margin / 2, 0.0), max(self.top - self.height * margin / 2, 0.0)
        right = min(self.left + self.width * (1 + margin / 2), 1.0)
        bottom = min(self.top + self.height * (1 + margin / 2), 1.0)
        return Box(left, top, right - left, bottom - top, self.category, self.confidence)


def iou(one: Floats, others: Floats) -> Floats:
    """Intersection over union, float32 [M], of a rectangle [4] with `others` [M, 4] (left, top, right, bottom)."""
    corner = np.minimum(one[2:], others[:, 2:]) - np.maximum(one[:2], others[:, :2])
    shared = np.clip(corner, 0, None).prod(axis=1)
    union = _area(one[None]) + _area(others) - shared
    ratio: Floats = (shared / np.maximum(union, 1e-12)).astype(np.float32)
    return ratio


def suppressed(rectangles: Floats, scores: Floats, *, threshold: float, overlap: float) -> NDArray[np.intp]:
    """Which of a class's rectangles remain, the surest first: greedy suppression of what overlaps a surer one.

    Args:
        rectangles: float32 [N, 4], left, top, right, bottom in any unit.
        scores: float32 [N], 0 to 1.
        threshold: Least score that counts.
        overlap: Largest IoU at which two still are two.

    Returns:
        Indices into both, at most `MOST_BOXES`.
    """
    waiting = np.flatnonzero(scores >= threshold)
    waiting = waiting[np.argsort(-scores[waiting], kind="stable")][:CONSIDERED]
    kept: list[np.intp] = []
    while len(waiting) and len(kept) < MOST_BOXES:
        kept.append(waiting[0])
        rest = waiting[1:]
        waiting = rest[iou(rectangles[kept[-1]], rectangles[rest]) <= overlap]
    return np.array(kept, np.intp)


def _area(rectangles: Floats) -> Floats:
    sides: Floats = np.clip(rectangles[:, 2:] - rectangles[:, :2], 0, None)
    area: Floats = sides[:, 0] * sides[:, 1]
    return area
