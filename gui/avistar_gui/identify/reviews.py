"""What people say of photos: stored off the UI thread, one after the other, on the disk before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from avistar.records import Review, Verdict
from avistar_gui.identify.survey import Survey
from avistar_gui.tasks import Background


class Reviews(QObject):
    """Stores reviews in the survey that `survey` gives, on the thread of `people`; without one, nothing happens."""

    stored = Signal(object, bool)  # list[int]: the media, and whether to go there (after undo and redo)
    accepted = Signal(object, object)  # list[int]: the media, and those of which nothing was said
    broke = Signal(object)  # Exception

    def __init__(self, people: Background, survey: Callable[[], Survey | None], parent: QObject) -> None:
        super().__init__(parent)
        self._people, self._survey = people, survey

    def review(self, ids: Sequence[int], verdict: Verdict, species: str, reviewer: str) -> None:
        """Store what a person says of some media."""
        said = Review(verdict, species, reviewer, datetime.now(UTC))

        def store(survey: Survey) -> list[int]:
            survey.catalogue.review(ids, said)
            return list(ids)

        self._do(store, go=False)

    def accept(self, ids: Sequence[int], reviewer: str) -> None:
        """Store of each medium what was answered, in one step, where that is a species and nobody said anything yet."""
        now = datetime.now(UTC)

        def store(survey: Survey) -> list[int]:
            return survey.catalogue.accept(ids, reviewer, now)

        def done(said: list[int]) -> None:
            if said:
                self.stored.emit(said, False)
            known = set(said)
            self.accepted.emit(said, [id for id in ids if id not in known])

        survey = self._survey()
        if survey is not None:
            self._people.run(lambda _: store(survey), done=done, failed=self.broke.emit)

    def undo(self) -> None:
        """Take the last review back."""
        self._do(lambda survey: survey.catalogue.undo(), go=True)

    def redo(self) -> None:
        """Say again what was taken back last."""
        self._do(lambda survey: survey.catalogue.redo(), go=True)

    def _do(self, what: Callable[[Survey], list[int]], *, go: bool) -> None:
        survey = self._survey()
        if survey is not None:
            self._people.run(
                lambda _: what(survey),
                done=lambda ids: self.stored.emit(ids, go) if ids else None,
                failed=self.broke.emit,
            )
