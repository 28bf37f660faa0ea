"""Play, and a bar of time on which the frames are marked that were looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current, set_font

STEP_S = 1.0
HANDLE = 7.0


class TimeLine(QWidget):
    """`wanted` (seconds) where somebody clicks or drags, or goes by arrow keys."""

    wanted = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.length_s, self.time_s = 0.0, 0.0
        self.marks: tuple[float, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(80)

    def sizeHint(self) -> QSize:
        return QSize(200, 26)

    def place_of(self, time_s: float) -> float:
        """Where a moment lies, in px."""
        share = min(max(time_s / self.length_s, 0.0), 1.0) if self.length_s > 0 else 0.0
        return HANDLE + share * (self.width() - 2 * HANDLE)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, middle = current(), self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.strong_border))
        painter.drawRoundedRect(QRectF(HANDLE, middle - 2, self.width() - 2 * HANDLE, 4), 2, 2)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(QRectF(HANDLE, middle - 2, self.place_of(self.time_s) - HANDLE, 4), 2, 2)
        painter.setBrush(QColor(tokens.edge))
        for mark in self.marks:
            painter.drawRoundedRect(QRectF(self.place_of(mark) - 1.5, middle - 8, 3, 16), 1.5, 1.5)
        painter.setBrush(QColor(tokens.text if self.hasFocus() else tokens.accent))
        painter.drawEllipse(QRectF(self.place_of(self.time_s) - HANDLE + 1, middle - 6, 12, 12))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there; near a mark, to the mark."""
        self._go(event, snap=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along with the mouse."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event, snap=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A second on or back."""
        step = {Qt.Key.Key_Left: -STEP_S, Qt.Key.Key_Right: STEP_S}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.wanted.emit(min(max(self.time_s + step, 0.0), self.length_s))

    def _go(self, event: QMouseEvent, *, snap: bool) -> None:
        room = max(self.width() - 2 * HANDLE, 1.0)
        at = event.position().x()
        near = [mark for mark in self.marks if snap and abs(self.place_of(mark) - at) <= 4]
        moment = near[0] if near else (at - HANDLE) / room * self.length_s
        self.wanted.emit(min(max(moment, 0.0), self.length_s))


class VideoBar(QWidget):
    """`play_wanted` starts and stops; `line` says which moment is wanted."""

    play_wanted = Signal()

    def __init__(self, play: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = False
        self._act = play
        self.button, self.line, self.time = QToolButton(), TimeLine(), QLabel()
        self.button.setProperty("segment", True)
        self.button.setIconSize(QSize(18, 18))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.play_wanted)
        play.triggered.connect(lambda: self.play_wanted.emit() if self.isVisible() else None)
        set_font(self.time, 0.9)
        self.time.setProperty("muted", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for part, stretch in ((self.button, 0), (self.line, 1), (self.time, 0)):
            row.addWidget(part, stretch)
        self._say()

    def show_video(self, length_s: float, marks: Sequence[float]) -> None:
        """Show how long the video is, and the moments that were looked at."""
        self.line.length_s, self.line.marks = max(length_s, *marks, 0.0), tuple(marks)
        self.show_time(self.line.time_s)

    def show_time(self, time_s: float) -> None:
        """This moment is shown."""
        self.line.time_s = time_s
        self.line.length_s = max(self.line.length_s, time_s)
        self.time.setText(f"{_clock(time_s)} / {_clock(self.line.length_s)}")
        self.line.update()

    def show_playing(self, playing: bool) -> None:
        """Whether it is played."""
        self._playing = playing
        self._say()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._say()

    def _say(self) -> None:
        text = self.tr("Stop playing (X)") if self._playing else self.tr("Play the video (X)")
        self.button.setIcon(icons.icon("pause" if self._playing else "go", current().text))
        self.button.setToolTip(text)
        self.button.setAccessibleName(text)
        self.line.setAccessibleName(self.tr("Moment in the video; marks are the frames that were looked at"))
        self.line.setToolTip(self.line.accessibleName())


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02}"
