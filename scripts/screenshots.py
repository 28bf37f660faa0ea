"""Renders the desktop app offscreen, in both languages and themes, with pictures that anyone may show.

    python scripts/screenshots.py OUT            every screen, at scale 1 and 2
    python scripts/screenshots.py OUT --cover docs/images/app.png    and the picture for the README

The pictures come from scikit-image (freely licensed) or are made on the spot. The default bundle answers if
there is one in models/, else a tiny one made for tests.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("runtime", "gui", "tests")]
SIZE = (1280, 800)
PATIENCE_S = 60
COVER_BYTES = 300_000
PHOTOS = {
    "chelsea": "cat.jpg",
    "coffee": "coffee.jpg",
    "rocket": "rocket.jpg",
    "astronaut": "astronaut.jpg",
    "camera": "tripod.jpg",
    "moon": "moon.jpg",
    "hubble_deep_field": "night.jpg",
    "coins": "coins.jpg",
}


def write_photos(folder: Path) -> None:
    """Freely licensed pictures, variations of the one animal among them, and two broken files."""
    import numpy as np
    from PIL import Image, ImageOps
    from skimage import data

    for name, file in PHOTOS.items():
        Image.fromarray(np.asarray(getattr(data, name)())).convert("RGB").save(folder / file, quality=92)
    raccoon = Image.open(ROOT / "samples" / "raccoon.jpg")
    variations = {
        "trap03_0001.jpg": raccoon,
        "trap03_0002.jpg": ImageOps.mirror(raccoon),
        "trap03_0003.jpg": raccoon.crop((200, 40, 1000, 640)),
        "trap03_0004.jpg": ImageOps.grayscale(raccoon).convert("RGB"),
    }
    for name, image in variations.items():
        image.save(folder / name, quality=92)
    (folder / "trap03_0005.jpg").write_bytes((folder / "trap03_0001.jpg").read_bytes()[:900])
    (folder / "trap03_0006.jpg").write_bytes(b"")


def bundle_folder(temporary: Path) -> Path:
    """The default bundle, else a tiny one."""
    from avistar.errors import BundleError

    try:
        from avistar.bundle import default_bundle

        return default_bundle()
    except BundleError:
        from support import tiny_bundle

        return tiny_bundle(temporary / "tiny").folder


def pause(milliseconds: int) -> None:
    """Let the app work for a while; `QTest.qWait` would keep Python's lock from its threads meanwhile."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(true: Callable[[], bool]) -> None:
    """Let the app work until `true()`."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("the app did not get that far")
        pause(10)
    pause(150)


def render(out: Path, scale: int) -> None:
    """Every screen, in this process, whose scale was set from outside."""
    from PySide6.QtCore import QSettings

    from avistar_gui.app import App, application, opener
    from avistar_gui.settings import Settings

    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        photos = temporary / "photos"
        photos.mkdir()
        write_photos(photos)
        bundle = bundle_folder(temporary)
        store = QSettings(str(temporary / "settings.ini"), QSettings.Format.IniFormat)
        desk = App(application(), opener("cpu"), Settings(store))
        desk.window.resize(*SIZE)
        desk.start(bundle=str(bundle))
        shots = _Shots(desk, out, scale)
        shots.take("start")
        desk.open([str(photos)])
        wait_until(lambda: desk.identify.session.progress.done >= len(PHOTOS) + 5 and not desk.identify.session.running)
        wait_until(lambda: desk.identify.page.view.has_photo)
        for file in ("trap03_0001.jpg", "coffee.jpg", "trap03_0005.jpg"):
            desk.identify.page.grid.choose(desk.identify.photos.row_of(str(photos / file)))
            wait_until(lambda: not desk.identify.page.view.is_empty)
            shots.take(f"photo_{Path(file).stem}")
        desk.identify.page.grid.choose(desk.identify.photos.row_of(str(photos / "trap03_0001.jpg")))
        desk.identify.page.problems.show()
        shots.take("problems")
        desk.identify.page.problems.hide()
        desk.window.model_wanted.emit(str(temporary))
        wait_until(lambda: desk.identify.page.banner.isVisible())
        shots.take("no_model")
        shots.take_keys()
        desk.window.close()


class _Shots:
    def __init__(self, desk: object, out: Path, scale: int) -> None:
        self._desk, self._out, self._scale = desk, out, scale

    def take(self, name: str) -> None:
        """One screen in every language and theme."""
        for language in ("en", "es"):
            for theme in ("light", "dark"):
                self._desk.use_language(language)  # type: ignore[attr-defined]
                self._desk.use_theme(theme)  # type: ignore[attr-defined]
                wait_until(lambda: True)
                self._save(self._desk.window, f"{name}_{language}_{theme}")  # type: ignore[attr-defined]

    def take_keys(self) -> None:
        """The key map, once for each language."""
        from avistar_gui.keymap import KeyMap

        for language in ("en", "es"):
            self._desk.use_language(language)  # type: ignore[attr-defined]
            wait_until(lambda: True)
            window = self._desk.window  # type: ignore[attr-defined]
            keys = KeyMap(window.actions_.key_map(), window)
            keys.open()
            wait_until(lambda: True)
            self._save(keys, f"keys_{language}")
            keys.close()

    def _save(self, widget: object, name: str) -> None:
        path = self._out / f"{name}@{self._scale}x.png"
        widget.grab().save(str(path))  # type: ignore[attr-defined]
        print(path)


def write_cover(out: Path, cover: Path) -> None:
    """The picture for the README, small enough for a repository."""
    from PIL import Image

    with Image.open(out / "photo_trap03_0001_en_light@2x.png") as shot:
        image = shot.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    # Tried: the other methods lose the photo's greens or the window's whites.
    palette = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
    image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(cover, optimize=True)
    size_bytes = cover.stat().st_size
    print(cover, size_bytes, "bytes")
    if size_bytes > COVER_BYTES:
        raise SystemExit(f"{cover} is larger than {COVER_BYTES} bytes")


def main() -> None:
    """Each scale in its own process: Qt reads it once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cover", type=Path, help="also write the README's picture here")
    parser.add_argument("--scale", type=int, choices=(1, 2), help="only this scale")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.scale is not None:
        render(options.out, options.scale)
        return
    for scale in (1, 2):
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale)}
        command = [sys.executable, __file__, str(options.out), "--scale", str(scale)]
        subprocess.run(command, env=environment, check=True)
    if options.cover is not None:
        write_cover(options.out, options.cover)


if __name__ == "__main__":
    main()
