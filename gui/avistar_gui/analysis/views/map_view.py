"""The map of photos that look alike to the network: hover, lasso, pan and zoom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from avistar_gui.analysis.views.scatter import inside_polygon, nearest, splat
from avistar_gui.widgets.theme import current

MARGIN = 18
CORNER = 12.0
RADIUS = 3.4
REACH = 12.0
"""How far from a point, in px, the mouse still means it."""

ZOOM_STEP = 1.2
ZOOM_MOST = 60.0
CLICK = 4.0
"""A drag shorter than this, in px, is a click."""

FADED = 46
"""Opacity (of 255) of points that are not chosen."""


class MapView(QWidget):
    """Points with colours. A drag is a lasso, with the right or middle button or Shift it moves the map.

    `pointed` (a row, -1 for none) and where on the screen; `lassoed` with the rows inside; `picked` on a click.
    """

    pointed = Signal(int, object)
    lassoed = Signal(object)
    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places = np.zeros((0, 2), np.float64)
        self._colours = np.zeros((0, 3), np.uint8)
        self._ringed = np.zeros(0, bool)
        self._shown = self._there = np.zeros(0, bool)
        self._chosen: NDArray[np.bool_] | None = None
        self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self._image: QImage | None = None
        self._hover = -1
        self._lasso: list[QPointF] = []
        self._dragged: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(220, 180)

    def sizeHint(self) -> QSize:
        """A square that fits beside the matrix."""
        return QSize(420, 380)

    @property
    def is_empty(self) -> bool:
        """Whether there is no point to show."""
        return not self._there.any()

    def show_points(self, places: NDArray[np.floating]) -> None:
        """Show points at `places` [N, 2], in any unit, none for NaN; the whole of them fits the view."""
        self._there = np.isfinite(places).all(axis=1)
        there = places[self._there]
        low, high = (there.min(axis=0), there.max(axis=0)) if len(there) else (np.zeros(2), np.ones(2))
        span = float(max(*(high - low), 1e-9))
        self._places = (places - (low + high) / 2) / span + 0.5
        self._shown = self._there
        self._ringed = np.zeros(len(places), bool)
        self._colours = np.zeros((len(places), 3), np.uint8)
        self._chosen = None
        self.show_all()

    def colour(self, colours: NDArray[np.uint8], ringed: NDArray[np.bool_], shown: NDArray[np.bool_]) -> None:
        """Give each point a colour uint8 [N, 3] (RGB), a ring around some, and hide some."""
        self._colours, self._ringed, self._shown = colours, ringed, shown & self._there
        self._repaint()

    def choose(self, chosen: NDArray[np.bool_] | None) -> None:
        """Fade all but the chosen points; None fades none."""
        self._chosen = chosen
        self._repaint()

    def show_all(self) -> None:
        """Back to the whole map."""
        self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        self._repaint()

    def screen_places(self) -> NDArray[np.float64]:
        """Where the points lie on the widget, float64 [N, 2] in px."""
        side = (min(self.width(), self.height()) - 2 * MARGIN) * self._zoom
        centre = np.array([self._centre.x(), self._centre.y()])
        places: NDArray[np.float64] = (self._places - centre) * side
        places[:, 1] *= -1
        places += (self.width() / 2, self.height() / 2)
        return places

    def zoom_at(self, point: QPointF, factor: float) -> None:
        """Zoom so that what lies at `point` stays there."""
        before = self._data_at(point)
        self._zoom = min(max(self._zoom * factor, 0.5), ZOOM_MOST)
        after = self._data_at(point)
        self._centre += before - after
        self._repaint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._repaint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._repaint()
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the mouse is."""
        self.zoom_at(event.position(), ZOOM_STEP ** (event.angleDelta().y() / 120))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ and − zoom, arrows move, 0 shows all."""
        step = 0.1 / self._zoom
        moves = {
            Qt.Key.Key_Left: QPointF(-step, 0),
            Qt.Key.Key_Right: QPointF(step, 0),
            Qt.Key.Key_Up: QPointF(0, step),
            Qt.Key.Key_Down: QPointF(0, -step),
        }
        key, middle = Qt.Key(event.key()), QPointF(self.width() / 2, self.height() / 2)
        if key in moves:
            self._centre += moves[key]
            self._repaint()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_at(middle, ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_at(middle, 1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.show_all()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a lasso, or to move the map."""
        moving = event.button() != Qt.MouseButton.LeftButton or event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if moving:
            self._dragged = event.position()
        else:
            self._lasso = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the lasso, move the map, or say what lies under the mouse."""
        point = event.position()
        if self._lasso:
            self._lasso.append(point)
            self.update()
        elif self._dragged is not None:
            self._centre += self._data_at(self._dragged) - self._data_at(point)
            self._dragged = point
            self._repaint()
        else:
            self._point(nearest(self.screen_places(), self._shown, (point.x(), point.y()), REACH), event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End of a lasso, or of a click."""
        lasso, self._lasso, self._dragged = self._lasso, [], None
        if lasso:
            corners = np.array([[point.x(), point.y()] for point in lasso])
            if np.ptp(corners, axis=0).max() < CLICK:
                row = nearest(self.screen_places(), self._shown, (corners[0, 0], corners[0, 1]), REACH)
                self.picked.emit(row)
            else:
                self.lassoed.emit(np.flatnonzero(inside_polygon(self.screen_places(), corners) & self._shown))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1, None)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the kept picture, and on it what moves."""
        if self._image is None:
            self._image = self._painted()
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        frame.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
        painter.setClipPath(frame)
        painter.drawImage(QRectF(self.rect()), self._image)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.border), 1))
        painter.drawPath(frame)
        if self._hover >= 0:
            x, y = self.screen_places()[self._hover]
            painter.setPen(QPen(QColor(tokens.text), 2))
            painter.drawEllipse(QPointF(x, y), RADIUS + 4, RADIUS + 4)
        if len(self._lasso) > 1:
            fill = QColor(tokens.accent)
            fill.setAlpha(40)
            painter.setPen(QPen(QColor(tokens.accent), 1.6, Qt.PenStyle.DashLine))
            painter.setBrush(fill)
            painter.drawPolygon(QPolygonF(self._lasso))
        painter.end()

    def _painted(self) -> QImage:
        ratio, tokens = self.devicePixelRatioF(), current()
        width, height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        ground = QColor(tokens.surface)
        picture = np.empty((height, width, 4), np.uint8)
        picture[:] = (ground.blue(), ground.green(), ground.red(), 255)
        places = self.screen_places() * ratio
        for rows, share in self._layers():
            ringed = rows[self._ringed[rows]]
            if share == 1:
                dark = np.tile(rgb(QColor(tokens.text)), (len(ringed), 1))
                splat(picture, places[ringed], _bgra(dark), (RADIUS + 1.6) * ratio)
            back = rgb(ground).astype(np.float32)
            colours = (back + (self._colours[rows].astype(np.float32) - back) * share).astype(np.uint8)
            splat(picture, places[rows], _bgra(colours), RADIUS * ratio)
        return QImage(picture.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()

    def _layers(self) -> list[tuple[NDArray[np.int64], float]]:
        """Rows and opacity, the faded ones below."""
        if self._chosen is None:
            return [(np.flatnonzero(self._shown), 1.0)]
        faded = np.flatnonzero(self._shown & ~self._chosen)
        return [(faded, FADED / 255), (np.flatnonzero(self._shown & self._chosen), 1.0)]

    def _data_at(self, point: QPointF) -> QPointF:
        side = (min(self.width(), self.height()) - 2 * MARGIN) * self._zoom
        return QPointF(
            self._centre.x() + (point.x() - self.width() / 2) / side,
            self._centre.y() - (point.y() - self.height() / 2) / side,
        )

    def _point(self, row: int, event: QMouseEvent | None) -> None:
        if row != self._hover:
            self._hover = row
            self.pointed.emit(row, event.globalPosition().toPoint() if event is not None else None)
            self.update()

    def _repaint(self) -> None:
        self._image = None
        self.update()


def rgb(colour: QColor) -> NDArray[np.uint8]:
    """Red, green, blue of `colour`, uint8 [3]."""
    return np.array([colour.red(), colour.green(), colour.blue()], np.uint8)


def _bgra(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB [N, 3] as Qt lays out its 32-bit pixels in memory, uint8 [N, 4]."""
    return np.concatenate([colours[:, ::-1], np.full((len(colours), 1), 255, np.uint8)], axis=1)
