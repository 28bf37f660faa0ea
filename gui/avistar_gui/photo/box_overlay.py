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
HANDLE = 7.0
"""How far from an edge, in px, the mouse takes hold of it; half of that is the size of what is drawn there."""
MARGIN = 5


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A box and what stands at it.

    Attributes:
        box: Where it is.
        label: What stands at it.
        leading: Whether the answer shown beside the photo is about it.
        chosen: Whether the keys speak of it.
        movable: Whether a person drew it.
        faint: Whether a person said that nothing is there, or something else.
        place: Which of the photo's things it is.
    """

    box: Box
    label: str
    leading: bool = False
    chosen: bool = False
    movable: bool = False
    faint: bool = False
    place: int = -1

    def box_on(self, where: QRectF) -> QRectF:
        """Where it lies on a photo at `where`."""
        box = self.box
        return QRectF(
            where.left() + box.left * where.width(),
            where.top() + box.top * where.height(),
            box.width * where.width(),
            box.height * where.height(),
        )


class BoxOverlay:
    """Painted at any size; `where` is the whole photo's place. Light line on dark, so that no photo hides it."""

    def __init__(self, boxes: Sequence[LabelledBox]) -> None:
        self.boxes = tuple(sorted(boxes, key=lambda one: (one.chosen, one.leading)))  # the chosen one lies on top

    def paint(self, painter: QPainter, where: QRectF) -> None:
        """Paint every box with its label."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for one in self.boxes:
            place = one.box_on(where)
            self._frame(painter, place, one)
            if one.chosen and one.movable:
                self._handles(painter, place)
            if one.label:
                self._label(painter, where, place, one)
        painter.restore()

    def _frame(self, painter: QPainter, place: QRectF, one: LabelledBox) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = QColor(current().accent) if one.leading or one.chosen else QColor("white")
        more = 2.0 if one.chosen else 0.0
        style = Qt.PenStyle.DotLine if one.faint else Qt.PenStyle.SolidLine
        for colour, width in ((QColor(0, 0, 0, 170), SHADE + more), (line, LINE + more)):
            painter.setPen(QPen(colour, width, style))
            painter.drawRoundedRect(place, RADIUS, RADIUS)

    def _handles(self, painter: QPainter, place: QRectF) -> None:
        """Where the mouse takes hold of it."""
        painter.setPen(QPen(QColor(0, 0, 0, 170), 1))
        painter.setBrush(QColor("white"))
        middle = place.center()
        for x in (place.left(), middle.x(), place.right()):
            for y in (place.top(), middle.y(), place.bottom()):
                if (x, y) != (middle.x(), middle.y()):
                    painter.drawRect(QRectF(x - HANDLE / 2, y - HANDLE / 2, HANDLE, HANDLE))

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
        accented = one.leading or one.chosen
        painter.setBrush(QColor(current().accent) if accented else QColor(0, 0, 0, 190))
        painter.drawRoundedRect(plate, RADIUS, RADIUS)
        painter.setPen(QColor(current().on_accent) if accented else QColor("white"))
        text = metrics.elidedText(one.label, Qt.TextElideMode.ElideRight, round(width) - MARGIN)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
