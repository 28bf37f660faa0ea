"""Type-ahead for another species: the survey's list, then the world's, in any language and without accents."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from avistar import Species
from avistar.checklist import Match, search
from avistar.species import normalised
from avistar_gui.tasks import TaskQueue
from avistar_gui.texts import finding_name, language
from avistar_gui.widgets.theme import current, scaled, set_font

SEEN = ("person", "vehicle")
"""What is not a species and yet to be written down."""

_ROLE = Qt.ItemDataRole.UserRole
_LATIN, _FAMILY = _ROLE + 1, _ROLE + 2
_FEWEST_LETTERS = 2
"""From which on the world's list is searched: one letter means hundreds."""


class SpeciesDialog(QDialog):
    """`wanted` when one is taken with Enter or a click: a species' id, "person" or "vehicle".

    `named` (`Species` without an id) for one that the survey's list lacks: of the world's list, or a typed name.
    """

    wanted = Signal(str)
    named = Signal(object)

    def __init__(self, species: Sequence[Species], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Another species"))
        self._species = tuple(species)
        title = QLabel(self.tr("What is it?"))
        set_font(title, 1.4, bold=True)
        self.text, self.list, self.note = QLineEdit(), QListWidget(), QLabel()
        self.text.setPlaceholderText(self.tr("Type a name: “fox”, “zorro”, “Vulpes”"))
        self.text.setAccessibleName(self.tr("Name of the species"))
        self.list.setAccessibleName(self.tr("Species"))
        self.list.setItemDelegate(_NamePainter(self.list))
        self.list.setUniformItemSizes(False)
        self.note.setWordWrap(True)
        self.note.setProperty("muted", True)
        self.text.textChanged.connect(self._filter)
        self.text.returnPressed.connect(self._take)
        self.list.itemClicked.connect(lambda _: self._take())
        self.text.installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        for part in (title, self.text, self.list, self.note):
            layout.addWidget(part)
        self.resize(520, 540)
        self._filter("")
        # The world's list is read while one types: it takes a moment, once.
        self._background = TaskQueue("checklist", 1, self)
        self._background.run(
            lambda _: search("a", language=language(), most=1),
            done=lambda _: self._background.finish(),
            failed=lambda _: self._background.finish(),
        )
        self.finished.connect(self._background.finish)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while one types."""
        if watched is self.text and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and self.list.count():
                self._step(step)
                return True
        return super().eventFilter(watched, event)

    def _step(self, step: int) -> None:
        """To the next one that can be taken, over headings."""
        row = self.list.currentRow()
        for _ in range(self.list.count()):
            row = (row + step) % self.list.count()
            if self.list.item(row).flags() & Qt.ItemFlag.ItemIsSelectable:
                break
        self.list.setCurrentRow(row)

    def _filter(self, text: str) -> None:
        letters = normalised(text)
        self.list.clear()
        self.note.hide()
        world = 0 if len(letters) < _FEWEST_LETTERS else 60
        found = search(text, self._species, language(), world)
        ours = [one for one in found if one.listed]
        for one in ours if letters else sorted(ours, key=lambda match: match.name(language()).casefold()):
            self._offer(one, one.species.id)
        for seen in SEEN:
            if letters in normalised(finding_name(seen)):
                self._add(finding_name(seen), seen)
        others = [one for one in found if not one.listed]
        if others:
            self._head(self.tr("Mammals and birds of the world"))
        for one in others:
            self._offer(one, one.species)
        taken = {normalised(name) for one in self._species for name in (one.english, one.spanish, one.scientific)}
        taken |= {normalised(one.species.scientific) for one in others}
        if letters and letters not in taken:
            name = text.strip()
            self._add(self.tr("Add “{name}” to this survey").format(name=name), Species("", name, name, "", ""))
        self.list.setCurrentRow(0)
        if self.list.count() and not self.list.item(0).flags() & Qt.ItemFlag.ItemIsSelectable:
            self._step(1)

    def _offer(self, match: Match, what: str | Species) -> None:
        name = match.name(language())
        shown = self.tr("{name} (“{other}”)").format(name=name, other=match.other) if match.other else name
        item = self._add(shown, what)
        latin = match.species.scientific
        item.setData(_LATIN, latin if latin != name else "")
        item.setData(_FAMILY, match.family)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, (shown, latin, match.family))))

    def _head(self, text: str) -> None:
        self._add(text, "").setFlags(Qt.ItemFlag.NoItemFlags)

    def _add(self, text: str, what: str | Species) -> QListWidgetItem:
        item = QListWidgetItem(text, self.list)
        item.setData(_ROLE, what)
        return item

    def _take(self) -> None:
        item = self.list.currentItem()
        what = item.data(_ROLE) if item is not None else ""
        if isinstance(what, Species):
            namesake = self._namesake(what)
            if namesake is not None:
                text = self.tr(
                    "The survey has “{name}” already: choose that one. Another animal needs another name: type one."
                )
                self.note.setText(text.format(name=namesake.name(language())))
                self.note.show()
                return
            self.named.emit(what)
        elif what:
            self.wanted.emit(what)
        else:
            return
        self.accept()

    def _namesake(self, new: Species) -> Species | None:
        """The survey's species that shares a name with a new one: two species are never merged silently."""
        names = {normalised(name) for name in (new.english, new.spanish, new.scientific) if name}
        for one in self._species:
            if names & {normalised(name) for name in (one.id, one.english, one.spanish, one.scientific) if name}:
                return one
        return None


class _NamePainter(QStyledItemDelegate):
    """A common name with the Latin one beside it, and the family at the right; headings small and muted."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens, rect = current(), option.rect.adjusted(10, 0, -10, 0)
        painter.save()
        if not index.flags() & Qt.ItemFlag.ItemIsSelectable:
            painter.setFont(scaled(option.font, 0.88))
            painter.setPen(QColor(tokens.muted))
            painter.drawText(rect.adjusted(0, 8, 0, 0), Qt.AlignmentFlag.AlignVCenter, str(index.data()))
            painter.restore()
            return
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = option.state & QStyle.StateFlag.State_Selected
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft if chosen else tokens.raised))
            painter.drawRoundedRect(option.rect.adjusted(1, 1, -1, -1), 6, 6)
        family = str(index.data(_FAMILY) or "")
        painter.setFont(scaled(option.font, 0.88))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, family)
        rest = rect.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(family) - 14, 0)
        self._names(painter, option, rest, (str(index.data()), str(index.data(_LATIN) or "")))
        painter.restore()

    def _names(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, names: tuple[str, str]) -> None:
        tokens, left = current(), rect.left()
        fonts = (option.font, scaled(option.font, 0.94, italic=True))
        for name, font, colour in zip(names, fonts, (tokens.text, tokens.muted), strict=True):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            room = QRect(left, rect.top(), max(rect.right() - left, 0), rect.height())
            metrics = painter.fontMetrics()
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
            left += metrics.horizontalAdvance(shown) + 10

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, option.fontMetrics.height() + 14)
