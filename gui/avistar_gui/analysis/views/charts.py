"""Two small charts: how training went, and whether confidences hold."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from avistar.evaluation.metrics import EvaluationReport
from avistar.evaluation.stored import Epoch
from avistar_gui.analysis import texts
from avistar_gui.texts import count
from avistar_gui.widgets.chart import Chart
from avistar_gui.widgets.paint import Axes
from avistar_gui.widgets.theme import Tokens, current, scaled

translate = QCoreApplication.translate


class _StudyChart(Chart):
    """As large as the map beside it."""

    LEFT, TOP, RIGHT, BOTTOM = 58, 34, 18, 48
    LEAST, USUAL = (240, 200), (420, 380)


class ReliabilityChart(_StudyChart):
    """Share of right answers against confidence; on the diagonal, confidences hold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: EvaluationReport | None = None

    def show_report(self, report: EvaluationReport | None) -> None:
        """Show the bins of `report`."""
        self._report = report
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars of accuracy, the diagonal, and below how many photos each bin has."""
        tokens, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._report is None:
            painter.end()
            return
        axes = Axes(self.field(), (0.0, 1.0), (0.0, 1.0))
        axes.draw(
            painter,
            tokens,
            x_label=translate("Charts", "Confidence"),
            y_label=translate("Charts", "Share of right answers"),
            percent=True,
        )
        most = max(one.photos for one in self._report.reliability) or 1
        for one in self._report.reliability:
            if not one.photos:
                continue
            bar = QRectF(axes.point(one.low, one.accuracy), axes.point(one.high, 0)).adjusted(1.5, 0, -1.5, 0)
            colour = QColor(tokens.accent)
            # Bins with few photos say little: they are pale.
            colour.setAlphaF(0.25 + 0.75 * (one.photos / most) ** 0.3)
            painter.fillRect(bar, colour)
            painter.setPen(QPen(QColor(tokens.text), 2))
            at = axes.point(one.confidence, one.confidence)
            painter.drawLine(QPointF(bar.left(), at.y()), QPointF(bar.right(), at.y()))
        painter.setPen(QPen(QColor(tokens.muted), 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(axes.point(0, 0), axes.point(1, 1))
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the bin under the mouse holds."""
        field = self.field()
        share = (event.position().x() - field.left()) / field.width()
        bins = self._report.reliability if self._report is not None else ()
        found = next((one for one in bins if one.low <= share < one.high and one.photos), None)
        self.setToolTip(self.bin_text(found.photos, found.confidence, found.accuracy) if found else "")

    def bin_text(self, photos: int, confidence: float, accuracy: float) -> str:
        """One bin in words."""
        text = translate("Charts", "{photos}: confidence {confidence} on average, {accuracy} right")
        return text.format(
            photos=texts.photos(photos), confidence=texts.share(confidence), accuracy=texts.share(accuracy)
        )


class CurvesChart(_StudyChart):
    """A figure of training by epoch, for training and validation photos, with the best epoch and the stages."""

    def __init__(self, figure: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figure = figure
        self._epochs: tuple[Epoch, ...] = ()
        self._own = False

    def show_history(self, epochs: Sequence[Epoch], *, own: bool = False) -> None:
        """Show these epochs, in order; `own`: the photos are the user's, who trained nothing."""
        self._epochs, self._own = tuple(epochs), own
        self.update()

    @property
    def nothing(self) -> str:
        """Why there are no curves."""
        if self._own:
            return translate(
                "Charts",
                "Learning curves are of a bundle's training; your photos were only judged. "
                "Choose a bundle's test photos above to see its curves.",
            )
        return translate("Charts", "This bundle keeps no record of its training.")

    @property
    def best(self) -> int:
        """Index of the epoch that was best on validation photos, -1 without any."""
        known = [
            (one.figures[name], index) for index, one in enumerate(self._epochs) if (name := self._val) in one.figures
        ]
        if not known:
            return -1
        return max(known)[1] if "accuracy" in self._figure else min(known)[1]

    @property
    def _val(self) -> str:
        return f"val_{self._figure}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint stages, both curves, and the best epoch."""
        tokens, painter = current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        values = [one.figures[key] for one in self._epochs for key in (self._figure, self._val) if key in one.figures]
        if len(self._epochs) < 2 or not values:
            self.say_nothing_there(painter, self.nothing)
            painter.end()
            return
        shares = "accuracy" in self._figure
        low, high = (min(values), 1.0) if shares else (0.0, max(values))
        axes = Axes(self.field(), (1, len(self._epochs)), (low - 0.05 * (high - low) if shares else 0.0, high or 1.0))
        self._paint_stages(painter, axes, tokens)
        label = translate("Charts", "Accuracy") if shares else translate("Charts", "Loss")
        axes.draw(painter, tokens, x_label=translate("Charts", "Epoch"), y_label=label, percent=shares)
        self._paint_line(painter, axes, self._figure, QPen(QColor(tokens.muted), 1.8, Qt.PenStyle.DashLine))
        self._paint_line(painter, axes, self._val, QPen(QColor(tokens.accent), 2.4))
        if self.best >= 0:
            at = axes.point(self.best + 1, self._epochs[self.best].figures[self._val])
            painter.setBrush(QColor(tokens.accent))
            painter.setPen(QPen(QColor(tokens.surface), 2))
            painter.drawEllipse(at, 6, 6)
        self._paint_legend(painter, tokens)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the figures of the epoch under the mouse."""
        if len(self._epochs) < 2:
            return
        axes = Axes(self.field(), (1, len(self._epochs)), (0, 1))
        index = min(max(round(axes.value_x(event.position().x())) - 1, 0), len(self._epochs) - 1)
        one = self._epochs[index]
        figures = "\n".join(f"{name}: {value:.4g}" for name, value in sorted(one.figures.items()))
        self.setToolTip(
            f"{one.stage}, {translate('Charts', 'epoch {number}').format(number=count(one.epoch))}\n{figures}"
        )

    def _paint_stages(self, painter: QPainter, axes: Axes, tokens: Tokens) -> None:
        stages = [one.stage for one in self._epochs]
        starts = [index for index, stage in enumerate(stages) if index == 0 or stage != stages[index - 1]]
        painter.setFont(scaled(self.font(), 0.82))
        for number, start in enumerate(starts):
            end = starts[number + 1] if number + 1 < len(starts) else len(stages)
            left = axes.point(max(start + 0.5, 1), 0).x()
            right = axes.point(min(end + 0.5, len(stages)), 0).x()
            band = QRectF(left, axes.where.top(), right - left, axes.where.height())
            if number % 2:
                painter.fillRect(band, QColor(tokens.raised))
            painter.setPen(QColor(tokens.muted))
            name = painter.fontMetrics().elidedText(stages[start], Qt.TextElideMode.ElideRight, int(band.width()) - 8)
            painter.drawText(band.adjusted(6, 4, -2, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, name)

    def _paint_line(self, painter: QPainter, axes: Axes, name: str, pen: QPen) -> None:
        points = [axes.point(i + 1, one.figures[name]) for i, one in enumerate(self._epochs) if name in one.figures]
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))

    def _paint_legend(self, painter: QPainter, tokens: Tokens) -> None:
        painter.setFont(scaled(self.font(), 0.85))
        right = self.field().right()
        for pen, text in (
            (QPen(QColor(tokens.accent), 2.4), translate("Charts", "validation")),
            (QPen(QColor(tokens.muted), 1.8, Qt.PenStyle.DashLine), translate("Charts", "training")),
        ):
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.setPen(QColor(tokens.text))
            painter.drawText(QPointF(right - width, 18), text)
            painter.setPen(pen)
            painter.drawLine(QPointF(right - width - 30, 14), QPointF(right - width - 8, 14))
            right -= width + 48
