"""The cameras: where they stood, as large as their events, and on which days each took photos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPen, QPolygonF

from avistar.summary import CameraFigures, wording
from avistar.summary.layout import CameraMap, camera_map, column_counts, date_ticks, scale_bar, strip_days
from avistar.summary.pictures import LEVELS, circle_radius
from avistar_gui.summary import texts
from avistar_gui.summary.charts import Picture
from avistar_gui.summary.choice import Choice
from avistar_gui.texts import count, language
from avistar_gui.widgets.theme import current, scaled

MARGIN = 60
LARGEST = 30.0
"""Radius of the camera with the most events, in logical px, where there is room."""

ROW, HIGHEST_ROW, GAP, HEAD, FOOT = 22, 38, 5, 34, 58
SHARE_OF_NAMES = 0.24
translate = QCoreApplication.translate


class MapPicture(Picture):
    """A map without tiles: circles whose area grows with the events of the choice, a scale bar, north."""

    def missing(self, choice: Choice) -> str:
        """Why there is no map."""
        if any(one.placed for one in choice.summary.cameras):
            return ""
        return texts.no_coordinates()

    def draw(self, painter: QPainter, choice: Choice) -> None:
        """Circles with names, then what helps to read them."""
        drawn = camera_map(choice.summary.cameras)
        if drawn is None:
            return
        tokens = current()
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.setBrush(QColor(tokens.canvas))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        circles = list(self._circles(choice, drawn))
        fill = QColor(tokens.accent)
        fill.setAlphaF(0.42)
        for centre, radius, place in circles:
            some = choice.by_camera[place] > 0
            painter.setBrush(fill if some else Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent if some else tokens.muted), 1.6))
            painter.drawEllipse(centre, radius, radius)
        self._draw_names(painter, choice, circles)
        self._draw_scale(painter, self._pixels(drawn))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the camera under the pointer, and its events."""
        choice, drawn = self.choice, camera_map(self.choice.summary.cameras) if self.choice else None
        if choice is None or drawn is None:
            return
        for centre, radius, place in reversed(list(self._circles(choice, drawn))):
            away = event.position() - centre
            if QPointF.dotProduct(away, away) <= max(radius, 8) ** 2:
                camera = choice.summary.cameras[place]
                names = ", ".join(filter(None, (camera.name, camera.place)))
                self.setToolTip(f"{names}: {wording.events(choice.by_camera[place], language())}")
                return
        self.setToolTip("")

    def _pixels(self, drawn: CameraMap) -> float:
        """Pixels in a metre."""
        across = (self.width() / 2 - 2 * MARGIN) / drawn.half_width
        return max(min(across, (self.height() / 2 - MARGIN) / drawn.half_height), 1e-9)

    def _circles(self, choice: Choice, drawn: CameraMap) -> Iterator[tuple[QPointF, float, int]]:
        """Centre, radius and camera of each; small ones last, so that they lie above."""
        pixels, most = self._pixels(drawn), max(choice.by_camera, default=0) or 1
        largest = max(min(LARGEST, 0.06 * min(self.width(), self.height())), 10.0)
        for one in sorted(drawn.places, key=lambda place: -choice.by_camera[place.camera]):
            centre = QPointF(self.width() / 2 + one.x * pixels, self.height() / 2 - one.y * pixels)
            yield centre, circle_radius(choice.by_camera[one.camera], most, largest), one.camera

    def _draw_names(self, painter: QPainter, choice: Choice, circles: Sequence[tuple[QPointF, float, int]]) -> None:
        """Names beside their circles, where there is room; the tool tip says all."""
        painter.setFont(scaled(self.font(), 0.9))
        painter.setPen(QColor(current().text))
        metrics, room = painter.fontMetrics(), QRectF(self.rect()).adjusted(4, 4, -4, -4)
        taken = [QRectF(at.x() - r, at.y() - r, 2 * r, 2 * r) for at, r, _ in circles]
        for at, radius, place in circles:
            name = metrics.elidedText(choice.summary.cameras[place].name, Qt.TextElideMode.ElideRight, 190)
            width, height = metrics.horizontalAdvance(name) + 2, metrics.height()
            for left, top in (
                (at.x() + radius + 5, at.y() - height / 2),
                (at.x() - radius - 5 - width, at.y() - height / 2),
                (at.x() - width / 2, at.y() - radius - 3 - height),
                (at.x() - width / 2, at.y() + radius + 3),
            ):
                box = QRectF(left, top, width, height)
                if room.contains(box) and not any(box.intersects(other) for other in taken):
                    taken.append(box)
                    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
                    break

    def _draw_scale(self, painter: QPainter, pixels: float) -> None:
        metres = scale_bar(min(self.width() / 4, 220) / pixels)
        left, base, length = 24.0, self.height() - 24.0, metres * pixels
        painter.setPen(QPen(QColor(current().text), 1.6))
        painter.drawLine(QPointF(left, base), QPointF(left + length, base))
        for x in (left, left + length):
            painter.drawLine(QPointF(x, base - 5), QPointF(x, base + 5))
        painter.drawText(QPointF(left, base - 10), wording.length(metres, language()))
        x, y = self.width() - 32.0, 54.0
        painter.drawText(QRectF(x - 20, y + 2, 40, 20), Qt.AlignmentFlag.AlignHCenter, "N")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current().text))
        arrow = [QPointF(x, y - 30), QPointF(x + 8, y), QPointF(x, y - 7), QPointF(x - 8, y)]
        painter.drawPolygon(QPolygonF(arrow))


class TimelinePicture(Picture):
    """A row for each camera: the more photos on a day, the stronger its colour; stripes where there were none."""

    def missing(self, choice: Choice) -> str:
        """Why there are no rows."""
        if strip_days(choice.summary)[2]:
            return ""
        return wording.no_times(language()) if choice.summary.media else wording.no_photos(language())

    def sizeHint(self) -> QSize:
        """As high as its cameras."""
        rows = len(self.choice.summary.cameras) if self.choice else 0
        return QSize(640, HEAD + rows * (ROW + GAP) + FOOT)

    @property
    def _row(self) -> int:
        """Height of a row: few cameras use the room that there is."""
        rows = len(self.choice.summary.cameras) if self.choice else 0
        return min(max((self.height() - HEAD - FOOT) // max(rows, 1) - GAP, ROW), HIGHEST_ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self.sizeHint().height())

    def draw(self, painter: QPainter, choice: Choice) -> None:
        """Dates above, rows, and below what the colours say."""
        summary, tokens = choice.summary, current()
        first, days, columns = strip_days(summary)
        left, right = self._sides()
        step, high = (right - left) / columns, self._row
        bottom = HEAD + len(summary.cameras) * (high + GAP)
        painter.setFont(scaled(self.font(), 0.88))
        for offset, day in date_ticks(first, columns * days, 10):
            x = left + offset / days * step
            painter.setPen(QPen(QColor(tokens.border), 1))
            painter.drawLine(QPointF(x, HEAD - 8), QPointF(x, bottom))
            painter.setPen(QColor(tokens.muted))
            painter.drawText(QPointF(x, HEAD - 14), wording.tick(day, language()))
        cells: dict[int, list[QRectF]] = defaultdict(list)
        for place, one in enumerate(summary.cameras):
            y = HEAD + place * (high + GAP)
            if not self.exposed.top() - high <= y <= self.exposed.bottom():
                continue
            painter.setPen(QColor(tokens.text))
            name = painter.fontMetrics().elidedText(one.name, Qt.TextElideMode.ElideMiddle, int(left) - 20)
            box = QRectF(0, y, left - 12, high)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
            self._draw_gaps(painter, one, y, (first, step / days))
            inset = 0.5 if step > 4 else 0.0
            for column, level in choice.shades[place]:
                cells[level].append(QRectF(left + column * step + inset, y, step - 2 * inset, high))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for level, boxes in cells.items():  # all of a shade at once: a season of many cameras has ten thousand
            painter.setBrush(_shade(level))
            painter.drawRects(boxes)
        painter.restore()
        self._draw_legend(painter, bottom + 16)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the camera and the day under the pointer, and how many photos there are."""
        choice = self.choice
        if choice is None or self.missing(choice):
            return
        first, days, columns = strip_days(choice.summary)
        left, right = self._sides()
        row = int((event.position().y() - HEAD) // (self._row + GAP))
        column = int((event.position().x() - left) / (right - left) * columns)
        if not (0 <= row < len(choice.summary.cameras) and 0 <= column < columns):
            self.setToolTip("")
            return
        camera = choice.summary.cameras[row]
        day = wording.day(first + timedelta(days=column * days), language())
        number = column_counts(camera, first, days, columns)[column]
        text = translate("SummaryCharts", "{camera}, {day}: {number} photos")
        self.setToolTip(text.format(camera=camera.name, day=day, number=count(number)))

    def _sides(self) -> tuple[float, float]:
        """Where the days begin and end."""
        return max(min(self.width() * SHARE_OF_NAMES, 190.0), 90.0), self.width() - 14.0

    def _draw_gaps(self, painter: QPainter, one: CameraFigures, y: float, scale: tuple[date, float]) -> None:
        """The frame of the days at work, with stripes where the camera was silent; `scale`: first day, px in a day."""
        left, tokens = self._sides()[0], current()

        def box(start: date, end: date) -> QRectF:
            begin, stop = ((day - scale[0]).days * scale[1] for day in (start, end + timedelta(days=1)))
            return QRectF(left + begin, y, stop - begin, self._row)

        if one.start is not None and one.end is not None:
            painter.fillRect(box(one.start.date(), one.end.date()), QColor(tokens.raised))
        for gap in one.gaps:
            painter.fillRect(box(gap.first, gap.last), _stripes(stopped=gap.end and one.stated))

    def _draw_legend(self, painter: QPainter, y: float) -> None:
        tokens, left = current(), 6.0
        for brush, text in (
            (QBrush(_shade(LEVELS)), translate("SummaryCharts", "photos")),
            (QBrush(QColor(tokens.raised)), translate("SummaryCharts", "at work, no photo")),
            (_stripes(stopped=False), translate("SummaryCharts", "none for 7 days or more")),
            (_stripes(stopped=True), translate("SummaryCharts", "none until the end")),
        ):
            width = 33 + painter.fontMetrics().horizontalAdvance(text)
            if left + width > self.width():
                left, y = 6.0, y + 20
            painter.fillRect(QRectF(left, y, 26, 13), brush)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(QPointF(left + 33, y + 12), text)
            left += width + 22


def _shade(level: int) -> QColor:
    colour = QColor(current().accent)
    colour.setAlphaF(0.10 + 0.18 * level)
    return colour


def _stripes(*, stopped: bool) -> QBrush:
    tokens = current()
    return QBrush(QColor(tokens.warning if stopped else tokens.muted), Qt.BrushStyle.BDiagPattern)
