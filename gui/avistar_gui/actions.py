"""Everything that can be done, once: menus, tool bar and key map all read it from here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolButton

from avistar_gui import icons
from avistar_gui.settings import LANGUAGES
from avistar_gui.theme import THEMES, ThemeName, Tokens

translate = QCoreApplication.translate

_KEYS = {
    "photos": "Ctrl+O",
    "folder": "Ctrl+Shift+O",
    "model": "Ctrl+M",
    "clear": "Ctrl+Shift+N",
    "quit": "Ctrl+Q",
    "stop": "Esc",
    "resume": "Ctrl+R",
    "problems": "Ctrl+P",
    "keys": "?",
}
_ICONS = {"photos": "photos", "folder": "folder", "stop": "stop", "resume": "go", "problems": "warning", "keys": "keys"}


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the key map: the keys as people read them, and what they do."""

    keys: str
    meaning: str


class Actions(QObject):
    """The app's actions by name, with texts in the language of the moment."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._all = {name: QAction(parent) for name in (*_KEYS, "about")}
        for name, keys in _KEYS.items():
            self._all[name].setShortcut(QKeySequence(keys))
        self._all["keys"].setShortcuts([QKeySequence("?"), QKeySequence("F1")])
        self._all["problems"].setCheckable(True)
        self._all["quit"].setMenuRole(QAction.MenuRole.QuitRole)
        languages, themes = QActionGroup(self), QActionGroup(self)
        self.languages = {code: QAction(languages, checkable=True) for code in LANGUAGES}
        self.themes = {name: QAction(themes, checkable=True) for name in THEMES}
        self._menus: dict[str, QMenu] = {}
        self._buttons: dict[str, QToolButton] = {}
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self._all[name]

    def fill(self, bar: QMenuBar) -> None:
        """Build the menus."""
        menus = {name: bar.addMenu("") for name in ("file", "view", "help")}
        file, view, assist = menus.values()
        file.addActions([self["folder"], self["photos"]])
        file.addSeparator()
        file.addActions([self["stop"], self["resume"], self["clear"]])
        file.addSeparator()
        file.addAction(self["model"])
        file.addSeparator()
        file.addAction(self["quit"])
        menus["language"], menus["theme"] = view.addMenu(""), view.addMenu("")
        menus["language"].addActions(list(self.languages.values()))
        menus["theme"].addActions(list(self.themes.values()))
        view.addSeparator()
        view.addAction(self["problems"])
        assist.addActions([self["keys"], self["about"]])
        self._menus = menus
        self.retranslate()

    def menu_buttons(self) -> list[QToolButton]:
        """Language and theme as buttons for the tool bar; after `fill`."""
        for name in ("language", "theme"):
            button = QToolButton()
            button.setMenu(self._menus[name])
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setProperty("quiet", True)
            self._buttons[name] = button
        self.retranslate()
        return list(self._buttons.values())

    def tint(self, tokens: Tokens) -> None:
        """Draw the icons in the theme's colours."""
        for name, drawing in _ICONS.items():
            self[name].setIcon(icons.icon(drawing, tokens.text, tokens.muted))
        for name, button in self._buttons.items():
            button.setIcon(icons.icon(name, tokens.text))

    def retranslate(self) -> None:
        """Say everything in the language of the moment."""
        for name, text in _texts().items():
            self[name].setText(text)
            plain = text.replace("&", "").rstrip("…")
            keys = self[name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            self[name].setToolTip(f"{plain} ({keys})" if keys else plain)
        for code, action in self.languages.items():
            action.setText(LANGUAGES[code])
        for theme, text in _theme_names().items():
            self.themes[theme].setText(text)
        for name, text in _menu_names().items():
            if name in self._menus:
                self._menus[name].setTitle(text)
        for name, button in self._buttons.items():
            button.setToolTip(_menu_names()[name].replace("&", ""))
            button.setAccessibleName(button.toolTip())

    def key_map(self) -> list[Key]:
        """What each key does, for the key map."""
        native = QKeySequence.SequenceFormat.NativeText
        home, end = translate("Keys", "Home"), translate("Keys", "End")
        lines = [
            Key("← → ↑ ↓", translate("Keys", "Choose the next photo")),
            Key(f"{home} / {end}", translate("Keys", "First and last photo")),
            Key("Tab", translate("Keys", "Go from one part of the window to the next")),
        ]
        for name in _KEYS:
            keys = " / ".join(one.toString(native) for one in self[name].shortcuts())
            lines.append(Key(keys, self[name].text().replace("&", "").rstrip("…")))
        return lines


def _texts() -> dict[str, str]:
    return {
        "photos": translate("Actions", "Open &photos…"),
        "folder": translate("Actions", "Open &folder…"),
        "model": translate("Actions", "Choose &model…"),
        "clear": translate("Actions", "&Start afresh"),
        "quit": translate("Actions", "&Quit"),
        "stop": translate("Actions", "S&top identifying"),
        "resume": translate("Actions", "&Continue identifying"),
        "problems": translate("Actions", "&Problems"),
        "keys": translate("Actions", "&Keys"),
        "about": translate("Actions", "&About Avistar"),
    }


def _theme_names() -> dict[ThemeName, str]:
    return {
        "system": translate("Actions", "&As the system"),
        "light": translate("Actions", "&Light"),
        "dark": translate("Actions", "&Dark"),
    }


def _menu_names() -> dict[str, str]:
    return {
        "file": translate("Actions", "&File"),
        "view": translate("Actions", "&View"),
        "help": translate("Actions", "&Help"),
        "language": translate("Actions", "&Language"),
        "theme": translate("Actions", "&Theme"),
    }
