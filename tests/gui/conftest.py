"""Windows without a screen; no settings of the user, no thread left behind."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from avistar import Classifier, FunctionBackend, ModelBundle, Outputs
from avistar.manifest import Calibration
from support import encoded, picture

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QSettings, QSize
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from avistar_gui.app import App
from avistar_gui.settings import Settings

OpenTiny = Callable[[str | None], Classifier]
Function = Callable[[np.ndarray], Outputs]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The offscreen platform says these whenever a window's least size changes, or it is to come forward.
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(
                pytest.mark.qt_log_ignore("This plugin does not support (propagateSizeHints|raise|grabbing the)")
            )


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no failure: what is waited for comes, or is late by a minute."""
    wait = QtBot.waitUntil
    monkeypatch.setattr(
        QtBot, "waitUntil", lambda bot, true, *, timeout=0: wait(bot, true, timeout=max(timeout, 60_000))
    )


@pytest.fixture(autouse=True)
def wide_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen of the offscreen platform has 800 px; tests see the window as on a usual one."""
    monkeypatch.setattr("avistar_gui.shell.main_window.FRAME", QSize(-1200, -1200))


@pytest.fixture(autouse=True)
def prompt_clicks(qapp: QApplication) -> Iterator[None]:
    """A test clicks as soon as there is something to click; what a click guard does has tests of its own."""
    usual = QApplication.doubleClickInterval()
    QApplication.setDoubleClickInterval(0)
    yield
    QApplication.setDoubleClickInterval(usual)


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    yield
    mine = [thread.name for thread in threading.enumerate() if thread.name.startswith("avistar")]
    assert not mine, f"still alive: {mine}"


def answers(images: np.ndarray) -> Outputs:
    """Wolf where a picture is bright, mouse where it is dark, by far."""
    logits = np.zeros((len(images), 30), np.float32)
    bright = images.reshape(len(images), -1).mean(axis=1) > 127
    logits[np.arange(len(images)), np.where(bright, 29, 16)] = 9.0
    return Outputs(logits, np.zeros((len(images), 4), np.float32))


@pytest.fixture
def opener_of(tiny: ModelBundle) -> Callable[[Function], OpenTiny]:
    """Opens a classifier that answers by a function, whatever folder is asked for."""

    def make(function: Function) -> OpenTiny:
        backend = FunctionBackend(function, "cpu · made for tests")
        return lambda folder: Classifier(tiny, backend, Calibration(), rejected=("cuda: not in this build",))

    return make


@pytest.fixture
def by_brightness() -> Function:
    return answers


@pytest.fixture
def open_tiny(opener_of: Callable[[Function], OpenTiny]) -> OpenTiny:
    return opener_of(answers)


@pytest.fixture
def slowly(opener_of: Callable[[Function], OpenTiny]) -> OpenTiny:
    """Answers after a fifth of a second for each batch."""

    def wait(images: np.ndarray) -> Outputs:
        time.sleep(0.2)
        return answers(images)

    return opener_of(wait)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with ten photos, one below another folder, and a file that is none."""
    folder = tmp_path / "card"
    (folder / "below").mkdir(parents=True)
    for number in range(10):
        place = folder / "below" if number == 9 else folder
        (place / f"IMG_{number:02}.jpg").write_bytes(encoded(picture(number, (160, 120))))
    (folder / "notes.txt").write_text("nothing to see")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    store = Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    store.language = "en"
    store.surveys_folder = str(tmp_path / "surveys")
    store.reviewer = "Ana"
    return store


@pytest.fixture
def make_desk(qapp: QApplication, settings: Settings) -> Iterator[Callable[[OpenTiny], App]]:
    made: list[App] = []

    def make(open_classifier: OpenTiny) -> App:
        controller = App(qapp, open_classifier, settings)
        made.append(controller)
        return controller

    yield make
    for controller in made:
        controller.window.close()
        controller.finish()
        controller.window.deleteLater()
        controller.deleteLater()
        controller.translation.use("en")
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()


@pytest.fixture
def controller(make_desk: Callable[[OpenTiny], App], open_tiny: OpenTiny) -> App:
    return make_desk(open_tiny)
