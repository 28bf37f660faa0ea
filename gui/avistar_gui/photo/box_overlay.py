"""Boxes over the photo: where a detector saw something, and what was said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from avistar.boxes import Box
from avistar_gui.widgets.theme import current

LINE, SHADE = 2.0, 4.0
RADIUS = 4.0
MARGIN = 5


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A box, what stands at it, and whether the answer shown beside the photo is about it."""

    box: Box
    label: str
    leading: bool = False


class BoxOverlay:
    """Painted at any size; `where` is the whole photo's place. Light line on dark, so that no photo hides it."""

    def __init__(self, boxes: Sequence[LabelledBox]) -> None:
        self.boxes = tuple(sorted(boxes, key=lambda one: one.leading))  # the leading one lies on top

    def paint(self, painter: QPainter, where: QRectF) -> None:
        """Paint every box with its label."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for one in self.boxes:
            place = QRectF(
                where.left() + one.box.left * where.width(),
                where.top() + one.box.top * where.height(),
                one.box.width * where.width(),
                one.box.height * where.height(),
            )
            self._frame(painter, place, one)
            if one.label:
                self._label(painter, where, place, one)
        painter.restore()

    def _frame(self, painter: QPainter, place: QRectF, one: LabelledBox) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = QColor(current().accent) if one.leading else QColor("white")
        for colour, width in ((QColor(0, 0, 0, 170), SHADE), (line, LINE)):
            painter.setPen(QPen(colour, width))
            painter.drawRoundedRect(place, RADIUS, RADIUS)

    def _label(self, painter: QPainter, where: QRectF, place: QRectF, one: LabelledBox) -> None:
        """Above the box, or inside it where there is no room above."""
        metrics = QFontMetrics(painter.font())
        width = min(metrics.horizontalAdvance(one.label) + 2 * MARGIN, where.width())
        height = metrics.height() + MARGIN
        left = min(max(place.left(), where.left()), where.right() - width)
        top = place.top() - height - 2
        if top < where.top():
            top = place.top() + 3
        plate = QRectF(left, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current().accent) if one.leading else QColor(0, 0, 0, 190))
        painter.drawRoundedRect(plate, RADIUS, RADIUS)
        painter.setPen(QColor(current().on_accent) if one.leading else QColor("white"))
        text = metrics.elidedText(one.label, Qt.TextElideMode.ElideRight, round(width) - MARGIN)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
