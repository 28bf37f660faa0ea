"""The chosen photo, large and whole. Shows what it is given; loads nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from avistar_gui import icons
from avistar_gui.theme import current, scaled

RADIUS = 12.0
ZOOM_STEP = 1.25
ZOOM_MOST = 16.0
CLOSE = 4.0
"""How much larger a double-click shows a picture."""


class PhotoView(QWidget):
    """Paints one picture as large as it fits, a preview while it is on its way, or a sentence instead.

    The wheel zooms where the mouse is, a drag moves what is larger than the view, a double-click fits it again.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full: QPixmap | None = None
        self._preview: QPixmap | None = None
        self._message, self._sign = "", "warning"
        self._fitted: QPixmap | None = None
        self._zoom, self._shift = 1.0, QPointF()
        self._dragged: QPointF | None = None
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
        self._full, self._preview, self._message = None, preview, ""
        self.fit()

    def show_photo(self, image: QImage) -> None:
        """Show the photo."""
        self._full, self._preview, self._message = QPixmap.fromImage(image), None, ""
        self.fit()

    def show_message(self, message: str, sign: str = "warning") -> None:
        """Show a sentence under an icon in place of a photo."""
        self._full, self._preview, self._message, self._sign = None, None, message, sign
        self._refresh()

    @property
    def zoom(self) -> float:
        """How much larger than fitted the picture is."""
        return self._zoom

    def zoom_at(self, point: QPointF, factor: float) -> None:
        """Zoom so that what lies at `point` stays there."""
        before = self._zoom
        self._zoom = min(max(before * factor, 1.0), ZOOM_MOST)
        away = point - QPointF(self.width() / 2, self.height() / 2) - self._shift
        self._shift -= away * (self._zoom / before - 1)
        self._hold()

    def fit(self) -> None:
        """The whole picture again."""
        self._zoom, self._shift = 1.0, QPointF()
        self._refresh()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the mouse is."""
        if self._full is not None:
            self.zoom_at(event.position(), ZOOM_STEP ** (event.angleDelta().y() / 120))
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move."""
        self._dragged = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is larger than the view."""
        if self._dragged is not None and self._zoom > 1:
            self._shift += event.position() - self._dragged
            self._dragged = event.position()
            self._hold()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._dragged = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit it again, or look closely where the mouse is."""
        if self._zoom > 1:
            self.fit()
        elif self._full is not None:
            self.zoom_at(event.position(), CLOSE)

    def _hold(self) -> None:
        """Keep the picture's edges at or outside the view's, where it is larger."""
        picture = self._full
        if picture is not None:
            fitted = picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio) * self._zoom
            far_x, far_y = max(0, fitted.width() - self.width()) / 2, max(0, fitted.height() - self.height()) / 2
            x, y = self._shift.x(), self._shift.y()
            self._shift = QPointF(min(max(x, -far_x), far_x), min(max(y, -far_y), far_y))
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Colours come from the palette."""
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
        elif self._message:
            colour = tokens.error if self._sign == "warning" else tokens.strong_border
            self._paint_message(painter, colour, tokens.muted)
        painter.end()

    def _paint_picture(self, painter: QPainter, picture: QPixmap) -> None:
        where = self._place(picture.size())
        if picture is not self._full or self._zoom > 1:
            painter.drawPixmap(where, picture)
            return
        ratio = self.devicePixelRatioF()
        size = where.size() * ratio
        if self._fitted is None or self._fitted.size() != size:
            # Scaled once with antialiasing; scaling at each repaint would flicker and be coarse.
            self._fitted = picture.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            self._fitted.setDevicePixelRatio(ratio)
        painter.drawPixmap(where.topLeft(), self._fitted)

    def _paint_message(self, painter: QPainter, icon_colour: str, text_colour: str) -> None:
        centre = self.rect().center()
        icons.draw(painter, self._sign, QRectF(centre.x() - 20, centre.y() - 56, 40, 40), icon_colour)
        painter.setFont(scaled(self.font(), 1.05))
        painter.setPen(QColor(text_colour))
        text = QRect(24, centre.y(), self.width() - 48, self.height() // 2)
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self._message)

    def _place(self, size: QSize) -> QRect:
        fitted = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio) * self._zoom
        return QRect(
            round((self.width() - fitted.width()) / 2 + self._shift.x()),
            round((self.height() - fitted.height()) / 2 + self._shift.y()),
            max(1, fitted.width()),
            max(1, fitted.height()),
        )

    def _refresh(self) -> None:
        self._fitted = None
        self.update()
