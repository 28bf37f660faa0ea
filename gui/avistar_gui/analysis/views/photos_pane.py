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
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QStyledItemDelegate,
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
        """Follow language and theme."""
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


Index = QModelIndex | QPersistentModelIndex

GAP = 6

LEAST_TILE = 132

BATCH = 500


class Role(IntEnum):
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
        """Number of photos listed."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Caption, thumbnail, tool tip, or one of `Role`."""
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
            case Role.ROW:
                return row
            case Role.RIGHT:
                return bool(study.right[row])
            case Role.CONFIDENCE:
                return float(study.confidence[row])
        return None

    def _sentence(self, study: Study, row: int) -> str:
        lines = [f"{texts.photo_caption(study, row)}, {texts.share(float(study.confidence[row]))}"]
        if self._comparison is not None:
            lines.append(texts.second_answer(study, self._comparison, row))
        return "\n".join((*filter(None, lines), printable(study.files[row])))


class JudgedPainter(QStyledItemDelegate):
    """Paints a tile: photo, right or wrong, what it is and was called, how sure."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one tile."""
        tokens = current()
        right = index.data(Role.RIGHT)
        tile = option.rect.adjusted(GAP, GAP, -GAP, -GAP)
        lines = QFontMetrics(option.font).height()
        picture = QRect(tile.left(), tile.top(), tile.width(), tile.height() - 2 * lines - 8)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        tiles.paint_picture(painter, picture, index.data(Qt.ItemDataRole.DecorationRole), "photos")
        tiles.paint_frame(painter, picture, option.state)
        caption = QRect(tile.left() + 2, picture.bottom() + 6, tile.width() - 4, lines)
        side = lines * 0.86
        spot = QRectF(caption.left(), caption.center().y() - side / 2 + 1, side, side)
        icons.draw(painter, "species" if right else "wrong", spot, tokens.accent if right else tokens.error)
        words_at = caption.adjusted(round(side) + 6, 0, 0, 0)
        true, _, called = str(index.data()).partition(" → ")
        painter.setFont(scaled(option.font, 0.92, bold=True))
        painter.setPen(QColor(tokens.text))
        self._line(painter, words_at, called or true)
        painter.setFont(scaled(option.font, 0.86))
        painter.setPen(QColor(tokens.muted))
        said = percent(index.data(Role.CONFIDENCE))
        below = f"{said} · {texts.truly(true)}" if called else said
        self._line(painter, words_at.translated(0, lines + 1), below)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """The view's grid size: every tile is alike."""
        view = self.parent()
        return view.gridSize() if isinstance(view, QListView) else super().sizeHint(option, index)

    def _line(self, painter: QPainter, where: QRect, text: str) -> None:
        short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, short)


class PhotoTiles(QListView):
    """Tiles in as many columns as fit; `opened` (a row of the study) when one is wanted large."""

    opened = Signal(int)
    current_row = Signal(int)

    def __init__(self, model: JudgedPhotos, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)
        self.setItemDelegate(JudgedPainter(self))
        self.setModel(model)
        self.setMinimumWidth(LEAST_TILE + 30)
        self.activated.connect(lambda index: self.opened.emit(index.data(Role.ROW)))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which photo is under the cursor, -1 for none."""
        super().currentChanged(current, previous)
        self.current_row.emit(current.data(Role.ROW) if current.isValid() else -1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns."""
        width = self.viewport().width() - 2
        tile = width // max(1, width // LEAST_TILE)
        height = round((tile - 2 * GAP) * 0.75) + 2 * GAP + 8 + 2 * QFontMetrics(self.font()).height()
        self.setGridSize(QSize(tile, height))
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Other words in another language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.viewport().update()
