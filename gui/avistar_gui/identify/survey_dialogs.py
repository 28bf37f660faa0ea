"""Small windows about surveys' files: which backup to restore, and which survey to merge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avistar.files import printable
from avistar_gui.identify.session.survey_care import Backup
from avistar_gui.identify.session.survey_library import SUFFIX, LibraryEntry
from avistar_gui.texts import count, moment
from avistar_gui.widgets.theme import set_font

_ROW = Qt.ItemDataRole.UserRole


class _ChoiceDialog(QDialog):
    """A title, a sentence, a list of which one is chosen, and a button that takes it."""

    def __init__(self, title: str, hint: str, take: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        heading, sentence = QLabel(title), QLabel(hint)
        set_font(heading, 1.4, bold=True)
        sentence.setProperty("muted", True)
        sentence.setWordWrap(True)
        self.list, self.take = QListWidget(), QPushButton(take)
        self.list.setAccessibleName(title)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.take.setProperty("primary", True)
        self.take.setDefault(True)
        self.take.clicked.connect(self._take)
        self.list.itemDoubleClicked.connect(lambda _: self._take())
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.buttons = QHBoxLayout()
        self.buttons.addStretch(1)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self.take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        for part in (heading, sentence, self.list):
            layout.addWidget(part)
        layout.addLayout(self.buttons)
        self.resize(520, 420)

    def offer(self, text: str, value: object) -> None:
        """Add a row to the list; the first one is chosen."""
        item = QListWidgetItem(text, self.list)
        item.setData(_ROW, value)
        item.setToolTip(text)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self.take.setEnabled(True)

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            self.taken(item.data(_ROW))

    def taken(self, value: object) -> None:
        """The row of this value was taken."""
        raise NotImplementedError


class RestoreDialog(_ChoiceDialog):
    """`wanted`: the path of the backup that is to come back, or None for what can be read of the damaged file."""

    wanted = Signal(object)

    def __init__(self, backups: Sequence[Backup], parent: QWidget | None = None) -> None:
        hint = self.tr("Choose a copy, or rebuild what can still be read. The damaged file is kept beside it.")
        super().__init__(self.tr("Restore the survey"), hint, self.tr("&Restore"), parent)
        for one in backups:
            text = self.tr("{day}  ·  {photos} photos, {reviewed} reviewed")
            day = moment(one.made_at.replace(tzinfo=None), fully=True)
            self.offer(text.format(day=day, photos=count(one.photos), reviewed=count(one.reviewed)), one.path)
        self.offer(self.tr("Rebuild what can still be read"), None)

    def taken(self, value: object) -> None:
        """Say which."""
        self.wanted.emit(value)


class MergeDialog(_ChoiceDialog):
    """`wanted`: the file of the survey that is to be merged into the open one."""

    wanted = Signal(str)

    def __init__(self, surveys: Sequence[LibraryEntry], folder: str, parent: QWidget | None = None) -> None:
        hint = self.tr(
            "Another survey of the same photos, such as a colleague's: reviews of both are kept, each with its name. "
            "Where people disagree, the photo is marked."
        )
        super().__init__(self.tr("Merge surveys"), hint, self.tr("&Merge"), parent)
        self._folder = folder
        self.take.setEnabled(False)
        for one in surveys:
            text = self.tr("{name}  ·  {reviewed} of {total} reviewed") + "\n{folder}"
            reviewed, total = count(one.counts.reviewed), count(one.counts.total)
            path = printable(one.folder)
            self.offer(text.format(name=printable(one.name), reviewed=reviewed, total=total, folder=path), one.path)
        self.another = QPushButton(self.tr("&Another file…"))
        self.another.clicked.connect(self._ask)
        self.buttons.insertWidget(0, self.another)

    def taken(self, value: object) -> None:
        """Say which."""
        self.wanted.emit(str(value))

    def _ask(self) -> None:
        kinds = self.tr("Surveys (*{suffix})").format(suffix=SUFFIX)
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a survey"), str(Path(self._folder)), kinds)
        if name:
            self.accept()
            self.wanted.emit(name)
