"""What it costs that a photo is decoded once for its answer and once more for its tile.

    python benchmarks/gui_decoding.py [--photos 120] [--model FOLDER]

Generated 12-megapixel JPEGs, offscreen. Times are those of the processor, so that other programs don't count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("runtime", "gui", "tests", "scripts", "benchmarks")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROUNDS = 24


def cpu_ms(work: Callable[[], object]) -> float:
    """The median of what one call costs, all its threads together, in ms."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def one_photo(path: Path, model: Path) -> None:
    """The steps of one photo's way, apart."""
    from avistar import Classifier
    from avistar_gui.identify.controller import THUMBNAIL
    from avistar_gui.photo.photo_loader import SIDE
    from avistar_gui.widgets.thumbnails import read_within

    with Classifier.open(model, "cpu", threads=1) as classifier:
        prepared = classifier.prepare(path)
        decode = cpu_ms(lambda: classifier.prepare(path))
        answer = cpu_ms(lambda: classifier.answer([prepared]))
    tile = cpu_ms(lambda: read_within(str(path), THUMBNAIL))
    large = cpu_ms(lambda: read_within(str(path), SIDE))
    print(
        f"decode for the answer {decode:.0f} ms, network {answer:.0f} ms, tile {tile:.0f} ms, large view {large:.0f} ms"
    )
    print(
        f"a tile for every photo of a run would cost {tile / (decode + answer):.0%} on top; sharing saves at most that"
    )


def one_run(folder: Path, temporary: Path, model: Path, photos: int) -> None:
    """How many tiles are really decoded while a run goes on and nobody scrolls."""
    from PySide6.QtCore import QSettings
    from screenshots import wait_until

    from avistar_gui.app import App, application, opener
    from avistar_gui.settings import Settings
    from avistar_gui.widgets import thumbnails

    decoded = 0
    read = thumbnails.read_within

    def counted(path: str, side: int) -> object:
        nonlocal decoded
        decoded += 1
        return read(path, side)

    thumbnails.read_within = counted
    settings = Settings(QSettings(str(temporary / "s.ini"), QSettings.Format.IniFormat))
    settings.surveys_folder, settings.ask_first = str(temporary / "surveys"), False
    app = App(application(), opener("cpu"), settings)
    app.window.resize(1280, 800)
    app.start([str(folder)], str(model))
    wait_until(lambda: app.identify.session.progress.done == photos and not app.identify.session.running)
    print(f"tiles decoded while {photos} photos were identified and nobody scrolled: {decoded}")
    app.window.close()


def main() -> None:
    """Measure and print."""
    from screenshots import bundle_folder

    from gui_startup import write_photos

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=120)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        folder = temporary / "card"
        folder.mkdir()
        write_photos(folder, options.photos)
        model = options.model or bundle_folder(temporary)
        one_photo(folder / "IMG_00000.jpg", model)
        one_run(folder, temporary, model, options.photos)


if __name__ == "__main__":
    main()
