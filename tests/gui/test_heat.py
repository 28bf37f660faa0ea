"""How an evidence looks on a photo: in its place at any zoom, with a closed line, nothing where no part stands out."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from avistar.occlusion import Evidence
from avistar.species import known_species
from avistar_gui.photo.heat_overlay import HeatOverlay, contour
from avistar_gui.photo.view import PhotoView

WHOLE = (0.0, 0.0, 1.0, 1.0)


def evidence(cells: list[tuple[int, int]], *, seen=WHOLE, clear: bool = True) -> Evidence:
    heat = np.zeros((7, 7), np.float32)
    for row, column in cells:
        heat[row, column] = 1
    return Evidence(known_species()[0], 0.9, 0.2, 0.8, clear, heat, seen)


def painted(overlay: HeatOverlay, size: QSize, where: QRectF, ground: str = "#808080") -> QImage:
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    painter = QPainter(image)
    overlay.paint(painter, where)
    painter.end()
    return image


def warm(colour: QColor) -> bool:
    return colour.red() - colour.blue() > 40


@pytest.mark.parametrize("ground", ["#101010", "#808080", "#f0f0f0", "#2f7f2f"])
def test_the_part_is_warm_and_the_rest_is_not_on_any_ground(qapp, ground):
    image = painted(HeatOverlay(evidence([(1, 5)])), QSize(700, 700), QRectF(0, 0, 700, 700), ground)
    assert warm(image.pixelColor(550, 150))
    for x, y in ((50, 50), (350, 350), (650, 650)):
        assert not warm(image.pixelColor(x, y))
        assert image.pixelColor(x, y).lightness() <= QColor(ground).lightness()
    lights = [image.pixelColor(550, y).lightness() for y in range(150, 320)]
    assert max(lights) > 235  # the line: light …
    assert min(lights) < 90  # … and dark at once


def test_the_map_lies_over_what_the_network_saw_of_a_wide_photo(qapp):
    overlay = HeatOverlay(evidence([(3, 3)], seen=(0.25, 0.0, 0.75, 1.0)))
    image = painted(overlay, QSize(900, 500), QRectF(50, 50, 800, 400))
    assert warm(image.pixelColor(450, 250))
    assert not warm(image.pixelColor(150, 250))
    outside, inside = image.pixelColor(100, 250), image.pixelColor(20, 20)
    assert outside.lightness() < inside.lightness()  # dimmed, and nothing beside the photo
    edge = [image.pixelColor(x, 253).lightness() for x in range(240, 260)]
    assert max(edge) > 160  # the frame


def test_where_no_part_stands_out_nothing_is_painted_but_the_frame(qapp):
    image = painted(HeatOverlay(evidence([], clear=False)), QSize(300, 300), QRectF(0, 0, 300, 300))
    assert {image.pixelColor(x, y).name() for x in range(0, 300, 9) for y in range(0, 300, 9)} == {"#808080"}


def test_a_contour_is_closed_also_at_the_edge():
    heat = np.zeros((20, 20), np.float32)
    heat[:6, 8:] = 1
    pieces = contour(heat, 0.5)
    ends = np.round(pieces.reshape(-1, 2), 6)
    _, counts = np.unique(ends, axis=0, return_counts=True)
    assert len(pieces) > 20
    assert (counts % 2 == 0).all()
    assert pieces.min() >= 0
    assert pieces.max() <= 19
    assert contour(np.zeros((5, 5), np.float32), 0.5).shape == (0, 4)


def test_it_goes_with_the_photo_when_that_is_zoomed_and_moved(qapp):
    view = PhotoView()
    view.resize(400, 400)
    view.show()
    photo = QImage(400, 400, QImage.Format.Format_RGB32)
    photo.fill(QColor("#808080"))
    view.show_photo(photo)
    view.show_overlay(HeatOverlay(evidence([(0, 0)])))
    assert warm(view.grab().toImage().pixelColor(28, 28))
    view.zoom_at(QPointF(0, 0), 4)
    assert warm(view.grab().toImage().pixelColor(110, 110))
    view.move_by(6, 0)
    assert not warm(view.grab().toImage().pixelColor(110, 110))
    view.show_photo(photo)
    assert view.overlay is None  # it was about the photo before
    view.close()
