"""The pictures: activity over the day, events by day, and what they share."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from avistar.summary import wording
from avistar.summary.layout import date_ticks, strip_days
from avistar_gui.summary.choice import Choice
from avistar_gui.texts import count, language, locale
from avistar_gui.widgets.chart import Chart
from avistar_gui.widgets.paint import ticks
from avistar_gui.widgets.theme import current, scaled

translate = QCoreApplication.translate


class Picture(Chart):
    """A widget that paints a choice of species; says in a tool tip what lies under the pointer."""

    LEFT, TOP, RIGHT, BOTTOM = 54, 40, 18, 40
    LEAST, USUAL = (280, 220), (640, 420)
    INDENT = 60

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice: Choice | None = None
        self.exposed = QRect()

    def show_choice(self, choice: Choice | None) -> None:
        """Paint these."""
        self.choice = choice
        self.setToolTip("")
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, or say why there is nothing."""
        self.exposed = event.rect()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        choice = self.choice
        missing = self.missing(choice) if choice is not None else ""
        if missing:
            self.say_nothing_there(painter, missing)
        elif choice is not None:
            self.draw(painter, choice)
        painter.end()

    def missing(self, choice: Choice) -> str:
        """Why there is nothing to see, "" where there is."""
        if len(choice.events):
            return ""
        if not choice.summary.species:
            return wording.no_animals(language())
        if choice.summary.undated and not choice.summary.first:
            return wording.no_times(language())
        return translate("SummaryCharts", "No event of this species has a time.")

    def draw(self, painter: QPainter, choice: Choice) -> None:
        """Paint what there is."""
        raise NotImplementedError


def draw_scale(painter: QPainter, field: QRectF, most: float, *, percent: bool = False) -> None:
    """Lines across a field whose upper edge is `most`, with round numbers at their left."""
    tokens = current()
    painter.setFont(scaled(painter.font(), 0.85))
    height = painter.fontMetrics().height()
    for value in ticks(0, most, most=5):
        y = field.bottom() - value / most * field.height()
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
        painter.setPen(QColor(tokens.muted))
        text = (
            f"{locale().toString(100.0 * value, 'g', 3)}\u00a0%" if percent else locale().toString(float(value), "g", 6)
        )
        box = QRectF(field.left() - 60, y - height / 2, 52, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def draw_below(painter: QPainter, x: float, y: float, text: str) -> None:
    """A text centred below an axis."""
    height = painter.fontMetrics().height()
    painter.setPen(QColor(current().muted))
    painter.drawText(QRectF(x - 50, y + 6, 100, height), Qt.AlignmentFlag.AlignHCenter, text)


class ActivityPicture(Picture):
    """Events by the hour as bars, and their density over the clock as a curve."""

    def draw(self, painter: QPainter, choice: Choice) -> None:
        """Bars, curve and hours; a few events stay bars."""
        tokens, field, curve = current(), self.field(), choice.curve
        shares = curve.by_hour / max(curve.events, 1)
        most = 1.08 * max(float(shares.max()), float(curve.density.max(initial=0.0)))
        draw_scale(painter, field, most, percent=True)

        def at(hour: float, value: float) -> QPointF:
            return QPointF(field.left() + hour / 24 * field.width(), field.bottom() - value / most * field.height())

        soft = QColor(tokens.accent)
        soft.setAlphaF(0.28)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(soft)
        for hour, value in enumerate(shares.tolist()):
            painter.drawRect(QRectF(at(hour, value), at(hour + 1, 0)).adjusted(1.5, 0, -1.5, 0))
        if len(curve.density):
            points = [at(h, d) for h, d in zip(curve.hours.tolist(), curve.density.tolist(), strict=True)]
            soft.setAlphaF(0.16)
            painter.setBrush(soft)
            painter.drawPolygon(QPolygonF([at(0, 0), *points, at(24, 0)]))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 2.6))
            painter.drawPolyline(QPolygonF(points))
        painter.setPen(QPen(QColor(tokens.strong_border), 1))
        painter.drawLine(field.bottomLeft(), field.bottomRight())
        for hour in range(0, 25, 3):
            draw_below(painter, at(hour, 0).x(), field.bottom(), f"{hour:02}:00")
        painter.drawText(QPointF(8, 20), translate("SummaryCharts", "Share of events in an hour"))
        if not len(curve.density):
            few = translate("SummaryCharts", "Fewer than 10 events: too few for a curve")
            painter.drawText(QRectF(0, 6, self.width() - self.RIGHT, 20), Qt.AlignmentFlag.AlignRight, few)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say how many events begin in the hour under the pointer."""
        field, choice = self.field(), self.choice
        hour = int((event.position().x() - field.left()) / field.width() * 24)
        if choice is None or not 0 <= hour < 24 or self.missing(choice):
            self.setToolTip("")
            return
        number = wording.events(int(choice.curve.by_hour[hour]), language())
        self.setToolTip(f"{hour:02}:00–{hour + 1:02}:00: {number}")


class DaysPicture(Picture):
    """How many events begin on each day, or in each week of a long survey."""

    def draw(self, painter: QPainter, choice: Choice) -> None:
        """Bars with dates below."""
        tokens, field = current(), self.field()
        first, width, numbers = self._columns(choice)
        most = 1.08 * max(numbers)
        draw_scale(painter, field, most)
        step = field.width() / len(numbers)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent))
        for place, number in enumerate(numbers):
            height = number / most * field.height()
            gap = 1 if step > 4 else 0
            box = QRectF(field.left() + place * step, field.bottom() - height, max(step - gap, 0.8), height)
            painter.drawRect(box)
        painter.setPen(QPen(QColor(tokens.strong_border), 1))
        painter.drawLine(field.bottomLeft(), field.bottomRight())
        for offset, day in date_ticks(first, len(numbers) * width, 10):
            draw_below(painter, field.left() + offset / width * step, field.bottom(), wording.tick(day, language()))
        by_week = translate("SummaryCharts", "Events in {days} days").format(days=width)
        title = translate("SummaryCharts", "Events in a day") if width == 1 else by_week
        painter.drawText(QPointF(8, 20), title)

    def _columns(self, choice: Choice) -> tuple[date, int, list[int]]:
        first, width, columns = strip_days(choice.summary, 180)
        origin = first.toordinal() - 719_163  # the ordinal of 1970-01-01
        return first, width, np.bincount((choice.events.days - origin) // width, minlength=columns).tolist()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the day under the pointer, and its events."""
        field, choice = self.field(), self.choice
        if choice is None or self.missing(choice):
            return
        first, width, numbers = self._columns(choice)
        place = int((event.position().x() - field.left()) / field.width() * len(numbers))
        if not 0 <= place < len(numbers):
            self.setToolTip("")
            return
        day = wording.day(first + timedelta(days=place * width), language())
        self.setToolTip(f"{day}: {count(numbers[place])}")
