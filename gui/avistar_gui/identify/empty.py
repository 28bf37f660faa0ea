"""What the window shows before there is any photo: what to do, and how."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from avistar_gui import icons
from avistar_gui.identify.recent_list import RecentList
from avistar_gui.identify.shelf import Shelved
from avistar_gui.theme import current, set_font

RECENT_HEIGHT = 240


class EmptyPage(QWidget):
    """A large drop target with two buttons; `photos_wanted` and `folder_wanted` when they are pressed."""

    photos_wanted = Signal()
    folder_wanted = Signal()
    survey_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hot = False
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.hint = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.promise = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.engine = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.folder, self.photos = QPushButton(), QPushButton()
        self.recent_title, self.recent, self._surveys = QLabel(), RecentList(), list[Shelved]()
        set_font(self.recent_title, 1.1, bold=True)
        self.recent.setMaximumWidth(560)
        self.recent.wanted.connect(self.survey_wanted)
        self.folder.setProperty("primary", True)
        set_font(self.title, 1.9, bold=True)
        set_font(self.hint, 1.1)
        for label in (self.hint, self.promise, self.engine):
            label.setProperty("muted", True)
            label.setWordWrap(True)
        self.folder.clicked.connect(self.folder_wanted)
        self.photos.clicked.connect(self.photos_wanted)
        self._arrange()
        self._retranslate()

    def show_recent(self, surveys: Sequence[Shelved]) -> None:
        """Offer surveys of the past; nothing where there are none."""
        self._surveys = list(surveys)
        self._fill_recent()

    def set_hot(self, hot: bool) -> None:
        """Show that what is dragged over the window can be dropped."""
        self._hot = hot
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dashed outline of the drop target."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(tokens.accent_soft if self._hot else tokens.surface))
        pen = QPen(QColor(tokens.accent if self._hot else tokens.strong_border), 1.6)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 20, 20)
        painter.end()

    def show_engine(self, text: str) -> None:
        """Say what identifies here: 'CPU · int8 · default'; "" while there is nothing that does."""
        self.engine.setText(text)

    def _fill_recent(self) -> None:
        self.recent.show_surveys(self._surveys)
        rows = self.recent.sizeHintForRow(0) * self.recent.count()
        self.recent.setFixedHeight(min(rows + 18, RECENT_HEIGHT))
        for part in (self.recent_title, self.recent):
            part.setVisible(bool(self._surveys))

    def _retranslate(self) -> None:
        tokens = current()
        self._icon.setPixmap(icons.pixmap("avistar", 104, tokens.accent, self.devicePixelRatioF()))
        self.title.setText(self.tr("Drop photos or folders here"))
        self.hint.setText(self.tr("A memory card's whole folder is fine: folders are searched to the bottom."))
        self.promise.setText(self.tr("Photos stay on this computer and are never changed."))
        self.recent_title.setText(self.tr("Continue"))
        self.recent.setAccessibleName(self.tr("Recent surveys"))
        self._fill_recent()
        self.folder.setText(self.tr("Open folder…"))
        self.photos.setText(self.tr("Open photos…"))
        self.folder.setIcon(icons.icon("folder", tokens.on_accent))
        self.photos.setIcon(icons.icon("photos", tokens.text))

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addStretch(1)
        buttons.addWidget(self.folder)
        buttons.addWidget(self.photos)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(40, 40, 40, 40)
        layout.setSpacing(10)
        layout.addStretch(5)
        layout.addWidget(self._icon)
        layout.addSpacing(16)
        layout.addWidget(self.title)
        layout.addWidget(self.hint)
        layout.addSpacing(18)
        layout.addLayout(buttons)
        layout.addStretch(2)
        layout.addWidget(self.recent_title, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addWidget(self.recent)
        layout.addLayout(row)
        layout.addStretch(3)
        layout.addWidget(self.engine)
        layout.addWidget(self.promise)
