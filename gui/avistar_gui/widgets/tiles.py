"""How a thumbnail is painted as a tile, alike on every screen."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle

from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current

RADIUS = 11.0


def paint_picture(painter: QPainter, where: QRect, found: object, placeholder: str) -> None:
    """Paint the thumbnail `found` so that it fills `where`, or the icon `placeholder` while there is none."""
    tokens = current()
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(where), RADIUS, RADIUS)
    painter.fillPath(shape, QColor(tokens.raised))
    if not isinstance(found, QPixmap):
        side = 30
        spot = QRectF(where.center().x() - side / 2, where.center().y() - side / 2, side, side)
        icons.draw(painter, placeholder, spot, tokens.strong_border)
        return
    painter.save()
    painter.setClipPath(shape)
    painter.drawPixmap(where, found, covering(found.size(), where.size()))
    painter.restore()


def paint_frame(painter: QPainter, where: QRect, state: QStyle.StateFlag) -> None:
    """Paint the outline of a tile that is selected, focused or under the mouse."""
    tokens = current()
    if state & QStyle.StateFlag.State_Selected:
        painter.setPen(QPen(QColor(tokens.accent), 3))
        painter.drawRoundedRect(QRectF(where).adjusted(-2, -2, 2, 2), RADIUS + 2, RADIUS + 2)
    elif state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus):
        painter.setPen(QPen(QColor(tokens.strong_border), 2))
        painter.drawRoundedRect(QRectF(where).adjusted(-1, -1, 1, 1), RADIUS + 1, RADIUS + 1)


def paint_badge(painter: QPainter, picture: QRect, icon: str, text: str, *, left: bool) -> None:
    """Paint a small sign with a word into the upper corner of a picture, legible on anything."""
    tokens = current()
    metrics = painter.fontMetrics()
    height = metrics.height() + 4
    side = metrics.height() - 2
    width = side + 14 + (metrics.horizontalAdvance(text) + 4 if text else 0)
    x = picture.left() + 7 if left else picture.right() - 6 - width
    where = QRectF(x, picture.top() + 7, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.surface))
    painter.drawRoundedRect(where, height / 2, height / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    icons.draw(painter, icon, QRectF(x + 7, where.center().y() - side / 2, side, side), tokens.text)
    painter.setPen(QColor(tokens.text))
    painter.drawText(where.adjusted(side + 11, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)


def paint_link(painter: QPainter, picture: QRect, *, before: bool, after: bool, reach: int) -> None:
    """Paint the line below the pictures of one burst, on to the neighbours that belong to it."""
    left = picture.left() - (reach if before else -6)
    right = picture.right() + (reach if after else -6)
    painter.setPen(QPen(QColor(current().accent), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    painter.drawLine(left, picture.bottom() + 4, right, picture.bottom() + 4)


def covering(size: QSize, target: QSize) -> QRect:
    """The centre part of a picture of `size` that fills `target` without stretching."""
    part = target.scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
    return QRect((size.width() - part.width()) // 2, (size.height() - part.height()) // 2, part.width(), part.height())
