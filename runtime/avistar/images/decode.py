"""From a file to the network's input: decode, orient, fit. The only such code in Avistar.

Training, parity, the runtime and the desktop app all read pictures here, so that they see the same.
Colour arithmetic (mean, scale, channel order) is not here: it lies inside the exported graph.

Every mode in which a picture is decoded, as RGB with 8 bit; what is seen through transparency.

Damage that decoders pass over: a PNG's checksums, which Pillow doesn't compare where the pixels lie.
"""

from __future__ import annotations

import io
import math
import os
import stat
import threading
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from avistar.errors import Fault, ImageError
from avistar.files import printable
from avistar.images import raw_preview
from avistar.images.budget import READ_AT_ONCE, Budget, BudgetedBytes, check_scans
from avistar.images.geometry import MIN_SIDE, Crop, Pixels, Source, fit, square_around
from avistar.manifest import Preprocessing
from avistar.message import Message, reason_of

# "JPEG" opens MPO too; named itself, Pillow fails on every other picture.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF", "PPM")

# HEIC can't be read, and that is said: passed over in a folder, a telephone's photos would be missing.
_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".ppm",
    ".pgm", ".heic", ".heif",
)  # fmt: skip

SUFFIXES = frozenset((*_SUFFIXES, *raw_preview.SUFFIXES))

MAX_PIXELS = 250_000_000
"""Largest picture read, in pixels: the 200-megapixel telephones fit, a decompression bomb does not."""

MAX_BYTES = 2_000_000_000
"""Largest file read, in bytes: a 16-bit picture of `MAX_PIXELS` without compression has 1.5 GB."""

LARGE_PIXELS = 50_000_000
"""Pictures that take more pixels in memory than this, after reduction, are decoded one at a time: a PNG of
`MAX_PIXELS` needs 2 GB while it becomes RGB, and there may be as many decoders as processors."""

REDUCE_TO = 2.0
"""A JPEG is decoded at a reduced size of at least this many times the network's: at 2, the result differs
from a full decode by 0.5 of 255 on average and a 12-megapixel photo is read four times as fast."""

MIN_DECODED = 0.25
"""Least share of a cut picture's rows that must be there for it to be identified (flagged as incomplete)."""

_ORIENT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_ORIENTATION_TAG = 0x0112

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

_large_lock = threading.Lock()

# Pillow's bound and warning filters belong to the whole process; see `_our_bound`.
_open_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class DecodedPicture:
    """An upright picture: `pixels` uint8 [H, W, 3] RGB, 0 to 255.

    `full_size` is the upright (width, height) in the file, larger than `pixels` when the decoder reduced it;
    `flags` may hold "incomplete" (the file is cut, the rest was read), "first_frame" (an animation, or a file of
    several pages) and "preview" (a raw photo, of which the camera's JPEG was read). `part` is what `pixels` show of
    the upright picture, in fractions (left, top, right, bottom): less than all of it for a `Crop`.
    """

    pixels: Pixels
    full_size: tuple[int, int]
    flags: tuple[str, ...] = field(default=())
    part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@contextmanager
def opened(source: str | os.PathLike[str] | bytes) -> Iterator[Image.Image]:
    """The picture in a file or in its bytes, its header read and nothing decoded. Raises `ImageError`."""
    if isinstance(source, bytes):
        with _open(io.BytesIO(source), "the picture") as image:
            yield image
        return
    path, name = source, printable(source)
    with _reading(name):
        file = _checked_file(Path(path), name).open("rb")
    with file, _open(file, name) as image:
        yield image


def upright_size(image: Image.Image) -> tuple[int, int]:
    """The (width, height) in pixels that an opened picture has once it is upright."""
    width, height = image.size
    return (height, width) if has_exif(image) and _orientation(image) >= 5 else (width, height)


def has_exif(image: Image.Image) -> bool:
    """Whether an opened picture's EXIF block can be read without decoding the picture.

    A PNG may also carry it behind its pixels, and Pillow would decode them all to look.
    """
    return image.format != "PNG" or "exif" in image.info


def load(source: Source, *, at_least: int | None = None) -> DecodedPicture:
    """Decode `source` (path, encoded bytes, Pillow image, uint8 RGB [H, W, 3], or a `Crop`) and turn it upright.

    `at_least`: the shorter side, in pixels, that the caller needs; a JPEG may come back reduced to no
    less. Raises `ImageError`.
    """
    if isinstance(source, Crop):
        return _load_crop(source, at_least)
    if isinstance(source, np.ndarray):
        pixels = _checked_array(source)
        return DecodedPicture(pixels, (pixels.shape[1], pixels.shape[0]))
    if isinstance(source, Image.Image):
        return _decode(source, "the picture", None)  # reducing would change the caller's image
    try:
        return _load_file(*_read(source), at_least)
    except MemoryError as error:
        name = "the picture" if isinstance(source, bytes) else printable(source)
        raise ImageError(Fault.TOO_LARGE, "{name}: too large for the memory", name=name) from error


def _load_file(data: bytes, name: str, at_least: int | None) -> DecodedPicture:
    budget = Budget(name)
    if png_is_damaged(data, budget):
        raise ImageError(Fault.DAMAGED, "{name}: a damaged PNG (its checksums differ)", name=name)
    shown = raw_preview.preview(data)
    if shown is None:
        check_scans(data, name, budget)
        return _decode(_open(BudgetedBytes(data, budget), name), name, at_least)
    if not shown.jpeg:
        raise ImageError(Fault.UNSUPPORTED, "{name}: a raw photo without a preview: save it as JPEG", name=name)
    check_scans(shown.jpeg, name, budget)
    picture = _decode(_open(BudgetedBytes(shown.jpeg, budget), name), name, at_least, shown.orientation)
    return replace(picture, flags=("preview", *picture.flags))


def _load_crop(crop: Crop, at_least: int | None) -> DecodedPicture:
    """The square around the crop; the whole is decoded no larger than the crop needs."""
    share = max(min(max(crop.width, crop.height), 1.0), 1e-3)
    whole = load(crop.whole, at_least=None if at_least is None else math.ceil(at_least / share))
    height, width = whole.pixels.shape[:2]
    left, top, right, bottom = square_around(crop, width, height)
    full_size = tuple(round(side * full / now) for side, full, now in
                      zip((right - left, bottom - top), whole.full_size, (width, height), strict=True))  # fmt: skip
    part = (left / width, top / height, right / width, bottom / height)
    return DecodedPicture(whole.pixels[top:bottom, left:right], full_size, whole.flags, part)


def prepare(source: Source, preprocessing: Preprocessing) -> tuple[Pixels, tuple[str, ...]]:
    """`load` and `fit` in one: the network's uint8 [height, width, 3] and the picture's flags.

    Raises `ImageError`.
    """
    picture = load_for(source, preprocessing)
    return fit(picture.pixels, preprocessing), picture.flags


def load_for(source: Source, preprocessing: Preprocessing) -> DecodedPicture:
    """`load` no larger than `fit` needs. Raises `ImageError`."""
    return load(source, at_least=round(REDUCE_TO * max(preprocessing.width, preprocessing.height)))


def prepare_batch(sources: Sequence[Source], preprocessing: Preprocessing) -> Pixels:
    """`prepare` for several pictures that must all be readable: uint8 [N, height, width, 3]."""
    return np.stack([prepare(source, preprocessing)[0] for source in sources])


def _read(source: str | os.PathLike[str] | bytes) -> tuple[bytes, str]:
    name: str
    if isinstance(source, bytes):
        data, name = source, Message("the picture")
    elif isinstance(source, (str, os.PathLike)):
        name = printable(source)
        with _reading(name):
            data = _file_bytes(Path(source), name)
    else:
        kind = type(source).__name__
        raise ImageError(
            Fault.UNSUPPORTED, "a {kind} is no picture: give a path, bytes, a Pillow image or an array", kind=kind
        )
    if not data:
        raise ImageError(Fault.EMPTY, "{name}: the file is empty (0 bytes)", name=name)
    return data, name


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """What the file system objects to, as an `ImageError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise ImageError(Fault.MISSING, "{name}: there is no such file", name=name) from error
    except (OSError, ValueError) as error:
        raise ImageError(
            Fault.UNREADABLE, "{name}: can't be opened ({reason})", name=name, reason=reason_of(error)
        ) from error


def _file_bytes(path: Path, name: str) -> bytes:
    before = _checked_file(path, name).stat()
    data = path.read_bytes()
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ImageError(
            Fault.UNREADABLE, "{name}: is being written just now: try again when that has ended", name=name
        )
    return data


def _checked_file(path: Path, name: str) -> Path:
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):  # reading a pipe could wait for ever
        raise ImageError(Fault.UNREADABLE, "{name}: is no ordinary file", name=name)
    if facts.st_size > MAX_BYTES:
        raise ImageError(
            Fault.TOO_LARGE,
            "{name}: too large ({size:,} bytes; {limit:,} at most)",
            name=name,
            size=facts.st_size,
            limit=MAX_BYTES,
        )
    return path


def _open(file: BinaryIO, name: str) -> Image.Image:
    try:
        with _open_lock, _our_bound():
            image = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(Fault.TOO_LARGE, "{name}: too large ({error})", name=name, error=error) from error
    except UnidentifiedImageError as error:
        file.seek(0)
        raise ImageError(*_what_it_is(file.read(12), name)) from error
    except ImageError:
        raise
    except Exception as error:  # decoders raise SyntaxError, struct.error, ValueError, … on damage
        raise ImageError(Fault.DAMAGED, "{name}: damaged ({error})", name=name, error=error) from error
    return image


@contextmanager
def _our_bound() -> Iterator[None]:
    """`MAX_PIXELS` instead of Pillow's own bound, which refuses what the largest telephones take."""
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = MAX_PIXELS
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _what_it_is(head: bytes, name: str) -> tuple[Fault, str]:
    """The fault of a file with these first bytes that no decoder knows, and what to say of it."""
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return Fault.UNSUPPORTED, Message("{name}: HEIC pictures can't be read: save it as JPEG", name=name)
    if head[:2] == b"\xff\xd8" or head[:8] == b"\x89PNG\r\n\x1a\n":
        return Fault.DAMAGED, Message("{name}: too damaged to be read", name=name)
    return Fault.NOT_AN_IMAGE, Message(
        "{name}: not a picture in a known format (JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF)", name=name
    )


def _decode(image: Image.Image, name: str, at_least: int | None, orientation: int = 1) -> DecodedPicture:
    """`orientation` is what the file around the picture says, for a picture that says nothing itself."""
    _check_size(*image.size, name)
    width, height = image.size
    flags = ["first_frame"] if _is_one_of_several(image) else []
    orientation = _orientation(image, orientation)
    try:
        if at_least is not None:
            _reduce(image, at_least)
        with _large_lock if image.width * image.height > LARGE_PIXELS else nullcontext():
            if _load_pixels(image):
                flags.append("incomplete")
            upright = to_rgb(image, name)
            if orientation in _ORIENT:
                upright = upright.transpose(_ORIENT[orientation])
    except Image.DecompressionBombError as error:  # Pillow looks again at a TIFF's parts
        raise ImageError(Fault.TOO_LARGE, "{name}: too large ({error})", name=name, error=error) from error
    except MemoryError as error:
        raise ImageError(
            Fault.TOO_LARGE,
            "{name}: too large for the memory ({width} × {height} px)",
            name=name,
            width=width,
            height=height,
        ) from error
    except ImageError:
        raise
    except Exception as error:  # decoders raise whatever they like on damage, assertions included
        raise ImageError(Fault.DAMAGED, "{name}: too damaged to be read ({error})", name=name, error=error) from error
    full = (height, width) if orientation >= 5 else (width, height)
    return DecodedPicture(np.asarray(upright), full, tuple(flags))


def _check_size(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError(
            Fault.TOO_LARGE,
            "{name}: too large ({width} × {height} px; {limit:,} px at most)",
            name=name,
            width=width,
            height=height,
            limit=MAX_PIXELS,
        )
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            Fault.TOO_SMALL,
            "{name}: too small ({width} × {height} px; {side} px a side at least)",
            name=name,
            width=width,
            height=height,
            side=MIN_SIDE,
        )


def _is_one_of_several(image: Image.Image) -> bool:
    """Whether there is a second page; the others, of which there may be 100,000, are not looked for."""
    try:
        return bool(getattr(image, "is_animated", False)) and image.format != "MPO"
    except Exception:  # a later page is damaged: so there are several
        return True


def _reduce(image: Image.Image, at_least: int) -> None:
    """Ask a JPEG decoder for the smallest size whose shorter side is still `at_least` px."""
    scale = at_least / min(image.size)
    if scale < 1:
        image.draft(None, (round(image.width * scale), round(image.height * scale)))


def _orientation(image: Image.Image, otherwise: int = 1) -> int:
    try:
        value = image.getexif().get(_ORIENTATION_TAG, otherwise)
    except Exception:  # a broken EXIF block must not cost us the picture
        return otherwise
    return value if isinstance(value, int) and 1 <= value <= 8 else otherwise


def _load_pixels(image: Image.Image) -> bool:
    """Decode; True if the file is cut but enough of it could be read."""
    if isinstance(image, ImageFile.ImageFile):
        image.decodermaxblock = READ_AT_ONCE
    # Pillow holds a TIFF's parts against its own bound.
    large = image.format == "TIFF" and image.width * image.height > (Image.MAX_IMAGE_PIXELS or MAX_PIXELS)
    try:
        with ExitStack() as stack:
            if large:
                stack.enter_context(_open_lock)
                stack.enter_context(_our_bound())
            image.load()
    except (MemoryError, ImageError, Image.DecompressionBombError):
        raise
    except Exception:
        if isinstance(image, ImageFile.ImageFile) and image.format in ("JPEG", "MPO") and _rows_decoded(image):
            return True
        raise
    return False


def _rows_decoded(image: ImageFile.ImageFile) -> bool:
    """Keep what was decoded of a cut JPEG if it is at least `MIN_DECODED` of the rows."""
    image.tile = []  # what remains to be decoded: nothing, so that `load` accepts what is there
    try:
        pixels = np.asarray(image)
    except Exception:
        return False
    # Rows that never came are of one colour throughout (libjpeg leaves them zero).
    rows = np.flatnonzero(pixels.reshape(len(pixels), -1).max(axis=1) > 0)
    return bool(len(rows)) and (rows[-1] + 1) / len(pixels) >= MIN_DECODED


def _checked_array(array: Pixels) -> Pixels:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise ImageError(
            Fault.UNSUPPORTED,
            "an array must be uint8 [H, W, 3] RGB; this one is {dtype} {shape}",
            dtype=array.dtype,
            shape=list(array.shape),
        )
    if min(array.shape[:2]) < MIN_SIDE:
        raise ImageError(
            Fault.TOO_SMALL,
            "the picture is too small ({width} × {height} px)",
            width=array.shape[1],
            height=array.shape[0],
        )
    return array


BACKDROP = (128, 128, 128)
"""What shows through transparent pixels."""


def to_rgb(image: Image.Image, name: str) -> Image.Image:
    """A decoded picture of any mode in RGB, 8 bit. Raises `ImageError` for floating-point values."""
    if image.mode == "F":
        raise ImageError(
            Fault.UNSUPPORTED, "{name}: floating-point TIFFs can't be shown: save it as 8 or 16 bit", name=name
        )
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


_PNG = b"\x89PNG\r\n\x1a\n"


def png_is_damaged(data: bytes, budget: Budget | None = None) -> bool:
    """Whether `data` is a PNG with a chunk whose CRC is wrong (PNG, 3rd edition, 5.5); a cut one is for the decoder."""
    if not data.startswith(_PNG):
        return False
    view, position, others = memoryview(data), len(_PNG), 0
    while position + 12 <= len(data):
        others += data[position + 4 : position + 8] != b"IDAT"
        if budget is not None:
            budget.check_chunks(others)
        end = position + 8 + int.from_bytes(view[position : position + 4], "big")
        if end + 4 > len(data):
            return False
        if zlib.crc32(view[position + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            return True
        position = end + 4
    return False
