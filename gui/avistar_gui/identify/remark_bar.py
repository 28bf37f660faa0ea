"""The comment and the tags of the chosen photo, or of all chosen ones."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from avistar_gui.widgets import icons
from avistar_gui.widgets.field_keys import FieldKeys
from avistar_gui.widgets.theme import current, set_font

_PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
"""The focus comes back by itself: from a list of tags, from another program."""


class TagCompleter(QCompleter):
    """Offers the survey's tags for the last of a list with commas."""

    def splitPath(self, path: str) -> list[str]:
        """What is looked for: what stands after the last comma."""
        return [path.rpartition(",")[2].strip()]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """The whole list with the tag that was taken."""
        tag: str = super().pathFromIndex(index)
        line = self.widget()
        before = line.text().rpartition(",")[0] if isinstance(line, QLineEdit) else ""
        return f"{before}, {tag}" if before else tag


class RemarkBar(QFrame):
    """One line that says both; opened, two fields. `said` (comment, tags) on Enter and when the focus leaves."""

    said = Signal(str, object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comment = ""
        self._tags: tuple[str, ...] = ()
        self._several = 0
        self.line, self.comment, self.tags = QPushButton(), QLineEdit(), QLineEdit()
        self.line.setProperty("remark", True)
        self.line.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        set_font(self.line, 0.95)
        self.line.clicked.connect(self.enter)
        self._known = QStringListModel(self)
        completer = TagCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.tags.setCompleter(completer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.line, self.comment, self.tags):
            column.addWidget(part)
        for field in (self.comment, self.tags):
            field.installEventFilter(self)
            field.hide()
        keys = FieldKeys((self.comment, self.tags), self)
        keys.confirmed.connect(self.commit)
        keys.dismissed.connect(self._fold)
        for ended in (keys.confirmed, keys.dismissed):
            ended.connect(self.left)
        self.retranslate()

    @property
    def open(self) -> bool:
        """Whether it is being written."""
        return not self.comment.isHidden()

    def show_remark(self, comment: str, tags: Sequence[str], several: int = 0) -> None:
        """Show what is said of a photo; `several`: what is written speaks of so many, and is added to theirs."""
        self.commit()
        self._comment, self._tags, self._several = comment, tuple(tags), several
        self._fold()

    def show_tags(self, tags: Sequence[str]) -> None:
        """The tags of the survey."""
        names = sorted(tags, key=str.casefold)
        if names != self._known.stringList():  # told at every step of a run, also while somebody chooses from them
            self._known.setStringList(names)

    def enter(self) -> None:
        """The comment takes the keys."""
        self.comment.setText(self._comment)
        self.tags.setText(", ".join(self._tags))
        self.line.hide()
        self.comment.show()
        self.tags.show()
        self.comment.setFocus()
        self.comment.selectAll()

    def commit(self) -> None:
        """Say what stands there, if it is something else than before."""
        if not self.open:
            return
        tags = tuple(dict.fromkeys(one for part in self.tags.text().split(",") if (one := part.strip())))
        comment = self.comment.text().strip()
        if (comment, tags) != (self._comment, self._tags):
            several = self._several
            self._comment, self._tags = ("", ()) if several else (comment, tags)
            self.said.emit(comment, tags)
        self._fold()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click elsewhere says it, as Enter does; Esc does not."""
        kind = event.type()
        left = kind == QEvent.Type.FocusOut and isinstance(event, QFocusEvent) and event.reason() not in _PASSING
        if left and not (self.comment.hasFocus() or self.tags.hasFocus()):
            self.commit()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language, draw everything in the theme of the moment."""
        self.comment.setPlaceholderText(self.tr("Comment"))
        self.comment.setAccessibleName(self.tr("Comment on the photo"))
        self.tags.setPlaceholderText(self.tr("Tags, with commas between them"))
        self.tags.setAccessibleName(self.tr("Tags of the photo"))
        self.line.setToolTip(self.tr("Comment and tags of the photo (T)"))
        self.line.setIcon(icons.icon("comment", current().muted))
        self._say()

    def _fold(self) -> None:
        for field in (self.comment, self.tags):
            field.hide()
        self.line.show()
        self._say()

    def _say(self) -> None:
        parts = [self._comment, *(f"#{tag}" for tag in self._tags)]
        text = "  ".join(filter(None, parts)) or self.tr("Comment and tags… (T)")
        shown = self.line.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(self.width() - 60, 120))
        self.line.setText(f" {shown}")
