"""Photos whose answer a lesson changes, as tiles: what was said before, and what is said now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem

from avistar.adaptation.gate import ChangedPhoto
from avistar.files import printable
from avistar_gui.teach import texts
from avistar_gui.texts import Names
from avistar_gui.widgets.theme import current, scaled
from avistar_gui.widgets.tiles import TileDelegate, paint_line

Index = QModelIndex | QPersistentModelIndex
THUMBNAIL = Qt.ItemDataRole.UserRole + 1
ANSWERS = Qt.ItemDataRole.UserRole + 2
PATH = Qt.ItemDataRole.UserRole + 3


class ChangedPhotos(QAbstractListModel):
    """The photos that a lesson answers otherwise; `thumbnail` gives a picture or None while it is fetched."""

    def __init__(self, thumbnail: Callable[[str], QPixmap | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._photos: Sequence[ChangedPhoto] = ()
        self._names = Names({}, {})

    def show_photos(self, photos: Sequence[ChangedPhoto], names: Names) -> None:
        """Show these."""
        self.beginResetModel()
        self._photos, self._names = list(photos), names
        self.endResetModel()

    def refresh(self, paths: Sequence[str]) -> None:
        """Thumbnails have come."""
        fresh = set(paths)
        for row, photo in enumerate(self._photos):
            if photo.path in fresh:
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._photos)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the photo shows, `ANSWERS` before and now, `THUMBNAIL`, `PATH`."""
        if not index.isValid() or index.row() >= len(self._photos):
            return None
        photo = self._photos[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return texts.species_name(photo.species, self._names)
        if role == ANSWERS:
            return texts.answers(photo, self._names)
        if role == THUMBNAIL:
            return self._thumbnail(photo.path)
        if role == PATH:
            return photo.path
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{texts.answers(photo, self._names)}\n{printable(photo.path)}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{texts.species_name(photo.species, self._names)}: {texts.answers(photo, self._names)}"
        return None


class ChangedPhotoPainter(TileDelegate):
    """Paints the picture, what it shows, and both answers."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = current()
        _, name, answers = self.areas(option)
        painter.save()
        self.paint_tile(painter, option, index.data(THUMBNAIL), "photos")
        painter.setPen(QColor(tokens.text))
        painter.setFont(scaled(option.font, 1.0, bold=True))
        paint_line(painter, name, index.data(Qt.ItemDataRole.DisplayRole), Qt.TextElideMode.ElideRight)
        painter.setPen(QColor(tokens.muted))
        painter.setFont(scaled(option.font, 0.92))
        paint_line(painter, answers, index.data(ANSWERS), Qt.TextElideMode.ElideRight)
        painter.restore()
