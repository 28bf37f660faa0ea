"""How fast the screens are: repaint of the confusion matrix, of a map of 10,000 points, a survey of 100,000 photos,
and the same many reviewed photos in the Analysis screen.

    python benchmarks/gui_screens.py [--points 10000] [--photos 100000]

Offscreen, at scale 1. Each line gives the median and the worst of many, in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avistar_gui.app import App
    from gui_startup import Heartbeat

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("runtime", "gui", "tests", "scripts", "benchmarks")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROUNDS = 60


def timed(what: str, work: Callable[[int], None], rounds: int = ROUNDS) -> None:
    """Print how long `work(round)` takes."""
    times = []
    for number in range(rounds):
        start = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - start) * 1000)
    print(f"{what:<52} median {statistics.median(times):6.1f} ms, worst {max(times):6.1f} ms")


def matrix_figures() -> None:
    """A 30 by 30 matrix with numbers: painted anew, and with only the crosshair moved."""
    import numpy as np
    from screenshots import pause

    from avistar.species import known_species
    from avistar_gui.analysis.views.matrix_view import MatrixFacts, MatrixView

    counts = np.random.default_rng(0).integers(0, 40, (30, 30))
    facts = MatrixFacts(counts, tuple(range(30)), tuple(one.english for one in known_species()))
    view = MatrixView()
    view.resize(900, 900)
    view.show()
    pause(50)

    def anew(_: int) -> None:
        view.show_facts(facts)
        view.repaint()

    def crosshair(number: int) -> None:
        view._point((number % 30, number % 29))
        view.repaint()

    timed("matrix of 900 numbers, painted anew", anew)
    timed("matrix, crosshair moved", crosshair)
    view.close()


def map_figures(points: int) -> None:
    """A map of many points: panned (everything painted anew), hovered, and a lasso's choice."""
    import numpy as np
    from PySide6.QtCore import QPointF
    from screenshots import pause

    from avistar_gui.analysis.views.map_view import MapView
    from avistar_gui.analysis.views.scatter import inside_polygon, nearest

    rng = np.random.default_rng(0)
    view = MapView()
    view.resize(900, 700)
    view.show()
    pause(50)
    view.show_points(rng.normal(0, 10, (points, 2)))
    colours = rng.integers(0, 255, (points, 3), dtype=np.uint8)
    view.colour(colours, rng.random(points) < 0.05, np.ones(points, bool))

    def pan(number: int) -> None:
        view._centre += QPointF(0.001 * (-1) ** number, 0)
        view._repaint()
        view.repaint()

    places, shown = view.screen_places(), np.ones(points, bool)
    corners = np.array([[450 + 200 * np.cos(a), 350 + 200 * np.sin(a)] for a in np.linspace(0, 6.28, 80)])
    timed(f"map of {points} points, panned", pan)
    timed(f"map of {points} points, what is under the mouse", lambda n: void(nearest(places, shown, (n, n), 12)))
    timed(f"map of {points} points, lasso of 80 corners", lambda _: void(inside_polygon(places, corners)))
    view.close()


def void(_: object) -> None:
    """Forget a result."""


def as_if_answered(path: Path) -> None:
    """Give each photo of the catalogue at `path` an answer, a time, and two neighbours in a burst.

    Every second photo holds a person, too; of every tenth two people say different things.
    """
    with sqlite3.connect(path) as connection:
        connection.execute(
            """UPDATE medium SET state = 'answered', decision = CASE id % 3 WHEN 0 THEN 'group' ELSE 'species' END,
               decided = CASE id % 3 WHEN 0 THEN 'canid' ELSE 'wolf' END, confidence = (id * 37 % 1000) / 1000.0,
               taken_at = strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', (id * 97) || ' seconds'),
               sequence = 'burst ' || (id / 3), animals = 1 + (id % 5 = 0), disagreed = (id % 10 = 0)"""
        )
        connection.execute(
            """INSERT OR IGNORE INTO found SELECT id, 0, decision, decided, 1 + (id % 5 = 0), confidence,
               0.1, 0.1, 0.3, 0.3, NULL, NULL, NULL FROM medium"""
        )
        connection.execute(
            """INSERT INTO found SELECT id, 1, 'person', 'person', 1, 0.9, 0.6, 0.1, 0.3, 0.3, NULL, NULL, NULL
               FROM medium WHERE id % 2 = 0"""
        )
    connection.close()


def survey_figures(photos: int) -> None:
    """A catalogue of many photos: opened, scrolled, filtered; the longest time without an event, and memory."""
    from gui_startup import Heartbeat

    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        path = large_survey(temporary, photos)
        app = app_for(temporary)
        heart = Heartbeat()
        before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        opened(app, path, photos, heart)
        bar, viewport = app.identify.page.grid.verticalScrollBar(), app.identify.page.grid.viewport()

        def scroll(number: int) -> None:
            bar.setValue(bar.maximum() * number // ROUNDS)
            viewport.repaint()

        timed(f"scrolled through {photos} photos, one step", scroll)
        filtered(app, heart)
        after_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"memory for {photos} photos: {after_mb - before_mb:.0f} MB more, {after_mb:.0f} MB in all")
        app.window.close()


def large_survey(temporary: Path, photos: int) -> Path:
    """A catalogue of so many answered photos, half of them reviewed, with half as many observations again.

    The files do not exist.
    """
    from avistar.catalogue import Catalogue
    from avistar.records import Remark
    from survey_support import WOLF, facts, found

    folder = temporary / "card"
    folder.mkdir()
    path = temporary / "large.avistar"
    with Catalogue.open(path, new=facts(folder)) as catalogue:
        catalogue.reconcile(found(f"DCIM/{i // 1000:03}/IMG_{i:06}.jpg" for i in range(photos)))
        ids = catalogue.ids()
        catalogue.review(ids[1::2], WOLF)
        as_if_answered(path)
        for number, reviewer in enumerate(("Ana", "Luis")):
            for place in range(20):
                remark = Remark(f"look again {place}", ("den",), reviewer, WOLF.at)
                catalogue.remark(ids[place + 20 * number :: photos // 50], remark)
    return path


def app_for(temporary: Path) -> App:
    """The app with an open model, which looks at catalogues only."""
    from PySide6.QtCore import QSettings
    from screenshots import bundle_folder, wait_until

    from avistar_gui.app import App, application, opener
    from avistar_gui.settings import Settings

    settings = Settings(QSettings(str(temporary / "s.ini"), QSettings.Format.IniFormat))
    settings.surveys_folder = str(temporary / "surveys")
    app = App(application(), opener("cpu"), settings)
    app.window.resize(1280, 800)
    app.start(bundle=str(bundle_folder(temporary)))
    session = app.identify.session
    wait_until(lambda: session.classifier is not None)
    session.stop()
    session._intake._take_in = lambda *_: None
    return app


def opened(app: App, path: Path, photos: int, heart: Heartbeat) -> None:
    """Open the survey, and print how long that took and held the window up."""
    from screenshots import pause, wait_until

    heart.reset()
    start = time.perf_counter()
    app.open([str(path)])
    app.identify.session._paused = True
    wait_until(lambda: app.identify.photos.rowCount() == photos)
    print(f"{photos} photos listed after {(time.perf_counter() - start) * 1000:.0f} ms")
    pause(2500)
    print(f"longest UI block while they are opened: {heart.said}")


def filtered(app: App, heart: Heartbeat) -> None:
    """Ask for other photos and other orders, and print how long that held the window up."""
    from screenshots import pause

    from avistar.catalogue import Query

    heart.reset()
    days = (datetime(2026, 1, 1), datetime(2026, 3, 1))
    for query in (
        Query(text="IMG_0001"),
        Query(confidence=(0.3, 0.6), order="least_sure"),
        Query(taken=days, decision=("group",)),
        Query(order="newest"),
        Query(finding=("person",)),
        Query(several=True, order="least_sure"),
        Query(number=(2, 1_000_000)),
        Query(tag=("den",)),
        Query(disagreed=True),
        Query(corrected=True, reviewer=("Ana",)),
        Query(reviewed=False),
        Query(),
    ):
        app.identify.session.ask(query)
        pause(1200)
    print(f"longest UI block while they are filtered: {heart.said}")


def reviewed_survey(path: Path, folder: Path, bundle: Path, photos: int) -> None:
    """A catalogue in which so many photos were answered at random and reviewed; the files do not exist.

    Rows are written in bulk: record by record it would take longer than everything that is measured.
    """
    import numpy as np

    from avistar import Classifier
    from avistar.catalogue import Catalogue, Model
    from avistar.catalogue.catalogue import _model_id
    from survey_support import WOLF, facts, found

    rng = np.random.default_rng(0)
    with Classifier.open(bundle, "cpu") as classifier:
        model = Model.of(classifier)
    species = [one.id for one in model.policy.species]
    exponentials = np.exp(rng.normal(0, 3, (photos, len(species))))
    answers = (exponentials / exponentials.sum(axis=1, keepdims=True)).astype("<f4")
    with Catalogue.open(path, new=facts(folder)) as catalogue:
        catalogue.reconcile(found(f"DCIM/{i // 1000:03}/IMG_{i:06}.jpg" for i in range(photos)))
        ids = catalogue.ids()
        with catalogue._store.transaction() as connection:
            used = _model_id(connection, model)
            connection.executemany(
                "INSERT INTO observation (medium, position, model, probabilities, decision, decided, confidence, "
                "candidates, reason, flags, elapsed_ms, message) VALUES (?, 0, ?, ?, 'species', '', ?, '[]', '', '[]', "
                "1, '')",
                ((id, used, row.tobytes(), float(row.max())) for id, row in zip(ids, answers, strict=True)),
            )
            connection.execute("UPDATE medium SET state = 'answered', content = hex(randomblob(16))")
        for place, one in enumerate(species):
            catalogue.review(ids[place :: len(species)], replace(WOLF, species=one))


def analysis_figures(photos: int) -> None:
    """Many reviewed photos in the Analysis screen: read, shown, chosen from; the longest time without an event."""
    from PySide6.QtCore import QSettings
    from screenshots import bundle_folder, pause, wait_until

    from avistar_gui.analysis.controller import AnalysisController
    from avistar_gui.analysis.data.sources import StudyRequest
    from avistar_gui.settings import Settings
    from gui_startup import Heartbeat

    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        path = temporary / "reviewed.avistar"
        reviewed_survey(path, temporary / "card", bundle_folder(temporary), photos)
        controller = AnalysisController(Settings(QSettings(str(temporary / "s.ini"), QSettings.Format.IniFormat)))
        controller.page.resize(1200, 720)
        controller.page.show()
        wait_until(lambda: controller.study is not None)
        heart = Heartbeat()
        pause(1500)
        heart.reset()
        pause(1500)
        print(f"longest time without an event while nothing happens: {heart.longest_ms:.0f} ms")
        start = time.perf_counter()
        heart.reset()
        controller.open_source(StudyRequest("survey", str(path)))
        wait_until(lambda: controller.study is not None and controller.study.survey is not None)
        print(f"{photos} reviewed photos judged and shown after {(time.perf_counter() - start) * 1000:.0f} ms")
        pause(2500)
        print(f"longest UI block meanwhile: {heart.longest_ms:.0f} ms")
        study = controller.study
        start = time.thread_time()
        controller.show(study)
        print(f"of that the window's own work to show them: {(time.thread_time() - start) * 1000:.0f} ms")
        timed(
            "choose all errors, then one species",
            lambda number: controller.choose.species(3, "x") if number % 2 else controller.choose.errors(),
        )
        controller.finish()
        controller.page.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--photos", type=int, default=100_000)
    options = parser.parse_args()
    from avistar_gui.app import application

    application()
    matrix_figures()
    map_figures(options.points)
    survey_figures(options.photos)
    analysis_figures(options.photos)


if __name__ == "__main__":
    main()
