"""Brightness, contrast and gamma of what is shown: never of the file, never of what the network sees. No widget.

Which tone photos are shown with: changed by keys and sliders, kept from photo to photo only where it is pinned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

MOST = 100
"""Brightness, contrast and gamma go from -100 to 100; 0 leaves a picture as it is."""

_GREY = (0.299, 0.587, 0.114)

_SAMPLE = 96

_DARKEST, _BRIGHTEST = 0.5, 99.5
"""Percentiles that an automatic stretch brings to black and white: a lamp or a dead pixel must not hold it back."""

_MIDDLE = 0.38
"""Where an automatic stretch brings the median of a dark picture, 0 to 1."""

_MOST_LIFT = 3.0


@dataclass(frozen=True, slots=True)
class Levels:
    """An automatic stretch: what becomes `black` and `white` (0 to 1), and the exponent `gamma` for what is between."""

    black: float = 0.0
    white: float = 1.0
    gamma: float = 1.0


@dataclass(frozen=True, slots=True)
class Tone:
    """How a picture is shown: `brightness`, `contrast`, `gamma` from -100 to 100, `auto` first stretches a dark one."""

    brightness: int = 0
    contrast: int = 0
    gamma: int = 0
    auto: bool = False

    @property
    def plain(self) -> bool:
        """Whether it leaves pictures as they are."""
        return self == Tone()

    def table(self, levels: Levels) -> list[int]:
        """What each of the 256 values becomes."""
        value = np.linspace(0.0, 1.0, 256)
        if self.auto:
            value = np.clip((value - levels.black) / max(levels.white - levels.black, 1 / 255), 0, 1) ** levels.gamma
        value = value ** (2.0 ** (-self.gamma / 50))
        value = (value - 0.5) * 2.0 ** (self.contrast / 50) + 0.5 + self.brightness / 200
        return [round(one) for one in (np.clip(value, 0, 1) * 255).tolist()]


def levels_of(image: QImage) -> Levels:
    """How far a picture can be stretched: the more, the darker it is; a bright one only to its black and white."""
    small = image.scaled(_SAMPLE, _SAMPLE).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(small.constBits(), np.uint8).reshape(small.height(), small.bytesPerLine())
    pixels = rows[:, : 3 * small.width()].reshape(-1, 3)
    grey = pixels @ np.array(_GREY) / 255
    black, median, white = np.percentile(grey, (_DARKEST, 50, _BRIGHTEST)).tolist()
    if white - black < 1 / 64:  # of one colour throughout: there is nothing to stretch
        return Levels()
    middle = float(np.clip((median - black) / (white - black), 0.004, 1))
    gamma = max(np.log(_MIDDLE) / np.log(middle), 1 / _MOST_LIFT) if middle < _MIDDLE else 1.0
    return Levels(black, white, float(gamma))


def toned(image: QImage, tone: Tone, levels: Levels | None = None) -> QImage:
    """`image` (RGB32) as `tone` shows it; a copy, or the same where nothing changes."""
    if tone.plain or image.isNull():
        return image
    table = tone.table(levels if levels is not None else levels_of(image))
    source = image.convertToFormat(QImage.Format.Format_RGB32)
    size = (source.width(), source.height())
    pixels = Image.frombuffer("RGBA", size, bytes(source.constBits()), "raw", "RGBA", source.bytesPerLine(), 1)
    data = pixels.point([*table * 3, *range(256)]).tobytes()
    return QImage(data, *size, 4 * source.width(), QImage.Format.Format_RGB32).copy()


Part = Literal["brightness", "contrast", "gamma"]

PARTS: tuple[Part, ...] = ("brightness", "contrast", "gamma")

STEP = 10


class ToneControl(QObject):
    """The tone of the moment; `changed` when it is another one, or pinned or let go."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tone = Tone()
        self._pinned = False

    @property
    def tone(self) -> Tone:
        """How photos are shown."""
        return self._tone

    @property
    def pinned(self) -> bool:
        """Whether it stays for the next photos."""
        return self._pinned

    def set(self, part: Part, value: int) -> None:
        """Set one of brightness, contrast and gamma, -100 to 100."""
        held = min(max(value, -MOST), MOST)
        tone = self._tone
        self._show(
            Tone(
                brightness=held if part == "brightness" else tone.brightness,
                contrast=held if part == "contrast" else tone.contrast,
                gamma=held if part == "gamma" else tone.gamma,
                auto=tone.auto,
            )
        )

    def step(self, part: Part, steps: int) -> None:
        """More (1) or less (-1) of one."""
        self.set(part, getattr(self._tone, part) + steps * STEP)

    def set_auto(self, auto: bool) -> None:
        """Stretch dark photos by themselves, or no longer."""
        self._show(replace(self._tone, auto=auto))

    def reset(self) -> None:
        """As the photo is."""
        self._show(Tone())

    def pin(self, pinned: bool) -> None:
        """Keep the tone for the next photos, or let it go with this one."""
        if pinned != self._pinned:
            self._pinned = pinned
            self.changed.emit()

    def next_photo(self) -> None:
        """Another photo comes: what is not pinned is gone."""
        if not self._pinned:
            self.reset()

    def _show(self, tone: Tone) -> None:
        if tone != self._tone:
            self._tone = tone
            self.changed.emit()
