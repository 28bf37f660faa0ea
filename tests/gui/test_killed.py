"""The app's session killed in the middle of a run, paused, cancelled: nothing that was done is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from avistar.catalogue import Catalogue
from avistar.records import UNJOINED
from avistar.scan import Scan
from avistar.survey import begin_run, identify_pending, open_survey, take_in
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.survey_library import SurveyLibrary
from support import encoded, picture

PHOTOS = 48
ROOT = Path(__file__).resolve().parents[2]
APP = """
import sys, time
sys.path[:0] = {parts!r}
import numpy as np
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from avistar import Classifier, FunctionBackend, ModelBundle, Outputs
from avistar.manifest import Calibration
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.survey_library import SurveyLibrary
from avistar.records import UNJOINED

card, library, bundle = sys.argv[1:]

def slow(images):
    time.sleep(0.1)
    return Outputs(np.zeros((len(images), 30), np.float32), np.zeros((len(images), 4), np.float32))

def opened(folder):
    return Classifier(ModelBundle.open(Path(bundle)), FunctionBackend(slow, "cpu - made for tests"), Calibration())

def told(progress):
    print("done", progress.done, flush=True)

def answered(ids):
    if not said:
        said.append(True)
        session.review(ids[:1], "species", "wolf", "Ana")

said = []
application = QCoreApplication([])
session = Session(opened, SurveyLibrary(Path(library)), batch=2)
session.progressed.connect(told)
session.answered.connect(answered)
session.reviewed.connect(lambda ids, go: print("reviewed", ids[0], flush=True))
session.open()
session.add([card])
application.exec()
"""


@pytest.fixture
def card(tmp_path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    for number in range(PHOTOS):
        (folder / f"IMG_{number:02}.jpg").write_bytes(encoded(picture(number, (64, 48))))
    return folder


@pytest.fixture
def library(tmp_path) -> SurveyLibrary:
    return SurveyLibrary(tmp_path / "surveys")


@pytest.fixture
def session(qapp, open_tiny, library):
    made = Session(open_tiny, library)
    yield made
    made.finish()


def killed_in_the_middle(card: Path, library: SurveyLibrary, bundle: Path) -> None:
    """Run the session in a process of its own until some photos are answered and one is reviewed; then kill it."""
    parts = [str(ROOT / part) for part in ("runtime", "gui")]
    command = [sys.executable, "-c", APP.format(parts=parts), str(card), str(library.folder), str(bundle)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    ) as app:
        assert app.stdout is not None
        done = reviewed = 0
        for line in app.stdout:
            word, number = line.split()
            done = int(number) if word == "done" else done
            reviewed += word == "reviewed"
            if done >= 8 and reviewed:
                break
        app.kill()
        app.wait(30)
    assert app.returncode == -signal.SIGKILL
    assert 8 <= done < PHOTOS


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_app_goes_on_where_it_was(card, library, session, tiny, qtbot):
    killed_in_the_middle(card, library, tiny.folder)
    [found] = library.recent()
    before = found.counts
    assert 0 < before.answered < PHOTOS
    assert before.reviewed == 1
    got: list[int] = []
    session.answered.connect(got.extend)
    session.open()
    session.add([str(card)])
    qtbot.waitUntil(lambda: session.progress.done == PHOTOS == session.progress.total and not session.running)
    assert len(got) == len(set(got)) == PHOTOS - before.answered, "what was stored is not identified again"
    qtbot.waitUntil(lambda: session.progress.reviewed == 1)
    with Catalogue.read(found.path) as catalogue:
        [said] = [record.review for record in catalogue.records() if record.review]
    assert (said.species, said.reviewer) == ("wolf", "Ana")


def test_a_paused_run_does_nothing_until_it_is_resumed(qapp, slowly, library, card, qtbot):
    session = Session(slowly, library, batch=2)
    try:
        got: list[int] = []
        session.answered.connect(got.extend)
        session.open()
        session.add([str(card)])
        qtbot.waitUntil(lambda: len(got) > 0)
        session.stop()
        qtbot.waitUntil(lambda: not session.running)
        paused = len(got)
        qtbot.wait(300)
        assert len(got) == paused < PHOTOS
        session.resume()
        qtbot.waitUntil(lambda: len(got) > paused)
        session.stop()
        qtbot.waitUntil(lambda: not session.running)
        session.resume()
        qtbot.waitUntil(lambda: session.progress.done == PHOTOS and not session.running)
        assert len(got) == len(set(got)) == PHOTOS
    finally:
        session.finish()


def test_a_cancelled_run_keeps_what_it_has_and_the_survey_can_be_opened_at_once(qapp, slowly, library, card, qtbot):
    session = Session(slowly, library, batch=2)
    try:
        session.open()
        session.add([str(card)])
        qtbot.waitUntil(lambda: 0 < session.progress.done < PHOTOS)
        kept = session.progress.done
        session.clear()
        assert session.progress.total == 0
        session.add([str(card)])
        qtbot.waitUntil(lambda: session.progress.total == PHOTOS)
        assert session.progress.done >= kept
        qtbot.waitUntil(lambda: session.progress.done == PHOTOS and not session.running)
    finally:
        session.finish()


def test_bursts_that_a_killed_run_left_single_are_joined_by_the_next(session, library, open_tiny, tmp_path, qtbot):
    card = tmp_path / "trap"
    card.mkdir()
    for second in range(4):
        exif = Image.Exif()
        exif[0x8769] = {0x9003: f"2026:05:01 07:00:{second:02}"}
        (card / f"IMG_{second}.jpg").write_bytes(encoded(picture(second, (64, 48)), exif=exif))
    library.folder.mkdir()
    path = library.place_for([str(card)])
    settings = {"frames_per_second": "1", "burst_gap_s": "5", UNJOINED: "yes"}
    with open_tiny(None) as classifier, open_survey(path, [str(card)], classifier) as catalogue:
        begin_run(catalogue, classifier, settings)
        take_in(catalogue, Scan([str(card)]))
        for _ in identify_pending(catalogue, classifier):
            pass
        assert [row.burst for row in catalogue.rows(catalogue.ids())] == [0] * 4
    session.open()
    with qtbot.waitSignal(session.rearranged, timeout=60_000):
        session.add([str(card)])
    with Catalogue.read(path) as catalogue:
        assert UNJOINED not in catalogue.facts.settings
        assert [row.burst for row in catalogue.rows(catalogue.ids())] == [4] * 4
