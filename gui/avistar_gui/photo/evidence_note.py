"""What is said beside the map of an evidence: that it is an aid, and how much hangs on the part, if on any."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout, QWidget

from avistar.occlusion import TELLING, Evidence
from avistar_gui.texts import inside, language, percent
from avistar_gui.widgets.theme import set_font


class EvidenceNote(QFrame):
    """One headline and one sentence; a bar while the photo is being looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.title, self.text, self.bar = QLabel(), QLabel(), QProgressBar()
        self._words: Callable[[], str] = str
        set_font(self.title, 0.95, bold=True)
        set_font(self.text, 0.92)
        self.text.setProperty("muted", True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.title, self.text):
            label.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 100)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 9, 14, 10)
        layout.setSpacing(3)
        for part in (self.title, self.text, self.bar):
            layout.addWidget(part)
        self._say()

    def show_looking(self, share: float) -> None:
        """The photo is being looked at; `share` (0 to 1) is done."""
        self._show(lambda: self.tr("Looking at the photo with its parts hidden, one after another…"), share)

    def show_evidence(self, evidence: Evidence) -> None:
        """What was found."""
        self._show(lambda: self._sentence(evidence))

    def show_waiting(self) -> None:
        """There is no answer yet that could come from anywhere."""
        self._show(lambda: self.tr("This photo has no answer yet."))

    def show_video(self) -> None:
        """It is no photo."""
        self._show(lambda: self.tr("Videos are answered from many frames; this is shown for photos only."))

    def show_failure(self, reason: str) -> None:
        """It could not be found out."""
        self._show(lambda: self.tr("It could not be found out: {reason}").format(reason=reason))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._say()

    def _show(self, words: Callable[[], str], share: float | None = None) -> None:
        self._words = words
        self.bar.setVisible(share is not None)
        self.bar.setValue(round(100 * (share or 0.0)))
        self._say()

    def _say(self) -> None:
        self.title.setText(self.tr("Where the answer comes from – an aid, not proof"))
        self.text.setText(self._words())
        self.setAccessibleName(self.title.text())
        self.setAccessibleDescription(self.text.text())
        self.bar.setAccessibleName(self.title.text())

    def _sentence(self, evidence: Evidence) -> str:
        if not evidence.clear and evidence.confidence < TELLING:
            text = self.tr("Nothing in the photo speaks clearly for {species}.")
            return text.format(species=inside(evidence.species))
        text = (
            self.tr(
                "{species}: {whole} for the photo, {without} without the outlined part, {other} without one like it."
            )
            if evidence.clear
            else self.tr("{species}: no one part decides. {whole} for the photo, {without} without what counts most.")
        )
        return text.format(
            species=evidence.species.name(language()),
            whole=percent(evidence.confidence),
            without=percent(evidence.without),
            other=percent(evidence.elsewhere),
        )
