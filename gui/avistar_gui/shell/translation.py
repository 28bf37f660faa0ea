"""English and Spanish, switched while the app runs. Widgets follow Qt's LanguageChange event."""

from __future__ import annotations

from importlib import resources

from PySide6.QtCore import QT_TRANSLATE_NOOP, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from avistar_gui.settings import LanguageCode

OF_QT = (
    QT_TRANSLATE_NOOP("QShortcut", "Ctrl"),
    QT_TRANSLATE_NOOP("QShortcut", "Shift"),
    QT_TRANSLATE_NOOP("QShortcut", "Esc"),
    QT_TRANSLATE_NOOP("QFileDialog", "&Look in:"),
    QT_TRANSLATE_NOOP("QFileDialog", "Files of &type:"),
    QT_TRANSLATE_NOOP("QAbstractFileIconProvider", "Drive"),
    QT_TRANSLATE_NOOP("QAbstractFileIconProvider", "File"),
    QT_TRANSLATE_NOOP("QAbstractFileIconProvider", "Folder"),
    QT_TRANSLATE_NOOP("QAbstractFileIconProvider", "%1 File"),
)
"""Texts of Qt's own windows that its Spanish lacks, or says at a length that no key has on it."""


class Translation:
    """Installs the app's translations and Qt's own (for its standard dialogs)."""

    def __init__(self, application: QApplication, code: LanguageCode) -> None:
        self._application = application
        self._installed: list[QTranslator] = []
        self._code: LanguageCode = code
        self.use(code)

    @property
    def code(self) -> LanguageCode:
        """The language of the moment."""
        return self._code

    def use(self, code: LanguageCode) -> None:
        """Switch to `code` at once; every window hears of it."""
        for translator in self._installed:
            self._application.removeTranslator(translator)
        self._installed = []
        self._code = code
        QLocale.setDefault(QLocale(QLocale.Language.Spanish if code == "es" else QLocale.Language.English))
        qt = QTranslator()
        if code != "en" and qt.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            self._install(qt)
        own = QTranslator()
        if own.load(str(resources.files("avistar_gui").joinpath("translations", f"avistar_{code}.qm"))):
            self._install(own)

    def _install(self, translator: QTranslator) -> None:
        self._application.installTranslator(translator)
        self._installed.append(translator)
