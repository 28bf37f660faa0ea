"""What painters of charts share: mixed colours, colours of many kinds, axes with round ticks."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from avistar_gui.widgets.theme import DARK, Tokens, scaled

GOLDEN = 0.61803398875
"""Steps of the golden ratio around the colour wheel keep neighbours apart, however many there are."""


def blend(low: str, high: str, share: float) -> QColor:
    """The colour at `share` (0 to 1) of the way from `low` to `high`."""
    first, second = QColor(low), QColor(high)
    part = min(max(share, 0.0), 1.0)
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * part,
        first.greenF() + (second.greenF() - first.greenF()) * part,
        first.blueF() + (second.blueF() - first.blueF()) * part,
    )


def kind_colour(number: int, tokens: Tokens) -> QColor:
    """A colour for the kind `number`, readable on the theme's surface."""
    hue = (0.38 + number * GOLDEN) % 1.0
    light = (0.66 if tokens is DARK else 0.42) + 0.08 * ((number * 7) % 3 - 1)
    return QColor.fromHslF(hue, 0.62, light)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most `most` + 1 round numbers from `low` to `high`."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    raw = span / most
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


class Axes:
    """Maps data to a rectangle of the screen, y upwards, and draws grid and labels around it."""

    def __init__(self, where: QRectF, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.where, self._x, self._y = where, x, y

    def point(self, x: float, y: float) -> QPointF:
        """Where (x, y) lies on the screen."""
        return QPointF(
            self.where.left() + (x - self._x[0]) / (self._x[1] - self._x[0]) * self.where.width(),
            self.where.bottom() - (y - self._y[0]) / (self._y[1] - self._y[0]) * self.where.height(),
        )

    def value_x(self, screen_x: float) -> float:
        """The x that lies at `screen_x`."""
        return self._x[0] + (screen_x - self.where.left()) / self.where.width() * (self._x[1] - self._x[0])

    def draw(self, painter: QPainter, tokens: Tokens, *, x_label: str, y_label: str, percent: bool = False) -> None:
        """Draw grid, numbers and labels; `percent` writes shares as percentages."""
        painter.setFont(scaled(painter.font(), 0.85))
        height = painter.fontMetrics().height()
        left, bottom = self.where.left(), self.where.bottom()
        for value in ticks(*self._y, most=5):
            at = self.point(self._x[0], value)
            painter.setPen(QPen(QColor(tokens.border), 1))
            painter.drawLine(QPointF(left, at.y()), QPointF(self.where.right(), at.y()))
            painter.setPen(QColor(tokens.muted))
            box = QRectF(left - 60, at.y() - height / 2, 52, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _number(value, percent))
        for value in ticks(*self._x, most=max(2, int(self.where.width() / 70))):
            at = self.point(value, self._y[0])
            shared = percent and self._x[1] <= 1
            box = QRectF(at.x() - 30, bottom + 5, 60, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _number(value, shared))
        painter.drawText(
            QRectF(left, bottom + 8 + height, self.where.width(), height), Qt.AlignmentFlag.AlignCenter, x_label
        )
        box = QRectF(max(left - 52, 4), self.where.top() - height - 10, self.where.width(), height)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, y_label)


def _number(value: float, percent: bool) -> str:
    return f"{value * 100:g}\u00a0%" if percent else f"{value:g}"
