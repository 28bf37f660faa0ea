"""The lower right: the chosen photos, what they have in common, and where they lie."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from avistar_gui import icons
from avistar_gui.analysis.photo_list import JudgedPhotos, PhotoTiles
from avistar_gui.theme import current, set_font


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
