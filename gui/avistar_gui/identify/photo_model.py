"""The photos of a survey as rows: a list model that holds ids, and reads a page of the catalogue when it is seen."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from avistar.catalogue import Row
from avistar.files import printable
from avistar_gui.identify.texts import Numbers
from avistar_gui.texts import row_sentence

Index = QModelIndex | QPersistentModelIndex
State = Literal["waiting", "species", "group", "unknown", "failed", "reviewed"]
PAGE = 64
PAGES = 64
"""Pages of rows kept: enough for any screen, little memory whatever the survey's size."""

FEW = 4
"""Rows that are looked for one by one, in less time than an index of all of them takes."""


class Role(IntEnum):
    """What a view may ask for beyond Qt's own roles."""

    PHOTO = Qt.ItemDataRole.UserRole + 1
    PATH = Qt.ItemDataRole.UserRole + 2
    ID = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True, slots=True)
class Photo:
    """One row of the catalogue, as a view needs it."""

    row: Row

    @property
    def path(self) -> str:
        """Where the file is, as the system names it."""
        return self.row.path

    @property
    def name(self) -> str:
        """The file's name, fit for a screen."""
        return printable(os.path.basename(self.row.path))  # noqa: PTH119 - undecodable bytes stay as they are

    @property
    def burst(self) -> int:
        """How many photos its burst has; 0 for a photo by itself."""
        return self.row.burst if self.row.burst > 1 else 0

    @property
    def besides(self) -> str:
        """In words what its signs show: a burst, a video; "" for a single photo."""
        if self.row.kind == "video":
            return QCoreApplication.translate("Photo", "video")
        if self.burst:
            return Numbers().burst(self.burst)
        return ""

    @property
    def state(self) -> State:
        """What is known of it."""
        if self.row.verdict:
            return "reviewed"
        if self.row.state == "failed":
            return "failed"
        if self.row.state == "pending":
            return "waiting"
        known: dict[str, State] = {"species": "species", "group": "group"}
        return known.get(self.row.decision, "unknown")


class PhotoList(QAbstractListModel):
    """Media by id, in the order given. `rows` reads from the catalogue, `thumbnail` gives a path's pixmap or None."""

    def __init__(
        self,
        rows: Callable[[Sequence[int]], list[Row]],
        thumbnail: Callable[[str], QPixmap | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._read, self._thumbnail = rows, thumbnail
        self._ids: list[int] = []
        self._places: dict[int, int] | None = None  # made once many are asked for: it takes longer than a frame
        self._pages: OrderedDict[int, list[Row]] = OrderedDict()
        self._by_path: dict[str, int] = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, sentence, thumbnail, or the `Photo` itself."""
        if role == Role.ID and index.isValid() and index.row() < len(self._ids):
            return self._ids[index.row()]
        photo = self.photo(index.row()) if index.isValid() else None
        if photo is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return photo.name
            case Qt.ItemDataRole.DecorationRole:
                return self._thumbnail(photo.path)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(
                    part for part in (printable(photo.path), row_sentence(photo.row), photo.besides) if part
                )
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (photo.name, row_sentence(photo.row), photo.besides) if part)
            case Role.PHOTO:
                return photo
            case Role.PATH:
                return photo.path
        return None

    def show_ids(self, ids: Sequence[int]) -> None:
        """List these media, in place of those before; only what is new is told where the rest stays."""
        fresh = list(ids)
        if fresh == self._ids:
            return
        kept = len(self._ids)
        if kept and fresh[:kept] == self._ids:
            self.beginInsertRows(QModelIndex(), kept, len(fresh) - 1)
            self._forget_pages()
            self._ids = fresh
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._forget_pages()
            self._ids = fresh
            self.endResetModel()
        self._places = None

    def refresh_ids(self, ids: Iterable[int]) -> None:
        """What is known of these media changed."""
        rows = self.rows_of(list(ids))
        for row in rows:
            self._pages.pop(row // PAGE, None)
        self._announce(rows, [])

    def refresh_all(self) -> None:
        """Anything may be known of any of them by now."""
        self._forget_pages()
        self.retranslate()

    def refresh(self, paths: Iterable[str]) -> None:
        """Their thumbnails changed; those on pages that are no longer kept are not on the screen."""
        rows = self.rows_of([self._by_path[path] for path in paths if path in self._by_path])
        self._announce(rows, [Qt.ItemDataRole.DecorationRole])

    def retranslate(self) -> None:
        """The language changed."""
        if self._ids:
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))

    def photo(self, row: int) -> Photo | None:
        """The photo in `row`, None outside."""
        if not 0 <= row < len(self._ids):
            return None
        page = self._page(row // PAGE)
        at = row % PAGE
        return Photo(page[at]) if at < len(page) else None

    def id_at(self, row: int) -> int:
        """The id in `row`, -1 outside."""
        return self._ids[row] if 0 <= row < len(self._ids) else -1

    def row_of(self, id: int) -> int:
        """The row of a medium, -1 where it is not listed."""
        return next(iter(self.rows_of([id])), -1)

    def rows_of(self, ids: Sequence[int]) -> list[int]:
        """The rows of those media that are listed, in the order of `ids`; quick for many, too."""
        if self._places is None and len(ids) > FEW:
            self._places = dict(zip(self._ids, range(len(self._ids)), strict=True))
        if self._places is not None:
            return [row for id in ids if (row := self._places.get(id, -1)) >= 0]
        found = []
        for id in (one for one in ids if one >= 0):
            with suppress(ValueError):
                found.append(self._ids.index(id))
        return found

    def _page(self, number: int) -> list[Row]:
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = self._read(self._ids[number * PAGE : (number + 1) * PAGE])
            self._by_path.update({row.path: row.id for row in page})
            while len(self._pages) > PAGES:
                _, old = self._pages.popitem(last=False)
                for row in old:
                    self._by_path.pop(row.path, None)
        self._pages.move_to_end(number)
        return page

    def _forget_pages(self) -> None:
        self._pages.clear()
        self._by_path.clear()

    def _announce(self, rows: list[int], roles: list[int]) -> None:
        """One signal for each run of neighbouring rows."""
        rows.sort()
        start = 0
        for position in range(1, len(rows) + 1):
            if position == len(rows) or rows[position] > rows[position - 1] + 1:
                self.dataChanged.emit(self.index(rows[start]), self.index(rows[position - 1]), roles)
                start = position
