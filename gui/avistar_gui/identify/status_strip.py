"""The strip at the bottom: how far the run is, problems, and what identifies. Decides nothing."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QToolTip, QWidget

from avistar_gui.actions import Actions
from avistar_gui.identify.session.model_facts import EngineFacts
from avistar_gui.progress import Progress
from avistar_gui.texts import count, percent, progress_sentence, text_of
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current


class StatusStrip(QWidget):
    """Progress at the left, problems and the device chip at the right."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress = Progress()
        self._engine: EngineFacts | None = None
        self._opening = True
        self.text = QLabel()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setMinimumWidth(48)
        self.bar.setMaximumWidth(220)
        self.stop, self.resume = QToolButton(), QToolButton()
        self.problems, self.chip = QToolButton(), QToolButton()
        self.stop.setDefaultAction(actions["stop"])
        self.resume.setDefaultAction(actions["resume"])
        for button in (self.stop, self.resume, self.problems, self.chip):
            button.setProperty("quiet", True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.problems.clicked.connect(actions["problems"].trigger)
        self.chip.clicked.connect(self._explain)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 5, 12, 5)
        layout.setSpacing(16)
        layout.addWidget(self.text)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.stop)
        layout.addWidget(self.resume)
        layout.addStretch(0)
        layout.addWidget(self.problems)
        layout.addWidget(self.chip)
        self._refresh()

    def show_progress(self, progress: Progress) -> None:
        """Show how far the run is."""
        self._progress = progress
        self._refresh_progress()

    def show_problems(self, number: int) -> None:
        """Show how many problems there are; nothing where there are none."""
        self.problems.setVisible(number > 0)
        self.problems.setText(self.tr("%n problem(s)", "", number))

    def show_engine(self, facts: EngineFacts | None, *, opening: bool = False) -> None:
        """Show what identifies, that it is being opened, or that there is none."""
        self._engine, self._opening = facts, opening
        self._refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._refresh()

    def _refresh(self) -> None:
        tokens = current()
        self.problems.setIcon(icons.icon("warning", tokens.error))
        self.chip.setIcon(icons.icon("chip", tokens.muted if self._engine else tokens.error))
        self.chip.setText(self._chip_text())
        self.chip.setToolTip(self._chip_tip())
        self.chip.setAccessibleName(self.tr("What identifies: {engine}").format(engine=self.chip.text()))
        self.bar.setAccessibleName(self.tr("Progress"))
        self._refresh_progress()

    def _refresh_progress(self) -> None:
        progress = self._progress
        self.text.setText(progress_sentence(progress))
        self.bar.setVisible(progress.waiting > 0)
        self.stop.setVisible(progress.running)
        self.resume.setVisible(not progress.running and progress.waiting > 0 and self._engine is not None)
        self.bar.setMaximum(max(progress.total, 1))
        self.bar.setValue(progress.done)

    def _chip_text(self) -> str:
        if self._opening:
            return self.tr("Opening the model…")
        if self._engine is None:
            return self.tr("No model")
        return self._engine.short

    def _chip_tip(self) -> str:
        facts = self._engine
        if facts is None:
            return self.tr("Photos wait until a model is open.")
        lines = [
            f"<b>{escape(facts.bundle)}</b>",
            escape(facts.runs_on),
            self.tr("{number} species").format(number=len(facts.names.species)),
        ]
        if "top1" in facts.accuracy:
            text = self.tr("Right on {percent} of {photos} photos that it had never seen")
            photos = count(round(facts.accuracy.get("photos", 0)))
            lines.append(escape(text.format(percent=percent(facts.accuracy["top1"]), photos=photos)))
        lines += [self.tr("Not used: {reason}").format(reason=escape(text_of(reason))) for reason in facts.rejected]
        return "<p style='white-space: pre-wrap'>" + "<br>".join(lines) + "</p>"

    def _explain(self) -> None:
        """The tool tip, for who comes by keyboard or touch."""
        QToolTip.showText(self.chip.mapToGlobal(QPoint(0, -90)), self.chip.toolTip(), self.chip)
