"""Photos as tiles in a grid, alike on every screen: the view, the delegate's geometry, and what is painted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current

Index = QModelIndex | QPersistentModelIndex

RADIUS = 11.0

GAP = 7
"""Empty px on each side of a tile."""

CAPTION_MARGIN = 12
"""Px between picture and caption, and between its two lines."""

MARK = 22
"""Px across a mark in a picture's corner."""

BATCH = 500
"""Rows laid out per turn of the event loop: the whole of 100,000 at once would freeze the window."""


class TileGrid(QListView):
    """Tiles in as many columns as fit, all alike: a picture above two lines of text."""

    def __init__(self, least_width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least_width = least_width
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(
            lambda least, most: bar.setEnabled(most > least)
        )  # else its handle fills the whole bar
        self.setMouseTracking(True)
        self.setMinimumWidth(least_width + 40)

    def set_tile_width(self, least_width: int) -> None:
        """Make the tiles at least `least_width` px wide."""
        self._least_width = least_width
        self._fit_tiles()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns, so that no strip stays empty."""
        self._fit_tiles()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other tiles; another language other texts."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_tiles()
        elif event.type() == QEvent.Type.LanguageChange:
            self.viewport().update()

    def _fit_tiles(self) -> None:
        width = self.viewport().width() - 2
        tile = width // max(1, width // self._least_width)
        lines = 2 * QFontMetrics(self.font()).height()
        height = round((tile - 2 * GAP) * 0.72) + 2 * GAP + CAPTION_MARGIN + lines
        if self.gridSize() != QSize(tile, height):
            self.setGridSize(QSize(tile, height))


class TileDelegate(QStyledItemDelegate):
    """Where picture and caption of a tile lie; subclasses paint them."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The view's grid size: every tile is alike."""
        view = self.parent()
        return view.gridSize() if isinstance(view, QListView) else super().sizeHint(option, index)

    def areas(self, option: QStyleOptionViewItem) -> tuple[QRect, QRect, QRect]:
        """Picture and the two lines of the caption, in px of the view."""
        tile = option.rect.adjusted(GAP, GAP, -GAP, -GAP)
        line = QFontMetrics(option.font).height()
        picture = QRect(tile.left(), tile.top(), tile.width(), tile.height() - 2 * line - CAPTION_MARGIN)
        caption = QRect(tile.left() + 2, picture.bottom() + 8, tile.width() - 4, line)
        return picture, caption, caption.translated(0, line + 2)

    def paint_tile(self, painter: QPainter, option: QStyleOptionViewItem, thumbnail: object, placeholder: str) -> None:
        """Paint the picture and its frame, smooth."""
        picture, _, _ = self.areas(option)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        paint_picture(painter, picture, thumbnail, placeholder)
        paint_frame(painter, picture, option.state)


def paint_line(painter: QPainter, where: QRect, text: str, elide: Qt.TextElideMode) -> None:
    """Paint one line of text, shortened to fit."""
    short = painter.fontMetrics().elidedText(text, elide, where.width())
    painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, short)


def paint_symbol(painter: QPainter, line: QRect, name: str, colour: str) -> QRect:
    """Paint an icon at the start of a line; what is left of the line beside it."""
    side = line.height() * 0.86
    icons.draw(painter, name, QRectF(line.left(), line.center().y() - side / 2 + 1, side, side), colour)
    return line.adjusted(round(side) + 6, 0, 0, 0)


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


def paint_marks(painter: QPainter, picture: QRect, marks: Sequence[tuple[str, str]]) -> None:
    """Paint icons with their colours into the lower right corner of a picture, legible on anything."""
    tokens, side = current(), MARK
    x = float(picture.right() - 6 - side)
    for icon, colour in marks:
        where = QRectF(x, picture.bottom() - 6 - side, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.surface))
        painter.drawEllipse(where)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        icons.draw(painter, icon, where.adjusted(4, 4, -4, -4), colour)
        x -= side + 4


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
