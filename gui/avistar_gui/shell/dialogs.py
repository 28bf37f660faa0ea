"""Small windows beside the main one: settings that act at once, and the report for support."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from avistar_gui.settings import LANGUAGES, LanguageCode, Settings
from avistar_gui.shell import support_report
from avistar_gui.texts import text_of, theme_name
from avistar_gui.widgets.theme import THEMES, ThemeName, set_font

LIST_WIDTH = 170
"""Of the report's files, in logical px, until their names are known."""


class SettingsDialog(QDialog):
    """Language, theme and notifications; each takes effect as soon as it is chosen."""

    language_wanted = Signal(str)
    theme_wanted = Signal(str)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self.title, self.note = QLabel(), QLabel()
        self.language, self.theme = QComboBox(), QComboBox()
        self.notify, self.ask_first = QCheckBox(), QCheckBox()
        set_font(self.title, 1.5, bold=True)
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        self.reviewer = QLineEdit(settings.reviewer)
        self._labels = [QLabel(), QLabel(), QLabel()]
        for label, box in zip(self._labels, (self.language, self.theme, self.reviewer), strict=True):
            label.setBuddy(box)
            label.setMargin(2)  # Qt counts the line under a letter, not its own rounding
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._fill()
        self._arrange()
        self._retranslate()
        self.language.activated.connect(lambda: self.language_wanted.emit(self.language.currentData()))
        self.theme.activated.connect(lambda: self.theme_wanted.emit(self.theme.currentData()))
        self.notify.toggled.connect(self._keep_notify)
        self.ask_first.toggled.connect(self._keep_ask_first)
        self.reviewer.editingFinished.connect(self._keep_reviewer)
        self._buttons.rejected.connect(self.reject)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language while it is being chosen."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _keep_ask_first(self, wanted: bool) -> None:
        self._settings.ask_first = wanted

    def _keep_notify(self, wanted: bool) -> None:
        self._settings.notify = wanted

    def _keep_reviewer(self) -> None:
        self._settings.reviewer = self.reviewer.text()

    def _fill(self) -> None:
        codes: list[LanguageCode] = list(LANGUAGES)
        names: list[ThemeName] = list(THEMES)
        for code in codes:
            self.language.addItem(LANGUAGES[code], code)
        for name in names:
            self.theme.addItem("", name)
        self.language.setCurrentIndex(codes.index(self._settings.language))
        self.theme.setCurrentIndex(names.index(self._settings.theme))
        self.notify.setChecked(self._settings.notify)
        self.ask_first.setChecked(self._settings.ask_first)

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow(self._labels[0], self.language)
        form.addRow(self._labels[1], self.theme)
        form.addRow(self._labels[2], self.reviewer)
        form.addRow(self.notify)
        form.addRow(self.ask_first)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(18)
        layout.addWidget(self.title)
        layout.addLayout(form)
        layout.addWidget(self.note)
        layout.addWidget(self._buttons)
        layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinimumSize)  # texts of any font fit
        self.title.setMinimumWidth(364)

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Settings"))
        self.title.setText(self.tr("Settings"))
        self._labels[0].setText(self.tr("&Language"))
        self._labels[1].setText(self.tr("&Theme"))
        self._labels[2].setText(self.tr("&Your name, for reviews"))
        for label, box in zip(self._labels, (self.language, self.theme, self.reviewer), strict=True):
            box.setAccessibleName(label.text().replace("&", ""))
        for index in range(self.theme.count()):
            self.theme.setItemText(index, theme_name(self.theme.itemData(index)))
        self.notify.setText(self.tr("Tell me when a long run has ended"))
        self.ask_first.setText(self.tr("Show what is in a new folder before it is identified"))
        self.note.setText(self.tr("Everything is kept on this computer. Avistar never sends anything."))


class ReportDialog(QDialog):
    """Shows every file of the report before it is saved; `texts` arrive later, with `show_texts`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._texts: Mapping[str, str] = {}
        self.setWindowTitle(self.tr("Report for support"))
        title = QLabel(self.tr("Report for support"))
        set_font(title, 1.5, bold=True)
        self.note = QLabel(
            self.tr("Look through what it contains, save it, and attach it to your message. Avistar sends nothing.")
        )
        self.note.setProperty("muted", True)
        self.note.setWordWrap(True)
        self.files, self.text = QListWidget(), QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setPlainText(self.tr("Trying what this computer can run…"))
        self.files.setAccessibleName(self.tr("Files in the report"))
        self.text.setAccessibleName(self.tr("What the chosen file says"))
        self.files.currentTextChanged.connect(lambda name: self.text.setPlainText(self._texts.get(name, "")))
        self.save, close = QPushButton(self.tr("Save report…")), QPushButton(self.tr("Close"))
        self.save.setProperty("primary", True)
        self.save.setEnabled(False)
        self.save.clicked.connect(self._ask)
        close.clicked.connect(self.reject)
        self._arrange(title, close)

    def show_texts(self, texts: Mapping[str, str]) -> None:
        """Show what the report contains."""
        self._texts = texts
        self.files.addItems(list(texts))
        self.files.setFixedWidth(self.files.sizeHintForColumn(0) + 40)
        self.files.setCurrentRow(0)
        self.save.setEnabled(True)

    def save_to(self, target: Path) -> None:
        """Write the report; what goes wrong is said in the dialog."""
        try:
            support_report.save(self._texts, target)
        except OSError as error:
            self.note.setText(text_of(error))
            return
        self.note.setText(self.tr("Saved as {file}.").format(file=target.name))

    def _ask(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Save report"), "avistar-report.zip", "ZIP (*.zip)")
        if name:
            self.save_to(Path(name))

    def _arrange(self, title: QLabel, close: QPushButton) -> None:
        body = QHBoxLayout()
        body.setSpacing(12)
        self.files.setMaximumWidth(LIST_WIDTH)
        body.addWidget(self.files)
        body.addWidget(self.text, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(12)
        for part in (title, self.note):
            layout.addWidget(part)
        layout.addLayout(body, 1)
        layout.addLayout(buttons)
        self.resize(760, 520)
