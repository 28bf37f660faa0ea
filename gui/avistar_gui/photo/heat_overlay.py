"""How an evidence looks on a photo: warm where the answer comes from, the rest dimmed, a line around what counts most.

The line is dark and light at once and the warm colours differ in lightness, so that neither a dark photo, a green
one nor a colour-blind eye hides it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from avistar.occlusion import Box, Evidence, enlarged

SIDE = 168
"""Side of the map in pixels before it is enlarged: no detail is lost, since it comes from a few cells a side."""

LINE = 0.5
"""Heat (0 to 1) along which the line runs."""

_STOPS = ((0.0, (20, 11, 52)), (0.35, (132, 32, 107)), (0.65, (229, 92, 48)), (1.0, (252, 236, 120)))
_DIM, _GLOW = 0.34, 0.5
"""Most opacity of the dimming where nothing counts, and of the colour where most does."""


class HeatOverlay:
    """Made once for an evidence, painted at any size. `where` is the whole photo's place."""

    def __init__(self, evidence: Evidence) -> None:
        self._seen: Box = evidence.seen
        heat = enlarged(evidence.heat, SIDE, SIDE)
        self._image = _coloured(heat) if evidence.clear else None
        self._lines = contour(heat, LINE) / (SIDE - 1) if evidence.clear else np.zeros((0, 4))

    def paint(self, painter: QPainter, where: QRectF) -> None:
        """Paint it over the photo that lies at `where`."""
        left, top, right, bottom = self._seen
        inner = QRectF(
            where.left() + left * where.width(),
            where.top() + top * where.height(),
            (right - left) * where.width(),
            (bottom - top) * where.height(),
        )
        painter.save()
        if self._image is not None:
            self._dim_outside(painter, where, inner)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(inner, self._image)
            self._draw_lines(painter, inner)
        self._frame(painter, where, inner)
        painter.restore()

    def _dim_outside(self, painter: QPainter, where: QRectF, inner: QRectF) -> None:
        dark = QColor(0, 0, 0, round(255 * _DIM))
        left, top = inner.left() - where.left(), inner.top() - where.top()
        painter.fillRect(QRectF(where.left(), where.top(), left, where.height()), dark)
        painter.fillRect(QRectF(inner.right(), where.top(), where.right() - inner.right(), where.height()), dark)
        painter.fillRect(QRectF(inner.left(), where.top(), inner.width(), top), dark)
        painter.fillRect(QRectF(inner.left(), inner.bottom(), inner.width(), where.bottom() - inner.bottom()), dark)

    def _draw_lines(self, painter: QPainter, inner: QRectF) -> None:
        scale = np.array([inner.width(), inner.height()] * 2)
        offset = np.array([inner.left(), inner.top()] * 2)
        lines = [QLineF(*line) for line in (self._lines * scale + offset).tolist()]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for colour, width in ((QColor(0, 0, 0, 210), 4.0), (QColor(255, 255, 255), 1.8)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLines(lines)

    def _frame(self, painter: QPainter, where: QRectF, inner: QRectF) -> None:
        """A thin frame where the network saw less than the whole photo."""
        if inner.width() < where.width() - 2 or inner.height() < where.height() - 2:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, style in (
                (QColor(0, 0, 0, 170), Qt.PenStyle.SolidLine),
                (QColor("white"), Qt.PenStyle.DashLine),
            ):
                painter.setPen(QPen(colour, 1.2, style))
                painter.drawRect(inner.adjusted(0.6, 0.6, -0.6, -0.6))


def contour(heat: NDArray[np.float32], level: float) -> NDArray[np.float64]:
    """The line along which `heat` [H, W] is `level`, as pieces float64 [N, 4] (x, y, x, y) in pixels.

    Marching triangles: each square of four pixels is two triangles, and a triangle is crossed once or not at all.
    What lies beyond the edge counts as cold, so that every line is closed.
    """
    padded = np.pad(heat.astype(np.float64), 1, constant_values=min(0.0, level - 1e-3))
    rows, columns = np.mgrid[0 : padded.shape[0], 0 : padded.shape[1]]
    points = np.stack([columns - 1.0, rows - 1.0], axis=-1).clip(0, [heat.shape[1] - 1, heat.shape[0] - 1])
    corner = [(slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None))]
    corner += [(slice(1, None), slice(1, None)), (slice(1, None), slice(None, -1))]
    pieces = []
    for triangle in ((0, 1, 2), (0, 2, 3)):
        places = np.stack([points[corner[i]].reshape(-1, 2) for i in triangle], axis=1)
        values = np.stack([padded[corner[i]].reshape(-1) for i in triangle], axis=1)
        pieces.append(_crossings(places, values - level))
    return np.concatenate(pieces)


def _crossings(places: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where zero runs through triangles: `places` [N, 3, 2] with `values` [N, 3] at their corners."""
    warm = values > 0
    crossed = warm.any(axis=1) & ~warm.all(axis=1)
    places, values, warm = places[crossed], values[crossed], warm[crossed]
    alone = np.where(warm.sum(axis=1) == 1, warm.argmax(axis=1), (~warm).argmax(axis=1))
    number = np.arange(len(places))
    first, start = places[number, alone], values[number, alone]
    ends = []
    for step in (1, 2):
        other = (alone + step) % 3
        share = start / (start - values[number, other])
        ends.append(first + (places[number, other] - first) * share[:, None])
    return np.concatenate(ends, axis=1)


def _coloured(heat: NDArray[np.float32]) -> QImage:
    """Premultiplied colours: dim and colourless where nothing counts, warm where much does."""
    glow = _GLOW * np.clip(heat * 1.6 - 0.25, 0, 1)
    dim = _DIM * np.clip(1 - heat * 1.8, 0, 1)
    alpha = glow + dim * (1 - glow)
    pixels = np.concatenate([_mixed(heat) * glow[..., None], 255 * alpha[..., None]], axis=-1)
    data = np.ascontiguousarray(np.rint(pixels).astype(np.uint8))
    height, width = heat.shape
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888_Premultiplied).copy()


def _mixed(heat: NDArray[np.floating]) -> NDArray[np.float64]:
    positions = [position for position, _ in _STOPS]
    parts = [np.interp(heat, positions, [colour[i] for _, colour in _STOPS]) for i in range(3)]
    return np.stack(parts, axis=-1)
