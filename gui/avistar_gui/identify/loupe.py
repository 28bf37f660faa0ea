"""The chosen photo as large as the window, with its neighbours below and its answer over it. Decides nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from avistar.records import Record
from avistar.standing import standing_of
from avistar_gui.identify.photo_grid import STATE_ICON, state_colour
from avistar_gui.identify.photo_model import Photo, PhotoList, Role
from avistar_gui.photo.pane import PhotoPane
from avistar_gui.texts import Names, certainty, fault_sentence, finding_name, review_sentence, verdict
from avistar_gui.widgets import icons, tiles
from avistar_gui.widgets.click_guard import ClickGuard
from avistar_gui.widgets.species_card import CARDS
from avistar_gui.widgets.theme import current, scaled
from avistar_gui.widgets.tiles import Index

STRIP = QSize(112, 84)
"""A tile of the filmstrip, in logical px."""

PLATE_WIDTH = 300
MARGIN = 14


class Filmstrip(QListView):
    """The photos in one row; `left` on Escape. Keys that review go to the page around it."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(tiles.BATCH)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setItemDelegate(_StripPainter(self))
        self.setFixedHeight(STRIP.height() + 8)

    def event(self, event: QEvent) -> bool:
        """Escape is for the loupe before it is for the run."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move; up and down do so, too."""
        step = {Qt.Key.Key_Up: Qt.Key.Key_Left, Qt.Key.Key_Down: Qt.Key.Key_Right}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif step is not None:
            super().keyPressEvent(QKeyEvent(event.type(), step, event.modifiers()))
        elif event.text().strip() == "" and event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def keyboardSearch(self, search: str) -> None:
        """Letters review."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel goes along the row."""
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - event.angleDelta().y() - event.angleDelta().x())
        event.accept()


class _StripPainter(QStyledItemDelegate):
    """Paints a small picture, and the sign of what is known of it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return STRIP

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        photo = index.data(Role.PHOTO)
        if not isinstance(photo, Photo):
            return
        tokens = current()
        picture = option.rect.adjusted(5, 5, -5, -5)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        thumbnail = index.data(Qt.ItemDataRole.DecorationRole)
        tiles.paint_picture(painter, picture, thumbnail, "warning" if photo.state == "failed" else "photos")
        tiles.paint_frame(painter, picture, option.state & ~QStyle.StateFlag.State_HasFocus)
        spot = QRectF(picture.right() - 23, picture.bottom() - 23, 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.surface))
        painter.drawEllipse(spot)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inner = spot.adjusted(3, 3, -3, -3)
        icons.draw(painter, STATE_ICON[photo.state], inner, state_colour(photo.state, tokens))
        painter.restore()


class AnswerPlate(QWidget):
    """What is said of the photo, on a plate over it: a headline and the likeliest species with their keys."""

    accepted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._headline, self._reason = "", ""
        self._cards: list[tuple[str, str]] = []
        self._under = -1
        self.setMouseTracking(True)
        self._guard = ClickGuard(self, [self])

    @property
    def lines(self) -> list[str]:
        """Everything that it says, line by line."""
        return [self._headline, *(" ".join(part for part in card if part) for card in self._cards)]

    def show_record(self, record: Record | None, names: Names | None) -> None:
        """Say what is known of a medium."""
        self._headline, self._reason = headline(record, names)
        answer = record.identification if record is not None else None
        stranger = answer is not None and answer.decision is not None and answer.decision.kind == "unknown"
        self._cards = [
            (
                finding_name(one.species.id, names),
                "" if stranger else certainty(one.confidence),
            )
            for one in (answer.top(CARDS) if answer is not None else ())
        ]
        self._guard.restart()
        self.setAccessibleName(". ".join(self.lines))
        self.setVisible(record is not None)
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(PLATE_WIDTH, round(self._words) + 20 + len(self._cards) * (line + 10))

    @property
    def _words(self) -> float:
        """Height of what stands above the cards: the headline, and the reason in one line or two."""
        small = QFontMetricsF(scaled(self.font(), 0.88))
        lines = 2 if small.horizontalAdvance(self._reason) > PLATE_WIDTH - 2 * MARGIN else 1
        return self.fontMetrics().height() * 1.7 + small.height() * lines

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(tokens.surface)
        ground.setAlphaF(0.93)
        painter.setPen(QPen(QColor(tokens.border), 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 12, 12)
        line, width = self.fontMetrics().height(), self.width() - 28
        elided, right = Qt.TextElideMode.ElideRight, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(scaled(self.font(), 1.25, bold=True))
        painter.setPen(QColor(tokens.text))
        top = QRectF(14, 8, width, line * 1.5)
        painter.drawText(
            top, Qt.AlignmentFlag.AlignVCenter, painter.fontMetrics().elidedText(self._headline, elided, width)
        )
        painter.setFont(scaled(self.font(), 0.88))
        painter.setPen(QColor(tokens.muted))
        below = QRectF(14, top.bottom(), width, self._words - line * 1.5)
        painter.drawText(below, Qt.TextFlag.TextWordWrap, self._reason)
        for rank, (name, sure) in enumerate(self._cards):
            where = self._card(rank)
            if rank == self._under:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.accent_soft))
                painter.drawRoundedRect(where.adjusted(-7, 0, 7, 0), 7, 7)
            painter.setFont(scaled(self.font(), 0.9))
            painter.setPen(QColor(tokens.muted))
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, str(rank + 1))
            painter.drawText(where, right, sure)
            room = where.width() - 24 - painter.fontMetrics().horizontalAdvance(sure) - 8
            painter.setFont(self.font())
            painter.setPen(QColor(tokens.text if sure else tokens.muted))
            short = painter.fontMetrics().elidedText(name, elided, round(room))
            painter.drawText(where.adjusted(20, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, short)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the species under the mouse."""
        self._mark(self._rank_at(event))

    def leaveEvent(self, event: QEvent) -> None:
        self._mark(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a species accepts it."""
        rank = self._rank_at(event)
        if rank >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.accepted.emit(rank)
        event.accept()

    def _mark(self, rank: int) -> None:
        if rank != self._under:
            self._under = rank
            self.update()

    def _rank_at(self, event: QMouseEvent) -> int:
        places = [self._card(rank).contains(event.position()) for rank in range(len(self._cards))]
        return places.index(True) if True in places else -1

    def _card(self, rank: int) -> QRectF:
        line = self.fontMetrics().height()
        return QRectF(14, self._words + 12 + rank * (line + 10), self.width() - 28, line + 8)


def headline(record: Record | None, names: Names | None) -> tuple[str, str]:
    """What counts for a medium in a few words, and why."""
    if record is None:
        return "", ""
    if record.failure is not None:
        return finding_name("unknown"), fault_sentence(record.failure.fault)
    said = " + ".join(dict.fromkeys(finding_name(one.what, names) for one in standing_of(record)))
    if record.review is not None:
        return said, review_sentence(record.review)
    if record.identification is not None and names is not None and record.identification.decision is not None:
        told = verdict(record.identification, names)
        return said or told.headline, told.reason
    return said, ""


class Loupe(QWidget):
    """Takes the place of grid and panels and borrows the photo's pane; says `left` when it wants to close."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.strip, self.plate = Filmstrip(), AnswerPlate(self)
        self._pane: PhotoPane | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 6, 12, 6)
        self._column.setSpacing(4)
        self._column.addWidget(self.strip)
        self.strip.left.connect(self.left)

    @property
    def is_open(self) -> bool:
        """Whether the photo is shown in it."""
        return self._pane is not None

    def open(self, pane: PhotoPane, photos: PhotoList, chosen: QItemSelectionModel) -> None:
        """Show `pane`, and the photos of the grid whose choice is `chosen`."""
        self._pane = pane
        self._column.insertWidget(0, pane, 1)
        self.strip.setModel(photos)
        self.strip.setSelectionModel(chosen)
        pane.show()
        self.plate.raise_()
        pane.installEventFilter(self)
        self.strip.scrollTo(chosen.currentIndex(), QListView.ScrollHint.PositionAtCenter)

    def release(self) -> None:
        """Let go of the pane, which goes back to its place."""
        pane, self._pane = self._pane, None
        if pane is not None:
            pane.removeEventFilter(self)
            self._column.removeWidget(pane)
        self.strip.setModel(None)

    def show_record(self, record: Record | None, names: Names | None) -> None:
        """Say what is known of the photo."""
        self.plate.show_record(record, names)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """The plate stays in the photo's corner."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return False

    def _place(self) -> None:
        if self._pane is not None:
            view = self._pane.view
            corner = view.mapTo(self, view.rect().bottomLeft())
            self.plate.move(corner.x() + MARGIN, corner.y() - self.plate.height() - MARGIN)
