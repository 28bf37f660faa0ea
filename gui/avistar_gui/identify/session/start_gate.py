"""Whether the open survey's run may go: one that nobody has begun waits for its user's choices. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from avistar.catalogue import Counts
from avistar.options import MediaChoices
from avistar_gui.identify.session.start_facts import FEW, Preflight, usual_choices
from avistar_gui.identify.session.survey import ScanSummary, Survey


class StartGate(QObject):
    """Knows what was chosen for the open survey (`choices`), and whether its run is `held`.

    With `ask_first`, a survey that nobody has begun is told of and held until `begun`; any other passes.
    """

    described = Signal(object)  # Preflight; None once there is nothing to be told any more
    passed = Signal(object)  # MediaChoices: there is nothing to ask, the survey is to begin by these

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.ask_first: Callable[[], bool] = lambda: False
        self.usual: Callable[[], MediaChoices] = usual_choices
        self.choices, self.held = MediaChoices(), False
        self._survey: Survey | None = None
        self._seen: ScanSummary | None = None
        self._fresh: bool | None = None  # None: not known yet
        self._passing = False
        self._rate = 0.0
        self.preflight: Preflight | None = None

    @property
    def waits(self) -> bool:
        """Whether the survey's user is asked right now, before the first run."""
        return self.held and self.preflight is not None

    def enter(self, survey: Survey) -> None:
        """Another survey is open: its run is held until it is known whether it was ever begun."""
        self._survey, self._seen, self._fresh, self._passing, self._rate = survey, None, None, False, 0.0
        self.choices, self.held = survey.choices or self.usual(), True
        self._tell(None)

    def leave(self) -> None:
        """No survey is open."""
        self._survey, self.held = None, False
        self._tell(None)

    def saw(self, seen: ScanSummary) -> None:
        """A scan has ended; the counts that come next speak of it."""
        self._seen = seen

    def counted(self, counts: Counts, lacking_bytes: int) -> None:
        """The survey was counted: decide, and keep what is told up to date."""
        survey = self._survey
        if survey is None:
            return
        if self._fresh is None:
            self._fresh = survey.choices is None and counts.total - counts.pending <= FEW
            if not self._fresh:
                self.choices, self.held = survey.choices or MediaChoices(), False
        if self.preflight is not None:
            self._tell(replace(self.preflight, counts=counts, seen=self._seen or self.preflight.seen))
        elif self._fresh and not self._passing:
            self._consider(counts, lacking_bytes)

    def measured(self, per_second: float) -> None:
        """A probe told how many photos a second there will be."""
        self._rate = per_second
        if self.preflight is not None:
            self._tell(replace(self.preflight, per_second=per_second))

    def look_over(self, counts: Counts, per_second: float) -> None:
        """Tell of a survey that has begun."""
        found = self._found(counts, 0)
        if found is not None and self.preflight is None:
            self._tell(replace(found, first=False, per_second=per_second or self._rate))

    def close(self) -> None:
        """Nobody wants to choose otherwise; one that waits for its first run goes on waiting."""
        if not self.waits:
            self._tell(None)

    def begun(self, choices: MediaChoices) -> None:
        """The survey's user has chosen."""
        self.choices, self.held, self._fresh = choices, False, False
        self._tell(None)

    def _consider(self, counts: Counts, lacking_bytes: int) -> None:
        found = self._found(counts, lacking_bytes)
        if found is None:
            return
        if self.ask_first() and found.worth_asking:
            self._tell(found)
        else:
            self._passing = True
            self.passed.emit(self.choices)

    def _found(self, counts: Counts, lacking_bytes: int) -> Preflight | None:
        survey, seen = self._survey, self._seen
        if survey is None or seen is None or seen.absent:
            return None
        return Preflight(
            survey.folder, counts, seen, self.choices, survey.only, per_second=self._rate, lacking_bytes=lacking_bytes
        )

    def _tell(self, preflight: Preflight | None) -> None:
        if preflight != self.preflight:
            self.preflight = preflight
            self.described.emit(preflight)
