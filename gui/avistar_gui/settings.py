"""What is remembered between starts: language, theme, window. Anything unreadable counts as not set."""

from __future__ import annotations

import getpass
from typing import Literal, cast

from PySide6.QtCore import QByteArray, QLocale, QSettings

from avistar_gui.widgets.theme import ThemeName, theme_named

LanguageCode = Literal["en", "es"]
LANGUAGES: dict[LanguageCode, str] = {"en": "English", "es": "Español"}


class Settings:
    """Typed access to a `QSettings`; the default one lies where the system keeps settings."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Avistar", "Avistar")

    @property
    def language(self) -> LanguageCode:
        """The language chosen, else the system's if there is a translation, else English."""
        chosen = self._store.value("language")
        if chosen in LANGUAGES:
            return cast("LanguageCode", chosen)
        return "es" if QLocale.system().language() == QLocale.Language.Spanish else "en"

    @language.setter
    def language(self, code: LanguageCode) -> None:
        self._store.setValue("language", code)

    @property
    def theme(self) -> ThemeName:
        """The theme chosen, else the system's."""
        return theme_named(self._store.value("theme"))

    @theme.setter
    def theme(self, name: ThemeName) -> None:
        self._store.setValue("theme", name)

    @property
    def last_folder(self) -> str:
        """Where photos were opened last, "" at first."""
        return str(self._store.value("last_folder") or "")

    @last_folder.setter
    def last_folder(self, folder: str) -> None:
        self._store.setValue("last_folder", folder)

    @property
    def surveys_folder(self) -> str:
        """Where surveys are kept, "" for the usual place."""
        return str(self._store.value("surveys_folder") or "")

    @surveys_folder.setter
    def surveys_folder(self, folder: str) -> None:
        self._store.setValue("surveys_folder", folder)

    @property
    def reviewer(self) -> str:
        """Whose reviews these are; at first, the name by which the system knows the user."""
        return str(self._store.value("reviewer") or getpass.getuser())

    @reviewer.setter
    def reviewer(self, name: str) -> None:
        self._store.setValue("reviewer", name.strip())

    @property
    def notify(self) -> bool:
        """Whether the system is asked to tell when something long has ended; at first, yes."""
        return str(self._store.value("notify", "true")).lower() != "false"

    @notify.setter
    def notify(self, wanted: bool) -> None:
        self._store.setValue("notify", "true" if wanted else "false")

    @property
    def ask_first(self) -> bool:
        """Whether a new survey is told of before it is identified; at first, yes."""
        return str(self._store.value("ask_first", "true")).lower() != "false"

    @ask_first.setter
    def ask_first(self, wanted: bool) -> None:
        self._store.setValue("ask_first", "true" if wanted else "false")

    @property
    def bundle_folders(self) -> list[str]:
        """Folders with bundles of the user's own."""
        return [folder for folder in str(self._store.value("bundle_folders") or "").split("\n") if folder]

    @bundle_folders.setter
    def bundle_folders(self, folders: list[str]) -> None:
        self._store.setValue("bundle_folders", "\n".join(folders))

    def photo_folder(self, bundle: str) -> str:
        """Where the photos lie that `bundle` was judged on, "" while nobody has said."""
        return str(self._store.value(f"photos/{bundle}") or "")

    def keep_photo_folder(self, bundle: str, folder: str) -> None:
        """Remember where the photos of `bundle` lie."""
        self._store.setValue(f"photos/{bundle}", folder)

    def text(self, name: str) -> str:
        """A small thing that a screen remembers, "" where there is none."""
        return str(self._store.value(f"screens/{name}") or "")

    def keep_text(self, name: str, value: str) -> None:
        """Remember a small thing for a screen."""
        self._store.setValue(f"screens/{name}", value)

    def shape(self, name: str) -> QByteArray:
        """A window's or splitter's remembered shape, empty where there is none."""
        value = self._store.value(f"shape/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_shape(self, name: str, value: QByteArray) -> None:
        """Remember a shape."""
        self._store.setValue(f"shape/{name}", value)

    def save(self) -> None:
        """Write to disk now."""
        self._store.sync()
