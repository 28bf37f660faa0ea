"""How a thumbnail is painted as a tile, alike on every screen."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle

from avistar_gui import icons
from avistar_gui.theme import current

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


def covering(size: QSize, target: QSize) -> QRect:
    """The centre part of a picture of `size` that fills `target` without stretching."""
    part = target.scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
    return QRect((size.width() - part.width()) // 2, (size.height() - part.height()) // 2, part.width(), part.height())
