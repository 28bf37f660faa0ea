"""What varying a batch costs, and how sharp it stays: our two layers beside a chain of Keras' own.

    python benchmarks/augmentation.py [--cache 256] [--size 160] [--batch 32] [--rounds 9]

Both get the amounts of `resnet50_field` and bring pictures of `cache` px to `size` px. Rounds of both take turns; the
ratio is the median of the rounds' ratios. Sharpness is the mean absolute difference of neighbouring pixels of
noise with the spectrum of photos (1/f), against the same pictures that were only brought to `size`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from avistar_train.augmentation import RandomAffine, RandomColour
from avistar_train.recipes import Augmentation, read_recipe


def chain(how: Augmentation, size: int) -> list[Any]:
    """Keras' layers, one transformation each."""
    layers, common = keras.layers, {"fill_mode": "reflect", "interpolation": "bilinear"}
    zoom, shift = (-how.zoom_in, 0.0), how.translation
    return [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(how.rotation_degrees / 360, **common),
        layers.RandomZoom(zoom, zoom, **common),
        layers.RandomTranslation(shift, shift, **common),
        layers.RandomBrightness(how.jitter / 2, value_range=(0, 255)),
        layers.RandomContrast(how.jitter, value_range=(0, 255)),
        layers.RandomSaturation((0.5 - how.jitter / 2, 0.5 + how.jitter / 2), value_range=(0, 255)),
        layers.RandomGrayscale(how.grey),
        layers.Resizing(size, size, interpolation="bilinear", antialias=True),
    ]


def models(how: Augmentation, cache: int, size: int) -> dict[str, Any]:
    """Both ways, and the bare resizing, as models."""
    picture, varied = keras.Input((cache, cache, 3)), keras.Input((1,), dtype="bool")
    resize = keras.layers.Resizing(size, size, interpolation="bilinear", antialias=True)
    x = picture
    for layer in chain(how, size):
        x = layer(x)
    linear = {name: getattr(how, name) for name in ("flip", "rotation_degrees", "zoom_in", "translation")}
    ours = resize(RandomAffine(**linear, seed=1)(picture, varied))
    ours = RandomColour(jitter=how.jitter, grey=how.grey, seed=2)(ours, varied)
    outputs = {"keras": x, "ours": ours, "plain": resize(picture)}
    return {name: keras.Model([picture, varied], output) for name, output in outputs.items()}


def pictures(count: int, side: int) -> NDArray[np.float32]:
    """Noise whose amplitude falls with frequency, as that of photos: float32 [N, side, side, 3] in 0-255."""
    rng = np.random.default_rng(0)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    frequency[0, 0] = 1.0
    spectrum = rng.normal(size=(count, 3, side, side // 2 + 1)) / frequency
    spectrum = spectrum * np.exp(2j * np.pi * rng.random(spectrum.shape))
    waves = np.fft.irfft2(spectrum, s=(side, side)).transpose(0, 2, 3, 1)
    return np.clip(128 + 40 * waves / waves.std(), 0, 255).astype(np.float32)


def sharpness(x: NDArray[np.float32]) -> float:
    """Mean absolute difference of neighbours, contrast taken out."""
    return float(np.mean(np.abs(np.diff(x, axis=2)) / x.std(axis=(1, 2), keepdims=True)))


def seconds(work: Callable[[], Any]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print the times, their ratio, and the sharpness."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("cache", 256), ("size", 160), ("batch", 32), ("rounds", 9)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    settings = parser.parse_args()
    how = read_recipe("resnet50_field").augmentation
    given = [pictures(settings.batch, settings.cache), np.ones((settings.batch, 1), bool)]
    made = models(how, settings.cache, settings.size)
    import tensorflow as tf

    run = {name: tf.function(lambda x, v, m=model: m([x, v], training=True)) for name, model in made.items()}
    tensors = [tf.constant(array) for array in given]
    out = {name: np.asarray(one(*tensors)) for name, one in run.items()}
    rounds = [[seconds(lambda n=name: run[n](*tensors)) for name in ("keras", "ours")] for _ in range(settings.rounds)]
    theirs, ours = (statistics.median(column) * 1000 for column in zip(*rounds, strict=True))
    ratio = statistics.median(one / other for one, other in rounds)
    print(f"a batch of {settings.batch}: keras {theirs:.0f} ms, ours {ours:.0f} ms, {ratio:.1f} times as fast")
    plain = sharpness(out["plain"])
    print(f"sharpness kept: keras {sharpness(out['keras']) / plain:.2f}, ours {sharpness(out['ours']) / plain:.2f}")


if __name__ == "__main__":
    main()
