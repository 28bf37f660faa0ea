"""The grid of thumbnails: a list view, and the painter of its tiles. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QListView, QStyleOptionViewItem, QWidget

from avistar_gui.identify.photo_model import Photo, Role, State
from avistar_gui.texts import badge, count, duration, percent
from avistar_gui.widgets import tiles
from avistar_gui.widgets.theme import Tokens, current, scaled
from avistar_gui.widgets.tiles import Index

TILES = (96, 150, 250)
"""Least width of a tile, small, middle and large, in logical px."""

TELLING = 128
"""From this width on, a tile has room to say how sure an answer is."""

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


def marks_of(photo: Photo, tokens: Tokens) -> list[tuple[str, str]]:
    """What people did with a photo, as icons and colours: accepted, corrected or unsure; in dispute; commented."""
    row = photo.row
    marks = []
    if row.verdict:
        kind = "unknown" if row.verdict == "unknown" else "corrected" if row.corrected else "accepted"
        marks.append((kind, {"accepted": tokens.accent, "corrected": tokens.warning, "unknown": tokens.muted}[kind]))
    if row.disagreed:
        marks.append(("disagreed", tokens.error))
    if row.comment or row.tags:
        marks.append(("comment", tokens.text))
    return marks


class TilePainter(tiles.TileDelegate):
    """Paints a tile: the photo, what it is said to be, how sure, and its name."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one tile; called for visible tiles only."""
        photo = index.data(Role.PHOTO)
        if not isinstance(photo, Photo):
            return
        tokens = current()
        picture, caption, below = self.areas(option)
        painter.save()
        thumbnail = index.data(Qt.ItemDataRole.DecorationRole)
        self.paint_tile(painter, option, thumbnail, "warning" if photo.state == "failed" else "photos")
        self._signs(painter, picture, index, photo)
        self._caption(painter, caption, font=option.font, photo=photo, tokens=tokens)
        painter.setFont(scaled(option.font, 0.86))
        painter.setPen(QColor(tokens.muted))
        tiles.paint_line(painter, below, photo.name, Qt.TextElideMode.ElideMiddle)
        painter.restore()

    def _signs(self, painter: QPainter, picture: QRect, index: Index, photo: Photo) -> None:
        """What the photo is besides: one of a burst, with a line to its neighbours, or a video."""
        painter.setFont(scaled(painter.font(), 0.86))
        if photo.row.kind == "video":
            length = duration(photo.row.duration_s) if photo.row.duration_s else ""
            tiles.paint_badge(painter, picture, "video", length, left=False)
        tiles.paint_marks(painter, picture, marks_of(photo, current()))
        if not photo.burst:
            return
        tiles.paint_badge(painter, picture, "burst", count(photo.burst), left=True)
        before, after = (self._same_burst(index, step, photo) for step in (-1, 1))
        tiles.paint_link(painter, picture, before=before, after=after, reach=tiles.GAP + 1)

    def _same_burst(self, index: Index, step: int, photo: Photo) -> bool:
        other = index.model().index(index.row() + step, 0).data(Role.PHOTO)
        return isinstance(other, Photo) and other.row.sequence == photo.row.sequence

    def _caption(self, painter: QPainter, where: QRect, *, font: QFont, photo: Photo, tokens: Tokens) -> None:
        beside = tiles.paint_symbol(painter, where, STATE_ICON[photo.state], state_colour(photo.state, tokens))
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
        beside.setRight(right)
        tiles.paint_line(painter, beside, badge(photo.row), Qt.TextElideMode.ElideRight)


class PhotoGrid(tiles.TileGrid):
    """Thumbnails in as many columns as fit; says which photo is `chosen` (its id, -1 for none)."""

    chosen = Signal(int)
    resized = Signal(int)  # the size of the tiles, an index of TILES
    selected = Signal(int)  # how many photos are selected

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(TILES[1], parent)
        self.setMinimumWidth(2 * TILES[0] + 48)  # two of the small ones beside each other, and the scroll bar
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setItemDelegate(TilePainter(self))
        self.tile_size = 1
        self.empty_text = ""
        """What is said where no photo is listed."""
        self.step_thing: Callable[[bool], bool] = lambda forwards: False
        """Takes a Tab, forwards or backwards, for what is in the photo; False leaves it to the window."""

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which photo is under the cursor."""
        super().currentChanged(current, previous)
        id = current.data(Role.ID) if current.isValid() else None
        self.chosen.emit(-1 if id is None else id)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell how many photos are selected."""
        super().selectionChanged(selected, deselected)
        self.selected.emit(sum(part.height() for part in self.selectionModel().selection().toList()))

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab goes through what is in the photo, then on to the next part of the window."""
        return self.step_thing(forwards) or super().focusNextPrevChild(forwards)

    def chosen_ids(self) -> list[int]:
        """The photos that are selected, in order; several by Shift or Ctrl."""
        model, parts = self.model(), self.selectionModel().selection().toList()
        rows = sorted(row for part in parts for row in range(part.top(), part.bottom() + 1))
        return [model.index(row, 0).data(Role.ID) for row in rows]

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
            self.set_tile_width(TILES[size])
            self.resized.emit(size)
            if self.currentIndex().row() > 0:
                self.scrollTo(self.currentIndex())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The tiles, or what is said where there are none."""
        super().paintEvent(event)
        model = self.model()
        if self.empty_text and model is not None and model.rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(current().muted))
            where = self.viewport().rect().adjusted(16, 40, -16, -16)
            painter.drawText(where, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self.empty_text)
            painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl, the wheel makes tiles larger and smaller."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.resize_tiles(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters review; names are looked for in the filter."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that move are the grid's; letters, digits and the space bar go to the page around it."""
        told = event.text() == " " or event.text().isalnum()
        if told and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def choose(self, row: int) -> None:
        """Make the photo in `row` the current one, and alone selected, and bring it into view."""
        model = self.model()
        if model is not None and 0 <= row < model.rowCount():
            # The first one stands at the top; queries for its place would lay out all 100,000 at once.
            self.setAutoScroll(row > 0)
            # Not the view's own method: that one toggles or extends the selection while Ctrl or Shift is held.
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(model.index(row, 0), flags)
            self.setAutoScroll(True)
            if row == 0:
                self.verticalScrollBar().setValue(0)
