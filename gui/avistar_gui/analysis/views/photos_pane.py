"""The lower right: the chosen photos, what they have in common, and where they lie.

The chosen photos of a study as a list of tiles: what they are and what they were called.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from avistar.files import printable
from avistar_gui.analysis import texts
from avistar_gui.analysis.data.comparison import Comparison
from avistar_gui.analysis.data.study import Rows, Study
from avistar_gui.texts import percent
from avistar_gui.widgets import icons, tiles
from avistar_gui.widgets.theme import current, scaled, set_font
from avistar_gui.widgets.tiles import Index


class PhotosPane(QWidget):
    """Tiles under a heading; `locate_wanted` when the photos have to be found."""

    locate_wanted = Signal()
    errors_wanted = Signal()
    hits_wanted = Signal()
    clear_wanted = Signal()

    def __init__(self, model: JudgedPhotos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading, self.number = QLabel(), QLabel()
        set_font(self.heading, 1.1, bold=True)
        self.heading.setWordWrap(True)
        self.number.setProperty("muted", True)
        self.errors, self.hits, self.clear = QToolButton(), QToolButton(), QToolButton()
        self.tiles = PhotoTiles(model)
        self.missing, self.missing_text, self.locate = QFrame(), QLabel(), QPushButton()
        self.missing.setProperty("card", True)
        self.missing_text.setWordWrap(True)
        self._arrange()
        self.errors.clicked.connect(self.errors_wanted)
        self.hits.clicked.connect(self.hits_wanted)
        self.clear.clicked.connect(self.clear_wanted)
        self.locate.clicked.connect(self.locate_wanted)
        self.retranslate()

    def say(self, heading: str, number: str, *, clearable: bool) -> None:
        """Say what is listed."""
        self.heading.setText(heading)
        self.number.setText(number)
        self.clear.setEnabled(clearable)

    def show_missing(self, text: str) -> None:
        """Say that photos are not here; "" where they are."""
        self.missing.setVisible(bool(text))
        self.missing_text.setText(text)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language, draw everything in the theme of the moment."""
        tokens = current()
        self.errors.setText(self.tr("All errors"))
        self.errors.setIcon(icons.icon("wrong", tokens.error))
        self.hits.setText(self.tr("All correct"))
        self.hits.setIcon(icons.icon("species", tokens.accent))
        self.clear.setToolTip(self.tr("Choose nothing: show all photos again"))
        self.clear.setAccessibleName(self.clear.toolTip())
        self.clear.setIcon(icons.icon("close", tokens.text, tokens.strong_border))
        self.locate.setText(self.tr("Locate photos…"))
        self.tiles.setAccessibleName(self.tr("The chosen photos"))

    def _arrange(self) -> None:
        for button in (self.errors, self.hits, self.clear):
            button.setProperty("quiet", True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.clear.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        top = QHBoxLayout()
        top.setSpacing(2)
        titles = QVBoxLayout()
        titles.setSpacing(1)
        titles.addWidget(self.heading)
        titles.addWidget(self.number)
        top.addLayout(titles, 1)
        for button in (self.errors, self.hits, self.clear):
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        card = QHBoxLayout(self.missing)
        card.setContentsMargins(14, 10, 10, 10)
        card.setSpacing(10)
        card.addWidget(self.missing_text, 1)
        card.addWidget(self.locate)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self.missing)
        layout.addWidget(self.tiles, 1)


LEAST_TILE = 132


class JudgedRole(IntEnum):
    """What the list tells of a photo: its row in the study, whether it was right, its confidence."""

    ROW = Qt.ItemDataRole.UserRole + 1
    RIGHT = Qt.ItemDataRole.UserRole + 2
    CONFIDENCE = Qt.ItemDataRole.UserRole + 3


class JudgedPhotos(QAbstractListModel):
    """Rows of a study; `thumbnail` gives the picture of one of its rows, or None."""

    def __init__(self, thumbnail: Callable[[Study, int], QPixmap | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnail = thumbnail
        self._study: Study | None = None
        self._comparison: Comparison | None = None
        self._rows: Rows = np.zeros(0, np.int64)

    def show_rows(self, study: Study | None, rows: Rows | None) -> None:
        """List `rows` of `study`."""
        self.beginResetModel()
        if study is not self._study:
            self._comparison = None
        self._study = study
        self._rows = np.zeros(0, np.int64) if study is None or rows is None else rows
        self.endResetModel()

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Also say what a second one answered; None for none."""
        self._comparison = comparison
        self.refresh()

    @property
    def study(self) -> Study | None:
        """The study that they are rows of."""
        return self._study

    def rows(self) -> list[int]:
        """The rows listed."""
        rows: list[int] = self._rows.tolist()
        return rows

    def refresh(self) -> None:
        """Thumbnails arrived, or the language changed."""
        if len(self._rows):
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Caption, thumbnail, tool tip, or one of `JudgedRole`."""
        study = self._study
        if study is None or not index.isValid() or index.row() >= len(self._rows):
            return None
        row = int(self._rows[index.row()])
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return texts.photo_caption(study, row)
            case Qt.ItemDataRole.DecorationRole:
                return self._thumbnail(study, row)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(study, row)
            case JudgedRole.ROW:
                return row
            case JudgedRole.RIGHT:
                return bool(study.right[row])
            case JudgedRole.CONFIDENCE:
                return float(study.confidence[row])
        return None

    def _sentence(self, study: Study, row: int) -> str:
        lines = [f"{texts.photo_caption(study, row)}, {texts.share(float(study.confidence[row]))}"]
        if self._comparison is not None:
            lines.append(texts.second_answer(study, self._comparison, row))
        return "\n".join((*filter(None, lines), printable(study.files[row])))


class JudgedPainter(tiles.TileDelegate):
    """Paints a tile: photo, right or wrong, what it is and was called, how sure."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = current()
        right = index.data(JudgedRole.RIGHT)
        _, caption, below = self.areas(option)
        painter.save()
        self.paint_tile(painter, option, index.data(Qt.ItemDataRole.DecorationRole), "photos")
        beside = tiles.paint_symbol(
            painter, caption, "species" if right else "wrong", tokens.accent if right else tokens.error
        )
        true, _, called = str(index.data()).partition(" → ")
        painter.setFont(scaled(option.font, 0.92, bold=True))
        painter.setPen(QColor(tokens.text))
        tiles.paint_line(painter, beside, called or true, Qt.TextElideMode.ElideRight)
        painter.setFont(scaled(option.font, 0.86))
        painter.setPen(QColor(tokens.muted))
        sure = percent(index.data(JudgedRole.CONFIDENCE))
        text = f"{sure} · {texts.truly(true)}" if called else sure
        tiles.paint_line(
            painter, below.adjusted(beside.left() - below.left(), 0, 0, 0), text, Qt.TextElideMode.ElideRight
        )
        painter.restore()


class PhotoTiles(tiles.TileGrid):
    """The photos as tiles; `opened` (a row of the study) when one is wanted large."""

    opened = Signal(int)
    current_row = Signal(int)

    def __init__(self, model: JudgedPhotos, parent: QWidget | None = None) -> None:
        super().__init__(LEAST_TILE, parent)
        self.setItemDelegate(JudgedPainter(self))
        self.setModel(model)
        self.activated.connect(lambda index: self.opened.emit(index.data(JudgedRole.ROW)))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which photo is under the cursor, -1 for none."""
        super().currentChanged(current, previous)
        self.current_row.emit(current.data(JudgedRole.ROW) if current.isValid() else -1)
