"""The grid of thumbnails: a list view, and the painter of its tiles. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from avistar_gui.identify.photo_model import Photo, Role, State
from avistar_gui.texts import badge, count, duration, percent
from avistar_gui.widgets import icons, tiles
from avistar_gui.widgets.theme import Tokens, current, scaled

Index = QModelIndex | QPersistentModelIndex
TILES = (108, 168, 250)
"""Least width of a tile, small, middle and large, in logical px."""

TELLING = 150
"""From this width on, a tile has room to say how sure an answer is."""

GAP = 7
BATCH = 500
"""Rows laid out per turn of the event loop: the whole of 100,000 at once would freeze the window."""

STATE_ICON: dict[State, str] = {
    "waiting": "waiting",
    "species": "species",
    "group": "group",
    "unknown": "unknown",
    "failed": "warning",
    "reviewed": "reviewed",
}


def state_colour(state: State, tokens: Tokens) -> str:
    """The colour that goes with a state; icon and words always say the same."""
    return {
        "waiting": tokens.muted,
        "species": tokens.accent,
        "group": tokens.warning,
        "unknown": tokens.muted,
        "failed": tokens.error,
        "reviewed": tokens.accent,
    }[state]


class TilePainter(QStyledItemDelegate):
    """Paints a tile: the photo, what it is said to be, how sure, and its name."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one tile; called for visible tiles only."""
        photo = index.data(Role.PHOTO)
        if not isinstance(photo, Photo):
            return
        tokens = current()
        tile = option.rect.adjusted(GAP, GAP, -GAP, -GAP)
        lines = QFontMetrics(option.font).height()
        picture = QRect(tile.left(), tile.top(), tile.width(), tile.height() - 2 * lines - 12)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        thumbnail = index.data(Qt.ItemDataRole.DecorationRole)
        tiles.paint_picture(painter, picture, thumbnail, "warning" if photo.state == "failed" else "photos")
        self._signs(painter, picture, index, photo)
        tiles.paint_frame(painter, picture, option.state)
        caption = QRect(tile.left() + 2, picture.bottom() + 8, tile.width() - 4, lines)
        self._caption(painter, caption, font=option.font, photo=photo, tokens=tokens)
        painter.setFont(scaled(option.font, 0.86))
        painter.setPen(QColor(tokens.muted))
        name = painter.fontMetrics().elidedText(photo.name, Qt.TextElideMode.ElideMiddle, caption.width())
        painter.drawText(caption.translated(0, lines + 2), Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()

    def _signs(self, painter: QPainter, picture: QRect, index: Index, photo: Photo) -> None:
        """What the photo is besides: one of a burst, with a line to its neighbours, or a video."""
        painter.setFont(scaled(painter.font(), 0.86))
        if photo.row.kind == "video":
            length = duration(photo.row.duration_s) if photo.row.duration_s else ""
            tiles.paint_badge(painter, picture, "video", length, left=False)
        if not photo.burst:
            return
        tiles.paint_badge(painter, picture, "burst", count(photo.burst), left=True)
        before, after = (self._same_burst(index, step, photo) for step in (-1, 1))
        tiles.paint_link(painter, picture, before=before, after=after, reach=GAP + 1)

    def _same_burst(self, index: Index, step: int, photo: Photo) -> bool:
        other = index.model().index(index.row() + step, 0).data(Role.PHOTO)
        return isinstance(other, Photo) and other.row.sequence == photo.row.sequence

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The view's grid size: every tile is alike."""
        view = self.parent()
        return view.gridSize() if isinstance(view, QListView) else super().sizeHint(option, index)

    def _caption(self, painter: QPainter, where: QRect, *, font: QFont, photo: Photo, tokens: Tokens) -> None:
        colour = state_colour(photo.state, tokens)
        side = where.height() * 0.86
        icons.draw(
            painter,
            STATE_ICON[photo.state],
            QRectF(where.left(), where.center().y() - side / 2 + 1, side, side),
            colour,
        )
        left = where.left() + round(side) + 6
        right = where.right()
        # A number beside "Unknown" would read as the certainty of that.
        sure = photo.row.confidence if photo.state in ("species", "group") else None
        if sure is not None and where.width() >= TELLING:
            number = percent(sure)
            painter.setFont(font)
            painter.setPen(QColor(tokens.muted))
            painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number)
            right -= painter.fontMetrics().horizontalAdvance(number) + 8
        painter.setFont(scaled(font, 1.0, bold=photo.state not in ("waiting", "unknown")))
        painter.setPen(QColor(tokens.muted if photo.state == "waiting" else tokens.text))
        words = painter.fontMetrics().elidedText(badge(photo.row), Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, where.top(), right - left, where.height()), Qt.AlignmentFlag.AlignVCenter, words)


class PhotoGrid(QListView):
    """Thumbnails in as many columns as fit; says which photo is `chosen` (its id, -1 for none)."""

    chosen = Signal(int)
    resized = Signal(int)  # the size of the tiles, an index of TILES

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)
        self.setItemDelegate(TilePainter(self))
        self.setMinimumWidth(TILES[1] + 40)
        self.tile_size = 1

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which photo is under the cursor."""
        super().currentChanged(current, previous)
        id = current.data(Role.ID) if current.isValid() else None
        self.chosen.emit(-1 if id is None else id)

    def chosen_ids(self) -> list[int]:
        """The photos that are selected, in order; several by Shift or Ctrl."""
        return [index.data(Role.ID) for index in sorted(self.selectedIndexes())]

    def choose_all(self, rows: Sequence[int]) -> None:
        """Select the photos in `rows`; the current one stays."""
        model, picked = self.model(), QItemSelection()
        for row in rows:
            picked.select(model.index(row, 0), model.index(row, 0))
        self.selectionModel().select(picked, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def resize_tiles(self, step: int) -> None:
        """Make the tiles a size larger or smaller; the chosen photo stays in view."""
        size = min(max(self.tile_size + step, 0), len(TILES) - 1)
        if size != self.tile_size:
            self.tile_size = size
            self._fit_tiles()
            self.resized.emit(size)
            if self.currentIndex().row() > 0:
                self.scrollTo(self.currentIndex())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl, the wheel makes tiles larger and smaller."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.resize_tiles(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns, so that no strip stays empty."""
        self._fit_tiles()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other tiles; another language other words."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_tiles()
        elif event.type() == QEvent.Type.LanguageChange:
            self.viewport().update()

    def keyboardSearch(self, search: str) -> None:
        """Letters review; names are looked for in the filter."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that move are the grid's; letters and digits go to the page around it."""
        if event.text() and event.text().isalnum() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def choose(self, row: int) -> None:
        """Make the photo in `row` the current one and bring it into view."""
        model = self.model()
        if model is not None and 0 <= row < model.rowCount():
            # The first one stands at the top; asking for its place would lay out all 100,000 at once.
            self.setAutoScroll(row > 0)
            self.setCurrentIndex(model.index(row, 0))
            self.setAutoScroll(True)
            if row == 0:
                self.verticalScrollBar().setValue(0)

    def _fit_tiles(self) -> None:
        width = self.viewport().width() - 2
        columns = max(1, width // TILES[self.tile_size])
        tile = width // columns
        height = round((tile - 2 * GAP) * 0.72) + 2 * GAP + 12 + 2 * QFontMetrics(self.font()).height()
        if self.gridSize() != QSize(tile, height):
            self.setGridSize(QSize(tile, height))
