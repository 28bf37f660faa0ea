"""Photos of made-up animals, for the tests of teaching."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {
    "wolf": ((200, 40, 40), (60, 60, 60)),
    "otter": ((40, 200, 40), (60, 60, 60)),
    "moose": ((40, 40, 200), (60, 60, 60)),
    "red_fox": ((230, 230, 20), (230, 230, 20)),
    "Wild Boar": ((20, 20, 20), (220, 220, 220)),
}
"""The colours of the left and the right half of each animal's photos."""


def photo(animal: str, number: int, size: tuple[int, int] = (40, 32)) -> Image.Image:
    """A noisy picture of `animal`; every number another one."""
    rng = np.random.default_rng([number, list(COLOURS).index(animal)])
    pixels = np.zeros((size[1], size[0], 3))
    for half, colour in enumerate(COLOURS[animal]):
        part = slice(None, size[0] // 2) if half == 0 else slice(size[0] // 2, None)
        pixels[:, part] = np.array(colour) + rng.normal(0, 8, 3)
    pixels += rng.normal(0, 12, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def write_photos(folder: Path, animals: dict[str, int], first: int = 1000) -> Path:
    """Photos in sub-folders named by animal, so many of each."""
    for animal, count in animals.items():
        (folder / animal).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            photo(animal, first + number).save(folder / animal / f"{number:03d}.png")
    return folder
