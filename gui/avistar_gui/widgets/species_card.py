"""A species and how sure the model is of it, as a card."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from avistar import Candidate
from avistar_gui.texts import Names, certainty, confidence_note, group_name, language, percent
from avistar_gui.widgets.elided_label import ElidedLabel
from avistar_gui.widgets.theme import current, restyle, set_font

CARDS = 3
"""Species that are shown of an answer; the keys 1 to 3 accept them."""


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
    """One species: name in both languages, scientific name, group, confidence as number, bar and words.

    `accepted` (its rank) on a click; `pointed` (its rank, -1) when the mouse comes and goes.
    """

    accepted = Signal(int)
    pointed = Signal(int)

    def __init__(
        self, rank: int, parent: QWidget | None = None, *, reviewing: bool = True, compact: bool = False
    ) -> None:
        super().__init__(parent)
        self._rank, self._compact = rank, compact
        self._filled = False
        self._pressed = False
        self.setProperty("card", True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.name, self.scientific, self.other_name = ElidedLabel(), ElidedLabel(), ElidedLabel()
        self.number, self.group, self.words = QLabel(), QLabel(), QLabel()
        self.bar = ConfidenceBar()
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # cards keep their places from photo to photo
        self.bar.setSizePolicy(policy)
        self.key = QLabel()
        self.key.setProperty("tag", True)
        self._reviewing = reviewing
        set_font(self.name, 1.25 if rank == 0 else 1.1, bold=True)
        set_font(self.number, 1.35 if rank == 0 else 1.1, bold=True)
        set_font(self.scientific, 0.95, italic=True)
        for label in (self.group, self.words):
            set_font(label, 0.85)
        set_font(self.other_name, 0.95)
        self.group.setProperty("tag", True)
        for label in (self.scientific, self.other_name, self.words):
            label.setProperty("muted", True)
        self._arrange()

    def show_candidate(self, candidate: Candidate | None, names: Names | None, *, certain: bool = True) -> None:
        """Show a species and its confidence; None leaves an empty card.

        Without `certain` the picture is none of the species, so that a share among them says nothing.
        """
        self._dim(dim=not certain)
        self.bar.setVisible(certain)
        self._filled = candidate is not None
        self.group.setVisible(candidate is not None and not self._compact)
        self.key.setText(str(self._rank + 1))
        self.key.setVisible(self._filled and self._reviewing)
        if candidate is None or names is None:
            self.name.setText("–")
            for label in (self.scientific, self.other_name, self.number, self.words):
                label.clear()
            self.bar.show_share(0.0, leading=False)
            self.setAccessibleName(self.tr("No answer yet"))
            return
        species = candidate.species
        self.name.setText(species.name(language()))
        self.other_name.setText(species.name("en" if language() == "es" else "es"))
        self.scientific.setText(species.scientific)
        # Words are a promise that only calibrated confidences keep.
        self.words.setText(certainty(candidate.confidence) if certain and names.calibrated else "")
        self.number.setToolTip(confidence_note(calibrated=names.calibrated))
        group = names.groups.get(species.group)  # labels of other people's networks may have none
        self.group.setText(group_name(group) if group is not None else "")
        self.number.setText(percent(candidate.confidence) if certain else "")
        self.bar.show_share(candidate.confidence if certain else 0.0, leading=self._rank == 0)
        name = (f"{self._rank + 1}. {self.name.text()}", self.number.text())
        self.setAccessibleName(", ".join(filter(None, name)))
        details = (self.words, self.other_name, self.scientific, self.group)
        self.setAccessibleDescription(", ".join(filter(None, (label.text() for label in details))))

    def _dim(self, *, dim: bool) -> None:
        """Grey says: not an answer."""
        restyle(self.name, "muted", dim)

    @property
    def rank(self) -> int:
        """0 for the likeliest."""
        return self._rank

    @property
    def marked(self) -> bool:
        """Whether what is shown over the photo is about this species."""
        return bool(self.property("marked"))

    def mark(self, marked: bool) -> None:
        """Show that what lies over the photo is about this species, or no longer."""
        restyle(self, "marked", marked)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        if self._filled:
            self.pointed.emit(self._rank)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click begins here, too: one that began elsewhere meant something else."""
        self._pressed = event.button() == Qt.MouseButton.LeftButton

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click accepts this species."""
        pressed, self._pressed = self._pressed, False
        inside = self.rect().contains(event.position().toPoint())
        if pressed and inside and self._filled and self._reviewing:
            self.accepted.emit(self._rank)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.key, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.name, 0 if self._compact else 1)
        if self._compact:
            top.addWidget(self.scientific, 1)
        top.addWidget(self.number, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        if self._compact:
            layout.setContentsMargins(18, 8, 18, 10)
            layout.setSpacing(6)
            layout.addLayout(top)
            layout.addWidget(self.bar)
            for label in (self.group, self.words, self.other_name):
                label.setParent(self)
                label.hide()
            return
        layout.setContentsMargins(18, 13, 18, 15)
        layout.setSpacing(5)
        layout.addLayout(top)
        names = QHBoxLayout()
        names.setSpacing(10)
        names.addWidget(self.scientific)
        names.addWidget(self.other_name, 1)
        layout.addLayout(names)
        bottom = QHBoxLayout()
        bottom.addWidget(self.group)
        bottom.addStretch(1)
        bottom.addWidget(self.words)
        layout.addLayout(bottom)
        layout.addSpacing(4)
        layout.addWidget(self.bar)
