"""The Camera screen with sources that do what they are told."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, Qt

from avistar.errors import MissingExtra
from avistar.media.camera import Camera
from avistar_gui.camera import controller as camera_desk
from avistar_gui.camera.controller import CameraController, save_frame
from avistar_gui.camera.sources import Source, cameras
from avistar_gui.shell.translation import Translation
from media_support import FakeSource, frame


def endless():
    return (frame(i, i / 30) for i in itertools.count())


@pytest.fixture
def made():
    """Cameras to be closed, and the scripts that the next ones play."""
    return {"scripts": [], "opened": 0, "sources": []}


@pytest.fixture
def camera(qapp, settings, open_tiny, made, tmp_path):
    classifier = open_tiny(None)

    def opened():
        made["opened"] += 1
        script = made["scripts"].pop(0) if made["scripts"] else endless()
        if isinstance(script, Exception):
            raise script
        source = FakeSource(script, endless=not made.get("file"))
        made["sources"].append(source)
        return source

    def make(source):
        return Camera(opened, patience_s=0.3, retry_s=(0.05,))

    translation = Translation(qapp, "en")
    settings.keep_text("camera/folder", str(tmp_path / "saved"))
    controller = CameraController(lambda: classifier, settings, make_camera=make)
    controller.page.resize(1000, 640)
    controller.page.show()
    yield controller
    controller.finish()
    controller.page.close()
    controller.page.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    classifier.close()
    translation.use("en")


def live(qtbot, controller):
    controller.watch(Source(camera=0))
    qtbot.waitUntil(lambda: not controller.page.view.is_empty and "per second" in controller.page.speed.text())


def test_before_anything_is_watched_the_page_says_what_to_do(camera):
    assert camera.page.headline.text() == "Nothing to see yet"
    assert not camera.page.freeze.isEnabled()
    assert not camera.page.save.isEnabled()
    assert all(card.isHidden() for card in camera.page.cards)


def test_a_camera_is_shown_with_three_species(camera, qtbot):
    live(qtbot, camera)
    assert camera.page.cards[0].name.text() in ("Wolf", "Mouse")
    assert camera.page.start.text() == "Stop"
    camera.page.start.click()
    assert not camera.watcher.running
    assert not camera.page.view.is_empty


def test_space_freezes_the_picture_and_s_saves_it_for_the_survey(camera, qtbot, tmp_path):
    live(qtbot, camera)
    saved = []
    camera.saved.connect(saved.append)
    qtbot.keyClick(camera.page, Qt.Key.Key_Space)
    assert camera.page.freeze.text() == "Go on"
    frozen = camera._shot
    qtbot.wait(60)
    assert camera._shot is frozen
    qtbot.keyClick(camera.page, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: bool(saved))
    with Image.open(saved[0]) as image:
        assert image.size == (64, 48)
        assert image.getexif().get_ifd(0x8769)[0x9003]
    qtbot.keyClick(camera.page, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: camera._shot is not frozen)


def test_a_lost_camera_is_a_banner_that_goes_when_it_comes_back(camera, made, qtbot):
    made["scripts"] = [iter([frame(i) for i in range(5)]), *[OSError("unplugged")] * 30]
    live(qtbot, camera)
    qtbot.waitUntil(camera.page.banner.isVisible)
    assert camera.page.banner.title.text().startswith("The camera is not responding")
    assert camera.page.banner.action.text() == "Retry now"
    qtbot.waitUntil(camera.page.banner.isHidden)
    assert camera.watcher.running


def test_retry_opens_the_camera_anew(camera, made, qtbot):
    made["scripts"] = [iter([frame(0)]), *[OSError("unplugged")] * 40]
    live(qtbot, camera)
    qtbot.waitUntil(camera.page.banner.isVisible)
    made["scripts"] = []
    camera.page.banner.action.click()
    qtbot.waitUntil(lambda: camera._shot is not None and camera._shot.number > 3)
    assert camera.page.banner.isHidden()


def test_a_video_ends(camera, made, qtbot):
    made["file"] = True
    made["scripts"] = [iter([*(frame(i) for i in range(8)), None])]
    camera.watch(Source(video="clip.mp4"))
    qtbot.waitUntil(lambda: not camera.watcher.running)
    assert camera.page.start.text() == "Start"
    assert not camera.page.view.is_empty


def test_without_opencv_the_cure_is_told(camera, made, qtbot):
    made["scripts"] = [MissingExtra("live", "Watching a camera")]
    camera.watch(Source(camera=0))
    qtbot.waitUntil(camera.page.banner.isVisible)
    assert "pip install 'avistar[live]'" in camera.page.banner.detail.text()
    assert camera.page.start.text() == "Start"


def test_without_a_model_nothing_is_watched(qapp, settings, qtbot):
    controller = CameraController(lambda: None, settings)
    controller.watch(Source(camera=0))
    assert not controller.watcher.running
    assert "not open yet" in controller.page.banner.title.text() or controller.page.banner.title.text()
    controller.finish()


def test_a_camera_that_hangs_does_not_keep_the_app_from_closing(camera, made, qtbot):
    made["scripts"] = [iter([frame(0), "hang"])]
    live(qtbot, camera)
    qtbot.wait(50)
    camera.finish()
    assert not [t for t in threading.enumerate() if t.name.startswith("avistar-gui")]
    for source in made["sources"]:
        source.released.set()
    qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name.startswith("avistar")])


def test_a_folder_that_cannot_be_written_is_told(camera, settings, tmp_path, qtbot):
    (tmp_path / "file").touch()
    settings.keep_text("camera/folder", str(tmp_path / "file"))
    live(qtbot, camera)
    camera.freeze()
    camera.save()
    qtbot.waitUntil(camera.page.banner.isVisible)
    assert camera.page.banner.title.text() == "Something went wrong."


def test_two_pictures_of_the_same_second_get_two_names(tmp_path):
    now = camera_desk.datetime(2026, 5, 4, 3, 2, 1)
    pixels = np.zeros((8, 8, 3), np.uint8)
    names = [save_frame(pixels, tmp_path / "new", now).name for _ in range(2)]
    assert names == ["camera_2026-05-04_030201.jpg", "camera_2026-05-04_030201_2.jpg"]


def test_cameras_are_listed_by_name_without_their_metadata_nodes(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    for node, index in (("video0", "0"), ("video1", "1"), ("video2", "0")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(index)
        (tmp_path / node / "name").write_text(f"Webcam {node}\n")
    assert cameras(tmp_path) == [(0, "Webcam video0"), (2, "Webcam video2")]
    assert cameras(tmp_path / "none") == []


def test_the_camera_stops_before_its_model_is_closed(controller, settings, qtbot, monkeypatch):
    controller.start()
    qtbot.waitUntil(lambda: controller.identify.session.classifier is not None)
    screen = controller.go("camera")
    screen._make_camera = lambda source: Camera(lambda: FakeSource(endless()))
    live(qtbot, screen)
    controller.window.model_wanted.emit("/another")
    assert not screen.watcher.running
    qtbot.waitUntil(lambda: "tiny" in controller.identify.status.chip.text())
