"""How fast the desktop app is: start to first paint, first thumbnail after a drop, scrolling 10,000 photos.

    python benchmarks/gui_startup.py [--starts 5] [--photos 24] [--model FOLDER]

Offscreen, with generated 12-megapixel JPEGs. Without a default bundle a tiny one made for tests answers.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avistar.catalogue import Row

ROOT = Path(__file__).resolve().parents[1]
PARTS = [str(ROOT / part) for part in ("runtime", "gui", "tests", "scripts")]
sys.path[:0] = PARTS
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROWS = 10_000
STEPS = 200
MEGAPIXELS_12 = (4032, 3024)

# Runs in a process of its own: the time counts from before Python itself starts.
START = f"""
import sys, time
sys.path[:0] = {PARTS!r}
from PySide6.QtCore import QEvent, QObject, QSettings, QTimer
from avistar_gui.app import App, application, opener
from avistar_gui.settings import Settings

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.time(), flush=True)
            qt.removeEventFilter(self)
            QTimer.singleShot(0, qt.quit)
        return False

qt = application()
controller = App(qt, opener("cpu"), Settings(QSettings(sys.argv[1], QSettings.Format.IniFormat)))
watch = Watch()
controller.window.centralWidget().installEventFilter(watch)
controller.window.show()
qt.exec()
controller.finish()
"""


def start_to_paint(starts: int, settings: Path) -> list[float]:
    """Seconds from the start of the process to the first paint of the window, sorted."""
    seconds = []
    for _ in range(starts):
        began = time.time()
        done = subprocess.run([sys.executable, "-c", START, str(settings)], capture_output=True, text=True, check=True)
        seconds.append(float(done.stdout.split()[0]) - began)
    return sorted(seconds)


class Heartbeat:
    """The longest time for which the event loop did not turn, in milliseconds.

    `longest_cpu_ms`: for which its thread computed meanwhile; on a machine that others use, the rest is waiting.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self.longest_ms = self.longest_cpu_ms = 0.0
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(0)

    def reset(self) -> None:
        """Count from now."""
        self.longest_ms = self.longest_cpu_ms = 0.0
        self._last, self._last_cpu = time.perf_counter(), time.thread_time()

    @property
    def said(self) -> str:
        """Both figures: '48 ms (41 computing)'."""
        return f"{self.longest_ms:.0f} ms ({self.longest_cpu_ms:.0f} computing)"

    def _beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000)
        self.longest_cpu_ms = max(self.longest_cpu_ms, (cpu - self._last_cpu) * 1000)
        self._last, self._last_cpu = now, cpu


def write_photos(folder: Path, number: int) -> None:
    """Generated 12-megapixel JPEGs of about 3 MB."""
    from support import encoded, picture

    data = [encoded(picture(seed, MEGAPIXELS_12), quality=92) for seed in range(4)]
    for index in range(number):
        (folder / f"IMG_{index:05}.jpg").write_bytes(data[index % len(data)])


def drop_figures(temporary: Path, photos: int, model: Path) -> None:
    """First thumbnail, first answer and the end of a run after a drop."""
    from PySide6.QtCore import QSettings
    from screenshots import wait_until

    from avistar_gui.app import App, application, opener
    from avistar_gui.settings import Settings

    folder = temporary / "photos"
    folder.mkdir()
    write_photos(folder, photos)
    settings = Settings(QSettings(str(temporary / "drop.ini"), QSettings.Format.IniFormat))
    settings.surveys_folder = str(temporary / "surveys")
    controller = App(application(), opener("cpu"), settings)
    controller.window.resize(1280, 800)
    seen: dict[str, float] = {}
    controller.identify.thumbnails.ready.connect(lambda _: seen.setdefault("thumbnail", time.perf_counter()))
    controller.identify.single.loader.loaded.connect(lambda _: seen.setdefault("large photo", time.perf_counter()))
    controller.identify.session.answered.connect(lambda _: seen.setdefault("answers", time.perf_counter()))
    controller.start(bundle=str(model))
    wait_until(lambda: controller.identify.status.chip.text().startswith("CPU"))
    heart = Heartbeat()
    heart.reset()
    began = time.perf_counter()
    controller.window.dropped.emit([str(folder)])
    wait_until(lambda: controller.identify.session.progress.done == photos and not controller.identify.session.running)
    for name, moment in seen.items():
        print(f"drop to first {name:<12} {(moment - began) * 1000:8.0f} ms")
    print(f"longest UI block while {photos} photos of 12 megapixels ran: {heart.longest_ms:.0f} ms")
    controller.window.close()


def waiting(ids: Sequence[int]) -> list[Row]:
    """Rows of photos that wait, by their ids."""
    from avistar.catalogue import Row

    return [
        Row(id, f"/card/IMG_{id:05}.jpg", "", "photo", "pending", True, None, "", "", None, "", "", "") for id in ids
    ]


def scroll_figures() -> None:
    """Fill, show and scroll 10,000 rows; thumbnails come from memory."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QColor, QPixmap
    from screenshots import pause

    from avistar_gui.app import application
    from avistar_gui.identify.photo_grid import PhotoGrid
    from avistar_gui.identify.photo_model import PhotoList

    application()
    thumbnail = QPixmap(320, 240)
    thumbnail.fill(QColor("#557766"))
    rows, grid = PhotoList(waiting, lambda _: thumbnail), PhotoGrid()
    grid.setModel(rows)
    grid.resize(1000, 760)
    grid.show()
    heart = Heartbeat()
    heart.reset()
    began = time.perf_counter()
    rows.show_ids(range(ROWS))
    added = time.perf_counter()
    pause(1500)
    print(f"adding {ROWS} rows {(added - began) * 1000:.0f} ms, longest UI block {heart.longest_ms:.0f} ms")
    bar, steps = grid.verticalScrollBar(), []
    for step in range(STEPS):
        moment = time.perf_counter()
        bar.setValue(bar.maximum() * step // STEPS)
        grid.viewport().repaint()
        steps.append((time.perf_counter() - moment) * 1000)
    print(f"scroll step over {ROWS} rows: median {statistics.median(steps):.1f} ms, worst {max(steps):.1f} ms")
    QTimer.singleShot(0, grid.close)
    pause(10)


def main() -> None:
    """Measure and print."""
    from screenshots import bundle_folder

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        model = options.model or bundle_folder(temporary)
        seconds = start_to_paint(options.starts, temporary / "start.ini")
        print(f"process start to first paint: median {statistics.median(seconds):.2f} s, of {options.starts} starts")
        print("  " + ", ".join(f"{one:.2f}" for one in seconds))
        drop_figures(temporary, options.photos, model)
        scroll_figures()


if __name__ == "__main__":
    main()
