"""Summary at work: counts the open survey off the UI thread, and writes what it says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices

from avistar.catalogue import Catalogue
from avistar.summary import SurveySummary, summarised, wording, write_report, write_tables
from avistar.summary.report import tiles
from avistar.summary.tables import TABLES
from avistar_gui.summary import texts
from avistar_gui.summary.choice import ALL, Choice
from avistar_gui.summary.page import SummaryPage
from avistar_gui.tasks import Task, TaskQueue
from avistar_gui.texts import language
from avistar_gui.widgets.banner import Message

PAUSE_MS = 1500
"""After a change of the survey, before it is counted again: people review one photo a second."""

REST = 4
"""How much longer than the count before the pause is, so that a large survey isn't counted all the time."""

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class SurveyToCount:
    """The survey that is summed up: its file and its folder."""

    path: str
    folder: str


class SummaryController(QObject):
    """The Summary page; `survey` gives the open survey, None where there is none."""

    def __init__(self, survey: Callable[[], SurveyToCount | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._survey = survey
        self.page = SummaryPage()
        self.summary: SurveySummary | None = None
        self._species, self._counted, self._stale = ALL, "", True
        self._all: Choice | None = None
        self._began_s = 0.0
        self._gap = timedelta(minutes=self.page.gap.value())
        self._background = TaskQueue("summary", 1, self)
        self._task: Task | None = None
        self._again = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._again.timeout.connect(self.refresh)
        page = self.page
        page.gap_chosen.connect(self._use_gap)
        page.species_chosen.connect(self._choose)
        page.report_wanted.connect(self.save_report)
        page.tables_wanted.connect(self.save_tables)
        page.retranslated.connect(self._show)
        page.entered.connect(self.refresh)
        self.refresh()

    def survey_changed(self) -> None:
        """Another survey is open, or something was answered or said: count again, once somebody looks."""
        self._stale = True
        survey = self._survey()
        if (survey.path if survey else "") != self._counted:
            self.refresh()
        else:
            self._count_soon()

    def refresh(self) -> None:
        """Count what has changed since."""
        survey = self._survey()
        if (survey.path if survey else "") != self._counted:
            self._forget()
            self._counted = survey.path if survey else ""
        if survey is None or not self._stale:
            self._show()
            return
        self._stale = False
        path, gap = survey.path, self._gap

        def counted(task: Task) -> Choice | None:
            with Catalogue.read(path) as opened:
                summary = summarised(opened, gap, cancelled=lambda: task.cancelled)
            return Choice(summary).made() if summary is not None else None

        if self._task is not None:
            self._task.cancel()
        self._began_s = time.monotonic()
        self._task = self._background.run(counted, done=self._use, failed=self._failed)
        self._show()

    def save_report(self, path: str) -> None:
        """Write everything as a page; whether a file may be replaced was asked where its name was."""
        summary, spoken = self.summary, language()
        curves = () if self._species == ALL else (self._species,)
        if summary is not None:
            self._write(lambda _: write_report(summary, Path(path), spoken, curves=curves, overwrite=True), path)

    def save_tables(self, folder: str) -> None:
        """Write the numbers as tables, after a question where there are some already."""
        summary = self.summary
        there = any((Path(folder) / f"{name}.csv").exists() for name in TABLES)
        if summary is not None and (not there or self.page.confirm(texts.replacing(folder))):
            self._write(lambda _: write_tables(summary, Path(folder), overwrite=True), folder)

    def finish(self) -> None:
        """End the thread; safe to call twice."""
        self._again.stop()
        self._background.finish()

    def _write(self, work: Callable[[Task], Any], path: str) -> None:
        self.page.banner.clear()
        self._background.run(work, done=lambda _: self._written(path), failed=self._failed)

    def _written(self, path: str) -> None:
        self.page.banner.show_message(
            Message(
                lambda: texts.written(path),
                severity="done",
                action=lambda: translate("Summary", "Open"),
                on_action=lambda: _open(path),
            )
        )

    def _use_gap(self, minutes: float) -> None:
        gap = timedelta(minutes=minutes)
        if gap != self._gap:
            self._gap, self._stale = gap, True
            self.refresh()

    def _choose(self, species: int) -> None:
        self._species = species
        self._show_choice()

    def _count_soon(self) -> None:
        """Count again after a pause, if somebody looks; what is being counted is counted to its end."""
        if self._stale and self.page.isVisible() and self._task is None and not self._again.isActive():
            self._again.start()

    def _use(self, choice: Choice | None) -> None:
        self._task = None
        if choice is None:
            return
        self._again.setInterval(max(PAUSE_MS, int(1000 * REST * (time.monotonic() - self._began_s))))
        before, summary = self.summary, choice.summary
        if before is not None and self._species != ALL:  # species change places as they are seen
            chosen = before.species[self._species].species.id
            ids = [one.species.id for one in summary.species]
            self._species = ids.index(chosen) if chosen in ids else ALL
        self.summary, self._all = summary, choice
        self._show()
        self._count_soon()

    def _forget(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task, self.summary, self._species, self._stale = None, None, ALL, True

    def _failed(self, error: Exception) -> None:
        self._task = None
        self.page.banner.say(str(error))
        if self.summary is None:
            self.page.show_nothing("")  # the banner says why

    def _show(self) -> None:
        survey, summary, page = self._survey(), self.summary, self.page
        page.allow(summary is not None and summary.media > 0)
        name = summary.name if summary is not None else ""
        folder = survey.folder if survey is not None else ""
        page.show_survey(name, texts.period(summary) if summary is not None else "", folder)
        if survey is None:
            page.show_nothing(texts.nothing_open())
        elif summary is None:
            page.show_nothing(texts.counting())
        elif not summary.media:
            page.show_nothing(wording.no_photos(language()))
        else:
            page.show_figures(tiles(summary, language()), wording.remarks(summary, language()))
            page.species.show_rows(texts.rows(summary), self._species)
            self._show_choice()

    def _show_choice(self) -> None:
        summary, choice = self.summary, self._all
        if summary is not None and choice is not None:
            name = texts.choice_name(summary, self._species)
            self.page.show_choice(choice if self._species == ALL else Choice(summary, self._species), name)


def _open(path: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(path))
