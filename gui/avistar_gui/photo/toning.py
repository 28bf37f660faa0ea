"""Which tone photos are shown with: changed by keys and sliders, kept from photo to photo only where it is pinned."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from PySide6.QtCore import QObject, Signal

from avistar_gui.photo.tone import MOST, Tone

Part = Literal["brightness", "contrast", "gamma"]
PARTS: tuple[Part, ...] = ("brightness", "contrast", "gamma")
STEP = 10


class Toning(QObject):
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
