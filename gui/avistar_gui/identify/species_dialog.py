"""Type-ahead for another species: in either language, without accents."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from avistar import Species
from avistar.species import normalised
from avistar_gui.texts import finding_name, language
from avistar_gui.widgets.theme import set_font

SEEN = ("person", "vehicle")
"""What is not a species and yet to be written down."""


class SpeciesDialog(QDialog):
    """`wanted` when one is taken with Enter or a click: a species' id, "person" or "vehicle"; `named` for a new one."""

    wanted = Signal(str)
    named = Signal(str)

    def __init__(self, species: Sequence[Species], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Another species"))
        self._species = sorted(species, key=lambda one: one.name(language()).casefold())
        title = QLabel(self.tr("What is it?"))
        set_font(title, 1.4, bold=True)
        self.text, self.list = QLineEdit(), QListWidget()
        self.text.setPlaceholderText(self.tr("Type a name"))
        self.text.setAccessibleName(self.tr("Name of the species"))
        self.list.setAccessibleName(self.tr("Species"))
        self.text.textChanged.connect(self._filter)
        self.text.returnPressed.connect(self._take)
        self.list.itemClicked.connect(lambda _: self._take())
        self.text.installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        for part in (title, self.text, self.list):
            layout.addWidget(part)
        self.resize(380, 460)
        self._filter("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while one types."""
        if watched is self.text and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                self.list.setCurrentRow((self.list.currentRow() + step) % self.list.count())
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        wanted = normalised(text)
        self.list.clear()
        for one in self._species:
            names = (one.name(language()), one.english, one.spanish, one.scientific)
            if any(wanted in normalised(name) for name in names):
                self._offer("  ·  ".join(filter(None, (names[0], one.scientific))), one.id)
        for seen in SEEN:
            if wanted in normalised(finding_name(seen)):
                self._offer(finding_name(seen), seen)
        taken = {normalised(name) for one in self._species for name in (one.english, one.spanish, one.scientific)}
        if wanted and wanted not in taken:
            self._offer(self.tr("Add “{name}” to this survey").format(name=text.strip()), "")
        self.list.setCurrentRow(0)

    def _offer(self, text: str, id: str) -> None:
        item = QListWidgetItem(text, self.list)
        item.setData(Qt.ItemDataRole.UserRole, id)

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            id = item.data(Qt.ItemDataRole.UserRole)
            if id:
                self.wanted.emit(id)
            else:
                self.named.emit(self.text.text().strip())
            self.accept()
