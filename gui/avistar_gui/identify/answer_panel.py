"""What is said of the chosen photo: the decision in words, three cards with confidences, and what a person says."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from avistar import Identification
from avistar.records import Record
from avistar_gui.identify.photo_grid import STATE_ICON, state_colour
from avistar_gui.identify.photo_model import State
from avistar_gui.texts import Names, Verdict, fault_sentence, finding_name, review_sentence, verdict
from avistar_gui.widgets import icons
from avistar_gui.widgets.click_guard import ClickGuard
from avistar_gui.widgets.species_card import SpeciesCard
from avistar_gui.widgets.theme import current, set_font

CARDS = 3


def state_of(record: Record | None) -> State:
    """What is known of a medium."""
    if record is None:
        return "waiting"
    if record.review is not None:
        return "reviewed"
    if record.failure is not None:
        return "failed"
    answer = record.identification
    if answer is None or answer.decision is None:
        return "unknown" if record.blank else "waiting"
    return answer.decision.kind


class AnswerPanel(QWidget):
    """The decision above its three likeliest species; a person's wishes leave it as signals."""

    accepted = Signal(int)
    pointed = Signal(int)  # the rank of the card under the mouse, -1 for none
    wanted = Signal(str)  # "other", "unknown", "empty", "undo", "redo"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: Record | None = None
        self._names: Names | None = None
        self._icon = QLabel()
        self._icon.setFixedWidth(30)
        self.headline, self.reason, self.note = QLabel(), QLabel(), QLabel()
        self.supposed = QLabel()
        for label, size, bold in ((self.headline, 1.55, True), (self.reason, 1.0, False), (self.note, 0.88, False)):
            set_font(label, size, bold=bold)
            label.setWordWrap(True)
            label.setMinimumWidth(40)
        self.reason.setProperty("muted", True)
        self.note.setProperty("muted", True)
        self.supposed.setProperty("muted", True)
        self.cards = [SpeciesCard(rank) for rank in range(CARDS)]
        self.buttons = {name: QPushButton() for name in ("other", "unknown", "empty", "undo", "redo")}
        for card in self.cards:
            card.accepted.connect(self.accepted)
            card.pointed.connect(self.pointed)
        for name, button in self.buttons.items():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
        self._arrange()
        self._guard = ClickGuard(self, [*self.cards, *self.buttons.values()])
        self.show_record(None, None)

    def sizeHint(self) -> QSize:
        """Wide enough for the longest names."""
        return QSize(330, 480)

    def show_record(self, record: Record | None, names: Names | None) -> None:
        """Show what is said of a medium; None where none is chosen."""
        before, self._record, self._names = self._record, record, names
        if record is None or before is None or before.medium != record.medium:
            self._guard.restart()  # the second half of a double click must not speak of the next photo
        self._refresh()

    def mark(self, rank: int) -> None:
        """Mark the card of this rank: what lies over the photo is about its species. -1 marks none."""
        for card in self.cards:
            card.mark(card.rank == rank)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._refresh()

    def _refresh(self) -> None:
        record, state = self._record, state_of(self._record)
        colour = state_colour(state, current())
        self._icon.setPixmap(icons.pixmap(STATE_ICON[state], 26, colour, self.devicePixelRatioF()))
        self._icon.setVisible(record is not None)
        said = self._verdict(record)
        self.headline.setText(said.headline)
        self.reason.setText(said.reason)
        answer = record.identification if record is not None else None
        candidates = answer.top(CARDS) if answer is not None else ()
        stranger = answer is not None and answer.decision is not None and answer.decision.kind == "unknown"
        text = self.tr("If it were one of the known species:")
        self.supposed.setText(text if stranger and candidates else " ")
        for rank, card in enumerate(self.cards):
            card.setVisible(bool(candidates) or (record is not None and state == "waiting"))
            candidate = candidates[rank] if rank < len(candidates) else None
            card.show_candidate(candidate, self._names, certain=not stranger)
        note = self.tr("Confidences are calibrated: of photos at 80 %, about 80 in 100 are right.")
        self.note.setText(note.replace(" %", "\u00a0%"))
        self.note.setVisible(bool(candidates) and not stranger)
        self._label_buttons(record)

    def _label_buttons(self, record: Record | None) -> None:
        texts = {
            "other": self.tr("Another species… (R)"),
            "unknown": self.tr("Unknown (U)"),
            "empty": self.tr("No animal (N)"),
            "undo": self.tr("Undo"),
            "redo": self.tr("Redo"),
        }
        for name, button in self.buttons.items():
            button.setText(texts[name])
            button.setVisible(record is not None)

    def _verdict(self, record: Record | None) -> Verdict:
        if record is None:
            text = self.tr("Select one in the grid with the mouse or the arrow keys.")
            return Verdict(self.tr("No photo selected"), text)
        if record.review is not None:
            review = record.review
            said = review.species if review.verdict == "species" else review.verdict
            return Verdict(finding_name(said, self._names), review_sentence(review))
        if record.failure is not None:
            return Verdict(self.tr("Not identified"), fault_sentence(record.failure.fault))
        answer: Identification | None = record.identification
        if answer is None or self._names is None:
            return Verdict(self.tr("Waiting"), self.tr("This photo has not been identified yet."))
        return verdict(answer, self._names)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.headline)
        words.addWidget(self.reason)
        words.addStretch(1)
        # Room for two lines each, so that cards and buttons keep their places from photo to photo.
        lines = self.headline.fontMetrics().lineSpacing() + self.reason.fontMetrics().lineSpacing()
        top.addLayout(words, 1)
        self._header = QWidget()
        self._header.setMinimumHeight(2 * lines)
        self._header.setLayout(top)
        top.setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self._header)
        layout.addWidget(self.supposed)
        for card in self.cards:
            layout.addWidget(card)
        layout.addStretch(1)
        layout.addWidget(self.buttons["other"])
        for names in (("unknown", "empty"), ("undo", "redo")):
            row = QHBoxLayout()
            row.setSpacing(8)
            for name in names:
                row.addWidget(self.buttons[name], 1)
            layout.addLayout(row)
        layout.addWidget(self.note)
