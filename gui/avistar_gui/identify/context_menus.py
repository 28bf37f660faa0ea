"""What a right click offers: on photos of the grid, on the photo, and on a survey of the past."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListWidgetItem, QMenu, QWidget

from avistar.files import printable
from avistar_gui.identify.answer_panel import Subject
from avistar_gui.identify.page import IdentifyPage
from avistar_gui.identify.photo_controller import labelled_boxes
from avistar_gui.identify.session.session import Session
from avistar_gui.identify.session.statement import things_of
from avistar_gui.identify.session.survey_library import LibraryEntry
from avistar_gui.identify.side_by_side import SideBySide
from avistar_gui.identify.start_page import SURVEY
from avistar_gui.photo.box_overlay import BoxOverlay
from avistar_gui.texts import row_sentence
from avistar_gui.widgets.file_manager import show_in_folder

translate = QCoreApplication.translate

Act = Callable[[], object]


class ContextMenus(QObject):
    """Menus of `page`; what they offer does the same as the keys."""

    def __init__(self, session: Session, page: IdentifyPage, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._page = session, page
        self.show_in_folder: Callable[[str], None] = show_in_folder
        for widget in (page.grid, page.view, page.loupe.strip):
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            widget.customContextMenuRequested.connect(
                lambda point, widget=widget: self._open(self.of_photos(), widget, point)
            )
        recent = page.empty.recent
        recent.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        recent.customContextMenuRequested.connect(self._open_recent)

    def of_photos(self) -> QMenu | None:
        """The menu of the chosen photos, None where there are none."""
        rows = self._session.rows(self._page.grid.chosen_ids())
        if not rows:
            return None
        page, answers = self._page, self._page.answers
        menu = QMenu(page)

        def offer(text: str, keys: str, act: Act) -> None:
            action = menu.addAction(f"{text}\t{keys}" if keys else text)
            action.triggered.connect(lambda _=False: act())

        offer(self._large(), translate("Keys", "Space"), lambda: page.show_loupe(not page.loupe.is_open))
        if len(rows) == 2:
            offer(translate("ContextMenus", "Side by side"), "", self.compare)
        menu.addSeparator()
        offer(translate("ContextMenus", "Accept the answer"), "V", lambda: answers.wanted.emit("accept"))
        offer(translate("ContextMenus", "Another species…"), "R", lambda: answers.wanted.emit("other"))
        offer(translate("ContextMenus", "Unknown"), "U", lambda: answers.wanted.emit("unknown"))
        offer(translate("ContextMenus", "No animal"), "N", lambda: answers.wanted.emit("empty"))
        offer(translate("ContextMenus", "A person"), "H", lambda: answers.wanted.emit("person"))
        menu.addSeparator()
        if any(row.burst > 1 for row in rows):
            offer(translate("ContextMenus", "Choose the whole burst"), "E", page.burst_wanted.emit)
        ids = [row.id for row in rows]
        offer(translate("ContextMenus", "Identify again"), "", lambda: self._session.retry(ids))
        menu.addSeparator()
        first = rows[0].path
        offer(translate("ContextMenus", "Show in folder"), "", lambda: self.show_in_folder(first))
        paths = "\n".join(printable(row.path) for row in rows)
        offer(translate("ContextMenus", "Copy path"), "", lambda: QGuiApplication.clipboard().setText(paths))
        return menu

    def of_survey(self, survey: LibraryEntry) -> QMenu:
        """The menu of a survey of the past."""
        menu, care = QMenu(self._page), self._session.care

        def offer(text: str, act: Act, *, enabled: bool = True) -> None:
            action = menu.addAction(text)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _=False: act())

        if survey.damaged:
            offer(translate("SurveyCare", "Restore…"), lambda: care.list_backups(survey.path))
        else:
            text = translate("ContextMenus", "Continue")
            offer(text, lambda: self._page.empty.survey_wanted.emit(survey.path))
            show = translate("ContextMenus", "Show folder")
            offer(show, lambda: self.show_in_folder(survey.folder), enabled=survey.here)
        menu.addSeparator()
        offer(translate("ContextMenus", "Show the survey's file"), lambda: self.show_in_folder(survey.path))
        forget = translate("ContextMenus", "Remove from this list (its file stays)")
        offer(forget, lambda: care.forget(survey.path))
        return menu

    def compare(self) -> SideBySide | None:
        """Show the two chosen photos beside each other."""
        rows = self._session.rows(self._page.grid.chosen_ids())
        if len(rows) != 2:
            return None
        records = [self._session.record(row.id) for row in rows]
        boxes = [labelled_boxes(Subject(one, things_of(one))) if one is not None else [] for one in records]
        captions = [f"{printable(row.relative)}  ·  {row_sentence(row)}" for row in rows]
        overlays = [BoxOverlay(some) if some else None for some in boxes]
        dialog = SideBySide([row.path for row in rows], captions, overlays, self._page)
        dialog.open()
        return dialog

    def _large(self) -> str:
        if self._page.loupe.is_open:
            return translate("ContextMenus", "Back to all photos")
        return translate("ContextMenus", "Show large")

    def _open_recent(self, point: QPoint) -> None:
        recent = self._page.empty.recent
        item: QListWidgetItem | None = recent.itemAt(point)
        if item is not None:
            self._open(self.of_survey(item.data(SURVEY)), recent.viewport(), point)

    def _open(self, menu: QMenu | None, widget: QWidget, point: QPoint) -> None:
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(widget.mapToGlobal(point))
