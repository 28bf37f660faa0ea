"""What is said of the chosen photo: the decision in words, and three cards with confidences."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from avistar import Identification
from avistar_gui import icons
from avistar_gui.identify.grid import STATE_ICON, state_colour
from avistar_gui.identify.photos import Photo
from avistar_gui.species_card import SpeciesCard
from avistar_gui.theme import current, set_font
from avistar_gui.wording import Names, verdict

CARDS = 3


class AnswerPanel(QWidget):
    """The decision of the chosen photo above its three likeliest species."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._photo: Photo | None = None
        self._names: Names | None = None
        self._icon = QLabel()
        self._icon.setFixedWidth(30)
        self.headline, self.reason, self.note = QLabel(), QLabel(), QLabel()
        for label, size, bold in ((self.headline, 1.55, True), (self.reason, 1.0, False), (self.note, 0.88, False)):
            set_font(label, size, bold=bold)
            label.setWordWrap(True)
            label.setMinimumWidth(40)
        self.reason.setProperty("muted", True)
        self.note.setProperty("muted", True)
        self.cards = [SpeciesCard(rank) for rank in range(CARDS)]
        self._arrange()
        self.show_photo(None, None)

    def sizeHint(self) -> QSize:
        """Wide enough for the longest names."""
        return QSize(330, 480)

    def show_photo(self, photo: Photo | None, names: Names | None) -> None:
        """Show what is said of `photo`; None where none is chosen."""
        self._photo, self._names = photo, names
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Say it in the new language, draw it in the new colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._refresh()

    def _refresh(self) -> None:
        photo = self._photo
        identification = photo.identification if photo is not None else None
        state = photo.state if photo is not None else "waiting"
        colour = state_colour(state, current())
        self._icon.setPixmap(icons.pixmap(STATE_ICON[state], 26, colour, self.devicePixelRatioF()))
        self._icon.setVisible(photo is not None)
        self._say(photo, identification)
        candidates = identification.top(CARDS) if identification is not None else ()
        for rank, card in enumerate(self.cards):
            card.setVisible(bool(candidates) or (photo is not None and state == "waiting"))
            card.show_candidate(candidates[rank] if rank < len(candidates) else None, self._names)
        note = self.tr("Confidences are calibrated: of photos at 80 %, about 80 in 100 are right.")
        self.note.setText(note.replace(" %", "\u00a0%"))
        self.note.setVisible(bool(candidates))

    def _say(self, photo: Photo | None, identification: Identification | None) -> None:
        if photo is None:
            self.headline.setText(self.tr("No photo chosen"))
            self.reason.setText(self.tr("Choose one in the grid, with the mouse or the arrow keys."))
        elif identification is None or self._names is None:
            self.headline.setText(self.tr("Waiting"))
            self.reason.setText(self.tr("This photo has not been identified yet."))
        else:
            said = verdict(identification, self._names)
            self.headline.setText(said.headline)
            self.reason.setText(said.reason)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.headline)
        words.addWidget(self.reason)
        top.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addSpacing(4)
        for card in self.cards:
            layout.addWidget(card)
        layout.addWidget(self.note)
        layout.addStretch(1)
