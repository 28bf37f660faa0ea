"""The confusion matrix, painted: what was called what, with a crosshair, by mouse and by keyboard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from avistar_gui.analysis.data.study import Counts, Mode, shares
from avistar_gui.widgets.paint import blend
from avistar_gui.widgets.theme import Tokens, current, scaled

LEAST_CELL = 9
LEAST_NUMBER = 13
"""Below this cell size in px numbers can't be read and are left out: the sentence under the matrix has them."""

MOST_WHOLE = 60
"""Species up to which all of the matrix is painted; of more, as many as can be read, and the rest is scrolled to."""

SCROLLED_CELL, SCROLLED_LABELS = 18, 150
"""Size of a cell and room for names, in px, where the matrix is scrolled."""

GAP = 8
Cell = tuple[int, int]
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True, slots=True, eq=False)
class MatrixFacts:
    """What is painted: `counts` [true, called] in the study's order, the `order` of rows and columns, `names`."""

    counts: Counts
    order: tuple[int, ...]
    names: tuple[str, ...]
    mode: Mode = "counts"


@dataclass(frozen=True, slots=True)
class _Place:
    """`rows` and `columns` are painted, from the matrix' `row` and `column` on."""

    left: int
    top: int
    cell: int
    rows: int
    columns: int
    row: int = 0
    column: int = 0

    def rect(self, row: int, column: int) -> QRectF:
        """Where a cell of the matrix is painted; nowhere while it is scrolled away."""
        down, right = row - self.row, column - self.column
        if not (0 <= down < self.rows and 0 <= right < self.columns):
            return QRectF()
        return QRectF(self.left + right * self.cell, self.top + down * self.cell, self.cell, self.cell)


class MatrixView(QWidget):
    """Says what is `pointed` at (species indices, -1 for none) and which cell, row or column is wanted."""

    pointed = Signal(int, int)
    cell_wanted = Signal(int, int)
    row_wanted = Signal(int)
    column_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: MatrixFacts | None = None
        self._marked: set[Cell] = set()
        self._base: QPixmap | None = None
        self._laid: _Place | None = None
        self._hover: Cell | None = None
        self._cursor: Cell = (0, 0)
        self._origin: Cell = (0, 0)
        self._values = np.zeros((0, 0))
        self._most, self._most_wrong = 1.0, 1.0
        self._keyed = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(360, 340)

    def sizeHint(self) -> QSize:
        """Room for some 30 species with numbers."""
        return QSize(660, 620)

    def show_facts(self, facts: MatrixFacts | None) -> None:
        """Paint `facts`; None leaves it empty."""
        before = len(self._facts.order) if self._facts is not None else 0
        self._facts = facts
        self._hover = None
        if facts is not None:
            values = self._values = shares(facts.counts, facts.mode)[np.ix_(facts.order, facts.order)]
            self._most, self._most_wrong = values.max(initial=0.0) or 1.0, 1.0
            if facts.mode == "counts":
                wrong = ~np.eye(len(values), dtype=bool)
                self._most_wrong = values.max(initial=0.0, where=wrong) or 1.0
            if len(facts.order) != before:
                self._origin = self._cursor = (0, 0)
        self._repaint()

    @property
    def scrolls(self) -> bool:
        """Whether there is more than can be painted at once."""
        return self._facts is not None and len(self._facts.order) > MOST_WHOLE

    def go_to(self, species: int) -> None:
        """Scroll to the cell of `species` (its index in the study) on the diagonal, and mark it."""
        if self._facts is not None and species in self._facts.order:
            at = self._facts.order.index(species)
            self._cursor, self._keyed = (at, at), True
            if (place := self._place()) is not None:  # in the middle, among its relatives
                self._scroll(at - place.rows // 2, at - place.columns // 2)
            self._point(self._cursor)
            self.setFocus()

    def mark(self, cells: set[Cell]) -> None:
        """Outline these cells (true, called), in the study's indices."""
        self._marked = cells
        self.update()

    def cell_at(self, point: QPointF) -> Cell | None:
        """Row and column at `point` as painted; -1 stands for the labels; None outside."""
        place = self._place()
        if place is None:
            return None
        row = int((point.y() - place.top) // place.cell) if point.y() >= place.top else -1
        column = int((point.x() - place.left) // place.cell) if point.x() >= place.left else -1
        if row >= place.rows or column >= place.columns or (row < 0 and column < 0):
            return None
        return row + place.row if row >= 0 else -1, column + place.column if column >= 0 else -1

    def rect_of(self, true: int, called: int) -> QRectF:
        """Where the cell of these species is painted."""
        place, facts = self._place(), self._facts
        if place is None or facts is None:
            return QRectF()
        return place.rect(facts.order.index(true), facts.order.index(called))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._repaint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._repaint()
        super().resizeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow with the crosshair."""
        self._keyed = False
        self._point(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """No crosshair without a mouse."""
        self._point(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell, row or column under the mouse."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._cursor = (max(cell[0], 0), max(cell[1], 0))
            self._want(cell)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Shift, or a wheel that goes sideways, to other columns."""
        if not self.scrolls:
            super().wheelEvent(event)
            return
        across, down = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            across, down = across or down, 0
        row, column = self._origin
        self._scroll(row - round(down / 40), column - round(across / 40))
        self._point(self.cell_at(event.position()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, Enter takes the cell, R its row, C its column."""
        facts, key = self._facts, Qt.Key(event.key())
        if facts is None:
            return
        side, self._keyed = len(facts.order), True
        if key in _MOVES:
            down, right = _MOVES[key]
            row, column = self._cursor
            step = self._page() if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
            row, column = row + step * down, column + step * right
            self._cursor = (min(max(row, 0), side - 1), min(max(column, 0), side - 1))
            self._scroll_to(*self._cursor)
            self._point(self._cursor)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._want(self._cursor)
        elif key == Qt.Key.Key_R:
            self._want((self._cursor[0], -1))
        elif key == Qt.Key.Key_C:
            self._want((-1, self._cursor[1]))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the kept picture, and on it what moves."""
        place, facts = self._place(), self._facts
        if place is None or facts is None:
            return
        if self._base is None:
            self._base = self._painted(place, facts)
        tokens = current()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._base)
        for true, called in self._marked:
            painter.setPen(QPen(QColor(tokens.text), 2))
            painter.drawRect(place.rect(facts.order.index(true), facts.order.index(called)).adjusted(1, 1, -1, -1))
        spot = self._hover or (self._cursor if self.hasFocus() and self._keyed else None)
        if spot is not None:
            self._paint_crosshair(painter, place, spot, tokens)
        painter.end()

    def _paint_crosshair(self, painter: QPainter, place: _Place, spot: Cell, tokens: Tokens) -> None:
        row, column = spot
        veil = QColor(tokens.text)
        veil.setAlpha(22)
        width, height = place.cell * place.columns, place.cell * place.rows
        down, right = row - place.row, column - place.column
        if row >= 0 and 0 <= down < place.rows:
            painter.fillRect(QRectF(0, place.top + down * place.cell, place.left + width, place.cell), veil)
        if column >= 0 and 0 <= right < place.columns:
            painter.fillRect(QRectF(place.left + right * place.cell, 0, place.cell, place.top + height), veil)
        if not place.rect(row, column).isNull():
            painter.setPen(QPen(QColor(tokens.text), 2))
            painter.drawRect(place.rect(row, column).adjusted(1, 1, -1, -1))

    def _painted(self, place: _Place, facts: MatrixFacts) -> QPixmap:
        ratio, tokens = self.devicePixelRatioF(), current()
        base = QPixmap(self.size() * ratio)
        base.setDevicePixelRatio(ratio)
        base.fill(Qt.GlobalColor.transparent)
        painter = QPainter(base)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        self._paint_labels(painter, place, facts, tokens)
        self._paint_cells(painter, place, facts, tokens)
        painter.end()
        return base

    def _paint_labels(self, painter: QPainter, place: _Place, facts: MatrixFacts, tokens: Tokens) -> None:
        painter.setFont(self._label_font(place.cell))
        painter.setPen(QColor(tokens.text))
        metrics = painter.fontMetrics()
        for at, species in enumerate(facts.order[place.row : place.row + place.rows]):
            name = metrics.elidedText(facts.names[species], Qt.TextElideMode.ElideRight, place.left - GAP)
            row = QRectF(0, place.top + at * place.cell, place.left - GAP, place.cell)
            painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name)
        for at, species in enumerate(facts.order[place.column : place.column + place.columns]):
            name = metrics.elidedText(facts.names[species], Qt.TextElideMode.ElideRight, place.top - GAP)
            painter.save()
            painter.translate(place.left + at * place.cell, place.top - GAP)
            painter.rotate(-90)
            column = QRectF(0, 0, place.top - GAP, place.cell)
            painter.drawText(column, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            painter.restore()

    def _paint_cells(self, painter: QPainter, place: _Place, facts: MatrixFacts, tokens: Tokens) -> None:
        values = self._values
        font = QFont(self.font())
        font.setPixelSize(max(7, round(place.cell * 0.52)))
        painter.setFont(font)
        for row in range(place.row, place.row + place.rows):
            for column in range(place.column, place.column + place.columns):
                value, right = values[row, column], row == column
                # Square roots: one error among forty has to be seen.
                strength = (value / (self._most if right else self._most_wrong)) ** 0.5 if value else 0.0
                inner = place.rect(row, column).adjusted(0.5, 0.5, -0.5, -0.5)
                high = tokens.accent if right else tokens.error
                painter.fillRect(inner, blend(tokens.raised if right else tokens.surface, high, strength))
                if value and place.cell >= LEAST_NUMBER:
                    painter.setPen(QColor(tokens.on_accent if strength > 0.55 else tokens.text))
                    text = f"{value:.0f}" if facts.mode == "counts" else f"{100 * value:.0f}"
                    painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, text)

    def _label_font(self, cell: int) -> QFont:
        font = scaled(self.font(), 0.86)
        if font.pointSizeF() * 1.6 > cell:
            font.setPixelSize(max(8, round(cell * 0.74)))
        return font

    def _place(self) -> _Place | None:
        """Where everything lies; kept until size, font or facts change."""
        facts = self._facts
        if self._laid is None and self.scrolls and facts is not None:
            self._laid = self._window(len(facts.order))
        elif self._laid is None and facts is not None and facts.order:
            side, room, cell = len(facts.order), min(self.width(), self.height()), LEAST_CELL
            # The labels' size follows the cells', and takes from their room.
            while self._label_room(facts, cell + 1) + side * (cell + 1) <= room:
                cell += 1
            label = self._label_room(facts, cell)
            self._laid = _Place(label, label, cell, side, side)
        return self._laid

    def _window(self, side: int) -> _Place:
        """As many cells as there is room for, from where the matrix is scrolled to."""
        columns = min(side, max(1, (self.width() - SCROLLED_LABELS) // SCROLLED_CELL))
        rows = min(side, max(1, (self.height() - SCROLLED_LABELS) // SCROLLED_CELL))
        row, column = (min(at, side - part) for at, part in zip(self._origin, (rows, columns), strict=True))
        return _Place(SCROLLED_LABELS, SCROLLED_LABELS, SCROLLED_CELL, rows, columns, row, column)

    def _page(self) -> int:
        place = self._place()
        return place.rows if place is not None else 1

    def _scroll(self, row: int, column: int) -> None:
        """Paint from `row` and `column` on, as far as there is something to."""
        place, side = self._place(), len(self._facts.order) if self._facts is not None else 0
        if place is not None and self.scrolls:
            self._origin = (min(max(row, 0), side - place.rows), min(max(column, 0), side - place.columns))
            self._repaint()

    def _scroll_to(self, row: int, column: int) -> None:
        """Scroll no more than it takes to see this cell."""
        place = self._place()
        if place is not None and place.rect(row, column).isNull():
            down = min(max(place.row, row - place.rows + 1), row)
            right = min(max(place.column, column - place.columns + 1), column)
            self._scroll(down, right)

    def _label_room(self, facts: MatrixFacts, cell: int) -> int:
        metrics = QFontMetrics(self._label_font(cell))
        return max(metrics.horizontalAdvance(name) for name in facts.names) + GAP + 3

    def _point(self, cell: Cell | None) -> None:
        if cell == self._hover:
            return
        self._hover = cell
        order = self._facts.order if self._facts is not None else ()
        true, called = cell if cell is not None else (-1, -1)
        self.pointed.emit(order[true] if true >= 0 else -1, order[called] if called >= 0 else -1)
        self.update()

    def _want(self, cell: Cell) -> None:
        order = self._facts.order if self._facts is not None else ()
        row, column = cell
        if row >= 0 and column >= 0:
            self.cell_wanted.emit(order[row], order[column])
        elif row >= 0:
            self.row_wanted.emit(order[row])
        else:
            self.column_wanted.emit(order[column])

    def _repaint(self) -> None:
        self._base = self._laid = None
        self.update()
