"""The photos as rows: a list model for any view. Decides nothing, decodes nothing, runs nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from avistar import Identification
from avistar.images import printable
from avistar_gui.wording import photo_sentence

Index = QModelIndex | QPersistentModelIndex
State = Literal["waiting", "species", "group", "unknown", "failed"]


class Role(IntEnum):
    """What a view may ask for beyond Qt's own roles."""

    PHOTO = Qt.ItemDataRole.UserRole + 1
    PATH = Qt.ItemDataRole.UserRole + 2


@dataclass(slots=True)
class Photo:
    """One row: a path as the system gave it, and the answer once there is one."""

    path: str
    identification: Identification | None = None

    @property
    def name(self) -> str:
        """The file's name, fit for a screen."""
        return printable(os.path.basename(self.path))  # noqa: PTH119 - undecodable bytes stay as they are

    @property
    def state(self) -> State:
        """What is known of it."""
        if self.identification is None:
            return "waiting"
        if self.identification.failure is not None or self.identification.decision is None:
            return "failed"
        return self.identification.decision.kind


class PhotoList(QAbstractListModel):
    """Photos in the order in which they were found, each path once.

    `thumbnail` gives the pixmap of a path, or None while there is none.
    """

    def __init__(self, thumbnail: Callable[[str], QPixmap | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._photos: list[Photo] = []
        self._rows: dict[str, int] = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of photos."""
        return 0 if parent.isValid() else len(self._photos)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, sentence, thumbnail, or the `Photo` itself."""
        if not index.isValid() or index.row() >= len(self._photos):
            return None
        photo = self._photos[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return photo.name
            case Qt.ItemDataRole.DecorationRole:
                return self._thumbnail(photo.path)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{printable(photo.path)}\n{photo_sentence(photo.identification)}"
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{photo.name}, {photo_sentence(photo.identification)}"
            case Role.PHOTO:
                return photo
            case Role.PATH:
                return photo.path
        return None

    def add(self, paths: Iterable[str]) -> None:
        """Append those of `paths` that are not there yet."""
        fresh = [path for path in dict.fromkeys(paths) if path not in self._rows]
        if not fresh:
            return
        first = len(self._photos)
        self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
        self._photos.extend(Photo(path) for path in fresh)
        self._rows.update({path: first + offset for offset, path in enumerate(fresh)})
        self.endInsertRows()

    def show(self, answers: Sequence[tuple[str, Identification | None]]) -> None:
        """Set the answers of these paths; None makes a photo wait again. Paths that left are passed over."""
        rows = []
        for path, identification in answers:
            row = self._rows.get(path)
            if row is not None:
                self._photos[row].identification = identification
                rows.append(row)
        self._announce(rows, [])

    def refresh(self, paths: Iterable[str]) -> None:
        """Their thumbnails changed."""
        self._announce([self._rows[p] for p in paths if p in self._rows], [Qt.ItemDataRole.DecorationRole])

    def clear(self) -> None:
        """Take every photo off."""
        self.beginResetModel()
        self._photos.clear()
        self._rows.clear()
        self.endResetModel()

    def photo(self, row: int) -> Photo | None:
        """The photo in `row`, None outside."""
        return self._photos[row] if 0 <= row < len(self._photos) else None

    def row_of(self, path: str) -> int:
        """The row of `path`, -1 where there is none."""
        return self._rows.get(path, -1)

    def _announce(self, rows: list[int], roles: list[int]) -> None:
        """One signal for each run of neighbouring rows."""
        rows.sort()
        start = 0
        for position in range(1, len(rows) + 1):
            if position == len(rows) or rows[position] > rows[position - 1] + 1:
                self.dataChanged.emit(self.index(rows[start]), self.index(rows[position - 1]), roles)
                start = position
