"""Photos for benchmarks, made of the freely licensed samples: any number, any size, no two alike."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
SIZES = {"12 MP": (4000, 3000), "VGA": (640, 480), "small": (64, 48)}


def make_photos(folder: Path, count: int, size: tuple[int, int], *, different: int = 40) -> list[Path]:
    """`count` JPEGs of `size` (width, height) px in `folder`, 1,000 to a folder as on memory cards.

    `different` pictures with the noise of a camera; more files than that repeat them, each with bytes of its
    own behind the picture. What is there already stays.
    """
    encoded = [_jpeg(seed, size) for seed in range(min(count, different))]
    paths = []
    for i in range(count):
        path = folder / f"{100 + i // 1000}" / f"IMG_{i}.jpg"
        paths.append(path)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded[i % len(encoded)] + f" photo {i}".encode())
    return paths


def _jpeg(seed: int, size: tuple[int, int]) -> bytes:
    rng = np.random.default_rng(seed)
    samples = sorted(SAMPLES.glob("*.jpg"))
    with Image.open(samples[seed % len(samples)]) as image:
        pixels = np.asarray(image.convert("RGB").resize(size), np.int16)
    noisy = pixels + rng.integers(-8, 9, (*pixels.shape[:2], 1), np.int16)
    stream = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(stream, "JPEG", quality=90)
    return stream.getvalue()
