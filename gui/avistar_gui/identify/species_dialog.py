"""Type-ahead for another species: in either language, without accents."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from avistar import Species
from avistar.species import normalised
from avistar_gui.texts import language
from avistar_gui.widgets.theme import set_font


class SpeciesDialog(QDialog):
    """`wanted` (a species' id) when one is taken with Enter or a click."""

    wanted = Signal(str)

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
                item = QListWidgetItem(f"{names[0]}  ·  {one.scientific}", self.list)
                item.setData(Qt.ItemDataRole.UserRole, one.id)
        self.list.setCurrentRow(0)

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.wanted.emit(item.data(Qt.ItemDataRole.UserRole))
            self.accept()
