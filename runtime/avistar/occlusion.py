"""Which part of a picture an answer rests on: parts are hidden, and what the network then says is compared.

Occlusion as in Zeiler & Fergus 2014, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901,
from both sides: windows that hide a part, and windows that leave nothing but a part. Needs no gradients, so it
works on any backend. It is an aid, not proof: a picture with a part blurred is one that no network was trained on.
Sizes and the way of hiding were measured: `benchmarks/evidence.py`, docs/decisions/0073.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from avistar.images.decode import DecodedPicture
from avistar.images.geometry import Pixels
from avistar.manifest import Preprocessing
from avistar.species import Species

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Box = tuple[float, float, float, float]
Network = Callable[[Pixels], NDArray[np.floating]]
"""Uint8 [N, H, W, 3] to logits [N, species], already divided by the temperature."""

GRID = 7
"""Cells a side: as many as the last features of the networks in use have."""

HIDDEN, KEPT = 2, 3
"""Cells a side of the windows that hide a part, and of those that leave only a part."""

BLUR = 0.09
"""Radius of the blur that hides, as a share of the picture's side: animals lose their form, scenes keep their light."""

RIDGE = 5.0
"""How strongly what a cell speaks for is held back towards zero: windows overlap, and each is heard several times."""

LEAST = 1e-6
"""Log-odds for a cell below which it says nothing: what is left is the rounding of the arithmetic."""

PART = 0.5
"""From this heat on (0 to 1) a place belongs to the part that is named."""

BESIDE = 0.35
"""Most heat of what does not belong to that part: enlarged, it must not reach `PART`."""

TELLING = 0.1
"""By how much (0 to 1) the confidence must be lower without the part than without others of its shape for it to be
named: below, the answer rests on no one part, and a map would show noise."""

ELSEWHERE = ((3, 3), (4, 3))
"""How many cells down and to the right the others of its shape lie, around the edges."""

LOOKS = 1 + len(ELSEWHERE)
"""Looks for each species once its part is found."""

BATCH = 8


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Where in a picture the answer for one species comes from. An aid, not proof.

    Attributes:
        species: The species asked about.
        confidence: Its calibrated probability, 0 to 1.
        without: The probability that is left when the part is hidden.
        elsewhere: The lowest that is left when, instead, another part of its shape is hidden.
        clear: False where the answer rests on no one part; `heat` is 0 throughout then.
        heat: float32 [rows, columns], 0 to 1: how much each place speaks for the species; the part, one piece, is where
            it is at least `PART`.
        seen: The rectangle (left, top, right, bottom) of the whole upright picture that the network saw, in fractions
            of it; `heat` lies over it.
    """

    species: Species
    confidence: float
    without: float
    elsewhere: float
    clear: bool
    heat: Floats = field(repr=False)
    seen: Box

    def over(self, width: int, height: int) -> Floats:
        """The heat laid over a whole upright picture.

        Args:
            width: Of the picture, in px, 1 or more.
            height: Of the picture, in px, 1 or more.

        Returns:
            float32 [height, width], 0 to 1; 0 where the network saw nothing.
        """
        left, top, right, bottom = (
            round(share * side) for share, side in zip(self.seen, (width, height) * 2, strict=True)
        )
        whole = np.zeros((height, width), np.float32)
        if right > left and bottom > top:
            whole[top:bottom, left:right] = enlarged(self.heat, right - left, bottom - top)
        return whole


class MaskedPicture:
    """One picture as the network sees it (uint8 [H, W, 3]), with any part of it hidden.

    `progress` gets the share that is done (0 to 1) after each batch; what it raises ends the work.
    """

    def __init__(self, pixels: Pixels, network: Network, progress: Callable[[float], object] | None = None) -> None:
        self._height, self._width = pixels.shape[:2]
        blur = ImageFilter.GaussianBlur(BLUR * max(self._height, self._width))
        self._hidden = np.asarray(Image.fromarray(pixels).filter(blur), np.float32)
        self._difference = pixels - self._hidden
        self._network, self._progress = network, progress

    def evidence(self, species: Sequence[Species], wanted: Sequence[int], seen: Box) -> tuple[Evidence, ...]:
        """The evidence of each of the `wanted` indices (the likeliest where there are none) into `species`."""
        total = 1 + len(windows()) + LOOKS * max(len(wanted), 1)
        whole = np.ones((1, GRID, GRID), np.float32)
        logits = self._ask([*whole, *windows()], 0, total)
        odds = log_odds(logits)
        indices = list(wanted) or [int(logits[0].argmax())]
        heats = [heat_of(odds[1:, index]) for index in indices]
        masks = [mask for heat in heats for mask in self._checks(heat)]
        checked = log_odds(self._ask(masks, len(logits), total))
        found = []
        for number, (index, heat) in enumerate(zip(indices, heats, strict=True)):
            told = [odds[0, index], *checked[LOOKS * number : LOOKS * (number + 1), index]]
            confidence, without, *others = (float(1 / (1 + np.exp(-one))) for one in told)
            clear = min(confidence, *others) - without >= TELLING
            shown = heat if clear else np.zeros_like(heat)
            found.append(Evidence(species[index], confidence, without, min(others), clear=clear, heat=shown, seen=seen))
        return tuple(found)

    def _checks(self, heat: Floats) -> list[Floats]:
        """What shows whether the answer hangs on the part: the picture without it, and without others of its shape."""
        shapes = [heat, *(np.roll(heat, cells, (0, 1)) for cells in ELSEWHERE)]
        return [(enlarged(one, self._width, self._height) < PART).astype(np.float32) for one in shapes]

    def _ask(self, masks: Sequence[Floats], done: int, total: int) -> NDArray[np.floating]:
        """Logits [N, species] for `masks` of any size, each float32 with 1 visible and 0 hidden."""
        logits = []
        for start in range(0, len(masks), BATCH):
            some = masks[start : start + BATCH]
            logits.append(self._network(np.stack([self._masked(mask) for mask in some])))
            done += len(some)
            if self._progress is not None:
                self._progress(done / total)
        return np.concatenate(logits)

    def _masked(self, mask: Floats) -> Pixels:
        visible = enlarged(mask, self._width, self._height)[..., None]
        return np.rint(self._hidden + self._difference * visible).astype(np.uint8)


@cache
def windows() -> Floats:
    """What each look leaves visible, float32 [windows, GRID, GRID], 1 visible: first those that hide a part."""
    return np.concatenate([1 - _windows(HIDDEN), _windows(KEPT)])


def seen_box(picture: DecodedPicture, preprocessing: Preprocessing) -> Box:
    """The rectangle that the network sees of a picture, in fractions of the whole upright one."""
    height, width = picture.pixels.shape[:2]
    left, top, right, bottom = picture.part
    box = preprocessing.seen(width, height)
    across, down = (right - left) / width, (bottom - top) / height
    return left + box[0] * across, top + box[1] * down, left + box[2] * across, top + box[3] * down


def log_odds(logits: NDArray[np.floating]) -> Doubles:
    """How each species stands against all others together: float64 [N, species] of logits [N, species].

    Unlike a confidence, it still moves where that is all but 1.
    """
    scaled = logits.astype(np.float64)
    scaled -= scaled.max(axis=1, keepdims=True)
    shares = np.exp(scaled)
    others = np.maximum(shares.sum(axis=1, keepdims=True) - shares, np.finfo(np.float64).eps)
    odds: Doubles = scaled - np.log(others)
    return odds


def heat_of(odds: Doubles) -> Floats:
    """What each cell speaks for a species, float32 [GRID, GRID], 0 to 1, by its log-odds [windows].

    Ridge regression of the log-odds on which cells are visible. Both kinds of windows are compared among themselves
    only: less is visible of one, so that all its answers are less sure. What speaks against the species is 0.
    """
    cells, told = windows().reshape(len(odds), -1).astype(np.float64), odds.copy()
    hiding = (GRID - HIDDEN + 1) ** 2
    for kind in (slice(None, hiding), slice(hiding, None)):
        cells[kind] -= cells[kind].mean(axis=0)
        told[kind] -= told[kind].mean()
    gram = cells.T @ cells + RIDGE * np.eye(cells.shape[1])
    speaks = _calm(np.linalg.solve(gram, cells.T @ told).astype(np.float64).reshape(GRID, GRID)).clip(0)
    if speaks.max() <= LEAST:
        return np.zeros((GRID, GRID), np.float32)
    speaks /= speaks.max()
    return np.where(_part(speaks), speaks, np.minimum(speaks, BESIDE)).astype(np.float32)


def _part(heat: Doubles) -> NDArray[np.bool_]:
    """The piece of `PART` and more, in one, around the hottest cell: what only looks alike beside it stays out."""
    warm: NDArray[np.bool_] = heat >= PART
    part: NDArray[np.bool_] = heat == heat.max()
    for _ in range(heat.size):
        near = np.pad(part, 1)
        grown: NDArray[np.bool_] = warm & (near[:-2, 1:-1] | near[2:, 1:-1] | near[1:-1, :-2] | near[1:-1, 2:] | part)
        if (grown == part).all():
            break
        part = grown
    return part


def _calm(cells: Doubles) -> Doubles:
    """A little of each cell's neighbours in it: single cells stand out by chance, animals hardly ever fill just one."""
    near = np.pad(cells, 1, mode="edge")
    across = (near[:, :-2] + 4 * near[:, 1:-1] + near[:, 2:]) / 6
    calm: Doubles = (across[:-2] + 4 * across[1:-1] + across[2:]) / 6
    return calm


def enlarged(grid: Floats, width: int, height: int) -> Floats:
    """A grid of 0 to 1 at `width` × `height` px, smoothly."""
    if grid.shape == (height, width):
        return grid
    image = Image.fromarray(np.ascontiguousarray(grid, np.float32))
    large: Floats = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), np.float32)
    return large.clip(0, 1)


def _windows(cells: int) -> Floats:
    """Every window of `cells` a side in the grid, float32 [windows, GRID, GRID], 1 inside."""
    places = range(GRID - cells + 1)
    found = np.zeros((len(places) ** 2, GRID, GRID), np.float32)
    for number, (row, column) in enumerate((row, column) for row in places for column in places):
        found[number, row : row + cells, column : column + cells] = 1
    return found
