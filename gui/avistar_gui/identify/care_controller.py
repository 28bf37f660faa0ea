"""Surveys' files at work: offers to go on with one that moved, to restore a damaged one, and to merge two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from avistar.survey import common_folder
from avistar_gui.actions import Actions
from avistar_gui.identify import care_texts
from avistar_gui.identify.page import IdentifyPage
from avistar_gui.identify.session.cards import Card
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.survey_care import Backup
from avistar_gui.identify.session.survey_library import LibraryEntry
from avistar_gui.identify.survey_dialogs import MergeDialog, RestoreDialog
from avistar_gui.settings import Settings

translate = QCoreApplication.translate

POLL_MS = 2500
"""How often it is looked for cards while the start page is seen: asking takes a millisecond."""


class CareController(QObject):
    """Connects the session's `SurveyCare` with the page's banner; `show_recent` lists surveys anew."""

    def __init__(
        self,
        session: Session,
        page: IdentifyPage,
        actions: Actions,
        *,
        settings: Settings,
        show_recent: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._page, self._settings = session, page, settings
        care = session.care
        care.recognised.connect(self._offer)
        care.foreign.connect(self._refuse)
        care.damaged.connect(self._tell_damage)
        care.backups_listed.connect(self.ask_backup)
        care.rescued.connect(lambda rescue: page.banner.show_message(care_texts.rescued(rescue)))
        care.merged.connect(lambda merging: page.banner.show_message(care_texts.merged(merging)))
        care.failed.connect(lambda reason: page.banner.show_message(care_texts.not_done(reason)))
        care.forgotten.connect(show_recent)
        actions["merge"].setEnabled(False)
        actions["merge"].triggered.connect(self.ask_merge)
        page.empty.card_wanted.connect(lambda folder: session.add([folder]))
        self._looking = False
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self.look_for_cards)
        self._poll.start()
        session.survey_opened.connect(lambda folder: actions["merge"].setEnabled(bool(folder)))

    def look_for_cards(self) -> None:
        """Offer cameras' cards while the start page is seen."""
        if self._page.empty.isVisible() and not self._looking:
            self._looking = True
            self._session.cards(self._show_cards)

    def finish(self) -> None:
        """Look for nothing more."""
        self._poll.stop()

    def _show_cards(self, cards: list[Card]) -> None:
        self._looking = False
        self._page.empty.show_cards(cards)

    def locate(self) -> None:
        """Let the user say where the open survey's photos lie by now."""
        self._ask_folder(self._session.survey_path)

    def ask_backup(self, path: str, backups: list[Backup]) -> RestoreDialog:
        """Let the user choose what a damaged survey goes back to."""
        dialog = RestoreDialog(backups, self._page)
        dialog.wanted.connect(lambda chosen: self._session.care.rescue(path, chosen))
        dialog.open()
        return dialog

    def ask_merge(self) -> None:
        """Let the user choose the survey to merge into the open one."""
        self._session.recent(self._show_merge)

    def _show_merge(self, surveys: list[LibraryEntry]) -> None:
        others = [one for one in surveys if one.path != self._session.survey_path and not one.damaged]
        dialog = MergeDialog(others, self._settings.last_folder, self._page)
        dialog.wanted.connect(self._session.care.merge)
        dialog.open()

    def _offer(self, survey: LibraryEntry, paths: list[str]) -> None:
        care = self._session.care
        told = care_texts.recognised(
            survey,
            lambda: care.move(survey.path, common_folder(paths)),
            lambda: care.start_new(paths),
        )
        self._page.banner.show_message(told)

    def _refuse(self, path: str, folder: str) -> None:
        self._page.banner.show_message(care_texts.foreign(folder, lambda: self._ask_folder(path)))

    def _tell_damage(self, path: str, reason: str) -> None:
        restore = self._session.care.list_backups
        self._page.banner.show_message(care_texts.damaged(reason, lambda: restore(path)))

    def _ask_folder(self, path: str) -> None:
        title = translate("SurveyCare", "Where are the photos of this survey?")
        folder = QFileDialog.getExistingDirectory(self._page, title, self._settings.last_folder)
        if folder and path:
            self._session.care.locate(path, str(Path(folder)))
