"""What is fuzzed: readers of files that come from elsewhere, each with a corpus made on the spot.

    python tests/fuzz/targets.py images --seconds 600 --crashes FOLDER

runs one target under Atheris (coverage-guided) and writes each input that breaks it into FOLDER.
"""

from __future__ import annotations

import argparse
import atexit
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch


@dataclass(frozen=True, slots=True)
class Target:
    """`run` must return, or raise what it says itself; `seeds` are inputs to start from."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def read_manifest(data: bytes) -> None:
    """A manifest, or a `BundleError`; what was read is written and read back the same."""
    from avistar.errors import BundleError
    from avistar.manifest import decode, encode

    with suppress(BundleError):
        manifest = decode(data, "here")
        assert decode(encode(manifest), "here") == manifest


def manifest_seeds() -> list[bytes]:
    """The manifest that ships, and small ones."""
    from avistar.bundle import default_bundle

    whole = (default_bundle() / "manifest.json").read_bytes()
    document = json.loads(whole)
    small = document | {"species": document["species"][:2], "files": {}, "provenance": {}, "accuracy": {}}
    return [json.dumps(small).encode(), b'{"schema": 1}', b"[]", whole]


def read_image(data: bytes) -> None:
    """A picture in the shape asked for, or an `ImageError`."""
    from avistar.errors import ImageError
    from avistar.images import decode
    from avistar.manifest import Preprocessing

    with patch.object(decode, "MAX_PIXELS", 4_000_000), suppress(ImageError):  # more only takes longer
        pixels, _ = decode.prepare(data, Preprocessing(32, 32))
        assert pixels.shape == (32, 32, 3)


def image_seeds() -> list[bytes]:
    """One small picture of each format and mode, and a raw photo."""
    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    plain = Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    made = []
    for mode, format, options in [
        ("RGB", "JPEG", {"exif": exif}), ("CMYK", "JPEG", {}), ("L", "JPEG", {"progressive": True}),
        ("RGB", "PNG", {}), ("P", "PNG", {"transparency": 0}), ("RGBA", "PNG", {}), ("LA", "PNG", {}),
        ("1", "PNG", {}), ("I;16", "PNG", {}), ("RGB", "TIFF", {"compression": "tiff_lzw"}), ("F", "TIFF", {}),
        ("RGB", "TIFF", {"compression": "jpeg"}), ("RGB", "WEBP", {}), ("P", "GIF", {}), ("RGB", "BMP", {}),
        ("L", "PPM", {}), ("RGB", "MPO", {"save_all": True, "append_images": [plain]}),
    ]:  # fmt: skip
        stream = io.BytesIO()
        (plain.convert("I").convert(mode) if mode == "I;16" else plain.convert(mode)).save(stream, format, **options)
        made.append(stream.getvalue())
    return [*made, b"IIRO\x08\0\0\0" + bytes(20) + made[0], b"\0\0\0\x18ftypheic", b"FUJIFILMCCD-RAW" + made[0]]


def read_detections(data: bytes) -> None:
    """Boxes of a MegaDetector file with what is made of them, or a `UsageError`."""
    from avistar.errors import UsageError
    from avistar.media.detections import read_detections as read

    file = scratch() / "md.json"
    file.write_bytes(data)
    with suppress(UsageError):
        found = read(file, file.parent)
        for name in found.files():
            assert found.of(name) is not None


def detection_seeds() -> list[bytes]:
    """Results of several versions, with boxes, blanks and failures."""
    box = {"category": "1", "conf": 0.9, "bbox": [0.1, 0.2, 0.3, 0.4]}
    document = {
        "info": {"format_version": "1.4", "detector_metadata": {"typical_detection_threshold": 0.2}},
        "detection_categories": {"1": "animal", "2": "person", "3": "vehicle"},
        "images": [
            {"file": "a.jpg", "detections": [box, box | {"category": "2"}]},
            {"file": "b/c.jpg", "detections": []},
            {"file": "d.jpg", "failure": "image access failure", "detections": None},
            {"file": "e.mp4", "frame_rate": 30, "detections": [box | {"frame_number": 7}]},
        ],
    }
    return [json.dumps(document).encode(), b'{"images": []}']


@cache
def scratch() -> Path:
    """A folder of this process, removed at its end."""
    folder = tempfile.mkdtemp(prefix="avistar-fuzz-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


TARGETS = {
    "manifest": Target(read_manifest, manifest_seeds),
    "images": Target(read_image, image_seeds),
    "detections": Target(read_detections, detection_seeds),
}


def main() -> None:
    """Run one target under Atheris."""
    import warnings

    import atheris

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--crashes", type=Path, default=Path(tempfile.gettempdir()))
    arguments = parser.parse_args()
    target = TARGETS[arguments.target]
    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=["avistar", "PIL"]):
        import avistar.media.detections  # noqa: F401 imported here, so that its branches are followed
    seeds = target.seeds()
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={arguments.seconds}", f"-artifact_prefix={arguments.crashes}/", "-timeout=30"]
        # A process starts with the peak memory of the one that started it, so only single allocations are limited.
        options += [
            "-max_len=20000",
            "-rss_limit_mb=0",
            "-malloc_limit_mb=2000",
            "-print_final_stats=1",
            "-verbosity=0",
        ]
        atheris.Setup([sys.argv[0], corpus, *options], target.run)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
