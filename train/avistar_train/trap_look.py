"""Web photos made to look like a camera trap's frames: what such a camera does to a picture, a piece each.

Works on uint8 pictures in the sampler's thread, beside the compiled step, with OpenCV: warps, blurs and JPEG have no
differentiable use. Each piece happens to a share of the pictures that the recipe's table `trap` names; the order is
that of the light's way: scene, animal, light, lens and sensor, file, stamp.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from avistar.images.geometry import Pixels
from avistar_train.recipes import TrapLook

Floats = NDArray[np.float32]

LUMA = np.array([0.2989, 0.587, 0.114], np.float32)
"""Shares of R, G and B in brightness: ITU-R BT.601."""


class TrapCamera:
    """Varies pictures as `look` says, the same for the same generator.

    `backgrounds` uint8 [N, side, side, 3] are frames without an animal, into which `small` places a picture; without
    them it takes the picture itself, blurred until nothing in it can be told.
    """

    def __init__(self, look: TrapLook, backgrounds: Pixels | None = None) -> None:
        self._look = look
        self._backgrounds = backgrounds

    @property
    def idle(self) -> bool:
        """Whether nothing is ever changed."""
        return not any(getattr(self._look, name) for name in TrapLook.__struct_fields__)

    def __call__(self, picture: Pixels, rng: np.random.Generator) -> Pixels:
        """One picture uint8 [side, side, 3] RGB to another of the same shape."""
        look = self._look
        pieces: Sequence[tuple[float, Callable[[Pixels, np.random.Generator], Pixels]]] = (
            (look.small, self._placed),
            (look.occlusion, occluded),
            (look.infrared, infrared),
            (look.cast, night_cast),
            (look.motion, motion_blurred),
            (look.jpeg, compressed),
            (look.stamp, stamped),
        )
        lit_by_infrared = False
        for share, piece in pieces:
            if rng.random() >= share or (piece is night_cast and lit_by_infrared):
                continue
            picture = piece(picture, rng)
            lit_by_infrared |= piece is infrared
        return picture

    def _placed(self, picture: Pixels, rng: np.random.Generator) -> Pixels:
        if self._backgrounds is not None and len(self._backgrounds):
            ground = np.array(self._backgrounds[rng.integers(len(self._backgrounds))])
        else:
            ground = cv2.GaussianBlur(picture, (0, 0), picture.shape[0] / 12)
        return placed(picture, ground, rng)


def placed(picture: Pixels, ground: Pixels, rng: np.random.Generator) -> Pixels:
    """`picture` small in `ground`, often at its edge and partly outside, with soft borders and the ground's light."""
    side = ground.shape[0]
    size = int(side * rng.uniform(0.3, 0.75))
    small = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32)
    small += rng.uniform(0.2, 0.8) * (ground.mean((0, 1)) - small.mean((0, 1)))
    axis = np.abs(np.linspace(-1, 1, size, dtype=np.float32))
    ramp = np.clip((1 - axis) / 0.25, 0, 1)
    alpha = (ramp[:, None] * ramp[None])[..., None]
    room = side - size
    overhang = size * 0.15
    left, top = (int(rng.uniform(-overhang, room + overhang)) for _ in range(2))
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size, side), min(top + size, side)
    out = ground.astype(np.float32)
    cut = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    out[y0:y1, x0:x1] += alpha[cut] * (small[cut] - out[y0:y1, x0:x1])
    return as_pixels(out)


def occluded(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Blades, twigs or a trunk before the lens: blurred strokes in colours of the picture's own."""
    side = picture.shape[0]
    mask = np.zeros((side, side), np.uint8)
    for _ in range(rng.integers(1, 7)):
        start, end = rng.uniform(-0.1, 1.1, 2) * side, rng.uniform(-0.1, 1.1, 2) * side
        width = max(2, int(side * rng.choice([0.01, 0.02, 0.05, 0.12], p=[0.35, 0.35, 0.2, 0.1])))
        bent = (start + end) / 2 + rng.normal(0, 0.08, 2) * side
        cv2.polylines(mask, [np.array([start, bent, end], np.int32)], isClosed=False, color=255, thickness=width)
    alpha = (
        cv2.GaussianBlur(mask, (0, 0), max(0.6, side * rng.uniform(0.002, 0.02))).astype(np.float32)[..., None] / 255
    )
    colour = picture[rng.integers(side), rng.integers(side)].astype(np.float32) * rng.uniform(0.4, 1.2)
    return as_pixels(picture + alpha * (colour - picture))


def infrared(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Lit by infrared diodes: without colour, bright before the camera and dark around, grainy, near fur blown out.

    The illuminator's light falls with the square of the distance from its middle; the sensor adds noise that grows as
    light fails, and faint rows (banding).
    """
    side = picture.shape[0]
    grey = picture.astype(np.float32) @ LUMA
    # Foliage and fur reflect infrared more than green light: shadows rise, contrast falls.
    grey = 255 * (grey / 255) ** rng.uniform(0.6, 1.1)
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    centre_x, centre_y = rng.uniform(0.3, 0.7, 2)
    distance = (x - centre_x) ** 2 + (y - centre_y) ** 2
    light = rng.uniform(0.9, 1.9) / (1 + distance / rng.uniform(0.15, 0.6) ** 2)
    grey = grey * light
    grain = rng.normal(0, 1, grey.shape).astype(np.float32)
    if rng.random() < 0.5:
        grain = 1.6 * cv2.GaussianBlur(grain, (0, 0), 0.8).astype(np.float32)
    grey = grey + grain * rng.uniform(2, 14)
    if rng.random() < 0.3:
        grey = grey + rng.normal(0, rng.uniform(1, 5), (side, 1))
    tint = 1 + (rng.random() < 0.3) * rng.uniform(-0.06, 0.06, 3)
    return as_pixels(grey[..., None] * tint)


def night_cast(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Dusk, dawn or a white flash: darker, with a cast of blue, green, magenta or yellow."""
    gain = rng.uniform(0.35, 0.9) * rng.uniform(0.75, 1.2, 3)
    noise = rng.normal(0, rng.uniform(1, 8), picture.shape)
    return as_pixels(picture * gain + noise)


def motion_blurred(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Moved while the shutter was open: a straight kernel of up to 5 % of the side."""
    length = max(3, int(picture.shape[0] * rng.uniform(0.01, 0.05))) | 1
    angle = rng.uniform(0, math.pi)
    kernel = np.zeros((length, length), np.float32)
    middle = length // 2
    across, down = round(math.cos(angle) * middle), round(math.sin(angle) * middle)
    cv2.line(kernel, (middle - across, middle - down), (middle + across, middle + down), color=1)
    return as_pixels(cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT))


def compressed(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Stored as JPEG at a quality of 10 to 60."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=int(rng.integers(10, 60)))
    return np.asarray(Image.open(stream))


def stamped(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """A bar or a line with date, time, temperature and a maker's name, at the lower or the upper edge."""
    side = picture.shape[0]
    out = picture.copy()
    height = max(6, int(side * rng.uniform(0.04, 0.09)))
    top = side - height if rng.random() < 0.8 else 0
    dark = rng.random() < 0.7
    if rng.random() < 0.6:
        out[top : top + height] = 0 if dark else 255
    text = _stamp_text(rng)
    cv2.putText(
        out, text, (int(side * rng.uniform(0, 0.1)), top + height - height // 4), cv2.FONT_HERSHEY_SIMPLEX,
        height / 40, (255, 255, 255) if dark else (0, 0, 0), 1, cv2.LINE_AA,
    )  # fmt: skip
    return out


MAKERS = ("CAMERA", "TRAIL CAM", "HC500", "WILD", "M-99", "")


def _stamp_text(rng: np.random.Generator) -> str:
    year, month, day = rng.integers(2008, 2030), rng.integers(1, 13), rng.integers(1, 29)
    hour, minute, second = rng.integers(24), rng.integers(60), rng.integers(60)
    maker = MAKERS[rng.integers(len(MAKERS))]
    return f"{maker} {year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} {rng.integers(-15, 40)}C".strip()


def as_pixels(values: NDArray[Any]) -> Pixels:
    """Rounded and clipped to 0-255, uint8."""
    pixels: Pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return pixels
