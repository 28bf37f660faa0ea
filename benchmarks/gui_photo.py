"""How fast the chosen photo is: key press to the next picture, light, zoom, and the evidence beside it.

    python benchmarks/gui_photo.py [--photos 20] [--model FOLDER]

Offscreen, with generated 12-megapixel JPEGs, nothing being identified meanwhile.
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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avistar_gui.app import App

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("runtime", "gui", "tests", "scripts", "benchmarks")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
LOOK_MS = 700
"""How long somebody looks at a photo before pressing the next key; reviewing takes longer."""


Times = list[tuple[float, float]]
"""Milliseconds by the clock, and those that the window's thread worked: the same on a busy machine."""


def report(what: str, times: Times) -> None:
    """Print median and worst."""
    clock, work = ([one[part] for one in times] for part in (0, 1))
    print(f"{what:<44} median {statistics.median(clock):6.1f} ms, worst {max(clock):6.1f} ms; "
          f"of which work {statistics.median(work):5.1f} ms, worst {max(work):5.1f} ms")  # fmt: skip


class Watch:
    """Both clocks, from its making on."""

    def __init__(self) -> None:
        self._start, self._work = time.perf_counter(), time.thread_time()

    @property
    def times(self) -> tuple[float, float]:
        """Milliseconds so far."""
        return (time.perf_counter() - self._start) * 1000, (time.thread_time() - self._work) * 1000


def press_through(app: App, count: int, look: Callable[[], None]) -> Times:
    """Milliseconds from each press of → until the next photo (not its thumbnail) is painted."""
    from PySide6.QtCore import QCoreApplication, QEventLoop, Qt
    from PySide6.QtTest import QTest

    page, times = app.identify.page, []
    page.grid.choose(0)
    page.grid.setFocus()
    for _ in range(count):
        look()
        watch = Watch()
        QTest.keyClick(page.grid, Qt.Key.Key_Right)
        while not page.view.has_photo:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        page.view.repaint()
        times.append(watch.times)
    return times


def timed(work: Callable[[int], None], rounds: int = 30) -> Times:
    """Milliseconds of each round."""
    times = []
    for number in range(rounds):
        watch = Watch()
        work(number)
        times.append(watch.times)
    return times


def view_figures(app: App) -> None:
    """Light and zoom on the photo that is shown."""
    from PySide6.QtCore import QPointF

    pane = app.identify.page.photo
    view = pane.view

    def lighten(number: int) -> None:
        pane.toning.set("brightness", number)
        view.repaint()

    def closer(number: int) -> None:
        view.zoom_at(QPointF(100 + number, 100), 1.25 if number % 2 else 0.8)
        view.repaint()

    report("brightness, one step of the slider", timed(lighten))
    report("zoom with that light, one step", timed(closer))
    pane.toning.reset()
    report("zoom, one step", timed(closer))
    view.fit()


def evidence_figures(app: App) -> None:
    """Key to evidence, and the longest time for which the window did not answer meanwhile."""
    from screenshots import wait_until

    from gui_startup import Heartbeat

    single, evidence = app.identify.single, app.identify.page.photo.acts["evidence"]
    heart = Heartbeat()
    heart.reset()
    start = time.perf_counter()
    evidence.trigger()
    wait_until(lambda: single.shown is not None)
    print(f"W to where the answer comes from: {time.perf_counter() - start:.1f} s, longest UI block "
          f"{heart.longest_ms:.0f} ms")  # fmt: skip
    evidence.trigger()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    from PySide6.QtCore import QSettings
    from screenshots import bundle_folder, pause, wait_until

    from avistar_gui.app import App, application, opener
    from avistar_gui.settings import Settings
    from gui_startup import write_photos

    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        folder = temporary / "card"
        folder.mkdir()
        write_photos(folder, options.photos)
        settings = Settings(QSettings(str(temporary / "s.ini"), QSettings.Format.IniFormat))
        settings.surveys_folder = str(temporary / "surveys")
        app = App(application(), opener("cpu"), settings)
        app.window.resize(1280, 800)
        app.start(bundle=str(options.model or bundle_folder(temporary)))
        app.open([str(folder)])
        session = app.identify.session
        wait_until(lambda: session.progress.done == options.photos and not session.running)
        wait_until(lambda: app.identify.page.view.has_photo)
        half = options.photos // 2
        report("key press to next picture, looking at each", press_through(app, half, lambda: pause(LOOK_MS)))
        app.identify.single.loader.forget_all()
        report("key press to next picture, without looking", press_through(app, options.photos - 1, lambda: None))
        view_figures(app)
        evidence_figures(app)
        app.window.close()


if __name__ == "__main__":
    main()
