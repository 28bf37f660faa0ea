"""The lines about a photo, beside each other in two columns; what is worth it can be copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QLabel, QToolButton, QWidget

from avistar_gui import icons
from avistar_gui.photo.details import Detail
from avistar_gui.theme import current, set_font


class DetailsPanel(QFrame):
    """Shows `Detail` lines; texts can be selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 10, 10, 10)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[Detail] = []
        self._built = True

    @property
    def lines(self) -> list[Detail]:
        """What is shown."""
        return self._lines

    def show_lines(self, lines: Sequence[Detail]) -> None:
        """Show these in place of those before; they are built when they are seen: most people go on without."""
        self._lines = list(lines)
        self._built = False
        if self.isVisible():
            self._build()

    def showEvent(self, event: QShowEvent) -> None:
        """It is seen now."""
        super().showEvent(event)
        self._build()

    def changeEvent(self, event: QEvent) -> None:
        """Draw it in the new colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._built = False
            if self.isVisible():
                self._build()

    def _build(self) -> None:
        if self._built:
            return
        self._built = True
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row, line in enumerate(self._lines):
            self._add(row, line)

    def _add(self, row: int, line: Detail) -> None:
        name, text = QLabel(line.name), QLabel(line.text)
        name.setProperty("muted", True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setAccessibleName(f"{line.name}: {line.text}")
        for label in (name, text):
            set_font(label, 0.92)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, row, 1)
        if line.copied:
            button = QToolButton()
            button.setProperty("tiny", True)
            button.setIcon(icons.icon("copy", current().muted))
            button.setIconSize(QSize(14, 14))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setToolTip(self.tr("Copy: {text}").format(text=line.copied))
            button.setAccessibleName(button.toolTip())
            button.clicked.connect(lambda _=False, text=line.copied: QApplication.clipboard().setText(text))
            self._grid.addWidget(button, row, 2, Qt.AlignmentFlag.AlignTop)
