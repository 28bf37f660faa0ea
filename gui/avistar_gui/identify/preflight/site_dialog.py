"""Which species occur at a site: a list to tick."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avistar import Species
from avistar_gui.texts import language
from avistar_gui.widgets.theme import set_font


class SiteDialog(QDialog):
    """`wanted` (ids, empty for all) once it is accepted."""

    wanted = Signal(object)

    def __init__(self, species: Sequence[Species], only: Collection[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Species at the site"))
        title, hint = QLabel(self.tr("Species at the site")), QLabel()
        set_font(title, 1.4, bold=True)
        hint.setText(
            self.tr("Only ticked species are named. Nothing is identified anew: it can be changed at any time.")
        )
        hint.setProperty("muted", True)
        hint.setWordWrap(True)
        self.list = QListWidget()
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setSpacing(3)
        self.list.setAccessibleName(self.tr("Species at the site"))
        for one in sorted(species, key=lambda one: one.name(language()).casefold()):
            item = QListWidgetItem(f"{one.name(language())}  ·  {one.scientific}", self.list)
            item.setData(Qt.ItemDataRole.UserRole, one.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if not only or one.id in only else Qt.CheckState.Unchecked)
        self.all, self.none, self.take = QPushButton(), QPushButton(), QPushButton()
        self.all.setText(self.tr("&All"))
        self.none.setText(self.tr("&None"))
        self.take.setText(self.tr("&Use these species"))
        self.take.setProperty("primary", True)
        self.take.setDefault(True)
        self.all.clicked.connect(lambda: self._tick(Qt.CheckState.Checked))
        self.none.clicked.connect(lambda: self._tick(Qt.CheckState.Unchecked))
        self.take.clicked.connect(self._take)
        self.list.itemChanged.connect(self._check)
        self._arrange(title, hint)

    @property
    def ticked(self) -> list[str]:
        """The ids of the species that are ticked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked]

    def _tick(self, state: Qt.CheckState) -> None:
        for row in range(self.list.count()):
            self.list.item(row).setCheckState(state)

    def _check(self) -> None:
        self.take.setEnabled(bool(self.ticked))

    def _take(self) -> None:
        ticked = self.ticked
        self.wanted.emit(() if len(ticked) == self.list.count() else tuple(ticked))
        self.accept()

    def _arrange(self, title: QLabel, hint: QLabel) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.all)
        buttons.addWidget(self.none)
        buttons.addStretch(1)
        buttons.addWidget(self.take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        for part in (title, hint, self.list):
            layout.addWidget(part)
        layout.addLayout(buttons)
        self.resize(420, 560)
