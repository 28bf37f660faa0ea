"""The sheet at work: shows what the gate tells, begins by itself when nobody touches it, keeps what was chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from avistar.options import MediaChoices
from avistar_gui.actions import Actions
from avistar_gui.identify.preflight.sheet import PreflightSheet
from avistar_gui.identify.session.model_facts import EngineFacts
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.start_facts import USUAL_GAP_S, Preflight, usual_choices
from avistar_gui.settings import Settings

BEGINS_AFTER_S = 20
"""A card is often dropped by somebody who then goes to eat; a person who reads needs half of this."""


class PreflightController(QObject):
    """Connects `sheet` with the session's gate; `engine` is told by whoever shows it elsewhere."""

    def __init__(
        self, session: Session, sheet: PreflightSheet, actions: Actions, *, settings: Settings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._sheet, self._actions, self._settings = session, sheet, actions, settings
        self._engine: EngineFacts | None = None
        self._left, self._put_off = 0, False
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._tick)
        session.gate.ask_first, session.gate.usual = lambda: settings.ask_first, self._usual
        session.gate.described.connect(self._show)
        sheet.begin_wanted.connect(self.begin)
        sheet.later_wanted.connect(self.later)
        sheet.touched.connect(self._wait)
        sheet.asking_changed.connect(self._keep_asking)
        actions["begin"].triggered.connect(self.begin)
        actions["choices"].triggered.connect(self.look_over)
        self._show(None)

    def show_engine(self, engine: EngineFacts | None) -> None:
        """What identifies is another now."""
        self._engine = engine
        self._sheet.show_preflight(self._session.gate.preflight, engine)

    def begin(self) -> None:
        """Identify by what the sheet says, and remember it for the next survey."""
        preflight = self._session.gate.preflight
        if preflight is None:
            return
        self._wait()
        choices = self._sheet.choices
        gap = "off" if choices.burst_gap is None else f"{choices.burst_gap:g}"
        self._settings.keep_text("burst_gap", gap)
        if preflight.videos:
            self._settings.keep_text("videos", "yes" if choices.videos else "no")
        if choices.detections is None and choices.detect != self._usual().detect:
            self._settings.keep_text("detect", "yes" if choices.detect else "no")
        self._session.begin(choices, self._sheet.only)

    def look_over(self) -> None:
        """Show the sheet, also of a survey that has begun."""
        self._sheet.show_asking(self._settings.ask_first)
        self._put_off = False
        self._session.look_over()
        self._sheet.show_preflight(self._session.gate.preflight, self._engine)

    def later(self) -> None:
        """Leave the run for another time, or the choices as they were."""
        self._wait()
        gate = self._session.gate
        if gate.waits:
            self._session.stop()
        self._put_off = True
        self._sheet.hide()
        gate.close()

    def finish(self) -> None:
        """Nothing begins by itself any more."""
        self._second.stop()

    def _show(self, preflight: Preflight | None) -> None:
        if preflight is None:
            self._wait()
            self._put_off = False
        begins = preflight is not None and preflight.first and self._sheet.isHidden() and not self._put_off
        self._sheet.show_preflight(None if self._put_off else preflight, self._engine)
        self._actions["begin"].setEnabled(preflight is not None)
        if begins:
            self._sheet.show_asking(self._settings.ask_first)
            self._left = BEGINS_AFTER_S
            self._second.start()
            self._sheet.show_countdown(self._left)

    def _tick(self) -> None:
        self._left -= 1
        self._sheet.show_countdown(max(self._left, 0))
        if self._left <= 0:
            self.begin()

    def _wait(self) -> None:
        self._second.stop()
        self._sheet.show_countdown(None)

    def _keep_asking(self, wanted: bool) -> None:
        self._settings.ask_first = wanted

    def _usual(self) -> MediaChoices:
        """What was chosen last; at first a burst's gap of two seconds, and the detector for a camera's folders."""
        gap, videos = self._settings.text("burst_gap"), self._settings.text("videos")
        try:
            seconds = None if gap == "off" else float(gap or USUAL_GAP_S)
        except ValueError:
            seconds = USUAL_GAP_S
        said = self._settings.text("detect")
        detect = said == "yes" if said else self._session.camera_trap
        return usual_choices(seconds, videos=videos != "no", detect=detect)
