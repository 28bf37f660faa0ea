"""What is said of the chosen photo: the decision in words, each thing in it, three cards, and what a person says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from avistar import Identification
from avistar.records import Record
from avistar_gui.identify.photo_grid import STATE_ICON, state_colour
from avistar_gui.identify.photo_model import State
from avistar_gui.identify.remark_bar import RemarkBar
from avistar_gui.identify.session.statement import Thing, sighting_of
from avistar_gui.identify.texts import Numbers, findings_sentence, models_sentence, opinions_sentence
from avistar_gui.identify.thing_editor import ThingEditor
from avistar_gui.identify.thing_list import FavouriteBar, ThingList
from avistar_gui.texts import Names, Verdict, count, fault_sentence, finding_name, review_sentence, verdict
from avistar_gui.widgets import icons
from avistar_gui.widgets.click_guard import ClickGuard
from avistar_gui.widgets.side_area import SideArea
from avistar_gui.widgets.species_card import CARDS, SpeciesCard
from avistar_gui.widgets.theme import current, restyle, set_font

WIDTH = 300
"""Least width of the panel, in logical px; larger letters make it wider."""

BUTTONS = ("other", "also", "unknown", "empty", "undo", "redo")


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


@dataclass(frozen=True, slots=True)
class Selection:
    """Several photos that are chosen: how many, and how many of them show what, as far as that was looked up."""

    number: int = 1
    findings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NextKey:
    """What the next key that names something says beside the name: how many, and whether it adds to what is there.

    `drawing`: the next drag draws a box.
    """

    count: int | None = None
    adding: bool = False
    drawing: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What the panel is about: a photo, the things in it, which of them is chosen (-1 for none), and who said what."""

    record: Record | None = None
    things: tuple[Thing, ...] = ()
    chosen: int = -1
    opinions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    selection: Selection = Selection()

    @property
    def thing(self) -> Thing | None:
        """The thing that is chosen."""
        return self.things[self.chosen] if 0 <= self.chosen < len(self.things) else None

    @property
    def answer(self) -> Identification | None:
        """The answer that the cards show: to the thing that is chosen, else the one that stands for the photo."""
        thing = self.thing
        if thing is not None and thing.answer is not None:
            return thing.answer
        return self.record.identification if self.record is not None else None


class AnswerPanel(QWidget):
    """The decision above the things in the photo and its three likeliest species; wishes leave it as signals.

    The decision stays above and the buttons below, wherever what is between them is scrolled to.
    """

    accepted = Signal(int)
    pointed = Signal(int)  # the rank of the card under the mouse, -1 for none
    wanted = Signal(
        str
    )  # one of BUTTONS, and "accept", "person", "details", "remark", "next", "remove", "box", "escape"
    counted = Signal(int)  # how many there are of what the next key names
    favoured = Signal(int)  # a place among the species used last
    thing_chosen = Signal(int)  # its place, -1 for none
    corrected = Signal(object)  # Sighting: what is said of the thing that is chosen
    remarked = Signal(str, object)  # comment and tags
    left = Signal()  # the keys belong to the photos again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._subject, self._next = Subject(), NextKey()
        self._names: Names | None = None
        self._icon = QLabel()
        self._icon.setFixedWidth(30)
        self.headline, self.reason, self.supposed = QLabel(), QLabel(), QLabel()
        for label, size, bold in ((self.headline, 1.55, True), (self.reason, 1.0, False)):
            set_font(label, size, bold=bold)
            label.setWordWrap(True)
            label.setMinimumWidth(40)
        self.reason.setProperty("muted", True)
        self.supposed.setProperty("muted", True)
        self.things, self.editor, self.remark = ThingList(), ThingEditor(), RemarkBar()
        self.favourites = FavouriteBar()
        self.editor.hide()
        self.cards = [SpeciesCard(rank, compact=rank > 0) for rank in range(CARDS)]
        self.buttons = {name: QPushButton() for name in BUTTONS}
        self._arrange()
        self._connect()
        self._guard = ClickGuard(self, [*self.cards, *self.buttons.values(), *self.favourites.buttons])
        self.show_subject(Subject(), None)

    def sizeHint(self) -> QSize:
        """Wide enough for the longest names."""
        return QSize(330, 480)

    def minimumSizeHint(self) -> QSize:
        """WIDTH, and what larger letters need."""
        return super().minimumSizeHint().expandedTo(QSize(WIDTH, 0))

    def show_subject(self, subject: Subject, names: Names | None) -> None:
        """Show what is said of a medium, or that several are chosen."""
        before, self._subject, self._names = self._subject, subject, names
        self.editor.commit()
        record, known = subject.record, before.record
        if record is None or known is None or known.medium != record.medium:
            self._guard.restart()  # the second half of a double click must not speak of the next photo
            self._edit(False)
        self._refresh()

    def show_next(self, following: NextKey) -> None:
        """Show what the next key says beside a name."""
        self._next = following
        self._say_next()

    def open_editor(self) -> None:
        """The details of the chosen thing take the keys."""
        if self._subject.thing is not None:
            self._edit(True)
            self.editor.enter()

    def _edit(self, open: bool) -> None:
        """Details stand where the cards are: there is no room for both."""
        if open == self.editor.isHidden():
            self.editor.setVisible(open)
            self.favourites.setVisible(not open and self.favourites.filled)
            self._show_cards(state_of(self._subject.record))
            self._say_next()

    def commit(self) -> None:
        """Say what is being written."""
        self.editor.commit()
        self.remark.commit()

    def mark(self, rank: int) -> None:
        """Mark the card of this rank: what lies over the photo is about its species. -1 marks none."""
        for card in self.cards:
            card.mark(card.rank == rank)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._refresh()

    def _refresh(self) -> None:
        subject = self._subject
        record, state = subject.record, state_of(subject.record)
        self._icon.setPixmap(
            icons.pixmap(STATE_ICON[state], 26, state_colour(state, current()), self.devicePixelRatioF())
        )
        self._icon.setVisible(record is not None)
        said = self._verdict(subject)
        self.headline.setText(said.headline)
        alone = subject.selection.number == 1
        opinions = opinions_sentence(subject.opinions, self._names)
        models = models_sentence(record, self._names) if alone else ""
        self.reason.setText("\n".join(filter(None, (said.reason, opinions, models))))
        self._show_things()
        self._show_cards(state)
        self._say_next()
        self._label_buttons(record)

    def _show_things(self) -> None:
        subject = self._subject
        review = subject.record.review if subject.record is not None else None
        reviewer = review.reviewer if review is not None else ""
        several = subject.selection.number > 1
        plain = len(subject.things) == 1 and subject.thing is None and subject.things[0].bare
        things = () if several or plain else subject.things  # one thing by itself stands above, in larger letters
        self.things.show_things(things, self._names, reviewer, chosen=subject.chosen)
        self.things.setVisible(bool(things))
        if subject.thing is None or several:
            self._edit(False)
        else:
            self.editor.show_sighting(sighting_of(subject.thing))
        remark = subject.record.remark if subject.record is not None and not several else None
        self.remark.setVisible(subject.record is not None)
        number = subject.selection.number
        self.remark.show_remark(remark.comment if remark else "", remark.tags if remark else (), number)

    def _show_cards(self, state: State) -> None:
        answer = self._subject.answer
        candidates = answer.top(CARDS) if answer is not None else ()
        waiting = self._subject.record is not None and state == "waiting"
        for rank, card in enumerate(self.cards):
            card.setVisible((bool(candidates) or waiting) and self.editor.isHidden())
            candidate = candidates[rank] if rank < len(candidates) else None
            card.show_candidate(candidate, self._names, certain=not self._strange)

    @property
    def _strange(self) -> bool:
        """Whether the answer is that the picture is none of the known species."""
        answer = self._subject.answer
        return answer is not None and answer.decision is not None and answer.decision.kind == "unknown"

    def _say_next(self) -> None:
        following, text = self._next, ""
        if following.drawing:
            text = self.tr("Draw a box around it; M puts one in the middle.")
        elif following.adding:
            text = self.tr("And also: a species by its key, or R. Esc cancels.")
        elif following.count is not None:
            text = Numbers().next_count(following.count)
        elif self._strange and self.cards[0].isVisibleTo(self):
            text = self.tr("If it were one of the known species:")
        restyle(self.supposed, "muted", following == NextKey())
        self.supposed.setText(text or " ")

    def _label_buttons(self, record: Record | None) -> None:
        texts = {
            "other": self.tr("Another… (R)"),
            "also": self.tr("Add another… (Y)"),
            "unknown": self.tr("Unknown (U)"),
            "empty": self.tr("No animal (N)"),
            "undo": self.tr("Undo"),
            "redo": self.tr("Redo"),
        }
        tips = {
            "other": self.tr("Another species: type its name, also a new one"),
            "also": self.tr("Add another species to what is there"),
        }
        for name, button in self.buttons.items():
            button.setText(texts[name])
            button.setToolTip(tips.get(name, ""))
            button.setVisible(record is not None)

    def _verdict(self, subject: Subject) -> Verdict:
        record, selection = subject.record, subject.selection
        if record is None:
            text = self.tr("Select one in the grid with the mouse or the arrow keys.")
            return Verdict(self.tr("No photo selected"), text)
        if selection.number > 1:
            number = Numbers()
            lines = (number.next_key(selection.number), findings_sentence(selection.findings, self._names))
            return Verdict(number.chosen(selection.number), "\n".join(filter(None, lines)))
        if record.review is not None:
            names = [finding_name(one.what, self._names) for one in subject.things if one.counts]
            said = " + ".join(dict.fromkeys(names))
            return Verdict(said or finding_name("empty"), review_sentence(record.review))
        if record.failure is not None:
            return Verdict(self.tr("Not identified"), fault_sentence(record.failure.fault))
        seen = [one for one in subject.things if one.counts]
        if record.blank and all(one.kind == "empty" for one in seen):
            return Verdict(finding_name("empty"), self.tr("The detector found nothing; V accepts that."))
        if seen and (len(seen) > 1 or record.identification is None):
            named = all(one.kind not in ("group", "unknown") for one in seen)
            return Verdict(self._together(seen), Numbers().things(len(seen), named=named))
        answer = record.identification
        if answer is None or self._names is None:
            return Verdict(self.tr("Waiting"), self.tr("This photo has not been identified yet."))
        return verdict(answer, self._names)

    def _together(self, things: Sequence[Thing]) -> str:
        """'2 × Roe deer + Person'."""
        numbers: dict[str, int] = {}
        for one in things:
            numbers[one.what] = numbers.get(one.what, 0) + (one.count or 1)
        parts = [
            (f"{count(number)} × " if number > 1 else "") + finding_name(what, self._names)
            for what, number in numbers.items()
        ]
        return " + ".join(parts)

    def _connect(self) -> None:
        for card in self.cards:
            card.accepted.connect(self.accepted)
            card.pointed.connect(self.pointed)
        for name, button in self.buttons.items():
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, name=name: self.wanted.emit(name))
        self.things.chosen.connect(self.thing_chosen)
        self.things.opened.connect(self._open)
        self.editor.changed.connect(self.corrected)
        self.remark.said.connect(self.remarked)
        self.favourites.wanted.connect(self.favoured)
        self.editor.left.connect(lambda: self._edit(False))
        for part in (self.editor, self.remark):
            part.left.connect(self.left)

    def _open(self, place: int) -> None:
        self.thing_chosen.emit(place)
        self.open_editor()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.headline)
        words.addWidget(self.reason)
        words.addStretch(1)
        # Room for two lines, so that cards and buttons keep their places from photo to photo.
        lines = self.headline.fontMetrics().lineSpacing() + 2 * self.reason.fontMetrics().lineSpacing()
        top.addLayout(words, 1)
        self._header = QWidget()
        self._header.setMinimumHeight(lines + 8)
        self._header.setLayout(top)
        top.setContentsMargins(0, 0, 0, 0)
        inner = QWidget()
        between = QVBoxLayout(inner)
        between.setContentsMargins(0, 0, 8, 0)
        between.setSpacing(7)
        for part in (self.things, self.editor, self.supposed, *self.cards, self.favourites):
            between.addWidget(part)
        between.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 7, 0, 10)
        layout.setSpacing(7)
        layout.addWidget(self._header)
        self.area = SideArea(inner)
        layout.addWidget(self.area, 1)
        self._arrange_buttons(layout)

    def _arrange_buttons(self, layout: QVBoxLayout) -> None:
        """Below, where they stay from photo to photo."""
        self.remark.setContentsMargins(0, 0, 8, 0)
        layout.addWidget(self.remark)
        for names in zip(BUTTONS[::2], BUTTONS[1::2], strict=True):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.setContentsMargins(0, 0, 8, 0)
            for name in names:
                row.addWidget(self.buttons[name], 1)
            layout.addLayout(row)
