"""Every mode in which a picture is decoded, as RGB with 8 bit; what is seen through transparency."""

from __future__ import annotations

import numpy as np
from PIL import Image

from avistar.errors import Fault, ImageError

BACKDROP = (128, 128, 128)
"""What shows through transparent pixels."""


def to_rgb(image: Image.Image, name: str) -> Image.Image:
    """A decoded picture of any mode in RGB, 8 bit. Raises `ImageError` for floating-point values."""
    if image.mode == "F":
        raise ImageError(Fault.UNSUPPORTED, f"{name}: floating-point TIFFs can't be shown: save it as 8 or 16 bit")
    if image.mode.startswith("I"):
        return _from_wide_grey(image).convert("RGB")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        backdrop = Image.new("RGBA", layer.size, (*BACKDROP, 255))
        return Image.alpha_composite(backdrop, layer).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_wide_grey(image: Image.Image) -> Image.Image:
    """16-bit grey to 8 bit by scaling; Pillow's own conversion would clip it to white."""
    values = np.asarray(image).astype(np.float32)
    scale = 255.0 / 65535.0 if values.max(initial=0) > 255 else 1.0
    return Image.fromarray(np.clip(values * scale + 0.5, 0, 255).astype(np.uint8))
