"""The chosen photo, large and whole. Shows what it is given; loads nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from avistar.boxes import Box
from avistar_gui.photo.box_overlay import BoxOverlay, LabelledBox
from avistar_gui.photo.heat_overlay import HeatOverlay
from avistar_gui.photo.tone import Levels, Tone, levels_of, toned
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current, scaled

RADIUS = 12.0
ZOOM_STEP = 1.25
ZOOM_MOST = 16.0
CLOSE = 4.0
"""How much larger a double-click shows a picture."""

SHARP = 1.15
"""Screen pixels for one of the picture's from which on more of them are asked for."""


class PhotoView(QWidget):
    """Paints one picture as large as it fits, a preview while it is on its way, or a sentence instead.

    The wheel zooms where the mouse is, a drag moves what is larger than the view, a double-click fits it again.
    `coarse` asks for the photo with all its pixels: it is shown larger than those that are there allow. With `opens`, a
    double-click on the whole photo says `opened` instead of looking closer.
    """

    zoomed = Signal()
    opened = Signal()
    looked = Signal()  # another part of the photo is seen
    coarse = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full: QPixmap | None = None
        self._image: QImage | None = None
        self._width = 0
        self._tone, self._levels = Tone(), Levels()
        self._overlay: HeatOverlay | None = None
        self._boxes: BoxOverlay | None = None
        self._sketch: Box | None = None
        self._preview: QPixmap | None = None
        self._message, self._sign = "", "warning"
        self._fitted: QPixmap | None = None
        self._zoom, self._shift = 1.0, QPointF()
        self._dragged: QPointF | None = None
        self.opens = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(260, 200)

    @property
    def has_photo(self) -> bool:
        """Whether the whole photo (not a preview) is shown."""
        return self._full is not None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown, not even a preview."""
        return self._full is None and self._preview is None and not self._message

    @property
    def message(self) -> str:
        """The sentence shown in place of a photo, "" where there is none."""
        return self._message

    def show_preview(self, preview: QPixmap | None) -> None:
        """Show a small picture, enlarged, until the photo comes; None shows an empty frame."""
        self._drop()
        self._preview = preview
        self.fit()

    def show_photo(self, image: QImage, width: int = 0) -> None:
        """Show the photo, whose file is `width` px wide (0: as many as the image)."""
        self._drop()
        self._take(image, width)
        self.fit()

    def sharpen(self, image: QImage) -> None:
        """Show the same photo with more pixels; what is seen of it stays."""
        if self._full is not None:
            self._take(image, self._width)
            self._refresh()

    def show_frame(self, image: QImage) -> None:
        """Show another frame of the video that is shown; what is seen of it stays."""
        self._take(image, image.width())
        self._boxes = None
        self._refresh()

    def show_message(self, message: str, sign: str = "warning") -> None:
        """Show a sentence under an icon in place of a photo."""
        self._drop()
        self._message, self._sign = message, sign
        self._refresh()

    def show_tone(self, tone: Tone) -> None:
        """Show photos lighter or darker from now on; nothing else sees them so."""
        if tone != self._tone:
            self._tone = tone
            self._measure()
            self._refresh()

    def show_overlay(self, overlay: HeatOverlay | None) -> None:
        """Lay a map over the photo, or none; it goes with the photo."""
        self._overlay = overlay
        self.update()

    @property
    def overlay(self) -> HeatOverlay | None:
        """The map that lies over the photo."""
        return self._overlay

    def show_boxes(self, boxes: BoxOverlay | None) -> None:
        """Draw boxes on the photo, or none; they go with the photo."""
        self._boxes = boxes
        self.update()

    @property
    def boxes(self) -> BoxOverlay | None:
        """The boxes that are drawn on the photo."""
        return self._boxes

    def show_sketch(self, box: Box | None) -> None:
        """Draw the box that is being drawn or moved, or none."""
        self._sketch = box
        self.update()

    @property
    def picture_area(self) -> QRectF:
        """Where the whole photo lies, in px of the view; empty where none is shown."""
        return QRectF(self._place(self._full.size())) if self._full is not None else QRectF()

    @property
    def zoom(self) -> float:
        """How much larger than fitted the picture is."""
        return self._zoom

    @property
    def scale(self) -> float:
        """Screen pixels for each pixel of the photo's file; 0 where no photo is shown."""
        if self._full is None:
            return 0.0
        return self._shown_size(self._full.size()).width() * self.devicePixelRatioF() / self._width

    @property
    def sight(self) -> tuple[float, float, float]:
        """What is seen: the zoom, and how far the photo is moved to the right and down, in parts of its fitted size."""
        fitted = self._fitted_size()
        return self._zoom, self._shift.x() / max(fitted.width(), 1), self._shift.y() / max(fitted.height(), 1)

    def see(self, sight: tuple[float, float, float]) -> None:
        """Look at what is `sight` in another view."""
        fitted = self._fitted_size()
        self._zoom, self._shift = sight[0], QPointF(sight[1] * fitted.width(), sight[2] * fitted.height())
        self._hold()
        self.zoomed.emit()

    def _fitted_size(self) -> QSize:
        size = self._full.size() if self._full is not None else self.size()
        return size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)

    def zoom_at(self, point: QPointF, factor: float, *, least: float = 1.0) -> None:
        """Zoom so that what lies at `point` stays there; to no less than `least` times the fitted size."""
        before = self._zoom
        self._zoom = min(max(before * factor, least), max(ZOOM_MOST, self._actual_zoom()))
        away = point - QPointF(self.width() / 2, self.height() / 2) - self._shift
        self._shift -= away * (self._zoom / before - 1)
        self._hold()
        self.zoomed.emit()

    def zoom_by(self, steps: int) -> None:
        """Zoom in (1) or out (-1) by a step, where the mouse is, else at the middle."""
        if self._full is not None:
            self.zoom_at(self._point(), ZOOM_STEP**steps)

    def actual(self) -> None:
        """One pixel of the photo's file for one of the screen, where the mouse is, else at the middle."""
        if self._full is not None:
            self.zoom_at(self._point(), self._actual_zoom() / self._zoom, least=0.0)

    def move_by(self, right: int, down: int) -> None:
        """Look further to the right or left, down or up, by a part of the view."""
        self._shift -= QPointF(right * self.width() / 6, down * self.height() / 6)
        self._hold()

    def fit(self) -> None:
        """The whole picture again."""
        self._zoom, self._shift = 1.0, QPointF()
        self._refresh()
        self.zoomed.emit()
        self.looked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the mouse is."""
        if self._full is not None:
            self.zoom_at(event.position(), ZOOM_STEP ** (event.angleDelta().y() / 120))
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragged = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is larger than the view."""
        if self._dragged is not None and self._zoom > 1:
            self._shift += event.position() - self._dragged
            self._dragged = event.position()
            self._hold()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit it again, or look closely where the mouse is."""
        if self._zoom > 1:
            self.fit()
        elif self.opens:
            self.opened.emit()
        elif self._full is not None:
            self.zoom_at(event.position(), CLOSE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is seen inside the view."""
        super().resizeEvent(event)
        self._hold()
        self.zoomed.emit()  # the same zoom is another size on the screen now

    def _drop(self) -> None:
        self._full, self._image, self._preview, self._message = None, None, None, ""
        self._overlay, self._boxes, self._sketch = None, None, None

    def _take(self, image: QImage, width: int) -> None:
        self._image, self._width = image, max(width, image.width(), 1)
        self._full = QPixmap.fromImage(image)
        self._measure()

    def _measure(self) -> None:
        if self._image is not None and self._tone.auto:
            self._levels = levels_of(self._image)

    def _point(self) -> QPointF:
        at = self.mapFromGlobal(QPointF(QCursor.pos()))
        return at if self.underMouse() and self.rect().contains(at.toPoint()) else QPointF(self.rect().center())

    def _actual_zoom(self) -> float:
        scale = self.scale
        return self._zoom / scale if scale > 0 else 1.0

    def _shown_size(self, size: QSize) -> QSize:
        return size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio) * self._zoom

    def _hold(self) -> None:
        """Keep the picture's edges at or outside the view's, where it is larger."""
        picture = self._full
        if picture is not None:
            fitted = self._shown_size(picture.size())
            far_x, far_y = max(0, fitted.width() - self.width()) / 2, max(0, fitted.height() - self.height()) / 2
            x, y = self._shift.x(), self._shift.y()
            self._shift = QPointF(min(max(x, -far_x), far_x), min(max(y, -far_y), far_y))
            shown = self._image.width() if self._image is not None else picture.width()
            if fitted.width() * self.devicePixelRatioF() > SHARP * shown and shown < self._width:
                self.coarse.emit()
        self._refresh()
        self.looked.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame, then the picture or the sentence."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.fillPath(shape, QColor(tokens.canvas))
        painter.setClipPath(shape)
        picture = self._full or self._preview
        if picture is not None:
            self._paint_picture(painter, picture)
            if self._overlay is not None and picture is self._full:
                self._overlay.paint(painter, QRectF(self._place(picture.size())))
            if self._boxes is not None and picture is self._full:
                self._boxes.paint(painter, QRectF(self._place(picture.size())))
            if self._sketch is not None and picture is self._full:
                BoxOverlay([LabelledBox(self._sketch, "", chosen=True)]).paint(painter, self.picture_area)
        elif self._message:
            colour = tokens.error if self._sign == "warning" else tokens.strong_border
            self._paint_message(painter, colour, tokens.muted)
        painter.end()

    def _paint_picture(self, painter: QPainter, picture: QPixmap) -> None:
        where = self._place(picture.size())
        if picture is not self._full or (self._zoom > 1 and self._tone.plain):
            painter.drawPixmap(where, picture)
            return
        visible = where.intersected(self.rect())
        if self._fitted is None:
            self._fitted = self._render(picture, where, visible)
        painter.drawPixmap(visible.topLeft(), self._fitted)

    def _render(self, picture: QPixmap, where: QRect, visible: QRect) -> QPixmap:
        """What is seen of the picture, made once: scaling at each repaint would flicker and be coarse.

        Tones are laid over these pixels alone, a fraction of the picture's, so that a slider moves at once.
        """
        ratio = self.devicePixelRatioF()
        if self._zoom <= 1:
            size = where.size() * ratio
            image = picture.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            ).toImage()
        else:
            image = QImage(visible.size() * ratio, QImage.Format.Format_RGB32)
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.scale(ratio, ratio)
            painter.drawPixmap(where.translated(-visible.topLeft()), picture)
            painter.end()
        made = QPixmap.fromImage(toned(image, self._tone, self._levels))
        made.setDevicePixelRatio(ratio)
        return made

    def _paint_message(self, painter: QPainter, icon_colour: str, text_colour: str) -> None:
        centre = self.rect().center()
        icons.draw(painter, self._sign, QRectF(centre.x() - 20, centre.y() - 56, 40, 40), icon_colour)
        painter.setFont(scaled(self.font(), 1.05))
        painter.setPen(QColor(text_colour))
        text = QRect(24, centre.y(), self.width() - 48, self.height() // 2)
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self._message)

    def _place(self, size: QSize) -> QRect:
        fitted = self._shown_size(size)
        return QRect(
            round((self.width() - fitted.width()) / 2 + self._shift.x()),
            round((self.height() - fitted.height()) / 2 + self._shift.y()),
            max(1, fitted.width()),
            max(1, fitted.height()),
        )

    def _refresh(self) -> None:
        self._fitted = None
        self.update()
