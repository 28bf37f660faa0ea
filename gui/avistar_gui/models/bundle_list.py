"""The bundles on this machine as a list, and what each is in three words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from avistar_gui.models import texts
from avistar_gui.models.bundle_facts import BundleFacts
from avistar_gui.widgets import icons
from avistar_gui.widgets.theme import current, scaled

Index = QModelIndex | QPersistentModelIndex
FACTS = Qt.ItemDataRole.UserRole + 1
STATE = Qt.ItemDataRole.UserRole + 2
USED = Qt.ItemDataRole.UserRole + 3
HEIGHT = 72


class BundleList(QAbstractListModel):
    """One row for each bundle; the state of its files is told later."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bundles: list[BundleFacts] = []
        self._problems: dict[str, Sequence[str]] = {}
        self._used, self._used_folders = "", frozenset[str]()

    def show_used(self, folder: str) -> None:
        """The bundle in `folder` identifies now."""
        self._used = folder
        self._mark_used()
        if self._bundles:
            self.dataChanged.emit(self.index(0), self.index(len(self._bundles) - 1))

    def show_bundles(self, bundles: Sequence[BundleFacts]) -> None:
        """List these."""
        self.beginResetModel()
        self._bundles, self._problems = list(bundles), {}
        self._mark_used()
        self.endResetModel()

    @property
    def listed(self) -> Sequence[BundleFacts]:
        """The bundles, a row each."""
        return self._bundles

    def is_used(self, folder: str) -> bool:
        """Whether the listed bundle in `folder` identifies now."""
        return folder in self._used_folders

    def _mark_used(self) -> None:
        """Looked up once, not at each painting: the folders may lie on a slow drive, behind links."""
        used = Path(self._used).resolve() if self._used else None
        self._used_folders = frozenset(one.folder for one in self._bundles if Path(one.folder).resolve() == used)

    def show_problems(self, folder: str, problems: Sequence[str]) -> None:
        """The files of the bundle in `folder` were checked."""
        self._problems[folder] = problems
        row = self.row_of(folder)
        self.dataChanged.emit(self.index(row), self.index(row))

    def problems(self, folder: str) -> Sequence[str] | None:
        """What is wrong with the files, None while they are checked."""
        return self._problems.get(folder)

    def row_of(self, folder: str) -> int:
        """The row of the bundle in `folder`, -1 where it is not listed."""
        return next((row for row, one in enumerate(self._bundles) if one.folder == folder), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._bundles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, `FACTS`, or the `STATE` of its files: "checking", "intact" or "damaged"."""
        if not index.isValid() or index.row() >= len(self._bundles):
            return None
        one = self._bundles[index.row()]
        problems = self._problems.get(one.folder)
        if role == Qt.ItemDataRole.DisplayRole:
            return one.name
        if role == FACTS:
            return one
        if role == STATE:
            return "damaged" if one.problem or problems else "checking" if problems is None else "intact"
        if role == USED:
            return self.is_used(one.folder)
        if role == Qt.ItemDataRole.ToolTipRole:
            return one.folder
        if role == Qt.ItemDataRole.AccessibleTextRole:
            used = texts.in_use() if self.is_used(one.folder) else ""
            return ", ".join(part for part in (one.name, used, texts.intact(one, problems)) if part)
        return None


class BundlePainter(QStyledItemDelegate):
    """Paints a bundle: name, accuracy, size, and whether its files are intact."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one, state = index.data(FACTS), index.data(STATE)
        tokens = current()
        box = option.rect.adjusted(2, 3, -2, -3)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(QColor(tokens.accent if selected else tokens.border))
        painter.setBrush(QColor(tokens.accent_soft if selected else tokens.surface))
        painter.drawRoundedRect(QRectF(box), 12, 12)
        name, colour = {
            "damaged": ("warning", tokens.error),
            "checking": ("waiting", tokens.muted),
            "intact": ("species", tokens.accent),
        }[state]
        icons.draw(painter, name, QRectF(box.right() - 34, box.center().y() - 10, 20, 20), colour)
        text = box.adjusted(16, 10, -44, -10)
        if index.data(USED):
            painter.setFont(scaled(option.font, 0.86))
            painter.setPen(QColor(tokens.accent))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRect(text.left(), text.top(), text.width(), text.height() // 2), right, texts.in_use())
            text.setRight(text.right() - painter.fontMetrics().horizontalAdvance(texts.in_use()) - 8)
        painter.setPen(QColor(tokens.text))
        painter.setFont(scaled(option.font, 1.08, bold=True))
        self._line(painter, QRect(text.left(), text.top(), text.width(), text.height() // 2), one.name)
        painter.setPen(QColor(tokens.muted))
        painter.setFont(scaled(option.font, 0.92))
        below = one.folder if one.problem else f"Top-1 {texts.share(one.figure('top1'))}  ·  {texts.size(one.bytes)}"
        self._line(painter, QRect(text.left(), text.center().y() + 1, text.width(), text.height() // 2), below)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as the list, room for two lines."""
        return QSize(200, HEIGHT)

    def _line(self, painter: QPainter, where: QRect, text: str) -> None:
        short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, where.width())
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, short)
