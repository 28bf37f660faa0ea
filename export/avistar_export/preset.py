"""What networks want of their pixels beyond geometry: the presets that training libraries share, and plain options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from avistar.errors import UsageError
from avistar.manifest import Fit, Resampling

Channels = Literal["rgb", "bgr"]
Layout = Literal["nchw", "nhwc"]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """(pixel × `scale` - `mean`) / `std`, pixels 0 to 255; `mean` and `std` in the order of `channels`."""

    channels: Channels = "rgb"
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if len(self.mean) != 3 or len(self.std) != 3:
            raise UsageError(
                "--mean and --std have a number for each of 3 channels, not {mean} and {std}",
                mean=self.mean,
                std=self.std,
            )
        if not all(map(np.isfinite, (self.scale, *self.mean, *self.std))) or not self.scale or not all(self.std):
            raise UsageError(
                "a scale of {scale:g} and deviations of {std} can't be computed with: none is 0",
                scale=self.scale,
                std=self.std,
            )

    def apply(self, images: NDArray[np.uint8], layout: Layout) -> NDArray[np.float32]:
        """Pixels uint8 [N, H, W, 3] RGB as float32 in `layout`: what the original is given."""
        ordered = images[..., ::-1] if self.channels == "bgr" else images
        scaled = ordered.astype(np.float32) * np.float32(self.scale)
        made = (scaled - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return np.ascontiguousarray(made.transpose(0, 3, 1, 2) if layout == "nchw" else made)

    def same_as(self, other: Arithmetic) -> bool:
        """Whether both compute the same, however they are written: 1/127.5 and 1 are 1/255, 0.5 and 0.5."""
        own, their = (
            np.concatenate([one.scale / np.asarray(one.std), np.asarray(one.mean) / np.asarray(one.std)])
            for one in (self, other)
        )
        return self.channels == other.channels and bool(np.allclose(own, their))

    def told(self) -> str:
        """The formula for people."""
        numbers = [", ".join(f"{value:g}" for value in some) for some in (self.mean, self.std)]
        return f"{self.channels.upper()}, (pixel × {self.scale:.6g} - ({numbers[0]})) / ({numbers[1]})"


@dataclass(frozen=True, slots=True)
class Preset:
    """Arithmetic and geometry that a family of networks shares; `side` in pixels where the family has one."""

    name: str
    arithmetic: Arithmetic
    fit: Fit = "crop"
    resampling: Resampling = "bilinear"
    side: int | None = None


_IMAGENET = Arithmetic(scale=1 / 255, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
_CAFFE = Arithmetic("bgr", mean=(103.939, 116.779, 123.68))
_SIGNED = Arithmetic(scale=1 / 127.5, mean=(1.0, 1.0, 1.0))

PRESETS = {
    one.name: one
    for one in (
        Preset("keras", Arithmetic()),
        Preset("keras-signed", _SIGNED),
        Preset("keras-caffe", _CAFFE),
        Preset("torchvision", _IMAGENET),
        Preset("timm", _IMAGENET, resampling="bicubic"),
        Preset("timm-half", Arithmetic(scale=1 / 255, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)), resampling="bicubic"),
        Preset("ultralytics-cls", Arithmetic(scale=1 / 255)),
        Preset("speciesnet", Arithmetic(scale=1 / 255), fit="stretch", side=480),
    )
}


def preset_named(name: str) -> Preset:
    """The preset `name`. Raises `UsageError` naming those that there are."""
    if name not in PRESETS:
        raise UsageError("'{name}' is no preset; there are {presets}", name=name, presets=", ".join(PRESETS))
    return PRESETS[name]


def distinct(fit: Fit, resampling: Resampling) -> list[Preset]:
    """One preset for each arithmetic, all with the same geometry: what a network may have wanted instead."""
    found: list[Preset] = []
    for one in PRESETS.values():
        if not any(one.arithmetic.same_as(other.arithmetic) for other in found):
            found.append(replace(one, fit=fit, resampling=resampling))
    return found
