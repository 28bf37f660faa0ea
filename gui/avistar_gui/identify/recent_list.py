"""Surveys of the past, each with how far it is: a list, and the painter of its lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, QLocale, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from avistar.images import printable
from avistar_gui.identify.shelf import Shelved
from avistar_gui.theme import current, scaled
from avistar_gui.wording import count, locale

BAR, MARGIN = 5, 12
SURVEY = Qt.ItemDataRole.UserRole + 1


class RecentList(QListWidget):
    """`wanted` (a survey's file) when one is taken with Enter or a click."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(_Painter(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.itemActivated.connect(self._take)
        self.itemClicked.connect(self._take)

    def show_surveys(self, surveys: Sequence[Shelved]) -> None:
        """List these."""
        self.clear()
        for survey in surveys:
            item = QListWidgetItem(f"{printable(survey.name)}, {self.progress(survey)}", self)
            item.setData(Qt.ItemDataRole.UserRole, survey.path)
            item.setData(SURVEY, survey)
            item.setToolTip(printable(survey.folder))

    def progress(self, survey: Shelved) -> str:
        """'1,204 of 3,010 reviewed  ·  200 waiting  ·  its folder is not here'."""
        counts = survey.counts
        parts = [
            self.tr("{reviewed} of {total} reviewed").format(reviewed=count(counts.reviewed), total=count(counts.total))
        ]
        if counts.pending:
            parts.append(self.tr("{number} waiting").format(number=count(counts.pending)))
        if not survey.here:
            parts.append(self.tr("its folder is not here"))
        return "  ·  ".join(parts)

    def _take(self, item: QListWidgetItem) -> None:
        self.wanted.emit(item.data(Qt.ItemDataRole.UserRole))


class _Painter(QStyledItemDelegate):
    """Paints a survey: name and day, the bar of what is identified and reviewed, and the same in words."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        survey, owner = index.data(SURVEY), self.parent()
        if not isinstance(survey, Shelved) or not isinstance(owner, RecentList):
            return
        tokens, font = current(), option.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setBrush(QColor(tokens.accent_soft))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 8, 8)
        inner = option.rect.adjusted(MARGIN, MARGIN // 2 + 2, -MARGIN, -MARGIN // 2)
        line = QFontMetrics(font).height()
        top = QRect(inner.left(), inner.top(), inner.width(), line)
        when = _day(survey.touched_s)
        painter.setFont(scaled(font, 0.9))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, when)
        room = inner.width() - painter.fontMetrics().horizontalAdvance(when) - MARGIN
        words = inner.adjusted(0, line + BAR + 14, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignTop, owner.progress(survey))
        painter.setFont(scaled(font, 1.0, bold=True))
        painter.setPen(QColor(tokens.text if survey.here else tokens.muted))
        name = painter.fontMetrics().elidedText(printable(survey.name), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, name)
        self._bar(painter, QRectF(inner.left(), top.bottom() + 7, inner.width(), BAR), survey)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line = QFontMetrics(option.font).height()
        return QSize(200, 2 * line + BAR + 14 + MARGIN)

    def _bar(self, painter: QPainter, where: QRectF, survey: Shelved) -> None:
        """Reviewed in full colour, identified in a soft one."""
        tokens, counts = current(), survey.counts
        total = max(counts.total, 1)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, colour in (
            (1.0, tokens.raised),
            ((counts.total - counts.pending) / total, tokens.strong_border),
            (counts.reviewed / total, tokens.accent),
        ):
            if share > 0:
                part = QRectF(where.left(), where.top(), max(where.width() * share, BAR), where.height())
                painter.setBrush(QColor(colour))
                painter.drawRoundedRect(part, BAR / 2, BAR / 2)


def _day(seconds: float) -> str:
    return locale().toString(QDateTime.fromSecsSinceEpoch(int(seconds)).date(), QLocale.FormatType.ShortFormat)
