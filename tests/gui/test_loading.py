"""Thumbnails and the large photo, without any widget."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage

from avistar_gui.photo import photo_loader
from avistar_gui.photo.photo_loader import PhotoLoader
from avistar_gui.photo.view import PhotoView
from avistar_gui.widgets import thumbnails
from avistar_gui.widgets.thumbnails import MOST_WAITING, Thumbnails, read_within, to_image
from support import encoded, picture


@pytest.fixture
def small(qapp):
    made = Thumbnails(32)
    yield made
    made.finish()


@pytest.fixture
def loader(qapp):
    made = PhotoLoader(64)
    yield made
    made.finish()


def test_a_picture_reaches_qt_with_the_pixels_that_the_model_sees():
    pixels = picture(3, (31, 17))  # an odd width: rows are padded differently on both sides
    shown = to_image(np.asarray(pixels))
    assert (shown.width(), shown.height()) == (31, 17)
    assert all(shown.pixelColor(x, y).getRgb()[:3] == pixels.getpixel((x, y)) for x, y in ((0, 0), (30, 16), (7, 9)))


def test_a_photo_lying_on_its_side_is_shown_upright(tmp_path):
    image = Image.new("RGB", (80, 40), "navy")
    exif = image.getexif()
    exif[0x0112] = 6
    (tmp_path / "turned.jpg").write_bytes(encoded(image, exif=exif))
    shown, _ = read_within(str(tmp_path / "turned.jpg"), 40)
    assert (shown.width(), shown.height()) == (20, 40)


def test_a_thumbnail_comes_later_and_is_then_there_at_once(small, photos, qtbot):
    path = str(photos / "IMG_00.jpg")
    with qtbot.waitSignal(small.ready) as ready:
        assert small.get(path) is None
    assert ready.args == [[path]]
    assert max(small.get(path).width(), small.get(path).height()) == 32


def test_thumbnails_keep_within_their_bytes(qapp, photos, qtbot):
    few = Thumbnails(32, limit_bytes=3 * 32 * 24 * 4)
    try:
        for number in range(9):
            with qtbot.waitSignal(few.ready):
                few.get(str(photos / f"IMG_{number:02}.jpg"))
        assert few.used_bytes <= 3 * 32 * 24 * 4
    finally:
        few.finish()


def test_the_newest_request_is_served_first(small, photos, qtbot, monkeypatch):
    go, order = threading.Event(), []
    read = thumbnails.read_within

    def waiting(path: str, side: int) -> object:
        go.wait(5)
        order.append(path)
        return read(path, side)

    monkeypatch.setattr(thumbnails, "read_within", waiting)
    paths = [str(photos / f"IMG_{number:02}.jpg") for number in range(5)]
    small.get(paths[0])
    qtbot.waitUntil(lambda: not small._wanted)  # the thread is busy with the first
    for path in paths[1:]:
        small.get(path)
    go.set()
    qtbot.waitUntil(lambda: len(order) == 5)
    assert order == [paths[0], *reversed(paths[1:])]


def test_what_was_scrolled_past_long_ago_is_not_fetched(small, monkeypatch, qtbot):
    go = threading.Event()
    monkeypatch.setattr(thumbnails, "read_within", lambda *_: go.wait(5))
    for number in range(MOST_WAITING + 50):
        small.get(f"{number}.jpg")
    assert len(small._wanted) <= MOST_WAITING
    small.clear()
    go.set()


def test_a_broken_thumbnail_is_tried_once_until_it_is_forgotten(small, tmp_path, qtbot):
    path = tmp_path / "broken.jpg"
    path.write_bytes(b"")
    with qtbot.waitSignal(small.ready):
        small.get(str(path))
    assert small.is_broken(str(path))
    assert small.get(str(path)) is None
    path.write_bytes(encoded(picture(1)))
    small.forget(str(path))
    with qtbot.waitSignal(small.ready):
        small.get(str(path))
    assert small.get(str(path)) is not None


def test_a_slow_photo_never_shows_when_another_was_asked_for(loader, photos, qtbot, monkeypatch):
    go, begun, seen = threading.Event(), threading.Event(), []
    read = photo_loader.read_within
    slow, quick = str(photos / "IMG_00.jpg"), str(photos / "IMG_01.jpg")

    def waiting(path: str, side: int) -> object:
        begun.set()
        if path == slow:
            go.wait(5)
        return read(path, side)

    monkeypatch.setattr(photo_loader, "read_within", waiting)
    loader.loaded.connect(lambda photo: seen.append(photo.path))
    loader.show(slow)
    begun.wait(5)
    loader.show(quick)
    go.set()
    qtbot.waitUntil(lambda: bool(seen))
    qtbot.wait(50)
    assert seen == [quick]


def test_the_next_photo_is_read_ahead(loader, photos, qtbot, monkeypatch):
    first, second = str(photos / "IMG_00.jpg"), str(photos / "IMG_01.jpg")
    with qtbot.waitSignal(loader.loaded):
        loader.show(first, second)
    qtbot.waitUntil(lambda: second in loader._cache)
    monkeypatch.setattr(photo_loader, "read_within", lambda *_: pytest.fail("it was read already"))
    with qtbot.waitSignal(loader.loaded) as loaded:
        loader.show(second)
    assert loaded.args[0].path == second


def test_a_photo_that_cannot_be_read_says_so(loader, tmp_path, qtbot):
    (tmp_path / "empty.jpg").touch()
    with qtbot.waitSignal(loader.failed) as failed:
        loader.show(str(tmp_path / "empty.jpg"))
    assert "empty" in failed.args[1]


def test_a_photo_is_zoomed_where_the_mouse_is_and_never_leaves_the_view(qapp, qtbot):
    view = PhotoView()
    view.resize(400, 300)
    view.show()
    view.zoom_at(QPointF(10, 10), 4)
    assert view.zoom == 4
    view.show_photo(QImage(800, 600, QImage.Format.Format_RGB32))
    assert view.zoom == 1
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert view.zoom == 4
    assert view._place(QSize(800, 600)).topLeft() == QPoint(-6, -6)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    qtbot.mouseMove(view, QPoint(390, 290))
    assert view._place(QSize(800, 600)).contains(view.rect())
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(390, 290))
    view.actual()
    assert view.scale == pytest.approx(1)
    view.zoom_at(QPointF(200, 150), 1000)
    assert view.zoom <= 16
    view.grab()
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert view.zoom == 1
    view.close()


def test_a_photo_that_is_being_read_ahead_is_not_read_twice(loader, photos, qtbot, monkeypatch):
    go, read_now, seen = threading.Event(), [], []
    read = photo_loader.read_within
    first, second = str(photos / "IMG_00.jpg"), str(photos / "IMG_01.jpg")

    def counting(path: str, side: int) -> object:
        read_now.append(path)
        if path == second:
            go.wait(5)
        return read(path, side)

    monkeypatch.setattr(photo_loader, "read_within", counting)
    loader.loaded.connect(lambda photo: seen.append(photo.path))
    loader.show(first, second)
    qtbot.waitUntil(lambda: read_now == [first, second] and seen == [first])
    loader.show(second)  # the key was pressed before it was there
    go.set()
    qtbot.waitUntil(lambda: seen == [first, second])
    assert read_now == [first, second]


def test_whoever_looks_closely_gets_every_pixel_and_stays_where_they_look(qapp, loader, tmp_path, qtbot):
    path = str(tmp_path / "large.png")
    picture(4, (400, 200)).save(path)
    view = PhotoView()
    view.resize(100, 100)
    view.show()
    loader.loaded.connect(lambda photo: view.show_photo(photo.image, photo.full_size[0]))
    loader.sharpened.connect(lambda photo: view.sharpen(photo.image))
    view.coarse.connect(lambda: loader.sharpen(path))
    loader.show(path)
    qtbot.waitUntil(lambda: view.has_photo)
    qtbot.wait(20)
    view.show_photo(view._image, 400)
    assert view._image.width() == 64  # as the loader of these tests shrinks
    view.actual()
    assert view.scale == pytest.approx(1)
    zoom = view.zoom
    qtbot.waitUntil(lambda: view._image.width() == 400)
    assert view.zoom == zoom
    assert view.scale == pytest.approx(1)
    view.close()


def test_a_small_photo_can_be_shown_pixel_by_pixel_too(qapp):
    view = PhotoView()
    view.resize(400, 300)
    view.show()
    view.show_photo(QImage(100, 75, QImage.Format.Format_RGB32))
    assert view.scale == pytest.approx(4)
    view.actual()
    assert view.scale == pytest.approx(1)
    assert view._place(QSize(100, 75)).size() == QSize(100, 75)
    view.grab()
    view.zoom_at(QPointF(200, 150), 0.5)
    assert view.zoom == 1
    view.close()
