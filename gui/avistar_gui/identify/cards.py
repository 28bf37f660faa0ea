"""What is said of the chosen photo: the decision in words, and three cards with confidences."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from avistar import Candidate, Identification
from avistar_gui import icons
from avistar_gui.identify.grid import STATE_ICON, state_colour
from avistar_gui.identify.photos import Photo
from avistar_gui.theme import current, set_font
from avistar_gui.wording import Names, language, percent, verdict

CARDS = 3


class ConfidenceBar(QWidget):
    """A share of 0 to 1 as a bar; the number beside it says the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self._leading = False
        self.setFixedHeight(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def share(self) -> float:
        """What is shown, 0 to 1."""
        return self._share

    def show_share(self, share: float, *, leading: bool) -> None:
        """Show `share`; the `leading` bar has the accent colour."""
        self._share, self._leading = min(max(share, 0.0), 1.0), leading
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track and bar."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius = self.height() / 2
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        if self._share > 0:
            painter.setBrush(QColor(tokens.accent if self._leading else tokens.muted))
            width = max(self.width() * self._share, 2 * radius)
            painter.drawRoundedRect(QRectF(0, 0, width, self.height()), radius, radius)
        painter.end()


class SpeciesCard(QFrame):
    """One species: name, scientific name, group, confidence as number and bar."""

    def __init__(self, rank: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rank = rank
        self.setProperty("card", True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.name, self.scientific, self.number, self.group = QLabel(), QLabel(), QLabel(), QLabel()
        self.bar = ConfidenceBar()
        set_font(self.name, 1.25 if rank == 0 else 1.1, bold=True)
        set_font(self.number, 1.35 if rank == 0 else 1.1, bold=True)
        set_font(self.scientific, 0.95, italic=True)
        set_font(self.group, 0.85)
        self.scientific.setProperty("muted", True)
        self.group.setProperty("tag", True)
        for label in (self.name, self.scientific):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._arrange()

    def show_candidate(self, candidate: Candidate | None, names: Names | None) -> None:
        """Show a species and its confidence; None leaves an empty card."""
        self.group.setVisible(candidate is not None)
        if candidate is None or names is None:
            self.name.setText("–")
            self.scientific.clear()
            self.number.clear()
            self.bar.show_share(0.0, leading=False)
            self.setAccessibleName(self.tr("No answer yet"))
            return
        species = candidate.species
        self.name.setText(species.name(language()))
        self.scientific.setText(species.scientific)
        self.group.setText(names.groups[species.group].name(language()))
        self.number.setText(percent(candidate.confidence))
        self.bar.show_share(candidate.confidence, leading=self._rank == 0)
        self.setAccessibleName(f"{self._rank + 1}. {self.name.text()}, {self.number.text()}")
        self.setAccessibleDescription(f"{species.scientific}, {self.group.text()}")

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.name, 1)
        top.addWidget(self.number, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 13, 18, 15)
        layout.setSpacing(5)
        layout.addLayout(top)
        layout.addWidget(self.scientific)
        layout.addWidget(self.group, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addSpacing(4)
        layout.addWidget(self.bar)


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
